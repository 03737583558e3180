//! Counting, receiving and picking with a barcode scanner: lines become totals, and each line is on disk before it counts.
//!
//! [`tally`] is pure: what a line means after those before it. [`journal`] keeps the lines. [`aliases`] are labels that
//! carry another number. [`letters`] are large enough to be read from a metre.

pub mod journal;
pub mod letters;
pub mod tally;

/// What is scanned for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// What is there: a stocktake
    Count,
    /// What came in: adjustments up
    Receive,
    /// What went out: adjustments down
    Pick,
}

impl Mode {
    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Count => "count",
            Mode::Receive => "receive",
            Mode::Pick => "pick",
        }
    }
}
