#![allow(clippy::unwrap_used)]

use futures::future::BoxFuture;
use jiff::tz::TimeZone;
use kernel::{
    Access, Cx, DecisionRecord, Error, Operation, OrganizationId, PartnerId, Registry, Result, Route, Rule, Timestamp,
    Tx, params, post,
};
use law::{Facts, Type, Value};
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trial::{Trial, both_databases};

use crate::{
    GetScorecard, Metric, RefreshScorecards, Refreshed, Rung, Scorecard, TierFacts, TierRule, TierTerms, measure_all,
    scorecard_markup,
};

/// Note how many deals a partner has won, and place it in its tier.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Win {
    partner: PartnerId,
    deals: i64,
}

impl Operation for Win {
    const NAME: &'static str = "test.win";
    const ROUTE: Route = post("/wins");
    const ACCESS: Access = Access::Open;
    type Output = String;

    async fn run(self, cx: &mut Cx<'_>) -> Result<String> {
        let sql = "INSERT INTO win (partner, organization, deals) VALUES ($1, $2, $3)
                   ON CONFLICT (partner) DO UPDATE SET deals = excluded.deals";
        cx.tx.run(sql, params![self.partner, cx.scope.organization, self.deals]).await?;
        let facts = measure_all(cx.app, cx.tx, cx.scope.organization, cx.now).await?;
        let values = facts.get(&self.partner).cloned().unwrap_or_default();
        let facts = TierFacts { current: Some("bronze".into()), values };
        let decided = cx.decide::<TierRule>(self.partner, Some(self.partner), "test/1", &ladder(), &facts)?;
        Ok(decided.outcome)
    }
}

fn won<'a>(
    tx: &'a mut Tx,
    organization: OrganizationId,
    _: Timestamp,
) -> BoxFuture<'a, Result<Vec<(PartnerId, Value)>>> {
    Box::pin(async move {
        let sql = "SELECT partner, deals FROM win WHERE organization = $1";
        let read = |row: &kernel::Row| Ok((row.get("partner")?, Value::count(row.get::<i64>("deals")?)));
        tx.all(sql, params![organization], read).await
    })
}

fn nothing<'a>(_: &'a mut Tx, _: OrganizationId, _: Timestamp) -> BoxFuture<'a, Result<Vec<(PartnerId, Value)>>> {
    Box::pin(async { Ok(Vec::new()) })
}

fn install(registry: &mut Registry) {
    programs::install(registry);
    crate::install(registry);
    let metric = |key, title, kind, measure| Metric { key, title, kind, help: "Counted in tests.", measure };
    registry
        .migration(
            "test/001",
            "CREATE TABLE win (partner TEXT PRIMARY KEY, organization TEXT NOT NULL, deals BIGINT NOT NULL)",
        )
        .operation::<Win>()
        .add(metric("won_deals_12m", "Deals won in 12 months", Type::Count, won))
        .add(metric("won_value_12m", "Value won in 12 months", Type::Money, nothing))
        .add(metric("win_rate_12m", "Win rate", Type::Ratio, nothing));
}

fn rung(key: &str, title: &str, requires: Option<&str>) -> Rung {
    Rung { key: key.into(), title: title.into(), requires: requires.map(|rule| rule.parse().unwrap()) }
}

fn ladder() -> TierTerms {
    let titles =
        [("won_deals_12m", "Deals won"), ("certified_people", "Certified people"), ("win_rate_12m", "Win rate")];
    TierTerms {
        rungs: vec![
            rung("bronze", "Bronze", None),
            rung("silver", "Silver", Some("won_deals_12m >= 2")),
            rung(
                "gold",
                "Gold",
                Some("won_deals_12m >= 5 and (win_rate_12m >= 30% or certified_people >= 2) and incidents_12m <= 4"),
            ),
            rung("platinum", "Platinum", Some("won_deals_12m >= 20")),
        ],
        titles: titles.into_iter().map(|(key, title)| (key.to_owned(), title.to_owned())).collect(),
    }
}

fn values(pairs: &[(&str, i64)]) -> Facts {
    pairs.iter().map(|(key, count)| ((*key).to_owned(), Value::count(*count))).collect()
}

#[test]
fn the_highest_tier_whose_rule_holds_is_given() {
    let cases: [(&[(&str, i64)], &str); 6] = [
        (&[], "bronze"),
        (&[("won_deals_12m", 1)], "bronze"),
        (&[("won_deals_12m", 2)], "silver"),
        // What is unknown does not hold: incidents are not measured.
        (&[("won_deals_12m", 5), ("certified_people", 2)], "silver"),
        (&[("won_deals_12m", 5), ("certified_people", 2), ("incidents_12m", 4)], "gold"),
        (&[("won_deals_12m", 20)], "platinum"),
    ];
    for (facts, tier) in cases {
        let facts = TierFacts { current: None, values: values(facts) };
        assert_eq!(TierRule::decide(&ladder(), &facts).outcome, tier, "{facts:?}");
    }
}

#[test]
fn the_reasons_say_what_held_what_is_missing_and_what_would_help() {
    let facts = TierFacts {
        current: Some("bronze".into()),
        values: values(&[("won_deals_12m", 3), ("certified_people", 1), ("incidents_12m", 6)]),
    };
    let verdict = TierRule::decide(&ladder(), &facts);
    let told: Vec<(&str, &str, Option<&str>)> =
        verdict.reasons.iter().map(|r| (r.code.as_str(), r.text.as_str(), r.remedy.as_deref())).collect();
    assert_eq!(
        told,
        [
            ("promoted", "The measured values move it up from Bronze to Silver.", None),
            ("met", "Deals won is 3, needed is at least 2.", None),
            ("missing", "For Gold: Deals won is 3, needed is at least 5.", Some("Deals won: 2 more.")),
            (
                "missing",
                "For Gold: Either Win rate is not known (not measured yet), needed is at least 30%, \
             or Certified people is 1, needed is at least 2.",
                Some("Win rate counts as soon as it is measured, or Certified people: 1 more."),
            ),
            ("missing", "For Gold: incidents_12m is 6, needed is at most 4.", Some("incidents_12m: get to at most 4.")),
            ("not_met", "Platinum: 1 condition is not met.", None),
        ]
    );
    assert!(verdict.reasons[2].cites.as_deref() == Some("tiers.toml: tier.gold.requires"));
}

#[test]
fn the_first_reason_says_where_the_partner_goes() {
    for (current, deals, code) in
        [(None, 2, "placed"), (Some("silver"), 2, "kept"), (Some("gold"), 2, "demoted"), (Some("iron"), 2, "placed")]
    {
        let facts = TierFacts { current: current.map(str::to_owned), values: values(&[("won_deals_12m", deals)]) };
        assert_eq!(TierRule::decide(&ladder(), &facts).reasons[0].code, code, "{current:?}");
    }
}

proptest! {
    #[test]
    fn better_figures_never_lower_a_tier(deals in 0_i64..30, more in 0_i64..10, people in 0_i64..4, incidents in 0_i64..8) {
        let place = |deals: i64| {
            let values = values(&[("won_deals_12m", deals), ("certified_people", people), ("incidents_12m", incidents)]);
            let tier = TierRule::decide(&ladder(), &TierFacts { current: None, values }).outcome;
            ladder().rungs.iter().position(|rung| rung.key == tier)
        };
        prop_assert!(place(deals + more) >= place(deals));
    }

    #[test]
    fn terms_and_facts_survive_being_stored(deals in 0_i64..30) {
        let facts = TierFacts { current: Some("bronze".into()), values: values(&[("won_deals_12m", deals)]) };
        let stored = (serde_json::to_value(ladder()).unwrap(), serde_json::to_value(&facts).unwrap());
        let again = kernel::decision::recompute::<TierRule>(&stored.0, &stored.1).unwrap();
        prop_assert_eq!(&again["outcome"], &serde_json::json!(TierRule::decide(&ladder(), &facts).outcome));
    }
}

async fn scorecard(t: &Trial, partner: PartnerId) -> Scorecard {
    t.ask(GetScorecard { partner }).await.unwrap()
}

both_databases! { install;
    async fn a_tier_is_computed_from_facts_with_its_reasons_and_can_be_recomputed(t: Trial) {
        let partner: PartnerId = t.app.new_id(t.now());
        assert_eq!(t.run(Win { partner, deals: 3 }).await.unwrap(), "silver");
        let mut tx = t.app.db().read().await.unwrap();
        let scope = t.partner_person(partner).scope();
        let decisions = kernel::log::decisions_of(&mut tx, &scope, &partner.to_string()).await.unwrap();
        let decision: &DecisionRecord = &decisions[0];
        assert_eq!((decision.kind.as_str(), decision.reasons[0].code.as_str()), ("scoring.tier", "promoted"));
        let whole = kernel::log::decisions_of(&mut tx, &t.system.scope(), &partner.to_string()).await.unwrap();
        let explained = kernel::log::explain(&t.app, &mut tx, whole[0].clone()).await.unwrap();
        assert!(explained.reproduced, "{explained:?}");
    }

    async fn values_are_kept_when_they_change_and_weekly(t: Trial) {
        let (ada, bob): (PartnerId, PartnerId) = (t.app.new_id(t.now()), t.app.new_id(t.now()));
        t.run(Win { partner: ada, deals: 1 }).await.unwrap();
        t.run(Win { partner: bob, deals: 4 }).await.unwrap();
        let refresh = async || t.run(RefreshScorecards {}).await.unwrap();
        assert_eq!(refresh().await, Refreshed { partners: 2, recorded: 6 });
        assert_eq!(refresh().await, Refreshed { partners: 2, recorded: 0 });
        t.clock.advance_days(1);
        t.run(Win { partner: ada, deals: 2 }).await.unwrap();
        assert_eq!(refresh().await.recorded, 1);
        t.clock.advance_days(6);
        assert_eq!(refresh().await.recorded, 5);
        let card = scorecard(t, ada).await;
        let counts: Vec<String> = card.metrics[0].history.iter().map(|point| point.value.pretty()).collect();
        assert_eq!((card.metrics[0].shown.as_str(), counts), ("2", vec!["1".to_owned(), "2".to_owned()]));
    }

    async fn nothing_of_a_count_is_zero_and_a_share_of_nothing_is_unknown(t: Trial) {
        let files = law::shipped().iter().find(|p| p.key == "northwind").unwrap().files();
        t.run(programs::ApplyProgram { files, effective_from: None, note: String::new() }).await.unwrap();
        let partner: PartnerId = t.app.new_id(t.now());
        t.run(Win { partner, deals: 1 }).await.unwrap();
        let mut tx = t.app.db().read().await.unwrap();
        let facts = measure_all(&t.app, &mut tx, t.organization, t.now()).await.unwrap();
        let facts = &facts[&partner];
        assert_eq!(facts["won_value_12m"].pretty(), "EUR 0.00");
        assert!(matches!(facts["win_rate_12m"], Value::Unknown(_)));
    }

    async fn a_scorecard_shows_the_way_to_the_next_tier_and_what_is_stale(t: Trial) {
        let files = law::shipped().iter().find(|p| p.key == "northwind").unwrap().files();
        t.run(programs::ApplyProgram { files, effective_from: None, note: String::new() }).await.unwrap();
        let partner: PartnerId = t.app.new_id(t.now());
        let empty = scorecard(t, partner).await;
        assert!(scorecard_markup(&empty, t.now(), &TimeZone::UTC).0.contains("Nothing is measured yet"));
        t.run(Win { partner, deals: 1 }).await.unwrap();
        t.run(RefreshScorecards {}).await.unwrap();
        let card = scorecard(t, partner).await;
        assert_eq!(card.law.as_deref(), Some("northwind/1"));
        let tier = card.tier.clone().unwrap();
        let next = tier.next.unwrap();
        assert_eq!((tier.tier.as_str(), next.tier.as_str(), next.requirements.len()), ("bronze", "silver", 2));
        assert_eq!(next.requirements[0].remedy.as_deref(), Some("Value won in 12 months: EUR 50,000.00 more."));
        let page = scorecard_markup(&card, t.now(), &TimeZone::UTC).0;
        assert!(page.contains("For Silver") && page.contains("What would help") && !page.contains("stale"), "{page}");
        t.clock.advance_days(15);
        assert!(scorecard(t, partner).await.metrics[0].stale);
    }

    async fn a_partner_reads_its_own_scorecard_only(t: Trial) {
        let (own, other): (PartnerId, PartnerId) = (t.app.new_id(t.now()), t.app.new_id(t.now()));
        let paula = t.partner_person(own);
        assert_eq!(t.ask_as(&paula, GetScorecard { partner: own }).await.unwrap().partner, own);
        assert!(matches!(t.ask_as(&paula, GetScorecard { partner: other }).await, Err(Error::NotFound { .. })));
        assert!(matches!(t.run_as(&paula, RefreshScorecards {}).await, Err(Error::Forbidden { .. })));
    }
}
