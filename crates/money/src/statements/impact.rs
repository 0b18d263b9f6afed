//! What a new version of the program would have made of last month's statements.

use futures::future::BoxFuture;
use kernel::app::ReadCx;
use kernel::{Money, PartnerId, Result, Rule, Scope};
use law::Program;
use programs::{Affected, Impact};

use super::month::Month;
use super::rule::{StatementRule, StatementTerms};
use super::store;

/// How many partners are named; the rest is counted.
const NAMED: usize = 50;

pub(crate) const LAST_MONTH: Impact = Impact { title: "Statements of the last month", assess };

fn assess<'a, 'b>(
    cx: &'a mut ReadCx<'b>,
    before: Option<&'a Program>,
    after: &'a Program,
) -> BoxFuture<'a, Result<Vec<Affected>>> {
    Box::pin(async move {
        let Some(before) = before else { return Ok(Vec::new()) };
        if before.plans == after.plans && before.archetypes == after.archetypes && before.statements == after.statements
        {
            return Ok(Vec::new());
        }
        let scope = Scope { partner: None, ..cx.scope };
        let month = Month::of(cx.now, &before.settings.zone()).before();
        let mut affected = Vec::new();
        let statements = store::decided(cx.tx, &scope, month).await?;
        let ids: Vec<PartnerId> = statements.iter().map(|(statement, _)| statement.partner).collect();
        let names = partners::names(cx.tx, &scope, &ids).await?;
        for (statement, facts) in &statements {
            let Some(partner) = partners::find(cx.tx, &scope, statement.partner).await? else { continue };
            let terms = partner.archetype.as_deref().and_then(|key| StatementTerms::of(after, key));
            let again = terms.map(|terms| StatementRule::decide(&terms, facts).outcome);
            let (was, would) = (statement.total, again.as_ref().map(|outcome| outcome.total));
            if would == Some(was) {
                continue;
            }
            let zero = Money::zero(was.currency);
            affected.push(Affected {
                partner: Some(statement.partner),
                cost: Some(would.unwrap_or(zero).checked_sub(was)?),
                subject: statement.id.to_string(),
                title: names.get(&statement.partner).cloned().unwrap_or_default(),
                what: format!("commission for {}", month.title()),
                before: Some(was.pretty()),
                after: Some(would.map_or_else(|| "no plan".to_owned(), |total| total.pretty())),
                ..Affected::default()
            });
        }
        shortened(affected)
    })
}

/// The largest list that people read, and how many more there are.
fn shortened(mut affected: Vec<Affected>) -> Result<Vec<Affected>> {
    // Those with the largest difference are read first.
    affected.sort_by_key(|one| std::cmp::Reverse(one.cost.map_or(0, |cost| cost.minor.unsigned_abs())));
    let rest = affected.split_off(affected.len().min(NAMED));
    let more = rest.len();
    if more > 0 {
        let mut cost: Option<Money> = None;
        for one in rest.into_iter().filter_map(|one| one.cost) {
            cost = Some(cost.map_or(Ok(one), |sum| sum.checked_add(one))?);
        }
        affected.push(Affected {
            subject: "statements".to_owned(),
            title: format!("{more} more partners"),
            what: "would be paid differently, too".to_owned(),
            cost,
            alike: Some(more),
            ..Affected::default()
        });
    }
    Ok(affected)
}
