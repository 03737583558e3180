//! The report: the store's stock on one page that stands alone (docs/memory.md: report). No script, nothing from elsewhere.
//!
//! [`Facts`] come from [`crate::memory`]; [`write`] makes the page of them: [`first`] the things to know, [`sheets`] the
//! tables, [`picture`] the pictures, and [`html`] sees to it that names stay names.

mod first;
mod html;
mod picture;
mod sheets;

use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::memory::survey::{First, Item, Still, Totals};
use crate::money;
use crate::time::{DAY, UtcTime};
use crate::words::{counted, grouped};
use html::Html;

/// How many rows of each list are on the page.
pub const ROWS: usize = 50;

/// Everything that the page tells.
#[derive(Debug)]
pub struct Facts {
    /// What the store is called here: the profile.
    pub store: String,
    /// The program as it is typed for this store: what stands before a command.
    pub typed: String,
    /// When the stock was read, where the reader is.
    pub at: UtcTime,
    /// Where the reader is.
    pub time_zone: TimeZone,
    /// What there is.
    pub totals: Totals,
    /// Variants with no stock.
    pub sold_out: First<Item>,
    /// Fewer units than this are low.
    pub below: i64,
    /// Variants that are low.
    pub low: First<Item>,
    /// What is to be ordered, where there are levels.
    pub orders: Option<Orders>,
    /// What changed since the last snapshot, where there is one.
    pub moved: Option<Moved>,
    /// What sold, where snapshots reach back far enough.
    pub sold: Option<Sold>,
    /// What did not move in that time.
    pub still: Option<(UtcTime, Still)>,
    /// Units in the store over time: Unix milliseconds, oldest first, now last.
    pub course: Vec<(i64, i64)>,
    /// When each snapshot that there is was taken, by its number.
    pub taken: Vec<(i64, UtcTime)>,
    /// Products that could not be read.
    pub unread: u64,
}

/// What is to be ordered by a file of levels.
#[derive(Debug)]
pub struct Orders {
    /// The file's name.
    pub file: String,
    /// What runs out first on top.
    pub lines: First<Order>,
    /// Units of all of them.
    pub units: i64,
    /// Rows of the file that are about no variant of the store.
    pub unknown: u64,
}

/// A variant that is to be ordered.
#[derive(Debug)]
pub struct Order {
    /// The variant.
    pub item: Item,
    /// Who delivers it.
    pub supplier: Option<String>,
    /// Units at which it is ordered.
    pub min: i64,
    /// Units to order.
    pub order: i64,
    /// For how many days there is enough, where that is known.
    pub days_left: Option<i64>,
}

/// What changed since a snapshot.
#[derive(Debug)]
pub struct Moved {
    /// When that was taken.
    pub since: UtcTime,
    /// What changed most first.
    pub lines: First<Move>,
    /// Units more, over all variants that have more.
    pub up: i64,
    /// Units fewer, over all variants that have fewer; above 0.
    pub down: i64,
    /// What of it this program did, in units; `None` where that can't be told of every variant.
    pub ours: Option<i64>,
}

/// How a variant changed.
#[derive(Debug)]
pub struct Move {
    /// The variant, as far as it is known.
    pub item: Item,
    /// Units before; `None` where it is new.
    pub before: Option<i64>,
    /// Units after; `None` where it is gone.
    pub after: Option<i64>,
    /// How many more.
    pub change: i64,
}

/// What sold in the last weeks.
#[derive(Debug)]
pub struct Sold {
    /// Since when.
    pub since: UtcTime,
    /// What sold most first.
    pub lines: First<Sale>,
    /// Units of all of them.
    pub units: i64,
}

/// How much of a variant was sold.
#[derive(Debug)]
pub struct Sale {
    /// The variant.
    pub item: Item,
    /// Units.
    pub sold: i64,
    /// For how many days there is enough at that pace.
    pub days_left: Option<i64>,
}

/// The page.
pub fn write(facts: &Facts) -> String {
    let mut html = Html::default();
    head(&mut html, facts);
    html.raw("<body>\n<header>");
    html.element("<h1>", "</h1>", |h| {
        h.raw("Stock of ").name(&facts.store);
    });
    html.element("<p class=\"soft\">", "</p>", |h| {
        h.text(format!(
            "as it was on {}",
            facts.at.local(&facts.time_zone, "%A, %-d %B %Y, %H:%M")
        ));
    });
    html.raw("</header>\n<main>\n");
    first::write(&mut html, facts);
    pictures(&mut html, facts);
    sheets::write(&mut html, facts);
    html.raw("</main>\n<footer>");
    html.text(concat!("Made by sxinv ", env!("CARGO_PKG_VERSION")));
    html.text(". Values are stock times the selling price, in the store's currency; stock below 0 is worth nothing.");
    html.raw("</footer>\n</body>\n</html>\n");
    html.finish()
}

fn head(html: &mut Html, facts: &Facts) {
    html.raw(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>",
    );
    html.text(format!(
        "Stock of {}, {}",
        facts.store,
        facts.at.local(&facts.time_zone, DAY)
    ));
    html.raw("</title>\n<style>\n")
        .raw(include_str!("style.css"))
        .raw("</style>\n</head>\n");
}

/// Where the store stands, and how it came there.
fn pictures(html: &mut Html, facts: &Facts) {
    html.raw("<section>\n<h2>Variants by stock</h2>\n<figure>\n");
    let low = facts.low.count;
    let out = facts.totals.sold_out;
    let enough = facts.totals.variants.saturating_sub(low + out);
    let below = grouped(facts.below);
    let labels = [
        format!("{} with {below} or more", counted(enough, "variant")),
        format!("{} low: fewer than {below}", grouped(low)),
        format!("{} sold out", grouped(out)),
    ];
    picture::parts(html, [enough, low, out], &labels.join(", "));
    html.raw("<ul class=\"legend\">\n");
    for (fill, label) in picture::FILLS.into_iter().zip(&labels) {
        html.raw("<li><svg viewBox=\"0 0 18 12\" aria-hidden=\"true\"><rect width=\"18\" height=\"12\" class=\"");
        html.raw(fill).raw("\"/></svg>").text(label).raw("</li>\n");
    }
    html.raw("</ul>\n</figure>\n</section>\n");
    if facts.course.len() > 1 {
        course(html, facts);
    }
}

/// Stock over time.
fn course(html: &mut Html, facts: &Facts) {
    let (Some(first), Some(last)) = (facts.course.first(), facts.course.last()) else {
        return;
    };
    let by_units = |(_, units): &&(i64, i64)| *units;
    let lowest = facts.course.iter().min_by_key(by_units).unwrap_or(first);
    let highest = facts.course.iter().max_by_key(by_units).unwrap_or(last);
    let at = |(at, units): &(i64, i64)| format!("{} on {}", counted_units(*units), day(*at, facts));
    html.raw("<section>\n<h2>Units in stock over time</h2>\n<figure>\n");
    let told = format!(
        "from {} to {}; lowest {}, highest {}",
        at(first),
        at(last),
        at(lowest),
        at(highest)
    );
    html.raw("<p class=\"ends\"><span>highest: ")
        .text(at(highest));
    html.raw("</span></p>\n");
    picture::line(html, &facts.course, &told);
    html.raw("<p class=\"ends\"><span>")
        .text(at(first))
        .raw("</span><span>");
    html.text(at(last))
        .raw("</span></p>\n<p class=\"ends\"><span>lowest: ");
    html.text(at(lowest));
    let bottom = grouped(lowest.1.min(0));
    html.raw("</span><span>the bottom is ")
        .text(bottom)
        .raw("</span></p>\n</figure>\n");
    sheets::course(html, facts);
    html.raw("</section>\n");
}

fn counted_units(units: i64) -> String {
    match units {
        1 => "1 unit".to_owned(),
        units => format!("{} units", grouped(units)),
    }
}

fn money_or_dash(value: Option<Decimal>) -> String {
    value.map_or_else(|| "–".to_owned(), money::shown)
}

/// A day as people write it, where the reader is.
fn day(millis: i64, facts: &Facts) -> String {
    UtcTime::from_millis(millis).local(&facts.time_zone, "%-d %b %Y")
}

/// A moment as short as people say it.
fn since(time: UtcTime, facts: &Facts) -> String {
    time.local(&facts.time_zone, "%-d %b %Y, %H:%M")
}
