//! A change that somebody asks for, before the store was looked at: what the command line, a CSV row and an undo have
//! in common.

use crate::error::Result;
use crate::model::{ProductId, SkuId};

/// What wanted changes do to stock; one for a whole file or command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Mode {
    /// The quantity, by PUT
    Set,
    /// The adjustment, by POST
    Adjust,
    /// Counted less expected, as an adjustment: sales meanwhile stay sold
    Stocktake,
}

impl Mode {
    /// The name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Set => "set",
            Mode::Adjust => "adjust",
            Mode::Stocktake => "stocktake",
        }
    }
}

/// Which variant is meant, as the user named it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SkuRef<'a> {
    /// By sku id.
    Id(SkuId),
    /// By exact sku code; several variants may share one.
    Code(&'a str),
}

/// One wanted change. What its numbers mean depends on the [`Mode`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// Line in the input, from 1.
    pub line: u32,
    /// The product, where the user gave one.
    pub product: Option<ProductId>,
    /// The sku id, where the user gave one.
    pub sku: Option<SkuId>,
    /// The sku code, where the user gave one.
    pub code: Option<&'a str>,
    /// The id and the code are one word that could be either; otherwise both must belong to one variant.
    pub either: bool,
    /// Units: the wanted quantity (*set*), the adjustment (*adjust*), the counted quantity (*stocktake*).
    pub value: i64,
    /// What the stock was when the file was made, in units.
    pub expected: Option<i64>,
    /// The row's own reason, at most 255 characters.
    pub reason: Option<&'a str>,
    /// What is wrong with the row alone; it fails, and the others go on.
    pub fault: Option<&'a str>,
}

/// Takes the wanted changes of a file one by one.
pub trait Take {
    /// One more.
    fn take(&mut self, wanted: &Wanted<'_>) -> Result<()>;

    /// Adds up those about one variant, and keeps `buffer` units back of each sum. Those that name it in the same words are
    /// added up at once, the others when the store was seen. Or the ones that expect another stock than an earlier one of
    /// the same variant, and nothing is done.
    fn add_up(&mut self, _buffer: i64) -> Result<Vec<Unequal>> {
        Ok(Vec::new())
    }

    /// Those that name the same variant in the same words as an earlier one.
    fn named_twice(&self) -> Result<Vec<Twice>>;
}

/// A row that is to add up with an earlier one and expects another stock.
#[derive(Debug)]
pub struct Unequal {
    /// Its line.
    pub line: u32,
    /// What it expects, in units.
    pub expected: i64,
    /// The line of the first that expects something.
    pub first: u32,
    /// What that one expects.
    pub first_expected: i64,
}

impl Unequal {
    /// What is wrong, in one sentence.
    pub fn in_words(&self) -> String {
        format!(
            "{} is expected here and {} in line {}: of rows that add up, each expects the whole stock of the variant",
            self.expected, self.first_expected, self.first
        )
    }
}

/// A row that names a variant which an earlier one names already.
#[derive(Debug)]
pub struct Twice {
    /// Its line.
    pub line: u32,
    /// The line that names it first.
    pub first: u32,
    /// Whether both name it by sku id; by code otherwise.
    pub by_id: bool,
    /// That id or code.
    pub name: String,
}

/// How many units of a variant there should be: a row of a file of levels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// The line that it stands on, from 1.
    pub line: u32,
    /// The variant's id, where the row says it. A row has this or the code.
    pub sku: Option<SkuId>,
    /// The variant's code, where the row says it.
    pub sku_code: Option<String>,
    /// Who delivers it.
    pub supplier: Option<String>,
    /// Units: with this many or fewer, the variant is ordered.
    pub min: i64,
    /// Units: up to how many it is ordered. At least `min`.
    pub target: i64,
    /// Units: how many there are in a pack. At least 1.
    pub pack: i64,
}
