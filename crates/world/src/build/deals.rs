//! Deals, act by act, by the people whose acts they are. What the program refuses does not happen, here as elsewhere.

use std::sync::Arc;

use deals::registration::{
    ApproveDeal, EndCustomer, LoseDeal, LossReason, RecordActivity, RegisterDeal, RenewDeal, ReopenDeal, ResubmitDeal,
    ReturnDeal, WinDeal, WithdrawDeal,
};
use deals::{Deal, Role, Source, State};
use kernel::{Actor, Money, Result};

use super::Stage;
use crate::names::COUNTRIES;
use crate::script::{Claim, DealAct, Spelling};

pub(super) async fn play(stage: &mut Stage<'_>, number: usize, act: DealAct) -> Result<()> {
    if act == DealAct::Register {
        return register(stage, number).await;
    }
    let Some((deal, state)) = stage.deals[number] else { return Ok(()) };
    let claim = &stage.script.claims[number];
    let contested = claim.contested;
    let seller = stage.partners[claim.partner].people[claim.seller].clone();
    let ops = stage.of_staff("partner_ops", claim.partner);
    let sales = stage.of_staff("sales", claim.account);
    let done: Option<Deal> = match act {
        DealAct::Register => None,
        DealAct::Return => {
            let text = "Which company is it exactly? Please add the number from the company register.".to_owned();
            stage.attempt(&ops, ReturnDeal { deal, text }).await?
        }
        DealAct::Resubmit => resubmit(stage, number, &seller).await?,
        DealAct::Approve => approve(stage, number, &ops).await?,
        DealAct::Activity => {
            let note = NOTES[number % NOTES.len()].to_owned();
            let actor = stage.able(&seller, "deals.record_activity", &ops);
            stage.attempt(&actor, RecordActivity { deal, note }).await?
        }
        DealAct::Renew => {
            let proof = Some(PROOFS[number % PROOFS.len()].to_owned());
            stage.attempt(&seller, RenewDeal { deal, proof }).await?
        }
        DealAct::Win => {
            // One in five is sold for a little less than was registered.
            let sold = Money::new(i128::from(claim.value) * 95, stage.program.settings.currency);
            let value = number.is_multiple_of(5).then_some(sold);
            let actor = stage.able(&sales, "deals.win", &ops);
            stage.attempt(&actor, WinDeal { deal, value }).await?
        }
        DealAct::Lose => {
            let (reason, text) = LOSSES[number % LOSSES.len()];
            let actor = stage.able(&sales, "deals.lose", &ops);
            stage.attempt(&actor, LoseDeal { deal, reason, text: text.map(str::to_owned) }).await?
        }
        DealAct::Withdraw => {
            let reason = WITHDRAWALS[number % WITHDRAWALS.len()].to_owned();
            stage.attempt(&seller, WithdrawDeal { deal, reason }).await?
        }
        DealAct::Reopen => {
            let head = stage.of_staff("head_of_partnerships", 0);
            let reason = "The customer's board met a week later than planned; the partner had told us.".to_owned();
            stage.attempt(&head, ReopenDeal { deal, reason }).await?
        }
    };
    stage.deals[number] = Some((deal, done.map_or(state, |deal| deal.state)));
    if contested && act == DealAct::Withdraw {
        // Whoever waits moves up at once, by a clock.
        stage.settle().await?;
    }
    Ok(())
}

async fn register(stage: &mut Stage<'_>, number: usize) -> Result<()> {
    let claim = &stage.script.claims[number];
    let known = &stage.partners[claim.partner];
    let (Some(partner), Some(seller)) = (known.id, known.people.get(claim.seller).cloned()) else { return Ok(()) };
    let (actor, partner) = match claim.on_behalf {
        true => (stage.of_staff("partner_ops", claim.partner), Some(partner)),
        false => (seller, None),
    };
    let close = stage.script.calendar.day(claim.registered_on + 45);
    let operation = RegisterDeal {
        partner,
        customer: end_customer(stage, claim),
        title: claim.title.clone(),
        value: Money::new(i128::from(claim.value) * 100, stage.program.settings.currency),
        products: claim.products.clone(),
        expected_close: Some(close),
        source: match number % 10 {
            0..7 => Source::PartnerSourced,
            7 => Source::VendorReferred,
            8 => Source::CoSell,
            _ => Source::Tender,
        },
        role: match stage.script.partners[claim.partner].archetype {
            "si" => Role::ServicesAttach,
            "platform" | "data" => Role::Referral,
            "oem" => Role::ManagedService,
            _ => Role::Resale,
        },
        relationship: number.is_multiple_of(6).then(|| "We run their telematics since last year.".to_owned()),
        qualification: Default::default(),
    };
    let account = claim.account;
    let Some(registered) = stage.attempt(&actor, operation).await? else { return Ok(()) };
    stage.deals[number] = Some((registered.deal.id, registered.deal.state));
    if stage.accounts[account].is_none() && registered.deal.state == State::Approved {
        stage.accounts[account] = registered.deal.customer;
    }
    Ok(())
}

/// The customer as the seller writes it down.
fn end_customer(stage: &Stage<'_>, claim: &Claim) -> EndCustomer {
    let company = &stage.script.accounts[claim.account].company;
    let country = Some(COUNTRIES[company.country].code.to_owned());
    let plain = company.name.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue");
    match claim.spelling {
        Spelling::Full => EndCustomer {
            name: company.legal_name.clone(),
            domain: Some(company.domain.clone()),
            country,
            vat_number: company.vat_number.clone(),
            registration_number: Some(company.registration_number.clone()),
        },
        Spelling::Loose => EndCustomer {
            name: plain,
            domain: Some(format!("https://www.{}/kontakt", company.domain)),
            country,
            vat_number: None,
            registration_number: Some(company.registration_number.clone()),
        },
        Spelling::Vague => EndCustomer { name: plain, country, ..EndCustomer::default() },
    }
}

/// The seller completes the customer.
async fn resubmit(stage: &mut Stage<'_>, number: usize, seller: &Arc<Actor>) -> Result<Option<Deal>> {
    let Some((deal, _)) = stage.deals[number] else { return Ok(None) };
    let complete = Claim { spelling: Spelling::Full, ..stage.script.claims[number].clone() };
    let operation = ResubmitDeal {
        deal,
        customer: Some(end_customer(stage, &complete)),
        title: None,
        value: None,
        expected_close: None,
        answer: Some("The number from the register is there now.".to_owned()),
    };
    Ok(stage.attempt(seller, operation).await?.map(|registered| registered.deal))
}

/// A person decides; about a doubtful customer, by naming the known one or saying that it is new.
async fn approve(stage: &mut Stage<'_>, number: usize, ops: &Arc<Actor>) -> Result<Option<Deal>> {
    let Some((deal, state)) = stage.deals[number] else { return Ok(None) };
    let account = stage.script.claims[number].account;
    let (customer, new_customer) = match (state, stage.accounts[account]) {
        (State::UnderReview, Some(customer)) => (Some(customer), false),
        (State::UnderReview, None) => (None, true),
        _ => (None, false),
    };
    let approved = stage.attempt(ops, ApproveDeal { deal, customer, new_customer }).await?;
    if let Some(deal) = &approved {
        stage.accounts[account] = stage.accounts[account].or(deal.customer);
    }
    Ok(approved)
}

const NOTES: &[&str] = &[
    "Demonstration for the dispatchers",
    "Call with the head of fleet about the offer",
    "Workshop on the depot's night runs",
    "Offer sent, answer expected within two weeks",
    "Pilot with five vehicles agreed",
];
const PROOFS: &[&str] = &[
    "Offer 2211 of last week, signed by both sides",
    "Minutes of the steering meeting",
    "Pilot agreement with a start date",
    "Invitation of the customer to the final round",
];
const LOSSES: &[(LossReason, Option<&str>)] = &[
    (LossReason::Competitor, Some("They stay with the board that their group uses.")),
    (LossReason::Price, None),
    (LossReason::NoBudget, Some("All projects are frozen until next year.")),
    (LossReason::NoDecision, None),
    (LossReason::MissingFeature, Some("They need tachograph data in the planning view.")),
];
const WITHDRAWALS: &[&str] =
    &["The customer was sold to a group outside of our region", "Registered twice by mistake", "No longer our focus"];
