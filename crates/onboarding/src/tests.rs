//! The pipeline through its public surface, under the program that ships as Northwind.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use kernel::{PartnerId, Registry};
use partners::GetPartner;
use partners::enrollment::{AcceptTerms, GetTerms};
use partners::intake::{Apply, CompanyFacts, Invite};
use procedures::{CompleteStage, GetRun, GiveEvidence, RunId, StageState};
use programs::ApplyProgram;
use trial::{Trial, both_databases};
use ui::{PageCx, PageSpec};

use super::*;

fn install(registry: &mut Registry) {
    programs::install(registry);
    scoring::install(registry);
    controls::install(registry);
    clocks::install(registry);
    procedures::install(registry);
    people::install(registry);
    partners::install(registry);
    crate::install(registry);
}

async fn enact(t: &Trial) {
    let files = law::shipped().iter().find(|program| program.key == "northwind").unwrap().files();
    t.run(ApplyProgram { files, effective_from: None, note: String::new() }).await.unwrap();
}

fn company(name: &str) -> CompanyFacts {
    let domain = format!("{}.example", name.to_lowercase());
    let (name, country, contact_name) = (name.to_owned(), "DE".to_owned(), "Ana Alvarez".to_owned());
    let contact_email = format!("ana@{domain}");
    CompanyFacts { name, domain, country, contact_name, contact_email, ..CompanyFacts::default() }
}

async fn invited(t: &Trial, name: &str) -> (PartnerId, RunId) {
    let invite = Invite { company: company(name), archetype: "reseller".into(), manager: None };
    let partner = t.run(invite).await.unwrap().id;
    (partner, t.ask(GetPartner { partner }).await.unwrap().onboarding.unwrap())
}

async fn complete_stage(t: &Trial, partner: PartnerId, run: RunId) {
    let detail = t.ask(GetRun { run }).await.unwrap();
    let stage = detail.stages.iter().find(|stage| stage.state == StageState::Current).unwrap();
    for asked in &stage.evidence {
        let value = match asked.kind {
            law::EvidenceKind::Terms => {
                let person = t.partner_person(partner);
                let version = t.ask(GetTerms { partner }).await.unwrap().version;
                t.run_as(&person, AcceptTerms { partner, terms_key: None, version }).await.unwrap();
                continue;
            }
            law::EvidenceKind::Check => "true",
            law::EvidenceKind::File => "https://files.example/answers.pdf",
            law::EvidenceKind::Text => "as written",
        };
        t.run(GiveEvidence { run, evidence: asked.key.clone(), value: value.to_owned() }).await.unwrap();
    }
    t.run(CompleteStage { run, stage: None }).await.unwrap();
}

async fn page(t: &Trial) -> String {
    let pages = t.app.registry().parts::<PageSpec>();
    let spec = pages.iter().find(|page| page.path == "/applications").unwrap();
    let cx = PageCx {
        app: t.app.clone(),
        actor: t.staff(&["*"], &["owner"]),
        now: t.now(),
        zone: jiff::tz::TimeZone::UTC,
        path: "/applications".to_owned(),
        params: BTreeMap::new(),
        query: vec![],
        csrf: "token".to_owned(),
        refilled: None,
    };
    (spec.render)(&cx).await.unwrap().body.0
}

both_databases! { install;
    async fn the_pipeline_says_who_waits_where_and_for_how_long(t: Trial) {
        assert!(t.ask(GetPipeline {}).await.unwrap().stages.is_empty());
        enact(t).await;
        t.run(Apply { company: company("Waiting"), archetype: None, message: None }).await.unwrap();
        let (first, run) = invited(t, "First").await;
        invited(t, "Second").await;
        complete_stage(t, first, run).await;
        t.clock.advance_days(8);

        let pipeline = t.ask(GetPipeline {}).await.unwrap();
        assert_eq!((pipeline.applications[0].name.as_str(), pipeline.applications[0].days), ("Waiting", 8));
        let stages: Vec<(&str, Option<u32>, usize)> =
            pipeline.stages.iter().map(|stage| (stage.stage.as_str(), stage.target_days, stage.runs.len())).collect();
        assert_eq!(stages, [
            ("company", Some(7), 1), ("terms", Some(7), 1), ("security", Some(14), 0), ("enablement", Some(21), 0), ("review", Some(3), 0),
        ]);
        let second = &pipeline.stages[0].runs[0];
        assert_eq!((second.name.as_str(), second.days, second.late), ("Second", 8, true));
        assert_eq!(pipeline.lead_times, None);
        let shown = page(t).await;
        assert!(shown.contains("Company details (1, target 7 days)") && shown.contains("2 past the target"), "{shown}");
    }

    // covers: B3.6
    async fn the_time_to_active_is_measured_against_the_targets_of_the_stages(t: Trial) {
        enact(t).await;
        for (name, days) in [("Quick", 2), ("Steady", 10), ("Slow", 60)] {
            let (partner, run) = invited(t, name).await;
            t.clock.advance_days(days);
            for _ in 0..5 {
                complete_stage(t, partner, run).await;
            }
        }
        let times = t.ask(GetPipeline {}).await.unwrap().lead_times.unwrap();
        assert_eq!(times, LeadTimes { partners: 3, median_days: 10, within_target: 2 });
        let mut tx = t.app.db().read().await.unwrap();
        let measured = scoring::measure_all(&t.app, &mut tx, t.organization, t.now()).await.unwrap();
        let mut days: Vec<String> = measured.values().map(|facts| facts["days_to_active"].pretty()).collect();
        days.sort();
        assert_eq!(days, ["10", "2", "60"]);
        assert!(page(t).await.contains("median of 3 partners"));
        t.clock.advance_days(400);
        assert_eq!(t.ask(GetPipeline {}).await.unwrap().lead_times, None);
    }
}
