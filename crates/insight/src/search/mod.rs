//! Search over partners, deals and customers: the page, and the answers of the command palette (Ctrl-K).

mod pages;

use deals::registration::ListDeals;
use kernel::app::ReadCx;
use kernel::{PageRequest, Query, Result, Route, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Hits of each kind.
const HITS: u32 = 6;

pub(crate) fn install(registry: &mut kernel::Registry) {
    registry.query::<Search>();
    pages::install(registry);
}

/// Something found.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Hit {
    pub title: String,
    pub subtitle: String,
    pub href: String,
    /// `partner`, `deal` or `customer`.
    pub kind: String,
}

/// Find partners, deals and customers by a part of their name, domain or number.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Search {
    /// What to look for; two letters at least.
    pub q: String,
}

impl Query for Search {
    const NAME: &'static str = "search.find";
    const ROUTE: Route = get("/search");
    type Output = Vec<Hit>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Vec<Hit>> {
        let text = self.q.trim().to_owned();
        if text.chars().count() < 2 {
            return Ok(Vec::new());
        }
        let few = || PageRequest { limit: Some(HITS), ..PageRequest::default() };
        let mut hits = Vec::new();
        if cx.actor.may(partners::ListPartners::NAME) {
            let query = partners::ListPartners { q: Some(text.clone()), page: few(), ..Default::default() };
            for partner in cx.ask(query).await?.items {
                let subtitle = partner.tier.as_deref().map(ui::humanize).unwrap_or_default();
                let href = format!("/partners/{}", partner.id);
                hits.push(Hit { title: partner.name, subtitle, href, kind: "partner".to_owned() });
            }
        }
        if cx.actor.may(ListDeals::NAME) {
            let query = ListDeals { text: Some(text.clone()), page: few(), ..Default::default() };
            for deal in cx.ask(query).await?.items {
                let subtitle = format!("{} · {} · {}", deal.deal.number, deal.deal.value.pretty(), deal.partner_name);
                let href = format!("/deals/{}", deal.deal.id);
                hits.push(Hit { title: deal.deal.title.clone(), subtitle, href, kind: "deal".to_owned() });
            }
        }
        if cx.actor.may(partners::customers::ListCustomers::NAME) {
            let query = partners::customers::ListCustomers { q: Some(text), page: few(), ..Default::default() };
            for customer in cx.ask(query).await?.items {
                let subtitle = customer.domain.or(customer.country).unwrap_or_default();
                let href = format!("/customers/{}", customer.id);
                hits.push(Hit { title: customer.name, subtitle, href, kind: "customer".to_owned() });
            }
        }
        Ok(hits)
    }
}
