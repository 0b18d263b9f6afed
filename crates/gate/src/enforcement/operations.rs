//! Recording what the gate decided, and asking it within a transaction.

use std::collections::BTreeSet;
use std::sync::Arc;

use kernel::{Access, Cx, DecisionId, Error, Operation, Result, Route, post};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::books::{Book, Compiled};
use super::effect::Effect;
use super::evaluate::{Assessed, checked_id, system_only, vendor_only};
use super::rule::{AssignmentFacts, AssignmentRule, is_overridden};
use super::snapshot::Known;
use super::store::{self, Line};
use crate::drivers::{self, held, subject};
use crate::policy::{Order, Question};

/// Decisions or effects of one transaction.
const MOST_AT_ONCE: usize = 1_000;

/// Ask the gate whether a driver may take an order, and put the decision on record.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct EvaluateAssignment {
    /// The driver, under the id that dispatch and providers use.
    pub driver: String,
    /// The id of the order.
    pub order: String,
    /// What the order asks of its driver, such as `medical`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
    /// The fleet segment of the order, such as `long_haul`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub segment: String,
}

impl EvaluateAssignment {
    /// The order of the assignment, if it is well formed.
    pub(super) fn checked(&self) -> Result<Order> {
        order(&self.driver, &self.order, &self.requires, &self.segment)
    }
}

/// An order as it was typed, if it is well formed.
pub(super) fn order(driver: &str, id: &str, requires: &[String], segment: &str) -> Result<Order> {
    checked_id("driver", driver)?;
    let requires = requires.iter().filter(|each| !each.trim().is_empty());
    let requires: BTreeSet<String> = requires.map(|each| checked_id("requires", each.trim())).collect::<Result<_>>()?;
    if requires.len() > 20 {
        return Err(Error::invalid("requires", "an order asks for at most 20 things"));
    }
    if !segment.is_empty() {
        checked_id("segment", segment)?;
    }
    Ok(Order { id: checked_id("order", id)?, requires, segment: segment.to_owned() })
}

impl Operation for EvaluateAssignment {
    const NAME: &'static str = "gate.evaluate";
    const ROUTE: Route = post("/gate/evaluations");
    const ACCESS: Access = Access::Open;
    type Output = Assessed;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Assessed> {
        vendor_only(&cx.scope, Self::NAME)?;
        let order = self.checked()?;
        let book = Book::of(&cx.law().await?)?;
        let known = Known::read(cx.tx, &cx.scope, &self.driver, cx.now).await?;
        let facts = AssignmentFacts {
            overrides: known.overrides_for(&order.id, cx.now),
            question: Question {
                driver: self.driver,
                credentials: held(&known.statements, &book.law.zone()),
                order,
                now: cx.now,
            },
            asked_by: cx.actor.reference(),
        };
        let law = book.law.citation();
        let asked = [Asked { facts, latency_micros: 0 }];
        let mut assessed = keep(cx, &law, &book.compiled, &asked).await?;
        assessed.pop().ok_or_else(|| Error::internal("the gate gave no answer"))
    }
}

/// A decision of the gate to be recorded: its facts say everything, and the rule gives the same verdict again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Asked {
    pub facts: AssignmentFacts,
    /// How long the gate took to decide.
    pub latency_micros: i64,
}

/// Record decisions that the gate made. Concord does this itself, many at a time.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RecordDecisions {
    /// The version of the program that they were made under, such as `northwind/3`.
    pub law: String,
    /// The policies of that version. They do not travel: a decision is stored with their texts.
    #[serde(skip)]
    pub(super) under: Option<Arc<Compiled>>,
    pub decisions: Vec<Asked>,
}

impl Operation for RecordDecisions {
    const NAME: &'static str = "gate.record";
    const ROUTE: Route = post("/gate/records");
    const ACCESS: Access = Access::Open;
    /// The stored decisions, in the order of the input.
    type Output = Vec<DecisionId>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<DecisionId>> {
        system_only(cx.actor, Self::NAME)?;
        limited(self.decisions.len())?;
        let under = self.under.ok_or_else(|| Error::internal("decisions without the policies they were made under"))?;
        let stored = keep(cx, &self.law, &under, &self.decisions).await?;
        Ok(stored.into_iter().filter_map(|assessed| assessed.decision).collect())
    }
}

fn limited(count: usize) -> Result<()> {
    if count > MOST_AT_ONCE {
        return Err(Error::invalid("decisions", format!("at most {MOST_AT_ONCE} at once; got {count}")));
    }
    Ok(())
}

/// Computes each decision from its facts and stores it.
async fn keep(cx: &mut Cx<'_>, law: &str, under: &Compiled, asked: &[Asked]) -> Result<Vec<Assessed>> {
    let mut assessed = Vec::with_capacity(asked.len());
    for Asked { facts, latency_micros } in asked {
        let about = subject(&facts.question.driver);
        let decided = cx.decide_under::<AssignmentRule>(about, None, law, &under.stated, facts)?;
        let verdict = kernel::Verdict { outcome: decided.outcome, reasons: decided.reasons };
        assessed.push(Assessed {
            driver: facts.question.driver.clone(),
            order: facts.question.order.id.clone(),
            overridden: is_overridden(&verdict),
            verdict,
            law: law.to_owned(),
            decision: Some(decided.id),
            decided_at: facts.question.now,
            latency_micros: *latency_micros,
        });
    }
    let lines: Vec<Line<'_>> = asked
        .iter()
        .zip(&assessed)
        .filter_map(|(asked, assessed)| {
            Some(Line {
                id: assessed.decision?,
                facts: &asked.facts,
                outcome: assessed.verdict.outcome.clone(),
                overridden: assessed.overridden,
                law,
                latency_micros: asked.latency_micros,
            })
        })
        .collect();
    // The first decision names the batch: one operation may ask more than once.
    let Some(batch) = lines.first().map(|line| line.id.to_string()) else { return Ok(assessed) };
    let (app, now) = (cx.app, cx.now);
    store::insert(cx.tx, &cx.scope, &batch, &lines, || app.new_id(now)).await?;
    Ok(assessed)
}

/// Record how long credential updates took to have effect. Concord does this itself.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RecordEffects {
    pub effects: Vec<Effect>,
}

impl Operation for RecordEffects {
    const NAME: &'static str = "gate.record_effects";
    const ROUTE: Route = post("/gate/effects");
    const ACCESS: Access = Access::Open;
    type Output = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        system_only(cx.actor, Self::NAME)?;
        limited(self.effects.len())?;
        for Effect { update, micros } in self.effects {
            drivers::store::note_effect(cx.tx, &cx.scope, update, micros).await?;
        }
        Ok(())
    }
}
