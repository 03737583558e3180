//! The five things to know first, each a sentence and what stands behind it.

use super::html::Html;
use super::{Facts, counted_units, since};
use crate::memory::survey::Item;
use crate::money;
use crate::words::{counted, grouped, listed};

/// How many variants are named in a sentence.
const NAMED: usize = 3;

/// More characters of a name are not in a sentence.
const LONGEST: usize = 40;

/// Something to know: what it is, and more about it.
struct Fact {
    what: String,
    more: String,
}

pub(super) fn write(html: &mut Html, facts: &Facts) {
    let all = match facts.totals.products.is_empty() && facts.unread == 0 {
        true => vec![nothing_there(facts)],
        false => vec![
            there_is(facts),
            sold_out(facts),
            running_out(facts),
            moved(facts),
            still(facts),
        ],
    };
    html.raw("<ol class=\"facts\" id=\"first\">\n");
    for fact in all {
        html.raw("<li><div><b>").text(fact.what).raw("</b><span>");
        html.text(fact.more).raw("</span></div></li>\n");
    }
    html.raw("</ol>\n");
}

/// A store without a product has nothing else to tell.
fn nothing_there(facts: &Facts) -> Fact {
    Fact {
        what: "The store has no products".to_owned(),
        more: format!(
            "Is it the right one? This page is about {}; another profile (-p) is another store.",
            facts.store
        ),
    }
}

fn there_is(facts: &Facts) -> Fact {
    let totals = &facts.totals;
    let products = counted(totals.products.len() as u64, "product");
    let variants = counted(totals.variants, "variant");
    let units = counted_units(totals.units);
    let worth = match totals.value {
        Some(value) => format!("worth {} at price", money::shown(value)),
        None => "worth more than can be told".to_owned(),
    };
    let mut more = Vec::new();
    if totals.unpriced > 0 {
        let count = counted(totals.unpriced, "variant");
        more.push(format!("{count} with stock but no price: not in the value"));
    }
    if totals.below_zero > 0 {
        more.push(format!("{} below 0", counted(totals.below_zero, "variant")));
    }
    if facts.unread > 0 {
        let count = counted(facts.unread, "product");
        more.push(format!("{count} could not be read: not on this page"));
    }
    if more.is_empty() {
        more.push("Every variant was read, and has a price.".to_owned());
    }
    Fact {
        what: format!("{units} of {variants} in {products}, {worth}"),
        more: more.join("; "),
    }
}

fn sold_out(facts: &Facts) -> Fact {
    let out = &facts.sold_out;
    if out.count == 0 {
        return Fact {
            what: "Nothing is sold out".to_owned(),
            more: "Every variant has stock.".to_owned(),
        };
    }
    let (are, share) = match out.count {
        1 => ("is", String::new()),
        count => ("are", share(count, facts.totals.variants)),
    };
    Fact {
        what: format!("{} {are} sold out{share}", counted(out.count, "variant")),
        more: names(out.rows.iter(), out.count),
    }
}

/// What is to be ordered by the levels, or else what is low.
fn running_out(facts: &Facts) -> Fact {
    let Some(orders) = &facts.orders else {
        let low = &facts.low;
        let below = grouped(facts.below);
        let which = match low.count {
            0 => "Nothing else has".to_owned(),
            1 => "1 more variant has".to_owned(),
            count => format!("{} more variants have", grouped(count)),
        };
        return Fact {
            what: format!("{which} fewer than {below} units"),
            more: match low.count {
                0 => "Levels of your own (--levels) say what to order.".to_owned(),
                count => names(low.rows.iter(), count),
            },
        };
    };
    let lines = &orders.lines;
    let rows = counted(orders.unknown, "row");
    let unknown = match orders.unknown {
        0 => String::new(),
        1 => format!(" {rows} of {} is not in the store.", orders.file),
        _ => format!(" {rows} of {} are not in the store.", orders.file),
    };
    if lines.count == 0 {
        return Fact {
            what: "Nothing is to be ordered".to_owned(),
            more: format!("By {}.{unknown}", orders.file),
        };
    }
    let soonest = lines.rows.iter().find_map(|order| {
        let days = counted(order.days_left?.unsigned_abs(), "day");
        Some(format!(" {} lasts {days}.", name(&order.item)))
    });
    Fact {
        what: format!(
            "Order {} of {}",
            counted_units(orders.units),
            counted(lines.count, "variant")
        ),
        more: format!(
            "By {}: {}.{}{unknown}",
            orders.file,
            names(lines.rows.iter().map(|order| &order.item), lines.count),
            soonest.unwrap_or_default()
        ),
    }
}

fn moved(facts: &Facts) -> Fact {
    let Some(moved) = &facts.moved else {
        return Fact {
            what: "What changed is not known yet".to_owned(),
            more: format!(
                "{} snapshot, every night, remembers the stock: then this page tells what moved and what sells.",
                facts.typed
            ),
        };
    };
    let when = since(moved.since, facts);
    if moved.lines.count == 0 {
        return Fact {
            what: format!("Nothing changed since {when}"),
            more: "That is the last snapshot.".to_owned(),
        };
    }
    let ours = match moved.ours {
        Some(0) => "All of it by others: sales, the dashboard, other programs.".to_owned(),
        Some(ours) => format!("{} of it by sxinv on this machine.", signed(ours)),
        None => "What of it was ours can't be told: a row is in doubt.".to_owned(),
    };
    Fact {
        what: format!(
            "{} changed since {when}: {} down, {} up",
            counted(moved.lines.count, "variant"),
            counted_units(moved.down),
            counted_units(moved.up)
        ),
        more: ours,
    }
}

fn still(facts: &Facts) -> Fact {
    let Some((when, still)) = &facts.still else {
        return Fact {
            what: "What does not move is not known yet".to_owned(),
            more: "Snapshots have to reach back seven days for that.".to_owned(),
        };
    };
    let when = since(*when, facts);
    match still.first.count {
        0 => Fact {
            what: format!("Everything in stock moved since {when}"),
            more: String::new(),
        },
        count => Fact {
            what: format!(
                "{} of {} did not move since {when}, worth {} at price",
                counted_units(still.units),
                counted(count, "variant"),
                super::money_or_dash(still.value)
            ),
            more: names(still.first.rows.iter().map(|(item, _)| item), count),
        },
    }
}

/// The first few by name, and how many more there are.
fn names<'a>(items: impl Iterator<Item = &'a Item>, count: u64) -> String {
    let mut named: Vec<String> = items.take(NAMED).map(name).collect();
    let more = count.saturating_sub(named.len() as u64);
    if more > 0 {
        named.push(format!("{} more", grouped(more)));
    }
    listed(&named, "and")
}

/// A variant in a sentence.
fn name(item: &Item) -> String {
    let product = match item.product_name.as_str() {
        "" => format!("product {}", item.here.product),
        name => short(name),
    };
    match item.variant_name.as_str() {
        "" => product,
        variant => format!("{product} ({})", short(variant)),
    }
}

/// The beginning of a name that is too long for a sentence.
fn short(name: &str) -> String {
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", name[..end].trim_end()),
        None => name.to_owned(),
    }
}

fn signed(units: i64) -> String {
    match units > 0 {
        true => format!("+{}", grouped(units)),
        false => grouped(units).replace('-', "\u{2212}"),
    }
}

/// As in `, 8 % of all`; nothing where that says nothing.
fn share(part: u64, whole: u64) -> String {
    match (part * 100).checked_div(whole) {
        None | Some(0) => String::new(),
        Some(percent) => format!(", {percent} % of all"),
    }
}
