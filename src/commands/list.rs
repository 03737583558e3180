//! `sxinv list`: products with their total stock, or their variants.

use std::ops::ControlFlow;

use clap::Args;

use super::rows::{self, PRODUCT_COLUMNS, VARIANT_COLUMNS};
use crate::api::{ListQuery, MAX_LIMIT, Sort, Status, paging};
use crate::catalogue::{self, WALKERS};
use crate::cli::Exit;
use crate::context::Context;
use crate::error::Result;
use crate::model::{Product, ProductId, ProductSummary, Raw};
use crate::render::{Records, grouped};

/// What to list.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv list                                     the 50 products updated last
  sxinv list --all --sort name                   every product, by name
  sxinv list --status out_of_stock               what is sold out
  sxinv list --search rose --variants            the variants of every rose on the page
  sxinv list --below 5 --exit-code || notify     an alert for cron: exit 9 when anything is low
  sxinv list --all -o jsonl | jq .name           for pipelines")]
pub struct ListArgs {
    /// Which page, from 1
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    page: u64,

    /// Products a page, 1 to 250
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=i64::from(MAX_LIMIT)))]
    limit: u16,

    /// Every product, not just one page
    #[arg(long, conflicts_with_all = ["page", "limit"])]
    all: bool,

    /// Order: updated_at, name or total_quantity, then :asc or :desc
    #[arg(
        long,
        value_name = "COLUMN[:asc|:desc]",
        default_value = "updated_at:desc"
    )]
    sort: Sort,

    /// Only products with this stock status
    #[arg(long, value_enum)]
    status: Option<Status>,

    /// Only products whose name contains this
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,

    /// Only stock under N units, over the whole store; with --variants, of each variant
    #[arg(long, value_name = "N", conflicts_with_all = ["page", "limit"])]
    below: Option<i64>,

    /// A row a variant instead of a product
    #[arg(long)]
    variants: bool,

    /// Exit with 9 when anything is listed
    #[arg(long)]
    exit_code: bool,
}

/// Lists, and says with exit code 9 that something was listed where asked to.
pub fn run(args: &ListArgs, context: &Context) -> Result<Exit> {
    let query = ListQuery {
        sort: args.sort,
        status: args.status,
        search: args.search.clone(),
    };
    let listed = if args.variants {
        variants(args, &query, context)?
    } else {
        products(args, &query, context)?
    };
    context.ui().finish();
    Ok(if args.exit_code && listed > 0 {
        Exit::Listed
    } else {
        Exit::Done
    })
}

fn products(args: &ListArgs, query: &ListQuery, context: &Context) -> Result<usize> {
    let mut records = context.records(PRODUCT_COLUMNS)?;
    let mut total = 0;
    each_product(args, query, context, |product| {
        total += 1;
        let low = args
            .below
            .is_none_or(|below| product.value.total_quantity < below);
        if low {
            records.push(&product.raw)?;
        }
        Ok(())
    })?;
    let listed = records.finish()?;
    if args.below.is_some() {
        context.ui().note(format!(
            "{} of {} below {}",
            grouped(listed as i64),
            counted(total, "product"),
            args.below.unwrap_or_default()
        ));
    }
    Ok(listed)
}

fn variants(args: &ListArgs, query: &ListQuery, context: &Context) -> Result<usize> {
    let mut records = context.records(VARIANT_COLUMNS)?;
    let mut ids: Vec<ProductId> = Vec::new();
    each_product(args, query, context, |product| {
        ids.push(product.value.product_id);
        Ok(())
    })?;
    let client = context.client()?;
    let ui = context.ui();
    let progress = |p: catalogue::Progress| ui.progress(p.what, p.done, p.total);
    let mut failed = None;
    let push = |product: &Raw<Product>, records: &mut Records<'_, _>| -> Result<()> {
        for (variant, row) in product.value.variants.iter().zip(rows::variants(product)?) {
            if args.below.is_none_or(|below| variant.quantity < below) {
                records.push_object(&row)?;
            }
        }
        Ok(())
    };
    catalogue::products(client, &ids, WALKERS, &progress, |_, product| {
        if let Some(product) = product
            && failed.is_none()
        {
            failed = push(&product, &mut records).err();
        }
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    records.finish()
}

/// Hands on the products of the page or of the whole list, and says on stderr what part of it they are.
fn each_product(
    args: &ListArgs,
    query: &ListQuery,
    context: &Context,
    mut each: impl FnMut(Raw<ProductSummary>) -> Result<()>,
) -> Result<()> {
    let client = context.client()?;
    let ui = context.ui();
    if args.all || args.below.is_some() {
        let progress = |done, total| ui.progress("products listed", done, total);
        let mut total = 0;
        paging::all_products(client, query, WALKERS, &progress, |product| {
            total += 1;
            each(product)?;
            Ok(ControlFlow::Continue(()))
        })?;
        if args.below.is_none() {
            context.footer(counted(total, "product"));
        }
        return Ok(());
    }
    let page = client.list(query, args.page, args.limit)?;
    let shown = page.data.len();
    let total = page.pagination.total;
    let pages = total.div_ceil(page.pagination.limit.max(1));
    for product in page.data {
        each(product)?;
    }
    context.footer(match (shown, total) {
        (0, 0) => "no products match".to_owned(),
        (0, _) => format!("page {} is past the last one, {pages}", args.page),
        _ if pages == 1 => counted(total, "product"),
        _ if args.page < pages => format!(
            "page {} of {} ({}); the next: --page {}, all: --all",
            args.page,
            grouped(pages as i64),
            counted(total, "product"),
            args.page + 1
        ),
        _ => format!(
            "page {} of {} ({})",
            args.page,
            grouped(pages as i64),
            counted(total, "product")
        ),
    });
    Ok(())
}

/// `1 product`, `1,234 products`.
fn counted(n: u64, what: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {what}{s}", grouped(n as i64))
}
