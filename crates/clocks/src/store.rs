//! Clocks in the table `clock`.

use kernel::{Filter, Listing, Page, PageRequest, Result, Row, Scope, Timestamp, Tx, Value, params};

use crate::ClockId;
use crate::clock::Clock;

impl Clock {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            kind: row.get("kind")?,
            subject: row.get("subject")?,
            partner: row.get("partner")?,
            title: row.get("title")?,
            state: row.get("state")?,
            started_at: row.get("started_at")?,
            due_at: row.get("due_at")?,
            warn_at: row.json("warn_at")?,
            next_at: row.get("next_at")?,
            paused_at: row.get("paused_at")?,
            ended_at: row.get("ended_at")?,
            on_lapse: row.get("on_lapse")?,
            on_warn: row.get("on_warn")?,
            attempts: row.get("attempts")?,
            input: row.json("input")?,
        })
    }
}

pub(crate) async fn save(tx: &mut Tx, scope: &Scope, clock: &Clock) -> Result<()> {
    tx.save(
        "clock",
        &[
            ("id", clock.id.into()),
            ("organization", scope.organization.into()),
            ("kind", (&clock.kind).into()),
            ("subject", (&clock.subject).into()),
            ("partner", clock.partner.into()),
            ("title", (&clock.title).into()),
            ("state", clock.state.into()),
            ("started_at", clock.started_at.into()),
            ("due_at", clock.due_at.into()),
            ("warn_at", serde_json::to_string(&clock.warn_at)?.into()),
            ("next_at", clock.next_at.into()),
            ("paused_at", clock.paused_at.into()),
            ("ended_at", clock.ended_at.into()),
            ("on_lapse", (&clock.on_lapse).into()),
            ("on_warn", clock.on_warn.as_ref().into()),
            ("input", clock.input.to_string().into()),
            ("attempts", clock.attempts.into()),
        ],
    )
    .await
}

pub(crate) async fn get(tx: &mut Tx, scope: &Scope, clock: ClockId) -> Result<Option<Clock>> {
    let sql = "SELECT * FROM clock WHERE id = $1 AND organization = $2 AND (partner = $3 OR CAST($3 AS TEXT) IS NULL)";
    tx.one(sql, params![clock, scope.organization, scope.partner], Clock::read).await
}

/// The running or paused clock of that kind on a thing.
pub(crate) async fn live(tx: &mut Tx, scope: &Scope, kind: &str, subject: &str) -> Result<Option<Clock>> {
    let sql = "SELECT * FROM clock WHERE organization = $1 AND kind = $2 AND subject = $3
               AND state IN ('running', 'paused') AND (partner = $4 OR CAST($4 AS TEXT) IS NULL)";
    tx.one(sql, params![scope.organization, kind, subject, scope.partner], Clock::read).await
}

/// The running and paused clocks of a thing, soonest first.
pub async fn of(tx: &mut Tx, scope: &Scope, subject: &str) -> Result<Vec<Clock>> {
    let sql = "SELECT * FROM clock WHERE organization = $1 AND subject = $2 AND state IN ('running', 'paused')
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL) ORDER BY due_at";
    tx.all(sql, params![scope.organization, subject, scope.partner], Clock::read).await
}

pub(crate) const DUE: &str =
    "SELECT next_at, id FROM clock WHERE organization = $1 AND state = 'running' AND next_at <= $2
     AND (next_at, id) > ($3, $4) ORDER BY next_at, id LIMIT $5";

/// A page of the clocks that have something to do at `now`, earliest first, behind the last one of the page before.
pub async fn due(
    tx: &mut Tx,
    scope: &Scope,
    now: Timestamp,
    after: Option<(Timestamp, ClockId)>,
    limit: u32,
) -> Result<Vec<(Timestamp, ClockId)>> {
    let (at, id) = after.map_or((i64::MIN, String::new()), |(at, id)| (at.micros(), id.to_string()));
    tx.all(DUE, params![scope.organization, now, at, id, limit], |row| Ok((row.get("next_at")?, row.get("id")?))).await
}

const LISTING: Listing = Listing {
    from: "clock",
    select: "*",
    organization: "organization",
    partner: Some("partner"),
    id: "id",
    sorts: &[("due_at", "due_at"), ("started_at", "started_at"), ("title", "title")],
    newest_first: false,
};

pub(crate) async fn page(
    tx: &mut Tx,
    scope: &Scope,
    request: &PageRequest,
    filters: Vec<Filter>,
) -> Result<Page<Clock>> {
    LISTING.page(tx, scope, request, filters, Clock::read).await
}

/// Filters of [`page`].
pub(crate) fn filters(
    state: Option<Value>,
    kind: Option<Value>,
    subject: Option<Value>,
    before: Option<Timestamp>,
) -> Vec<Filter> {
    vec![
        Filter::Is("state", state),
        Filter::Is("kind", kind),
        Filter::Is("subject", subject),
        Filter::Before("due_at", before.map(Value::from)),
    ]
}
