//! A recorded fact, and the pure rules of reading one as it was given.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use kernel::{Currency, Day, FieldError, FromValue, PartnerId, Timestamp, Value as Cell};
use law::{FactKind, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FactId;

/// The longest text of a field, in characters.
const LONGEST: usize = 500;

/// Where a fact stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Given by the partner, and waits for the vendor's word.
    Proposed,
    /// It counts.
    Recorded,
    /// The vendor did not confirm it.
    Refused,
    /// It was taken back.
    Withdrawn,
    /// Another fact stands in its place.
    Corrected,
}

impl State {
    pub const ALL: [Self; 5] = [Self::Proposed, Self::Recorded, Self::Refused, Self::Withdrawn, Self::Corrected];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Recorded => "recorded",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Corrected => "corrected",
        }
    }
}

impl From<State> for Cell {
    fn from(state: State) -> Self {
        Self::from(state.name())
    }
}

impl FromValue for State {
    fn from_value(value: &Cell) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|state| *value == Cell::from(*state));
        found.ok_or_else(|| format!("{value:?} is no state of a fact"))
    }
}

/// A fact about a partner, of a kind that the program declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    pub id: FactId,
    pub partner: PartnerId,
    /// The kind in the program file, such as `certificates`.
    pub kind: String,
    /// What tells it from other facts of its kind.
    #[serde(skip)]
    #[schemars(skip)]
    pub key: String,
    /// The person that it is about, for kinds about people.
    pub person: Option<String>,
    /// Values by field, as rules read them.
    pub fields: BTreeMap<String, Value>,
    /// Where it can be checked.
    pub evidence: Option<String>,
    pub state: State,
    pub valid_from: Timestamp,
    /// The instant from which it no longer holds.
    pub valid_until: Option<Timestamp>,
    pub submitted_at: Timestamp,
    pub submitted_by: String,
    pub submitted_by_name: String,
    /// From when on it was known to count.
    pub recorded_at: Option<Timestamp>,
    /// The instant from which it no longer counted.
    pub ended_at: Option<Timestamp>,
    pub ended_by_name: Option<String>,
    /// Why it was refused or withdrawn.
    pub reason: Option<String>,
    /// The fact in whose place it stands.
    pub corrects: Option<FactId>,
}

impl Fact {
    /// Whether it counts, and holds at that instant.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.state == State::Recorded && self.valid_from <= at && self.valid_until.is_none_or(|until| at < until)
    }

    /// Whether somebody said the same before.
    pub(super) fn says_what(&self, read: &Read) -> bool {
        self.fields == read.fields
            && self.person == read.person
            && self.evidence == read.evidence
            && self.valid_from == read.valid_from
            && self.valid_until == read.valid_until
    }
}

/// The person and the values, in a few words.
pub(super) fn words(fact: &Fact) -> String {
    let fields = fact.fields.iter().map(|(name, value)| format!("{} {}", name.replace('_', " "), shown(value)));
    fact.person.iter().cloned().chain(fields).collect::<Vec<_>>().join(", ")
}

/// A value for people, as it may be given.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

/// A fact as it was given, in texts.
pub(super) struct Raw<'a> {
    pub person: Option<&'a str>,
    pub fields: &'a BTreeMap<String, String>,
    pub evidence: Option<&'a str>,
    pub from: Option<Day>,
    /// The last day on which it holds.
    pub until: Option<Day>,
}

/// A fact that was read by the words of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Read {
    pub person: Option<String>,
    pub fields: BTreeMap<String, Value>,
    pub evidence: Option<String>,
    pub valid_from: Timestamp,
    pub valid_until: Option<Timestamp>,
    /// Absent where the program names no key: every fact is one of its own.
    pub key: Option<String>,
}

/// Reads what was given by the words of its kind; refused with everything that is wrong.
pub(super) fn read(
    kind: &FactKind,
    raw: &Raw<'_>,
    zone: &TimeZone,
    currency: Currency,
    now: Timestamp,
) -> Result<Read, Vec<FieldError>> {
    let mut faults = Vec::new();
    let mut fault = |field: String, rule: String| faults.push(FieldError { field, rule });
    let said = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);

    let mut fields = BTreeMap::new();
    for (name, field) in &kind.field {
        let text = raw.fields.get(name).map_or("", |text| text.trim());
        let place = format!("fields.{name}");
        if text.is_empty() {
            if !field.optional {
                fault(place, format!("is required: {}", field.kind.described()));
            }
        } else if text.chars().count() > LONGEST {
            fault(place, format!("has more than {LONGEST} characters"));
        } else {
            match field.read(text, zone, currency) {
                Ok(value) => drop(fields.insert(name.clone(), value)),
                Err(rule) => fault(place, rule),
            }
        }
    }
    for name in raw.fields.keys().filter(|name| !kind.field.contains_key(*name)) {
        let known: Vec<&str> = kind.field.keys().map(String::as_str).collect();
        fault(format!("fields.{name}"), format!("is no field of these facts, which have `{}`", known.join("`, `")));
    }
    let person = said(raw.person);
    match (kind.about, &person) {
        (law::About::Person, None) => fault("person".to_owned(), "is required: whom is it about?".to_owned()),
        (law::About::Partner, Some(_)) => {
            fault("person".to_owned(), "is not asked: these facts are about the company; leave it out".to_owned());
        }
        _ => {}
    }
    let evidence = said(raw.evidence);
    if kind.evidence && evidence.is_none() {
        fault("evidence".to_owned(), "is required: where can it be checked?".to_owned());
    }
    let valid_from = raw.from.map_or(now, |day| day.start_in(zone));
    let usual = || kind.valid_days.map(|days| valid_from.plus_days(i64::from(days)));
    let valid_until = raw.until.map(|day| day.plus_days(1).start_in(zone)).or_else(usual);
    if valid_until.is_some_and(|until| until <= valid_from) {
        fault("until".to_owned(), "is before the first day; the fact would never hold".to_owned());
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let key = key_of(kind, person.as_deref(), &fields);
    Ok(Read { person, fields, evidence, valid_from, valid_until, key })
}

/// What tells a fact from others of its kind: people write names and products in any case.
fn key_of(kind: &FactKind, person: Option<&str>, fields: &BTreeMap<String, Value>) -> Option<String> {
    if kind.key.is_empty() {
        return None;
    }
    let part = |name: &String| match fields.get(name) {
        Some(Value::Text(text)) => text.to_lowercase(),
        Some(value) => shown(value),
        None if name == "person" => person.unwrap_or_default().to_lowercase(),
        None => String::new(),
    };
    Some(kind.key.iter().map(part).collect::<Vec<_>>().join("\u{1f}"))
}
