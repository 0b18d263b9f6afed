//! What rating works on: revenue and usage, and what earlier statements already settled.

use jiff::tz::TimeZone;
use kernel::{Day, Money, Timestamp};
use law::{BandMode, How, Period, Plan, RevenueKind};
use partners::CustomerId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::line::Method;
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
    /// Such as `2026`, `2026-Q1`, `2026-03`, `lifetime` or the id of a deal.
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
    /// The tier of the partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
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
    /// The deal and customer, where it is the revenue of one deal.
    pub engagement: Option<(Option<deals::DealId>, CustomerId)>,
}

/// The name of the period to which a line counts.
pub fn period_key(period: Period, line: &RevenueLine, zone: &TimeZone) -> String {
    match period {
        Period::Deal => line.engagement(),
        Period::Lifetime => "lifetime".to_owned(),
        other => name(other, line.counts_at.day_in(zone)),
    }
}

/// The name of the period before the one to which a line counts; none where there is no such thing.
pub fn prior_key(period: Period, line: &RevenueLine, zone: &TimeZone) -> Option<String> {
    let (first, _) = calendar(period, line.counts_at.day_in(zone))?;
    Some(name(period, first.plus_days(-1)))
}

fn name(period: Period, day: Day) -> String {
    let date = day.date();
    match period {
        Period::Quarter => format!("{}-Q{}", date.year(), (date.month() - 1) / 3 + 1),
        Period::Month => day.month(),
        Period::CalendarYear | Period::Lifetime | Period::Deal => day.month()[..4].to_owned(),
    }
}

/// The first day of a period of the calendar, and that of the next one.
fn calendar(period: Period, day: Day) -> Option<(Day, Day)> {
    let month = day.first_of_month();
    let place = i64::from(month.date().month()) - 1;
    let (back, long) = match period {
        Period::Month => (0, 1),
        Period::Quarter => (place % 3, 3),
        Period::CalendarYear => (place, 12),
        Period::Lifetime | Period::Deal => return None,
    };
    let first = month.plus_months(-back);
    Some((first, first.plus_months(long)))
}

/// The periods that a plan adds revenue up over for these lines: what must be known of earlier statements.
pub fn spans(plan: &Plan, lines: &[RevenueLine], zone: &TimeZone) -> Vec<Span> {
    let mut spans = Vec::new();
    for component in &plan.components {
        let (period, prior) = match &component.how {
            How::Bands(terms) => (terms.period, terms.mode == BandMode::PriorPeriod),
            How::Bonus(terms) => (terms.period, false),
            How::Rate(_) | How::Fixed(_) | How::Each(_) => continue,
        };
        for line in lines.iter().filter(|line| line.revenue == component.on) {
            spans.push(span(period, line, zone));
            spans.extend(before(period, line, zone).filter(|_| prior));
        }
    }
    spans.sort();
    spans.dedup();
    spans
}

fn span(period: Period, line: &RevenueLine, zone: &TimeZone) -> Span {
    let (from, before) = calendar(period, line.counts_at.day_in(zone)).map_or_else(
        || (Timestamp::from_micros(0), Timestamp::from_micros(i64::MAX)),
        |(first, next)| (first.start_in(zone), next.start_in(zone)),
    );
    let engagement = (period == Period::Deal).then_some((line.deal, line.customer));
    Span { revenue: line.revenue, key: period_key(period, line, zone), from, before, engagement }
}

/// The period before that of a line.
fn before(period: Period, line: &RevenueLine, zone: &TimeZone) -> Option<Span> {
    let (first, _) = calendar(period, line.counts_at.day_in(zone))?;
    let last_day = first.plus_days(-1);
    let (first, next) = calendar(period, last_day)?;
    let (from, before) = (first.start_in(zone), next.start_in(zone));
    Some(Span { revenue: line.revenue, key: name(period, last_day), from, before, engagement: None })
}
