//! Plans the rows of a draft: has the products that they name read, finds each row's variant among them, and decides what is
//! to be done, several rows of one variant one after another.

use std::collections::BTreeSet;

use super::decide::{Asked, Step, below_zero};
use super::draft::Draft;
use super::effect::Stocks;
use super::matched::{Matched, Pass, sku};
use super::outcome::{Outcome, Settled, Trouble};
use super::row::RunRow;
use super::seen::Seen;
use crate::api::Client;
use crate::catalogue::{self, Catalogue, OnProgress, SkuName, Unreadable};
use crate::error::{Error, Fault, Kind, Result};
use crate::invisible::shown;
use crate::model::ProductId;
use crate::sku_code::Closeness;
use crate::wanted::Mode;

/// Near misses are looked for in the whole store; more of them than this are no help to anybody.
const MOST_SUGGESTIONS: usize = 20;

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
        loop {
            let change = self.state.look().unchecked_transaction();
            let change = change.map_err(|e| self.state.failed(e))?;
            let near = |code: &str| {
                let near = |catalogue: &Catalogue| catalogue.near(code);
                catalogue.as_ref().map(near).unwrap_or_default()
            };
            let mut planner = Planner {
                draft: self,
                catalogue: catalogue.as_ref(),
                unreadable: &unreadable,
                near: &near,
                stocks: Stocks::read(self)?,
                strangers: 0,
                twice: Vec::new(),
                doubted: BTreeSet::new(),
            };
            planner.rows()?;
            let effect = planner.stocks.effect(self)?;
            let Planner { twice, doubted, .. } = planner;
            match &mut catalogue {
                Some(catalogue) if !doubted.is_empty() => {
                    // Nothing of this plan stands: what comes after a doubted row may depend on it.
                    change.rollback().map_err(|e| self.state.failed(e))?;
                    self.read_doubted(planning, &Vec::from_iter(doubted), catalogue)?;
                }
                _ => {
                    change.commit().map_err(|e| self.state.failed(e))?;
                    self.effect = effect;
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
            faults.push(Fault {
                cell: None,
                line: Some(u64::from(*line)),
                column: None,
                message: format!("the same variant (sku {sku}) as in line {first}"),
            });
        }
        Err(Error::usage(message).with_faults(faults))
    }
}

/// Goes through the rows in their order.
struct Planner<'a> {
    draft: &'a Draft,
    catalogue: Option<&'a Catalogue>,
    /// Products that rows name and that can't be read.
    unreadable: &'a Unreadable,
    near: &'a dyn Fn(&str) -> Vec<String>,
    stocks: Stocks,
    /// Rows without a variant so far.
    strangers: usize,
    /// Lines that name a variant which an earlier line names: both, and the variant's place.
    twice: Vec<(u32, u32, u32)>,
    /// Products of rows that a list page alone would let fail or conflict.
    doubted: BTreeSet<ProductId>,
}

impl Planner<'_> {
    fn rows(&mut self) -> Result<()> {
        let failed = |e| self.draft.state.failed(e);
        // Where a product can't be read, an only variant may not be the only one.
        let all_read = self.catalogue.is_none_or(|c| c.unreadable().is_empty());
        let mut pass = Pass::over(self.draft.state.look()).map_err(failed)?;
        let mut from = 0;
        while u64::from(from) < self.draft.len() {
            let (portion, next) = pass.portion(from).map_err(failed)?;
            for row in portion {
                let plain = row.seen.as_ref().filter(|_| row.has_product || all_read);
                if let Some(seen) = plain {
                    self.decide(&row, seen, &mut pass)?;
                } else if let Some(seen) = self.by_itself(row.row, &mut pass)? {
                    self.decide(&row, &seen, &mut pass)?;
                }
            }
            from = next;
        }
        Ok(())
    }

    /// The variant that a row names in a way that is not plain. None where there is no such: the row has failed.
    fn by_itself(&mut self, row: u32, pass: &mut Pass<'_>) -> Result<Option<Seen>> {
        let failed = |e| self.draft.state.failed(e);
        let (whole, either) = pass.whole(row).map_err(failed)?;
        match self.find(&whole, either) {
            Ok(seen) => Ok(Some(seen)),
            Err(e) if e.kind() == Kind::Internal => Err(e),
            Err(e) => {
                self.strangers += 1;
                let ends = Settled::badly(Outcome::Failed, None, Trouble::from(&e));
                pass.failed(row, &ends).map_err(failed)?;
                Ok(None)
            }
        }
    }

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
            Step::Adjust(by) => match refused(by) {
                Some(refused) => (Some(by), Err(refused)),
                None => (Some(by), Ok(stock.saturating_add(by))),
            },
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

    /// Which variant a row means. [`Kind::NotFound`] where there is none; [`Kind::Refused`] or [`Kind::Usage`] where the
    /// row contradicts the store or several are possible.
    fn find(&self, row: &RunRow, either: bool) -> Result<Seen> {
        let name = match (row.sku, &row.sku_code) {
            (Some(id), Some(code)) if either => SkuName::Either(id, code.clone()),
            (Some(id), _) => SkuName::Id(id),
            (None, Some(code)) => SkuName::Code(code.clone()),
            (None, None) => return Err(Error::usage("no variant is named")),
        };
        let mut found = self.draft.candidates(&name, row.product)?;
        match row.product {
            Some(_) if !found.is_empty() => {}
            Some(product) if self.draft.has_seen(product)? => {}
            Some(product) => {
                let known = self
                    .catalogue
                    .and_then(|known| known.unreadable().get(product));
                let unreadable = self.unreadable.get(product).or(known);
                return Err(unreadable
                    .unwrap_or_else(|| not_found(format!("no product {product} in the store"))));
            }
            None => {
                let untold = self.catalogue.map(|catalogue| catalogue.untold(&name));
                untold.transpose()?.flatten().map_or(Ok(()), Err)?;
            }
        }
        if found.len() != 1 {
            return Err(self.none_or_several(&name, row, found)?);
        }
        let seen = found.remove(0);
        if let (SkuName::Id(sku), Some(code)) = (&name, &row.sku_code)
            && Closeness::of(code, &seen.sku_code).is_none()
        {
            return Err(Error::refused(format!(
                "sku {sku} has the code {} and not {}",
                shown(&seen.sku_code),
                shown(code)
            )));
        }
        Ok(seen)
    }

    /// Why no variant was found, or which ones could be meant.
    fn none_or_several(&self, name: &SkuName, row: &RunRow, found: Vec<Seen>) -> Result<Error> {
        if let (SkuName::Id(sku), Some(said)) = (name, row.product)
            && let Some(elsewhere) = self.draft.candidates(name, None)?.first()
        {
            return Ok(Error::refused(format!(
                "sku {sku} belongs to product {} and not {said}",
                elsewhere.product
            )));
        }
        let place = match row.product {
            Some(product) => format!("product {product}"),
            None => "the store".to_owned(),
        };
        let codes = match row.product {
            Some(product) if found.is_empty() => self.draft.codes_of(product)?,
            _ => Vec::new(),
        };
        let near = |code: &str| match row.product {
            _ if self.strangers >= MOST_SUGGESTIONS => Vec::new(),
            Some(_) => catalogue::near_misses(code, codes.iter().map(String::as_str)),
            None => (self.near)(code),
        };
        let candidates: Vec<_> = found.into_iter().map(Seen::candidate).collect();
        match (name.only(&candidates, near, &place), self.catalogue) {
            (Err(error), Some(catalogue)) if row.product.is_none() => {
                Ok(catalogue.perhaps_unread(error))
            }
            (Err(error), _) => Ok(error),
            (Ok(_), _) => Ok(Error::internal("the only variant of a name was not taken")),
        }
    }
}

fn not_found(message: String) -> Error {
    Error::new(Kind::NotFound, message)
}
