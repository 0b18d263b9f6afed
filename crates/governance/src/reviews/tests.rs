#![allow(clippy::unwrap_used)]

use documents::{Block, GetDocument, ListDocuments};
use findings::{ListFindings, RunChecks};
use kernel::{Error, PartnerId};
use law::Party;
use trial::{Trial, both_databases};

use super::{
    AddAction, Contribute, FinishAction, GetReview, HoldReview, IssuePack, IssuePreread, ListReviews, Review,
    ScheduleReview, State,
};
use crate::stage::{active, complete_stage, enact, install, page};

async fn scheduled(t: &Trial, partner: PartnerId) -> Review {
    t.run(ScheduleReview { partner, meeting_at: t.now().plus_days(14) }).await.unwrap()
}

/// Everything that a document says, as one text.
async fn said(t: &Trial, document: documents::DocumentId) -> String {
    serde_json::to_string(&t.ask(GetDocument { document }).await.unwrap().body).unwrap()
}

both_databases! { install;
    // covers: B1.8, P13
    async fn the_pack_is_due_72_hours_before_and_chased_until_it_is_there(t: Trial) {
        enact(t).await;
        let partner = active(t, "Brandt").await;
        let soon = ScheduleReview { partner, meeting_at: t.now().plus_days(3) };
        assert!(matches!(t.run(soon).await, Err(Error::Invalid(_))));
        let review = scheduled(t, partner).await;
        assert_eq!((review.preread_at, review.state), (review.meeting_at.plus_hours(-72), State::Scheduled));
        assert_eq!(review.agenda[0], "Actions since the last review");
        let late = async || {
            t.run(RunChecks {}).await.unwrap();
            let open = ListFindings { state: Some(findings::State::Open), ..ListFindings::default() };
            t.ask(open).await.unwrap().items.iter().filter(|found| found.check == "governance.preread_late").count()
        };
        assert_eq!(late().await, 0);
        t.clock.set(review.preread_at.plus_hours(1));
        clocks::tick(&t.app, &t.system).await.unwrap();
        let detail = t.ask(GetReview { review: review.id }).await.unwrap();
        assert!(detail.timeline.iter().any(|event| event.kind == "review.preread_overdue"));
        assert_eq!((late().await, detail.clocks.len()), (1, 1), "it is chased again tomorrow");
        let issued = t.run(IssuePreread { review: review.id }).await.unwrap();
        assert_eq!((issued.state, late().await), (State::Issued, 0));
        assert_eq!(t.ask(GetReview { review: review.id }).await.unwrap().clocks.len(), 0);
        let again = t.run(IssuePreread { review: review.id }).await;
        assert!(matches!(again, Err(Error::Conflict { code: "issued", .. })), "{again:?}");
    }

    // covers: B1.8
    async fn the_pack_holds_what_both_sides_bring_and_the_partner_reads_it(t: Trial) {
        enact(t).await;
        let partner = active(t, "Brandt").await;
        let review = scheduled(t, partner).await.id;
        let paula = t.partner_person(partner);
        let empty = Contribute { review, risks: " ".into(), asks: String::new() };
        assert!(matches!(t.run_as(&paula, empty).await, Err(Error::Invalid(_))));
        let bring = Contribute { review, risks: "Our seller leaves.".into(), asks: "A second sandbox.".into() };
        t.run_as(&paula, bring).await.unwrap();
        assert!(matches!(t.run_as(&paula, IssuePreread { review }).await, Err(Error::Forbidden { .. })));
        let document = t.run(IssuePreread { review }).await.unwrap().document.unwrap();
        let pack = t.ask_as(&paula, GetDocument { document }).await.unwrap();
        assert!(pack.intact && pack.stored.number.to_string().starts_with("NORTHWIND-QBR"));
        let text = said(t, document).await;
        for part in ["Our seller leaves.", "A second sandbox.", "Joint roadmap", "Pipeline", "Revenue", "Agenda"] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
        assert!(pack.body.blocks.iter().any(|block| matches!(block, Block::Heading { .. })));
        assert!(!documents::pdf::render(&pack.body, None).unwrap().is_empty());
        let other = t.partner_person(t.app.new_id(t.now()));
        assert!(matches!(t.ask_as(&other, GetReview { review }).await, Err(Error::NotFound { .. })));
        assert_eq!(t.ask_as(&other, ListReviews::default()).await.unwrap().items.len(), 0);
        let shown = page(t, &paula, &format!("/reviews/{review}")).await;
        assert!(shown.contains("Read the pack") && !shown.contains("/do/reviews.hold"), "{shown}");
    }

    // covers: B1.8
    async fn actions_are_carried_forward_from_one_review_to_the_next_until_they_are_done(t: Trial) {
        enact(t).await;
        let partner = active(t, "Brandt").await;
        let first = scheduled(t, partner).await.id;
        let minutes = HoldReview { review: first, minutes: "A joint plan for the north.".into() };
        let early = t.run(minutes.clone()).await;
        assert!(matches!(early, Err(Error::Conflict { code: "no_pack", .. })), "{early:?}");
        t.run(IssuePreread { review: first }).await.unwrap();
        let add = |text: &str, side| AddAction { review: first, text: text.into(), side, due_at: t.now().plus_days(30) };
        let ours = t.run(add("Send the price list.", Party::Vendor)).await.unwrap().id;
        let theirs = t.run(add("Name two sellers.", Party::Partner)).await.unwrap().id;
        assert_eq!(t.run(minutes).await.unwrap().state, State::Held);
        let paula = t.partner_person(partner);
        let done = |action| FinishAction { action, note: "Ada and Ben.".into() };
        let refused = t.run_as(&paula, done(ours)).await;
        assert!(matches!(refused, Err(Error::Conflict { code: "other_side", .. })), "{refused:?}");
        t.clock.advance_days(60);
        t.run_as(&paula, done(theirs)).await.unwrap();
        let second = scheduled(t, partner).await.id;
        let detail = t.ask(GetReview { review: second }).await.unwrap();
        let states: Vec<_> = detail.actions.iter().map(|action| (action.id, action.done_at.is_some())).collect();
        assert_eq!(states, [(ours, false), (theirs, true)]);
        let document = t.run(IssuePreread { review: second }).await.unwrap().document.unwrap();
        let text = said(t, document).await;
        assert!(text.contains("open, carried forward") && text.contains("Ada and Ben."), "{text}");
        let shown = page(t, &t.staff(&["*"], &[]), &format!("/reviews/{second}")).await;
        assert!(shown.contains("carried forward") && shown.contains("Send the price list."), "{shown}");
    }

    // covers: P13, B10.2
    async fn the_month_begins_with_a_pack_of_the_whole_program(t: Trial) {
        enact(t).await;
        let partner = active(t, "Brandt").await;
        t.clock.advance_days(20);
        t.run(procedures::StartDue {}).await.unwrap();
        let packs = || ListDocuments { kind: Some("program-pack".into()), ..ListDocuments::default() };
        let issued = t.ask(packs()).await.unwrap().items;
        assert_eq!((issued.len(), issued[0].title.as_str()), (1, "Monthly review, 2026-03"));
        let text = said(t, issued[0].id).await;
        assert!(text.contains("Partnership development") && text.contains("Brandt"), "what is late stands in it: {text}");
        assert_eq!(t.ask_as(&t.partner_person(partner), packs()).await.unwrap().items.len(), 0);
        let wrong = IssuePack { run: None, partner: Some(partner) };
        assert!(matches!(t.run(wrong).await, Err(Error::Invalid(_))));
        let month = procedures::ListRuns { procedure: Some("monthly-review".into()), ..procedures::ListRuns::default() };
        let run = t.ask(month).await.unwrap().items[0].id;
        complete_stage(t, run).await;
        complete_stage(t, run).await;
    }
}
