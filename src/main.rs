//! Parse, dispatch, print the error once, exit.
#![forbid(unsafe_code)]

fn main() {}
