//! The one way to write stock: `set`, `adjust`, `import-csv` and `undo` all go through here.
//!
//! [`read`] fills the [`shelf`] with the products that a batch names, [`plan`] compares what is wanted with what is
//! there, [`guard`] refuses mass mistakes and [`repeat`] the same adjustments again, [`apply`] sends what is left, by
//! [`put`] or [`post`], and each row ends in one [`outcome`]. The [`ledger`] holds every write before it leaves;
//! [`stored`] reads it again, [`resume`] goes on where a run was cut off, [`undo`] takes one back.

pub mod apply;
pub mod guard;
pub mod ledger;
pub mod lock;
pub mod outcome;
pub mod plan;
mod post;
mod put;
pub mod read;
pub mod repeat;
pub mod report;
pub mod resume;
pub mod run_id;
pub mod shelf;
pub mod stored;
pub mod undo;

#[cfg(test)]
mod tests;
