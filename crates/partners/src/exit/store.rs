//! The table of partnerships in question.

use kernel::{Error, Filter, Listing, Page, PageRequest, PartnerId, Result, Row, Scope, Tx, params};

use super::CaseId;
use super::case::Case;

fn read(row: &Row) -> Result<Case> {
    Ok(Case {
        id: row.get("id")?,
        partner: row.get("partner")?,
        about: row.get("about")?,
        state: row.get("state")?,
        grounds: row.json("grounds")?,
        clause: row.get("clause")?,
        run: row.get("run")?,
        opened_at: row.get("opened_at")?,
        begun_at: row.get("begun_at")?,
        appeal_until: row.get("appeal_until")?,
        appeal: row.get("appeal")?,
        appealed_by_name: row.get("appealed_by_name")?,
        appealed_at: row.get("appealed_at")?,
        answer: row.get("answer")?,
        answered_by_name: row.get("answered_by_name")?,
        answered_at: row.get("answered_at")?,
        closed_at: row.get("closed_at")?,
        closing: row.get("closing")?,
    })
}

pub async fn save(tx: &mut Tx, scope: &Scope, case: &Case) -> Result<()> {
    tx.save(
        "exit_case",
        &[
            ("id", case.id.into()),
            ("organization", scope.organization.into()),
            ("partner", case.partner.into()),
            ("about", (&case.about).into()),
            ("state", case.state.into()),
            ("grounds", serde_json::to_string(&case.grounds)?.into()),
            ("clause", (&case.clause).into()),
            ("run", case.run.into()),
            ("opened_at", case.opened_at.into()),
            ("begun_at", case.begun_at.into()),
            ("appeal_until", case.appeal_until.into()),
            ("appeal", case.appeal.as_ref().into()),
            ("appealed_by_name", case.appealed_by_name.as_ref().into()),
            ("appealed_at", case.appealed_at.into()),
            ("answer", case.answer.as_ref().into()),
            ("answered_by_name", case.answered_by_name.as_ref().into()),
            ("answered_at", case.answered_at.into()),
            ("closed_at", case.closed_at.into()),
            ("closing", case.closing.as_ref().into()),
        ],
    )
    .await
}

/// The case; one that a partner may not know of is not found.
pub async fn get(tx: &mut Tx, scope: &Scope, id: CaseId) -> Result<Case> {
    let sql =
        "SELECT * FROM exit_case WHERE organization = $1 AND id = $2 AND (partner = $3 OR CAST($3 AS TEXT) IS NULL)";
    let found = tx.one(sql, params![scope.organization, id, scope.partner], read).await?;
    let found = found.filter(|case| scope.partner.is_none() || case.is_open_to_partner());
    found.ok_or_else(|| Error::not_found("case", id))
}

/// The open case of a partner.
pub async fn open(tx: &mut Tx, scope: &Scope, partner: PartnerId) -> Result<Option<Case>> {
    let sql = "SELECT * FROM exit_case WHERE organization = $1 AND partner = $2 AND closed_at IS NULL";
    tx.one(sql, params![scope.organization, partner], read).await
}

const LISTING: Listing = Listing {
    from: "exit_case",
    select: "*",
    organization: "organization",
    partner: Some("partner"),
    id: "id",
    sorts: &[("opened_at", "opened_at")],
    newest_first: true,
};

pub async fn page(tx: &mut Tx, scope: &Scope, request: &PageRequest, mut filters: Vec<Filter>) -> Result<Page<Case>> {
    if scope.partner.is_some() {
        filters.push(Filter::Also("begun_at IS NOT NULL"));
    }
    LISTING.page(tx, scope, request, filters, read).await
}
