#![allow(clippy::unwrap_used)]

use kernel::{Registry, Timestamp};
use trial::Trial;

use crate::script::Script;
use crate::{Built, Plan};

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
    deals::install(registry);
    onboarding::install(registry);
    gate::install(registry);
    money::install(registry);
}

const SMALL: f64 = 0.02;

fn today() -> Timestamp {
    "2026-11-20T10:15:00Z".parse().unwrap()
}

async fn built(t: &Trial) -> Built {
    let plan = Plan { seed: 2026, scale: SMALL, today: today() };
    crate::build(&t.app, &t.clock, &plan, &|_, _| {}).await.unwrap()
}

#[test]
fn the_same_seed_writes_the_same_script_and_another_seed_another() {
    let script = |seed| Script::write(seed, 0.05, today());
    assert_eq!(script(7), script(7));
    assert_ne!(script(7), script(8));
}

trial::both_databases! {
    install;

    async fn a_small_year_is_built_and_the_log_proves_it(t: Trial) {
        let built = built(t).await;
        assert_eq!(built.partners, 16);
        assert!(built.deals > 80, "{built:?}");

    }
}
