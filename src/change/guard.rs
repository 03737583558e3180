//! Refuses mass mistakes: a file that would empty the shop is more often wrong than meant (docs/promises.md: The guard).

use super::draft::Draft;
use crate::error::{Error, Result};
use crate::wanted::Mode;

/// With fewer variants changing than this, the person who typed them sees what they do.
const FEW: u64 = 10;

/// A draft that passed the guard; the only thing that can be applied.
pub struct Approved(pub(super) Draft);

impl Approved {
    /// The draft.
    pub fn draft(&self) -> &Draft {
        &self.0
    }
}

/// Lets a draft through; see [`judge`].
pub fn check(draft: Draft, max_drop: f64) -> Result<Approved> {
    judge(&draft, max_drop)?;
    Ok(Approved(draft))
}

/// An error, refused, when a *set* or *stocktake* would take the total of the planned variants down by more than
/// `max_drop` percent, or sell out more than that share of those that have stock, with ten or more of them changing.
/// Adjustments are meant as they stand and pass.
pub fn judge(draft: &Draft, max_drop: f64) -> Result<()> {
    if draft.mode == Mode::Adjust {
        return Ok(());
    }
    let effect = draft.effect();
    if effect.changing < FEW {
        return Ok(());
    }
    let (drop, sold_out) = (effect.drop_percent(), effect.sold_out_percent());
    let what = if drop > max_drop {
        format!(
            "this would take the stock of {} variants from {} units to {}, down by {} %",
            effect.changing,
            effect.before,
            effect.after,
            above(drop, max_drop)
        )
    } else if sold_out > max_drop {
        format!(
            "this would sell out {} of {} variants that have stock, {} %",
            effect.sold_out,
            effect.in_stock,
            above(sold_out, max_drop)
        )
    } else {
        return Ok(());
    };
    let allow = drop.max(sold_out).ceil();
    Err(Error::refused(format!(
        "{what}; --max-drop allows {max_drop} %; nothing was changed"
    ))
    .hinted(format!("if that is right, say so with --max-drop {allow}")))
}

/// A percentage with as many decimals as show that it is above the limit.
fn above(percent: f64, limit: f64) -> String {
    let shown = (0..6).map(|decimals| format!("{percent:.decimals$}"));
    let is_above = |shown: &String| shown.parse().is_ok_and(|shown: f64| shown > limit);
    let mut shown = shown.filter(is_above);
    shown.next().unwrap_or_else(|| format!("more than {limit}"))
}

/// Lets a draft through that a person typed variant by variant, or that passed when its run began.
pub fn typed(draft: Draft) -> Approved {
    Approved(draft)
}

#[cfg(test)]
mod tests {
    use super::above;

    #[test]
    fn what_is_above_the_limit_shows_that_it_is() {
        for (percent, limit, shown) in [
            (67.4, 67.0, "67.4"),
            (67.6, 67.0, "68"),
            (80.0, 50.0, "80"),
            (33.334, 33.33, "33.334"),
            (50.000_000_1, 50.0, "more than 50"),
        ] {
            assert_eq!(above(percent, limit), shown);
        }
    }
}
