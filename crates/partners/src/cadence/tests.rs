#![allow(clippy::unwrap_used)]

use findings::{ListFindings, RunChecks};
use kernel::Error;
use trial::both_databases;

use super::{Channel, GetCadence, ListCadence, ListContacts, LogContact};
use crate::fixture::{active, enact, install, northwind, page};
use crate::lifecycle::{EndPartnership, EndReason};

fn call(partner: kernel::PartnerId) -> LogContact {
    LogContact {
        partner,
        channel: Channel::Call,
        with: "Ana Alvarez".into(),
        note: "They hire two people.".into(),
        contacted_at: None,
    }
}

both_databases! { install;
    // covers: P23
    async fn a_partner_with_whom_nobody_speaks_is_surfaced_until_somebody_does(t: Trial) {
        enact(t, northwind()).await;
        let partner = active(t, "Brandt", "reseller").await.id;
        let rhythm = t.ask(GetCadence { partner }).await.unwrap().unwrap();
        assert_eq!((rhythm.days, rhythm.due_at, rhythm.cites.as_str()), (90, t.now().plus_days(90), "partnership.toml: cadence[3]"));
        let silent = async || {
            t.run(RunChecks {}).await.unwrap();
            let open = t.ask(ListFindings { state: Some(findings::State::Open), ..ListFindings::default() }).await.unwrap();
            open.items.iter().filter(|finding| finding.check == "partners.silent").count()
        };
        assert_eq!(silent().await, 0);
        t.clock.advance_days(91);
        clocks::tick(&t.app, &t.system).await.unwrap();
        let mut tx = t.app.db().read().await.unwrap();
        let timeline = kernel::event::of_subject(&mut tx, &t.system.scope(), &partner.to_string(), 50).await.unwrap();
        assert!(timeline.iter().any(|event| event.kind == "partner.silence_overdue"));
        let own = kernel::event::of_subject(&mut tx, &t.partner_person(partner).scope(), &partner.to_string(), 50).await.unwrap();
        assert!(own.iter().all(|event| event.kind != "partner.silence_overdue"), "the alarm is the vendor's own");
        tx.rollback().await.unwrap();
        assert_eq!(silent().await, 1);
        let list = t.ask(ListCadence { silent: Some(true), ..ListCadence::default() }).await.unwrap();
        assert_eq!((list.items.len(), list.items[0].name.as_str()), (1, "Brandt"));

        t.run(call(partner)).await.unwrap();
        assert_eq!(silent().await, 0);
        let rhythm = t.ask(GetCadence { partner }).await.unwrap().unwrap();
        assert_eq!((rhythm.last_contact_at, rhythm.due_at), (Some(t.now()), t.now().plus_days(90)));
        let vera = t.staff(&["*"], &[]);
        assert!(page(t, &vera, "/cadence", &[]).await.contains("Brandt"));
        let log = page(t, &vera, &format!("/partners/{partner}/contacts"), &[]).await;
        assert!(log.contains("They hire two people.") && log.contains("Ana Alvarez"), "{log}");
    }

    async fn a_contact_that_is_noted_late_does_not_turn_back_the_clock(t: Trial) {
        enact(t, northwind()).await;
        let partner = active(t, "Brandt", "reseller").await.id;
        t.clock.advance_days(20);
        t.run(call(partner)).await.unwrap();
        let earlier = LogContact { contacted_at: Some(t.now().plus_days(-10)), ..call(partner) };
        t.run(earlier).await.unwrap();
        let rhythm = t.ask(GetCadence { partner }).await.unwrap().unwrap();
        assert_eq!(rhythm.last_contact_at, Some(t.now()));
        let tomorrow = LogContact { contacted_at: Some(t.now().plus_days(1)), ..call(partner) };
        assert!(matches!(t.run(tomorrow).await, Err(Error::Invalid(_))));
        let silent = LogContact { note: " ".into(), ..call(partner) };
        assert!(matches!(t.run(silent).await, Err(Error::Invalid(_))));
    }

    async fn the_log_is_the_vendors_own_and_ends_with_the_partnership(t: Trial) {
        enact(t, northwind()).await;
        let partner = active(t, "Brandt", "reseller").await.id;
        let paula = t.partner_person(partner);
        assert!(matches!(t.run_as(&paula, call(partner)).await, Err(Error::Forbidden { .. })));
        let query = ListContacts { partner, page: kernel::PageRequest::default() };
        assert!(matches!(t.ask_as(&paula, query).await, Err(Error::Forbidden { .. })));
        let text = "They want to leave.".to_owned();
        t.run(EndPartnership { partner, reason_code: EndReason::PartnerLeaves, text, run: None }).await.unwrap();
        assert_eq!(t.ask(GetCadence { partner }).await.unwrap(), None);
    }
}
