//! A terminal of a given size, and what is seen on it.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::process::Command;

use rexpect::process::{PtyProcess, WaitStatus};

/// A terminal after a command ended on it.
pub struct Screen {
    parser: vt100::Parser,
    /// The command's exit code; 128 and the signal's number where one ended it.
    pub code: i32,
}

/// Runs a line of shell at a terminal. Questions are answered with yes, and credentials asked for are the sandbox's.
pub fn run(line: &str, columns: u16, rows: u16, with: impl FnOnce(&mut Command)) -> Screen {
    // The size has to be there before the program looks, so the shell sets it first.
    let mut shell = Command::new("/bin/sh");
    let set_up = format!("stty echo cols {columns} rows {rows}; eval \"$0\"");
    shell.args(["-c", &set_up, line]).env_clear();
    with(&mut shell);
    let process = PtyProcess::new(shell).unwrap();
    let mut terminal = process.get_file_handle().unwrap();
    let size = |n: u16| NonZeroU16::new(n).unwrap();
    let mut parser = vt100::Parser::new(size(rows), size(columns), 0);
    let mut answered = None;
    let mut bytes = [0; 4096];
    // The terminal is gone, which reads as an error on Linux, when the last program leaves it.
    while let Ok(read @ 1..) = terminal.read(&mut bytes) {
        parser.process(&bytes[..read]);
        let (row, column) = parser.screen().cursor_position();
        let asked = parser.screen().contents_between(row, 0, row, column);
        let answer = match asked {
            _ if answered == Some(row) => continue,
            asked if asked.ends_with("[y/N] ") => "y\n",
            asked if asked.ends_with("): ") => "sx_at_sandbox\n",
            _ => continue,
        };
        terminal.write_all(answer.as_bytes()).unwrap();
        answered = Some(row);
    }
    let code = match process.wait().unwrap() {
        WaitStatus::Exited(_, code) => code,
        WaitStatus::Signaled(_, signal, _) => 128 + signal as i32,
        other => panic!("{line}: {other:?}"),
    };
    Screen { parser, code }
}

impl Screen {
    /// What stands on it, cell by cell, with its colours.
    pub fn cells(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// The lines that did not fit, as they began.
    pub fn broken_lines(&self) -> Vec<String> {
        let screen = self.parser.screen();
        let columns = screen.size().1;
        let rows = screen.rows(0, columns.into()).zip(0..);
        let broken = rows.filter(|(_, row)| screen.row_wrapped(*row));
        broken.map(|(text, _)| text).collect()
    }

    /// What stands on it, a line each; one that the terminal broke is whole.
    pub fn lines(&self) -> Vec<String> {
        let text = self.parser.screen().contents();
        text.lines()
            .map(|line| line.trim_end().to_owned())
            .collect()
    }
}
