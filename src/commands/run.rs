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
use crate::error::Result;
use crate::profile::SANDBOX;
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
}

/// Puts a run on disk, and makes signals settle what is under way from now on.
pub fn begin(
    context: &Context,
    approved: Approved,
    about: &About<'_>,
    store: Option<StoreLock>,
) -> Result<Ledger> {
    let connection = context.connection()?;
    settle_on_signals(context);
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
pub fn settle_on_signals(context: &Context) {
    let ui = context.ui().clone();
    context.interrupt().settle_on_signals(move || {
        ui.stops();
        ui.note("stopping when what is under way has settled; once more leaves at once");
    });
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

/// The program as it would have to be typed to mean the store of a run.
pub fn typed_for(run: &StoredRun, context: &Context) -> Result<String> {
    let settings = context.settings();
    let is_named = settings
        .profile_name()
        .is_some_and(|profile| profile.value == run.profile);
    let profile = (!is_named && is_a_profile(&run.profile, context)).then_some(&run.profile[..]);
    let server = run.store.split(' ').next().unwrap_or_default();
    context.typed_for(profile, server)
}

/// Credentials of the environment have no profile that could be named.
fn is_a_profile(name: &str, context: &Context) -> bool {
    let file = context.settings().profile_file().ok().flatten();
    name == SANDBOX || file.is_some_and(|file| file.get(name).is_some())
}

/// An error, refused, where a run is about another store than the one that is connected to; it says how to name that one
/// in `command`, which the run's id follows.
pub fn check_store(run: &StoredRun, command: &str, context: &Context) -> Result<()> {
    let connection = context.connection()?;
    let Err(error) = run.check_store(connection.store()) else {
        return Ok(());
    };
    if !is_a_profile(&run.profile, context) {
        return Err(error.hinted(match run.profile.as_str() {
            ENVIRONMENT => "its credentials were those of the environment".to_owned(),
            gone => format!("its profile was {gone}, which is not in the profile file"),
        }));
    }
    let own = typed_for(run, context)?;
    // The profile means another store by now than it did then.
    if own == context.typed_again()? {
        return Err(error);
    }
    Err(error.hinted(format!("on its own store: {own} {command} {}", run.run)))
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
