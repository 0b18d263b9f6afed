//! Making statements: one partner at a time, each complete or not at all.

use std::sync::Arc;

use kernel::app::ReadCx;
use kernel::{
    Access, Actor, App, Cx, Error, Operation, PageRequest, PartnerId, Query, Result, Route, Scope, Timestamp, Tx, get,
    post, put,
};
use law::How;
use partners::Partner;
use programs::{InForce, Law as _, law_at};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::month::Month;
use super::rule::{StatementFacts, StatementRule, StatementTerms};
use super::store::{self, Line, Statement};
use super::{LineId, StatementId, gather, history, paper};
use crate::commission::CommissionLine;
use crate::settlement;

/// Partners in one run of `statements.produce`; the next run goes on.
const MOST_PARTNERS: usize = 100;

/// Make the statement of a partner for a month that is over. Made once, it is only shown again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ProduceOne {
    pub partner: PartnerId,
    /// Such as `2026-03`.
    pub month: Month,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Made {
    /// Absent when nothing happened that a statement could say.
    pub statement: Option<Statement>,
    /// Whether it was made now and not before.
    pub made: bool,
}

impl Operation for ProduceOne {
    const NAME: &'static str = "statements.produce_one";
    const ROUTE: Route = put("/partners/{partner}/statements/{month}");
    const ACCESS: Access = Access::Open;
    type Output = Made;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Made> {
        vendor_only(cx, Self::NAME)?;
        let partner = partners::get(cx.tx, &cx.scope, self.partner).await?;
        if let Some(statement) = store::of_month(cx.tx, &cx.scope, partner.id, self.month).await? {
            return Ok(Made { statement: Some(statement), made: false });
        }
        if let Some(later) = store::last(cx.tx, &cx.scope, partner.id).await?.filter(|last| last.month > self.month) {
            let message = format!(
                "{} has its statement of {} already; what is late comes with the next one",
                partner.name, later.month
            );
            return Err(Error::conflict("later_statement", message));
        }
        let law = law_of(cx.app, cx.tx, &cx.scope, self.month, cx.now).await?;
        let Some(terms) = partner.archetype.as_deref().and_then(|key| StatementTerms::of(&law.program, key)) else {
            return Ok(Made { statement: None, made: false });
        };
        let facts = gather::facts(cx, &terms, partner.id, self.month).await?;
        if facts.rating.lines.is_empty() && facts.rating.usage.is_empty() {
            return Ok(Made { statement: None, made: false });
        }
        let statement = write(cx, &partner, &law, &terms, &facts).await?;
        let summary = format!("Statement for {}: {}", self.month.title(), statement.payable.pretty());
        cx.emit("statement.produced", statement.id, Some(partner.id), summary, &statement);
        Ok(Made { statement: Some(statement), made: true })
    }
}

/// Decides, issues the document and writes everything down.
async fn write(
    cx: &mut Cx<'_>,
    partner: &Partner,
    law: &InForce,
    terms: &StatementTerms,
    facts: &StatementFacts,
) -> Result<Statement> {
    let id: StatementId = cx.id();
    let decided = cx.decide::<StatementRule>(id, Some(partner.id), &law.citation(), terms, facts)?;
    let outcome = decided.outcome;
    let lines = numbered(cx, id, partner.id, &outcome.lines);
    let customers: Vec<_> = lines.iter().map(|line| line.line.customer).collect();
    let names = partners::customers::names_told_to(cx.tx, &cx.scope, partner.id, &customers).await?;
    let sheet = paper::Sheet {
        statement: id,
        month: facts.month,
        partner,
        law,
        terms,
        outcome: &outcome,
        lines: &lines,
        names: &names,
        decision: decided.id,
        issued_on: cx.now.day_in(&terms.zone()),
    };
    let new = documents::NewDocument {
        partner: Some(partner.id),
        kind: "statement",
        series: paper::series(&law.program.settings.key),
        title: format!("Statement for {}", facts.month.title()),
    };
    let stored = documents::issue(cx, new, |number| paper::write(&sheet, number)).await?;
    let statement = Statement {
        id,
        partner: partner.id,
        month: facts.month,
        number: stored.number.to_string(),
        plan: terms.key.clone(),
        law: law.citation(),
        lines: lines.len() as u64,
        revenue: store::revenue_of_outcome(&outcome),
        total: outcome.total,
        carried_in: outcome.carried_in,
        payable: outcome.payable,
        carried_out: outcome.carried_out,
        carried_since: outcome.carried_since,
        state: outcome.state,
        payable_from: outcome.payable_from,
        decision: decided.id,
        document: stored.id,
        produced_at: cx.now,
    };
    store::insert(cx, &statement).await?;
    store::insert_lines(cx, &lines).await?;
    store::settle(cx, id, partner.id, &facts.rating.lines).await?;
    settlement::book(cx, terms, facts, &statement, &lines).await?;
    Ok(statement)
}

/// Gives lines their ids, which sort as the lines do.
fn numbered(cx: &Cx<'_>, statement: StatementId, partner: PartnerId, lines: &[CommissionLine]) -> Vec<Line> {
    let mut ids: Vec<LineId> = lines.iter().map(|_| cx.id()).collect();
    ids.sort_unstable();
    ids.into_iter().zip(lines).map(|(id, line)| Line { id, statement, partner, line: line.clone() }).collect()
}

fn vendor_only(cx: &Cx<'_>, permission: &str) -> Result<()> {
    if cx.scope.partner.is_none() {
        return Ok(());
    }
    let message = "only the vendor makes statements".to_owned();
    Err(Error::Forbidden { permission: permission.to_owned(), message })
}

/// The law at the end of the month, or the first one where the program is younger; the month must be over.
async fn law_of(app: &App, tx: &mut Tx, scope: &Scope, month: Month, now: Timestamp) -> Result<Arc<InForce>> {
    let in_force = law_at(app, tx, scope, now, now).await?;
    let end = month.end(&in_force.zone());
    if end > now {
        let message = format!("{} is not over; its statement can be made from {end}", month.title());
        return Err(Error::conflict("month_open", message));
    }
    match law_at(app, tx, scope, end.plus_micros(-1), now).await {
        Err(Error::Conflict { code: "no_program", .. }) => Ok(in_force),
        other => other,
    }
}

/// Make the statements of a month for all partners that have any, up to 100 at a time; repeat it until none is left.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ProduceStatements {
    /// Such as `2026-03`; the month before, once the program's statement day has come, if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<Month>,
}

/// What a run made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Produced {
    pub month: Month,
    pub statements: usize,
    /// Whether there may be more to make.
    pub more: bool,
    /// Absent when the statement day has come; else from when on statements are made.
    pub waits_until: Option<Timestamp>,
}

impl Operation for ProduceStatements {
    const NAME: &'static str = "statements.produce";
    const ROUTE: Route = post("/statements");
    const ACCESS: Access = Access::Open;
    type Output = Produced;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Produced> {
        vendor_only(cx, Self::NAME)?;
        let (month, waits_until) = match cx.law().await {
            Ok(law) => month_meant(&law, self.month, cx.now),
            // Without a program there is nothing to wait for.
            Err(Error::Conflict { code: "no_program", .. }) if self.month.is_none() => {
                (Month::of(cx.now, &jiff::tz::TimeZone::UTC), Some(cx.now))
            }
            Err(error) => return Err(error),
        };
        let mut produced = Produced { month, statements: 0, more: false, waits_until };
        if waits_until.is_some() {
            return Ok(produced);
        }
        let partners = cx.ask(ListDue { month }).await?;
        produced.more = partners.len() > MOST_PARTNERS;
        for partner in partners.into_iter().take(MOST_PARTNERS) {
            if cx.call(ProduceOne { partner, month }).await?.made {
                produced.statements += 1;
            }
        }
        Ok(produced)
    }
}

/// The month asked for, or the one before now; and until when its statements wait if their day has not come.
fn month_meant(law: &InForce, asked: Option<Month>, now: Timestamp) -> (Month, Option<Timestamp>) {
    let zone = law.zone();
    if let Some(month) = asked {
        return (month, None);
    }
    let this = Month::of(now, &zone);
    let day = this.first().plus_days(i64::from(law.program.statements.day) - 1).start_in(&zone);
    (this.before(), (now < day).then_some(day))
}

/// List the partners whose statement of a month is still to be made.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ListDue {
    /// Such as `2026-03`.
    pub month: Month,
}

impl Query for ListDue {
    const NAME: &'static str = "statements.due";
    const ROUTE: Route = get("/statements/due");
    type Output = Vec<PartnerId>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Vec<PartnerId>> {
        if cx.scope.partner.is_some() {
            return Ok(Vec::new());
        }
        let law = law_of(cx.app, cx.tx, &cx.scope, self.month, cx.now).await?;
        let end = self.month.end(&law.zone());
        let mut partners = history::due(cx.tx, &cx.scope, self.month, end).await?;
        let counts_use = |key: &str| {
            let plan = law.program.plan(key);
            plan.is_some_and(|plan| plan.components.iter().any(|component| matches!(component.how, How::Each(_))))
        };
        // Use needs no invoice: partners on such plans are looked at one by one.
        for (archetype, _) in law.program.archetypes.iter().filter(|(_, archetype)| counts_use(&archetype.plan)) {
            for partner in of_archetype(cx, archetype).await? {
                let done = store::last(cx.tx, &cx.scope, partner).await?.is_some_and(|last| last.month >= self.month);
                if !done && !partners.contains(&partner) {
                    partners.push(partner);
                }
            }
        }
        Ok(partners)
    }
}

async fn of_archetype(cx: &mut ReadCx<'_>, archetype: &str) -> Result<Vec<PartnerId>> {
    let mut found = Vec::new();
    let mut page = PageRequest { limit: Some(500), ..PageRequest::default() };
    loop {
        let asked = partners::ListPartners {
            archetype: Some(archetype.to_owned()),
            page: page.clone(),
            ..partners::ListPartners::default()
        };
        let answer = cx.ask(asked).await?;
        found.extend(answer.items.into_iter().map(|summary| summary.id));
        match answer.next {
            Some(next) => page.cursor = Some(next),
            None => return Ok(found),
        }
    }
}

/// Makes all statements of a month, each in a transaction of its own, so that no other writer waits long and whatever
/// stops in between leaves whole statements only. Returns how many were made.
pub async fn produce_month(app: &App, actor: &Actor, month: Month) -> Result<usize> {
    app.permitted(actor, ProduceOne::NAME)?;
    let mut made = 0;
    for partner in app.query(actor, ListDue { month }).await? {
        made += usize::from(app.run(actor, ProduceOne { partner, month }).await?.made);
    }
    Ok(made)
}
