//! Puts events on disk, each once, by one thread that commits as many as have gathered; prints what is new after that.

use std::collections::HashSet;
use std::iter;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{OptionalExtension, Transaction, params};
use tokio::sync::oneshot;

use super::Memory;
use super::event::{self, Arrival, Told, Whose};

use crate::error::{Error, Result};
use crate::file::Kept as KeptFile;
use crate::threads;
use crate::time::UtcTime;

/// How many entries share a commit at most.
const MOST: usize = 4096;

/// How long marks wait for the company of an event.
const COMPANY: Duration = Duration::from_millis(200);

/// What became of an event that was to be kept.
#[derive(Clone, Debug)]
pub enum Keeping {
    /// It is on disk and was printed.
    Kept {
        /// Its number in the database.
        number: i64,
        /// What was done about it before, of the hand-overs.
        done: HashSet<String>,
        /// Whose it is, of those whose secret verified it.
        whose: Whose,
    },
    /// The profile that verified it is another store's; where several are, the first of them.
    OtherStore {
        /// The store that it is.
        known: i64,
    },
}

/// What an event's sender waits for.
pub type Answer = oneshot::Receiver<Result<Keeping, String>>;

enum Entry {
    Event(Box<Arrival>, oneshot::Sender<Result<Keeping, String>>),
    HandedOn {
        event: i64,
        hand_over: String,
        done: oneshot::Sender<Result<(), String>>,
    },
}

/// Prints events that are new, in the order in which they came. Each event is printed again after a failure.
pub type Print = Box<dyn FnMut(&[(&Arrival, &[Told])]) -> Result<()> + Send>;

/// The near end of the thread. Dropped, it ends when everything is on disk.
pub struct Keeper {
    entries: Option<Sender<Entry>>,
    thread: Option<JoinHandle<Option<Error>>>,
}

/// A way to the thread for who receives events.
#[derive(Clone)]
pub struct ToKeeper(Sender<Entry>);

impl ToKeeper {
    /// Hands over an event; the answer comes when it is on disk and printed.
    pub fn keep(&self, arrival: Arrival) -> Answer {
        let (done, answer) = oneshot::channel();
        // Where the thread has ended, the answer's sender is dropped, which says so.
        let _ = self.0.send(Entry::Event(Box::new(arrival), done));
        answer
    }

    /// Takes note that an event was handed on; the answer comes when that is on disk.
    pub fn handed_on(&self, event: i64, hand_over: &str) -> oneshot::Receiver<Result<(), String>> {
        let (done, answer) = oneshot::channel();
        let _ = self.0.send(Entry::HandedOn {
            event,
            hand_over: hand_over.to_owned(),
            done,
        });
        answer
    }
}

impl Keeper {
    /// Starts the thread. `failed` is called on it when it can't go on: the database is gone, or nothing can be printed.
    pub fn start(
        memory: Memory,
        print: Print,
        failed: impl Fn() + Send + 'static,
    ) -> Result<Keeper> {
        let (entries, queue) = mpsc::channel();
        let file = KeptFile::new(Memory::path_in(memory.folder()));
        let writer = Writer {
            memory,
            file,
            print,
            printed: HashSet::new(),
        };
        let thread = threads::begin("keeper", move || {
            let ended = writer.write(&queue);
            if ended.is_some() {
                failed();
            }
            ended
        })?;
        Ok(Keeper {
            entries: Some(entries),
            thread: Some(thread),
        })
    }

    /// Another way to the thread.
    pub fn way(&self) -> Option<ToKeeper> {
        self.entries.clone().map(ToKeeper)
    }

    /// Nothing more comes from this end; returns when everything is on disk. Why it ended before, where it did.
    pub fn finish(mut self) -> Option<Error> {
        self.entries = None;
        self.thread.take()?.join().ok().flatten()
    }
}

struct Writer {
    memory: Memory,
    file: KeptFile,
    print: Print,
    /// Printed events of which no commit says so yet.
    printed: HashSet<i64>,
}

/// An event in a commit.
struct Placed {
    keeping: Keeping,
    /// It was not printed before.
    fresh: bool,
}

impl Writer {
    /// Commits entries until the end. Why it ended before, where it did.
    fn write(mut self, queue: &Receiver<Entry>) -> Option<Error> {
        loop {
            let first = match self.printed.is_empty() {
                true => queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
                false => queue.recv_timeout(COMPANY),
            };
            let over = matches!(first, Err(RecvTimeoutError::Disconnected));
            let batch: Vec<Entry> = match first {
                Ok(first) => iter::once(first)
                    .chain(queue.try_iter())
                    .take(MOST)
                    .collect(),
                Err(_) => Vec::new(),
            };
            if let Err(error) = self.settle(batch) {
                return Some(error);
            }
            if over {
                return None;
            }
        }
    }

    /// Commits a batch and answers its senders. An error ends the thread; what could not be committed is only refused.
    fn settle(&mut self, mut batch: Vec<Entry>) -> Result<()> {
        if !self.file.is_there() {
            return Err(Error::internal(format!(
                "{} was removed or replaced",
                self.file.path().display()
            )));
        }
        let told: Vec<Vec<Told>> = batch
            .iter()
            .map(|entry| match entry {
                Entry::Event(arrival, _) => event::told(&arrival.event),
                Entry::HandedOn { .. } => Vec::new(),
            })
            .collect();
        let printed = &self.printed;
        let placed = self
            .memory
            .change(|c| commit(c, &mut batch, &told, printed));
        let placed = match placed {
            Ok(placed) => placed,
            Err(error) => {
                refuse(batch, &error.full_message());
                return Ok(());
            }
        };
        self.printed.clear();
        self.tell(&batch, &told, &placed)?;
        for (entry, placed) in batch.into_iter().zip(placed) {
            // Whoever asked may be gone by now.
            match (entry, placed) {
                (Entry::Event(_, done), Some(placed)) => drop(done.send(Ok(placed.keeping))),
                (Entry::Event(..), None) => {}
                (Entry::HandedOn { done, .. }, _) => drop(done.send(Ok(()))),
            }
        }
        Ok(())
    }

    /// Prints what is new, each event once.
    fn tell(
        &mut self,
        batch: &[Entry],
        told: &[Vec<Told>],
        placed: &[Option<Placed>],
    ) -> Result<()> {
        let mut news: Vec<(&Arrival, &[Told])> = Vec::new();
        for ((entry, told), placed) in batch.iter().zip(told).zip(placed) {
            if let (
                Entry::Event(arrival, _),
                Some(Placed {
                    keeping: Keeping::Kept { number, .. },
                    fresh: true,
                }),
            ) = (entry, placed)
                && self.printed.insert(*number)
            {
                news.push((arrival, told));
            }
        }
        match news.is_empty() {
            true => Ok(()),
            false => (self.print)(&news),
        }
    }
}

fn refuse(batch: Vec<Entry>, why: &str) {
    for entry in batch {
        match entry {
            Entry::Event(_, done) => drop(done.send(Err(why.to_owned()))),
            Entry::HandedOn { done, .. } => drop(done.send(Err(why.to_owned()))),
        }
    }
}

fn commit(
    c: &Transaction<'_>,
    batch: &mut [Entry],
    told: &[Vec<Told>],
    printed: &HashSet<i64>,
) -> rusqlite::Result<Vec<Option<Placed>>> {
    let mut mark = c.prepare_cached("UPDATE events SET printed = 1 WHERE number = ?1")?;
    for number in printed {
        mark.execute([number])?;
    }
    let mut placed = Vec::with_capacity(batch.len());
    for (entry, told) in batch.iter_mut().zip(told) {
        placed.push(match entry {
            Entry::Event(arrival, _) => Some(place(c, arrival, told)?),
            Entry::HandedOn {
                event, hand_over, ..
            } => {
                c.prepare_cached(
                    "INSERT OR IGNORE INTO handed_on (event, hand_over) VALUES (?1, ?2)",
                )?
                .execute(params![*event, *hand_over])?;
                None
            }
        });
    }
    Ok(placed)
}

fn place(c: &Transaction<'_>, arrival: &mut Arrival, told: &[Told]) -> rusqlite::Result<Placed> {
    let store = match store(c, arrival)? {
        Ok(store) => store,
        Err(known) => {
            return Ok(Placed {
                keeping: Keeping::OtherStore { known },
                fresh: false,
            });
        }
    };
    let event = &arrival.event;
    let added = c
        .prepare_cached(
            "INSERT INTO events (store, event_id, topic, signed_at, received_at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            store,
            event.event_id,
            event.event_topic,
            arrival.signed_at,
            UtcTime::now().as_millis(),
            arrival.body
        ])?;
    if added > 0 {
        let number = c.last_insert_rowid();
        movements(c, number, told)?;
        return Ok(Placed {
            keeping: Keeping::Kept {
                number,
                done: HashSet::new(),
                whose: arrival.whose.clone(),
            },
            fresh: true,
        });
    }
    let (number, printed): (i64, bool) = c
        .prepare_cached("SELECT number, printed FROM events WHERE store = ?1 AND event_id = ?2")?
        .query_row(params![store, event.event_id], |found| {
            Ok((found.get(0)?, found.get(1)?))
        })?;
    let done = c
        .prepare_cached("SELECT hand_over FROM handed_on WHERE event = ?1")?
        .query_map([number], |found| found.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Placed {
        keeping: Keeping::Kept {
            number,
            done,
            whose: arrival.whose.clone(),
        },
        fresh: !printed,
    })
}

/// The number of the event's store, or which store its profile is instead. Of several whose secret verified it, it is of the
/// one whose store it says; else of the first whose store is not known: the first event teaches it.
fn store(c: &Transaction<'_>, arrival: &mut Arrival) -> rusqlite::Result<Result<i64, i64>> {
    let said = arrival.event.store_id;
    let mut find = c.prepare_cached("SELECT number, store_id FROM stores WHERE store = ?1")?;
    let mut stores: Vec<(Option<i64>, Option<i64>)> = Vec::new();
    for whose in iter::once(&arrival.whose).chain(&arrival.others) {
        let found: Option<(i64, Option<i64>)> = find
            .query_row([&whose.store], |found| Ok((found.get(0)?, found.get(1)?)))
            .optional()?;
        let (number, taught) = found.unzip();
        stores.push((number, whose.store_id.or(taught.flatten())));
    }
    let is_said = stores
        .iter()
        .position(|(_, id)| id.is_some() && *id == said);
    let to_be_taught = || {
        stores
            .iter()
            .position(|(_, id)| said.is_none() || id.is_none())
    };
    let place = match (is_said.or_else(to_be_taught), stores[0]) {
        (Some(place), _) => place,
        (None, (_, known)) => return Ok(Err(known.unwrap_or_default())),
    };
    if let Some(other) = place.checked_sub(1) {
        std::mem::swap(&mut arrival.whose, &mut arrival.others[other]);
    }
    match stores[place] {
        (Some(number), None) if said.is_some() => {
            c.execute(
                "UPDATE stores SET store_id = ?2 WHERE number = ?1",
                params![number, said],
            )?;
            Ok(Ok(number))
        }
        (Some(number), _) => Ok(Ok(number)),
        (None, known) => {
            c.execute(
                "INSERT INTO stores (store, store_id) VALUES (?1, ?2)",
                params![arrival.whose.store, said.or(known)],
            )?;
            Ok(Ok(c.last_insert_rowid()))
        }
    }
}

fn movements(c: &Transaction<'_>, event: i64, told: &[Told]) -> rusqlite::Result<()> {
    let mut add = c.prepare_cached(
        "INSERT INTO movements (event, place, product_id, sku_id, sku_code, previous, quantity, adjustment, reason, tag)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    for (place, told) in told.iter().enumerate() {
        add.execute(params![
            event,
            place as i64,
            told.product,
            told.sku,
            told.sku_code,
            told.previous,
            told.quantity,
            told.adjustment,
            told.reason,
            told.tag
        ])?;
    }
    Ok(())
}
