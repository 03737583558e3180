//! Pictures as inline SVG. They stretch with the page, so that no text is in them: numbers stand beside them.

use super::html::Html;

/// Height of the line picture, in its own units.
const HEIGHT: f64 = 100.0;

/// Width of every picture, in its own units.
const WIDTH: f64 = 1000.0;

/// A line over time: points of Unix milliseconds and units, in the order of time. At least two.
pub(super) fn line(html: &mut Html, points: &[(i64, i64)], told: &str) {
    let (Some((first, _)), Some((last, _))) = (points.first(), points.last()) else {
        return;
    };
    let (low, high) = range(points);
    let x = |at: i64| ratio(at - first, last - first) * WIDTH;
    let y = |units: i64| HEIGHT - ratio(units.saturating_sub(low), high - low) * HEIGHT;
    html.raw("<svg class=\"line\" viewBox=\"0 -4 1000 108\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"");
    html.text(told).raw("\"><path class=\"area\" d=\"M0 104");
    for (at, units) in points {
        html.raw(" L").number(x(*at)).raw(" ").number(y(*units));
    }
    html.raw(" L1000 104Z\"/><path class=\"stroke\" d=\"");
    for (n, (at, units)) in points.iter().enumerate() {
        html.raw(if n == 0 { "M" } else { " L" });
        html.number(x(*at)).raw(" ").number(y(*units));
    }
    html.raw("\"/></svg>\n");
}

/// The lowest and highest of what a line shows; never the same. From 0, so that little does not look like everything.
fn range(points: &[(i64, i64)]) -> (i64, i64) {
    let units = || points.iter().map(|(_, units)| *units);
    let low = units().min().unwrap_or(0).min(0);
    let high = units().max().unwrap_or(0).max(0);
    (low, high.max(low.saturating_add(1)))
}

/// One bar of three parts that can be told apart without colour: full, hatched, empty.
pub(super) fn parts(html: &mut Html, parts: [u64; 3], told: &str) {
    let sum: u64 = parts.iter().sum();
    html.raw("<svg class=\"parts\" viewBox=\"0 0 1000 40\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"");
    html.text(told).raw("\">");
    html.raw(
        "<defs><pattern id=\"lines\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect width=\"8\" height=\"8\" class=\"low\"/><rect width=\"3\" height=\"8\" class=\"mark\"/></pattern></defs>",
    );
    let mut from = 0.0;
    for (class, part) in FILLS.into_iter().zip(parts) {
        let width = ratio(count(part), count(sum)) * WIDTH;
        html.raw("<rect class=\"")
            .raw(class)
            .raw("\" x=\"")
            .number(from);
        html.raw("\" width=\"")
            .number(width)
            .raw("\" height=\"40\"/>");
        from += width;
    }
    html.raw("</svg>\n");
}

/// A bar for a number among others of which this is the largest; to the left where it is below 0 and `both` ways are possible.
pub(super) fn bar(html: &mut Html, number: i64, largest: i64, both: bool) {
    let length = ratio(number.saturating_abs(), largest.max(1)).min(1.0);
    let (middle, whole) = if both { (500.0, 500.0) } else { (0.0, WIDTH) };
    let width = length * whole;
    let from = if number < 0 { middle - width } else { middle };
    html.raw("<svg class=\"bar\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"");
    html.raw(if number < 0 { "fall" } else { "rise" });
    html.raw("\" x=\"")
        .number(from)
        .raw("\" width=\"")
        .number(width.max(4.0));
    html.raw("\" height=\"10\"/></svg>");
}

/// The fills of the parts: all of it, lines, nothing.
pub(super) const FILLS: [&str; 3] = ["enough", "hatched", "empty"];

fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn ratio(part: i64, whole: i64) -> f64 {
    match whole {
        0 => 0.0,
        whole => part as f64 / whole as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_begins_at_0_so_that_a_small_fall_looks_small() {
        assert_eq!(range(&[(0, 11_877), (1, 11_795)]), (0, 11_877));
        assert_eq!(range(&[(0, 5), (1, -3)]), (-3, 5));
        assert_eq!(range(&[(0, 0), (1, 0)]), (0, 1));
        assert_eq!(range(&[(0, -2), (1, -2)]), (-2, 0));
        let mut html = Html::default();
        line(&mut html, &[(0, 100), (1, 75)], "");
        let drawn = html.finish();
        assert!(drawn.contains("M0.00 0.00 L1000.00 25.00"), "{drawn}");
    }
}
