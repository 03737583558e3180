//! What separates the cells: a `sep=` line, `--delimiter`, or what makes most sense of the header line.

use super::columns::{builtin, plain};
use super::table::{Table, line_length};
use super::{Options, Quote};

/// Where the table begins in the text, and what separates its cells.
pub(super) struct Layout {
    /// Length of the `sep=` line before the table, in bytes with its line end; 0 where there is none.
    pub(super) skip: usize,
    /// What separates cells.
    pub(super) delimiter: u8,
    /// Whether quotes hold cells together.
    pub(super) quoting: bool,
}

impl Layout {
    pub(super) fn find(text: &str, options: &Options) -> Layout {
        let (said, skip) = sep_line(text);
        let quoting = options.quote != Some(Quote::None);
        let with = |delimiter| Layout {
            skip,
            delimiter,
            quoting,
        };
        let delimiter = options.delimiter.or(said).unwrap_or_else(|| {
            // Of the separators that make several headers of the line, the one whose headers are best known; in a draw
            // the one with most headers, then the first of these.
            [b',', b';', b'\t', b'|']
                .into_iter()
                .map(|delimiter| (delimiter, score(text, with(delimiter), options)))
                .rev()
                .max_by_key(|(_, score)| *score)
                .map_or(b',', |(delimiter, _)| delimiter)
        });
        with(delimiter)
    }
}

/// Excel's own first line, such as `sep=;`, and its length in bytes.
fn sep_line(text: &str) -> (Option<u8>, usize) {
    let length = line_length(text);
    let line = text[..length].trim_end_matches(['\r', '\n']);
    let line = match line
        .strip_prefix('"')
        .and_then(|line| line.strip_suffix('"'))
    {
        Some(inner) => inner,
        None => line,
    };
    match line.as_bytes() {
        [s, e, p, b'=', c]
            if [*s, *e, *p].eq_ignore_ascii_case(b"sep")
                && c.is_ascii()
                && !c.is_ascii_alphanumeric()
                && *c != b'"' =>
        {
            (Some(*c), length)
        }
        _ => (None, 0),
    }
}

fn score(text: &str, layout: Layout, options: &Options) -> (usize, usize) {
    let Ok((_, headers)) = Table::new(text, &layout).headers() else {
        return (0, 0);
    };
    if headers.len() < 2 {
        return (0, 0);
    }
    let named = |header: &str| {
        let ours = options.map.iter().map(|(theirs, _)| theirs);
        let theirs = options.only.iter().map(|(theirs, _)| theirs);
        ours.chain(theirs).any(|theirs| plain(theirs) == header)
    };
    let known = headers
        .iter()
        .map(plain)
        .filter(|header| builtin(header).is_some() || named(header))
        .count();
    (known, headers.len())
}
