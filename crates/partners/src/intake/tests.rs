#![allow(clippy::unwrap_used)]

use kernel::{Actor, ActorKind, Error, Grants};
use people::invitations::ListInvitations;
use trial::{Trial, both_databases};

use super::*;
use crate::fixture::{active, company, enact, install, invited, northwind, page, run_of};
use crate::profile::{GetPartner, Status};

fn stranger(t: &Trial) -> Actor {
    Actor {
        kind: ActorKind::Anonymous,
        name: "nobody".to_owned(),
        grants: Grants::of(&["partners.apply", "partners.offer"]),
        roles: vec![],
        ..t.system.clone()
    }
}

fn application(name: &str) -> Apply {
    Apply {
        company: company(name),
        archetype: Some("reseller".to_owned()),
        message: Some("We sell in Bavaria.".to_owned()),
    }
}

both_databases! { install;
    // covers: P3
    async fn an_application_begins_the_stages_of_the_partnership_with_their_weeks(t: Trial) {
        enact(t, northwind()).await;
        let partner = t.run_as(&stranger(t), application("Brandt Logistik")).await.unwrap().partner;
        let runs = t.ask(procedures::ListRuns { partner: Some(partner), ..procedures::ListRuns::default() }).await.unwrap().items;
        let run = &runs[0];
        assert_eq!((runs.len(), run.procedure.as_str(), run.about.as_str()), (1, "development", "Brandt Logistik"));
        let detail = t.ask(procedures::GetRun { run: run.id }).await.unwrap();
        let weeks: Vec<Option<u32>> = detail.stages.iter().map(|stage| stage.days.map(|days| days / 7)).collect();
        assert_eq!(weeks, [Some(2), Some(2), Some(4), Some(4), None]);
        assert_eq!((run.stage.as_str(), run.due_at), ("identification", Some(t.now().plus_days(14))));
        // It goes on when the company is taken in, and does not begin again.
        t.run(AcceptApplication { partner, archetype: "si".into() }).await.unwrap();
        let runs = t.ask(procedures::ListRuns { partner: Some(partner), ..procedures::ListRuns::default() }).await.unwrap().items;
        assert_eq!(runs.iter().filter(|run| run.procedure == "development").count(), 1);
    }

    // covers: B0.3
    async fn an_application_is_accepted_and_goes_through_the_onboarding_of_its_archetype(t: Trial) {
        enact(t, northwind()).await;
        let applied = t.run_as(&stranger(t), application("Brandt Logistik")).await.unwrap();
        let detail = t.ask(GetPartner { partner: applied.partner }).await.unwrap();
        assert_eq!((detail.partner.status, detail.partner.domain.as_deref()), (Status::Applied, Some("brandtlogistik.example")));
        assert_eq!((detail.partner.country.as_str(), detail.partner.wanted.as_deref()), ("DE", Some("reseller")));
        assert_eq!(detail.onboarding, None);

        let accepted = t.run(AcceptApplication { partner: applied.partner, archetype: "si".into() }).await.unwrap();
        assert_eq!((accepted.status, accepted.archetype.as_deref()), (Status::Onboarding, Some("si")));
        let detail = t.ask(GetPartner { partner: applied.partner }).await.unwrap();
        let run = t.ask(procedures::GetRun { run: detail.onboarding.unwrap() }).await.unwrap();
        assert_eq!((run.run.procedure.as_str(), run.run.stage.as_str(), run.run.about.as_str()), ("onboarding", "company", "Brandt Logistik"));
        let invitations = t.ask(ListInvitations::default()).await.unwrap();
        assert_eq!((invitations.items.len(), invitations.items[0].role.as_str()), (1, "partner_admin"));
        assert_eq!(detail.timeline.iter().map(|e| e.kind.as_str()).collect::<Vec<_>>(), ["partner.accepted", "partner.applied"]);

        let again = t.run(AcceptApplication { partner: applied.partner, archetype: "si".into() }).await.unwrap_err();
        assert_eq!(again.code(), "not_applied");
    }

    async fn an_application_says_everything_that_is_wrong_with_it_at_once(t: Trial) {
        enact(t, northwind()).await;
        let mut wrong = application("Brandt");
        wrong.company.name = " ".into();
        wrong.company.country = "Deutschland".into();
        wrong.company.domain = "brandt".into();
        wrong.company.contact_email = "ana".into();
        wrong.company.time_zone = Some("Mars/Olympus".into());
        let Err(Error::Invalid(fields)) = t.run_as(&stranger(t), wrong).await else { panic!("it was taken") };
        let names: Vec<&str> = fields.iter().map(|field| field.field.as_str()).collect();
        assert_eq!(names, ["name", "domain", "country", "contact_email", "time_zone"]);

        let unknown = Apply { archetype: Some("pirate".into()), ..application("Brandt") };
        let Err(Error::Invalid(fields)) = t.run_as(&stranger(t), unknown).await else { panic!("it was taken") };
        assert!(fields[0].rule.contains("choose one of data, oem, platform, reseller, si"), "{}", fields[0].rule);
    }

    async fn a_second_application_of_a_company_is_refused_without_telling_about_the_first(t: Trial) {
        enact(t, northwind()).await;
        let first = invited(t, "Brandt", "reseller").await;
        let mut second = application("Another Name");
        second.company.domain = "brandt.example".into();
        let refusal = t.run_as(&stranger(t), second.clone()).await.unwrap_err();
        assert_eq!(refusal.code(), "company_known");
        let text = refusal.to_string();
        assert!(!text.contains("Brandt") && !text.contains(&first.id.to_string()) && !text.contains("onboarding"), "{text}");
    }

    async fn a_company_that_was_turned_down_may_apply_again(t: Trial) {
        enact(t, northwind()).await;
        let applied = t.run_as(&stranger(t), application("Brandt")).await.unwrap();
        let reason_code = RejectionReason::NoCapacity;
        let empty = t.run(RejectApplication { partner: applied.partner, reason_code, text: " ".into() }).await.unwrap_err();
        assert_eq!(empty.code(), "invalid");
        let text = "Bavaria is covered for this year.".to_owned();
        let rejected = t.run(RejectApplication { partner: applied.partner, reason_code, text }).await.unwrap();
        assert_eq!((rejected.status, rejected.note.unwrap().code.as_str()), (Status::Rejected, "no_capacity"));
        let again = t.run_as(&stranger(t), application("Brandt")).await.unwrap();
        assert_ne!(again.partner, applied.partner);
    }

    async fn the_forms_ask_for_what_the_operations_take(t: Trial) {
        let bare = page(t, &stranger(t), "/apply", &[]).await;
        assert!(bare.contains("name=\"contact_email\"") && !bare.contains("name=\"archetype\""));
        enact(t, northwind()).await;
        let offered = page(t, &stranger(t), "/apply", &[]).await;
        assert!(offered.contains("name=\"archetype\"") && offered.contains("System integrator") && offered.contains("name=\"message\""));
        assert!(page(t, &stranger(t), "/apply", &[("received", "yes")]).await.contains("Your application is here"));
        let vendor = t.staff(&["*"], &["owner"]);
        assert!(page(t, &vendor, "/invite", &[]).await.contains("/do/partners.invite"));
        let applied = t.run_as(&stranger(t), application("Brandt")).await.unwrap();
        let shown = page(t, &vendor, &format!("/partners/{}", applied.partner), &[]).await;
        assert!(shown.contains("Accept as Reseller") && shown.contains("Turn down") && shown.contains("We sell in Bavaria."));
    }

    async fn many_partners_come_in_within_one_transaction(t: Trial) {
        enact(t, northwind()).await;
        let mut batch = t.app.batch().await.unwrap();
        for number in 0..20 {
            let invite = Invite { company: company(&format!("Partner {number}")), archetype: "oem".into(), manager: None };
            batch.run(&t.system, invite).await.unwrap();
        }
        batch.commit().await.unwrap();
        let partner = active(t, "Brandt", "reseller").await;
        assert_ne!(run_of(t, partner.id).await.to_string(), "");
    }
}
