//! `sxinv export-csv`: every variant of the store as CSV or a workbook that `import-csv` takes back.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::Args;

use super::reading::{Count, OddProduct};
use crate::api::{ListQuery, Status};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::export::{COLUMNS, Dialect, Sheet, Stock, is_workbook};
use crate::file::NewFile;
use crate::model::ProductId;
use crate::outputs::{self, Made};
use crate::state::State;
use crate::words::counted;

/// Where to, and what.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv export-csv stock.csv                     edit it, then import-csv it
  sxinv export-csv stock.csv --excel             keep codes safe from Excel
  sxinv export-csv stock.xlsx                    a workbook: quantity alone can be edited
  sxinv export-csv count.csv --status in_stock   for import --mode stocktake
  sxinv export-csv --search rose | less          to standard output
  sxinv export-csv labels.csv --fields sku_code,product_name,price

The output is CSV or a workbook whatever --output says, a row a variant, by product id. expected_quantity and quantity are equal: edit
quantity alone, and import-csv writes no row whose stock changed in the meantime.")]
pub struct ExportArgs {
    /// The CSV file, or a workbook where its name ends in .xlsx; - or none for CSV to standard output
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// Replace the file although it was edited, or is not ours
    #[arg(long)]
    force: bool,

    /// For Excel: byte order mark, CRLF, no cell that it would run
    #[arg(long)]
    excel: bool,

    /// in_stock or out_of_stock alone
    #[arg(long, value_enum)]
    status: Option<Status>,

    /// Only products whose name contains this
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,

    /// Requests under way at once, 1 to 64
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u8).range(1..=64))]
    concurrency: u8,
}

/// Writes the file, which stands under its name only when it is whole.
pub fn run(args: &ExportArgs, context: &Context) -> Result<Exit> {
    context.check_fields(COLUMNS)?;
    let path = args.file.as_deref().filter(|path| path.as_os_str() != "-");
    let Some(path) = path else {
        let dialect = match context.terminal().width {
            Some(_) => Dialect::Terminal,
            None => args.dialect(),
        };
        let (_, counted, count) = write(args, BufWriter::new(context.stdout()), dialect, context)?;
        context.ui().note(counted);
        return count.unreadable.none().map(|()| Exit::Done);
    };
    let is_workbook = is_workbook(path)?;
    if args.excel && is_workbook {
        return Err(
            Error::usage("--excel is for CSV; a workbook keeps codes safe by itself")
                .hinted("leave --excel out"),
        );
    }
    if !args.force {
        let state = State::open_existing(&context.state_folder()?);
        let state = state.ok().flatten();
        outputs::may_replace(state.as_ref(), path, Made::Export, Some("--force"))?;
    }
    let file = NewFile::create(path)?;
    let written = match is_workbook {
        true => workbook(args, file, context),
        false => write(args, file, args.dialect(), context),
    };
    let (file, counted, count) = written.map_err(|e| e.of_output(path))?;
    file.finish()?;
    if let Ok(mut state) = context.state() {
        outputs::remember(&mut state, path, Made::Export);
    }
    context
        .ui()
        .note(format!("{counted} in {}", path.display()));
    count.unreadable.none().map(|()| Exit::Done)
}

/// Writes a workbook and says how much that was.
fn workbook(
    args: &ExportArgs,
    mut file: NewFile,
    context: &Context,
) -> Result<(NewFile, String, Count)> {
    let (mut count, ids) = listed(args, context)?;
    let mut stock = Stock::new(fields(context))?;
    count.read(&ids, context, |product| stock.push(&product.value))?;
    context.ui().finish();
    let counted = in_words(stock.finish(&mut file)?, count.read);
    Ok((file, counted, count))
}

fn fields(context: &Context) -> Option<Vec<String>> {
    let fields = context.fields()?;
    Some(fields.names().map(str::to_owned).collect())
}

impl ExportArgs {
    fn dialect(&self) -> Dialect {
        match self.excel {
            true => Dialect::Excel,
            false => Dialect::Plain,
        }
    }
}

/// Writes all of it and says how much that was.
fn write<W: Write>(
    args: &ExportArgs,
    out: W,
    dialect: Dialect,
    context: &Context,
) -> Result<(W, String, Count)> {
    let (mut count, ids) = listed(args, context)?;
    let mut sheet = Sheet::new(out, fields(context), dialect)?;
    count.read(&ids, context, |product| sheet.push(&product.value))?;
    context.ui().finish();
    let (out, variants) = sheet.finish()?;
    Ok((out, in_words(variants, count.read), count))
}

/// The products that are meant: listed before anything is written, so that a list that fails leaves no header behind.
fn listed(args: &ExportArgs, context: &Context) -> Result<(Count, Vec<ProductId>)> {
    let query = ListQuery {
        status: args.status,
        search: args.search.clone(),
        ..ListQuery::default()
    };
    let mut count = Count::new(usize::from(args.concurrency), OddProduct::Partly);
    let ids = count.every_id(query, context)?;
    Ok((count, ids))
}

fn in_words(variants: u64, products: u64) -> String {
    let products = counted(products, "product");
    format!("{} of {products}", counted(variants, "variant"))
}
