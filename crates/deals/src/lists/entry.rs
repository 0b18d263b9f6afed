//! What an entry of a list is, and which entries stand against a claim: pure rules.

use kernel::{FromValue, PartnerId, Reason, Timestamp, Value};
use law::Otherwise;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::matching::Normalized;

/// The kinds of list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// Who may register in a region.
    Territory,
    /// Customers that belong to one partner or to the vendor's own team.
    NamedAccount,
    /// Customers that partners leave alone.
    NoPoach,
}

impl List {
    pub const ALL: [Self; 3] = [Self::Territory, Self::NamedAccount, Self::NoPoach];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Territory => "territory",
            Self::NamedAccount => "named_account",
            Self::NoPoach => "no_poach",
        }
    }
}

impl From<List> for Value {
    fn from(list: List) -> Self {
        Self::from(list.name())
    }
}

impl FromValue for List {
    fn from_value(value: &Value) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|list| *value == Value::from(*list));
        found.ok_or_else(|| format!("{value:?} is no list"))
    }
}

/// A partner as an entry names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// In the program file.
    Domain(String),
    /// In the console.
    Id(PartnerId),
}

/// One entry of a list, wherever it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub list: List,
    /// Its place in the program file, or its id.
    pub cites: String,
    pub title: String,
    /// The keys of the customer, for named accounts and customers that are left alone.
    pub domain: Option<String>,
    pub vat_number: Option<String>,
    /// The countries of a territory.
    pub countries: Vec<String>,
    /// Who is admitted, who owns the account, or who is bound. For named accounts none means the vendor's own team, for
    /// customers that are left alone everyone.
    pub partners: Vec<Who>,
    pub archetypes: Vec<String>,
    pub tiers: Vec<String>,
    pub otherwise: Otherwise,
    pub from: Option<Timestamp>,
    /// The instant from which it no longer holds.
    pub until: Option<Timestamp>,
}

/// Who claims, as far as lists ask.
#[derive(Debug, Clone, Copy)]
pub struct Claimant<'a> {
    pub partner: PartnerId,
    pub domain: Option<&'a str>,
    pub archetype: Option<&'a str>,
    pub tier: Option<&'a str>,
}

/// A list that stands against a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Restriction {
    pub list: List,
    pub otherwise: Otherwise,
    /// The place in the program file, or the id of the entry.
    pub cites: String,
    /// What the entry is called, for the vendor.
    pub title: String,
}

impl Restriction {
    /// For both sides: that a list stands against it, and not whose.
    pub(crate) fn reason(&self) -> Reason {
        let (code, text, remedy) = match self.list {
            List::Territory => (
                "out_of_territory",
                "Your registrations do not cover the country of this customer.",
                "Ask your partner manager for the territory, or pass the customer on as a referral.",
            ),
            List::NamedAccount => (
                "named_account",
                "This customer is on the list of named accounts, which are not open to every registration.",
                "Ask your partner manager whether you can work on it together.",
            ),
            List::NoPoach => (
                "not_open",
                "This customer is not open to registrations.",
                "Ask your partner manager if you believe that it should be.",
            ),
        };
        let asked = match self.otherwise {
            Otherwise::Reject => text.to_owned(),
            Otherwise::Review => format!("{text} A person decides about it."),
        };
        Reason::new(code, asked).citing(format!("engagement.toml: {}", self.list.name())).remedy(remedy)
    }

    /// For the vendor: which entry it is.
    pub(crate) fn background(&self) -> Reason {
        let text = format!("The entry “{}” of the list {} stands against it.", self.title, self.list.name());
        Reason::new("listed", text).citing(&self.cites).resting_on(&self.cites).for_vendor()
    }
}

/// What the lists say about a claim.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Examined {
    pub restrictions: Vec<Restriction>,
    /// The entry by which the customer is the claimant's own named account.
    pub own_account: Option<String>,
}

impl Entry {
    fn holds(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }

    fn is_about(&self, customer: &Normalized) -> bool {
        let same = |own: &Option<String>, found: &Option<String>| own.is_some() && own == found;
        same(&self.domain, &customer.domain) || same(&self.vat_number, &customer.vat_number)
    }

    fn names(&self, claimant: &Claimant<'_>) -> bool {
        self.partners.iter().any(|who| match who {
            Who::Id(partner) => *partner == claimant.partner,
            Who::Domain(domain) => claimant.domain.is_some_and(|own| own.eq_ignore_ascii_case(domain)),
        })
    }

    fn admits(&self, claimant: &Claimant<'_>) -> bool {
        let among = |list: &[String], own: Option<&str>| own.is_some_and(|own| list.iter().any(|one| one == own));
        self.names(claimant) || among(&self.archetypes, claimant.archetype) || among(&self.tiers, claimant.tier)
    }

    fn restriction(&self) -> Restriction {
        let (cites, title) = (self.cites.clone(), self.title.clone());
        Restriction { list: self.list, otherwise: self.otherwise, cites, title }
    }
}

/// Which entries stand against a claim that became valid at that instant. The customer comes as it was written and, where
/// it is known, as the account says it; an entry about either counts.
pub fn examine(entries: &[Entry], claimant: &Claimant<'_>, customer: &[Normalized], at: Timestamp) -> Examined {
    let mut found = Examined::default();
    let holding = || entries.iter().filter(|entry| entry.holds(at));
    let country = customer.iter().find_map(|keys| keys.country.as_deref());
    let there = |entry: &&Entry| {
        entry.list == List::Territory && country.is_some_and(|code| entry.countries.iter().any(|one| one == code))
    };
    if !holding().filter(there).any(|entry| entry.admits(claimant)) {
        let strictest = holding().filter(there).min_by_key(|entry| entry.otherwise);
        found.restrictions.extend(strictest.map(Entry::restriction));
    }
    let about = |entry: &&Entry| entry.list != List::Territory && customer.iter().any(|keys| entry.is_about(keys));
    for entry in holding().filter(about) {
        let own = entry.names(claimant);
        match entry.list {
            List::NamedAccount if own => found.own_account = Some(entry.cites.clone()),
            List::NoPoach if !own && !entry.partners.is_empty() => {}
            _ => found.restrictions.push(entry.restriction()),
        }
    }
    // An account that two entries name is the claimant's own if one of them says so.
    if found.own_account.is_some() {
        found.restrictions.retain(|one| one.list != List::NamedAccount);
    }
    found
}
