//! The tables of intake.

use std::collections::{HashMap, HashSet};

use kernel::db::{OF_ORGANIZATION, minor};
use kernel::{Money, Result, Scope, Timestamp, Tx, Value, params};
use partners::CustomerId;

use super::event::{Incoming, InvoiceEvent, InvoiceKind, Problem, Short, UsageEvent, revenue_of, revenue_word};
use super::invoices::{Booking, Original};
use super::record::{Arrived, Booked, Ingested, Intake};
use super::{ConflictId, DeadLetterId, InvoiceEventId};
use crate::attribution::Revenue;

/// Ids asked for in one statement.
const AT_ONCE: usize = 500;

pub(crate) const OPEN: &str = "open";
pub(crate) const REPLAYED: &str = "replayed";
pub(crate) const DISCARDED: &str = "discarded";

/// `$2, $3, …` for a statement that asks for [`AT_ONCE`] ids behind the organization.
fn marks() -> String {
    (2..AT_ONCE + 2).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// The organization and ids, filled up with NULL so that the statement is always the same.
fn params_of<'i>(scope: &Scope, ids: impl IntoIterator<Item = &'i String>) -> Vec<Value> {
    let mut params = Vec::with_capacity(AT_ONCE + 2);
    params.push(scope.organization.into());
    params.extend(ids.into_iter().map(Value::from));
    params.resize(AT_ONCE + 1, Value::Null);
    params
}

fn short(bytes: &[u8]) -> Short {
    let mut short = [0; 16];
    short.copy_from_slice(&bytes[..16.min(bytes.len())]);
    short
}

/// Which of these, in the order of their ids, are recorded already, and with which content.
pub(crate) async fn known<E: Booked>(
    tx: &mut Tx,
    scope: &Scope,
    arrived: &[Arrived<E>],
) -> Result<HashMap<String, Short>> {
    let mut asked = arrived;
    if E::ORDERED {
        // Whatever comes behind the newest that is known among their ids is new: mostly all of them.
        let Some(newest) = newest_between(tx, scope, E::TABLE, arrived).await? else { return Ok(HashMap::new()) };
        asked = &arrived[..arrived.partition_point(|a| a.key <= newest)];
    }
    let sql = format!("SELECT id, content_hash FROM {} WHERE {OF_ORGANIZATION} AND id IN ({})", E::TABLE, marks());
    let mut found = HashMap::new();
    for chunk in asked.chunks(AT_ONCE) {
        for row in tx.rows(&sql, &params_of(scope, chunk.iter().map(|a| &a.key))).await? {
            found.insert(row.get("id")?, short(&row.get::<Vec<u8>>("content_hash")?));
        }
    }
    Ok(found)
}

/// The last recorded id from the first of these to the last.
async fn newest_between<E>(
    tx: &mut Tx,
    scope: &Scope,
    table: &'static str,
    arrived: &[Arrived<E>],
) -> Result<Option<String>> {
    let (Some(first), Some(last)) = (arrived.first(), arrived.last()) else { return Ok(None) };
    let sql =
        format!("SELECT id FROM {table} WHERE {OF_ORGANIZATION} AND id >= $2 AND id <= $3 ORDER BY id DESC LIMIT 1");
    tx.one(&sql, params![scope.organization, &first.key, &last.key], |row| row.get("id")).await
}

/// The customers of these events that exist.
pub(crate) async fn known_customers<E: Incoming>(
    tx: &mut Tx,
    scope: &Scope,
    arrived: &[&Arrived<E>],
) -> Result<HashSet<String>> {
    let mut wanted: Vec<&str> = arrived.iter().map(|a| a.event.customer()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let ids: Vec<CustomerId> = wanted.iter().filter_map(|text| text.parse().ok()).collect();
    let known = partners::customers::existing(tx, scope, &ids).await?;
    Ok(known.into_iter().map(|id| id.to_string()).collect())
}

pub(crate) fn with_unknown_customer<E: Incoming>(arrived: &Arrived<E>) -> (&Arrived<E>, Problem) {
    let text = format!(
        "there is no customer `{}`; add it or correct the id, then replay this event",
        arrived.event.customer()
    );
    (arrived, Problem::new("unknown_customer", text))
}

pub(crate) async fn insert_usage(
    tx: &mut Tx,
    scope: &Scope,
    intake: &Intake<'_>,
    events: &[&Arrived<UsageEvent>],
    now: Timestamp,
) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let batch = intake.batch.to_string();
    let organization = scope.organization.to_string();
    let row = |a: &&Arrived<UsageEvent>| {
        vec![
            Value::Text(a.key.clone()),
            Value::Text(organization.clone()),
            Value::Text(batch.clone()),
            Value::from(intake.source),
            Value::from(&a.event.id),
            Value::Bytes(a.content.to_vec()),
            Value::from(&a.event.customer),
            Value::Int(a.event.quantity.micros),
            Value::from(&a.event.unit),
            Value::from(a.event.integration.as_ref()),
            Value::from(a.event.occurred_at),
            Value::from(now),
        ]
    };
    let rows: Vec<Vec<Value>> = events.iter().map(row).collect();
    let columns = [
        "id",
        "organization",
        "batch",
        "source",
        "external_id",
        "content_hash",
        "customer",
        "quantity_micros",
        "unit",
        "integration",
        "occurred_at",
        "recorded_at",
    ];
    tx.insert_many("usage_event", ("batch", &batch), &columns, &rows).await
}

pub(crate) async fn insert_invoices(
    tx: &mut Tx,
    scope: &Scope,
    intake: &Intake<'_>,
    bookings: &[Booking<'_>],
    now: Timestamp,
) -> Result<()> {
    if bookings.is_empty() {
        return Ok(());
    }
    let batch = intake.batch.to_string();
    let row = |booking: &Booking<'_>| {
        let (a, event): (&Arrived<InvoiceEvent>, &InvoiceEvent) = (booking.arrived, &booking.arrived.event);
        vec![
            Value::Text(a.key.clone()),
            Value::from(scope.organization),
            Value::from(&batch),
            Value::from(intake.source),
            Value::from(&event.id),
            Value::Bytes(a.content.to_vec()),
            Value::from(event.kind),
            Value::from(booking.invoice),
            Value::from(revenue_word(booking.revenue)),
            Value::from(&event.customer),
            minor(event.amount),
            Value::from(event.amount.currency),
            Value::from(event.partner.as_ref()),
            Value::from(event.occurred_at),
            Value::from(now),
        ]
    };
    let rows: Vec<Vec<Value>> = bookings.iter().map(row).collect();
    let columns = [
        "id",
        "organization",
        "batch",
        "source",
        "external_id",
        "content_hash",
        "kind",
        "invoice",
        "revenue",
        "customer",
        "amount_minor",
        "currency",
        "partner_hint",
        "occurred_at",
        "recorded_at",
    ];
    tx.insert_many("invoice_event", ("batch", &batch), &columns, &rows).await
}

/// The invoices of those ids, with what was taken back so far.
pub(crate) async fn originals(tx: &mut Tx, scope: &Scope, wanted: &[Short]) -> Result<HashMap<Short, Original>> {
    let mut ids: Vec<String> = wanted.iter().map(|s| InvoiceEventId::from_bytes(*s).to_string()).collect();
    ids.sort_unstable();
    ids.dedup();
    let sql = format!(
        "SELECT i.id, i.customer, i.revenue, i.amount_minor, i.currency, i.occurred_at,
                CAST(COALESCE((SELECT SUM(r.amount_minor) FROM invoice_event r
                               WHERE r.invoice = i.id AND r.kind IN ('refund', 'chargeback')), 0) AS BIGINT) AS reversed
         FROM invoice_event i WHERE i.{OF_ORGANIZATION} AND i.kind = 'invoice' AND i.id IN ({})",
        marks()
    );
    let mut found = HashMap::new();
    for chunk in ids.chunks(AT_ONCE) {
        for row in tx.rows(&sql, &params_of(scope, chunk)).await? {
            let id: InvoiceEventId = row.get("id")?;
            let original = Original {
                id,
                customer: row.get("customer")?,
                revenue: revenue_of(&row.get::<String>("revenue")?)?,
                amount: Money::new(row.get("amount_minor")?, row.get("currency")?),
                occurred_at: row.get("occurred_at")?,
                reversed_minor: row.get("reversed")?,
            };
            found.insert(id.bytes(), original);
        }
    }
    Ok(found)
}

/// Dead letters that wait under the ids of these events, with their content.
pub(crate) async fn open_letters<E: Booked>(
    tx: &mut Tx,
    scope: &Scope,
    source: &str,
    fresh: &[&Arrived<E>],
    flawed: &[(&Arrived<E>, Problem)],
) -> Result<HashMap<Short, Short>> {
    let any =
        "SELECT COUNT(*) FROM (SELECT id FROM dead_letter WHERE organization = $1 AND state = 'open' LIMIT 1) AS one";
    if tx.number(any, params![scope.organization]).await? == 0 {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT id, content_hash FROM dead_letter WHERE {OF_ORGANIZATION} AND state || '' = 'open' AND source = ${} AND id IN ({})",
        AT_ONCE + 2,
        marks()
    );
    let all = fresh.iter().copied().chain(flawed.iter().map(|(arrived, _)| *arrived));
    let ids: Vec<String> = all.map(|a| DeadLetterId::from_bytes(a.short).to_string()).collect();
    let mut found = HashMap::new();
    for chunk in ids.chunks(AT_ONCE) {
        let mut params = params_of(scope, chunk);
        params.push(source.into());
        for row in tx.rows(&sql, &params).await? {
            let id: DeadLetterId = row.get("id")?;
            found.insert(id.bytes(), short(&row.get::<Vec<u8>>("content_hash")?));
        }
    }
    Ok(found)
}

pub(crate) async fn keep_letter<E: Booked>(
    tx: &mut Tx,
    scope: &Scope,
    intake: &Intake<'_>,
    id: DeadLetterId,
    arrived: &Arrived<E>,
    problem: &Problem,
    now: Timestamp,
) -> Result<()> {
    tx.save(
        "dead_letter",
        &[
            ("id", id.into()),
            ("organization", scope.organization.into()),
            ("batch", intake.batch.into()),
            ("kind", E::KIND.into()),
            ("source", intake.source.into()),
            ("external_id", arrived.event.external_id().into()),
            ("content", serde_json::to_string(&arrived.event)?.into()),
            ("content_hash", Value::Bytes(arrived.content.to_vec())),
            ("reason", problem.code.into()),
            ("detail", (&problem.text).into()),
            ("state", OPEN.into()),
            ("recorded_at", now.into()),
            ("closed_at", Value::Null),
        ],
    )
    .await
}

pub(crate) async fn close_letter(tx: &mut Tx, id: DeadLetterId, state: &str, now: Timestamp) -> Result<()> {
    tx.update("dead_letter", &[("id", id.into()), ("state", state.into()), ("closed_at", now.into())]).await
}

/// Keeps a conflict; the same one again says nothing new.
pub(crate) async fn keep_conflict<E: Booked>(
    tx: &mut Tx,
    scope: &Scope,
    intake: &Intake<'_>,
    id: ConflictId,
    arrived: &Arrived<E>,
    now: Timestamp,
) -> Result<()> {
    let sql = "SELECT COUNT(*) FROM intake_conflict WHERE organization = $1 AND id = $2";
    if tx.number(sql, params![scope.organization, id]).await? > 0 {
        return Ok(());
    }
    tx.insert(
        "intake_conflict",
        &[
            ("id", id.into()),
            ("organization", scope.organization.into()),
            ("batch", intake.batch.into()),
            ("kind", E::KIND.into()),
            ("source", intake.source.into()),
            ("external_id", arrived.event.external_id().into()),
            ("event", (&arrived.key).into()),
            ("content", serde_json::to_string(&arrived.event)?.into()),
            ("recorded_at", now.into()),
        ],
    )
    .await
}

pub(crate) async fn insert_batch(
    tx: &mut Tx,
    scope: &Scope,
    kind: &str,
    source: &str,
    report: &Ingested,
    span: Option<(Timestamp, Timestamp)>,
    now: Timestamp,
) -> Result<()> {
    tx.insert(
        "intake_batch",
        &[
            ("id", report.batch.into()),
            ("organization", scope.organization.into()),
            ("source", source.into()),
            ("kind", kind.into()),
            ("received", report.received.into()),
            ("recorded", report.recorded.into()),
            ("duplicates", report.duplicates.into()),
            ("conflicts", report.conflicts.into()),
            ("dead_letters", report.dead_letters.into()),
            ("first_occurred_at", span.map(|(first, _)| first).into()),
            ("last_occurred_at", span.map(|(_, last)| last).into()),
            ("recorded_at", now.into()),
        ],
    )
    .await
}

/// Refuses partners where only the vendor may write.
pub(crate) fn vendor_writes(cx: &kernel::Cx<'_>, permission: &str) -> Result<()> {
    super::queries::vendor_only(&cx.scope, permission)
}

/// An invoice and what takes it back, as attribution looks at them.
pub(crate) async fn revenue(tx: &mut Tx, scope: &Scope, invoice: InvoiceEventId) -> Result<Option<Vec<Revenue>>> {
    let sql = "SELECT id, kind, invoice, customer, partner_hint, occurred_at FROM invoice_event
               WHERE organization = $1 AND (id = $2 OR invoice = $2) AND kind <> 'payment' ORDER BY id";
    let found = tx
        .all(sql, params![scope.organization, invoice], |row| {
            Ok(Revenue {
                event: row.get("id")?,
                customer: row.get("customer")?,
                kind: row.get("kind")?,
                reverses: row.get("invoice")?,
                occurred_at: row.get("occurred_at")?,
                hint: row.get::<Option<String>>("partner_hint")?.and_then(|text| text.parse().ok()),
            })
        })
        .await?;
    Ok(found.iter().any(|r| r.event == invoice && r.kind == InvoiceKind::Invoice).then_some(found))
}
