//! Asking for statements and lines.

use kernel::app::ReadCx;
use kernel::{
    DecisionId, DecisionRecord, EventRecord, Filter, Money, Page, PageRequest, PartnerId, Query, Result, Route, Value,
    get,
};
use partners::CustomerId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::month::Month;
use super::store::{self, Line, State, Statement};
use super::{LineId, StatementId};
use crate::attribution::{self, Basis};
use crate::commission::Method;
use crate::intake::{self, InvoiceRow};
use crate::settlement::{self, Settlement};

/// Events on the page of a statement.
const TIMELINE: u32 = 50;
/// Lines that come along with a statement; the list of lines has the others.
const MOST_LINES: u32 = 500;

/// List statements, the newest month first. A partner sees its own.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListStatements {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Such as `2026-03`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<Month>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    #[serde(flatten)]
    pub page: PageRequest,
}

/// A statement in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatementListed {
    #[serde(flatten)]
    pub statement: Statement,
    pub partner_name: String,
}

impl Query for ListStatements {
    const NAME: &'static str = "statements.list";
    const ROUTE: Route = get("/statements");
    type Output = Page<StatementListed>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<StatementListed>> {
        let filters = vec![
            Filter::Is("partner", self.partner.map(Value::from)),
            Filter::Is("month", self.month.map(Value::from)),
            Filter::Is("state", self.state.map(|state| state.name().into())),
        ];
        let page = store::STATEMENTS.page(cx.tx, &cx.scope, &self.page, filters, store::read).await?;
        let ids: Vec<PartnerId> = page.items.iter().map(|statement| statement.partner).collect();
        let names = partners::names(cx.tx, &cx.scope, &ids).await?;
        let listed = |statement: Statement| StatementListed {
            partner_name: names.get(&statement.partner).cloned().unwrap_or_default(),
            statement,
        };
        Ok(Page { items: page.items.into_iter().map(listed).collect(), next: page.next })
    }
}

/// Add up the statements of a month, or of all months.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct TotalStatements {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<Month>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
}

/// What statements add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatementTotals {
    pub statements: u64,
    pub revenue: Money,
    pub total: Money,
    /// What is paid to partners.
    pub payable: Money,
    /// What partners owe, as a positive amount.
    pub owed: Money,
    pub carried: Money,
}

impl Query for TotalStatements {
    const NAME: &'static str = "statements.total";
    const ROUTE: Route = get("/statements/total");
    type Output = Vec<StatementTotals>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Vec<StatementTotals>> {
        store::totals(cx.tx, &cx.scope, self.month, self.partner).await
    }
}

/// Show a statement with its lines.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetStatement {
    pub statement: StatementId,
}

/// A statement with everything that its page shows.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct StatementDetail {
    pub statement: Statement,
    pub partner_name: String,
    /// The first 500 lines.
    pub lines: Vec<Line>,
    /// The names of the customers on the lines.
    pub customers: std::collections::BTreeMap<CustomerId, String>,
    /// Where its money is; absent for statements that are older than the ledger.
    pub settlement: Option<Settlement>,
    pub timeline: Vec<EventRecord>,
    pub decisions: Vec<DecisionRecord>,
}

impl Query for GetStatement {
    const NAME: &'static str = "statements.get";
    const ROUTE: Route = get("/statements/{statement}");
    type Output = StatementDetail;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("statement", self.statement.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<StatementDetail> {
        let scope = cx.scope;
        let statement = store::get(cx.tx, &scope, self.statement).await?;
        let lines = store::lines_of(cx.tx, &scope, statement.id, MOST_LINES).await?;
        let customers: Vec<CustomerId> = lines.iter().map(|line| line.line.customer).collect();
        let subject = statement.id.to_string();
        Ok(StatementDetail {
            partner_name: partners::names(cx.tx, &scope, &[statement.partner])
                .await?
                .into_values()
                .next()
                .unwrap_or_default(),
            customers: partners::customers::names(cx.tx, &scope, &customers).await?,
            settlement: settlement::store::find(cx.tx, &scope, statement.id).await?,
            timeline: kernel::event::of_subject(cx.tx, &scope, &subject, TIMELINE).await?,
            decisions: kernel::log::decisions_of(cx.tx, &scope, &subject).await?,
            lines,
            statement,
        })
    }
}

/// List commission lines of statements.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListLines {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<StatementId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deal: Option<deals::DealId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListLines {
    const NAME: &'static str = "commissions.list";
    const ROUTE: Route = get("/commissions");
    type Output = Page<Line>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Line>> {
        let filters = vec![
            Filter::Is("statement", self.statement.map(Value::from)),
            Filter::Is("partner", self.partner.map(Value::from)),
            Filter::Is("customer", self.customer.map(Value::from)),
            Filter::Is("deal", self.deal.map(Value::from)),
            Filter::Is("method", self.method.map(|method| method.name().into())),
        ];
        store::LINES.page(cx.tx, &cx.scope, &self.page, filters, store::read_line).await
    }
}

/// Show a commission line: its inputs, the rule, and how the amount comes about.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetLine {
    pub line: LineId,
}

/// A line with everything that it follows from.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LineDetail {
    pub line: Line,
    pub statement: Statement,
    pub customer_name: Option<String>,
    /// The revenue event, if the line rests on one.
    pub event: Option<InvoiceRow>,
    /// The invoice that is taken back.
    pub original: Option<InvoiceRow>,
    /// Why the revenue is the partner's.
    pub basis: Option<Basis>,
    /// The decision that says so.
    pub attribution: Option<DecisionId>,
    /// Earlier and later lines of the same event or its invoice.
    pub related: Vec<Line>,
}

impl Query for GetLine {
    const NAME: &'static str = "commissions.get";
    const ROUTE: Route = get("/commissions/{line}");
    type Output = LineDetail;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("statement_line", self.line.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<LineDetail> {
        let scope = cx.scope;
        let line = store::get_line(cx.tx, &scope, self.line).await?;
        let statement = store::get(cx.tx, &scope, line.statement).await?;
        let names = partners::customers::names(cx.tx, &scope, &[line.line.customer]).await?;
        let event = match line.line.event {
            Some(event) => intake::find_invoice_event(cx.tx, &scope, event).await?,
            None => None,
        };
        let original = match line.line.reverses {
            Some(invoice) => intake::find_invoice_event(cx.tx, &scope, invoice).await?,
            None => None,
        };
        let attributed = match line.line.event {
            Some(event) => attribution::basis_of(cx.tx, &scope, event).await?,
            None => None,
        };
        let related = match line.line.reverses.or(line.line.event) {
            Some(event) => store::lines_about(cx.tx, &scope, event).await?,
            None => Vec::new(),
        };
        let related = related.into_iter().filter(|other| other.id != line.id).collect();
        Ok(LineDetail {
            customer_name: names.into_values().next(),
            basis: attributed.map(|(basis, _)| basis),
            attribution: attributed.map(|(_, decision)| decision),
            line,
            statement,
            event,
            original,
            related,
        })
    }
}
