//! Lists: every one is filtered, sorted, paged by a cursor and exported in the same way.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::actor::Scope;
use crate::db::{Row, Tx, Value};
use crate::error::{Error, Result};

pub const DEFAULT_LIMIT: u32 = 50;
pub const LARGEST_LIMIT: u32 = 500;

/// Where a page starts and how it is sorted; flattened into the query of each list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct PageRequest {
    /// The `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Rows on the page: 50 unless told, 500 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The field to sort by; a leading `-` sorts downwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// The cursor of the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A condition of a list. Absent values do not filter.
pub enum Filter {
    /// `column = value`
    Is(&'static str, Option<Value>),
    /// `column` is one of these values; an empty list filters nothing.
    OneOf(&'static str, Vec<Value>),
    /// `column >= value`
    From(&'static str, Option<Value>),
    /// `column < value`
    Before(&'static str, Option<Value>),
    /// The column, a normalized key, contains the text.
    Contains(&'static str, Option<String>),
    /// A fixed condition of the store itself, without parameters.
    Also(&'static str),
}

/// How a table is listed: its columns are constants of the store, never input.
pub struct Listing {
    /// `FROM` clause, such as `deal` or `deal d JOIN customer c ON c.id = d.customer`.
    pub from: &'static str,
    pub select: &'static str,
    /// The column of the organization, such as `d.organization`.
    pub organization: &'static str,
    /// The column of the partner that may see the row; rows of others are out of its reach.
    pub partner: Option<&'static str>,
    /// The unique column that breaks ties.
    pub id: &'static str,
    /// Names that callers sort by, with their columns (never NULL); the first is the default.
    pub sorts: &'static [(&'static str, &'static str)],
    /// Whether the default order is downwards (newest first).
    pub newest_first: bool,
}

impl Listing {
    pub async fn page<T>(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        request: &PageRequest,
        filters: Vec<Filter>,
        read: impl Fn(&Row) -> Result<T>,
    ) -> Result<Page<T>> {
        let limit = request.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, LARGEST_LIMIT);
        let (column, downwards) = self.order(request)?;
        let mut clauses = Clauses::default();
        clauses.add(self.organization, "=", scope.organization.into());
        match (self.partner, scope.partner) {
            (Some(column), Some(partner)) => clauses.add(column, "=", partner.into()),
            (None, Some(_)) => return Err(Error::internal("a list without a partner column was asked by a partner")),
            _ => {}
        }
        for filter in filters {
            clauses.filter(filter);
        }
        if let Some(cursor) = &request.cursor {
            clauses.after(column, self.id, downwards, decode_cursor(cursor)?);
        }
        let direction = if downwards { "DESC" } else { "ASC" };
        let sql = format!(
            "SELECT {}, {column} AS page_key, {} AS page_id FROM {} WHERE {} ORDER BY {column} {direction}, {} {direction} LIMIT {}",
            self.select,
            self.id,
            self.from,
            clauses.text.join(" AND "),
            self.id,
            limit + 1
        );
        let rows = tx.rows(&sql, &clauses.params).await?;
        let more = rows.len() > limit as usize;
        let shown = &rows[..rows.len().min(limit as usize)];
        let next = match shown.last() {
            Some(last) if more => Some(encode_cursor(last.value("page_key")?, &last.get::<String>("page_id")?)?),
            _ => None,
        };
        Ok(Page { items: shown.iter().map(read).collect::<Result<_>>()?, next })
    }

    fn order(&self, request: &PageRequest) -> Result<(&'static str, bool)> {
        let Some(wanted) = request.sort.as_deref().filter(|s| !s.is_empty()) else {
            let (_, column) = self.sorts.first().ok_or_else(|| Error::internal("a list needs an order"))?;
            return Ok((column, self.newest_first));
        };
        let (name, downwards) = wanted.strip_prefix('-').map_or((wanted, false), |rest| (rest, true));
        let known = self.sorts.iter().find(|(known, _)| *known == name);
        known.map(|(_, column)| (*column, downwards)).ok_or_else(|| {
            let names: Vec<&str> = self.sorts.iter().map(|(name, _)| *name).collect();
            Error::invalid("sort", format!("`{name}` cannot be sorted by; choose one of {}", names.join(", ")))
        })
    }
}

#[derive(Default)]
struct Clauses {
    text: Vec<String>,
    params: Vec<Value>,
}

impl Clauses {
    fn mark(&mut self, value: Value) -> String {
        self.params.push(value);
        format!("${}", self.params.len())
    }

    fn add(&mut self, column: &str, operator: &str, value: Value) {
        let mark = self.mark(value);
        self.text.push(format!("{column} {operator} {mark}"));
    }

    fn filter(&mut self, filter: Filter) {
        match filter {
            Filter::Is(column, Some(value)) => self.add(column, "=", value),
            Filter::OneOf(column, values) if !values.is_empty() => {
                let marks: Vec<String> = values.into_iter().map(|value| self.mark(value)).collect();
                self.text.push(format!("{column} IN ({})", marks.join(", ")));
            }
            Filter::From(column, Some(value)) => self.add(column, ">=", value),
            Filter::Before(column, Some(value)) => self.add(column, "<", value),
            Filter::Contains(column, Some(text)) if !text.trim().is_empty() => {
                let escaped = text.trim().to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
                let mark = self.mark(Value::Text(format!("%{escaped}%")));
                self.text.push(format!("{column} LIKE {mark} ESCAPE '\\'"));
            }
            Filter::Also(condition) => self.text.push(format!("({condition})")),
            _ => {}
        }
    }

    fn after(&mut self, column: &str, id: &str, downwards: bool, (key, last): (Value, String)) {
        let operator = if downwards { "<" } else { ">" };
        let (key, last) = (self.mark(key), self.mark(Value::Text(last)));
        self.text.push(format!("({column}, {id}) {operator} ({key}, {last})"));
    }
}

fn encode_cursor(key: &Value, id: &str) -> Result<String> {
    let key = match key {
        Value::Int(number) => serde_json::json!(number),
        Value::Text(text) => serde_json::json!(text),
        other => return Err(Error::internal(format!("cannot page by {other:?}"))),
    };
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&(key, id))?))
}

fn decode_cursor(cursor: &str) -> Result<(Value, String)> {
    let refuse = || Error::invalid("cursor", "this cursor is not one that a page gave out; start without one");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refuse())?;
    let (key, id): (serde_json::Value, String) = serde_json::from_slice(&bytes).map_err(|_| refuse())?;
    let key = match key {
        serde_json::Value::Number(number) => Value::Int(number.as_i64().ok_or_else(refuse)?),
        serde_json::Value::String(text) => Value::Text(text),
        _ => return Err(refuse()),
    };
    Ok((key, id))
}
