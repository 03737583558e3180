//! `sxinv scan`: count, receive or pick with a barcode scanner; what was scanned becomes a file for `import-csv`.

mod out;
mod screen;
mod stock;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, BufRead, IsTerminal};
use std::path::{Path, PathBuf};
use std::thread;

use clap::Args;

use crate::api::Client;
use crate::catalogue::{self, Catalogue, Known, SkuName};
use crate::cli::Exit;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::format::Format;
use crate::scan::journal::Journal;
use crate::scan::tally::{self, Tally, Word};
use crate::scan::{Mode, aliases};

use screen::Screen;
use stock::Stock;

/// What is scanned for, and where it goes.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv scan                                     count into a new file
  sxinv scan delivery.csv --mode receive         what came in
  sxinv scan picks.csv --mode pick --aliases labels.csv
                                                 labels with other numbers
  sxinv scan --resume delivery.csv               go on after a power cut

A line is a code, typed or scanned. A number of up to four digits behind it says how many that scan counts for, - takes
the last one back, and end (or Ctrl-D) ends. Each line is on disk at once. Nothing is written to the store: the command
that applies the file is printed.")]
pub struct ScanArgs {
    /// The file to write, new; without it one is named after the mode and the time
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// What is scanned for
    #[arg(long, value_enum, default_value = "count")]
    mode: Mode,

    /// Go on with the scan into this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "mode"])]
    resume: Option<PathBuf>,

    /// A CSV file of barcode,sku_code for labels that carry another number
    #[arg(long, value_name = "FILE")]
    aliases: Option<PathBuf>,
}

/// Scans to the end, then writes the file and says how to apply it.
pub fn run(args: &ScanArgs, context: &Context) -> Result<Exit> {
    let aliases = match &args.aliases {
        Some(path) => aliases::read(&text(path)?)?,
        None => HashMap::new(),
    };
    let file = match (&args.resume, &args.file) {
        (Some(file), _) | (None, Some(file)) => file.clone(),
        (None, None) => PathBuf::from(out::name(args.mode)),
    };
    if file.exists() {
        return Err(
            Error::usage(format!("{} is there already", file.display())).hinted("name a new file")
        );
    }
    let client = context.client()?;
    let store = context.connection()?.store().to_owned();
    let (journal, kept) = match args.resume {
        Some(_) => {
            let (journal, kept) = Journal::resume(&file)?;
            if kept.store != store {
                return Err(Error::refused("the scan was begun on another store")
                    .hinted("name the profile that it was begun with: -p NAME"));
            }
            (journal, Some(kept))
        }
        None => (Journal::create(&file, args.mode, &store)?, None),
    };
    let ui = context.ui();
    let mut catalogue = context.catalogue(false)?;
    let progress = |p: catalogue::Progress| ui.progress(p.what, p.done, p.total);
    catalogue.bring_up_to_date(client, &progress)?;
    ui.finish();
    let mode = kept.as_ref().map_or(args.mode, |kept| kept.mode);
    let done = thread::scope(|scope| -> Result<Done> {
        let mut scanning = Scanning {
            client,
            catalogue,
            aliases,
            unknown: HashSet::new(),
            tally: Tally::default(),
            journal,
            stock: Stock::begin(scope, client, mode == Mode::Count),
            screen: Screen::new(context, mode, io::stdin().is_terminal()),
        };
        if let Some(kept) = kept {
            scanning.go_on(kept.lines, kept.stock)?;
        }
        scanning.all(&mut io::stdin().lock())?;
        scanning.end()
    })?;
    done.write(&file, mode, context)
}

/// What was scanned when it ended.
struct Done {
    tally: Tally,
    stock: HashMap<crate::model::SkuId, i64>,
    journal: Journal,
}

/// A scan that is under way.
struct Scanning<'a, 'scope> {
    client: &'a Client,
    catalogue: Catalogue,
    aliases: HashMap<String, String>,
    /// Codes that the store did not have when it was asked.
    unknown: HashSet<String>,
    tally: Tally,
    journal: Journal,
    stock: Stock<'scope>,
    screen: Screen<'a>,
}

impl Scanning<'_, '_> {
    /// Lines of the scan that was cut off.
    fn go_on(
        &mut self,
        lines: Vec<String>,
        stock: HashMap<crate::model::SkuId, i64>,
    ) -> Result<()> {
        self.stock.known = stock;
        self.screen.silent = true;
        for line in &lines {
            self.line(line)?;
        }
        self.screen.silent = false;
        self.screen.goes_on(&self.tally)
    }

    fn all(&mut self, input: &mut impl BufRead) -> Result<()> {
        self.screen.begin()?;
        while let Some(line) = next_line(input)? {
            match tally::word(&line) {
                Some(Word::Nothing) => continue,
                Some(Word::End) => break,
                _ => {}
            }
            // On disk before anything comes of it.
            self.journal.scanned(line.trim())?;
            self.line(line.trim())?;
            self.stock.arrived(&mut self.journal)?;
        }
        Ok(())
    }

    fn line(&mut self, line: &str) -> Result<()> {
        if tally::word(line) == Some(Word::Back) {
            match self.tally.take_back() {
                Some(total) => self.screen.shows(total, "taken back")?,
                None => self.screen.refuses("there is no scan to take back", None)?,
            }
        } else if let Some(units) = tally::how_many(line)
            && !self.is_code(line)?
        {
            match self.tally.counts_for(units) {
                Some(total) => self.screen.shows(total, &format!("that scan is {units}"))?,
                None => self.screen.refuses(
                    &format!(
                        "{line} is no code, and no scan is there that it could be the number of"
                    ),
                    None,
                )?,
            }
        } else {
            match self.variant(line)? {
                Ok(variant) => {
                    self.stock.ask(&variant);
                    self.screen.shows(self.tally.add(variant), "")?;
                }
                Err(error) => self.screen.refuses(error.message(), error.hint())?,
            }
        }
        self.screen.waits()
    }

    /// Whether the store or the aliases know this as a code, though it could be a number.
    fn is_code(&self, line: &str) -> Result<bool> {
        Ok(self.aliases.contains_key(line) || !self.catalogue.known(line)?.is_empty())
    }

    /// The variant that a line means; the inner error says why there is none.
    fn variant(&mut self, line: &str) -> Result<Result<Known>> {
        let code = self.aliases.get(line).map_or(line, String::as_str);
        let mut known = self.catalogue.known(code)?;
        match known.len() {
            1 => return Ok(Ok(known.remove(0))),
            0 => {}
            _ => {
                let message = format!("{code} is the code of {} variants", known.len());
                return Ok(Err(Error::usage(message).hinted("none of them was counted")));
            }
        }
        if self.unknown.contains(code) {
            return Ok(Err(catalogue::no_variant(
                code,
                &self.catalogue.near(code),
                "the store",
            )));
        }
        let name = [SkuName::Code(code.to_owned())];
        match self.catalogue.find(self.client, &name, &|_| {}) {
            Ok(found) => {
                let found = found.first();
                let known = found.and_then(|f| Known::new(&f.product.value, f.sku_id));
                Ok(known.ok_or_else(|| Error::internal("a variant vanished from its product")))
            }
            Err(error) => {
                if error.kind() == Kind::NotFound {
                    self.unknown.insert(code.to_owned());
                }
                match error.kind() {
                    Kind::Auth | Kind::Internal | Kind::Interrupted(_) => Err(error),
                    _ => Ok(Err(error)),
                }
            }
        }
    }

    fn end(mut self) -> Result<Done> {
        self.screen.end()?;
        let stock = self.stock.end(&mut self.journal)?;
        Ok(Done {
            tally: self.tally,
            stock,
            journal: self.journal,
        })
    }
}

/// The next line, whichever way it ends; `None` at the end of the input.
fn next_line(input: &mut impl BufRead) -> Result<Option<String>> {
    let unread = |e: io::Error| Error::internal("can't read standard input").caused_by(e);
    let mut line = Vec::new();
    loop {
        let bytes = match input.fill_buf() {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            bytes => bytes.map_err(unread)?,
        };
        if bytes.is_empty() {
            let text = String::from_utf8_lossy(&line).into_owned();
            return Ok(Some(text).filter(|text| !text.is_empty()));
        }
        let end = bytes.iter().position(|b| matches!(b, b'\r' | b'\n'));
        line.extend_from_slice(&bytes[..end.unwrap_or(bytes.len())]);
        let used = end.map_or(bytes.len(), |end| end + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
        }
    }
}

fn text(path: &Path) -> Result<String> {
    fs::read_to_string(path)
        .map_err(|e| Error::usage(format!("can't read {}", path.display())).caused_by(e))
}

/// Whether people read what is printed.
fn is_for_people(context: &Context) -> bool {
    context.format() == Format::Table
}
