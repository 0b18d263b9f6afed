//! The stage of this area's tests: Northwind's program, and partners that went through its onboarding.
#![allow(clippy::unwrap_used)]

use kernel::{Actor, PartnerId, Registry};
use law::EvidenceKind;
use partners::GetPartner;
use partners::enrollment::{AcceptTerms, GetTerms};
use partners::intake::{CompanyFacts, Invite};
use procedures::{CompleteStage, GetRun, GiveEvidence, RunId, StageState};
use programs::ApplyProgram;
use trial::Trial;
use ui::{PageCx, PageSpec};

pub fn install(registry: &mut Registry) {
    programs::install(registry);
    scoring::install(registry);
    clocks::install(registry);
    controls::install(registry);
    findings::install(registry);
    documents::install(registry);
    procedures::install(registry);
    people::install(registry);
    partners::install(registry);
    deals::install(registry);
    money::install(registry);
    crate::install(registry);
}

pub async fn enact(t: &Trial) {
    let shipped = law::shipped().iter().find(|program| program.key == "northwind").unwrap();
    let apply = ApplyProgram { files: shipped.files(), effective_from: None, note: String::new() };
    t.run(apply).await.unwrap();
}

/// A partner that went through the whole onboarding.
pub async fn active(t: &Trial, name: &str) -> PartnerId {
    let word = name.to_lowercase();
    let company = CompanyFacts {
        name: name.to_owned(),
        domain: format!("{word}.example"),
        country: "DE".to_owned(),
        contact_name: "Ana Alvarez".to_owned(),
        contact_email: format!("ana@{word}.example"),
        ..CompanyFacts::default()
    };
    let partner = t.run(Invite { company, archetype: "reseller".into(), manager: None }).await.unwrap().id;
    let person = t.partner_person(partner);
    let version = t.ask_as(&person, GetTerms { partner }).await.unwrap().version;
    t.run_as(&person, AcceptTerms { partner, terms_key: None, version }).await.unwrap();
    let run = t.ask(GetPartner { partner }).await.unwrap().onboarding.unwrap();
    for _ in 0..5 {
        complete_stage(t, run).await;
    }
    partner
}

/// Gives all evidence of the current stage and completes it.
pub async fn complete_stage(t: &Trial, run: RunId) {
    let detail = t.ask(GetRun { run }).await.unwrap();
    let stage = detail.stages.iter().find(|stage| stage.state == StageState::Current).unwrap();
    for asked in stage.evidence.iter().filter(|asked| asked.given.is_none()) {
        let value = match asked.kind {
            EvidenceKind::Check => "true",
            EvidenceKind::File => "https://files.example/answers.pdf",
            _ => "as written",
        };
        t.run(GiveEvidence { run, evidence: asked.key.clone(), value: value.to_owned() }).await.unwrap();
    }
    t.run(CompleteStage { run, stage: None }).await.unwrap();
}

/// A page as that reader sees it.
pub async fn page(t: &Trial, actor: &Actor, path: &str) -> String {
    let pages = t.app.registry().parts::<PageSpec>();
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |pattern: &str| {
        let wanted: Vec<&str> = pattern.split('/').collect();
        wanted.len() == parts.len() && wanted.iter().zip(&parts).all(|(w, p)| w.starts_with('{') || w == p)
    };
    let exact = pages.iter().find(|page| page.path == path);
    let spec = exact.or_else(|| pages.iter().find(|page| fits(page.path))).unwrap();
    let names = spec.path.split('/').zip(&parts);
    let params = names
        .filter_map(|(name, part)| Some((name.strip_prefix('{')?.strip_suffix('}')?.to_owned(), (*part).to_owned())))
        .collect();
    let cx = PageCx {
        app: t.app.clone(),
        actor: actor.clone(),
        now: t.now(),
        zone: jiff::tz::TimeZone::UTC,
        path: path.to_owned(),
        params,
        query: Vec::new(),
        csrf: "token".to_owned(),
        refilled: None,
    };
    (spec.render)(&cx).await.unwrap().body.into_string()
}
