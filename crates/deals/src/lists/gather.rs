//! Gathers the entries that bear on a claim: those of the program in force, and those that were recorded.

use jiff::tz::TimeZone;
use kernel::{Day, Result, Scope, Timestamp, Tx};
use law::Program;
use partners::customers::merging::Pair;
use partners::{CustomerId, Partner, customers};

use super::entry::{Claimant, Entry, Examined, List, Who, examine};
use super::store::{self, Recorded};
use crate::matching::{CustomerIdentity, Normalized};

/// What the lists say about a claim of this partner on that customer.
pub(crate) async fn examined(
    tx: &mut Tx,
    scope: &Scope,
    program: &Program,
    partner: &Partner,
    customer: &[Normalized],
    at: Timestamp,
) -> Result<Examined> {
    let mut entries = of_program(program);
    for recorded in store::about(tx, scope, partner.id, customer).await? {
        entries.extend(recorded.entry(program));
    }
    let claimant = Claimant {
        partner: partner.id,
        domain: partner.domain.as_deref(),
        archetype: partner.archetype.as_deref(),
        tier: partner.tier.as_deref(),
    };
    Ok(examine(&entries, &claimant, customer, at))
}

/// The entries that the program file holds.
pub(super) fn of_program(program: &Program) -> Vec<Entry> {
    let zone = program.settings.zone();
    let engagement = &program.engagement;
    let domains = |list: &[String]| -> Vec<Who> { list.iter().cloned().map(Who::Domain).collect() };
    let territories = engagement.territories.iter().map(|one| Entry {
        countries: one.countries.clone(),
        partners: domains(&one.partners),
        archetypes: one.archetypes.clone(),
        tiers: one.tiers.clone(),
        otherwise: one.otherwise,
        ..blank(List::Territory, &one.key, &one.title)
    });
    let named = engagement.named_accounts.iter().map(|one| {
        let keys = keys(one.domain.as_deref(), one.vat_number.as_deref());
        Entry {
            domain: keys.domain,
            vat_number: keys.vat_number,
            partners: one.owner.iter().cloned().map(Who::Domain).collect(),
            otherwise: one.otherwise,
            from: one.from.map(|day| day.start_in(&zone)),
            until: one.until.map(|day| after(day, &zone)),
            ..blank(List::NamedAccount, &one.key, &one.title)
        }
    });
    let left_alone = engagement.no_poach.iter().map(|one| {
        let keys = keys(one.domain.as_deref(), one.vat_number.as_deref());
        Entry {
            domain: keys.domain,
            vat_number: keys.vat_number,
            partners: domains(&one.partners),
            otherwise: one.otherwise,
            from: one.from.map(|day| day.start_in(&zone)),
            until: one.until.map(|day| after(day, &zone)),
            ..blank(List::NoPoach, &one.key, &one.title)
        }
    });
    territories.chain(named).chain(left_alone).collect()
}

fn blank(list: List, key: &str, title: &str) -> Entry {
    Entry {
        list,
        cites: format!("engagement.toml: {}.{key}", list.name()),
        title: title.to_owned(),
        domain: None,
        vat_number: None,
        countries: Vec::new(),
        partners: Vec::new(),
        archetypes: Vec::new(),
        tiers: Vec::new(),
        otherwise: law::Otherwise::default(),
        from: None,
        until: None,
    }
}

/// The first instant after that day.
pub(super) fn after(day: Day, zone: &TimeZone) -> Timestamp {
    day.plus_days(1).start_in(zone)
}

/// The keys by which a customer of a list is recognized.
pub(super) fn keys(domain: Option<&str>, vat: Option<&str>) -> Normalized {
    let written = CustomerIdentity {
        domain: domain.map(str::to_owned),
        vat_number: vat.map(str::to_owned),
        ..CustomerIdentity::default()
    };
    written.normalized()
}

/// The recorded entries about a customer that bear on the kept one after a merge, in sentences.
pub(super) async fn moved(tx: &mut Tx, scope: Scope, pair: Pair) -> Result<Vec<String>> {
    let entries = naming(tx, &scope, pair.folded).await?;
    let sentence = |entry: Recorded| format!("“{}” ({})", entry.title, entry.list.name().replace('_', " "));
    Ok(entries.into_iter().map(sentence).collect())
}

/// The recorded entries that name a customer, or what it is merged with.
pub(super) async fn naming(tx: &mut Tx, scope: &Scope, customer: CustomerId) -> Result<Vec<Recorded>> {
    let mut known = Vec::new();
    for one in customers::family(tx, scope, customer).await? {
        let customer = customers::find(tx, scope, one).await?;
        known.extend(customer.map(|one| keys(one.domain.as_deref(), one.vat_number.as_deref())));
    }
    store::naming(tx, scope, &known).await
}
