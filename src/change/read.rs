//! Reads what the rows of a draft name: products, and the variants that codes may mean.

use rusqlite::OptionalExtension;

use super::draft::{Draft, Ids};
use super::plan::Planning;
use crate::catalogue::{self, Catalogue, Keep, Unreadable};
use crate::error::{Error, Result};
use crate::model::{Product, ProductId, Raw, SkuId};
use crate::wanted::{Mode, SkuRef};

/// As many requests as one list page and the products that it is checked by.
const FEW: usize = 4;

/// This many products take longer to read than a reading proves anything.
const MANY: usize = 1000;

/// Each id and code of rows without a product once, however many rows name it; in order, so that those which stand near
/// each other in the catalogue are looked for one after another.
const NAMES: &str = "
    CREATE TEMP TABLE names AS
        SELECT sku_id, iif(sku_id IS NULL OR either, sku_code, NULL) AS sku_code FROM temp.draft
        WHERE product_id IS NULL AND outcome IS NULL GROUP BY 1, 2;";

impl Draft {
    /// Reads each product that the rows name, side by side, or list pages where these are fewer. Rows that name none are
    /// looked up in the catalogue; every product that bears their codes is read, so that shared codes show. Products that
    /// can't be read are returned, or are in the catalogue: they fail their own rows. An error, usage, where the file's
    /// product ids are another program's.
    pub(super) fn look(&self, planning: &Planning<'_>) -> Result<(Option<Catalogue>, Unreadable)> {
        let &Planning {
            client,
            workers,
            progress,
            ..
        } = planning;
        let products = self.products()?;
        let mut catalogue = match self.takes_totals(products.len()) || self.names_codes()? {
            true => Some((planning.catalogue)()?),
            false => None,
        };
        let mut unreadable = Unreadable::default();
        let mut seeing = Seeing {
            draft: self,
            totals: true,
        };
        match &mut catalogue {
            Some(catalogue) if catalogue.pages_are_fewer(&products)? => {
                catalogue.read_less(client, products, workers, progress, &mut seeing)?;
            }
            _ => unreadable = self.read_each(planning, &products)?,
        }
        if let (Some(catalogue), true) = (&mut catalogue, self.names_codes()?) {
            self.ask(|c| c.execute_batch(NAMES))?;
            catalogue.read_bearers(
                client,
                &|each| self.to_look_up(each),
                workers,
                progress,
                &mut seeing,
            )?;
        }
        self.products_are_ours(catalogue.as_ref(), &unreadable)?;
        Ok((catalogue, unreadable))
    }

    /// Reads each of these products. Those that can't be read are returned.
    fn read_each(&self, planning: &Planning<'_>, products: &[ProductId]) -> Result<Unreadable> {
        let mut seen = Ok(());
        let unreadable = catalogue::products(
            planning.client,
            products,
            planning.workers,
            planning.progress,
            |_, product| {
                if let (Some(product), Ok(())) = (product, &seen) {
                    seen = self.see(&product.value);
                }
            },
        )?;
        seen.map(|()| unreadable)
    }

    /// Reads products of which a list page told something that it may not decide alone.
    pub(super) fn read_doubted(
        &self,
        planning: &Planning<'_>,
        products: Vec<ProductId>,
        catalogue: &mut Catalogue,
    ) -> Result<()> {
        let mut seeing = Seeing {
            draft: self,
            totals: false,
        };
        let (client, workers) = (planning.client, planning.workers);
        catalogue.read_less(client, products, workers, planning.progress, &mut seeing)
    }

    /// Whether list pages may tell the stock of this many products. They are no evidence of what becomes of an adjustment; a
    /// reading is, for a few seconds, which are over before as many products as this are read one by one.
    fn takes_totals(&self, products: usize) -> bool {
        products >= if self.mode == Mode::Set { FEW } else { MANY }
    }

    /// An error, usage, where a file has a column of product ids and none of them is a product of the store: they are
    /// another program's.
    fn products_are_ours(
        &self,
        catalogue: Option<&Catalogue>,
        unreadable: &Unreadable,
    ) -> Result<()> {
        let Some(ids) = &self.product_ids else {
            return Ok(());
        };
        let seen = "SELECT 1 FROM temp.draft JOIN temp.seen_products USING (product_id) WHERE outcome IS NULL";
        if self.state.exists(seen, [])? {
            return Ok(());
        }
        let named = self.products()?;
        let is_there = |id: &ProductId| {
            unreadable.has(*id) || catalogue.is_some_and(|known| known.unreadable().has(*id))
        };
        match named.first() {
            Some(first) if !named.iter().any(is_there) => {
                Err(foreign("product id", ids, "product", first.get()))
            }
            _ => Ok(()),
        }
    }

    /// An error, usage, where a file has a column of sku ids beside codes and none of them is a variant of the store: they are
    /// another program's. What the store has of them was read, and all of its products can be. Rows that failed by
    /// themselves were not looked for.
    pub(super) fn skus_are_ours(&self) -> Result<()> {
        let Some(ids) = &self.sku_ids else {
            return Ok(());
        };
        let first: Option<i64> = self.ask(|c| {
            c.query_row(
                "SELECT sku_id FROM temp.draft AS d WHERE sku_id IS NOT NULL AND outcome IS NULL AND NOT EXISTS (
                    SELECT 1 FROM temp.draft AS d JOIN temp.seen_variants USING (sku_id))
                 ORDER BY row LIMIT 1",
                [],
                |found| found.get(0),
            )
            .optional()
        })?;
        first.map_or(Ok(()), |first| {
            Err(foreign("sku id", ids, "variant", first))
        })
    }

    /// The products that rows name, in the order of the file, so that a run looks the same every time.
    fn products(&self) -> Result<Vec<ProductId>> {
        self.state.all(
            "SELECT product_id FROM temp.draft
             WHERE product_id IS NOT NULL AND (outcome IS NULL OR (?1 AND outcome = 'unknown'))
             GROUP BY product_id ORDER BY min(row)",
            [self.resends],
            |found| found.get(0),
        )
    }

    fn names_codes(&self) -> Result<bool> {
        let named = "SELECT 1 FROM temp.draft WHERE product_id IS NULL AND outcome IS NULL";
        self.state.exists(named, [])
    }

    /// What has to be looked up to know the rows' products.
    fn to_look_up(&self, each: &mut dyn FnMut(SkuRef<'_>) -> Result<()>) -> Result<()> {
        let failed = |e| self.state.failed(e);
        let look = self.state.look();
        let mut names = look
            .prepare_cached("SELECT sku_id, sku_code FROM temp.names")
            .map_err(failed)?;
        let mut names = names.query([]).map_err(failed)?;
        while let Some(found) = names.next().map_err(failed)? {
            let id: Option<i64> = found.get(0).map_err(failed)?;
            let code = found.get_ref(1).map_err(failed)?.as_str_or_null();
            if let Some(id) = id.and_then(SkuId::new) {
                each(SkuRef::Id(id))?;
            }
            if let Some(code) = code.map_err(|e| failed(e.into()))? {
                each(SkuRef::Code(code))?;
            }
        }
        Ok(())
    }
}

/// An error, usage: the ids in a column of a file are another program's.
fn foreign(id: &str, ids: &Ids, what: &str, first: i64) -> Error {
    Error::usage(format!(
        "no {id} in the column {} is a {what} of the store; {first} is the first",
        ids.header
    ))
    .hinted(format!(
        "where the column has another program's ids, {}",
        ids.leaving_out
    ))
}

/// Keeps in a draft's tables what a look-up reads.
struct Seeing<'a> {
    draft: &'a Draft,
    /// Whether list pages may tell it.
    totals: bool,
}

impl Keep for Seeing<'_> {
    fn has(&self, id: ProductId) -> Result<bool> {
        self.draft.has_seen(id)
    }

    fn keep(&mut self, product: &Raw<Product>) -> Result<()> {
        self.draft.see(&product.value)
    }

    fn offer(&mut self, product: &Raw<Product>) -> Result<()> {
        match self.draft.has_seen(product.value.product_id)? {
            true => self.draft.see(&product.value),
            false => Ok(()),
        }
    }

    fn gone(&mut self, id: ProductId) -> Result<()> {
        self.draft.unsee(id)
    }

    fn takes_totals(&self, products: usize) -> bool {
        self.totals && self.draft.takes_totals(products)
    }

    fn keep_total(&mut self, product: &Product) -> Result<()> {
        self.draft.see_on_page(product)
    }
}
