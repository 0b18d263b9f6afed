//! The tables of reviews and actions.

use kernel::{Error, Filter, Listing, Page, PageRequest, PartnerId, Result, Row, Scope, Timestamp, Tx, params};
use law::Party;

use super::review::{Action, Review};
use super::{ActionId, ReviewId};

fn read(row: &Row) -> Result<Review> {
    Ok(Review {
        id: row.get("id")?,
        partner: row.get("partner")?,
        about: row.get("about")?,
        state: row.get("state")?,
        meeting_at: row.get("meeting_at")?,
        preread_at: row.get("preread_at")?,
        agenda: row.json("agenda")?,
        risks: row.get("risks")?,
        asks: row.get("asks")?,
        document: row.get("document")?,
        issued_at: row.get("issued_at")?,
        minutes: row.get("minutes")?,
        held_at: row.get("held_at")?,
        created_at: row.get("created_at")?,
    })
}

pub async fn save(tx: &mut Tx, scope: &Scope, review: &Review) -> Result<()> {
    tx.save(
        "business_review",
        &[
            ("id", review.id.into()),
            ("organization", scope.organization.into()),
            ("partner", review.partner.into()),
            ("about", (&review.about).into()),
            ("state", review.state.into()),
            ("meeting_at", review.meeting_at.into()),
            ("preread_at", review.preread_at.into()),
            ("agenda", serde_json::to_string(&review.agenda)?.into()),
            ("risks", review.risks.as_ref().into()),
            ("asks", review.asks.as_ref().into()),
            ("document", review.document.into()),
            ("issued_at", review.issued_at.into()),
            ("minutes", review.minutes.as_ref().into()),
            ("held_at", review.held_at.into()),
            ("created_at", review.created_at.into()),
        ],
    )
    .await
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: ReviewId) -> Result<Review> {
    let sql = "SELECT * FROM business_review WHERE organization = $1 AND id = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL)";
    let found = tx.one(sql, params![scope.organization, id, scope.partner], read).await?;
    found.ok_or_else(|| Error::not_found("review", id))
}

/// The review of a partner that is still to be held.
pub async fn open(tx: &mut Tx, scope: &Scope, partner: PartnerId) -> Result<Option<Review>> {
    let sql = "SELECT * FROM business_review WHERE organization = $1 AND partner = $2 AND held_at IS NULL";
    tx.one(sql, params![scope.organization, partner], read).await
}

const LISTING: Listing = Listing {
    from: "business_review",
    select: "*",
    organization: "organization",
    partner: Some("partner"),
    id: "id",
    sorts: &[("meeting_at", "meeting_at")],
    newest_first: true,
};

pub async fn page(tx: &mut Tx, scope: &Scope, request: &PageRequest, filters: Vec<Filter>) -> Result<Page<Review>> {
    LISTING.page(tx, scope, request, filters, read).await
}

fn read_action(row: &Row) -> Result<Action> {
    let side = match row.get::<String>("side")?.as_str() {
        "partner" => Party::Partner,
        _ => Party::Vendor,
    };
    Ok(Action {
        id: row.get("id")?,
        partner: row.get("partner")?,
        review: row.get("review")?,
        text: row.get("text")?,
        side,
        due_at: row.get("due_at")?,
        raised_at: row.get("raised_at")?,
        note: row.get("note")?,
        done_by_name: row.get("done_by_name")?,
        done_at: row.get("done_at")?,
    })
}

pub async fn save_action(tx: &mut Tx, scope: &Scope, action: &Action) -> Result<()> {
    let side = match action.side {
        Party::Partner => "partner",
        Party::Vendor => "vendor",
    };
    tx.save(
        "review_action",
        &[
            ("id", action.id.into()),
            ("organization", scope.organization.into()),
            ("partner", action.partner.into()),
            ("review", action.review.into()),
            ("text", (&action.text).into()),
            ("side", side.into()),
            ("due_at", action.due_at.into()),
            ("raised_at", action.raised_at.into()),
            ("note", action.note.as_ref().into()),
            ("done_by_name", action.done_by_name.as_ref().into()),
            ("done_at", action.done_at.into()),
        ],
    )
    .await
}

pub async fn action(tx: &mut Tx, scope: &Scope, id: ActionId) -> Result<Action> {
    let sql = "SELECT * FROM review_action WHERE organization = $1 AND id = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL)";
    let found = tx.one(sql, params![scope.organization, id, scope.partner], read_action).await?;
    found.ok_or_else(|| Error::not_found("action", id))
}

/// What is agreed with a partner and not done, or was done at that instant or later; oldest first.
pub async fn actions(tx: &mut Tx, scope: &Scope, partner: PartnerId, done_since: Timestamp) -> Result<Vec<Action>> {
    let sql = "SELECT * FROM review_action WHERE organization = $1 AND partner = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL) AND (done_at IS NULL OR done_at >= $4)
               ORDER BY raised_at, id LIMIT 500";
    tx.all(sql, params![scope.organization, partner, scope.partner, done_since], read_action).await
}

/// When the last review with a partner before that instant was held.
pub async fn last_held(tx: &mut Tx, scope: &Scope, partner: PartnerId, before: Timestamp) -> Result<Option<Timestamp>> {
    let sql = "SELECT held_at FROM business_review WHERE organization = $1 AND partner = $2 AND meeting_at < $3
               AND held_at IS NOT NULL ORDER BY meeting_at DESC LIMIT 1";
    tx.one(sql, params![scope.organization, partner, before], |row| row.get("held_at")).await
}
