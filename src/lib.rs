//! Run a SeloraX shop's stock from the command line.
//!
//! The modules in reading order:
//!
//! - [`error`]: what can go wrong, and the exit code it ends in
//! - [`model`]: what the API sends and takes
//! - [`wanted`]: a change that somebody asks for
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod api;
pub mod catalogue;
pub mod change;
pub mod error;
pub mod file;
pub mod format;
pub mod interrupt;
pub mod model;
pub mod render;
pub mod side_by_side;
pub mod state;
pub mod ui;
pub mod wanted;
