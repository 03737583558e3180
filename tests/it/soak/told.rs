//! The way from the shop's webhooks to a listener, on which everything goes wrong: events come late, twice, never, or to a
//! listener that was just killed; forged and misleading ones come with them.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::Value;

use crate::listener::{Listener, SECRET, deliver};
use crate::scripted::{Answer, Server};
use crate::shop::Shop;
use sxinv::sandbox;

/// What happens to events, in percent.
#[derive(Clone, Copy, Debug)]
pub struct Mischief {
    /// They never arrive.
    pub lost: u8,
    /// They arrive later, up to so many milliseconds.
    pub late: u8,
    pub latest: u64,
    /// They arrive twice.
    pub repeated: u8,
    /// Another one comes along: with a wrong signature, or a genuine one that bears another row's tag.
    pub foul: u8,
    /// The listener is killed before them.
    pub killed: u8,
}

/// What came of it.
#[derive(Default, Debug)]
pub struct Delivered {
    /// The tags of the adjustments whose events were kept.
    pub tags: BTreeSet<String>,
    pub lost: usize,
    pub refused: usize,
    pub kills: usize,
}

struct Pending {
    body: Vec<u8>,
    secret: &'static str,
    /// The tag that it proves, if it does.
    tag: Option<String>,
    due: Instant,
}

/// Where the shop delivers its webhooks.
pub struct Way {
    server: Server,
    inbox: Receiver<Vec<u8>>,
}

impl Way {
    pub fn new() -> Way {
        let (tell, inbox) = mpsc::channel();
        let tell = Mutex::new(tell);
        let server = Server::start(move |_, request| {
            let tell = tell.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = tell.send(request.body.clone().into_bytes());
            Answer::Reply(204, Vec::new(), Vec::new())
        });
        Way { server, inbox }
    }

    pub fn url(&self) -> String {
        self.server.url.clone()
    }

    /// Hands events on to a listener that `start` starts, until `over` and nothing is left to deliver.
    pub fn deliver(
        self,
        start: impl Fn() -> Command,
        mischief: Mischief,
        seed: u64,
        over: &AtomicBool,
    ) -> Delivered {
        let mut rng = Rng::with_seed(seed);
        let mut delivered = Delivered::default();
        let mut listener = Listener::start(start());
        let mut pending: Vec<Pending> = Vec::new();
        loop {
            let ends = over.load(Ordering::Relaxed);
            match self.inbox.recv_timeout(Duration::from_millis(2)) {
                Ok(body) => {
                    if rng.u8(..100) < mischief.killed {
                        listener.ends("-KILL", 137);
                        delivered.kills += 1;
                        listener = Listener::start(start());
                    }
                    take(body, mischief, &mut rng, &mut pending, &mut delivered);
                }
                Err(RecvTimeoutError::Timeout) if ends && pending.is_empty() => break,
                Err(_) => {}
            }
            let now = Instant::now();
            let due = pending.extract_if(.., |event| ends || event.due <= now);
            for event in due.collect::<Vec<_>>() {
                let at = Timestamp::now().as_second();
                let status = deliver(&listener.url, event.secret, at, event.body).unwrap();
                assert_eq!(status, if event.secret == SECRET { 200 } else { 401 });
                delivered.refused += usize::from(status == 401);
                delivered.tags.extend(event.tag);
            }
        }
        listener.ends("-TERM", 143);
        delivered
    }
}

/// Decides what becomes of an event.
fn take(
    body: Vec<u8>,
    mischief: Mischief,
    rng: &mut Rng,
    pending: &mut Vec<Pending>,
    delivered: &mut Delivered,
) {
    let mut chance = |percent: u8| rng.u8(..100) < percent;
    let (lost, late) = (chance(mischief.lost), chance(mischief.late));
    let (repeated, foul, forged) = (chance(mischief.repeated), chance(mischief.foul), chance(50));
    let event: Value = serde_json::from_slice(&body).unwrap();
    let reason = event["data"]["reason"].as_str().unwrap_or_default();
    let tag = reason
        .split(' ')
        .next_back()
        .filter(|word| word.starts_with("sx:"));
    let now = Instant::now();
    if foul {
        let mut other = event.clone();
        let (run, row) = tag
            .and_then(|tag| tag.rsplit_once('/'))
            .unwrap_or(("sx:none", "1"));
        let row: u32 = row.split('.').next().unwrap().parse().unwrap();
        other["event_id"] = format!("foul-{}", rng.u64(..)).into();
        other["data"]["reason"] = format!("{run}/{}", row + 1).into();
        pending.push(Pending {
            body: other.to_string().into_bytes(),
            secret: if forged { "whsec_forged" } else { SECRET },
            tag: None,
            due: now,
        });
    }
    if lost {
        delivered.lost += 1;
        return;
    }
    let after = |millis| now + Duration::from_millis(millis);
    let due = if late {
        after(rng.u64(..=mischief.latest))
    } else {
        now
    };
    for due in std::iter::once(due).chain(repeated.then(|| after(rng.u64(..=mischief.latest)))) {
        pending.push(Pending {
            body: body.clone(),
            secret: SECRET,
            tag: tag.map(str::to_owned),
            due,
        });
    }
}

/// The words before every command that uses the profile.
pub const PROFILE: [&str; 4] = ["--config", "config.toml", "-p", "told"];

/// Nothing is that low, so nothing is printed that somebody would have to read.
pub const LISTEN: [&str; 5] = ["listen", "--port", "0", "--below", "0"];

/// What a long soak must have met.
pub const SOMETIMES: [&str; 7] = [
    "Adjust: applied, proved",
    "Adjust: applied, read back",
    "Adjust: unknown",
    "Stocktake: applied, proved",
    "Stocktake: unknown",
    "proved late",
    "an event was lost and its row is unknown",
];

/// A profile of the shop that tags reasons.
pub fn profile(shop: &Shop) {
    let text = format!(
        "[profiles.told]\ntoken = \"{}\"\napi_url = \"{}\"\nwebhook_secret = \"{SECRET}\"\ntag_reasons = true\n",
        sandbox::TOKEN,
        shop.url
    );
    let config = shop.file("config.toml", text);
    #[cfg(unix)]
    fs::set_permissions(config, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

/// No row is in doubt whose event was kept.
pub fn hold_against(delivered: &Delivered, document: &Value, met: &mut BTreeSet<String>) {
    let run = document["run"].as_str().unwrap();
    for (n, row) in document["results"].as_array().unwrap().iter().enumerate() {
        let about = |tag: &&String| {
            let rest = tag.strip_prefix(&format!("sx:{run}/{n}"));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let told = delivered.tags.iter().any(|tag| about(&tag));
        if row["outcome"] == "unknown" {
            assert!(!told, "in doubt, though its event was kept: {row}");
            met.extend(
                (delivered.lost > 0).then(|| "an event was lost and its row is unknown".to_owned()),
            );
        }
        if !row["event_id"].is_null() {
            assert!(told, "proved, though its event was not kept: {row}");
        }
    }
    println!(
        "{} events kept, {} lost, {} forged ones refused, the listener killed {} times",
        delivered.tags.len(),
        delivered.lost,
        delivered.refused,
        delivered.kills
    );
}
