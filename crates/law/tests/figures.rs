//! Program files with computed metrics, markets, rates, a scorecard and rules of movement: read, refused at the place, scored,
//! and the smallest change that leads to a tier.
#![allow(clippy::unwrap_used)]

mod wide;

use std::collections::BTreeMap;

use kernel::{Money, Timestamp};
use law::expr::{Conditions, Needs};
use law::{Case, Diagnostic, FactSet, Path, Program, Rule, Value, diff, lint, render, shipped};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn money(text: &str) -> Value {
    text.parse::<Money>().unwrap().into()
}

fn starter_with(changes: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut files = shipped().iter().find(|program| program.key == "starter").unwrap().files();
    files.extend(changes.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())));
    files
}

fn brief(diagnostic: &Diagnostic) -> String {
    let Diagnostic { file, line, column, length, code, .. } = diagnostic;
    let mild = if diagnostic.is_error() { "" } else { "warning " };
    let near = diagnostic.suggestion.as_ref().map_or_else(String::new, |text| format!(" → {text}"));
    format!("{file}:{line}:{column}+{length} {mild}{code}{near}")
}

const METRICS: &str = r#"
[metric.experts]
title = "Certified experts"
formula = "certifications.filter(c, c.versions_behind < 2).distinct(c, c.person).count()"

[metric.delivery_score]
title = "Delivery score"
kind = "count"
formula = "min(50, experts * 10) + incidents.filter(i, i.at in last(90d)).count() * -5"

[metric.regional]
title = "Best region"
by = "region"
combine = "best"
formula = "deals.filter(d, has(d.won_at)).sum(d, convert(d.value, EUR))"
"#;

const MARKETS: &str = r#"
[market.emerging]
title = "Emerging markets"
countries = ["BR", "IN"]
multiplier = "60%"
values = { fee = "EUR 500.00" }

[market.rest]
title = "Everywhere else"
values = { fee = "EUR 900.00" }

[[exchange]]
from = "USD"
to = "EUR"
valid_from = "2026-01-01"
rate = "0.92"
"#;

const SCORECARD: &str = r#"
[scorecard.criterion.revenue]
title = "Revenue influence"
metric = "won_value_12m"
bands = [{ score = 0 }, { score = 3, from = "EUR 50000.00" }, { score = 5, from = "EUR 200000.00" }]
fresh_days = 30
stale_score = 1

[scorecard.criterion.quality]
title = "Delivery quality"
metric = "incidents_12m"
bands = [{ score = 5 }, { score = 3, from = "1" }, { score = 0, from = "4" }]
unknown_score = 2

[[scorecard.weights]]
from = "2026-01-01"
of = { revenue = "75%", quality = "25%" }

[[scorecard.weights]]
from = "2026-04-01"
of = { revenue = "50%", quality = "50%" }
"#;

const TIERS: &str = r#"
[movement]
promotion = "monthly"
demotion = "fiscal_yearly"
ratchet = "fiscal_year"
cure_days = 90

[[tier]]
key = "member"
title = "Member"

[[tier]]
key = "silver"
title = "Silver"
requires = "delivery_score >= 10 and won_value_12m >= EUR 50000.00 * market.multiplier"
tracks = { sell = "open_deals >= 3", build = "scorecard.quality >= 4" }
least_months = 6

[[tier]]
key = "gold"
title = "Gold"
requires = "scorecard.total >= 4 and top_share(won_value_12m) <= 15% and regional >= EUR 10000.00"
by = "region"
counts = "best"
"#;

fn whole() -> BTreeMap<String, String> {
    starter_with(&[
        ("metrics.toml", METRICS),
        ("markets.toml", MARKETS),
        ("scorecard.toml", SCORECARD),
        ("tiers.toml", TIERS),
    ])
}

// covers: B1.2
#[test]
fn a_program_may_say_all_of_it_and_is_stored_and_compared() {
    let files = whole();
    let checked = lint(&files, &wide::catalog(), None);
    assert!(checked.diagnostics.is_empty(), "{}", render(&checked.diagnostics, &files));
    let program = checked.program.unwrap();
    let stored = serde_json::to_string(&program).unwrap();
    assert_eq!(serde_json::from_str::<Program>(&stored).unwrap(), program);
    let mut other = files.clone();
    other.insert("tiers.toml".to_owned(), TIERS.replace("cure_days = 90", "cure_days = 60"));
    other.insert("metrics.toml".to_owned(), METRICS.replace("min(50", "min(60"));
    let changes = diff(&program, &Program::load(&other).unwrap());
    let paths: Vec<&str> = changes.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(paths, ["metrics.delivery_score.formula", "movement.cure_days"]);
    assert!(changes.iter().all(|change| change.affects.contains(&law::Area::Tiers)));
}

#[test]
fn programs_that_say_none_of_it_are_stored_as_before() {
    for program in shipped().iter().filter(|program| ["northwind", "starter"].contains(&program.key)) {
        let program = Program::load(&program.files()).unwrap();
        let stored = serde_json::to_value(&program).unwrap();
        for field in ["movement", "metrics", "markets", "scorecard"] {
            assert!(stored.get(field).is_none(), "{field}");
        }
        let tier = stored["tiers"][0].as_object().unwrap();
        assert!(["tracks", "by", "counts", "least_months"].iter().all(|field| !tier.contains_key(*field)), "{tier:?}");
    }
}

/// Each broken file has at least these findings.
fn told(cases: Vec<(&str, String, Vec<&str>)>) {
    let mut wrong = Vec::new();
    for (file, text, finds) in cases {
        let mut changes = vec![(file, text.as_str())];
        if file == "metrics.toml" && text.contains("convert") {
            changes.push(("markets.toml", MARKETS));
        }
        let files = starter_with(&changes);
        let diagnostics = lint(&files, &wide::catalog(), None).diagnostics;
        let briefs: Vec<String> = diagnostics.iter().map(brief).collect();
        if !finds.iter().all(|find| briefs.contains(&(*find).to_owned())) {
            wrong.push(format!("wanted {finds:?}, found {briefs:?}\n{}", render(&diagnostics, &files)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn formulas_are_told_at_their_place() {
    told(vec![
        (
            "metrics.toml",
            METRICS.replace("experts * 10", "experts * EUR 1.00"),
            vec!["metrics.toml:9:20+18 type-mismatch"],
        ),
        (
            "metrics.toml",
            METRICS.replace("kind = \"count\"", "kind = \"ratio\""),
            vec!["metrics.toml:8:8+7 wrong-type → count"],
        ),
        (
            "metrics.toml",
            METRICS.replace("[metric.experts]", "[metric.open_deals]"),
            vec!["metrics.toml:2:9+10 duplicate-key", "metrics.toml:9:20+7 unknown-metric → experts"][..1].to_vec(),
        ),
        (
            "metrics.toml",
            METRICS.replace("by = \"region\"", "by = \"regin\""),
            vec!["metrics.toml:13:6+7 unknown-field → region"],
        ),
        (
            "metrics.toml",
            "[metric.a]\ntitle = \"A\"\nformula = \"b + 1\"\n[metric.b]\ntitle = \"B\"\nformula = \"open_deals + a\"\n"
                .to_owned(),
            vec!["metrics.toml:3:12+1 cycle", "metrics.toml:6:25+1 cycle"],
        ),
        (
            "metrics.toml",
            "[metric.a-b]\ntitle = \"A\"\nformula = \"1 + 1\"\n".to_owned(),
            vec!["metrics.toml:1:9+3 bad-key → a_b"],
        ),
    ]);
}

#[test]
fn inconsistent_markets_and_rates_are_told_at_their_place() {
    told(vec![
        ("markets.toml", MARKETS.replace("\"BR\"", "\"IN\""), vec!["markets.toml:4:20+4 duplicate-key"]),
        ("markets.toml", MARKETS.replace("\"BR\"", "\"br\""), vec!["markets.toml:4:14+4 bad-country → BR"]),
        (
            "markets.toml",
            MARKETS.replace("multiplier = \"60%\"", "multiplier = \"-60%\""),
            vec!["markets.toml:5:14+6 bad-rate"],
        ),
        (
            "markets.toml",
            MARKETS.replace("values = { fee = \"EUR 900.00\" }", ""),
            vec!["markets.toml:8:1+13 missing-key"],
        ),
        ("markets.toml", MARKETS.replace("\"EUR 900.00\"", "5"), vec!["markets.toml:10:18+1 wrong-type"]),
        ("markets.toml", MARKETS.replace("to = \"EUR\"", "to = \"USD\""), vec!["markets.toml:14:6+5 out-of-range"]),
        ("markets.toml", MARKETS.replace("\"0.92\"", "\"0,92\""), vec!["markets.toml:16:8+6 bad-number → 0.92"]),
        ("markets.toml", MARKETS.replace("2026-01-01", "2026-13-01"), vec!["markets.toml:15:14+12 bad-date"]),
    ]);
}

#[test]
fn inconsistent_criteria_are_told_at_their_place() {
    let card = |text: &str| SCORECARD.replacen("\"EUR 200000.00\"", text, 1);
    told(vec![
        ("scorecard.toml", card("\"EUR 40000.00\""), vec!["scorecard.toml:5:83+14 unordered-bands"]),
        ("scorecard.toml", card("\"5\""), vec!["scorecard.toml:5:83+3 wrong-type"]),
        ("scorecard.toml", SCORECARD.replace("\"75%\"", "\"70%\""), vec!["scorecard.toml:17:6+36 bad-weights"]),
        (
            "scorecard.toml",
            SCORECARD.replace("revenue = \"75%\"", "revenu = \"75%\""),
            vec!["scorecard.toml:17:17+5 unknown-name → revenue"],
        ),
        (
            "scorecard.toml",
            SCORECARD.replace("score = 5 }", "score = 6 }"),
            vec!["scorecard.toml:12:20+1 out-of-range"],
        ),
    ]);
}

#[test]
fn inconsistent_ladders_are_told_at_their_place() {
    let tiers = |rule: &str, more: &str| {
        format!(
            "[[tier]]\nkey = \"a\"\ntitle = \"A\"\n[[tier]]\nkey = \"b\"\ntitle = \"B\"\nrequires = \"{rule}\"\n{more}"
        )
    };
    told(vec![
        ("tiers.toml", tiers("open_deals >= 5 and open_deals < 3", ""), vec!["tiers.toml:7:33+14 contradiction"]),
        ("tiers.toml", tiers("country == 'DE'", ""), vec!["tiers.toml:7:24+1 unexpected-character → \""]),
        (
            "tiers.toml",
            tiers("open_deals >= 5 and (open_deals < 3 or open_deals == 4)", ""),
            vec!["tiers.toml:7:12+57 contradiction"],
        ),
        ("tiers.toml", tiers("not suspended_ and open_deals > 1", ""), vec!["tiers.toml:7:17+10 unknown-metric"]),
        (
            "tiers.toml",
            tiers(
                "open_deals >= 5",
                "[[tier]]\nkey = \"c\"\ntitle = \"C\"\nrequires = \"open_deals >= 4 or country == \\\"DE\\\"\"\n",
            ),
            vec!["tiers.toml:11:12+38 weaker-tier"],
        ),
        (
            "tiers.toml",
            tiers("open_deals >= 5", "least_months = 6\nmost_months = 6\n"),
            vec!["tiers.toml:9:15+1 unordered-thresholds"],
        ),
        (
            "tiers.toml",
            tiers("open_deals >= 5", "by = \"product_line\"\n"),
            vec!["tiers.toml:8:6+14 unknown-field → product"],
        ),
        (
            "tiers.toml",
            tiers("open_deals >= 5", "[movement]\npromotion = \"montly\"\n"),
            vec!["tiers.toml:9:13+8 unknown-word → monthly"],
        ),
        ("tiers.toml", tiers("market.multiplier > 50%", ""), vec!["tiers.toml:7:20+10 unknown-name"]),
        (
            "tiers.toml",
            tiers("open_deals >= 5", "tracks = { sell = \"open_deal > 1\" }\n"),
            vec!["tiers.toml:8:20+9 unknown-metric → open_deals"],
        ),
    ]);
}

#[test]
fn rules_that_make_no_sense_do_not_keep_a_version_in_force_from_being_read() {
    let text = "[[tier]]\nkey = \"a\"\ntitle = \"A\"\n[[tier]]\nkey = \"b\"\ntitle = \"B\"\nrequires = \"open_deals >= 5 and open_deals < 3\"\n";
    let files = starter_with(&[("tiers.toml", text)]);
    assert!(lint(&files, &wide::catalog(), None).program.is_none());
    assert_eq!(Program::load(&files).unwrap().tiers.len(), 2);
}

#[test]
fn only_what_is_certain_is_said_about_rules() {
    let conditions = |rule: &str| Conditions::of(rule.parse::<Rule>().unwrap().tree()).unwrap();
    for (rule, never) in [
        ("a >= 5 and a < 3", true),
        ("a > 3 and a < 4", false),
        ("a >= 3 and a <= 3", false),
        ("a > 3 and a <= 3", true),
        ("a == 3 and a != 3", true),
        ("a == \"x\" and a == \"y\"", true),
        ("a == \"x\" and a != \"y\"", false),
        ("a >= EUR 5.00 and a <= USD 3.00", false),
        ("(a > 5 or b) and (a < 3 or c)", false),
        ("(a > 5 or b > 2) and a < 3 and b < 1", true),
        ("f and not f", true),
        ("f and not g", false),
        ("not (a >= 5 or a < 5)", true),
        ("5 <= a and 3 > a", true),
        ("not (x.a >= 5) and not (x.a < 5)", false),
    ] {
        assert_eq!(conditions(rule).is_never(), never, "{rule}");
    }
    for (strong, weak, implied) in [
        ("a >= 5", "a >= 5", true),
        ("a >= 5", "a >= 4", true),
        ("a >= 5", "a > 5", false),
        ("a > 5", "a >= 5", true),
        ("a >= 5", "a != 4", true),
        ("a >= 5 and b", "a >= 3", true),
        ("a >= 5", "a >= 3 and b", false),
        ("a >= 5 or b >= 1", "a >= 3 or b >= 1", true),
        ("a >= 5 or b >= 1", "a >= 3", false),
        ("a == 3", "a <= 3", true),
        ("deals.count() >= 5", "deals.count() >= 4", true),
    ] {
        assert_eq!(conditions(strong).implies(&conditions(weak)), implied, "{strong} ⇒ {weak}");
    }
}

// covers: B1.2, B1.3
#[test]
fn a_scorecard_is_weighted_by_the_quarter_and_knows_stale_values() {
    let basis = Program::load(&whole()).unwrap().basis();
    let mut case = Case { now: Some(at("2026-03-15")), ..Case::default() };
    case.values.insert("won_value_12m".to_owned(), money("EUR 60000.00"));
    case.values.insert("incidents_12m".to_owned(), Value::count(0));
    case.measured_at.insert("won_value_12m".to_owned(), at("2026-03-10"));
    let total = |case: &Case| case.view(&basis).score().unwrap().total.to_string();
    assert_eq!(total(&case), "3.5");
    let texts: Vec<String> = case.view(&basis).score().unwrap().criteria.into_iter().map(|one| one.text).collect();
    assert_eq!(
        texts,
        ["Delivery quality is 0: 5 of 5, counting 25%.", "Revenue influence is EUR 60,000.00: 3 of 5, counting 75%."]
    );
    let later = Case { now: Some(at("2026-04-02")), ..case.clone() };
    assert_eq!(total(&later), "4", "other weights from April on");
    let stale = Case { now: Some(at("2026-04-20")), ..case.clone() };
    assert_eq!(total(&stale), "3", "a stale value has the score that is said for it");
    assert!(stale.view(&basis).score().unwrap().criteria[1].stale);
    let mut unknown = case.clone();
    unknown.values.remove("incidents_12m");
    assert_eq!(total(&unknown), "2.75");
    unknown.values.remove("won_value_12m");
    unknown.measured_at.clear();
    assert_eq!(total(&unknown), "unknown (Revenue influence: not measured yet)");
    let early = Case { now: Some(at("2025-12-31")), ..case };
    assert_eq!(total(&early), "unknown (no weights are in force on 2025-12-31)");
    let rule: Rule = "scorecard.total >= 3.5 and scorecard.quality > 4".parse().unwrap();
    let later = Case { now: Some(at("2026-04-02")), ..later };
    assert_eq!(
        rule.explain(later.view(&basis)).sentences(),
        ["the score is 4, as needed at least 3.5", "the score for quality is 5, as needed more than 4"]
    );
}

fn deals(won: &[&str]) -> FactSet {
    let mut set = FactSet::of(&wide::catalog().sets["deals"]);
    set.fields = vec!["registered_at".to_owned(), "won_at".to_owned()];
    set.rows =
        won.iter().map(|at| vec![Value::Instant(at.parse().unwrap()), Value::Instant(at.parse().unwrap())]).collect();
    set
}

#[test]
fn the_smallest_change_is_told_nearest_first() {
    let basis = law::Basis::none();
    let mut case = Case { now: Some(at("2026-03-15")), ..Case::default() };
    case.values.insert("won_value_12m".to_owned(), money("EUR 80000.00"));
    case.values.insert("open_deals".to_owned(), Value::count(3));
    case.values.insert("incidents_12m".to_owned(), Value::count(6));
    case.sets.insert("deals".to_owned(), deals(&["2025-04-01", "2025-08-01", "2026-01-10"]));
    let path = |rule: &str, by: Option<&str>| Path::to(&[&rule.parse().unwrap()], case.view(basis), by.map(at));
    for (rule, ways) in [
        ("won_value_12m >= EUR 100000.00", vec!["won_value_12m: EUR 20,000.00 more"]),
        ("won_value_12m > EUR 100000.00 and open_deals >= 2", vec!["won_value_12m: over EUR 20,000.00 more"]),
        ("incidents_12m <= 4", vec!["incidents_12m: 2 less"]),
        ("not (incidents_12m > 4)", vec!["incidents_12m: 2 less"]),
        (
            "won_value_12m >= EUR 400000.00 or open_deals >= 4 or (open_deals >= 5 and incidents_12m < 2)",
            vec![
                "open_deals: 1 more",
                "won_value_12m: EUR 320,000.00 more",
                "open_deals: 2 more and incidents_12m: over 4 less",
            ],
        ),
        ("never_seen >= 2", vec!["never_seen must be measured and be at least 2"]),
        ("deals.exists(d, not has(d.won_at))", vec!["any of deals: not (won at is set) must be so"]),
        ("open_deals >= 3", vec![]),
        ("false", vec![]),
    ] {
        let found = path(rule, None);
        assert_eq!(found.ways.iter().map(law::Way::text).collect::<Vec<_>>(), ways, "{rule}");
        assert!(found.exact);
        assert_eq!(found.holds, rule == "open_deals >= 3");
    }
    // By July, the deal of April has dropped out of the twelve months.
    let rule = "deals.count(d, d.won_at in last(12mo)) >= 3";
    assert!(path(rule, None).holds);
    let later = path(rule, Some("2026-07-01"));
    assert_eq!(later.ways[0].text(), "the number of deals where won at is in the last 1 year: 1 more");
    assert!(later.exact, "facts say exactly what drops out");
    let measured = path("won_value_12m >= EUR 90000.00", Some("2026-07-01"));
    assert!(!measured.exact);
    assert_eq!(measured.notes, ["won_value_12m as measured today; what changes until then is not counted"]);
}

// covers: P18
#[test]
fn the_way_into_the_top_share_is_the_figure_of_the_last_one_in_it() {
    let rule: Rule = "top_share(won_value_12m) <= 20%".parse().unwrap();
    let basis = law::Basis::none();
    let needs = Needs::of([rule.tree()], basis);
    let mut cases: Vec<Case> = (1..=10)
        .map(|place| Case::of([("won_value_12m".to_owned(), money(&format!("EUR {}.00", place * 1000)))].into()))
        .collect();
    needs.compare(basis, &mut cases);
    let inside: Vec<bool> = cases.iter().map(|case| rule.holds(case.view(basis))).collect();
    assert_eq!(inside.iter().filter(|inside| **inside).count(), 2);
    let path = Path::to(&[&rule], cases[4].view(basis), None);
    assert_eq!(path.ways[0].text(), "won_value_12m: EUR 4,000.00 more, to be among the top 20%");
    assert!(!path.exact && path.notes[0].contains("as they stand now"));
}
