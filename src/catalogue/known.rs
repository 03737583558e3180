//! What the catalogue knows of a code without asking the store: enough to show, never enough to write.

use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::look_up::Keep;
use super::refresh::Reach;
use super::{Candidate, Catalogue};
use crate::api::Client;
use crate::error::Result;
use crate::model::{Product, ProductId, Raw, SkuId};
use crate::progress::OnProgress;

/// A variant as it was when last seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Its product.
    pub product: ProductId,
    /// Its sku id.
    pub sku: SkuId,
    /// Its code.
    pub code: String,
    /// What product and variant are called.
    pub name: String,
}

impl Known {
    /// What is shown of a variant.
    pub fn new(product: &Product, sku: SkuId) -> Option<Known> {
        let variant = product.variant(sku)?;
        Some(Known {
            product: product.product_id,
            sku,
            code: variant.sku_code.clone(),
            name: name(&product.name, &variant.variant_name),
        })
    }
}

impl From<Known> for Candidate {
    fn from(known: Known) -> Candidate {
        Candidate {
            product_id: known.product,
            sku_id: known.sku,
            sku_code: known.code,
            name: known.name,
        }
    }
}

fn name(product: &str, variant: &str) -> String {
    match variant {
        "" => product.to_owned(),
        variant => format!("{product} / {variant}"),
    }
}

impl Catalogue {
    /// The variants that bore this code when last seen.
    pub fn known(&self, code: &str) -> Result<Vec<Known>> {
        self.rows.look(|rows, number| {
            let mut query = rows.prepare_cached(
                "SELECT v.product_id, v.sku_id, v.sku_code, p.name AS product, v.name AS variant
                 FROM variants v LEFT JOIN products p USING (catalogue, product_id)
                 WHERE v.catalogue = ?1 AND v.sku_code = ?2 ORDER BY v.sku_id",
            )?;
            let known = query.query_map(params![number, code], |row| {
                let product: Option<String> = row.get("product")?;
                let variant: Option<String> = row.get("variant")?;
                Ok(Known {
                    product: row.get("product_id")?,
                    sku: row.get("sku_id")?,
                    code: row.get("sku_code")?,
                    name: name(&product.unwrap_or_default(), &variant.unwrap_or_default()),
                })
            })?;
            known.collect()
        })
    }

    /// Whether the whole store was read once.
    pub fn is_known(&self) -> Result<bool> {
        Ok(self.rows.watermark()?.0)
    }

    /// Reads what was updated since the catalogue was used last, and the whole store the first time.
    pub fn bring_up_to_date(&mut self, client: &Client, progress: OnProgress<'_>) -> Result<()> {
        let reach = Reach { client, progress };
        self.refresh(reach, &mut Nothing).map(drop)
    }
}

/// Keeps no product.
struct Nothing;

impl Keep for Nothing {
    fn has(&self, _: ProductId) -> Result<bool> {
        Ok(false)
    }

    fn keep(&mut self, _: &Raw<Product>) -> Result<()> {
        Ok(())
    }

    fn offer(&mut self, _: &Raw<Product>) -> Result<()> {
        Ok(())
    }

    fn gone(&mut self, _: ProductId) -> Result<()> {
        Ok(())
    }
}
