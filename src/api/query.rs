//! What to list, in what order: the query parameters of the list endpoint (docs/api.md: List Inventory).

use std::fmt;
use std::str::FromStr;

/// Which column a list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortBy {
    /// When the product was last updated.
    UpdatedAt,
    /// Product title.
    Name,
    /// Units over all variants.
    TotalQuantity,
}

/// Column and direction of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// Column.
    pub by: SortBy,
    /// Largest or newest first.
    pub descending: bool,
}

impl Default for Sort {
    /// The API's own default, `updated_at:desc`.
    fn default() -> Sort {
        Sort {
            by: SortBy::UpdatedAt,
            descending: true,
        }
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.by {
            SortBy::UpdatedAt => "updated_at",
            SortBy::Name => "name",
            SortBy::TotalQuantity => "total_quantity",
        })?;
        f.write_str(if self.descending { ":desc" } else { ":asc" })
    }
}

impl FromStr for Sort {
    type Err = String;

    /// `column:asc` or `column:desc`. A column alone sorts names and quantities upwards and updates newest first.
    fn from_str(text: &str) -> Result<Sort, String> {
        let (column, direction) = match text.split_once(':') {
            Some((column, direction)) => (column, Some(direction)),
            None => (text, None),
        };
        let by = match column {
            "updated_at" => SortBy::UpdatedAt,
            "name" => SortBy::Name,
            "total_quantity" => SortBy::TotalQuantity,
            _ => return Err("the columns are updated_at, name and total_quantity".to_owned()),
        };
        let descending = match direction {
            Some("asc") => false,
            Some("desc") => true,
            None => by == SortBy::UpdatedAt,
            Some(_) => return Err("the directions are asc and desc".to_owned()),
        };
        Ok(Sort { by, descending })
    }
}

/// Which stock status a list is filtered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Status {
    /// Some variant has stock
    InStock,
    /// No variant has stock
    OutOfStock,
}

/// What to list.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// Order.
    pub sort: Sort,
    /// Stock status.
    pub status: Option<Status>,
    /// Part of the product's name.
    pub search: Option<String>,
}

impl ListQuery {
    /// Path and query of one page: `page` from 1, `limit` from 1 to [`super::MAX_LIMIT`].
    pub(super) fn target(&self, page: u64, limit: u16) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("page", &page.to_string());
        query.append_pair("limit", &limit.to_string());
        query.append_pair("sort", &self.sort.to_string());
        match self.status {
            Some(Status::InStock) => drop(query.append_pair("status", "in_stock")),
            Some(Status::OutOfStock) => drop(query.append_pair("status", "out_of_stock")),
            None => {}
        }
        if let Some(search) = &self.search {
            query.append_pair("search", search);
        }
        format!("/api/apps/v1/inventory?{}", query.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_are_read_with_and_without_a_direction() {
        for (text, meant) in [
            ("name", "name:asc"),
            ("name:desc", "name:desc"),
            ("updated_at", "updated_at:desc"),
            ("total_quantity", "total_quantity:asc"),
            ("updated_at:asc", "updated_at:asc"),
        ] {
            assert_eq!(text.parse::<Sort>().unwrap().to_string(), meant);
        }
        for wrong in ["", "price", "name:", "name:up", "name:asc:desc", "Name"] {
            assert!(wrong.parse::<Sort>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_query_is_escaped() {
        let query = ListQuery {
            search: Some("50% & más".to_owned()),
            status: Some(Status::OutOfStock),
            ..ListQuery::default()
        };
        assert_eq!(
            query.target(3, 250),
            "/api/apps/v1/inventory?page=3&limit=250&sort=updated_at%3Adesc&status=out_of_stock&search=50%25+%26+m%C3%A1s"
        );
    }
}
