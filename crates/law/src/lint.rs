//! Finds mistakes in program files.

/// The valid names in a sentence: "one of `a`, `b`, `c`".
pub(crate) fn one_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const MOST: usize = 12;
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    let more = if names.len() > MOST { ", …" } else { "" };
    match names.len() {
        0 => "nothing, because none is defined".to_owned(),
        1 => names.concat(),
        _ => format!("one of {}{more}", names[..names.len().min(MOST)].join(", ")),
    }
}
