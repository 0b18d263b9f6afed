//! The table of appeals against moves.

use kernel::{Result, Row, Scope, Tx, params};

use super::run::{Appeal, Signed};
use super::store::signed;
use super::{AppealId, MoveId};

fn read_appeal(row: &Row) -> Result<Appeal> {
    Ok(Appeal {
        id: row.get("id")?,
        of: row.get("move")?,
        partner: row.get("partner")?,
        text: row.get("text")?,
        filed: Signed { at: row.get("filed_at")?, by: row.get("filed_by")?, name: row.get("filed_by_name")? },
        state: row.get("state")?,
        answer: row.get("answer")?,
        decided: signed(row, "decided_at", "decided_by", "decided_by_name")?,
        decision: row.get("decision")?,
    })
}

pub async fn appeal(tx: &mut Tx, scope: &Scope, id: AppealId) -> Result<Option<Appeal>> {
    let sql = "SELECT * FROM move_appeal WHERE organization = $1 AND id = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL)";
    tx.one(sql, params![scope.organization, id, scope.partner], read_appeal).await
}

pub async fn appeal_of(tx: &mut Tx, scope: &Scope, of: MoveId) -> Result<Option<Appeal>> {
    let sql = "SELECT * FROM move_appeal WHERE organization = $1 AND move = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL)";
    tx.one(sql, params![scope.organization, of, scope.partner], read_appeal).await
}

pub async fn save_appeal(tx: &mut Tx, scope: &Scope, appeal: &Appeal) -> Result<()> {
    let decided = appeal.decided.as_ref();
    let columns = [
        ("id", appeal.id.into()),
        ("organization", scope.organization.into()),
        ("move", appeal.of.into()),
        ("partner", appeal.partner.into()),
        ("text", (&appeal.text).into()),
        ("filed_at", appeal.filed.at.into()),
        ("filed_by", (&appeal.filed.by).into()),
        ("filed_by_name", (&appeal.filed.name).into()),
        ("state", appeal.state.into()),
        ("answer", appeal.answer.as_ref().into()),
        ("decided_at", decided.map(|one| one.at).into()),
        ("decided_by", decided.map(|one| &one.by).into()),
        ("decided_by_name", decided.map(|one| &one.name).into()),
        ("decision", appeal.decision.into()),
    ];
    tx.save("move_appeal", &columns).await
}
