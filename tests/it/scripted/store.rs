//! A small store behind the scripted server: it does what a request says, and a test decides what is answered.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{Answer, Request, json as answer};

/// Products 1, 2, 3…, each with one variant: product 7 has sku 70 with the code C7.
pub struct Store {
    units: Mutex<BTreeMap<i64, i64>>,
}

impl Store {
    /// So many products with so many units each.
    pub fn new(products: i64, units: i64) -> Arc<Store> {
        let units = Mutex::new((1..=products).map(|product| (product, units)).collect());
        Arc::new(Store { units })
    }

    /// The units of a product's variant.
    pub fn units(&self, product: i64) -> i64 {
        self.units.lock().unwrap()[&product]
    }

    /// Somebody buys so many units of a product.
    pub fn sell(&self, product: i64, units: i64) {
        *self.units.lock().unwrap().get_mut(&product).unwrap() -= units;
    }

    /// Does what the request says, and answers as the API would.
    pub fn answer(&self, request: &Request) -> Answer {
        let mut stock = self.units.lock().unwrap();
        let Some(product) = product_of(&request.target) else {
            return list(&stock, &request.target);
        };
        let Some(units) = stock.get_mut(&product) else {
            return answer(404, r#"{"message":"Product not found.","status":404}"#);
        };
        let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
        match request.method.as_str() {
            "PUT" => *units = body["variants"][0]["quantity"].as_i64().unwrap(),
            "POST" => return adjust(product, units, body["adjustment"].as_i64().unwrap()),
            _ => {}
        }
        let variant = json!({"sku_id": product * 10, "sku_code": format!("C{product}"), "variant_name": "Default",
            "price": 500, "quantity": *units, "available": 1, "is_default": 1});
        let data = json!({"product_id": product, "name": format!("Product {product}"), "is_active": 1,
            "updated_at": "2025-06-12T14:30:00.000Z", "variants": [variant]});
        answer(200, &json!({"data": data, "status": 200}).to_string())
    }
}

/// The product that a path names; `None` for the list.
pub fn product_of(target: &str) -> Option<i64> {
    let rest = target.strip_prefix("/api/apps/v1/inventory/")?;
    rest.split('/').next()?.parse().ok()
}

fn adjust(product: i64, units: &mut i64, by: i64) -> Answer {
    let before = *units;
    if by == 0 || before + by < 0 {
        let message = format!(
            "Adjustment would result in negative quantity. Current: {before}, adjustment: {by}"
        );
        let body = json!({"message": message, "code": "negative_quantity", "status": 400});
        return answer(400, &body.to_string());
    }
    *units += by;
    let data = json!({"sku_id": product * 10, "product_id": product, "previous_quantity": before,
        "quantity": *units, "adjustment": by, "available": 1});
    let body = json!({"data": data, "message": "Stock adjusted.", "status": 200});
    answer(200, &body.to_string())
}

fn list(stock: &BTreeMap<i64, i64>, target: &str) -> Answer {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let asked = |name: &str, default: usize| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let found = pairs.find(|(key, _)| key == name);
        found.map_or(default, |(_, value)| value.parse().unwrap())
    };
    let (page, limit) = (asked("page", 1), asked("limit", 50));
    let products = stock.iter().skip((page - 1) * limit).take(limit);
    let data: Vec<Value> = products
        .map(|(product, units)| {
            json!({"product_id": product, "name": format!("Product {product}"), "is_active": 1,
                "updated_at": "2025-06-12T14:30:00.000Z", "total_quantity": units, "variant_count": 1,
                "has_stock": i64::from(*units > 0)})
        })
        .collect();
    let pagination = json!({"page": page, "limit": limit, "total": stock.len()});
    answer(
        200,
        &json!({"data": data, "pagination": pagination, "status": 200}).to_string(),
    )
}
