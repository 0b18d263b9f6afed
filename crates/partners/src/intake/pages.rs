//! `/apply`: the form of an application, open to everyone; `/partners/new`: the vendor's invitation.

use futures::future::BoxFuture;
use kernel::{Error, FieldError, Operation as _, Registry, Result};
use maud::{Markup, html};
use ui::form::{self, Field};
use ui::{PageCx, PageSpec, Tone, View};

use super::{Apply, GetOffer, Invite, Offer};

pub fn install(registry: &mut Registry) {
    registry.add(PageSpec { path: "/apply", permission: "partners.apply", nav: None, render: apply }).add(PageSpec {
        path: "/invite",
        permission: "partners.invite",
        nav: None,
        render: invite,
    });
}

fn apply(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        if cx.arg("received").is_some() {
            let thanks = html! { "We look at it and write to the address that you gave. Thank you for your interest." };
            return Ok(View::new("Apply", ui::alert(Tone::Good, "Your application is here", &thanks, &[])));
        }
        let offer = offer(cx).await?;
        let title = offer.as_ref().map_or_else(|| "Become a partner".to_owned(), |offer| offer.title.clone());
        let form = Form::of(cx, Apply::NAME, "/apply?received=yes");
        let body = html! {
            @if let Some(offer) = &offer { p { (offer.description) } (kinds(offer)) }
            (ui::card("Your application", &form.markup("Apply", offer.as_ref(), &html! {
                (form.place(Field::textarea("message", "What would you like to do together?")
                    .help("A few sentences: your customers, your region, your plans.")))
            }), &html! {}))
        };
        Ok(View::new(title, body).line(html! { "Tell us who you are; we answer by e-mail." }))
    })
}

fn invite(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let offer = offer(cx).await?;
        let form = Form::of(cx, Invite::NAME, "/partners/{id}");
        let body = ui::card("The company", &form.markup("Invite", offer.as_ref(), &html! {}), &html! {});
        let line = html! { "It begins with the onboarding of its archetype, and its contact gets a link to join." };
        Ok(View::new("Invite a partner", body).line(line).crumb("Partners", "/partners"))
    })
}

/// What the program offers; nothing where there is no program yet, or the reader may not ask.
async fn offer(cx: &PageCx) -> Result<Option<Offer>> {
    if !cx.may("partners.offer") {
        return Ok(None);
    }
    match cx.ask(GetOffer {}).await {
        Ok(offer) => Ok(Some(offer)),
        Err(Error::Conflict { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn kinds(offer: &Offer) -> Markup {
    let facts: Vec<(&str, Markup)> =
        offer.archetypes.iter().map(|kind| (kind.title.as_str(), html! { (kind.description) })).collect();
    ui::card("Kinds of partner", &ui::key_values(&facts), &html! {})
}

/// The form of a company's facts, filled again after a refusal.
struct Form<'a> {
    cx: &'a PageCx,
    operation: &'static str,
    back: &'static str,
    errors: Vec<FieldError>,
}

impl<'a> Form<'a> {
    fn of(cx: &'a PageCx, operation: &'static str, back: &'static str) -> Self {
        let refilled = cx.refilled.as_ref().filter(|refilled| refilled.operation == operation);
        Self { cx, operation, back, errors: refilled.map(|refilled| refilled.errors.clone()).unwrap_or_default() }
    }

    fn value(&self, name: &str) -> String {
        let refilled = self.cx.refilled.as_ref().filter(|refilled| refilled.operation == self.operation);
        refilled.and_then(|refilled| refilled.values.get(name)).cloned().unwrap_or_default()
    }

    /// A field by its name in the operation, with what was typed and what is wrong with it.
    fn place_as(&self, name: &str, field: Field) -> Markup {
        html! { (field.value(self.value(name)).errors(&self.errors)) }
    }

    fn place(&self, field: Field) -> Markup {
        self.place_as("message", field)
    }

    fn markup(&self, label: &str, offer: Option<&Offer>, more: &Markup) -> Markup {
        let text = |name: &str, label: &str| (name.to_owned(), Field::text(name, label));
        let company = [
            ("name".to_owned(), Field::text("name", "Company").required().autocomplete("organization")),
            text("legal_name", "Legal name, if it differs"),
            ("domain".to_owned(), Field::text("domain", "Domain").required().placeholder("brandt.example")),
            (
                "country".to_owned(),
                Field::text("country", "Country").required().placeholder("DE").autocomplete("country"),
            ),
            text("vat_number", "VAT or tax number"),
            text("registration_number", "Number in the commercial register"),
        ];
        let contact = [
            ("contact_name".to_owned(), Field::text("contact_name", "Name").required().autocomplete("name")),
            ("contact_email".to_owned(), Field::email("contact_email", "E-mail").required()),
        ];
        let place = |fields: &[(String, Field)]| {
            html! { @for (name, field) in fields { (self.place_as(name, field.clone())) } }
        };
        let body = html! {
            (form::hidden("_return", self.back))
            (form::hidden("_page", &self.cx.path))
            (form::errors_summary(&self.errors))
            (form::group("Company", &place(&company)))
            (form::group("Contact", &place(&contact)))
            @if let Some(offer) = offer {
                @let kinds = offer.archetypes.iter().map(|kind| (kind.key.clone(), kind.title.clone())).collect();
                (self.place_as("archetype", Field::select("archetype", "Kind of partner", kinds)))
            }
            (more)
            (ui::button(Tone::Accent, label))
        };
        form::form(&format!("/do/{}", self.operation), &self.cx.csrf, &body)
    }
}
