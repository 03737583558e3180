//! The question before a bulk run: where it goes, what it does, and the largest changes.

use unicode_width::UnicodeWidthStr;

use crate::change::guard::Effect;
use crate::change::outcome::Outcome;
use crate::change::plan::{Plan, Row, Step};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::render::{clean, grouped};

/// So many of the largest changes stand above the question.
const LARGEST_SHOWN: usize = 5;

/// Shows what a plan does and asks whether to do it. No is an error, refused; nothing was sent.
pub fn confirm(plan: &Plan, context: &Context) -> Result<()> {
    let sends = plan.to_send().count();
    if sends == 0 {
        return Ok(());
    }
    let ui = context.ui();
    for line in question(plan, context)? {
        ui.say(line);
    }
    let what = if sends == 1 { "change" } else { "changes" };
    if ui.confirm(&format!("Apply {} {what}?", grouped(sends as i64)))? {
        Ok(())
    } else {
        Err(Error::refused("not confirmed; nothing was changed"))
    }
}

/// What stands above the question: where it goes, what it does, and the largest changes.
fn question(plan: &Plan, context: &Context) -> Result<Vec<String>> {
    let effect = Effect::of(plan);
    let (mut up, mut down) = (0i128, 0i128);
    let mut largest: Vec<(u64, usize, i64)> = Vec::new();
    for row in plan.to_send() {
        let by = moves(&row);
        if by > 0 {
            up += i128::from(by);
        } else {
            down -= i128::from(by);
        }
        largest.push((by.unsigned_abs(), row.index, by));
        if largest.len() > LARGEST_SHOWN {
            largest.sort_by_key(|(size, index, _)| (std::cmp::Reverse(*size), *index));
            largest.pop();
        }
    }
    largest.sort_by_key(|(size, index, _)| (std::cmp::Reverse(*size), *index));
    let units = |n: i128| grouped(i64::try_from(n).unwrap_or(i64::MAX));
    let mut lines = vec![
        context.connection()?.place(),
        format!(
            "  {} of {} rows change stock: {} units more, {} fewer ({} in all, now {})",
            grouped(effect.changing as i64),
            grouped(plan.len() as i64),
            units(up),
            units(down),
            units(effect.after),
            units(effect.before),
        ),
    ];
    for outcome in [Outcome::Unchanged, Outcome::Conflict, Outcome::Failed] {
        let count = plan.done(outcome).count();
        if count > 0 {
            lines.push(format!("  {} {}", grouped(count as i64), outcome.name()));
        }
    }
    let amiss = plan
        .done(Outcome::Conflict)
        .chain(plan.done(Outcome::Failed))
        .take(LARGEST_SHOWN);
    for row in amiss {
        if let Step::Done(settled) = row.step
            && let Some(trouble) = &settled.trouble
        {
            lines.push(format!(
                "    line {}: {}",
                row.wanted.line(),
                trouble.message
            ));
        }
    }
    lines.push("  the largest changes:".to_owned());
    let largest: Vec<[String; 3]> = largest
        .into_iter()
        .filter_map(|(_, index, by)| {
            let variant = plan.row(index).variant?;
            let label = match variant.sku_code {
                "" => format!("sku {}", variant.sku_id),
                code => clean(code).into_owned(),
            };
            let now = grouped(variant.quantity);
            let then = grouped(variant.quantity.saturating_add(by));
            let moves = format!("{now} -> {then} ({by:+})");
            Some([label, moves, variant.product_name.to_owned()])
        })
        .collect();
    let widest = |n: usize| {
        largest
            .iter()
            .map(|row| row[n].width())
            .max()
            .unwrap_or_default()
    };
    let (labels, moves) = (widest(0), widest(1));
    for [label, by, name] in &largest {
        let pad = |text: &str, width: usize| " ".repeat(width.saturating_sub(text.width()));
        lines.push(format!(
            "    {label}{}  {by}{}  {name}",
            pad(label, labels),
            pad(by, moves)
        ));
    }
    Ok(lines)
}

/// By how many units a row moves the stock that was read.
fn moves(row: &Row<'_>) -> i64 {
    match row.step {
        Step::Adjust(by) => by,
        Step::Set(quantity) => quantity.get() - row.stock().unwrap_or_default(),
        _ => 0,
    }
}
