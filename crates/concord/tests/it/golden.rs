//! Golden tables of the shipped programs: partners' facts and their tier with reasons, claims and their decision, revenue and
//! its commission to the cent. The tables are in `tests/golden`, one for each program; the rules that read them are those that
//! run in the product.

use std::collections::BTreeMap;
use std::path::Path;

use deals::registration::{Claim, ClaimFacts, ClaimRule, ClaimTerms, Match, Occasion, Outcome, Rival, Standing};
use kernel::{Id, Money, Rule as _, Timestamp};
use law::expr::{self, Population};
use law::{Case, Catalog, FactSet, Facts, Program, RevenueKind, Stay, TierHistory, Value};
use money::commission::{RatingFacts, RevenueLine, UsageLine, rate};
use money::intake::InvoiceKind;
use scoring::{TierFacts, TierRule, TierTerms};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    tier: Vec<TierRow>,
    #[serde(default)]
    claim: Vec<ClaimRow>,
    money: Vec<MoneyRow>,
}

/// What is measured about a partner, the tier that it gets, and sentences that must be among the reasons.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TierRow {
    who: String,
    now: String,
    #[serde(default)]
    facts: BTreeMap<String, String>,
    /// `customer | product | region | state | value | registered | won | lost`, with `-` for what is not set.
    #[serde(default)]
    deals: Vec<String>,
    /// Facts of the program's own kinds: `person=…; FIELD=…; from=2026-01-01; until=2026-12-31`.
    #[serde(default)]
    recorded: BTreeMap<String, Vec<String>>,
    /// The place in `won_value_12m`, and among how many partners.
    place: Option<[i64; 2]>,
    /// The tier that it is in, since when, since when its figures are lower, and when tiers were last computed.
    current: Option<String>,
    since: Option<String>,
    below_since: Option<String>,
    computed_at: Option<String>,
    gives: String,
    #[serde(default)]
    because: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimRow {
    what: String,
    value: String,
    tier: String,
    /// `tier standing days`: days by which its registration is earlier, negative if later; `own` for a claim of the same partner.
    #[serde(default)]
    rivals: Vec<String>,
    /// Likeness of a known customer, per mille.
    likeness: Option<u16>,
    gives: String,
    because: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MoneyRow {
    what: String,
    plan: String,
    /// The tier of the partner, for components that ask for it.
    tier: Option<String>,
    /// `kind amount day`, or `refund LINE amount day` for a line counted from 1.
    #[serde(default)]
    revenue: Vec<String>,
    /// `unit quantity`
    #[serde(default)]
    used: Vec<String>,
    lines: Vec<String>,
    total: String,
    /// What partner and vendor have of the revenue after the plan.
    shares: Option<[String; 2]>,
}

/// An instant, or the beginning of a day in UTC.
fn at(text: &str) -> Timestamp {
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    whole.parse().unwrap_or_else(|_| panic!("`{text}` is no instant"))
}

fn value(text: &str) -> Value {
    expr::compute(&expr::parse(text).unwrap(), &Facts::new())
}

/// The bytes of an id.
fn numbered(number: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    bytes
}

fn deal_rows(rows: &[String]) -> FactSet {
    let mut set = FactSet::of(&Catalog::standard().sets["deals"]);
    let names = ["customer", "product", "region", "state", "value", "registered_at", "won_at", "lost_at"];
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        assert_eq!(cells.len(), names.len(), "{row}");
        let given: BTreeMap<&str, &str> = names.into_iter().zip(cells).collect();
        let read = |field: &String| match (field.as_str(), given.get(field.as_str())) {
            (_, None | Some(&"-")) => Value::Absent,
            ("value", Some(text)) => value(text),
            (field, Some(text)) if field.ends_with("_at") => Value::Instant(at(text)),
            (_, Some(text)) => Value::text(*text),
        };
        let cells = set.fields.iter().map(read).collect();
        set.rows.push(cells);
    }
    set
}

/// Recorded facts as the product would load them, read by the words of their kind.
fn recorded_rows(program: &Program, name: &str, rows: &[String]) -> FactSet {
    let kind = program.facts.get(name).unwrap_or_else(|| panic!("the program records no {name}"));
    let mut set = FactSet::of(&kind.set());
    let zone = program.settings.zone();
    for row in rows {
        let pairs = row.split(';').filter_map(|pair| pair.trim().split_once('='));
        let given: BTreeMap<&str, &str> = pairs.collect();
        let day = |name: &str, otherwise: &str| at(given.get(name).copied().unwrap_or(otherwise)).into();
        let read = |field: &String| match (field.as_str(), given.get(field.as_str())) {
            ("valid_from" | "recorded_at", _) => day("from", "2026-01-01"),
            ("valid_until", _) => day("until", "9999-01-01"),
            ("person", Some(person)) => Value::text(*person),
            (field, Some(text)) => kind.field[field].read(text, &zone, program.settings.currency).unwrap(),
            _ => Value::Absent,
        };
        let cells = set.fields.iter().map(read).collect();
        set.rows.push(cells);
    }
    set
}

fn tier(program: &Program, row: &TierRow) {
    let mut case = Case::of(row.facts.iter().map(|(name, text)| (name.clone(), value(text))).collect());
    case.now = Some(at(&row.now));
    case.sets.insert("deals".to_owned(), deal_rows(&row.deals));
    for name in program.facts.keys() {
        let rows = row.recorded.get(name).map(Vec::as_slice).unwrap_or_default();
        case.sets.insert(name.clone(), recorded_rows(program, name, rows));
    }
    if let Some([place, partners]) = row.place {
        let own = case.values["won_value_12m"].clone();
        let other = |n: i64| if n < place { value("USD 100000000.00") } else { value("USD 0.00") };
        let figures = (1..=partners).map(|n| if n == place { own.clone() } else { other(n) });
        let standing = Population::of(figures, &[]).standing(&own);
        assert_eq!(standing.place.map(i64::from), Some(place), "{}", row.who);
        case.standings.insert("won_value_12m".to_owned(), standing);
    }
    let stays = row.since.iter().map(|since| Stay { tier: row.current.clone().unwrap(), since: at(since) });
    let tiers = TierHistory {
        stays: stays.collect(),
        below_since: row.below_since.as_deref().map(at),
        computed_at: row.computed_at.as_deref().map(at),
    };
    let facts = TierFacts { current: row.current.clone(), case, tiers, now: Some(at(&row.now)) };
    let verdict = TierRule::decide(&TierTerms::of(program, &[]), &facts);
    let reasons: Vec<&str> = verdict.reasons.iter().map(|reason| reason.text.as_str()).collect();
    assert_eq!(verdict.outcome, row.gives, "{} / {}: {reasons:#?}", program.settings.key, row.who);
    for sentence in &row.because {
        let found = reasons.iter().any(|reason| reason.contains(sentence.as_str()));
        assert!(found, "{} / {}: no reason says “{sentence}”: {reasons:#?}", program.settings.key, row.who);
    }
}

fn claim(program: &Program, row: &ClaimRow) {
    let now = at("2026-06-15T12:00:00Z");
    let claim = |number: u64, tier: &str, valid_at| Claim {
        deal: Id::from_bytes(numbered(number)),
        partner: Id::from_bytes(numbered(number)),
        partner_name: format!("Partner {number}"),
        tier: Some(tier.to_owned()),
        valid_at,
        merits: Default::default(),
    };
    let rival = |(number, text): (u64, &String)| {
        let words: Vec<&str> = text.split(' ').collect();
        let [tier, standing, days] = words[..] else { panic!("{text}") };
        let days: i64 = days.parse().unwrap();
        let valid_at = now.plus_days(-days);
        let (standing, own) = match standing {
            "protected" => (Standing::Protected(now.plus_days(10)), false),
            "lapsed" => (Standing::Protected(now.plus_days(-1)), false),
            "undecided" => (Standing::Undecided, false),
            "own" => (Standing::Undecided, true),
            "won" => (Standing::Won(now), false),
            _ => panic!("{text}"),
        };
        let mut claim = claim(number, tier, valid_at);
        if own {
            claim.partner = Id::from_bytes(numbered(1));
        }
        Rival { claim, standing }
    };
    let likeness = |total: u16| Match {
        customer: Some(Id::from_bytes(numbered(9))),
        deal: None,
        name: "Someone".to_owned(),
        score: deals::matching::Score { total, parts: Vec::new() },
    };
    let facts = ClaimFacts {
        now,
        occasion: Occasion::Registration,
        claim: claim(1, &row.tier, now),
        value: row.value.parse().unwrap(),
        matches: row.likeness.map(likeness).into_iter().collect(),
        rivals: (2..).zip(&row.rivals).map(rival).collect(),
        class: None,
        restrictions: Vec::new(),
        own_sale: None,
        approvals_given: 0,
    };
    let verdict = ClaimRule::decide(&ClaimTerms::of(program), &facts);
    let outcome = match verdict.outcome {
        Outcome::Approved { protected_until } => {
            format!("approved for {} days", (protected_until.micros() - now.micros()) / 86_400_000_000)
        }
        Outcome::Review { look } => format!("review {}", serde_json::to_value(look).unwrap().as_str().unwrap()),
        Outcome::Queued { place } => format!("queued {place}"),
        Outcome::Rejected => "rejected".to_owned(),
    };
    let codes: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code.as_ref()).collect();
    let place = format!("{} / {}: {codes:?}", program.settings.key, row.what);
    assert_eq!(outcome, row.gives, "{place}");
    assert!(codes.contains(&row.because.as_str()), "{place}");
}

fn revenue(program: &Program, rows: &[String]) -> Vec<RevenueLine> {
    let mut lines: Vec<RevenueLine> = Vec::new();
    for (number, row) in (1u64..).zip(rows) {
        let words: Vec<&str> = row.split(' ').collect();
        let (kind, currency, amount, day) = match words[..] {
            [kind, currency, amount, day] | [kind, _, currency, amount, day] => (kind, currency, amount, day),
            _ => panic!("{row}"),
        };
        let amount: Money = format!("{currency} {amount}").parse().unwrap();
        assert_eq!(amount.currency, program.settings.currency, "{row}");
        let occurred_at = at(&format!("{day}T09:00:00Z"));
        let original = (kind == "refund").then(|| lines[words[1].parse::<usize>().unwrap() - 1].clone());
        let own = original.is_none();
        let revenue = match kind {
            "project" => RevenueKind::Project,
            "subscription" => RevenueKind::Subscription,
            "usage" => RevenueKind::Usage,
            "license" => RevenueKind::License,
            _ => original.as_ref().unwrap().revenue,
        };
        lines.push(RevenueLine {
            event: Id::from_bytes(numbered(number)),
            reference: format!("R-{number}"),
            kind: if own { InvoiceKind::Invoice } else { InvoiceKind::Refund },
            counts_at: original.as_ref().map_or(occurred_at, |line| line.counts_at),
            original: original.map(|line| line.event),
            revenue,
            customer: Id::from_bytes(numbered(1)),
            deal: Some(Id::from_bytes(numbered(2))),
            amount,
            occurred_at,
            recorded_at: occurred_at,
        });
    }
    lines
}

fn pay(program: &Program, row: &MoneyRow) {
    let plan = program.plan(&row.plan).unwrap_or_else(|| panic!("no plan {}", row.plan));
    let used = |text: &String| {
        let (unit, quantity) = text.split_once(' ').unwrap();
        UsageLine {
            customer: Id::from_bytes(numbered(1)),
            deal: None,
            unit: unit.to_owned(),
            from: at("2026-01-01T00:00:00Z"),
            before: at("2026-02-01T00:00:00Z"),
            quantity: quantity.parse().unwrap(),
            events: 1,
            settled: "0".parse().unwrap(),
        }
    };
    let facts = RatingFacts {
        tier: row.tier.clone(),
        lines: revenue(program, &row.revenue),
        usage: row.used.iter().map(used).collect(),
        ..RatingFacts::default()
    };
    let rated = rate(&row.plan, plan, program.settings.currency, &program.settings.zone(), &facts);
    let place = format!("{} / {}", program.settings.key, row.what);
    let lines: Vec<String> = rated.lines.iter().map(|line| line.amount.amount()).collect();
    assert_eq!(lines, row.lines, "{place}");
    assert_eq!(rated.total.amount(), row.total, "{place}");
    if let Some(expected) = &row.shares {
        let sum = |side: fn(&money::commission::Shares) -> Money| {
            let minor = rated.shares.iter().map(|share| side(share).minor).sum();
            Money::new(minor, program.settings.currency).amount()
        };
        assert_eq!(&[sum(|share| share.partner), sum(|share| share.vendor)], expected, "{place}");
    }
}

/// Every plan and every tier of the program is in its table: what is not proven does not ship.
fn complete(program: &Program, tables: &Tables) {
    for tier in &program.tiers {
        assert!(
            tables.tier.iter().any(|row| row.gives == tier.key),
            "{}: no row gives {}",
            program.settings.key,
            tier.key
        );
    }
    for plan in program.plans.keys() {
        assert!(tables.money.iter().any(|row| row.plan == *plan), "{}: no row of {plan}", program.settings.key);
    }
}

fn decides_as_its_table_says(key: &str) {
    let shipped = law::shipped().iter().find(|program| program.key == key).unwrap();
    let program = Program::load(&shipped.files()).unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{key}.toml"));
    let tables: Tables = toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    complete(&program, &tables);
    tables.tier.iter().for_each(|row| tier(&program, row));
    tables.claim.iter().for_each(|row| claim(&program, row));
    tables.money.iter().for_each(|row| pay(&program, row));
}

// covers: C3
// covers: C5
// covers: C8
// covers: C9
// covers: C10
#[test]
fn commercial_models_decide_as_their_table_says() {
    decides_as_its_table_says("commercial-models");
}

// covers: P4
// covers: P5
// covers: P18
#[test]
fn the_channel_decides_as_its_table_says() {
    decides_as_its_table_says("channel");
}

// covers: B0.1
#[test]
fn the_ecosystem_decides_as_its_table_says() {
    decides_as_its_table_says("ecosystem");
}

// covers: G8
#[test]
fn the_compliance_add_on_decides_as_its_table_says() {
    decides_as_its_table_says("dispatch-compliance");
}

#[test]
fn the_app_marketplace_decides_as_its_table_says() {
    decides_as_its_table_says("app-marketplace");
}

// covers: P9
// covers: B6.2
#[test]
fn competence_decides_as_its_table_says() {
    decides_as_its_table_says("competence");
}

#[test]
fn distribution_decides_as_its_table_says() {
    decides_as_its_table_says("distribution");
}

#[test]
fn the_services_network_decides_as_its_table_says() {
    decides_as_its_table_says("services-network");
}
