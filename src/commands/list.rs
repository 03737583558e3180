//! `sxinv list`: products with their total stock, or their variants.

mod order;
mod whole;

use clap::Args;

use super::complete;
use super::reading::{Count, OddProduct, READERS};
use super::rows::{self, PRODUCT_COLUMNS, VARIANT_COLUMNS};
use crate::api::{ListQuery, MAX_LIMIT, Page, Sort, Status};
use crate::catalogue::{Glance, Unreadable};
use crate::context::Context;
use crate::error::Result;
use crate::exit::Exit;
use crate::model::{Product, ProductId, Raw, RawObject, Variant};
use crate::progress::{Phase, Progress};
use crate::shell::quoted;
use crate::words::{counted, grouped};

/// What to list.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv list                                     the 50 products updated last
  sxinv list --all --sort name                   every product, by name
  sxinv list --status out_of_stock               what is sold out
  sxinv list rose --variants                     every rose's variants
  sxinv list --below 5 --exit-code || notify     for cron: 9 when any is low
  sxinv list --variants --below 3 -o csv         which variants to reorder
  sxinv list --all -o jsonl | jq .name           for pipelines

With --all, -o jsonl and -o csv write each product as it is read, by name, and memory does not grow with the store.
An order asked for by --sort, and the newest-first order of tables and JSON, take the whole list first.")]
pub struct ListArgs {
    /// Only products whose name contains this
    #[arg(value_name = "TEXT", conflicts_with = "search")]
    text: Option<String>,

    /// Which page, from 1
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    page: u64,

    /// Products a page, 1 to 250
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=i64::from(MAX_LIMIT)))]
    limit: u16,

    /// Every product exactly once, also while others write
    #[arg(long, conflicts_with_all = ["page", "limit"])]
    all: bool,

    /// updated_at, name or total_quantity, then :asc or :desc
    #[arg(long, value_name = "ORDER", add = complete::sorts())]
    sort: Option<Sort>,

    /// in_stock or out_of_stock alone
    #[arg(long, value_enum)]
    status: Option<Status>,

    /// The same as TEXT
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,

    /// Only stock under N units; with --variants, of each variant
    #[arg(long, value_name = "N", conflicts_with_all = ["page", "limit"])]
    below: Option<i64>,

    /// One row per variant instead of per product
    #[arg(long)]
    variants: bool,

    /// Exit with 9 when anything is listed
    #[arg(long)]
    exit_code: bool,
}

impl ListArgs {
    fn search(&self) -> Option<&str> {
        self.text.as_deref().or(self.search.as_deref())
    }

    fn is_whole(&self) -> bool {
        self.all || self.below.is_some()
    }

    /// Whether this many units, where that is known, are few enough to be listed.
    fn is_low(&self, units: Option<i64>) -> bool {
        self.below
            .is_none_or(|below| units.is_some_and(|units| units < below))
    }
}

/// What was listed.
struct Listed {
    /// Rows that were written.
    rows: usize,
    /// Products that were looked at.
    products: u64,
    /// Products that can't be shown as they are.
    unreadable: Unreadable,
}

/// Lists, and says with exit code 9 that something was listed where asked to.
pub fn run(args: &ListArgs, context: &Context) -> Result<Exit> {
    let query = ListQuery {
        sort: args.sort.unwrap_or_default(),
        status: args.status,
        search: args.search().map(str::to_owned),
    };
    let listed = match (args.is_whole(), args.variants) {
        (true, false) => whole::products(args, &query, context)?,
        (true, true) => whole::variants(args, &query, context)?,
        (false, _) => page(args, &query, context)?,
    };
    if args.is_whole() {
        context.footer(whole_footer(args, &listed));
    }
    if listed.products == 0
        && let Some(code) = perhaps_a_code(args, context)
    {
        context.footer(code);
    }
    listed.unreadable.none()?;
    Ok(if args.exit_code && listed.rows > 0 {
        Exit::Listed
    } else {
        Exit::Done
    })
}

/// Lists one page.
fn page(args: &ListArgs, query: &ListQuery, context: &Context) -> Result<Listed> {
    let (client, ui) = (context.client()?, context.ui());
    ui.progress(Progress::begun(Phase::ListingProducts));
    let mut page = client.list(query, args.page, args.limit)?;
    ui.finish();
    let products = page.shown();
    let nameless = page.unlisted();
    let (rows, mut unreadable) = if args.variants {
        page_variants(args, &page, context)?
    } else {
        let mut records = context.records(PRODUCT_COLUMNS)?;
        let mut unreadable = Unreadable::default();
        for product in &page.data {
            unreadable.insert_odd(&product.value);
            records.push(&product.raw)?;
        }
        (records.finish()?, unreadable)
    };
    unreadable.insert_nameless(nameless);
    context.footer(page_footer(args, products, &page));
    Ok(Listed {
        rows,
        products,
        unreadable,
    })
}

fn page_variants(args: &ListArgs, page: &Page, context: &Context) -> Result<(usize, Unreadable)> {
    let mut records = context.records(VARIANT_COLUMNS)?;
    let ids: Vec<ProductId> = page.data.iter().map(|p| p.value.product_id).collect();
    let mut count = Count::new(READERS, OddProduct::Partly);
    count.read(&ids, context, |product| {
        low_variants(args, product, |row, _| records.push_object(row))
    })?;
    context.ui().finish();
    Ok((records.finish()?, count.unreadable))
}

/// Writes the variants of a product, those with few units where only they are wanted.
fn low_variants(
    args: &ListArgs,
    product: &Raw<Product>,
    mut push: impl FnMut(&RawObject, i64) -> Result<()>,
) -> Result<()> {
    let low = |variant: &Variant| args.is_low(Some(variant.quantity));
    let variants = &product.value.variants;
    // Most products have no variant that is low, and are not taken apart.
    if args.below.is_some() && !variants.iter().any(low) {
        return Ok(());
    }
    for row in rows::variants(product)? {
        let units = row
            .get("quantity")
            .and_then(|units| units.get().parse().ok());
        if args.is_low(units) {
            push(&row, units.unwrap_or(i64::MAX))?;
        }
    }
    Ok(())
}

/// Where nothing was found by a text that is, or begins, a SKU code: how to look for that. Codes are known from this
/// machine's catalogue alone; nothing is asked for it.
fn perhaps_a_code(args: &ListArgs, context: &Context) -> Option<String> {
    let text = args.search()?;
    let store = context.connection().ok()?.store();
    let folder = context.settings().state_folder().ok()?.value;
    let known = Glance::open(&folder, store).map(|catalogue| catalogue.codes(text));
    let looks_so = !text.contains(' ') && text.contains(|c: char| c.is_ascii_digit() || c == '-');
    let code = match known.as_deref() {
        Some([first, ..]) => &first.text,
        _ if looks_so => text,
        _ => return None,
    };
    let typed = context.typed_again().ok()?;
    Some(format!(
        "names are searched; by SKU code: {typed} show {}",
        quoted(code)
    ))
}

fn whole_footer(args: &ListArgs, listed: &Listed) -> String {
    let products = counted(listed.products, "product");
    match (args.below, args.variants) {
        (None, false) if listed.products == 0 => "no products match".to_owned(),
        (None, false) => products,
        (None, true) => format!("{} of {products}", counted(listed.rows as u64, "variant")),
        (Some(below), false) => {
            format!(
                "{} of {products} below {below}",
                grouped(listed.rows as i64)
            )
        }
        (Some(below), true) => format!(
            "{} below {below}, among {products}",
            counted(listed.rows as u64, "variant")
        ),
    }
}

/// What part of the list the page is.
fn page_footer(args: &ListArgs, shown: u64, page: &Page) -> String {
    let total = page.pagination.total;
    let pages = total.div_ceil(page.pagination.limit.max(1));
    let products = counted(total, "product");
    let at = format!(
        "page {} of {} ({products})",
        args.page,
        grouped(pages as i64)
    );
    match (shown, total) {
        (0, 0) => "no products match".to_owned(),
        (0, _) => format!("page {} is past the last one, {pages}", args.page),
        _ if pages == 1 => products,
        _ if args.page < pages => {
            format!("{at}; the next: --page {}, all: --all", args.page + 1)
        }
        _ => at,
    }
}
