//! Asking for events: as a list for people, as a feed for programs.

use kernel::app::ReadCx;
use kernel::{EventRecord, Filter, Listing, Page, PageRequest, Query, Result, Route, get, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Events of one page of the feed at most.
const FEED_PAGE: u32 = 500;

const LISTING: Listing = Listing {
    from: "event",
    select: "*",
    organization: "organization",
    partner: Some("partner"),
    id: "id",
    sorts: &[("at", "at")],
    newest_first: true,
};

/// List events, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListEvents {
    /// Only this kind, such as `deal.approved`.
    #[serde(default)]
    pub kind: Option<String>,
    /// Only those of the thing with this id.
    #[serde(default)]
    pub subject: Option<String>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListEvents {
    const NAME: &'static str = "events.list";
    const ROUTE: Route = get("/timeline");
    type Output = Page<EventRecord>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<EventRecord>> {
        let filters =
            vec![Filter::Is("kind", self.kind.map(Into::into)), Filter::Is("subject", self.subject.map(Into::into))];
        LISTING.page(cx.tx, &cx.scope, &self.page, filters, EventRecord::read).await
    }
}

/// Read the feed of events in the order of the log, from a position on.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ReadFeed {
    /// The `position` of the page before; 0 for the beginning.
    #[serde(default)]
    pub after: Option<i64>,
    /// Events on the page: 100 unless told, 500 at most.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// A page of the feed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FeedPage {
    pub items: Vec<EventRecord>,
    /// Where the next page starts; send it as `after`. It moves on even when nothing on the way was for the reader.
    pub position: i64,
}

impl Query for ReadFeed {
    const NAME: &'static str = "events.feed";
    const ROUTE: Route = get("/events");
    type Output = FeedPage;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<FeedPage> {
        let limit = self.limit.unwrap_or(100).clamp(1, FEED_PAGE);
        let after = self.after.unwrap_or(0);
        let sql = "SELECT e.*, f.position FROM feed f JOIN event e ON e.id = f.event
                   WHERE f.position > $1 ORDER BY f.position LIMIT $2";
        let rows = cx.tx.rows(sql, params![after, limit]).await?;
        let position = rows.last().map_or(Ok(after), |row| row.get("position"))?;
        let mut items = Vec::new();
        for row in &rows {
            let event = EventRecord::read(row)?;
            let mine = cx.scope.partner.is_none() || event.partner == cx.scope.partner;
            if event.organization == cx.scope.organization && mine {
                items.push(event);
            }
        }
        Ok(FeedPage { items, position })
    }
}
