//! The first sheet of an Excel workbook that has a header and rows.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use kernel::{Error, Result};

use super::{Take, headers_of};

pub fn read(bytes: &[u8], take: Take<'_>) -> Result<Vec<String>> {
    let wrong = |error: calamine::XlsxError| Error::invalid("content", format!("is not an Excel workbook: {error}"));
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(wrong)?;
    let visible: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.visible == calamine::SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    for sheet in visible {
        let range = workbook.worksheet_range(&sheet).map_err(wrong)?;
        let first = range.start().map_or(0, |(row, _)| u64::from(row));
        let mut rows = range.rows().enumerate().filter(|(_, row)| row.iter().any(|cell| *cell != Data::Empty));
        let Some((_, header)) = rows.next() else { continue };
        let headers = headers_of(header.iter().map(text_of).collect())?;
        for (place, row) in rows {
            take(first + place as u64 + 1, row.iter().map(text_of).collect())?;
        }
        return Ok(headers);
    }
    Err(Error::invalid("content", "the workbook has no visible sheet with rows; put the header in the first row"))
}

/// What the cell says; days and instants in ISO 8601.
fn text_of(cell: &Data) -> String {
    match cell {
        Data::DateTime(at) if at.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            if (hour, minute, second) == (0, 0, 0) { date } else { format!("{date}T{hour:02}:{minute:02}:{second:02}") }
        }
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        other => other.to_string(),
    }
}
