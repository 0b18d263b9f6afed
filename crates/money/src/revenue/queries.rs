//! Revenue and commission by month.

use kernel::app::ReadCx;
use kernel::{Currency, Money, PartnerId, Query, Result, Route, Scope, Timestamp, Tx, get, params};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::statements::Month;

/// Months that are shown.
const MONTHS: usize = 12;

/// Show revenue and commission of the last twelve months; a partner sees its own.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct RevenueByMonth {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
}

/// One month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MonthOfRevenue {
    pub month: Month,
    /// What partners brought, refunds taken off.
    pub attributed: Money,
    /// All revenue; absent for partners.
    pub all: Option<Money>,
    /// What statements paid partners for it.
    pub commission: Money,
}

impl Query for RevenueByMonth {
    const NAME: &'static str = "revenue.by_month";
    const ROUTE: Route = get("/revenue/months");
    type Output = Vec<MonthOfRevenue>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Vec<MonthOfRevenue>> {
        let law = cx.law().await?;
        let (zone, currency) = (law.zone(), law.program.settings.currency);
        let (scope, partner) = (cx.scope, cx.scope.partner.or(self.partner));
        let mut month = Month::of(cx.now, &zone);
        let mut months = Vec::with_capacity(MONTHS);
        for _ in 0..MONTHS {
            let span = (month.start(&zone), month.end(&zone));
            let all = match partner {
                None => Some(all(cx.tx, &scope, span, currency).await?),
                Some(_) => None,
            };
            months.push(MonthOfRevenue {
                month,
                attributed: attributed(cx.tx, &scope, partner, span, currency).await?,
                all,
                commission: commission(cx.tx, &scope, partner, month, currency).await?,
            });
            month = month.before();
        }
        months.reverse();
        Ok(months)
    }
}

type Span = (Timestamp, Timestamp);

async fn all(tx: &mut Tx, scope: &Scope, span: Span, currency: Currency) -> Result<Money> {
    let sql = "SELECT COALESCE(CAST(SUM(CASE kind WHEN 'invoice' THEN amount_minor WHEN 'payment' THEN 0
                                        ELSE -amount_minor END) AS BIGINT), 0)
               FROM invoice_event WHERE organization = $1 AND occurred_at >= $2 AND occurred_at < $3 AND currency = $4";
    let minor = tx.number(sql, params![scope.organization, span.0, span.1, currency]).await?;
    Ok(Money::new(i128::from(minor), currency))
}

async fn attributed(
    tx: &mut Tx,
    scope: &Scope,
    partner: Option<PartnerId>,
    span: Span,
    currency: Currency,
) -> Result<Money> {
    let sql = "SELECT COALESCE(CAST(SUM(CASE WHEN e.kind = 'invoice' THEN e.amount_minor ELSE -e.amount_minor END) AS BIGINT), 0)
               FROM attribution a JOIN invoice_event e ON e.id = a.id
               WHERE a.organization = $1 AND (a.partner = $2 OR CAST($2 AS TEXT) IS NULL)
                 AND a.occurred_at >= $3 AND a.occurred_at < $4 AND e.currency = $5";
    let minor = tx.number(sql, params![scope.organization, partner, span.0, span.1, currency]).await?;
    Ok(Money::new(i128::from(minor), currency))
}

async fn commission(
    tx: &mut Tx,
    scope: &Scope,
    partner: Option<PartnerId>,
    month: Month,
    currency: Currency,
) -> Result<Money> {
    let sql = "SELECT COALESCE(CAST(SUM(total_minor) AS BIGINT), 0) FROM statement
               WHERE organization = $1 AND (partner = $2 OR CAST($2 AS TEXT) IS NULL) AND month = $3 AND currency = $4";
    let minor = tx.number(sql, params![scope.organization, partner, month, currency]).await?;
    Ok(Money::new(i128::from(minor), currency))
}
