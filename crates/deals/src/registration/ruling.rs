//! `deals.claim`: who gets the customer. A pure rule over one claim and everything that stands against it.
//!
//! The steps are asked in order; the first that has something to say decides. Reasons for both sides never name the
//! other claim, its partner or its deal; what the vendor needs to know beyond that is for the vendor alone.

use kernel::{Reason, Rule, Verdict};
use law::{DecisionMode, TieBreak};

use super::claim::{
    Claim, ClaimFacts, ClaimTerms, Look, Occasion, Outcome, Recognized, Rival, Standing, ahead, precedence, recognize,
};

/// The rule.
pub struct ClaimRule;

impl Rule for ClaimRule {
    const KIND: &'static str = "deals.claim";
    type Terms = ClaimTerms;
    type Facts = ClaimFacts;
    type Outcome = Outcome;

    fn decide(terms: &ClaimTerms, facts: &ClaimFacts) -> Verdict<Outcome> {
        let mut reasons = Vec::new();
        let outcome = too_small(terms, facts, &mut reasons)
            .or_else(|| doubtful(terms, facts, &mut reasons))
            .or_else(|| own_claim(facts, &mut reasons))
            .or_else(|| sold(terms, facts, &mut reasons))
            .or_else(|| queued(terms, facts, &mut reasons))
            .or_else(|| existing_account(facts, &mut reasons))
            .or_else(|| person(terms, facts, &mut reasons))
            .unwrap_or_else(|| approved(terms, facts, &mut reasons));
        Verdict { outcome, reasons }
    }
}

fn too_small(terms: &ClaimTerms, facts: &ClaimFacts, reasons: &mut Vec<Reason>) -> Option<Outcome> {
    let minimum = terms.registration.minimum_value?;
    if facts.occasion != Occasion::Registration || facts.value.minor >= minimum.minor {
        return None;
    }
    let text =
        format!("The deal is worth {}; the program registers deals from {}.", facts.value.pretty(), minimum.pretty());
    reasons.push(
        Reason::new("below_minimum", text)
            .citing("deals.toml: registration.minimum_value")
            .remedy(format!("Register it again when it is worth at least {}.", minimum.pretty())),
    );
    Some(Outcome::Rejected)
}

fn doubtful(terms: &ClaimTerms, facts: &ClaimFacts, reasons: &mut Vec<Reason>) -> Option<Outcome> {
    if facts.occasion.is_personal() || recognize(terms, &facts.matches) != Recognized::Doubtful {
        evidence_of_identity(terms, facts, reasons);
        return None;
    }
    for found in &facts.matches {
        let id = found.customer.map(|id| id.to_string()).or_else(|| found.deal.map(|id| id.to_string()));
        let parts: Vec<&str> = found.score.parts.iter().map(|part| part.evidence.as_str()).collect();
        let text = format!("It resembles {} by {}‰: {}", found.name, found.score.total, parts.join(" "));
        reasons.push(
            Reason::new("resembles", text)
                .citing("deals.toml: matching.review")
                .resting_on(id.unwrap_or_default())
                .for_vendor(),
        );
    }
    let text = "The customer resembles one that is known, but not closely enough to be sure; a person compares them.";
    reasons.push(
        Reason::new("doubtful_match", text)
            .citing("deals.toml: matching.review")
            .remedy("The customer's VAT or register number would settle it."),
    );
    Some(Outcome::Review { look: Look::DoubtfulMatch })
}

/// For the vendor: which account the customer was taken for.
fn evidence_of_identity(terms: &ClaimTerms, facts: &ClaimFacts, reasons: &mut Vec<Reason>) {
    let Recognized::Known(customer) = recognize(terms, &facts.matches) else { return };
    if let Some(found) = facts.matches.iter().find(|found| found.customer == Some(customer)) {
        let text = format!("The customer is {} (likeness {}‰).", found.name, found.score.total);
        let reason = Reason::new("recognized", text).citing("deals.toml: matching.same");
        reasons.push(reason.resting_on(customer).for_vendor());
    }
}

fn own_claim(facts: &ClaimFacts, reasons: &mut Vec<Reason>) -> Option<Outcome> {
    let is_own = |rival: &&Rival| {
        rival.claim.partner == facts.claim.partner
            && match rival.standing {
                Standing::Protected(until) => facts.now < until,
                Standing::Undecided => true,
                Standing::Won(_) => false,
            }
    };
    let own = facts.rivals.iter().find(is_own).filter(|_| facts.occasion.is_new())?;
    reasons.push(
        Reason::new("already_registered", "You have an open registration for this customer already.")
            .resting_on(own.claim.deal)
            .remedy("Go on with the open registration, or withdraw it first."),
    );
    Some(Outcome::Rejected)
}

/// The customer was won through another registration while this one waited.
fn sold(terms: &ClaimTerms, facts: &ClaimFacts, reasons: &mut Vec<Reason>) -> Option<Outcome> {
    let (rival, at) = facts.rivals.iter().find_map(|rival| match rival.standing {
        Standing::Won(at) if at >= facts.claim.valid_at && rival.claim.partner != facts.claim.partner => {
            Some((rival, at))
        }
        _ => None,
    })?;
    let text = format!("The customer was won through another registration on {}.", terms.day(at));
    reasons.push(Reason::new("customer_won", text).citing("engagement.toml: precedence"));
    let text = format!("It was won by {}.", rival.claim.partner_name);
    reasons.push(Reason::new("winner", text).resting_on(rival.claim.deal).for_vendor());
    Some(Outcome::Rejected)
}

fn queued(terms: &ClaimTerms, facts: &ClaimFacts, reasons: &mut Vec<Reason>) -> Option<Outcome> {
    let rival = ahead(terms, facts)?;
    let shown = match rival.standing {
        Standing::Protected(until) => {
            let text = format!("Another valid registration came first; it is protected until {}.", terms.day(until));
            Reason::new("protected_elsewhere", text).citing("deals.toml: registration.protection_days")
        }
        _ => Reason::new("another_leads", "Another valid registration for this customer takes precedence.")
            .citing("engagement.toml: precedence"),
    };
    reasons.push(shown.remedy("Yours moves up by itself when the one before it ends; nothing needs to be done."));
    let tier = rival.claim.tier.as_deref().unwrap_or("no tier");
    let why = match rival.standing {
        Standing::Protected(_) => "a protected claim keeps its customer against any later one".to_owned(),
        _ => deciding(terms, &rival.claim, &facts.claim),
    };
    let text =
        format!("It waits for {} ({tier}), valid since {}: {why}.", rival.claim.partner_name, rival.claim.valid_at);
    reasons.push(
        Reason::new("behind", text).citing("engagement.toml: precedence").resting_on(rival.claim.deal).for_vendor(),
    );
    Some(Outcome::Queued { place: place(terms, facts, &rival.claim) })
}

/// Which step of the precedence tells two claims apart.
fn deciding(terms: &ClaimTerms, first: &Claim, second: &Claim) -> String {
    let ((a, _), (b, _)) = (precedence(terms, first), precedence(terms, second));
    let step = a.iter().zip(&b).position(|(a, b)| a != b).and_then(|place| terms.precedence.get(place));
    match step {
        Some(TieBreak::Tier) => "the higher tier goes first".to_owned(),
        Some(TieBreak::RegisteredAt) => "the registration that was valid first goes first".to_owned(),
        _ => "both are equal in everything that the program compares, so the older id goes first".to_owned(),
    }
}

/// 1 for the next in line behind `first`.
fn place(terms: &ClaimTerms, facts: &ClaimFacts, first: &Claim) -> usize {
    let own = precedence(terms, &facts.claim);
    let waiting = facts.rivals.iter().filter(|r| r.standing == Standing::Undecided && r.claim.deal != first.deal);
    1 + waiting.filter(|rival| precedence(terms, &rival.claim) < own).count()
}

fn existing_account(facts: &ClaimFacts, reasons: &mut Vec<Reason>) -> Option<Outcome> {
    let won_elsewhere = |r: &&Rival| matches!(r.standing, Standing::Won(_)) && r.claim.partner != facts.claim.partner;
    let rival = facts.rivals.iter().find(won_elsewhere).filter(|_| !facts.occasion.is_personal())?;
    let text = "The customer is an existing account; a person decides about a new registration for it.";
    reasons.push(Reason::new("existing_account", text).citing("engagement.toml: precedence"));
    let text = format!("{} sold to this customer before.", rival.claim.partner_name);
    reasons.push(Reason::new("sold_before", text).resting_on(rival.claim.deal).for_vendor());
    Some(Outcome::Review { look: Look::ExistingAccount })
}

fn person(terms: &ClaimTerms, facts: &ClaimFacts, reasons: &mut Vec<Reason>) -> Option<Outcome> {
    if facts.occasion.is_personal() {
        return None;
    }
    if terms.registration.decision == DecisionMode::Manual {
        let reason = Reason::new("manual", "In this program a person approves every registration.");
        reasons.push(reason.citing("deals.toml: registration.decision"));
        return Some(Outcome::Review { look: Look::Manual });
    }
    let limit = terms.registration.review_above.filter(|limit| facts.value.minor > limit.minor)?;
    let text = format!("The deal is worth {}; above {} a person approves it.", facts.value.pretty(), limit.pretty());
    reasons.push(Reason::new("large_value", text).citing("deals.toml: registration.review_above"));
    Some(Outcome::Review { look: Look::LargeValue })
}

fn approved(terms: &ClaimTerms, facts: &ClaimFacts, reasons: &mut Vec<Reason>) -> Outcome {
    let protected_until = facts.now.plus_days(i64::from(terms.registration.protection_days));
    let text = match facts.occasion {
        Occasion::Registration => "No other valid registration protects this customer.",
        Occasion::Approval => "A person has approved it, and no other valid registration comes before it.",
        Occasion::Reopening => "It was re-opened, and no other valid registration comes before it.",
        Occasion::Adjudication => "The registration before it has ended; this one is the next.",
    };
    reasons.push(Reason::new("first_valid", text).citing("engagement.toml: precedence"));
    let waiting = facts.rivals.iter().filter(|rival| rival.standing == Standing::Undecided);
    for rival in waiting {
        let why = deciding(terms, &facts.claim, &rival.claim);
        let text = format!("It goes before the claim of {}: {why}.", rival.claim.partner_name);
        let reason = Reason::new("goes_before", text).citing("engagement.toml: precedence");
        reasons.push(reason.resting_on(rival.claim.deal).for_vendor());
    }
    let days = terms.registration.protection_days;
    let text = format!("It is protected for {days} days, until {}.", terms.day(protected_until));
    reasons.push(Reason::new("protected", text).citing("deals.toml: registration.protection_days"));
    Outcome::Approved { protected_until }
}
