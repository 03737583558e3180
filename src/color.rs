//! One rule for colours, ours and those of the help and the errors of the command line: `--color`, then `NO_COLOR`,
//! `CLICOLOR_FORCE` and what kind of terminal it is.

use anstream::AutoStream;
use anstream::stream::RawStream;
use anstyle::{AnsiColor, Style};

/// When colours are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorWhen {
    /// On a terminal that can show them
    #[default]
    Auto,
    /// Also into files and pipes
    Always,
    /// Not at all
    Never,
}

/// Of the word `error:`.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// Of the word `warning:`.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// Of the word `hint:`.
pub const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// Makes this hold for the whole process.
pub fn choose(when: ColorWhen) {
    let choice = match when {
        ColorWhen::Auto => anstream::ColorChoice::Auto,
        ColorWhen::Always => anstream::ColorChoice::Always,
        ColorWhen::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// Whether this stream gets colours.
pub fn shows<S: RawStream>(stream: &S) -> bool {
    AutoStream::choice(stream) != anstream::ColorChoice::Never
}
