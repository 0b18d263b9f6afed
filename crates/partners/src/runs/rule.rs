//! The rule by which a partner goes back to where it was: because its appeal was granted, or the run was taken back.

use kernel::{Reason, Rule, Verdict};
use serde::{Deserialize, Serialize};

/// What the titles of the two places are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnTerms {
    pub from_title: String,
    pub to_title: String,
}

/// What was said for and against going back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnFacts {
    /// Where the partner is.
    pub from: String,
    /// Where it was before.
    pub to: String,
    pub cause: Cause,
    /// The answer of the person who decided, or why the run was taken back.
    pub answer: String,
}

/// Why a partner might go back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// It has appealed, and a person has found for it or not.
    Appeal { text: String, granted: bool },
    /// The run that moved it was taken back.
    Rollback { run: String },
}

/// Decides whether a partner goes back.
pub struct ReturnRule;

impl Rule for ReturnRule {
    const KIND: &'static str = "tiers.return";
    type Terms = ReturnTerms;
    type Facts = ReturnFacts;
    /// The key of the tier or segment in which it is from now on.
    type Outcome = String;

    fn decide(terms: &ReturnTerms, facts: &ReturnFacts) -> Verdict<String> {
        let (from, to) = (&terms.from_title, &terms.to_title);
        let (outcome, code, text) = match &facts.cause {
            Cause::Appeal { granted: true, .. } => {
                (&facts.to, "appeal_granted", format!("The appeal was granted: back to {to} from {from}."))
            }
            Cause::Appeal { .. } => {
                (&facts.from, "appeal_refused", format!("The appeal was refused: it stays in {from}."))
            }
            Cause::Rollback { .. } => {
                (&facts.to, "rolled_back", format!("The run that moved it was taken back: back to {to} from {from}."))
            }
        };
        let mut reasons = vec![Reason::new(code, text).citing("tiers.toml: runs")];
        if !facts.answer.is_empty() {
            reasons.push(Reason::new("answer", facts.answer.clone()));
        }
        Verdict { outcome: outcome.clone(), reasons }
    }
}
