//! Secrets that a password manager keeps: the first line that a command prints.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::credentials::Secret;
use crate::error::{Error, Kind, Result};

/// A password manager that asks nobody must answer; one that waits for a person gets this long.
const PATIENCE: Duration = Duration::from_secs(60);

/// The longest line that is taken, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Runs the command in the user's shell and takes the first line of its output. Errors are auth: it can't be run, it
/// fails, it prints nothing, or it takes too long. What it printed is never part of a message.
pub fn run(command: &str) -> Result<Secret> {
    run_within(command, PATIENCE)
}

fn run_within(command: &str, patience: Duration) -> Result<Secret> {
    let failed = |why: String| Error::new(Kind::Auth, format!("the command {why}"));
    let mut child = shell(command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        // A password manager may have something to say to the user.
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|e| failed("can't be run".to_owned()).caused_by(e))?;
    let Some(output) = child.stdout.take() else {
        return Err(failed("has no output".to_owned()));
    };
    let (send, line) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let mut output = BufReader::new(output.take(LONGEST));
        let read = output.read_line(&mut line).map(|_| line);
        // The rest is read and dropped, so that the command can end.
        let _ = std::io::copy(&mut output, &mut std::io::sink());
        let _ = send.send(read);
    });
    let Ok(line) = line.recv_timeout(patience) else {
        stop(&mut child);
        return Err(failed(format!("took longer than {} s", patience.as_secs())));
    };
    let status = child
        .wait()
        .map_err(|e| failed("can't be waited for".to_owned()).caused_by(e))?;
    if !status.success() {
        return Err(failed(format!("failed ({status})")).hinted("run it yourself to see why"));
    }
    let secret = Secret::new(line.map_err(|_| failed("printed what is no text".to_owned()))?);
    if secret.is_empty() {
        return Err(failed("printed nothing".to_owned()));
    }
    Ok(secret)
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command);
    shell
}

#[cfg(not(unix))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.arg("/C").arg(command);
    shell
}

fn stop(child: &mut Child) {
    // It may have ended just now; then there is nothing to kill.
    let _ = child.kill();
    let _ = child.wait();
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
    fn a_command_that_hangs_is_ended() {
        let error = run_within("exec tail -f /dev/null", Duration::from_millis(50)).err();
        assert!(error.unwrap().message().contains("took longer"));
    }
}
