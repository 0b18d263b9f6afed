//! `deals.claim`: who gets the customer. A pure rule over one claim and everything that stands against it.
//!
//! The steps are asked in order; the first that has something to say decides. Reasons for both sides never name the
//! other claim, its partner or its deal; what the vendor needs to know beyond that is for the vendor alone.

use kernel::{Reason, Rule, Verdict};
use law::{DecisionMode, OnOpportunity, Otherwise};

use super::claim::{ClaimFacts, ClaimTerms, Look, Occasion, Outcome, OwnSale, Recognized, Rival, Standing, recognize};
use super::precedence::{ahead, deciding, place_behind};

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
            .or_else(|| closed(facts, &mut reasons))
            .or_else(|| doubtful(terms, facts, &mut reasons))
            .or_else(|| own_claim(facts, &mut reasons))
            .or_else(|| sold(terms, facts, &mut reasons))
            .or_else(|| sold_by_vendor(terms, facts, &mut reasons))
            .or_else(|| queued(terms, facts, &mut reasons))
            .or_else(|| existing_account(facts, &mut reasons))
            .or_else(|| listed(facts, &mut reasons))
            .or_else(|| own_sale(terms, facts, &mut reasons))
            .or_else(|| approval(terms, facts, &mut reasons))
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

/// A list refuses it. What the partner reads does not say whose the customer is.
fn closed(facts: &ClaimFacts, reasons: &mut Vec<Reason>) -> Option<Outcome> {
    let closed: Vec<_> = facts.restrictions.iter().filter(|one| one.otherwise == Otherwise::Reject).collect();
    if closed.is_empty() || facts.occasion == Occasion::Reopening {
        return None;
    }
    for restriction in closed {
        reasons.push(restriction.reason());
        reasons.push(restriction.background());
    }
    Some(Outcome::Rejected)
}

/// A list has a person decide about it.
fn listed(facts: &ClaimFacts, reasons: &mut Vec<Reason>) -> Option<Outcome> {
    if facts.restrictions.is_empty() || facts.occasion.is_personal() {
        return None;
    }
    for restriction in &facts.restrictions {
        reasons.push(restriction.reason());
        reasons.push(restriction.background());
    }
    Some(Outcome::Review { look: Look::Listed })
}

/// The vendor was first, and the program says that it stays so.
fn sold_by_vendor(terms: &ClaimTerms, facts: &ClaimFacts, reasons: &mut Vec<Reason>) -> Option<Outcome> {
    let sale = facts.own_sale.as_ref().filter(|_| facts.occasion != Occasion::Reopening)?;
    if terms.registration.existing_opportunity != Some(OnOpportunity::Reject) {
        return None;
    }
    let text = "We are already talking to this customer ourselves, since before the registration.";
    reasons.push(Reason::new("own_sale", text).citing(ON_OPPORTUNITY));
    reasons.push(own_sale_of(sale));
    Some(Outcome::Rejected)
}

/// The vendor was first, and a person decides what that means.
fn own_sale(terms: &ClaimTerms, facts: &ClaimFacts, reasons: &mut Vec<Reason>) -> Option<Outcome> {
    let sale = facts.own_sale.as_ref().filter(|_| !facts.occasion.is_personal())?;
    if terms.registration.existing_opportunity != Some(OnOpportunity::Review) {
        return None;
    }
    let text = "We may already be talking to this customer ourselves; a person decides about the registration.";
    reasons.push(Reason::new("own_sale", text).citing(ON_OPPORTUNITY));
    reasons.push(own_sale_of(sale));
    Some(Outcome::Review { look: Look::OwnSale })
}

const ON_OPPORTUNITY: &str = "deals.toml: registration.existing_opportunity";

fn own_sale_of(sale: &OwnSale) -> Reason {
    let text = format!("The opportunity “{}” has been open since {}.", sale.title, sale.since);
    Reason::new("opportunity", text).citing(ON_OPPORTUNITY).resting_on(&sale.evidence).for_vendor()
}

/// The next approval that its value needs, if one is missing.
fn approval(terms: &ClaimTerms, facts: &ClaimFacts, reasons: &mut Vec<Reason>) -> Option<Outcome> {
    if facts.occasion == Occasion::Reopening {
        return None;
    }
    let steps = terms.approvals_for(facts.value);
    let (place, step) = steps.get(facts.approvals_given)?;
    let (number, of) = (facts.approvals_given + 1, steps.len());
    let text = format!(
        "The deal is worth {}; above {} it needs approval, step {number} of {of}.",
        facts.value.pretty(),
        step.above.pretty()
    );
    reasons.push(Reason::new("approval_needed", text).citing(format!("deals.toml: approval[{place}].above")));
    let text = format!("The step is given by: {}.", step.roles.join(", "));
    reasons.push(Reason::new("approvers", text).citing(format!("deals.toml: approval[{place}].roles")).for_vendor());
    Some(Outcome::Review { look: Look::Approval })
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
    Some(Outcome::Queued { place: place_behind(terms, facts, &rival.claim) })
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
    if facts.approvals_given > 0 {
        // People have looked at its value.
        return None;
    }
    let limit = terms.registration.review_above.filter(|limit| facts.value.minor > limit.minor)?;
    let text = format!("The deal is worth {}; above {} a person approves it.", facts.value.pretty(), limit.pretty());
    reasons.push(Reason::new("large_value", text).citing("deals.toml: registration.review_above"));
    Some(Outcome::Review { look: Look::LargeValue })
}

fn approved(terms: &ClaimTerms, facts: &ClaimFacts, reasons: &mut Vec<Reason>) -> Outcome {
    let (registration, window) = match &facts.class {
        Some(class) => terms.registration_of(class, facts.value),
        None => (terms.registration.clone(), None),
    };
    let protected_until = facts.now.plus_days(i64::from(registration.protection_days));
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
    if let Some(sale) = facts.own_sale.as_ref().filter(|_| terms.sells_together()) {
        let text = "We are already talking to this customer ourselves, so that both sell together.";
        reasons.push(Reason::new("co_sell", text).citing(ON_OPPORTUNITY));
        reasons.push(own_sale_of(sale));
    }
    let days = registration.protection_days;
    let text = format!("It is protected for {days} days, until {}.", terms.day(protected_until));
    let own = window.filter(|place| terms.windows.get(*place).is_some_and(|window| window.protection_days.is_some()));
    let place = own.map_or_else(
        || "deals.toml: registration.protection_days".to_owned(),
        |place| format!("deals.toml: window[{place}].protection_days"),
    );
    reasons.push(Reason::new("protected", text).citing(place));
    Outcome::Approved { protected_until }
}
