//! How fast a plan is applied, side by side with the limit: a bare loop of `reqwest::blocking` with the same threads
//! against the same server. `cargo bench --bench apply`; the figures stand in benches/README.md.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sxinv::api::{Client, Options};
use sxinv::change::draft::Draft;
use sxinv::change::ledger::{Ledger, NewRun};
use sxinv::change::plan::Planning;
use sxinv::change::{apply, guard, run_id};
use sxinv::credentials::{Credentials, Secret};
use sxinv::interrupt::Interrupt;
use sxinv::model::{ProductId, SkuId};
use sxinv::state::State;
use sxinv::wanted::{Mode, Wanted};

const THREADS: usize = 16;

struct Sandbox {
    process: Child,
    url: String,
}

impl Sandbox {
    fn serve(folder: &std::path::Path, latency: Duration) -> Sandbox {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sxinv"));
        command
            .env("SXINV_STATE_DIR", folder)
            .args(["sandbox", "serve"]);
        if !latency.is_zero() {
            command.args(["--latency", &format!("{}ms", latency.as_millis())]);
        }
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line.trim().trim_start_matches("listening on ").to_owned();
        Sandbox { process, url }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Adjustments spread over many variants, so that they can go out side by side.
fn variants(client: &Client) -> Vec<(ProductId, SkuId)> {
    let query = Default::default();
    let mut ids = Vec::new();
    for page in client.list(&query, 1, 250).unwrap().data {
        let product = client.product(page.value.product_id).unwrap().value;
        ids.extend(
            product
                .variants
                .iter()
                .map(|v| (product.product_id, v.sku_id)),
        );
    }
    ids
}

fn bare(url: &str, variants: &[(ProductId, SkuId)], count: usize) -> Duration {
    let client = reqwest::blocking::Client::builder()
        .no_proxy()
        .build()
        .unwrap();
    let next = AtomicUsize::new(0);
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        return;
                    }
                    let (product, sku) = variants[n % variants.len()];
                    let answer = client
                        .post(format!("{url}/api/apps/v1/inventory/{product}/adjust"))
                        .bearer_auth("sx_at_sandbox")
                        .header("content-type", "application/json")
                        .body(format!(r#"{{"sku_id":{sku},"adjustment":1}}"#))
                        .send()
                        .unwrap();
                    assert!(answer.status().is_success());
                    answer.bytes().unwrap();
                }
            });
        }
    });
    begun.elapsed()
}

fn applied(
    client: &Client,
    state: &std::path::Path,
    variants: &[(ProductId, SkuId)],
    count: usize,
) -> Duration {
    let mut draft = Draft::new(State::open(state).unwrap(), Mode::Adjust).unwrap();
    let filled = draft.fill(|to| {
        (0..count).try_for_each(|n| {
            let (product, sku) = variants[n % variants.len()];
            to.take(&Wanted {
                line: n as u32 + 2,
                product: Some(product),
                sku: Some(sku),
                value: 1,
                ..Wanted::default()
            })
        })
    });
    filled.unwrap();
    let planning = Planning {
        client,
        catalogue: &|| panic!("every row names its product"),
        workers: THREADS,
        progress: &|_| {},
    };
    draft.plan(&planning).unwrap();
    let run = run_id::new();
    let about = NewRun {
        run: &run,
        profile: "bench",
        store: "bench",
        command: "import-csv",
        command_line: "bench",
        file: None,
        left_alone: 0,
        undo_of: None,
        buffer: 0,
    };
    let ledger = Ledger::begin(guard::typed(draft), &about, None).unwrap();
    let options = apply::Options {
        concurrency: THREADS,
        stop_on_error: true,
        ..apply::Options::default()
    };
    let begun = Instant::now();
    let ended = apply::apply(client, ledger, &options, &mut |_| {}).unwrap();
    let took = begun.elapsed();
    assert!(ended.stopped.is_none());
    took
}

fn main() {
    // On the disk of the project and not on a memory disk: the ledger waits for it.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    for (latency, count) in [(Duration::ZERO, 10_000), (Duration::from_millis(20), 5_000)] {
        let sandbox = Sandbox::serve(&folder.path().join("sandbox"), latency);
        let client = Client::new(Options {
            base: sandbox.url.clone(),
            proxy: None,
            headers: Credentials::Token(Secret::new("sx_at_sandbox"))
                .headers()
                .unwrap(),
            timeout: Duration::from_secs(30),
            retries: 0,
            read_only: None,
            interrupt: Interrupt::new(),
            watch: None,
        })
        .unwrap();
        let variants = variants(&client);
        bare(&sandbox.url, &variants, 500);
        for round in 1..=3 {
            let without = bare(&sandbox.url, &variants, count);
            let with = applied(&client, &folder.path().join("state"), &variants, count);
            let rate = |took: Duration| count as f64 / took.as_secs_f64();
            println!(
                "latency {latency:?}, round {round}: bare {:.0}/s, applied {:.0}/s, {:.1} %",
                rate(without),
                rate(with),
                100.0 * rate(with) / rate(without)
            );
        }
    }
}
