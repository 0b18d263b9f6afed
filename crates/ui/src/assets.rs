//! The files a page needs: one stylesheet, one script, one icon, in the binary and named by their content.

use std::sync::LazyLock;

/// A file to serve as it is.
#[derive(Debug, Clone)]
pub struct Asset {
    /// Where it is served, with the hash of its content: `/assets/concord.0123456789abcdef.css`.
    pub path: String,
    pub content_type: &'static str,
    pub body: &'static str,
    /// Its content never changes under this path, so it may be cached for a year.
    pub immutable: bool,
}

const STYLESHEET: &str = include_str!("assets/concord.css");
const SCRIPT: &str = include_str!("assets/concord.js");
const FAVICON: &str = include_str!("assets/favicon.svg");

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        named("css", "text/css; charset=utf-8", STYLESHEET),
        named("js", "text/javascript; charset=utf-8", SCRIPT),
        named("svg", "image/svg+xml", FAVICON),
    ]
});

/// Everything to serve under `/assets/`.
pub fn assets() -> &'static [Asset] {
    ASSETS.as_slice()
}

pub fn stylesheet_href() -> &'static str {
    &ASSETS[0].path
}

pub fn script_href() -> &'static str {
    &ASSETS[1].path
}

pub fn favicon_href() -> &'static str {
    &ASSETS[2].path
}

fn named(extension: &str, content_type: &'static str, body: &'static str) -> Asset {
    Asset {
        path: format!("/assets/concord.{:016x}.{extension}", fingerprint(body.as_bytes())),
        content_type,
        body,
        immutable: true,
    }
}

/// FNV-1a: it names versions of our own files and protects nothing.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
