//! Words as they stand in a shell's line, half typed and quoted, and candidates as they may be put behind them.
//!
//! A candidate is text that somebody else wrote: a SKU code may hold `$(…)`. What a shell inserts as it is has to be
//! quoted here.

/// Which quotes a word stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Quote {
    #[default]
    None,
    Single,
    Double,
}

/// A word of a shell's line: as it stands there, and what it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// What it says.
    pub text: String,
    /// How many bytes of what it says stand before what the shell replaces: it takes some characters for the end of a
    /// word, and an opening quote too.
    kept: usize,
    /// The quotes that are not closed yet.
    open: Quote,
}

/// The words of a line up to the cursor; the last one, which may be empty, is being typed. `breaks` are the characters
/// that end a word for the shell's completion.
pub fn words(line: &str, breaks: &str) -> Vec<Word> {
    let mut words = vec![Word::default()];
    let mut begun = false;
    let mut quote = Quote::None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        let last = words.len() - 1;
        let word = &mut words[last];
        match (quote, c) {
            (Quote::None, c) if c.is_ascii_whitespace() => {
                if begun {
                    words.push(Word::default());
                    begun = false;
                }
                continue;
            }
            (Quote::None, '\'' | '"') => {
                quote = if c == '"' {
                    Quote::Double
                } else {
                    Quote::Single
                };
                word.kept = word.text.len();
            }
            (Quote::Single, '\'') | (Quote::Double, '"') => {
                quote = Quote::None;
                word.kept = word.text.len();
            }
            (Quote::None, '\\') => word.text.extend(chars.next()),
            (Quote::Double, '\\') => match chars.next() {
                Some(c) if "$`\"\\\n".contains(c) => word.text.push(c),
                next => {
                    word.text.push('\\');
                    word.text.extend(next);
                }
            },
            (Quote::None, c) if breaks.contains(c) => {
                word.text.push(c);
                word.kept = word.text.len();
            }
            (_, c) => word.text.push(c),
        }
        begun = true;
    }
    let last = words.len() - 1;
    words[last].open = quote;
    words
}

/// What one word says.
pub fn unquoted(word: &str) -> String {
    // Blanks in it are quoted, or the shell would have taken it for two.
    words(word, "")
        .pop()
        .map(|word| word.text)
        .unwrap_or_default()
}

impl Word {
    /// A word that the shell replaces as a whole, and quotes itself.
    pub fn plain(text: String) -> Word {
        Word {
            text,
            ..Word::default()
        }
    }

    /// What the shell is to put in the place of this word, to make it say `value`; `None` where it can't: what stands
    /// before the part that it replaces says something else.
    pub fn completed(&self, value: &str) -> Option<String> {
        let rest = value.strip_prefix(&self.text[..self.kept])?;
        Some(match self.open {
            Quote::None => escaped(rest),
            Quote::Single => rest.replace('\'', r"'\''"),
            Quote::Double => {
                let mut quoted = String::new();
                for c in rest.chars() {
                    if "$`\"\\".contains(c) {
                        quoted.push('\\');
                    }
                    quoted.push(c);
                }
                quoted
            }
        })
    }

    /// Whether it stands in quotes that are not closed yet.
    pub fn is_open(&self) -> bool {
        self.open != Quote::None
    }
}

/// A text without quotes, with a backslash before everything that a shell might heed: so what is typed already stays as
/// it is when more is put behind it.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        let plain = c.is_alphanumeric() || "-_./,+@%:=^".contains(c) || !c.is_ascii();
        if !plain {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BREAKS: &str = "\"'><=;|&(:";

    fn last(line: &str) -> Word {
        words(line, BREAKS).pop().unwrap()
    }

    #[test]
    fn words_are_read_as_a_shell_reads_them() {
        let texts = |line: &str| -> Vec<String> {
            words(line, BREAKS)
                .into_iter()
                .map(|word| word.text)
                .collect()
        };
        assert_eq!(texts("sxinv show "), ["sxinv", "show", ""]);
        assert_eq!(texts("sxinv  show PRB"), ["sxinv", "show", "PRB"]);
        assert_eq!(texts("sxinv show 'R&B "), ["sxinv", "show", "R&B "]);
        assert_eq!(texts(r"sxinv show R\&B\ C"), ["sxinv", "show", "R&B C"]);
        assert_eq!(
            texts(r#"sxinv show "a\"b\$c\d"#),
            ["sxinv", "show", r#"a"b$c\d"#]
        );
        assert_eq!(texts("sxinv set CLN:A=5"), ["sxinv", "set", "CLN:A=5"]);
        assert_eq!(texts("sxinv ''"), ["sxinv", ""]);
        assert_eq!(unquoted("'R&B CD'"), "R&B CD");
        assert_eq!(unquoted(r"R\&B"), "R&B");
    }

    #[test]
    fn a_candidate_takes_the_place_of_what_the_shell_replaces() {
        for (line, value, inserted) in [
            ("x show PRB", "PRB-SM-RED", Some("PRB-SM-RED")),
            ("x show ", "X$(touch PWNED)", Some(r"X\$\(touch\ PWNED\)")),
            ("x show X", "X`touch P`", Some(r"X\`touch\ P\`")),
            ("x show R", "R&B-CD", Some(r"R\&B-CD")),
            (r"x show R\&", "R&B-CD", Some(r"R\&B-CD")),
            ("x show CLN:", "CLN:A B", Some(r"A\ B")),
            ("x show CLN:A", "CLN:A B", Some(r"A\ B")),
            ("x show code:PRB", "code:PRB-1", Some("PRB-1")),
            ("x --output=j", "--output=json", Some("json")),
            ("x show \"R", "R&B \"CD\"", Some(r#"R&B \"CD\""#)),
            ("x show 'R", "R'B $C", Some(r"R'\''B $C")),
            ("x show cln:", "CLN:A", None),
            ("x show ", "~root", Some(r"\~root")),
            ("x show ", "a*b?[c]{d}!#", Some(r"a\*b\?\[c\]\{d\}\!\#")),
            ("x show ", "Rosé", Some("Rosé")),
        ] {
            let completed = last(line).completed(value);
            assert_eq!(completed.as_deref(), inserted, "{line} -> {value}");
        }
    }

    proptest! {
        #[test]
        fn what_is_inserted_says_what_was_meant(
            value in "[ -~é]{1,20}",
            quote in prop::sample::select(vec!["", "'", "\""]),
        ) {
            let line = format!("x {quote}");
            let completed = last(&line).completed(&value).unwrap();
            let whole = format!("{line}{completed}{quote}");
            prop_assert_eq!(shlex::split(&whole), Some(vec!["x".to_owned(), value.clone()]));
            // And is read so by the next completion.
            prop_assert_eq!(last(&whole).text, value);
        }
    }
}
