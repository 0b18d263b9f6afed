//! Broken programs: every mistake is told at its file, line and column, with what was probably meant.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use law::{Catalog, Diagnostic, Program, Severity, lint, render, shipped};
use proptest::prelude::*;

/// The smallest sound program with one file replaced.
fn starter_with(file: &str, text: &str) -> BTreeMap<String, String> {
    let mut files = shipped().iter().find(|program| program.key == "starter").unwrap().files();
    files.insert(file.to_owned(), text.to_owned());
    files
}

fn found(files: &BTreeMap<String, String>) -> Vec<Diagnostic> {
    lint(files, &Catalog::standard(), None).diagnostics
}

/// `file:line:column+length code → suggestion`.
fn brief(diagnostic: &Diagnostic) -> String {
    let Diagnostic { file, line, column, length, code, .. } = diagnostic;
    let mild = if diagnostic.severity == Severity::Warning { "warning " } else { "" };
    let near = diagnostic.suggestion.as_ref().map_or_else(String::new, |text| format!(" → {text}"));
    format!("{file}:{line}:{column}+{length} {mild}{code}{near}")
}

struct Case {
    name: &'static str,
    file: &'static str,
    text: &'static str,
    finds: &'static [&'static str],
}

const PROGRAM: &str = r#"key = "starter"
title = "Partner program"
vendor = "Your company"
currency = "EUR"
time_zone = "Europe/Berlin"
"#;

fn check(cases: &[Case]) {
    for case in cases {
        let text = match case.file {
            "program.toml" => format!("{PROGRAM}{}", case.text),
            _ => case.text.to_owned(),
        };
        let files = starter_with(case.file, &text);
        let diagnostics = found(&files);
        let briefs: Vec<String> = diagnostics.iter().map(brief).collect();
        assert_eq!(briefs, case.finds, "{}\n{}", case.name, render(&diagnostics, &files));
    }
}

#[test]
fn keys_and_types_are_told_at_their_place() {
    check(&[
        Case {
            name: "an unknown key names the nearest one",
            file: "program.toml",
            text: "second_facter = \"required\"\n[approvals]\nprogram_changes = [\"finance\"]\n",
            finds: &["program.toml:6:1+13 unknown-key → second_factor"],
        },
        Case {
            name: "a missing key is told at its table",
            file: "program.toml",
            text: "[approvals]\n",
            finds: &["program.toml:6:1+11 missing-key"],
        },
        Case {
            name: "an unknown role names the nearest one",
            file: "program.toml",
            text: "[approvals]\nprogram_changes = [\"finance\", \"head_of_partnership\"]\n",
            finds: &["program.toml:7:31+21 unknown-name → head_of_partnerships"],
        },
        Case {
            name: "a word outside an enumeration",
            file: "program.toml",
            text: "second_factor = \"require\"\n[approvals]\nprogram_changes = [\"finance\"]\n",
            finds: &["program.toml:6:17+9 unknown-word → required"],
        },
        Case {
            name: "several mistakes are told in one go",
            file: "deals.toml",
            text: "[registration]\nprotection_days = \"90\"\nrenewal_days = 0\nproof = true\nwarn_days = 7\n",
            finds: &[
                "deals.toml:2:19+4 wrong-type → 90",
                "deals.toml:3:16+1 out-of-range",
                "deals.toml:4:1+5 unknown-key → proof_required",
                "deals.toml:5:13+1 wrong-type → [7]",
            ],
        },
    ]);
}

#[test]
fn one_mistake_does_not_hide_another() {
    check(&[
        Case {
            name: "the same table twice",
            file: "money.toml",
            text: "[plan.referral]\ntitle = \"A\"\ncomponent = []\n[plan.referral]\ntitle = \"B\"\n",
            finds: &[
                "money.toml:3:13+2 empty-list",
                "money.toml:4:7+8 duplicate-key",
                "money.toml:5:1+5 duplicate-key",
            ],
        },
        Case {
            name: "a syntax error does not hide the others",
            file: "deals.toml",
            text: "[registration]\nprotection_days =\nrenewal_day = 90\n",
            finds: &["deals.toml:2:18+0 syntax", "deals.toml:3:1+11 unknown-key → renewal_days"],
        },
        Case {
            name: "the same key twice in a list",
            file: "tiers.toml",
            text: "[[tier]]\nkey = \"partner\"\ntitle = \"A\"\n[[tier]]\nkey = \"partner\"\ntitle = \"B\"\nrequires = \"open_deals >= 1\"\n",
            finds: &["tiers.toml:5:7+9 duplicate-key"],
        },
        Case {
            name: "a key that cannot name anything",
            file: "tiers.toml",
            text: "[[tier]]\nkey = \"Top Partner\"\ntitle = \"Top\"\n",
            finds: &["tiers.toml:2:7+13 bad-key → top-partner"],
        },
        Case {
            name: "letters outside ASCII count as one column each",
            file: "money.toml",
            text: "[plan.referral]\ntitle = \"Vermittlung für Käufer\" \ncomponent = [{ title = \"Größe\", an = \"subscription\", on = \"usage\", how = { rate = \"10%\" } }]\n",
            finds: &["money.toml:3:33+2 unknown-key → on"],
        },
    ]);
}

#[test]
fn money_and_rates_are_told_as_they_were_meant() {
    let plan = |how: &str| {
        format!(
            "[plan.referral]\ntitle = \"Referral\"\n[[plan.referral.component]]\ntitle = \"Share\"\non = \"usage\"\nhow = {how}\n"
        )
    };
    for (how, finds) in [
        (r#"{ rate = 25 }"#, "money.toml:6:16+2 wrong-type → \"25%\""),
        (r#"{ rate = 0.25 }"#, "money.toml:6:16+4 wrong-type → \"25%\""),
        (r#"{ rate = "25 percent" }"#, "money.toml:6:16+12 bad-rate → 25%"),
        (r#"{ rate = "125%" }"#, "money.toml:6:16+6 bad-rate"),
        (r#"{ fixed = "20,000 EUR", per = "deal" }"#, "money.toml:6:17+12 bad-money → EUR 20000.00"),
        (r#"{ fixed = "EUR 20.000,50", per = "deal" }"#, "money.toml:6:17+15 bad-money → EUR 20000.50"),
        (r#"{ fixed = 20000, per = "deal" }"#, "money.toml:6:17+5 wrong-type → \"EUR 20000.00\""),
        (r#"{ fixed = "EUR 1.001", per = "deal" }"#, "money.toml:6:17+11 bad-money"),
        (r#"{ fixed = "USD 20000.00", per = "deal" }"#, "money.toml:6:17+14 currency-mix → EUR 20000.00"),
        (r#"{ fixed = "EUR -5.00", per = "deal" }"#, "money.toml:6:17+11 out-of-range"),
        (r#"{ fixed = "EUR 5.00", per = "year" }"#, "money.toml:6:35+6 unknown-word"),
        (r#"{ fixed = "EUR 5.00" }"#, "money.toml:6:7+22 missing-key"),
        (r#"{ rat = "25%" }"#, "money.toml:6:9+3 unknown-key → rate"),
        (r#"{ rate = "25%", fixd = "EUR 5.00" }"#, "money.toml:6:23+4 unknown-key"),
        (r#""25%""#, "money.toml:6:7+5 wrong-type"),
    ] {
        let files = starter_with("money.toml", &plan(how));
        let diagnostics = found(&files);
        let briefs: Vec<String> = diagnostics.iter().map(brief).collect();
        assert_eq!(briefs, [finds], "{how}\n{}", render(&diagnostics, &files));
    }
}

#[test]
fn a_component_that_can_never_pay_is_told() {
    let plan = |extra: &str, how: &str| {
        format!(
            "[plan.referral]\ntitle = \"Referral\"\n[[plan.referral.component]]\ntitle = \"Share\"\non = \"usage\"\n{extra}\nhow = {how}\n"
        )
    };
    let rate = "{ rate = \"10%\" }";
    let lifetime = "{ mode = \"prior_period\", period = \"lifetime\", bands = [{ rate = \"10%\" }] }";
    for (extra, how, code) in [
        ("from = \"2026-05-01\"\nbefore = \"2026-05-01\"", rate, Some("empty-window")),
        ("from = \"2026-05-01\"\nbefore = \"2026-05-02\"", rate, None),
        ("tiers = [\"platinium\"]", rate, Some("unknown-name")),
        ("", lifetime, Some("no-prior-period")),
        ("", "{ bonus = \"EUR -1.00\", target = \"EUR 10.00\" }", Some("out-of-range")),
    ] {
        let files = starter_with("money.toml", &plan(extra, how));
        let codes: Vec<String> = found(&files).iter().map(|d| d.code.to_string()).collect();
        assert_eq!(codes, code.into_iter().map(str::to_owned).collect::<Vec<_>>(), "{extra} {how}");
    }
}

#[test]
fn bands_are_ordered_open_at_the_top_and_honest_about_cliffs() {
    let plan = |mode: &str, bands: &str| {
        format!(
            "[plan.referral]\ntitle = \"Referral\"\n[[plan.referral.component]]\ntitle = \"Share\"\non = \"subscription\"\n[plan.referral.component.how]\nmode = \"{mode}\"\nbands = [\n{bands}]\n"
        )
    };
    let p4 = "  { up_to = \"EUR 100000.00\", rate = \"15%\" },\n  { up_to = \"EUR 500000.00\", rate = \"20%\" },\n  { rate = \"25%\" },\n";
    let none: &[&str] = &[];
    for (mode, bands, finds) in [
        ("marginal", p4, none),
        ("whole_band", p4, &["money.toml:9:13+15 warning band-cliff", "money.toml:10:13+15 warning band-cliff"]),
        (
            "marginal",
            "  { up_to = \"EUR 500.00\", rate = \"15%\" },\n  { up_to = \"EUR 400.00\", rate = \"20%\" },\n  { rate = \"25%\" },\n",
            &["money.toml:10:13+12 unordered-bands"],
        ),
        ("marginal", "  { up_to = \"EUR 500.00\", rate = \"15%\" },\n", &["money.toml:9:13+12 closed-bands"]),
        ("marginal", "  { rate = \"15%\" },\n  { rate = \"20%\" },\n", &["money.toml:9:3+16 open-band"]),
        ("prospective", p4, none),
        ("prior_period", p4, none),
    ] {
        let files = starter_with("money.toml", &plan(mode, bands));
        let diagnostics = found(&files);
        let briefs: Vec<String> = diagnostics.iter().map(brief).collect();
        assert_eq!(briefs, finds, "{bands}\n{}", render(&diagnostics, &files));
    }
    let files = starter_with("money.toml", &plan("whole_band", p4));
    let checked = lint(&files, &Catalog::standard(), None);
    assert!(checked.program.is_some(), "a cliff is only a warning");
    let messages: Vec<&str> = checked.diagnostics.iter().map(|found| found.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "one cent more than EUR 100,000.00 is worth EUR 5,000.00 of commission at once",
            "one cent more than EUR 500,000.00 is worth EUR 25,000.00 of commission at once",
        ]
    );
}

#[test]
fn rules_are_read_and_typed_inside_their_file() {
    let tiers = |rule: &str| {
        format!("[[tier]]\nkey = \"a\"\ntitle = \"A\"\n[[tier]]\nkey = \"b\"\ntitle = \"B\"\nrequires = {rule}\n")
    };
    for (rule, finds) in [
        ("\"won_vaule_12m >= EUR 5.00\"", "tiers.toml:7:13+13 unknown-metric → won_value_12m"),
        ("\"won_value >= EUR 5.00\"", "tiers.toml:7:13+9 unknown-metric → won_value_12m"),
        ("\"open_deals >= 1 and won_value_12m >= 5000\"", "tiers.toml:7:50+4 type-mismatch → EUR 5000.00"),
        ("\"win_rate_12m >= 0.3\"", "tiers.toml:7:29+3 type-mismatch → 30%"),
        ("\"win_rate_12m >= 30\"", "tiers.toml:7:29+2 type-mismatch → 30%"),
        ("\"won_value_12m >= USD 5.00\"", "tiers.toml:7:30+8 currency-mix → EUR 5.00"),
        ("\"won_value_12m\"", "tiers.toml:7:13+13 type-mismatch"),
        ("\"open_deals >= 1 and\"", "tiers.toml:7:32+1 syntax"),
        ("\"(open_deals >= 1\"", "tiers.toml:7:13+1 syntax"),
        ("\"open_deals = 1\"", "tiers.toml:7:24+1 unexpected-character → =="),
        ("\"open_deals >= 1 >= 2\"", "tiers.toml:7:29+2 syntax"),
        ("\"open_deals + won_value_12m > 1\"", "tiers.toml:7:13+26 type-mismatch"),
        ("\"avg(open_deals, 2) > 1\"", "tiers.toml:7:13+3 unknown-function"),
        ("\"\"\"\nopen_deals >= 1\n  and opendeals >= 2\"\"\"", "tiers.toml:9:7+9 unknown-metric → open_deals"),
    ] {
        let files = starter_with("tiers.toml", &tiers(rule));
        let diagnostics = found(&files);
        let briefs: Vec<String> = diagnostics.iter().map(brief).collect();
        assert_eq!(briefs, [finds], "{rule}\n{}", render(&diagnostics, &files));
    }
}

#[test]
fn names_across_files_are_resolved() {
    check(&[
        Case {
            name: "plan, procedure and terms of an archetype",
            file: "archetypes.toml",
            text: "[archetype.reseller]\ntitle = \"R\"\nonboarding = \"onbording\"\nplan = \"referal\"\nterms = \"standart\"\n",
            finds: &[
                "archetypes.toml:3:14+11 unknown-name → onboarding",
                "archetypes.toml:4:8+9 unknown-name → referral",
                "archetypes.toml:5:9+10 unknown-name → standard",
            ],
        },
        Case {
            name: "unknown benefits and benefits of the wrong type",
            file: "tiers.toml",
            text: "[[tier]]\nkey = \"a\"\ntitle = \"A\"\n[tier.benefits]\ndeal_slot = 5\ndiscount = 5\nmdf_budget = \"EUR 1,000\"\nsupport = true\n",
            finds: &[
                "tiers.toml:5:1+9 unknown-name → deal_slots",
                "tiers.toml:6:12+1 wrong-type",
                "tiers.toml:7:14+11 bad-money → EUR 1000.00",
                "tiers.toml:8:11+4 wrong-type",
            ],
        },
        Case {
            name: "an effect that is no operation",
            file: "procedures.toml",
            text: "[procedure.onboarding]\ntitle = \"O\"\n[[procedure.onboarding.stage]]\nkey = \"s\"\ntitle = \"S\"\nmoved_by = \"vendor\"\non_complete = [\"partner.activate\"]\n",
            finds: &["procedures.toml:7:16+18 unknown-name → partners.activate"],
        },
        Case {
            name: "a text that is not there",
            file: "terms.toml",
            text: "[terms.standard]\ntitle = \"T\"\nfile = \"terms/standart.md\"\n",
            finds: &["terms.toml:3:8+19 missing-file → terms/standard.md"],
        },
        Case {
            name: "a segment that is not defined",
            file: "engagement.toml",
            text: "precedence = [\"tier\", \"tier\"]\n[[ownership]]\nsegment = \"big\"\nstage = \"qualified\"\nowner = \"ae\"\n",
            finds: &["engagement.toml:1:23+6 duplicate-key", "engagement.toml:3:11+5 unknown-name"],
        },
        Case {
            name: "a file that nobody reads",
            file: "tier.toml",
            text: "",
            finds: &["tier.toml:1:1+0 warning unknown-file → tiers.toml"],
        },
    ]);
}

#[test]
fn what_cannot_happen_is_told() {
    check(&[
        Case {
            name: "an entry tier with a rule, and a tier without one",
            file: "tiers.toml",
            text: "[[tier]]\nkey = \"a\"\ntitle = \"A\"\nrequires = \"open_deals > 1\"\n[[tier]]\nkey = \"b\"\ntitle = \"B\"\n",
            finds: &["tiers.toml:4:12+16 entry-tier", "tiers.toml:6:7+3 unreachable-tier"],
        },
        Case {
            name: "warnings after the end, and thresholds in the wrong order",
            file: "deals.toml",
            text: "[registration]\nprotection_days = 10\ninactivity_days = 10\nwarn_days = [14, 7]\n[matching]\nsame = \"60%\"\n",
            finds: &[
                "deals.toml:1:1+0 unordered-thresholds",
                "deals.toml:3:19+2 warning never-happens",
                "deals.toml:4:14+2 warning never-happens",
            ],
        },
        Case {
            name: "segments that do not grow",
            file: "engagement.toml",
            text: "[[segment]]\nkey = \"a\"\ntitle = \"A\"\nfrom = \"EUR 10.00\"\n[[segment]]\nkey = \"b\"\ntitle = \"B\"\nfrom = \"EUR 10.00\"\n",
            finds: &["engagement.toml:8:8+11 unordered-segments"],
        },
    ]);
}

// covers: B1.7
#[test]
fn segments_that_cannot_work_are_told() {
    let tiers =
        starter_with("tiers.toml", "").remove("tiers.toml").map(|_| "[[tier]]\nkey = \"member\"\ntitle = \"Member\"\n");
    let tiers = tiers.unwrap();
    let codes = |text: String| -> Vec<String> {
        found(&starter_with("tiers.toml", &text)).into_iter().filter(Diagnostic::is_error).map(|one| one.code).collect()
    };
    let segment = |key: &str, rule: Option<&str>| {
        let rule = rule.map(|rule| format!("requires = \"{rule}\"\n")).unwrap_or_default();
        format!("[[segment]]\nkey = \"{key}\"\ntitle = \"Some\"\n{rule}")
    };
    let runs = "[runs]\nroles = [\"finance\"]\n";
    let rule = Some("won_deals_12m >= 3");
    for (parts, expected) in [
        ([runs.to_owned(), segment("invest", rule), segment("rest", None)], vec![]),
        ([String::new(), segment("invest", rule), segment("rest", None)], vec!["missing-section"]),
        ([runs.to_owned(), segment("invest", None), segment("rest", None)], vec!["unreachable-segment"]),
        (
            [runs.to_owned(), segment("invest", rule), segment("rest", Some("won_deals_12m >= 2"))],
            vec!["open-segments"],
        ),
        ([runs.to_owned(), segment("rest", rule), segment("rest", None)], vec!["duplicate-key"]),
        ([runs.replace("finance", "finanz"), segment("rest", None), String::new()], vec!["unknown-name"]),
    ] {
        assert_eq!(codes(format!("{tiers}{}", parts.concat())), expected, "{parts:?}");
    }
}

#[test]
fn missing_files_are_named() {
    let Err(diagnostics) = Program::load(&BTreeMap::new()) else { panic!("nothing is no program") };
    let briefs: Vec<String> = diagnostics.iter().map(brief).collect();
    assert_eq!(
        briefs,
        ["archetypes.toml:1:1+0 missing-file", "program.toml:1:1+0 missing-file", "tiers.toml:1:1+0 missing-file",]
    );
}

#[test]
fn a_syntax_error_elsewhere_does_not_make_names_unknown() {
    let files = starter_with("money.toml", "[plan.referral\n");
    let briefs: Vec<String> = found(&files).iter().map(brief).collect();
    assert!(briefs.iter().all(|brief| brief.starts_with("money.toml:1:")), "{briefs:?}");
}

#[test]
fn policies_are_checked_by_whoever_knows_their_language() {
    let files = shipped()[0].files();
    let check = |file: &str, text: &str| {
        let faulty = file == "policies/medical-valid.cedar";
        let fault = Diagnostic::error(file, text, 3..6, "policy", "no such attribute");
        if faulty { vec![fault] } else { Vec::new() }
    };
    let checked = lint(&files, &Catalog::standard(), Some(&check));
    let briefs: Vec<String> = checked.diagnostics.iter().map(brief).collect();
    assert_eq!(briefs, ["policies/medical-valid.cedar:1:4+3 policy"]);
    assert!(checked.program.is_none());
}

#[test]
fn a_report_shows_the_line_and_what_was_meant() {
    let text = format!("{PROGRAM}second_facter = \"required\"\n[approvals]\nprogram_changes = [\"finance\"]\n");
    let files = starter_with("program.toml", &text);
    let diagnostics = found(&files);
    let page = render(&diagnostics, &files);
    for part in ["program.toml:6:1", "second_facter", "did you mean `second_factor`?", "unknown-key"] {
        assert!(page.contains(part), "{part} is missing in\n{page}");
    }
    let umlauts = starter_with("money.toml", "plan = { größe = 1 }\n");
    let shown = render(&found(&umlauts), &umlauts);
    assert!(shown.contains("money.toml:1:18"), "columns count characters in\n{shown}");
    assert!(!page.contains('\u{1b}'), "no color in\n{page}");
    assert_eq!(
        diagnostics[0].to_string(),
        "program.toml:6:1: error: there is no key `second_facter` in this file; did you mean `second_factor`?"
    );
    let json = serde_json::to_value(&diagnostics).unwrap();
    assert_eq!(json[0]["line"], 6);
    assert_eq!(serde_json::from_value::<Vec<Diagnostic>>(json).unwrap(), diagnostics);
}

/// Northwind with one piece of one file cut out, doubled or replaced.
fn damaged() -> impl Strategy<Value = BTreeMap<String, String>> {
    let files = shipped()[0].files();
    let names: Vec<String> = files.keys().filter(|name| name.ends_with(".toml")).cloned().collect();
    let piece = prop_oneof![Just(String::new()), "[\\PC\n]{0,8}", Just("\"".to_owned()), Just("[".to_owned())];
    (prop::sample::select(names), 0.0..1.0_f64, 0_usize..60, piece).prop_map(move |(name, at, length, piece)| {
        let mut files = files.clone();
        let characters: Vec<char> = files[&name].chars().collect();
        let start = (at * characters.len() as f64) as usize;
        let end = (start + length).min(characters.len());
        let text: String =
            characters[..start].iter().copied().chain(piece.chars()).chain(characters[end..].iter().copied()).collect();
        files.insert(name, text);
        files
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_damage_breaks_the_linter(files in damaged()) {
        let checked = lint(&files, &Catalog::standard(), None);
        let sound = !checked.diagnostics.iter().any(Diagnostic::is_error);
        prop_assert_eq!(checked.program.is_some(), sound);
        for found in &checked.diagnostics {
            let lines = files.get(&found.file).map_or(0, |text| text.lines().count());
            prop_assert!(found.line >= 1 && found.line <= lines + 1, "{found}");
            prop_assert!(found.column >= 1, "{found}");
        }
        render(&checked.diagnostics, &files);
        // What lint accepts is stored and read again.
        if let Some(program) = checked.program {
            let stored = serde_json::to_string(&program).unwrap();
            prop_assert_eq!(serde_json::from_str::<Program>(&stored).unwrap(), program);
        }
    }
}

#[test]
fn what_nobody_measures_is_refused_but_an_old_version_that_reads_it_still_loads() {
    let mut files = shipped()[0].files();
    let tiers = files.get_mut("tiers.toml").unwrap();
    *tiers =
        tiers.replace("and won_deals_12m >= 4", "and certified_people >= 4 and people.count(p, p.rolle == \"x\") > 1");
    let checked = lint(&files, &Catalog::standard(), None);
    let codes: Vec<&str> = checked.diagnostics.iter().map(|found| found.code.as_str()).collect();
    assert_eq!(codes, ["unknown-metric", "unknown-field"]);
    assert_eq!(checked.diagnostics[1].suggestion.as_deref(), Some("role"));
    assert!(checked.program.is_none());
    let loaded = Program::load(&files).unwrap();
    assert!(!loaded.tier("gold").unwrap().requires.as_ref().unwrap().holds(law::View::plain(&Default::default())));
}

// covers: B1.4, B1.5, G19, P19
#[test]
fn rules_of_engagement_that_cannot_work_are_told() {
    check(&[
        Case {
            name: "a way after the time hardly ever decides",
            file: "engagement.toml",
            text: "precedence = [\"registered_at\", \"tier\"]\n",
            finds: &["engagement.toml:1:32+6 warning never-happens"],
        },
        Case {
            name: "capability needs to be told",
            file: "engagement.toml",
            text: "precedence = [\"capability\"]\n",
            finds: &["engagement.toml:1:15+12 never-happens"],
        },
        Case {
            name: "a country is two capital letters, and a territory knows its archetypes",
            file: "engagement.toml",
            text: "[[territory]]\nkey = \"dach\"\ntitle = \"DACH\"\ncountries = [\"de\", \"Austria\"]\narchetypes = [\"reseler\"]\n",
            finds: &[
                "engagement.toml:4:14+4 bad-country → DE",
                "engagement.toml:4:20+9 bad-country",
                "engagement.toml:5:15+9 unknown-name → reseller",
            ],
        },
        Case {
            name: "a customer is told by its domain or number, and for a time",
            file: "engagement.toml",
            text: "[[named_account]]\nkey = \"a\"\ntitle = \"Brandt\"\n\n[[no_poach]]\nkey = \"b\"\ntitle = \"Brandt\"\n\
                domain = \"https://brandt.de\"\nfrom = \"2026-03-01\"\nuntil = \"2026-02-01\"\n",
            finds: &[
                "engagement.toml:3:9+8 missing-key",
                "engagement.toml:8:10+19 bad-domain",
                "engagement.toml:10:9+12 never-happens",
            ],
        },
        Case {
            name: "windows that are never reached",
            file: "deals.toml",
            text: "[[window]]\nprotection_days = 30\ninactivity_days = 30\n\n[[window]]\nproduct = \"Maps\"\n",
            finds: &["deals.toml:1:1+10 unreachable-window", "deals.toml:3:19+2 warning never-happens"],
        },
        Case {
            name: "approvals grow, and silence leads somewhere",
            file: "deals.toml",
            text: "[[approval]]\nabove = \"EUR 5000.00\"\nroles = [\"finance\"]\n\n[[approval]]\nabove = \"EUR 1000.00\"\n\
                roles = [\"finance\"]\nwithin_days = 2\n",
            finds: &["deals.toml:6:9+13 unordered-approvals", "deals.toml:7:9+11 warning never-happens"],
        },
    ]);
}
