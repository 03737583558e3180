//! `sxinv history --sku SKU`: what moved a variant's stock, newest first, each movement once.

use unicode_width::UnicodeWidthStr;

use super::HistoryArgs;
use crate::catalogue::SkuName;
use crate::change::outcome::Outcome;
use crate::context::Context;
use crate::error::Result;
use crate::format::Format;
use crate::memory::Memory;
use crate::render::{Column, Terminal, row};
use crate::state::State;
use crate::story::variant::{self, Variant};
use crate::story::{self, Movement};
use crate::time::{DAY, UtcTime};
use crate::words::{counted, grouped};

/// What a table shows where not all of it fits, the widest first. Where none of these fits, every row is a card.
const NARROWER: [&[&str]; 3] = [
    &[
        "at", "source", "before", "after", "change", "reason", "outcome",
    ],
    &["at", "source", "after", "change", "reason", "outcome"],
    &["at", "source", "after", "change", "outcome"],
];

/// A reason is not shortened below this, in columns of the terminal.
const SHORTEST_REASON: usize = 8;

/// A time as a terminal shows it: `2026-11-24 09:00`.
const TIME: usize = 16;

/// A line of the stock over time is at most this wide, and at least so.
const LINE: std::ops::RangeInclusive<usize> = 5..=48;

row! {
    /// What moved the stock.
    struct MovementRow<'a> {
        at: UtcTime = "AT" Time,
        source: &'static str = "SOURCE" Code,
        run: Option<&'a str> = "RUN" Code,
        event_id: Option<&'a str> = "EVENT" Code hidden,
        before: Option<i64> = "BEFORE" Number,
        after: Option<i64> = "AFTER" Stock,
        change: Option<i64> = "CHANGE" Signed,
        reason: Option<&'a str> = "REASON" Name,
        outcome: Option<&'static str> = "OUTCOME" Outcome,
    }
}

impl<'a> From<&'a Movement> for MovementRow<'a> {
    fn from(movement: &'a Movement) -> MovementRow<'a> {
        MovementRow {
            at: movement.at,
            source: movement.source.name(),
            run: movement.run.as_deref(),
            event_id: movement.event_id.as_deref(),
            before: movement.before,
            after: movement.after,
            change: movement.change,
            reason: movement.reason.as_deref(),
            outcome: movement.outcome.map(Outcome::name),
        }
    }
}

/// Tells the story of the variant that is meant. Works offline.
pub(super) fn tell(
    name: &SkuName,
    args: &HistoryArgs,
    state: Option<&State>,
    context: &Context,
) -> Result<()> {
    context.check_fields(MovementRow::COLUMNS)?;
    let store = context.settings().store()?;
    let memory = Memory::open_existing(&context.state_folder()?)?;
    let variant = Variant::find(state, memory.as_ref(), &store, name)?;
    let mut story = story::story(state, memory.as_ref(), &store, &variant)?;
    if story.is_empty() {
        return Err(variant::unknown(name));
    }
    if let Some(since) = args.since {
        story.retain(|movement| movement.at >= since);
    }
    let most = match args.limit {
        0 => story.len(),
        limit => limit as usize,
    };
    let shown: Vec<&Movement> = story.iter().rev().take(most).collect();
    let columns = columns(&shown, &context.terminal());
    let mut records = context.records(&columns)?;
    for movement in &shown {
        records.add(&MovementRow::from(*movement))?;
    }
    if records.finish()? == 0 {
        context.footer("nothing since then");
    }
    let more = (story.len() - shown.len()) as u64;
    if more > 0 {
        context.footer(format!(
            "and {}; --limit 0 shows all",
            counted(more, "more movement")
        ));
    }
    if let (Format::Table, Some(width)) = (context.format(), context.terminal().width)
        && let Some(line) = over_time(&story, usize::from(width), &context.terminal())
    {
        context.footer(line);
    }
    Ok(())
}

/// All columns, of which a table shows as many as fit a terminal without wrapping.
fn columns(shown: &[&Movement], terminal: &Terminal) -> Vec<Column> {
    let Some(limit) = terminal.width.map(usize::from) else {
        return MovementRow::COLUMNS.to_vec();
    };
    let fits = |names: &&&[&str]| {
        let widths = MovementRow::COLUMNS
            .iter()
            .filter(|column| names.contains(&column.name));
        let all: usize = widths.map(|column| width(column, shown) + 2).sum();
        all <= limit + 2
    };
    let all: Vec<&str> = MovementRow::COLUMNS
        .iter()
        .filter(|c| c.table)
        .map(|c| c.name)
        .collect();
    let sets = [all.as_slice()];
    let Some(names) = sets.iter().chain(&NARROWER).find(fits) else {
        return MovementRow::COLUMNS.to_vec();
    };
    let of = |column: &Column| Column {
        table: names.contains(&column.name),
        ..*column
    };
    MovementRow::COLUMNS.iter().map(of).collect()
}

/// How wide a column has to be, in columns of the terminal.
fn width(column: &Column, shown: &[&Movement]) -> usize {
    let number = |units: Option<i64>| units.map_or(0, |units| grouped(units).len());
    let cell = |movement: &Movement| match column.name {
        "at" => TIME,
        "source" => movement.source.name().len(),
        "run" => movement.run.as_deref().map_or(0, UnicodeWidthStr::width),
        "before" => number(movement.before),
        "after" => number(movement.after),
        "change" => number(movement.change) + 1,
        "outcome" => movement.outcome.map_or(0, |outcome| outcome.name().len()),
        _ => SHORTEST_REASON,
    };
    let widest = shown.iter().map(|movement| cell(movement)).max();
    widest.unwrap_or(0).max(column.title.len())
}

/// The stock over time as a small line, with what it was at least and at most.
fn over_time(story: &[Movement], width: usize, terminal: &Terminal) -> Option<String> {
    let settled = |movement: &&Movement| {
        matches!(movement.outcome, None | Some(Outcome::Applied)) && movement.after.is_some()
    };
    let levels: Vec<(i64, i64)> = story
        .iter()
        .filter(settled)
        .filter_map(|movement| Some((movement.at.as_millis(), movement.after?)))
        .collect();
    let (first, last) = (levels.first()?, levels.last()?);
    let low = levels.iter().map(|(_, units)| *units).min()?;
    let high = levels.iter().map(|(_, units)| *units).max()?;
    let begun = UtcTime::from_millis(first.0).local(&terminal.time_zone, DAY);
    let words = format!("{} to {} units since {begun}", grouped(low), grouped(high));
    let room = width.saturating_sub(words.len() + 2).min(*LINE.end());
    if room < *LINE.start() || first.0 == last.0 || low == high {
        return None;
    }
    Some(format!("{}  {words}", line(&levels, room)))
}

/// One character per stretch of time: how high the stock was at its end.
fn line(levels: &[(i64, i64)], room: usize) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let units = || levels.iter().map(|(_, units)| i128::from(*units));
    let (low, high) = (units().min().unwrap_or(0), units().max().unwrap_or(0));
    let time = |n: usize| levels.get(n).map_or(0, |(at, _)| i128::from(*at));
    let (begun, ended) = (time(0), time(levels.len().saturating_sub(1)));
    let mut bars = String::new();
    for place in 1..=room as i128 {
        let until = begun + (ended - begun) * place / room as i128;
        let last = levels.partition_point(|(at, _)| i128::from(*at) <= until);
        let level = levels
            .get(last.saturating_sub(1))
            .map_or(low, |(_, units)| i128::from(*units));
        let height = (level - low) * 7 / (high - low).max(1);
        bars.push(BARS[height.clamp(0, 7) as usize]);
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_shows_how_high_the_stock_was() {
        assert_eq!(line(&[(0, 0), (50, 7), (100, 3)], 4), "▁██▄");
        assert_eq!(line(&[(0, 5), (8, 5)], 2), "▁▁");
        let (least, most) = (i64::MIN, i64::MAX);
        assert_eq!(line(&[(least, least), (most, most)], 2), "▁█");
    }
}
