//! The three shells that ask this program: what they run at the tab key, and the answers in their form.

use std::ffi::OsString;

use clap::Command;
use clap_complete::engine::{CompletionCandidate, complete};

use super::line::Line;
use super::quoting::{Word, unquoted, words};
use super::values;

/// A shell that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// It inserts what it is told as it is.
    Bash,
    /// It quotes what it inserts.
    Zsh,
    /// It quotes what it inserts.
    Fish,
}

/// The line up to the cursor, and what ends a word there: bash's own words are cut at these.
const BASH_LINE: &str = "_SXINV_LINE";
const BASH_BREAKS: &str = "_SXINV_BREAKS";

/// Which word is under the cursor, from 0; zsh hands over those behind it as well.
const ZSH_AT: &str = "_SXINV_AT";

const BASH: &str = r#"_sxinv() {
    local candidate
    COMPREPLY=()
    while IFS= read -r candidate; do
        COMPREPLY+=("$candidate")
    done < <(
        COMPLETE=bash _SXINV_LINE="${COMP_LINE:0:COMP_POINT}" _SXINV_BREAKS="$COMP_WORDBREAKS" \
            sxinv -- 2>/dev/null
    )
}
# Each candidate brings the blank behind it, where there is one. The order is the program's.
complete -o nospace -o bashdefault -o nosort -F _sxinv sxinv 2>/dev/null ||
    complete -o nospace -o bashdefault -F _sxinv sxinv
"#;

const ZSH: &str = r#"#compdef sxinv
_sxinv() {
    local line value help
    local -a values shown open open_shown
    for line in "${(@f)$(COMPLETE=zsh _SXINV_AT=$((CURRENT - 1)) sxinv -- \
        "${(@)words[1,CURRENT-1]}" "$PREFIX" "${(@)words[CURRENT+1,-1]}" 2>/dev/null)}"; do
        [[ -n $line ]] || continue
        value=${line%%$'\t'*}
        help=${line#*$'\t'}
        # A value goes on behind these.
        if [[ $value == *[=:/] ]]; then
            open+=("$value")
            open_shown+=("$value${help:+  -- $help}")
        else
            values+=("$value")
            shown+=("$value${help:+  -- $help}")
        fi
    done
    local -a how=(-l -V sxinv -M 'm:{a-zA-Z}={A-Za-z}')
    compadd $how -S '' -d open_shown -a open
    compadd $how -d shown -a values
}
compdef _sxinv sxinv
# A file in $fpath is the body of the function that it names: the first time it is called it has to complete, too.
if [[ ${funcstack[1]} == _sxinv ]]; then
    _sxinv "$@"
fi
"#;

const FISH: &str = r#"complete --keep-order --exclusive --command sxinv --arguments "(COMPLETE=fish sxinv -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token --cut-at-cursor))"
"#;

impl Asking {
    /// The shell of that name, which may be a path.
    pub fn named(name: &str) -> Option<Asking> {
        match std::path::Path::new(name).file_stem()?.to_str()? {
            "bash" => Some(Asking::Bash),
            "zsh" => Some(Asking::Zsh),
            "fish" => Some(Asking::Fish),
            _ => None,
        }
    }

    /// What the shell has to read to ask.
    pub fn script(self) -> &'static str {
        match self {
            Asking::Bash => BASH,
            Asking::Zsh => ZSH,
            Asking::Fish => FISH,
        }
    }

    /// What it asks about: the words, the program's name first, and which of them is under the cursor.
    fn typed(self, handed: &[OsString]) -> (Vec<Word>, usize) {
        let variable = |name: &str| std::env::var(name).unwrap_or_default();
        match self {
            Asking::Bash => {
                let mut typed = words(&variable(BASH_LINE), &variable(BASH_BREAKS));
                // What stands before the command is for the shell: `TZ=UTC sxinv …`.
                let name = typed.iter().position(|word| !is_assignment(&word.text));
                typed.drain(..name.unwrap_or_default());
                let at = typed.len() - 1;
                (typed, at)
            }
            Asking::Zsh | Asking::Fish => {
                let word = |word: &OsString| Word::plain(unquoted(&word.to_string_lossy()));
                let at = variable(ZSH_AT)
                    .parse()
                    .ok()
                    .filter(|_| self == Asking::Zsh);
                let last = handed.len().saturating_sub(1);
                (
                    handed.iter().map(word).collect(),
                    at.unwrap_or(last).min(last),
                )
            }
        }
    }

    /// The answer to what it asks, in its form. `handed` is what stood behind `--`.
    pub fn answer(self, mut tree: Command, handed: &[OsString]) -> String {
        tree.build();
        let (typed, at) = self.typed(handed);
        let Some(current) = typed.get(at) else {
            return String::new();
        };
        let mut words: Vec<OsString> = typed.iter().map(|word| word.text.clone().into()).collect();
        values::is_typing(Line::read(&tree, &mut words, at));
        let folder = std::env::current_dir().ok();
        let found = complete(&mut tree, words, at, folder.as_deref()).unwrap_or_default();
        // The engine has the folder itself among its files.
        let found = found.iter().filter(|found| found.get_value() != ".");
        let lines = found.filter_map(|found| self.line(current, found));
        lines.collect()
    }

    fn line(self, current: &Word, found: &CompletionCandidate) -> Option<String> {
        let value = found.get_value().to_str()?;
        // A line break would make two of it.
        if value.contains(char::is_control) {
            return None;
        }
        if self != Asking::Bash {
            let help = found
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            let help = help.lines().next().unwrap_or_default();
            return Some(format!("{value}\t{help}\n"));
        }
        let goes_on = value.ends_with(['=', ':', '/']) || current.is_open();
        let blank = if goes_on { "" } else { " " };
        Some(format!("{}{blank}\n", current.completed(value)?))
    }
}

/// Whether a word sets a variable for the command behind it.
fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}
