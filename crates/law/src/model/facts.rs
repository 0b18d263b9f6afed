//! `facts.toml`: kinds of facts about partners that this program records beyond the published ones, such as certificates,
//! surveys or incidents, so that its rules can read them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use kernel::{Currency, Day, Money, Rate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::expr::{SetType, Type, Value};

/// What rules read about each recorded fact beside the fields that its kind declares.
pub(crate) const OWN_FIELDS: [(&str, Type); 4] =
    [("id", Type::Text), ("recorded_at", Type::Instant), ("valid_from", Type::Instant), ("valid_until", Type::Instant)];
/// The field that says which person a fact is about.
pub(crate) const PERSON: &str = "person";

/// Facts that the program records (`facts.toml`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactsFile {
    /// Kinds of facts by the name of their set in rules, such as `[fact.certificates]`.
    #[serde(default)]
    #[schemars(extend("requirement" = "B0.1"))]
    pub fact: BTreeMap<String, FactKind>,
}

/// A kind of fact: what is recorded about a partner, by whom, and for how long it holds.
///
/// Every fact also has `id`, `recorded_at`, `valid_from` and `valid_until`, which rules read like its fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactKind {
    /// The name for people, in the plural, such as `Certificates`.
    pub title: String,
    /// What is recorded, and what not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Whether a fact is about the partner or about one of its people, whom rules then read as `person`.
    #[serde(default, skip_serializing_if = "About::is_partner")]
    pub about: About,
    /// Fields by name, such as `[fact.certificates.field.product]`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub field: BTreeMap<String, FactField>,
    /// Fields that tell one fact from another. A second fact of a partner with the same ones corrects the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    /// How long a fact holds that does not say so itself; absent if without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 36_500), extend("unit" = "days"))]
    pub valid_days: Option<u32>,
    /// How long before the end of a fact its partner is reminded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 365), extend("unit" = "days"))]
    pub remind_days: Option<u32>,
    /// What partners may do: record facts about themselves, with or without confirmation by the vendor, or only read them.
    #[serde(default, skip_serializing_if = "ByPartner::is_never")]
    pub by_partner: ByPartner,
    /// Whether each fact names its evidence: the address of a file or page, or the number of a document.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub evidence: bool,
}

/// What a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// The company.
    #[default]
    Partner,
    /// One of its people.
    Person,
}

impl About {
    pub(crate) fn is_partner(&self) -> bool {
        *self == Self::Partner
    }
}

/// What partners may do with facts of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ByPartner {
    /// Read them; the vendor records.
    #[default]
    Never,
    /// Record them; they count when the vendor has confirmed.
    Confirmed,
    /// Record them; they count at once.
    Freely,
}

impl ByPartner {
    pub(crate) fn is_never(&self) -> bool {
        *self == Self::Never
    }
}

/// A field of a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactField {
    /// What it holds.
    pub kind: FieldKind,
    /// The name for people; absent if the key says it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The texts that it may have; empty for any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// Whether a fact may go without it; rules then find it absent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// What a field of a fact holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    Text,
    /// A number of things, such as `12`.
    Count,
    /// An amount in the program's currency, such as `EUR 100.00`.
    Money,
    /// A share, such as `25%`.
    Ratio,
    Bool,
    /// A day in the program's time zone, such as `2026-03-01`; rules read its first instant.
    Day,
}

impl FieldKind {
    /// The type that rules read.
    pub const fn reads_as(self) -> Type {
        match self {
            Self::Text => Type::Text,
            Self::Count => Type::Count,
            Self::Money => Type::Money,
            Self::Ratio => Type::Ratio,
            Self::Bool => Type::Bool,
            Self::Day => Type::Instant,
        }
    }

    /// How such a value is written.
    pub const fn described(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Count => "a whole number such as 12",
            Self::Money => "an amount such as EUR 100.00",
            Self::Ratio => "a share such as 25%",
            Self::Bool => "yes or no",
            Self::Day => "a day such as 2026-03-01",
        }
    }
}

impl FactField {
    /// Reads a value as people and files write it; refused with what was expected.
    pub fn read(&self, text: &str, zone: &TimeZone, currency: Currency) -> Result<Value, String> {
        let text = text.trim();
        let expected = || format!("write {}; got `{text}`", self.kind.described());
        match self.kind {
            FieldKind::Text if self.choices.is_empty() || self.choices.iter().any(|choice| choice == text) => {
                Ok(Value::text(text))
            }
            FieldKind::Text => {
                let near = crate::nearest::nearest(text, self.choices.iter().map(String::as_str));
                let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                Err(format!("`{text}` is none of its choices, which are `{}`{near}", self.choices.join("`, `")))
            }
            FieldKind::Count => text.parse::<i64>().map(Value::count).map_err(|_| expected()),
            FieldKind::Money => {
                let amount: Money = text.parse().map_err(|_| expected())?;
                if amount.currency != currency {
                    return Err(format!("rules count in {currency}; got `{text}`"));
                }
                Ok(amount.into())
            }
            FieldKind::Ratio => text.parse::<Rate>().map(Value::from).map_err(|_| expected()),
            FieldKind::Bool => match text.to_ascii_lowercase().as_str() {
                "yes" | "true" | "on" | "1" => Ok(Value::Bool(true)),
                "no" | "false" | "off" | "0" => Ok(Value::Bool(false)),
                _ => Err(expected()),
            },
            FieldKind::Day => text.parse::<Day>().map(|day| day.start_in(zone).into()).map_err(|_| expected()),
        }
    }
}

impl FactKind {
    /// The set that rules read.
    pub fn set(&self) -> SetType {
        let own = OWN_FIELDS.iter().map(|(name, kind)| ((*name).to_owned(), *kind));
        let person = (self.about == About::Person).then(|| (PERSON.to_owned(), Type::Text));
        let declared = self.field.iter().map(|(name, field)| (name.clone(), field.kind.reads_as()));
        let days = self.field.iter().filter(|(_, field)| field.kind == FieldKind::Day).map(|(name, _)| name.clone());
        SetType {
            title: self.title.to_lowercase(),
            fields: own.chain(person).chain(declared).collect(),
            since: Some("valid_from".to_owned()),
            // A day may be planned; the end of a fact is known from its beginning.
            ahead: BTreeSet::from_iter(days.chain(["valid_until".to_owned()])),
        }
    }

    /// Whether that may stand in `key`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.field.contains_key(name) || (self.about == About::Person && name == PERSON)
    }
}
