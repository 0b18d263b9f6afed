//! Drawing a field: the control of its kind, with label, help and error around it.

use kernel::Currency;
use maud::{Markup, PreEscaped, Render, html};

use super::field::{Field, Kind};
use super::parts::hidden;
use crate::words::prose;

/// Offered where the currency is open; any other code can be typed with the amount.
const USUAL_CURRENCIES: [&str; 8] = ["EUR", "USD", "GBP", "CHF", "SEK", "CAD", "AUD", "JPY"];

impl Field {
    fn control(&self) -> Markup {
        match &self.kind {
            Kind::Input { kind, mode, step } => self.plain_input(kind, *mode, *step, &self.value),
            Kind::Money { fixed } => self.money_input(*fixed),
            Kind::Rate => html! {
                span.affix {
                    (self.plain_input("text", Some("decimal"), None, self.value.trim_end_matches('%')))
                    span.suffix aria-hidden="true" { "%" }
                }
            },
            Kind::Choice(options) => self.choice(options),
            Kind::Text { rows, code } => html! {
                textarea.mono[*code] id=(self.id()) name=(self.name) rows=(rows) required[self.required]
                    placeholder=[self.placeholder.as_ref()] spellcheck=[code.then_some("false")]
                    aria-invalid=[self.invalid()] aria-describedby=[self.described_by()] {
                    // The parser drops the first line break of a text area; without this one it would eat the user's.
                    (PreEscaped("\n")) (self.value)
                }
            },
            Kind::Checkbox => html! {
                input type="checkbox" id=(self.id()) name=(self.name) value="true" checked[self.value == "true"]
                    aria-invalid=[self.invalid()] aria-describedby=[self.described_by()];
            },
            Kind::File { accept } => html! {
                input type="file" id=(self.id()) name=(self.name) accept=[accept.as_ref()] required[self.required]
                    aria-invalid=[self.invalid()] aria-describedby=[self.described_by()];
            },
        }
    }

    fn invalid(&self) -> Option<&'static str> {
        self.error.is_some().then_some("true")
    }

    fn plain_input(&self, kind: &str, mode: Option<&str>, step: Option<&str>, value: &str) -> Markup {
        // A browser refuses `…Z` in this control.
        let value = if kind == "datetime-local" { value.trim_end_matches('Z') } else { value };
        let value = (!value.is_empty() && kind != "password").then_some(value);
        html! {
            input type=(kind) id=(self.id()) name=(self.name) value=[value] required[self.required] autofocus[self.autofocus]
                inputmode=[mode] step=[step] pattern=[self.pattern.as_ref()] autocomplete=[self.autocomplete.as_ref()]
                placeholder=[self.placeholder.as_ref()] aria-invalid=[self.invalid()] aria-describedby=[self.described_by()];
        }
    }

    fn money_input(&self, fixed: Option<Currency>) -> Markup {
        let (given, amount) = self.value.split_once(' ').unwrap_or(("", self.value.as_str()));
        let currency_name = format!("{}.currency", self.name);
        html! {
            span.affix {
                @if let Some(currency) = fixed {
                    span.prefix { (currency) }
                    (hidden(&currency_name, currency.code()))
                } @else {
                    select.prefix name=(currency_name) aria-label={ (self.label) ": currency" } {
                        @if !given.is_empty() && !USUAL_CURRENCIES.contains(&given) { option selected { (given) } }
                        @for code in USUAL_CURRENCIES { option selected[code == given] { (code) } }
                    }
                }
                (self.plain_input("text", Some("decimal"), None, amount))
            }
        }
    }

    fn choice(&self, options: &[(String, String)]) -> Markup {
        html! {
            select id=(self.id()) name=(self.name) required[self.required] aria-invalid=[self.invalid()]
                aria-describedby=[self.described_by()] {
                @if !self.required || self.value.is_empty() { option value="" { @if self.required { "Choose…" } @else { "–" } } }
                @for (value, label) in options { option value=(value) selected[*value == self.value] { (label) } }
            }
        }
    }
}

impl Render for Field {
    fn render(&self) -> Markup {
        let check = matches!(self.kind, Kind::Checkbox);
        html! {
            div.field.field-check[check].field-bad[self.error.is_some()] {
                @if check { (self.control()) }
                label for=(self.id()) {
                    (self.label)
                    @if !self.required && !check { span.optional { " optional" } }
                }
                @if self.from_file {
                    input type="file" hidden data-fills=(self.id()) aria-label={ (self.label) ": read it from a file" };
                }
                @if !check { (self.control()) }
                @if let Some(help) = &self.help { p.help id={ (self.id()) "-help" } { (prose(help)) } }
                @if let Some(error) = &self.error { p.error id={ (self.id()) "-error" } { (prose(error)) } }
            }
        }
    }
}
