//! Refuses mass mistakes: a file that would empty the shop is more often wrong than meant.

use super::plan::{Plan, Step};
use crate::error::{Error, Result};
use crate::wanted::Mode;

/// With fewer variants changing than this, the person who typed them sees what they do.
const FEW: usize = 10;

/// A plan that passed the guard; the only thing that can be applied.
pub struct Approved(Plan);

impl Approved {
    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.0
    }

    pub(super) fn into_plan(self) -> Plan {
        self.0
    }
}

/// What a plan does to the total of its variants, in units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Variants that change.
    pub changing: usize,
    /// Units over all planned variants before, unchanged ones included.
    pub before: i128,
    /// Units over all planned variants after.
    pub after: i128,
}

impl Effect {
    /// What this plan does.
    pub fn of(plan: &Plan) -> Effect {
        let mut effect = Effect::default();
        // A variant that several adjustments are about counts once.
        let mut seen: Vec<bool> = vec![false; plan.slots()];
        for row in plan.rows() {
            let (Some(stock), false) = (row.stock(), matches!(row.step, Step::Done(_))) else {
                continue;
            };
            let stock = i128::from(stock);
            let first = seen
                .get_mut(plan.slot(&row).index())
                .is_some_and(|seen| !std::mem::replace(seen, true));
            if first {
                effect.before += stock;
                effect.after += stock;
            }
            match row.step {
                Step::Set(quantity) => effect.after += i128::from(quantity.get()) - stock,
                Step::Adjust(by) => effect.after += i128::from(by),
                Step::Unchanged | Step::Done(_) => continue,
            }
            effect.changing += 1;
        }
        effect
    }

    /// By how many percent the total falls; 0 where it rises.
    pub fn drop_percent(&self) -> f64 {
        if self.before <= 0 || self.after >= self.before {
            return 0.0;
        }
        // Percent for a message and a coarse limit: the digits that a float loses don't matter.
        (self.before - self.after) as f64 * 100.0 / self.before as f64
    }
}

/// Lets a plan through; see [`judge`].
pub fn check(plan: Plan, max_drop: f64) -> Result<Approved> {
    judge(&plan, max_drop)?;
    Ok(Approved(plan))
}

/// An error, refused, when a plan would take the total of the planned variants down by more than `max_drop` percent
/// with ten or more of them changing (the contract: import-csv, step 3). Adjustments are meant as they stand and pass.
pub fn judge(plan: &Plan, max_drop: f64) -> Result<()> {
    if plan.mode == Mode::Adjust {
        return Ok(());
    }
    let effect = Effect::of(plan);
    let drop = effect.drop_percent();
    if effect.changing < FEW || drop <= max_drop {
        return Ok(());
    }
    Err(Error::refused(format!(
        "this would take the stock of {} variants from {} units to {}, down by {drop:.0} %; --max-drop allows {max_drop} %; nothing was changed",
        effect.changing, effect.before, effect.after
    ))
    .hinted(format!(
        "if that is right, say so with --max-drop {}",
        drop.ceil()
    )))
}

/// Lets a plan through that a person typed variant by variant.
pub fn typed(plan: Plan) -> Approved {
    Approved(plan)
}
