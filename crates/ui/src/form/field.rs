//! One field of a form: label above, control, then help and error, tied together for screen readers.

use kernel::{Currency, FieldError};
use maud::{Markup, PreEscaped, Render, html};

use crate::badge::Tone;
use crate::words::humanize;

/// A field. Made by kind, refined by the methods, placed in `html!` as it is.
#[derive(Debug, Clone)]
pub struct Field {
    name: String,
    label: String,
    kind: Kind,
    value: String,
    help: Option<String>,
    error: Option<String>,
    required: bool,
    autocomplete: Option<String>,
    placeholder: Option<String>,
    pattern: Option<String>,
    autofocus: bool,
}

#[derive(Debug, Clone)]
enum Kind {
    Input {
        kind: &'static str,
        mode: Option<&'static str>,
        step: Option<&'static str>,
    },
    /// An amount with its currency: fixed, or chosen from a list.
    Money {
        fixed: Option<Currency>,
    },
    Rate,
    Choice(Vec<(String, String)>),
    Text {
        rows: u32,
        code: bool,
    },
    Checkbox,
    File {
        accept: Option<String>,
    },
}

/// Offered where the currency is open; any other code can be typed with the amount.
const USUAL_CURRENCIES: [&str; 8] = ["EUR", "USD", "GBP", "CHF", "SEK", "CAD", "AUD", "JPY"];

impl Field {
    fn new(name: impl Into<String>, label: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            kind,
            value: String::new(),
            help: None,
            error: None,
            required: false,
            autocomplete: None,
            placeholder: None,
            pattern: None,
            autofocus: false,
        }
    }

    fn input(name: impl Into<String>, label: impl Into<String>, kind: &'static str) -> Self {
        Self::new(name, label, Kind::Input { kind, mode: None, step: None })
    }

    pub fn text(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::input(name, label, "text")
    }

    pub fn email(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::input(name, label, "email").autocomplete("email")
    }

    pub fn password(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::input(name, label, "password").autocomplete("current-password")
    }

    pub fn url(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::input(name, label, "url")
    }

    /// A one-time code.
    pub fn code(name: impl Into<String>, label: impl Into<String>) -> Self {
        let kind = Kind::Input { kind: "text", mode: Some("numeric"), step: None };
        Self::new(name, label, kind).autocomplete("one-time-code").pattern("[0-9 ]{6,7}")
    }

    pub fn whole_number(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Input { kind: "number", mode: Some("numeric"), step: Some("1") })
    }

    pub fn number(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Input { kind: "number", mode: Some("decimal"), step: Some("any") })
    }

    /// An amount in a given currency: posts `name=1250.00` and `name.currency=EUR`, which [`super::read`] joins.
    pub fn money(name: impl Into<String>, label: impl Into<String>, currency: Currency) -> Self {
        Self::new(name, label, Kind::Money { fixed: Some(currency) })
    }

    /// An amount with a choice of currency.
    pub fn money_any(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Money { fixed: None })
    }

    /// A rate as a percentage.
    pub fn rate(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Rate)
    }

    pub fn date(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::input(name, label, "date")
    }

    /// An instant, entered in UTC.
    pub fn datetime(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Input { kind: "datetime-local", mode: None, step: Some("any") })
    }

    /// A choice of `(value, label)`; an optional field gets an empty choice.
    pub fn select(name: impl Into<String>, label: impl Into<String>, options: Vec<(String, String)>) -> Self {
        Self::new(name, label, Kind::Choice(options))
    }

    pub fn textarea(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Text { rows: 4, code: false })
    }

    /// A text area in a monospaced face, for JSON.
    pub fn json(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Text { rows: 6, code: true })
    }

    pub fn checkbox(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Checkbox)
    }

    pub fn file(name: impl Into<String>, label: impl Into<String>, accept: Option<&str>) -> Self {
        Self::new(name, label, Kind::File { accept: accept.map(str::to_owned) })
    }

    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub fn error(mut self, error: Option<String>) -> Self {
        self.error = error;
        self
    }

    /// Takes the rule that this field broke out of the refusal, if it is there.
    pub fn errors(self, errors: &[FieldError]) -> Self {
        let rules: Vec<&str> = errors.iter().filter(|e| e.field == self.name).map(|e| e.rule.as_str()).collect();
        if rules.is_empty() {
            self
        } else {
            let text = rules.join("; ");
            self.error(Some(text))
        }
    }

    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub fn autocomplete(mut self, hint: impl Into<String>) -> Self {
        self.autocomplete = Some(hint.into());
        self
    }

    pub fn placeholder(mut self, text: impl Into<String>) -> Self {
        self.placeholder = Some(text.into());
        self
    }

    pub fn pattern(mut self, pattern: impl Into<String>) -> Self {
        self.pattern = Some(pattern.into());
        self
    }

    pub fn autofocus(mut self) -> Self {
        self.autofocus = true;
        self
    }

    fn id(&self) -> String {
        format!("f-{}", self.name.replace('.', "-"))
    }

    /// The ids of help and error, so that a screen reader reads them with the control.
    fn described_by(&self) -> Option<String> {
        let mut ids = Vec::new();
        if self.help.is_some() {
            ids.push(format!("{}-help", self.id()));
        }
        if self.error.is_some() {
            ids.push(format!("{}-error", self.id()));
        }
        (!ids.is_empty()).then(|| ids.join(" "))
    }

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
                @if !check { (self.control()) }
                @if let Some(help) = &self.help { p.help id={ (self.id()) "-help" } { (help) } }
                @if let Some(error) = &self.error { p.error id={ (self.id()) "-error" } { (error) } }
            }
        }
    }
}

/// A value that travels with the form.
pub fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// A posting form with its CSRF token; the body brings fields and button.
pub fn form(action: &str, csrf: &str, body: &Markup) -> Markup {
    html! { form.form method="post" action=(action) { (hidden("csrf", csrf)) (body) } }
}

/// Fields that belong together.
pub fn group(legend: &str, fields: &Markup) -> Markup {
    html! { fieldset { legend { (legend) } (fields) } }
}

/// All refusals at the top of a form, each leading to its field.
pub fn errors_summary(errors: &[FieldError]) -> Markup {
    if errors.is_empty() {
        return html! {};
    }
    let list = html! {
        ul {
            @for error in errors {
                li { a href={ "#f-" (error.field.replace('.', "-")) } { (humanize(&error.field)) } ": " (error.rule) }
            }
        }
    };
    crate::alert::alert(Tone::Bad, "Please check what you entered", &list, &[])
}
