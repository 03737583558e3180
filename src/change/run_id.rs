//! The name of a run: sortable by time, short enough to be typed.

use crate::time::UtcTime;

/// Letters that can't be taken for one another, for the part that chance gives.
const LETTERS: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// A new name, such as `20261124-0215-k7m2xq`: the local date and time, and six letters by chance: some 900 million in a minute, so that no two runs meet.
pub fn new() -> String {
    let now = UtcTime::now().here("%Y%m%d-%H%M");
    let chance: String = (0..6)
        .map(|_| char::from(LETTERS[fastrand::usize(..LETTERS.len())]))
        .collect();
    format!("{now}-{chance}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_run_id_is_short_and_plain() {
        let id = super::new();
        assert_eq!(id.len(), "20261124-0215-k7m2xq".len());
        assert!(id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        let many: std::collections::HashSet<String> = (0..1000).map(|_| super::new()).collect();
        assert_eq!(many.len(), 1000);
    }
}
