//! One field of a form: label above, control, then help and error, tied together for screen readers.

use kernel::{Currency, FieldError};

/// A field. Made by kind, refined by the methods, placed in `html!` as it is.
#[derive(Debug, Clone)]
pub struct Field {
    pub(super) name: String,
    pub(super) scope: String,
    pub(super) label: String,
    pub(super) kind: Kind,
    pub(super) value: String,
    pub(super) help: Option<String>,
    pub(super) error: Option<String>,
    pub(super) required: bool,
    pub(super) autocomplete: Option<String>,
    pub(super) placeholder: Option<String>,
    pub(super) pattern: Option<String>,
    pub(super) autofocus: bool,
    pub(super) from_file: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
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

impl Field {
    fn new(name: impl Into<String>, label: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            scope: String::new(),
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
            from_file: false,
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

    pub fn name(&self) -> &str {
        &self.name
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

    /// Offers to read the text from a file; the script fills the text area.
    pub fn from_file(mut self) -> Self {
        self.from_file = true;
        self
    }

    /// Keeps the id of this field apart from those of other forms on the page.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    pub(super) fn id(&self) -> String {
        id_of(&self.scope, &self.name)
    }

    /// The ids of help and error, so that a screen reader reads them with the control.
    pub(super) fn described_by(&self) -> Option<String> {
        let mut ids = Vec::new();
        if self.help.is_some() {
            ids.push(format!("{}-help", self.id()));
        }
        if self.error.is_some() {
            ids.push(format!("{}-error", self.id()));
        }
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

/// The id of a field's control.
pub(super) fn id_of(scope: &str, name: &str) -> String {
    let parts = ["f", scope, name].into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-").replace('.', "-")
}
