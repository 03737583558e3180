//! One file a command: what can be typed, then a short `run`. Only here, in `ui` and in `main` is anything printed.

pub mod adjust;
pub mod bulk;
pub mod check;
pub mod complete;
pub mod completions;
pub mod diff;
pub mod export_csv;
pub mod history;
pub mod import_csv;
pub mod list;
pub mod listen;
pub mod man;
pub mod profile;
pub mod reading;
pub mod reorder;
pub mod report;
pub mod rows;
pub mod run;
pub mod sandbox;
pub mod scan;
pub mod set;
pub mod show;
pub mod snapshot;
pub mod undo;
pub mod welcome;
pub mod write;
