//! What rating works on: revenue and usage, and what earlier statements already settled.

use jiff::tz::TimeZone;
use kernel::{Day, Money, Timestamp};
use law::{How, Period, Plan, RevenueKind};
use partners::CustomerId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rating::Method;
use crate::intake::{InvoiceEventId, InvoiceKind, Quantity};

/// A revenue event that is rated now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RevenueLine {
    pub event: InvoiceEventId,
    /// Its id at the source, as people quote it.
    pub reference: String,
    pub kind: InvoiceKind,
    /// The invoice that it takes back.
    pub original: Option<InvoiceEventId>,
    /// The instant whose period it belongs to: that of the invoice.
    pub counts_at: Timestamp,
    pub revenue: RevenueKind,
    pub customer: CustomerId,
    pub deal: Option<deals::DealId>,
    /// Always positive; the kind says which way it goes.
    pub amount: Money,
    pub occurred_at: Timestamp,
    pub recorded_at: Timestamp,
}

impl RevenueLine {
    /// The amount with its direction: negative for what is taken back.
    pub fn signed(&self) -> Money {
        if self.kind.reverses() { self.amount.negated() } else { self.amount }
    }

    /// What a fixed fee is counted by: the deal, or the customer where no deal explains the revenue.
    pub fn engagement(&self) -> String {
        self.deal.map_or_else(|| self.customer.to_string(), |deal| deal.to_string())
    }
}

/// What a customer used of something in a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UsageLine {
    pub customer: CustomerId,
    pub deal: Option<deals::DealId>,
    pub unit: String,
    pub from: Timestamp,
    pub before: Timestamp,
    /// All of it, with what earlier statements settled.
    pub quantity: Quantity,
    pub events: u64,
    /// What earlier statements settled.
    pub settled: Quantity,
}

/// The revenue that earlier statements brought to a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reached {
    pub revenue: RevenueKind,
    /// Such as `2026`, `2026-03` or `lifetime`.
    pub period: String,
    pub amount: Money,
}

/// A fixed fee that earlier statements posted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Charged {
    pub component: String,
    /// The deal or customer.
    pub engagement: String,
    /// The month, for monthly fees.
    pub month: Option<String>,
}

/// An invoice that was settled before, and what it earned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Settled {
    pub event: InvoiceEventId,
    pub base: Money,
    /// What was taken back of it so far.
    pub refunded: Money,
    pub parts: Vec<Part>,
}

/// What an invoice earned by one component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    pub component: String,
    pub method: Method,
    pub amount: Money,
    /// What was given back of it so far, with the sign of the amount.
    pub reversed: Money,
}

/// Everything that the rating of one statement rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatingFacts {
    pub lines: Vec<RevenueLine>,
    pub usage: Vec<UsageLine>,
    pub reached: Vec<Reached>,
    pub charged: Vec<Charged>,
    pub settled: Vec<Settled>,
}

/// A period over which revenue adds up, as instants.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub revenue: RevenueKind,
    pub key: String,
    pub from: Timestamp,
    pub before: Timestamp,
}

/// The name of the period in which an instant lies.
pub fn period_key(period: Period, at: Timestamp, zone: &TimeZone) -> String {
    match period {
        Period::CalendarYear => at.day_in(zone).month()[..4].to_owned(),
        Period::Month => at.day_in(zone).month(),
        Period::Lifetime => "lifetime".to_owned(),
    }
}

/// The periods that a plan's bands add up over for these lines: what must be known of earlier statements.
pub fn spans(plan: &Plan, lines: &[RevenueLine], zone: &TimeZone) -> Vec<Span> {
    let mut spans = Vec::new();
    for component in &plan.components {
        let How::Bands(terms) = &component.how else { continue };
        for line in lines.iter().filter(|line| line.revenue == component.on) {
            spans.push(span(terms.period, line, zone));
        }
    }
    spans.sort();
    spans.dedup();
    spans
}

fn span(period: Period, line: &RevenueLine, zone: &TimeZone) -> Span {
    let month = line.counts_at.day_in(zone).first_of_month();
    let (from, before) = match period {
        Period::Month => (month.start_in(zone), month.plus_months(1).start_in(zone)),
        Period::CalendarYear => {
            let months_in = i64::from(month.date().month()) - 1;
            let january: Day = month.plus_months(-months_in);
            (january.start_in(zone), january.plus_months(12).start_in(zone))
        }
        Period::Lifetime => (Timestamp::from_micros(0), Timestamp::from_micros(i64::MAX)),
    };
    Span { revenue: line.revenue, key: period_key(period, line.counts_at, zone), from, before }
}
