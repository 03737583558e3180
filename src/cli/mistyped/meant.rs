//! Commands of other programs, and words that people try: which of ours they mean.

/// What is typed in place of a command, and the words of the command that is meant; what follows is kept.
const MEANT: [(&str, &[&str]); 36] = [
    ("search", &["list"]),
    ("find", &["list"]),
    ("products", &["list"]),
    ("product", &["show"]),
    ("inventory", &["list"]),
    ("stock", &["list"]),
    ("get", &["show"]),
    ("info", &["show"]),
    ("describe", &["show"]),
    ("view", &["show"]),
    ("update", &["set"]),
    ("put", &["set"]),
    ("add", &["adjust"]),
    ("inc", &["adjust"]),
    ("dec", &["adjust"]),
    ("upload", &["import-csv"]),
    ("restock", &["import-csv"]),
    ("stocktake", &["import-csv"]),
    ("apply", &["import-csv"]),
    ("download", &["export-csv"]),
    ("dump", &["export-csv"]),
    ("log", &["history"]),
    ("runs", &["history"]),
    ("revert", &["undo"]),
    ("rollback", &["undo"]),
    ("resume", &["import-csv", "--resume"]),
    ("login", &["profile", "add", "NAME"]),
    ("auth", &["profile", "add", "NAME"]),
    ("init", &["profile", "add", "NAME"]),
    ("logout", &["profile", "remove", "NAME"]),
    ("config", &["profile", "list"]),
    ("profiles", &["profile", "list"]),
    ("status", &["check"]),
    ("doctor", &["check"]),
    ("ping", &["check"]),
    ("version", &["--version"]),
];

/// The words with the command that is meant in place of the one at `at`; `None` where nobody can tell.
pub fn instead(words: &[String], at: usize) -> Option<Vec<String>> {
    let typed = words.get(at)?.to_lowercase();
    let (_, command) = MEANT.iter().find(|(word, _)| *word == typed)?;
    let mut meant = words.get(..at)?.to_vec();
    meant.extend(command.iter().map(|word| (*word).to_owned()));
    // What follows a command of one word is for it; the others stand whole.
    if command.len() == 1 || *command == ["import-csv", "--resume"] {
        meant.extend(words.get(at + 1..)?.iter().cloned());
    }
    Some(meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(line: &str, at: usize) -> Option<String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        instead(&words, at).map(|words| words.join(" "))
    }

    #[test]
    fn other_programs_words_lead_to_ours() {
        assert_eq!(meant("sxinv search rose", 1).unwrap(), "sxinv list rose");
        assert_eq!(
            meant("sxinv -p s Get 150", 3).unwrap(),
            "sxinv -p s show 150"
        );
        assert_eq!(
            meant("sxinv login me", 1).unwrap(),
            "sxinv profile add NAME"
        );
        assert_eq!(meant("sxinv lst", 1), None);
    }
}
