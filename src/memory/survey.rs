//! The whole store's stock at a glance: totals, and lists of what is sold out, low or does not move, for the report.

use rusqlite::{Row, params};
use rust_decimal::Decimal;

use super::Memory;
use super::side::Here;
use super::standing::{Standing, Stood};
use crate::error::Result;
use crate::money;

/// A variant with its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The variant.
    pub here: Here,
    /// The name of its product.
    pub product_name: String,
    /// What tells it from the product's other variants.
    pub variant_name: String,
    /// `None` where it has none, or one that is no number.
    pub price: Option<Decimal>,
}

impl Item {
    /// What its units are worth at its price.
    pub fn value(&self) -> Option<Decimal> {
        money::value(self.price?, self.here.quantity)
    }
}

/// The first of a list, and how many there are in all.
#[derive(Clone, Debug)]
pub struct First<T> {
    /// As many as were asked for.
    pub rows: Vec<T>,
    /// All of them.
    pub count: u64,
}

impl<T> First<T> {
    /// The first `most` of these.
    pub fn of(mut rows: Vec<T>, most: usize) -> First<T> {
        let count = rows.len() as u64;
        rows.truncate(most);
        First { rows, count }
    }
}

/// A product with what there is of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductTotal {
    /// Which product.
    pub product: i64,
    /// Its name.
    pub name: String,
    /// How many variants it has.
    pub variants: u64,
    /// Units over all variants.
    pub units: i64,
    /// What they are worth; `None` where no variant has a price.
    pub value: Option<Decimal>,
}

/// What there is in the store.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// Variants.
    pub variants: u64,
    /// Units over all variants.
    pub units: i64,
    /// What they are worth at their prices; `None` where that is too large to be told.
    pub value: Option<Decimal>,
    /// Variants with stock and without a price: they are in no value.
    pub unpriced: u64,
    /// Variants below 0: they are worth nothing.
    pub below_zero: u64,
    /// Variants with no stock.
    pub sold_out: u64,
    /// The products, the most valuable first.
    pub products: Vec<ProductTotal>,
}

/// Stock that did not change.
#[derive(Clone, Debug)]
pub struct Still {
    /// Those whose stock is worth most.
    pub first: First<(Item, i64)>,
    /// Units of all of them.
    pub units: i64,
    /// What all of them are worth; `None` where that is too large to be told.
    pub value: Option<Decimal>,
}

const ITEM: &str = "a.product_id, a.sku_id, a.sku_code, a.product_name, a.variant_name, a.price, a.quantity, a.read_at";

fn item(found: &Row<'_>) -> rusqlite::Result<Item> {
    let text = |name: &str| {
        found
            .get::<_, Option<String>>(name)
            .map(Option::unwrap_or_default)
    };
    Ok(Item {
        here: Here::read(found)?,
        product_name: text("product_name")?,
        variant_name: text("variant_name")?,
        price: money::price(&text("price")?),
    })
}

fn add(sum: &mut Option<Decimal>, value: Decimal) {
    *sum = sum.and_then(|sum| sum.checked_add(value));
}

/// What has a value first, and the most of it; then by name.
fn by_value<'a>(value: Option<Decimal>, units: i64, name: &'a str) -> impl Ord + use<'a> {
    use std::cmp::Reverse;
    (Reverse(value.unwrap_or_default()), Reverse(units), name)
}

impl Memory {
    /// The totals of what was read into the later side.
    pub fn totals(&self) -> Result<Totals> {
        let mut totals = Totals {
            value: Some(Decimal::ZERO),
            ..Totals::default()
        };
        self.each_item("ORDER BY a.product_id", |item| totals.add(&item))?;
        totals.products.sort_by(|a, b| {
            by_value(a.value, a.units, &a.name).cmp(&by_value(b.value, b.units, &b.name))
        });
        Ok(totals)
    }

    /// Variants with no stock, by name.
    pub fn sold_out(&self, most: usize) -> Result<First<Item>> {
        let order = "a.product_name, a.variant_name";
        self.first("WHERE a.quantity <= 0", order, i64::MIN, most)
    }

    /// Variants with stock of fewer units than this, the fewest first.
    pub fn low(&self, below: i64, most: usize) -> Result<First<Item>> {
        let which = "WHERE a.quantity > 0 AND a.quantity < ?1";
        let order = "a.quantity, a.product_name, a.variant_name";
        self.first(which, order, below, most)
    }

    fn first(&self, which: &str, order: &str, below: i64, most: usize) -> Result<First<Item>> {
        self.ask(|c| {
            let count = format!("SELECT count(*), ?1 FROM temp.after AS a {which}");
            let count: i64 = c.query_row(&count, [below], |found| found.get(0))?;
            let rows = c
                .prepare(&format!(
                    "SELECT {ITEM}, ?1 FROM temp.after AS a {which} ORDER BY {order}, a.sku_id LIMIT ?2"
                ))?
                .query_map(params![below, most as i64], item)?
                .collect::<rusqlite::Result<_>>()?;
            Ok(First {
                rows,
                count: count.unsigned_abs(),
            })
        })
    }

    /// A variant with its names, from the later side or else the earlier one.
    pub fn named(&self, sku: i64) -> Result<Option<Item>> {
        use rusqlite::OptionalExtension;
        self.ask(|c| {
            for table in ["temp.after", "temp.before"] {
                let found = c
                    .prepare_cached(&format!(
                        "SELECT {ITEM} FROM {table} AS a WHERE a.sku_id = ?1"
                    ))?
                    .query_row([sku], item)
                    .optional()?;
                if found.is_some() {
                    return Ok(found);
                }
            }
            Ok(None)
        })
    }

    /// The variants whose stock changed after this snapshot of the store, or is another one now.
    pub fn moved_since(&self, store: &str, snapshot: i64) -> Result<Vec<Here>> {
        let standing = self.last_standing(store)?;
        let mut moved = Vec::new();
        self.each_item("ORDER BY a.sku_id", |item| {
            let stood = standing.stood(item.here.sku);
            let moves =
                |stood: Stood| stood.since > snapshot || stood.quantity != item.here.quantity;
            if stood.is_some_and(moves) {
                moved.push(item.here);
            }
        })?;
        Ok(moved)
    }

    /// Stock that did not change since this snapshot of the store, with the snapshot that first showed it so.
    pub fn still_since(&self, store: &str, snapshot: i64, most: usize) -> Result<Still> {
        let standing = self.last_standing(store)?;
        let mut rows: Vec<(Item, i64)> = Vec::new();
        let (mut units, mut value) = (0i64, Some(Decimal::ZERO));
        self.each_item("WHERE a.quantity > 0", |item| {
            let Some(stood) = standing.stood(item.here.sku) else {
                return;
            };
            if stood.since <= snapshot && stood.quantity == item.here.quantity {
                units = units.saturating_add(item.here.quantity);
                if let Some(worth) = item.value() {
                    add(&mut value, worth);
                }
                rows.push((item, stood.since));
            }
        })?;
        rows.sort_by(|(a, _), (b, _)| {
            let (one, other) = (a.here.quantity, b.here.quantity);
            by_value(a.value(), one, &a.product_name).cmp(&by_value(
                b.value(),
                other,
                &b.product_name,
            ))
        });
        Ok(Still {
            first: First::of(rows, most),
            units,
            value,
        })
    }

    fn last_standing(&self, store: &str) -> Result<Standing> {
        match self.store(store)? {
            Some(store) => self.ask(|c| Standing::at(c, store, i64::MAX)),
            None => Ok(Standing::default()),
        }
    }

    fn each_item(&self, rest: &str, mut each: impl FnMut(Item)) -> Result<()> {
        self.ask(|c| {
            let mut ask = c.prepare(&format!("SELECT {ITEM} FROM temp.after AS a {rest}"))?;
            let mut rows = ask.query([])?;
            while let Some(found) = rows.next()? {
                each(item(found)?);
            }
            Ok(())
        })
    }
}

impl Totals {
    /// Takes in a variant; those of one product follow each other.
    fn add(&mut self, item: &Item) {
        let quantity = item.here.quantity;
        self.variants += 1;
        self.units = self.units.saturating_add(quantity);
        self.below_zero += u64::from(quantity < 0);
        self.sold_out += u64::from(quantity <= 0);
        self.unpriced += u64::from(quantity > 0 && item.price.is_none());
        let value = item.value();
        match (value, item.price) {
            (Some(value), _) => add(&mut self.value, value),
            (None, Some(_)) => self.value = None,
            (None, None) => {}
        }
        let is_new = self
            .products
            .last()
            .is_none_or(|last| last.product != item.here.product);
        if is_new {
            self.products.push(ProductTotal {
                product: item.here.product,
                name: item.product_name.clone(),
                variants: 0,
                units: 0,
                value: None,
            });
        }
        if let Some(product) = self.products.last_mut() {
            product.variants += 1;
            product.units = product.units.saturating_add(quantity);
            if let Some(value) = value {
                let sum = product.value.unwrap_or_default();
                product.value = sum.checked_add(value);
            }
        }
    }
}
