//! Rating: a plan applied to revenue and usage, line by line.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use kernel::money::divide_half_away;
use kernel::{Currency, Money, Rate};
use law::{BonusTerms, Component, EachTerms, FixedTerms, How, Party, Per, Plan, RateTerms};

use super::bands::{BandPart, Ladder};
use super::facts::{Charged, Part, RatingFacts, RevenueLine, Settled, UsageLine, period_key, prior_key};
use super::line::{CommissionLine, Method, Rated, Shares};
use crate::intake::{InvoiceEventId, Quantity};

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
    tier: Option<&'a str>,
    /// The revenue reached, by component and period.
    reached: BTreeMap<(usize, String), i128>,
    charged: BTreeSet<Charged>,
    settled: BTreeMap<InvoiceEventId, Settled>,
    lines: Vec<CommissionLine>,
    shares: Vec<Shares>,
}

impl<'a> Rating<'a> {
    fn new(key: &'a str, plan: &'a Plan, currency: Currency, zone: &'a TimeZone, facts: &'a RatingFacts) -> Self {
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
            tier: facts.tier.as_deref(),
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
        let day = line.counts_at.day_in(self.zone);
        for (place, component) in plan.components.iter().enumerate().filter(|(_, c)| c.on == line.revenue) {
            let meant = component.is_for(self.tier, day);
            match &component.how {
                // What is not meant for it earns nothing, and still counts for the revenue that is reached.
                How::Bands(_) | How::Bonus(_) if !meant => {
                    self.pass(place, component, line, line.amount.minor);
                }
                _ if !meant => {}
                How::Rate(terms) => self.share(place, component, line, terms),
                How::Bands(_) => self.climb(place, component, line, line.amount.minor),
                How::Fixed(terms) => self.charge(place, component, line, terms),
                How::Bonus(terms) => self.reward(place, component, line, line.amount.minor, terms),
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

    /// A share of the revenue, or of a part of it; rounded once.
    fn share(&mut self, place: usize, component: &Component, line: &RevenueLine, terms: &RateTerms) {
        let base = line.amount;
        let scale = 10_i128.pow(Rate::PLACES);
        let of = terms.of.unwrap_or(Rate::ONE);
        let exact = terms.rate.scaled * of.scaled;
        let amount = Money::new(divide_half_away(base.minor * exact, scale * scale), base.currency);
        let rule = match terms.of {
            Some(of) => format!("{} of {of} of {}", terms.rate, base.pretty()),
            None => format!("{} of {}", terms.rate, base.pretty()),
        };
        let whole = exact % scale == 0;
        let parts = if whole { vec![BandPart { base, rate: Rate { scaled: exact / scale } }] } else { Vec::new() };
        self.post(place, component, line, Method::Rate, signed(component, amount), rule, parts);
    }

    /// Counts revenue for what a component adds up, without anything earned; returns the sum before and after.
    fn pass(&mut self, place: usize, component: &Component, line: &RevenueLine, by: i128) -> (String, i128, i128) {
        let period = match &component.how {
            How::Bands(terms) => terms.period,
            How::Bonus(terms) => terms.period,
            How::Rate(_) | How::Fixed(_) | How::Each(_) => law::Period::Lifetime,
        };
        let period = period_key(period, line, self.zone);
        let reached = self.reached.entry((place, period.clone())).or_default();
        let before = *reached;
        *reached += by;
        (period, before, before + by)
    }

    /// Moves along the bands of a component, up or, for what is taken back, down.
    fn climb(&mut self, place: usize, component: &Component, line: &RevenueLine, by: i128) {
        let How::Bands(terms) = &component.how else { return };
        let (period, before, after) = self.pass(place, component, line, by);
        let ladder = Ladder::of(terms, self.currency);
        let prior = prior_key(terms.period, line, self.zone);
        let prior_sum = prior.as_ref().and_then(|key| self.reached.get(&(place, key.clone()))).copied().unwrap_or(0);
        if let Some(rate) = ladder.priced(before, prior_sum) {
            let base = Money::new(by, self.currency);
            let (sum, of) = match (terms.mode, prior) {
                (law::BandMode::PriorPeriod, Some(prior)) => (prior_sum, prior),
                _ => (before, period),
            };
            let rule = format!(
                "{rate} of {}; reached in {of} before: {}",
                base.pretty(),
                Money::new(sum, self.currency).pretty()
            );
            let amount = signed(component, base.times(rate));
            return self.post(place, component, line, Method::Bands, amount, rule, vec![BandPart { base, rate }]);
        }
        let parts = ladder.parts(before, after);
        let steps: Vec<String> = parts.iter().map(|p| format!("{} × {}", p.base.pretty(), p.rate)).collect();
        let reached = Money::new(after, self.currency);
        let rule = format!("{}; reached in {period}: {}", steps.join(" + "), reached.pretty());
        let amount = signed(component, Money::new(ladder.earns(before, after), self.currency));
        self.post(place, component, line, Method::Bands, amount, rule, parts);
    }

    /// A bonus is earned by the revenue that reaches its target, and lost again by what undoes that.
    fn reward(&mut self, place: usize, component: &Component, line: &RevenueLine, by: i128, terms: &BonusTerms) {
        let (period, before, after) = self.pass(place, component, line, by);
        let has = |reached: i128| reached > 0 && reached >= terms.target.minor;
        let (amount, word) = match (has(before), has(after)) {
            (false, true) => (terms.bonus, "reached"),
            (true, false) => (terms.bonus.negated(), "missed again"),
            _ => return,
        };
        let sum = Money::new(after, self.currency);
        let rule = format!("target of {} {word} in {period}: {}", terms.target.pretty(), sum.pretty());
        self.post(place, component, line, Method::Bonus, signed(component, amount), rule, Vec::new());
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
        self.step_down(line, &parts);
        for part in &mut parts {
            let named = |(_, c): &(usize, &'a Component)| c.title == part.component && c.on == line.revenue;
            let component = self.plan.components.iter().enumerate().find(named);
            if part.method == Method::Bonus || component.is_some_and(|(_, component)| climbed(component, part)) {
                continue;
            }
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
        let refunded = Money::new(refunded, self.currency);
        self.settled.insert(settled.event, Settled { refunded, parts, ..settled });
    }

    /// Takes revenue off the sums that bands and bonuses go by: where the invoice moved along them, it moves back.
    fn step_down(&mut self, line: &RevenueLine, parts: &[Part]) {
        let plan = self.plan;
        let by = -line.amount.minor;
        for (place, component) in plan.components.iter().enumerate().filter(|(_, c)| c.on == line.revenue) {
            let meant = component.is_for(self.tier, line.counts_at.day_in(self.zone));
            match &component.how {
                How::Bands(_) if parts.iter().any(|p| p.component == component.title && climbed(component, p)) => {
                    self.climb(place, component, line, by);
                }
                How::Bonus(terms) if meant => self.reward(place, component, line, by, terms),
                How::Bands(_) | How::Bonus(_) => {
                    self.pass(place, component, line, by);
                }
                How::Rate(_) | How::Fixed(_) | How::Each(_) => {}
            }
        }
    }

    /// Settles what a customer used since the last statement.
    fn count(&mut self, used: &UsageLine) {
        let plan = self.plan;
        let micros = used.quantity.micros - used.settled.micros;
        for (place, component) in plan.components.iter().enumerate() {
            let How::Each(EachTerms { each, unit }) = &component.how else { continue };
            let day = used.from.day_in(self.zone);
            if *unit != used.unit || micros == 0 || !component.is_for(self.tier, day) {
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

/// Whether an invoice earned by moving along the bands of a component, so that it gives back along them.
fn climbed(component: &Component, part: &Part) -> bool {
    let along = |terms: &law::BandTerms| matches!(terms.mode, law::BandMode::Marginal | law::BandMode::WholeBand);
    part.method == Method::Bands && matches!(&component.how, How::Bands(terms) if along(terms))
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
