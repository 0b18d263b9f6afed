//! The programs that ship with the product are sound, and say what the requirements ask for.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

use kernel::Money;
use law::{
    Catalog, How, Owner, Party, Plan, PolicyMode, Program, RevenueKind, SalesStage, TieBreak, Work, lint, render,
    shipped,
};

#[test]
fn shipped_programs_lint_clean() {
    for program in shipped() {
        let files = program.files();
        let checked = lint(&files, &Catalog::standard(), None);
        assert!(checked.diagnostics.is_empty(), "{}", render(&checked.diagnostics, &files));
        assert_eq!(checked.program.unwrap().settings.key, program.key);
    }
}

#[test]
fn what_is_embedded_is_what_lies_in_the_folder() {
    fn names(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() {
                names(&entry.path(), &format!("{name}/"), found);
            } else {
                found.insert(name);
            }
        }
    }
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../programs");
    for program in shipped() {
        let mut there = BTreeSet::new();
        names(&programs.join(program.key), "", &mut there);
        let embedded: BTreeSet<String> = program.files().into_keys().collect();
        assert_eq!(embedded, there, "{}", program.key);
    }
}

#[test]
fn every_program_serves_a_company_that_can_be_described() {
    for work in Work::ALL {
        assert!(shipped().iter().any(|program| program.work.contains(&work)), "nobody does {}", work.word());
    }
    for program in shipped() {
        let distinct: BTreeSet<&str> = program.work.iter().map(|work| work.word()).collect();
        assert_eq!(distinct.len(), program.work.len(), "{}", program.key);
        let loaded = load(program.key);
        assert!(program.key == "starter" || loaded.settings.description.len() > 30, "{}", program.key);
        let described = |a: &law::Archetype| !a.description.is_empty() && !a.value_drivers.is_empty();
        assert!(program.key == "starter" || loaded.archetypes.values().all(described), "{}", program.key);
    }
}

#[test]
fn the_channel_is_developed_in_stages_of_weeks() {
    let program = load("channel");
    let days = |key: &str| -> Vec<(String, Option<u32>)> {
        let stages = &program.procedure(key).unwrap().stages;
        stages.iter().map(|stage| (stage.key.clone(), stage.days)).collect()
    };
    let mut week = 0;
    let ends: Vec<(String, u32)> = days("development")
        .into_iter()
        .take(4)
        .map(|(key, days)| {
            week += days.unwrap() / 7;
            (key, week)
        })
        .collect();
    let expected = [("identification", 2), ("qualification", 4), ("negotiation", 8), ("onboarding", 12)];
    assert_eq!(ends, expected.map(|(key, week)| (key.to_owned(), week)));
    assert_eq!(days("integration").len(), 8);
}

fn load(key: &str) -> Program {
    let program = shipped().iter().find(|program| program.key == key).unwrap();
    Program::load(&program.files()).unwrap()
}

#[test]
fn northwind_says_what_the_demo_needs() {
    let program = load("northwind");
    let archetypes: Vec<&str> = program.archetypes.keys().map(String::as_str).collect();
    assert_eq!(archetypes, ["data", "oem", "platform", "reseller", "si"]);
    for archetype in program.archetypes.values() {
        let described = [&archetype.value_drivers, &archetype.risk_drivers, &archetype.enablement_needs];
        assert!(described.iter().all(|list| !list.is_empty()), "{}", archetype.title);
        assert!(program.plan(&archetype.plan).is_some());
        assert!(program.procedure(&archetype.onboarding).is_some());
        assert_eq!(program.terms(&archetype.terms).unwrap().version.len(), 64);
    }
    let tiers: Vec<(&str, u32)> = program.tiers.iter().map(|tier| (tier.key.as_str(), tier.rank)).collect();
    assert_eq!(tiers, [("bronze", 0), ("silver", 1), ("gold", 2), ("platinum", 3)]);
    assert_eq!(program.entry_tier().unwrap().key, "bronze");
    let modes: Vec<PolicyMode> = program.gate.policies.iter().map(|policy| policy.mode).collect();
    assert!(modes.contains(&PolicyMode::Warn) && modes.contains(&PolicyMode::Enforce));
    assert!(program.gate.policies.iter().all(|policy| policy.text.contains("forbid")));
    let onboarding = program.procedure("onboarding").unwrap();
    assert_eq!(onboarding.after("company").unwrap().key, "terms");
    assert_eq!(onboarding.stages.last().unwrap().on_complete, ["partners.activate"]);
}

#[test]
fn ownership_follows_segment_and_stage() {
    let engagement = load("northwind").engagement;
    assert_eq!(engagement.precedence, [TieBreak::Tier, TieBreak::RegisteredAt]);
    for (value, stage, segment, owner) in [
        ("EUR 24999.99", SalesStage::Prospect, "small", Owner::Partner),
        ("EUR 25000.00", SalesStage::Prospect, "mid-market", Owner::Bdr),
        ("EUR 900000.00", SalesStage::Committed, "enterprise", Owner::Ae),
        ("EUR 100.00", SalesStage::Launched, "small", Owner::Cs),
    ] {
        let found = engagement.segment_of(value.parse().unwrap()).unwrap();
        assert_eq!(found.key, segment, "{value}");
        assert_eq!(engagement.owner(Some(&found.key), stage).unwrap().1.owner, owner, "{value} {stage:?}");
    }
}

/// What each side has of a revenue after the plan, with rates and fixed fees only: partner, vendor.
fn sides(plan: &Plan, kind: RevenueKind, revenue: Money) -> (Money, Money) {
    let mut to_partner = Money::zero(revenue.currency);
    if plan.collected_by.of(kind) == Party::Partner {
        to_partner = revenue;
    }
    for component in plan.components.iter().filter(|component| component.on == kind) {
        let paid = match &component.how {
            How::Rate(terms) => revenue.times(terms.rate),
            How::Fixed(terms) => terms.fixed,
            How::Bands(_) | How::Each(_) | How::Bonus(_) => panic!("the commercial models have shares and fees only"),
        };
        let signed = if component.pays == Party::Vendor { paid } else { paid.negated() };
        to_partner = to_partner.checked_add(signed).unwrap();
    }
    (to_partner, revenue.checked_sub(to_partner).unwrap())
}

#[test]
fn the_three_commercial_models_can_be_said_to_the_cent() {
    let program = load("commercial-models");
    for (plan, kind, revenue, partner, vendor) in [
        ("partner_led", RevenueKind::Project, "USD 100000.00", "USD 80000.00", "USD 20000.00"),
        ("partner_led", RevenueKind::Subscription, "USD 5000.00", "USD 1250.00", "USD 3750.00"),
        ("vendor_led", RevenueKind::Project, "USD 50000.00", "USD 20000.00", "USD 30000.00"),
        ("vendor_led", RevenueKind::Subscription, "USD 3000.00", "USD 600.00", "USD 2400.00"),
        ("joint", RevenueKind::Project, "USD 150000.00", "USD 90000.00", "USD 60000.00"),
        ("joint", RevenueKind::Subscription, "USD 8000.00", "USD 2400.00", "USD 5600.00"),
    ] {
        let shared = sides(program.plan(plan).unwrap(), kind, revenue.parse().unwrap());
        assert_eq!(shared, (partner.parse().unwrap(), vendor.parse().unwrap()), "{plan} {kind:?}");
    }
}
