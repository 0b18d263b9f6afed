//! What counts as a citation, and what is refused.
#![allow(clippy::unwrap_used)]

use xtask::coverage::{Coverage, REQUIREMENTS, collect};
use xtask::repository::Source;

const LIST: &str = "\
## B1 · First

| ID | In short |
|---|---|
| B1.1 | one |
| B1.2 | two |

## P · Second

| ID | In short |
|---|---|
| P4 | three |
";

/// `~` stands for the two slashes of a comment, so that this file cites nothing itself.
fn coverage_of(rust: &str) -> Coverage {
    let rust = rust.replace('~', "//");
    collect(&[Source::new(REQUIREMENTS, LIST), Source::new("crates/deals/src/tests.rs", rust)]).unwrap()
}

fn cited(coverage: &Coverage) -> Vec<String> {
    let citations = coverage.cited.iter();
    citations
        .flat_map(|(id, tests)| tests.iter().map(move |test| format!("{id} {}:{}", test.test, test.line)))
        .collect()
}

#[test]
fn citations_above_tests_are_found() {
    let cases = [
        ("~ covers: B1.1, P4\n#[test]\nfn works() {}", vec!["B1.1 works:3", "P4 works:3"]),
        (
            "    ~ covers: P4\n    ~ covers: B1.2\n    ~/ Says why.\n    #[tokio::test(\n        flavor = \"x\"\n    )]\n    #[ignore = \"slow\"]\n    pub async fn waits() {}",
            vec!["B1.2 waits:8", "P4 waits:8"],
        ),
        (
            "both_databases! {\n    ~ covers: P4\n    async fn holds(t: World) {\n    }\n\n    ~ covers: B1.1\n    async fn holds_too(t: World) {\n    }\n}",
            vec!["B1.1 holds_too:7", "P4 holds:3"],
        ),
        ("kernel::both_databases! {\n    ~ covers: P4\n    async fn holds(t: World) {}\n}", vec!["P4 holds:3"]),
        ("~ This discovers: nothing\n~ what it covers\nfn f() {}", vec![]),
    ];
    for (rust, expected) in cases {
        let coverage = coverage_of(rust);
        assert_eq!(coverage.problems, [], "{rust}");
        assert_eq!(cited(&coverage), expected, "{rust}");
    }
}

#[test]
fn other_citations_are_refused() {
    let cases = [
        ("~ covers: B9.9\n#[test]\nfn works() {}", "`B9.9` is not in docs/requirements.md"),
        ("~ covers: B1.1 P4\n#[test]\nfn works() {}", "`B1.1 P4` is not in docs/requirements.md"),
        ("~ covers: P4\nfn not_a_test() {}", "directly above a test function"),
        ("~ covers: P4\n#[derive(Debug)]\nstruct Deal;", "directly above a test function"),
        ("~ covers: P4\n\n#[test]\nfn works() {}", "directly above a test function"),
        ("~ covers: P4", "directly above a test function"),
        ("~covers: P4\n#[test]\nfn works() {}", "write a citation as"),
        ("~/ Covers: P4\n#[test]\nfn works() {}", "write a citation as"),
    ];
    for (rust, expected) in cases {
        let coverage = coverage_of(rust);
        assert_eq!(coverage.problems.len(), 1, "{rust}");
        let problem = coverage.problems[0].to_string();
        assert!(problem.starts_with("crates/deals/src/tests.rs:1: "), "{problem}");
        assert!(problem.contains(expected), "{problem}");
        assert!(coverage.cited.is_empty(), "{rust}");
    }
}

#[test]
fn the_report_counts_by_group() {
    let report = coverage_of("~ covers: B1.2\n#[test]\nfn works() {}").to_string();
    let expected = "   1 / 2    B1 · First
   0 / 1    P · Second
   1 / 3    in all

Cited by tests
  B1.2    two
          crates/deals/src/tests.rs:3 works

Not cited
  B1.1    one
  P4      three
";
    assert_eq!(report, expected);
}

#[test]
fn an_id_is_listed_once() {
    let list = format!("{LIST}| P4 | again |\n");
    let coverage = collect(&[Source::new(REQUIREMENTS, list)]).unwrap();
    assert_eq!(coverage.problems.len(), 1);
    assert!(collect(&[]).is_err());
}
