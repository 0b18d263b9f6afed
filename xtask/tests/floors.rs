//! What the drawing of the floors allows.

use std::collections::BTreeSet;

use xtask::floors::{Edges, check};

fn found(drawing: &str, edges: &[(&str, &[&str])]) -> Vec<String> {
    let edges: Edges = edges
        .iter()
        .map(|(name, uses)| {
            let uses: BTreeSet<String> = uses.iter().map(ToString::to_string).collect();
            (name.to_string(), uses)
        })
        .collect();
    check(drawing, &edges).iter().map(ToString::to_string).collect()
}

const DRAWING: &str = "# ground\nkernel:\nlaw: kernel\ndeals: kernel law\n";

#[test]
fn what_is_drawn_may_be_used_or_not() {
    let edges: [(&str, &[&str]); 3] = [("kernel", &[]), ("law", &["kernel"]), ("deals", &["law"])];
    assert_eq!(found(DRAWING, &edges), [""; 0]);
}

#[test]
fn another_edge_is_refused() {
    let edges: [(&str, &[&str]); 3] = [("kernel", &["law"]), ("law", &[]), ("deals", &[])];
    assert_eq!(
        found(DRAWING, &edges),
        [
            "crates/kernel/Cargo.toml: `kernel` uses `law`, which xtask/floors.txt does not allow; areas meet below, by events, metrics and controls"
        ]
    );
}

#[test]
fn the_drawing_is_held_to_its_own_rules() {
    let all: [(&str, &[&str]); 3] = [("kernel", &[]), ("law", &[]), ("deals", &[])];
    assert_eq!(
        found("kernel: law\nlaw: kernel\ndeals:\n", &all),
        ["xtask/floors.txt:1: `kernel` may not use `law`, which does not stand on a line above it"]
    );
    assert_eq!(
        found("kernel:\nlaw:\n", &all),
        ["xtask/floors.txt: `deals` is not drawn; add a line for it on its floor"]
    );
    assert_eq!(
        found("kernel:\nlaw:\ndeals:\nmoney:\nlaw:\nhm\n", &all),
        [
            "xtask/floors.txt:4: there is no crate `money`; remove the line",
            "xtask/floors.txt:5: `law` is drawn twice",
            "xtask/floors.txt:6: write a floor as `crate: allowed dependencies`",
        ]
    );
}
