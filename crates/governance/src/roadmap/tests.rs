#![allow(clippy::unwrap_used)]

use kernel::{Error, PartnerId};
use trial::{Trial, both_databases};

use super::{
    AskFor, DecideRequest, Decision, GetRequest, ListRequests, MergeRequest, Request, ShipRequest, State,
    SupportRequest, TriageRequest,
};
use crate::stage::{active, enact, install, page};

async fn asked(t: &Trial, partner: PartnerId, title: &str) -> Request {
    let note = "Two tenders need it.".to_owned();
    let need = "Fleets that run at night.".to_owned();
    t.run_as(&t.partner_person(partner), AskFor { partner: None, title: title.into(), need, note }).await.unwrap()
}

fn triage(request: super::RequestId) -> TriageRequest {
    TriageRequest { request, return_score: 4, security_score: 5, triage: "Small, and it is asked for often.".into() }
}

both_databases! { install;
    // covers: B1.10
    async fn a_request_is_triaged_decided_and_everyone_who_asked_reads_why(t: Trial) {
        enact(t).await;
        let (brandt, stone) = (active(t, "Brandt").await, active(t, "Stone").await);
        let request = asked(t, brandt, "Night mode").await;
        assert_eq!((request.state, request.due_at), (State::Submitted, Some(t.now().plus_days(14))));
        let paula = t.partner_person(stone);
        assert!(matches!(t.ask_as(&paula, GetRequest { request: request.id }).await, Err(Error::NotFound { .. })));
        let early = DecideRequest { request: request.id, decision: Decision::Plan, rationale: "Yes.".into() };
        let refused = t.run(early.clone()).await;
        assert!(matches!(refused, Err(Error::Conflict { code: "not_triaged", .. })), "{refused:?}");
        let wild = TriageRequest { return_score: 9, ..triage(request.id) };
        assert!(matches!(t.run(wild).await, Err(Error::Invalid(_))));
        let reviewed = t.run(triage(request.id)).await.unwrap();
        assert_eq!((reviewed.state, reviewed.due_at), (State::InReview, Some(t.now().plus_days(60))));

        let join = SupportRequest { request: request.id, partner: None, note: "So do we.".into() };
        let joined = t.run_as(&paula, join.clone()).await.unwrap();
        assert_eq!((joined.return_score, joined.triage), (None, None), "the scores are the vendor's own");
        assert!(matches!(t.run_as(&paula, join).await, Err(Error::Conflict { code: "joined", .. })));
        let seen = t.ask_as(&paula, GetRequest { request: request.id }).await.unwrap();
        assert_eq!((seen.voices.len(), seen.weight), (1, None), "a partner does not learn who else asks");
        let whole = t.ask(GetRequest { request: request.id }).await.unwrap();
        assert_eq!(whole.voices.iter().map(|voice| voice.name.as_str()).collect::<Vec<_>>(), ["Brandt", "Stone"]);

        assert!(matches!(t.run_as(&paula, early.clone()).await, Err(Error::Forbidden { .. })));
        let rationale = "It opens the night market.".to_owned();
        t.run(DecideRequest { rationale, ..early }).await.unwrap();
        for partner in [brandt, stone] {
            let paula = t.partner_person(partner);
            let seen = t.ask_as(&paula, GetRequest { request: request.id }).await.unwrap();
            assert_eq!(seen.request.rationale.as_deref(), Some("It opens the night market."));
            assert!(seen.timeline.iter().any(|event| event.summary.contains("It opens the night market.")));
            assert!(page(t, &paula, "/roadmap").await.contains("It opens the night market."));
        }
        assert_eq!(t.run(ShipRequest { request: request.id }).await.unwrap().state, State::Shipped);
    }

    // covers: B1.10
    async fn requests_that_mean_the_same_are_merged_and_nobody_counts_twice(t: Trial) {
        enact(t).await;
        let (brandt, stone) = (active(t, "Brandt").await, active(t, "Stone").await);
        let first = asked(t, brandt, "Night mode").await.id;
        let second = asked(t, stone, "Dark theme").await.id;
        let third = asked(t, brandt, "Black screens").await.id;
        assert!(matches!(t.run(MergeRequest { request: first, into: first }).await, Err(Error::Invalid(_))));
        t.run(MergeRequest { request: second, into: first }).await.unwrap();
        t.run(MergeRequest { request: third, into: first }).await.unwrap();
        let whole = t.ask(GetRequest { request: first }).await.unwrap();
        assert_eq!(whole.voices.iter().map(|voice| voice.voice.partner).collect::<Vec<_>>(), [brandt, stone]);
        let merged = t.ask(GetRequest { request: second }).await.unwrap().request;
        assert_eq!((merged.state, merged.merged_into), (State::Merged, Some(first)));
        let own = ListRequests { partner: Some(stone), ..ListRequests::default() };
        let own = t.ask_as(&t.partner_person(stone), own).await.unwrap().items;
        assert_eq!(own.iter().map(|request| request.id).collect::<Vec<_>>(), [first]);
        let into_closed = t.run(MergeRequest { request: first, into: second }).await;
        assert!(matches!(into_closed, Err(Error::Conflict { code: "decided", .. })), "{into_closed:?}");
    }

    // covers: B1.10
    async fn an_answer_that_is_late_is_noted(t: Trial) {
        enact(t).await;
        let brandt = active(t, "Brandt").await;
        let request = asked(t, brandt, "Night mode").await.id;
        t.clock.advance_days(15);
        clocks::tick(&t.app, &t.system).await.unwrap();
        let detail = t.ask(GetRequest { request }).await.unwrap();
        assert!(detail.timeline.iter().any(|event| event.kind == "roadmap.overdue"));
        let vendor = page(t, &t.staff(&["*"], &[]), &format!("/roadmap/{request}")).await;
        assert!(vendor.contains("Two tenders need it.") && vendor.contains("Triage"), "{vendor}");
    }
}
