//! The rule of the gate: the customer's policies over the driver's credentials, and the overrides in force.

use kernel::{Reason, Rule, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::books::Compiled;
use crate::overrides::Override;
use crate::policy::{Answer, Dispatch, DispatchRule, Fired, GateTerms, Mode, Question};

/// The facts of a decision about an assignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AssignmentFacts {
    #[serde(flatten)]
    pub question: Question,
    /// The overrides that cover it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
    /// Who asked.
    pub asked_by: String,
}

/// Decides an assignment; stored decisions of the gate are computed again under it.
pub struct AssignmentRule;

impl Rule for AssignmentRule {
    const KIND: &'static str = DispatchRule::KIND;
    type Terms = GateTerms;
    type Facts = AssignmentFacts;
    type Outcome = Dispatch;

    fn decide(terms: &GateTerms, facts: &AssignmentFacts) -> Verdict<Dispatch> {
        let verdict = match Compiled::of(terms) {
            Ok(compiled) => compiled.decide(&facts.question),
            // Terms without a text are never in force; the rule compiles them for itself.
            Err(_) => DispatchRule::decide(terms, &facts.question),
        };
        overrule(verdict, &facts.overrides)
    }
}

/// Lets those rules pass that an override covers. They stay among what fired, and a reason says who let them pass.
pub(super) fn overrule(mut verdict: Verdict<Dispatch>, overrides: &[Override]) -> Verdict<Dispatch> {
    if verdict.outcome.answer != Answer::Deny || overrides.is_empty() {
        return verdict;
    }
    let passed: Vec<(&Fired, &Override)> = verdict
        .outcome
        .fired
        .iter()
        .filter(|fired| fired.mode == Mode::Enforce)
        .filter_map(|fired| Some((fired, overrides.iter().find(|granted| granted.policy == fired.policy)?)))
        .collect();
    let stands = |fired: &&Fired| !passed.iter().any(|(other, _)| std::ptr::eq(*other, *fired));
    let answer = match verdict.outcome.fired.iter().filter(stands).map(|fired| fired.mode).max() {
        Some(Mode::Enforce) => Answer::Deny,
        Some(Mode::Warn) => Answer::Warn,
        Some(Mode::Shadow | Mode::Off) | None => Answer::Allow,
    };
    verdict.reasons.retain(|reason| !passed.iter().any(|(fired, _)| fired.rule == reason.code));
    verdict.reasons.extend(passed.iter().map(|(fired, granted)| reason(fired, granted)));
    verdict.outcome.answer = answer;
    verdict
}

fn reason(fired: &Fired, granted: &Override) -> Reason {
    let text = format!(
        "{} {} lets the driver pass `{}` until {}: {}",
        fired.text, granted.granted_by_name, fired.policy, granted.expires_at, granted.reason
    );
    Reason::new("overridden", text).citing(format!("gate.toml: policy {}", fired.policy)).resting_on(granted.id)
}

/// Whether an override changed the answer.
pub(super) fn is_overridden(verdict: &Verdict<Dispatch>) -> bool {
    verdict.reasons.iter().any(|reason| reason.code == "overridden")
}
