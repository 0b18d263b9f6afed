//! `/deals/new`: the form, and beside it what will happen.

use futures::future::BoxFuture;
use kernel::{PageRequest, Query as _, Result};
use maud::{Markup, html};
use partners::{ListPartners, Status};
use ui::{PageCx, View};

use crate::registration::register::RegisterDeal;

/// More partners than a list to choose from should hold.
const MOST: u32 = 500;

pub(super) fn page(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let own = cx.actor.partner.map(|partner| partner.to_string());
        let fixed: Vec<(&str, &str)> = own.iter().map(|partner| ("partner", partner.as_str())).collect();
        let choices = if own.is_none() { partners(cx).await? } else { Vec::new() };
        let form = cx.form_choosing::<RegisterDeal>("Register", "/deals/{id}", &fixed, &choices);
        let form = ui::card("The deal", &form, &html! {});
        let aside = ui::card("What happens", &explanation(), &html! {});
        let body = ui::grid("main-aside", &[form, aside]);
        let line = html! { "Claim an end customer before others do." };
        Ok(View::new("Register a deal", body).crumb("Deals", "/deals").line(line))
    })
}

/// The partners that a deal can be registered for, by name. Where there are more than one page, the id is typed.
async fn partners(cx: &PageCx) -> Result<Vec<(&'static str, Vec<(String, String)>)>> {
    if !cx.may(ListPartners::NAME) {
        return Ok(Vec::new());
    }
    let page = PageRequest { limit: Some(MOST), sort: Some("name".to_owned()), cursor: None };
    let found = cx.ask(ListPartners { status: Some(Status::Active), page, ..ListPartners::default() }).await?;
    if found.next.is_some() {
        return Ok(Vec::new());
    }
    Ok(vec![("partner", found.items.into_iter().map(|one| (one.id.to_string(), one.name)).collect())])
}

fn explanation() -> Markup {
    html! {
        ol {
            li { "The customer is compared with known accounts and with every other registration: by name, domain, country, "
                 "VAT and register number. Numbers settle it; give them if you can." }
            li { "If nobody else protects the customer, the deal is approved and protected at once, unless the program "
                 "leaves it to a person." }
            li { "If another valid registration came first, yours waits behind it and moves up by itself when that one ends." }
            li { "If the customer merely resembles a known one, a person compares the two." }
            li { "You are warned before the protection ends, and can renew it with proof that you work on the deal." }
        }
    }
}
