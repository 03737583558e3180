//! Plans the rows of a draft: has the products that they name read, finds each row's variant among them, and decides what is
//! to be done, several rows of one variant one after another.

use std::collections::BTreeSet;

use rusqlite::params;

use super::decide::{Step, below_zero};
use super::draft::Draft;
use super::outcome::{Outcome, Settled, Trouble};
use super::row::{self, RunRow};
use super::seen::Seen;
use crate::api::Client;
use crate::catalogue::{self, Catalogue, OnProgress, SkuName, Unreadable};
use crate::error::{Error, Fault, Kind, Result};
use crate::model::{ProductId, SkuId};
use crate::wanted::Mode;

/// Near misses are looked for in the whole store; more of them than this are no help to anybody.
const MOST_SUGGESTIONS: usize = 20;

/// The most variants named twice that are told of.
const MOST_FAULTS: usize = 100;

/// How many rows are planned before the next are read.
const PORTION: u32 = 1000;

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
        self.products_are_ours(catalogue.as_ref(), &unreadable)?;
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
                strangers: 0,
                twice: Vec::new(),
                doubted: BTreeSet::new(),
            };
            planner.rows()?;
            let Planner { twice, doubted, .. } = planner;
            match &mut catalogue {
                Some(catalogue) if !doubted.is_empty() => {
                    // Nothing of this plan stands: what comes after a doubted row may depend on it.
                    change.rollback().map_err(|e| self.state.failed(e))?;
                    self.read_doubted(planning, &Vec::from_iter(doubted), catalogue)?;
                }
                _ => {
                    change.commit().map_err(|e| self.state.failed(e))?;
                    return named_twice(twice);
                }
            }
        }
    }
}

/// Goes through the rows in their order.
struct Planner<'a> {
    draft: &'a Draft,
    catalogue: Option<&'a Catalogue>,
    /// Products that rows name and that can't be read.
    unreadable: &'a Unreadable,
    near: &'a dyn Fn(&str) -> Vec<String>,
    /// Rows without a variant so far.
    strangers: usize,
    /// Lines that name a variant which an earlier line names: both, and the variant.
    twice: Vec<(u32, u32, SkuId)>,
    /// Products of rows that a list page alone would let fail or conflict.
    doubted: BTreeSet<ProductId>,
}

impl Planner<'_> {
    fn rows(&mut self) -> Result<()> {
        let mut from = 0;
        loop {
            let rows = self.portion(from)?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            from = last.0.row + 1;
            for (row, either) in rows {
                self.row(row, either)?;
            }
        }
    }

    /// The next rows to plan, and whether each names its variant by a number that may be an id or a code.
    fn portion(&self, from: u32) -> Result<Vec<(RunRow, bool)>> {
        self.draft.ask(|c| {
            let sql = format!(
                "SELECT {}, either FROM temp.draft WHERE row >= ?1 AND outcome IS NULL ORDER BY row LIMIT {PORTION}",
                row::COLUMNS
            );
            c.prepare_cached(&sql)?
                .query_map([from], |found| Ok((RunRow::read(found)?, found.get(row::WIDTH)?)))?
                .collect()
        })
    }

    fn row(&mut self, row: RunRow, either: bool) -> Result<()> {
        let seen = match self.find(&row, either) {
            Ok(seen) => seen,
            Err(e) if e.kind() == Kind::Internal => return Err(e),
            Err(e) => {
                self.strangers += 1;
                return self.write(
                    &row,
                    None,
                    None,
                    Err(Settled::badly(Outcome::Failed, None, Trouble::from(&e))),
                );
            }
        };
        if let (Some(first), false) = (seen.named_in, self.draft.mode == Mode::Adjust) {
            if self.twice.len() < MOST_FAULTS {
                self.twice.push((row.line, first, seen.sku));
            }
            return Ok(());
        }
        let stock = seen.planned.unwrap_or(seen.quantity);
        let foresees = self.draft.foresees_refusals;
        let refused = |by| below_zero(stock, by).filter(|_| foresees);
        let (adjustment, planned) = match self.draft.asked(&row).step(stock) {
            Step::Set(quantity) => (None, Ok(quantity.get())),
            Step::Adjust(by) => match refused(by) {
                Some(refused) => (Some(by), Err(refused)),
                None => (Some(by), Ok(stock.saturating_add(by))),
            },
            Step::End(settled) => (None, Err(settled)),
        };
        let fails = matches!(&planned, Err(settled) if settled.outcome != Outcome::Unchanged);
        if fails && seen.read_at.is_none() {
            self.doubted.insert(seen.product);
            return Ok(());
        }
        let then = match &planned {
            Ok(then) => Some(*then),
            Err(settled) if settled.outcome == Outcome::Unchanged => Some(stock),
            Err(_) => seen.planned,
        };
        self.mark(&seen, then, row.line)?;
        self.write(&row, Some((&seen, stock)), adjustment, planned)
    }

    /// Takes note in what was seen of what the variant will have, and of the first line that names it.
    fn mark(&self, seen: &Seen, planned: Option<i64>, line: u32) -> Result<()> {
        self.draft.ask(|c| {
            c.prepare_cached(
                "UPDATE temp.seen_variants SET planned = ?3, named_in = coalesce(named_in, ?4)
                 WHERE product_id = ?1 AND sku_id = ?2",
            )?
            .execute(params![seen.product.get(), seen.sku.get(), planned, line])?;
            Ok(())
        })
    }

    /// Writes what was decided of a row: what the stock will be, or how it ends.
    fn write(
        &self,
        row: &RunRow,
        seen: Option<(&Seen, i64)>,
        adjustment: Option<i64>,
        planned: Result<i64, Settled>,
    ) -> Result<()> {
        let settled = planned.as_ref().err();
        let trouble = settled.and_then(|settled| settled.trouble.as_deref());
        self.draft.ask(|c| {
            c.prepare_cached(
                "UPDATE temp.draft SET product_id = coalesce(?2, product_id), sku_id = coalesce(?3, sku_id),
                    sku_code = coalesce(?4, sku_code), adjustment = ?5, previous = ?6, read_at = ?7, quantity = ?8,
                    outcome = ?9, kind = ?10, status = ?11, code = ?12, error = ?13, hint = ?14
                 WHERE row = ?1",
            )?
            .execute(params![
                row.row,
                seen.map(|(seen, _)| seen.product.get()),
                seen.map(|(seen, _)| seen.sku.get()),
                seen.map(|(seen, _)| seen.sku_code.as_str()),
                adjustment,
                seen.map(|(_, stock)| stock),
                seen.and_then(|(seen, _)| seen.read_at),
                planned.as_ref().ok().copied().or(settled.and_then(|settled| settled.quantity)),
                settled.map(|settled| settled.outcome.name()),
                trouble.map(|t| t.kind.name()),
                trouble.and_then(|t| t.status),
                trouble.and_then(|t| t.code.as_deref()),
                trouble.map(|t| t.message.as_str()),
                trouble.and_then(|t| t.hint.as_deref()),
            ])?;
            Ok(())
        })
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
            && seen.sku_code.trim() != code.trim()
        {
            return Err(Error::refused(format!(
                "sku {sku} has the code {} and not {code}",
                seen.sku_code
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

fn named_twice(twice: Vec<(u32, u32, SkuId)>) -> Result<()> {
    let message = match twice.len() {
        0 => return Ok(()),
        1 => "a variant is named twice".to_owned(),
        MOST_FAULTS => format!("{MOST_FAULTS} variants or more are named twice"),
        many => format!("{many} variants are named twice"),
    };
    let faults = twice.into_iter().map(|(line, first, sku)| Fault {
        cell: None,
        line: Some(u64::from(line)),
        column: None,
        message: format!("the same variant (sku {sku}) as in line {first}"),
    });
    Err(Error::usage(message).with_faults(faults.collect()))
}

fn not_found(message: String) -> Error {
    Error::new(Kind::NotFound, message)
}
