//! The home page of each side: what waits, what is at stake, and what happened last.

mod tiles;

use kernel::app::ReadCx;
use kernel::{PageRequest, Query, Registry, Result, Route, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ui::{Icon, Markup, NavSpec, PageCx, PageSpec, ShownTo, Stat, View, html};

use crate::events::{ListEvents, line};

/// Events on the home page.
const LATEST: u32 = 12;

pub(crate) fn install(registry: &mut Registry) {
    registry.query::<WhoAmI>();
    registry.add(PageSpec {
        path: "/",
        permission: "home.get",
        nav: Some(NavSpec { section: "Work", label: "Home", icon: Icon::Home, order: 0, shown_to: ShownTo::Everyone }),
        render: |cx| Box::pin(home(cx)),
    });
}

/// Who is asking, and what they may do.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Myself {
    /// The id of the person or token.
    pub actor: String,
    pub name: String,
    pub organization: kernel::OrganizationId,
    pub partner: Option<kernel::PartnerId>,
    pub roles: Vec<String>,
    /// The operations and queries that are open to the caller.
    pub permissions: Vec<String>,
}

/// Show who I am and what I may do.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct WhoAmI {}

impl Query for WhoAmI {
    const NAME: &'static str = "home.get";
    const ROUTE: Route = get("/whoami");
    type Output = Myself;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Myself> {
        let catalogue = cx.app.registry().catalogue();
        let open = catalogue.iter().filter(|d| cx.actor.may(d.name)).map(|d| d.name.to_owned());
        Ok(Myself {
            actor: cx.actor.reference(),
            name: cx.actor.name.clone(),
            organization: cx.scope.organization,
            partner: cx.scope.partner,
            roles: cx.actor.roles.clone(),
            permissions: open.collect(),
        })
    }
}

async fn home(cx: &PageCx) -> Result<View> {
    let mut figures: Vec<Stat> = Vec::new();
    let mut cards: Vec<Markup> = Vec::new();
    tiles::first_steps(cx, &mut cards).await?;
    tiles::partner_standing(cx, &mut cards).await?;
    tiles::deals(cx, &mut figures, &mut cards).await?;
    tiles::money(cx, &mut figures).await?;
    tiles::owed(cx, &mut figures).await?;
    tiles::findings(cx, &mut figures).await?;
    tiles::gate(cx, &mut figures).await?;
    tiles::clocks(cx, &mut cards).await?;
    let page = PageRequest { limit: Some(LATEST), ..PageRequest::default() };
    let latest = if cx.may(ListEvents::NAME) {
        cx.ask(ListEvents { page, ..ListEvents::default() }).await?.items
    } else {
        Vec::new()
    };
    let history = html! {
        @if latest.is_empty() { p.muted { "Nothing has happened yet." } } @else { (ui::timeline(&latest.iter().map(line).collect::<Vec<_>>(), cx.now, &cx.zone)) }
    };
    let activity = ui::card("Latest activity", &history, &html! { a href="/events" { "All activity" } });
    let body = html! {
        @if !figures.is_empty() { (ui::stat_grid(&figures)) }
        (ui::grid("main-aside", &[html! { @for card in &cards { (card) } }, activity]))
    };
    let first = cx.actor.name.split(' ').next().unwrap_or_default();
    let title = if first.is_empty() { "Home".to_owned() } else { format!("Hello, {first}") };
    Ok(View::new(title, body))
}
