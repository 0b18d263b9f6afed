#![allow(clippy::unwrap_used)]

use kernel::{Error, Registry, Timestamp, params};
use trial::Trial;

use crate::script::{Script, Size};
use crate::{Built, Plan, live};

fn install(registry: &mut Registry) {
    programs::install(registry);
    clocks::install(registry);
    procedures::install(registry);
    controls::install(registry);
    scoring::install(registry);
    findings::install(registry);
    documents::install(registry);
    people::install(registry);
    partners::install(registry);
    onboarding::install(registry);
    deals::install(registry);
    gate::install(registry);
    money::install(registry);
    governance::install(registry);
}

const SMALL: f64 = 0.02;

fn today() -> Timestamp {
    "2026-11-20T10:15:00Z".parse().unwrap()
}

async fn built(t: &Trial, scale: f64) -> Built {
    let plan = Plan { seed: 2026, scale, today: today() };
    let built = crate::build(&t.app, &t.clock, &plan, &|_, _| {}).await.unwrap();
    built.meter.deliver(&t.app, &|_| {}).await.unwrap();
    built
}

async fn root(t: &Trial) -> String {
    let report = kernel::log::verify(&t.app, None).await.unwrap();
    assert_eq!(report.wrong, vec![]);
    report.root
}

async fn number(t: &Trial, sql: &str, built: &Built) -> i64 {
    let mut tx = t.app.db().read().await.unwrap();
    tx.number(sql, params![built.organization]).await.unwrap()
}

#[test]
fn the_same_seed_writes_the_same_script_and_another_seed_another() {
    let script = |seed| Script::write(seed, 0.05, today());
    assert_eq!(script(7), script(7));
    assert_ne!(script(7), script(8));
}

#[test]
fn the_full_script_has_the_size_of_a_healthy_program() {
    let script = Script::write(2026, 1.0, today());
    let Size { usage_events, .. } = script.size;
    assert_eq!((script.partners.len(), script.accounts.len(), script.claims.len()), (240, 2_000, 6_000));
    let metered: u64 = script.accounts.iter().map(|account| account.usage).sum();
    assert!(usage_events as u64 - metered < 2_000, "{metered}");
    let by_day: usize = (0..365).map(|day| script.accounts.iter().map(|one| one.usage_on(day)).sum::<usize>()).sum();
    assert_eq!(by_day as u64, metered, "nothing is lost to rounding");
    let contested = script.claims.iter().filter(|claim| claim.contested).count();
    assert!((150..700).contains(&contested), "{contested} contested claims");
    assert!(script.steps.windows(2).all(|two| two[0].at <= two[1].at), "steps come in order of time");
    assert!((3_000..8_000).contains(&script.invoices.len()), "{} invoice events", script.invoices.len());
}

#[test]
fn two_builds_from_one_seed_end_in_the_same_log() {
    let roots = std::sync::Mutex::new(Vec::new());
    for _ in 0..2 {
        trial::play(false, install, async |t| {
            built(t, 0.005).await;
            let root = root(t).await;
            roots.lock().unwrap().push(root);
        });
    }
    let roots = roots.into_inner().unwrap();
    assert_eq!(roots[0], roots[1]);
}

trial::both_databases! {
    install;

    async fn a_small_year_has_everything_and_all_of_it_is_proven(t: Trial) {
        let built = built(t, SMALL).await;
        assert_eq!((built.partners, built.logins.len()), (16, 16));
        let usage = number(t, "SELECT COUNT(*) FROM usage_event WHERE organization = $1", &built).await;
        assert!(built.deals >= 90 && usage > 18_000 && usage == built.usage_events as i64, "{usage}");
        for (what, sql) in THERE_IS {
            assert!(number(t, sql, &built).await > 0, "there are no {what}");
        }
        root(t).await;
        historic_decisions_come_out_the_same(t, &built).await;
        statements_are_the_sums_of_their_lines(t, &built).await;
        life_goes_on(t, &built).await;
    }
}

const THERE_IS: [(&str, &str); 12] = [
    ("won deals", "SELECT COUNT(*) FROM deal WHERE organization = $1 AND state = 'closed_won'"),
    ("lost deals", "SELECT COUNT(*) FROM deal WHERE organization = $1 AND state = 'closed_lost'"),
    ("expired deals", "SELECT COUNT(*) FROM deal WHERE organization = $1 AND state = 'expired'"),
    ("open deals", "SELECT COUNT(*) FROM deal WHERE organization = $1 AND state = 'approved'"),
    ("statements", "SELECT COUNT(*) FROM statement WHERE organization = $1"),
    ("findings", "SELECT COUNT(*) FROM finding WHERE organization = $1"),
    ("gate decisions", "SELECT COUNT(*) FROM gate_decision WHERE organization = $1"),
    ("credentials", "SELECT COUNT(*) FROM credential WHERE organization = $1"),
    ("tiers above the first", "SELECT COUNT(*) FROM partner WHERE organization = $1 AND tier <> 'bronze'"),
    ("second versions", "SELECT COUNT(*) FROM program_version WHERE organization = $1 AND number = 2"),
    ("decisions under the first law", "SELECT COUNT(*) FROM decision WHERE organization = $1 AND law = 'northwind/1'"),
    ("decisions under the second", "SELECT COUNT(*) FROM decision WHERE organization = $1 AND law = 'northwind/2'"),
];

async fn historic_decisions_come_out_the_same(t: &Trial, built: &Built) {
    let mut tx = t.app.db().read().await.unwrap();
    let sql = "SELECT * FROM decision WHERE organization = $1 ORDER BY id";
    let decisions = tx.all(sql, params![built.organization], kernel::log::read_decision).await.unwrap();
    assert!(decisions.len() > 150, "{} decisions", decisions.len());
    for decision in decisions {
        let (id, kind) = (decision.id, decision.kind.clone());
        let explained = kernel::log::explain(&t.app, &mut tx, decision).await.unwrap();
        assert!(explained.reproduced, "{kind} {id} comes out as {:?}", explained.recomputed);
    }
}

async fn statements_are_the_sums_of_their_lines(t: &Trial, built: &Built) {
    let mut tx = t.app.db().read().await.unwrap();
    let sql = "SELECT s.id, s.total_minor, CAST(COALESCE(SUM(l.amount_minor), 0) AS BIGINT) AS lines
               FROM statement s LEFT JOIN statement_line l ON l.statement = s.id
               WHERE s.organization = $1 GROUP BY s.id, s.total_minor";
    let read = |row: &kernel::Row| Ok((row.get("id")?, row.get("total_minor")?, row.get("lines")?));
    let sums: Vec<(String, i64, i64)> = tx.all(sql, params![built.organization], read).await.unwrap();
    for (statement, total, lines) in sums {
        assert_eq!(total, lines, "{statement}");
    }
}

async fn life_goes_on(t: &Trial, built: &Built) {
    let outcomes = live::moments(&t.app, built.organization, 2026, 40).await;
    let fault = |error: &Error| matches!(error, Error::Internal(_) | Error::Invalid(_) | Error::Forbidden { .. });
    let faults: Vec<_> = outcomes.iter().filter(|outcome| outcome.as_ref().is_err_and(fault)).collect();
    assert!(faults.is_empty(), "{faults:?}");
    let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert!(done > 25, "{done} of 40 moments came to something");
    gate::settle(&t.app).await.unwrap();
}
