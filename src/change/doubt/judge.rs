//! What the stock that is there says about an attempt in doubt.

use super::{Basis, Seen, Wanted};

/// What reading back showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The change is there.
    Applied,
    /// The stock is the basis, which proves that the change is not there by now: what was seen, a row each.
    AsBefore(Vec<Seen>),
    /// Anything else: what was seen, a row each.
    Unclear(Vec<Seen>),
}

/// One row as it is judged.
#[derive(Clone, Copy)]
pub(super) struct Case {
    pub(super) wanted: Wanted,
    pub(super) basis: Option<Basis>,
    pub(super) now: Option<i64>,
    /// An earlier adjustment of the variant is in doubt.
    pub(super) doubtful: bool,
    /// It was read too long after the basis to tell of an adjustment.
    pub(super) late: bool,
    /// Another run of ours has written the variant since.
    pub(super) overtaken: bool,
}

impl Case {
    fn proving(&self) -> Option<i64> {
        self.basis
            .filter(|basis| basis.proves)
            .map(|basis| basis.stock)
    }

    /// The stock that there is once the change was applied; none where that can't be told.
    fn target(&self) -> Option<i64> {
        match self.wanted {
            Wanted::Set { quantity, .. } => Some(quantity),
            Wanted::Adjust { by } => {
                let tells = !self.doubtful && !self.late && !self.overtaken;
                self.proving()?.checked_add(by).filter(|_| tells)
            }
        }
    }

    fn as_wanted(&self) -> bool {
        self.now.is_some() && self.now == self.target()
    }

    fn as_before(&self) -> bool {
        self.now.is_some() && self.now == self.proving()
    }

    /// `all_as_before`: so are the other rows of the request.
    fn seen(&self, all_as_before: bool) -> Seen {
        match self.now {
            None => Seen::Gone,
            Some(now) if self.doubtful => Seen::Doubtful { now },
            Some(now) if all_as_before => Seen::AsBefore(now),
            Some(now) if self.as_wanted() => Seen::OnlyThisAsWanted(now),
            Some(now) if self.as_before() => Seen::OnlyThisAsBefore(now),
            Some(now) if self.proving().is_none() => Seen::WithoutBasis { now },
            Some(_) if self.overtaken => Seen::Overtaken,
            Some(now) if self.late => Seen::Late { now },
            Some(now) => Seen::Otherwise { now },
        }
    }
}

/// Judges the rows of one request together: it is applied as a whole or not at all (docs/api.md: Update Stock).
pub(super) fn judge(cases: &[Case]) -> Verdict {
    let as_before = cases.iter().all(Case::as_before);
    let seen = || cases.iter().map(|case| case.seen(as_before)).collect();
    if cases.iter().all(Case::as_wanted) {
        Verdict::Applied
    } else if as_before {
        Verdict::AsBefore(seen())
    } else {
        Verdict::Unclear(seen())
    }
}
