//! What a shell may put behind a half-typed command line: profiles, runs, SKU codes, products, fields.
//!
//! All of it is read from this machine: no request is made, no credentials are asked for, and where something is
//! missing or wrong there is nothing to complete and nothing to say.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Command;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use super::{adjust, bulk, history, profile, rows, set, show};
use crate::catalogue::{Glance, Glimpse};
use crate::change::runs;
use crate::model::ProductId;
use crate::profile::SANDBOX;
use crate::render::{Column, clean};
use crate::settings::{Environment, Settings, Typed};
use crate::state::State;

/// At most so many answers of a kind.
const MOST: u32 = 200;

/// Global options whose value is the next word.
const WITH_VALUE: [&str; 10] = [
    "-p",
    "--profile",
    "--config",
    "--api-url",
    "-o",
    "--output",
    "--fields",
    "--color",
    "--timeout",
    "--retries",
];

/// The command line as the shell has it.
#[derive(Clone, Default)]
pub struct Words(Arc<Typing>);

#[derive(Default)]
struct Typing {
    /// The command and what was typed before the word under the cursor, options left out.
    before: Vec<String>,
    /// The word right before the one under the cursor.
    last: String,
    /// Where values of options stand.
    values: Vec<usize>,
    typed: Typed,
}

impl Words {
    /// Reads the words that a shell hands over, the program's name first. Where the cursor is, some shells say in
    /// `_CLAP_COMPLETE_INDEX`; in the others it is at the end.
    ///
    /// Values of global options lose their text: the engine takes `-p sandbox` for the command `sandbox`.
    pub fn read(shell: &str, words: &mut [OsString]) -> Words {
        let texts: Vec<String> = words
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        let at = std::env::var("_CLAP_COMPLETE_INDEX")
            .ok()
            .filter(|_| matches!(shell, "bash" | "zsh" | "elvish"))
            .and_then(|at| at.parse().ok())
            .unwrap_or(words.len().saturating_sub(1));
        let typing = Typing::read(&texts, at);
        for value in &typing.values {
            words[*value] = OsString::from("value");
        }
        Words(Arc::new(typing))
    }
}

impl Typing {
    fn read(words: &[String], at: usize) -> Typing {
        let mut typing = Typing::default();
        let mut rest = words.iter().enumerate().skip(1);
        while let Some((n, word)) = rest.next() {
            if n == at {
                continue;
            }
            if !word.starts_with('-') || word.len() == 1 {
                if n < at {
                    typing.before.push(word.clone());
                }
                continue;
            }
            let (option, mut value) = match word.split_once('=') {
                Some((option, value)) => (option, Some(value.to_owned())),
                None if word.starts_with("-p") && word.len() > 2 => {
                    ("-p", Some(word[2..].to_owned()))
                }
                None => (word.as_str(), None),
            };
            if value.is_none() && (WITH_VALUE.contains(&option) || option == "--reason") {
                // Bash takes `--profile=x` for three words.
                value = rest
                    .by_ref()
                    .find(|(_, word)| *word != "=")
                    .filter(|(n, _)| *n != at)
                    .map(|(n, word)| {
                        typing.values.push(n);
                        word.clone()
                    });
            }
            match option {
                "-p" | "--profile" => typing.typed.profile = value,
                "--config" => typing.typed.config = value.map(PathBuf::from),
                "--api-url" => typing.typed.api_url = value,
                _ => {}
            }
        }
        typing.last = at
            .checked_sub(1)
            .and_then(|last| words.get(last))
            .cloned()
            .unwrap_or_default();
        typing
    }

    fn settings(&self) -> Option<Settings> {
        Settings::resolve(self.typed.clone(), Environment::of_process().ok()?).ok()
    }

    fn command(&self) -> &str {
        self.before.first().map_or("", String::as_str)
    }

    /// The words behind the command.
    fn arguments(&self) -> &[String] {
        self.before.get(1..).unwrap_or_default()
    }

    fn catalogue(&self) -> Option<Glance> {
        let settings = self.settings()?;
        Glance::open(&settings.state_folder().ok()?, &settings.store().ok()?)
    }
}

/// Adds to the tree of commands what is known about the values of their arguments.
pub fn attach(tree: Command, words: &Words) -> Command {
    let add = |command: Command, argument: &'static str, find: Find| {
        let words = words.clone();
        let completer = ArgValueCompleter::new(move |current: &OsStr| match current.to_str() {
            Some(current) => find(&words.0, current),
            None => Vec::new(),
        });
        command.mut_arg(argument, |argument| argument.add(completer))
    };
    let tree = add(tree, "profile", profiles);
    let tree = add(tree, "fields", fields);
    tree.mut_subcommand("list", |list| add(list, "sort", sorts))
        .mut_subcommand("show", |show| add(show, "name", products_and_codes))
        .mut_subcommand("set", |set| add(set, "words", set_words))
        .mut_subcommand("adjust", |adjust| add(adjust, "words", adjust_words))
        .mut_subcommand("import-csv", |import| add(import, "resume", runs))
        .mut_subcommand("history", |history| {
            add(add(history, "run", runs), "sku", codes)
        })
        .mut_subcommand("undo", |undo| add(undo, "run", runs))
        .mut_subcommand("profile", |profile| {
            profile
                .mut_subcommand("show", |show| add(show, "name", profiles))
                .mut_subcommand("use", |r#use| add(r#use, "name", profiles))
                .mut_subcommand("remove", |remove| add(remove, "name", own_profiles))
        })
}

/// What may stand where this much of a word was typed.
type Find = fn(&Typing, &str) -> Vec<CompletionCandidate>;

fn candidate(value: impl Into<OsString>, help: &str) -> CompletionCandidate {
    let help = Some(clean(help).into_owned()).filter(|help| !help.is_empty());
    CompletionCandidate::new(value).help(help.map(Into::into))
}

fn profiles(words: &Typing, current: &str) -> Vec<CompletionCandidate> {
    let mut found = own_profiles(words, current);
    if SANDBOX.starts_with(current) {
        found.push(candidate(SANDBOX, "the built-in shop"));
    }
    found
}

fn own_profiles(words: &Typing, current: &str) -> Vec<CompletionCandidate> {
    let settings = words.settings();
    let file = settings.and_then(|settings| settings.profile_file().ok().flatten());
    let profiles = file.map(|file| file.profiles).unwrap_or_default();
    profiles
        .iter()
        .filter(|profile| profile.name.starts_with(current))
        .map(|profile| {
            candidate(
                &profile.name,
                profile.api_url.as_deref().unwrap_or_default(),
            )
        })
        .collect()
}

fn runs(words: &Typing, current: &str) -> Vec<CompletionCandidate> {
    let state = words
        .settings()
        .and_then(|settings| State::glance(&settings.state_folder().ok()?));
    let runs = state.and_then(|state| runs::newest(&state, current, MOST).ok());
    runs.unwrap_or_default()
        .iter()
        .map(|run| {
            let minute = run
                .started_at
                .to_string()
                .get(..16)
                .unwrap_or_default()
                .replace('T', " ");
            let file = run.file.as_deref().unwrap_or_default();
            candidate(
                &run.run,
                format!("{minute} UTC {} {file}", run.command).trim_end(),
            )
        })
        .collect()
}

/// Codes with something behind each. A code that a shell or this program would take for something else is left out.
fn of_codes(codes: Vec<Glimpse>, behind: &str) -> Vec<CompletionCandidate> {
    let mut codes = codes;
    codes.retain(|code| !code.text.starts_with('-') && !code.text.chars().any(char::is_control));
    codes.dedup_by(|a, b| a.text == b.text);
    codes
        .iter()
        .map(|code| candidate(format!("{}{behind}", code.text), &code.name))
        .collect()
}

fn codes(words: &Typing, current: &str) -> Vec<CompletionCandidate> {
    let catalogue = words.catalogue();
    of_codes(
        catalogue
            .map(|catalogue| catalogue.codes(current))
            .unwrap_or_default(),
        "",
    )
}

fn codes_and_products(words: &Typing, current: &str, behind: &str) -> Vec<CompletionCandidate> {
    let Some(catalogue) = words.catalogue() else {
        return Vec::new();
    };
    let mut found = of_codes(catalogue.codes(current), behind);
    // Without a digit, ids say nothing to anybody.
    if !current.is_empty() {
        let products = catalogue.products(current);
        found.extend(products.iter().map(|p| candidate(&p.text, &p.name)));
    }
    found.truncate(MOST as usize);
    found
}

fn products_and_codes(words: &Typing, current: &str) -> Vec<CompletionCandidate> {
    codes_and_products(words, current, "")
}

/// `[PRODUCT] CODE=…`.
fn set_words(words: &Typing, current: &str) -> Vec<CompletionCandidate> {
    if current.contains('=') || words.last == "=" {
        return Vec::new();
    }
    match words.arguments() {
        [] => codes_and_products(words, current, "="),
        [first, ..] => match first.parse::<ProductId>() {
            Ok(product) => of_product(words, product, current, "="),
            Err(_) => {
                let catalogue = words.catalogue();
                of_codes(
                    catalogue
                        .map(|catalogue| catalogue.codes(current))
                        .unwrap_or_default(),
                    "=",
                )
            }
        },
    }
}

/// `[PRODUCT] CODE ±N`.
fn adjust_words(words: &Typing, current: &str) -> Vec<CompletionCandidate> {
    match words.arguments() {
        [] => codes_and_products(words, current, ""),
        [first] => match first.parse::<ProductId>() {
            Ok(product) => of_product(words, product, current, ""),
            Err(_) => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn of_product(
    words: &Typing,
    product: ProductId,
    current: &str,
    behind: &str,
) -> Vec<CompletionCandidate> {
    let catalogue = words.catalogue();
    let codes = catalogue.map(|catalogue| catalogue.codes_of(product, current));
    of_codes(codes.unwrap_or_default(), behind)
}

/// The fields of the command that is being typed, behind those that were.
fn fields(words: &Typing, current: &str) -> Vec<CompletionCandidate> {
    let columns: Vec<&[Column]> = match words.command() {
        "list" | "ls" => vec![rows::PRODUCT_COLUMNS, rows::VARIANT_COLUMNS],
        "show" => vec![show::COLUMNS, rows::PRODUCT_COLUMNS],
        "set" => vec![set::COLUMNS],
        "adjust" => vec![adjust::COLUMNS],
        "import-csv" | "undo" => vec![bulk::COLUMNS],
        "export-csv" => vec![rows::VARIANT_COLUMNS],
        "history" if words.arguments().is_empty() => vec![history::RUNS],
        "history" => vec![history::ROWS],
        "profile" => vec![profile::COLUMNS],
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

fn sorts(words: &Typing, current: &str) -> Vec<CompletionCandidate> {
    // Bash takes the colon for a word of its own.
    let column = match words.last.as_str() {
        ":" => return directions(current),
        _ => ["updated_at", "name", "total_quantity"],
    };
    column
        .iter()
        .flat_map(|column| [":asc", ":desc"].map(|direction| format!("{column}{direction}")))
        .filter(|sort| sort.starts_with(current))
        .map(|sort| candidate(sort, ""))
        .collect()
}

fn directions(current: &str) -> Vec<CompletionCandidate> {
    ["asc", "desc"]
        .iter()
        .filter(|direction| direction.starts_with(current))
        .map(|direction| candidate(*direction, ""))
        .collect()
}
