//! Which products bear a code or an id, as far as is known, and which codes are near one that none bears.

use rusqlite::params;

use super::rows::Rows;
use crate::error::Result;
use crate::model::ProductId;
use crate::near::{Nearest, folded};
use crate::sku_code::Closeness;
use crate::wanted::SkuRef;

impl Rows {
    /// The products with a variant of that id, or of a code that is the same in any way, as far as is known.
    pub fn bearers(&self, name: SkuRef<'_>, mut each: impl FnMut(ProductId)) -> Result<()> {
        self.look(|rows, number| {
            let of_id = "SELECT product_id FROM variants WHERE catalogue = ?1 AND sku_id = ?2";
            // Codes that are the same in any way fold to the same.
            let of_code =
                "SELECT product_id, sku_code FROM variants WHERE catalogue = ?1 AND folded = ?2";
            match name {
                SkuRef::Id(id) => {
                    let mut query = rows.prepare_cached(of_id)?;
                    let mut found = query.query(params![number, id])?;
                    while let Some(row) = found.next()? {
                        each(row.get("product_id")?);
                    }
                }
                SkuRef::Code(code) => {
                    let mut query = rows.prepare_cached(of_code)?;
                    let mut found = query.query(params![number, folded(code)])?;
                    while let Some(row) = found.next()? {
                        if Closeness::of(code, row.get_ref("sku_code")?.as_str()?).is_some() {
                            each(row.get("product_id")?);
                        }
                    }
                }
            }
            Ok(())
        })
    }

    /// Up to three codes that may have been meant by one that nothing bears. Looks at every code, but not at once.
    pub fn near(&self, asked: &str) -> Result<Vec<String>> {
        self.look(|rows, number| {
            let mut nearest = Nearest::to(asked);
            let key = folded(asked);
            let mut same = rows.prepare_cached(
                "SELECT DISTINCT sku_code FROM variants
                 WHERE catalogue = ?1 AND folded = ?2 AND sku_code NOT IN ('', ?3) LIMIT 3",
            )?;
            let mut found = same.query(params![number, key, asked])?;
            let mut any = false;
            while let Some(row) = found.next()? {
                nearest.consider(row.get_ref(0)?.as_str()?, &key);
                any = true;
            }
            if any {
                return Ok(nearest.best());
            }
            let mut all = rows.prepare_cached(
                "SELECT sku_code, folded FROM variants INDEXED BY variants_by_folded
                 WHERE catalogue = ?1",
            )?;
            let mut codes = all.query([number])?;
            while let Some(row) = codes.next()? {
                nearest.consider(row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
            }
            Ok(nearest.best())
        })
    }
}
