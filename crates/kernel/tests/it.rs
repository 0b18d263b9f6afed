//! The kernel through its public surface, with a tiny area of notes, on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used)]

use kernel::app::ReadCx;
use kernel::{
    Access, Actor, Cx, Error, Grants, Listing, Operation, Page, PageRequest, Query, Reason, Registry, Result, Route,
    Rule, RunOptions, Verdict, get, params, post, put,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use trial::both_databases;

kernel::ids! { NoteId = NoteKind "note" }

/// Write a note.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct WriteNote {
    text: String,
}

impl Operation for WriteNote {
    const NAME: &'static str = "notes.write";
    const ROUTE: Route = post("/notes");
    const ACCESS: Access = Access::Open;
    type Output = NoteId;

    async fn run(self, cx: &mut Cx<'_>) -> Result<NoteId> {
        if self.text.is_empty() {
            return Err(Error::invalid("text", "is empty"));
        }
        let id = cx.id();
        let count = cx.tx.number("SELECT COUNT(*) FROM note", &[]).await?;
        cx.tx
            .insert(
                "note",
                &[
                    ("id", NoteId::into(id)),
                    ("organization", cx.scope.organization.into()),
                    ("text", (&self.text).into()),
                    ("place", count.into()),
                ],
            )
            .await?;
        cx.decide::<Length>(id, None, "test/1", &10, &self.text)?;
        cx.emit("note.written", id, None, "A note was written", &self);
        if self.text == "break" {
            return Err(Error::conflict("broken", "it broke after writing"));
        }
        Ok(id)
    }
}

/// Rewrite a note.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct RewriteNote {
    note: NoteId,
    text: String,
}

impl Operation for RewriteNote {
    const NAME: &'static str = "notes.rewrite";
    const ROUTE: Route = put("/notes/{note}");
    type Output = ();

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("note", self.note.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        cx.tx.update("note", &[("id", self.note.into()), ("text", self.text.into())]).await
    }
}

/// List the notes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
struct ListNotes {
    #[serde(flatten)]
    page: PageRequest,
}

impl Query for ListNotes {
    const NAME: &'static str = "notes.list";
    const ROUTE: Route = get("/notes");
    type Output = Page<String>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<String>> {
        let listing = Listing {
            from: "note",
            select: "text",
            organization: "organization",
            partner: None,
            id: "id",
            sorts: &[("text", "text"), ("place", "place")],
            newest_first: false,
        };
        listing.page(cx.tx, &cx.scope, &self.page, Vec::new(), |row| row.get("text")).await
    }
}

struct Length;
impl Rule for Length {
    const KIND: &'static str = "notes.length";
    type Terms = usize;
    type Facts = String;
    type Outcome = bool;

    fn decide(terms: &usize, facts: &String) -> Verdict<bool> {
        let reason = Reason::new("length", format!("{} of {terms} letters", facts.len()));
        Verdict { outcome: facts.len() <= *terms, reasons: vec![reason] }
    }
}

fn install(registry: &mut Registry) {
    registry.operation::<WriteNote>().operation::<RewriteNote>().query::<ListNotes>().rule::<Length>();
    registry.sealed("note", "id").migration(
        "notes/001",
        "CREATE TABLE note (id TEXT PRIMARY KEY, organization TEXT NOT NULL, text TEXT NOT NULL, place BIGINT NOT NULL)",
    );
}

fn note(text: &str) -> WriteNote {
    WriteNote { text: text.to_owned() }
}

both_databases! { install;
    async fn a_failed_operation_leaves_nothing(t: Trial) {
        assert!(matches!(t.app.run(&t.system, note("break")).await, Err(Error::Conflict { code: "broken", .. })));
        let mut tx = t.app.db().read().await.unwrap();
        for table in ["note", "event", "decision", "terms", "log_entry"] {
            assert_eq!(tx.number(&format!("SELECT COUNT(*) FROM {table}"), &[]).await.unwrap(), 0, "{table}");
        }
    }

    async fn the_log_proves_what_was_written(t: Trial) {
        for n in 0..700 {
            t.app.run(&t.system, note(&format!("note {n}"))).await.unwrap();
        }
        assert_eq!(t.app.sequence().await.unwrap(), 700);
        let report = kernel::log::verify(&t.app, None).await.unwrap();
        assert_eq!((report.entries, report.wrong), (700, vec![]));
    }

    async fn a_changed_row_is_traced_to_its_entry(t: Trial) {
        let id = t.app.run(&t.system, note("before")).await.unwrap();
        t.app.run(&t.system, note("another")).await.unwrap();
        t.app.sequence().await.unwrap();
        let mut tx = t.app.db().write().await.unwrap();
        tx.run("UPDATE note SET text = 'Before' WHERE id = $1", params![id]).await.unwrap();
        tx.commit().await.unwrap();
        let wrong = kernel::log::verify(&t.app, None).await.unwrap().wrong;
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        assert_eq!(wrong[0].position, Some(0));
        assert!(wrong[0].what.contains(&id.to_string()), "{wrong:?}");
        let mut tx = t.app.db().write().await.unwrap();
        tx.run("UPDATE note SET text = 'before' WHERE id = $1", params![id]).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn a_changed_entry_is_found(t: Trial) {
        for n in 0..5 {
            t.app.run(&t.system, note(&format!("note {n}"))).await.unwrap();
        }
        t.app.sequence().await.unwrap();
        let mut tx = t.app.db().write().await.unwrap();
        tx.run("UPDATE log_entry SET body = replace(body, 'note 3', 'note 9')", &[]).await.unwrap();
        tx.commit().await.unwrap();
        let wrong = kernel::log::verify(&t.app, None).await.unwrap().wrong;
        assert_eq!(wrong[0].position, Some(3), "{wrong:?}");
        let mut tx = t.app.db().write().await.unwrap();
        tx.run("UPDATE log_entry SET body = replace(body, 'note 9', 'note 3')", &[]).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn a_repeated_request_returns_the_first_outcome(t: Trial) {
        let key = |text: &str| RunOptions { idempotency_key: Some(text.into()), ..Default::default() };
        let run = async |input, options| t.app.run_value(&t.system, "notes.write", input, options).await;
        let first = run(json!({ "text": "once" }), key("k1")).await.unwrap();
        let again = run(json!({ "text": "once" }), key("k1")).await.unwrap();
        assert_eq!((first.output.clone(), true), (again.output, again.replayed));
        assert!(matches!(run(json!({ "text": "else" }), key("k1")).await, Err(Error::Invalid(_))));
        assert_ne!(run(json!({ "text": "once" }), key("k2")).await.unwrap().output, first.output);
    }

    async fn a_stale_version_is_refused(t: Trial) {
        let id = t.app.run(&t.system, note("one")).await.unwrap();
        let mut tx = t.app.db().read().await.unwrap();
        let tag = tx.digest("note", "id", &id.to_string()).await.unwrap();
        tx.rollback().await.unwrap();
        let options = RunOptions { if_match: Some(tag), ..Default::default() };
        let input = json!({ "note": id, "text": "two" });
        t.app.run_value(&t.system, "notes.rewrite", input.clone(), options.clone()).await.unwrap();
        let stale = t.app.run_value(&t.system, "notes.rewrite", input, options).await;
        assert!(matches!(stale, Err(Error::PreconditionFailed { .. })));
    }

    async fn racing_writers_all_succeed_one_after_the_other(t: Trial) {
        let tasks: Vec<_> = (0..24).map(|n| {
            let (app, actor) = (t.app.clone(), t.system.clone());
            tokio::spawn(async move { app.run(&actor, note(&format!("note {n}"))).await })
        }).collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let mut tx = t.app.db().read().await.unwrap();
        let places = tx.all("SELECT place FROM note ORDER BY place", &[], |r| r.get::<i64>("place")).await.unwrap();
        assert_eq!(places, (0..24).collect::<Vec<_>>());
    }

    async fn a_list_is_paged_to_its_end(t: Trial) {
        for n in 0..23 {
            t.app.run(&t.system, note(&format!("note {n:02}"))).await.unwrap();
        }
        let mut page = PageRequest { limit: Some(10), sort: Some("-text".into()), cursor: None };
        let mut seen = Vec::new();
        loop {
            let Page { items, next } = t.app.query(&t.system, ListNotes { page: page.clone() }).await.unwrap();
            seen.extend(items);
            page.cursor = next;
            if page.cursor.is_none() { break }
        }
        assert_eq!(seen, (0..23).rev().map(|n| format!("note {n:02}")).collect::<Vec<_>>());
        let wrong = PageRequest { cursor: Some("nonsense".into()), ..Default::default() };
        assert!(matches!(t.app.query(&t.system, ListNotes { page: wrong }).await, Err(Error::Invalid(_))));
    }

    async fn a_batch_keeps_the_good_and_drops_the_bad(t: Trial) {
        let mut batch = t.app.batch().await.unwrap();
        batch.run(&t.system, note("good")).await.unwrap();
        assert!(batch.run(&t.system, note("break")).await.is_err());
        batch.run(&t.system, note("fine")).await.unwrap();
        batch.commit().await.unwrap();
        t.app.sequence().await.unwrap();
        let report = kernel::log::verify(&t.app, None).await.unwrap();
        assert_eq!((report.entries, report.wrong), (2, vec![]));
        assert_eq!(t.app.feed_after(0, 10).await.unwrap().0.len(), 2);
    }

    async fn a_decision_comes_out_the_same(t: Trial) {
        t.app.run(&t.system, note("short")).await.unwrap();
        let mut tx = t.app.db().read().await.unwrap();
        let decision = tx.one("SELECT * FROM decision", &[], kernel::log::read_decision).await.unwrap().unwrap();
        let explained = kernel::log::explain(&t.app, &mut tx, decision.clone()).await.unwrap();
        assert!(explained.reproduced);
        let mut altered = decision;
        altered.outcome = json!(false);
        assert!(!kernel::log::explain(&t.app, &mut tx, altered).await.unwrap().reproduced);
    }

    async fn without_the_permission_nothing_runs(t: Trial) {
        let actor = Actor { grants: Grants::of(&["notes.list"]), ..t.system.clone() };
        assert!(matches!(t.app.run(&actor, note("x")).await, Err(Error::Forbidden { .. })));
        assert!(t.app.query(&actor, ListNotes::default()).await.is_ok());
    }

    async fn a_newer_schema_is_refused(t: Trial) {
        let mut tx = t.app.db().write().await.unwrap();
        tx.run("INSERT INTO schema_migration VALUES ('future/001', '', 0)", &[]).await.unwrap();
        tx.commit().await.unwrap();
        assert!(matches!(t.app.migrate().await, Err(Error::Conflict { code: "newer_schema", .. })));
    }
}
