//! The table of scores.

use kernel::{PartnerId, Result, Row, Scope, Timestamp, Tx, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ScoreId;

/// A score as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GivenScore {
    pub id: ScoreId,
    /// The key of the criterion, such as `strategic-fit`.
    pub criterion: String,
    /// 0 to 5.
    pub score: u32,
    /// What it rests on.
    pub evidence: String,
    pub scored_by: String,
    pub scored_by_name: String,
    pub scored_at: Timestamp,
}

fn read(row: &Row) -> Result<GivenScore> {
    Ok(GivenScore {
        id: row.get("id")?,
        criterion: row.get("criterion")?,
        score: row.get("score")?,
        evidence: row.get("evidence")?,
        scored_by: row.get("scored_by")?,
        scored_by_name: row.get("scored_by_name")?,
        scored_at: row.get("scored_at")?,
    })
}

/// Every score of a partner, in order of criterion.
pub async fn of(tx: &mut Tx, scope: &Scope, partner: PartnerId) -> Result<Vec<GivenScore>> {
    let sql = "SELECT * FROM qualification_score WHERE organization = $1 AND partner = $2 ORDER BY criterion";
    tx.all(sql, params![scope.organization, partner], read).await
}

pub async fn save(tx: &mut Tx, scope: &Scope, partner: PartnerId, score: &GivenScore) -> Result<()> {
    tx.save(
        "qualification_score",
        &[
            ("id", score.id.into()),
            ("organization", scope.organization.into()),
            ("partner", partner.into()),
            ("criterion", (&score.criterion).into()),
            ("score", score.score.into()),
            ("evidence", (&score.evidence).into()),
            ("scored_by", (&score.scored_by).into()),
            ("scored_by_name", (&score.scored_by_name).into()),
            ("scored_at", score.scored_at.into()),
        ],
    )
    .await
}
