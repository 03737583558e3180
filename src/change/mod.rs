//! The one way to write stock: `set`, `adjust`, `import-csv` and `undo` all go through here.
//!
//! [`shelf`] reads the products that a batch names, [`plan`] compares what is wanted with what is there, [`guard`]
//! refuses mass mistakes, [`apply`] sends what is left, and each row ends in one [`outcome`].

pub mod apply;
pub mod guard;
pub mod ledger;
pub mod lock;
pub mod outcome;
pub mod plan;
pub mod report;
pub mod run_id;
pub mod shelf;
pub mod stored;
