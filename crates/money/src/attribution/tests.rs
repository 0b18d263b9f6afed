//! The rule of attribution over what speaks for a partner.
#![allow(clippy::unwrap_used)]

use kernel::{Audience, Id, PartnerId, Rule as _, Timestamp};

use super::*;

fn partner(n: u8) -> PartnerId {
    Id::from_bytes([n; 16])
}

fn deal(n: u8, of: u8, won_at: &str) -> Candidate {
    Candidate {
        deal: Id::from_bytes([n; 16]),
        number: format!("D-{n}"),
        partner: partner(of),
        won_at: won_at.parse().unwrap(),
    }
}

fn facts(candidates: Vec<Candidate>, hint: Option<u8>) -> AttributionFacts {
    AttributionFacts {
        event: Id::from_bytes([9; 16]),
        customer: Id::from_bytes([8; 16]),
        kind: InvoiceKind::Invoice,
        occurred_at: "2026-03-01".parse::<Timestamp>().unwrap(),
        candidates,
        hint: hint.map(partner),
    }
}

#[test]
fn a_won_deal_says_more_than_a_name_and_a_name_more_than_nothing() {
    let first = || deal(1, 1, "2026-02-01");
    let older = || deal(2, 2, "2026-01-01");
    for (candidates, hint, whose, basis, codes, ordinary) in [
        (vec![], None, None, Basis::Nothing, vec!["nobody"], false),
        (vec![], Some(3), Some(3), Basis::Hint, vec!["named"], false),
        (vec![first()], None, Some(1), Basis::WonDeal, vec!["won_deal"], true),
        (vec![first()], Some(1), Some(1), Basis::WonDeal, vec!["won_deal"], true),
        (vec![first()], Some(3), Some(1), Basis::WonDeal, vec!["won_deal", "hint_outweighed"], false),
        (vec![first(), older()], None, Some(1), Basis::WonDeal, vec!["won_deal", "earlier_deal"], false),
    ] {
        let facts = facts(candidates, hint);
        let verdict = AttributionRule::decide(&AttributionTerms::default(), &facts);
        assert_eq!((verdict.outcome.partner, verdict.outcome.basis), (whose.map(partner), basis));
        assert_eq!(verdict.reasons.iter().map(|r| r.code.as_str()).collect::<Vec<_>>(), codes);
        assert_eq!(facts.is_ordinary(), ordinary);
    }
}

#[test]
fn a_partner_does_not_read_of_its_rivals() {
    let rivals = facts(vec![deal(1, 1, "2026-02-01"), deal(2, 2, "2026-01-01")], Some(3));
    let verdict = AttributionRule::decide(&AttributionTerms::default(), &rivals);
    let shown: Vec<_> = verdict.reasons.into_iter().filter(|reason| reason.audience == Audience::Both).collect();
    assert_eq!(shown.iter().map(|r| r.code.as_str()).collect::<Vec<_>>(), ["won_deal"]);
}
