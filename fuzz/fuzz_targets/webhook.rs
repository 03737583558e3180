//! What comes in at `listen`: headers, signature and body.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sxinv::memory::event::told;
use sxinv::webhook::{Envelope, sign, verify};

fuzz_target!(|data: &[u8]| {
    let Some((&header, body)) = data.split_first() else {
        return;
    };
    let (timestamp, body) = body.split_at(usize::from(header).min(body.len()));
    let claimed = String::from_utf8_lossy(timestamp);
    let (time, signature) = claimed.split_once('\n').unwrap_or((&claimed, ""));
    // Nobody guesses a signature.
    assert!(verify("whsec_fuzz", Some(time), Some(signature), body, 1_700_000_000).is_err());
    let signature = sign("whsec_fuzz", 1_700_000_000, body);
    assert!(verify("whsec_fuzz", Some("1700000000"), Some(&signature), body, 1_700_000_000).is_ok());
    if let Ok(event) = serde_json::from_slice::<Envelope>(body) {
        let _ = told(&event);
    }
});
