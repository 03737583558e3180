//! Plans the rows of a draft: reads the products that they name, finds each row's variant among them, and decides what is
//! to be done, several rows of one variant one after another.

use rusqlite::params;

use super::decide::{Step, below_zero};
use super::draft::Draft;
use super::outcome::{Outcome, Settled, Trouble};
use super::row::{self, RunRow};
use super::seen::Seen;
use crate::api::Client;
use crate::catalogue::{self, Catalogue, Keep, OnProgress, SkuName, Unreadable};
use crate::error::{Error, Fault, Kind, Result};
use crate::model::{Product, ProductId, Raw, SkuId};
use crate::wanted::{Mode, SkuRef};

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
        let (catalogue, unreadable) = self.look(planning)?;
        self.index_seen()?;
        let near = |code: &str| {
            let near = |catalogue: &Catalogue| catalogue.near(code);
            catalogue.as_ref().map(near).unwrap_or_default()
        };
        let change = self.state.look().unchecked_transaction();
        let change = change.map_err(|e| self.state.failed(e))?;
        let mut planner = Planner {
            draft: self,
            catalogue: catalogue.as_ref(),
            unreadable,
            near: &near,
            strangers: 0,
            twice: Vec::new(),
        };
        planner.rows()?;
        let twice = planner.twice;
        change.commit().map_err(|e| self.state.failed(e))?;
        named_twice(twice)
    }

    /// Reads each product that the rows name, side by side. Rows that name none are looked up in the catalogue, which is
    /// asked for only then; every product that bears their codes is read, so that shared codes show. A product that can't
    /// be read is returned: it fails its own rows.
    fn look(&self, planning: &Planning<'_>) -> Result<(Option<Catalogue>, Unreadable)> {
        let &Planning {
            client,
            workers,
            progress,
            ..
        } = planning;
        let mut seen = Ok(());
        let unreadable = catalogue::products(
            client,
            &self.products()?,
            workers,
            progress,
            |_, product| {
                if let (Some(product), Ok(())) = (product, &seen) {
                    seen = self.see(&product.value);
                }
            },
        )?;
        seen?;
        if !self.names_codes()? {
            return Ok((None, unreadable));
        }
        let mut catalogue = (planning.catalogue)()?;
        catalogue.settle(
            client,
            &|each| self.to_look_up(each),
            workers,
            progress,
            &mut Seeing(self),
        )?;
        Ok((Some(catalogue), unreadable))
    }

    /// The products that rows name, in the order of the file, so that a run looks the same every time.
    fn products(&self) -> Result<Vec<ProductId>> {
        self.ask(|c| {
            let mut named = c.prepare(
                "SELECT product_id FROM temp.draft
                 WHERE product_id IS NOT NULL AND (outcome IS NULL OR (?1 AND outcome = 'unknown'))
                 GROUP BY product_id ORDER BY min(row)",
            )?;
            let mut ids = Vec::new();
            let mut named = named.query([self.resends])?;
            while let Some(found) = named.next()? {
                ids.extend(ProductId::new(found.get(0)?));
            }
            Ok(ids)
        })
    }

    fn names_codes(&self) -> Result<bool> {
        self.ask(|c| {
            c.prepare("SELECT 1 FROM temp.draft WHERE product_id IS NULL AND outcome IS NULL")?
                .exists([])
        })
    }

    /// What has to be looked up to know the rows' products.
    fn to_look_up(&self, each: &mut dyn FnMut(SkuRef<'_>) -> Result<()>) -> Result<()> {
        let failed = |e| self.state.failed(e);
        let mut rows = self
            .state
            .look()
            .prepare_cached(
                "SELECT sku_id, sku_code, either FROM temp.draft WHERE product_id IS NULL AND outcome IS NULL ORDER BY row",
            )
            .map_err(failed)?;
        let mut rows = rows.query([]).map_err(failed)?;
        while let Some(found) = rows.next().map_err(failed)? {
            let id: Option<i64> = found.get(0).map_err(failed)?;
            let code = found.get_ref(1).map_err(failed)?.as_str_or_null();
            let code = code.map_err(|e| failed(e.into()))?;
            let either: bool = found.get(2).map_err(failed)?;
            let id = id.and_then(SkuId::new);
            if let Some(id) = id {
                each(SkuRef::Id(id))?;
            }
            if let Some(code) = code.filter(|_| id.is_none() || either) {
                each(SkuRef::Code(code))?;
            }
        }
        Ok(())
    }
}

/// Keeps in a draft's tables what a look-up reads.
struct Seeing<'a>(&'a Draft);

impl Keep for Seeing<'_> {
    fn has(&self, id: ProductId) -> Result<bool> {
        self.0.has_seen(id)
    }

    fn keep(&mut self, product: &Raw<Product>) -> Result<()> {
        self.0.see(&product.value)
    }

    fn offer(&mut self, product: &Raw<Product>) -> Result<()> {
        match self.0.has_seen(product.value.product_id)? {
            true => self.0.see(&product.value),
            false => Ok(()),
        }
    }

    fn gone(&mut self, id: ProductId) -> Result<()> {
        self.0.unsee(id)
    }
}

/// Goes through the rows in their order.
struct Planner<'a> {
    draft: &'a Draft,
    catalogue: Option<&'a Catalogue>,
    /// Products that rows name and that can't be read.
    unreadable: Unreadable,
    near: &'a dyn Fn(&str) -> Vec<String>,
    /// Rows without a variant so far.
    strangers: usize,
    /// Lines that name a variant which an earlier line names: both, and the variant.
    twice: Vec<(u32, u32, SkuId)>,
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
                .query_map([from], |found| Ok((RunRow::read(found)?, found.get("either")?)))?
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
                seen.map(|(seen, _)| seen.read_at),
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
        match row.product {
            Some(product) if self.draft.has_seen(product)? => {}
            Some(product) => {
                let unreadable = self.unreadable.get(product);
                return Err(unreadable
                    .unwrap_or_else(|| not_found(format!("no product {product} in the store"))));
            }
            None => {
                let untold = self.catalogue.map(|catalogue| catalogue.untold(&name));
                untold.transpose()?.flatten().map_or(Ok(()), Err)?;
            }
        }
        let mut found = self.draft.candidates(&name, row.product)?;
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
