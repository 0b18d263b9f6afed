#![allow(clippy::unwrap_used)]

use kernel::{Cx, Error, Operation, PartnerId, Registry, Result, Route, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trial::{Trial, both_databases};

use crate::fixture::{self, accept_terms, active, complete_stage, enact, invited, northwind, run_of};
use crate::intake::{AcceptApplication, Apply};
use crate::lifecycle::{EndPartnership, EndReason, ReinstatePartner, SuspendPartner, SuspensionReason};

/// Any operation that needs an enrolled partner.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Door {
    partner: Option<PartnerId>,
}

impl Operation for Door {
    const NAME: &'static str = "test.door";
    const ROUTE: Route = post("/test/doors");
    type Output = ();

    fn partner(&self) -> Option<PartnerId> {
        self.partner
    }

    async fn run(self, _: &mut Cx<'_>) -> Result<()> {
        Ok(())
    }
}

fn install(registry: &mut Registry) {
    fixture::install(registry);
    registry.operation::<Door>();
}

/// Codes of what is missing, for the vendor who acts for the partner; for its own people they are the same.
async fn missing(t: &Trial, partner: PartnerId) -> Vec<String> {
    let codes = |outcome: Result<()>| match outcome {
        Ok(()) => vec![],
        Err(Error::Refused { code: "not_enrolled", reasons, .. }) => {
            assert!(reasons.iter().all(|reason| reason.remedy.is_some()));
            reasons.into_iter().map(|reason| reason.code).collect::<Vec<_>>()
        }
        Err(other) => panic!("{other}"),
    };
    let for_it = codes(t.run(Door { partner: Some(partner) }).await);
    let by_itself = codes(t.run_as(&t.partner_person(partner), Door { partner: None }).await);
    assert_eq!(for_it, by_itself);
    for_it
}

both_databases! { install;
    // covers: B1.11
    async fn every_door_is_closed_and_names_what_is_missing_until_the_partner_is_enrolled(t: Trial) {
        enact(t, northwind()).await;
        let apply = Apply { company: fixture::company("Brandt"), archetype: None, message: None };
        let partner = t.run(apply).await.unwrap().partner;
        assert_eq!(missing(t, partner).await, ["not_accepted"]);
        t.run(AcceptApplication { partner, archetype: "reseller".into() }).await.unwrap();
        assert_eq!(missing(t, partner).await, ["no_terms", "no_tier", "not_active"]);
        accept_terms(t, partner).await;
        assert_eq!(missing(t, partner).await, ["no_tier", "not_active"]);
        let run = run_of(t, partner).await;
        for _ in 0..4 {
            complete_stage(t, run).await;
        }
        assert_eq!(missing(t, partner).await, ["no_tier", "not_active"]);
        complete_stage(t, run).await;
        assert_eq!(missing(t, partner).await, Vec::<String>::new());
    }

    async fn a_suspended_partner_reads_why_and_whom_to_ask(t: Trial) {
        enact(t, northwind()).await;
        let partner = active(t, "Brandt", "reseller").await.id;
        let vera = t.staff(&["partners.*"], &["head_of_partnerships"]);
        let text = "Two invoices are open.".to_owned();
        let suspend = SuspendPartner { partner, reason_code: SuspensionReason::OverduePayment, text, contact: None, run: None };
        t.run_as(&vera, suspend).await.unwrap();
        let Err(Error::Refused { reasons, .. }) = t.run_as(&t.partner_person(partner), Door { partner: None }).await else {
            panic!("the door was open")
        };
        assert_eq!(reasons[0].code, "suspended");
        assert!(reasons[0].text.contains("Two invoices are open."));
        assert_eq!(reasons[0].remedy.as_deref(), Some("Ask Vera Vendor about it."));
        t.run_as(&vera, ReinstatePartner { partner }).await.unwrap();
        assert_eq!(missing(t, partner).await, Vec::<String>::new());
        let text = "The company was sold.".to_owned();
        t.run(EndPartnership { partner, reason_code: EndReason::CompanyGone, text, run: None }).await.unwrap();
        assert_eq!(missing(t, partner).await, ["ended"]);
    }

    async fn a_partner_that_does_not_exist_has_no_standing(t: Trial) {
        enact(t, northwind()).await;
        let nobody: PartnerId = t.app.new_id(t.now());
        assert_eq!(t.run(Door { partner: Some(nobody) }).await.unwrap_err().code(), "not_enrolled");
        let someone = invited(t, "Brandt", "reseller").await.id;
        assert_ne!(someone, nobody);
    }
}
