use kernel::Timestamp;
use law::TieBreak;
use proptest::prelude::*;
use trial::both_databases;

use super::rules::{NOW, claim, terms};
use super::*;

fn related(kind: RelationshipKind) -> Option<Relationship> {
    Some(Relationship { kind, evidence: "deal_x".to_owned() })
}

// covers: B1.4
#[test]
fn each_way_of_the_precedence_lets_its_claim_lead() {
    type Change = fn(&mut Claim);
    let cases: [(TieBreak, &str, Change, Change); 9] = [
        (TieBreak::Tier, "the higher tier", |c| c.tier = Some("gold".into()), |c| c.tier = Some("silver".into())),
        (
            TieBreak::RegisteredAt,
            "valid first",
            |c| c.valid_at = Timestamp::from_micros(NOW),
            |c| c.valid_at = Timestamp::from_micros(NOW + 1),
        ),
        (
            TieBreak::Relationship,
            "the stronger relationship",
            |c| c.merits.relationship = related(RelationshipKind::NamedAccount),
            |c| c.merits.relationship = related(RelationshipKind::Revenue),
        ),
        (
            TieBreak::Relationship,
            "the stronger relationship",
            |c| c.merits.relationship = related(RelationshipKind::WonDeal),
            |_| {},
        ),
        (TieBreak::Capability, "entitled", |c| c.merits.capable = true, |_| {}),
        (TieBreak::Incumbency, "serves the customer today", |c| c.merits.incumbent = true, |_| {}),
        (TieBreak::Tender, "public tender", |c| c.merits.tender = true, |_| {}),
        (
            TieBreak::Value,
            "the higher value",
            |c| c.merits.value = Some("EUR 20.00".parse().unwrap()),
            |c| c.merits.value = Some("EUR 19.99".parse().unwrap()),
        ),
        (TieBreak::Completeness, "most qualified", |c| c.merits.completeness = 7, |c| c.merits.completeness = 6),
    ];
    for (by, words, better, worse) in cases {
        let terms = terms(vec![by, TieBreak::RegisteredAt]);
        // In everything else the other one is better: it came first and has the older id.
        let (mut first, mut second) = (claim(9, "bronze", 50), claim(1, "bronze", 0));
        better(&mut first);
        worse(&mut second);
        assert!(super::super::precedence(&terms, &first) < super::super::precedence(&terms, &second), "{by:?}");
        let why = super::super::precedence::deciding(&terms, &first, &second);
        assert!(why.contains(words), "{by:?}: {why}");
    }
}

#[test]
fn what_is_still_equal_is_settled_by_valid_time_and_then_by_id() {
    let mut by_tier = terms(vec![TieBreak::Tier]);
    let (old_id, early) = (claim(1, "gold", 20), claim(2, "gold", 10));
    assert_eq!(leader(&by_tier, [&old_id, &early].into_iter()).unwrap().deal, old_id.deal.min(early.deal));
    by_tier.time_settles = true;
    assert_eq!(leader(&by_tier, [&old_id, &early].into_iter()), Some(&early));
    assert!(super::super::precedence::deciding(&by_tier, &early, &old_id).contains("valid first"));
}

fn contenders() -> impl Strategy<Value = (Vec<TieBreak>, Vec<Claim>)> {
    let ways = [
        TieBreak::Tier,
        TieBreak::RegisteredAt,
        TieBreak::Relationship,
        TieBreak::Capability,
        TieBreak::Incumbency,
        TieBreak::Tender,
        TieBreak::Renewal,
        TieBreak::Value,
        TieBreak::Completeness,
    ];
    let precedence =
        Just(ways.to_vec()).prop_shuffle().prop_flat_map(|all| (1..=all.len()).prop_map(move |n| all[..n].to_vec()));
    let merits =
        (0..4usize, any::<[bool; 4]>(), 0..3i128, 0..3u8).prop_map(|(kind, flags, value, completeness)| Merits {
            relationship: match kind {
                0 => None,
                1 => related(RelationshipKind::WonDeal),
                2 => related(RelationshipKind::Revenue),
                _ => related(RelationshipKind::NamedAccount),
            },
            capable: flags[0],
            incumbent: flags[1],
            tender: flags[2],
            renewal: flags[3],
            value: Some(Money::new(value, "EUR".parse().unwrap())),
            completeness,
        });
    let one = (0usize..3, 0i64..2, merits);
    let claims = prop::collection::vec(one, 1..12).prop_map(|claims| {
        let numbered = claims.into_iter().enumerate();
        let made = numbered.map(|(n, (tier, valid, merits))| Claim {
            merits,
            ..claim(n as u64 + 1, ["bronze", "silver", "gold"][tier], valid)
        });
        made.collect()
    });
    (precedence, claims)
}

proptest! {
    // covers: B1.4
    #[test]
    fn the_order_is_the_same_for_any_order_of_arrival(
        ((precedence, claims), seed) in contenders().prop_flat_map(|made| {
            let claims = made.1.clone();
            (Just(made), Just(claims).prop_shuffle())
        })
    ) {
        let mut terms = terms(precedence);
        terms.time_settles = true;
        let (mut one, mut other) = (claims, seed);
        in_order(&terms, &mut one, |claim| claim);
        in_order(&terms, &mut other, |claim| claim);
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(leader(&terms, other.iter()), one.first());
        // Strictly ordered: no two claims have the same place.
        for pair in one.windows(2) {
            prop_assert!(super::super::precedence(&terms, &pair[0]) < super::super::precedence(&terms, &pair[1]));
        }
    }
}

#[test]
fn what_was_decided_before_there_were_more_ways_is_computed_again_to_the_bit() {
    // As version 0.1 stored them.
    let terms = r#"{"registration":{"protection_days":90,"renewal_days":90,"renewals_max":2,"renewals_open_days":30,
        "proof_required":true,"inactivity_days":45,"warn_days":[14,7,1],"decision":"automatic",
        "minimum_value":"EUR 1000.00","review_above":"EUR 250000.00","reopen_role":"head_of_partnerships"},
        "same":900,"review":700,"precedence":["tier","registered_at"],"tiers":["bronze","silver","gold"],
        "time_zone":"Europe/Berlin"}"#;
    let stored: ClaimTerms = serde_json::from_str(terms).unwrap();
    let again: serde_json::Value = serde_json::to_value(&stored).unwrap();
    assert_eq!(again, serde_json::from_str::<serde_json::Value>(terms).unwrap(), "terms keep their digest");
    let own = claim(1, "silver", 10);
    let rival = Rival { claim: claim(2, "gold", 20), standing: Standing::Undecided };
    let facts = super::rules::facts(own, vec![rival]);
    let json = serde_json::to_value(&facts).unwrap();
    let mut keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(
        keys,
        ["claim", "matches", "now", "occasion", "rivals", "value"],
        "facts that nobody asks for are left out"
    );
    let verdict = <ClaimRule as kernel::Rule>::decide(&stored, &facts);
    assert_eq!(verdict.outcome, Outcome::Queued { place: 1 });
    let texts: Vec<&str> = verdict.reasons.iter().map(|reason| reason.text.as_str()).collect();
    assert_eq!(texts[0], "Another valid registration for this customer takes precedence.");
    assert!(texts[1].ends_with("the higher tier goes first."), "{texts:?}");
}

async fn manual(t: &Trial, precedence: &str) {
    let order = format!("precedence = {precedence}");
    changed(
        t,
        &[
            ("deals.toml", "decision = \"automatic\"", "decision = \"manual\""),
            ("engagement.toml", "precedence = [\"tier\", \"registered_at\"]", &order),
        ],
    )
    .await;
}

both_databases! { install;
    // covers: B1.4
    async fn the_incumbent_and_an_earlier_customer_go_before_newcomers(t: Trial) {
        manual(t, "[\"incumbency\", \"relationship\", \"registered_at\"]").await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let (_, bell) = partner(t, "Bell Partners", "platinum").await;
        let approve = |deal| ApproveDeal { deal, customer: None, new_customer: false };
        let sold = register(t, &ada, brandt()).await.deal.id;
        t.run(approve(sold)).await.unwrap();
        t.run(WinDeal { deal: sold, value: None }).await.unwrap();
        t.clock.advance_days(10);
        let newcomer = register(t, &bell, brandt()).await.deal.id;
        t.clock.advance_days(1);
        let incumbent = register(t, &ada, brandt()).await.deal.id;
        tick(t).await;
        assert_eq!((state(t, newcomer).await, state(t, incumbent).await), (State::Submitted, State::PendingApproval));
        let shown = show(t, newcomer).await;
        let why: Vec<&str> = shown.decisions[0].reasons.iter().map(|reason| reason.text.as_str()).collect();
        assert!(why.iter().any(|text| text.contains("serves the customer today goes first")), "{why:?}");
    }

    // covers: B1.4
    async fn the_most_qualified_claim_leads_where_the_program_says_so(t: Trial) {
        manual(t, "[\"completeness\", \"registered_at\"]").await;
        let (_, ada) = partner(t, "Ada Systems", "platinum").await;
        let (_, bell) = partner(t, "Bell Partners", "bronze").await;
        let first = register(t, &ada, brandt()).await.deal.id;
        let qualification =
            Qualification { customer_contact: Some("Frau Brandt".into()), proof: Some("offer".into()), ..Default::default() };
        let qualified = RegisterDeal { qualification, ..claim_to(brandt(), "EUR 20000.00") };
        let second = t.run_as(&bell, qualified).await.unwrap().deal;
        tick(t).await;
        assert_eq!((state(t, first).await, state(t, second.id).await), (State::Submitted, State::PendingApproval));
        assert_eq!(second.qualification.proof.as_deref(), Some("offer"));
    }

    async fn a_tender_needs_its_source(t: Trial) {
        program(t, &[]).await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let qualification = Qualification { tender_reference: Some("2026/S 44-1".into()), ..Default::default() };
        let claim = RegisterDeal { qualification: qualification.clone(), ..claim_to(brandt(), "EUR 20000.00") };
        assert!(matches!(t.run_as(&ada, claim.clone()).await, Err(Error::Invalid(_))));
        let tender = RegisterDeal { source: Source::Tender, ..claim };
        assert_eq!(t.run_as(&ada, tender).await.unwrap().deal.qualification, qualification);
    }
}
