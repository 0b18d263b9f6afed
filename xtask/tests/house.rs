//! The guards, applied to the house as it stands.
#![allow(clippy::unwrap_used)]

use xtask::{coverage, floors, listed, repository, tidy};

#[test]
fn the_tree_is_tidy() {
    let problems = tidy::check(&repository::sources().unwrap());
    assert!(problems.is_empty(), "\n{}", listed(&problems));
}

#[test]
fn crates_use_only_what_is_drawn_below_them() {
    let problems = floors::check_workspace().unwrap();
    assert!(problems.is_empty(), "\n{}", listed(&problems));
}

#[test]
fn citations_name_requirements_and_stand_above_tests() {
    let problems = coverage::collect(&repository::sources().unwrap()).unwrap().problems;
    assert!(problems.is_empty(), "\n{}", listed(&problems));
}
