//! Partners and accounts: applying, onboarding stage by stage, people, tiers, and the troubles of a few.

use std::sync::Arc;

use kernel::{Actor, Result, Secret};
use law::EvidenceKind;
use partners::customers::AddCustomer;
use partners::enrollment::AcceptTerms;
use partners::intake::{AcceptApplication, Apply, CompanyFacts, Invite, RejectApplication, RejectionReason};
use partners::lifecycle::{EndPartnership, EndReason, ReinstatePartner, SuspendPartner, SuspensionReason};
use partners::tiers::RecalculateTiers;
use people::CreatePerson;
use procedures::{CompleteStage, GiveEvidence};

use super::{Stage, founding};
use crate::Login;
use crate::dice::Dice;
use crate::names::COUNTRIES;
use crate::script::{PartnerAct, PartnerPlan};

pub(super) async fn play(stage: &mut Stage<'_>, number: usize, act: PartnerAct) -> Result<()> {
    let ops = stage.of_staff("partner_ops", number);
    let Some(partner) = stage.partners[number].id else {
        return come(stage, number, act).await;
    };
    match act {
        PartnerAct::Apply | PartnerAct::Invite => Ok(()),
        PartnerAct::Accept => {
            let archetype = stage.script.partners[number].archetype.to_owned();
            stage.run(&ops, AcceptApplication { partner, archetype }).await?;
            join(stage, number).await
        }
        PartnerAct::TurnDown => {
            let text = "Your region is well served at the moment; we would like to hear from you again next year.";
            let reject = RejectApplication { partner, reason_code: RejectionReason::NoCapacity, text: text.to_owned() };
            stage.run(&ops, reject).await.map(|_| ())
        }
        PartnerAct::AcceptTerms => {
            let plan = &stage.script.partners[number];
            let archetype = stage.program.archetype(plan.archetype);
            let terms = archetype.and_then(|archetype| stage.program.terms.get(&archetype.terms));
            let Some(version) = terms.map(|terms| terms.version.clone()) else { return Ok(()) };
            let admin = stage.partners[number].people[0].clone();
            stage.run(&admin, AcceptTerms { partner, terms_key: None, version }).await.map(|_| ())
        }
        PartnerAct::CompleteStage => complete_stage(stage, number, &ops).await,
        PartnerAct::Suspend => {
            let suspend = SuspendPartner {
                partner,
                reason_code: SuspensionReason::SecurityIncident,
                text: "An API key of yours was found in a public repository; access is closed until it is replaced."
                    .to_owned(),
                contact: None,
                run: None,
            };
            let head = stage.of_staff("head_of_partnerships", 0);
            stage.run(&head, suspend).await.map(|_| ())
        }
        PartnerAct::Reinstate => {
            let head = stage.of_staff("head_of_partnerships", 0);
            stage.run(&head, ReinstatePartner { partner }).await.map(|_| ())
        }
        PartnerAct::End => {
            let text = "The company was bought and goes another way; we wish it well.".to_owned();
            let end = EndPartnership { partner, reason_code: EndReason::CompanyGone, text, run: None };
            stage.run(&ops, end).await.map(|_| ())
        }
    }
}

/// The first that is heard of a partner.
async fn come(stage: &mut Stage<'_>, number: usize, act: PartnerAct) -> Result<()> {
    let plan = &stage.script.partners[number];
    let company = facts(plan);
    let archetype = plan.archetype.to_owned();
    match act {
        PartnerAct::Apply => {
            let message = Some(format!(
                "We look after fleets in our region and would like to offer {archetype} services around Northwind."
            ));
            let anonymous = people::anonymous(stage.organization);
            let applied = stage.run(&anonymous, Apply { company, archetype: Some(archetype), message }).await?;
            stage.partners[number].id = Some(applied.partner);
            Ok(())
        }
        PartnerAct::Invite => {
            let head = stage.of_staff("head_of_partnerships", 0);
            let manager = stage.of_staff("partner_ops", number);
            let kernel::ActorKind::Person(manager) = manager.kind else { return Ok(()) };
            let partner = stage.run(&head, Invite { company, archetype, manager: Some(manager) }).await?;
            stage.partners[number].id = Some(partner.id);
            join(stage, number).await
        }
        _ => Ok(()),
    }
}

fn facts(plan: &PartnerPlan) -> CompanyFacts {
    let contact = &plan.people[0].human;
    CompanyFacts {
        name: plan.company.name.clone(),
        legal_name: Some(plan.company.legal_name.clone()),
        domain: plan.company.domain.clone(),
        country: COUNTRIES[plan.company.country].code.to_owned(),
        vat_number: plan.company.vat_number.clone(),
        registration_number: Some(plan.company.registration_number.clone()),
        contact_name: contact.name.clone(),
        contact_email: contact.email.clone(),
        time_zone: Some(COUNTRIES[plan.company.country].zone.to_owned()),
    }
}

/// The people of a partner come over from the vendor's old directory.
async fn join(stage: &mut Stage<'_>, number: usize) -> Result<()> {
    let system = stage.system.clone();
    let plan = stage.script.partners[number].clone();
    let partner = stage.partners[number].id;
    let roles: Vec<&str> = plan.people.iter().map(|member| member.role).collect();
    for (place, member) in plan.people.iter().enumerate() {
        let login = founding::has_login(number, place, &roles);
        let new = CreatePerson {
            name: member.human.name.clone(),
            email: member.human.email.clone(),
            role: member.role.to_owned(),
            partner,
            zone: Some(COUNTRIES[plan.company.country].zone.to_owned()),
            password: login.then(|| Secret::new(founding::PASSWORD)),
            password_hash: None,
        };
        let id = stage.run(&system, new).await?;
        let actor = stage.person(id, &member.human.name, member.role, partner);
        stage.partners[number].people.push(actor);
        if login {
            let role = people::role(member.role).map_or(member.role, |role| role.title);
            let title = format!("{role} of {}", plan.company.name);
            let password = founding::PASSWORD.to_owned();
            stage.logins.push(Login { title, email: member.human.email.clone(), password });
        }
    }
    Ok(())
}

/// Gives what the current stage asks for and completes it.
async fn complete_stage(stage: &mut Stage<'_>, number: usize, ops: &Arc<Actor>) -> Result<()> {
    let Some(partner) = stage.partners[number].id else { return Ok(()) };
    if stage.partners[number].run.is_none() {
        let scope = stage.system.scope();
        let run = partners::enrollment::onboarding_of(stage.batch().await?.tx(), &scope, partner).await?;
        stage.partners[number].run = run.map(|run| run.id);
    }
    let Some(run) = stage.partners[number].run else { return Ok(()) };
    let company = stage.script.partners[number].company.clone();
    let archetype = stage.program.archetype(stage.script.partners[number].archetype);
    let procedure = archetype.and_then(|archetype| stage.program.procedure(&archetype.onboarding));
    let Some(current) = procedure.and_then(|procedure| procedure.stages.get(stage.partners[number].stages)).cloned()
    else {
        return Ok(());
    };
    let admin = stage.partners[number].people[0].clone();
    let actor = if current.moved_by == law::Party::Vendor { ops } else { &admin };
    let mut dice = Dice::new(number as u64, &current.key);
    for asked in &current.evidence {
        let value = match asked.kind {
            EvidenceKind::Check => "true".to_owned(),
            EvidenceKind::File => format!("https://files.{}/{}.pdf", company.domain, asked.key),
            EvidenceKind::Terms => continue,
            _ => founding::answer(&asked.key, &mut dice, &company, &admin.name),
        };
        stage.run(actor, GiveEvidence { run, evidence: asked.key.clone(), value }).await?;
    }
    let actor = stage.able(actor, "procedures.complete_stage", &stage.system);
    stage.run(&actor, CompleteStage { run, stage: Some(current.key) }).await?;
    stage.partners[number].stages += 1;
    Ok(())
}

/// The vendor enters an account.
pub(super) async fn add_account(stage: &mut Stage<'_>, number: usize) -> Result<()> {
    let company = stage.script.accounts[number].company.clone();
    let actor = stage.of_staff("sales", number);
    let kernel::ActorKind::Person(owner) = actor.kind else { return Ok(()) };
    let add = AddCustomer {
        name: company.legal_name,
        domain: Some(company.domain),
        country: Some(COUNTRIES[company.country].code.to_owned()),
        vat_number: company.vat_number,
        registration_number: Some(company.registration_number),
        account_owner: Some(owner),
        source: Some("crm".to_owned()),
    };
    let customer = stage.run(&actor, add).await?;
    stage.accounts[number] = Some(customer.id);
    Ok(())
}

/// The weekly recalculation of tiers, and scorecards once a month.
pub(super) async fn score(stage: &mut Stage<'_>) -> Result<()> {
    let system = stage.system.clone();
    stage.run(&system, RecalculateTiers {}).await?;
    let week = stage.script.calendar.day_of(stage.app.now()) / 7;
    if week % 4 == 0 || week == 52 {
        stage.run(&system, scoring::RefreshScorecards {}).await?;
    }
    // More than a few changes are carried out by a clock that is due at once.
    stage.settle().await
}
