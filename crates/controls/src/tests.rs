#![allow(clippy::unwrap_used)]

use kernel::{Access, Cx, Error, Operation, PartnerId, Registry, Result, Route, Timestamp, post};
use law::BenefitValue;
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trial::{Trial, both_databases};

use crate::{Compose, Effective, Grant, ListControls, Source, replace, value};

/// Grant controls, as an area does it inside an operation of its own.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct GrantAll {
    partner: PartnerId,
    source: String,
    reference: String,
    grants: Vec<(String, BenefitValue)>,
}

impl Operation for GrantAll {
    const NAME: &'static str = "test.grant";
    const ROUTE: Route = post("/grants");
    const ACCESS: Access = Access::Open;
    type Output = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        let cites = |control: &str| format!("tiers.toml: tier.{}.benefits.{control}", self.reference);
        let grants = self.grants.iter().map(|(control, value)| Grant {
            control: control.clone(),
            value: value.clone(),
            cites: cites(control),
        });
        let grants = grants.collect();
        replace(cx, self.partner, &self.source, &self.reference, "northwind/1", grants).await
    }
}

fn install(registry: &mut Registry) {
    crate::install(registry);
    registry.operation::<GrantAll>();
}

async fn grant(t: &Trial, partner: PartnerId, from: (&str, &str), grants: &[(&str, BenefitValue)]) {
    let grants = grants.iter().map(|(control, value)| ((*control).to_owned(), value.clone())).collect();
    let (source, reference) = (from.0.to_owned(), from.1.to_owned());
    t.run(GrantAll { partner, source, reference, grants }).await.unwrap();
}

async fn list(t: &Trial, partner: PartnerId, at: Option<Timestamp>) -> Vec<Effective> {
    t.ask(ListControls { partner, at }).await.unwrap().items
}

async fn summaries(t: &Trial, partner: PartnerId) -> Vec<String> {
    let mut tx = t.app.db().read().await.unwrap();
    let events = kernel::event::of_subject(&mut tx, &t.system.scope(), &partner.to_string(), 10).await.unwrap();
    events.into_iter().map(|event| event.summary).collect()
}

fn count(count: i64) -> BenefitValue {
    BenefitValue::Count(count)
}

both_databases! { install;
    async fn every_value_says_where_it_comes_from(t: Trial) {
        let partner: PartnerId = t.app.new_id(t.now());
        let granted = t.now();
        grant(t, partner, ("tier", "silver"), &[("deal_slots", count(25)), ("support", BenefitValue::from_text("standard").unwrap())]).await;
        t.clock.advance_days(1);
        grant(t, partner, ("exception", "exc_1"), &[("deal_slots", count(40))]).await;
        let controls = list(t, partner, None).await;
        assert_eq!(controls.len(), 2);
        let slots = &controls[0];
        assert_eq!((slots.title.as_str(), &slots.value, slots.sources.len()), ("Deal slots", &count(40), 2));
        let governing = slots.governing().unwrap();
        assert_eq!((governing.source.as_str(), governing.reference.as_str()), ("exception", "exc_1"));
        assert_eq!(slots.sources[0].cites, "tiers.toml: tier.silver.benefits.deal_slots");
        assert_eq!((slots.sources[0].since, slots.sources[0].law.as_str()), (granted, "northwind/1"));
    }

    async fn a_source_replaces_what_it_granted_and_leaves_the_others_alone(t: Trial) {
        let partner: PartnerId = t.app.new_id(t.now());
        let first = t.now();
        grant(t, partner, ("tier", "silver"), &[("deal_slots", count(25)), ("beta_access", BenefitValue::Flag(true))]).await;
        grant(t, partner, ("agreement", "agr_1"), &[("response_hours", count(4))]).await;
        t.clock.advance_days(30);
        grant(t, partner, ("tier", "gold"), &[("deal_slots", count(60))]).await;
        let now: Vec<(String, BenefitValue)> =
            list(t, partner, None).await.into_iter().map(|c| (c.control, c.value)).collect();
        assert_eq!(now, [("deal_slots".to_owned(), count(60)), ("response_hours".to_owned(), count(4))]);
        assert_eq!(
            summaries(t, partner).await[0],
            "Deal slots: now 60 (was 25) by tier gold. Beta access: no longer granted (was yes)."
        );
        let then = list(t, partner, Some(first)).await;
        assert_eq!(then.iter().map(|c| c.control.as_str()).collect::<Vec<_>>(), ["beta_access", "deal_slots", "response_hours"]);
        assert_eq!(then[1].value, count(25));
    }

    async fn what_goes_on_unchanged_keeps_its_date_and_is_not_told(t: Trial) {
        let partner: PartnerId = t.app.new_id(t.now());
        let granted = t.now();
        for _ in 0..2 {
            grant(t, partner, ("tier", "silver"), &[("deal_slots", count(25))]).await;
            t.clock.advance_days(7);
        }
        assert_eq!(list(t, partner, None).await[0].sources[0].since, granted);
        assert_eq!(summaries(t, partner).await.len(), 1);
        // A larger grant is in effect, so what the tier grants less changes nothing for the partner.
        grant(t, partner, ("exception", "exc_1"), &[("deal_slots", count(90))]).await;
        grant(t, partner, ("tier", "gold"), &[("deal_slots", count(60))]).await;
        assert_eq!(summaries(t, partner).await.len(), 2);
    }

    async fn the_value_of_one_control_is_none_where_nothing_grants_it(t: Trial) {
        let partner: PartnerId = t.app.new_id(t.now());
        grant(t, partner, ("tier", "silver"), &[("deal_slots", count(25))]).await;
        let mut tx = t.app.db().read().await.unwrap();
        let scope = t.system.scope();
        assert_eq!(value(&mut tx, &scope, partner, "deal_slots").await.unwrap(), Some(count(25)));
        assert_eq!(value(&mut tx, &scope, partner, "discount").await.unwrap(), None);
    }

    async fn a_partner_reads_its_own_controls_only(t: Trial) {
        let (own, other): (PartnerId, PartnerId) = (t.app.new_id(t.now()), t.app.new_id(t.now()));
        for partner in [own, other] {
            grant(t, partner, ("tier", "silver"), &[("deal_slots", count(25))]).await;
        }
        let paula = t.partner_person(own);
        assert_eq!(t.ask_as(&paula, ListControls { partner: own, at: None }).await.unwrap().items.len(), 1);
        let refused = t.ask_as(&paula, ListControls { partner: other, at: None }).await;
        assert!(matches!(refused, Err(Error::NotFound { .. })));
        let mut tx = t.app.db().read().await.unwrap();
        assert_eq!(value(&mut tx, &paula.scope(), other, "deal_slots").await.unwrap(), None);
    }

    async fn granting_a_control_twice_at_once_is_a_fault(t: Trial) {
        let partner: PartnerId = t.app.new_id(t.now());
        let grants = vec![("deal_slots".to_owned(), count(1)), ("deal_slots".to_owned(), count(2))];
        let twice = t.run(GrantAll { partner, source: "tier".into(), reference: "gold".into(), grants }).await;
        assert!(matches!(twice, Err(Error::Internal(_))));
    }
}

fn source(value: &str, at: i64) -> Source {
    let value = match value {
        "yes" | "no" => BenefitValue::Flag(value == "yes"),
        number if number.parse::<i64>().is_ok() => BenefitValue::Count(number.parse().unwrap()),
        text => BenefitValue::from_text(text).unwrap(),
    };
    Source {
        source: "tier".into(),
        reference: "gold".into(),
        value,
        cites: String::new(),
        law: "northwind/1".into(),
        since: Timestamp::from_micros(at),
        governs: false,
    }
}

#[test]
fn grants_compose_by_the_kind_of_control() {
    use Compose::{Highest, Latest, Lowest};
    for (compose, values, chosen) in [
        (Highest, &["10", "25", "5"][..], Some(1)),
        (Lowest, &["10", "25", "5"], Some(2)),
        (Latest, &["10", "25", "5"], Some(2)),
        (Highest, &["yes", "no"], Some(0)),
        (Lowest, &["5%", "10%"], Some(0)),
        (Highest, &["EUR 10.00", "EUR 2.00"], Some(0)),
        // Of equal values the one granted last is in effect.
        (Highest, &["7", "7"], Some(1)),
        // What cannot be ordered falls back to the one granted last.
        (Highest, &["EUR 10.00", "USD 2.00"], Some(1)),
        (Highest, &["priority", "standard"], Some(1)),
        (Highest, &["10", "5%", "3"], Some(2)),
        (Highest, &[], None),
    ] {
        let sources: Vec<Source> = values.iter().zip(0..).map(|(value, at)| source(value, at)).collect();
        assert_eq!(compose.choose(&sources), chosen, "{compose:?} of {values:?}");
    }
}

proptest! {
    #[test]
    fn no_count_is_above_the_highest_or_below_the_lowest(counts in prop::collection::vec(-50_i64..50, 1..12)) {
        let sources: Vec<Source> = counts.iter().zip(0..).map(|(count, at)| source(&count.to_string(), at)).collect();
        let chosen = |compose: Compose| counts[compose.choose(&sources).unwrap()];
        prop_assert_eq!(Some(&chosen(Compose::Highest)), counts.iter().max());
        prop_assert_eq!(Some(&chosen(Compose::Lowest)), counts.iter().min());
        prop_assert_eq!(chosen(Compose::Latest), counts[counts.len() - 1]);
    }
}
