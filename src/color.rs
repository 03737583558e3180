//! One rule for colours, ours and those of the help and the errors of the command line: `--color`, then `NO_COLOR`,
//! `CLICOLOR_FORCE` and what kind of terminal it is.

use anstream::AutoStream;
use anstream::stream::RawStream;
use anstyle::{Ansi256Color, Style};

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

/// What went well. Like the others it can be read on white and on black: they are of the fixed part of the palette, for what a
/// terminal makes of the first sixteen is anybody's guess, and its yellow and green vanish on white.
pub const GOOD: Ansi256Color = Ansi256Color(28);
/// What deserves a look: low stock, a conflict.
pub const WARY: Ansi256Color = Ansi256Color(130);
/// What went wrong, and what is sold out.
pub const BAD: Ansi256Color = Ansi256Color(160);
/// What helps.
const HELP: Ansi256Color = Ansi256Color(30);

/// Of the word `error:`.
pub const ERROR: Style = BAD.on_default().bold();
/// Of the word `warning:`.
pub const WARNING: Style = WARY.on_default().bold();
/// Of the part of a bar that is done.
pub const DONE: Style = HELP.on_default();
/// Of the word `hint:`.
pub const HINT: Style = HELP.on_default().bold();

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

#[cfg(test)]
mod tests {
    use super::*;

    /// The relative luminance of a color of the cube (WCAG 2.2, relative luminance).
    fn luminance(Ansi256Color(index): Ansi256Color) -> f64 {
        let n = index - 16;
        let part = |n: u8| {
            let value = [0.0, 95.0, 135.0, 175.0, 215.0, 255.0][usize::from(n)] / 255.0;
            match value <= 0.04045 {
                true => value / 12.92,
                false => f64::powf((value + 0.055) / 1.055, 2.4),
            }
        };
        0.2126 * part(n / 36) + 0.7152 * part(n / 6 % 6) + 0.0722 * part(n % 6)
    }

    #[test]
    fn every_color_can_be_read_on_white_and_on_black() {
        for color in [GOOD, WARY, BAD, HELP] {
            let (on_white, on_black) = (
                1.05 / (luminance(color) + 0.05),
                (luminance(color) + 0.05) / 0.05,
            );
            assert!(
                on_white >= 3.8 && on_black >= 3.8,
                "{color:?}: {on_white} {on_black}"
            );
        }
    }
}
