//! `sxinv` alone: what it is, what is set up, and what to try.

use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::format::Format;
use crate::profile::SANDBOX;
use crate::width::wrapped;

const WHAT_IT_IS: &str = "sxinv runs a SeloraX shop's stock from the command line: look, set, adjust, and restock the \
    whole shop from a file. No change is ever made twice by accident.";

/// On a narrower terminal what a command is for stands below it.
const WIDE: usize = 60;

/// Shows a screen to a person. For a script no command is a wrong command line: an error, usage.
pub fn run(context: &Context) -> Result<Exit> {
    let width = context
        .terminal()
        .width
        .filter(|_| context.format() == Format::Table);
    let Some(width) = width.map(usize::from) else {
        let error = Error::usage("no command is given");
        return Err(error.hinted("the commands: sxinv --help"));
    };
    let mut text = wrapped(WHAT_IT_IS, width.min(80)).join("\n") + "\n\n";
    let [first, second] = match context.settings().place() {
        Ok((place, source)) => {
            text += &format!("Set up: {place}, by {source}\n");
            let typed = context.typed_again()?;
            [
                (format!("{typed} list"), "the stock"),
                (format!("{typed} check"), "is everything in order?"),
            ]
        }
        Err(error) if error.kind() == Kind::Auth => {
            text += &format!("No store is set up yet: {}\n", error.message());
            [
                (
                    format!("sxinv -p {SANDBOX} list"),
                    "try it on the built-in shop",
                ),
                (
                    "sxinv profile add NAME".to_owned(),
                    "keep your store's credentials",
                ),
            ]
        }
        Err(error) => return Err(error),
    };
    text += "\nTry:\n";
    let third = ("sxinv -h".to_owned(), "all commands");
    for (command, what) in [first, second, third] {
        text += &match width < WIDE {
            true => format!("  {command}\n      {what}\n"),
            false => format!("  {command:<24}  {what}\n"),
        };
    }
    context.write(text.as_bytes())?;
    Ok(Exit::Done)
}
