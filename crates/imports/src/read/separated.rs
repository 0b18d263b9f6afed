//! CSV with whatever delimiter the exporting program likes.

use kernel::{Error, Result};

use super::{Take, headers_of};

/// Lines that are looked at to find the delimiter.
const LOOKED_AT: usize = 20;

/// The delimiter that cuts the first lines most evenly.
pub fn delimiter_of(text: &str) -> u8 {
    let score = |delimiter: u8| {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .has_headers(false)
            .from_reader(text.as_bytes());
        let widths: Vec<usize> = reader.byte_records().flatten().take(LOOKED_AT).map(|r| r.len()).collect();
        let first = widths.first().copied().unwrap_or(1);
        let even = widths.iter().filter(|width| **width == first).count();
        if first > 1 { (even * 100 / widths.len(), first) } else { (0, 1) }
    };
    // The first of equals: the comma.
    b"|\t;,".iter().copied().max_by_key(|delimiter| score(*delimiter)).unwrap_or(b',')
}

pub fn read(text: &str, take: Take<'_>) -> Result<Vec<String>> {
    // Spreadsheets write the delimiter into a line of its own.
    let (text, told) = match text.strip_prefix("sep=").and_then(|rest| rest.split_once('\n')) {
        Some((told, rest)) => (rest, told.trim_end_matches('\r').bytes().next()),
        None => (text, None),
    };
    let delimiter = told.unwrap_or_else(|| delimiter_of(text));
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| Error::invalid("content", format!("the header cannot be read: {e}")))?;
    let headers = headers_of(header.iter().map(str::to_owned).collect())?;
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(headers),
            Ok(true) if record.iter().all(|cell| cell.trim().is_empty()) => {}
            Ok(true) => {
                let line = record.position().map_or(0, |at| line_of(text, at)) + u64::from(told.is_some());
                take(line, record.iter().map(plain).collect())?;
            }
            Err(error) => return Err(Error::invalid("content", format!("cannot be read as CSV: {error}"))),
        }
    }
}

/// The line on which a record begins: its position may be before the end of the line above, or before empty lines.
fn line_of(text: &str, at: &csv::Position) -> u64 {
    let rest = text.as_bytes().get(at.byte() as usize..).unwrap_or_default();
    let breaks = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    at.line() + breaks.filter(|byte| **byte == b'\n').count() as u64
}

/// A cell without the apostrophe that our own exports put before what a spreadsheet would run.
fn plain(cell: &str) -> String {
    let disarmed = cell.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@', '\t', '\r']));
    disarmed.unwrap_or(cell).replace('\0', "")
}
