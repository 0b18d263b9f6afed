//! Comparing versions, fingerprints, schemas and the reference.
#![allow(clippy::unwrap_used)]

use law::{Area, Change, ChangeKind, Program, REQUIRED_FILES, diff, reference_markdown, schemas, shipped};

fn northwind() -> Program {
    Program::load(&shipped()[0].files()).unwrap()
}

/// Northwind after replacing a piece of one of its files.
fn edited(file: &str, old: &str, new: &str) -> Program {
    let mut files = shipped()[0].files();
    let text = files.get_mut(file).unwrap();
    assert!(text.contains(old), "{file} does not say {old}");
    *text = text.replacen(old, new, 1);
    Program::load(&files).unwrap()
}

fn brief(change: &Change) -> String {
    let kind = match change.kind {
        ChangeKind::Added => "+",
        ChangeKind::Removed => "-",
        ChangeKind::Changed => "~",
    };
    let areas: Vec<String> = change.affects.iter().map(|area| format!("{area:?}").to_lowercase()).collect();
    format!("{kind} {} ({})", change.path, areas.join(", "))
}

#[test]
fn a_program_does_not_differ_from_itself() {
    for program in shipped() {
        let program = Program::load(&program.files()).unwrap();
        assert_eq!(diff(&program, &program), []);
        let stored = serde_json::to_string(&program).unwrap();
        assert_eq!(serde_json::from_str::<Program>(&stored).unwrap(), program);
    }
    let comment = edited("tiers.toml", "[[tier]]", "# a comment\n[[tier]]");
    let spelling = edited("money.toml", "rate = \"8%\"", "rate = \"0.08\"");
    assert_eq!(diff(&northwind(), &comment), []);
    assert_eq!(diff(&northwind(), &spelling), []);
    assert_eq!(northwind().fingerprint(), spelling.fingerprint());
}

#[test]
fn changes_are_named_and_say_what_they_affect() {
    for (file, old, new, expected) in [
        ("tiers.toml", "deal_slots = 60", "deal_slots = 80", "~ tiers.gold.benefits.deal_slots (controls)"),
        ("tiers.toml", "beta_access = true\n", "", "- tiers.gold.benefits.beta_access (controls)"),
        ("tiers.toml", "EUR 50000.00", "EUR 60000.00", "~ tiers.silver.requires (tiers, controls)"),
        ("deals.toml", "protection_days = 90", "protection_days = 60", "~ deals.registration.protection_days (deals)"),
        ("engagement.toml", "\"tier\", ", "", "~ engagement.precedence (deals)"),
        ("money.toml", "rate = \"20%\"", "rate = \"21%\"", "~ plans.channel.component[0].how.bands[1].rate (plans)"),
        ("gate.toml", "mode = \"warn\"", "mode = \"enforce\"", "~ gate.policy.medical-valid.mode (gate)"),
        ("policies/medical-valid.cedar", "warns", "tells", "~ gate.policy.medical-valid.text (gate)"),
        ("procedures.toml", "days = 21", "days = 14", "~ procedures.onboarding.stage.enablement.days (procedures)"),
        ("terms/standard.md", "60 days", "90 days", "~ terms.standard.version (terms)"),
        ("archetypes.toml", "plan = \"oem\"", "plan = \"data\"", "~ archetypes.oem.plan (archetypes, plans)"),
        ("program.toml", "\"required\"", "\"optional\"", "~ settings.second_factor (settings)"),
    ] {
        let changes = diff(&northwind(), &edited(file, old, new));
        assert_eq!(changes.iter().map(brief).collect::<Vec<_>>(), [expected], "{file}");
    }
    let changes = diff(&northwind(), &edited("tiers.toml", "deal_slots = 60", "deal_slots = 80"));
    assert_eq!(changes[0].old, Some(60.into()));
    assert_eq!(changes[0].new, Some(80.into()));
}

#[test]
fn a_new_tier_in_the_middle_is_one_addition() {
    let with_iron = edited(
        "tiers.toml",
        "[[tier]]\nkey = \"silver\"",
        "[[tier]]\nkey = \"iron\"\ntitle = \"Iron\"\nrequires = \"won_deals_12m >= 1\"\n\n[[tier]]\nkey = \"silver\"",
    );
    assert_eq!(with_iron.tier("silver").unwrap().rank, 2);
    let changes = diff(&northwind(), &with_iron);
    assert_eq!(changes.iter().map(brief).collect::<Vec<_>>(), ["+ tiers.iron (tiers, deals, controls)"]);
    let removed = diff(&with_iron, &northwind());
    assert_eq!(removed.iter().map(brief).collect::<Vec<_>>(), ["- tiers.iron (tiers, deals, controls)"]);
}

#[test]
fn another_order_of_stages_is_a_change() {
    let mut other = northwind();
    other.procedures.get_mut("onboarding").unwrap().stages.swap(1, 2);
    let changes = diff(&northwind(), &other);
    assert_eq!(changes.iter().map(brief).collect::<Vec<_>>(), ["~ procedures.onboarding.stage (procedures)"]);
    assert!(changes[0].affects.contains(&Area::Procedures));
}

#[test]
fn every_field_of_every_file_is_described() {
    fn walk(path: &str, schema: &serde_json::Value, bare: &mut Vec<String>) {
        let properties = schema.get("properties").and_then(|all| all.as_object());
        for (name, field) in properties.into_iter().flatten() {
            if field.get("description").is_none() {
                bare.push(format!("{path}.{name}"));
            }
        }
        for (name, definition) in schema.get("$defs").and_then(|all| all.as_object()).into_iter().flatten() {
            walk(&format!("{path}/{name}"), definition, bare);
        }
    }
    let schemas = schemas();
    assert!(REQUIRED_FILES.iter().all(|file| schemas.contains_key(*file)));
    let mut bare = Vec::new();
    for (file, schema) in &schemas {
        walk(file, schema, &mut bare);
    }
    assert_eq!(bare, Vec::<String>::new());
}

#[test]
fn the_reference_lists_every_field_with_unit_default_and_requirement() {
    let page = reference_markdown();
    for line in [
        "## `deals.toml`",
        "| `protection_days` | whole number | days, 1 to 3650 | `90` | How long an approved claim protects its partner. | B1.5 |",
        "| `reopen_role` | role key |  | `\"head_of_partnerships\"` | The only role that can re-open a claim that has expired. | B1.5 |",
        "| `onboarding` | procedure key |  | **required** | The procedure that takes such a partner in. | B0.3 |",
        "| `requires` | rule |  |  | What a partner must have measured to be in this tier; absent for the entry tier. | B0.1 |",
        "- `whole_band`: The rate of the band that is reached applies to all of it, so that pay jumps at each bound.",
    ] {
        assert!(page.contains(line), "{line}\nis missing in\n{page}");
    }
    assert!(!page.contains("null"), "{page}");
}
