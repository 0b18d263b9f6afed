//! What the tidy guard finds and what it lets pass.

use xtask::repository::Source;
use xtask::tidy::{EXCEPTIONS, check};

fn lines(count: usize) -> String {
    "//! A file.\n".to_owned() + &"// line\n".repeat(count - 1)
}

fn found(sources: &[Source]) -> Vec<String> {
    check(sources).iter().map(ToString::to_string).collect()
}

#[test]
fn long_production_files_are_found() {
    let sources = [
        Source::new("crates/deals/src/fits.rs", lines(400)),
        Source::new("crates/deals/src/long.rs", lines(401)),
        Source::new("crates/deals/src/tests.rs", lines(900)),
        Source::new("crates/deals/tests/long.rs", lines(900)),
        Source::new("docs/long.md", lines(900)),
    ];
    assert_eq!(
        found(&sources),
        ["crates/deals/src/long.rs: 401 lines, and at most 400 are allowed; cut it where its story has a seam"]
    );
}

#[test]
fn exceptions_only_shrink() {
    let with = |exceptions: &str, count| {
        found(&[Source::new("crates/deals/src/long.rs", lines(count)), Source::new(EXCEPTIONS, exceptions)])
    };
    let entry = "# comment\n\ncrates/deals/src/long.rs 450\n";
    assert_eq!(with(entry, 450), [""; 0]);
    assert_eq!(
        with(entry, 451),
        ["crates/deals/src/long.rs: 451 lines, and at most 450 are allowed; cut it where its story has a seam"]
    );
    assert_eq!(
        with(entry, 400),
        ["xtask/tidy-exceptions.txt:3: crates/deals/src/long.rs has 400 lines now; remove its exception"]
    );
    assert_eq!(
        with("crates/deals/src/gone.rs 500\n", 10),
        ["xtask/tidy-exceptions.txt:1: there is no production file crates/deals/src/gone.rs; remove its exception"]
    );
    assert_eq!(
        with("crates/deals/src/long.rs\n", 10),
        ["xtask/tidy-exceptions.txt:1: write an exception as `path lines`"]
    );
}

#[test]
fn modules_say_why_they_exist() {
    let sources = [
        Source::new("crates/deals/src/lib.rs", "pub mod deal;\n"),
        Source::new("crates/deals/src/empty.rs", ""),
        Source::new("crates/deals/src/deal/tests.rs", "use super::*;\n"),
        Source::new("xtask/src/other.rs", "use std::fmt;\n"),
    ];
    let sentence = "begin the file with a `//!` sentence that says why it exists";
    assert_eq!(
        found(&sources),
        [format!("crates/deals/src/empty.rs:1: {sentence}"), format!("crates/deals/src/lib.rs:1: {sentence}"),]
    );
}

#[test]
fn the_kernel_stays_small_and_its_tests_do_not_count() {
    let tests = "#[cfg(test)]\n#[allow(dead_code)]\nmod tests {\n".to_owned() + &"    // test\n".repeat(150) + "}\n";
    let kernel = |production| -> Vec<Source> {
        (0..25)
            .map(|place| {
                let path = format!("crates/kernel/src/part_{place}.rs");
                Source::new(path, lines(production) + &tests)
            })
            .collect()
    };
    assert_eq!(found(&kernel(159)), [""; 0]);
    let problems = found(&kernel(160));
    assert_eq!(problems.len(), 1);
    assert!(problems[0].starts_with("crates/kernel: 4000 lines without tests"), "{problems:?}");
}

#[test]
fn paths_of_one_machine_are_found() {
    // Put together here, so that this file does not contain them.
    for folder in ["work", "home", "root"] {
        let path = format!("/{folder}/");
        let with = |text: String| found(&[Source::new("docs/guide.md", text)]);
        assert_eq!(
            with(format!("first\nsee `{path}file`")),
            [format!(
                "docs/guide.md:2: `{path}` is a path of one machine; name the file from the root of the repository"
            )]
        );
        assert_eq!(with(format!("see https://example.com{path}file")), [""; 0]);
        assert_eq!(with(format!("see docs{path}file and /{folder}shop")), [""; 0]);
    }
}
