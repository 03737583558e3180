//! Everything that a user can meet, through the front door: the built binary against the sandbox.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod answers;
mod api;
mod catalogue;
mod check;
mod codes;
mod completions;
mod cut_off;
#[cfg(unix)]
mod docs;
mod doubts;
mod evidence;
mod export;
mod first;
mod going_on;
mod help;
mod hints;
mod house;
mod import;
mod killed;
mod large;
mod layers;
mod libreoffice;
mod list;
mod listen;
mod listener;
mod load;
mod lots;
mod machine;
mod moving;
mod network;
mod never_twice;
mod odd;
mod offered;
mod outputs;
mod pager;
mod paging;
mod partly;
mod pasted;
#[cfg(target_os = "linux")]
mod power;
mod profiles;
mod progress;
#[cfg(unix)]
mod proof;
mod reading;
mod reading_less;
mod recipes;
mod reorder;
mod replaced;
mod report;
mod resume;
mod round_trip;
mod runs;
mod sandbox;
mod scan;
#[cfg(unix)]
mod screen;
mod scripted;
mod secrets;
mod shop;
#[cfg(unix)]
mod signals;
mod snapshots;
mod soak;
mod state_folder;
#[cfg(unix)]
mod stories;
mod taking_back;
mod terminal;
mod typed;
mod widths;
mod workbooks;
mod year;
