//! References lead somewhere: links of pages, and the pages that comments cite.

use std::fs;
use std::path::{Path, PathBuf};

use super::page::{Page, root};

#[test]
fn links_lead_somewhere() {
    let pages = Page::all();
    let others = ["CONTRIBUTING.md", "CHANGELOG.md", "benches/README.md"];
    let others: Vec<Page> = others.iter().map(|path| Page::read(path)).collect();
    for page in pages.iter().chain(&others) {
        let folder = Path::new(&page.path).parent().unwrap();
        for link in page.prose().split("](").skip(1) {
            let link = link.split(')').next().unwrap();
            if link.starts_with("https://") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => PathBuf::from(&page.path),
                path => folder.join(path),
            };
            let target = target.to_string_lossy().replace("docs/../", "");
            assert!(root(&target).exists(), "{}: {link}", page.path);
            if !anchor.is_empty() {
                let there = pages.iter().find(|other| other.path == target);
                let there = there.is_some_and(|page| page.anchors().iter().any(|a| a == anchor));
                assert!(there, "{}: {link}", page.path);
            }
        }
    }
}

/// A comment cites a page as `docs/page.md`, or a section as `docs/page.md: Section`.
#[test]
fn comments_cite_pages_and_sections_that_exist() {
    let pages = Page::all();
    let mut cited = 0;
    for file in sources(&root("src"))
        .into_iter()
        .chain(sources(&root("tests")))
    {
        let source = fs::read_to_string(&file).unwrap();
        for cite in comments(&source).split("docs/").skip(1) {
            let Some((name, rest)) = cite.split_once(".md") else {
                continue;
            };
            if !name.bytes().all(|b| b.is_ascii_lowercase()) || name == "page" {
                continue;
            }
            let page = pages
                .iter()
                .find(|page| page.path == format!("docs/{name}.md"));
            let page = page.unwrap_or_else(|| panic!("{}: docs/{name}.md", file.display()));
            if let Some(section) = rest.strip_prefix(": ") {
                let section = section.to_lowercase();
                let is_there = headings(page)
                    .iter()
                    .any(|h| section.starts_with(h.as_str()));
                let section: String = section.chars().take(60).collect();
                assert!(is_there, "{}: docs/{name}.md: {section}", file.display());
            }
            cited += 1;
        }
    }
    assert!(cited > 40, "{cited}");
}

fn headings(page: &Page) -> Vec<String> {
    let prose = page.prose();
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            line.trim_start_matches('#')
                .trim()
                .replace('`', "")
                .to_lowercase()
        })
        .collect()
}

/// The comments of a source file, each line after the other.
fn comments(source: &str) -> String {
    let comment = |line: &str| {
        let text = line.trim_start().strip_prefix("//")?;
        Some(text.trim_start_matches(['/', '!']).trim().to_owned() + " ")
    };
    source.lines().filter_map(comment).collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            files.push(path);
        }
    }
    files
}
