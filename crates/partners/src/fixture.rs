//! What the tests of this area share: the areas installed, the program that ships as Northwind, and the way through its
//! onboarding.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use kernel::{Actor, PartnerId, Registry, params};
use law::{Type, Value};
use procedures::{CompleteStage, GetRun, GiveEvidence, RunId, StageState};
use programs::{ApplyProgram, Files};
use scoring::Metric;
use trial::Trial;
use ui::{PageCx, PageSpec};

use crate::enrollment::{AcceptTerms, GetTerms};
use crate::intake::{CompanyFacts, Invite};
use crate::lifecycle::UpdateProfile;
use crate::profile::{GetPartner, Partner};

pub fn install(registry: &mut Registry) {
    programs::install(registry);
    scoring::install(registry);
    controls::install(registry);
    clocks::install(registry);
    documents::install(registry);
    findings::install(registry);
    procedures::install(registry);
    people::install(registry);
    crate::install(registry);
}

/// The areas, with a metric for tests of tiers: what a partner has won stands in its register number, in EUR.
pub fn install_winning(registry: &mut Registry) {
    install(registry);
    registry.add(Metric {
        key: "won_value_12m",
        title: "Value won in 12 months",
        kind: Type::Money,
        help: "Deals closed as won in the last twelve months.",
        measure: |tx, organization, _| {
            Box::pin(async move {
                let sql = "SELECT id, registration_number FROM partner WHERE organization = $1 ORDER BY id";
                tx.all(sql, params![organization], |row| {
                    let euros = row.get::<Option<String>>("registration_number")?.unwrap_or_else(|| "0".into());
                    Ok((row.get("id")?, Value::from(format!("EUR {euros}.00").parse::<kernel::Money>()?)))
                })
                .await
            })
        },
    });
}

pub async fn wins(t: &Trial, partner: PartnerId, euros: u32) {
    let change = UpdateProfile {
        partner,
        name: None,
        legal_name: None,
        country: None,
        vat_number: None,
        registration_number: Some(euros.to_string()),
        time_zone: None,
    };
    t.run(change).await.unwrap();
}

pub fn northwind() -> Files {
    law::shipped().iter().find(|program| program.key == "northwind").unwrap().files()
}

pub async fn enact(t: &Trial, files: Files) {
    t.run(ApplyProgram { files, effective_from: None, note: String::new() }).await.unwrap();
}

pub fn company(name: &str) -> CompanyFacts {
    let word: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    CompanyFacts {
        name: name.to_owned(),
        domain: format!("https://www.{word}.example/"),
        country: "de".to_owned(),
        contact_name: "Ana Alvarez".to_owned(),
        contact_email: format!("ana@{word}.example"),
        ..CompanyFacts::default()
    }
}

pub async fn invited(t: &Trial, name: &str, archetype: &str) -> Partner {
    let (company, archetype) = (company(name), archetype.to_owned());
    t.run(Invite { company, archetype, manager: None }).await.unwrap()
}

pub async fn accept_terms(t: &Trial, partner: PartnerId) -> Actor {
    let person = t.partner_person(partner);
    let version = t.ask_as(&person, GetTerms { partner }).await.unwrap().version;
    t.run_as(&person, AcceptTerms { partner, terms_key: None, version }).await.unwrap();
    person
}

pub async fn run_of(t: &Trial, partner: PartnerId) -> RunId {
    t.ask(GetPartner { partner }).await.unwrap().onboarding.unwrap()
}

/// Gives all evidence of the current stage and completes it.
pub async fn complete_stage(t: &Trial, run: RunId) {
    let detail = t.ask(GetRun { run }).await.unwrap();
    let stage = detail.stages.iter().find(|stage| stage.state == StageState::Current).unwrap();
    for asked in stage.evidence.iter().filter(|asked| asked.given.is_none()) {
        let value = match asked.kind {
            law::EvidenceKind::Check => "true",
            law::EvidenceKind::File => "https://files.example/answers.pdf",
            _ => "as written",
        };
        t.run(GiveEvidence { run, evidence: asked.key.clone(), value: value.to_owned() }).await.unwrap();
    }
    t.run(CompleteStage { run, stage: None }).await.unwrap();
}

/// A partner that went through the whole onboarding.
pub async fn active(t: &Trial, name: &str, archetype: &str) -> Partner {
    let partner = invited(t, name, archetype).await;
    accept_terms(t, partner.id).await;
    let run = run_of(t, partner.id).await;
    for _ in 0..5 {
        complete_stage(t, run).await;
    }
    t.ask(GetPartner { partner: partner.id }).await.unwrap().partner
}

/// A page as that reader sees it.
pub async fn page(t: &Trial, actor: &Actor, path: &str, query: &[(&str, &str)]) -> String {
    let pages = t.app.registry().parts::<PageSpec>();
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |pattern: &str| {
        let wanted: Vec<&str> = pattern.split('/').collect();
        wanted.len() == parts.len() && wanted.iter().zip(&parts).all(|(w, p)| w.starts_with('{') || w == p)
    };
    let spec =
        pages.iter().find(|page| page.path == path).or_else(|| pages.iter().find(|page| fits(page.path))).unwrap();
    let names = spec.path.split('/').zip(&parts);
    let params: BTreeMap<String, String> = names
        .filter_map(|(name, part)| Some((name.strip_prefix('{')?.strip_suffix('}')?.to_owned(), (*part).to_owned())))
        .collect();
    let cx = PageCx {
        app: t.app.clone(),
        actor: actor.clone(),
        now: t.now(),
        zone: jiff::tz::TimeZone::UTC,
        path: path.to_owned(),
        params,
        query: query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        csrf: "token".to_owned(),
        refilled: None,
    };
    let view = (spec.render)(&cx).await.unwrap();
    format!("{} {} {} {}", view.title, view.line.unwrap_or_default().0, view.actions.unwrap_or_default().0, view.body.0)
}
