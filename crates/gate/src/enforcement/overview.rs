//! The gate at a glance: its policies with those who stand behind them, what it decided, and how fast news have effect.

use findings::{Check, Severity};
use kernel::app::ReadCx;
use kernel::{Query, Result, Route, get};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::books::terms;
use super::store;
use crate::drivers;
use crate::policy::{ENFORCER, Mode};

/// From webhook to changed decision: the promise (G2).
pub const PROMISE_MICROS: i64 = 60_000_000;
/// The newest effects that figures are computed from.
const MOST_EFFECTS: u32 = 20_000;
/// Upper bounds of the histogram, in milliseconds.
const BOUNDS_MS: [i64; 10] = [1, 2, 5, 10, 20, 50, 100, 1_000, 10_000, 60_000];

/// Drivers that a warning let through although their credential no longer counts at its source.
pub(super) const ALLOWED_DESPITE: Check = Check {
    key: "gate.allowed_without_credential",
    title: "Driver allowed with a credential that does not count",
    severity: Severity::Warning,
    help: "Within the last 24 hours a policy that only warns let this driver take an order although the provider \
           reports a credential as expired, suspended or revoked, or has not verified it for 30 days. Call the driver \
           in, or enforce the policy.",
    sql: "SELECT 'driver:' || f.driver AS subject, CAST(NULL AS TEXT) AS partner,
                 'Driver ' || f.driver || ' was allowed although ' || MIN(f.policy) || ' spoke against it' AS title,
                 CAST(NULL AS BIGINT) AS amount_minor, CAST(NULL AS TEXT) AS currency
          FROM gate_firing f
          WHERE f.organization = $1 AND f.decided_at >= $2 - 86400000000 AND f.decided_at < $2 AND f.mode = 'warn'
            AND EXISTS (SELECT 1 FROM credential c WHERE c.organization = f.organization AND c.driver = f.driver
                        AND (c.status IN ('expired', 'suspended', 'revoked')
                             OR c.verified_at < f.decided_at - 2592000000000))
          GROUP BY f.driver",
};

/// Show the gate: policies, decisions of the last day, and the time from webhook to effect.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetGate {}

/// The gate at a glance. A partner sees the policies and how fast its own statements had effect.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GateOverview {
    pub law: String,
    pub policies: Vec<PolicyInForce>,
    /// Decisions of the last 24 hours; the vendor's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decisions: Option<Totals>,
    /// From receipt to effect, of the last 24 hours.
    pub effects: EffectStats,
}

/// A policy, how strictly it holds, and who stands behind it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PolicyInForce {
    pub key: String,
    pub title: String,
    pub mode: Mode,
    /// Owns the definition.
    pub owner: String,
    /// Attests what it reads.
    pub attests: String,
    /// Enforces it.
    pub enforcer: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freshness_days: Option<u32>,
    /// Who may override it.
    pub override_roles: Vec<String>,
    /// The last seven days; the vendor's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_week: Option<PolicyCount>,
}

/// How often a policy spoke against an assignment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyCount {
    pub policy: String,
    pub firings: i64,
    /// How many of them in a mode that does not deny: what enforcing it would have denied.
    pub would_deny: i64,
    /// How many drivers were concerned.
    pub drivers: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Totals {
    pub allowed: i64,
    pub warned: i64,
    pub denied: i64,
    pub mean_latency_micros: i64,
}

/// The time from the receipt of a webhook until the gate answers with what it said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EffectStats {
    pub count: usize,
    pub p50_micros: i64,
    pub p95_micros: i64,
    pub p99_micros: i64,
    /// What is promised.
    pub promise_micros: i64,
    /// How many kept the promise.
    pub within_promise: usize,
    /// Counts by upper bound in milliseconds; the last bound is open.
    pub histogram: Vec<(i64, usize)>,
}

impl EffectStats {
    /// The figures of times that are sorted, shortest first.
    pub(super) fn of(sorted: &[i64]) -> Self {
        // Nearest rank: a value that was measured, never one in between.
        let percentile = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100).max(1);
            sorted.get(rank - 1).copied().unwrap_or(0)
        };
        let below = |bound: i64| sorted.partition_point(|micros| *micros <= bound * 1_000);
        let last = BOUNDS_MS.len() - 1;
        let histogram = BOUNDS_MS.iter().enumerate().map(|(place, bound)| {
            let lower = place.checked_sub(1).map_or(0, |before| below(BOUNDS_MS[before]));
            let upper = if place == last { sorted.len() } else { below(*bound) };
            (*bound, upper - lower)
        });
        Self {
            count: sorted.len(),
            p50_micros: percentile(50),
            p95_micros: percentile(95),
            p99_micros: percentile(99),
            promise_micros: PROMISE_MICROS,
            within_promise: sorted.partition_point(|micros| *micros <= PROMISE_MICROS),
            histogram: histogram.collect(),
        }
    }
}

impl Query for GetGate {
    const NAME: &'static str = "gate.get";
    const ROUTE: Route = get("/gate");
    type Output = GateOverview;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<GateOverview> {
        let law = cx.law().await?;
        let vendor = cx.scope.partner.is_none();
        let (day, week) = (cx.now.plus_days(-1), cx.now.plus_days(-7));
        let counts = if vendor { store::firings(cx.tx, &cx.scope, week).await? } else { Vec::new() };
        let decisions = if vendor { Some(store::totals(cx.tx, &cx.scope, day).await?) } else { None };
        let effects = drivers::store::effects(cx.tx, &cx.scope, day, MOST_EFFECTS).await?;
        let roles = |key: &str| {
            let policy = law.program.gate.policies.iter().find(|policy| policy.key == key);
            policy.map(|policy| policy.override_roles.clone()).unwrap_or_default()
        };
        let policies = terms(&law.program).policies.into_iter().map(|policy| PolicyInForce {
            override_roles: roles(&policy.key),
            last_week: vendor.then(|| {
                let found = counts.iter().find(|count| count.policy == policy.key).cloned();
                found.unwrap_or_else(|| PolicyCount { policy: policy.key.clone(), ..PolicyCount::default() })
            }),
            key: policy.key,
            title: policy.title,
            mode: policy.mode,
            owner: policy.owner,
            attests: policy.attests,
            enforcer: ENFORCER.to_owned(),
            freshness_days: policy.freshness_days,
        });
        Ok(GateOverview {
            law: law.citation(),
            policies: policies.collect(),
            decisions,
            effects: EffectStats::of(&effects),
        })
    }
}
