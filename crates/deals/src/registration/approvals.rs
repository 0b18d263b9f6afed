//! Approvals by value: which role gives the next step, who may give it once it is late, and what silence means.

use clocks::NewClock;
use kernel::{Access, Cx, Error, Operation, Reason, Result, Route, Rule, Timestamp, Verdict, post};
use law::{Approval, OnSilence};
use programs::{InForce, Law as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::claim::{ClaimTerms, Occasion};
use super::deal::{Deal, State};
use super::hearing::{Hearing, Said, announce, everywhere, meant, not_now, save, settle_around};
use super::{ApprovalId, DealId, store};

pub(crate) const APPROVAL: &str = "deals.approval";

/// The approval that a claim waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Awaited {
    /// 1 for the first step.
    pub step: usize,
    pub of: usize,
    /// Who gives it; for the vendor's eyes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// It is late, and somebody further up may give it as well.
    #[serde(default)]
    pub escalated: bool,
}

/// What the law says about one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalTerms {
    pub step: Approval,
    /// Its place in the program file, counted from 0.
    pub place: usize,
    /// The roles of the step after it.
    pub next_roles: Vec<String>,
}

impl ApprovalTerms {
    fn further_up(&self) -> &[String] {
        if self.step.escalate_to.is_empty() { &self.next_roles } else { &self.step.escalate_to }
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalFacts {
    pub now: Timestamp,
    /// Nobody has given it in time.
    pub silence: bool,
    pub escalated: bool,
    /// Whoever gives it; Concord itself on silence.
    pub by: String,
    pub roles: Vec<String>,
    /// Who gave the steps before.
    pub earlier: Vec<String>,
}

/// What becomes of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Given,
    Refused,
    Escalated,
    Rejected,
}

/// Whether somebody gives a step, or what its silence means.
pub struct ApprovalRule;

impl Rule for ApprovalRule {
    const KIND: &'static str = "deals.approval";
    type Terms = ApprovalTerms;
    type Facts = ApprovalFacts;
    type Outcome = Step;

    fn decide(terms: &ApprovalTerms, facts: &ApprovalFacts) -> Verdict<Step> {
        let at = |field: &str| format!("deals.toml: approval[{}].{field}", terms.place);
        let verdict = |outcome, reason: Reason| Verdict { outcome, reasons: vec![reason] };
        if facts.silence {
            let days = terms.step.within_days.unwrap_or(0);
            let late = format!("Nobody has decided within {}", ui::words::counted(u64::from(days), "business day"));
            let (outcome, code, what) = match terms.step.on_silence {
                OnSilence::Approve => (Step::Given, "silence_approves", "; the program takes that as approval."),
                OnSilence::Reject => (Step::Rejected, "silence_rejects", "; the program takes that as a no."),
                OnSilence::Escalate => (Step::Escalated, "escalated", "; somebody further up may decide it as well."),
            };
            return verdict(outcome, Reason::new(code, format!("{late}{what}")).citing(at("on_silence")));
        }
        let has = |roles: &[String]| roles.iter().any(|role| facts.roles.contains(role));
        let may = has(&terms.step.roles) || facts.escalated && has(terms.further_up());
        if !may {
            let mut named = terms.step.roles.clone();
            if facts.escalated {
                named.extend(terms.further_up().iter().cloned());
            }
            let named = named.join(" or ").replace('_', " ");
            let reason = Reason::new("wrong_role", format!("This approval is given by: {named}."));
            let reason = reason.citing(at("roles")).remedy(format!("Ask somebody who is {named}."));
            return verdict(Step::Refused, reason.for_vendor());
        }
        if facts.earlier.contains(&facts.by) {
            let text = "Whoever gave an earlier step does not give this one as well.";
            let reason = Reason::new("same_person", text).citing(at("roles")).remedy("Ask somebody else in that role.");
            return verdict(Step::Refused, reason.for_vendor());
        }
        verdict(Step::Given, Reason::new("approved_by_role", "The approval was given.").citing(at("roles")))
    }
}

/// The step that a claim waits for, as the law in force has it. `given` steps are behind it.
fn next_step(terms: &ClaimTerms, deal: &Deal, given: usize) -> Option<ApprovalTerms> {
    let steps = terms.approvals_for(deal.value);
    let (place, step) = *steps.get(given)?;
    let next_roles = steps.get(given + 1).map(|(_, next)| next.roles.clone()).unwrap_or_default();
    Some(ApprovalTerms { step: step.clone(), place, next_roles })
}

/// What a claim of that value waits for when so many steps were given.
pub(crate) fn awaited(terms: &ClaimTerms, deal: &Deal, given: usize) -> Option<Awaited> {
    let next = next_step(terms, deal, given)?;
    let of = terms.approvals_for(deal.value).len();
    Some(Awaited { step: given + 1, of, roles: next.step.roles, escalated: false })
}

/// Somebody gives the step that the deal waits for; refused unless the program says that they may.
pub(crate) async fn give(cx: &mut Cx<'_>, deal: &Deal, law: &InForce) -> Result<()> {
    let Some(waiting) = &deal.approval else { return Ok(()) };
    let scope = everywhere(cx);
    let given = store::approvals(cx.tx, &scope, deal).await?;
    let Some(terms) = next_step(&ClaimTerms::of(&law.program), deal, given.len()) else { return Ok(()) };
    let facts = ApprovalFacts {
        now: cx.now,
        silence: false,
        escalated: waiting.escalated,
        by: cx.actor.reference(),
        roles: cx.actor.roles.clone(),
        earlier: given,
    };
    let verdict = ApprovalRule::decide(&terms, &facts);
    if verdict.outcome != Step::Given {
        return Err(Error::refused("not_approver", "this approval is not yours to give", verdict.reasons));
    }
    cx.decide::<ApprovalRule>(deal.id, None, &law.citation(), &terms, &facts)?;
    record(cx, deal, facts.earlier.len(), format!("Approval {} of {} given", waiting.step, waiting.of)).await
}

async fn record(cx: &mut Cx<'_>, deal: &Deal, before: usize, summary: String) -> Result<()> {
    let id: ApprovalId = cx.id();
    let columns = [
        ("id", id.into()),
        ("organization", cx.scope.organization.into()),
        ("deal", deal.id.into()),
        ("step", (before + 1).into()),
        ("given_by", cx.actor.reference().into()),
        ("given_by_name", (&cx.actor.name).into()),
        ("given_at", cx.now.into()),
    ];
    cx.tx.insert("deal_approval", &columns).await?;
    cx.emit("deal.approval_given", deal.id, None, summary, &json!({ "approval": id, "deal": deal.id }));
    Ok(())
}

/// Starts the clock of the step that a deal waits for, lets it go on where the deal comes back from its partner, or ends
/// it.
pub(crate) async fn watch(cx: &mut Cx<'_>, deal: &Deal, law: &InForce, comes_back: bool) -> Result<()> {
    let subject = deal.id.to_string();
    let Some(waiting) = deal.approval.as_ref().filter(|_| deal.state == State::PendingApproval) else {
        return clocks::stop(cx, APPROVAL, &subject).await;
    };
    if comes_back {
        return clocks::resume(cx, APPROVAL, &subject).await;
    }
    let terms = next_step(&ClaimTerms::of(&law.program), deal, waiting.step - 1);
    let Some(days) = terms.and_then(|terms| terms.step.within_days) else {
        return clocks::stop(cx, APPROVAL, &subject).await;
    };
    let due_at = law.program.deals.calendar.end_of(days, cx.now, &law.zone());
    let clock = NewClock {
        kind: APPROVAL,
        subject,
        partner: None,
        title: format!("Approval of {} is due (step {} of {})", deal.identity.name, waiting.step, waiting.of),
        due_at,
        warn_at: vec![due_at.plus_days(-1)],
        on_lapse: LapseApproval::NAME,
        on_warn: None,
        input: json!({ "deal": deal.id }),
    };
    clocks::start(cx, clock).await.map(|_| ())
}

/// Do what the program says about an approval that nobody has given in time: escalate it, take it as given, or reject the
/// claim.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LapseApproval {
    pub deal: DealId,
}

impl Operation for LapseApproval {
    const NAME: &'static str = "deals.lapse_approval";
    const ROUTE: Route = post("/deals/{deal}/approval-lapses");
    const ACCESS: Access = Access::Open;
    type Output = Deal;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Deal> {
        if !cx.actor.is_system() {
            let message = "an approval lapses by its clock alone; approve or reject the deal".to_owned();
            return Err(Error::Forbidden { permission: Self::NAME.to_owned(), message });
        }
        let mut deal = meant(cx, self.deal).await?;
        let law = cx.law().await?;
        let Some(mut waiting) = deal.approval.clone().filter(|_| deal.state == State::PendingApproval) else {
            return Err(not_now(&deal, "the lapse of an approval", "a deal that waits for one"));
        };
        let scope = everywhere(cx);
        let given = store::approvals(cx.tx, &scope, &deal).await?;
        let Some(terms) = next_step(&ClaimTerms::of(&law.program), &deal, given.len()) else { return Ok(deal) };
        let (by, earlier) = (cx.actor.reference(), given.clone());
        let facts =
            ApprovalFacts { now: cx.now, silence: true, escalated: waiting.escalated, by, roles: Vec::new(), earlier };
        let decided = cx.decide::<ApprovalRule>(deal.id, None, &law.citation(), &terms, &facts)?;
        match decided.outcome {
            Step::Given => {
                let summary = format!("Approval {} of {} given by silence", waiting.step, waiting.of);
                record(cx, &deal, given.len(), summary).await?;
                let hearing = Hearing::of(cx, &deal, Occasion::Approval, Said::Nothing).await?;
                hearing.decide(cx, &mut deal).await?;
                settle_around(cx, &deal).await?;
            }
            Step::Rejected => {
                deal.state = State::Rejected;
                deal.approval = None;
                deal.closed_at = Some(cx.now);
                deal.reason_code = Some("not_approved_in_time".to_owned());
                deal.reason_text = Some("it was not approved in time".to_owned());
                save(cx, &deal).await?;
                announce(cx, &deal, "deal.rejected", "Rejected: it was not approved in time");
                settle_around(cx, &deal).await?;
            }
            Step::Escalated | Step::Refused => {
                waiting.escalated = true;
                deal.approval = Some(waiting);
                save(cx, &deal).await?;
                let summary =
                    format!("Late: {} may approve it as well", terms.further_up().join(", ").replace('_', " "));
                cx.emit("deal.approval_escalated", deal.id, None, summary, &json!({ "deal": deal.id }));
            }
        }
        Ok(deal.seen_by(&cx.scope))
    }
}
