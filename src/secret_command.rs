//! Secrets that a password manager keeps: the first line that a command prints, whatever it prints or does after that.

use std::io::{self, BufRead, BufReader, Read};
use std::mem;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use crate::cleanup::{self, Cleanup};
use crate::credentials::Secret;
use crate::error::{Error, Kind, Result};
use crate::threads;

/// A password manager that asks nobody must answer; one that waits for a person gets this long.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a command that has delivered may take to say whether it went well; then it is ended.
const GRACE: Duration = Duration::from_secs(1);

/// How often it is looked whether a command that has delivered is done.
const LOOK: Duration = Duration::from_millis(5);

/// The longest line that is taken, and how much may follow it, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Runs the command in the user's shell and takes the first line of its output. One that goes on after that is ended.
/// Errors are auth: it can't be run, it fails, it prints nothing or a line of more than 64 KiB, or it takes too long. What it printed is never part of a message.
pub fn run(command: &str) -> Result<Secret> {
    run_within(command, PATIENCE)
}

fn run_within(command: &str, patience: Duration) -> Result<Secret> {
    let failed = |why: String| Error::new(Kind::Auth, format!("the command {why}"));
    let late = || failed(format!("took longer than {} s", patience.as_secs()));
    let running =
        Running::start(command).map_err(|e| failed("can't be run".to_owned()).caused_by(e))?;
    let Some(output) = running.output() else {
        return Err(failed("has no output".to_owned()));
    };
    let (send, line) = mpsc::channel();
    let floods = Arc::new(AtomicBool::new(false));
    let flooded = Arc::clone(&floods);
    threads::begin("secret", move || {
        let mut line = String::new();
        let mut output = BufReader::new(output.take(LONGEST));
        let _ = send.send(output.read_line(&mut line).map(|_| line));
        // Some more is read and dropped, so that the command can end. Something that it left running may keep the output
        // open for ever; then this thread ends with the process.
        let mut rest = output.into_inner().into_inner().take(LONGEST);
        let dropped = io::copy(&mut rest, &mut io::sink());
        // Closing the output ends what never stops to print.
        flooded.store(dropped.is_ok_and(|bytes| bytes == LONGEST), Relaxed);
    })?;
    let line = line.recv_timeout(patience).map_err(|_| late())?;
    let status = running
        .ended_by(Instant::now() + GRACE)
        .map_err(|e| failed("can't be waited for".to_owned()).caused_by(e))?;
    if let Some(status) = status.filter(|status| !status.success() && !floods.load(Relaxed)) {
        return Err(failed(format!("failed ({status})")).hinted("run it yourself to see why"));
    }
    let line = line.map_err(|_| failed("printed what is not text".to_owned()))?;
    if line.len() as u64 == LONGEST && !line.ends_with('\n') {
        return Err(failed("printed a line of more than 64 KiB".to_owned()));
    }
    let secret = Secret::new(&line);
    if secret.is_empty() {
        return Err(failed("printed nothing".to_owned()));
    }
    Ok(secret)
}

fn start(command: &str) -> io::Result<Child> {
    let (shell, option) = if cfg!(unix) {
        ("sh", "-c")
    } else {
        ("cmd", "/C")
    };
    let mut shell = Command::new(shell);
    shell
        .args([option, command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        // A password manager may have something to say to the user.
        .stderr(Stdio::inherit());
    #[cfg(unix)]
    if !has_terminal() {
        std::os::unix::process::CommandExt::process_group(&mut shell, 0);
    }
    shell.spawn()
}

/// A command that does not outlive this: neither its patience, nor a signal that ends the program.
struct Running {
    command: Arc<Mutex<Stage>>,
    _cleanup: Cleanup,
}

enum Stage {
    NotStarted,
    Started(Child),
    /// A signal ends the program: nothing is started any more.
    Over,
}

impl Running {
    fn start(command: &str) -> io::Result<Running> {
        let stage = Arc::new(Mutex::new(Stage::NotStarted));
        let running = Running {
            command: Arc::clone(&stage),
            _cleanup: cleanup::on_exit(move || lock(&stage).end()),
        };
        {
            let mut stage = lock(&running.command);
            if let Stage::NotStarted = *stage {
                *stage = Stage::Started(start(command)?);
            }
        }
        Ok(running)
    }

    fn output(&self) -> Option<ChildStdout> {
        match &mut *lock(&self.command) {
            Stage::Started(child) => child.stdout.take(),
            Stage::NotStarted | Stage::Over => None,
        }
    }

    /// How it ended; `None` where it still runs at the deadline.
    fn ended_by(&self, deadline: Instant) -> io::Result<Option<ExitStatus>> {
        loop {
            if let Stage::Started(child) = &mut *lock(&self.command)
                && let Some(status) = child.try_wait()?
            {
                return Ok(Some(status));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            thread::sleep(left.min(LOOK));
        }
    }
}

impl Stage {
    /// Ends a command that still runs, with all that it started where it has a group of its own.
    fn end(&mut self) {
        let Stage::Started(mut child) = mem::replace(self, Stage::Over) else {
            return;
        };
        // Once it was waited for, its number may be another's.
        if matches!(child.try_wait(), Ok(None)) {
            #[cfg(unix)]
            if !has_terminal() {
                use rustix::process::{Pid, Signal, kill_process_group};
                let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
            }
            let _ = child.kill();
        }
        // So that nothing is left of it in the table of processes.
        let _ = child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        lock(&self.command).end();
    }
}

fn lock(command: &Mutex<Stage>) -> MutexGuard<'_, Stage> {
    command.lock().unwrap_or_else(PoisonError::into_inner)
}

/// At a terminal a command stays in our group, where it may ask for a passphrase; elsewhere it gets its own, so that what
/// it starts ends with it.
#[cfg(unix)]
fn has_terminal() -> bool {
    std::fs::File::open("/dev/tty").is_ok()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_secret() {
        let secret = run("printf ' sx_at_x \\r\\nsecond\\n'").unwrap();
        assert_eq!(secret.expose(), "sx_at_x");
    }

    #[test]
    fn a_command_that_does_not_deliver_is_an_error_without_its_output() {
        for (command, says) in [
            ("echo hidden; exit 3", "failed"),
            ("true", "printed nothing"),
            ("echo; echo hidden", "printed nothing"),
            ("exec /nowhere/to/be/found 2>&-", "failed"),
        ] {
            let error = run(command).err().unwrap();
            assert_eq!(error.kind(), Kind::Auth);
            let message = error.full_message();
            assert!(message.contains(says), "{message}");
            assert!(!message.contains("hidden"), "{message}");
        }
    }

    #[test]
    fn a_command_that_goes_on_behind_its_first_line_is_ended() {
        let begun = Instant::now();
        for command in ["yes sx_at_x", "echo sx_at_x; exec tail -f /dev/null"] {
            assert_eq!(run(command).unwrap().expose(), "sx_at_x");
        }
        assert!(begun.elapsed() < Duration::from_secs(10));
        let error = run("yes | tr -d '\\n'").err().unwrap();
        assert!(error.message().contains("64 KiB"), "{error}");
    }

    #[test]
    fn a_command_that_hangs_is_ended() {
        let error = run_within("exec tail -f /dev/null", Duration::from_millis(50)).err();
        assert!(error.unwrap().message().contains("took longer"));
    }
}
