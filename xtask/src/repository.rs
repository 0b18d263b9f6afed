//! The files of the repository, as git sees them: tracked, and new ones that are not ignored.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A text file: its path from the root of the repository, and its content.
#[derive(Debug, Clone)]
pub struct Source {
    pub path: String,
    pub text: String,
}

impl Source {
    /// A file with this path and content.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// Whether this is Rust.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether the whole file is test code: `tests.rs`, or anything under a `tests` or `benches` folder.
    pub fn is_test(&self) -> bool {
        let mut parts = self.path.split('/');
        let name = parts.next_back().unwrap_or_default();
        name == "tests.rs"
            || name.ends_with("_tests.rs")
            || parts.any(|folder| folder == "tests" || folder == "benches")
    }
}

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// All text files of the repository.
pub fn sources() -> Result<Vec<Source>, String> {
    let root = root();
    let listing = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(&root)
        .output()
        .map_err(|error| format!("git cannot be started: {error}; install git"))?;
    if !listing.status.success() {
        let words = String::from_utf8_lossy(&listing.stderr);
        return Err(format!("git does not list the files: {}", words.trim()));
    }
    let mut sources = Vec::new();
    for path in listing.stdout.split(|byte| *byte == 0) {
        let Ok(path) = std::str::from_utf8(path) else {
            return Err("a file name is not UTF-8; rename it".to_owned());
        };
        // A file that is deleted but still tracked, and one that is not text, have no lines to look at.
        if let Ok(text) = std::fs::read_to_string(root.join(path)) {
            sources.push(Source::new(path, text));
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}
