//! What the movement between tiers remembers: the tables `tier_watch` and `tier_run`.

use std::collections::BTreeMap;

use kernel::{PartnerId, Result, Scope, Timestamp, Tx, params};
use law::{Moved, Stay, TierHistory};

/// What is remembered of each partner; those of whom nothing is remembered are absent.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    computed_at: Option<Timestamp>,
    partners: BTreeMap<PartnerId, Row>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Row {
    below_since: Option<Timestamp>,
    left: Option<Stay>,
}

impl Watch {
    /// Where a partner has been, given the tier that it is in.
    pub fn history(&self, partner: PartnerId, current: Option<(&str, Timestamp)>) -> TierHistory {
        let known = self.partners.get(&partner);
        let left = known.and_then(|row| row.left.clone());
        let here = current.map(|(tier, since)| Stay { tier: tier.to_owned(), since });
        TierHistory {
            stays: left.into_iter().chain(here).collect(),
            below_since: known.and_then(|row| row.below_since),
            computed_at: self.computed_at,
        }
    }

    /// Whether a computation leaves something else to be remembered.
    pub fn changes(&self, partner: PartnerId, moved: &Moved) -> bool {
        self.partners.get(&partner).and_then(|row| row.below_since) != moved.below_since
    }
}

/// Everything that is remembered of an organization's partners.
pub async fn watch(tx: &mut Tx, scope: &Scope) -> Result<Watch> {
    let sql = "SELECT computed_at FROM tier_run WHERE id = $1";
    let computed_at = tx.one(sql, params![scope.organization], |row| row.get("computed_at")).await?;
    let sql = "SELECT id, below_since, left_tier, left_since FROM tier_watch
               WHERE organization = $1 AND (id = $2 OR CAST($2 AS TEXT) IS NULL) ORDER BY id";
    let read = |row: &kernel::Row| {
        let left: (Option<String>, Option<Timestamp>) = (row.get("left_tier")?, row.get("left_since")?);
        let left = left.0.zip(left.1).map(|(tier, since)| Stay { tier, since });
        Ok((row.get("id")?, Row { below_since: row.get("below_since")?, left }))
    };
    let rows = tx.all(sql, params![scope.organization, scope.partner], read).await?;
    Ok(Watch { computed_at, partners: rows.into_iter().collect() })
}

/// Remembers what a computation has found about a partner; `left` is the stay that a move has ended.
pub async fn remember(
    tx: &mut Tx,
    scope: &Scope,
    watch: &Watch,
    partner: PartnerId,
    moved: &Moved,
    left: Option<Stay>,
) -> Result<()> {
    let before = watch.partners.get(&partner).and_then(|row| row.left.clone());
    let left = left.or(before);
    let columns = [
        ("id", partner.into()),
        ("organization", scope.organization.into()),
        ("below_since", moved.below_since.into()),
        ("left_tier", left.as_ref().map(|stay| &stay.tier).into()),
        ("left_since", left.as_ref().map(|stay| stay.since).into()),
    ];
    tx.save("tier_watch", &columns).await
}

/// All partners have had their turn.
pub async fn computed(tx: &mut Tx, scope: &Scope, now: Timestamp) -> Result<()> {
    let columns =
        [("id", scope.organization.into()), ("organization", scope.organization.into()), ("computed_at", now.into())];
    tx.save("tier_run", &columns).await
}
