use kernel::{IdSource, Rule as _, Timestamp};
use law::TieBreak;
use proptest::prelude::*;

use super::*;

pub(super) const NOW: i64 = 1_800_000_000_000_000;

pub(super) fn terms(precedence: Vec<TieBreak>) -> ClaimTerms {
    ClaimTerms {
        registration: law::Registration::default(),
        same: 900,
        review: 700,
        precedence,
        tiers: ["bronze", "silver", "gold"].map(str::to_owned).to_vec(),
        time_zone: "Europe/Berlin".to_owned(),
        windows: Vec::new(),
        segments: Vec::new(),
        approvals: Vec::new(),
        time_settles: false,
    }
}

fn tier_then_time() -> ClaimTerms {
    terms(vec![TieBreak::Tier, TieBreak::RegisteredAt])
}

pub(super) fn claim(n: u64, tier: &str, valid: i64) -> Claim {
    let mut ids = IdSource::seeded(n);
    let at = Timestamp::from_micros(NOW);
    Claim {
        deal: ids.next(at),
        partner: ids.next(at),
        partner_name: format!("Partner {n}"),
        tier: Some(tier.to_owned()),
        valid_at: Timestamp::from_micros(NOW + valid),
        merits: Merits::default(),
    }
}

pub(super) fn facts(claim: Claim, rivals: Vec<Rival>) -> ClaimFacts {
    let value = "EUR 20000.00".parse().unwrap();
    let now = Timestamp::from_micros(NOW + 1_000);
    ClaimFacts {
        now,
        occasion: Occasion::Registration,
        claim,
        value,
        matches: Vec::new(),
        rivals,
        class: None,
        restrictions: Vec::new(),
        own_sale: None,
        approvals_given: 0,
    }
}

#[test]
fn rivals_decide_by_what_they_hold() {
    let own = || claim(1, "silver", 10);
    let (protected, over) = (Timestamp::from_micros(NOW + 9_000), Timestamp::from_micros(NOW + 900));
    for (what, rival, standing, expected) in [
        ("a protected claim of a lower tier", claim(2, "bronze", 0), Standing::Protected(protected), "queued"),
        ("a protection that is over", claim(2, "gold", 0), Standing::Protected(over), "approved"),
        ("an undecided claim of a higher tier", claim(2, "gold", 20), Standing::Undecided, "queued"),
        ("an earlier one of the same tier", claim(2, "silver", 5), Standing::Undecided, "queued"),
        ("a later one of the same tier", claim(2, "silver", 15), Standing::Undecided, "approved"),
        ("an earlier one of a lower tier", claim(2, "bronze", 0), Standing::Undecided, "approved"),
        ("a sale before", claim(2, "bronze", 0), Standing::Won(Timestamp::from_micros(NOW)), "review"),
        ("a sale since", claim(2, "bronze", 0), Standing::Won(Timestamp::from_micros(NOW + 10)), "rejected"),
    ] {
        let verdict = ClaimRule::decide(&tier_then_time(), &facts(own(), vec![Rival { claim: rival, standing }]));
        let outcome = serde_json::to_value(verdict.outcome).unwrap();
        assert_eq!(outcome["is"], expected, "{what}: {:?}", verdict.reasons);
    }
}

#[test]
fn programs_may_put_time_before_tier() {
    let early = Rival { claim: claim(2, "bronze", 0), standing: Standing::Undecided };
    let by_time = terms(vec![TieBreak::RegisteredAt, TieBreak::Tier]);
    let verdict = ClaimRule::decide(&by_time, &facts(claim(1, "gold", 10), vec![early]));
    assert_eq!(verdict.outcome, Outcome::Queued { place: 1 });
}

fn contenders() -> impl Strategy<Value = Vec<Claim>> {
    let one = (0usize..3, 0i64..3);
    prop::collection::vec(one, 1..8).prop_map(|claims| {
        let tiers = ["bronze", "silver", "gold"];
        let numbered = claims.into_iter().enumerate();
        numbered.map(|(n, (tier, valid))| claim(n as u64 + 1, tiers[tier], valid)).collect()
    })
}

proptest! {
    // covers: B1.4
    #[test]
    fn exactly_one_claim_leads_whatever_the_order_of_arrival(
        (claims, shuffled) in contenders().prop_flat_map(|claims| (Just(claims.clone()), Just(claims).prop_shuffle()))
    ) {
        let terms = tier_then_time();
        let first = leader(&terms, claims.iter()).map(|claim| claim.deal);
        prop_assert_eq!(first, leader(&terms, shuffled.iter()).map(|claim| claim.deal));
        let mut leading = Vec::new();
        for own in &shuffled {
            let others = shuffled.iter().filter(|other| other.deal != own.deal);
            let rivals = others.map(|other| Rival { claim: other.clone(), standing: Standing::Undecided }).collect();
            if let Outcome::Approved { .. } = ClaimRule::decide(&terms, &facts(own.clone(), rivals)).outcome {
                leading.push(own.deal);
            }
        }
        prop_assert_eq!(leading, vec![first.unwrap()]);
    }

    // covers: C11
    #[test]
    fn what_both_sides_read_names_no_rival(claims in contenders(), protected: bool) {
        let own = claims[0].clone();
        let standing =
            if protected { Standing::Protected(Timestamp::from_micros(NOW + 5_000)) } else { Standing::Undecided };
        let rivals: Vec<Rival> = claims[1..].iter().map(|c| Rival { claim: c.clone(), standing }).collect();
        let verdict = ClaimRule::decide(&tier_then_time(), &facts(own, rivals));
        let shown: Vec<_> = verdict.reasons.iter().filter(|r| r.audience == kernel::Audience::Both).collect();
        let text = serde_json::to_string(&(shown, verdict.outcome)).unwrap();
        for rival in &claims[1..] {
            for secret in [rival.partner_name.clone(), rival.partner.to_string(), rival.deal.to_string()] {
                prop_assert!(!text.contains(&secret), "{} in {}", secret, text);
            }
        }
    }
}

#[test]
fn a_renewal_names_every_obstacle_at_once() {
    let terms =
        RenewalTerms { renewal_days: 90, renewals_max: 1, renewals_open_days: 30, proof_required: true, window: None };
    let until = Timestamp::from_micros(NOW).plus_days(20);
    let base = RenewalFacts {
        now: Timestamp::from_micros(NOW),
        state: State::Approved,
        protected_until: Some(until),
        renewals: 0,
        proof: Some("offer".into()),
    };
    let far = Some(until.plus_days(11));
    for (facts, expected) in [
        (base.clone(), vec!["renewed"]),
        (RenewalFacts { proof: None, ..base.clone() }, vec!["proof_missing"]),
        (RenewalFacts { protected_until: far, renewals: 1, ..base.clone() }, vec!["too_early", "renewed_too_often"]),
        (RenewalFacts { now: until, ..base.clone() }, vec!["not_protected"]),
        (RenewalFacts { state: State::Expired, ..base.clone() }, vec!["not_protected"]),
    ] {
        let verdict = RenewalRule::decide(&terms, &facts);
        assert_eq!(codes(&verdict.reasons), expected);
        let granted = (expected == ["renewed"]).then(|| until.plus_days(90));
        assert_eq!(verdict.outcome, granted);
    }
}
