//! Run a SeloraX shop's stock from the command line.
//!
//! The modules in reading order:
//!
//! - [`cli`]: the command line as it is typed, and the match that dispatches it
//! - [`context`], [`settings`], [`profile`], [`address`], [`credentials`], [`secret_command`]: what a command is handed
//! - [`commands`]: one file a command
//! - [`import`]: a CSV file becomes [`wanted`] changes; [`export`]: variants become a CSV file that it takes back
//! - [`catalogue`]: from a SKU code to the variant that bears it
//! - [`change`]: the one way to write stock
//! - [`state`]: the database that remembers what was written; [`sqlite`]: what every database file has in common
//! - [`api`]: the four endpoints over HTTP; [`side_by_side`] asks for many things at once, [`threads`] begins what runs beside
//! - [`model`]: what the API sends and takes
//! - [`render`], [`pager`], [`format`], [`file`], [`lock_file`], [`outputs`]: results on their way out, and files as they should be
//! - [`page`]: the report as HTML; [`money`]: prices and values, exactly
//! - [`sandbox`], [`webhook`]: the same API on this machine; [`server`]: what it and [`listen`] share
//! - [`sku_code`], [`near`], [`shell`]: which code is meant, which perhaps, and how to type it
//! - [`listen`]: webhooks come in; [`memory`]: what the stock was, and the database of it; [`story`]: what the ledger and it
//!   tell of one variant
//! - [`ui`], [`progress`], [`interrupt`], [`cleanup`], [`contained`], [`error`], [`exit`], [`duration`], [`time`], [`words`],
//!   [`width`], [`clean`], [`invisible`]: the user, how far something has come, signals, failures, time, numbers in sentences, how much
//!   room a text takes, what drives a terminal and what nobody sees
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod address;
pub mod api;
pub mod catalogue;
pub mod change;
pub mod clean;
pub mod cleanup;
pub mod cli;
pub mod color;
pub mod commands;
pub mod contained;
pub mod context;
pub mod credentials;
pub mod duration;
pub mod error;
pub mod exit;
pub mod export;
pub mod file;
pub mod format;
pub mod import;
pub mod interrupt;
pub mod invisible;
pub mod listen;
pub mod lock_file;
pub mod memory;
pub mod model;
pub mod money;
pub mod near;
pub mod outputs;
pub mod page;
pub mod pager;
pub mod profile;
pub mod progress;
pub mod render;
pub mod sandbox;
pub mod scan;
pub mod secret_command;
pub mod server;
pub mod settings;
pub mod shell;
pub mod side_by_side;
pub mod sku_code;
pub mod sqlite;
pub mod state;
pub mod stdio;
pub mod story;
pub mod threads;
pub mod time;
pub mod ui;
pub mod wanted;
pub mod webhook;
pub mod width;
pub mod words;
