//! What makes a request sound: query parameters and JSON bodies, as documented (docs/api.md).

use hyper::HeaderMap;
use hyper::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::reply::Reply;
use super::stock::{Column, Listing, MOST_UNITS};

/// The most items a page may have (docs/api.md: List Inventory).
const MAX_LIMIT: i64 = 250;

/// The most characters of a reason (docs/api.md: Adjust Stock).
const MAX_REASON: usize = 255;

/// A sound adjustment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Adjustment {
    pub sku: i64,
    pub by: i64,
    pub reason: Option<String>,
}

/// Reads a list's parameters. An empty one counts as not given, one that we don't know is passed over, and of one
/// given twice the last counts.
pub(super) fn listing(query: &str) -> Result<Listing, Reply> {
    let mut listing = Listing {
        page: 1,
        limit: 50,
        sort: Column::UpdatedAt,
        descending: true,
        in_stock: None,
        search: None,
    };
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if value.is_empty() {
            continue;
        }
        match &*name {
            "page" => listing.page = positive("page", &value)?,
            // Not an error: an API that says "max" and cuts down to it serves clients that ask for more, and the
            // answer's pagination tells them what they got.
            "limit" => listing.limit = positive("limit", &value)?.min(MAX_LIMIT),
            "sort" => (listing.sort, listing.descending) = sort(&value)?,
            "status" => {
                listing.in_stock = Some(match &*value {
                    "in_stock" => true,
                    "out_of_stock" => false,
                    _ => return Err(Reply::invalid("status must be in_stock or out_of_stock.")),
                });
            }
            "search" => listing.search = Some(value.into_owned()),
            _ => {}
        }
    }
    Ok(listing)
}

fn positive(name: &str, value: &str) -> Result<i64, Reply> {
    value
        .parse()
        .ok()
        .filter(|number| *number >= 1)
        .ok_or_else(|| Reply::invalid(&format!("{name} must be a positive integer.")))
}

fn sort(value: &str) -> Result<(Column, bool), Reply> {
    let wrong = || {
        Reply::invalid(
            "sort must be column:asc or column:desc. Allowed columns: updated_at, name, total_quantity.",
        )
    };
    let (column, direction) = value.split_once(':').ok_or_else(wrong)?;
    let column = match column {
        "updated_at" => Column::UpdatedAt,
        "name" => Column::Name,
        "total_quantity" => Column::TotalQuantity,
        _ => return Err(wrong()),
    };
    let descending = match direction {
        "asc" => false,
        "desc" => true,
        _ => return Err(wrong()),
    };
    Ok((column, descending))
}

/// The product's id in the path. What is no integer is a validation error and not a product that is not there: the
/// path parameter's type is integer.
pub(super) fn product_id(text: &str) -> Result<i64, Reply> {
    text.parse()
        .map_err(|_| Reply::invalid("product_id must be an integer."))
}

/// Reads the body of a `PUT` (docs/api.md: Update Stock): pairs of sku id and quantity. A variant named twice is an
/// error, for there is no telling which quantity was meant.
pub(super) fn quantities(headers: &HeaderMap, body: &[u8]) -> Result<Vec<(i64, i64)>, Reply> {
    let body = object(headers, body)?;
    let Some(Value::Array(variants)) = body.get("variants") else {
        return Err(Reply::invalid("variants array is required."));
    };
    if variants.is_empty() {
        return Err(Reply::invalid("variants array must not be empty."));
    }
    let mut wanted: Vec<(i64, i64)> = Vec::with_capacity(variants.len());
    for variant in variants {
        let sku = integer(variant.get("sku_id"))
            .ok_or_else(|| Reply::invalid("Each variant must have an integer sku_id."))?;
        let quantity = integer(variant.get("quantity"))
            .filter(|quantity| (0..=MOST_UNITS).contains(quantity))
            .ok_or_else(|| {
                Reply::invalid(&format!(
                    "Invalid quantity for SKU {sku}: a non-negative integer is required."
                ))
            })?;
        wanted.push((sku, quantity));
    }
    let mut skus: Vec<i64> = wanted.iter().map(|(sku, _)| *sku).collect();
    skus.sort_unstable();
    if let Some(pair) = skus.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Reply::invalid(&format!(
            "SKU {} is given more than once.",
            pair[0]
        )));
    }
    Ok(wanted)
}

/// Reads the body of an adjustment (docs/api.md: Adjust Stock).
pub(super) fn adjustment(headers: &HeaderMap, body: &[u8]) -> Result<Adjustment, Reply> {
    let body = object(headers, body)?;
    let sku = integer(body.get("sku_id"))
        .ok_or_else(|| Reply::invalid("sku_id is required and must be an integer."))?;
    let by = integer(body.get("adjustment"))
        .filter(|by| *by != 0)
        .ok_or_else(|| Reply::invalid("adjustment is required and must be a non-zero integer."))?;
    let reason = match body.get("reason") {
        None => None,
        Some(Value::String(reason)) if reason.chars().count() <= MAX_REASON => Some(reason.clone()),
        Some(_) => {
            return Err(Reply::invalid(
                "reason must be a string of at most 255 characters.",
            ));
        }
    };
    Ok(Adjustment { sku, by, reason })
}

fn object(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Reply> {
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media_type = content_type
        .unwrap_or("")
        .split(';')
        .next()
        .unwrap_or("")
        .trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Reply::invalid("Content-Type must be application/json."));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) => Err(Reply::invalid("Request body must be a JSON object.")),
        Err(_) => Err(Reply::invalid("Invalid JSON in request body.")),
    }
}

/// An integer, and not something that could be taken for one: no `1.0`, `"1"` or `true`.
fn integer(value: Option<&Value>) -> Option<i64> {
    value.and_then(Value::as_i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_the_seeds_defaults() {
        let listing = listing("").unwrap();
        assert_eq!((listing.page, listing.limit), (1, 50));
        assert_eq!(
            (listing.sort, listing.descending),
            (Column::UpdatedAt, true)
        );
        assert_eq!(
            listing,
            super::listing("page=&limit=&sort=&status=&search=&new=1").unwrap()
        );
    }

    #[test]
    fn a_list_beyond_the_limits_is_cut_or_refused() {
        assert_eq!(listing("limit=251").unwrap().limit, 250);
        for query in [
            "page=0",
            "page=-1",
            "page=x",
            "page=1.5",
            "limit=0",
            "limit=99999999999999999999",
            "sort=price:asc",
            "sort=name",
            "sort=name:up",
            "sort=NAME:asc",
            "status=in",
            "sort=:",
        ] {
            assert_eq!(listing(query).unwrap_err().status, 400, "{query}");
        }
        assert_eq!(
            listing("search=%25+a%5F").unwrap().search.as_deref(),
            Some("% a_")
        );
    }
}
