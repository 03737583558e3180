//! The tables. A long one ends with how many more there are, and the command that shows them all.

use super::html::Html;
use super::picture;
use super::{Facts, ROWS, money_or_dash, since};
use crate::memory::survey::{First, Item};
use crate::shell::quoted;
use crate::words::{counted, grouped};

/// How many moments of the stock over time stand beside its picture.
const MOMENTS: usize = 12;

/// As many columns fit a phone.
const NARROW: usize = 4;

/// What stands over a column: its title, and whether numbers or pictures are in it.
type Title = (&'static str, &'static str);

const VARIANT: Title = ("", "Variant");
const STOCK: Title = ("n", "Stock");

pub(super) fn write(html: &mut Html, facts: &Facts) {
    orders(html, facts);
    html.raw("<div class=\"sheets\">\n<div>\n");
    let sxinv = &facts.typed;
    let all = format!("{sxinv} list --variants --below 1");
    variants(html, ("out", "Sold out"), &facts.sold_out, &all);
    html.raw("</div>\n<div>\n");
    let all = format!("{sxinv} list --variants --below {}", facts.below);
    variants(html, ("low", "Low"), &facts.low, &all);
    html.raw("</div>\n</div>\n");
    moved(html, facts);
    sold(html, facts);
    still(html, facts);
    products(html, facts);
}

/// A section with one table; nothing where there is no row.
fn sheet<T>(
    html: &mut Html,
    (id, title): (&'static str, &'static str),
    titles: &[Title],
    first: &First<T>,
    all: &str,
    mut row: impl FnMut(&mut Html, &T),
) {
    html.raw("<section id=\"")
        .raw(id)
        .raw("\">\n<h2>")
        .raw(title);
    html.raw("</h2>\n");
    if first.count == 0 {
        html.raw("<p class=\"soft\">None.</p>\n</section>\n");
        return;
    }
    // On a phone the names of many columns' rows stand on a line of their own.
    html.raw(match titles.len() > NARROW {
        true => "<table class=\"wide\">\n<thead><tr>",
        false => "<table>\n<thead><tr>",
    });
    for (class, title) in titles {
        html.raw("<th scope=\"col\" class=\"").raw(class).raw("\">");
        html.raw(title).raw("</th>");
    }
    html.raw("</tr></thead>\n<tbody>\n");
    for one in &first.rows {
        html.raw("<tr>");
        row(html, one);
        html.raw("</tr>\n");
    }
    html.raw("</tbody>\n</table>\n");
    let more = first.count.saturating_sub(first.rows.len() as u64);
    if more > 0 {
        html.raw("<p class=\"more\">and ").text(grouped(more));
        html.raw(" more: <code>").text(all).raw("</code></p>\n");
    }
    html.raw("</section>\n");
}

/// A variant: its names, and its code below.
fn variant(html: &mut Html, item: &Item) {
    html.raw("<td>");
    match item.product_name.as_str() {
        "" => html.text(format!("product {}", item.here.product)),
        name => html.name(name),
    };
    if !item.variant_name.is_empty() {
        html.raw(" · ").name(&item.variant_name);
    }
    html.raw("<small>");
    match item.here.sku_code.as_str() {
        "" => html.text(format!("sku {}", item.here.sku)),
        code => html.name(code),
    };
    html.raw("</small></td>");
}

fn number(html: &mut Html, text: impl AsRef<str>) {
    html.raw("<td class=\"n\">").text(text).raw("</td>");
}

/// A change with an arrow, so that it can be read without colour.
fn change(html: &mut Html, units: i64) {
    number(
        html,
        match units {
            0 => "0".to_owned(),
            up if up > 0 => format!("▲ {}", grouped(up)),
            down => format!("▼ {}", grouped(down.unsigned_abs())),
        },
    );
}

fn bar(html: &mut Html, number: i64, largest: i64, both: bool) {
    html.raw("<td class=\"picture\">");
    picture::bar(html, number, largest, both);
    html.raw("</td>");
}

fn count(units: Option<i64>) -> String {
    units.map_or_else(|| "–".to_owned(), grouped)
}

fn orders(html: &mut Html, facts: &Facts) {
    let Some(orders) = &facts.orders else { return };
    let titles = [
        VARIANT,
        ("", "Supplier"),
        STOCK,
        ("n", "Min"),
        ("n", "Order"),
        ("n", "Days left"),
    ];
    sheet(
        html,
        ("order", "To order"),
        &titles,
        &orders.lines,
        &format!("{} reorder {}", facts.typed, quoted(&orders.file)),
        |h, order| {
            variant(h, &order.item);
            h.raw("<td>").name(order.supplier.as_deref().unwrap_or("–"));
            h.raw("</td>");
            number(h, grouped(order.item.here.quantity));
            number(h, grouped(order.min));
            number(h, grouped(order.order));
            number(h, count(order.days_left));
        },
    );
}

fn variants(html: &mut Html, title: (&'static str, &'static str), first: &First<Item>, all: &str) {
    sheet(
        html,
        title,
        &[VARIANT, STOCK, ("n", "Price")],
        first,
        all,
        |h, item| {
            variant(h, item);
            number(h, grouped(item.here.quantity));
            number(h, money_or_dash(item.price));
        },
    );
}

fn moved(html: &mut Html, facts: &Facts) {
    let Some(moved) = &facts.moved else { return };
    let largest = moved.lines.rows.first();
    let largest = largest.map_or(1, |line| line.change.saturating_abs());
    sheet(
        html,
        ("moved", "Changed since the last snapshot"),
        &[
            VARIANT,
            ("n", "Before"),
            ("n", "Now"),
            ("n", "Change"),
            ("picture", ""),
        ],
        &moved.lines,
        &format!("{} diff", facts.typed),
        |h, line| {
            variant(h, &line.item);
            number(h, count(line.before));
            number(h, count(line.after));
            change(h, line.change);
            bar(h, line.change, largest, true);
        },
    );
}

fn sold(html: &mut Html, facts: &Facts) {
    let Some(sold) = &facts.sold else { return };
    let largest = sold.lines.rows.first().map_or(1, |line| line.sold);
    sheet(
        html,
        ("sold", "Sells best"),
        &[
            VARIANT,
            ("n", "Sold"),
            STOCK,
            ("n", "Days left"),
            ("picture", ""),
        ],
        &sold.lines,
        &format!("{} diff 28d", facts.typed),
        |h, line| {
            variant(h, &line.item);
            number(h, grouped(line.sold));
            number(h, grouped(line.item.here.quantity));
            number(h, count(line.days_left));
            bar(h, line.sold, largest, false);
        },
    );
    html.element("<p class=\"more\">", "</p>", |h| {
        let units = super::counted_units(sold.units);
        let when = since(sold.since, facts);
        h.text(format!(
            "{units} since {when}: what fell between snapshots and was not written by sxinv"
        ));
    });
}

fn still(html: &mut Html, facts: &Facts) {
    let Some((_, still)) = &facts.still else {
        return;
    };
    let taken = |number: i64| {
        let at = facts.taken.partition_point(|(other, _)| *other < number);
        let found = facts.taken.get(at).filter(|(other, _)| *other == number);
        // The oldest snapshot first showed everything that is older.
        match (found.filter(|_| at > 0), facts.taken.first()) {
            (Some((_, at)), _) => super::day(at.as_millis(), facts),
            (None, Some((_, oldest))) => {
                format!("before {}", super::day(oldest.as_millis(), facts))
            }
            (None, None) => "–".to_owned(),
        }
    };
    sheet(
        html,
        ("still", "Did not move"),
        &[VARIANT, STOCK, ("n", "Value"), ("n", "Since")],
        &still.first,
        &format!("{} diff 28d shows what did", facts.typed),
        |h, (item, number_of)| {
            variant(h, item);
            number(h, grouped(item.here.quantity));
            number(h, money_or_dash(item.value()));
            number(h, taken(*number_of));
        },
    );
}

fn products(html: &mut Html, facts: &Facts) {
    let products = &facts.totals.products;
    let first = First {
        rows: products.iter().take(ROWS).collect(),
        count: products.len() as u64,
    };
    let share = |product: &crate::memory::survey::ProductTotal| {
        let of = |value: Option<rust_decimal::Decimal>| value.unwrap_or_default();
        let whole = of(products.first().and_then(|first| first.value));
        of(product.value)
            .checked_mul(rust_decimal::Decimal::ONE_THOUSAND)
            .and_then(|thousands| thousands.checked_div(whole))
            .and_then(|share| i64::try_from(share.trunc()).ok())
            .unwrap_or(0)
    };
    sheet(
        html,
        ("products", "Products by value"),
        &[
            ("", "Product"),
            ("n", "Variants"),
            ("n", "Units"),
            ("n", "Value"),
            ("picture", ""),
        ],
        &first,
        &format!("{} export-csv", facts.typed),
        |h, product| {
            h.raw("<td>");
            match product.name.as_str() {
                "" => h.text(format!("product {}", product.product)),
                name => h.name(name),
            };
            h.raw("<small>").text(product.product.to_string());
            h.raw("</small></td>");
            number(h, grouped(product.variants));
            number(h, grouped(product.units));
            number(h, money_or_dash(product.value));
            bar(h, share(product), 1000, false);
        },
    );
    html.element("<p class=\"more\">", "</p>", |h| {
        let all = counted(products.len() as u64, "product");
        let units = super::counted_units(facts.totals.units);
        let value = money_or_dash(facts.totals.value);
        h.text(format!("in all {all}, {units}, worth {value}"));
    });
}

/// The numbers of the picture of the stock over time: the newest first, evenly picked.
pub(super) fn course(html: &mut Html, facts: &Facts) {
    let points = &facts.course;
    let step = points.len().div_ceil(MOMENTS).max(1);
    let picked: Vec<_> = points.iter().rev().step_by(step).collect();
    html.raw("<table id=\"course\">\n<thead><tr><th scope=\"col\">When</th><th scope=\"col\" class=\"n\">Units</th>");
    html.raw("<th scope=\"col\" class=\"n\">Change</th></tr></thead>\n<tbody>\n");
    for (n, (at, units)) in picked.iter().enumerate() {
        html.raw("<tr><td>");
        html.text(since(crate::time::UtcTime::from_millis(*at), facts));
        html.raw("</td>");
        number(html, grouped(*units));
        match picked.get(n + 1) {
            Some((_, before)) => change(html, units.saturating_sub(*before)),
            None => number(html, ""),
        }
        html.raw("</tr>\n");
    }
    html.raw("</tbody>\n</table>\n");
    if step > 1 {
        html.raw("<p class=\"more\">one of every ")
            .text(step.to_string());
        html.raw(" snapshots; all of them: <code>")
            .text(format!("{} snapshot --list", facts.typed));
        html.raw("</code></p>\n");
    }
}
