#![allow(clippy::unwrap_used)]

use kernel::{PersonId, RunOptions};
use people::CreatePerson;
use trial::both_databases;

use super::*;
use crate::fixture::{active, company, enact, install, invited, northwind, page, run_of};
use crate::intake::Apply;
use crate::profile::{GetPartner, Status};

both_databases! { install;
    async fn a_partner_that_was_held_during_its_onboarding_goes_on_with_it(t: Trial) {
        enact(t, northwind()).await;
        let partner = invited(t, "Brandt", "reseller").await.id;
        let text = "We look into a report.".to_owned();
        let suspend = SuspendPartner { partner, reason_code: SuspensionReason::Verification, text, contact: Some("Ops desk".into()), run: None };
        let held = t.run(suspend.clone()).await.unwrap();
        assert_eq!((held.status, held.note.unwrap().contact.as_deref()), (Status::Suspended, Some("Ops desk")));
        assert_eq!(t.run(suspend).await.unwrap_err().code(), "wrong_status");
        let back = t.run(ReinstatePartner { partner }).await.unwrap();
        assert_eq!((back.status, back.note), (Status::Onboarding, None));
        assert_eq!(t.run(ReinstatePartner { partner }).await.unwrap_err().code(), "wrong_status");
    }

    async fn an_ended_partnership_keeps_its_record_and_loses_its_rights(t: Trial) {
        enact(t, northwind()).await;
        let partner = active(t, "Brandt", "reseller").await.id;
        let end = |text: &str| EndPartnership { partner, reason_code: EndReason::PartnerLeaves, text: text.to_owned(), run: None };
        assert_eq!(t.run(end("  ")).await.unwrap_err().code(), "invalid");
        t.run(end("Nothing came of it.")).await.unwrap();
        let detail = t.ask(GetPartner { partner }).await.unwrap();
        assert_eq!((detail.partner.status, detail.controls.len()), (Status::Ended, 0));
        assert_eq!(detail.partner.tier.as_deref(), Some("bronze"));
        assert_eq!(t.run(end("Again.")).await.unwrap_err().code(), "wrong_status");
    }

    async fn the_profile_is_corrected_field_by_field_by_either_side(t: Trial) {
        enact(t, northwind()).await;
        let partner = active(t, "Brandt", "reseller").await.id;
        let change = UpdateProfile {
            partner,
            name: None,
            legal_name: Some("Brandt Logistik GmbH".into()),
            country: Some("at".into()),
            vat_number: None,
            registration_number: None,
            time_zone: Some("Europe/Vienna".into()),
        };
        let own = t.partner_person(partner);
        let changed = t.run_as(&own, change.clone()).await.unwrap();
        assert_eq!((changed.name.as_str(), changed.country.as_str(), changed.time_zone.as_str()), ("Brandt", "AT", "Europe/Vienna"));
        let stranger = t.partner_person(invited(t, "Other", "data").await.id);
        assert_eq!(t.run_as(&stranger, change.clone()).await.unwrap_err().code(), "not_found");
        let wrong = UpdateProfile { country: Some("Austria".into()), ..change };
        assert_eq!(t.run(wrong).await.unwrap_err().code(), "invalid");
    }

    async fn somebody_of_the_vendor_looks_after_a_partner(t: Trial) {
        enact(t, northwind()).await;
        let partner = active(t, "Brandt", "reseller").await.id;
        let person = |name: &str, role: &str, partner| CreatePerson {
            name: name.to_owned(),
            email: format!("{role}@northwind.example"),
            role: role.to_owned(),
            partner,
            zone: None,
            password: None,
            password_hash: None,
        };
        let manager = t.run(person("Vera Vendor", "partner_ops", None)).await.unwrap();
        t.run(AssignManager { partner, manager: Some(manager) }).await.unwrap();
        let own = t.partner_person(partner);
        let detail = t.ask_as(&own, GetPartner { partner }).await.unwrap();
        assert_eq!((detail.partner.manager, detail.manager_name.as_deref()), (Some(manager), Some("Vera Vendor")));
        assert!(page(t, &own, "/company", &[]).await.contains("Vera Vendor"));

        let theirs = t.run(person("Paula Partner", "partner_admin", Some(partner))).await.unwrap();
        let nobody: PersonId = t.app.new_id(t.now());
        for wrong in [theirs, nobody] {
            assert_eq!(t.run(AssignManager { partner, manager: Some(wrong) }).await.unwrap_err().code(), "invalid");
        }
    }

    async fn a_procedure_may_suspend_a_partner_with_nothing_but_its_run(t: Trial) {
        enact(t, northwind()).await;
        let partner = active(t, "Brandt", "reseller").await.id;
        let run = run_of(t, partner).await;
        let effect = serde_json::json!({ "partner": partner, "run": run });
        let held = t.app.run_value(&t.system, "partners.suspend", effect, RunOptions::default()).await.unwrap().output;
        assert_eq!((held["status"].as_str(), held["note"]["code"].as_str()), (Some("suspended"), Some("other")));
        assert!(held["note"]["text"].as_str().unwrap().contains(&run.to_string()));
    }

    async fn an_applicant_can_be_read_before_there_is_a_program(t: Trial) {
        let applied = t.run(Apply { company: company("Brandt"), ..Apply::default() }).await.unwrap();
        let detail = t.ask(GetPartner { partner: applied.partner }).await.unwrap();
        assert_eq!((detail.manager_name, detail.terms_current, detail.partner.status), (None, None, Status::Applied));
    }
}
