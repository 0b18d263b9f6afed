//! The published list of segments: one numbered document each quarter, made by a clock after the first run was applied.

use clocks::NewClock;
use documents::{DocumentId, NewDocument};
use kernel::app::ReadCx;
use kernel::{
    Access, Cx, Error, Listing, Operation, Page, PageRequest, PartnerId, Query, Result, Route, Row, Scope, Timestamp,
    get, params, post,
};
use law::expr::Cycle;
use programs::{InForce, Law as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::run::Move;
use super::{SegmentListId, paper, store};
use crate::profile::{self, Partner};
use crate::tiers::vendor_only;

const CLOCK: &str = "segments.publish";

/// A list of segments that was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SegmentList {
    pub id: SegmentListId,
    /// The quarter in which it was published, such as `2026 Q3`.
    pub period: String,
    pub document: DocumentId,
    /// The number of the document.
    pub number: String,
    /// Partners on the list.
    pub partners: i64,
    /// Moves between segments since the list before.
    pub changes: i64,
    pub published_at: Timestamp,
}

const LISTS: Listing = Listing {
    from: "segment_list",
    select: "*",
    organization: "organization",
    partner: None,
    id: "id",
    sorts: &[("published", "published_at")],
    newest_first: true,
};

fn read(row: &Row) -> Result<SegmentList> {
    Ok(SegmentList {
        id: row.get("id")?,
        period: row.get("period")?,
        document: row.get("document")?,
        number: row.get("number")?,
        partners: row.get("partners")?,
        changes: row.get("changes")?,
        published_at: row.get("published_at")?,
    })
}

/// The lists of segments that were published, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListSegmentLists {
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListSegmentLists {
    const NAME: &'static str = "segments.list";
    const ROUTE: Route = get("/segments/lists");
    type Output = Page<SegmentList>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<SegmentList>> {
        vendor_only(&cx.scope, Self::NAME)?;
        LISTS.page(cx.tx, &cx.scope, &self.page, Vec::new(), read).await
    }
}

/// Publish the list of partners with their segments. A clock does this by itself each quarter.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct PublishSegments {}

impl Operation for PublishSegments {
    const NAME: &'static str = "segments.publish";
    const ROUTE: Route = post("/segments/lists");
    const ACCESS: Access = Access::Open;
    type Output = SegmentList;

    async fn run(self, cx: &mut Cx<'_>) -> Result<SegmentList> {
        vendor_only(&cx.scope, Self::NAME)?;
        let law = cx.law().await?;
        if law.program.segments.is_empty() {
            return Err(Error::conflict("no_segments", "the program has no segments (tiers.toml: segment)"));
        }
        let scope = cx.scope;
        let partners = profile::store::of_status(cx.tx, &scope, profile::Status::Active).await?;
        if partners.iter().all(|partner| partner.segment.is_none()) {
            let message = "no partner has a segment yet: approve a tier run first";
            return Err(Error::conflict("no_run_applied", message));
        }
        let last = newest(cx.tx, &scope).await?;
        let since = last.as_ref().map_or(Timestamp::from_micros(0), |list| list.published_at);
        let changes = store::segment_changes(cx.tx, &scope, since).await?;
        let list = issue(cx, &law, &partners, &changes).await?;
        start_clock(cx, &law).await?;
        Ok(list)
    }
}

async fn newest(tx: &mut kernel::Tx, scope: &Scope) -> Result<Option<SegmentList>> {
    let sql = "SELECT * FROM segment_list WHERE organization = $1 ORDER BY published_at DESC, id DESC LIMIT 1";
    tx.one(sql, params![scope.organization], read).await
}

async fn issue(cx: &mut Cx<'_>, law: &InForce, partners: &[Partner], changes: &[Move]) -> Result<SegmentList> {
    let scope = cx.scope;
    let period = period(law, cx.now);
    let reasons = reasons(cx, partners).await?;
    let issued_on = cx.now.day_in(&law.program.settings.zone());
    let sheet = paper::Sheet { law, period: &period, partners, changes, reasons: &reasons, issued_on };
    let new = NewDocument {
        partner: None,
        kind: "segments",
        series: paper::series(&law.program.settings.key),
        title: format!("Segments {period}"),
    };
    let stored = documents::issue(cx, new, |number| paper::write(&sheet, number)).await?;
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let list = SegmentList {
        id: cx.id(),
        period,
        document: stored.id,
        number: stored.number.to_string(),
        partners: count(partners.len()),
        changes: count(changes.len()),
        published_at: cx.now,
    };
    let columns = [
        ("id", list.id.into()),
        ("organization", scope.organization.into()),
        ("period", (&list.period).into()),
        ("document", list.document.into()),
        ("number", (&list.number).into()),
        ("partners", list.partners.into()),
        ("changes", list.changes.into()),
        ("published_at", list.published_at.into()),
    ];
    cx.tx.insert("segment_list", &columns).await?;
    let summary = format!("The list of segments of {} was published as {}", list.period, list.number);
    cx.emit("segments.published", list.id, None, summary, &list);
    Ok(list)
}

/// Why each partner is in its segment: the first sentence of the move that has put it there.
async fn reasons(cx: &mut Cx<'_>, partners: &[Partner]) -> Result<std::collections::BTreeMap<PartnerId, String>> {
    let scope = cx.scope;
    let made = store::segment_changes(cx.tx, &scope, Timestamp::from_micros(0)).await?;
    let mut reasons = std::collections::BTreeMap::new();
    for one in made {
        // The later move stands.
        reasons.insert(one.partner, one.why());
    }
    reasons.retain(|id, _| partners.iter().any(|partner| partner.id == *id));
    Ok(reasons)
}

/// `2026 Q3`, in the program's zone.
fn period(law: &InForce, now: Timestamp) -> String {
    let date = now.day_in(&law.program.settings.zone()).date();
    format!("{} Q{}", date.year(), (date.month() - 1) / 3 + 1)
}

/// After a run was applied, the list comes out at the beginning of the next quarter, and of each one after it.
pub(super) async fn plan_publication(cx: &mut Cx<'_>, law: &InForce) -> Result<()> {
    let running = clocks::of(cx.tx, &cx.scope, &cx.scope.organization.to_string()).await?;
    if law.program.segments.is_empty() || running.iter().any(|clock| clock.kind == CLOCK) {
        return Ok(());
    }
    start_clock(cx, law).await
}

async fn start_clock(cx: &mut Cx<'_>, law: &InForce) -> Result<()> {
    let next = law.program.basis().calendar().period(Cycle::Quarter, 1, cx.now).start;
    let clock = NewClock {
        kind: CLOCK,
        subject: cx.scope.organization.to_string(),
        partner: None,
        title: "The list of segments is published".to_owned(),
        due_at: next,
        warn_at: Vec::new(),
        on_lapse: PublishSegments::NAME,
        on_warn: None,
        input: serde_json::json!({}),
    };
    clocks::start(cx, clock).await.map(|_| ())
}
