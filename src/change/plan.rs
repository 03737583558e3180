//! Pure: wanted changes and the stock that was read become a plan. `--dry-run` prints it, the guard judges it, the
//! prompt shows it and `apply` consumes it, so they can't disagree.

use std::collections::{HashMap, HashSet};

use super::outcome::{Outcome, Settled, Trouble};
use super::shelf::{Near, Shelf, Shelved, Slot};
use crate::error::{Error, Fault, Kind, Result};
use crate::model::{ProductId, SkuId};
use crate::wanted::{Batch, Mode, Quantity, Wanted};

/// So many variants that are named twice are told of.
const MOST_FAULTS: usize = 100;

/// What to do with a row whose expected quantity is not the stock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum OnConflict {
    /// Report the row as a conflict and leave the stock alone
    #[default]
    Report,
    /// Set the quantity all the same
    Overwrite,
}

/// What is to be done with every row, and what was read to decide it.
pub struct Plan {
    /// What the rows' numbers mean.
    pub mode: Mode,
    /// The reason sent with adjustments that have none of their own.
    pub reason: Option<String>,
    /// How conflicts that turn up later are handled.
    pub on_conflict: OnConflict,
    // A row is one place in both.
    wanted: Batch,
    slots: Vec<Slot>,
    // Those that ended in the plan, and not by being unchanged: few, as a rule.
    done: HashMap<usize, Settled>,
    shelf: Shelf,
    doubtful: HashSet<SkuId>,
    /// Rows to be sent that an earlier process may have sent: how they stood then.
    earlier: HashMap<usize, Settled>,
}

/// One input row and what is to be done with it.
pub struct Row<'a> {
    /// Its place in the plan, from 0.
    pub index: usize,
    /// What was asked for.
    pub wanted: Wanted<'a>,
    /// The variant it means, as it was read; `None` where none or several could be meant, or it was not read.
    pub variant: Option<Shelved<'a>>,
    /// What is to be done.
    pub step: Step<'a>,
}

/// What is to be done with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Set to this many units.
    Set(Quantity),
    /// Adjust by this many units, not 0.
    Adjust(i64),
    /// Nothing: the stock is as wanted.
    Unchanged,
    /// Nothing: it ended already.
    Done(&'a Settled),
}

impl Step<'_> {
    /// Whether something goes out.
    pub fn sends(&self) -> bool {
        matches!(self, Step::Set(_) | Step::Adjust(_))
    }
}

impl<'a> Row<'a> {
    /// Product and variant, where they are known: as they were read, or as the row names them.
    pub fn ids(&self) -> (Option<ProductId>, Option<SkuId>) {
        match &self.variant {
            Some(variant) => (Some(variant.product_id), Some(variant.sku_id)),
            None => (self.wanted.product_id(), self.wanted.sku_id()),
        }
    }

    /// The variant's code as the store has it, or as the row names it.
    pub fn code(&self) -> Option<&'a str> {
        match &self.variant {
            Some(variant) => Some(variant.sku_code),
            None => self.wanted.code(),
        }
    }

    /// Units that the variant had when it was read.
    pub fn stock(&self) -> Option<i64> {
        self.variant.map(|variant| variant.quantity)
    }

    /// How the row would end if everything went well.
    pub fn foreseen(&self) -> Settled {
        let stock = self.stock().unwrap_or_default();
        match self.step {
            Step::Done(settled) => settled.clone(),
            Step::Unchanged => Settled::well(Outcome::Unchanged, stock, stock),
            Step::Set(quantity) => Settled::well(Outcome::Planned, stock, quantity.get()),
            Step::Adjust(by) => Settled::well(Outcome::Planned, stock, stock.saturating_add(by)),
        }
    }
}

impl Plan {
    /// Compares what is wanted with what is there. The same variant in two rows of *set* or *stocktake*, once by id and
    /// once by code, is an error naming both lines. `near` finds the codes that may have been meant by one that nothing
    /// bears.
    pub fn new(
        mode: Mode,
        wanted: Batch,
        reason: Option<String>,
        on_conflict: OnConflict,
        mut shelf: Shelf,
        near: Near<'_>,
    ) -> Result<Plan> {
        shelf.index(wanted.iter().any(|row| row.sku_id().is_none()));
        let mut plan = Plan {
            mode,
            reason,
            on_conflict,
            slots: Vec::with_capacity(wanted.len()),
            done: HashMap::new(),
            wanted: Batch::default(),
            shelf,
            doubtful: HashSet::new(),
            earlier: HashMap::new(),
        };
        let mut strangers = 0;
        for row in wanted.iter() {
            if let Some(fault) = row.fault() {
                plan.push(&row, Err(Error::usage(fault)));
                continue;
            }
            let suggest = Shelf::suggests(strangers).then_some(near);
            let found = plan.shelf.find(&row, suggest);
            strangers += usize::from(found.is_err());
            plan.push(&row, found);
        }
        plan.wanted = wanted;
        if mode != Mode::Adjust {
            plan.each_variant_once()?;
        }
        Ok(plan)
    }

    fn push(&mut self, row: &Wanted<'_>, found: Result<Slot>) {
        let (slot, done) = match found {
            Err(e) => (Slot::NONE, Some(failed(&e))),
            Ok(slot) => {
                let stock = self.shelf.get(slot).map_or(0, |variant| variant.quantity);
                (slot, conflict(self.mode, row, stock, self.on_conflict))
            }
        };
        if let Some(done) = done {
            self.done.insert(self.slots.len(), done);
        }
        self.slots.push(slot);
    }

    fn each_variant_once(&self) -> Result<()> {
        let mut seen: Vec<bool> = vec![false; self.shelf.slots()];
        let mut faults = Vec::new();
        for (row, slot) in self.wanted.iter().zip(&self.slots) {
            let Some(seen) = seen.get_mut(slot.index()) else {
                continue;
            };
            if !std::mem::replace(seen, true) {
                continue;
            }
            let first = self.slots.iter().position(|other| other == slot);
            let line = first.map_or(0, |first| self.wanted.get(first).line());
            let sku = self.shelf.get(*slot).map_or(0, |v| v.sku_id.get());
            faults.push(Fault {
                line: Some(u64::from(row.line())),
                column: None,
                message: format!("the same variant (sku {sku}) as in line {line}"),
            });
            // Each takes a look at all rows, and nobody reads more of them.
            if faults.len() == MOST_FAULTS {
                break;
            }
        }
        if faults.is_empty() {
            return Ok(());
        }
        let message = match faults.len() {
            1 => "a variant is named twice".to_owned(),
            MOST_FAULTS => format!("{MOST_FAULTS} variants or more are named twice"),
            many => format!("{many} variants are named twice"),
        };
        Err(Error::usage(message).with_faults(faults))
    }

    /// A run that is taken up again: rows that ended before stay as they ended, the others are compared with what was
    /// read now. rows that
    /// `ended` has nothing of are open. `doubtful` are the variants with an adjustment in doubt.
    pub fn resumed(
        mode: Mode,
        on_conflict: OnConflict,
        wanted: Batch,
        mut ended: Vec<Option<Settled>>,
        mut shelf: Shelf,
        doubtful: HashSet<SkuId>,
    ) -> Plan {
        shelf.index(false);
        let mut plan = Plan {
            mode,
            // Each row has its own by now.
            reason: None,
            on_conflict,
            slots: Vec::with_capacity(wanted.len()),
            wanted: Batch::default(),
            done: HashMap::new(),
            shelf,
            doubtful,
            earlier: HashMap::new(),
        };
        ended.resize(wanted.len(), None);
        for (row, settled) in wanted.iter().zip(ended) {
            match settled {
                Some(settled) => {
                    plan.done.insert(plan.slots.len(), settled);
                    plan.slots.push(Slot::NONE);
                }
                None => {
                    // Its code may have changed since: the run is about the variant that was found then.
                    let found = match row.sku_id() {
                        Some(sku) => plan.shelf.by_id(sku),
                        None => None,
                    };
                    let gone =
                        || Error::new(Kind::NotFound, "the variant is not in the store any more");
                    plan.push(&row, found.ok_or_else(gone));
                }
            }
        }
        plan.wanted = wanted;
        plan
    }

    /// Says of rows to be sent that an earlier process may have sent them, and how they stood then.
    pub fn after(mut self, earlier: HashMap<usize, Settled>) -> Plan {
        self.earlier = earlier;
        self
    }

    /// How a row stood that an earlier process may have sent.
    pub fn earlier(&self, index: usize) -> Option<&Settled> {
        self.earlier.get(&index)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.wanted.len()
    }

    /// Whether there is no row at all.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// The row at `index`, below [`Plan::len`].
    pub fn row(&self, index: usize) -> Row<'_> {
        let wanted = self.wanted.get(index);
        let variant = self.shelf.get(self.slots[index]);
        let step = match (self.done.get(&index), &variant) {
            (Some(settled), _) => Step::Done(settled),
            (None, None) => Step::Unchanged,
            (None, Some(variant)) => step(self.mode, &wanted, variant.quantity),
        };
        Row {
            index,
            wanted,
            variant,
            step,
        }
    }

    /// The input rows in their order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        (0..self.len()).map(|index| self.row(index))
    }

    /// The rows that will be sent.
    pub fn to_send(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows().filter(|row| row.step.sends())
    }

    /// The rows that ended like this before anything was sent.
    pub fn done(&self, outcome: Outcome) -> impl Iterator<Item = Row<'_>> {
        self.rows().filter(move |row| match row.step {
            Step::Done(settled) => settled.outcome == outcome,
            Step::Unchanged => outcome == Outcome::Unchanged,
            _ => false,
        })
    }

    /// Whether an earlier adjustment of this variant is in doubt, so that what its stock does proves nothing.
    pub fn is_doubtful(&self, sku: SkuId) -> bool {
        self.doubtful.contains(&sku)
    }

    /// How many variants were read; [`Plan::slot`] is below it.
    pub fn slots(&self) -> usize {
        self.shelf.slots()
    }

    /// The place of a row's variant among those that were read.
    pub fn slot(&self, row: &Row<'_>) -> Slot {
        self.slots[row.index]
    }

    /// The reason that goes out with a row.
    pub fn reason<'a>(&'a self, row: &Row<'a>) -> Option<&'a str> {
        row.wanted.reason().or(self.reason.as_deref())
    }
}

/// A row of a bulk run has no room for a hint of its own: candidates and near misses go with the message.
fn failed(error: &Error) -> Settled {
    let mut trouble = Trouble::from(error);
    if let Some(hint) = trouble.hint.take() {
        trouble.message = format!("{}; {hint}", trouble.message);
    }
    Settled::badly(Outcome::Failed, None, trouble)
}

/// What is to be done with a row whose variant has `stock` units now (the contract: import-csv, modes and step 2).
pub fn step(mode: Mode, wanted: &Wanted<'_>, stock: i64) -> Step<'static> {
    let by = match mode {
        Mode::Set => {
            return match Quantity::new(wanted.value()) {
                Some(quantity) if quantity.get() != stock => Step::Set(quantity),
                _ => Step::Unchanged,
            };
        }
        Mode::Adjust => wanted.value(),
        // No shop has so many units that this is cut short.
        Mode::Stocktake => match wanted.expected() {
            Some(expected) => wanted.value().saturating_sub(expected),
            None => 0,
        },
    };
    if by == 0 {
        Step::Unchanged
    } else {
        Step::Adjust(by)
    }
}

/// How a row ends that would overwrite a stock that it doesn't expect (the contract: `--mode set`).
pub fn conflict(
    mode: Mode,
    wanted: &Wanted<'_>,
    stock: i64,
    on_conflict: OnConflict,
) -> Option<Settled> {
    let expected = wanted.expected()?;
    let conflicts = mode == Mode::Set
        && on_conflict == OnConflict::Report
        && expected != stock
        && wanted.value() != stock;
    conflicts.then(|| {
        let trouble = Trouble {
            kind: Kind::Refused,
            status: None,
            code: None,
            message: format!("expected {expected} units, the stock is {stock}"),
            hint: None,
        };
        Settled::badly(Outcome::Conflict, Some(stock), trouble)
    })
}
