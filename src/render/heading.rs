//! A line of facts above a table.

use std::io::Write;

use super::{Kind, Terminal, cells, print};
use crate::clean::clean;
use crate::error::Result;
use crate::width;

/// Writes the name, then what there is to know. Piped, a line each.
pub fn heading(
    mut out: impl Write,
    name: &str,
    facts: &[(&str, String, Kind)],
    terminal: &Terminal,
) -> Result<()> {
    let name = clean(name);
    let shown = facts.iter().map(|(title, value, kind)| {
        let json = match kind {
            Kind::Time | Kind::Name | Kind::Text | Kind::Code => {
                serde_json::Value::from(value.as_str()).to_string()
            }
            _ => value.clone(),
        };
        (*title, cells::shown(*kind, Some(&json), terminal))
    });
    let text = if let Some(width) = terminal.width {
        let width = usize::from(width);
        let name = width::shortened(&name, width);
        let name = if terminal.color {
            format!("\u{1b}[1m{name}\u{1b}[0m")
        } else {
            name
        };
        let facts: Vec<String> = shown
            .map(|(title, value)| format!("{title} {value}"))
            .collect();
        let mut lines: Vec<String> = Vec::new();
        for fact in facts {
            match lines.last_mut() {
                Some(line) if width::most(line) + 3 + width::most(&fact) <= width => {
                    *line += &format!(" · {fact}");
                }
                _ => lines.push(fact),
            }
        }
        format!("{name}\n{}\n\n", lines.join("\n"))
    } else {
        let mut text = format!("name: {name}\n");
        for (title, value) in shown {
            text += &format!("{title}: {value}\n");
        }
        text + "\n"
    };
    print(&mut out, &text)
}
