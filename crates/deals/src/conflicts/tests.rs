//! Conflicts from the opening to the proposed rule.

#![allow(clippy::unwrap_used)]

use kernel::{Error, Registry};
use programs::GetDraft;
use trial::both_databases;

use super::*;
use crate::registration::tests::{brandt, codes, head, install, partner, program_as_shipped, register, show, state};
use crate::registration::{GetDeal, State};

fn with_procedures(registry: &mut Registry) {
    procedures::install(registry);
    install(registry);
}

both_databases! { with_procedures;
    // covers: P20
    async fn a_conflict_is_decided_told_to_each_side_and_ends_in_a_draft(t: Trial) {
        program_as_shipped(t).await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let (_, bell) = partner(t, "Bell Partners", "gold").await;
        let first = register(t, &ada, brandt()).await.deal.id;
        t.clock.advance_days(1);
        let second = register(t, &bell, brandt()).await.deal.id;
        let open = OpenConflict { deals: vec![first, second], why: "Bell showed an earlier offer".into() };
        assert!(matches!(t.run_as(&bell, open.clone()).await, Err(Error::Forbidden { .. })));
        let alone = OpenConflict { deals: vec![first, first], ..open.clone() };
        assert!(matches!(t.run(alone).await, Err(Error::Invalid(_))));
        let conflict = t.run_as(&head(t), open.clone()).await.unwrap();
        assert_eq!((conflict.issue.as_str(), conflict.deals.clone()), ("tier", vec![second, first]));
        assert!(conflict.run.is_some());
        assert!(matches!(t.run(open.clone()).await, Err(Error::Conflict { code: "conflict_open", .. })));
        let (file, why) = ("engagement.toml".to_owned(), "An offer counts".to_owned());
        let text = "precedence = [\"completeness\", \"registered_at\"]\n".to_owned();
        let propose = ProposeRule { conflict: conflict.id, file, text, why };
        assert!(matches!(t.run(propose.clone()).await, Err(Error::Conflict { code: "not_decided", .. })));
        let decide = DecideConflict { conflict: conflict.id, winner: second, reason: "The offer is dated earlier".into() };
        let decided = t.run_as(&head(t), decide.clone()).await.unwrap();
        assert_eq!((decided.winner, decided.follows), (Some(second), Some(true)));
        assert!(matches!(t.run(decide).await, Err(Error::Conflict { code: "decided", .. })));
        assert_eq!((state(t, second).await, state(t, first).await), (State::Approved, State::Submitted));
        assert_eq!(show(t, first).await.deal.behind, Some(second));
        for (actor, own, code, other) in
            [(&ada, first, "conflict_yields", "Bell Partners"), (&bell, second, "conflict_upheld", "Ada Systems")]
        {
            let full = t.ask_as(actor, GetDeal { deal: own }).await.unwrap();
            let told = full.decisions.iter().find(|decision| decision.kind == "deals.conflict").unwrap();
            assert_eq!(codes(&told.reasons), [code]);
            let text = serde_json::to_string(&full).unwrap();
            assert!(!text.contains(other) && !text.contains("dated earlier"), "{text}");
        }
        // The rule that would have prevented it goes into the draft of the program.
        t.run(propose).await.unwrap();
        let draft = t.ask(GetDraft {}).await.unwrap();
        let edited: Vec<&str> = draft.files.iter().filter(|file| file.edited).map(|file| file.file.as_str()).collect();
        assert_eq!(edited, ["engagement.toml"]);
        // The next conflict about the same question finds it.
        t.clock.advance_days(1);
        let again = t.run(open).await.unwrap();
        let full = t.ask(GetConflict { conflict: again.id }).await.unwrap();
        assert_eq!((full.sides.len(), full.precedents.len(), full.precedents[0].id), (2, 1, conflict.id));
        for deal in [first, second] {
            for decision in show(t, deal).await.decisions {
                let mut tx = t.app.db().read().await.unwrap();
                assert!(kernel::log::explain(&t.app, &mut tx, decision).await.unwrap().reproduced);
            }
        }
    }
}
