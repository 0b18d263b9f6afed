//! Rating: a plan applied to revenue and usage, line by line.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use kernel::money::divide_half_away;
use kernel::{Currency, Money, Timestamp};
use law::{Component, EachTerms, FixedTerms, How, Party, Per, Plan, RevenueKind};
use partners::CustomerId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bands::{BandPart, Ladder};
use super::facts::{Charged, Part, RatingFacts, RevenueLine, Settled, UsageLine, period_key};
use crate::intake::{InvoiceEventId, Quantity};

/// How a line was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Rate,
    Bands,
    Fixed,
    Each,
}

impl Method {
    pub const ALL: [Self; 4] = [Self::Rate, Self::Bands, Self::Fixed, Self::Each];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Bands => "bands",
            Self::Fixed => "fixed",
            Self::Each => "each",
        }
    }
}

/// What one component makes of one event, or of what a customer used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommissionLine {
    /// The name of the component, as the plan has it.
    pub component: String,
    pub method: Method,
    /// The revenue event; absent for usage.
    pub event: Option<InvoiceEventId>,
    /// The invoice that is taken back.
    pub reverses: Option<InvoiceEventId>,
    /// What people quote: the id of the event at its source, or what was used.
    pub reference: String,
    pub customer: CustomerId,
    pub deal: Option<deals::DealId>,
    pub revenue: RevenueKind,
    /// The revenue that it rests on, negative when taken back; nothing for usage.
    pub base: Money,
    /// What was used and is settled now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// For monthly fees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<String>,
    pub occurred_at: Timestamp,
    /// What the partner gets; negative is what it owes.
    pub amount: Money,
    /// The computation in words.
    pub rule: String,
    /// Revenue times rate, step by step.
    pub parts: Vec<BandPart>,
    /// The place in the program file.
    pub cites: String,
}

/// How the revenue of an event is shared in the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shares {
    pub event: InvoiceEventId,
    pub revenue: Money,
    /// Whom the customer pays.
    pub collected_by: Party,
    pub partner: Money,
    pub vendor: Money,
}

/// The result of rating.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rated {
    pub lines: Vec<CommissionLine>,
    pub shares: Vec<Shares>,
    pub total: Money,
}

/// Applies a plan. The order of the input does not matter.
pub fn rate(key: &str, plan: &Plan, currency: Currency, zone: &TimeZone, facts: &RatingFacts) -> Rated {
    let mut rating = Rating::new(key, plan, currency, zone, facts);
    let mut lines: Vec<&RevenueLine> = facts.lines.iter().collect();
    lines.sort_by_key(|line| (line.occurred_at, line.kind.reverses(), line.recorded_at, line.event));
    for line in lines {
        let from = rating.lines.len();
        if line.kind.reverses() {
            rating.take_back(line)
        } else {
            rating.accrue(line)
        }
        let net: i128 = rating.lines[from..].iter().map(|l| l.amount.minor).sum();
        rating.shares.push(share(plan, line, net));
    }
    let mut usage: Vec<&UsageLine> = facts.usage.iter().collect();
    usage.sort_by(|a, b| (&a.unit, a.customer, a.from).cmp(&(&b.unit, b.customer, b.from)));
    for used in usage {
        rating.count(used);
    }
    let total = rating.lines.iter().map(|line| line.amount.minor).sum();
    Rated { lines: rating.lines, shares: rating.shares, total: Money::new(total, currency) }
}

/// The partner keeps what it collected and gets the net; the vendor has the rest.
fn share(plan: &Plan, line: &RevenueLine, net: i128) -> Shares {
    let revenue = line.signed();
    let collected_by = plan.collected_by.of(line.revenue);
    let kept = if collected_by == Party::Partner { revenue.minor } else { 0 };
    let partner = Money::new(kept + net, revenue.currency);
    let vendor = Money::new(revenue.minor - partner.minor, revenue.currency);
    Shares { event: line.event, revenue, collected_by, partner, vendor }
}

struct Rating<'a> {
    key: &'a str,
    plan: &'a Plan,
    currency: Currency,
    zone: &'a TimeZone,
    /// The revenue reached, by component and period.
    reached: BTreeMap<(usize, String), i128>,
    charged: BTreeSet<Charged>,
    settled: BTreeMap<InvoiceEventId, Settled>,
    lines: Vec<CommissionLine>,
    shares: Vec<Shares>,
}

impl<'a> Rating<'a> {
    fn new(key: &'a str, plan: &'a Plan, currency: Currency, zone: &'a TimeZone, facts: &RatingFacts) -> Self {
        let mut reached = BTreeMap::new();
        for (place, component) in plan.components.iter().enumerate() {
            for one in facts.reached.iter().filter(|r| r.revenue == component.on) {
                reached.insert((place, one.period.clone()), one.amount.minor);
            }
        }
        Self {
            key,
            plan,
            currency,
            zone,
            reached,
            charged: facts.charged.iter().cloned().collect(),
            settled: facts.settled.iter().map(|s| (s.event, s.clone())).collect(),
            lines: Vec::new(),
            shares: Vec::new(),
        }
    }

    fn accrue(&mut self, line: &RevenueLine) {
        let plan = self.plan;
        let from = self.lines.len();
        for (place, component) in plan.components.iter().enumerate().filter(|(_, c)| c.on == line.revenue) {
            match &component.how {
                How::Rate(terms) => {
                    let (base, amount) = (line.amount, line.amount.times(terms.rate));
                    let rule = format!("{} of {}", terms.rate, base.pretty());
                    let parts = vec![BandPart { base, rate: terms.rate }];
                    self.post(place, component, line, Method::Rate, signed(component, amount), rule, parts);
                }
                How::Bands(_) => self.climb(place, component, line, line.amount.minor),
                How::Fixed(terms) => self.charge(place, component, line, terms),
                How::Each(_) => {}
            }
        }
        let part = |posted: &CommissionLine| Part {
            component: posted.component.clone(),
            method: posted.method,
            amount: posted.amount,
            reversed: Money::zero(self.currency),
        };
        let parts = self.lines[from..].iter().map(part).collect();
        let refunded = Money::zero(self.currency);
        self.settled.insert(line.event, Settled { event: line.event, base: line.amount, refunded, parts });
    }

    /// Moves along the bands of a component, up or, for what is taken back, down.
    fn climb(&mut self, place: usize, component: &Component, line: &RevenueLine, by: i128) {
        let How::Bands(terms) = &component.how else { return };
        let period = period_key(terms.period, line.counts_at, self.zone);
        let reached = self.reached.entry((place, period.clone())).or_default();
        let (before, after) = (*reached, *reached + by);
        *reached = after;
        let ladder = Ladder::of(terms, self.currency);
        let parts = ladder.parts(before, after);
        let steps: Vec<String> = parts.iter().map(|p| format!("{} × {}", p.base.pretty(), p.rate)).collect();
        let reached = Money::new(after, self.currency);
        let rule = format!("{}; reached in {period}: {}", steps.join(" + "), reached.pretty());
        let amount = signed(component, Money::new(ladder.earns(before, after), self.currency));
        self.post(place, component, line, Method::Bands, amount, rule, parts);
    }

    /// A fixed fee is due once for each deal, or once for each deal and month.
    fn charge(&mut self, place: usize, component: &Component, line: &RevenueLine, terms: &FixedTerms) {
        let month = (terms.per == Per::Month).then(|| line.occurred_at.day_in(self.zone).month());
        let charged =
            Charged { component: component.title.clone(), engagement: line.engagement(), month: month.clone() };
        if !self.charged.insert(charged) {
            return;
        }
        let per = month.as_ref().map_or_else(|| "for the deal".to_owned(), |month| format!("for {month}"));
        let rule = format!("{} {per}", terms.fixed.pretty());
        self.post(place, component, line, Method::Fixed, signed(component, terms.fixed), rule, Vec::new());
        if let Some(last) = self.lines.last_mut() {
            last.month = month;
        }
    }

    /// Gives back what the invoice earned, in proportion; along the bands where it climbed them.
    fn take_back(&mut self, line: &RevenueLine) {
        let Some(mut settled) = line.original.and_then(|original| self.settled.remove(&original)) else { return };
        let refunded = settled.refunded.minor + line.amount.minor;
        let mut parts = std::mem::take(&mut settled.parts);
        for part in &mut parts {
            let named = |(_, c): &(usize, &'a Component)| c.title == part.component && c.on == line.revenue;
            let component = self.plan.components.iter().enumerate().find(named);
            match (part.method, component) {
                (Method::Bands, Some((place, component))) if matches!(component.how, How::Bands(_)) => {
                    self.climb(place, component, line, -line.amount.minor);
                }
                _ => {
                    let reversed = if settled.base.is_zero() {
                        part.amount.minor
                    } else {
                        divide_half_away(part.amount.minor * refunded, settled.base.minor)
                    };
                    let amount = Money::new(part.reversed.minor - reversed, self.currency);
                    part.reversed = Money::new(reversed, self.currency);
                    let whole = Money::new(refunded, self.currency);
                    let rule = format!(
                        "{} of {} taken back, that much of {}",
                        whole.pretty(),
                        settled.base.pretty(),
                        part.amount.pretty()
                    );
                    self.post_reversal(component, part, line, amount, rule);
                }
            }
        }
        let refunded = Money::new(refunded, self.currency);
        self.settled.insert(settled.event, Settled { refunded, parts, ..settled });
    }

    /// Settles what a customer used since the last statement.
    fn count(&mut self, used: &UsageLine) {
        let plan = self.plan;
        let micros = used.quantity.micros - used.settled.micros;
        for (place, component) in plan.components.iter().enumerate() {
            let How::Each(EachTerms { each, unit }) = &component.how else { continue };
            if *unit != used.unit || micros == 0 {
                continue;
            }
            let minor = divide_half_away(each.minor * i128::from(micros), i128::from(Quantity::ONE));
            let quantity = Quantity { micros };
            self.lines.push(CommissionLine {
                component: component.title.clone(),
                method: Method::Each,
                event: None,
                reverses: None,
                reference: format!("{} events of {}", used.events, used.unit),
                customer: used.customer,
                deal: used.deal,
                revenue: component.on,
                base: Money::zero(self.currency),
                quantity: Some(quantity),
                unit: Some(used.unit.clone()),
                month: None,
                occurred_at: used.before.plus_micros(-1),
                amount: signed(component, Money::new(minor, self.currency)),
                rule: format!("{quantity} {} × {}", used.unit, each.pretty()),
                parts: Vec::new(),
                cites: cites(self.key, place),
            });
        }
    }

    #[allow(clippy::too_many_arguments)] // the parts of one line, posted in three places
    fn post(
        &mut self,
        place: usize,
        component: &Component,
        line: &RevenueLine,
        method: Method,
        amount: Money,
        rule: String,
        parts: Vec<BandPart>,
    ) {
        let posted = self.line(line, &component.title, method, amount, rule, cites(self.key, place));
        self.lines.push(CommissionLine { parts, ..posted });
    }

    fn post_reversal(
        &mut self,
        component: Option<(usize, &Component)>,
        part: &Part,
        line: &RevenueLine,
        amount: Money,
        rule: String,
    ) {
        // The component may be gone from the plan; what it paid is given back all the same.
        let cites =
            component.map_or_else(|| format!("money.toml: plan.{}", self.key), |(place, _)| cites(self.key, place));
        let posted = self.line(line, &part.component, part.method, amount, rule, cites);
        self.lines.push(posted);
    }

    fn line(
        &self,
        line: &RevenueLine,
        component: &str,
        method: Method,
        amount: Money,
        rule: String,
        cites: String,
    ) -> CommissionLine {
        CommissionLine {
            component: component.to_owned(),
            method,
            event: Some(line.event),
            reverses: line.original.filter(|_| line.kind.reverses()),
            reference: line.reference.clone(),
            customer: line.customer,
            deal: line.deal,
            revenue: line.revenue,
            base: line.signed(),
            quantity: None,
            unit: None,
            month: None,
            occurred_at: line.occurred_at,
            amount,
            rule,
            parts: Vec::new(),
            cites,
        }
    }
}

/// From the partner's side: what the vendor pays is its own, what it pays is owed.
fn signed(component: &Component, amount: Money) -> Money {
    match component.pays {
        Party::Vendor => amount,
        Party::Partner => amount.negated(),
    }
}

fn cites(key: &str, place: usize) -> String {
    format!("money.toml: plan.{key}.component[{}]", place + 1)
}
