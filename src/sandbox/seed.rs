//! The shop that the sandbox opens with: the two products of the API's own examples, and a believable flower and gift
//! shop around them.
//!
//! It is the same on every machine. The odd ones are there for a reason: codes with leading zeros, codes that are a
//! number or another variant's sku id, a code that two products share, empty codes, names in many scripts, and one
//! name with control characters that must never reach a terminal.

use rusqlite::{Statement, Transaction, params};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::store::fold;

/// How many products the default shop has.
pub const PRODUCTS: u32 = 120;

const SHOP: &str = include_str!("shop.json");

/// The first ids that the default shop leaves free.
const FIRST_PRODUCT: i64 = 1000;
const FIRST_SKU: i64 = 10_000;

/// 2025-01-01T00:00:00Z in milliseconds: what made-up products count back from, so that the shop's own are newer.
const NEW_YEAR: i64 = 1_735_689_600_000;

#[derive(Deserialize)]
struct Product<'a> {
    product_id: i64,
    name: String,
    is_active: i64,
    updated_at: jiff::Timestamp,
    #[serde(borrow)]
    variants: Vec<Variant<'a>>,
}

#[derive(Deserialize)]
struct Variant<'a> {
    sku_id: i64,
    sku_code: String,
    variant_name: String,
    #[serde(borrow)]
    price: &'a RawValue,
    quantity: i64,
    is_default: i64,
}

/// Puts a shop of that many products into empty tables: the first of the default shop, then made-up ones.
pub(super) fn fill(change: &Transaction<'_>, products: u32) -> rusqlite::Result<()> {
    let shop: Vec<Product<'_>> = serde_json::from_str(SHOP)
        .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    let own = shop.len().min(products as usize);
    let made_up = i64::from(products).saturating_sub(shop.len() as i64);
    insert(change, &shop[..own], made_up)
}

fn insert(change: &Transaction<'_>, shop: &[Product<'_>], made_up: i64) -> rusqlite::Result<()> {
    let mut product = change.prepare(
        "INSERT INTO products (product_id, name, folded, is_active, updated_at, total_quantity, variant_count)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let mut variant = change.prepare(
        "INSERT INTO variants (sku_id, product_id, sku_code, variant_name, price, quantity, is_default)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for p in shop {
        let total: i64 = p.variants.iter().map(|v| v.quantity).sum();
        product.execute(params![
            p.product_id,
            p.name,
            fold(&p.name),
            p.is_active,
            p.updated_at.as_millisecond(),
            total,
            p.variants.len() as i64,
        ])?;
        for v in &p.variants {
            variant.execute(params![
                v.sku_id,
                p.product_id,
                v.sku_code,
                v.variant_name,
                v.price.get(),
                v.quantity,
                v.is_default,
            ])?;
        }
    }
    make_up(made_up, &mut product, &mut variant)
}

/// Adds products that are made up.
fn make_up(
    products: i64,
    product: &mut Statement<'_>,
    variant: &mut Statement<'_>,
) -> rusqlite::Result<()> {
    let mut sku = FIRST_SKU;
    for n in 0..products {
        let made = MadeUp::new(n);
        let total: i64 = (0..made.variants).map(|v| made.quantity(v)).sum();
        let id = FIRST_PRODUCT + n;
        product.execute(params![
            id,
            made.name,
            fold(&made.name),
            1,
            // A second apart, so that no two are of the same moment.
            NEW_YEAR - n * 1000,
            total,
            made.variants,
        ])?;
        for v in 0..made.variants {
            variant.execute(params![
                sku,
                id,
                format!("GEN-{id}-{}", v + 1),
                SIZES[v as usize % SIZES.len()],
                (150 + (n * 37 + v * 111) % 1800).to_string(),
                made.quantity(v),
                i64::from(v == 0),
            ])?;
            sku += 1;
        }
    }
    Ok(())
}

const TONES: [&str; 10] = [
    "Crimson", "Ivory", "Blush", "Golden", "Violet", "Coral", "Snowy", "Midnight", "Amber",
    "Rustic",
];
const FLOWERS: [&str; 11] = [
    "Rose", "Tulip", "Lily", "Orchid", "Peony", "Dahlia", "Aster", "Iris", "Jasmine", "Marigold",
    "Camellia",
];
const FORMS: [&str; 7] = [
    "Bouquet", "Basket", "Posy", "Wreath", "Hatbox", "Vase", "Garland",
];
const SIZES: [&str; 5] = ["Small", "Medium", "Large", "Extra large", "Grand"];

/// The `n`th product beyond the default shop.
struct MadeUp {
    n: i64,
    name: String,
    /// From one to five, three on average.
    variants: i64,
}

impl MadeUp {
    fn new(n: i64) -> MadeUp {
        // The lists' lengths share no factor, so that 770 names go by before the first comes again.
        let at = n as usize;
        let name = format!(
            "{} {} {} No. {}",
            TONES[at % TONES.len()],
            FLOWERS[at % FLOWERS.len()],
            FORMS[at % FORMS.len()],
            n + 1
        );
        MadeUp {
            n,
            name,
            variants: 1 + n % 5,
        }
    }

    /// Every eleventh product is sold out.
    fn quantity(&self, variant: i64) -> i64 {
        if self.n % 11 == 10 {
            0
        } else {
            (self.n * 13 + variant * 29) % 90
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    fn shop() -> Vec<Product<'static>> {
        serde_json::from_str(SHOP).unwrap()
    }

    #[test]
    fn the_shop_has_what_the_tests_of_others_count_on() {
        let shop = shop();
        assert_eq!(shop.len(), PRODUCTS as usize);
        assert!(shop.iter().all(|p| !p.variants.is_empty()));
        let mut ids = HashSet::new();
        let mut codes: HashMap<&str, usize> = HashMap::new();
        for p in &shop {
            assert!(p.product_id < FIRST_PRODUCT && ids.insert(p.product_id));
            assert_eq!(
                p.variants.iter().filter(|v| v.is_default == 1).count(),
                1,
                "{}",
                p.name
            );
            for v in &p.variants {
                assert!(v.sku_id < FIRST_SKU && ids.insert(v.sku_id), "{}", v.sku_id);
                *codes.entry(&v.sku_code).or_default() += 1;
            }
        }
        assert_eq!(codes["ROSE-BUSH"], 2);
        assert_eq!(codes["00123"], 1);
        assert_eq!(codes[""], 2);
        assert_eq!(codes["450"], 1);
        assert!(
            shop.iter()
                .any(|p| p.name.contains(['\n', '\u{1b}', '\u{202e}']))
        );
        assert!(shop.iter().any(|p| p.name.chars().count() > 150));
        assert!(shop.iter().any(|p| p.is_active == 0));
        assert!(
            shop.iter()
                .flat_map(|p| &p.variants)
                .any(|v| v.price.get() == "12.50")
        );
    }

    #[test]
    fn the_example_restock_fits_the_shop() {
        let shop = shop();
        let mut growth = 0;
        let mut rows = 0;
        for row in csv::Reader::from_reader(include_str!("../../examples/restock.csv").as_bytes())
            .records()
        {
            let row = row.unwrap();
            let (code, quantity) = (&row[0], row[1].parse::<i64>().unwrap());
            let variants: Vec<_> = shop
                .iter()
                .flat_map(|p| &p.variants)
                .filter(|v| v.sku_code == code)
                .collect();
            assert_eq!(variants.len(), 1, "{code}");
            assert_ne!(variants[0].quantity, quantity, "{code}");
            growth += quantity - variants[0].quantity;
            rows += 1;
        }
        assert!(rows >= 20 && growth > 0);
    }

    #[test]
    fn made_up_products_differ_and_have_three_variants_on_average() {
        let names: HashSet<_> = (0..1000).map(|n| MadeUp::new(n).name).collect();
        assert_eq!(names.len(), 1000);
        let variants: i64 = (0..1000).map(|n| MadeUp::new(n).variants).sum();
        assert_eq!(variants, 3000);
    }
}
