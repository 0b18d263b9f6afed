//! `deals.second_registrant`: what the runner-up earns when the claim before its own is won. A pure rule.

use kernel::{Cx, Rate, Reason, Result, Rule, Verdict};
use programs::InForce;
use serde::{Deserialize, Serialize};

use super::claim::Claim;
use super::deal::Deal;
use super::hearing::{announce, everywhere, save};
use super::merits::Bench;
use super::precedence::in_order;
use super::store;
use crate::registration::ClaimTerms;

/// What the law says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondTerms {
    pub share: Rate,
}

/// What happened: the claim that was won, and the one that was next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFacts {
    pub won: Claim,
    pub next: Claim,
}

/// The share of the winner's commission that the runner-up earns, or none.
pub struct SecondRegistrantRule;

impl Rule for SecondRegistrantRule {
    const KIND: &'static str = "deals.second_registrant";
    type Terms = SecondTerms;
    type Facts = SecondFacts;
    type Outcome = Option<Rate>;

    fn decide(terms: &SecondTerms, facts: &SecondFacts) -> Verdict<Option<Rate>> {
        if facts.won.partner == facts.next.partner {
            let text = "The customer was won through another registration of your own.";
            return Verdict { outcome: None, reasons: vec![Reason::new("own_registration", text).citing(PLACE)] };
        }
        let text = format!(
            "Yours was the second valid registration: it earns {} of the commission on the first, which was won.",
            terms.share
        );
        let background = format!("It was won by {}.", facts.won.partner_name);
        let reasons = vec![
            Reason::new("second_registrant", text).citing(PLACE),
            Reason::new("winner", background).resting_on(facts.won.deal).for_vendor(),
        ];
        Verdict { outcome: Some(terms.share), reasons }
    }
}

const PLACE: &str = "deals.toml: registration.second_registrant";

/// Records what the next in line earns, before it is told that the customer is sold.
pub(crate) async fn credit_runner_up(cx: &mut Cx<'_>, won: &Deal, law: &InForce) -> Result<()> {
    let Some(share) = law.program.deals.registration.second_registrant else { return Ok(()) };
    let scope = everywhere(cx);
    let bench = Bench { app: cx.app, scope: &scope, program: &law.program, now: cx.now };
    let terms = ClaimTerms::of(&law.program);
    let mut waiting = Vec::new();
    for deal in store::waiting_for(cx.tx, &scope, won.id).await? {
        let partner = partners::get(cx.tx, &scope, deal.partner).await?;
        let claim = bench.claim_of(cx.tx, &deal, &partner, deal.customer).await?;
        waiting.push((claim, deal));
    }
    in_order(&terms, &mut waiting, |(claim, _)| claim);
    let Some((next, mut deal)) = waiting.into_iter().next() else { return Ok(()) };
    let winner = partners::get(cx.tx, &scope, won.partner).await?;
    let facts = SecondFacts { won: bench.claim_of(cx.tx, won, &winner, won.customer).await?, next };
    let law = law.citation();
    let decided =
        cx.decide::<SecondRegistrantRule>(deal.id, Some(deal.partner), &law, &SecondTerms { share }, &facts)?;
    if let Some(share) = decided.outcome {
        deal.share = Some(share);
        save(cx, &deal).await?;
        announce(cx, &deal, "deal.share_granted", format!("Second registrant: {share} of the commission"));
    }
    Ok(())
}
