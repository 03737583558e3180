//! Pure: what is to be done with a row whose variant has so many units.

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
        if let Some(conflict) = self.conflict(stock) {
            return Step::End(conflict);
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
                "the count and the expected quantity are too far apart".to_owned(),
            )),
        }
    }

    /// How a row ends that would overwrite a stock that it doesn't expect.
    fn conflict(&self, stock: i64) -> Option<Settled> {
        let expected = self.expected?;
        let conflicts = self.mode == Mode::Set
            && self.on_conflict == OnConflict::Report
            && expected != stock
            && self.wanted != stock;
        conflicts.then(|| {
            let message = format!("expected {expected} units, the stock is {stock}");
            Settled {
                outcome: Outcome::Conflict,
                ..refused(stock, message)
            }
        })
    }
}

/// How an adjustment ends that the API would refuse (docs/api.md: Adjust Stock).
pub fn below_zero(stock: i64, by: i64) -> Option<Settled> {
    let after = stock.checked_add(by);
    if after.is_some_and(|after| after >= 0 || by > 0) {
        return None;
    }
    let mut settled = refused(
        stock,
        format!("the stock is {stock}: {by:+} would take it below 0"),
    );
    if let Some(trouble) = &mut settled.trouble {
        trouble.code = Some("negative_quantity".to_owned());
    }
    Some(settled)
}

fn refused(stock: i64, message: String) -> Settled {
    let trouble = Trouble {
        kind: Kind::Refused,
        status: None,
        code: None,
        message,
        hint: None,
    };
    Settled::badly(Outcome::Failed, Some(stock), trouble)
}
