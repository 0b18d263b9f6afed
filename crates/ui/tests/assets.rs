//! The stylesheet and the script: small, self-contained, readable in both themes.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

fn asset(extension: &str) -> &'static ui::Asset {
    ui::assets().iter().find(|asset| asset.path.ends_with(extension)).unwrap()
}

#[test]
fn assets_stay_small_and_are_named_by_their_content() {
    assert!(asset(".css").body.len() < 29 * 1024, "{}", asset(".css").body.len());
    assert!(asset(".js").body.len() < 14 * 1024, "{}", asset(".js").body.len());
    for asset in ui::assets() {
        let name = asset.path.strip_prefix("/assets/concord.").unwrap();
        let (hash, _) = name.split_once('.').unwrap();
        assert!(hash.len() == 16 && hash.chars().all(|c| c.is_ascii_hexdigit()), "{name}");
        assert!(asset.immutable);
    }
    assert_eq!(asset(".css").path, ui::stylesheet_href());
    assert_eq!(asset(".js").path, ui::script_href());
    assert_eq!(asset(".svg").path, ui::favicon_href());
}

#[test]
fn assets_load_nothing_from_elsewhere() {
    for extension in [".css", ".js"] {
        for sign in ["http:", "https:", "@import", "url(", "eval(", "new Function", ".style."] {
            assert!(!asset(extension).body.contains(sign), "{sign} in {extension}");
        }
    }
    let css = asset(".css").body;
    assert_eq!(css.matches('{').count(), css.matches('}').count());
}

/// The colors of one theme, by token.
fn colors(theme: usize) -> BTreeMap<&'static str, [f64; 3]> {
    let root = asset(".css").body.split("/* Ground */").next().unwrap();
    let mut colors = BTreeMap::new();
    for line in root.lines() {
        let Some((name, pair)) = line.trim().split_once(": light-dark(") else { continue };
        let Some(hex) = pair.trim_end_matches(");").split(", ").nth(theme) else { continue };
        if hex.starts_with('#') && matches!(hex.len(), 4 | 7) {
            // The portal's tokens come last and are checked under their own names.
            let name =
                if colors.contains_key(name) { Box::leak(format!("portal{name}").into_boxed_str()) } else { name };
            colors.insert(name, rgb(hex));
        }
    }
    colors
}

fn rgb(hex: &str) -> [f64; 3] {
    let digits = &hex[1..];
    let wide: String =
        if digits.len() == 3 { digits.chars().flat_map(|d| [d, d]).collect() } else { digits.to_owned() };
    [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&wide[at..at + 2], 16).unwrap()) / 255.0)
}

fn luminance(color: [f64; 3]) -> f64 {
    let [r, g, b] = color.map(|c| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_has_enough_contrast_in_both_themes() {
    let white = [1.0, 1.0, 1.0];
    for theme in [0, 1] {
        let colors = colors(theme);
        for ink in ["--ink", "--ink-2", "--ink-3", "--accent", "portal--accent", "--good", "--warn", "--bad", "--info"]
        {
            for ground in ["--bg", "--surface", "--sunken"] {
                let ratio = contrast(colors[ink], colors[ground]);
                assert!(ratio >= 4.5, "theme {theme}: {ink} on {ground} is {ratio:.2}");
            }
        }
        for tone in ["good", "warn", "bad", "info", "accent"] {
            let ratio = contrast(colors[format!("--{tone}").as_str()], colors[format!("--{tone}-soft").as_str()]);
            assert!(ratio >= 4.5, "theme {theme}: {tone} on its soft ground is {ratio:.2}");
        }
        let ratio = contrast(colors["--ink-2"], colors["--neutral-soft"]);
        assert!(ratio >= 4.5, "theme {theme}: neutral badge is {ratio:.2}");
        for solid in ["--solid", "--solid-hover", "portal--solid", "portal--solid-hover"] {
            let ratio = contrast(white, colors[solid]);
            assert!(ratio >= 4.5, "theme {theme}: white on {solid} is {ratio:.2}");
        }
        for line in ["--c1", "--c2", "--c3", "--c4", "--c5", "--c6"] {
            let ratio = contrast(colors[line], colors["--surface"]);
            assert!(ratio >= 3.0, "theme {theme}: {line} on surface is {ratio:.2}");
        }
    }
}
