//! How people name a variant, and what is said when no variant or several are meant.

use crate::error::{Error, Kind, Result};
use crate::invisible::shown;
use crate::model::{Product, ProductId, SkuId, Variant};
use crate::near::near_misses;
use crate::sku_code::{Closeness, closest, trimmed};
use crate::wanted::{SkuRef, Wanted};

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
        // A code may begin or end with a blank; `code:` and an id do not.
        let whole = text;
        let written = text.trim_start();
        let text = text.trim();
        if let Some(id) = text.strip_prefix("id:") {
            return id
                .parse()
                .map(SkuName::Id)
                .map_err(|_| format!("`{text}` is not a sku id: only digits come after id:"));
        }
        if let Some(code) = written.strip_prefix("code:") {
            if trimmed(code).is_empty() {
                return Err("a SKU code comes after code:".to_owned());
            }
            return Ok(SkuName::Code(code.to_owned()));
        }
        match text.parse() {
            // An id is never written with leading zeros; a code on a label often is.
            Ok(id) if !text.starts_with('0') => Ok(SkuName::Either(id, whole.to_owned())),
            _ if trimmed(text).is_empty() => Err("a SKU code or sku id is missing".to_owned()),
            _ => Ok(SkuName::Code(whole.to_owned())),
        }
    }
}

impl std::fmt::Display for SkuName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SkuName::Id(id) => write!(f, "sku {id}"),
            SkuName::Code(code) | SkuName::Either(_, code) => f.write_str(&shown(code)),
        }
    }
}

impl SkuName {
    /// The id and the code that it may be.
    pub fn parts(&self) -> (Option<SkuId>, Option<&str>) {
        match self {
            SkuName::Id(id) => (Some(*id), None),
            SkuName::Code(code) => (None, Some(code)),
            SkuName::Either(id, code) => (Some(*id), Some(code)),
        }
    }

    /// What to look for: an id, a code, or both.
    pub fn refs(&self) -> impl Iterator<Item = SkuRef<'_>> + Clone {
        let (id, code) = self.parts();
        let code = code.map(SkuRef::Code);
        id.map(SkuRef::Id).into_iter().chain(code)
    }

    /// As it is typed.
    pub fn typed(&self) -> String {
        // What would be read as something else without it.
        let is_read_otherwise = |code: &str| {
            code.parse::<SkuId>().is_ok() && !code.starts_with('0')
                || ["id:", "code:"].iter().any(|word| code.starts_with(word))
        };
        match self {
            SkuName::Id(id) => format!("id:{id}"),
            SkuName::Code(code) if is_read_otherwise(code) => format!("code:{code}"),
            SkuName::Code(code) | SkuName::Either(_, code) => code.clone(),
        }
    }

    /// A change of the variant that bears this name.
    pub fn wanted(&self, line: u32, value: i64) -> Wanted<'_> {
        let (sku, code) = self.parts();
        Wanted {
            line,
            sku,
            code,
            either: sku.is_some() && code.is_some(),
            value,
            ..Wanted::default()
        }
    }

    /// How close this name is to that of a variant with this id and code; none where it can't be meant.
    pub fn closeness(&self, id: SkuId, code: &str) -> Option<Closeness> {
        match self {
            SkuName::Id(own) | SkuName::Either(own, _) if *own == id => Some(Closeness::AsItStands),
            SkuName::Id(_) => None,
            SkuName::Code(own) | SkuName::Either(_, own) => Closeness::of(own, code),
        }
    }

    /// Of these candidates those that are meant: the closest.
    pub fn closest(&self, candidates: Vec<Candidate>) -> Vec<Candidate> {
        closest(candidates, |c| self.closeness(c.sku_id, &c.sku_code))
    }

    /// The one variant of `product` that is meant. [`Kind::NotFound`] where there is none, [`Kind::Usage`] where
    /// several are possible.
    pub fn within<'a>(&self, product: &'a Product) -> Result<&'a Variant> {
        let variants = product.variants.iter();
        let candidates = self.closest(variants.map(|v| Candidate::new(product, v)).collect());
        let near = |asked: &str| {
            let codes = product.variants.iter().map(|v| v.sku_code.as_str());
            near_misses(asked, codes)
        };
        let place = format!("product {}", product.product_id);
        let found = self.only(&candidates, near, &place)?;
        product
            .variant(found.sku_id)
            .ok_or_else(|| Error::internal("a variant vanished from its product"))
    }

    /// The only candidate, or the error that names the others or the codes that `near` finds.
    pub fn only<'c>(
        &self,
        candidates: &'c [Candidate],
        near: impl FnOnce(&str) -> Vec<String>,
        place: &str,
    ) -> Result<&'c Candidate> {
        match candidates {
            [one] => Ok(one),
            [] => {
                let near = match self {
                    SkuName::Id(_) => Vec::new(),
                    SkuName::Code(code) | SkuName::Either(_, code) => near(code),
                };
                Err(no_variant(&self.to_string(), &near, place))
            }
            several => Err(self.ambiguous(several)),
        }
    }

    fn ambiguous(&self, candidates: &[Candidate]) -> Error {
        let error = several_variants(&self.to_string(), candidates);
        match self {
            SkuName::Either(id, code) if candidates.iter().any(|c| c.sku_id == *id) => error
                .hinted(format!(
                    "id:{id} means the sku id, code:{code} the SKU code"
                )),
            _ => error,
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
        error.hinted("every SKU code: sxinv list --variants --all")
    } else {
        let near: Vec<_> = near.iter().map(|code| shown(code)).collect();
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
    fn what_is_to_be_typed_is_read_as_the_same() {
        for code in [
            "A",
            "450",
            "00123",
            "id:13",
            "code:TWOX",
            "code:450",
            "ID:4",
        ] {
            let name = SkuName::Code(code.to_owned());
            assert_eq!(name.typed().parse(), Ok(name), "{code}");
        }
        let id = SkuName::Id(SkuId::new(450).unwrap());
        assert_eq!(id.typed().parse(), Ok(id));
    }
}
