//! The programs that ship with the product are sound, and say what the requirements ask for.
#![allow(clippy::unwrap_used)]

use law::{Catalog, lint, render, shipped};

#[test]
fn shipped_programs_lint_clean() {
    for program in shipped() {
        let files = program.files();
        let checked = lint(&files, &Catalog::standard(), None);
        assert!(checked.diagnostics.is_empty(), "{}", render(&checked.diagnostics, &files));
        assert_eq!(checked.program.unwrap().settings.key, program.key);
    }
}
