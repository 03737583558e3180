//! Large letters of blocks, five lines high, for a screen that is read from a metre.

/// Three columns by five lines, line by line from the top left; the lowest bit is the last.
const GLYPHS: [(char, u16); 41] = [
    ('0', 0b111_101_101_101_111),
    ('1', 0b010_110_010_010_111),
    ('2', 0b111_001_111_100_111),
    ('3', 0b111_001_111_001_111),
    ('4', 0b101_101_111_001_001),
    ('5', 0b111_100_111_001_111),
    ('6', 0b111_100_111_101_111),
    ('7', 0b111_001_010_010_010),
    ('8', 0b111_101_111_101_111),
    ('9', 0b111_101_111_001_111),
    ('A', 0b010_101_111_101_101),
    ('B', 0b110_101_110_101_110),
    ('C', 0b011_100_100_100_011),
    ('D', 0b110_101_101_101_110),
    ('E', 0b111_100_110_100_111),
    ('F', 0b111_100_110_100_100),
    ('G', 0b011_100_101_101_011),
    ('H', 0b101_101_111_101_101),
    ('I', 0b111_010_010_010_111),
    ('J', 0b001_001_001_101_010),
    ('K', 0b101_101_110_101_101),
    ('L', 0b100_100_100_100_111),
    ('M', 0b101_111_111_101_101),
    ('N', 0b110_101_101_101_101),
    ('O', 0b010_101_101_101_010),
    ('P', 0b110_101_110_100_100),
    ('Q', 0b010_101_101_110_011),
    ('R', 0b110_101_110_101_101),
    ('S', 0b011_100_010_001_110),
    ('T', 0b111_010_010_010_010),
    ('U', 0b101_101_101_101_111),
    ('V', 0b101_101_101_101_010),
    ('W', 0b101_101_111_111_101),
    ('X', 0b101_101_010_101_101),
    ('Y', 0b101_101_010_010_010),
    ('Z', 0b111_001_010_100_111),
    ('-', 0b000_000_111_000_000),
    ('.', 0b000_000_000_000_010),
    ('/', 0b001_001_010_100_100),
    ('_', 0b000_000_000_000_111),
    (' ', 0),
];

/// The text in large letters, a line each of five; `None` where it is wider than `columns`, or has a letter that we lack.
pub fn large(text: &str, columns: usize) -> Option<String> {
    let glyphs: Option<Vec<u16>> = text
        .to_uppercase()
        .chars()
        .map(|c| {
            GLYPHS
                .iter()
                .find(|(letter, _)| *letter == c)
                .map(|(_, bits)| *bits)
        })
        .collect();
    let glyphs = glyphs?;
    // Letters twice as wide look right, for a cell of a terminal is twice as high as wide.
    let wide = [2, 1]
        .into_iter()
        .find(|wide| glyphs.len() * (3 * wide + 1) <= columns)?;
    let mut lines = String::new();
    for line in 0..5 {
        for bits in &glyphs {
            for column in 0..3 {
                let on = bits >> (14 - (line * 3 + column)) & 1 == 1;
                (0..wide).for_each(|_| lines.push(if on { '█' } else { ' ' }));
            }
            lines.push(' ');
        }
        lines.truncate(lines.trim_end_matches(' ').len());
        lines.push('\n');
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_large_where_there_is_room() {
        assert_eq!(large("1", 5).unwrap(), " █\n██\n █\n █\n███\n");
        assert_eq!(large("-", 80).unwrap(), "\n\n██████\n\n\n");
        assert_eq!(large("PRB-SM-RED", 30), None);
        assert_eq!(large("é", 80), None);
    }
}
