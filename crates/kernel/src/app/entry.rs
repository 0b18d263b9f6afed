//! What a run leaves behind: its decisions and events, the seals of the rows that it wrote, and its entry in the log.

use serde::Serialize;
use serde_json::value::RawValue;

use super::context::Cx;
use super::run::Run;
use crate::actor::Scope;
use crate::db::{Tx, Written};
use crate::error::Result;
use crate::event::EventRecord;
use crate::ids::{DecisionId, EntryId, EventId, OrganizationId, PartnerId};
use crate::params;
use crate::time::Timestamp;

/// Seals per log entry; a run that wrote more gets further entries.
const SEALS_PER_ENTRY: usize = 250;

/// The first entry of a run.
#[derive(Serialize)]
struct Body<'a> {
    entry: EntryId,
    at: Timestamp,
    organization: OrganizationId,
    actor: By<'a>,
    operation: &'a str,
    input: &'a RawValue,
    decisions: Vec<DecisionId>,
    events: Vec<(EventId, &'a str, &'a str, i64)>,
    sealed: Vec<Seal<'a>>,
}

#[derive(Serialize)]
struct By<'a> {
    id: &'a str,
    name: &'a str,
    partner: Option<PartnerId>,
}

/// A further entry of a run that wrote many rows.
#[derive(Serialize)]
struct Continuation<'a> {
    entry: EntryId,
    at: Timestamp,
    organization: OrganizationId,
    operation: &'a str,
    continues: EntryId,
    sealed: Vec<Seal<'a>>,
}

/// Table, column, key and digest.
type Seal<'a> = (&'a str, &'a str, &'a str, &'a str);

fn sealed(seals: &[(Written, String)]) -> Vec<Seal<'_>> {
    seals.iter().map(|(w, digest)| (w.table, w.by, w.key.as_str(), digest.as_str())).collect()
}

/// Stores decisions and events, seals what was written and appends the entry to the log.
pub(super) async fn record(cx: Cx<'_>, run: &Run) -> Result<Vec<EventRecord>> {
    let Cx { tx, now, actor, scope, app, entry, mut events, decisions, terms, .. } = cx;
    for (digest, body) in &terms {
        let sql = "INSERT INTO terms (id, body) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
        tx.run(sql, params![&**digest, &**body]).await?;
    }
    for decision in &decisions {
        crate::log::store_decision(tx, decision).await?;
    }
    number_events(tx, &scope, &mut events).await?;
    for (ordinal, event) in events.iter().enumerate() {
        crate::log::store_event(tx, event, ordinal).await?;
    }
    let seals = tx.seals().await?;
    let (organization, operation, by) = (scope.organization, run.name, actor.reference());
    let input = RawValue::from_string(run.logged.clone())?;
    let mut chunks = seals.chunks(SEALS_PER_ENTRY);
    let body = Body {
        entry,
        at: now,
        organization,
        actor: By { id: &by, name: &actor.name, partner: actor.partner },
        operation,
        input: &input,
        decisions: decisions.iter().map(|d| d.id).collect(),
        events: events.iter().map(|e| (e.id, e.kind.as_str(), e.subject.as_str(), e.number)).collect(),
        sealed: sealed(chunks.next().unwrap_or_default()),
    };
    let text = serde_json::to_string(&body)?;
    crate::log::store_entry(tx, entry, organization, now, operation, &by, &text).await?;
    for chunk in chunks {
        let id = app.new_id(now);
        let body =
            Continuation { entry: id, at: now, organization, operation, continues: entry, sealed: sealed(chunk) };
        let text = serde_json::to_string(&body)?;
        crate::log::store_entry(tx, id, organization, now, operation, &by, &text).await?;
    }
    Ok(events)
}

/// Events are numbered per subject: 1, 2, 3 …
async fn number_events(tx: &mut Tx, scope: &Scope, events: &mut [EventRecord]) -> Result<()> {
    let mut last: Vec<(String, i64)> = Vec::new();
    for event in events {
        let known = last.iter_mut().find(|(subject, _)| *subject == event.subject);
        event.number = match known {
            Some((_, number)) => {
                *number += 1;
                *number
            }
            None => {
                let sql = "SELECT MAX(number) FROM event WHERE organization = $1 AND subject = $2";
                let number = tx.number(sql, params![scope.organization, &event.subject]).await? + 1;
                last.push((event.subject.clone(), number));
                number
            }
        };
    }
    Ok(())
}
