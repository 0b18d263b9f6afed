//! `/deals/new`: the form, and beside it what will happen.

use futures::future::BoxFuture;
use kernel::Result;
use maud::{Markup, html};
use ui::{PageCx, View};

use crate::registration::register::RegisterDeal;

pub(super) fn page(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let own = cx.actor.partner.map(|partner| partner.to_string());
        let fixed: Vec<(&str, &str)> = own.iter().map(|partner| ("partner", partner.as_str())).collect();
        let form = cx.form::<RegisterDeal>("Register", "/deals/{id}", &fixed);
        let form = ui::card("The deal", &form, &html! {});
        let aside = ui::card("What happens", &explanation(), &html! {});
        let body = ui::grid("main-aside", &[form, aside]);
        let line = html! { "Claim an end customer before others do." };
        Ok(View::new("Register a deal", body).crumb("Deals", "/deals").line(line))
    })
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
