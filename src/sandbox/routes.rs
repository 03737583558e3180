//! The four endpoints: who asks, for what, and the answer. Checks go in this order: route, credentials, scope,
//! validation, existence.

use hyper::{HeaderMap, Method};
use serde_json::json;

use super::access::{Access, access};
use super::reply::Reply;
use super::stock::Refused;
use super::store::Store;
use super::validate;
use crate::error::Error;
use crate::model::Pagination;

const INVENTORY: &str = "/api/apps/v1/inventory";

/// A request as it came in.
pub(super) struct Request {
    pub method: Method,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    /// The whole body; `None` when it is too large to be read.
    pub body: Option<Vec<u8>>,
    /// What the movements of this request are found by.
    pub id: String,
}

enum Route<'a> {
    List,
    Product(&'a str),
    Set(&'a str),
    Adjust(&'a str),
}

impl Route<'_> {
    fn writes(&self) -> bool {
        matches!(self, Route::Set(_) | Route::Adjust(_))
    }
}

/// Answers a request. What goes wrong in the sandbox itself is a 500, as it would be from any server.
pub(super) fn answer(store: &Store, request: &Request) -> Reply {
    let answer = || {
        let route = route(request)?;
        let access = access(&request.headers)?;
        if route.writes() && access != Access::Write {
            return Err(Reply::coded(
                403,
                "insufficient_scope",
                "Insufficient scope. Required: write:inventory",
            ));
        }
        match route {
            Route::List => list(store, request),
            Route::Product(id) => product(store, id),
            Route::Set(id) => set(store, id, request),
            Route::Adjust(id) => adjust(store, id, request),
        }
    };
    answer().unwrap_or_else(|refusal| refusal)
}

fn route(request: &Request) -> Result<Route<'_>, Reply> {
    let unknown = || Reply::error(404, "Not found.");
    let rest = request.path.strip_prefix(INVENTORY).ok_or_else(unknown)?;
    if rest.is_empty() {
        return match request.method {
            Method::GET => Ok(Route::List),
            _ => Err(Reply::not_allowed("GET")),
        };
    }
    let rest = rest.strip_prefix('/').ok_or_else(unknown)?;
    match rest.split_once('/') {
        None if rest.is_empty() => Err(unknown()),
        None => match request.method {
            Method::GET => Ok(Route::Product(rest)),
            Method::PUT => Ok(Route::Set(rest)),
            _ => Err(Reply::not_allowed("GET, PUT")),
        },
        Some((id, "adjust")) => match request.method {
            Method::POST => Ok(Route::Adjust(id)),
            _ => Err(Reply::not_allowed("POST")),
        },
        Some(_) => Err(unknown()),
    }
}

fn list(store: &Store, request: &Request) -> Result<Reply, Reply> {
    let listing = validate::listing(&request.query)?;
    let (products, total) = store.list(&listing)?;
    let pagination = Pagination {
        page: listing.page.unsigned_abs(),
        limit: listing.limit.unsigned_abs(),
        total: total.unsigned_abs(),
    };
    Ok(Reply::read(products, Some(pagination)))
}

fn product(store: &Store, id: &str) -> Result<Reply, Reply> {
    let product = store.product(validate::product_id(id)?)?;
    let product = product.ok_or_else(Reply::no_product)?;
    Ok(Reply::read(product, None))
}

fn set(store: &Store, id: &str, request: &Request) -> Result<Reply, Reply> {
    let id = validate::product_id(id)?;
    let wanted = validate::quantities(&request.headers, body(request)?)?;
    let product = store.set(id, &wanted, &request.id)??;
    // The product id and the updated quantities (docs/api.md: Update Stock), not those left alone.
    let updated: Vec<_> = product
        .variants
        .iter()
        .filter(|variant| wanted.iter().any(|(sku, _)| *sku == variant.sku_id.get()))
        .map(|variant| {
            json!({"sku_id": variant.sku_id, "sku_code": variant.sku_code, "quantity": variant.quantity})
        })
        .collect();
    let event = json!({"product_id": id, "variants": updated});
    Ok(Reply::written(product, "Inventory updated.", event))
}

fn adjust(store: &Store, id: &str, request: &Request) -> Result<Reply, Reply> {
    let id = validate::product_id(id)?;
    let wanted = validate::adjustment(&request.headers, body(request)?)?;
    let reason = wanted.reason.as_deref();
    let adjusted = store.adjust(id, wanted.sku, wanted.by, reason, &request.id)??;
    let event = json!({
        "product_id": id,
        "sku_id": wanted.sku,
        "previous_quantity": adjusted.previous_quantity,
        "quantity": adjusted.quantity,
        "adjustment": adjusted.adjustment,
        "reason": wanted.reason,
    });
    Ok(Reply::written(adjusted, "Stock adjusted.", event))
}

fn body(request: &Request) -> Result<&[u8], Reply> {
    request
        .body
        .as_deref()
        .ok_or_else(|| Reply::error(413, "Request body too large."))
}

impl From<Error> for Reply {
    fn from(_: Error) -> Reply {
        Reply::broken()
    }
}

impl From<Refused> for Reply {
    fn from(refused: Refused) -> Reply {
        match refused {
            Refused::NoProduct => Reply::no_product(),
            Refused::NoVariant => Reply::error(404, "Variant not found."),
            Refused::Negative {
                current,
                adjustment,
            } => Reply::coded(
                400,
                "negative_quantity",
                &format!(
                    "Adjustment would result in negative quantity. Current: {current}, adjustment: {adjustment}"
                ),
            ),
            Refused::TooMany => {
                Reply::invalid("Adjustment would result in a quantity that is too large.")
            }
        }
    }
}
