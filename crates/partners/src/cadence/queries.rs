//! Who was spoken with, and who is to be spoken with next.

use kernel::app::ReadCx;
use kernel::{Page, PageRequest, PartnerId, Query, Result, Route, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::contact::Contacted;
use super::store::{self, Rhythm};
use crate::{profile, vendor_only};

/// List the contacts with a partner, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ListContacts {
    pub partner: PartnerId,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListContacts {
    const NAME: &'static str = "contacts.list";
    const ROUTE: Route = get("/partners/{partner}/contacts");
    type Output = Page<Contacted>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Contacted>> {
        vendor_only(&cx.scope, Self::NAME)?;
        profile::get(cx.tx, &cx.scope, self.partner).await?;
        store::contacts(cx.tx, &cx.scope, &self.page, self.partner).await
    }
}

/// Show how often a partner is spoken with and when next; nothing where the program asks for no rhythm.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetCadence {
    pub partner: PartnerId,
}

impl Query for GetCadence {
    const NAME: &'static str = "cadence.get";
    const ROUTE: Route = get("/partners/{partner}/cadence");
    type Output = Option<Rhythm>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Option<Rhythm>> {
        vendor_only(&cx.scope, Self::NAME)?;
        profile::get(cx.tx, &cx.scope, self.partner).await?;
        store::rhythm(cx.tx, &cx.scope, self.partner).await
    }
}

/// The rhythm of a partner with its name.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CadenceOf {
    pub name: String,
    /// Whether the next contact is overdue.
    pub silent: bool,
    #[serde(flatten)]
    pub rhythm: Rhythm,
}

/// List with whom to speak next, the most overdue first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListCadence {
    /// Only partners with whom nobody has spoken for too long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent: Option<bool>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListCadence {
    const NAME: &'static str = "cadence.list";
    const ROUTE: Route = get("/cadence");
    type Output = Page<CadenceOf>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<CadenceOf>> {
        vendor_only(&cx.scope, Self::NAME)?;
        let before = (self.silent == Some(true)).then_some(cx.now);
        let page = store::rhythms(cx.tx, &cx.scope, &self.page, before).await?;
        let ids: Vec<PartnerId> = page.items.iter().map(|rhythm| rhythm.partner).collect();
        let names = profile::names(cx.tx, &cx.scope, &ids).await?;
        let now = cx.now;
        let named = page.items.into_iter().map(|rhythm| CadenceOf {
            name: names.get(&rhythm.partner).cloned().unwrap_or_default(),
            silent: rhythm.due_at <= now,
            rhythm,
        });
        Ok(Page { items: named.collect(), next: page.next })
    }
}
