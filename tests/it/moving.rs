//! A shop behind a scripted server, whose products move between one answer and the next as a test likes.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use crate::scripted::{Answer, Request, Server, json};

#[derive(Clone, Debug)]
pub struct Item {
    pub id: i64,
    pub name: String,
    /// Unix milliseconds.
    pub updated_at: i64,
    pub units: i64,
}

pub struct Shop {
    pub items: Vec<Item>,
    pub clock: i64,
    /// No page is longer.
    pub longest: u64,
    /// Every page has this length, whatever is asked for.
    pub fixed: Option<u64>,
    /// Products that are equal by the order come in another order each time.
    pub shuffles: bool,
    /// What was there from the beginning and never went away.
    pub always: BTreeSet<i64>,
    next: i64,
    pub dice: fastrand::Rng,
}

impl Shop {
    pub fn new(products: i64) -> Shop {
        let items = (1..=products).map(|id| Item {
            id,
            name: format!("Product {:05}", id * 7919 % 100_003),
            updated_at: 1_750_000_000_000 - id * 1000,
            units: id % 10,
        });
        Shop {
            items: items.collect(),
            clock: 1_760_000_000_000,
            longest: 250,
            fixed: None,
            shuffles: false,
            always: (1..=products).collect(),
            next: products + 1,
            dice: fastrand::Rng::with_seed(7),
        }
    }

    pub fn random(&mut self) -> i64 {
        self.items[self.dice.usize(..self.items.len())].id
    }

    fn now(&mut self) -> i64 {
        self.clock += 3;
        self.clock
    }

    pub fn item(&mut self, id: i64) -> &mut Item {
        self.items.iter_mut().find(|item| item.id == id).unwrap()
    }

    pub fn rename(&mut self, id: i64, name: &str) {
        let now = self.now();
        let item = self.item(id);
        item.name = name.to_owned();
        item.updated_at = now;
    }

    /// A stock change; it may count as an update or not.
    pub fn sell(&mut self, id: i64, updates: bool) {
        let now = self.now();
        let item = self.item(id);
        item.units += 1;
        if updates {
            item.updated_at = now;
        }
    }

    pub fn create(&mut self, name: &str) -> i64 {
        let (id, updated_at) = (self.next, self.now());
        self.next += 1;
        self.items.push(Item {
            id,
            name: name.to_owned(),
            updated_at,
            units: 0,
        });
        id
    }

    pub fn delete(&mut self, id: i64) {
        self.items.retain(|item| item.id != id);
        self.always.remove(&id);
    }

    /// Something happens to some product.
    pub fn anything(&mut self) {
        let (id, name) = (
            self.random(),
            format!("Product {:05}", self.dice.u32(..100_003)),
        );
        match self.dice.u8(..10) {
            0 => self.delete(id),
            1 => drop(self.create(&name)),
            2..=5 => self.rename(id, &name),
            n => self.sell(id, n % 2 == 0),
        }
    }

    /// The answer to a list request.
    pub fn answer(&mut self, request: &Request) -> Answer {
        let (_, query) = request.target.split_once('?').unwrap();
        let (mut page, mut limit, mut sort) = (1, 50, "updated_at:desc".to_owned());
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "page" => page = value.parse::<u64>().unwrap(),
                "limit" => limit = value.parse::<u64>().unwrap(),
                "sort" => sort = value.into_owned(),
                other => panic!("{other}"),
            }
        }
        limit = self.fixed.unwrap_or(limit.min(self.longest));
        let mut items = self.items.clone();
        if self.shuffles {
            self.dice.shuffle(&mut items);
        } else {
            items.sort_by_key(|item| item.id);
        }
        let (column, direction) = sort.split_once(':').unwrap();
        match column {
            "name" => items.sort_by_key(|a| a.name.to_lowercase()),
            "updated_at" => items.sort_by_key(|item| item.updated_at),
            _ => items.sort_by_key(|item| item.units),
        }
        if direction == "desc" {
            items.reverse();
        }
        let data: Vec<_> = items
            .iter()
            .skip(((page - 1) * limit) as usize)
            .take(limit as usize)
            .map(|item| {
                let at = jiff::Timestamp::from_millisecond(item.updated_at).unwrap();
                serde_json::json!({
                    "product_id": item.id, "name": item.name, "is_active": 1,
                    "updated_at": at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
                    "total_quantity": item.units, "variant_count": 1, "has_stock": i64::from(item.units > 0),
                })
            })
            .collect();
        let body = serde_json::json!({
            "data": data,
            "pagination": {"page": page, "limit": limit, "total": items.len()},
            "status": 200,
        });
        json(200, &body.to_string())
    }
}

/// Serves the shop; before the `n`th answer `happens` to it.
pub fn serve(
    shop: Shop,
    happens: impl Fn(usize, &mut Shop) + Send + Sync + 'static,
) -> (Server, Arc<Mutex<Shop>>) {
    let shop = Arc::new(Mutex::new(shop));
    let served = Arc::clone(&shop);
    let server = Server::start(move |n, request| {
        let mut shop = served.lock().unwrap();
        happens(n, &mut shop);
        shop.answer(request)
    });
    (server, shop)
}
