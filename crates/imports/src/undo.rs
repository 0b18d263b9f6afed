//! Taking an import back: first what stands in the way, row by row, then each row in the words of its domain.

use kernel::{Actor, Batch, Cx, Error, Reason, Registry, Result, RunOptions, Scope, Tx};
use serde_json::json;

use crate::import::{Import, Outcome, RowState};
use crate::operations::{Advance, RowDone};
use crate::queries::ImportRow;
use crate::row::{Plan, input};
use crate::store;
use crate::target::Dependent;

/// Obstacles that are listed; more are not looked for.
const MOST_LISTED: usize = 50;
/// Rows read at once.
const PAGE: u32 = 500;

/// What depends on a thing of a target, in sentences.
pub async fn in_the_way(tx: &mut Tx, registry: &Registry, scope: Scope, target: &str, id: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for dependent in registry.parts::<Dependent>().iter().filter(|dependent| dependent.target == target) {
        found.extend((dependent.find)(tx, scope, id).await?);
    }
    Ok(found)
}

/// Why a row cannot be undone now.
async fn obstacle(tx: &mut Tx, registry: &Registry, scope: Scope, plan: &Plan, row: &ImportRow) -> Result<Vec<String>> {
    let Some(id) = &row.subject else { return Ok(Vec::new()) };
    let now = (plan.target.current)(tx, scope, id).await?;
    let Some(now) = now else {
        return Ok(vec![format!("the {} is not there any more", plan.target.thing)]);
    };
    let changed: Vec<String> = row
        .outcome
        .after
        .iter()
        .filter(|(field, after)| now.get(*field).is_some_and(|is| is != *after))
        .map(|(field, after)| {
            format!("`{field}` was changed since, from `{after}` to `{}`", now.get(field).cloned().unwrap_or_default())
        })
        .collect();
    if !changed.is_empty() || row.state != RowState::New {
        return Ok(changed);
    }
    in_the_way(tx, registry, scope, plan.target.key, id).await
}

/// Everything that stands in the way of an undo.
pub(crate) async fn obstacles(cx: &mut Cx<'_>, plan: &Plan, import: &Import) -> Result<Vec<Reason>> {
    let scope = cx.scope;
    let mut reasons = Vec::new();
    let mut before = import.rows + 1;
    while reasons.len() < MOST_LISTED {
        let rows = store::written_before(cx.tx, &scope, import.id, before, PAGE).await?;
        let Some(last) = rows.last() else { break };
        before = last.number;
        for row in &rows {
            for sentence in obstacle(cx.tx, cx.app.registry(), scope, plan, row).await? {
                let subject = row.subject.clone().unwrap_or_default();
                reasons.push(Reason::new("in_use", format!("line {}, {subject}: {sentence}", row.line)));
            }
        }
    }
    reasons.truncate(MOST_LISTED);
    Ok(reasons)
}

/// Takes back some rows, the last first.
pub(crate) async fn rows(
    batch: &mut Batch,
    actor: &Actor,
    plan: &Plan,
    import: &Import,
    limit: u32,
) -> Result<Advance> {
    let scope = actor.scope();
    let rows = store::written_before(batch.tx(), &scope, import.id, import.position, limit).await?;
    let mut done = Vec::with_capacity(rows.len());
    for row in &rows {
        let app = batch.app().clone();
        let obstacles = obstacle(batch.tx(), app.registry(), scope, plan, row).await?;
        let kept =
            if obstacles.is_empty() { take_back(batch, actor, plan, row).await? } else { Some(obstacles.join("; ")) };
        let state = if kept.is_some() { RowState::Kept } else { RowState::Undone };
        let outcome = Outcome { note: kept.unwrap_or_default(), ..row.outcome.clone() };
        done.push(RowDone { number: row.number, state, subject: row.subject.clone(), outcome });
    }
    let position = rows.last().map_or(0, |row| row.number);
    let finished = (rows.len() as u64) < u64::from(limit);
    Ok(Advance { import: import.id, from: import.state, position, rows: done, finished, refused: false })
}

/// Runs the inverse; returns why it was refused, if it was.
async fn take_back(batch: &mut Batch, actor: &Actor, plan: &Plan, row: &ImportRow) -> Result<Option<String>> {
    let id = row.subject.clone().unwrap_or_default();
    let (operation, input) = match (&plan.target.update, row.state) {
        (Some(update), RowState::Changed) => {
            let mut fields = row.outcome.before.clone();
            if update.operation == plan.target.create {
                // What records anew takes everything: what is known, with what was there before.
                let now = (plan.target.current)(batch.tx(), actor.scope(), &id).await?.unwrap_or_default();
                fields = now.into_iter().chain(fields).collect();
                (update.operation, input(batch, update.operation, &fields, true)?)
            } else {
                let mut input = input(batch, update.operation, &fields, false)?;
                input[update.id] = json!(id);
                (update.operation, input)
            }
        }
        _ => {
            let mut input = (plan.target.undo.fixed)();
            input[plan.target.undo.id] = json!(id);
            (plan.target.undo.operation, input)
        }
    };
    match batch.run_value(actor, operation, input, RunOptions::default()).await {
        Ok(_) => Ok(None),
        Err(error @ (Error::Lost(_) | Error::Internal(_))) => Err(error),
        Err(error) => Ok(Some(error.to_string())),
    }
}
