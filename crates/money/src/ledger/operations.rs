//! What people do with the books: journal entries, budgets, and the end of what is pending.

use kernel::{Access, Cx, Day, Error, Money, Operation, PartnerId, Result, Route, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::TransferId;
use super::account::{Account, AccountKind};
use super::transfer::{Book, Entry, Phase, Posted, Transfer};
use super::{post as posting, store};

/// Transfers of one request at most.
pub const MOST_TRANSFERS: usize = 1_000;

/// A side of a journal entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JournalEntry {
    /// Such as `clearing`, `fx` or `budget:spring`.
    pub account: Account,
    /// Positive is a debit, negative a credit.
    pub amount: Money,
}

/// A movement of money that a person or another system books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Journal {
    /// Whose book; the program's own if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Your name for it: a repeat under the same key posts nothing.
    pub key: String,
    /// The business day; today if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Day>,
    /// Why, for whoever reads the book.
    pub summary: String,
    /// The id of what it follows from, such as a decision or a statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Whether it only reserves the amounts until it is posted or voided.
    #[serde(default)]
    pub pending: bool,
    pub entries: Vec<JournalEntry>,
}

/// Post journal entries: each balances in every currency, all or none of them are booked.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PostJournal {
    /// At most 1,000.
    #[schemars(length(min = 1, max = 1_000))]
    pub transfers: Vec<Journal>,
}

impl Operation for PostJournal {
    const NAME: &'static str = "ledger.post";
    const ROUTE: Route = post("/ledger/transfers");
    const ACCESS: Access = Access::Open;
    type Output = Vec<Posted>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<Posted>> {
        vendor_only(cx, Self::NAME)?;
        let count = self.transfers.len();
        if count == 0 || count > MOST_TRANSFERS {
            let rule = format!("{count} transfers were sent; send 1 to {MOST_TRANSFERS} at a time");
            return Err(Error::invalid("transfers", rule));
        }
        let today = super::today(cx).await?;
        let mut partners: Vec<PartnerId> = self.transfers.iter().filter_map(|journal| journal.partner).collect();
        partners.sort_unstable();
        partners.dedup();
        let known = partners::names(cx.tx, &cx.scope, &partners).await?;
        if let Some(unknown) = partners.iter().find(|partner| !known.contains_key(partner)) {
            return Err(Error::not_found("partner", unknown));
        }
        let entry = cx.entry();
        let transfer = |journal: Journal| Transfer {
            book: journal.partner.map_or(Book::Program, Book::Partner),
            key: format!("journal:{}", journal.key),
            kind: "journal".to_owned(),
            phase: if journal.pending { Phase::Pending } else { Phase::Posted },
            resolves: None,
            cause: journal.cause.unwrap_or_else(|| entry.to_string()),
            day: journal.day.unwrap_or(today),
            summary: journal.summary,
            entries: journal.entries.into_iter().map(|side| Entry::debit(side.account, side.amount)).collect(),
        };
        let transfers = self.transfers.into_iter().map(transfer).collect();
        let posted = posting::post(cx, transfers).await?;
        if let [first, rest @ ..] = posted.as_slice() {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            cx.emit("ledger.posted", first.id, None, format!("{}{more}", first.summary), first);
        }
        Ok(posted)
    }
}

/// Post or void a pending transfer, as a whole.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ResolveTransfer {
    pub transfer: TransferId,
    /// Whether it counts from now on; else what it reserved is free again.
    pub accept: bool,
    /// Why, for whoever reads the book.
    pub reason: String,
}

impl Operation for ResolveTransfer {
    const NAME: &'static str = "ledger.resolve";
    const ROUTE: Route = post("/ledger/transfers/{transfer}/resolution");
    const ACCESS: Access = Access::Open;
    type Output = Posted;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Posted> {
        vendor_only(cx, Self::NAME)?;
        let pending = store::get(cx.tx, &cx.scope, self.transfer).await?;
        let transfer = Transfer {
            book: pending.partner.map_or(Book::Program, Book::Partner),
            key: format!("resolve:{}", pending.id),
            kind: pending.kind.clone(),
            phase: if self.accept { Phase::Posted } else { Phase::Void },
            resolves: Some(pending.id),
            cause: pending.id.to_string(),
            day: super::today(cx).await?,
            summary: self.reason,
            entries: Vec::new(),
        };
        if let Some(resolved) = store::resolution(cx.tx, &cx.scope, pending.id).await? {
            let message = format!("transfer {} was {} by {} already", pending.id, resolved.phase.name(), resolved.id);
            return Err(Error::conflict("resolved", message));
        }
        let posted = one(posting::post(cx, vec![transfer]).await?)?;
        let word = if self.accept { "posted" } else { "voided" };
        cx.emit("ledger.resolved", pending.id, None, format!("Pending transfer {word}: {}", posted.summary), &posted);
        Ok(posted)
    }
}

/// Put money into a budget; what plans draw from it can never be more than was put in.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GrantBudget {
    /// The key of the budget, as the plan names it, such as `spring-spiff`.
    pub budget: String,
    /// More than zero adds to it; less takes back what is left.
    pub amount: Money,
    /// Your name for this grant: a repeat under the same key grants nothing.
    pub key: String,
    /// Why, for whoever reads the book.
    pub reason: String,
}

impl Operation for GrantBudget {
    const NAME: &'static str = "ledger.grant_budget";
    const ROUTE: Route = post("/ledger/budgets/{budget}/grants");
    const ACCESS: Access = Access::Open;
    type Output = Posted;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Posted> {
        vendor_only(cx, Self::NAME)?;
        let account: Account = format!("budget:{}", self.budget).parse()?;
        let transfer = Transfer {
            book: Book::Program,
            key: format!("budget:{}:{}", self.budget, self.key),
            kind: "grant".to_owned(),
            phase: Phase::Posted,
            resolves: None,
            cause: cx.entry().to_string(),
            day: super::today(cx).await?,
            summary: self.reason,
            entries: Transfer::between(account, AccountKind::Funding.into(), self.amount),
        };
        let posted = one(posting::post(cx, vec![transfer]).await?)?;
        let summary = format!("{} for the budget {}", self.amount.pretty(), self.budget);
        cx.emit("ledger.budget_granted", posted.id, None, summary, &posted);
        Ok(posted)
    }
}

fn one(mut posted: Vec<Posted>) -> Result<Posted> {
    posted.pop().ok_or_else(|| Error::internal("a transfer was posted and is not there"))
}

fn vendor_only(cx: &Cx<'_>, permission: &str) -> Result<()> {
    if cx.scope.partner.is_none() {
        return Ok(());
    }
    let message = "only the vendor keeps the books".to_owned();
    Err(Error::Forbidden { permission: permission.to_owned(), message })
}
