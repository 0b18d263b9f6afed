//! Which requirements are held by a test: `docs/requirements.md` against the `covers:` comments above test functions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::Problem;
use crate::repository::Source;

/// Where the ids are listed.
pub const REQUIREMENTS: &str = "docs/requirements.md";

/// Macros that make tests of the functions in their braces, so that these carry no attribute.
const TEST_MACROS: [&str; 1] = ["both_databases!"];

/// A group of requirements, as headed in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub title: String,
    pub rows: Vec<Row>,
}

/// One requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub id: String,
    pub phrase: String,
}

/// A test that cites requirements.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Citation {
    pub path: String,
    pub line: usize,
    pub test: String,
}

/// The list, the citations, and what is wrong with them.
#[derive(Debug)]
pub struct Coverage {
    pub groups: Vec<Group>,
    pub cited: BTreeMap<String, BTreeSet<Citation>>,
    pub problems: Vec<Problem>,
}

/// Reads the list and all citations.
pub fn collect(sources: &[Source]) -> Result<Coverage, String> {
    let list = sources.iter().find(|source| source.path == REQUIREMENTS).ok_or(format!("{REQUIREMENTS} is missing"))?;
    let (groups, mut problems) = read_groups(list);
    let known: BTreeSet<&str> = groups.iter().flat_map(|group| &group.rows).map(|row| row.id.as_str()).collect();
    let mut cited: BTreeMap<String, BTreeSet<Citation>> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        let lines: Vec<&str> = source.text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let Some(ids) = cited_ids(line) else { continue };
            let problem = |text: String| Problem::at(&source.path, index + 1, text);
            let Ok(ids) = ids else {
                problems.push(problem("write a citation as `// covers: B1.5, P4`".to_owned()));
                continue;
            };
            let Some((place, test)) = test_below(&lines, index) else {
                problems.push(problem(
                    "a citation stands directly above a test function; only attributes and comments may stand between"
                        .to_owned(),
                ));
                continue;
            };
            for id in ids {
                if !known.contains(id) {
                    problems.push(problem(format!(
                        "`{id}` is not in {REQUIREMENTS}; cite ids from there, parted by commas"
                    )));
                    continue;
                }
                cited.entry(id.to_owned()).or_default().insert(Citation {
                    path: source.path.clone(),
                    line: place + 1,
                    test: test.clone(),
                });
            }
        }
    }
    Ok(Coverage { groups, cited, problems })
}

/// The groups and rows of the list: `## title` and `| id | phrase |`.
fn read_groups(list: &Source) -> (Vec<Group>, Vec<Problem>) {
    let mut groups: Vec<Group> = Vec::new();
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, line) in list.text.lines().enumerate() {
        if let Some(title) = line.strip_prefix("## ") {
            groups.push(Group { title: title.to_owned(), rows: Vec::new() });
        }
        let Some((id, phrase)) = line
            .strip_prefix("| ")
            .and_then(|cells| cells.strip_suffix(" |"))
            .and_then(|cells| cells.split_once(" | "))
        else {
            continue;
        };
        if !is_id(id) {
            continue;
        }
        if !seen.insert(id) {
            problems.push(Problem::at(
                &list.path,
                index + 1,
                format!("`{id}` is listed twice; an id names one requirement for ever"),
            ));
        }
        if let Some(group) = groups.last_mut() {
            group.rows.push(Row { id: id.to_owned(), phrase: phrase.to_owned() });
        }
    }
    (groups, problems)
}

/// A letter and a number, perhaps with a second number: `B1.5`, `P4`.
fn is_id(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let Some(rest) = text.strip_prefix(|c: char| c.is_ascii_uppercase()) else {
        return false;
    };
    match rest.split_once('.') {
        Some((group, number)) => is_number(group) && is_number(number),
        None => is_number(rest),
    }
}

/// The ids of a citation line; `Err` if it is meant as one but is written otherwise; `None` for any other line.
fn cited_ids(line: &str) -> Option<Result<Vec<&str>, ()>> {
    let line = line.trim();
    let comment = line.strip_prefix("//")?;
    let meant = comment.trim_start_matches(['/', '!', ' ', '*', '`']);
    if !meant.to_ascii_lowercase().starts_with("covers:") {
        return None;
    }
    let Some(ids) = comment.strip_prefix(" covers: ") else {
        return Some(Err(()));
    };
    Some(Ok(ids.split(',').map(str::trim).collect()))
}

/// The test function under the citation at `index`: its line and name.
fn test_below(lines: &[&str], index: usize) -> Option<(usize, String)> {
    let mut is_test = made_by_macro(lines, index);
    let mut depth = 0i32;
    for (place, line) in lines.iter().enumerate().skip(index + 1) {
        let line = line.trim();
        let in_attribute = depth > 0 || line.starts_with("#[");
        if in_attribute {
            is_test |= is_test_attribute(line);
            let opened = line.matches('[').count() as i32;
            depth += opened - line.matches(']').count() as i32;
        } else if !line.starts_with("//") {
            let name = function_name(line)?;
            return is_test.then_some((place, name));
        }
    }
    None
}

/// `#[test]`, `#[tokio::test]`, `#[tokio::test(flavor = "…")]`.
fn is_test_attribute(line: &str) -> bool {
    let Some(attribute) = line.strip_prefix("#[") else {
        return false;
    };
    let path = attribute.split(['(', ']', ' ']).next().unwrap_or_default();
    path.rsplit("::").next() == Some("test")
}

/// Whether the line stands in the braces of a macro that makes tests.
fn made_by_macro(lines: &[&str], index: usize) -> bool {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let own = indent(lines[index]);
    lines[..index].iter().rev().find(|line| !line.trim().is_empty() && indent(line) < own).is_some_and(|line| {
        let opening = line.trim();
        let (head, installed) = (opening.ends_with('{'), opening.ends_with(';'));
        (head || installed) && TEST_MACROS.iter().any(|name| opening.contains(name))
    })
}

fn function_name(line: &str) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let place = words.iter().position(|word| *word == "fn")?;
    if !words[..place].iter().all(|word| ["pub", "async"].contains(word) || word.starts_with("pub(")) {
        return None;
    }
    let name = words.get(place + 1)?.split(['(', '<']).next()?;
    Some(name.to_owned())
}

impl Coverage {
    /// How many ids are cited, and how many there are.
    pub fn total(&self) -> (usize, usize) {
        let all = self.groups.iter().map(|group| group.rows.len()).sum();
        (self.cited.len(), all)
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_cited = |row: &&Row| self.cited.contains_key(&row.id);
        for group in &self.groups {
            let cited = group.rows.iter().filter(is_cited).count();
            writeln!(f, "{cited:>4} / {:<4} {}", group.rows.len(), group.title)?;
        }
        let (cited, all) = self.total();
        writeln!(f, "{cited:>4} / {all:<4} in all")?;
        writeln!(f, "\nCited by tests")?;
        let rows = || self.groups.iter().flat_map(|group| &group.rows);
        for row in rows().filter(is_cited) {
            writeln!(f, "  {:<7} {}", row.id, row.phrase)?;
            for citation in &self.cited[&row.id] {
                let Citation { path, line, test } = citation;
                writeln!(f, "          {path}:{line} {test}")?;
            }
        }
        writeln!(f, "\nNot cited")?;
        for row in rows().filter(|row| !is_cited(row)) {
            writeln!(f, "  {:<7} {}", row.id, row.phrase)?;
        }
        Ok(())
    }
}
