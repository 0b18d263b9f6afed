//! The statement as a file that proves itself: its rows, the inputs and the plan, the decision, and the way to a signed head
//! of the log.

use kernel::app::ReadCx;
use kernel::log::{Proven, prove};
use kernel::{EntryId, Error, Query, Result, Route, Row, Value, get, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::StatementId;
use super::store;

/// Lines of a statement that a proof holds at most.
const MOST_LINES: u32 = 1_000_000;

/// Get a statement with everything that proves it, to be checked offline with `concord statement verify`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetStatementProof {
    pub statement: StatementId,
}

/// A statement that anyone can compute again and find in the signed log, without a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatementProof {
    /// `concord-statement-proof/1`
    pub format: String,
    /// The statement as it is stored, by column.
    pub statement: Map<String, Json>,
    /// Its lines as they are stored, in order.
    pub lines: Vec<Map<String, Json>>,
    /// The decision with its facts and outcome, as it is stored.
    pub decision: Map<String, Json>,
    /// What the law says: the plan, as text whose SHA-256 the decision names.
    pub terms: String,
    /// The entries of the log that seal these rows, under a signed head.
    pub log: Proven,
}

pub(super) const FORMAT: &str = "concord-statement-proof/1";

impl Query for GetStatementProof {
    const NAME: &'static str = "statements.proof";
    const ROUTE: Route = get("/statements/{statement}/proof");
    type Output = StatementProof;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<StatementProof> {
        let scope = cx.scope;
        let found = store::get(cx.tx, &scope, self.statement).await?;
        let sql = "SELECT * FROM statement WHERE organization = $1 AND id = $2";
        let statement = only(cx.tx.rows(sql, params![scope.organization, found.id]).await?)?;
        let sql = "SELECT * FROM statement_line WHERE organization = $1 AND statement = $2 ORDER BY id LIMIT $3";
        let lines = cx.tx.rows(sql, params![scope.organization, found.id, MOST_LINES]).await?;
        let sql = "SELECT * FROM decision WHERE organization = $1 AND id = $2";
        let decision = only(cx.tx.rows(sql, params![scope.organization, found.decision]).await?)?;
        let named: String = decision.get("terms")?;
        let terms = cx.tx.one("SELECT body FROM terms WHERE id = $1", params![&named], |row| row.get("body")).await?;
        let terms: String =
            terms.ok_or_else(|| Error::internal(format!("the terms of {} are gone", found.decision)))?;
        let entries = entries(cx, &found).await?;
        let log = prove(cx.app, cx.tx, &entries).await?.ok_or_else(|| {
            let message = "the statement is not in the signed log yet; ask again in a moment";
            Error::conflict("not_in_log_yet", message)
        })?;
        Ok(StatementProof {
            format: FORMAT.to_owned(),
            statement: object(&statement)?,
            lines: lines.iter().map(object).collect::<Result<_>>()?,
            decision: object(&decision)?,
            terms,
            log,
        })
    }
}

/// The entries of the run that made a statement, the first one first.
async fn entries(cx: &mut ReadCx<'_>, statement: &store::Statement) -> Result<Vec<(EntryId, String)>> {
    let sql = "SELECT entry FROM event WHERE organization = $1 AND subject = $2 AND kind = 'statement.produced'";
    let subject = statement.id.to_string();
    let first: Option<String> =
        cx.tx.one(sql, params![cx.scope.organization, &subject], |row| row.get("entry")).await?;
    let first = first.ok_or_else(|| Error::internal(format!("nothing says who made {}", statement.id)))?;
    let sql = "SELECT id, body FROM log_entry WHERE organization = $1 AND recorded_at = $2 ORDER BY id";
    let read = |row: &Row| Ok((row.get::<EntryId>("id")?, row.get::<String>("body")?));
    let at = statement.produced_at;
    let all = cx.tx.all(sql, params![cx.scope.organization, at], read).await?;
    let wanted =
        [("decision", statement.decision.to_string()), ("statement", subject.clone()), ("statement_line", subject)];
    let mut kept = Vec::new();
    for (id, body) in all {
        let run = Sealing::of(&body)?;
        let ours = id.to_string() == first || run.continues.as_deref() == Some(&first);
        if ours && wanted.iter().any(|(table, key)| run.digest(table, key).is_some()) {
            kept.push((id, body));
        }
    }
    Ok(kept)
}

/// What an entry of the log says about rows.
#[derive(Deserialize)]
pub(super) struct Sealing {
    pub continues: Option<String>,
    sealed: Vec<(String, String, String, String)>,
}

impl Sealing {
    pub fn of(body: &str) -> Result<Self> {
        Ok(serde_json::from_str(body)?)
    }

    /// The digest of the rows of a table under a key.
    pub fn digest(&self, table: &str, key: &str) -> Option<&str> {
        let found = self.sealed.iter().find(|(sealed, _, of, _)| sealed == table && of == key);
        found.map(|(_, _, _, digest)| digest.as_str())
    }
}

fn only(rows: Vec<Row>) -> Result<Row> {
    rows.into_iter().next().ok_or_else(|| Error::internal("a row that was just read is gone"))
}

/// A row by its columns; what is not there is left out, as in its digest.
fn object(row: &Row) -> Result<Map<String, Json>> {
    let mut object = Map::new();
    for (column, value) in row.columns.iter().zip(&row.values) {
        let value = match value {
            Value::Null => continue,
            Value::Text(text) => Json::from(text.as_str()),
            Value::Int(number) => Json::from(*number),
            other => return Err(Error::internal(format!("the column {column} holds {other:?}"))),
        };
        object.insert(column.clone(), value);
    }
    Ok(object)
}
