//! The work itself: some rows at a time, each step in one transaction, on whichever node comes first.

use kernel::{Actor, App, Error, Result};

use crate::import::{Import, State};
use crate::operations::{Advance, RowDone};
use crate::row::{self, Fresh, Plan};
use crate::{ImportId, store, undo};

/// Rows of one step.
const AT_ONCE: u32 = 100;
/// Rows of an import that is all or nothing, which is one transaction.
pub(crate) const MOST_TOGETHER: u64 = 2_000;
/// Times that a step which lost a race is tried again at once.
const ATTEMPTS: u32 = 10;

/// Does some work for every import that has any; returns whether there was some.
pub async fn tick(app: &App, system: &Actor) -> Result<bool> {
    let mut tx = app.db().read().await?;
    let waiting = store::at_work(&mut tx, &system.scope()).await?;
    tx.rollback().await?;
    let mut worked = false;
    for id in waiting {
        match step(app, system, id).await {
            Ok(more) => worked |= more,
            // The others go on; this one is tried again at the next tick.
            Err(error) => tracing::error!(import = %id, %error, "an import could not go on"),
        }
    }
    Ok(worked)
}

/// Deals with the next rows of an import; returns whether it is still at work.
pub async fn step(app: &App, system: &Actor, id: ImportId) -> Result<bool> {
    let mut attempt = 1;
    loop {
        match once(app, system, id).await {
            Err(Error::Lost(why)) if attempt < ATTEMPTS => {
                tracing::debug!(import = %id, attempt, why, "a step lost a race, trying again");
                attempt += 1;
            }
            other => return other,
        }
    }
}

async fn once(app: &App, system: &Actor, id: ImportId) -> Result<bool> {
    let mut batch = app.batch().await?;
    let import = store::get(batch.tx(), &system.scope(), id).await?;
    if !import.state.is_at_work() {
        batch.rollback().await?;
        return Ok(false);
    }
    let actor = store::behalf(batch.tx(), &system.scope(), id).await?.actor(system.organization);
    let plan = Plan::of(app, &import.mapping, &import.headers)?;
    if import.state == State::Undoing {
        let advance = undo::rows(&mut batch, &actor, &plan, &import, AT_ONCE).await?;
        let more = !advance.finished;
        batch.run(system, advance).await?;
        batch.commit().await?;
        return Ok(more);
    }
    let together = import.all_or_nothing;
    let limit = if together { u32::try_from(MOST_TOGETHER).unwrap_or(AT_ONCE) } else { AT_ONCE };
    let rows = store::rows_after(batch.tx(), &system.scope(), id, import.position, limit).await?;
    let mut fresh = Fresh::new();
    let mut done = Vec::with_capacity(rows.len());
    for row in &rows {
        let did = row::run(&mut batch, &actor, &plan, row, &mut fresh).await?;
        done.push(RowDone { number: row.number, state: did.state, subject: did.subject, outcome: did.outcome });
    }
    let reached = rows.last().map_or(import.rows, |row| row.number);
    let any_refused = done.iter().any(|row| row.state == crate::RowState::Refused);
    let finished = reached >= import.rows;
    let mut advance =
        Advance { import: id, from: import.state, position: reached, rows: done, finished, refused: false };
    if import.state == State::Checking || (together && any_refused) {
        // A trial leaves nothing behind but its report.
        batch.rollback().await?;
        advance.refused = import.state == State::Running;
        return report(app, system, &import, advance).await;
    }
    batch.run(system, advance).await?;
    batch.commit().await?;
    Ok(!finished)
}

/// Writes down what a trial found, unless the import has moved on meanwhile.
async fn report(app: &App, system: &Actor, import: &Import, advance: Advance) -> Result<bool> {
    let more = !advance.finished;
    let mut batch = app.batch().await?;
    let now = store::get(batch.tx(), &system.scope(), import.id).await?;
    if (now.state, now.position) != (import.state, import.position) {
        batch.rollback().await?;
        return Ok(now.state.is_at_work());
    }
    batch.run(system, advance).await?;
    batch.commit().await?;
    Ok(more)
}
