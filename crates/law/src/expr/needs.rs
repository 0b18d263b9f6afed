//! What a set of rules reads, so that only that is measured, compared and stored with a decision.

use std::collections::{BTreeMap, BTreeSet};

use super::basis::Basis;
use super::facts::{Case, FactSet};
use super::functions::Function;
use super::machine::Machine;
use super::number::Number;
use super::population::Population;
use super::tree::{BinaryOp, Expr, Node};
use super::value::Value;

/// What rules read, also through computed metrics and the scorecard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Metrics, sets of facts and computed metrics.
    pub names: BTreeSet<String>,
    /// Fields of facts.
    pub fields: BTreeSet<String>,
    /// Metrics in which partners are compared, with the shares that rules ask for.
    pub compared: BTreeMap<String, BTreeSet<Number>>,
    /// Metrics whose past is looked at.
    pub past: BTreeSet<String>,
    /// Whether the instant of evaluation is looked at.
    pub time: bool,
    pub market: bool,
    pub scorecard: bool,
    pub rates: bool,
}

impl Needs {
    /// What these expressions read under a program.
    pub fn of<'e>(expressions: impl IntoIterator<Item = &'e Expr>, basis: &'e Basis) -> Self {
        let mut needs = Self::default();
        for expression in expressions {
            needs.look(expression, basis, false);
        }
        needs
    }

    /// Facts are also told apart by this field.
    pub fn and_field(&mut self, field: &str) {
        self.fields.insert(field.to_owned());
    }

    fn look<'e>(&mut self, expression: &'e Expr, basis: &'e Basis, past: bool) {
        match &expression.node {
            Node::Name(name) => self.name(name, basis, past),
            Node::Field(of, field) => match &of.node {
                Node::Name(object) if object == "market" => {
                    self.market = true;
                    self.name(&basis.market_by, basis, past);
                }
                Node::Name(object) if object == "scorecard" => self.score(basis, past),
                _ => {
                    self.fields.insert(field.clone());
                }
            },
            Node::Call(function, arguments) => {
                if function.compares_partners()
                    && let Some(Node::Name(metric)) = arguments.first().map(|metric| &metric.node)
                {
                    self.compared.entry(metric.clone()).or_default();
                }
                self.rates |= *function == Function::Convert;
                self.time |= function.cycle().is_some()
                    || matches!(
                        function,
                        Function::Convert | Function::Fade | Function::Last | Function::OnAnyDay | Function::OnEveryDay
                    );
                if matches!(function, Function::OnAnyDay | Function::OnEveryDay) {
                    return arguments.iter().for_each(|argument| self.look(argument, basis, true));
                }
            }
            Node::Binary(BinaryOp::Compare(_), left, right) => {
                self.share(left, right);
                self.share(right, left);
            }
            _ => {}
        }
        for part in expression.parts() {
            self.look(part, basis, past);
        }
    }

    fn name(&mut self, name: &str, basis: &Basis, past: bool) {
        self.time |= name == "now" || super::time::named_period(name).is_some();
        let known_past = !past || !self.past.insert(name.to_owned());
        let known = !self.names.insert(name.to_owned());
        if known && known_past {
            return;
        }
        if let Some(metric) = basis.metrics.get(name) {
            self.fields.extend(metric.by.clone());
            self.look(metric.formula.tree(), basis, past);
        }
    }

    fn score(&mut self, basis: &Basis, past: bool) {
        self.time = true;
        if std::mem::replace(&mut self.scorecard, true) {
            return;
        }
        for criterion in basis.scorecard.criterion.values() {
            self.look(criterion.metric.tree(), basis, past);
        }
    }

    /// `top_share(m) <= 5%` asks for the least figure among the top 5%.
    fn share(&mut self, side: &Expr, bound: &Expr) {
        if let (Node::Call(Function::TopShare, arguments), Node::Literal(Value::Ratio(share))) =
            (&side.node, &bound.node)
            && let Some(Node::Name(metric)) = arguments.first().map(|metric| &metric.node)
        {
            self.compared.entry(metric.clone()).or_default().insert(*share);
        }
    }

    /// The facts that are read, and no others.
    pub fn trim(&self, case: &Case) -> Case {
        let wanted = |name: &&String| self.names.contains(*name);
        let sets = case.sets.iter().filter(|(name, _)| wanted(name));
        Case {
            now: case.now.filter(|_| self.time || !self.fields.is_empty()),
            values: kept(&case.values, &self.names),
            sets: sets.map(|(name, set)| (name.clone(), self.columns(set))).collect(),
            standings: case.standings.iter().filter(|(name, _)| self.compared.contains_key(*name)).map(owned).collect(),
            history: kept(&case.history, &self.past),
            measured_at: if self.scorecard { kept(&case.measured_at, &self.names) } else { BTreeMap::new() },
        }
    }

    /// The columns of a set that are read.
    pub fn columns(&self, set: &FactSet) -> FactSet {
        let is_read = |field: &String| self.fields.contains(field) || set.since.as_ref() == Some(field);
        let places: Vec<usize> = (0..set.fields.len()).filter(|place| is_read(&set.fields[*place])).collect();
        let row =
            |row: &Vec<Value>| places.iter().map(|place| row.get(*place).cloned().unwrap_or(Value::Absent)).collect();
        FactSet {
            fields: places.iter().map(|place| set.fields[*place].clone()).collect(),
            since: set.since.clone(),
            ahead: set.ahead.iter().filter(|field| is_read(field)).cloned().collect(),
            rows: set.rows.iter().map(row).collect(),
        }
    }

    /// What of a program is read: nothing at all for rules over published metrics alone.
    pub fn basis(&self, basis: &Basis) -> Basis {
        let calendar = self.time || self.rates || !self.fields.is_empty();
        Basis {
            currency: basis.currency.filter(|_| self.rates),
            time_zone: if calendar { basis.time_zone.clone() } else { String::new() },
            fiscal_year_start: if calendar { basis.fiscal_year_start } else { 0 },
            metrics: kept(&basis.metrics, &self.names),
            market_by: if self.market { basis.market_by.clone() } else { String::new() },
            markets: if self.market { basis.markets.clone() } else { BTreeMap::new() },
            rates: if self.rates { basis.rates.clone() } else { Vec::new() },
            scorecard: if self.scorecard { basis.scorecard.clone() } else { crate::model::Rubric::default() },
            facts: kept(&basis.facts, &self.names),
        }
    }

    /// Compares all active partners in the metrics that are asked for, and notes for each how it stands. Metrics that are
    /// themselves computed from comparisons come after those.
    pub fn compare(&self, basis: &Basis, cases: &mut [Case]) {
        let mut waiting: Vec<&String> = self.compared.keys().collect();
        while !waiting.is_empty() {
            let (ready, later): (Vec<&String>, Vec<&String>) = waiting.iter().partition(|metric| {
                let Some(formula) = basis.metrics.get(metric.as_str()) else { return true };
                let needs = Self::of([formula.formula.tree()], basis);
                !needs.compared.keys().any(|read| waiting.contains(&read))
            });
            if ready.is_empty() {
                return;
            }
            for metric in ready {
                let shares: Vec<Number> = self.compared[metric].iter().copied().collect();
                let figures: Vec<Value> = cases.iter().map(|case| figure(metric, case, basis)).collect();
                let population = Population::of(figures.iter().cloned(), &shares);
                for (case, figure) in cases.iter_mut().zip(&figures) {
                    case.standings.insert(metric.clone(), population.standing(figure));
                }
            }
            waiting = later;
        }
    }
}

/// What a metric, published or computed, is for a partner.
pub fn figure(metric: &str, case: &Case, basis: &Basis) -> Value {
    Machine::new(case.view(basis)).name(metric).into_value().into_owned()
}

fn owned<T: Clone>((name, value): (&String, &T)) -> (String, T) {
    (name.clone(), value.clone())
}

fn kept<T: Clone>(all: &BTreeMap<String, T>, names: &BTreeSet<String>) -> BTreeMap<String, T> {
    all.iter().filter(|(name, _)| names.contains(*name)).map(owned).collect()
}
