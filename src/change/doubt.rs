//! What to do next about a request that writes, and what became of its rows: pure, so that it can be checked
//! exhaustively. [`super::send`] waits, reads, records and sends as a [`Request`] says, and tells it what happened.
//!
//! The rules (docs/promises.md: Never twice, never lost, never a guess):
//!
//! - A *basis* is the stock that a request was sent on. It proves something only where the reading was under five
//!   seconds old when the request left, and, for an adjustment, no earlier adjustment of the variant is in doubt.
//! - A `PUT` never leaves without a reading, and its rows are decided again on each. In doubt, it is read back as a
//!   whole: at its target it is applied; as before it is sent again; anything else is unknown. Where the API itself
//!   answered that it failed and nothing moved, the attempt counts as not processed.
//! - A `POST` has a reading from the first doubt of its run on. In doubt, it is read back and never sent again: moved by
//!   exactly the adjustment it is applied, else unknown, unless an event proves it (docs/memory.md: Proof). An event that
//!   is there before it is sent again is the end of it; two events say that the stock moved twice.
//! - Of an adjustment the stock tells within a minute of its basis; after that sales look the same. Where another run of
//!   ours has written the variant since, it tells nothing, and a quantity is not set once more.
//! - What an earlier process left in flight starts as an attempt in doubt. What it left unknown is sent again only where
//!   the user said so and the stock is still the basis.
//! - Once an attempt may yet arrive, no refusal of a later one takes that back.
//! - A request has a number of attempts, whatever else is served meanwhile.

mod judge;
mod request;
mod words;

#[cfg(test)]
#[expect(
    clippy::print_stdout,
    reason = "the way to a fault, and how many states there were"
)]
mod model;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub(super) use request::Request;
pub(super) use words::Failures;

/// A reading that is older when a request leaves proves nothing about it.
pub(super) const YOUNG: Duration = Duration::from_secs(5);

/// A reading back that arrives this long after the basis tells nothing about an adjustment: sales may have moved the stock
/// as much.
pub(super) const EVIDENT: Duration = Duration::from_secs(60);

/// A `PUT` that readings keep getting too old for leaves on one that is younger than this.
const USABLE: Duration = Duration::from_secs(60);

/// How many readings may get too old before a usable one has to do.
const LAPSES: u8 = 2;

/// How many readings may get too old at all.
const MOST_LAPSES: u8 = 5;

/// What a row asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Wanted {
    /// This many units; a stock other than `expected` is a conflict.
    Set {
        quantity: i64,
        expected: Option<i64>,
    },
    /// This many units more or, below 0, fewer.
    Adjust { by: i64 },
}

/// What an earlier process left of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Left {
    /// It was never sent, or surely not processed.
    Nothing,
    /// It was about to be sent on this basis, and nothing is known about what became of it.
    InFlight(Option<Basis>),
    /// It is unknown, and the user wants it sent again; its stock was this much before.
    Unknown(Option<i64>),
}

/// The stock that a request was sent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Basis {
    /// Units.
    pub(super) stock: i64,
    /// Whether it is evidence of what became of the request.
    pub(super) proves: bool,
}

/// One row as it is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    /// Its place in the run.
    pub(super) row: usize,
    /// What it asks for.
    pub(super) wanted: Wanted,
    /// The stock as it was read last, units.
    pub(super) stock: Option<i64>,
    /// What an earlier process left.
    pub(super) left: Left,
    /// Another run of ours has written the variant since the earlier process left it.
    pub(super) overtaken: bool,
}

/// What a request may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Terms {
    /// Attempts after the first.
    pub(super) retries: u32,
    /// The user's own decision to send rows in doubt again.
    pub(super) resend: bool,
    /// The adjustment bears a tag, so that an event may prove it.
    pub(super) provable: bool,
}

/// What is known of a variant's stock between its adjustments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Known {
    /// Units, as last read or answered; none where nothing says so, or a refusal disproved it.
    pub(super) stock: Option<i64>,
    /// An adjustment of ours is in doubt and may yet arrive: what the stock does proves nothing any more.
    pub(super) doubtful: bool,
    /// One that an earlier process left in flight could not be looked at: no other may leave before, or what the stock
    /// does would prove nothing of it.
    pub(super) unsettled: bool,
    /// Units that adjustments of this process moved it by.
    pub(super) moved: i64,
}

/// When something happens, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Now {
    /// The age of the newest reading; none where there is none.
    pub(super) age: Option<Duration>,
    /// A write of the run was in doubt by now.
    pub(super) wary: bool,
}

/// A webhook event that is about the adjustment of a row, signed after its intent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Proof {
    /// The event's id.
    pub(super) event: String,
    /// Units before.
    pub(super) previous: i64,
    /// Units after.
    pub(super) quantity: i64,
    /// Another event that is about the adjustment too: it was applied twice.
    pub(super) second: Option<String>,
    /// It was sent once more by the user's decision: of several attempts the event proves one.
    pub(super) resent: bool,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Event {
    /// The request's turn in the run has come.
    Begun,
    /// The common pace lets it leave now.
    Due(Now),
    /// The intent is on disk.
    Recorded(Now),
    /// The intent is not on disk.
    Unrecorded,
    /// The stock was read, in the order of [`Request::open`]; none where the variant is gone. `late`: [`EVIDENT`] went by
    /// since the basis was read. `overtaken`: another run of ours has written a variant since then.
    Read {
        stocks: Vec<Option<i64>>,
        late: bool,
        overtaken: bool,
    },
    /// The stock could not be read.
    Unread,
    /// The API applied it, with the stock before and after, where it says so.
    Answered { stock: Option<(i64, i64)> },
    /// The API itself refused it.
    Refused,
    /// It surely was not processed: no connection was made, or 429. `again`: another attempt might help.
    NotProcessed { again: bool },
    /// It may or may not have been processed. `own`: the API itself answered that it failed (500 or 503).
    InDoubt { own: bool, again: bool },
    /// What had to be waited for before another attempt is over.
    Waited,
    /// A signal ended a wait, or a reading before anything was sent.
    Interrupted,
    /// An event proved that it was applied; may come in answer to any action but [`Action::Send`] while
    /// [`Request::may_be_proved`].
    Proved(Proof),
    /// No event came.
    Unproved,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Action {
    /// Wait until the common pace lets a request leave.
    AwaitTurn,
    /// Read the stock. `back`: to find out what became of an attempt, so a signal leaves it some time.
    Read { back: bool },
    /// Put on disk that these are about to be sent.
    Record(Vec<Intent>),
    /// Send these rows, in one request.
    Send(Vec<usize>),
    /// Wait before another attempt. `in_flight`: an attempt of these rows may have been processed or may yet be.
    Pause { in_flight: bool },
    /// Wait for an event.
    AwaitProof,
    /// Nothing: every row has ended.
    Done,
}

/// A row that is about to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Intent {
    /// Its place in the run.
    pub(super) row: usize,
    /// The stock that it is sent on.
    pub(super) basis: Option<Basis>,
    /// It may have been applied, and the user decided to send it again.
    pub(super) resend: bool,
}

/// What a request says: the rows that ended, and what is to be done about the others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Decision {
    /// Rows that ended by now, by their place in the run.
    pub(super) endings: Vec<(usize, Ending)>,
    /// The next action.
    pub(super) action: Action,
}

/// How a row ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Ending {
    /// The server changed the stock as wanted.
    Applied {
        previous: Option<i64>,
        quantity: i64,
        by: By,
    },
    /// Two webhook events say that the server changed the stock as wanted: it moved twice.
    Twice {
        previous: Option<i64>,
        events: [String; 2],
    },
    /// The stock is as wanted; nothing was sent.
    Unchanged { stock: i64 },
    /// The stock is not what the row expects; nothing was sent.
    Conflict { expected: i64, stock: i64 },
    /// Surely not applied.
    NotApplied { previous: Option<i64>, why: Why },
    /// It can't be told.
    Unknown { previous: Option<i64>, seen: Seen },
    /// In doubt as an earlier process left it; nothing new is to be recorded.
    Kept { seen: Option<Seen> },
}

/// How it is known that a row was applied.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum By {
    /// The API answered so.
    Answer,
    /// The stock was read back.
    ReadBack,
    /// This webhook event proves it.
    Event(String),
}

/// Why a row was surely not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Why {
    /// The last failure says so.
    Failure,
    /// The product has no such variant any more.
    Gone,
    /// The server lets requests through so slowly that every reading is too old.
    Spaced,
    /// A signal came before it was sent.
    Interrupted,
    /// The ledger could not hold it.
    Unrecorded,
    /// An earlier adjustment of its variant is still to be looked at.
    Behind,
}

/// What was seen of a row in doubt, in units of stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Seen {
    /// As before, but an attempt may yet arrive.
    AsBefore(i64),
    /// Neither as before nor as wanted.
    Otherwise { now: i64 },
    /// As wanted, but another variant of the same request is not.
    OnlyThisAsWanted(i64),
    /// As before, but another variant of the same request is not.
    OnlyThisAsBefore(i64),
    /// Something that proves nothing: the reading before the request was too old, or there was none.
    WithoutBasis { now: i64 },
    /// Something that proves nothing: an earlier adjustment of the variant is in doubt.
    Doubtful { now: i64 },
    /// Something that proves nothing: it was read too long after the basis.
    Late { now: i64 },
    /// Nothing: another run of ours has written the variant since.
    Overtaken,
    /// Not the stock that the user's decision was about: not sent again.
    Moved { now: i64 },
    /// The variant is gone.
    Gone,
    /// Nothing: it could not be read.
    Unread,
    /// Nothing: it was not looked at.
    Unseen,
}
