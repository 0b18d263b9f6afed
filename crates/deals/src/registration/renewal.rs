//! `deals.renewal` and `deals.reopening`: whether a protection goes on, and who may bring one back. Pure rules.

use kernel::{Reason, Rule, Timestamp, Verdict};
use law::Registration;
use serde::{Deserialize, Serialize};

use super::deal::State;
use super::protection::renewable_from;

/// What the law says about renewals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewalTerms {
    pub renewal_days: u32,
    pub renewals_max: u32,
    pub renewals_open_days: u32,
    pub proof_required: bool,
    /// The window of the program file that the terms come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<usize>,
}

impl RenewalTerms {
    /// The terms of a claim, with the window that they come from.
    pub fn of((registration, window): &(Registration, Option<usize>)) -> Self {
        Self {
            renewal_days: registration.renewal_days,
            renewals_max: registration.renewals_max,
            renewals_open_days: registration.renewals_open_days,
            proof_required: registration.proof_required,
            window: *window,
        }
    }

    fn place(&self, field: &str) -> String {
        match self.window {
            Some(place) => format!("deals.toml: window[{place}].{field}"),
            None => format!("deals.toml: registration.{field}"),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewalFacts {
    pub now: Timestamp,
    pub state: State,
    pub protected_until: Option<Timestamp>,
    /// How often it was renewed before.
    pub renewals: u32,
    pub proof: Option<String>,
}

/// The new end of the protection, or none. All obstacles are named at once.
pub struct RenewalRule;

impl Rule for RenewalRule {
    const KIND: &'static str = "deals.renewal";
    type Terms = RenewalTerms;
    type Facts = RenewalFacts;
    type Outcome = Option<Timestamp>;

    fn decide(terms: &RenewalTerms, facts: &RenewalFacts) -> Verdict<Option<Timestamp>> {
        let Some(until) = facts.protected_until.filter(|until| facts.state == State::Approved && facts.now < *until)
        else {
            let text = "Only a deal that is protected can be renewed.";
            let reason = Reason::new("not_protected", text).citing("deals.toml: registration.protection_days");
            return Verdict { outcome: None, reasons: vec![reason.remedy("Register the customer again.")] };
        };
        let mut obstacles = Vec::new();
        let opens = renewable_from(until, terms.renewals_open_days);
        if facts.now < opens {
            let text = format!("A renewal can be asked for in the last {} days.", terms.renewals_open_days);
            obstacles.push(
                Reason::new("too_early", text)
                    .citing("deals.toml: registration.renewals_open_days")
                    .remedy(format!("Come back on or after {opens}.")),
            );
        }
        if facts.renewals >= terms.renewals_max {
            let text = format!("It was renewed {} of {} times.", facts.renewals, terms.renewals_max);
            let reason = Reason::new("renewed_too_often", text).citing(terms.place("renewals_max"));
            obstacles.push(reason.remedy("Close the deal before its protection ends."));
        }
        if terms.proof_required && facts.proof.is_none() {
            let reason = Reason::new("proof_missing", "A renewal needs proof that the deal is being worked on.");
            let reason = reason.citing("deals.toml: registration.proof_required");
            obstacles.push(reason.remedy("Say what shows it: a meeting, an offer, a link."));
        }
        if !obstacles.is_empty() {
            return Verdict { outcome: None, reasons: obstacles };
        }
        let until = until.plus_days(i64::from(terms.renewal_days));
        let text = format!("Renewed for {} days, until {until}.", terms.renewal_days);
        let reason = Reason::new("renewed", text).citing(terms.place("renewal_days"));
        Verdict { outcome: Some(until), reasons: vec![reason] }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReopeningTerms {
    pub role: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReopeningFacts {
    pub state: State,
    /// The roles of whoever asks.
    pub roles: Vec<String>,
}

/// Whether an expired claim comes back.
pub struct ReopeningRule;

impl Rule for ReopeningRule {
    const KIND: &'static str = "deals.reopening";
    type Terms = ReopeningTerms;
    type Facts = ReopeningFacts;
    type Outcome = bool;

    fn decide(terms: &ReopeningTerms, facts: &ReopeningFacts) -> Verdict<bool> {
        let role = terms.role.replace('_', " ");
        let mut reasons = Vec::new();
        if facts.state != State::Expired {
            let text =
                format!("Only an expired deal is re-opened; this one is {}.", facts.state.name().replace('_', " "));
            reasons.push(Reason::new("not_expired", text));
        }
        if !facts.roles.contains(&terms.role) {
            let text = format!("Only the {role} re-opens an expired deal.");
            reasons.push(
                Reason::new("wrong_role", text)
                    .citing("deals.toml: registration.reopen_role")
                    .remedy(format!("Ask the {role}.")),
            );
        }
        if !reasons.is_empty() {
            return Verdict { outcome: false, reasons };
        }
        let reason = Reason::new("reopened", format!("The {role} has re-opened it."));
        Verdict { outcome: true, reasons: vec![reason.citing("deals.toml: registration.reopen_role")] }
    }
}
