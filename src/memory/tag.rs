//! The tag at the end of an adjustment's reason, ` sx:RUN/ROW`, by which its event proves it (docs/memory.md).

/// The longest reason that the API takes, in characters.
pub const LONGEST: usize = 255;

/// What a tag begins with.
const PREFIX: &str = "sx:";

/// The tag of a row. `time` counts how often the user decided to send the row, from 1: a resend has a tag of its own.
pub fn tag(run: &str, row: usize, time: u32) -> String {
    match time {
        0 | 1 => format!("{PREFIX}{run}/{row}"),
        time => format!("{PREFIX}{run}/{row}.{time}"),
    }
}

/// What the tags of a run begin with, up to and with this character: those of its rows have a `/` there.
pub(super) fn of_run(run: &str, end: char) -> String {
    format!("{PREFIX}{run}{end}")
}

/// The row of this run that a tag names, and the how manieth time that is; none where [`tag`] would have written it otherwise.
pub(super) fn row_of(tag: &str, run: &str) -> Option<(u32, u32)> {
    let row = tag.strip_prefix(PREFIX)?.strip_prefix(run)?;
    let row = row.strip_prefix('/')?;
    let (row, time) = row.split_once('.').unwrap_or((row, "1"));
    let (row, time) = (row.parse::<u32>().ok()?, time.parse::<u32>().ok()?);
    (self::tag(run, row as usize, time) == tag).then_some((row, time))
}

/// The run and the row that a tag names.
pub fn named(tag: &str) -> Option<(String, u32)> {
    let (run, _) = tag.strip_prefix(PREFIX)?.split_once('/')?;
    Some((run.to_owned(), row_of(tag, run)?.0))
}

/// A reason that somebody gave, without text of a tag's form at its end, which is ours alone; none where nothing is left.
/// And whether there was such text.
pub fn cleaned(reason: &str) -> (Option<&str>, bool) {
    let (mut rest, mut found) = (reason, false);
    while let (before, Some(_)) = split(rest) {
        (rest, found) = (before, true);
    }
    (Some(rest).filter(|rest| !(found && rest.is_empty())), found)
}

/// A reason that ends in the tag; `None` where it leaves no room for it.
pub fn tagged(reason: Option<&str>, tag: &str) -> Option<String> {
    let text = match reason
        .map(str::trim_end)
        .filter(|reason| !reason.is_empty())
    {
        Some(reason) => format!("{reason} {tag}"),
        None => tag.to_owned(),
    };
    (text.chars().count() <= LONGEST).then_some(text)
}

/// A reason apart from the tag at its end, if it has one.
pub fn split(reason: &str) -> (&str, Option<&str>) {
    let trimmed = reason.trim_end();
    let (before, last) = match trimmed.rsplit_once(char::is_whitespace) {
        Some((before, last)) => (before.trim_end(), last),
        None => ("", trimmed),
    };
    match is_tag(last) {
        true => (before, Some(last)),
        false => (reason, None),
    }
}

/// Whether a word has the form of a tag: `sx:20261124-0215-k7m2/17`, and `.2` behind it for a resend.
fn is_tag(word: &str) -> bool {
    let Some((run, row)) = word
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (row, time) = row.split_once('.').unwrap_or((row, "2"));
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    !run.is_empty() && run.bytes().all(plain) && digits(row) && digits(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_stands_at_the_end_of_a_reason_and_comes_off_again() {
        let first = tag("20261124-0215-k7m2", 17, 1);
        let second = tag("20261124-0215-k7m2", 17, 2);
        assert_eq!(first, "sx:20261124-0215-k7m2/17");
        assert_eq!(second, "sx:20261124-0215-k7m2/17.2");
        for tag in [first, second] {
            for reason in [None, Some(""), Some("Damaged"), Some("zwei  Stück")] {
                let text = tagged(reason, &tag).unwrap();
                assert_eq!(split(&text), (reason.unwrap_or(""), Some(tag.as_str())));
            }
        }
        for reason in [
            "",
            "Damaged",
            "sx:",
            "sx:a/",
            "sx:a/b",
            "sx:/1",
            "xsx:a/1",
            "sx:a/1.",
            "see sx:a/1 there",
        ] {
            assert_eq!(split(reason), (reason, None), "{reason}");
        }
    }

    #[test]
    fn a_tag_names_the_row_of_its_run_and_no_other() {
        for (tag, row) in [
            ("sx:r-1/17", Some(17)),
            ("sx:r-1/17.2", Some(17)),
            ("sx:r-1/0", Some(0)),
            ("sx:r-1/00", None),
            ("sx:r-1/017", None),
            ("sx:r-1/+17", None),
            ("sx:r-1/17.0", None),
            ("sx:r-1/17.1", None),
            ("sx:r-1/17.02", None),
            ("sx:r-1/", None),
            ("sx:r-11/7", None),
            ("sx:r/17", None),
            ("r-1/17", None),
        ] {
            let named = row_of(tag, "r-1").map(|(row, _)| row);
            assert_eq!(named, row, "{tag}");
        }
    }

    #[test]
    fn what_looks_like_a_tag_is_taken_off_a_given_reason() {
        for (given, left, found) in [
            ("Damaged", Some("Damaged"), false),
            ("", Some(""), false),
            ("Damaged ", Some("Damaged "), false),
            ("Damaged sx:a/1 sx:b/2.3 ", Some("Damaged"), true),
            ("sx:a/1", None, true),
        ] {
            assert_eq!(cleaned(given), (left, found), "{given}");
        }
    }

    #[test]
    fn a_reason_that_leaves_no_room_goes_without() {
        let tag = tag("r", 1, 1);
        let room = LONGEST - tag.len() - 1;
        assert_eq!(
            tagged(Some(&"é".repeat(room)), &tag)
                .unwrap()
                .chars()
                .count(),
            LONGEST
        );
        assert_eq!(tagged(Some(&"é".repeat(room + 1)), &tag), None);
    }
}
