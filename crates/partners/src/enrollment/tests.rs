#![allow(clippy::unwrap_used)]

use kernel::Error;
use procedures::{CompleteStage, GetRun};
use trial::both_databases;

use super::*;
use crate::fixture::{accept_terms, active, complete_stage, enact, install, invited, northwind, page, run_of};
use crate::profile::{GetPartner, Status};

both_databases! { install;
    // covers: B3.1
    async fn a_completed_onboarding_activates_the_partner_with_the_entry_tier_and_its_controls(t: Trial) {
        enact(t, northwind()).await;
        let partner = active(t, "Brandt", "reseller").await;
        assert_eq!((partner.status, partner.tier.as_deref(), partner.activated_at), (Status::Active, Some("bronze"), Some(t.now())));
        let detail = t.ask(GetPartner { partner: partner.id }).await.unwrap();
        assert_eq!((detail.missing.len(), detail.terms_current), (0, Some(true)));
        let slots = detail.controls.iter().find(|control| control.control == "deal_slots").unwrap();
        assert_eq!(slots.value, law::BenefitValue::Count(10));
        assert_eq!(slots.governing().unwrap().cites, "tiers.toml: tier.bronze.benefits.deal_slots");
        let kinds: Vec<&str> = detail.timeline.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(kinds, ["controls.changed", "partner.activated", "partner.terms_accepted", "partner.invited"]);
    }

    // covers: B0.3
    async fn there_is_no_side_door_past_the_onboarding(t: Trial) {
        enact(t, northwind()).await;
        let partner = invited(t, "Brandt", "reseller").await.id;
        let activate = ActivatePartner { partner, run: None };
        let Err(Error::Refused { code, reasons, .. }) = t.run(activate.clone()).await else { panic!("activated") };
        assert_eq!((code, reasons[0].code.as_str()), ("not_ready", "no_terms"));
        accept_terms(t, partner).await;
        let Err(Error::Refused { code, reasons, .. }) = t.run(activate.clone()).await else { panic!("activated") };
        assert_eq!(code, "onboarding_incomplete");
        assert!(reasons[0].text.contains("company"), "{}", reasons[0].text);
        let run = run_of(t, partner).await;
        for _ in 0..5 {
            complete_stage(t, run).await;
        }
        assert_eq!(t.run(activate).await.unwrap_err().code(), "wrong_status");
    }

    async fn terms_are_accepted_word_for_word_and_by_the_partners_own_people(t: Trial) {
        enact(t, northwind()).await;
        let partner = invited(t, "Brandt", "data").await.id;
        let person = t.partner_person(partner);
        let terms = t.ask_as(&person, GetTerms { partner }).await.unwrap();
        assert_eq!((terms.key.as_str(), terms.current, terms.accepted.is_none()), ("data", false, true));

        let accept = |key: Option<&str>, version: &str| AcceptTerms {
            partner, terms_key: key.map(str::to_owned), version: version.to_owned(),
        };
        for (key, version) in [(None, "0000"), (Some("standard"), terms.version.as_str())] {
            let Err(Error::Refused { code, reasons, .. }) = t.run_as(&person, accept(key, version)).await else { panic!("accepted") };
            assert_eq!((code, reasons[0].evidence.as_slice()), ("other_terms", [terms.version.clone()].as_slice()));
        }
        let vendor = t.staff(&["*"], &["owner"]);
        assert_eq!(t.run_as(&vendor, accept(None, &terms.version)).await.unwrap_err().code(), "forbidden");
        let other = invited(t, "Other", "data").await.id;
        let stranger = t.partner_person(other);
        assert_eq!(t.run_as(&stranger, accept(None, &terms.version)).await.unwrap_err().code(), "not_found");

        let accepted = t.run_as(&person, accept(Some("data"), &terms.version)).await.unwrap();
        assert_eq!(accepted.accepted_by, person.reference());
        assert!(t.ask_as(&person, GetTerms { partner }).await.unwrap().current);
    }

    async fn the_acceptance_of_the_terms_is_evidence_that_onboarding_sees_by_itself(t: Trial) {
        enact(t, northwind()).await;
        let partner = invited(t, "Brandt", "reseller").await.id;
        let run = run_of(t, partner).await;
        complete_stage(t, run).await;
        let early = t.run(CompleteStage { run, stage: None }).await.unwrap_err();
        assert_eq!(early.code(), "stage_incomplete");
        accept_terms(t, partner).await;
        t.run(CompleteStage { run, stage: None }).await.unwrap();
        let detail = t.ask(GetRun { run }).await.unwrap();
        assert!(detail.stages[1].evidence[0].given.as_ref().unwrap().value.contains("Northwind partner terms"));
    }

    async fn new_terms_are_to_be_accepted_again_while_the_doors_stay_open(t: Trial) {
        enact(t, northwind()).await;
        let partner = active(t, "Brandt", "reseller").await.id;
        let mut files = northwind();
        files.get_mut("terms/standard.md").unwrap().push_str("\n## 8. Miscellaneous\nNothing else was agreed.\n");
        enact(t, files).await;
        let detail = t.ask(GetPartner { partner }).await.unwrap();
        assert_eq!((detail.missing.len(), detail.terms_current), (0, Some(false)));
        let person = t.partner_person(partner);
        let shown = page(t, &person, "/terms", &[]).await;
        assert!(shown.contains("The terms have changed") && shown.contains("8. Miscellaneous") && shown.contains("/do/partners.accept_terms"));
        accept_terms(t, partner).await;
        assert!(page(t, &person, "/terms", &[]).await.contains("These terms are accepted"));
    }

    async fn the_vendor_reads_what_a_partner_accepted_but_cannot_accept_it(t: Trial) {
        enact(t, northwind()).await;
        let partner = invited(t, "Brandt", "reseller").await.id.to_string();
        let vendor = t.staff(&["*"], &["owner"]);
        assert!(page(t, &vendor, "/terms", &[]).await.contains("Whose terms?"));
        assert!(page(t, &vendor, "/terms", &[("partner", &partner)]).await.contains("Only a person of the partner"));
    }
}
