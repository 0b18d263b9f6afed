//! Revenue: what came in by month, what it earned partners, and revenue that nobody or nothing explains.

mod checks;
mod facts;
mod pages;
mod queries;
#[cfg(test)]
mod tests;

use kernel::{Money, OrganizationId, PartnerId, Registry, Result, Timestamp, Tx, params};
use law::{Type, Value};
pub use queries::{MonthOfRevenue, RevenueByMonth};
use scoring::Metric;

/// Twelve months, reckoned as 365 days.
const YEAR_DAYS: i64 = 365;

pub fn install(registry: &mut Registry) {
    registry.query::<RevenueByMonth>().add(Metric {
        key: "revenue_12m",
        title: "Revenue in 12 months",
        kind: Type::Money,
        help: "Invoices of the last 365 days attributed to the partner, refunds and chargebacks taken off.",
        measure: |tx, organization, now| Box::pin(revenue(tx, organization, now)),
    });
    facts::install(registry);
    checks::install(registry);
    pages::install(registry);
}

async fn revenue(tx: &mut Tx, organization: OrganizationId, now: Timestamp) -> Result<Vec<(PartnerId, Value)>> {
    let sql = "SELECT a.partner, e.currency,
                      CAST(SUM(CASE WHEN e.kind = 'invoice' THEN e.amount_minor ELSE -e.amount_minor END) AS BIGINT)
                          AS revenue_minor
               FROM attribution a JOIN invoice_event e ON e.id = a.id
               WHERE a.organization = $1 AND a.occurred_at > $2 AND a.occurred_at <= $3 AND a.attributed_at <= $3
               GROUP BY a.partner, e.currency ORDER BY a.partner, e.currency";
    tx.all(sql, params![organization, now.plus_days(-YEAR_DAYS), now], |row| {
        let revenue = Money::new(i128::from(row.get::<i64>("revenue_minor")?), row.get("currency")?);
        Ok((row.get("partner")?, revenue.into()))
    })
    .await
}
