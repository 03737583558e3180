//! Commands of other programs, and words that people try: which of ours they mean.

use crate::words::digits;

/// What is typed in place of a command, and the words of the command that is meant; what follows is kept.
const MEANT: [(&str, &[&str]); 42] = [
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
    ("whoami", &["check"]),
    ("count", &["scan", "--mode", "count"]),
    ("pick", &["scan", "--mode", "pick"]),
    ("receive", &["scan", "--mode", "receive"]),
    ("sell", &["adjust"]),
    ("sold", &["adjust"]),
    ("version", &["--version"]),
];

/// The words with the command that is meant in place of the one at `at`; `None` where nobody can tell.
pub fn instead(words: &[String], at: usize) -> Option<Vec<String>> {
    let typed = words.get(at)?.to_lowercase();
    let (_, command) = MEANT.iter().find(|(word, _)| *word == typed)?;
    let more = words.get(at + 1..)?;
    let mut meant = words.get(..at)?.to_vec();
    if let Some(change) = change(&typed, more) {
        meant.extend(change);
        return Some(meant);
    }
    // `inventory list` means `list`.
    if let [word] = more
        && super::super::command().find_subcommand(word).is_some()
    {
        meant.push(word.clone());
        return Some(meant);
    }
    match (*command, more) {
        (["undo"], []) => meant.extend(["undo", "--last"].map(str::to_owned)),
        // A code is shown; what else is looked for is in names.
        (["list"], [word]) if is_like_code(word) => {
            meant.extend(["show".to_owned(), word.clone()]);
        }
        _ => {
            meant.extend(command.iter().map(|word| (*word).to_owned()));
            // What follows a command of one word is for it; the others stand whole.
            if command.len() == 1 || *command == ["import-csv", "--resume"] {
                meant.extend(more.iter().cloned());
            }
        }
    }
    Some(meant)
}

/// `restock CODE 3`, `sold CODE 2`, `count CODE 12`: one variant, and by how much or to how many.
fn change(typed: &str, more: &[String]) -> Option<Vec<String>> {
    let [code, units] = more else { return None };
    if !digits(units) || code.starts_with('-') {
        return None;
    }
    let words = match typed {
        "restock" | "receive" | "add" | "inc" => {
            vec!["adjust".to_owned(), code.clone(), format!("+{units}")]
        }
        "sell" | "sold" | "pick" | "dec" => {
            vec!["adjust".to_owned(), code.clone(), format!("-{units}")]
        }
        "count" | "stocktake" => vec!["set".to_owned(), format!("{code}={units}")],
        _ => return None,
    };
    Some(words)
}

/// Whether a word looks like what stands on labels, and not like what products are called.
pub fn is_like_code(word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_digit() || c == '-') && !word.contains(char::is_lowercase)
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
        for (typed, command) in [
            ("restock PRB-SM-RED 3", "adjust PRB-SM-RED +3"),
            ("sold PRB-SM-RED 3", "adjust PRB-SM-RED -3"),
            ("count PRB-SM-RED 3", "set PRB-SM-RED=3"),
            ("restock june.csv", "import-csv june.csv"),
            ("inventory list", "list"),
            ("rollback", "undo --last"),
            ("rollback k7m2xq", "undo k7m2xq"),
            ("stock PRB-SM-RED", "show PRB-SM-RED"),
            ("stock rose", "list rose"),
        ] {
            let line = format!("sxinv {typed}");
            assert_eq!(
                meant(&line, 1).unwrap(),
                format!("sxinv {command}"),
                "{typed}"
            );
        }
        assert_eq!(meant("sxinv lst", 1), None);
    }
}
