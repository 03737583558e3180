//! What the sandbox answers: status and JSON body, worded as the API words it (docs/api.md).

use serde::Serialize;

use crate::model::Pagination;

/// An answer before it is on the wire.
#[derive(Debug)]
pub(super) struct Reply {
    pub status: u16,
    pub body: String,
    /// Methods to name in `Allow`, with 405.
    pub allow: Option<&'static str>,
    /// Whether stock was written.
    pub applied: bool,
    /// The `data` of the webhook that the write triggers.
    pub event: Option<String>,
}

/// The fields in the documented order.
#[derive(Serialize)]
struct Success<'a, T: Serialize> {
    data: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    pagination: Option<Pagination>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    status: u16,
}

#[derive(Serialize)]
struct Failure<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    status: u16,
}

impl Reply {
    /// Something that was read.
    pub fn read(data: impl Serialize, pagination: Option<Pagination>) -> Reply {
        Reply::success(data, pagination, None)
    }

    /// A write that was applied, with the `data` of its webhook.
    pub fn written(data: impl Serialize, message: &str, event: impl Serialize) -> Reply {
        Reply {
            applied: true,
            event: serde_json::to_string(&event).ok(),
            ..Reply::success(data, None, Some(message))
        }
    }

    /// An error without a code.
    pub fn error(status: u16, message: &str) -> Reply {
        Reply::failure(status, None, message)
    }

    /// An error with its code (API: Errors).
    pub fn coded(status: u16, code: &str, message: &str) -> Reply {
        Reply::failure(status, Some(code), message)
    }

    /// A validation error (docs/api.md: Errors).
    pub fn invalid(message: &str) -> Reply {
        Reply::error(400, message)
    }

    /// No such product (docs/api.md: Get Product Inventory).
    pub fn no_product() -> Reply {
        Reply::error(404, "Product not found.")
    }

    /// The sandbox itself failed.
    pub fn broken() -> Reply {
        Reply::error(500, "Internal server error.")
    }

    /// The method is not one of the route's.
    pub fn not_allowed(allow: &'static str) -> Reply {
        Reply {
            allow: Some(allow),
            ..Reply::error(405, "Method not allowed.")
        }
    }

    fn success(
        data: impl Serialize,
        pagination: Option<Pagination>,
        message: Option<&str>,
    ) -> Reply {
        let status = 200;
        Reply::new(
            status,
            &Success {
                data,
                pagination,
                message,
                status,
            },
        )
    }

    fn failure(status: u16, code: Option<&str>, message: &str) -> Reply {
        Reply::new(
            status,
            &Failure {
                message,
                code,
                status,
            },
        )
    }

    fn new(status: u16, body: &impl Serialize) -> Reply {
        Reply {
            status,
            // Numbers, strings and the price's own text always can be written.
            body: serde_json::to_string(body).unwrap_or_default(),
            allow: None,
            applied: false,
            event: None,
        }
    }
}
