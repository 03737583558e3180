//! Refuses mass mistakes: a file that would empty the shop is more often wrong than meant (docs/promises.md: The guard).

use super::draft::Draft;
use crate::error::{Error, Result};
use crate::wanted::Mode;

/// With fewer variants changing than this, the person who typed them sees what they do.
const FEW: u64 = 10;

/// How many of the largest changes stand above the question.
const LARGEST: usize = 5;

/// A draft that passed the guard; the only thing that can be applied.
pub struct Approved(pub(super) Draft);

impl Approved {
    /// The draft.
    pub fn draft(&self) -> &Draft {
        &self.0
    }
}

/// What a draft does to the stock of its variants, in units; a variant that several rows are about counts once.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Variants that change.
    pub changing: u64,
    /// Units over all planned variants before, unchanged ones included.
    pub before: i128,
    /// Units over all planned variants after.
    pub after: i128,
    /// Units that the variants which rise gain.
    pub more: i128,
    /// Units that the variants which fall lose.
    pub fewer: i128,
    /// Planned variants that have stock.
    pub in_stock: u64,
    /// Those of them that would have none.
    pub sold_out: u64,
    /// The largest changes, the largest first.
    pub largest: Vec<Change>,
}

/// What becomes of one variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its code, or its id where it has none.
    pub label: String,
    /// Its product.
    pub product_name: String,
    /// Units before.
    pub before: i64,
    /// Units after.
    pub after: i64,
}

impl Change {
    /// By how many units the stock moves.
    pub fn by(&self) -> i128 {
        i128::from(self.after) - i128::from(self.before)
    }
}

impl Effect {
    /// What this draft does.
    pub fn of(draft: &Draft) -> Result<Effect> {
        let mut effect = draft.ask(|c| {
            let mut effect = Effect::default();
            let mut planned = c.prepare(
                "SELECT quantity, planned FROM temp.seen_variants WHERE planned IS NOT NULL",
            )?;
            let mut planned = planned.query([])?;
            while let Some(found) = planned.next()? {
                effect.add(found.get(0)?, found.get(1)?);
            }
            Ok(effect)
        })?;
        effect.largest = largest(draft)?;
        Ok(effect)
    }

    fn add(&mut self, before: i64, after: i64) {
        let by = i128::from(after) - i128::from(before);
        self.before += i128::from(before);
        self.after += i128::from(after);
        self.more += by.max(0);
        self.fewer += (-by).max(0);
        self.changing += u64::from(by != 0);
        self.in_stock += u64::from(before > 0);
        self.sold_out += u64::from(before > 0 && after <= 0);
    }

    /// By how many percent the total falls; 0 where it rises.
    pub fn drop_percent(&self) -> f64 {
        percent(self.before - self.after, self.before)
    }

    /// How many percent of the planned variants that have stock would sell out.
    pub fn sold_out_percent(&self) -> f64 {
        percent(i128::from(self.sold_out), i128::from(self.in_stock))
    }
}

/// Percent for a message and a coarse limit: the digits that a float loses don't matter.
fn percent(part: i128, whole: i128) -> f64 {
    if whole <= 0 || part <= 0 {
        return 0.0;
    }
    part as f64 * 100.0 / whole as f64
}

fn largest(draft: &Draft) -> Result<Vec<Change>> {
    draft.ask(|c| {
        c.prepare(
            "SELECT iif(v.sku_code = '', 'sku ' || v.sku_id, v.sku_code), p.name, v.quantity, v.planned
             FROM temp.seen_variants AS v JOIN temp.seen_products AS p USING (product_id)
             WHERE v.planned <> v.quantity
             ORDER BY abs(CAST(v.planned AS REAL) - v.quantity) DESC, v.named_in LIMIT ?1",
        )?
        .query_map([LARGEST as i64], |found| {
            Ok(Change {
                label: found.get(0)?,
                product_name: found.get(1)?,
                before: found.get(2)?,
                after: found.get(3)?,
            })
        })?
        .collect()
    })
}

/// Lets a draft through; see [`judge`].
pub fn check(draft: Draft, max_drop: f64) -> Result<Approved> {
    judge(&draft, max_drop)?;
    Ok(Approved(draft))
}

/// An error, refused, when a *set* or *stocktake* would take the total of the planned variants down by more than
/// `max_drop` percent, or sell out more than that share of those that have stock, with ten or more of them changing.
/// Adjustments are meant as they stand and pass.
pub fn judge(draft: &Draft, max_drop: f64) -> Result<()> {
    if draft.mode == Mode::Adjust {
        return Ok(());
    }
    let effect = Effect::of(draft)?;
    if effect.changing < FEW {
        return Ok(());
    }
    let (drop, sold_out) = (effect.drop_percent(), effect.sold_out_percent());
    let what = if drop > max_drop {
        format!(
            "this would take the stock of {} variants from {} units to {}, down by {drop:.0} %",
            effect.changing, effect.before, effect.after
        )
    } else if sold_out > max_drop {
        format!(
            "this would sell out {} of {} variants that have stock, {sold_out:.0} %",
            effect.sold_out, effect.in_stock
        )
    } else {
        return Ok(());
    };
    let allow = drop.max(sold_out).ceil();
    Err(Error::refused(format!(
        "{what}; --max-drop allows {max_drop} %; nothing was changed"
    ))
    .hinted(format!("if that is right, say so with --max-drop {allow}")))
}

/// Lets a draft through that a person typed variant by variant, or that passed when its run began.
pub fn typed(draft: Draft) -> Approved {
    Approved(draft)
}
