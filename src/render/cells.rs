//! One field as a person sees it: its text, its colour, and on which side of its column it stands.

use anstyle::Ansi256Color;
use comfy_table::{CellAlignment, Color};

use super::Terminal;
use super::fields::Kind;
use crate::clean::clean;
use crate::color;
use crate::time::{MINUTE, UtcTime};
use crate::words::grouped;

/// Stock from 1 to this is low.
const LOW: i64 = 5;

/// A field as a person sees it.
pub fn shown(kind: Kind, json: Option<&str>, terminal: &Terminal) -> String {
    let Some(json) = json.filter(|json| *json != "null") else {
        return String::new();
    };
    let on_terminal = terminal.width.is_some();
    if json.starts_with('"') {
        let text: String = serde_json::from_str(json).unwrap_or_else(|_| json.to_owned());
        if kind == Kind::Time
            && on_terminal
            && let Ok(time) = text.parse::<UtcTime>()
        {
            return time.local(&terminal.time_zone, MINUTE);
        }
        let text = clean(&text);
        return match kind {
            Kind::Number if on_terminal => grouped_text(&text),
            _ => text.into_owned(),
        };
    }
    match kind {
        Kind::Signed if on_terminal && json != "0" && !json.starts_with('-') => {
            format!("+{}", grouped_text(json))
        }
        Kind::Number | Kind::Stock | Kind::Signed if on_terminal => grouped_text(json),
        Kind::Flag if on_terminal => match json {
            "0" | "false" => "no".to_owned(),
            "1" | "true" => "yes".to_owned(),
            other => clean(other).into_owned(),
        },
        _ => {
            let mut compact = String::new();
            super::json::lay_out(&mut compact, json, false, 0);
            clean(&compact).into_owned()
        }
    }
}

/// The digits before the decimal point in groups of three; what is no plain number stays as it is.
fn grouped_text(number: &str) -> String {
    let (whole, fraction) = number.split_at(number.find('.').unwrap_or(number.len()));
    match whole.parse::<i64>() {
        Ok(whole) => format!("{}{}", grouped(whole), clean(fraction)),
        Err(_) => clean(number).into_owned(),
    }
}

/// Numbers stand on the right.
pub fn alignment(kind: Kind) -> CellAlignment {
    match kind {
        Kind::Number | Kind::Stock | Kind::Signed | Kind::Id => CellAlignment::Right,
        _ => CellAlignment::Left,
    }
}

/// The colour of a field; most have none.
pub fn color(kind: Kind, json: Option<&str>) -> Option<Ansi256Color> {
    match (kind, json?) {
        (Kind::Stock, json) => match json.parse::<i64>() {
            Ok(..=0) => Some(color::BAD),
            Ok(1..=LOW) => Some(color::WARY),
            _ => None,
        },
        (Kind::Outcome, "\"applied\"") => Some(color::GOOD),
        (Kind::Outcome, "\"failed\"" | "\"unknown\"") => Some(color::BAD),
        (Kind::Outcome, "\"conflict\"" | "\"skipped\"") => Some(color::WARY),
        _ => None,
    }
}

/// The same for a table.
pub fn table_color(kind: Kind, json: Option<&str>) -> Option<Color> {
    color(kind, json).map(|Ansi256Color(index)| Color::AnsiValue(index))
}
