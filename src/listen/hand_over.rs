//! Events on their way to a command or another server. Each hand-over of an event has a mark of its own once it is done, so
//! that a repeat redoes only what is not.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use hyper::body::Bytes;
use hyper::header::HeaderMap;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::sync::{OwnedMutexGuard, Semaphore, watch};

use crate::error::{Error, Result};
use crate::memory::event::{self, Arrival};
use crate::memory::keeper::ToKeeper;
use crate::webhook;
use crate::words::hex;

/// How many commands run at once.
const COMMANDS: usize = 8;

/// How long a command may take; one that hangs would keep every later event waiting.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// Headers that are about one connection (RFC 9110 §7.6.1), or that the client writes itself.
const OF_CONNECTION: [&str; 10] = [
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A command that gets each event on its standard input and in its environment.
pub struct Exec {
    words: Vec<String>,
}

impl Exec {
    /// The command, split into words as a shell would, but by no shell. Errors are usage.
    pub fn parse(text: &str) -> Result<Exec> {
        let words = shlex::split(text).filter(|words| !words.is_empty());
        let words = words.ok_or_else(|| {
            Error::usage(format!("`{text}` is not a command")).hinted(
                "words in quotes as in a shell, such as --exec \"notify-send 'Stock moved'\"",
            )
        })?;
        // Each event would be refused, and sent again for hours.
        if !is_there(&words[0]) {
            return Err(
                Error::usage(format!("there is no command {}", words[0])).hinted(
                    "--exec begins with a program that PATH leads to, or with the path of one",
                ),
            );
        }
        Ok(Exec { words })
    }
}

/// Whether there is such a program, as far as its name tells.
fn is_there(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let in_path = || std::env::split_paths(&folders).any(|folder| folder.join(program).is_file());
    // Windows adds endings of its own.
    cfg!(windows) || Path::new(program).is_file() || !program.contains('/') && in_path()
}

/// A server that gets each event as it was delivered.
pub struct Forward {
    url: url::Url,
    timeout: Duration,
}

impl Forward {
    /// The server at `url`, which has `timeout` to answer. Errors are usage.
    pub fn parse(url: &str, timeout: Duration) -> Result<Forward> {
        Ok(Forward {
            url: webhook::target(url)?,
            timeout,
        })
    }
}

/// One delivery that is handed on.
pub(super) struct Handed {
    pub arrival: Arc<Arrival>,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Held by the one delivery of an event that is being handed on.
type Turn = tokio::sync::Mutex<()>;

/// Who gets events.
enum Taker {
    Command(Exec),
    Server(Forward, reqwest::Client),
}

/// Where events are handed on to.
pub(super) struct HandOvers {
    /// Each with the mark of an event that it got.
    takers: Vec<(Taker, String)>,
    commands: Semaphore,
    /// Whose turn it is with an event: a repeat waits for a hand-over that still runs.
    turns: Mutex<HashMap<(String, String), Weak<Turn>>>,
    at_work: watch::Sender<usize>,
    warn: Arc<dyn Fn(&str) + Send + Sync>,
}

/// A hand-over under way: the listener waits for it before it ends.
pub(super) struct AtWork(watch::Sender<usize>);

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.send_modify(|at_work| *at_work -= 1);
    }
}

impl HandOvers {
    pub fn new(
        exec: Option<Exec>,
        forward: Option<Forward>,
        warn: Arc<dyn Fn(&str) + Send + Sync>,
    ) -> Result<HandOvers> {
        let mut takers = Vec::new();
        if let Some(exec) = exec {
            let mark = mark("exec", &exec.words.join("\0"));
            takers.push((Taker::Command(exec), mark));
        }
        if let Some(forward) = forward {
            let mark = mark("forward", forward.url.as_str());
            let http = client(&forward)?;
            takers.push((Taker::Server(forward, http), mark));
        }
        Ok(HandOvers {
            takers,
            commands: Semaphore::new(COMMANDS),
            turns: Mutex::default(),
            at_work: watch::Sender::new(0),
            warn,
        })
    }

    pub fn is_empty(&self) -> bool {
        self.takers.is_empty()
    }

    pub fn begin(&self) -> AtWork {
        self.at_work.send_modify(|at_work| *at_work += 1);
        AtWork(self.at_work.clone())
    }

    /// Returns when nothing is under way.
    pub async fn done(&self) {
        let mut at_work = self.at_work.subscribe();
        // The sender is our own, so it can't be gone.
        let _ = at_work.wait_for(|at_work| *at_work == 0).await;
    }

    /// Waits until no other delivery of the same event is being handed on.
    pub async fn turn(&self, arrival: &Arrival) -> OwnedMutexGuard<()> {
        let key = (arrival.whose.store.clone(), arrival.event.event_id.clone());
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| turn.strong_count() > 0);
            let turn = turns.get(&key).and_then(Weak::upgrade).unwrap_or_default();
            turns.insert(key, Arc::downgrade(&turn));
            turn
        };
        turn.lock_owned().await
    }

    /// Hands an event on to all that did not get it yet, and marks each that is done. An error says which is not.
    pub async fn all(
        &self,
        keeper: &ToKeeper,
        event: i64,
        done: &HashSet<String>,
        handed: &Handed,
    ) -> Result<(), String> {
        let mut trouble = Ok(());
        for (taker, mark) in self.takers.iter().filter(|(_, mark)| !done.contains(mark)) {
            let (who, outcome) = match taker {
                Taker::Command(exec) => ("the command", self.exec(exec, handed).await),
                Taker::Server(to, http) => ("the other server", send_on(http, to, handed).await),
            };
            trouble = trouble.and(self.mark(keeper, event, mark, who, outcome).await);
        }
        trouble
    }

    async fn mark(
        &self,
        keeper: &ToKeeper,
        event: i64,
        mark: &str,
        who: &str,
        outcome: Result<(), String>,
    ) -> Result<(), String> {
        let outcome = match outcome {
            Ok(()) => keeper
                .handed_on(event, mark)
                .await
                .unwrap_or_else(|_| Err("the listener is ending".to_owned())),
            failed => failed,
        };
        outcome.map_err(|why| {
            let told = format!("{who} did not take an event: {why}");
            (self.warn)(&told);
            told
        })
    }

    async fn exec(&self, exec: &Exec, handed: &Handed) -> Result<(), String> {
        let Ok(_place) = self.commands.acquire().await else {
            return Err("the listener is ending".to_owned());
        };
        let Some((program, arguments)) = exec.words.split_first() else {
            return Ok(());
        };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .envs(variables(&handed.arrival))
            .env_remove(crate::settings::environment::WEBHOOK_SECRET)
            .stdin(Stdio::piped())
            // Standard output is where events are printed.
            .stdout(std::io::stderr())
            .kill_on_drop(true);
        // Ctrl-C is for the listener, which waits for it.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command
            .spawn()
            .map_err(|e| format!("it can't be run: {e}"))?;
        let stdin = child.stdin.take();
        let body = handed.body.clone();
        let feed = async move {
            if let Some(mut stdin) = stdin {
                // It need not read it.
                let _ = stdin.write_all(&body).await;
            }
        };
        let ran = tokio::time::timeout(LONGEST, async { tokio::join!(feed, child.wait()).1 }).await;
        match ran {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(format!("it ended with {status}")),
            Ok(Err(e)) => Err(format!("it can't be waited for: {e}")),
            Err(_) => Err(format!(
                "it took longer than {} minutes",
                LONGEST.as_secs() / 60
            )),
        }
    }
}

/// What a command finds in its environment; what the event does not say is not set.
fn variables(arrival: &Arrival) -> Vec<(&'static str, OsString)> {
    let event = &arrival.event;
    let told = event::told(event);
    let mut variables: Vec<(&str, Option<String>)> = vec![
        ("SXINV_EVENT_ID", Some(event.event_id.clone())),
        ("SXINV_EVENT_TOPIC", Some(event.event_topic.clone())),
        ("SXINV_EVENT_TIME", Some(event.timestamp.clone())),
        ("SXINV_PROFILE", Some(arrival.whose.profile.clone())),
        (
            "SXINV_EVENT_STORE_ID",
            event.store_id.map(|id| id.to_string()),
        ),
    ];
    // Of several variants, the event on standard input tells.
    if let [told] = &told[..] {
        let number = |number: Option<i64>| number.map(|number| number.to_string());
        variables.extend([
            ("SXINV_PRODUCT_ID", number(told.product.map(|id| id.get()))),
            ("SXINV_SKU_ID", number(told.sku.map(|id| id.get()))),
            ("SXINV_SKU_CODE", told.sku_code.clone()),
            ("SXINV_PREVIOUS_QUANTITY", number(told.previous)),
            ("SXINV_QUANTITY", number(told.quantity)),
            ("SXINV_ADJUSTMENT", number(told.adjustment)),
            ("SXINV_REASON", told.reason.clone()),
        ]);
    }
    let set = variables
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    // A variable can't hold a zero byte.
    set.map(|(name, value)| (name, value.replace('\0', "").into()))
        .collect()
}

/// The original bytes and headers.
async fn send_on(http: &reqwest::Client, to: &Forward, handed: &Handed) -> Result<(), String> {
    let mut headers = handed.headers.clone();
    for name in OF_CONNECTION {
        headers.remove(name);
    }
    let sent = http
        .post(to.url.clone())
        .headers(headers)
        .body(handed.body.clone())
        .send()
        .await
        // Without the address, which may hold a password.
        .map_err(|e| e.without_url().to_string())?;
    match sent.status().is_success() {
        true => Ok(()),
        false => Err(format!("it answered {}", sent.status().as_u16())),
    }
}

fn client(to: &Forward) -> Result<reqwest::Client> {
    // Fails only when one is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut http = reqwest::Client::builder()
        .timeout(to.timeout)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false);
    if to.url.scheme() == "http" {
        http = http.no_proxy().tls_certs_only([]);
    }
    http.build().map_err(|e| {
        Error::internal("can't set up the connection to the other server").caused_by(e)
    })
}

/// What marks a hand-over as done: its kind and a digest of where it goes, which may hold a password.
fn mark(kind: &str, to: &str) -> String {
    format!("{kind} {}", hex(&Sha256::digest(to.as_bytes())[..8]))
}
