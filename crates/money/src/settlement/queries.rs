//! Asking what is earned, held, payable and paid.

use std::collections::BTreeMap;

use kernel::app::ReadCx;
use kernel::{Currency, Filter, Money, Page, PageRequest, PartnerId, Query, Result, Route, Value, get, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::store::{self, Settlement, SettlementState};
use crate::ledger::{Account, AccountKind};

/// List what became of statements, the newest month first. A partner sees its own.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListSettlements {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<SettlementState>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListSettlements {
    const NAME: &'static str = "statements.settlements";
    const ROUTE: Route = get("/statements/settlements");
    type Output = Page<Settlement>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Settlement>> {
        let filters = vec![
            Filter::Is("partner", self.partner.map(Value::from)),
            Filter::Is("state", self.state.map(|state| state.name().into())),
        ];
        store::SETTLEMENTS.page(cx.tx, &cx.scope, &self.page, filters, store::read).await
    }
}

/// Show what is pending, held, payable, paid and owed, by currency.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetEarnings {
    /// A partner sees its own; the vendor sees all partners' together unless it names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
}

/// What partners have in one currency, as the ledger says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Earnings {
    pub currency: Currency,
    /// Earned and in no payout yet.
    pub pending: Money,
    /// Stated, and resting or held back.
    pub held: Money,
    /// Due now.
    pub payable: Money,
    /// Paid so far, less what the partner paid.
    pub paid: Money,
    /// Owed by the partner, to be paid by it.
    pub owed: Money,
    /// Owed by the partner, and set off against its next statements.
    pub carried: Money,
}

impl Query for GetEarnings {
    const NAME: &'static str = "statements.earnings";
    const ROUTE: Route = get("/statements/earnings");
    type Output = Vec<Earnings>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Vec<Earnings>> {
        let partner = cx.scope.partner.or(self.partner);
        let sql = "SELECT account, currency, CAST(SUM(posted_minor) AS BIGINT) AS posted FROM ledger_balance
                   WHERE organization = $1 AND partner IS NOT NULL AND (partner = $2 OR CAST($2 AS TEXT) IS NULL)
                   GROUP BY account, currency";
        let sums: Vec<(Account, Currency, i128)> = cx
            .tx
            .all(sql, params![cx.scope.organization, partner], |row| {
                Ok((row.get("account")?, row.get("currency")?, row.get("posted")?))
            })
            .await?;
        let mut by_currency: BTreeMap<Currency, BTreeMap<AccountKind, i128>> = BTreeMap::new();
        for (account, currency, posted) in sums {
            *by_currency.entry(currency).or_default().entry(account.kind).or_default() += posted;
        }
        Ok(by_currency.into_iter().map(|(currency, sums)| earnings(currency, &sums)).collect())
    }
}

fn earnings(currency: Currency, sums: &BTreeMap<AccountKind, i128>) -> Earnings {
    let debit = |kind| Money::new(sums.get(&kind).copied().unwrap_or_default(), currency);
    let credit = |kind| debit(kind).negated();
    let reserve = credit(AccountKind::Reserve).minor;
    Earnings {
        currency,
        pending: credit(AccountKind::Pending),
        held: Money::new(credit(AccountKind::Held).minor + reserve, currency),
        payable: credit(AccountKind::Payable),
        paid: credit(AccountKind::Clearing),
        owed: debit(AccountKind::Receivable),
        carried: debit(AccountKind::Carry),
    }
}
