//! Reading a file into rows of texts, whatever program wrote it.

mod decode;
mod json;
mod separated;
mod workbook;

use kernel::{Error, Result};

pub use decode::text_of;
pub use separated::delimiter_of;

/// Columns of a file at most.
const MOST_COLUMNS: usize = 500;

/// Takes a row: the line of the file where it begins, and its cells.
pub type Take<'t> = &'t mut dyn FnMut(u64, Vec<String>) -> Result<()>;

/// Reads the header, then hands on row after row; returns the header.
pub fn read(bytes: &[u8], take: Take<'_>) -> Result<Vec<String>> {
    if bytes.starts_with(b"PK\x03\x04") {
        return workbook::read(bytes, take);
    }
    let text = text_of(bytes);
    match text.trim_start().chars().next() {
        None => Err(Error::invalid("content", "the file is empty; choose one with a header and rows")),
        Some('[' | '{') => json::read(&text, take),
        Some(_) => separated::read(&text, take),
    }
}

/// Headers are told apart by their names, so none is empty or there twice.
fn headers_of(cells: Vec<String>) -> Result<Vec<String>> {
    if cells.len() > MOST_COLUMNS {
        let rule = format!("has {} columns; at most {MOST_COLUMNS} can be imported, remove some", cells.len());
        return Err(Error::invalid("content", rule));
    }
    let mut headers: Vec<String> = Vec::new();
    for (place, cell) in cells.into_iter().enumerate() {
        let name = cell.trim().trim_start_matches('\u{feff}').to_owned();
        let name = if name.is_empty() { format!("Column {}", place + 1) } else { name };
        let mut unique = name.clone();
        let mut times = 1;
        while headers.contains(&unique) {
            times += 1;
            unique = format!("{name} ({times})");
        }
        headers.push(unique);
    }
    Ok(headers)
}
