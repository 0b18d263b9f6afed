//! The pipeline in figures: how many deals stand where, and what they are worth.

use kernel::app::ReadCx;
use kernel::{Money, PartnerId, Query, Result, Route, get, params};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::State;

/// Days that count as recent.
const RECENT_DAYS: i64 = 90;

/// Count the deals by state, with their value; closed ones of the last 90 days.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct SummarizeDeals {
    /// Only deals of this partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
}

/// The deals in one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StateCount {
    pub state: State,
    pub count: u64,
    pub value: Money,
}

impl Query for SummarizeDeals {
    const NAME: &'static str = "deals.summary";
    const ROUTE: Route = get("/deal-summary");
    type Output = Vec<StateCount>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Vec<StateCount>> {
        let currency = cx.law().await?.program.settings.currency;
        let partner = cx.scope.partner.or(self.partner);
        let mut counts = Vec::new();
        for state in State::ALL {
            let closed = matches!(state, State::ClosedWon | State::ClosedLost);
            if !closed && matches!(state, State::Rejected | State::Expired | State::Withdrawn) {
                continue;
            }
            let since = if closed { cx.now.plus_days(-RECENT_DAYS).micros() } else { 0 };
            let sql = "SELECT COUNT(*) AS deals, CAST(COALESCE(SUM(value_minor), 0) AS BIGINT) AS value FROM deal
                       WHERE organization = $1 AND state = $2 AND (partner = $3 OR CAST($3 AS TEXT) IS NULL)
                       AND currency = $4 AND COALESCE(closed_at, 0) >= $5";
            let given = params![cx.scope.organization, state.name(), partner, currency.code(), since].to_vec();
            let read = |row: &kernel::Row| Ok((row.get::<u64>("deals")?, row.get::<i128>("value")?));
            let (count, value) = cx.tx.one(sql, &given, read).await?.unwrap_or_default();
            counts.push(StateCount { state, count, value: Money::new(value, currency) });
        }
        Ok(counts)
    }
}
