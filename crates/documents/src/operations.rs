//! Issuing a document inside an operation of an area, and reading what was issued.

use kernel::app::ReadCx;
use kernel::event::{self, EventRecord};
use kernel::{Cx, Error, Page, PageRequest, PartnerId, Query, Result, Route, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::Document;
use crate::store::{self, Stored};
use crate::{DocumentId, Number};

/// Events shown with a document.
const TIMELINE: u32 = 20;

/// What an area says of a document before it has a number.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// The partner that may read it; absent for the vendor's own.
    pub partner: Option<PartnerId>,
    /// The template that writes it, such as `statement`.
    pub kind: &'static str,
    /// The series that it is numbered in, such as `NW-STM`.
    pub series: String,
    pub title: String,
}

/// Issues a document under the next number of its series and of the year in UTC. Numbers have no gaps: they are taken in
/// the transaction of the operation, so one that fails gives its number back.
pub async fn issue(cx: &mut Cx<'_>, new: NewDocument, build: impl FnOnce(&Number) -> Document) -> Result<Stored> {
    let scope = cx.scope;
    let year = cx.now.day_in(&jiff::tz::TimeZone::UTC).date().year();
    let year = u16::try_from(year).map_err(|_| Error::internal(format!("documents cannot be dated in {year}")))?;
    let sequence = store::next_sequence(cx.tx, &scope, &new.series, year).await?;
    let sequence =
        u32::try_from(sequence).map_err(|_| Error::internal(format!("{} has run out of numbers", new.series)))?;
    let number = Number::new(&new.series, year, sequence)?;
    let body = build(&number);
    if body.number != number {
        return Err(Error::internal(format!("the document says {} but was given {number}", body.number)));
    }
    let stored = Stored {
        id: cx.id(),
        partner: new.partner,
        kind: new.kind.to_owned(),
        number,
        title: new.title,
        sha256: body.hash(),
        issued_at: cx.now,
    };
    store::insert(cx.tx, &scope, &stored, &body).await?;
    let summary = format!("{} {} was issued", stored.title, stored.number);
    cx.emit("document.issued", stored.id, stored.partner, summary, &stored);
    Ok(stored)
}

/// A document that was issued, with what it says.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetDocument {
    pub document: DocumentId,
}

/// A document with what it says.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DocumentDetail {
    #[serde(flatten)]
    pub stored: Stored,
    /// What it says, as it was hashed.
    pub body: Document,
    /// Whether it still has the hash that it was issued with.
    pub intact: bool,
    pub timeline: Vec<EventRecord>,
}

impl Query for GetDocument {
    const NAME: &'static str = "documents.get";
    const ROUTE: Route = get("/documents/{document}");
    type Output = DocumentDetail;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("document", self.document.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<DocumentDetail> {
        let found = store::get(cx.tx, &cx.scope, self.document).await?;
        let (stored, body) = found.ok_or_else(|| Error::not_found("document", self.document))?;
        let intact = body.hash() == stored.sha256;
        let timeline = event::of_subject(cx.tx, &cx.scope, &self.document.to_string(), TIMELINE).await?;
        Ok(DocumentDetail { stored, body, intact, timeline })
    }
}

/// Documents that were issued, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListDocuments {
    /// Only documents of this partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Only documents of this kind, such as `statement`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListDocuments {
    const NAME: &'static str = "documents.list";
    const ROUTE: Route = get("/documents");
    type Output = Page<Stored>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Stored>> {
        let kind = self.kind.filter(|kind| !kind.is_empty());
        store::page(cx.tx, &cx.scope, &self.page, self.partner, kind).await
    }
}
