//! The floors of the house: which crate may use which, drawn in `xtask/floors.txt`.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::{Problem, repository};

/// Where the floors are drawn.
pub const FLOORS: &str = "xtask/floors.txt";

/// The stage for tests, which stands beside the floors: every crate may use it in its tests.
const STAGE: &str = "trial";

/// What each crate uses of the workspace, by any kind of dependency.
pub type Edges = BTreeMap<String, BTreeSet<String>>;

/// Compares the manifests with the drawing.
pub fn check_workspace() -> Result<Vec<Problem>, String> {
    let path = repository::root().join(FLOORS);
    let drawing = std::fs::read_to_string(&path).map_err(|error| format!("{FLOORS} cannot be read: {error}"))?;
    Ok(check(&drawing, &workspace_edges()?))
}

/// The edges between the crates of the workspace, as cargo sees them.
pub fn workspace_edges() -> Result<Edges, String> {
    let metadata = MetadataCommand::new()
        .current_dir(repository::root())
        .no_deps()
        .exec()
        .map_err(|error| format!("cargo does not describe the workspace: {error}"))?;
    let packages = metadata.workspace_packages();
    let names: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    Ok(packages
        .iter()
        .map(|package| {
            let uses = package
                .dependencies
                .iter()
                // A dependency of the workspace has a path; a library of the same name from elsewhere has none.
                .filter(|uses| uses.path.is_some() && names.contains(uses.name.as_str()))
                .filter(|uses| !(uses.kind == DependencyKind::Development && uses.name == STAGE))
                .map(|uses| uses.name.clone())
                .collect();
            (package.name.to_string(), uses)
        })
        .collect())
}

/// Every edge that is not drawn, and every line of the drawing that is wrong in itself.
pub fn check(drawing: &str, edges: &Edges) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut drawn: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (index, line) in drawing.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut problem = |text: String| problems.push(Problem::at(FLOORS, index + 1, text));
        let Some((name, uses)) = line.split_once(':') else {
            problem("write a floor as `crate: allowed dependencies`".to_owned());
            continue;
        };
        if !edges.contains_key(name) {
            problem(format!("there is no crate `{name}`; remove the line"));
        }
        let uses: BTreeSet<&str> = uses.split_whitespace().collect();
        for below in &uses {
            if !drawn.contains_key(below) {
                problem(format!("`{name}` may not use `{below}`, which does not stand on a line above it"));
            }
        }
        if drawn.insert(name, uses).is_some() {
            problem(format!("`{name}` is drawn twice"));
        }
    }
    for (name, uses) in edges {
        let Some(allowed) = drawn.get(name.as_str()) else {
            problems.push(Problem::of(FLOORS, format!("`{name}` is not drawn; add a line for it on its floor")));
            continue;
        };
        for used in uses.iter().filter(|used| !allowed.contains(used.as_str())) {
            problems.push(Problem::of(
                &format!("crates/{name}/Cargo.toml"),
                format!(
                    "`{name}` uses `{used}`, which {FLOORS} does not allow; areas meet below, by events, metrics and controls"
                ),
            ));
        }
    }
    problems
}
