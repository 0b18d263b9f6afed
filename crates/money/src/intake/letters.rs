//! Dead letters: events that could not be rated, repaired and sent again, or given up.

use kernel::app::ReadCx;
use kernel::{
    Access, Cx, Error, Filter, Listing, Operation, Page, PageRequest, Query, Result, Route, Row, Scope, Timestamp, Tx,
    Value, delete, get, params, post,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::event::{Incoming, InvoiceEvent, UsageEvent};
use super::record::{Ingested, Mode, identify, record};
use super::{DeadLetterId, store};

/// An event that waits to be rated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeadLetter {
    pub id: DeadLetterId,
    /// `usage` or `invoice`.
    pub kind: String,
    pub source: String,
    pub external_id: String,
    /// The event as it was sent, as JSON.
    pub content: String,
    /// A word for programs, such as `unknown_customer`.
    pub reason: String,
    /// What is wrong, and what to do about it.
    pub detail: String,
    /// `open`, `replayed` or `discarded`.
    pub state: String,
    pub recorded_at: Timestamp,
    pub closed_at: Option<Timestamp>,
}

fn read(row: &Row) -> Result<DeadLetter> {
    Ok(DeadLetter {
        id: row.get("id")?,
        kind: row.get("kind")?,
        source: row.get("source")?,
        external_id: row.get("external_id")?,
        content: row.get("content")?,
        reason: row.get("reason")?,
        detail: row.get("detail")?,
        state: row.get("state")?,
        recorded_at: row.get("recorded_at")?,
        closed_at: row.get("closed_at")?,
    })
}

async fn find(tx: &mut Tx, scope: &Scope, id: DeadLetterId) -> Result<DeadLetter> {
    let sql = "SELECT * FROM dead_letter WHERE organization = $1 AND id = $2";
    let letter = tx.one(sql, params![scope.organization, id], read).await?;
    letter.filter(|_| scope.partner.is_none()).ok_or_else(|| Error::not_found("dead letter", id))
}

async fn open(tx: &mut Tx, scope: &Scope, id: DeadLetterId) -> Result<DeadLetter> {
    let letter = find(tx, scope, id).await?;
    if letter.state != store::OPEN {
        let message = format!("the dead letter was {} already; nothing is left to do", letter.state);
        return Err(Error::conflict("dead_letter_closed", message));
    }
    Ok(letter)
}

/// Send dead letters in again: one, or all that are open; with a correction where the event itself was wrong.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ReplayDeadLetter {
    /// The dead letter; all open ones (up to 500) if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter: Option<DeadLetterId>,
    /// The whole event as JSON, corrected, under the same id; as it was sent if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected: Option<String>,
}

/// What became of the dead letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Replayed {
    pub tried: usize,
    /// Recorded now.
    pub recorded: usize,
    /// Why the others still wait.
    pub problems: Vec<super::RowProblem>,
}

impl Operation for ReplayDeadLetter {
    const NAME: &'static str = "intake.replay";
    const ROUTE: Route = post("/dead-letters/replays");
    const ACCESS: Access = Access::Open;
    type Output = Replayed;

    fn subject(&self) -> Option<(&'static str, String)> {
        self.letter.map(|letter| ("dead_letter", letter.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Replayed> {
        let letters = match self.letter {
            Some(letter) => vec![open(cx.tx, &cx.scope, letter).await?],
            None if self.corrected.is_some() => {
                return Err(Error::invalid("corrected", "belongs to one dead letter; name it in `letter`"));
            }
            None => all_open(cx.tx, &cx.scope).await?,
        };
        let mut replayed = Replayed { tried: letters.len(), recorded: 0, problems: Vec::new() };
        for letter in letters {
            let content = self.corrected.as_deref().unwrap_or(&letter.content);
            let report = match letter.kind.as_str() {
                UsageEvent::KIND => again::<UsageEvent>(cx, &letter, content).await?,
                _ => again::<InvoiceEvent>(cx, &letter, content).await?,
            };
            replayed.recorded += report.recorded;
            replayed.problems.extend(report.problems);
        }
        Ok(replayed)
    }
}

async fn again<E: super::record::Booked>(cx: &mut Cx<'_>, letter: &DeadLetter, content: &str) -> Result<Ingested> {
    let event: E = serde_json::from_str(content)
        .map_err(|e| Error::invalid("corrected", format!("is no {} event: {e}", letter.kind)))?;
    if event.external_id() != letter.external_id {
        let rule = format!("must keep the id `{}` of the dead letter", letter.external_id);
        return Err(Error::invalid("corrected", rule));
    }
    let arrived = identify(cx.scope.organization, &letter.source, vec![event]);
    record(cx, &letter.source, &arrived, Mode::Write).await
}

/// The open ones, oldest first; invoices before what refers to them, because they came first.
async fn all_open(tx: &mut Tx, scope: &Scope) -> Result<Vec<DeadLetter>> {
    if scope.partner.is_some() {
        return Ok(Vec::new());
    }
    let sql = "SELECT * FROM dead_letter WHERE organization = $1 AND state = 'open' ORDER BY recorded_at, id LIMIT 500";
    tx.all(sql, params![scope.organization], read).await
}

/// Give up a dead letter: the event will never be recorded.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DiscardDeadLetter {
    pub letter: DeadLetterId,
    /// Why it may be ignored, for whoever asks later.
    pub note: String,
}

impl Operation for DiscardDeadLetter {
    const NAME: &'static str = "intake.discard";
    const ROUTE: Route = delete("/dead-letters/{letter}");
    const ACCESS: Access = Access::Open;
    type Output = DeadLetter;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("dead_letter", self.letter.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<DeadLetter> {
        if self.note.trim().is_empty() {
            return Err(Error::invalid("note", "say why the event may be ignored"));
        }
        let mut letter = open(cx.tx, &cx.scope, self.letter).await?;
        store::close_letter(cx.tx, letter.id, store::DISCARDED, cx.now).await?;
        letter.state = store::DISCARDED.to_owned();
        letter.closed_at = Some(cx.now);
        let summary =
            format!("The event {} from {} was given up: {}", letter.external_id, letter.source, self.note.trim());
        cx.emit("intake.discarded", letter.id, None, summary, &letter);
        Ok(letter)
    }
}

/// List events that could not be rated.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListDeadLetters {
    /// `open`, `replayed` or `discarded`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(flatten)]
    pub page: PageRequest,
}

const LETTERS: Listing = Listing {
    from: "dead_letter",
    select: "*",
    organization: "organization",
    partner: None,
    id: "id",
    sorts: &[("recorded", "recorded_at")],
    newest_first: true,
};

impl Query for ListDeadLetters {
    const NAME: &'static str = "intake.dead_letters";
    const ROUTE: Route = get("/dead-letters");
    type Output = Page<DeadLetter>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<DeadLetter>> {
        super::queries::vendor_only(&cx.scope, Self::NAME)?;
        let filters = vec![
            Filter::Is("state", self.state.map(Value::from)),
            Filter::Is("reason", self.reason.map(Value::from)),
            Filter::Is("source", self.source.map(Value::from)),
        ];
        LETTERS.page(cx.tx, &cx.scope, &self.page, filters, read).await
    }
}

/// Show an event that could not be rated.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetDeadLetter {
    pub letter: DeadLetterId,
}

impl Query for GetDeadLetter {
    const NAME: &'static str = "intake.dead_letter";
    const ROUTE: Route = get("/dead-letters/{letter}");
    type Output = DeadLetter;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("dead_letter", self.letter.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<DeadLetter> {
        find(cx.tx, &cx.scope, self.letter).await
    }
}
