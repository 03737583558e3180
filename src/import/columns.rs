//! What the headers mean, and which columns of the file are used (docs/files.md: Columns).

use std::fmt;
use std::str::FromStr;

use csv::StringRecord;

use super::cells::{is_blank, trimmed};
use super::headers::Headers;
use super::source::Source;
use crate::error::{Error, Result};
use crate::shell::option;
use crate::wanted::Mode;

/// A column that `import-csv` understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// Which variant, by id.
    SkuId,
    /// Which variant, by exact code.
    SkuCode,
    /// Which product the variant belongs to.
    ProductId,
    /// Units that the variant is to have.
    Quantity,
    /// Units to add or to take away.
    Adjustment,
    /// Units that the variant had when the file was made.
    ExpectedQuantity,
    /// Why the stock is adjusted.
    Reason,
}

/// The columns with their own name first, then what else they are read from, all as [`plain`] writes them.
const NAMES: [(Column, &str, &[&str]); 7] = [
    (Column::SkuId, "sku_id", &["skuid"]),
    (
        Column::SkuCode,
        "sku_code",
        &[
            "skucode",
            "sku",
            "variantsku",
            "itemsku",
            "itemcode",
            "sellersku",
        ],
    ),
    (Column::ProductId, "product_id", &["productid"]),
    (
        Column::Quantity,
        "quantity",
        &[
            "quantity",
            "qty",
            "stock",
            "onhand",
            "onhand(new)",
            "newquantity",
            "countedquantity",
            "inventoryquantity",
            "variantinventoryqty",
        ],
    ),
    (
        Column::Adjustment,
        "adjustment",
        &[
            "adjustment",
            "delta",
            "quantitydelta",
            "quantitychange",
            "quantityadjustment",
        ],
    ),
    (
        Column::ExpectedQuantity,
        "expected_quantity",
        &["expectedquantity", "currentquantity", "onhand(current)"],
    ),
    (
        Column::Reason,
        "reason",
        &["reason", "note", "comment", "remark", "memo"],
    ),
];

/// Headers that say where stock lies, as [`plain`] writes them. A store has one stock level for each variant, so a file
/// about several places has to say which of them is meant.
const PLACES: [&str; 43] = [
    "location",
    "locations",
    "locationname",
    "inventorylocation",
    "stocklocation",
    "warehouse",
    "warehousename",
    "warehousecode",
    "warehouselocation",
    "branch",
    "branchname",
    "store",
    "storename",
    "shop",
    "shopname",
    "outlet",
    "outletname",
    "depot",
    "depotname",
    "site",
    "sitename",
    "facility",
    "facilityname",
    "stockroom",
    "stockroomname",
    "place",
    "lager",
    "lagerort",
    "standort",
    "filiale",
    "almacén",
    "almacen",
    "tienda",
    "sucursal",
    "magasin",
    "entrepôt",
    "entrepot",
    "dépôt",
    "depósito",
    "loja",
    "magazzino",
    "المستودع",
    "الفرع",
];

/// What is to be ordered, in a list that `reorder` wrote.
pub(super) const ORDER: &str = "order";

impl Column {
    /// The name on the command line and in docs/files.md.
    pub fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(column, ..)| *column == self)
            .map_or("", |(_, name, _)| name)
    }

    /// Expected quantities guard quantities, and reasons are recorded with adjustments alone.
    fn is_used(self, mode: Mode) -> bool {
        match self {
            Column::SkuId | Column::SkuCode | Column::ProductId => true,
            Column::Quantity | Column::ExpectedQuantity => mode != Mode::Adjust,
            Column::Adjustment => mode == Mode::Adjust,
            Column::Reason => mode != Mode::Set,
        }
    }

    /// Whether a header is the column's own name; case, spaces, underscores and hyphens do not matter.
    pub fn is_called(self, header: &str) -> bool {
        plain(header) == plain(self.name())
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// By its own name alone; case, spaces, underscores and hyphens do not matter.
impl FromStr for Column {
    type Err = String;

    fn from_str(text: &str) -> Result<Column, String> {
        let mut columns = NAMES.iter().map(|(column, ..)| *column);
        columns
            .find(|column| column.is_called(text))
            .ok_or_else(|| {
                let names: Vec<&str> = NAMES.iter().map(|(_, name, _)| *name).collect();
                let names = names.join(", ");
                format!("there is no column {text}; the columns are {names}")
            })
    }
}

/// A header without what does not matter in it: case, spaces of any kind and what can't be seen, underscores, hyphens,
/// quotes around it.
pub(super) fn plain(header: impl AsRef<str>) -> String {
    let header = trimmed(header.as_ref()).trim_matches(['"', '\'']);
    header
        .chars()
        .filter(|c| !is_blank(*c) && !matches!(c, '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The option that reads a header of theirs as a column of ours.
pub(super) fn map_option(header: &str, column: Column) -> String {
    option("map", &format!("{header}={column}"))
}

/// What a header means when nobody says otherwise; the header as [`plain`] writes it.
pub(super) fn builtin(header: &str) -> Option<Column> {
    NAMES
        .iter()
        .find(|(_, _, names)| names.contains(&header))
        .map(|(column, ..)| *column)
}

/// Whether whole numbers stand under this header, in a file for people or for us.
pub fn is_number_column(header: &str) -> bool {
    use Column::{Adjustment, ExpectedQuantity, ProductId, Quantity, SkuId};
    let header = plain(header);
    let numbers = [SkuId, ProductId, Quantity, Adjustment, ExpectedQuantity];
    builtin(&header).is_some_and(|column| numbers.contains(&column))
        || matches!(header.as_str(), "line" | "previousquantity")
}

/// A column of the file whose rows must have one of these values.
pub(super) struct Filter {
    pub(super) at: usize,
    pub(super) values: Vec<String>,
}

/// Where in a row the cells are that are used.
pub(super) struct Columns {
    pub(super) mode: Mode,
    /// The headers as the file writes them.
    pub(super) headers: Vec<String>,
    pub(super) sku_id: Option<usize>,
    pub(super) sku_code: Option<usize>,
    pub(super) product_id: Option<usize>,
    /// The quantity, or in *adjust* the adjustment.
    pub(super) value: usize,
    pub(super) expected: Option<usize>,
    pub(super) reason: Option<usize>,
    pub(super) filters: Vec<Filter>,
    /// Columns that say where stock lies and that no filter settles.
    pub(super) places: Vec<usize>,
    /// Columns that are the quantity as well, going by their headers, where nobody said which one is.
    pub(super) rivals: Vec<usize>,
    pub(super) mapping: Vec<(String, Column)>,
    pub(super) unused: Vec<String>,
}

impl Columns {
    /// An error, usage, where the headers say too little or two of them say the same.
    pub(super) fn find(record: &StringRecord, source: &Source<'_>) -> Result<Columns> {
        let headers = Headers::new(record, source)?;
        let mode = headers.mode()?;
        let unread = headers.explicit.iter().zip(&headers.written);
        for (column, header) in unread.filter_map(|(said, header)| Some(((*said)?, header))) {
            if !column.is_used(mode) {
                let said = map_option(header, column);
                let mode = mode.name();
                let error = Error::usage(format!(
                    "{said}: nothing is read as {column} in mode {mode}"
                ));
                return Err(error.hinted("leave it out, or say with --mode what the rows do"));
            }
        }
        let mut found = Vec::new();
        for (column, ..) in NAMES.iter().filter(|(column, ..)| column.is_used(mode)) {
            if let Some(at) = headers.one(*column)? {
                found.push((at, *column));
            }
        }
        found.sort_by_key(|(at, _)| *at);
        let at = |column| found.iter().find(|(_, c)| *c == column).map(|(at, _)| *at);
        let need = |column| at(column).ok_or_else(|| headers.lacks(mode, column));
        let value = match mode {
            Mode::Adjust => need(Column::Adjustment)?,
            Mode::Set | Mode::Stocktake => need(Column::Quantity)?,
        };
        if mode == Mode::Stocktake {
            need(Column::ExpectedQuantity)?;
        }
        if at(Column::SkuId).or(at(Column::SkuCode)).is_none() {
            return Err(headers.unhelpful("no column says which variant is meant", Column::SkuCode));
        }
        let filters = headers.filters(&source.options.only)?;
        let used = |i: usize| found.iter().any(|(at, _)| *at == i);
        let filtered = |i: usize| filters.iter().any(|filter| filter.at == i);
        let free = |i: &usize| !used(*i) && !filtered(*i) && !headers.ignored[*i];
        let settled = mode == Mode::Adjust || headers.explicit[value].is_some();
        let free: Vec<usize> = (0..headers.written.len()).filter(free).collect();
        let places = |i: &usize| PLACES.contains(&headers.plain[*i].as_str());
        let ordered = |i: usize| headers.plain[i] == ORDER && is_order(&headers.plain);
        let rivals = |i: &usize| !settled && (headers.may_be_quantity(*i) || ordered(*i));
        let places = free.iter().copied().filter(places).collect();
        let rivals = free.iter().copied().filter(rivals).collect();
        let mut unused: Vec<String> = Vec::new();
        for header in free.iter().map(|i| &headers.written[*i]) {
            if !header.is_empty() && !unused.contains(header) {
                unused.push(header.clone());
            }
        }
        let named = |(at, column): &(usize, Column)| (headers.written[*at].clone(), *column);
        Ok(Columns {
            mode,
            sku_id: at(Column::SkuId),
            sku_code: at(Column::SkuCode),
            product_id: at(Column::ProductId),
            value,
            expected: at(Column::ExpectedQuantity),
            reason: at(Column::Reason),
            places,
            rivals,
            mapping: found.iter().map(named).collect(),
            unused,
            filters,
            headers: headers.written,
        })
    }

    /// Those that name the variant.
    pub(super) fn naming(&self) -> impl Iterator<Item = usize> {
        [self.sku_id, self.sku_code].into_iter().flatten()
    }

    /// Those that say which stock changes, and how.
    pub(super) fn deciding(&self) -> impl Iterator<Item = usize> {
        let value = std::iter::once(self.value).chain(self.expected);
        value.chain(self.naming()).chain(self.product_id)
    }

    /// Whether what stands in this column decides which stock changes, or how.
    pub(super) fn decides(&self, column: usize) -> bool {
        self.deciding().any(|at| at == column)
            || self.filters.iter().any(|filter| filter.at == column)
    }
}

/// Whether these are the headers of the list that `reorder` writes: what there is, and what to order.
fn is_order(plain: &[String]) -> bool {
    let has = |own| plain.iter().any(|header| header == own);
    has("min") && has("target") && has(ORDER)
}
