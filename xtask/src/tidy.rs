//! Properties of the code that no compiler checks: lengths of files, module comments, paths of one machine.
//!
//! Lengths of functions are clippy's (`too-many-lines-threshold` in `clippy.toml`).

use std::collections::BTreeMap;

use crate::Problem;
use crate::repository::Source;

/// The most lines that a production file may have.
pub const FILE_LINES: usize = 400;

/// The kernel is rebuilt for every crate, so it stays below this many lines, tests not counted.
pub const KERNEL_LINES: usize = 4_000;

/// Longer files that are known: `path lines`, one a line. The list may only shrink.
pub const EXCEPTIONS: &str = "xtask/tidy-exceptions.txt";

/// Where only one machine's files are. Put together here so that this file does not contain them.
const MACHINE_PATHS: [&str; 3] = [concat!("/", "work", "/"), concat!("/", "home", "/"), concat!("/", "root", "/")];

/// Everything that is untidy.
pub fn check(sources: &[Source]) -> Vec<Problem> {
    let mut problems = long_files(sources);
    problems.extend(sources.iter().filter_map(without_module_comment));
    problems.extend(kernel_size(sources));
    problems.extend(sources.iter().flat_map(machine_paths));
    problems.sort();
    problems
}

fn is_production(source: &Source) -> bool {
    source.is_rust() && !source.is_test()
}

fn long_files(sources: &[Source]) -> Vec<Problem> {
    let (mut allowed, mut problems) = read_exceptions(sources);
    for source in sources.iter().filter(|source| is_production(source)) {
        let lines = source.text.lines().count();
        let exception = allowed.remove(source.path.as_str());
        if lines <= FILE_LINES {
            if let Some((place, _)) = exception {
                problems.push(Problem::at(
                    EXCEPTIONS,
                    place,
                    format!("{} has {lines} lines now; remove its exception", source.path),
                ));
            }
            continue;
        }
        let limit = exception.map_or(FILE_LINES, |(_, limit)| limit);
        if lines > limit {
            problems.push(Problem::of(
                &source.path,
                format!("{lines} lines, and at most {limit} are allowed; cut it where its story has a seam"),
            ));
        }
    }
    for (path, (place, _)) in allowed {
        problems.push(Problem::at(
            EXCEPTIONS,
            place,
            format!("there is no production file {path}; remove its exception"),
        ));
    }
    problems
}

/// The exceptions by path: the line that lists it, and how long the file may be.
fn read_exceptions(sources: &[Source]) -> (BTreeMap<&str, (usize, usize)>, Vec<Problem>) {
    let mut allowed = BTreeMap::new();
    let mut problems = Vec::new();
    let list = sources.iter().find(|source| source.path == EXCEPTIONS);
    for (index, line) in list.iter().flat_map(|list| list.text.lines()).enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let entry = line.split_once(' ').and_then(|(path, lines)| Some((path, lines.trim().parse().ok()?)));
        match entry {
            Some((path, lines)) => {
                allowed.insert(path, (index + 1, lines));
            }
            None => problems.push(Problem::at(EXCEPTIONS, index + 1, "write an exception as `path lines`")),
        }
    }
    (allowed, problems)
}

fn without_module_comment(source: &Source) -> Option<Problem> {
    let in_crate = source.path.starts_with("crates/") && source.path.contains("/src/");
    if !in_crate || !is_production(source) || source.text.starts_with("//! ") {
        return None;
    }
    Some(Problem::at(&source.path, 1, "begin the file with a `//!` sentence that says why it exists"))
}

fn kernel_size(sources: &[Source]) -> Option<Problem> {
    let lines: usize = sources
        .iter()
        .filter(|source| source.path.starts_with("crates/kernel/src/") && is_production(source))
        .map(|source| production_lines(&source.text))
        .sum();
    (lines >= KERNEL_LINES).then(|| {
        Problem::of(
            "crates/kernel",
            format!("{lines} lines without tests, and it must stay below {KERNEL_LINES}; move what only some crates need up a floor"),
        )
    })
}

/// Lines outside of `#[cfg(test)] mod … { … }`, as rustfmt lays it out.
fn production_lines(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let (mut place, mut count) = (0, 0);
    while place < lines.len() {
        let opening = lines[place..].iter().position(|line| !line.starts_with("#["));
        let opens_tests = lines[place] == "#[cfg(test)]"
            && opening.is_some_and(|offset| {
                let line = lines[place + offset];
                line.starts_with("mod ") && line.ends_with('{')
            });
        if opens_tests {
            let module = lines[place..].iter().position(|line| *line == "}");
            place += module.map_or(lines.len(), |offset| offset + 1);
        } else {
            place += 1;
            count += 1;
        }
    }
    count
}

fn machine_paths(source: &Source) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, line) in source.text.lines().enumerate() {
        for path in MACHINE_PATHS {
            let begins_a_path = |(place, _): (usize, &str)| {
                !line[..place].ends_with(|c: char| c.is_alphanumeric() || "._-}~".contains(c))
            };
            if line.match_indices(path).any(begins_a_path) {
                problems.push(Problem::at(
                    &source.path,
                    index + 1,
                    format!("`{path}` is a path of one machine; name the file from the root of the repository"),
                ));
            }
        }
    }
    problems
}
