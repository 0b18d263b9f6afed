//! Statements about credentials in the tables `credential_update` and `credential`, and drivers for lists in `driver`.

use kernel::{Filter, Listing, Page, PageRequest, PartnerId, Result, Row, Scope, Timestamp, Tx, Value, params};

use super::held::summary;
use super::statement::{DriverSummary, Statement, Update};
use crate::credentials::{Arrival, CredentialFact};
use crate::sources::Source;
use crate::{CredentialId, UpdateId};

/// A driver has a few credentials from a few sources; more is a mistake of a provider.
const MOST_STATEMENTS: u32 = 200;
/// The viewer of the rows that the vendor sees; a partner's rows carry its id.
const VENDOR: &str = "vendor";

fn read_statement(row: &Row) -> Result<Statement> {
    Ok(Statement {
        update: row.get("last_update")?,
        source: row.get("source")?,
        source_name: row.get("source_name")?,
        partner: row.get("partner")?,
        fact: row.json("fact")?,
        received_at: row.get("received_at")?,
    })
}

/// The statements that hold about a driver, as far as the scope reaches.
pub async fn statements(tx: &mut Tx, scope: &Scope, driver: &str) -> Result<Vec<Statement>> {
    let sql = "SELECT last_update, source, source_name, partner, fact, received_at FROM credential
               WHERE organization = $1 AND driver = $2 AND (partner = $3 OR CAST($3 AS TEXT) IS NULL)
               ORDER BY credential_type, source, attested_by LIMIT $4";
    tx.all(sql, params![scope.organization, driver, scope.partner, MOST_STATEMENTS], read_statement).await
}

/// The statement that holds in the line of `fact`, which is one source's own.
pub async fn held_in_line(
    tx: &mut Tx,
    scope: &Scope,
    source: &Source,
    fact: &CredentialFact,
) -> Result<Option<(CredentialId, CredentialFact)>> {
    let sql = "SELECT id, fact FROM credential WHERE organization = $1 AND driver = $2 AND credential_type = $3
               AND source = $4 AND attested_by = $5";
    let line = params![scope.organization, &fact.subject, &fact.credential_type, source.id, &fact.source];
    tx.one(sql, line, |row| Ok((row.get("id")?, row.json("fact")?))).await
}

/// Records a statement as it arrived.
pub async fn record(tx: &mut Tx, scope: &Scope, partner: Option<PartnerId>, update: &Update) -> Result<()> {
    tx.insert(
        "credential_update",
        &[
            ("id", update.id.into()),
            ("organization", scope.organization.into()),
            ("partner", partner.into()),
            ("source", update.source.into()),
            ("source_name", (&update.source_name).into()),
            ("message", (&update.message).into()),
            ("driver", (&update.fact.subject).into()),
            ("credential_type", (&update.fact.credential_type).into()),
            ("arrival", arrival_text(update.arrival).into()),
            ("fact", serde_json::to_string(&update.fact)?.into()),
            ("received_at", update.received_at.into()),
        ],
    )
    .await
}

/// Lets a statement hold in its line.
pub async fn hold(
    tx: &mut Tx,
    scope: &Scope,
    credential: CredentialId,
    partner: Option<PartnerId>,
    update: &Update,
) -> Result<()> {
    let fact = &update.fact;
    tx.save(
        "credential",
        &[
            ("id", credential.into()),
            ("organization", scope.organization.into()),
            ("partner", partner.into()),
            ("source", update.source.into()),
            ("source_name", (&update.source_name).into()),
            ("driver", (&fact.subject).into()),
            ("credential_type", (&fact.credential_type).into()),
            ("attested_by", (&fact.source).into()),
            ("status", fact.status.as_str().into()),
            ("expires_on", fact.expires_on.map(|day| day.to_string()).into()),
            ("verified_at", fact.verified_at.into()),
            ("fact", serde_json::to_string(fact)?.into()),
            ("last_update", update.id.into()),
            ("received_at", update.received_at.into()),
        ],
    )
    .await
}

/// Makes the lines in the lists anew: the vendor's, and that of the partner who attested.
pub async fn summarize(
    tx: &mut Tx,
    scope: &Scope,
    partner: Option<PartnerId>,
    driver: &str,
    now: Timestamp,
) -> Result<()> {
    let viewers = [Some(None), partner.map(Some)];
    for viewer in viewers.into_iter().flatten() {
        let seen = statements(tx, &Scope { partner: viewer, ..*scope }, driver).await?;
        let Some(line) = summary(driver, &seen, now) else { continue };
        let name = viewer.map_or_else(|| VENDOR.to_owned(), |partner| partner.to_string());
        let sql = "INSERT INTO driver (id, organization, partner, viewer, driver, driver_key, status, credentials,
                       next_expiry, verified_at, updated_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                   ON CONFLICT (id) DO UPDATE SET status = excluded.status, credentials = excluded.credentials,
                       next_expiry = excluded.next_expiry, verified_at = excluded.verified_at,
                       updated_at = excluded.updated_at";
        let columns = params![
            format!("{}/{name}/{driver}", scope.organization),
            scope.organization,
            viewer,
            &name,
            driver,
            driver.to_lowercase(),
            line.status.as_str(),
            line.credentials,
            line.next_expiry.map(|day| day.to_string()),
            line.verified_at,
            line.updated_at,
        ];
        tx.run(sql, columns).await?;
    }
    Ok(())
}

const LISTING: Listing = Listing {
    from: "driver",
    select: "driver, status, credentials, next_expiry, verified_at, updated_at",
    organization: "organization",
    partner: Some("partner"),
    id: "id",
    sorts: &[("updated", "updated_at"), ("driver", "driver"), ("verified", "verified_at"), ("status", "status")],
    newest_first: true,
};

pub async fn list(
    tx: &mut Tx,
    scope: &Scope,
    page: &PageRequest,
    status: Option<Value>,
    text: Option<String>,
) -> Result<Page<DriverSummary>> {
    let viewer = scope.partner.map_or_else(|| VENDOR.to_owned(), |partner| partner.to_string());
    let filters = vec![
        Filter::Is("viewer", Some(viewer.into())),
        Filter::Is("status", status),
        Filter::Contains("driver_key", text),
    ];
    let read = |row: &Row| {
        Ok(DriverSummary {
            driver: row.get("driver")?,
            status: word(row, "status")?,
            credentials: row.get("credentials")?,
            next_expiry: row.get("next_expiry")?,
            verified_at: row.get("verified_at")?,
            updated_at: row.get("updated_at")?,
        })
    };
    LISTING.page(tx, scope, page, filters, read).await
}

/// The last statements about a driver, newest first.
pub async fn updates(tx: &mut Tx, scope: &Scope, driver: &str, limit: u32) -> Result<Vec<Update>> {
    let sql = "SELECT * FROM credential_update WHERE organization = $1 AND driver = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL) ORDER BY received_at DESC, id DESC LIMIT $4";
    let read = |row: &Row| {
        Ok(Update {
            id: row.get("id")?,
            source: row.get("source")?,
            source_name: row.get("source_name")?,
            message: row.get("message")?,
            arrival: word(row, "arrival")?,
            fact: row.json("fact")?,
            received_at: row.get("received_at")?,
            effect_micros: row.get("effect_micros")?,
        })
    };
    tx.all(sql, params![scope.organization, driver, scope.partner, limit], read).await
}

/// Notes how long a statement took to have effect.
pub async fn note_effect(tx: &mut Tx, scope: &Scope, update: UpdateId, micros: i64) -> Result<()> {
    let sql = "UPDATE credential_update SET effect_micros = $1 WHERE organization = $2 AND id = $3";
    tx.write("credential_update", update, sql, params![micros, scope.organization, update]).await?;
    Ok(())
}

/// The measured times from receipt to effect since `from`, shortest first.
pub async fn effects(tx: &mut Tx, scope: &Scope, from: Timestamp, limit: u32) -> Result<Vec<i64>> {
    let sql = "SELECT effect_micros FROM credential_update WHERE organization = $1 AND received_at >= $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL) AND effect_micros IS NOT NULL
               ORDER BY received_at DESC LIMIT $4";
    let params = params![scope.organization, from, scope.partner, limit];
    let mut micros = tx.all(sql, params, |row| row.get::<i64>("effect_micros")).await?;
    micros.sort_unstable();
    Ok(micros)
}

fn arrival_text(arrival: Arrival) -> &'static str {
    match arrival {
        Arrival::Applied => "applied",
        Arrival::TieApplied => "tie_applied",
        Arrival::TieKept => "tie_kept",
        Arrival::Stale => "stale",
        Arrival::Duplicate => "duplicate",
    }
}

/// A word of the domain that a column holds.
fn word<T: serde::de::DeserializeOwned>(row: &Row, column: &str) -> Result<T> {
    Ok(serde_json::from_value(serde_json::Value::String(row.get(column)?))?)
}
