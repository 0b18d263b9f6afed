//! Fields of every kind, and a form made from a schema.

use std::collections::BTreeMap;

use kernel::{Currency, FieldError};
use maud::{Markup, html};
use serde_json::json;

use crate::action::button;
use crate::badge::Tone;
use crate::compare::code_block;
use crate::form::{Field, errors_summary, form, from_schema};
use crate::panel::{card, grid};

pub(super) fn forms() -> Markup {
    html! { (grid("2", &[card("Fields", &fields(), &html! {}), card("From a schema", &generated(), &html! {})])) }
}

fn fields() -> Markup {
    let tiers = ["silver", "gold"].map(|tier| (tier.to_owned(), crate::words::humanize(tier)));
    let body = html! {
        (Field::text("customer_name", "Customer").required().value("Brandt Logistik GmbH").help("The legal name of the end customer."))
        (Field::email("contact", "Contact").placeholder("name@company.example"))
        (Field::money("deal_value", "Deal value", Currency::EUR).required().value("125000.00"))
        (Field::money_any("budget", "Budget").value("USD 5000.00"))
        (Field::rate("share", "Share").value("12.5%"))
        (Field::whole_number("seats", "Seats").error(Some("`-3` is below 1; a deal has at least one seat".to_owned())).value("-3"))
        (Field::date("close", "Expected close").value("2026-05-30"))
        (Field::select("tier", "Tier", tiers.to_vec()).value("gold"))
        (Field::textarea("notes", "Notes"))
        (Field::checkbox("public_tender", "Public tender").value("true").help("Tenders may be registered by several partners."))
        (Field::file("proof", "Proof of activity", Some(".pdf,.eml")))
        div.actions { (button(Tone::Accent, "Register deal")) (button(Tone::Neutral, "Save draft")) }
    };
    form("/deals", "token", &body)
}

fn generated() -> Markup {
    let schema = json!({
        "type": "object",
        "required": ["customer", "value", "role"],
        "properties": {
            "customer": { "$ref": "#/$defs/Customer" },
            "value": { "type": "string", "format": "money" },
            "role": { "enum": ["resale", "referral", "services_attach"], "type": "string", "description": "What you do in this deal." },
            "expected_close": { "type": ["string", "null"], "format": "date" },
            "competitors": { "type": "array", "items": { "type": "string" } },
            "tender": { "type": "boolean", "default": false }
        },
        "$defs": { "Customer": {
            "type": "object", "required": ["name"],
            "properties": {
                "name": { "type": "string", "description": "The legal name." },
                "domain": { "type": ["string", "null"], "examples": ["brandt-logistik.de"] }
            }
        } }
    });
    let values = BTreeMap::from([("customer.name".to_owned(), "Kestrel Freight".to_owned())]);
    let errors = [FieldError { field: "value".to_owned(), rule: "a deal has a value".to_owned() }];
    html! {
        (errors_summary(&errors))
        (form("/deals", "token", &html! { (from_schema(&schema, &values, &errors, &[])) (button(Tone::Accent, "Register deal")) }))
        (code_block("What was posted", &serde_json::to_string_pretty(&crate::form::read(&schema, &values)).unwrap_or_default()))
    }
}
