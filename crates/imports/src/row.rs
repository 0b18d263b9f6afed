//! One row: what it says, what it is about, and the operation that it runs, all within the batch of its step.

use std::collections::BTreeMap;

use kernel::db::hex;
use kernel::{Actor, App, Batch, Error, Result, RunOptions, Scope};
use serde_json::{Value as Json, json};

use crate::import::{Outcome, Problem, RowState};
use crate::mapping::{Mapped, Mapping, Rule};
use crate::queries::ImportRow;
use crate::store;
use crate::target::{Target, Texts, target_of};
use crate::value::Shapes;

/// Everything that the rows of an import share.
pub(crate) struct Plan {
    pub target: Target,
    pub mapping: Mapping,
    pub shapes: Shapes,
    pub headers: Vec<String>,
}

impl Plan {
    pub fn of(app: &App, mapping: &str, headers: &[String]) -> Result<Self> {
        let mapping = Mapping::parse(mapping)?;
        let target = target_of(app.registry(), &mapping.target)?;
        let shapes = shapes_of(app, &target)?;
        mapping.check(&shapes, headers)?;
        Ok(Self { target, mapping, shapes, headers: headers.to_vec() })
    }

    /// The column that fills a field, for the words of a refusal.
    fn column(&self, field: &str) -> String {
        let rule = self.mapping.fields.get(field).map(Rule::columns);
        rule.and_then(|columns| columns.first().map(|c| (*c).to_owned())).unwrap_or_else(|| field.to_owned())
    }
}

/// The fields that rows of a target may fill.
pub(crate) fn shapes_of(app: &App, target: &Target) -> Result<Shapes> {
    let declared = |name: &'static str| {
        app.declaration(name).ok_or_else(|| Error::internal(format!("there is no operation `{name}`")))
    };
    let mut declarations = vec![declared(target.create)?];
    let mut without = vec![target.undo.id];
    if let Some(update) = &target.update {
        declarations.push(declared(update.operation)?);
        without.push(update.id);
    }
    // A field that only names the thing to change is no field of a row; one that also creates is.
    let creates = Shapes::of(&declarations[..1], &[]);
    without.retain(|name| !creates.has(name));
    Ok(Shapes::of(&declarations, &without))
}

/// What became of a row.
pub(crate) struct Did {
    pub state: RowState,
    pub subject: Option<String>,
    pub outcome: Outcome,
}

impl Did {
    fn refused(problems: Vec<Problem>, key: String) -> Self {
        Self { state: RowState::Refused, subject: None, outcome: Outcome { problems, key, ..Outcome::default() } }
    }
}

/// Things that earlier rows of the step stand for, by target and key.
pub(crate) type Fresh = BTreeMap<String, String>;

/// Runs a row; only a fault or a lost race is an error.
pub(crate) async fn run(
    batch: &mut Batch,
    actor: &Actor,
    plan: &Plan,
    row: &ImportRow,
    fresh: &mut Fresh,
) -> Result<Did> {
    let (key, mut fields) = match plan.mapping.apply(&plan.shapes, &plan.headers, &row.cells) {
        Mapped::Skipped => {
            return Ok(Did { state: RowState::Skipped, subject: None, outcome: Outcome::default() });
        }
        Mapped::Wrong(problems) => return Ok(Did::refused(problems, String::new())),
        Mapped::Row { key, fields } => (key, fields),
    };
    let key = key.unwrap_or_else(|| digest(&fields));
    let scope = actor.scope();
    for (field, target) in plan.target.references {
        let Some(text) = fields.get(*field).filter(|text| !text.is_empty()).cloned() else { continue };
        match refer(batch, &scope, plan, target, &text).await? {
            Some(id) => {
                fields.insert((*field).to_owned(), id);
            }
            None => {
                let rule = format!("is none of the {target}: import it first, or write its id or exact name");
                return Ok(Did::refused(vec![Problem::new(plan.column(field), text, rule)], key));
            }
        }
    }
    match subject(batch, &scope, plan, &key, &fields, fresh).await? {
        Err(problem) => Ok(Did::refused(vec![problem], key)),
        Ok(Some((id, note))) => {
            fresh.insert(key.clone(), id.clone());
            change(batch, actor, plan, key, fields, id, note).await
        }
        Ok(None) => {
            let did = create(batch, actor, plan, key.clone(), fields).await?;
            if let Some(id) = &did.subject {
                fresh.insert(key, id.clone());
            }
            Ok(did)
        }
    }
}

/// Rows without a key are told apart by what they say.
fn digest(fields: &Texts) -> String {
    use sha2::Digest as _;
    let text = serde_json::to_string(fields).unwrap_or_default();
    format!("row-{}", &hex(&sha2::Sha256::digest(text))[..24])
}

/// The id of a thing of another target: by its id, its key in this source, or what is known about it.
async fn refer(batch: &mut Batch, scope: &Scope, plan: &Plan, target: &str, text: &str) -> Result<Option<String>> {
    let target = target_of(batch.app().registry(), target)?;
    if ui::page_of(text).is_some() && (target.current)(batch.tx(), *scope, text).await?.is_some() {
        return Ok(Some(text.to_owned()));
    }
    if let (Some(id), _) = store::link(batch.tx(), scope, target.key, &plan.mapping.source, text).await? {
        return Ok(Some(id));
    }
    let said = Texts::from([("name".to_owned(), text.to_owned()), ("domain".to_owned(), text.to_owned())]);
    Ok((target.find)(batch.tx(), *scope, &said).await?.map(|found| found.id))
}

type Known = std::result::Result<Option<(String, String)>, Problem>;

/// The thing that the row is about, and why, if there is one.
async fn subject(
    batch: &mut Batch,
    scope: &Scope,
    plan: &Plan,
    key: &str,
    fields: &Texts,
    fresh: &Fresh,
) -> Result<Known> {
    let target = &plan.target;
    if let Some(id) = fields.get("id").filter(|id| !id.is_empty()) {
        if (target.current)(batch.tx(), *scope, id).await?.is_some() {
            return Ok(Ok(Some((id.clone(), String::new()))));
        }
        let rule = format!("is the id of no {}; leave the cell empty to add one", target.thing);
        return Ok(Err(Problem::new(plan.column("id"), id, rule)));
    }
    if let Some(id) = fresh.get(key) {
        return Ok(Ok(Some((id.clone(), "an earlier row has the same key".to_owned()))));
    }
    if let (Some(id), _) = store::link(batch.tx(), scope, target.key, &plan.mapping.source, key).await?
        && (target.current)(batch.tx(), *scope, &id).await?.is_some()
    {
        return Ok(Ok(Some((id, String::new()))));
    }
    let found = (target.find)(batch.tx(), *scope, fields).await?;
    Ok(Ok(found.map(|found| (found.id, found.because))))
}

async fn create(batch: &mut Batch, actor: &Actor, plan: &Plan, key: String, mut fields: Texts) -> Result<Did> {
    fields.remove("id");
    let scope = actor.scope();
    let missing: Vec<Problem> = plan
        .shapes
        .required()
        .into_iter()
        .filter(|field| fields.get(*field).is_none_or(String::is_empty))
        .map(|field| {
            let rule =
                format!("is required for a new {}; fill the cell, or give the field a constant", plan.target.thing);
            Problem::new(plan.column(field), "", rule)
        })
        .collect();
    if !missing.is_empty() {
        return Ok(Did::refused(missing, key));
    }
    let input = input(batch, plan.target.create, &fields, true)?;
    let (_, generation) = store::link(batch.tx(), &scope, plan.target.key, &plan.mapping.source, &key).await?;
    let options = RunOptions {
        idempotency_key: Some(format!("import/{}/{}/{key}/{generation}", plan.target.key, plan.mapping.source)),
        if_match: None,
    };
    match guarded(batch.run_value(actor, plan.target.create, input, options).await, plan)? {
        Err(problems) => Ok(Did::refused(problems, key)),
        Ok(output) => {
            let id = output.pointer(plan.target.id).and_then(Json::as_str).unwrap_or_default().to_owned();
            let after = (plan.target.current)(batch.tx(), scope, &id).await?.unwrap_or_default();
            let outcome = Outcome { key, after, ..Outcome::default() };
            Ok(Did { state: RowState::New, subject: Some(id), outcome })
        }
    }
}

async fn change(
    batch: &mut Batch,
    actor: &Actor,
    plan: &Plan,
    key: String,
    fields: Texts,
    id: String,
    note: String,
) -> Result<Did> {
    let scope = actor.scope();
    let known = (plan.target.current)(batch.tx(), scope, &id).await?.unwrap_or_default();
    let mut differing = Texts::new();
    let (mut before, mut fixed) = (Texts::new(), Vec::new());
    // An empty cell says nothing about what is known.
    for (field, text) in fields.iter().filter(|(field, text)| *field != "id" && !text.is_empty()) {
        let Some(is) = known.get(field) else { continue };
        if (plan.target.same)(field, text, is) {
            continue;
        }
        if plan.target.update.is_some_and(|update| update.fields.contains(&field.as_str())) {
            before.insert(field.clone(), is.clone());
            differing.insert(field.clone(), text.clone());
        } else {
            let rule = format!(
                "differs from what is known, `{is}`: an import cannot change this of a {}; change it there, or take the \
                 column out of the mapping",
                plan.target.thing
            );
            fixed.push(Problem::new(plan.column(field), text, rule));
        }
    }
    if !fixed.is_empty() {
        return Ok(Did::refused(fixed, key));
    }
    let Some(update) = plan.target.update.filter(|_| !differing.is_empty()) else {
        let outcome = Outcome { key, note, ..Outcome::default() };
        return Ok(Did { state: RowState::Unchanged, subject: Some(id), outcome });
    };
    // What records anew takes everything, so what the file does not say is told as it is known.
    let filled = fields.into_iter().filter(|(_, text)| !text.is_empty());
    let sent: Texts =
        if update.operation == plan.target.create { known.into_iter().chain(filled).collect() } else { differing };
    let mut input = input(batch, update.operation, &sent, true)?;
    if update.operation != plan.target.create {
        input[update.id] = json!(id);
    }
    match guarded(batch.run_value(actor, update.operation, input, RunOptions::default()).await, plan)? {
        Err(problems) => Ok(Did::refused(problems, key)),
        Ok(_) => {
            let after = (plan.target.current)(batch.tx(), scope, &id).await?.unwrap_or_default();
            let outcome = Outcome { key, note, before, after, ..Outcome::default() };
            Ok(Did { state: RowState::Changed, subject: Some(id), outcome })
        }
    }
}

/// The input of an operation from texts that it knows; empty ones are left out of new things.
pub(crate) fn input(batch: &Batch, operation: &str, fields: &Texts, drop_empty: bool) -> Result<Json> {
    let app = batch.app();
    let declaration = app.declaration(operation).ok_or_else(|| Error::not_found("operation", operation))?;
    let shapes = Shapes::of(&[declaration], &[]);
    let texts: Vec<(String, String)> = fields
        .iter()
        .filter(|(field, text)| shapes.has(field) && !(drop_empty && text.is_empty()))
        .map(|(field, text)| (field.clone(), text.clone()))
        .collect();
    let mut input = kernel::input::from_texts(&declaration.input, &texts)?;
    if !drop_empty {
        for (field, _) in texts.iter().filter(|(field, text)| text.is_empty() && !field.contains('.')) {
            input[field] = json!("");
        }
    }
    Ok(input)
}

/// A refusal is a finding about the row; a fault and a lost race stop the step.
fn guarded(ran: Result<kernel::app::Outcome>, plan: &Plan) -> Result<std::result::Result<Json, Vec<Problem>>> {
    match ran {
        Ok(outcome) => Ok(Ok(outcome.output)),
        Err(error @ (Error::Lost(_) | Error::Internal(_))) => Err(error),
        Err(Error::Invalid(faults)) => {
            Ok(Err(faults.into_iter().map(|fault| Problem::new(plan.column(&fault.field), "", fault.rule)).collect()))
        }
        Err(error) => Ok(Err(vec![Problem::new("", "", error.to_string())])),
    }
}
