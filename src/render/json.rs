//! JSON as it was sent: the same tokens, laid out anew, with everything that a terminal would act on escaped.

use std::io::{self, Write};

use crate::clean::escaped;

/// Writes one JSON text compactly, or indented by two spaces. Numbers keep their digits, objects their order; within
/// strings, characters that could act on a terminal become `\u` escapes, which is the same value.
pub fn write(out: &mut impl Write, json: &str, pretty: bool) -> io::Result<()> {
    let mut laid_out = String::with_capacity(json.len() + if pretty { json.len() / 2 } else { 0 });
    lay_out(&mut laid_out, json, pretty, 0);
    out.write_all(laid_out.as_bytes())
}

/// Appends `json` as it stands at `depth`.
pub fn lay_out(to: &mut String, json: &str, pretty: bool, mut depth: usize) {
    let newline = |to: &mut String, depth: usize| {
        if pretty {
            to.push('\n');
            to.extend(std::iter::repeat_n("  ", depth));
        }
    };
    let mut rest = json.trim();
    let mut opened = false;
    while let Some(c) = rest.chars().next() {
        // The first thing in an object or a list; one that is empty stays on its line.
        if opened && !c.is_ascii_whitespace() && !matches!(c, '}' | ']') {
            newline(to, depth);
            opened = false;
        }
        if c == '"' {
            let end = string_end(rest);
            push_escaped(to, &rest[..end]);
            rest = &rest[end..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match c {
            ' ' | '\t' | '\r' | '\n' => {}
            '{' | '[' => {
                to.push(c);
                depth += 1;
                opened = true;
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if !opened {
                    newline(to, depth);
                }
                opened = false;
                to.push(c);
            }
            ',' => {
                to.push(c);
                newline(to, depth);
            }
            ':' => {
                to.push(c);
                if pretty {
                    to.push(' ');
                }
            }
            other => to.push(other),
        }
    }
}

/// Where the string that `text` starts with ends, quotes included.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn push_escaped(to: &mut String, string: &str) {
    match string.is_ascii() && !string.contains('\u{7f}') {
        true => to.push_str(string),
        false => to.push_str(&escaped(string)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::clean::is_active;

    fn laid_out(json: &str, pretty: bool) -> String {
        let mut out = Vec::new();
        write(&mut out, json, pretty).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn digits_order_and_unknown_fields_stay() {
        let sent = "{ \"price\": 1.50, \"big\":12345678901234567890123, \"e\":1e400,\n\"z\":null,\"a\":[ ], \"o\":{}}";
        assert_eq!(
            laid_out(sent, false),
            r#"{"price":1.50,"big":12345678901234567890123,"e":1e400,"z":null,"a":[],"o":{}}"#
        );
        assert_eq!(
            laid_out(r#"{"a":[1,{"b":2}],"c":{},"d":"x: {y}"}"#, true),
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": 2\n    }\n  ],\n  \"c\": {},\n  \"d\": \"x: {y}\"\n}"
        );
    }

    #[test]
    fn a_terminal_gets_nothing_to_act_on_and_the_value_stays() {
        let sent = "{\"name\":\"a\u{202E}b\u{9b}c\u{7f}\u{2028}é\\\"\"}";
        let shown = laid_out(sent, false);
        assert_eq!(shown, "{\"name\":\"a\\u202eb\\u009bc\\u007f\\u2028é\\\"\"}");
        let (a, b): (Value, Value) = (
            serde_json::from_str(sent).unwrap(),
            serde_json::from_str(&shown).unwrap(),
        );
        assert_eq!(a, b);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_value_is_the_same(value in any_json(), pretty: bool) {
            for sent in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                let shown = laid_out(&sent, pretty);
                prop_assert!(!shown.contains(|c| c != '\n' && is_active(c)));
                prop_assert_eq!(&serde_json::from_str::<Value>(&shown).unwrap(), &value);
            }
        }
    }
}
