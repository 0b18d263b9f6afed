//! The examples of `docs/rules.md` are true: each block of the page is read, typed and computed as it says.
#![allow(clippy::unwrap_used)]

mod wide;

use std::collections::BTreeMap;
use std::path::Path as File;

use kernel::{Currency, Money, Timestamp};
use law::expr::{self, Declared, Needs, Number, Scope};
use law::{Case, FactSet, Path, Program, Rule, Value, lint, render, shipped};

/// The blocks of the page with their language, in order.
fn blocks() -> Vec<(String, String)> {
    let page = std::fs::read_to_string(File::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md")).unwrap();
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            found.push((language.to_owned(), body.join("\n")));
        }
    }
    found
}

/// The lines `left → right` of all blocks of a kind.
fn pairs(kind: &str) -> Vec<(String, String)> {
    let blocks = blocks().into_iter().filter(|(language, _)| language == kind);
    let lines = blocks.flat_map(|(_, body)| body.lines().map(str::to_owned).collect::<Vec<_>>());
    let pairs: Vec<(String, String)> =
        lines.map(|line| line.split_once(" → ").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap()).collect();
    assert!(!pairs.is_empty(), "the page has no `{kind}`");
    pairs
}

fn cell(text: &str) -> Value {
    if text == "-" {
        return Value::Absent;
    }
    if let Ok(money) = text.parse::<Money>() {
        return money.into();
    }
    if let Ok(number) = text.parse::<Number>() {
        return Value::Count(number);
    }
    text.parse::<Timestamp>().map_or_else(|_| Value::text(text), Value::Instant)
}

fn case() -> Case {
    let mut case = Case { now: Some("2026-03-15T12:00:00Z".parse().unwrap()), ..Case::default() };
    let (_, facts) = blocks().into_iter().find(|(language, _)| language == "facts").unwrap();
    for table in facts.split("\n\n") {
        let mut rows = table.lines().map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
        let head = rows.next().unwrap();
        let kind = &wide::catalog().sets[head[0]];
        let mut set = FactSet::of(kind);
        set.fields = head[1..].iter().map(|field| (*field).to_owned()).collect();
        assert!(set.fields.iter().all(|field| kind.fields.contains_key(field)), "{head:?}");
        set.rows = rows.map(|row| row.into_iter().map(cell).collect()).collect();
        case.sets.insert(head[0].to_owned(), set);
    }
    case.values.insert("open_deals".to_owned(), Value::count(3));
    case.values.insert("country".to_owned(), Value::text("IN"));
    case.values.insert("won_value_12m".to_owned(), cell("EUR 120000.00"));
    case
}

/// The program that the page puts together: metrics of all blocks, markets, scorecard, and one of its ladders.
fn files(ladder: usize) -> BTreeMap<String, String> {
    let mut files = shipped().iter().find(|program| program.key == "starter").unwrap().files();
    let settings = files.get_mut("program.toml").unwrap();
    *settings = settings.replacen("\n[approvals]", "fiscal_year_start = 4\n\n[approvals]", 1);
    let all = |name: &str| {
        let bodies: Vec<String> =
            blocks().into_iter().filter(|(language, _)| language == name).map(|(_, body)| body).collect();
        assert!(!bodies.is_empty(), "the page has no `{name}`");
        bodies
    };
    for name in ["metrics.toml", "markets.toml", "scorecard.toml"] {
        files.insert(name.to_owned(), all(name).join("\n"));
    }
    files.insert("tiers.toml".to_owned(), all("tiers.toml")[ladder].clone());
    files
}

fn program() -> Program {
    wide::program(&files(0))
}

#[test]
fn the_files_of_the_page_are_sound() {
    for ladder in 0..2 {
        let files = files(ladder);
        let checked = lint(&files, &wide::catalog(), None);
        assert!(checked.diagnostics.is_empty(), "{}", render(&checked.diagnostics, &files));
        assert_eq!(checked.program.unwrap().settings.fiscal_year_start, 4);
    }
}

#[test]
fn the_rules_of_the_page_give_what_it_says() {
    let basis = program().basis();
    for (text, expected) in pairs("rule") {
        let rule: Rule = text.parse().unwrap_or_else(|fault| panic!("{text}: {fault}"));
        let needs = Needs::of([rule.tree()], &basis);
        let mut cases = vec![case()];
        cases.extend([1, 2, 4].map(|open| Case::of([("open_deals".to_owned(), Value::count(open))].into())));
        needs.compare(&basis, &mut cases);
        let stored = needs.trim(&cases[0]);
        assert_eq!(rule.compute(stored.view(&basis)).to_string(), expected, "{text}");
        assert!(typed(&text).is_ok(), "{text}: {:?}", typed(&text));
    }
}

fn typed(text: &str) -> Result<law::Type, Vec<expr::Fault>> {
    let program = program();
    let declared = Declared {
        metrics: program
            .metrics
            .iter()
            .map(|(name, metric)| {
                let kind = metric.formula.compute(case().view(&program.basis())).kind();
                (name.clone(), kind)
            })
            .collect(),
        market: Some([("multiplier".to_owned(), law::Type::Ratio), ("fee".to_owned(), law::Type::Money)].into()),
        criteria: Some(program.scorecard.criterion.keys().cloned().collect()),
        exchange: true,
    };
    let catalog = wide::catalog();
    let scope = Scope { catalog: &catalog, currency: Some(Currency::EUR), declared: &declared };
    let tree = expr::parse(text).map_err(|fault| vec![fault])?;
    expr::check(&tree, scope)
}

#[test]
fn the_ways_up_are_as_the_page_says() {
    let (basis, case) = (program().basis(), case());
    for (text, expected) in pairs("way") {
        let rule: Rule = text.parse().unwrap();
        let path = Path::to(&[&rule], case.view(&basis), None);
        let ways: Vec<String> = path.ways.iter().map(law::Way::text).collect();
        assert_eq!(ways.join("; "), expected, "{text}");
    }
}

#[test]
fn what_the_page_calls_wrong_is_wrong() {
    for (text, expected) in pairs("wrong") {
        let tree = expr::parse(&text).unwrap();
        let found = match typed(&text) {
            Err(faults) => faults
                .into_iter()
                .map(|fault| match fault.suggestion {
                    Some(near) => format!("{}: {near}", fault.code),
                    None => fault.code.to_owned(),
                })
                .collect(),
            Ok(_) if !expr::contradictions(&tree).is_empty() => vec!["contradiction".to_owned()],
            Ok(_) => Vec::new(),
        };
        assert_eq!(found, [expected], "{text}");
    }
}
