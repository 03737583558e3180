//! The one way to write stock: `set`, `adjust`, `import-csv` and `undo` all go through here.
//!
//! The rows of a run in the database are the plan. A [`draft`] takes them in, [`plan`] has the store read, finds their
//! variants and decides (by [`decide`], which is pure), [`guard`] refuses mass mistakes and [`repeat`] the same adjustments
//! again, the [`ledger`] copies the draft into the rows of a run, and [`apply`] sends what is left of them. A first run is
//! a [`resume`] of a run with no outcomes, an [`undo`] one whose rows come from another run. Each row ends in one
//! [`outcome`]; [`lost`] knows when the ledger forgot; [`runs`] finds and reads runs again, [`taken_back`] tells what took what
//! back, and [`proof`] what events tell of them.

pub mod apply;
mod clock;
pub mod cut_off;
pub mod decide;
mod doubt;
pub mod draft;
pub mod effect;
mod filling;
mod find;
pub mod guard;
mod jobs;
pub mod ledger;
pub mod left;
pub mod lock;
pub mod lost;
mod lots;
mod matched;
pub mod outcome;
mod overtaken;
pub mod plan;
pub mod proof;
mod read;
pub mod repeat;
pub mod resume;
pub mod row;
pub mod run_id;
pub mod runs;
pub mod same_store;
mod seen;
mod send;
mod sending;
pub mod taken_back;
pub mod undo;
#[cfg(test)]
mod written;
