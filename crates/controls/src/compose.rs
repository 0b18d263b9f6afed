//! How grants of one control combine into the value in effect: a pure rule over what each source says.

use std::cmp::Ordering;
use std::str::FromStr;

use kernel::{Error, Timestamp};
use law::BenefitValue;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which grant is in effect where several sources grant the same control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compose {
    /// The largest value, such as the most deal slots; yes is larger than no.
    Highest,
    /// The smallest value, such as the shortest response time.
    Lowest,
    /// The one granted last.
    Latest,
}

impl Compose {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Highest => "highest",
            Self::Lowest => "lowest",
            Self::Latest => "latest",
        }
    }

    /// The place of the grant in effect. Values that cannot be ordered against each other, such as amounts in two
    /// currencies, fall back to the one granted last; `sources` come oldest first.
    pub(crate) fn choose(self, sources: &[Source]) -> Option<usize> {
        let latest = sources.len().checked_sub(1)?;
        let wanted = match self {
            Self::Latest => return Some(latest),
            Self::Highest => Ordering::Greater,
            Self::Lowest => Ordering::Less,
        };
        let mut best = latest;
        for (place, source) in sources.iter().enumerate().rev().skip(1) {
            match order(&source.value, &sources[best].value) {
                Some(found) if found == wanted => best = place,
                Some(_) => {}
                None => return Some(latest),
            }
        }
        Some(best)
    }
}

impl FromStr for Compose {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::Highest, Self::Lowest, Self::Latest]
            .into_iter()
            .find(|compose| compose.word() == text)
            .ok_or_else(|| Error::internal(format!("`{text}` is no way to compose a control")))
    }
}

/// Values of one kind and unit are ordered; words and mixed kinds are not.
fn order(left: &BenefitValue, right: &BenefitValue) -> Option<Ordering> {
    use BenefitValue::{Count, Flag, Money, Rate};
    match (left, right) {
        (Flag(a), Flag(b)) => Some(a.cmp(b)),
        (Count(a), Count(b)) => Some(a.cmp(b)),
        (Rate(a), Rate(b)) => Some(a.scaled.cmp(&b.scaled)),
        (Money(a), Money(b)) if a.currency == b.currency => Some(a.minor.cmp(&b.minor)),
        _ => None,
    }
}

/// What one source says about a control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// What grants it: `tier`, `agreement`, `exception` …
    pub source: String,
    /// Which one: the key of the tier, the id of the agreement.
    pub reference: String,
    pub value: BenefitValue,
    /// The place that says so, such as `tiers.toml: tier.gold.benefits.deal_slots`.
    pub cites: String,
    /// The version of the program under which it was granted, such as `northwind/3`.
    pub law: String,
    pub since: Timestamp,
    /// Whether this is the grant in effect.
    pub governs: bool,
}

/// A control as it is enforced for a partner, with everything that has a say in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Effective {
    /// The key of the control, such as `deal_slots`.
    pub control: String,
    pub title: String,
    /// The value in effect.
    pub value: BenefitValue,
    pub compose: Compose,
    /// All grants, oldest first; the one that governs is marked.
    pub sources: Vec<Source>,
}

impl Effective {
    /// None where nothing is granted.
    pub(crate) fn of(control: String, title: String, compose: Compose, mut sources: Vec<Source>) -> Option<Self> {
        let place = compose.choose(&sources)?;
        sources[place].governs = true;
        Some(Self { control, title, value: sources[place].value.clone(), compose, sources })
    }

    /// The grant in effect.
    pub fn governing(&self) -> Option<&Source> {
        self.sources.iter().find(|source| source.governs)
    }
}
