//! What every command that writes shares: the run in the ledger, the lock of the store, and signals from then on.

use crate::change::draft::Draft;
use crate::change::guard::Approved;
use crate::change::ledger::{Ledger, NewRun};
use crate::change::lock::StoreLock;
use crate::change::lost;
use crate::change::repeat;
use crate::change::runs::StoredRun;
use crate::context::Context;
use crate::credentials::redacted;
use crate::error::{Error, Result};
use crate::settings::ENVIRONMENT;
use crate::shell;
use crate::words::counted;

/// What a new run is about.
#[derive(Clone, Debug, Default)]
pub struct About<'a> {
    /// Its id.
    pub run: String,
    /// `set`, `adjust`, `import-csv`, `undo`.
    pub command: &'static str,
    /// The input file, where there is one.
    pub file: Option<&'a str>,
    /// Rows that named no quantity.
    pub left_alone: u64,
    /// The run that this one takes back.
    pub undo_of: Option<&'a str>,
    /// Units that are kept back of each quantity of the file.
    pub buffer: u32,
}

/// Puts a run on disk, and makes signals settle what is under way from now on.
pub fn begin(
    context: &Context,
    approved: Approved,
    about: &About<'_>,
    store: Option<StoreLock>,
) -> Result<Ledger> {
    let connection = context.connection()?;
    settle_on_signals(&about.run, context);
    Ledger::begin(
        approved,
        &NewRun {
            run: &about.run,
            profile: &connection.profile,
            store: connection.store(),
            command: about.command,
            command_line: &command_line(),
            file: about.file,
            left_alone: about.left_alone,
            undo_of: about.undo_of,
            buffer: about.buffer,
        },
        store,
    )
}

/// Says which reasons were given with text of a tag's form, and which leave no room for a tag (docs/memory.md: Proof).
pub fn tell_of_tags(draft: &Draft, run: &str, context: &Context) -> Result<()> {
    let ui = context.ui();
    let looked_tagged = draft.looked_tagged();
    if looked_tagged > 0 {
        ui.note(format!(
            "text in the form of a tag of ours was taken off the end of {}",
            counted(looked_tagged, "reason")
        ));
    }
    if context.connection()?.tag_reasons {
        let without = draft.without_room(run)?;
        if without > 0 {
            ui.note(format!(
                "{} to be sent without a tag, so that no event can prove it: the reason leaves no room",
                counted(without, "adjustment")
            ));
        }
    }
    Ok(())
}

/// Says that the ledger lost what it recorded, for as long as the guard would have remembered it.
pub fn tell_of_loss(draft: &Draft, context: &Context) -> Result<()> {
    if let Some(until) = draft.lost_lately(repeat::HOURS)? {
        context.ui().warn(lost::in_words(until));
    }
    Ok(())
}

/// Makes signals settle what is under way from now on.
pub fn settle_on_signals(run: &str, context: &Context) {
    let ui = context.ui().clone();
    let history = context.in_place(&format!("sxinv history {run}"));
    context.interrupt().settle_on_signals(move || {
        ui.stops();
        ui.note(format!(
            "stopping when what is under way has settled; once more leaves at once, and leaves that in doubt: {history}"
        ));
    });
}

/// An error, refused, where a run is about another store than the one that is connected to; `then` is what would be typed for
/// it on its own.
pub fn check_store(run: &StoredRun, then: &str, context: &Context) -> Result<()> {
    let checked = run.check_store(context.connection()?.store());
    checked.map_err(
        |error| match program_for(&run.profile, run.server(), context) {
            _ if run.profile == ENVIRONMENT => {
                error.hinted("its credentials were those of the environment")
            }
            // The profile means another store by now than it did then.
            Ok(typed) if context.typed_again().is_ok_and(|now| now == typed) => error,
            Ok(typed) => error.hinted(format!("on its own store: {typed} {then}")),
            Err(gone) => error.hinted(gone),
        },
    )
}

/// The program as it has to be typed to mean the store of a run, by its profile and its server, or what to do where that
/// profile is gone.
pub fn program_for(profile: &str, server: &str, context: &Context) -> Result<String, String> {
    let gone = || {
        let name = shell::joined([profile]);
        let url = match server.starts_with("http") {
            true => format!(" --api-url {server}"),
            false => String::new(),
        };
        format!("its profile {name} is gone: sxinv profile add {name}{url}")
    };
    let typed = context.typed_for_run(profile, server);
    typed.ok().flatten().ok_or_else(gone)
}

/// Says that events could not be asked what they prove of a run.
pub fn tell_of_unseen_events(error: &Error, context: &Context) {
    context.ui().warn(format!(
        "events were not looked at: {}",
        error.full_message()
    ));
}

/// Takes the lock of the store for a bulk run; see [`StoreLock::take`].
pub fn lock(context: &Context, run: &str, wait: bool) -> Result<StoreLock> {
    let folder = context.state_folder()?;
    let store = context.connection()?.store();
    if wait {
        let ui = context.ui();
        StoreLock::wait(&folder, store, run, context.interrupt(), &|holder| {
            ui.note(format!("waiting for {holder}"));
        })
    } else {
        StoreLock::take(&folder, store, run)
    }
}

/// What was typed, as a shell would take it again, and without a secret that stands where none belongs.
fn command_line() -> String {
    let words: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let line = shell::joined(words.iter().map(String::as_str));
    redacted(&format!("sxinv {line}")).into_owned()
}
