//! Sends a job, request by request: what the workers of a run share, and which rows go together.

use std::collections::HashSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::value::RawValue;

use super::apply::Options;
use super::decide::OnConflict;
use super::doubt::{Asked, Basis, Known, Left, Request, Terms, Wanted};
use super::ledger::Ledger;
use super::overtaken;
use super::proof::Proofs;
use super::row::RunRow;
use super::runs::{self, StoredRun};
use super::sending::Sending;
use crate::api::{Client, Worker};
use crate::error::{Error, Result};
use crate::memory::tag;
use crate::model::SkuId;
use crate::state::State;
use crate::wanted::Mode;

/// What the workers of one run share about sending.
pub(super) struct Shared<'a> {
    pub(super) client: &'a Client,
    pub(super) ledger: &'a Ledger,
    pub(super) run: &'a StoredRun,
    /// What events prove.
    pub(super) proofs: Proofs<'a>,
    tag_reasons: bool,
    terms: Terms,
    /// Variants of which an earlier adjustment is in doubt.
    doubtful: HashSet<SkuId>,
    /// Rows whose variant another run of ours has written since they were left.
    overtaken: HashSet<u32>,
    /// A write of the run was in doubt by now.
    pub(super) wary: AtomicBool,
    stopped: Mutex<Option<Error>>,
}

/// What a worker reports of a row.
pub(super) struct Settlement {
    /// The row as it ended.
    pub(super) row: RunRow,
    pub(super) answer: Option<Box<RawValue>>,
    /// It stands for its request when it is asked whether the server is still there.
    pub(super) counts: bool,
}

/// Told of each row as it settles.
pub(super) type Settle<'a> = &'a dyn Fn(Settlement);

impl<'a> Shared<'a> {
    /// `state` has the ledger: what earlier processes and other runs left.
    pub(super) fn new(
        client: &'a Client,
        ledger: &'a Ledger,
        run: &'a StoredRun,
        options: &Options,
        state: &State,
    ) -> Result<Shared<'a>> {
        let any_doubt = runs::any_doubt(state, run)?;
        let doubtful = match any_doubt || run.undo_of.is_some() {
            true => runs::in_doubt(state, run)?,
            false => HashSet::new(),
        };
        Ok(Shared {
            client,
            ledger,
            run,
            proofs: Proofs::of(ledger.folder(), run),
            tag_reasons: options.tag_reasons,
            terms: Terms {
                retries: client.retries(),
                resend: options.resend_unknown,
                provable: false,
            },
            // What an earlier process left in doubt counts as much as what this one does.
            wary: AtomicBool::new(any_doubt || !doubtful.is_empty()),
            doubtful,
            overtaken: match any_doubt {
                true => overtaken::rows(state, run)?,
                false => HashSet::new(),
            },
            stopped: Mutex::new(None),
        })
    }

    /// Whether nothing more is to be sent.
    pub(super) fn is_over(&self) -> bool {
        self.client.interrupt().raised().is_some() || self.stopped().is_some()
    }

    /// Ends the run; the first reason stands.
    pub(super) fn stop(&self, why: Error) {
        self.stopped().get_or_insert(why);
    }

    /// Why the run ended, where something ended it.
    pub(super) fn stopped(&self) -> MutexGuard<'_, Option<Error>> {
        self.stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends the rows of one job: a product's by `PUT`, a variant's by one `POST` after another.
    pub(super) fn send(
        &self,
        worker: Worker<'a>,
        rows: Vec<RunRow>,
        settle: Settle<'_>,
    ) -> Worker<'a> {
        match self.run.mode {
            Mode::Set => self.puts(worker, rows, settle),
            Mode::Adjust | Mode::Stocktake => self.posts(worker, rows, settle),
        }
    }

    /// What an earlier process left is settled by a request of its own.
    fn puts(&self, mut worker: Worker<'a>, rows: Vec<RunRow>, settle: Settle<'_>) -> Worker<'a> {
        let (in_flight, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(RunRow::in_flight);
        let (unknown, rows): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| row.settled.is_some());
        for rows in [in_flight, unknown, rows] {
            if rows.is_empty() {
                continue;
            }
            if self.is_over() {
                self.leave(rows, settle);
                continue;
            }
            let asked: Vec<Asked> = rows.iter().map(|row| self.asked(row)).collect();
            let request = Request::put(&asked, self.terms);
            (worker, _) = Sending::of(self, rows, settle).drive(worker, request);
        }
        worker
    }

    fn posts(&self, mut worker: Worker<'a>, rows: Vec<RunRow>, settle: Settle<'_>) -> Worker<'a> {
        let mut known: Option<Known> = None;
        let mut read_at = None;
        let mut rows = rows.into_iter();
        while let Some(row) = rows.next() {
            if self.is_over() {
                self.leave(std::iter::once(row).chain(rows), settle);
                break;
            }
            let before = known.unwrap_or_else(|| {
                read_at = row.read_at;
                Known {
                    stock: row
                        .previous
                        .filter(|_| row.read_at.is_some() && row.intent_at.is_none()),
                    doubtful: row.sku.is_some_and(|sku| self.doubtful.contains(&sku)),
                    ..Known::default()
                }
            });
            let terms = Terms {
                provable: self.tag_reasons || row.tagged_at.is_some(),
                ..self.terms
            };
            let request = Request::post(self.asked(&row), before, terms);
            let mut sending = Sending::of(self, vec![row], settle);
            sending.read_at = read_at;
            let after;
            (worker, after) = sending.drive(worker, request);
            known = Some(after);
            read_at = sending.read_at;
        }
        worker
    }

    /// Rows of a job that the run ended before: they stay as they are.
    fn leave(&self, rows: impl IntoIterator<Item = RunRow>, settle: Settle<'_>) {
        let why = self.client.interrupted().or_else(|| self.stopped().clone());
        let why = why.as_ref().map(Error::message);
        for row in rows {
            settle(Settlement {
                row: row.unsettled(why),
                answer: None,
                counts: false,
            });
        }
    }

    /// The reason that an adjustment is sent with, as people gave it.
    pub(super) fn reason<'r>(&'r self, row: &'r RunRow) -> Option<&'r str> {
        row.reason.as_deref().or(self.run.reason.as_deref())
    }

    /// Its reason with the tag at its end; none where adjustments bear no tags or the reason leaves no room for one.
    pub(super) fn tagged(&self, row: &RunRow) -> Option<String> {
        let tag = tag::tag(&self.run.run, row.row as usize, row.resends + 1);
        tag::tagged(self.reason(row), &tag).filter(|_| self.tag_reasons)
    }

    pub(super) fn asked(&self, row: &RunRow) -> Asked {
        let left = match (&row.settled, row.in_flight()) {
            (Some(_), _) => Left::Unknown(row.previous),
            (None, true) => Left::InFlight(row.previous.map(|stock| Basis {
                stock,
                proves: row.read_at.is_some(),
            })),
            (None, false) => Left::Nothing,
        };
        Asked {
            row: row.row as usize,
            wanted: match self.run.mode {
                Mode::Set => Wanted::Set {
                    quantity: row.wanted,
                    expected: row
                        .expected
                        .filter(|_| self.run.on_conflict == OnConflict::Report),
                },
                Mode::Adjust | Mode::Stocktake => Wanted::Adjust {
                    by: row.adjustment.unwrap_or_default(),
                },
            },
            stock: row.previous,
            left,
            overtaken: self.overtaken.contains(&row.row),
        }
    }
}
