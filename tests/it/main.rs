//! Everything that a user can meet, through the front door: the built binary against the sandbox.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod api;
mod catalogue;
mod completions;
mod import;
mod machine;
mod profiles;
mod resume;
mod runs;
mod sandbox;
mod scripted;
mod shop;
mod soak;
mod typed;
