//! Running the checks, and what people decide about findings.

use std::collections::BTreeMap;

use kernel::{Access, Cx, Error, Operation, Result, Route, Timestamp, post, put};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::Check;
use crate::finding::{Disposition, Finding, Seen};
use crate::{FindingId, store};

/// Letters of the name of an owner.
const LONGEST_OWNER: usize = 120;

/// What a run of the checks changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunReport {
    /// Checks that were run.
    pub checks: usize,
    /// Findings that were not there before.
    pub found: usize,
    /// Findings that are open again.
    pub reopened: usize,
    /// Findings that are gone.
    pub resolved: usize,
    /// Checks that found more than can be followed; nothing of them was resolved.
    pub overflowing: Vec<String>,
}

/// Run every check: note what is new, resolve what is gone.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct RunChecks {}

impl Operation for RunChecks {
    const NAME: &'static str = "findings.run";
    const ROUTE: Route = post("/findings/runs");
    const ACCESS: Access = Access::Open;
    type Output = RunReport;

    async fn run(self, cx: &mut Cx<'_>) -> Result<RunReport> {
        let mut report = RunReport::default();
        for check in cx.app.registry().parts::<Check>() {
            run_check(cx, &check, &mut report).await?;
            report.checks += 1;
        }
        Ok(report)
    }
}

async fn run_check(cx: &mut Cx<'_>, check: &Check, report: &mut RunReport) -> Result<()> {
    let known = store::unresolved(cx.tx, &cx.scope, check.key).await?;
    let mut known: BTreeMap<String, Finding> = known.into_iter().map(|f| (f.subject.clone(), f)).collect();
    let (found, complete) = check.find(cx.tx, cx.scope.organization, cx.now).await?;
    for row in found {
        let before = match known.remove(&row.subject) {
            Some(finding) => Some(finding),
            None => store::about(cx.tx, &cx.scope, check.key, &row.subject).await?,
        };
        let Some(mut finding) = before else {
            let finding = Finding::new(cx.id(), check, row, cx.now);
            store::save(cx.tx, &cx.scope, &finding).await?;
            cx.emit("finding.found", finding.id, None, format!("Found: {}", finding.title), &finding);
            report.found += 1;
            continue;
        };
        match finding.seen(check, row, cx.now) {
            Seen::Unchanged => {}
            Seen::Changed => store::save(cx.tx, &cx.scope, &finding).await?,
            Seen::Reopened(why) => {
                store::save(cx.tx, &cx.scope, &finding).await?;
                cx.emit("finding.reopened", finding.id, None, format!("Open again: {why}"), &finding);
                report.reopened += 1;
            }
        }
    }
    if !complete {
        report.overflowing.push(check.key.to_owned());
        return Ok(());
    }
    for mut finding in known.into_values() {
        finding.vanished(cx.now);
        store::save(cx.tx, &cx.scope, &finding).await?;
        cx.emit("finding.resolved", finding.id, None, "Resolved: the check no longer finds it", &finding);
        report.resolved += 1;
    }
    Ok(())
}

/// Decide about a finding: accept it until a date, reopen it or resolve it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DisposeFinding {
    pub finding: FindingId,
    pub disposition: Disposition,
    /// Why, in a sentence.
    pub note: String,
    /// When an accepted finding opens again; at most a year ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Operation for DisposeFinding {
    const NAME: &'static str = "findings.dispose";
    const ROUTE: Route = post("/findings/{finding}/dispositions");
    type Output = Finding;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("finding", self.finding.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Finding> {
        let mut finding = store::get(cx.tx, &cx.scope, self.finding).await?;
        finding.dispose(self.disposition, &self.note, self.until, cx.now)?;
        finding.disposed_by = Some(cx.actor.name.clone());
        store::save(cx.tx, &cx.scope, &finding).await?;
        let note = finding.note.as_deref().unwrap_or_default();
        let (kind, summary) = match self.disposition {
            Disposition::Accept => ("finding.accepted", format!("Accepted for a time: {note}")),
            Disposition::Reopen => ("finding.reopened", format!("Open again: {note}")),
            Disposition::Resolve => ("finding.resolved", format!("Resolved: {note}")),
        };
        cx.emit(kind, finding.id, None, summary, &finding);
        Ok(finding)
    }
}

/// Give a finding an owner.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AssignFinding {
    pub finding: FindingId,
    /// The person or team that looks after it.
    pub owner: String,
}

impl Operation for AssignFinding {
    const NAME: &'static str = "findings.assign";
    const ROUTE: Route = put("/findings/{finding}/owner");
    type Output = Finding;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("finding", self.finding.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Finding> {
        let owner = self.owner.trim();
        if owner.is_empty() || owner.chars().count() > LONGEST_OWNER {
            let rule = format!("name a person or team in 1 to {LONGEST_OWNER} letters");
            return Err(Error::invalid("owner", rule));
        }
        let mut finding = store::get(cx.tx, &cx.scope, self.finding).await?;
        finding.owner = Some(owner.to_owned());
        store::save(cx.tx, &cx.scope, &finding).await?;
        cx.emit("finding.assigned", finding.id, None, format!("Now looked after by {owner}"), &finding);
        Ok(finding)
    }
}
