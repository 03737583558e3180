//! The question before a bulk run: where it goes, what it does, and the largest changes.

use unicode_width::UnicodeWidthStr;

use crate::change::draft::Draft;
use crate::change::outcome::Outcome;
use crate::clean::clean;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::words::{counted, grouped};

/// How many rows that would not be applied stand above the question.
const TROUBLES_SHOWN: usize = 5;

/// Shows what a draft does and asks whether to do it, in these words: `Apply`, `Undo`. `repeated` says what of it was done
/// before. No is an error, refused; nothing was sent.
pub fn confirm(draft: &Draft, verb: &str, repeated: Option<&str>, context: &Context) -> Result<()> {
    let sends = draft.sends()?;
    if sends == 0 {
        return Ok(());
    }
    let ui = context.ui();
    for line in question(draft, context)? {
        ui.say(line);
    }
    if let Some(repeated) = repeated {
        ui.say(repeated);
    }
    if ui.confirm(&format!("{verb} {}?", counted(sends, "change")))? {
        Ok(())
    } else {
        Err(Error::refused("not confirmed; nothing was changed"))
    }
}

/// What stands above the question.
fn question(draft: &Draft, context: &Context) -> Result<Vec<String>> {
    let effect = draft.effect();
    let totals = draft.totals()?;
    let units = |n: i128| grouped(i64::try_from(n).unwrap_or(i64::MAX));
    let mut lines = vec![
        context.connection()?.place(),
        format!(
            "  {} change: {} units more, {} fewer ({} in all, now {})",
            counted(effect.changing, "variant"),
            units(effect.more),
            units(effect.fewer),
            units(effect.after),
            units(effect.before),
        ),
    ];
    for outcome in [
        Outcome::Unchanged,
        Outcome::Conflict,
        Outcome::Failed,
        Outcome::Skipped,
    ] {
        let count = totals.of(outcome);
        if count > 0 {
            lines.push(format!("  {} {}", counted(count, "row"), outcome.name()));
        }
    }
    let troubles = draft.troubles(TROUBLES_SHOWN)?.into_iter();
    lines.extend(troubles.map(|(line, why)| format!("    line {line}: {why}")));
    lines.push("  the largest changes:".to_owned());
    let largest: Vec<[String; 3]> = effect
        .largest
        .iter()
        .map(|change| {
            let (before, after) = (grouped(change.before), grouped(change.after));
            [
                clean(&change.label).into_owned(),
                format!("{before} -> {after} ({:+})", change.by()),
                change.product_name.clone(),
            ]
        })
        .collect();
    let widest = |n: usize| largest.iter().map(|row| row[n].width()).max().unwrap_or(0);
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
