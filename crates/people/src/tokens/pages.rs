//! The page of service tokens, and a token when it is shown.

use kernel::{Registry, Result};
use maud::{Markup, html};
use ui::table::{Column, Row, Table};
use ui::{
    Empty, Icon, ListView, NavSpec, PageCx, PageSpec, ShownTo, Tone, View, ago, alert, card, datetime, state_badge,
};

use super::{CreateToken, CreatedToken, ListTokens, RevokeToken, ServiceToken};

pub fn install(registry: &mut Registry) {
    registry.add(PageSpec {
        path: "/tokens",
        permission: "tokens.list",
        nav: Some(NavSpec {
            section: "Setup",
            label: "Tokens",
            icon: Icon::Key,
            order: 110,
            shown_to: ShownTo::Everyone,
        }),
        render: |cx| Box::pin(list(cx)),
    });
}

async fn list(cx: &PageCx) -> Result<View> {
    let query: ListTokens = cx.list::<ListTokens>()?;
    let page = cx.ask(query).await?;
    let columns = vec![
        Column::text("Name").sort("name"),
        Column::text("Scopes"),
        Column::text("State"),
        Column::text("Expires").sort("expires"),
        Column::text("Last used").secondary(),
        Column::text(""),
    ];
    let empty = Empty::new("No tokens", "A token lets a program of yours act for you, within scopes that you choose.");
    let rows = page.items.iter().map(|token| row(cx, token));
    let view = ListView::new(&cx.path, &cx.query, Table::new("Service tokens", columns).rows(rows).empty(empty))
        .next(page.next)
        .export("CSV", "/v1/tokens.csv")
        .export("JSON", "/v1/tokens.json");
    let body = html! {
        (view)
        @if cx.may("tokens.create") {
            (card("Make a token", &cx.form::<CreateToken>("Make the token", "/tokens", &[("person", "")]), &html! {}))
        }
    };
    Ok(View::new("Service tokens", body).line(html! { "With a token, a program acts for the person who made it." }))
}

fn row(cx: &PageCx, token: &ServiceToken) -> Row {
    let (state, id) = (token.state_at(cx.now), token.id.to_string());
    Row::new(vec![
        html! { (token.name) },
        html! { @for scope in &token.scopes { code { (scope) } " " } },
        state_badge(state),
        datetime(token.expires_at, &cx.zone),
        html! { @match token.last_used_at { Some(at) => (ago(at, cx.now, &cx.zone)), None => "never" } },
        revoke(cx, token, state, &id),
    ])
}

fn revoke(cx: &PageCx, token: &ServiceToken, state: &str, id: &str) -> Markup {
    html! {
        @if state == "active" && cx.may("tokens.revoke") && token.may_be_revoked_by(&cx.actor) {
            (cx.button::<RevokeToken>("Revoke", &[("token", id)])
                .danger(format!("Revoke {}?", token.name), "Programs that use it are refused from now on."))
        }
    }
}

/// The token, after it was made.
pub(crate) fn shown_once(operation: &str, output: &serde_json::Value) -> Option<View> {
    if operation != "tokens.create" {
        return None;
    }
    let created: CreatedToken = serde_json::from_value(output.clone()).ok()?;
    let body = html! {
        (alert(Tone::Warn, "Copy the token now", &html! { p { "It is not shown again. Send it as " code { "Authorization: Bearer …" } "." } }, &[]))
        p { code { (created.token) } }
        p.actions { (ui::link_button(Tone::Neutral, "Back to tokens", "/tokens")) }
    };
    Some(View::new("Your new token", body).crumb("Tokens", "/tokens"))
}
