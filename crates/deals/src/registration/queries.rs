//! Reading deals: one with everything around it, and lists.

use kernel::app::ReadCx;
use kernel::{
    Day, DecisionRecord, Error, EventRecord, Filter, Page, PageRequest, PartnerId, Query, Reason, Result, Route,
    Rule as _, Scope, Value, get,
};
use partners::CustomerId;
use programs::{InForce, Law};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::claim::{ClaimFacts, ClaimTerms, Match};
use super::deal::{Deal, State};
use super::keeping::terms_of;
use super::matcher::identity_of;
use super::merits::Bench;
use super::precedence::in_order;
use super::renewal::{RenewalFacts, RenewalRule, RenewalTerms, ReopeningFacts, ReopeningRule, ReopeningTerms};
use super::ruling::ClaimRule;
use super::{DealId, store};
use crate::matching::CustomerIdentity;
use clocks::Clock;

/// How much of a history a page shows.
const HISTORY: u32 = 100;

/// Show a deal with its clocks, decisions, queue and history.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetDeal {
    pub deal: DealId,
}

/// A deal with everything around it that the reader may see.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DealInFull {
    #[serde(flatten)]
    pub deal: Deal,
    pub partner_name: String,
    /// The account that it belongs to, where the reader may see it.
    pub customer_name: Option<String>,
    /// For a claim that waits: 1 is next.
    pub queue_place: Option<usize>,
    /// Who waits behind it; for the vendor's eyes.
    pub queue: Vec<Waiting>,
    /// The known customers that it resembles; for the vendor's eyes.
    pub resembles: Vec<Resembling>,
    pub clocks: Vec<Clock>,
    /// Why it cannot be renewed now; empty if it can.
    pub renewal_obstacles: Vec<Reason>,
    /// The program asks for an introduction to the customer that has not been made.
    #[serde(default)]
    pub introduction_wanted: bool,
    /// Why the reader cannot re-open it; empty if it can be.
    pub reopening_obstacles: Vec<Reason>,
    pub decisions: Vec<DecisionRecord>,
    pub timeline: Vec<EventRecord>,
}

/// A known customer, or another claim, beside the registered one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Resembling {
    #[serde(flatten)]
    pub found: Match,
    /// What is known about it now.
    pub identity: CustomerIdentity,
}

/// A claim in the queue.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Waiting {
    pub deal: DealId,
    pub number: String,
    pub partner: PartnerId,
    pub partner_name: String,
}

impl Query for GetDeal {
    const NAME: &'static str = "deals.get";
    const ROUTE: Route = get("/deals/{deal}");
    type Output = DealInFull;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("deal", self.deal.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<DealInFull> {
        let scope = cx.scope;
        let everywhere = Scope { partner: None, ..scope };
        let stored = store::stored(cx.tx, &scope, self.deal).await?;
        let id = self.deal.to_string();
        let full = kernel::log::decisions_of(cx.tx, &everywhere, &id).await?;
        let heard = full.iter().find(|decision| decision.kind == ClaimRule::KIND);
        let facts = heard.and_then(|decision| serde_json::from_value::<ClaimFacts>(decision.facts.clone()).ok());
        let is_vendor = scope.partner.is_none();
        let compared = facts.filter(|_| is_vendor && stored.state == State::UnderReview);
        let resembles = resembling(cx, &scope, compared.map(|facts| facts.matches).unwrap_or_default()).await?;
        let law = cx.law().await?;
        let queue_place = match stored.behind {
            Some(first) => {
                let line = waiting(cx, &everywhere, &law, first).await?;
                line.iter().position(|waiting| waiting.deal == self.deal).map(|before| before + 1)
            }
            None => None,
        };
        let queue = if is_vendor { waiting(cx, &scope, &law, self.deal).await? } else { Vec::new() };
        let proof = Some("…".to_owned()); // asked for in the form; here only time and number count
        let own_terms = terms_of(cx.tx, &everywhere, &stored, &law).await?;
        let renewal = RenewalRule::decide(
            &RenewalTerms::of(&own_terms),
            &RenewalFacts {
                now: cx.now,
                state: stored.state,
                protected_until: stored.protected_until,
                renewals: stored.renewals,
                proof,
            },
        );
        let reopening = ReopeningRule::decide(
            &ReopeningTerms { role: law.program.deals.registration.reopen_role.clone() },
            &ReopeningFacts { state: stored.state, roles: cx.actor.roles.clone() },
        );
        let deal = stored.seen_by(&scope);
        let customer_name = match deal.customer {
            Some(customer) => account(cx, &scope, customer).await?.map(|customer| customer.name),
            None => None,
        };
        Ok(DealInFull {
            partner_name: partners::get(cx.tx, &scope, deal.partner).await?.name,
            customer_name,
            queue_place,
            queue,
            resembles,
            clocks: clocks::of(cx.tx, &scope, &id).await?,
            introduction_wanted: own_terms.0.introduce_within_days.is_some() && deal.introduced_at.is_none(),
            renewal_obstacles: renewal.outcome.map_or(renewal.reasons, |_| Vec::new()),
            reopening_obstacles: if reopening.outcome { Vec::new() } else { reopening.reasons },
            decisions: full.into_iter().map(|decision| decision.seen_by(&scope)).collect(),
            timeline: kernel::event::of_subject(cx.tx, &scope, &id, HISTORY).await?,
            deal,
        })
    }
}

async fn resembling(cx: &mut ReadCx<'_>, scope: &Scope, matches: Vec<Match>) -> Result<Vec<Resembling>> {
    let mut all = Vec::new();
    for found in matches {
        let identity = match (found.customer, found.deal) {
            (Some(customer), _) => account(cx, scope, customer).await?.map(|c| identity_of(&c)),
            (None, Some(deal)) => store::find(cx.tx, scope, deal).await?.map(|deal| deal.identity),
            (None, None) => None,
        };
        all.extend(identity.map(|identity| Resembling { found, identity }));
    }
    Ok(all)
}

/// The account that a customer counts as, where the reader may see it.
async fn account(cx: &mut ReadCx<'_>, scope: &Scope, id: CustomerId) -> Result<Option<partners::Customer>> {
    let found = partners::customers::find(cx.tx, scope, id).await?;
    match found.as_ref().map(partners::Customer::stands_for).filter(|root| *root != id) {
        Some(root) => partners::customers::find(cx.tx, scope, root).await,
        None => Ok(found),
    }
}

/// The customer that a list is asked for, with all that it is merged with.
pub(crate) async fn one_of(cx: &mut ReadCx<'_>, customer: Option<CustomerId>) -> Result<Vec<Value>> {
    let Some(customer) = customer else { return Ok(Vec::new()) };
    let scope = cx.scope;
    Ok(partners::customers::family(cx.tx, &scope, customer).await?.into_iter().map(Value::from).collect())
}

/// The queue behind a claim, the next first.
async fn waiting(cx: &mut ReadCx<'_>, scope: &Scope, law: &InForce, first: DealId) -> Result<Vec<Waiting>> {
    let terms = ClaimTerms::of(&law.program);
    let bench = Bench { app: cx.app, scope, program: &law.program, now: cx.now };
    let mut line = Vec::new();
    for deal in store::waiting_for(cx.tx, scope, first).await? {
        let partner = partners::get(cx.tx, scope, deal.partner).await?;
        let claim = bench.claim_of(cx.tx, &deal, &partner, deal.customer).await?;
        let waiting = Waiting { deal: deal.id, number: deal.number, partner: deal.partner, partner_name: partner.name };
        line.push((claim, waiting));
    }
    in_order(&terms, &mut line, |(claim, _)| claim);
    Ok(line.into_iter().map(|(_, waiting)| waiting).collect())
}

/// List deals, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListDeals {
    /// Only deals in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Only deals of this partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Only deals with this customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// Part of the number, the title, or the customer's name or domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Only deals expected to close on or after this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes_from: Option<Day>,
    /// Only deals expected to close before this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes_before: Option<Day>,
    #[serde(flatten)]
    pub page: PageRequest,
}

/// A deal in a list.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DealListed {
    #[serde(flatten)]
    pub deal: Deal,
    pub partner_name: String,
}

impl Query for ListDeals {
    const NAME: &'static str = "deals.list";
    const ROUTE: Route = get("/deals");
    type Output = Page<DealListed>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<DealListed>> {
        let scope = cx.scope;
        // A filter on what a partner is not shown would tell it all the same.
        if scope.partner.is_some() && self.customer.is_some() {
            return Err(Error::invalid("customer", "filters for the vendor only; search by text instead"));
        }
        let filters = vec![
            Filter::Is("state", self.state.map(Value::from)),
            Filter::Is("partner", self.partner.map(Value::from)),
            Filter::OneOf("customer", one_of(cx, self.customer).await?),
            Filter::Contains("search_key", self.text),
            Filter::From("expected_close", self.closes_from.map(Value::from)),
            Filter::Before("expected_close", self.closes_before.map(Value::from)),
        ];
        let page = store::list(cx.tx, &scope, &self.page, filters).await?;
        let ids: Vec<PartnerId> = page.items.iter().map(|deal| deal.partner).collect();
        let names = partners::names(cx.tx, &scope, &ids).await?;
        let named = page
            .items
            .into_iter()
            .map(|deal| DealListed { partner_name: names.get(&deal.partner).cloned().unwrap_or_default(), deal });
        Ok(Page { items: named.collect(), next: page.next })
    }
}
