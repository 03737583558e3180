//! What may stand where an argument's value does: profiles, runs, SKU codes, products, fields.
//!
//! All of it is read from this machine: no request is made, no credentials are asked for, and where something is
//! missing or wrong there is nothing to complete and nothing to say.

use std::ffi::{OsStr, OsString};
use std::sync::OnceLock;

use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter,
};

use jiff::tz::TimeZone;

use super::line::Line;
use crate::catalogue::{Glance, Glimpse};
use crate::change::runs as ledger;
use crate::clean::clean;
use crate::commands::{
    adjust, bulk, check, diff, history, listen, profile, reorder, report, rows, scan, set, show,
    snapshot,
};
use crate::export;
use crate::model::ProductId;
use crate::profile::{ProfileFile, SANDBOX};
use crate::render::Column;
use crate::state::State;
use crate::time::MINUTE;

/// The most answers of a kind.
const MOST: u32 = 200;

/// The line that is being typed: the engine tells a completer nothing but the word under the cursor.
static LINE: OnceLock<Line> = OnceLock::new();

/// Says what is being typed. Before that, nothing is completed.
pub fn is_typing(line: Line) {
    // Once in the life of a process.
    let _ = LINE.set(line);
}

/// The store as it is, as a moment.
const NOW: &str = "now";

type Candidates = Vec<CompletionCandidate>;

/// What may stand where this much of a word was typed.
type Find = fn(&Line, &str) -> Candidates;

fn completer(find: Find) -> ArgValueCompleter {
    ArgValueCompleter::new(
        move |current: &OsStr| match (LINE.get(), current.to_str()) {
            (Some(line), Some(current)) => find(line, current),
            _ => Vec::new(),
        },
    )
}

/// Profiles, the built-in one too.
pub fn profiles() -> ArgValueCompleter {
    completer(|line, current| {
        let mut found = in_the_file(line, current);
        if SANDBOX.starts_with(current) {
            found.push(candidate(SANDBOX, "the built-in shop"));
        }
        found
    })
}

/// Profiles of the profile file.
pub fn own_profiles() -> ArgValueCompleter {
    completer(in_the_file)
}

/// Recipes.
pub fn recipes() -> ArgValueCompleter {
    completer(|line, current| {
        let recipes = profile_file(line).map(|file| file.recipes);
        let recipes = recipes.unwrap_or_default();
        let named = recipes.iter();
        named
            .filter(|recipe| recipe.name.starts_with(current))
            .map(|recipe| candidate(&recipe.name, recipe.file.as_deref().unwrap_or_default()))
            .collect()
    })
}

/// Runs, newest first; those of the store that the line is about before others.
pub fn runs() -> ArgValueCompleter {
    completer(|line, current| newest_runs(line, current, false))
}

/// The same, of each store those that were cut off first.
pub fn runs_to_resume() -> ArgValueCompleter {
    completer(|line, current| newest_runs(line, current, true))
}

/// Commands, for their manual pages.
pub fn commands() -> ArgValueCompleter {
    completer(|line, current| {
        let begin = line
            .further
            .iter()
            .filter(|(name, _)| name.starts_with(current));
        begin.map(|(name, about)| candidate(name, about)).collect()
    })
}

/// `now`, or a stock file.
pub fn moments() -> ArgValueCompleter {
    completer(|_, current| {
        let mut found = PathCompleter::file().complete(OsStr::new(current));
        if NOW.starts_with(current) {
            found.insert(0, candidate(NOW, "the stock as it is, read from the store"));
        }
        found
    })
}

/// SKU codes.
pub fn codes() -> ArgValueCompleter {
    completer(|line, current| of_codes(line, known_codes(line, current), ""))
}

/// `PRODUCT|CODE`.
pub fn product_or_code() -> ArgValueCompleter {
    completer(|line, current| codes_and_products(line, current, ""))
}

/// `[PRODUCT] CODE=…`.
pub fn codes_to_set() -> ArgValueCompleter {
    completer(|line, current| {
        if current.contains('=') {
            return Vec::new();
        }
        match line.arguments.first() {
            None => codes_and_products(line, current, "="),
            Some(first) => match product_named(line, first) {
                Some(product) => of_product(line, product, current, "="),
                None => of_codes(line, known_codes(line, current), "="),
            },
        }
    })
}

/// The product that the first word of `set` is about: itself, or that of `CODE=QUANTITY`.
fn product_named(line: &Line, first: &str) -> Option<ProductId> {
    match first.rsplit_once('=') {
        Some((sku, _)) => line.catalogue()?.product_of(&sku.parse().ok()?),
        None => first.parse().ok(),
    }
}

/// `[PRODUCT] CODE ±N`.
pub fn code_to_adjust() -> ArgValueCompleter {
    completer(|line, current| match line.arguments.as_slice() {
        [] => codes_and_products(line, current, ""),
        [first] => match first.parse() {
            Ok(product) => of_product(line, product, current, ""),
            Err(_) => Vec::new(),
        },
        _ => Vec::new(),
    })
}

/// The fields of the command that is being typed, behind those that were.
pub fn fields() -> ArgValueCompleter {
    completer(further_fields)
}

/// `COLUMN:asc|desc`.
pub fn sorts() -> ArgValueCompleter {
    completer(|_, current| {
        let columns = ["updated_at", "name", "total_quantity"];
        columns
            .iter()
            .flat_map(|column| [":asc", ":desc"].map(|direction| format!("{column}{direction}")))
            .filter(|sort| sort.starts_with(current))
            .map(|sort| candidate(sort, ""))
            .collect()
    })
}

fn candidate(value: impl Into<OsString>, help: &str) -> CompletionCandidate {
    let help = Some(clean(help).into_owned()).filter(|help| !help.is_empty());
    CompletionCandidate::new(value).help(help.map(Into::into))
}

fn profile_file(line: &Line) -> Option<ProfileFile> {
    line.settings()?.profile_file().ok().flatten()
}

fn in_the_file(line: &Line, current: &str) -> Candidates {
    let profiles = profile_file(line).map(|file| file.profiles);
    let profiles = profiles.unwrap_or_default();
    profiles
        .iter()
        .filter(|profile| profile.name.starts_with(current))
        .map(|profile| {
            let server = profile.api_url.as_deref().unwrap_or_default();
            candidate(&profile.name, server)
        })
        .collect()
}

fn newest_runs(line: &Line, current: &str, open_first: bool) -> Candidates {
    let state = line
        .settings()
        .and_then(|settings| State::glance(&settings.state_folder().ok()?.value));
    let store = line.store();
    let newest =
        |state: State| ledger::newest(&state, current, store.as_deref(), open_first, MOST).ok();
    let runs = state.and_then(newest);
    runs.unwrap_or_default()
        .iter()
        .map(|run| {
            let minute = run.started_at.local(&TimeZone::UTC, MINUTE);
            let file = run.file.as_deref().unwrap_or_default();
            let about = format!("{minute} UTC {} {file}", run.command);
            candidate(&run.run, about.trim_end())
        })
        .collect()
}

fn known_codes(line: &Line, current: &str) -> Vec<Glimpse> {
    let catalogue = line.catalogue();
    let known = |catalogue: Glance| match current.strip_prefix(ID) {
        Some(id) => catalogue.ids(id),
        None => catalogue.codes(current.strip_prefix(CODE).unwrap_or(current)),
    };
    catalogue
        .map(known)
        .unwrap_or_default()
        .into_iter()
        .map(|code| code.behind(current))
        .collect()
}

/// What may stand before a code that could be an id.
const CODE: &str = "code:";
/// What may stand before an id that could be a code.
const ID: &str = "id:";

impl Glimpse {
    /// The same behind the prefix that was typed, where one was.
    fn behind(self, current: &str) -> Glimpse {
        let typed = [CODE, ID]
            .into_iter()
            .find(|prefix| current.starts_with(prefix));
        Glimpse {
            text: format!("{}{}", typed.unwrap_or_default(), self.text),
            ..self
        }
    }
}

/// Codes with something behind each. A code that this program would take for an option is left out, and so is one that was
/// named already.
fn of_codes(line: &Line, codes: Vec<Glimpse>, behind: &str) -> Candidates {
    let mut codes = codes;
    let is_named = |code: &str| {
        let is_it = |word: &String| word.rsplit_once('=').is_some_and(|(sku, _)| sku == code);
        line.arguments.iter().any(is_it)
    };
    codes.retain(|code| line.only_arguments || !code.text.starts_with('-'));
    codes.retain(|code| !is_named(&code.text));
    codes.dedup_by(|a, b| a.text == b.text);
    codes
        .iter()
        .map(|code| candidate(format!("{}{behind}", code.text), &code.name))
        .collect()
}

fn codes_and_products(line: &Line, current: &str, behind: &str) -> Candidates {
    let mut found = of_codes(line, known_codes(line, current), behind);
    // Without a digit, ids say nothing to anybody.
    if let (false, Some(catalogue)) = (current.is_empty(), line.catalogue()) {
        let products = catalogue.products(current);
        found.extend(products.iter().map(|p| candidate(&p.text, &p.name)));
    }
    found.truncate(MOST as usize);
    found
}

fn of_product(line: &Line, product: ProductId, current: &str, behind: &str) -> Candidates {
    let catalogue = line.catalogue();
    let codes = catalogue.map(|catalogue| {
        let bare = current.strip_prefix(CODE).unwrap_or(current);
        let codes = match current.starts_with(ID) {
            // By id there is no need to say the product.
            true => Vec::new(),
            false => catalogue.codes_of(product, bare),
        };
        codes.into_iter().map(|code| code.behind(current)).collect()
    });
    of_codes(line, codes.unwrap_or_default(), behind)
}

fn further_fields(line: &Line, current: &str) -> Candidates {
    let columns: Vec<&[Column]> = match line.commands.first().map_or("", String::as_str) {
        "list" => vec![rows::PRODUCT_COLUMNS, rows::VARIANT_COLUMNS],
        "show" => vec![show::COLUMNS, rows::PRODUCT_COLUMNS],
        "set" => vec![set::Change::COLUMNS],
        "adjust" => vec![adjust::COLUMNS],
        "import-csv" | "undo" => vec![bulk::ResultRow::COLUMNS],
        "export-csv" => vec![export::COLUMNS],
        "scan" => vec![scan::ScanRow::COLUMNS],
        "history" if line.arguments.is_empty() => vec![history::RunInfo::COLUMNS],
        "history" => vec![history::LedgerRow::COLUMNS],
        "profile" => vec![profile::ProfileRow::COLUMNS],
        "snapshot" => vec![snapshot::SnapshotRow::COLUMNS],
        "diff" => vec![diff::DiffRow::COLUMNS],
        "reorder" => vec![reorder::OrderRow::COLUMNS],
        "report" => vec![report::ReportRow::COLUMNS],
        "listen" => vec![listen::EventRow::COLUMNS],
        "check" => vec![check::Setting::COLUMNS],
        _ => Vec::new(),
    };
    let (typed, last) = current.rsplit_once(',').unwrap_or(("", current));
    let prefix = &current[..current.len() - last.len()];
    let mut seen: Vec<&str> = typed.split(',').collect();
    let mut found = Vec::new();
    for column in columns.into_iter().flatten() {
        if column.name.starts_with(last) && !seen.contains(&column.name) {
            seen.push(column.name);
            found.push(candidate(format!("{prefix}{}", column.name), ""));
        }
    }
    found
}
