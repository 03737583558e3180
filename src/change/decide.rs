//! Pure: what is to be done with a row, by how many units its variant has.

use super::outcome::{Outcome, Settled, Trouble};
use crate::error::Kind;
use crate::model::Quantity;
use crate::wanted::Mode;

/// What to do with a row whose expected quantity is not the stock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum OnConflict {
    /// Report the row as a conflict and leave the stock alone
    #[default]
    Report,
    /// Set the quantity all the same
    Overwrite,
}

impl OnConflict {
    /// The name in the ledger.
    pub fn name(self) -> &'static str {
        match self {
            OnConflict::Report => "report",
            OnConflict::Overwrite => "overwrite",
        }
    }
}

/// What is to be done with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Set to this many units.
    Set(Quantity),
    /// Adjust by this many units, not 0.
    Adjust(i64),
    /// Nothing: the row ends like this.
    End(Settled),
}

/// What a row asks for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// What its numbers mean.
    pub mode: Mode,
    /// The wanted quantity, the adjustment, or the counted quantity, in units.
    pub wanted: i64,
    /// What the stock was when the file was made, in units.
    pub expected: Option<i64>,
    /// What to do where that is not the stock.
    pub on_conflict: OnConflict,
}

impl Asked {
    /// What is to be done when the variant has `stock` units (docs/files.md: Three modes).
    pub fn step(&self, stock: i64) -> Step {
        if let Some(expected) = self.expected
            && self.mode == Mode::Set
            && self.on_conflict == OnConflict::Report
            && expected != stock
            && self.wanted != stock
        {
            return Step::End(Settled::conflict(expected, stock));
        }
        let unchanged = || Step::End(Settled::well(Outcome::Unchanged, stock, stock));
        let by = match self.mode {
            Mode::Set => {
                return match Quantity::new(self.wanted) {
                    Some(quantity) if quantity.get() != stock => Step::Set(quantity),
                    _ => unchanged(),
                };
            }
            Mode::Adjust => Some(self.wanted),
            Mode::Stocktake => self
                .wanted
                .checked_sub(self.expected.unwrap_or(self.wanted)),
        };
        match by {
            Some(0) => unchanged(),
            Some(by) => Step::Adjust(by),
            None => Step::End(refused(
                stock,
                "the count and the expected quantity are too far apart",
            )),
        }
    }
}

/// How an adjustment ends that the API would refuse (docs/api.md: Adjust Stock).
pub fn below_zero(stock: i64, by: i64) -> Option<Settled> {
    if by > 0 || stock.checked_add(by).is_some_and(|after| after >= 0) {
        return None;
    }
    let mut settled = refused(
        stock,
        &format!("the stock is {stock}: {by:+} would take it below 0"),
    );
    if let Some(trouble) = &mut settled.trouble {
        trouble.code = Some("negative_quantity".to_owned());
    }
    Some(settled)
}

fn refused(stock: i64, message: &str) -> Settled {
    let trouble = Trouble::new(Kind::Refused, message);
    Settled::badly(Outcome::Failed, Some(stock), trouble)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(quantity: i64) -> Option<Step> {
        Quantity::new(quantity).map(Step::Set)
    }

    /// How a step ends that sends nothing: the outcome, and the stock that it leaves as it is.
    fn ends(step: &Step) -> Option<(Outcome, Option<i64>)> {
        match step {
            Step::End(settled) => {
                assert_eq!(
                    settled.previous.is_some(),
                    settled.outcome != Outcome::Skipped
                );
                Some((settled.outcome, settled.quantity))
            }
            _ => None,
        }
    }

    #[test]
    fn a_step_depends_on_mode_expectation_and_stock() {
        use Mode::{Adjust, Set, Stocktake};
        use OnConflict::{Overwrite, Report};
        let unchanged = |stock| Err((Outcome::Unchanged, Some(stock)));
        let conflict = Err((Outcome::Conflict, None));
        // What is asked for, what is expected, what to do about conflicts, the stock; what is sent, or how it ends.
        for (mode, wanted, expected, on_conflict, stock, then) in [
            (Set, 50, None, Report, 25, Ok(set(50))),
            (Set, 0, None, Report, 25, Ok(set(0))),
            (Set, 25, None, Report, 25, unchanged(25)),
            (Set, 50, Some(25), Report, 25, Ok(set(50))),
            (Set, 50, Some(24), Report, 25, conflict),
            (Set, 50, Some(24), Overwrite, 25, Ok(set(50))),
            (Set, 25, Some(24), Report, 25, unchanged(25)),
            (Adjust, 5, None, Report, 25, Ok(Some(Step::Adjust(5)))),
            (Adjust, 5, Some(24), Report, 25, Ok(Some(Step::Adjust(5)))),
            (Adjust, -50, None, Report, 25, Ok(Some(Step::Adjust(-50)))),
            (Adjust, 0, None, Report, 25, unchanged(25)),
            (
                Stocktake,
                20,
                Some(22),
                Report,
                25,
                Ok(Some(Step::Adjust(-2))),
            ),
            (Stocktake, 22, Some(22), Report, 25, unchanged(25)),
            (Stocktake, 22, None, Report, 25, unchanged(25)),
            (
                Stocktake,
                i64::MAX,
                Some(-1),
                Report,
                25,
                Err((Outcome::Failed, None)),
            ),
        ] {
            let asked = Asked {
                mode,
                wanted,
                expected,
                on_conflict,
            };
            let step = asked.step(stock);
            match then {
                Ok(sent) => assert_eq!(Some(step), sent, "{asked:?} {stock}"),
                Err(then) => assert_eq!(ends(&step), Some(then), "{asked:?} {stock}"),
            }
        }
    }

    #[test]
    fn the_names_in_the_ledger_stay() {
        let names = [OnConflict::Report, OnConflict::Overwrite].map(OnConflict::name);
        assert_eq!(names, ["report", "overwrite"]);
    }

    #[test]
    fn an_adjustment_is_refused_where_it_would_take_the_stock_below_0() {
        for (stock, by, refused) in [
            (5, -5, false),
            (5, -6, true),
            (0, -1, true),
            (0, 1, false),
            (-3, 1, false),
            (-3, -1, true),
            (i64::MIN, -1, true),
            (i64::MAX, 1, false),
        ] {
            assert_eq!(below_zero(stock, by).is_some(), refused, "{stock} {by}");
        }
        let settled = below_zero(5, -6).unwrap();
        let trouble = settled.trouble.unwrap();
        assert_eq!(
            (settled.outcome, settled.previous),
            (Outcome::Failed, Some(5))
        );
        assert_eq!(trouble.code.as_deref(), Some("negative_quantity"));
    }
}
