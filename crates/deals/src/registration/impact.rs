//! What a new version of the program would change for deals that are open.

use futures::future::BoxFuture;
use kernel::app::ReadCx;
use kernel::{Result, Scope};
use law::Program;
use programs::{Affected, Impact};

use super::deal::{Deal, State};
use super::store;

/// How many deals are named; the rest is counted.
const NAMED: usize = 50;
const PAGE: u32 = 500;

pub(crate) const OPEN_DEALS: Impact = Impact { title: "Open deals", assess };

fn assess<'a, 'b>(
    cx: &'a mut ReadCx<'b>,
    before: Option<&'a Program>,
    after: &'a Program,
) -> BoxFuture<'a, Result<Vec<Affected>>> {
    Box::pin(async move {
        let Some(before) = before else { return Ok(Vec::new()) };
        let scope = Scope { partner: None, ..cx.scope };
        let mut affected = Vec::new();
        let mut unnamed = 0;
        let mut last = None;
        loop {
            let page = store::open_after(cx.tx, &scope, last, PAGE).await?;
            let Some(end) = page.last() else { break };
            last = Some(end.id);
            for deal in &page {
                let changes = changes(deal, before, after);
                if changes.is_empty() {
                    continue;
                }
                if affected.len() < NAMED {
                    affected.extend(changes);
                } else {
                    unnamed += 1;
                }
            }
        }
        if unnamed > 0 {
            affected.push(Affected {
                subject: "deals".to_owned(),
                title: format!("{unnamed} more open deals"),
                what: "change in the same ways".to_owned(),
                alike: Some(unnamed),
                before: None,
                after: None,
                ..Affected::default()
            });
        }
        Ok(affected)
    })
}

/// What changes for one deal. A protection that was granted keeps its end; it is its future that the law decides.
fn changes(deal: &Deal, before: &Program, after: &Program) -> Vec<Affected> {
    let (old, new) = (&before.deals.registration, &after.deals.registration);
    let mut found = Vec::new();
    let mut add = |what: &str, before: Option<String>, after: Option<String>| {
        if before != after {
            let title = format!("{} {}", deal.number, deal.identity.name);
            found.push(Affected {
                subject: deal.id.to_string(),
                partner: Some(deal.partner),
                title,
                what: what.to_owned(),
                before,
                after,
                ..Affected::default()
            });
        }
    };
    let days = |days: u32| Some(format!("{days} days"));
    if deal.state == State::Approved {
        add("length of a renewal", days(old.renewal_days), days(new.renewal_days));
        let left = |max: u32| Some(max.saturating_sub(deal.renewals).to_string());
        add("renewals left", left(old.renewals_max), left(new.renewals_max));
        let lapse = |limit: Option<u32>| limit.map(|days| deal.last_activity_at.plus_days(i64::from(days)).to_string());
        add("expires without activity", lapse(old.inactivity_days), lapse(new.inactivity_days));
    } else {
        add("protection once approved", days(old.protection_days), days(new.protection_days));
        let decider = |law: &law::Registration| {
            let person = law.decision == law::DecisionMode::Manual
                || law.review_above.is_some_and(|limit| deal.value.minor > limit.minor);
            Some(if person { "a person" } else { "the rules" }.to_owned())
        };
        add("decided by", decider(old), decider(new));
    }
    if deal.state == State::Submitted {
        let order = |program: &Program| serde_json::to_string(&program.engagement.precedence).ok();
        add("order of the queue", order(before), order(after));
    }
    found
}
