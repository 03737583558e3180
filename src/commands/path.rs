//! Where a file of ours is: what `profile path` and `sandbox path` print.

use std::borrow::Cow;
use std::path::Path;

use crate::context::Context;
use crate::error::Result;
use crate::format::Format;
use crate::render::row;

row! {
    /// Where a file is.
    pub struct PathRow<'a> {
        path: Cow<'a, str> = "PATH" Text,
    }
}

/// Prints a path: alone on its line, so that `"$(sxinv profile path)"` is it, or as a document.
pub fn print(path: &Path, context: &Context) -> Result<()> {
    context.check_fields(PathRow::COLUMNS)?;
    let row = PathRow {
        path: path.to_string_lossy(),
    };
    match context.format() {
        Format::Table => context.write(format!("{}\n", row.path).as_bytes()),
        Format::Json | Format::Jsonl => context.document(&row, context.fields()),
        Format::Csv => context.rows(PathRow::COLUMNS, [row]).map(drop),
    }
}
