//! Decisions of the gate in the tables `gate_decision` and `gate_firing`, which are counted; everything that they rest on
//! stands in the kernel's `decision`.

use kernel::{DecisionId, Filter, Listing, Page, PageRequest, Result, Row, Scope, Timestamp, Tx, Value, params};

use super::evaluate::word;
use super::overview::{PolicyCount, Totals};
use super::queries::RecordedDecision;
use super::rule::AssignmentFacts;
use crate::FiringId;
use crate::policy::{Answer, Dispatch, Mode};

const DECISION: [&str; 14] = [
    "id",
    "organization",
    "batch",
    "driver",
    "order_id",
    "segment",
    "answer",
    "would_deny",
    "overridden",
    "policies",
    "law",
    "asked_by",
    "latency_micros",
    "decided_at",
];
const FIRING: [&str; 9] =
    ["id", "organization", "batch", "decision", "driver", "policy", "mode", "overridden", "decided_at"];

/// A decision to be counted.
pub(super) struct Line<'d> {
    pub id: DecisionId,
    pub facts: &'d AssignmentFacts,
    pub outcome: Dispatch,
    pub overridden: bool,
    pub law: &'d str,
    pub latency_micros: i64,
}

/// Writes the lines of one transaction, each with an id for every policy that fired.
pub(super) async fn insert(
    tx: &mut Tx,
    scope: &Scope,
    batch: &str,
    lines: &[Line<'_>],
    mut id: impl FnMut() -> FiringId,
) -> Result<()> {
    let mut decisions: Vec<Vec<Value>> = Vec::with_capacity(lines.len());
    let mut firings: Vec<Vec<Value>> = Vec::new();
    for line in lines {
        let question = &line.facts.question;
        let mut policies: Vec<&str> = Vec::new();
        for fired in &line.outcome.fired {
            if policies.contains(&fired.policy.as_str()) {
                continue;
            }
            policies.push(&fired.policy);
            let passed = line.overridden && line.facts.overrides.iter().any(|granted| granted.policy == fired.policy);
            firings.push(vec![
                id().into(),
                scope.organization.into(),
                batch.into(),
                line.id.into(),
                (&question.driver).into(),
                (&fired.policy).into(),
                fired.mode.as_str().into(),
                passed.into(),
                question.now.into(),
            ]);
        }
        decisions.push(vec![
            line.id.into(),
            scope.organization.into(),
            batch.into(),
            (&question.driver).into(),
            (&question.order.id).into(),
            (&question.order.segment).into(),
            word(line.outcome.answer).into(),
            line.outcome.would_deny.into(),
            line.overridden.into(),
            policies.join(", ").into(),
            line.law.into(),
            (&line.facts.asked_by).into(),
            line.latency_micros.into(),
            question.now.into(),
        ]);
    }
    write(tx, "gate_decision", batch, &DECISION, decisions).await?;
    write(tx, "gate_firing", batch, &FIRING, firings).await
}

async fn write(
    tx: &mut Tx,
    table: &'static str,
    batch: &str,
    columns: &[&str],
    mut rows: Vec<Vec<Value>>,
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let id = |row: &[Value]| match row.first() {
        Some(Value::Text(id)) => id.clone(),
        _ => String::new(),
    };
    rows.sort_by_key(|row| id(row));
    tx.insert_many(table, ("batch", batch), columns, &rows).await
}

const LISTING: Listing = Listing {
    from: "gate_decision",
    select: "id, driver, order_id, segment, answer, would_deny, overridden, policies, law, asked_by, latency_micros,
             decided_at",
    organization: "organization",
    partner: None,
    id: "id",
    sorts: &[("decided", "decided_at")],
    newest_first: true,
};

pub(super) async fn list(
    tx: &mut Tx,
    scope: &Scope,
    page: &PageRequest,
    answer: Option<Answer>,
    driver: Option<String>,
) -> Result<Page<RecordedDecision>> {
    let filters = vec![
        Filter::Is("answer", answer.map(|answer| word(answer).into())),
        Filter::Is("driver", driver.map(Into::into)),
    ];
    LISTING.page(tx, scope, page, filters, read).await
}

fn read(row: &Row) -> Result<RecordedDecision> {
    let answer: String = row.get("answer")?;
    Ok(RecordedDecision {
        id: row.get("id")?,
        driver: row.get("driver")?,
        order: row.get("order_id")?,
        segment: row.get("segment")?,
        answer: serde_json::from_value(answer.into())?,
        would_deny: row.get("would_deny")?,
        overridden: row.get("overridden")?,
        policies: row.get("policies")?,
        law: row.get("law")?,
        asked_by: row.get("asked_by")?,
        latency_micros: row.get("latency_micros")?,
        decided_at: row.get("decided_at")?,
    })
}

/// How many assignments were allowed, warned about and denied since `from`.
pub(super) async fn totals(tx: &mut Tx, scope: &Scope, from: Timestamp) -> Result<Totals> {
    let sql = "SELECT answer, COUNT(*) AS decisions, CAST(AVG(latency_micros) AS BIGINT) AS latency FROM gate_decision
               WHERE organization = $1 AND decided_at >= $2 GROUP BY answer";
    let rows = tx
        .all(sql, params![scope.organization, from], |row| {
            Ok((row.get::<String>("answer")?, row.get::<i64>("decisions")?, row.get::<i64>("latency")?))
        })
        .await?;
    let of = |answer| rows.iter().find(|(name, ..)| name == word(answer)).map_or(0, |(_, count, _)| *count);
    let (allowed, warned, denied) = (of(Answer::Allow), of(Answer::Warn), of(Answer::Deny));
    let whole: i64 = rows.iter().map(|(_, count, latency)| count * latency).sum();
    let mean_latency_micros = whole.checked_div(allowed + warned + denied).unwrap_or(0);
    Ok(Totals { allowed, warned, denied, mean_latency_micros })
}

/// How often each policy spoke against an assignment since `from`, enforced or not.
pub(super) async fn firings(tx: &mut Tx, scope: &Scope, from: Timestamp) -> Result<Vec<PolicyCount>> {
    let sql = "SELECT policy, COUNT(*) AS firings, COUNT(DISTINCT driver) AS drivers,
                   COUNT(CASE WHEN mode = $3 THEN NULL ELSE 1 END) AS would_deny
               FROM gate_firing WHERE organization = $1 AND decided_at >= $2 GROUP BY policy";
    tx.all(sql, params![scope.organization, from, Mode::Enforce.as_str()], |row| {
        Ok(PolicyCount {
            policy: row.get("policy")?,
            firings: row.get("firings")?,
            drivers: row.get("drivers")?,
            would_deny: row.get("would_deny")?,
        })
    })
    .await
}
