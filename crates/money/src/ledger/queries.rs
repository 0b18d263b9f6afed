//! Asking the books: balances, entries, transfers.

use kernel::app::ReadCx;
use kernel::{Currency, Day, Filter, Money, Page, PageRequest, PartnerId, Query, Result, Route, Value, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::account::{Account, Normal};
use super::book::Balance;
use super::store;
use super::transfer::{Entry, Phase, Posted};
use super::{EntryId, TransferId};
use crate::statements::{LineId, Month};

/// What lies on an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountBalance {
    pub id: String,
    /// Absent in the program's own book.
    pub partner: Option<PartnerId>,
    pub account: Account,
    /// What was posted, on the side on which the account grows.
    pub balance: Money,
    /// What is left when everything pending that takes from it is taken off.
    pub available: Money,
    /// Debits less credits, as the entries add up.
    pub posted: Money,
    pub entries: i64,
}

impl AccountBalance {
    pub(crate) fn of(
        id: String,
        partner: Option<PartnerId>,
        account: Account,
        currency: Currency,
        balance: &Balance,
    ) -> Result<Self> {
        let normal = account.kind.normal();
        let grown = if normal == Normal::Debit { balance.posted } else { -balance.posted };
        let money = |minor| Money::new(minor, currency);
        let available = money(balance.available(normal));
        let (balance, posted, entries) = (money(grown), money(balance.posted), balance.entries);
        Ok(Self { id, partner, account, balance, available, posted, entries })
    }
}

/// List the balances of accounts. A partner sees its own book.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListBalances {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Such as `payable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListBalances {
    const NAME: &'static str = "ledger.balances";
    const ROUTE: Route = get("/ledger/balances");
    type Output = Page<AccountBalance>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<AccountBalance>> {
        let filters = vec![
            Filter::Is("partner", self.partner.map(Value::from)),
            Filter::Is("account", self.account.as_ref().map(Value::from)),
        ];
        store::BALANCES.page(cx.tx, &cx.scope, &self.page, filters, store::read_balance).await
    }
}

/// An entry with what its transfer says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EntryListed {
    pub id: EntryId,
    pub transfer: TransferId,
    pub partner: Option<PartnerId>,
    /// The place of the transfer in its book.
    pub number: i64,
    pub day: Day,
    pub phase: Phase,
    pub kind: String,
    /// The id of what it follows from.
    pub cause: String,
    pub summary: String,
    #[serde(flatten)]
    pub entry: Entry,
}

/// List entries, the newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListEntries {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Such as `payable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// The line of a statement that they book.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<LineId>,
    /// The month that they belong to, such as `2026-03`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Month>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListEntries {
    const NAME: &'static str = "ledger.entries";
    const ROUTE: Route = get("/ledger/entries");
    type Output = Page<EntryListed>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<EntryListed>> {
        let filters = vec![
            Filter::Is("e.partner", self.partner.map(Value::from)),
            Filter::Is("e.account", self.account.as_ref().map(Value::from)),
            Filter::Is("e.line", self.line.map(Value::from)),
            Filter::Is("e.period", self.period.map(Value::from)),
        ];
        store::ENTRIES.page(cx.tx, &cx.scope, &self.page, filters, store::read_listed).await
    }
}

/// List transfers, the newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListTransfers {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Such as `accrual`, `clawback`, `payment` or `journal`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// The id of what they follow from, such as a statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListTransfers {
    const NAME: &'static str = "ledger.transfers";
    const ROUTE: Route = get("/ledger/transfers");
    type Output = Page<Posted>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Posted>> {
        let filters = vec![
            Filter::Is("partner", self.partner.map(Value::from)),
            Filter::Is("kind", self.kind.map(Value::from)),
            Filter::Is("phase", self.phase.map(|phase| phase.name().into())),
            Filter::Is("cause", self.cause.map(Value::from)),
        ];
        store::TRANSFERS.page(cx.tx, &cx.scope, &self.page, filters, store::read_transfer).await
    }
}

/// Show a transfer with its entries.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetTransfer {
    pub transfer: TransferId,
}

/// A transfer with its entries and what became of it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct TransferDetail {
    pub transfer: Posted,
    pub partner_name: Option<String>,
    pub entries: Vec<Entry>,
    /// What posted or voided it, if it was pending.
    pub resolution: Option<Posted>,
    /// Whether its hash is that of its content.
    pub intact: bool,
}

impl Query for GetTransfer {
    const NAME: &'static str = "ledger.transfer";
    const ROUTE: Route = get("/ledger/transfers/{transfer}");
    type Output = TransferDetail;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("ledger_transfer", self.transfer.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<TransferDetail> {
        let scope = cx.scope;
        let transfer = store::get(cx.tx, &scope, self.transfer).await?;
        let entries = store::entries(cx.tx, &scope, transfer.id).await?;
        let partner: Vec<PartnerId> = transfer.partner.into_iter().collect();
        Ok(TransferDetail {
            partner_name: partners::names(cx.tx, &scope, &partner).await?.into_values().next(),
            resolution: store::resolution(cx.tx, &scope, transfer.id).await?,
            intact: transfer.digest(&entries)? == transfer.hash,
            transfer,
            entries,
        })
    }
}
