//! The profile file, as people write it by hand.
#![no_main]

use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sxinv::profile::ProfileFile;

/// A file that only we can read, in the memory of the machine where it has such a folder.
static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let shared = PathBuf::from("/dev/shm");
    let folder = if shared.is_dir() { shared } else { std::env::temp_dir() };
    let file = folder.join(format!("sxinv-fuzz-{}.toml", std::process::id()));
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&file)
        .expect("a file");
    file
});

fuzz_target!(|data: &[u8]| {
    fs::write(&*FILE, data).expect("room");
    match ProfileFile::read(&FILE) {
        Ok(Some(file)) => {
            for profile in &file.profiles {
                assert!(file.get(&profile.name).is_some());
            }
        }
        Ok(None) => unreachable!("the file is there"),
        // No error repeats what may be a secret.
        Err(error) => assert!(!error.message().contains("sx_at_secret")),
    }
});
