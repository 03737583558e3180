//! Plans the rows of a draft: has the products that they name read, finds each row's variant among them, adds up those that
//! are lots of one, and decides what is to be done, several rows of one variant one after another.

use std::collections::BTreeSet;

use super::decide::{Asked, Step, below_zero};
use super::draft::Draft;
use super::effect::Stocks;
use super::find::Finder;
use super::matched::{Matched, Pass};
use super::outcome::{Outcome, Settled};
use super::seen::Seen;
use crate::api::Client;
use crate::catalogue::Catalogue;
use crate::error::{Error, Fault, Result};
use crate::model::{ProductId, SkuId};
use crate::progress::{OnProgress, Phase, Progress};
use crate::wanted::Mode;

/// The most variants named twice that are told of.
const MOST_FAULTS: usize = 100;

/// What planning needs besides the rows.
pub struct Planning<'a> {
    /// The way to the store.
    pub client: &'a Client,
    /// Opens the catalogue of the store; asked for only where a row names no product.
    pub catalogue: &'a dyn Fn() -> Result<Catalogue>,
    /// Requests under way at once.
    pub workers: usize,
    /// Told how far the reading has come.
    pub progress: OnProgress<'a>,
}

impl Draft {
    /// Reads the store and decides what is to be done with every row. The same variant in two rows of *set* or *stocktake*,
    /// once by id and once by code, is an error naming both lines.
    pub fn plan(&mut self, planning: &Planning<'_>) -> Result<()> {
        let (mut catalogue, unreadable) = self.look(planning)?;
        self.index_seen()?;
        if unreadable.is_empty() && catalogue.as_ref().is_none_or(|c| c.unreadable().is_empty()) {
            self.skus_are_ours()?;
        }
        self.add_up_lots(catalogue.as_ref(), &unreadable)?;
        loop {
            let change = self.state.look().unchecked_transaction();
            let change = change.map_err(|e| self.state.failed(e))?;
            let mut planner = Planner {
                draft: self,
                stocks: Stocks::new(self)?,
                twice: Vec::new(),
                doubted: BTreeSet::new(),
            };
            let mut finder = Finder::new(self, catalogue.as_ref(), &unreadable);
            let told =
                |rows| (planning.progress)(Progress::counted(Phase::Planning, rows, self.len()));
            let mut pass = Pass::over(self.state.look()).map_err(|e| self.state.failed(e))?;
            finder.each(&mut pass, told, |row, seen, pass| {
                planner.decide(row, seen, pass)
            })?;
            drop(pass);
            let Planner {
                stocks,
                twice,
                doubted,
                ..
            } = planner;
            match &mut catalogue {
                Some(catalogue) if !doubted.is_empty() => {
                    // Nothing of this plan stands: what comes after a doubted row may depend on it.
                    change.rollback().map_err(|e| self.state.failed(e))?;
                    self.read_doubted(planning, Vec::from_iter(doubted), catalogue)?;
                }
                _ => {
                    change.commit().map_err(|e| self.state.failed(e))?;
                    self.reader = catalogue.map(Catalogue::close);
                    self.named_twice(&twice)?;
                    self.effect = stocks.effect(self)?;
                    return Ok(());
                }
            }
        }
    }
}

impl Draft {
    /// An error, usage, that names the lines which name a variant that an earlier one names.
    fn named_twice(&self, twice: &[(u32, u32)]) -> Result<()> {
        let message = match twice.len() {
            0 => return Ok(()),
            1 => "a variant is named twice".to_owned(),
            MOST_FAULTS => format!("{MOST_FAULTS} variants or more are named twice"),
            many => format!("{many} variants are named twice"),
        };
        self.ask(|c| c.execute_batch("CREATE INDEX temp.draft_by_place ON draft (place)"))?;
        let first = "SELECT line, sku_id FROM temp.draft WHERE place = ?1";
        let mut faults = Vec::new();
        for (line, place) in twice {
            let (first, sku): (u32, SkuId) = self
                .ask(|c| c.query_row(first, [place], |found| Ok((found.get(0)?, found.get(1)?))))?;
            let same = format!("the same variant (sku {sku}) as in line {first}");
            faults.push(Fault::of_line(*line, same));
        }
        Err(Error::usage(message).with_faults(faults))
    }
}

/// Decides about the rows in their order.
struct Planner<'a> {
    draft: &'a Draft,
    stocks: Stocks,
    /// Lines that name a variant which an earlier line names, and the variant's place.
    twice: Vec<(u32, u32)>,
    /// Products of rows that a list page alone would let fail or conflict.
    doubted: BTreeSet<ProductId>,
}

impl Planner<'_> {
    fn decide(&mut self, row: &Matched, seen: &Seen, pass: &mut Pass<'_>) -> Result<()> {
        let stock = match self.stocks.left(seen.place) {
            None => seen.quantity,
            Some(left) if self.draft.mode == Mode::Adjust => left,
            Some(_) => {
                if self.twice.len() < MOST_FAULTS {
                    self.twice.push((row.line, seen.place));
                }
                return Ok(());
            }
        };
        let asked = Asked {
            mode: self.draft.mode,
            wanted: row.wanted,
            expected: row.expected,
            on_conflict: self.draft.on_conflict,
        };
        let foresees = self.draft.foresees_refusals;
        let refused = |by| below_zero(stock, by).filter(|_| foresees);
        let (adjustment, then) = match asked.step(stock) {
            Step::Set(quantity) => (None, Ok(quantity.get())),
            Step::Adjust(by) => {
                let after = stock.saturating_add(by);
                (Some(by), refused(by).map_or(Ok(after), Err))
            }
            Step::End(settled) => (None, Err(settled)),
        };
        let left = *then.as_ref().unwrap_or(&stock);
        self.stocks.leave(seen.place, left);
        let amiss = |settled: &Settled| settled.outcome != Outcome::Unchanged;
        if seen.read_at.is_none() && then.as_ref().is_err_and(amiss) {
            self.doubted.insert(seen.product);
            return Ok(());
        }
        let written = pass.decided(row.row, (seen, stock), adjustment, &then);
        written.map_err(|e| self.draft.state.failed(e))
    }
}
