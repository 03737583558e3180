//! A page of the documentation: its blocks, the commands in them, and what stands between.

use std::fs;
use std::path::Path;

/// A page, as it is read and written back.
pub struct Page {
    /// Its path in the repository.
    pub path: String,
    pub parts: Vec<Part>,
}

/// Lines in a row that belong together.
pub enum Part {
    Text(Vec<String>),
    /// A fenced block, without its fences.
    Block {
        language: String,
        lines: Vec<String>,
    },
}

/// A command with what is shown of it.
#[derive(Default)]
pub struct Dialogue {
    pub command: String,
    pub code: i32,
    pub output: Vec<String>,
}

impl Page {
    /// The README and every page under `docs/`.
    pub fn all() -> Vec<Page> {
        let mut paths: Vec<String> = fs::read_dir(root("docs"))
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".md"))
            .map(|name| format!("docs/{name}"))
            .collect();
        paths.push("README.md".to_owned());
        paths.sort();
        paths.iter().map(|path| Page::read(path)).collect()
    }

    pub fn read(path: &str) -> Page {
        let text = fs::read_to_string(root(path)).unwrap();
        let mut parts = vec![Part::Text(Vec::new())];
        for line in text.lines() {
            match (parts.last_mut().unwrap(), line.strip_prefix("```")) {
                (Part::Block { .. }, Some(_)) => parts.push(Part::Text(Vec::new())),
                (Part::Text(_), Some(language)) => parts.push(Part::Block {
                    language: language.to_owned(),
                    lines: Vec::new(),
                }),
                (Part::Text(lines) | Part::Block { lines, .. }, None) => {
                    lines.push(line.to_owned());
                }
            }
        }
        let path = path.to_owned();
        Page { path, parts }
    }

    pub fn write(&self) {
        let mut text = String::new();
        for part in &self.parts {
            let (fence, lines) = match part {
                Part::Text(lines) => (None, lines),
                Part::Block { language, lines } => (Some(language), lines),
            };
            for line in fence
                .map(|language| format!("```{language}"))
                .iter()
                .chain(lines)
                .chain(fence.map(|_| "```".to_owned()).iter())
            {
                text.push_str(line);
                text.push('\n');
            }
        }
        fs::write(root(&self.path), text).unwrap();
    }

    /// What stands outside of blocks.
    pub fn prose(&self) -> String {
        let text = |part: &Part| match part {
            Part::Text(lines) => Some(lines.join("\n")),
            Part::Block { .. } => None,
        };
        let texts: Vec<String> = self.parts.iter().filter_map(text).collect();
        texts.join("\n\n")
    }

    /// The lines of every block of this language.
    pub fn lines_in<'a>(&'a self, wanted: &'a str) -> impl Iterator<Item = &'a str> {
        let lines = move |part: &'a Part| match part {
            Part::Block { language, lines } if language == wanted => Some(lines.iter()),
            _ => None,
        };
        self.parts
            .iter()
            .filter_map(lines)
            .flatten()
            .map(String::as_str)
    }

    /// What its headings are linked by.
    pub fn anchors(&self) -> Vec<String> {
        let prose = self.prose();
        let headings = prose.lines().filter(|line| line.starts_with('#'));
        let kept = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        headings
            .map(|line| {
                let heading = line.trim_start_matches('#').trim().to_lowercase();
                heading.replace(|c| !kept(c), "").replace(' ', "-")
            })
            .collect()
    }
}

/// The dialogues of a `console` block: `$ ` and a command, `? ` and its exit code where that is not 0, its output.
pub fn dialogues(lines: &[String]) -> Vec<Dialogue> {
    let mut dialogues: Vec<Dialogue> = Vec::new();
    for line in lines {
        if let Some(command) = line.strip_prefix("$ ") {
            dialogues.push(Dialogue {
                command: command.to_owned(),
                ..Dialogue::default()
            });
            continue;
        }
        let last = dialogues.last_mut().expect("a block begins with a command");
        match line.strip_prefix("? ") {
            Some(code) if last.output.is_empty() => last.code = code.parse().unwrap(),
            _ => last.output.push(line.clone()),
        }
    }
    for dialogue in &mut dialogues {
        trim(&mut dialogue.output);
    }
    dialogues
}

/// The other way round.
pub fn block(dialogues: &[Dialogue]) -> Vec<String> {
    let mut lines = Vec::new();
    for dialogue in dialogues {
        lines.push(format!("$ {}", dialogue.command));
        if dialogue.code != 0 {
            lines.push(format!("? {}", dialogue.code));
        }
        lines.extend(dialogue.output.iter().cloned());
        lines.push(String::new());
    }
    trim(&mut lines);
    lines
}

fn trim(lines: &mut Vec<String>) {
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
}

/// Something in the repository.
pub fn root(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
