//! The published reference and the schemas for editors say what the code says.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// Set it to write the files anew: `CONCORD_BLESS=1 cargo test -p law --test reference`.
const BLESS: &str = "CONCORD_BLESS";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The committed file is the generated text, or becomes it.
#[allow(clippy::disallowed_methods)] // whether to write the files anew, only the environment says
fn published(path: &Path, generated: &str) {
    if std::env::var_os(BLESS).is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, generated).unwrap();
        return;
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    let wrong = committed.lines().zip(generated.lines()).position(|(a, b)| a != b);
    let line = wrong.unwrap_or_else(|| committed.lines().count().min(generated.lines().count())) + 1;
    assert!(
        committed == generated,
        "{} differs from the code from line {line} on; write it anew with {BLESS}=1 and commit it",
        path.display()
    );
}

#[test]
fn the_reference_of_program_files_is_current() {
    published(&repository().join("docs/program-file.md"), &law::reference_markdown());
}

#[test]
fn the_schemas_for_editors_are_current() {
    let folder = repository().join("schemas/program");
    let mut names = Vec::new();
    for (file, schema) in law::schemas() {
        let name = file.replace(".toml", ".schema.json");
        published(&folder.join(&name), &format!("{schema:#}\n"));
        names.push(name);
    }
    let found = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let stale: Vec<String> = found.filter(|name| name.ends_with(".json") && !names.contains(name)).collect();
    assert!(stale.is_empty(), "no program file has these schemas any more; delete them: {stale:?}");
}
