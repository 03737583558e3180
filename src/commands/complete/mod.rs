//! What a shell may put behind a half-typed command line.

mod line;
mod quoting;
mod shells;
mod values;

pub use shells::Asking;
pub use values::{
    code_to_adjust, codes, codes_to_set, commands, fields, moments, own_profiles, product_or_code,
    profiles, recipes, runs, runs_to_resume, sorts,
};
