//! From a SKU code or sku id to the variant that bears it: the whole store is walked, pages and products at once.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::api::{Client, ListQuery, Sort, SortBy, paging};
use crate::error::{Error, Kind, Result};
use crate::model::{Product, ProductId, Raw, SkuId, Variant};
use crate::side_by_side::side_by_side;

/// How many requests a walk keeps under way.
pub const WALKERS: usize = 16;

/// How far a walk has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being counted.
    pub what: &'static str,
    /// So many were seen.
    pub done: u64,
    /// Of so many.
    pub total: u64,
}

/// Told how far a walk has come.
pub type OnProgress<'a> = &'a dyn Fn(Progress);

/// Reads every product of the store with its variants and hands each to `each`, on the calling thread. A product that
/// is deleted between the list and its reading is passed over.
pub fn walk(
    client: &Client,
    workers: usize,
    progress: OnProgress<'_>,
    mut each: impl FnMut(Raw<Product>),
) -> Result<()> {
    // By name: changes of stock, which are the most frequent, don't move products between these pages.
    let query = ListQuery {
        sort: Sort {
            by: SortBy::Name,
            descending: false,
        },
        ..ListQuery::default()
    };
    let mut ids = Vec::new();
    let listed = |done, total| {
        progress(Progress {
            what: "products listed",
            done,
            total,
        });
    };
    paging::all_products(client, &query, workers, &listed, |product| {
        ids.push(product.value.product_id);
        Ok(ControlFlow::Continue(()))
    })?;
    products(client, &ids, workers, progress, |_, product| {
        if let Some(product) = product {
            each(product);
        }
    })
}

/// Reads these products side by side and hands each to `each` in order; `None` for one that the store does not have.
pub fn products(
    client: &Client,
    ids: &[ProductId],
    workers: usize,
    progress: OnProgress<'_>,
    mut each: impl FnMut(ProductId, Option<Raw<Product>>),
) -> Result<()> {
    let total = ids.len() as u64;
    let mut done = 0;
    let end = side_by_side(
        ids.iter().copied(),
        workers.min(ids.len()),
        |id| (id, client.product(id)),
        |(id, product)| {
            match product {
                Ok(product) => each(id, Some(product)),
                Err(e) if e.kind() == Kind::NotFound => each(id, None),
                Err(e) => return ControlFlow::Break(e),
            }
            done += 1;
            progress(Progress {
                what: "products read",
                done,
                total,
            });
            ControlFlow::Continue(())
        },
    );
    match end {
        Some(e) => Err(e),
        None => Ok(()),
    }
}

/// A variant that was looked for and found.
#[derive(Clone)]
pub struct Found {
    /// Its product, as it was read just now.
    pub product: Arc<Raw<Product>>,
    /// Which of the product's variants.
    pub sku_id: SkuId,
}

/// The variants that these names mean, looked for in the whole store. [`Kind::NotFound`] where there is none of a
/// name, with near misses; [`Kind::Usage`] where several are possible.
pub fn find(client: &Client, names: &[SkuName], progress: OnProgress<'_>) -> Result<Vec<Found>> {
    let mut candidates: Vec<Vec<(Candidate, Arc<Raw<Product>>)>> = vec![Vec::new(); names.len()];
    let mut codes: Vec<String> = Vec::new();
    walk(client, WALKERS, progress, |product| {
        let product = Arc::new(product);
        for variant in &product.value.variants {
            for (name, candidates) in names.iter().zip(&mut candidates) {
                if name.names(variant) {
                    let candidate = Candidate::new(&product.value, variant);
                    candidates.push((candidate, Arc::clone(&product)));
                }
            }
            codes.push(variant.sku_code.clone());
        }
    })?;
    names
        .iter()
        .zip(candidates)
        .map(|(name, candidates)| {
            let (candidates, products): (Vec<Candidate>, Vec<_>) = candidates.into_iter().unzip();
            let codes = codes.iter().map(String::as_str);
            let found = name.only(&candidates, codes, "the store")?;
            let product = candidates
                .iter()
                .zip(products)
                .find(|(candidate, _)| *candidate == found)
                .map(|(_, product)| product)
                .ok_or_else(|| Error::internal("a variant vanished from the walk"))?;
            Ok(Found {
                product,
                sku_id: found.sku_id,
            })
        })
        .collect()
}

/// Which variant a person means: what they typed for SKU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SkuName {
    /// `id:450`.
    Id(SkuId),
    /// `code:450`, or anything that can't be an id.
    Code(String),
    /// Digits alone: an id, or a code that looks like one.
    Either(SkuId, String),
}

impl std::str::FromStr for SkuName {
    type Err = String;

    fn from_str(text: &str) -> Result<SkuName, String> {
        let text = text.trim();
        if let Some(id) = text.strip_prefix("id:") {
            return id
                .parse()
                .map(SkuName::Id)
                .map_err(|_| format!("`{text}` is no sku id: digits alone come after id:"));
        }
        if let Some(code) = text.strip_prefix("code:") {
            if code.is_empty() {
                return Err("a SKU code comes after code:".to_owned());
            }
            return Ok(SkuName::Code(code.to_owned()));
        }
        match text.parse() {
            // An id is never written with leading zeros; a code on a label often is.
            Ok(id) if !text.starts_with('0') => Ok(SkuName::Either(id, text.to_owned())),
            _ if text.is_empty() => Err("a SKU code or sku id is missing".to_owned()),
            _ => Ok(SkuName::Code(text.to_owned())),
        }
    }
}

impl std::fmt::Display for SkuName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SkuName::Id(id) => write!(f, "sku {id}"),
            SkuName::Code(code) | SkuName::Either(_, code) => write!(f, "{code}"),
        }
    }
}

impl SkuName {
    /// Whether this variant may be meant.
    pub fn names(&self, variant: &Variant) -> bool {
        match self {
            SkuName::Id(id) => variant.sku_id == *id,
            SkuName::Code(code) => variant.sku_code == *code,
            SkuName::Either(id, code) => variant.sku_id == *id || variant.sku_code == *code,
        }
    }

    /// The one variant of `product` that is meant. [`Kind::NotFound`] where there is none, [`Kind::Usage`] where
    /// several are possible.
    pub fn within<'a>(&self, product: &'a Product) -> Result<&'a Variant> {
        let candidates: Vec<_> = product
            .variants
            .iter()
            .filter(|variant| self.names(variant))
            .map(|variant| Candidate::new(product, variant))
            .collect();
        let codes = product.variants.iter().map(|v| v.sku_code.as_str());
        let found = self.only(
            &candidates,
            codes,
            &format!("product {}", product.product_id),
        )?;
        product
            .variant(found.sku_id)
            .ok_or_else(|| Error::internal("a variant vanished from its product"))
    }

    /// The only candidate, or the error that names the others or the near misses among `codes`.
    pub fn only<'a, 'c>(
        &self,
        candidates: &'c [Candidate],
        codes: impl Iterator<Item = &'a str>,
        place: &str,
    ) -> Result<&'c Candidate> {
        match candidates {
            [one] => Ok(one),
            [] => {
                let asked = self.to_string();
                Err(no_variant(&asked, &near_misses(&asked, codes), place))
            }
            several => Err(several_variants(&self.to_string(), several)),
        }
    }
}

/// A variant that might be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its product.
    pub product_id: ProductId,
    /// Its id.
    pub sku_id: SkuId,
    /// Its code.
    pub sku_code: String,
    /// Product and variant in words.
    pub name: String,
}

impl Candidate {
    /// The variant of this product, with the names that tell it from others.
    pub fn new(product: &Product, variant: &Variant) -> Candidate {
        let name = match (product.name.as_str(), variant.variant_name.as_str()) {
            (name, "") => name.to_owned(),
            ("", name) => name.to_owned(),
            (product, variant) => format!("{product}, {variant}"),
        };
        Candidate {
            product_id: product.product_id,
            sku_id: variant.sku_id,
            sku_code: variant.sku_code.clone(),
            name,
        }
    }
}

/// No variant of that name in `place`, with near misses.
pub fn no_variant(asked: &str, near: &[String], place: &str) -> Error {
    let error = Error::new(Kind::NotFound, format!("no variant {asked} in {place}"));
    if near.is_empty() {
        error.hinted("`sxinv list --variants` lists every SKU code")
    } else {
        error.hinted(format!("did you mean {}?", near.join(" or ")))
    }
}

/// Several variants of that name: the user has to say which.
pub fn several_variants(asked: &str, candidates: &[Candidate]) -> Error {
    const SHOWN: usize = 5;
    let mut list: Vec<String> = candidates
        .iter()
        .take(SHOWN)
        .map(|c| format!("sku {} of product {} ({})", c.sku_id, c.product_id, c.name))
        .collect();
    if candidates.len() > SHOWN {
        list.push(format!("{} more", candidates.len() - SHOWN));
    }
    Error::usage(format!(
        "{asked} could be any of {} variants: {}",
        candidates.len(),
        list.join("; ")
    ))
    .hinted(format!(
        "name the one that is meant by its sku id: id:{}",
        candidates[0].sku_id
    ))
}

/// Up to three codes that a person may have meant: the same but for case, spaces and leading zeros, or a typing error
/// away.
pub fn near_misses<'a>(asked: &str, codes: impl Iterator<Item = &'a str>) -> Vec<String> {
    let plain = |code: &str| {
        let folded: String = code
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        folded.trim_start_matches('0').to_owned()
    };
    let asked_plain = plain(asked);
    let mut near: Vec<(usize, &str)> = Vec::new();
    for code in codes.filter(|code| !code.is_empty() && *code != asked) {
        let code_plain = plain(code);
        let distance = if code_plain == asked_plain {
            0
        } else if code_plain.len().abs_diff(asked_plain.len()) > 2 {
            continue;
        } else {
            strsim::damerau_levenshtein(&code_plain, &asked_plain)
        };
        // One error in a short code, two in a longer one.
        let bearable = if asked_plain.chars().count() < 6 {
            1
        } else {
            2
        };
        if distance <= bearable {
            near.push((distance, code));
        }
    }
    near.sort_unstable();
    near.dedup();
    // Beside a nearer one, a farther one only confuses.
    let nearest = near.first().map(|(distance, _)| *distance);
    near.retain(|(distance, _)| Some(*distance) == nearest);
    near.truncate(3);
    near.into_iter().map(|(_, code)| code.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_for_a_sku() {
        let id = |n| SkuId::new(n).unwrap();
        let parse = |text: &str| text.parse::<SkuName>();
        assert_eq!(parse("450"), Ok(SkuName::Either(id(450), "450".into())));
        assert_eq!(parse(" id:450"), Ok(SkuName::Id(id(450))));
        assert_eq!(parse("code:450"), Ok(SkuName::Code("450".into())));
        assert_eq!(parse("00123"), Ok(SkuName::Code("00123".into())));
        assert_eq!(parse("PRB-SM-RED"), Ok(SkuName::Code("PRB-SM-RED".into())));
        assert_eq!(
            parse("99999999999999999999"),
            Ok(SkuName::Code("99999999999999999999".into()))
        );
        for wrong in ["", " ", "id:", "id:x", "id:-3", "code:"] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn near_misses_are_what_a_hand_or_a_spreadsheet_does() {
        let codes = ["PRB-SM-RED", "PRB-LG-RED", "00123", "GEN-1", "", "TULIP"];
        let near = |asked| near_misses(asked, codes.into_iter());
        assert_eq!(near("prb-sm-red"), ["PRB-SM-RED"]);
        assert_eq!(near("PRB SM RED"), ["PRB-SM-RED"]);
        assert_eq!(near("PRB-SM-RDE"), ["PRB-SM-RED"]);
        assert_eq!(near("123"), ["00123"]);
        assert_eq!(near("TULPI"), ["TULIP"]);
        assert!(near("ROSES").is_empty());
    }
}
