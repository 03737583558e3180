//! Plans the rows of a draft: has the products that they name read, finds each row's variant among them, adds up those that
//! are lots of one, and decides what is to be done, several rows of one variant one after another.

use std::collections::BTreeSet;

use super::decide::{Asked, Step, below_zero};
use super::draft::Draft;
use super::effect::Stocks;
use super::find::Finder;
use super::matched::{Matched, Pass, sku};
use super::outcome::Outcome;
use super::seen::Seen;
use crate::api::Client;
use crate::catalogue::Catalogue;
use crate::error::{Error, Fault, Result};
use crate::model::ProductId;
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
                stocks: Stocks::read(self)?,
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
            let effect = planner.stocks.effect(self)?;
            let Planner { twice, doubted, .. } = planner;
            match &mut catalogue {
                Some(catalogue) if !doubted.is_empty() => {
                    // Nothing of this plan stands: what comes after a doubted row may depend on it.
                    change.rollback().map_err(|e| self.state.failed(e))?;
                    self.read_doubted(planning, Vec::from_iter(doubted), catalogue)?;
                }
                _ => {
                    change.commit().map_err(|e| self.state.failed(e))?;
                    self.effect = effect;
                    self.reader = catalogue.map(Catalogue::close);
                    return self.named_twice(&twice);
                }
            }
        }
    }
}

impl Draft {
    /// An error, usage, that names the lines which name a variant that an earlier one names.
    fn named_twice(&self, twice: &[(u32, u32, u32)]) -> Result<()> {
        let message = match twice.len() {
            0 => return Ok(()),
            1 => "a variant is named twice".to_owned(),
            MOST_FAULTS => format!("{MOST_FAULTS} variants or more are named twice"),
            many => format!("{many} variants are named twice"),
        };
        let mut faults = Vec::new();
        for (line, first, place) in twice {
            let sku = self.ask(|c| sku(c, *place))?;
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
    /// Lines that name a variant which an earlier line names: both, and the variant's place.
    twice: Vec<(u32, u32, u32)>,
    /// Products of rows that a list page alone would let fail or conflict.
    doubted: BTreeSet<ProductId>,
}

impl Planner<'_> {
    fn decide(&mut self, row: &Matched, seen: &Seen, pass: &mut Pass<'_>) -> Result<()> {
        let place = seen.place;
        if let (Some(first), false) = (
            self.stocks.name(place, row.line),
            self.draft.mode == Mode::Adjust,
        ) {
            if self.twice.len() < MOST_FAULTS {
                self.twice.push((row.line, first, place));
            }
            return Ok(());
        }
        let stock = self.stocks.of(place);
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
        match &then {
            Ok(after) => self.stocks.plan(place, *after),
            Err(settled) if settled.outcome == Outcome::Unchanged => self.stocks.plan(place, stock),
            Err(_) if seen.read_at.is_none() => {
                self.doubted.insert(seen.product);
                return Ok(());
            }
            Err(_) => {}
        }
        let written = pass.decided(row.row, (seen, stock), adjustment, &then);
        written.map_err(|e| self.draft.state.failed(e))
    }
}
