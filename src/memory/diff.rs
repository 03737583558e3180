//! What changed between two moments, and how much of it was ours.

use std::collections::{BTreeSet, HashMap};

use rusqlite::params;

use super::Memory;
use crate::error::Result;
use crate::model::ProductId;
use crate::state::State;
use crate::time::UtcTime;

/// A variant whose stock differs, or that is on one side alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its product.
    pub product: Option<i64>,
    /// Its id.
    pub sku: Option<i64>,
    /// Its code, the newer one.
    pub sku_code: Option<String>,
    /// Units before; `None` where it was not there.
    pub before: Option<i64>,
    /// Units after; `None` where it is gone.
    pub after: Option<i64>,
    /// When its product was read for either side, or the side as a whole where it is not there, in Unix milliseconds.
    pub read_at: (Option<i64>, Option<i64>),
    /// How much of the change was ours; `None` where that can't be told.
    pub ours: Option<i64>,
}

impl Difference {
    /// How many units more there are.
    pub fn change(&self) -> i64 {
        self.after
            .unwrap_or(0)
            .saturating_sub(self.before.unwrap_or(0))
    }

    /// What of the change is not ours.
    pub fn others(&self) -> Option<i64> {
        self.ours.map(|ours| self.change().saturating_sub(ours))
    }
}

/// What our own rows did to a variant between two readings of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ours {
    pub(super) units: i64,
    /// A row in between is in doubt.
    pub(super) doubtful: bool,
}

/// A row in doubt between two readings.
#[derive(Clone, Debug)]
pub struct Doubt {
    /// The variant's code, where it is known.
    pub sku_code: Option<String>,
    /// The row's run.
    pub run: String,
    /// The row's line in its file.
    pub line: u32,
}

impl Memory {
    /// The variants that differ between the two sides, by product and id. `ended`: when the reading of each side was over, in
    /// Unix milliseconds; where it is not said, when the last of its products was read.
    pub fn differences(&self, ended: (Option<i64>, Option<i64>)) -> Result<Vec<Difference>> {
        self.ask(|c| {
            c.prepare(
                "SELECT coalesce(a.product_id, b.product_id) AS product, max(coalesce(a.sku_id, b.sku_id), 0) AS sku,
                    coalesce(a.sku_code, b.sku_code) AS code, b.quantity AS before, a.quantity AS after,
                    coalesce(b.read_at, ?1, (SELECT max(read_at) FROM temp.before)) AS read_before,
                    coalesce(a.read_at, ?2, (SELECT max(read_at) FROM temp.after)) AS read_after
                 FROM temp.before AS b FULL JOIN temp.after AS a ON a.sku_id = b.sku_id
                 WHERE a.quantity IS NOT b.quantity ORDER BY 1, 2, 3",
            )?
            .query_map([ended.0, ended.1], |found| {
                Ok(Difference {
                    product: found.get("product")?,
                    sku: found.get::<_, Option<i64>>("sku")?.filter(|sku| *sku > 0),
                    sku_code: found.get("code")?,
                    before: found.get("before")?,
                    after: found.get("after")?,
                    read_at: (found.get("read_before")?, found.get("read_after")?),
                    ours: None,
                })
            })?
            .collect()
        })
    }

    /// Variants whose code is another one now: the old and the new.
    pub fn renamed(&self) -> Result<Vec<(String, String)>> {
        self.ask(|c| {
            c.prepare(
                "SELECT b.sku_code, a.sku_code FROM temp.before AS b JOIN temp.after AS a USING (sku_id)
                 WHERE b.sku_code <> a.sku_code ORDER BY sku_id",
            )?
            .query_map([], |found| Ok((found.get(0)?, found.get(1)?)))?
            .collect()
        })
    }
}

/// Fills in what of each difference was ours: the rows of this store's runs that settled between the two readings of its
/// product. For each difference that has a row in between which is in doubt, the first such row.
pub fn fill_in_ours(
    differences: &mut [Difference],
    state: &State,
    store: &str,
) -> Result<Vec<Doubt>> {
    let mut between: HashMap<i64, (i64, i64, Ours)> = HashMap::new();
    let mut doubts: HashMap<i64, Doubt> = HashMap::new();
    for difference in differences.iter() {
        if let (Some(sku), (Some(from), Some(to))) = (difference.sku, difference.read_at) {
            // Whoever looks back from the later reading to the earlier one sees the same rows, the other way round.
            between.insert(sku, (from.min(to), from.max(to), Ours::default()));
        }
    }
    let first = between.values().map(|(from, ..)| *from).min();
    let last = between.values().map(|(_, to, _)| *to).max();
    if let (Some(first), Some(last)) = (first, last) {
        each_of_ours(state, store, first, last, |row| {
            let Some((from, to, ours)) = between.get_mut(&row.sku) else {
                return;
            };
            match row.change {
                Some(change) if *from < row.settled && row.settled <= *to => {
                    ours.units = ours.units.saturating_add(change);
                }
                // It may have arrived at any time since it was sent.
                None if row.sent <= *to && *from < row.settled => {
                    ours.doubtful = true;
                    doubts.entry(row.sku).or_insert_with(|| Doubt {
                        sku_code: None,
                        run: row.run.to_owned(),
                        line: row.line,
                    });
                }
                _ => {}
            }
        })?;
    }
    let mut doubtful = Vec::new();
    for difference in differences.iter_mut() {
        let ours = difference.sku.and_then(|sku| between.get(&sku));
        let doubt = difference.sku.and_then(|sku| doubts.remove(&sku));
        doubtful.extend(doubt.map(|doubt| Doubt {
            sku_code: difference.sku_code.clone(),
            ..doubt
        }));
        difference.ours =
            ours.filter(|(.., ours)| !ours.doubtful).map(|(.., ours)| {
                match difference.read_at.0 > difference.read_at.1 {
                    true => ours.units.saturating_neg(),
                    false => ours.units,
                }
            });
    }
    Ok(doubtful)
}

/// The products that runs on this store wrote to between two times, in Unix milliseconds.
pub fn written(state: &State, store: &str, from: i64, to: i64) -> Result<BTreeSet<ProductId>> {
    let mut products = BTreeSet::new();
    each_of_ours(state, store, from, to, |row| {
        products.extend(row.product.and_then(ProductId::new));
    })?;
    Ok(products)
}

/// A row of ours. Times are Unix milliseconds.
pub(super) struct OurRow<'a> {
    pub(super) run: &'a str,
    pub(super) line: u32,
    pub(super) product: Option<i64>,
    pub(super) sku: i64,
    pub(super) sent: i64,
    /// The end of time where it has not settled.
    pub(super) settled: i64,
    /// Units; `None` where it is in doubt.
    pub(super) change: Option<i64>,
}

/// Each row that was applied, or may have been, and settled after `from` and was sent before `to`.
pub(super) fn each_of_ours(
    state: &State,
    store: &str,
    from: i64,
    to: i64,
    mut each: impl FnMut(OurRow<'_>),
) -> Result<()> {
    let millis = |text: Option<UtcTime>| text.map(|time| time.as_millis());
    state.ask(|c| {
        let mut rows = c.prepare(
            "SELECT run, line, product_id, sku_id, intent_at, settled_at, outcome, adjustment, previous, quantity
             FROM runs JOIN rows USING (number)
             WHERE store = ?1 AND started_at <= ?3 AND sku_id IS NOT NULL
               AND (outcome IN ('applied', 'unknown') OR (outcome IS NULL AND intent_at IS NOT NULL))
               AND coalesce(settled_at, '9') > ?2 AND coalesce(intent_at, '0') <= ?3",
        )?;
        let mut rows = rows.query(params![
            store,
            UtcTime::from_millis(from),
            UtcTime::from_millis(to)
        ])?;
        while let Some(found) = rows.next()? {
            let outcome: Option<String> = found.get("outcome")?;
            let applied = outcome.as_deref() == Some("applied");
            let (previous, quantity): (Option<i64>, Option<i64>) =
                (found.get("previous")?, found.get("quantity")?);
            let moved = super::moved(previous, quantity);
            let adjustment: Option<i64> = found.get("adjustment")?;
            each(OurRow {
                run: found.get_ref("run")?.as_str()?,
                line: found.get("line")?,
                product: found.get("product_id")?,
                sku: found.get("sku_id")?,
                sent: millis(found.get("intent_at")?).unwrap_or(i64::MIN),
                settled: millis(found.get("settled_at")?).unwrap_or(i64::MAX),
                change: adjustment.or(moved).filter(|_| applied),
            });
        }
        Ok(())
    })
}
