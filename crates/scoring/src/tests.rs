#![allow(clippy::unwrap_used)]

use futures::future::BoxFuture;
use jiff::tz::TimeZone;
use kernel::{
    Access, App, Cx, DecisionRecord, Error, Operation, OrganizationId, PartnerId, Registry, Result, Route, Rule,
    Timestamp, Tx, params, post,
};
use law::{Facts, Type, Value};
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trial::{Trial, both_databases};

use crate::{
    FactSet, Field, GetScorecard, Metric, RefreshScorecards, Refreshed, Rung, Scorecard, TierFacts, TierRule,
    TierTerms, Times, measure_all, scorecard_markup,
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
        let sql = "INSERT INTO win (partner, organization, deals, noted_at) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (partner) DO UPDATE SET deals = excluded.deals";
        cx.tx.run(sql, params![self.partner, cx.scope.organization, self.deals, cx.now]).await?;
        let facts = measure_all(cx.app, cx.tx, cx.scope.organization, cx.now).await?;
        let values = facts.get(&self.partner).cloned().unwrap_or_default();
        let facts = TierFacts::of(Some("bronze".into()), values);
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

const FIELDS: &[Field] = &[Field::new("product", Type::Text), Field::new("registered_at", Type::Instant)];

/// Each deal that a partner has won was registered when its first one was noted.
fn deals<'a>(
    _: &'a App,
    tx: &'a mut Tx,
    organization: OrganizationId,
    _: Times,
) -> BoxFuture<'a, Result<Vec<crate::FactRow>>> {
    Box::pin(async move {
        let sql = "SELECT partner, deals, noted_at FROM win WHERE organization = $1 ORDER BY partner";
        let read = |row: &kernel::Row| Ok((row.get("partner")?, row.get::<i64>("deals")?, row.get("noted_at")?));
        let rows: Vec<(PartnerId, i64, Timestamp)> = tx.all(sql, params![organization], read).await?;
        let each =
            |(partner, deals, at)| (0..deals).map(move |_| (partner, vec![Value::text("core"), Value::Instant(at)]));
        Ok(rows.into_iter().flat_map(each).collect())
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
            "CREATE TABLE win (partner TEXT PRIMARY KEY, organization TEXT NOT NULL, deals BIGINT NOT NULL,
             noted_at BIGINT NOT NULL)",
        )
        .operation::<Win>()
        .add(FactSet { key: "deals", title: "Deals", fields: FIELDS, since: Some("registered_at"), load: deals })
        .add(metric("won_deals_12m", "Deals won in 12 months", Type::Count, won))
        .add(metric("won_value_12m", "Value won in 12 months", Type::Money, nothing))
        .add(metric("win_rate_12m", "Win rate", Type::Ratio, nothing));
}

fn rung(key: &str, title: &str, requires: Option<&str>) -> Rung {
    Rung {
        key: key.into(),
        title: title.into(),
        requires: requires.map(|rule| rule.parse().unwrap()),
        ..Rung::default()
    }
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
        ..TierTerms::default()
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
        let facts = TierFacts::of(None, values(facts));
        assert_eq!(TierRule::decide(&ladder(), &facts).outcome, tier, "{facts:?}");
    }
}

#[test]
fn the_reasons_say_what_held_what_is_missing_and_what_would_help() {
    let facts = TierFacts::of(
        Some("bronze".into()),
        values(&[("won_deals_12m", 3), ("certified_people", 1), ("incidents_12m", 6)]),
    );
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
            (
                "way",
                "The smallest change that leads to Gold takes all of this.",
                Some(
                    "Deals won: 2 more and Certified people: 1 more and incidents_12m: 2 less; or \
                     Deals won: 2 more and Win rate must be measured and be at least 30% and incidents_12m: 2 less."
                ),
            ),
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
        let facts = TierFacts::of(current.map(str::to_owned), values(&[("won_deals_12m", deals)]));
        assert_eq!(TierRule::decide(&ladder(), &facts).reasons[0].code, code, "{current:?}");
    }
}

proptest! {
    #[test]
    fn better_figures_never_lower_a_tier(deals in 0_i64..30, more in 0_i64..10, people in 0_i64..4, incidents in 0_i64..8) {
        let place = |deals: i64| {
            let values = values(&[("won_deals_12m", deals), ("certified_people", people), ("incidents_12m", incidents)]);
            let tier = TierRule::decide(&ladder(), &TierFacts::of(None, values)).outcome;
            ladder().rungs.iter().position(|rung| rung.key == tier)
        };
        prop_assert!(place(deals + more) >= place(deals));
    }

    #[test]
    fn terms_and_facts_survive_being_stored(deals in 0_i64..30) {
        let facts = TierFacts::of(Some("bronze".into()), values(&[("won_deals_12m", deals)]));
        let stored = (serde_json::to_value(ladder()).unwrap(), serde_json::to_value(&facts).unwrap());
        let again = kernel::decision::recompute::<TierRule>(&stored.0, &stored.1).unwrap();
        prop_assert_eq!(&again["outcome"], &serde_json::json!(TierRule::decide(&ladder(), &facts).outcome));
    }
}

const METRICS: &str = r#"
[metric.recent_deals]
title = "Deals of the last 90 days"
formula = "deals.count(d, d.registered_at in last(90d))"
"#;

const SCORECARD: &str = r#"
[scorecard.criterion.won]
title = "Deals won"
metric = "won_deals_12m"
bands = [{ score = 0 }, { score = 4, from = "2" }]

[[scorecard.weights]]
from = "2020-01-01"
of = { won = "100%" }
"#;

const TIERS: &str = r#"
[[tier]]
key = "bronze"
title = "Bronze"

[[tier]]
key = "silver"
title = "Silver"
requires = "deals.count(d, d.registered_at in last(90d)) >= 3 and scorecard.total >= 4"
"#;

/// The starter program with some files of its own.
async fn enact(t: &Trial, changes: &[(&str, &str)]) {
    let mut files = law::shipped().iter().find(|p| p.key == "starter").unwrap().files();
    files.extend(changes.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())));
    t.run(programs::ApplyProgram { files, effective_from: None, note: String::new() }).await.unwrap();
}

#[test]
fn rules_of_movement_hold_a_partner_and_say_so() {
    let terms = TierTerms { movement: law::Movement { cure_days: Some(90), ..law::Movement::default() }, ..ladder() };
    let now: Timestamp = "2026-03-15".parse().unwrap();
    let mut facts = TierFacts::of(Some("silver".into()), values(&[("won_deals_12m", 1)]));
    facts.now = Some(now);
    facts.tiers.stays = vec![law::Stay { tier: "silver".into(), since: now.plus_days(-400) }];
    let verdict = TierRule::decide(&terms, &facts);
    assert_eq!(verdict.outcome, "silver");
    let told: Vec<(&str, &str)> = verdict.reasons.iter().map(|r| (r.code.as_str(), r.text.as_str())).take(3).collect();
    assert_eq!(
        told,
        [
            ("kept", "It stays in Silver for now."),
            (
                "cure",
                "The figures have not given Silver since 2026-03-15; there are 90 days to cure that, until 2026-06-13."
            ),
            ("unmet", "Deals won is 1, needed is at least 2."),
        ]
    );
    facts.tiers.below_since = Some(now.plus_days(-91));
    assert_eq!(TierRule::decide(&terms, &facts).outcome, "bronze");
    let stored = (serde_json::to_value(&terms).unwrap(), serde_json::to_value(&facts).unwrap());
    let again = kernel::decision::recompute::<TierRule>(&stored.0, &stored.1).unwrap();
    assert_eq!(again["outcome"], "bronze");
}

// covers: B0.1
#[test]
fn the_way_up_has_alternatives_and_says_where_it_is_not_exact() {
    let now: Timestamp = "2026-08-10T00:00:00Z".parse().unwrap();
    let mut deals = law::FactSet::of(&law::Catalog::standard().sets["deals"]);
    deals.fields = vec!["registered_at".to_owned(), "region".to_owned()];
    let row = |day: &str, region: &str| vec![Value::Instant(day.parse().unwrap()), Value::text(region)];
    deals.rows =
        vec![row("2026-06-20T00:00:00Z", "DE"), row("2026-08-01T00:00:00Z", "DE"), row("2026-08-02T00:00:00Z", "US")];
    let case = law::Case {
        sets: [("deals".to_owned(), deals)].into(),
        values: values(&[("open_deals", 4)]),
        now: Some(now),
        ..law::Case::default()
    };
    let recent = "deals.filter(d, d.registered_at in last(90d)).count() >= 4";
    let gold = |gold: Rung| TierTerms { rungs: vec![rung("bronze", "Bronze", None), gold], ..TierTerms::default() };
    let way = |terms: &TierTerms| terms.way_up(&case, &law::Basis::default(), now).unwrap();

    // The deal of June drops out of the window until the end of the quarter.
    let plain = way(&gold(rung("gold", "Gold", Some(recent))));
    assert_eq!((plain.by.to_string().as_str(), plain.path.exact), ("2026-09-30", true));
    assert!(
        plain.text.starts_with("The smallest change that would give Gold by 2026-09-30: ")
            && plain.text.ends_with(": 2 more."),
        "{}",
        plain.text
    );

    let tracks = [("sell", "open_deals >= 5"), ("build", "deals.count() >= 9")];
    let tracks = tracks.map(|(key, rule)| (key.to_owned(), rule.parse().unwrap())).into();
    let either = way(&gold(Rung { tracks, ..rung("gold", "Gold", None) }));
    assert!(either.text.ends_with(": open_deals: 1 more."), "{}", either.text);
    assert_eq!((either.alternatives, either.path.exact), (vec!["The number of deals: 6 more".to_owned()], false));

    // By region, the one that is nearest; everywhere, the one that is farthest.
    let by = |counts| Rung { by: Some("region".into()), counts, ..rung("gold", "Gold", Some("deals.count() >= 3")) };
    let best = way(&gold(by(law::Combine::Best)));
    assert!(best.text.contains("in DE: The number of deals: 1 more"), "{}", best.text);
    let worst = way(&gold(by(law::Combine::Worst)));
    assert!(worst.path.notes.iter().any(|note| note.contains("every region")) && !worst.path.exact);
    let highest = gold(rung("gold", "Gold", Some("open_deals >= 1")));
    assert!(highest.way_up(&case, &law::Basis::default(), now).is_none(), "there is nothing above");
}

#[test]
fn plain_facts_are_stored_as_ever() {
    let facts = TierFacts::of(Some("bronze".into()), values(&[("won_deals_12m", 1)]));
    let stored = serde_json::json!({ "current": "bronze", "values": { "won_deals_12m": { "count": "1" } } });
    assert_eq!(serde_json::to_value(&facts).unwrap(), stored);
    let program = law::Program::load(&law::shipped()[0].files()).unwrap();
    let terms = serde_json::to_value(TierTerms::of(&program, &[])).unwrap();
    assert_eq!(terms.as_object().unwrap().keys().collect::<Vec<_>>(), ["rungs", "titles"]);
    assert_eq!(terms["rungs"][1].as_object().unwrap().keys().collect::<Vec<_>>(), ["key", "title", "requires"]);
}

#[test]
fn a_tier_by_region_counts_the_best_the_worst_or_all_together() {
    let mut deals = law::FactSet::of(&law::Catalog::standard().sets["deals"]);
    deals.fields = vec!["region".to_owned()];
    deals.since = None;
    deals.rows = ["DACH", "DACH", "US"].map(|region| vec![Value::text(region)]).into();
    let case = law::Case { sets: [("deals".to_owned(), deals)].into(), ..law::Case::default() };
    for (counts, needed, reached) in [
        (law::Combine::Best, 2, true),
        (law::Combine::Best, 3, false),
        (law::Combine::Worst, 1, true),
        (law::Combine::Worst, 2, false),
        (law::Combine::Sum, 3, true),
        (law::Combine::Sum, 4, false),
    ] {
        let silver = Rung {
            by: Some("region".into()),
            counts,
            ..rung("silver", "Silver", Some(&format!("deals.count() >= {needed}")))
        };
        let terms = TierTerms { rungs: vec![rung("bronze", "Bronze", None), silver], ..TierTerms::default() };
        let progress = terms.progress(&case).unwrap();
        assert_eq!(progress.tier == "silver", reached, "{counts:?} {needed}");
    }
    let silver = Rung { by: Some("region".into()), ..rung("silver", "Silver", Some("deals.count() >= 3")) };
    let terms = TierTerms { rungs: vec![rung("bronze", "Bronze", None), silver], ..TierTerms::default() };
    let next = terms.progress(&case).unwrap().next.unwrap();
    assert_eq!(next.requirements[0].text, "In DACH: The number of deals is 2, needed is at least 3.");
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
        assert_eq!((tier.tier.as_str(), next.tier.as_str(), next.requirements.len()), ("bronze", "silver", 1));
        assert_eq!(next.requirements[0].remedy.as_deref(), Some("Value won in 12 months: EUR 50,000.00 more."));
        let way = next.way.unwrap();
        let by = way.by;
        assert_eq!(way.text, format!("The smallest change that would give Silver by {by}: Value won in 12 months: EUR 50,000.00 more."));
        assert!(way.alternatives.is_empty() && !way.path.exact, "{way:?}");
        let page = scorecard_markup(&card, t.now(), &TimeZone::UTC).0;
        assert!(page.contains("The smallest change that would give Silver") && page.contains("Not exact: "), "{page}");
        assert!(page.contains("For Silver") && page.contains("What would help") && !page.contains("stale"), "{page}");
        t.clock.advance_days(15);
        assert!(scorecard(t, partner).await.metrics[0].stale);
    }

    async fn facts_computed_metrics_and_the_scorecard_come_together(t: Trial) {
        enact(t, &[("metrics.toml", METRICS), ("scorecard.toml", SCORECARD), ("tiers.toml", TIERS)]).await;
        let (ada, bob): (PartnerId, PartnerId) = (t.app.new_id(t.now()), t.app.new_id(t.now()));
        t.run(Win { partner: ada, deals: 3 }).await.unwrap();
        t.run(Win { partner: bob, deals: 1 }).await.unwrap();
        t.run(RefreshScorecards {}).await.unwrap();
        let card = scorecard(t, ada).await;
        let computed = card.metrics.iter().find(|metric| metric.key == "recent_deals").unwrap();
        assert_eq!((computed.title.as_str(), computed.shown.as_str()), ("Deals of the last 90 days", "3"));
        let score = card.score.clone().unwrap();
        assert_eq!(score.total.pretty(), "4");
        let tier = card.tier.clone().unwrap();
        assert_eq!(tier.tier, "silver");
        let told: Vec<&str> = tier.because.iter().map(|one| one.text.as_str()).collect();
        assert_eq!(
            told,
            [
                "The number of deals where registered at is in the last 90 days is 3, needed is at least 3.",
                "The score is 4, needed is at least 4.",
            ]
        );
        let page = scorecard_markup(&card, t.now(), &TimeZone::UTC).0;
        assert!(page.contains("Scores 4 of 5") && page.contains("Deals won is 3: 4 of 5, counting 100%"), "{page}");
        let other = scorecard(t, bob).await.tier.unwrap();
        assert_eq!((other.tier.as_str(), other.next.unwrap().requirements.iter().filter(|one| !one.met).count()), ("bronze", 2));
        // 100 days later the facts are too old; the measured figure is not.
        t.clock.advance_days(100);
        t.run(RefreshScorecards {}).await.unwrap();
        assert_eq!(scorecard(t, ada).await.tier.unwrap().tier, "bronze");
    }

    async fn facts_are_loaded_as_rules_need_them_and_partners_are_compared(t: Trial) {
        let rule: law::Rule = "deals.exists(d, has(d.registered_at)) and top_share(won_deals_12m) <= 50%".parse().unwrap();
        let basis = law::Basis::default();
        let needs = law::expr::Needs::of([rule.tree()], &basis);
        let partners: Vec<PartnerId> = (0..4).map(|_| t.app.new_id(t.now())).collect();
        for (deals, partner) in partners.iter().enumerate() {
            t.run(Win { partner: *partner, deals: deals as i64 + 1 }).await.unwrap();
        }
        let mut tx = t.app.db().read().await.unwrap();
        let cases = crate::cases_of(&t.app, &mut tx, t.organization, &partners, (&needs, &basis), t.now()).await.unwrap();
        let inside: Vec<bool> = partners.iter().map(|partner| rule.holds(cases[partner].view(&basis))).collect();
        assert_eq!(inside, [false, false, true, true]);
        assert_eq!(cases[&partners[0]].sets["deals"].fields, ["registered_at"], "no column that no rule reads");
        let stored = serde_json::to_string(&TierFacts { case: cases[&partners[3]].clone(), ..TierFacts::default() }).unwrap();
        assert_eq!(serde_json::from_str::<TierFacts>(&stored).unwrap().case, cases[&partners[3]]);
    }

    async fn a_partner_reads_its_own_scorecard_only(t: Trial) {
        let (own, other): (PartnerId, PartnerId) = (t.app.new_id(t.now()), t.app.new_id(t.now()));
        let paula = t.partner_person(own);
        assert_eq!(t.ask_as(&paula, GetScorecard { partner: own }).await.unwrap().partner, own);
        assert!(matches!(t.ask_as(&paula, GetScorecard { partner: other }).await, Err(Error::NotFound { .. })));
        assert!(matches!(t.run_as(&paula, RefreshScorecards {}).await, Err(Error::Forbidden { .. })));
    }
}
