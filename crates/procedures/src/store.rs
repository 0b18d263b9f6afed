//! Runs in `procedure_run` and evidence in `procedure_evidence`.

use kernel::{Error, Filter, Listing, Page, PageRequest, Result, Row, Scope, Tx, params};

use crate::evidence::Given;
use crate::run::Run;
use crate::{EvidenceId, RunId};

impl Run {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            partner: row.get("partner")?,
            procedure: row.get("procedure")?,
            title: row.get("title")?,
            subject: row.get("subject")?,
            about: row.get("about")?,
            law: row.get("law")?,
            state: row.get("state")?,
            stage: row.get("stage")?,
            stage_since: row.get("stage_since")?,
            due_at: row.get("due_at")?,
            completed: row.json("completed")?,
            started_at: row.get("started_at")?,
            ended_at: row.get("ended_at")?,
            definition: row.json("definition")?,
        })
    }
}

pub(crate) async fn save(tx: &mut Tx, scope: &Scope, run: &Run) -> Result<()> {
    tx.save(
        "procedure_run",
        &[
            ("id", run.id.into()),
            ("organization", scope.organization.into()),
            ("partner", run.partner.into()),
            ("procedure", (&run.procedure).into()),
            ("title", (&run.title).into()),
            ("subject", (&run.subject).into()),
            ("about", (&run.about).into()),
            ("law", (&run.law).into()),
            ("definition", serde_json::to_string(&run.definition)?.into()),
            ("state", run.state.into()),
            ("stage", (&run.stage).into()),
            ("stage_since", run.stage_since.into()),
            ("due_at", run.due_at.into()),
            ("completed", serde_json::to_string(&run.completed)?.into()),
            ("started_at", run.started_at.into()),
            ("ended_at", run.ended_at.into()),
        ],
    )
    .await
}

pub(crate) async fn get(tx: &mut Tx, scope: &Scope, run: RunId) -> Result<Run> {
    let sql = "SELECT * FROM procedure_run WHERE id = $1 AND organization = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL)";
    let found = tx.one(sql, params![run, scope.organization, scope.partner], Run::read).await?;
    found.ok_or_else(|| Error::not_found("run", run))
}

/// The latest runs about a thing, newest first.
pub async fn of_subject(tx: &mut Tx, scope: &Scope, subject: &str) -> Result<Vec<Run>> {
    let sql = "SELECT * FROM procedure_run WHERE organization = $1 AND subject = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL) ORDER BY started_at DESC, id DESC LIMIT 50";
    tx.all(sql, params![scope.organization, subject, scope.partner], Run::read).await
}

/// The latest run about a thing.
pub async fn for_subject(tx: &mut Tx, scope: &Scope, subject: &str) -> Result<Option<Run>> {
    let sql = "SELECT * FROM procedure_run WHERE organization = $1 AND subject = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL) ORDER BY started_at DESC, id DESC LIMIT 1";
    tx.one(sql, params![scope.organization, subject, scope.partner], Run::read).await
}

/// Whether a thing goes through that procedure now.
pub(crate) async fn is_running(tx: &mut Tx, scope: &Scope, procedure: &str, subject: &str) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM procedure_run WHERE organization = $1 AND procedure = $2 AND subject = $3
               AND state IN ('running', 'held')";
    Ok(tx.number(sql, params![scope.organization, procedure, subject]).await? > 0)
}

/// Whether a thing went through that procedure, or does now.
pub(crate) async fn was_started(tx: &mut Tx, scope: &Scope, procedure: &str, subject: &str) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM procedure_run WHERE organization = $1 AND subject = $3 AND procedure = $2";
    Ok(tx.number(sql, params![scope.organization, procedure, subject]).await? > 0)
}

/// The latest run of one procedure about a thing.
pub async fn latest(tx: &mut Tx, scope: &Scope, procedure: &str, subject: &str) -> Result<Option<Run>> {
    let sql = "SELECT * FROM procedure_run WHERE organization = $1 AND subject = $2 AND procedure = $4
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL) ORDER BY started_at DESC, id DESC LIMIT 1";
    tx.one(sql, params![scope.organization, subject, scope.partner, procedure], Run::read).await
}

const LISTING: Listing = Listing {
    from: "procedure_run",
    select: "*",
    organization: "organization",
    partner: Some("partner"),
    id: "id",
    sorts: &[("started_at", "started_at"), ("about", "about"), ("stage_since", "stage_since")],
    newest_first: true,
};

pub(crate) async fn page(tx: &mut Tx, scope: &Scope, request: &PageRequest, filters: Vec<Filter>) -> Result<Page<Run>> {
    LISTING.page(tx, scope, request, filters, Run::read).await
}

fn read_given(row: &Row) -> Result<Given> {
    Ok(Given {
        id: Some(row.get::<EvidenceId>("id")?),
        stage: row.get("stage")?,
        evidence: row.get("evidence")?,
        value: row.get("value")?,
        by: row.get("given_by")?,
        by_name: row.get("given_by_name")?,
        at: row.get("given_at")?,
    })
}

/// Everything that was given for a run.
pub(crate) async fn given(tx: &mut Tx, scope: &Scope, run: RunId) -> Result<Vec<Given>> {
    let sql = "SELECT * FROM procedure_evidence WHERE organization = $1 AND run = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL) ORDER BY given_at, id";
    tx.all(sql, params![scope.organization, run, scope.partner], read_given).await
}

pub(crate) async fn save_given(tx: &mut Tx, scope: &Scope, run: &Run, id: EvidenceId, given: &Given) -> Result<()> {
    tx.save(
        "procedure_evidence",
        &[
            ("id", id.into()),
            ("organization", scope.organization.into()),
            ("partner", run.partner.into()),
            ("run", run.id.into()),
            ("stage", (&given.stage).into()),
            ("evidence", (&given.evidence).into()),
            ("value", (&given.value).into()),
            ("given_by", (&given.by).into()),
            ("given_by_name", (&given.by_name).into()),
            ("given_at", given.at.into()),
        ],
    )
    .await
}
