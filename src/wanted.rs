//! A change that somebody asks for, before the store was looked at: what the command line, a CSV row and an undo have
//! in common.

mod batch;

pub use crate::model::Quantity;
use crate::model::{ProductId, SkuId};

pub use batch::Batch;

/// What a batch of wanted changes does to stock; one for a whole file or command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Absolute quantities, by `PUT`.
    Set,
    /// Signed adjustments, by `POST …/adjust`.
    Adjust,
    /// Counted less expected, by `POST …/adjust`, so that sales made meanwhile stay sold.
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

/// One wanted change. What its numbers mean depends on the batch's [`Mode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted<'a> {
    line: u32,
    sku_id: Option<SkuId>,
    product_id: Option<ProductId>,
    value: i64,
    expected: Option<i64>,
    code: Option<&'a str>,
    reason: Option<&'a str>,
    fault: Option<&'a str>,
}

impl<'a> Wanted<'a> {
    /// The variant at `sku` is to have exactly `quantity` units; `line` is where the input says so, from 1.
    pub fn set(line: u32, sku: SkuRef<'a>, quantity: Quantity) -> Wanted<'a> {
        Wanted::row(line, Some(sku), quantity.get())
    }

    /// The stock of the variant at `sku` is to move by `by` units.
    pub fn adjust(line: u32, sku: SkuRef<'a>, by: i64) -> Wanted<'a> {
        Wanted::row(line, Some(sku), by)
    }

    /// A row as a file or the ledger has it: it may name no variant, and its value may be one that nobody can ask for.
    /// Such a row is [`Wanted::failing`].
    pub fn row(line: u32, sku: Option<SkuRef<'a>>, value: i64) -> Wanted<'a> {
        let (sku_id, code) = match sku {
            Some(SkuRef::Id(id)) => (Some(id), None),
            Some(SkuRef::Code(code)) => (None, Some(code)),
            None => (None, None),
        };
        Wanted {
            line,
            sku_id,
            product_id: None,
            value,
            expected: None,
            code,
            reason: None,
            fault: None,
        }
    }

    /// The variant belongs to this product, says the user.
    pub fn of_product(mut self, product: Option<ProductId>) -> Wanted<'a> {
        self.product_id = product;
        self
    }

    /// The stock was this much when the file was made; a store may hold less than nothing.
    pub fn expecting(mut self, expected: Option<i64>) -> Wanted<'a> {
        self.expected = expected;
        self
    }

    /// The id and the code were both given: they must belong to one variant.
    pub fn also_coded(mut self, code: &'a str) -> Wanted<'a> {
        self.code = Some(code);
        self
    }

    /// The reason to record with an adjustment, at most 255 characters.
    pub fn because(mut self, reason: Option<&'a str>) -> Wanted<'a> {
        self.reason = reason.or(self.reason);
        self
    }

    /// The row fails as it stands, for this reason in one sentence; the others go on.
    pub fn failing(mut self, fault: Option<&'a str>) -> Wanted<'a> {
        self.fault = fault;
        self
    }

    /// Line in the input, from 1.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The sku id, where the user gave one.
    pub fn sku_id(&self) -> Option<SkuId> {
        self.sku_id
    }

    /// The sku code, where the user gave one.
    pub fn code(&self) -> Option<&'a str> {
        self.code
    }

    /// The product, where the user gave one.
    pub fn product_id(&self) -> Option<ProductId> {
        self.product_id
    }

    /// Units: the wanted quantity (*set*), the adjustment (*adjust*), the counted quantity (*stocktake*).
    pub fn value(&self) -> i64 {
        self.value
    }

    /// What the stock was when the file was made, in units.
    pub fn expected(&self) -> Option<i64> {
        self.expected
    }

    /// Why the row fails before the store is looked at.
    pub fn fault(&self) -> Option<&'a str> {
        self.fault
    }

    /// The row's own reason.
    pub fn reason(&self) -> Option<&'a str> {
        self.reason
    }
}
