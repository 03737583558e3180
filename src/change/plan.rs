//! Pure: wanted changes and the stock that was read become a plan. `--dry-run` prints it, the guard judges it, the
//! prompt shows it and `apply` consumes it, so they can't disagree.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::outcome::{Outcome, Settled, Trouble};
use super::shelf::Shelf;
use crate::error::{Error, Fault, Kind, Result};
use crate::model::{Product, ProductId, SkuId, Variant};
use crate::wanted::{Mode, Wanted};

/// What to do with a row whose expected quantity is not the stock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum OnConflict {
    /// Report the row as a conflict and leave the stock alone
    #[default]
    Report,
    /// Set the quantity all the same
    Overwrite,
}

/// What is to be done with every row, and what was read to decide it.
pub struct Plan {
    /// What the rows' numbers mean.
    pub mode: Mode,
    /// The input rows in their order.
    pub rows: Vec<Row>,
    /// The reason sent with adjustments that have none of their own.
    pub reason: Option<String>,
    /// How conflicts that turn up later are handled.
    pub on_conflict: OnConflict,
    shelf: Shelf,
}

/// One input row and what is to be done with it.
pub struct Row {
    /// What was asked for.
    pub wanted: Wanted,
    /// Which variant it means; `None` where none or several could be meant.
    pub variant: Option<(ProductId, SkuId)>,
    /// What is to be done.
    pub step: Step,
}

/// What is to be done with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Set to this many units.
    Set(i64),
    /// Adjust by this many units.
    Adjust(i64),
    /// Nothing; it ended already.
    Done(Box<Settled>),
}

impl Plan {
    /// Compares what is wanted with what is there. The same variant in two rows of *set* or *stocktake*, once by id and
    /// once by code, is an error naming both lines.
    pub fn new(
        mode: Mode,
        wanted: Vec<Wanted>,
        reason: Option<String>,
        on_conflict: OnConflict,
        shelf: Shelf,
    ) -> Result<Plan> {
        let mut lines: HashMap<SkuId, u32> = HashMap::new();
        let mut faults = Vec::new();
        let mut strangers = 0;
        let rows: Vec<Row> = wanted
            .into_iter()
            .map(|wanted| {
                let variant = match shelf.find(&wanted, Shelf::suggests(strangers)) {
                    Ok(variant) => variant,
                    Err(e) => {
                        strangers += 1;
                        return Row {
                            wanted,
                            variant: None,
                            step: failed(&e),
                        };
                    }
                };
                if mode != Mode::Adjust {
                    match lines.entry(variant.1) {
                        Entry::Vacant(first) => drop(first.insert(wanted.line())),
                        Entry::Occupied(first) => faults.push(Fault {
                            line: Some(u64::from(wanted.line())),
                            column: None,
                            message: format!(
                                "the same variant (sku {}) as in line {}",
                                variant.1,
                                first.get()
                            ),
                        }),
                    }
                }
                let stock = shelf
                    .reading(variant.0)
                    .and_then(|reading| reading.product.variant(variant.1))
                    .map_or(0, |variant| variant.quantity);
                let step = step(mode, &wanted, stock, on_conflict);
                Row {
                    wanted,
                    variant: Some(variant),
                    step,
                }
            })
            .collect();
        if !faults.is_empty() {
            let message = match faults.len() {
                1 => "a variant is named twice".to_owned(),
                many => format!("{many} variants are named twice"),
            };
            return Err(Error::usage(message).with_faults(faults));
        }
        Ok(Plan {
            mode,
            rows,
            reason,
            on_conflict,
            shelf,
        })
    }

    /// The rows that will be sent.
    pub fn to_send(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.step.sends())
    }

    /// The rows that ended like this before anything was sent.
    pub fn done(&self, outcome: Outcome) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(
            move |row| matches!(&row.step, Step::Done(settled) if settled.outcome == outcome),
        )
    }

    /// Units that the variant had when it was read.
    pub fn stock(&self, row: &Row) -> Option<i64> {
        Some(self.variant(row)?.1.quantity)
    }

    /// The product and variant that a row means, as they were read.
    pub fn variant(&self, row: &Row) -> Option<(&Product, &Variant)> {
        let (product, sku) = row.variant?;
        let product = &self.shelf.reading(product)?.product;
        Some((product, product.variant(sku)?))
    }

    /// How the row would end if everything went well.
    pub fn foreseen(&self, row: &Row) -> Settled {
        let stock = self.stock(row).unwrap_or_default();
        match &row.step {
            Step::Done(settled) => (**settled).clone(),
            Step::Set(quantity) => Settled::well(Outcome::Planned, stock, *quantity),
            Step::Adjust(by) => Settled::well(Outcome::Planned, stock, stock.saturating_add(*by)),
        }
    }

    /// What was read of the store.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }
}

impl Step {
    /// Whether something goes out.
    pub fn sends(&self) -> bool {
        !matches!(self, Step::Done(_))
    }
}

fn failed(error: &Error) -> Step {
    Step::Done(Box::new(Settled::badly(
        Outcome::Failed,
        None,
        Trouble::from(error),
    )))
}

/// What is to be done with a row whose variant has `stock` units now (the contract: import-csv, modes and step 2).
pub fn step(mode: Mode, wanted: &Wanted, stock: i64, on_conflict: OnConflict) -> Step {
    let unchanged = || Step::Done(Box::new(Settled::well(Outcome::Unchanged, stock, stock)));
    match mode {
        Mode::Adjust => Step::Adjust(wanted.value()),
        Mode::Set if wanted.value() == stock => unchanged(),
        Mode::Set => match wanted.expected() {
            Some(expected) if expected.get() != stock && on_conflict == OnConflict::Report => {
                let trouble = Trouble {
                    kind: Kind::Refused,
                    status: None,
                    code: None,
                    message: format!("expected {expected} units, the stock is {stock}"),
                    hint: None,
                };
                Step::Done(Box::new(Settled::badly(
                    Outcome::Conflict,
                    Some(stock),
                    trouble,
                )))
            }
            _ => Step::Set(wanted.value()),
        },
        Mode::Stocktake => {
            // Both are at least 0, so this can't overflow.
            let expected = wanted.expected().map_or(wanted.value(), |e| e.get());
            match wanted.value() - expected {
                0 => unchanged(),
                by => Step::Adjust(by),
            }
        }
    }
}
