//! What stands on a terminal, as a picture: SVG with a ground of its own, so that it is read on white and on black pages,
//! and with a place for every word, so that columns stay whatever fonts the reader has.

use std::fmt::Write as _;

use vt100::{Cell, Color};

/// A cell of the terminal, a line, and what is left free around them, in pixels.
const CELL: f64 = 8.4;
const LINE: usize = 19;
const MARGIN: usize = 14;

/// The ground, its edge, and what is written on it where nothing else is said.
const GROUND: &str = "#0d1117";
const EDGE: &str = "#484f58";
const TEXT: &str = "#e6edf3";
const FAINT: &str = "#8b949e";

/// The sixteen colours of which every terminal has its own.
const SIXTEEN: [&str; 16] = [
    "#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#b1bac4",
    "#6e7681", "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#ffffff",
];

/// Words in a row that look alike, and the cells they take.
struct Words {
    text: String,
    column: usize,
    cells: usize,
    look: Look,
}

#[derive(PartialEq)]
struct Look {
    colour: String,
    bold: bool,
    underlined: bool,
}

/// A picture as it is drawn, line after line of the terminal.
pub struct Picture {
    title: String,
    columns: usize,
    lines: Vec<Vec<Words>>,
}

impl Picture {
    pub fn new(title: &str, columns: usize) -> Picture {
        Picture {
            title: title.to_owned(),
            columns,
            lines: Vec::new(),
        }
    }

    /// A command as it was typed behind the prompt.
    pub fn typed(&mut self, command: &str) {
        if !self.lines.is_empty() {
            self.lines.push(Vec::new());
        }
        let words = |text: &str, column, colour: &str, bold| Words {
            text: text.to_owned(),
            column,
            cells: text.len(),
            look: Look {
                colour: colour.to_owned(),
                bold,
                underlined: false,
            },
        };
        self.lines.push(vec![
            words("$", 0, FAINT, false),
            words(command, 2, TEXT, true),
        ]);
    }

    /// Everything on a terminal.
    pub fn shown(&mut self, screen: &vt100::Screen) {
        let (rows, columns) = screen.size();
        let cells = |row| (0..columns.get()).filter_map(move |column| screen.cell(row, column));
        let mut lines: Vec<Vec<Words>> = (0..rows.get()).map(|row| words(cells(row))).collect();
        while lines.last().is_some_and(Vec::is_empty) {
            lines.pop();
        }
        self.lines.extend(lines);
    }

    /// The file, a line of it for each line of the terminal.
    pub fn svg(&self) -> Vec<String> {
        let width = (self.columns as f64 * CELL).ceil() as usize + 2 * MARGIN;
        let height = self.lines.len() * LINE + 2 * MARGIN;
        let mut svg = vec![
            format!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">"#
            ),
            format!("<title>{}</title>", escaped(&self.title)),
            format!(
                r#"<rect x="0.5" y="0.5" width="{}" height="{}" rx="7" fill="{GROUND}" stroke="{EDGE}"/>"#,
                width - 1,
                height - 1
            ),
            format!(
                r#"<g fill="{TEXT}" font-size="14" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace">"#
            ),
        ];
        for (n, line) in self.lines.iter().enumerate() {
            let y = MARGIN + n * LINE + LINE - 5;
            let spans: String = line.iter().map(Words::span).collect();
            svg.push(format!(r#"<text y="{y}">{spans}</text>"#));
        }
        svg.extend(["</g>".to_owned(), "</svg>".to_owned()]);
        svg
    }
}

impl Words {
    fn span(&self) -> String {
        let x = MARGIN as f64 + self.column as f64 * CELL;
        let mut span = format!(r#"<tspan x="{x:.1}""#);
        // Letters of other writings join as they must; what follows has a place of its own.
        if self.cells > 1 && self.text.chars().all(|c| c.is_ascii() || is_drawn(c)) {
            let length = self.cells as f64 * CELL;
            let _ = write!(
                span,
                r#" textLength="{length:.1}" lengthAdjust="spacingAndGlyphs""#
            );
        }
        if self.look.colour != TEXT {
            let _ = write!(span, r#" fill="{}""#, self.look.colour);
        }
        if self.look.bold {
            span += r#" font-weight="bold""#;
        }
        if self.look.underlined {
            span += r#" text-decoration="underline""#;
        }
        span + ">" + &escaped(&self.text) + "</tspan>"
    }
}

/// Lines and blocks.
fn is_drawn(c: char) -> bool {
    ('\u{2500}'..='\u{259f}').contains(&c)
}

/// The words of a line: what is apart by more than one blank, or looks otherwise, has a place of its own.
fn words<'a>(cells: impl Iterator<Item = &'a Cell>) -> Vec<Words> {
    let mut words: Vec<Words> = Vec::new();
    let mut end = 0;
    for (column, cell) in cells.enumerate() {
        let text = cell.contents();
        if cell.is_wide_continuation() || text.trim().is_empty() {
            continue;
        }
        let cells = if cell.is_wide() { 2 } else { 1 };
        let look = Look::of(cell);
        match words.last_mut() {
            Some(last) if last.look == look && column <= end + 1 => {
                let blank = if column > end { " " } else { "" };
                last.text += blank;
                last.text += text;
                last.cells = column + cells - last.column;
            }
            _ => words.push(Words {
                text: text.to_owned(),
                column,
                cells,
                look,
            }),
        }
        end = column + cells;
    }
    words
}

impl Look {
    fn of(cell: &Cell) -> Look {
        assert!(!cell.inverse(), "nothing of ours is inverse");
        let colour = match cell.fgcolor() {
            Color::Default if cell.dim() => FAINT.to_owned(),
            Color::Default => TEXT.to_owned(),
            Color::Idx(n) => indexed(n),
            Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        };
        Look {
            colour,
            bold: cell.bold(),
            underlined: cell.underline(),
        }
    }
}

/// A colour by its number: the sixteen, a cube of six by six by six, and greys.
fn indexed(n: u8) -> String {
    let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
    let (red, green, blue) = match n {
        0..16 => return SIXTEEN[usize::from(n)].to_owned(),
        16..232 => {
            let n = n - 16;
            (step(n / 36), step(n / 6 % 6), step(n % 6))
        }
        232.. => {
            let grey = 8 + 10 * (n - 232);
            (grey, grey, grey)
        }
    };
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
