//! Findings through their public surface, over a table of leaks that a check looks into.

#![allow(clippy::unwrap_used)]

use kernel::{
    Access, Currency, Cx, Error, Money, Operation, PartnerId, Registry, Result, Route, Timestamp, params, post,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trial::{Trial, both_databases};

use crate::{
    AssignFinding, Check, DisposeFinding, Disposition, Finding, GetFinding, ListChecks, ListFindings, RunChecks,
    RunReport, Severity, State,
};

/// Change the leaks of the test.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Leak {
    subject: String,
    /// Nothing removes it.
    minor: Option<i64>,
}

impl Operation for Leak {
    const NAME: &'static str = "test.leak";
    const ROUTE: Route = post("/test/leaks");
    const ACCESS: Access = Access::Open;
    type Output = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        cx.tx.run("DELETE FROM leak WHERE id = $1", params![&self.subject]).await?;
        if let Some(minor) = self.minor {
            let sql = "INSERT INTO leak (id, organization, minor) VALUES ($1, $2, $3)";
            cx.tx.run(sql, params![self.subject, cx.scope.organization, minor]).await?;
        }
        Ok(())
    }
}

fn install(registry: &mut Registry) {
    crate::install(registry);
    registry
        .migration(
            "test/001",
            "CREATE TABLE leak (id TEXT PRIMARY KEY, organization TEXT NOT NULL, minor BIGINT NOT NULL)",
        )
        .operation::<Leak>()
        .add(Check {
            key: "test.leaks",
            title: "Leak",
            severity: Severity::Critical,
            help: "Close it.",
            sql: "SELECT id AS subject, NULL AS partner, 'Leak at ' || id AS title, minor AS amount_minor,
                  'EUR' AS currency FROM leak WHERE organization = $1",
        })
        .add(Check {
            key: "test.late",
            title: "Later than 2026-04-01",
            severity: Severity::Info,
            help: "Nothing helps.",
            sql: "SELECT CAST($1 AS TEXT) AS subject, NULL AS partner, NULL AS title, NULL AS amount_minor,
                  NULL AS currency WHERE $2 > 1775001600000000",
        });
}

async fn leak(t: &Trial, subject: &str, minor: Option<i64>) {
    t.run(Leak { subject: subject.into(), minor }).await.unwrap();
}

async fn run(t: &Trial) -> (usize, usize, usize) {
    let RunReport { found, reopened, resolved, .. } = t.run(RunChecks {}).await.unwrap();
    (found, reopened, resolved)
}

async fn all(t: &Trial) -> Vec<Finding> {
    t.ask(ListFindings::default()).await.unwrap().items
}

async fn dispose(t: &Trial, what: Disposition, note: &str, until: Option<Timestamp>) -> Result<Finding> {
    let finding = all(t).await[0].id;
    t.run(DisposeFinding { finding, disposition: what, note: note.into(), until }).await
}

both_databases! {
    install;

    async fn a_check_finds_follows_and_resolves(t: Trial) {
        leak(t, "a", Some(500)).await;
        leak(t, "b", Some(700)).await;
        assert_eq!(run(t).await, (2, 0, 0));
        assert_eq!(run(t).await, (0, 0, 0));
        let before = all(t).await;
        t.clock.advance_days(1);
        leak(t, "a", Some(600)).await;
        leak(t, "b", None).await;
        assert_eq!(run(t).await, (0, 0, 1));
        let after = all(t).await;
        let a = after.iter().find(|finding| finding.subject == "a").unwrap();
        assert_eq!((a.amount, a.last_seen, a.first_seen), (Some(Money::new(600, Currency::EUR)), t.now(), before[0].first_seen));
        assert_eq!(after.iter().find(|finding| finding.subject == "b").unwrap().state, State::Resolved);
        leak(t, "b", Some(1)).await;
        assert_eq!(run(t).await, (0, 1, 0));
        assert_eq!(all(t).await.len(), 2, "what comes back is the same finding");
    }

    async fn what_is_still_the_same_is_not_written_again(t: Trial) {
        leak(t, "a", Some(500)).await;
        run(t).await;
        let before = all(t).await;
        t.clock.advance_days(1);
        run(t).await;
        assert_eq!(all(t).await, before);
    }

    async fn a_check_may_look_at_the_time(t: Trial) {
        assert_eq!(run(t).await, (0, 0, 0));
        t.clock.advance_days(60);
        assert_eq!(run(t).await, (1, 0, 0));
        assert_eq!(all(t).await[0].title, "Later than 2026-04-01");
    }

    async fn an_accepted_finding_opens_again(t: Trial) {
        leak(t, "a", Some(500)).await;
        run(t).await;
        let until = t.now().plus_days(10);
        let accepted = dispose(t, Disposition::Accept, "The contract ends soon", Some(until)).await.unwrap();
        assert_eq!((accepted.state, accepted.accepted_until), (State::Accepted, Some(until)));
        t.clock.advance_days(9);
        assert_eq!(run(t).await, (0, 0, 0));
        leak(t, "a", Some(400)).await;
        assert_eq!(run(t).await, (0, 0, 0), "less at stake stays accepted");
        t.clock.advance_days(1);
        assert_eq!(run(t).await, (0, 1, 0));
    }

    async fn an_acceptance_covers_no_more_than_was_accepted(t: Trial) {
        leak(t, "a", Some(500)).await;
        run(t).await;
        dispose(t, Disposition::Accept, "Small", Some(t.now().plus_days(10))).await.unwrap();
        leak(t, "a", Some(501)).await;
        assert_eq!(run(t).await, (0, 1, 0));
    }

    async fn an_acceptance_needs_a_reason_and_an_end(t: Trial) {
        leak(t, "a", Some(500)).await;
        run(t).await;
        let soon = Some(t.now().plus_days(1));
        for (note, until, field) in [
            ("", soon, "note"),
            ("why", None, "until"),
            ("why", Some(t.now()), "until"),
            ("why", Some(t.now().plus_days(400)), "until"),
        ] {
            match dispose(t, Disposition::Accept, note, until).await {
                Err(Error::Invalid(fields)) => assert_eq!(fields[0].field, field),
                other => panic!("{note:?} {until:?}: {other:?}"),
            }
        }
        assert!(matches!(dispose(t, Disposition::Reopen, "why", None).await, Err(Error::Conflict { code: "open", .. })));
        dispose(t, Disposition::Resolve, "Paid", None).await.unwrap();
        let again = dispose(t, Disposition::Accept, "why", soon).await;
        assert!(matches!(again, Err(Error::Conflict { code: "resolved", .. })), "{again:?}");
        assert_eq!(run(t).await, (0, 1, 0), "it is still there, so it opens again");
    }

    async fn checks_add_up_what_is_at_stake(t: Trial) {
        for (subject, minor) in [("a", 500), ("b", 700)] {
            leak(t, subject, Some(minor)).await;
        }
        run(t).await;
        let checks = t.ask(ListChecks {}).await.unwrap();
        let leaks = &checks[0];
        assert_eq!((leaks.open, leaks.accepted, &leaks.at_risk[..]), (2, 0, &[Money::new(1_200, Currency::EUR)][..]));
        assert_eq!((checks[1].open, checks[1].at_risk.len()), (0, 0));
    }

    async fn a_partner_sees_no_findings(t: Trial) {
        leak(t, "a", Some(500)).await;
        run(t).await;
        let id = all(t).await[0].id;
        let partner: PartnerId = t.app.new_id(t.now());
        let paula = t.partner_person(partner);
        assert!(matches!(t.ask_as(&paula, ListFindings::default()).await, Err(Error::Forbidden { .. })));
        assert!(matches!(t.ask_as(&paula, ListChecks {}).await, Err(Error::Forbidden { .. })));
        assert!(matches!(t.ask_as(&paula, GetFinding { finding: id }).await, Err(Error::Forbidden { .. })));
        assert!(matches!(t.run_as(&paula, RunChecks {}).await, Err(Error::Forbidden { .. })));
    }

    async fn a_finding_has_an_owner_and_a_timeline(t: Trial) {
        leak(t, "a", Some(500)).await;
        run(t).await;
        let finding = all(t).await[0].id;
        let assign = |owner: &str| AssignFinding { finding, owner: owner.into() };
        assert!(matches!(t.run(assign(" ")).await, Err(Error::Invalid(_))));
        t.run(assign("Partner operations")).await.unwrap();
        let detail = t.ask(GetFinding { finding }).await.unwrap();
        assert_eq!(detail.finding.owner.as_deref(), Some("Partner operations"));
        assert_eq!(detail.timeline.iter().map(|e| e.kind.as_str()).collect::<Vec<_>>(), ["finding.assigned", "finding.found"]);
    }

    async fn the_pages_show_the_query_and_what_can_be_done(t: Trial) {
        leak(t, "a", Some(500)).await;
        run(t).await;
        let list = page(t, "/findings", &[]).await;
        for shown in ["Leak at a", "FROM leak WHERE", "Run the checks now", "/v1/findings.csv?state=open"] {
            assert!(list.contains(shown), "{shown} is missing in {list}");
        }
        let id = all(t).await[0].id.to_string();
        let one = page(t, "/findings/{finding}", &[("finding", &id)]).await;
        for shown in ["/do/findings.dispose", "/do/findings.assign", "FROM leak WHERE", "Found: Leak at a"] {
            assert!(one.contains(shown), "{shown} is missing in {one}");
        }
    }
}

async fn page(t: &Trial, path: &str, parts: &[(&str, &str)]) -> String {
    let pages = t.app.registry().parts::<ui::PageSpec>();
    let page = pages.iter().find(|page| page.path == path).unwrap();
    let cx = ui::PageCx {
        app: t.app.clone(),
        actor: t.system.clone(),
        now: t.now(),
        zone: jiff::tz::TimeZone::UTC,
        path: path.into(),
        params: parts.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        query: Vec::new(),
        csrf: "csrf".into(),
        refilled: None,
    };
    let view = (page.render)(&cx).await.unwrap();
    view.body.into_string() + &view.actions.unwrap_or_default().into_string()
}
