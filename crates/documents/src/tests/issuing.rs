//! Issuing and reading documents, on both databases.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use kernel::{Access, Actor, Cx, Error, Operation, PageRequest, PartnerId, Registry, Result, Route, params, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trial::{Trial, both_databases};
use ui::{FileBody, FileSpec, PageCx, PageSpec, View};

use crate::{Block, Document, DocumentId, GetDocument, ListDocuments, NewDocument, Party, Stored, issue};

/// Issue a statement, as an area does it inside an operation of its own.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct IssueStatement {
    partner: Option<PartnerId>,
    series: String,
    text: String,
}

impl Operation for IssueStatement {
    const NAME: &'static str = "test.issue";
    const ROUTE: Route = post("/statements");
    const ACCESS: Access = Access::Open;
    type Output = Stored;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Stored> {
        let issued_on = cx.now.day_in(&TimeZone::UTC);
        let new = NewDocument {
            partner: self.partner,
            kind: "statement",
            series: self.series.clone(),
            title: "Statement for March".into(),
        };
        let stored = issue(cx, new, |number| Document {
            title: "Statement for March".into(),
            number: number.clone(),
            kind: "statement".into(),
            issuer: Party { name: "Northwind".into(), lines: vec![] },
            recipient: None,
            issued_on,
            language: "en".into(),
            facts: vec![],
            blocks: vec![Block::paragraph(self.text.as_str())],
            footer: String::new(),
        })
        .await?;
        match self.text.as_str() {
            "fail" => Err(Error::conflict("failed", "it failed after the number was taken")),
            _ => Ok(stored),
        }
    }
}

fn install(registry: &mut Registry) {
    crate::install(registry);
    registry.operation::<IssueStatement>();
}

fn statement(partner: Option<PartnerId>, series: &str, text: &str) -> IssueStatement {
    IssueStatement { partner, series: series.into(), text: text.into() }
}

fn request(t: &Trial, actor: &Actor, path: &str, document: DocumentId) -> PageCx {
    PageCx {
        app: t.app.clone(),
        actor: actor.clone(),
        now: t.now(),
        zone: TimeZone::UTC,
        path: path.to_owned(),
        params: BTreeMap::from([("document".to_owned(), document.to_string())]),
        query: vec![],
        csrf: "token".into(),
        refilled: None,
    }
}

async fn show(t: &Trial, actor: &Actor, document: DocumentId) -> Result<View> {
    let pages = t.app.registry().parts::<PageSpec>();
    let page = pages.iter().find(|page| page.path == "/documents/{document}").unwrap();
    (page.render)(&request(t, actor, page.path, document)).await
}

async fn file(t: &Trial, actor: &Actor, path: &str, document: DocumentId) -> Result<FileBody> {
    let files = t.app.registry().parts::<FileSpec>();
    let file = files.iter().find(|file| file.path == path).unwrap();
    (file.render)(&request(t, actor, path, document)).await
}

both_databases! { install;
    async fn numbers_have_no_gaps_within_series_and_year(t: Trial) {
        let number = async |series: &str, text: &str| {
            t.run(statement(None, series, text)).await.map(|stored| stored.number.to_string())
        };
        assert_eq!(number("NW-STM", "one").await.unwrap(), "NW-STM-2026-00001");
        assert!(number("NW-STM", "fail").await.is_err());
        assert_eq!(number("NW-STM", "two").await.unwrap(), "NW-STM-2026-00002");
        assert_eq!(number("NW-AGR", "one").await.unwrap(), "NW-AGR-2026-00001");
        assert!(matches!(number("small letters", "one").await, Err(Error::Invalid(_))));
        t.clock.advance_days(365);
        assert_eq!(number("NW-STM", "one").await.unwrap(), "NW-STM-2027-00001");
    }

    async fn numbers_taken_at_once_are_all_different(t: Trial) {
        let tasks: Vec<_> = (0..8)
            .map(|place| {
                let (app, actor) = (t.app.clone(), t.system.clone());
                trial::tokio::spawn(async move { app.run(&actor, statement(None, "NW-STM", &place.to_string())).await })
            })
            .collect();
        let mut sequences = Vec::new();
        for task in tasks {
            sequences.push(task.await.unwrap().unwrap().number.sequence());
        }
        sequences.sort_unstable();
        assert_eq!(sequences, (1..=8).collect::<Vec<_>>());
    }

    async fn a_document_is_read_back_as_it_was_issued(t: Trial) {
        let stored = t.run(statement(None, "NW-STM", "EUR 12.00 are due")).await.unwrap();
        let detail = t.ask(GetDocument { document: stored.id }).await.unwrap();
        assert_eq!((&detail.stored, detail.intact), (&stored, true));
        assert_eq!(detail.body.hash(), stored.sha256);
        assert_eq!(detail.timeline[0].summary, "Statement for March NW-STM-2026-00001 was issued");
        let page = show(t, &t.system, stored.id).await.unwrap().body.0;
        assert!(page.contains("EUR 12.00 are due") && page.contains("/documents/document.css"), "{page}");
        let pdf = file(t, &t.system, "/documents/{document}/pdf", stored.id).await.unwrap();
        assert!(pdf.bytes.starts_with(b"%PDF") && pdf.name.as_deref() == Some("NW-STM-2026-00001.pdf"));
        let style = file(t, &t.system, "/documents/document.css", stored.id).await.unwrap();
        assert!(style.content_type.starts_with("text/css") && !style.bytes.is_empty());
    }

    async fn a_document_that_was_changed_says_so(t: Trial) {
        let stored = t.run(statement(None, "NW-STM", "EUR 12.00")).await.unwrap();
        let rewrite = async |from: &str, to: &str| {
            let mut tx = t.app.db().write().await.unwrap();
            let sql = "UPDATE document SET body = replace(body, $2, $3) WHERE id = $1";
            tx.run(sql, params![stored.id, from, to]).await.unwrap();
            tx.commit().await.unwrap();
        };
        rewrite("EUR 12.00", "EUR 99.00").await;
        assert!(!t.ask(GetDocument { document: stored.id }).await.unwrap().intact);
        let page = show(t, &t.system, stored.id).await.unwrap().body.0;
        assert!(page.contains("This document has been changed"));
        rewrite("EUR 99.00", "EUR 12.00").await;
    }

    async fn a_partner_reads_its_own_documents_only(t: Trial) {
        let (own, other): (PartnerId, PartnerId) = (t.app.new_id(t.now()), t.app.new_id(t.now()));
        let mine = t.run(statement(Some(own), "NW-STM", "mine")).await.unwrap();
        let theirs = t.run(statement(Some(other), "NW-STM", "theirs")).await.unwrap();
        let internal = t.run(statement(None, "NW-RPT", "internal")).await.unwrap();
        let paula = t.partner_person(own);
        let list = t.ask_as(&paula, ListDocuments::default()).await.unwrap().items;
        assert_eq!(list, std::slice::from_ref(&mine));
        assert!(t.ask_as(&paula, GetDocument { document: mine.id }).await.is_ok());
        for document in [theirs.id, internal.id] {
            let refused = t.ask_as(&paula, GetDocument { document }).await;
            assert!(matches!(refused, Err(Error::NotFound { .. })));
            assert!(matches!(show(t, &paula, document).await, Err(Error::NotFound { .. })));
            assert!(file(t, &paula, "/documents/{document}/pdf", document).await.is_err());
        }
    }

    async fn the_list_is_filtered_and_paged(t: Trial) {
        let partner: PartnerId = t.app.new_id(t.now());
        for _ in 0..3 {
            t.run(statement(Some(partner), "NW-STM", "one")).await.unwrap();
            t.clock.advance_days(1);
        }
        t.run(statement(None, "NW-STM", "one")).await.unwrap();
        let page = |cursor| PageRequest { cursor, limit: Some(2), sort: None };
        let first = ListDocuments { partner: Some(partner), kind: Some("statement".into()), page: page(None) };
        let first = t.ask(first).await.unwrap();
        assert_eq!(first.items[0].number.sequence(), 3);
        let rest = ListDocuments { partner: Some(partner), kind: None, page: page(first.next) };
        let rest = t.ask(rest).await.unwrap();
        assert_eq!((rest.items.len(), rest.next), (1, None));
        let none = ListDocuments { kind: Some("agreement".into()), ..ListDocuments::default() };
        assert!(t.ask(none).await.unwrap().items.is_empty());
    }
}
