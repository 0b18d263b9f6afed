#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use kernel::{Day, FieldError, Money, Rate, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::{Field, from_schema, read};

/// Register a deal.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct RegisterDeal {
    /// Who registers it.
    partner: String,
    customer: Customer,
    value: Money,
    margin: Option<Rate>,
    seats: u32,
    role: Role,
    stage: Option<Stage>,
    expected_close: Option<Day>,
    seen_at: Option<Timestamp>,
    tender: bool,
    #[serde(default)]
    competitors: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lines: Vec<Line>,
    billing: Option<Customer>,
}

/// The end customer.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Customer {
    /// The legal name.
    name: String,
    domain: Option<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Role {
    Resale,
    ServicesAttach,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Stage {
    /// Just met.
    Prospect,
    /// Needs fit.
    Qualified,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Line {
    product: String,
    quantity: u32,
}

fn schema() -> Json {
    serde_json::to_value(schemars::schema_for!(RegisterDeal)).unwrap()
}

fn posted(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn rendered(values: &[(&str, &str)], errors: &[FieldError], hide: &[&str]) -> String {
    from_schema(&schema(), &posted(values), errors, hide).into_string()
}

/// The tag of the control that posts `name`.
fn control<'a>(html: &'a str, name: &str) -> &'a str {
    let at = html.find(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("no control {name} in {html}"));
    let start = html[..at].rfind('<').unwrap();
    let end = at + html[at..].find('>').unwrap();
    &html[start..=end]
}

#[test]
fn each_kind_of_property_gets_its_control() {
    let html = rendered(&[], &[], &[]);
    for (name, part) in [
        ("partner", "type=\"text\""),
        ("customer.name", "type=\"text\""),
        ("value", "inputmode=\"decimal\""),
        ("value.currency", "<select"),
        ("margin", "inputmode=\"decimal\""),
        ("seats", "type=\"number\""),
        ("role", "<select"),
        ("stage", "<select"),
        ("expected_close", "type=\"date\""),
        ("seen_at", "type=\"datetime-local\""),
        ("tender", "type=\"checkbox\""),
        ("competitors", "<textarea"),
        ("lines", "<textarea"),
        ("billing.name", "type=\"text\""),
    ] {
        assert!(control(&html, name).contains(part), "{name}: {}", control(&html, name));
    }
    assert!(html.contains("<legend>Customer</legend>"));
    assert!(html.contains("Who registers it."), "descriptions are help");
    assert!(html.contains("<option value=\"services_attach\">Services attach</option>"));
    assert!(html.contains("<option value=\"prospect\">Prospect</option>"), "documented variants are choices too");
}

#[test]
fn only_what_must_be_given_is_required() {
    let html = rendered(&[], &[], &[]);
    for (name, required) in [
        ("partner", true),
        ("customer.name", true),
        ("value", true),
        ("role", true),
        ("customer.domain", false),
        ("margin", false),
        ("stage", false),
        ("tender", false),
        ("competitors", false),
        ("billing.name", false),
    ] {
        assert_eq!(control(&html, name).contains(" required"), required, "{name}");
    }
}

#[test]
fn hidden_fields_are_left_out_and_values_and_errors_return() {
    let errors = [FieldError { field: "customer.name".to_owned(), rule: "`x` is too short".to_owned() }];
    let html =
        rendered(&[("customer.name", "x"), ("value", "12"), ("value.currency", "GBP")], &errors, &["partner", "lines"]);
    assert!(!html.contains("name=\"partner\""));
    assert!(!html.contains("name=\"lines\""));
    let name = control(&html, "customer.name");
    assert!(name.contains("value=\"x\"") && name.contains("aria-invalid=\"true\""), "{name}");
    assert!(name.contains("aria-describedby=\"f-customer-name-help f-customer-name-error\""), "{name}");
    assert!(html.contains("<code>x</code> is too short"));
    assert!(html.contains("<option selected>GBP</option>"));
    assert!(control(&html, "value").contains("value=\"12\""));
}

#[test]
fn what_is_posted_reads_back_as_the_operation() {
    let form = posted(&[
        ("partner", " north "),
        ("customer.name", "Brandt"),
        ("customer.domain", ""),
        ("value", "1,250.50"),
        ("value.currency", "EUR"),
        ("margin", "12.5"),
        ("seats", "7"),
        ("role", "services_attach"),
        ("stage", ""),
        ("expected_close", "2026-05-30"),
        ("seen_at", "2026-03-01T09:00"),
        ("tender", "true"),
        ("competitors", "Acme\r\n\r\nGlobex\r\n"),
        ("lines", r#"[{"product":"core","quantity":2}]"#),
        ("csrf", "token"),
    ]);
    let deal: RegisterDeal = serde_json::from_value(read(&schema(), &form)).unwrap();
    assert_eq!(
        deal,
        RegisterDeal {
            partner: "north".to_owned(),
            customer: Customer { name: "Brandt".to_owned(), domain: None },
            value: "EUR 1250.50".parse().unwrap(),
            margin: Some("12.5%".parse().unwrap()),
            seats: 7,
            role: Role::ServicesAttach,
            stage: None,
            expected_close: Some("2026-05-30".parse().unwrap()),
            seen_at: Some("2026-03-01T09:00:00Z".parse().unwrap()),
            tender: true,
            competitors: vec!["Acme".to_owned(), "Globex".to_owned()],
            lines: vec![Line { product: "core".to_owned(), quantity: 2 }],
            billing: None,
        }
    );
}

#[test]
fn what_does_not_fit_is_passed_on_for_the_operation_to_refuse() {
    let read = read(&schema(), &posted(&[("seats", "many"), ("lines", "[broken"), ("value", "USD 3")]));
    assert_eq!(read["seats"], json!("many"));
    assert_eq!(read["lines"], json!("[broken"));
    assert_eq!(read["value"], json!("USD 3"));
    assert_eq!(read["tender"], json!(false), "an unchecked box is an answer");
    assert_eq!(read["customer"], json!({}), "so that the missing name is named");
    assert!(read.get("billing").is_none());
}

#[test]
fn a_schema_that_contains_itself_ends_as_json() {
    let schema = json!({
        "type": "object", "properties": { "node": { "$ref": "#/$defs/Node" } },
        "$defs": { "Node": { "type": "object", "properties": { "next": { "$ref": "#/$defs/Node" } } },
                   "Loop": { "$ref": "#/$defs/Loop" } }
    });
    let html = from_schema(&schema, &BTreeMap::new(), &[], &[]).into_string();
    assert!(control(&html, "node.next.next.next.next").starts_with("<textarea"));
    let circular =
        json!({ "properties": { "x": { "$ref": "#/$defs/Loop" } }, "$defs": { "Loop": { "$ref": "#/$defs/Loop" } } });
    assert!(control(&from_schema(&circular, &BTreeMap::new(), &[], &[]).into_string(), "x").starts_with("<textarea"));
}

#[test]
fn a_password_never_comes_back() {
    let html = maud::Render::render(&Field::password("password", "Password").value("secret")).into_string();
    assert!(!html.contains("secret"));
}
