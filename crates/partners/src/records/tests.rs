//! Recorded facts through the operations: who may say what, what counts since when, and that rules read it.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use kernel::{Actor, Error, PartnerId, Result, Timestamp};
use law::{Rule, Value};
use proptest::prelude::*;
use scoring::Times;
use trial::{Trial, both_databases};

use super::*;
use crate::fixture::{active, enact, install, northwind, page};
use crate::profile::GetPartner;
use crate::tiers::RecalculateTiers;

const FACTS: &str = r#"
[fact.certificates]
title = "Certificates"
about = "person"
key = ["person", "product"]
valid_days = 365
remind_days = 30
by_partner = "confirmed"
evidence = true

[fact.certificates.field.product]
kind = "text"
choices = ["core", "edge"]

[fact.certificates.field.version]
kind = "count"

[fact.surveys]
title = "Customer surveys"
key = ["quarter"]

[fact.surveys.field.quarter]
kind = "text"

[fact.surveys.field.satisfied]
kind = "ratio"

[fact.surveys.field.spent]
kind = "money"
optional = true
"#;

const TIERS: &str = r#"
[[tier]]
key = "member"
title = "Member"

[[tier]]
key = "expert"
title = "Expert"
requires = """
certificates.filter(c, c.valid_until > now and c.version >= 2).distinct(c, c.person).count() >= 2
and surveys.exists(s, s.satisfied >= 80%)"""
"#;

async fn program(t: &Trial) -> Partner {
    let mut files = northwind();
    files.insert("facts.toml".to_owned(), FACTS.to_owned());
    files.insert("tiers.toml".to_owned(), TIERS.to_owned());
    for file in ["metrics.toml", "scorecard.toml", "markets.toml", "partnership.toml"] {
        files.remove(file);
    }
    let archetypes = files.get_mut("archetypes.toml").unwrap();
    *archetypes = archetypes.lines().filter(|line| !line.contains("tier")).collect::<Vec<_>>().join("\n");
    for (name, text) in &mut files {
        if name != "tiers.toml" {
            *text = text.replace("\"gold\"", "\"expert\"").replace("\"silver\"", "\"expert\"");
        }
    }
    enact(t, files).await;
    active(t, "Atlantic Dispatch", "reseller").await
}

use crate::profile::Partner;

fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn certificate(partner: PartnerId, person: &str, product: &str, version: &str) -> RecordFact {
    let given = Given {
        person: Some(person.to_owned()),
        fields: fields(&[("product", product), ("version", version)]),
        evidence: Some("https://files.example/c.pdf".to_owned()),
        ..Given::default()
    };
    RecordFact { partner, kind: "certificates".to_owned(), given }
}

fn survey(partner: PartnerId, quarter: &str, satisfied: &str) -> RecordFact {
    let given = Given { fields: fields(&[("quarter", quarter), ("satisfied", satisfied)]), ..Given::default() };
    RecordFact { partner, kind: "surveys".to_owned(), given }
}

fn faults(result: Result<impl std::fmt::Debug>) -> Vec<(String, String)> {
    match result {
        Err(Error::Invalid(errors)) => errors.into_iter().map(|error| (error.field, error.rule)).collect(),
        other => panic!("{other:?}"),
    }
}

async fn tier(t: &Trial, partner: PartnerId) -> String {
    t.run(RecalculateTiers::default()).await.unwrap();
    t.ask(GetPartner { partner }).await.unwrap().partner.tier.unwrap_or_default()
}

async fn listed(t: &Trial, actor: &Actor, state: State) -> Vec<Fact> {
    t.ask_as(actor, ListFacts { state: Some(state), ..ListFacts::default() })
        .await
        .unwrap()
        .items
        .into_iter()
        .map(|line| line.fact)
        .collect()
}

both_databases! { install;
    // covers: B0.1, P9, B3.8
    async fn certificates_of_distinct_people_and_a_survey_make_a_tier(t: Trial) {
        let partner = program(t).await.id;
        t.run(survey(partner, "2026-Q1", "85%")).await.unwrap();
        t.run(certificate(partner, "Ana Alvarez", "core", "2")).await.unwrap();
        t.run(certificate(partner, "ana alvarez", "edge", "2")).await.unwrap();
        t.run(certificate(partner, "Bo Berg", "core", "1")).await.unwrap();
        assert_eq!(tier(t, partner).await, "member", "one person counts once, an old version not at all");
        t.run(certificate(partner, "Bo Berg", "core", "2")).await.unwrap();
        assert_eq!(tier(t, partner).await, "expert");
        t.clock.advance_days(366);
        assert_eq!(tier(t, partner).await, "member", "certificates end");
    }

    async fn what_a_partner_proposes_counts_when_the_vendor_confirms(t: Trial) {
        let partner = program(t).await.id;
        let person = t.partner_person(partner);
        let proposed = t.run_as(&person, certificate(partner, "Ana", "core", "2")).await.unwrap();
        assert_eq!((proposed.state, proposed.recorded_at), (State::Proposed, None));
        let again = t.run_as(&person, certificate(partner, "Ana", "core", "2")).await.unwrap();
        assert_eq!(again.id, proposed.id, "the same again changes nothing");
        let better = t.run_as(&person, certificate(partner, "Ana", "core", "3")).await.unwrap();
        assert_eq!(listed(t, &person, State::Proposed).await.len(), 1, "a proposal takes the place of an older one");
        assert!(matches!(t.run_as(&person, ConfirmFact { fact: better.id }).await, Err(Error::Forbidden { .. })));
        let confirmed = t.run(ConfirmFact { fact: better.id }).await.unwrap();
        assert_eq!((confirmed.state, confirmed.recorded_at), (State::Recorded, Some(t.now())));
        assert!(t.run(ConfirmFact { fact: better.id }).await.is_err());
        let refused = t.run_as(&person, certificate(partner, "Bo", "core", "2")).await.unwrap();
        let reason = "The address leads nowhere.".to_owned();
        let refused = t.run(RefuseFact { fact: refused.id, reason: reason.clone() }).await.unwrap();
        assert_eq!((refused.state, refused.reason), (State::Refused, Some(reason)));
        let survey = t.run_as(&person, survey(partner, "2026-Q1", "99%")).await;
        assert!(matches!(survey, Err(Error::Forbidden { .. })), "surveys are the vendor's to record");
        let take = WithdrawFact { fact: confirmed.id, reason: "left us".to_owned() };
        assert!(matches!(t.run_as(&person, take.clone()).await, Err(Error::Forbidden { .. })));
        assert_eq!(t.run(take).await.unwrap().state, State::Withdrawn);
    }

    // covers: C11
    async fn facts_of_another_partner_are_out_of_reach(t: Trial) {
        let partner = program(t).await.id;
        let other = active(t, "Fjord Haulage", "reseller").await.id;
        let foreign = t.partner_person(other);
        let fact = t.run(certificate(partner, "Ana", "core", "2")).await.unwrap().id;
        assert!(matches!(t.ask_as(&foreign, GetFact { fact }).await, Err(Error::NotFound { .. })));
        assert!(listed(t, &foreign, State::Recorded).await.is_empty());
        let reason = "not mine".to_owned();
        assert!(matches!(t.run_as(&foreign, WithdrawFact { fact, reason }).await, Err(Error::NotFound { .. })));
        assert!(t.run_as(&foreign, certificate(partner, "Eve", "core", "2")).await.is_err());
    }

    async fn a_correction_keeps_what_was_known_before(t: Trial) {
        let partner = program(t).await.id;
        let first = t.run(survey(partner, "2026-Q1", "85%")).await.unwrap();
        let then = t.now();
        t.clock.advance_days(10);
        let same = t.run(survey(partner, "2026-Q1", "0.85")).await.unwrap();
        assert_eq!(same.id, first.id, "25% and 0.25 are one share, and a fact is recorded once");
        let second = t.run(survey(partner, "2026-q1", "60%")).await.unwrap();
        assert_eq!((second.corrects, second.state), (Some(first.id), State::Recorded));
        let law = law_of(t).await;
        let satisfied = |at: Timestamp| {
            let kind = law.facts.get("surveys").unwrap().clone();
            async move {
                let mut tx = t.app.db().read().await.unwrap();
                let times = Times { at: t.now(), known_at: at };
                let rows = load::load(&mut tx, t.organization, ("surveys", &kind), times).await.unwrap();
                let place = kind.set().fields.keys().position(|name| name == "satisfied").unwrap();
                rows.into_iter().map(|(_, row)| row[place].clone()).collect::<Vec<_>>()
            }
        };
        assert_eq!(satisfied(then).await, vec![Value::ratio(85, 100)]);
        assert_eq!(satisfied(t.now()).await, vec![Value::ratio(60, 100)]);
        let old = t.ask(GetFact { fact: first.id }).await.unwrap().line.fact;
        assert_eq!((old.state, old.ended_at), (State::Corrected, Some(t.now())));
    }

    async fn bad_facts_are_refused_with_everything_that_is_wrong(t: Trial) {
        let partner = program(t).await.id;
        let mut wrong = certificate(partner, " ", "cor", "two");
        wrong.given.evidence = None;
        wrong.given.fields.insert("colour".to_owned(), "red".to_owned());
        wrong.given.from = Some("2026-03-02".parse().unwrap());
        wrong.given.until = Some("2026-03-01".parse().unwrap());
        let found = faults(t.run(wrong.clone()).await);
        let places: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(places, ["fields.product", "fields.version", "fields.colour", "person", "evidence", "until"]);
        assert!(found[0].1.contains("did you mean `core`?"), "{found:?}");
        let unknown = RecordFact { kind: "certificate".to_owned(), ..wrong.clone() };
        assert!(faults(t.run(unknown).await)[0].1.contains("`certificates`, `surveys`"));
        let mut foreign = survey(partner, "2026-Q1", "85%");
        foreign.given.fields.insert("spent".to_owned(), "USD 5.00".to_owned());
        assert_eq!(faults(t.run(foreign).await), vec![("fields.spent".to_owned(), "rules count in EUR; got `USD 5.00`".to_owned())]);
        let batch = RecordFacts { facts: vec![survey(partner, "2026-Q1", "85%"), wrong] };
        assert!(faults(t.run(batch).await).iter().all(|(field, _)| field.starts_with("facts[1].")));
        let person = t.partner_person(partner);
        assert!(listed(t, &person, State::Recorded).await.is_empty(), "a batch is recorded whole or not at all");
        let batch = || RecordFacts { facts: vec![survey(partner, "2026-Q1", "85%"), survey(partner, "2026-Q2", "90%")] };
        assert_eq!(t.run(batch()).await.unwrap(), Recorded { recorded: 2, unchanged: 0 });
        assert_eq!(t.run(batch()).await.unwrap(), Recorded { recorded: 0, unchanged: 2 });
    }

    async fn the_end_of_a_certificate_is_announced_and_told(t: Trial) {
        let partner = program(t).await.id;
        let fact = t.run(certificate(partner, "Ana", "core", "2")).await.unwrap().id;
        let told = || async { t.ask(GetFact { fact }).await.unwrap().timeline.iter().map(|event| event.kind.clone()).collect::<Vec<_>>() };
        let actor = Actor::system(t.organization, "clocks");
        t.clock.advance_days(336);
        clocks::tick(&t.app, &actor).await.unwrap();
        assert!(told().await.contains(&"fact.ending".to_owned()));
        t.clock.advance_days(30);
        clocks::tick(&t.app, &actor).await.unwrap();
        assert!(told().await.contains(&"fact.lapsed".to_owned()));
        let by_hand = t.run_as(&t.partner_person(partner), keeping::LapseFact { fact }).await;
        assert!(matches!(by_hand, Err(Error::Forbidden { .. })), "{by_hand:?}");
    }

    async fn pages_show_what_is_recorded_and_how_to_record(t: Trial) {
        let partner = program(t).await.id;
        let person = t.partner_person(partner);
        let fact = t.run_as(&person, certificate(partner, "Ana Alvarez", "core", "2")).await.unwrap().id;
        let text = page(t, &t.system, "/facts", &[]).await;
        assert!(text.contains("Ana Alvarez, product core, version 2") && text.contains("Waits for confirmation"), "{text}");
        let text = page(t, &t.system, &format!("/facts/{fact}"), &[]).await;
        assert!(text.contains("Confirm") && text.contains("https://files.example/c.pdf"), "{text}");
        let text = page(t, &t.system, "/facts/new/certificates", &[]).await;
        assert!(text.contains("fields.product") && text.contains("Atlantic Dispatch"), "{text}");
        let text = page(t, &person, "/facts", &[]).await;
        assert!(text.contains("partners, confirmed by the vendor") && text.contains("/facts/new/certificates"), "{text}");
        assert!(!text.contains("/facts/new/surveys"), "what the vendor records is not offered to partners: {text}");
    }
}

async fn law_of(t: &Trial) -> law::Program {
    let mut tx = t.app.db().read().await.unwrap();
    let scope = kernel::Scope { organization: t.organization, partner: None };
    let law = programs::law_at(&t.app, &mut tx, &scope, t.now(), t.now()).await.unwrap();
    law.program.clone()
}

proptest! {
    /// However people write it, a fact is read to what it says or refused at its field.
    #[test]
    fn any_text_is_read_or_refused_at_its_field(product in ".{0,20}", version in ".{0,12}", person in ".{0,20}") {
        let file: law::FactsFile = toml::from_str(FACTS).unwrap();
        let kind = &file.fact["certificates"];
        let given = fields(&[("product", &product), ("version", &version)]);
        let raw = fact::Raw { person: Some(&person), fields: &given, evidence: Some("x"), from: None, until: None };
        let now: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        let utc = jiff::tz::TimeZone::UTC;
        match fact::read(kind, &raw, &utc, kernel::Currency::EUR, now) {
            Ok(read) => prop_assert_eq!(read.fields.len(), 2),
            Err(faults) => prop_assert!(faults.iter().all(|fault| ["fields.product", "fields.version", "person"].contains(&fault.field.as_str()))),
        }
    }
}

#[test]
fn the_lint_knows_the_sets_that_the_program_declares() {
    let rule: Rule = "certificates.count(c, c.prodct == \"core\") >= 2".parse().unwrap();
    let mut files = northwind();
    files.insert("facts.toml".to_owned(), FACTS.replace("key = [\"quarter\"]", "key = [\"quartr\"]"));
    let tiers = format!("{TIERS}\n[[tier]]\nkey = \"top\"\ntitle = \"Top\"\nrequires = '''{rule}'''\n");
    files.insert("tiers.toml".to_owned(), tiers);
    let found: Vec<String> = law::lint(&files, &law::Catalog::standard(), None)
        .diagnostics
        .into_iter()
        .filter(|each| each.code == "unknown-field")
        .map(|each| format!("{} → {}", each.file, each.suggestion.unwrap_or_default()))
        .collect();
    assert_eq!(found, ["facts.toml → quarter", "tiers.toml → product"]);
}
