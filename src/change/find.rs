//! Finds the variant that a row names, among those that were read of the store.

use super::draft::Draft;
use super::matched::{Matched, Pass};
use super::outcome::{Outcome, Settled, Trouble};
use super::row::RunRow;
use super::seen::Seen;
use crate::catalogue::{self, Candidate, Catalogue, SkuName, Unreadable};
use crate::error::{Error, Kind, Result};
use crate::invisible::shown;
use crate::model::ProductId;
use crate::sku_code::Closeness;

/// Near misses are looked for in the whole store; more of them than this are no help to anybody.
const MOST_SUGGESTIONS: usize = 20;

/// Finds the variants of rows one after another.
pub(super) struct Finder<'a> {
    draft: &'a Draft,
    catalogue: Option<&'a Catalogue>,
    /// Products that rows name and that can't be read.
    unreadable: &'a Unreadable,
    /// Whether every product that may bear a code was read; where one was not, an only variant may not be the only one.
    all_read: bool,
    /// Rows without a variant so far.
    strangers: usize,
}

impl<'a> Finder<'a> {
    pub(super) fn new(
        draft: &'a Draft,
        catalogue: Option<&'a Catalogue>,
        unreadable: &'a Unreadable,
    ) -> Finder<'a> {
        Finder {
            draft,
            catalogue,
            unreadable,
            all_read: catalogue.is_none_or(|known| known.unreadable().is_empty()),
            strangers: 0,
        }
    }

    /// Each row that is to be planned, in its order, with the variant that it names; a row without one has failed. `told`
    /// hears how many rows are behind it.
    pub(super) fn each(
        &mut self,
        pass: &mut Pass<'_>,
        told: impl Fn(u64),
        mut each: impl FnMut(&Matched, &Seen, &mut Pass<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut from = 0;
        while u64::from(from) < self.draft.len() {
            told(from.into());
            let (portion, next) = pass.portion(from).map_err(|e| self.draft.state.failed(e))?;
            for mut row in portion {
                if let Some(seen) = self.variant(&mut row, pass)? {
                    each(&row, &seen, pass)?;
                }
            }
            from = next;
        }
        Ok(())
    }

    /// The variant that a row names. None where there is no such: the row has failed. Errors are internal.
    fn variant(&mut self, row: &mut Matched, pass: &mut Pass<'_>) -> Result<Option<Seen>> {
        if row.seen.is_some() && (row.has_product || self.all_read) {
            return Ok(row.seen.take());
        }
        let failed = |e| self.draft.state.failed(e);
        let (whole, either) = pass.whole(row.row).map_err(failed)?;
        match self.the_only(&whole, either) {
            Ok(seen) => Ok(Some(seen)),
            Err(e) if e.kind() == Kind::Internal => Err(e),
            Err(e) => {
                self.strangers += 1;
                let ends = Settled::badly(Outcome::Failed, None, Trouble::from(&e));
                pass.failed(row.row, &ends).map_err(failed)?;
                Ok(None)
            }
        }
    }

    /// All variants that a row may be about, whatever product it names.
    pub(super) fn perhaps(&self, row: &RunRow) -> Result<Vec<Seen>> {
        let names = [
            row.sku.map(SkuName::Id),
            row.sku_code.clone().map(SkuName::Code),
        ];
        let mut perhaps = Vec::new();
        for name in names.iter().flatten() {
            perhaps.extend(self.draft.candidates(name, None)?);
        }
        Ok(perhaps)
    }

    /// Which variant a row means. [`Kind::NotFound`] where there is none; [`Kind::Refused`] or [`Kind::Usage`] where the
    /// row contradicts the store or several are possible.
    fn the_only(&self, row: &RunRow, either: bool) -> Result<Seen> {
        let Some(name) = name(row, either) else {
            return Err(Error::usage("no variant is named"));
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
                let message = format!("no product {product} in the store");
                return Err(unreadable.unwrap_or_else(|| Error::new(Kind::NotFound, message)));
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
            None => self
                .catalogue
                .map(|known| known.near(code))
                .unwrap_or_default(),
        };
        let candidates: Vec<_> = found.into_iter().map(Seen::candidate).collect();
        match (name.only(&candidates, near, &place), self.catalogue) {
            (Err(error), _) if self.draft.of_file && !candidates.is_empty() => {
                Ok(error.hinted(in_columns(&candidates, row.product)))
            }
            (Err(error), Some(catalogue)) if row.product.is_none() => {
                Ok(catalogue.perhaps_unread(error))
            }
            (Err(error), _) => Ok(error),
            (Ok(_), _) => Ok(Error::internal("the only variant of a name was not taken")),
        }
    }
}

/// How a row of a file says which of these is meant.
fn in_columns(candidates: &[Candidate], product: Option<ProductId>) -> String {
    let first = &candidates[0];
    let sku = format!("{} under sku_id", first.sku_id);
    let others = &mut candidates[1..].iter().map(|other| other.product_id);
    match product.is_none() && others.all(|other| other != first.product_id) {
        true => format!(
            "name the one that is meant in a column of the file: {sku}, or {} under product_id",
            first.product_id
        ),
        false => format!("name the one that is meant in a column of the file: {sku}"),
    }
}

/// The words by which a row names its variant.
fn name(row: &RunRow, either: bool) -> Option<SkuName> {
    Some(match (row.sku, &row.sku_code) {
        (Some(id), Some(code)) if either => SkuName::Either(id, code.clone()),
        (Some(id), _) => SkuName::Id(id),
        (None, Some(code)) => SkuName::Code(code.clone()),
        (None, None) => return None,
    })
}

#[cfg(test)]
mod tests;
