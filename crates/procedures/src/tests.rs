//! Procedures through their public surface: a partner's onboarding under the program that ships as Northwind.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use kernel::{Access, Actor, Cx, Error, Operation, PartnerId, Query, Registry, Result, Route, params, post};
use law::EvidenceKind;
use programs::ApplyProgram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trial::{Trial, both_databases};

use crate::{
    CloseRun, CompleteStage, GetEvidence, GetRun, GiveEvidence, ListRuns, NameOf, Run, RunId, StageState, StartDue,
    State, Witness, for_subject,
};

/// Begin the onboarding of a partner.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Begin {
    procedure: String,
    partner: PartnerId,
}

impl Operation for Begin {
    const NAME: &'static str = "test.begin";
    const ROUTE: Route = post("/test/beginnings");
    const ACCESS: Access = Access::Open;
    type Output = RunId;

    async fn run(self, cx: &mut Cx<'_>) -> Result<RunId> {
        crate::start(cx, &self.procedure, self.partner.to_string(), Some(self.partner)).await
    }
}

/// Open the doors to a partner.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Activate {
    partner: PartnerId,
    run: RunId,
}

impl Operation for Activate {
    const NAME: &'static str = "partners.activate";
    const ROUTE: Route = post("/test/activations");
    const ACCESS: Access = Access::Open;
    type Output = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        cx.emit("partner.activated", self.partner, Some(self.partner), "Welcome", &self);
        Ok(())
    }
}

/// Accept the terms.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Accept {
    partner: PartnerId,
}

impl Operation for Accept {
    const NAME: &'static str = "test.accept";
    const ROUTE: Route = post("/test/acceptances");
    const ACCESS: Access = Access::Open;
    type Output = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        cx.emit("terms.accepted", self.partner, Some(self.partner), "Accepted", &self);
        Ok(())
    }
}

fn install(registry: &mut Registry) {
    programs::install(registry);
    clocks::install(registry);
    crate::install(registry);
    registry.operation::<Begin>().operation::<Activate>().operation::<Accept>();
    registry.add(NameOf(|_, _, _| Box::pin(async { Ok(Some("Brandt Logistik".to_owned())) }))).add(Witness {
        kind: EvidenceKind::Terms,
        seen: |tx, scope, partner, _| {
            Box::pin(async move {
                let sql =
                    "SELECT COUNT(*) FROM event WHERE organization = $1 AND subject = $2 AND kind = 'terms.accepted'";
                let accepted = tx.number(sql, params![scope.organization, partner]).await?;
                Ok((accepted > 0).then(|| "Accepted".to_owned()))
            })
        },
    });
}

/// A partner in the first stage of its onboarding.
struct Stage<'a> {
    t: &'a Trial,
    partner: PartnerId,
    paula: Actor,
    run: RunId,
}

impl<'a> Stage<'a> {
    async fn set(t: &'a Trial) -> Self {
        apply(t, |text| text).await;
        let partner: PartnerId = t.app.new_id(t.now());
        let run = t.run(Begin { procedure: "onboarding".into(), partner }).await.unwrap();
        Self { t, partner, paula: t.partner_person(partner), run }
    }

    async fn give(&self, by: &Actor, evidence: &str, value: &str) -> Result<Run> {
        let give = GiveEvidence { run: self.run, evidence: evidence.into(), value: value.into() };
        self.t.run_as(by, give).await
    }

    async fn complete(&self, by: &Actor) -> Result<Run> {
        self.t.run_as(by, CompleteStage { run: self.run, stage: None }).await
    }

    async fn company(&self) {
        for evidence in ["registration-number", "tax-number", "beneficial-owners", "escalation-contact"] {
            self.give(&self.paula, evidence, "An answer").await.unwrap();
        }
        self.complete(&self.paula).await.unwrap();
    }
}

async fn apply(t: &Trial, change: fn(String) -> String) {
    let shipped = law::shipped().iter().find(|program| program.key == "northwind").unwrap();
    let mut files = shipped.files();
    let text = files.remove("procedures.toml").unwrap();
    files.insert("procedures.toml".to_owned(), change(text));
    t.run(ApplyProgram { files, effective_from: None, note: "test".into() }).await.unwrap();
}

both_databases! {
    install;

    // covers: B0.3, B3.11
    async fn a_stage_is_not_skipped_and_names_each_missing_piece(t: Trial) {
        let stage = Stage::set(t).await;
        stage.give(&stage.paula, "tax-number", "DE123456789").await.unwrap();
        match stage.complete(&stage.paula).await {
            Err(Error::Refused { code: "stage_incomplete", reasons, .. }) => {
                let places: Vec<_> = reasons.iter().map(|reason| reason.cites.clone().unwrap()).collect();
                let place = |key| format!("procedures.toml: procedure.onboarding.stage.company.evidence.{key}");
                assert_eq!(places, ["registration-number", "beneficial-owners", "escalation-contact"].map(place));
            }
            other => panic!("{other:?}"),
        }
        let ahead = stage.give(&stage.paula, "first-training", "true").await;
        assert!(matches!(ahead, Err(Error::Conflict { code: "not_this_stage", .. })), "{ahead:?}");
        assert!(matches!(stage.give(&stage.paula, "nonsense", "x").await, Err(Error::Invalid(_))));
        assert_eq!(t.ask(GetRun { run: stage.run }).await.unwrap().run.stage, "company");
    }

    async fn a_run_goes_through_every_stage_and_has_its_effect(t: Trial) {
        let stage = Stage::set(t).await;
        stage.company().await;
        assert!(stage.complete(&stage.paula).await.is_err(), "the terms are not accepted yet");
        let by_hand = stage.give(&stage.paula, "accepted-terms", "true").await;
        assert!(matches!(by_hand, Err(Error::Conflict { code: "witnessed", .. })), "{by_hand:?}");
        t.run(Accept { partner: stage.partner }).await.unwrap();
        stage.complete(&stage.paula).await.unwrap();
        stage.give(&stage.paula, "second-factor", "true").await.unwrap();
        stage.give(&stage.paula, "questionnaire", "data:application/pdf;base64,SGVsbG8=").await.unwrap();
        stage.complete(&stage.paula).await.unwrap();
        stage.give(&stage.paula, "first-training", "true").await.unwrap();
        stage.complete(&stage.paula).await.unwrap();
        let vera = t.staff(&["procedures.*"], &["partner_ops"]);
        for by in [&stage.paula, &vera] {
            let given = stage.give(by, "evidence-reviewed", "true").await;
            assert_eq!(given.is_ok(), by == &vera, "the review is the vendor's: {given:?}");
        }
        let run = stage.complete(&vera).await.unwrap();
        assert_eq!((run.state, run.completed.len(), run.ended_at), (State::Completed, 5, Some(t.now())));
        let detail = t.ask(GetRun { run: stage.run }).await.unwrap();
        assert!(detail.stages.iter().all(|stage| stage.state == StageState::Done));
        assert_eq!((detail.decisions.len(), detail.clocks.len()), (5, 0));
        let mut tx = t.app.db().read().await.unwrap();
        for decision in detail.decisions {
            assert!(kernel::log::explain(&t.app, &mut tx, decision).await.unwrap().reproduced);
        }
        let welcome = kernel::event::of_subject(&mut tx, &t.system.scope(), &stage.partner.to_string(), 9).await.unwrap();
        assert_eq!(welcome[0].kind, "partner.activated");
        tx.rollback().await.unwrap();
        assert!(matches!(stage.complete(&vera).await, Err(Error::Conflict { code: "completed", .. })));
    }

    async fn answers_follow_the_kind_of_evidence(t: Trial) {
        let stage = Stage::set(t).await;
        stage.company().await;
        t.run(Accept { partner: stage.partner }).await.unwrap();
        stage.complete(&stage.paula).await.unwrap();
        for (evidence, value, fits) in [
            ("second-factor", "maybe", false),
            ("second-factor", "true", true),
            ("questionnaire", "file.pdf", false),
            ("questionnaire", "http://example.com/file.pdf", false),
            ("questionnaire", "data:application/pdf;base64,?", false),
            ("questionnaire", "https://example.com/file.pdf", true),
        ] {
            let given = stage.give(&stage.paula, evidence, value).await;
            assert_eq!(given.is_ok(), fits, "{evidence} {value}: {given:?}");
        }
        let query = GetEvidence { run: stage.run, evidence: "questionnaire".into() };
        assert_eq!(t.ask(query).await.unwrap().value, "https://example.com/file.pdf");
    }

    async fn a_run_finishes_under_the_law_it_started_with(t: Trial) {
        let stage = Stage::set(t).await;
        apply(t, |text| text.replace("tax-number", "tax-id")).await;
        stage.company().await;
        let detail = t.ask(GetRun { run: stage.run }).await.unwrap();
        assert_eq!((detail.run.law.as_str(), detail.decisions[0].law.as_str()), ("northwind/1", "northwind/1"));
        let partner: PartnerId = t.app.new_id(t.now());
        let new = t.run(Begin { procedure: "onboarding".into(), partner }).await.unwrap();
        let detail = t.ask(GetRun { run: new }).await.unwrap();
        assert_eq!((detail.run.law.as_str(), detail.stages[0].evidence[1].key.as_str()), ("northwind/2", "tax-id"));
    }

    async fn a_stage_that_takes_too_long_is_reported_and_stays_open(t: Trial) {
        let stage = Stage::set(t).await;
        t.clock.advance_days(7);
        let ticked = clocks::tick(&t.app, &t.system).await.unwrap();
        assert_eq!((ticked.lapsed, ticked.postponed), (1, 0));
        let detail = t.ask(GetRun { run: stage.run }).await.unwrap();
        assert!(detail.timeline.iter().any(|event| event.kind == "procedure.overdue"));
        t.clock.advance_days(1);
        stage.company().await;
        let detail = t.ask(GetRun { run: stage.run }).await.unwrap();
        assert!(detail.run.completed[0].late);
        assert_eq!(detail.clocks[0].due_at, t.now().plus_days(7), "the next stage has its own target");
    }

    async fn a_thing_goes_through_a_procedure_once_at_a_time(t: Trial) {
        let stage = Stage::set(t).await;
        let again = t.run(Begin { procedure: "onboarding".into(), partner: stage.partner }).await;
        assert!(matches!(again, Err(Error::Conflict { code: "already_running", .. })), "{again:?}");
        let unknown = t.run(Begin { procedure: "nothing".into(), partner: stage.partner }).await;
        assert!(matches!(unknown, Err(Error::NotFound { .. })), "{unknown:?}");
        let stale = CompleteStage { run: stage.run, stage: Some("terms".into()) };
        assert!(matches!(t.run(stale).await, Err(Error::Conflict { code: "other_stage", .. })));
    }

    async fn a_partner_reaches_its_own_runs_only(t: Trial) {
        let stage = Stage::set(t).await;
        let other = t.partner_person(t.app.new_id(t.now()));
        assert!(matches!(t.ask_as(&other, GetRun { run: stage.run }).await, Err(Error::NotFound { .. })));
        assert!(matches!(stage.give(&other, "tax-number", "x").await, Err(Error::NotFound { .. })));
        assert!(matches!(stage.complete(&other).await, Err(Error::NotFound { .. })));
        assert_eq!(t.ask_as(&other, ListRuns::default()).await.unwrap().items.len(), 0);
        assert_eq!(t.ask_as(&stage.paula, ListRuns::default()).await.unwrap().items.len(), 1);
        let mut tx = t.app.db().read().await.unwrap();
        let subject = stage.partner.to_string();
        assert!(for_subject(&mut tx, &stage.paula.scope(), &subject).await.unwrap().is_some());
        assert!(for_subject(&mut tx, &other.scope(), &subject).await.unwrap().is_none());
    }

    // covers: P3
    async fn a_stage_behind_its_target_is_listed_with_its_slippage(t: Trial) {
        let stage = Stage::set(t).await;
        let late = || ListRuns { overdue: Some(true), ..ListRuns::default() };
        assert_eq!(t.ask(late()).await.unwrap().items.len(), 0);
        t.clock.advance_days(10);
        assert_eq!(t.ask(late()).await.unwrap().items.len(), 1);
        let list = page(&stage, "/onboarding", &t.staff(&["*"], &[])).await;
        assert!(list.contains("3 days behind"), "{list}");
        stage.company().await;
        assert_eq!(t.ask(late()).await.unwrap().items.len(), 0);
        let list = page(&stage, "/onboarding", &t.staff(&["*"], &[])).await;
        assert!(list.contains("1 stage late before"), "{list}");
    }

    // covers: P3
    async fn a_run_that_is_closed_is_over_and_a_held_one_stands_still(t: Trial) {
        let stage = Stage::set(t).await;
        let close = |reason: &str| CloseRun { run: stage.run, reason: reason.into() };
        assert!(matches!(t.run(close(" ")).await, Err(Error::Invalid(_))));
        assert!(matches!(t.run_as(&stage.paula, close("No.")).await, Err(Error::Forbidden { .. })));
        let closed = t.run(close("They chose another program.")).await.unwrap();
        assert_eq!((closed.state, closed.ended_at), (State::Closed, Some(t.now())));
        assert!(matches!(stage.complete(&stage.paula).await, Err(Error::Conflict { code: "closed", .. })));
        assert!(t.ask(GetRun { run: stage.run }).await.unwrap().clocks.is_empty());
        // The way is free for another one.
        t.run(Begin { procedure: "onboarding".into(), partner: stage.partner }).await.unwrap();
    }

    // covers: B10.1, B10.2, B10.3
    async fn the_calendar_begins_what_is_due_once_for_each_period(t: Trial) {
        apply(t, |text| text.replace("on_enter = [\"reviews.issue_pack\"]", "")).await;
        let begun = t.run(StartDue {}).await.unwrap();
        let about = async || {
            let runs = t.ask(ListRuns::default()).await.unwrap().items;
            let mut names: Vec<String> = runs.into_iter().map(|run| format!("{} {}", run.procedure, run.about)).collect();
            names.sort();
            names
        };
        assert_eq!(begun.len(), 4);
        let first = ["annual-plan 2026", "monthly-review 2026-03", "quarterly-review 2026 Q1", "weekly-review week of 2026-03-02"];
        assert_eq!(about().await, first);
        assert_eq!(t.run(StartDue {}).await.unwrap().len(), 0);
        t.clock.advance_days(7);
        assert_eq!(t.run(StartDue {}).await.unwrap().len(), 1, "a week later there is another week");
        t.clock.advance_days(23);
        assert_eq!(t.run(StartDue {}).await.unwrap().len(), 3, "April begins a week, a month and a quarter");
        let paula = t.partner_person(t.app.new_id(t.now()));
        assert_eq!(t.ask_as(&paula, ListRuns::default()).await.unwrap().items.len(), 0);
    }

    async fn the_pages_show_what_is_asked_for(t: Trial) {
        let stage = Stage::set(t).await;
        let list = page(&stage, "/onboarding", &stage.paula).await;
        assert!(list.contains("Brandt Logistik") && list.contains("0 of 5 done"), "{list}");
        let one = page(&stage, "/onboarding/{run}", &stage.paula).await;
        for shown in ["Company details", "As in the commercial register.", "4 pieces missing", "/do/procedures.give_evidence"] {
            assert!(one.contains(shown), "{shown} is missing in {one}");
        }
        let vendor = page(&stage, "/onboarding/{run}", &t.staff(&["*"], &[])).await;
        assert!(vendor.contains("This stage is moved by the partner.") && !vendor.contains("/do/procedures.give_evidence"));
    }
}

async fn page(stage: &Stage<'_>, path: &str, actor: &Actor) -> String {
    let pages = stage.t.app.registry().parts::<ui::PageSpec>();
    let page = pages.iter().find(|page| page.path == path).unwrap();
    let cx = ui::PageCx {
        app: stage.t.app.clone(),
        actor: actor.clone(),
        now: stage.t.now(),
        zone: jiff::tz::TimeZone::UTC,
        path: path.into(),
        params: BTreeMap::from([("run".to_owned(), stage.run.to_string())]),
        query: Vec::new(),
        csrf: "csrf".into(),
        refilled: None,
    };
    assert!(actor.may(GetRun::NAME));
    (page.render)(&cx).await.unwrap().body.into_string()
}
