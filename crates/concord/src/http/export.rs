//! Exports: every list as CSV or JSON Lines, streamed page by page.

use std::fmt::Write as _;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, header};
use kernel::registry::Declaration;
use kernel::{Actor, App, Error, Result};
use serde_json::{Value as Json, json};

/// Rows of one export at most; a larger one is filtered first.
const LARGEST_EXPORT: usize = 1_000_000;

#[derive(Clone, Copy, PartialEq)]
enum Format {
    Csv,
    JsonLines,
}

/// Streams all pages of a list query.
pub fn stream(
    app: &App,
    actor: &Actor,
    declaration: &Declaration,
    input: Json,
    format: &str,
) -> Result<Response<Body>> {
    let format = match format {
        "csv" => Format::Csv,
        "jsonl" => Format::JsonLines,
        other => return Err(Error::invalid("format", format!("`{other}` is not a format; use json, csv or jsonl"))),
    };
    if declaration.output.pointer("/properties/items").is_none() {
        return Err(Error::invalid("format", "only lists can be exported"));
    }
    app.permitted(actor, declaration.name)?;
    let (name, kind) = match format {
        Format::Csv => ("csv", "text/csv; charset=utf-8"),
        Format::JsonLines => ("jsonl", "application/jsonl"),
    };
    let disposition = format!("attachment; filename=\"{}.{name}\"", declaration.name.replace('.', "-"));
    let body = Body::from_stream(pages(app.clone(), actor.clone(), declaration.name, input, format));
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

struct Position {
    input: Json,
    columns: Vec<String>,
    written: usize,
    done: bool,
}

fn pages(
    app: App,
    actor: Actor,
    name: &'static str,
    mut input: Json,
    format: Format,
) -> impl futures::Stream<Item = std::result::Result<Bytes, std::io::Error>> + Send {
    input["limit"] = json!(kernel::list::LARGEST_LIMIT);
    let start = Position { input, columns: Vec::new(), written: 0, done: false };
    futures::stream::try_unfold(start, move |mut at| {
        let (app, actor) = (app.clone(), actor.clone());
        async move {
            if at.done || at.written >= LARGEST_EXPORT {
                return Ok(None);
            }
            let (page, _) = app
                .query_value(&actor, name, at.input.clone())
                .await
                .map_err(|e| std::io::Error::other(e.to_string()))?;
            let items = page.get("items").and_then(Json::as_array).cloned().unwrap_or_default();
            let text = match format {
                Format::Csv => csv(&items, &mut at),
                Format::JsonLines => items.iter().fold(String::new(), |text, item| text + &item.to_string() + "\n"),
            };
            at.written += items.len();
            match page.get("next").filter(|next| !next.is_null()) {
                Some(next) => at.input["cursor"] = next.clone(),
                None => at.done = true,
            }
            Ok(Some((Bytes::from(text), at)))
        }
    })
}

/// The first page names the columns: its scalar fields, objects flattened with dots.
fn csv(items: &[Json], at: &mut Position) -> String {
    let mut text = String::new();
    let rows: Vec<Vec<(String, String)>> = items.iter().map(flat).collect();
    if at.written == 0 {
        for (name, _) in rows.iter().flatten() {
            if !at.columns.contains(name) {
                at.columns.push(name.clone());
            }
        }
        text.push_str(&line(at.columns.iter().map(String::as_str)));
    }
    for row in &rows {
        let cell =
            |column: &String| row.iter().find(|(name, _)| name == column).map_or("", |(_, value)| value.as_str());
        text.push_str(&line(at.columns.iter().map(cell)));
    }
    text
}

fn flat(item: &Json) -> Vec<(String, String)> {
    fn walk(prefix: &str, value: &Json, cells: &mut Vec<(String, String)>) {
        match value {
            Json::Object(object) => {
                for (name, value) in object {
                    let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                    walk(&name, value, cells);
                }
            }
            Json::Null => cells.push((prefix.to_owned(), String::new())),
            Json::String(text) => cells.push((prefix.to_owned(), text.clone())),
            other => cells.push((prefix.to_owned(), other.to_string())),
        }
    }
    let mut cells = Vec::new();
    walk("", item, &mut cells);
    cells
}

/// One line of RFC 4180. A cell that a spreadsheet would run as a formula gets an apostrophe in front.
fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            text.push(',');
        }
        let number = cell.parse::<f64>().is_ok();
        let guard = if !number && cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
        if guard.is_empty() && !cell.contains([',', '"', '\n', '\r']) {
            text.push_str(cell);
        } else {
            let _ = write!(text, "\"{guard}{}\"", cell.replace('"', "\"\""));
        }
    }
    text.push_str("\r\n");
    text
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn cells_are_quoted_and_formulas_are_disarmed() {
        let cells = ["a", "b,c", "say \"x\"", "=1+1", "-5", "+49 30 1"];
        assert_eq!(line(cells.into_iter()), "a,\"b,c\",\"say \"\"x\"\"\",\"'=1+1\",-5,\"'+49 30 1\"\r\n");
    }
}
