//! The two requests that change stock, each sent once: whoever sends one again has to know what became of it first.

use reqwest::Method;
use serde::Serialize;

use super::attempt::{Ask, Patience};
use super::pace::Permit;
use super::reply::{Answer, Failure, Fate};
use super::{Attempts, Client, Envelope, about, product_target};
use crate::error::{Error, Kind, Result};
use crate::interrupt::Interrupt;
use crate::model::{Adjusted, Product, ProductId, Quantity, Raw, SkuId};

/// One worker's way to the store. It asks one thing at a time: waiting for a [`Turn`] turns it into one, and sending or
/// giving up the turn turns it back. So nobody can read while holding a turn: the read would wait for the very place
/// that the turn takes.
pub struct Worker<'c> {
    client: &'c Client,
}

/// A worker with the right to send one write now.
pub struct Turn<'c> {
    worker: Worker<'c>,
    permit: Permit<'c>,
}

#[derive(Serialize)]
struct SetBody {
    variants: Vec<SetVariant>,
}

#[derive(Serialize)]
struct SetVariant {
    sku_id: SkuId,
    quantity: i64,
}

#[derive(Serialize)]
struct AdjustBody<'a> {
    sku_id: SkuId,
    adjustment: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

/// What a write says, apart from its body.
struct Head<'a> {
    method: Method,
    target: &'a str,
    /// Names the change in `X-Request-Id`, the same for each attempt: for whoever reads the server's logs.
    request_id: &'a str,
}

impl Client {
    /// A way to the store for one worker.
    pub fn worker(&self) -> Worker<'_> {
        Worker { client: self }
    }

    /// Whether the credentials may write, found out by an adjustment of 0: the API refuses it as invalid, after it has
    /// looked at the scope and before it changes anything (docs/api.md: Adjust Stock). Only the API's own
    /// refusal shows it. Errors are auth where they may not, unavailable where something else answered, or nobody.
    pub fn may_write(&self, product: ProductId) -> Result<()> {
        let body = AdjustBody {
            // Of no variant there is, so that even a server that takes a 0 has nothing to do it to.
            sku_id: SkuId::MAX,
            adjustment: 0,
            reason: None,
        };
        let head = Head {
            method: Method::POST,
            target: &format!("{}/adjust", product_target(product)),
            request_id: "check",
        };
        let mut worker = self.worker();
        let mut attempts = self.attempts();
        let failure = loop {
            let Ok(turn) = worker.turn() else {
                return Err(self.interruption());
            };
            let sent;
            (worker, sent) = turn.send(&head, &body, |_: &Envelope<serde::de::IgnoredAny>| Ok(()));
            let failure = match sent {
                Ok(_) => return Err(took_nothing()),
                Err(failure) => failure,
            };
            // It changes nothing, however often it is sent.
            if !failure.transient || !attempts.another(&failure) {
                break attempts.give_up(failure);
            }
            if !worker.wait_for(&attempts, &failure) {
                return Err(self.interruption());
            }
        };
        let as_invalid = failure.fate == Fate::Refused
            && failure.error.kind() != Kind::Auth
            && matches!(failure.error.status(), Some(400 | 404 | 422));
        if as_invalid {
            Ok(())
        } else {
            Err(failure.error)
        }
    }
}

fn took_nothing() -> Error {
    Error::new(
        Kind::Unavailable,
        "the server took an adjustment of 0, which the API refuses: whether writing is allowed can't be told",
    )
}

impl<'c> Worker<'c> {
    /// One product with its variants. [`Kind::NotFound`] when the store has no such product.
    pub fn product(&self, id: ProductId) -> Result<Raw<Product>> {
        self.client.product(id)
    }

    /// Like [`Worker::product`], to find out what became of a write: an interrupt leaves it the time-out.
    pub fn read_back(&self, id: ProductId) -> Result<Raw<Product>> {
        self.client.read_back(id)
    }

    /// Waits until the common pace lets a request leave, and keeps the place: a write that is put on record only then is
    /// not in flight while it waits. The worker itself when the wait was interrupted.
    pub fn turn(self) -> Result<Turn<'c>, Worker<'c>> {
        match self.client.enter() {
            Some(permit) => Ok(Turn {
                worker: self,
                permit,
            }),
            None => Err(self),
        }
    }

    /// Counts the attempts of a write that its sender repeats.
    pub fn attempts(&self) -> Attempts {
        self.client.attempts()
    }

    /// Waits as long as the server asked to, or our own back-off, before another attempt; `false` when the run is
    /// interrupted.
    pub fn wait_for(&self, attempts: &Attempts, failure: &Failure) -> bool {
        self.client
            .pause(attempts.again(), failure, Patience::UntilInterrupted)
    }

    /// The flag that ends waits.
    pub fn interrupt(&self) -> &'c Interrupt {
        self.client.interrupt()
    }

    /// The error that ends a command after a signal, if one came.
    pub fn interrupted(&self) -> Option<Error> {
        self.client.interrupted()
    }
}

impl<'c> Turn<'c> {
    /// Leaves the place to somebody else: nothing is to be sent after all, or not yet.
    pub fn give_up(self) -> Worker<'c> {
        self.worker
    }

    /// Sets the quantities of some variants of a product, together or not at all. The answer shows every variant.
    /// `request_id` names the change in `X-Request-Id`, the same for each attempt: for whoever reads the server's logs.
    pub fn set(
        self,
        id: ProductId,
        changes: &[(SkuId, Quantity)],
        request_id: &str,
    ) -> (Worker<'c>, Result<Product, Failure>) {
        let variants = changes.iter().map(|&(sku_id, quantity)| SetVariant {
            sku_id,
            quantity: quantity.get(),
        });
        let body = SetBody {
            variants: variants.collect(),
        };
        let head = Head {
            method: Method::PUT,
            target: &product_target(id),
            request_id,
        };
        let (worker, envelope) = self.send(&head, &body, |envelope: &Envelope<Raw<Product>>| {
            let product = &envelope.data.value;
            about(id, product.product_id)?;
            changes
                .iter()
                .try_for_each(|change| at_target(product, *change))
        });
        (worker, envelope.map(|envelope| envelope.data.value))
    }

    /// Moves the stock of one variant by `adjustment` units, atomically, above 0 or not at all. `request_id` as in
    /// [`Turn::set`].
    pub fn adjust(
        self,
        id: ProductId,
        sku_id: SkuId,
        adjustment: i64,
        reason: Option<&str>,
        request_id: &str,
    ) -> (Worker<'c>, Result<Raw<Adjusted>, Failure>) {
        let body = AdjustBody {
            sku_id,
            adjustment,
            reason,
        };
        let head = Head {
            method: Method::POST,
            target: &format!("{}/adjust", product_target(id)),
            request_id,
        };
        let (worker, envelope) = self.send(&head, &body, |envelope: &Envelope<Raw<Adjusted>>| {
            let said = &envelope.data.value;
            about(id, said.product_id)?;
            adjusted(said, sku_id, adjustment)
        });
        (worker, envelope.map(|envelope| envelope.data))
    }

    fn send<T: Answer>(
        self,
        head: &Head<'_>,
        body: &impl Serialize,
        check: impl Fn(&T) -> Result<(), String>,
    ) -> (Worker<'c>, Result<T, Failure>) {
        let Turn { worker, permit } = self;
        let client = worker.client;
        let bytes = client.writable().and_then(|()| {
            serde_json::to_vec(body)
                .map_err(|e| Error::internal("can't write the request").caused_by(e))
        });
        let sent = bytes.map_err(Failure::not_sent).and_then(|bytes| {
            let ask = Ask {
                method: head.method.clone(),
                target: head.target,
                body: Some((&bytes, head.request_id)),
                patience: Patience::UntilInterrupted,
            };
            client.attempt(&ask, Some(permit), &mut client.place(), check)
        });
        if let Err(failure) = &sent {
            // A wait that the server asked for holds for everybody, whether this is sent again or not.
            client.hold(failure);
        }
        (worker, sent)
    }
}

/// Whether the answer to a `PUT` shows a variant at its target.
fn at_target(answer: &Product, (sku, quantity): (SkuId, Quantity)) -> Result<(), String> {
    match answer.variant(sku).map(|variant| variant.quantity) {
        Some(units) if units == quantity.get() => Ok(()),
        Some(units) => Err(format!(
            "it says that sku {sku} has {units} units and not {quantity}"
        )),
        None => Err(format!("it does not mention sku {sku}")),
    }
}

/// Whether the answer to a `POST` is about this adjustment.
fn adjusted(said: &Adjusted, sku: SkuId, by: i64) -> Result<(), String> {
    if said.sku_id != sku {
        return Err(format!("it is about sku {}", said.sku_id));
    }
    if said.adjustment != by || said.previous_quantity.checked_add(by) != Some(said.quantity) {
        return Err(format!(
            "it says {} {:+} = {} for an adjustment of {by:+}",
            said.previous_quantity, said.adjustment, said.quantity
        ));
    }
    Ok(())
}
