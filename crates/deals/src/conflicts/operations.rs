//! Opening a case, deciding it, and proposing the rule that prevents the next one.

use std::collections::BTreeSet;

use kernel::{Access, Cx, Error, Operation, PartnerId, Result, Route, post, put};
use partners::customers;
use programs::{EditProgram, Law as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::conflict::Conflict;
use super::rule::{ConflictFacts, ConflictRule, ConflictTerms, Ruling};
use super::{ConflictId, store};
use crate::registration::contest::{self, Contender};
use crate::registration::text::{required, vendor_only};
use crate::registration::{ClaimTerms, DealId, State, leader};

/// The procedure that a case goes through, where the program has it.
const PROCEDURE: &str = "conflict";
const MOST: usize = 20;

/// Open a conflict between partners over a customer, from the contested claims.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct OpenConflict {
    /// Two or more open deals for the same customer, of at least two partners.
    pub deals: Vec<DealId>,
    /// What is contested, and who says so.
    pub why: String,
}

impl Operation for OpenConflict {
    const NAME: &'static str = "deals.open_conflict";
    const ROUTE: Route = post("/conflicts");
    const ACCESS: Access = Access::Open;
    type Output = Conflict;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Conflict> {
        vendor_only(&cx.scope, Self::NAME)?;
        let why = required("why", &self.why)?;
        let ids: BTreeSet<DealId> = self.deals.into_iter().collect();
        if !(2..=MOST).contains(&ids.len()) {
            let rule = format!("names {} deals; a conflict is between 2 to {MOST}", ids.len());
            return Err(Error::invalid("deals", rule));
        }
        let law = cx.law().await?;
        let terms = ClaimTerms::of(&law.program);
        let contenders = contest::contenders(cx, &ids, &law).await?;
        let customer = contest::one_customer(cx, &contenders).await?;
        let partners: BTreeSet<PartnerId> = contenders.iter().map(|one| one.deal.partner).collect();
        if partners.len() < 2 {
            return Err(Error::invalid("deals", "are all of one partner; a conflict is between partners"));
        }
        let scope = cx.scope;
        if let Some(open) = store::open_about(cx.tx, &scope, customer).await? {
            let message = format!("{} about this customer is still open; decide it first", open.number);
            return Err(Error::conflict("conflict_open", message));
        }
        let id: ConflictId = cx.id();
        let run = match law.program.procedure(PROCEDURE) {
            Some(_) => Some(procedures::start(cx, PROCEDURE, id.to_string(), None).await?.to_string()),
            None => None,
        };
        let conflict = Conflict {
            id,
            number: number_of(id),
            customer,
            customer_name: customers::get(cx.tx, &scope, customer).await?.name,
            deals: contenders.iter().map(|one| one.deal.id).collect(),
            issue: contest::issue(&terms, &contenders[0].claim, &contenders[1].claim),
            why,
            opened_by: cx.actor.reference(),
            opened_by_name: cx.actor.name.clone(),
            opened_at: cx.now,
            run,
            winner: None,
            follows: None,
            reason: None,
            decided_by_name: None,
            decided_at: None,
            proposal: None,
            proposed_at: None,
        };
        store::save(cx.tx, &scope, &conflict).await?;
        cx.emit("conflict.opened", id, None, format!("Conflict over {} opened", conflict.customer_name), &conflict);
        for one in &contenders {
            contest::tell(cx, &one.deal, "deal.contested", "A conflict over this customer is looked into");
        }
        Ok(conflict)
    }
}

/// The number that people quote.
fn number_of(id: ConflictId) -> String {
    let text = id.to_string().to_uppercase();
    let tail = &text[text.len() - 8..];
    format!("C-{}-{}", &tail[..4], &tail[4..])
}

/// Decide a conflict for one of the claims: it is protected, and the others wait behind it. Each side is told in words
/// that name nobody else.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DecideConflict {
    pub conflict: ConflictId,
    /// The deal whose claim is upheld.
    pub winner: DealId,
    /// Why, for the vendor's eyes.
    pub reason: String,
}

impl Operation for DecideConflict {
    const NAME: &'static str = "deals.decide_conflict";
    const ROUTE: Route = put("/conflicts/{conflict}/decision");
    const ACCESS: Access = Access::Open;
    type Output = Conflict;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("deal_conflict", self.conflict.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Conflict> {
        vendor_only(&cx.scope, Self::NAME)?;
        let scope = cx.scope;
        let mut conflict = store::get(cx.tx, &scope, self.conflict).await?;
        let reason = required("reason", &self.reason)?;
        if conflict.decided_at.is_some() {
            return Err(Error::conflict("decided", format!("{} is decided already", conflict.number)));
        }
        let law = cx.law().await?;
        let terms = ClaimTerms::of(&law.program);
        let ids = conflict.deals.iter().copied().collect();
        let contenders = contest::contenders(cx, &ids, &law).await?;
        let Some(winner) = contenders.iter().find(|one| one.deal.id == self.winner) else {
            let rule = format!("{} is not among the open claims of {}", self.winner, conflict.number);
            return Err(Error::invalid("winner", rule));
        };
        let first = leader(&terms, contenders.iter().map(|one| &one.claim)).map(|claim| claim.deal);
        conflict.winner = Some(winner.deal.id);
        conflict.follows = Some(first == Some(winner.deal.id));
        conflict.reason = Some(reason);
        conflict.decided_by_name = Some(cx.actor.name.clone());
        conflict.decided_at = Some(cx.now);
        store::save(cx.tx, &scope, &conflict).await?;
        // Who yields goes first, so that the customer is never held twice.
        let (upheld, yielding): (Vec<&Contender>, Vec<&Contender>) =
            contenders.iter().partition(|one| one.deal.id == self.winner);
        for one in yielding.into_iter().chain(upheld) {
            rule_on(cx, one, &contenders, &conflict, &terms).await?;
        }
        contest::settle(cx, conflict.customer).await?;
        let summary = format!("Conflict over {} decided", conflict.customer_name);
        cx.emit("conflict.decided", conflict.id, None, summary, &conflict);
        Ok(conflict)
    }
}

/// Stores the decision about one claim and carries it out.
async fn rule_on(
    cx: &mut Cx<'_>,
    one: &Contender,
    all: &[Contender],
    conflict: &Conflict,
    terms: &ClaimTerms,
) -> Result<()> {
    let law = cx.law().await?;
    let (Some(chosen), Some(reason)) = (conflict.winner, conflict.reason.clone()) else { return Ok(()) };
    let others = all.iter().filter(|other| other.deal.id != one.deal.id).map(|other| other.claim.clone());
    let facts = ConflictFacts {
        now: cx.now,
        own: one.claim.clone(),
        others: others.collect(),
        chosen,
        reason,
        protected_until: one.deal.protected_until.filter(|_| one.deal.state == State::Approved),
    };
    let terms = ConflictTerms { claim: terms.clone(), protection_days: one.protection_days };
    let decided = cx.decide::<ConflictRule>(one.deal.id, Some(one.deal.partner), &law.citation(), &terms, &facts)?;
    match decided.outcome {
        Ruling::Upheld { protected_until } => contest::uphold(cx, one, protected_until, &law).await,
        Ruling::Yields => contest::yield_to(cx, one, chosen).await,
    }
}

/// Propose a change of the program that prevents such conflicts: it goes into the draft, whose plan shows what it would
/// change.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ProposeRule {
    pub conflict: ConflictId,
    /// The file of the program, such as `engagement.toml`.
    pub file: String,
    /// The whole new text of the file.
    #[schemars(extend("format" = "text"))]
    pub text: String,
    /// What it changes, and how that prevents the conflict.
    pub why: String,
}

impl Operation for ProposeRule {
    const NAME: &'static str = "deals.propose_rule";
    const ROUTE: Route = put("/conflicts/{conflict}/proposal");
    const ACCESS: Access = Access::Open;
    type Output = Conflict;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("deal_conflict", self.conflict.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Conflict> {
        vendor_only(&cx.scope, Self::NAME)?;
        cx.app.permitted(cx.actor, EditProgram::NAME)?;
        let scope = cx.scope;
        let mut conflict = store::get(cx.tx, &scope, self.conflict).await?;
        if conflict.decided_at.is_none() {
            let message = format!("{} is not decided yet; what it teaches is not known", conflict.number);
            return Err(Error::conflict("not_decided", message));
        }
        let why = required("why", &self.why)?;
        if self.text.trim().is_empty() {
            return Err(Error::invalid("text", "is empty; give the whole new text of the file"));
        }
        cx.call(EditProgram { file: self.file.clone(), text: Some(self.text) }).await?;
        conflict.proposal = Some(format!("{}: {why}", self.file));
        conflict.proposed_at = Some(cx.now);
        store::save(cx.tx, &scope, &conflict).await?;
        let data = json!({ "conflict": conflict.id, "file": self.file });
        cx.emit("conflict.rule_proposed", conflict.id, None, format!("Proposed in {}: {why}", self.file), &data);
        Ok(conflict)
    }
}
