//! A text of several words that nobody quoted.

use clap::error::{ContextKind, ErrorKind};

use super::{of_error, typed_command};
use crate::error::Error;
use crate::shell;

/// `list bouquet rose`: one text is searched for, and a shell makes two of it.
pub(super) fn several_words(error: &clap::Error, words: &[String]) -> Option<Error> {
    let extra = of_error(error, ContextKind::InvalidArg)?;
    let is_text = error.kind() == ErrorKind::UnknownArgument && !extra.starts_with('-');
    let at = words.iter().position(|word| word == extra)?;
    if !is_text || typed_command(words) != "sxinv list" || at < 2 {
        return None;
    }
    let rest = words[at..].iter().take_while(|word| !word.starts_with('-'));
    let end = at + rest.count();
    let text = words[at - 1..end].join(" ");
    let (before, behind) = (&words[1..at - 1], &words[end..]);
    let program = ["sxinv".to_owned()];
    let meant = [&program[..], before, std::slice::from_ref(&text), behind].concat();
    // The word before may have been the value of an option.
    super::super::command().try_get_matches_from(&meant).ok()?;
    let meant = shell::joined(meant.iter().map(String::as_str));
    Some(Error::usage(format!("`{text}` is one text where it is quoted")).hinted(meant))
}
