//! Sentences on a terminal: broken between words, and what can be pasted is not.

use crate::width;

/// The programs that a message may propose: what follows them is one command.
const COMMANDS: [&str; 2] = ["sxinv", "chmod"];

/// The text as it goes to a terminal of so many columns behind `begin` columns of other text; further lines are indented as
/// far as `indent`. A line that fits, or that is laid out in columns, stays as it is; so does what stands in backticks, or is
/// a command.
pub(super) fn fitted(text: &str, columns: usize, begin: usize, indent: usize) -> String {
    let laid_out = text.trim_start().contains("  ");
    if begin + width::most(text) <= columns || laid_out {
        return text.to_owned();
    }
    let mut fitted = String::new();
    let mut taken = begin;
    for (n, word) in words(text).enumerate() {
        let room = width::most(word);
        match n {
            0 => {}
            _ if taken + 1 + room <= columns => {
                fitted.push(' ');
                taken += 1;
            }
            _ => {
                fitted += &format!("\n{:indent$}", "");
                taken = indent;
            }
        }
        fitted += word;
        taken += room;
    }
    fitted
}

/// What is not to be broken, in order. A first word keeps the blanks before it.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let first = text.trim_start();
        let program = first.split(' ').next().unwrap_or_default();
        let end = match COMMANDS.contains(&program) {
            true => None,
            false => end_of_word(text, text.len() - first.len()),
        };
        rest = end.and_then(|end| text.get(end + 1..));
        Some(&text[..end.unwrap_or(text.len())])
    })
}

/// Where the first blank outside backticks is, from there on.
fn end_of_word(text: &str, from: usize) -> Option<usize> {
    let mut quoted = false;
    text.char_indices()
        .skip_while(|(at, _)| *at < from)
        .find_map(|(at, c)| {
            quoted ^= c == '`';
            (c == ' ' && !quoted).then_some(at)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_broken_between_words() {
        let hint = "it needs the columns sku_code (or sku_id), min and target, and may have supplier and pack";
        assert_eq!(
            fitted(hint, 80, 6, 6),
            "it needs the columns sku_code (or sku_id), min and target, and may have\n      supplier and pack"
        );
        assert_eq!(fitted(hint, 200, 6, 6), hint);
        assert_eq!(
            fitted("  line 2: far too long", 14, 0, 4),
            "  line 2: far\n    too long"
        );
    }

    #[test]
    fn what_can_be_pasted_stays_whole() {
        for (text, shown) in [
            (
                "see `sxinv history --limit 0` for more",
                "see\n`sxinv history --limit 0`\nfor more",
            ),
            (
                "take it back with: sxinv -p a undo 20261126",
                "take it back with:\nsxinv -p a undo 20261126",
            ),
            (
                "sxinv profile add flowers --no-check",
                "sxinv profile add flowers --no-check",
            ),
            (
                "chmod 600 '/home/a shop/config.toml'",
                "chmod 600 '/home/a shop/config.toml'",
            ),
            (
                "    GADA-S   1 -> 80 (+79)   গাঁদা ফুলের মালা",
                "    GADA-S   1 -> 80 (+79)   গাঁদা ফুলের মালা",
            ),
            (
                "a-code-without-a-blank-in-it is not cut",
                "a-code-without-a-blank-in-it\nis not cut",
            ),
            (
                "an open ` quote is no reason to fail",
                "an open\n` quote is no reason to fail",
            ),
        ] {
            assert_eq!(fitted(text, 20, 0, 0), shown);
        }
    }
}
