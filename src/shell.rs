//! Words as a shell takes them: for commands that are shown to be pasted.

use std::borrow::Cow;

/// A word as a shell reads it back, quoted where it has to be.
pub fn quoted(word: &str) -> Cow<'_, str> {
    // Plain in every shell, though not all of it is to the crate.
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_=./:,+@%".contains(&b);
    if !word.is_empty() && !word.starts_with('=') && word.bytes().all(plain) {
        return Cow::Borrowed(word);
    }
    // No argument can hold the one character that can't be quoted.
    shlex::try_quote(word)
        .unwrap_or_else(|_| Cow::Owned(quoted(&word.replace('\0', "")).into_owned()))
}

/// The name of a file as a word that no program takes for an option.
pub fn file(name: &str) -> Cow<'_, str> {
    match name.starts_with('-') && name != "-" {
        true => Cow::Owned(quoted(&format!("./{name}")).into_owned()),
        false => quoted(name),
    }
}

/// An option with a value that users wrote, such as a header of their file: in quotes whatever it is, and held to the option
/// where it would be taken for one itself.
pub fn option(name: &str, value: &str) -> String {
    let between = if value.starts_with('-') { '=' } else { ' ' };
    match quoted(value) {
        Cow::Borrowed(plain) => format!("--{name}{between}'{plain}'"),
        Cow::Owned(quoted) => format!("--{name}{between}{quoted}"),
    }
}

/// Words as a command line that reads back as the same words.
pub fn joined<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<_> = words.into_iter().map(quoted).collect();
    words.join(" ")
}

/// A command of ours with these words behind it.
pub fn sxinv<'a>(command: &'a str, words: impl IntoIterator<Item = &'a str>) -> String {
    joined(["sxinv", command].into_iter().chain(words))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_a_shell_would_take_for_something_else_is_quoted() {
        let line = joined([
            "sxinv",
            "adjust",
            "R&B CD",
            "-3",
            "X$(touch P)",
            "it's",
            "id:4,5",
            "",
        ]);
        assert_eq!(
            line,
            r#"sxinv adjust 'R&B CD' -3 'X$(touch P)' "it's" id:4,5 ''"#
        );
    }

    #[test]
    fn a_file_is_no_option() {
        for (name, word) in [("-x y.csv", "'./-x y.csv'"), ("a.csv", "a.csv"), ("-", "-")] {
            assert_eq!(file(name), word);
        }
    }

    #[test]
    fn options_of_users_stand_in_quotes() {
        assert_eq!(option("ignore", "ID"), "--ignore 'ID'");
        assert_eq!(option("map", "Tom's=sku_code"), "--map \"Tom's=sku_code\"");
        assert_eq!(option("ignore", "-Qty"), "--ignore='-Qty'");
        assert_eq!(
            option("map", "-new qty=quantity"),
            "--map='-new qty=quantity'"
        );
    }

    proptest! {
        #[test]
        fn what_is_quoted_reads_back(words: Vec<String>) {
            let words: Vec<String> = words.iter().map(|word| word.replace('\0', "")).collect();
            let line = joined(words.iter().map(String::as_str));
            prop_assert_eq!(shlex::split(&line), Some(words));
        }
    }
}
