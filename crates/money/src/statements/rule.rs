//! `money.statement`: what a partner gets for a month. A pure rule over everything that it rests on.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use kernel::{Currency, Day, Money, PartnerId, Reason, Rule, Verdict};
use law::{Plan, Program, Statements};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::month::Month;
use super::store::State;
use crate::commission::{CommissionLine, RatingFacts, Shares, rate};

/// What the law says: the plan of the partner's archetype and how statements are made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementTerms {
    pub key: String,
    pub plan: Plan,
    pub statements: Statements,
    pub currency: Currency,
    pub time_zone: String,
}

impl StatementTerms {
    /// The terms of an archetype; `None` when the program does not know it or its plan.
    pub fn of(program: &Program, archetype: &str) -> Option<Self> {
        let key = &program.archetype(archetype)?.plan;
        Some(Self {
            key: key.clone(),
            plan: program.plan(key)?.clone(),
            statements: program.statements.clone(),
            currency: program.settings.currency,
            time_zone: program.settings.time_zone.clone(),
        })
    }

    pub(crate) fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementFacts {
    pub partner: PartnerId,
    pub month: Month,
    #[serde(flatten)]
    pub rating: RatingFacts,
    /// What the statement before left over because it was too little to be paid.
    pub carried_in: Money,
    /// Since which month that is negative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried_since: Option<Month>,
}

/// What the partner gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatementOutcome {
    pub lines: Vec<CommissionLine>,
    pub shares: Vec<Shares>,
    /// The sum of the lines.
    pub total: Money,
    pub carried_in: Money,
    /// What is paid; negative is what the partner owes.
    pub payable: Money,
    /// Too little to be paid, or, when negative, owed by the partner and set off against its next statements.
    pub carried_out: Money,
    /// Since which month a negative balance is carried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried_since: Option<Month>,
    pub state: State,
    /// The first day on which it can be paid.
    pub payable_from: Day,
}

/// The rule.
pub struct StatementRule;

impl Rule for StatementRule {
    const KIND: &'static str = "money.statement";
    type Terms = StatementTerms;
    type Facts = StatementFacts;
    type Outcome = StatementOutcome;

    fn decide(terms: &StatementTerms, facts: &StatementFacts) -> Verdict<StatementOutcome> {
        let zone = terms.zone();
        let rated = rate(&terms.key, &terms.plan, terms.currency, &zone, &facts.rating);
        let mut reasons = by_component(&rated.lines, terms.currency);
        let due = Money::new(rated.total.minor + facts.carried_in.minor, terms.currency);
        let Split { payable, carried_out, carried_since, state, reason } = split(terms, facts, due);
        reasons.extend(reason);
        if !facts.carried_in.is_zero() {
            let text = format!("{} was carried from the statement before.", facts.carried_in.pretty());
            reasons.push(Reason::new("carried_in", text));
        }
        let payable_from = facts.month.next().first().plus_days(i64::from(terms.statements.hold_days));
        if terms.statements.hold_days > 0 && payable.minor > 0 {
            let text = format!("It rests until {payable_from}, so that refunds can arrive.");
            reasons.push(Reason::new("hold", text).citing("money.toml: statements.hold_days"));
        }
        let outcome = StatementOutcome {
            lines: rated.lines,
            shares: rated.shares,
            total: rated.total,
            carried_in: facts.carried_in,
            payable,
            carried_out,
            carried_since,
            state,
            payable_from,
        };
        Verdict { outcome, reasons }
    }
}

/// What of an amount is paid now and what is left for the next statement.
struct Split {
    payable: Money,
    carried_out: Money,
    carried_since: Option<Month>,
    state: State,
    reason: Option<Reason>,
}

fn split(terms: &StatementTerms, facts: &StatementFacts, due: Money) -> Split {
    let nothing = Money::zero(terms.currency);
    let statements = &terms.statements;
    let carried = |carried_since, reason| Split {
        payable: nothing,
        carried_out: due,
        carried_since,
        state: State::Carried,
        reason: Some(reason),
    };
    if let Some(minimum) = statements.minimum_payout.filter(|minimum| due.minor > 0 && due.minor < minimum.minor) {
        let text = format!(
            "{} is less than the smallest payout of {}; it is carried to the next statement.",
            due.pretty(),
            minimum.pretty()
        );
        return carried(None, Reason::new("carried_forward", text).citing("money.toml: statements.minimum_payout"));
    }
    let paid = |reason| Split { payable: due, carried_out: nothing, carried_since: None, state: State::Final, reason };
    let Some(months) = statements.carry_negative_months.filter(|_| due.minor < 0) else { return paid(None) };
    const PLACE: &str = "money.toml: statements.carry_negative_months";
    let since = facts.carried_since.filter(|_| facts.carried_in.minor < 0).unwrap_or(facts.month);
    let age = facts.month.months_after(since);
    if age < i64::from(months) {
        let text =
            format!("{} is owed since {} and is set off against the next statement.", due.pretty(), since.title());
        return carried(Some(since), Reason::new("carried_negative", text).citing(PLACE));
    }
    let text = format!("{} has been owed since {}, {age} months: it is to be paid now.", due.pretty(), since.title());
    paid(Some(Reason::new("negative_aged", text).citing(PLACE)))
}

/// A sentence for each component of the plan that earned something.
fn by_component(lines: &[CommissionLine], currency: Currency) -> Vec<Reason> {
    let mut sums: BTreeMap<(&str, &str), (usize, i128, i128)> = BTreeMap::new();
    for line in lines {
        let sum = sums.entry((&line.cites, &line.component)).or_default();
        *sum = (sum.0 + 1, sum.1 + line.base.minor, sum.2 + line.amount.minor);
    }
    let reason = |((cites, component), (count, base, amount)): ((&str, &str), (usize, i128, i128))| {
        let (base, amount) = (Money::new(base, currency), Money::new(amount, currency));
        let lines = if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
        let text = format!("{component}: {lines} on revenue of {} make {}.", base.pretty(), amount.pretty());
        Reason::new("component", text).citing(cites)
    };
    sums.into_iter().map(reason).collect()
}
