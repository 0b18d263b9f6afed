//! What a new law would change for many partners, with the reasons: ours against DuckDB computing the same figures in SQL.
//!
//! `CONCORD_BENCH_DUCKDB=/path/to/python cargo bench -p scoring --bench plan -- [--partners N] [--rounds N] [--seeds 1,2]`
//!
//! The Python named there must have the package `duckdb` (`python3 -m venv V && V/bin/pip install duckdb`, then
//! `V/bin/python`). Both sides start from facts in memory and end with the tier of every partner under both laws in the
//! client's memory; ours explains both tiers besides. The tiers are compared.

// A benchmark measures time, prints, and is told by the environment where its baseline is.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, clippy::print_stdout)]

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use kernel::{Currency, Money, Rule as _, Timestamp};
use law::{Case, Catalog, FactSet, Program, Value};
use scoring::{TierFacts, TierRule, TierTerms};

type Fault = Box<dyn std::error::Error>;
type Tiers = Vec<(String, String)>;

const NOW: &str = "2026-03-15T12:00:00Z";
/// Deals of a partner in three years, on average.
const DEALS: usize = 72;
const HOUR: i64 = 3_600_000_000;

/// The two laws: other windows, other thresholds, and another metric in the upper tiers.
const OLD: [&str; 2] = [
    r#"
[metric.won]
title = "Won in 12 months"
formula = "deals.filter(d, d.won_at > now - 365d).sum(d, d.value)"
[metric.wins]
title = "Deals won in 12 months"
formula = "deals.count(d, d.won_at > now - 365d)"
[metric.losses]
title = "Deals lost in 12 months"
formula = "deals.count(d, d.lost_at > now - 365d)"
"#,
    r#"
[[tier]]
key = "bronze"
title = "Bronze"
[[tier]]
key = "silver"
title = "Silver"
requires = "won >= EUR 6000.00"
[[tier]]
key = "gold"
title = "Gold"
requires = "won >= EUR 9000.00 and wins >= 10"
[[tier]]
key = "platinum"
title = "Platinum"
requires = "won >= EUR 11000.00 and wins >= 12 and losses <= 14"
"#,
];
const NEW: [&str; 2] = [
    r#"
[metric.won]
title = "Won in 6 months"
formula = "deals.filter(d, d.won_at > now - 180d).sum(d, d.value)"
[metric.wins]
title = "Deals won in 3 years"
formula = "deals.count(d, d.won_at > now - 1095d)"
[metric.maps]
title = "Maps won in 2 years"
formula = "deals.filter(d, d.product == \"Maps\" and d.won_at > now - 730d).sum(d, d.value)"
"#,
    r#"
[[tier]]
key = "bronze"
title = "Bronze"
[[tier]]
key = "silver"
title = "Silver"
requires = "won >= EUR 2500.00"
[[tier]]
key = "gold"
title = "Gold"
requires = "won >= EUR 3500.00 and wins >= 25"
[[tier]]
key = "platinum"
title = "Platinum"
requires = "won >= EUR 4500.00 and wins >= 30 and maps >= EUR 5000.00"
"#,
];

fn sql(now: Timestamp) -> String {
    let since = |days: i64| now.plus_days(-days).micros();
    let (year, half, three, two, now) = (since(365), since(180), since(1095), since(730), now.micros());
    format!(
        "WITH figures AS (SELECT partner,
            coalesce(sum(value) FILTER (WHERE won_at > {year} AND won_at <= {now}), 0) AS won_a,
            count(*) FILTER (WHERE won_at > {year} AND won_at <= {now}) AS wins_a,
            count(*) FILTER (WHERE lost_at > {year} AND lost_at <= {now}) AS losses_a,
            coalesce(sum(value) FILTER (WHERE won_at > {half} AND won_at <= {now}), 0) AS won_b,
            count(*) FILTER (WHERE won_at > {three} AND won_at <= {now}) AS wins_b,
            coalesce(sum(value) FILTER (WHERE product = 'Maps' AND won_at > {two} AND won_at <= {now}), 0) AS maps_b
            FROM deal WHERE registered_at <= {now} GROUP BY partner)
         SELECT partner, won_a, wins_a, losses_a, won_b, wins_b, maps_b,
            CASE WHEN won_a >= 1100000 AND wins_a >= 12 AND losses_a <= 14 THEN 'platinum'
                 WHEN won_a >= 900000 AND wins_a >= 10 THEN 'gold' WHEN won_a >= 600000 THEN 'silver' ELSE 'bronze' END,
            CASE WHEN won_b >= 450000 AND wins_b >= 30 AND maps_b >= 500000 THEN 'platinum'
                 WHEN won_b >= 350000 AND wins_b >= 25 THEN 'gold' WHEN won_b >= 250000 THEN 'silver' ELSE 'bronze' END
         FROM figures ORDER BY partner"
    )
}

/// The same numbers for the same seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        i64::try_from((z ^ (z >> 31)) % limit).unwrap_or(0)
    }
}

/// A deal as both sides read it.
struct Deal {
    registered_at: Timestamp,
    won_at: Option<Timestamp>,
    lost_at: Option<Timestamp>,
    cents: i64,
    product: &'static str,
}

fn deals(partners: usize, seed: u64, now: Timestamp) -> Vec<Vec<Deal>> {
    let mut dice = Dice(seed);
    let deal = |dice: &mut Dice| {
        let registered_at = now.plus_micros(-dice.below(3 * 365 * 24) * HOUR);
        let closed = registered_at.plus_micros(dice.below(120 * 24) * HOUR);
        let fate = dice.below(10);
        Deal {
            registered_at,
            won_at: (fate < 5).then_some(closed),
            lost_at: (5..9).contains(&fate).then_some(closed),
            cents: dice.below(150_000),
            product: ["Maps", "Routes", "Fleet"][usize::try_from(dice.below(3)).unwrap_or(0)],
        }
    };
    let partner = |_| {
        let count = DEALS / 2 + usize::try_from(dice.below(DEALS as u64)).unwrap_or(0);
        (0..count).map(|_| deal(&mut dice)).collect()
    };
    (0..partners).map(partner).collect()
}

/// The facts as rules read them: each partner's rows with the columns that either law needs.
fn cases(deals: &[Vec<Deal>], now: Timestamp) -> Vec<TierFacts> {
    let fields = ["lost_at", "product", "registered_at", "value", "won_at"].map(str::to_owned).to_vec();
    let at = |at: Option<Timestamp>| at.map_or(Value::Absent, Value::from);
    let case = |deals: &Vec<Deal>| {
        let row = |deal: &Deal| {
            let value = Money::new(i128::from(deal.cents), Currency::EUR);
            vec![at(deal.lost_at), Value::text(deal.product), deal.registered_at.into(), value.into(), at(deal.won_at)]
        };
        let rows = deals.iter().map(row).collect();
        let set = FactSet { fields: fields.clone(), since: Some("registered_at".into()), rows, ..FactSet::default() };
        let case = Case { now: Some(now), sets: [("deals".to_owned(), set)].into(), ..Case::default() };
        TierFacts { case, ..TierFacts::default() }
    };
    deals.iter().map(case).collect()
}

fn terms([metrics, tiers]: [&str; 2]) -> Result<TierTerms, Fault> {
    let shipped = law::shipped().iter().find(|one| one.key == "starter").ok_or("there is no starter program")?;
    let mut files = shipped.files();
    files.insert("metrics.toml".to_owned(), metrics.to_owned());
    files.insert("tiers.toml".to_owned(), tiers.to_owned());
    let checked = law::lint(&files, &Catalog::standard(), None);
    let program: Program = checked.program.ok_or_else(|| law::render(&checked.diagnostics, &files))?;
    Ok(TierTerms::of(&program, &[]))
}

/// The tier of every partner under both laws, and the sentences that explain them.
fn plan(laws: &[TierTerms; 2], partners: &[TierFacts]) -> (Tiers, usize) {
    let decided = scoring::spread(partners, |facts| laws.each_ref().map(|terms| TierRule::decide(terms, facts)));
    let sentences = decided.iter().flatten().map(|verdict| verdict.reasons.len()).sum();
    (decided.into_iter().map(|[old, new]| (old.outcome, new.outcome)).collect(), sentences)
}

/// A DuckDB with the facts in a table.
struct Duck {
    process: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
    folder: std::path::PathBuf,
}

impl Duck {
    fn with(python: &str, deals: &[Vec<Deal>], now: Timestamp) -> Result<Self, Fault> {
        let folder = std::env::temp_dir().join(format!("concord-plan-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let (facts, query, script) = (folder.join("deals.csv"), folder.join("plan.sql"), folder.join("duck.py"));
        let mut csv = String::from("partner,registered_at,won_at,lost_at,value,product\n");
        let at = |at: Option<Timestamp>| at.map(|at| at.micros().to_string()).unwrap_or_default();
        for (partner, deals) in deals.iter().enumerate() {
            for deal in deals {
                let Deal { registered_at, won_at, lost_at, cents, product } = deal;
                let registered = registered_at.micros();
                writeln!(csv, "{partner},{registered},{},{},{cents},{product}", at(*won_at), at(*lost_at))?;
            }
        }
        std::fs::write(&facts, csv)?;
        std::fs::write(&query, sql(now))?;
        std::fs::write(&script, include_str!("duck.py"))?;
        let mut process = Command::new(python)
            .args([&script, &facts, &query])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{python} does not start: {error}"))?;
        let ask = process.stdin.take().ok_or("no input")?;
        let mut answers = BufReader::new(process.stdout.take().ok_or("no output")?);
        let mut version = String::new();
        answers.read_line(&mut version)?;
        if version.trim().is_empty() {
            return Err("this Python has no package `duckdb`: make one with `python3 -m venv V && V/bin/pip install \
                        duckdb` and name V/bin/python in CONCORD_BENCH_DUCKDB"
                .into());
        }
        Ok(Self { process, ask, answers, folder })
    }

    fn plan(&mut self, with_rows: bool) -> Result<(Duration, Tiers), Fault> {
        writeln!(self.ask, "{}", if with_rows { "rows" } else { "time" })?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let answer: serde_json::Value = serde_json::from_str(&line)?;
        let nanos = answer["nanos"].as_u64().ok_or("no time")?;
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let rows = answer["rows"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok((Duration::from_nanos(nanos), rows.iter().map(|row| (text(&row[7]), text(&row[8]))).collect()))
    }
}

impl Drop for Duck {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn main() -> Result<(), Fault> {
    let (mut partners, mut rounds, mut seeds) = (10_000, 7, vec![1, 2]);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("`{word}` needs a value"));
        match word.as_str() {
            "--partners" => partners = value()?.parse()?,
            "--rounds" => rounds = value()?.parse()?,
            "--seeds" => seeds = value()?.split(',').map(str::parse).collect::<Result<_, _>>()?,
            "--bench" => {}
            other => return Err(format!("`{other}` is no option of this benchmark").into()),
        }
    }
    let python = std::env::var("CONCORD_BENCH_DUCKDB").ok();
    if python.is_none() {
        println!(
            "CONCORD_BENCH_DUCKDB is not set, so that there is no baseline: name a Python with the package duckdb \
             (python3 -m venv V && V/bin/pip install duckdb, then V/bin/python).\n"
        );
    }
    let laws = [terms(OLD)?, terms(NEW)?];
    for seed in seeds {
        let small = one(&laws, partners / 10, rounds, seed, python.as_deref())?;
        let large = one(&laws, partners, rounds, seed, python.as_deref())?;
        let exponent = (large.as_secs_f64() / small.as_secs_f64()).log10();
        println!("  seed {seed}: ours grows with the number of partners to the power of {exponent:.2}\n");
    }
    Ok(())
}

/// Both sides in turn; returns our median.
fn one(laws: &[TierTerms; 2], count: usize, rounds: usize, seed: u64, python: Option<&str>) -> Result<Duration, Fault> {
    let now: Timestamp = NOW.parse()?;
    let deals = deals(count, seed, now);
    let facts: usize = deals.iter().map(Vec::len).sum();
    println!("seed {seed}: {count} partners with {facts} deals of three years, {rounds} rounds");
    let partners = cases(&deals, now);
    let mut duck = python.map(|python| Duck::with(python, &deals, now)).transpose()?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let started = Instant::now();
        let (tiers, sentences) = plan(laws, &partners);
        ours.push(started.elapsed());
        let Some(duck) = &mut duck else { continue };
        let (time, rows) = duck.plan(round == 0)?;
        theirs.push(time);
        if round == 0 {
            let moved = tiers.iter().filter(|(old, new)| old != new).count();
            println!("  {moved} partners would move; {sentences} sentences say why");
            if rows != tiers {
                return Err("DuckDB finds other tiers".into());
            }
        }
    }
    let median = |times: &[Duration]| {
        let mut times = times.to_vec();
        times.sort_unstable();
        times[times.len() / 2]
    };
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    if theirs.is_empty() {
        println!("  ours {:.1} ms", millis(median(&ours)));
        return Ok(median(&ours));
    }
    let mut ratios: Vec<f64> = ours.iter().zip(&theirs).map(|(a, b)| a.as_secs_f64() / b.as_secs_f64()).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    println!(
        "  ours {:.1} ms with reasons, DuckDB {:.1} ms without: {:.2}× ({:.2}–{:.2})",
        millis(median(&ours)),
        millis(median(&theirs)),
        ratios[ratios.len() / 2],
        ratios[0],
        ratios[ratios.len() - 1]
    );
    Ok(median(&ours))
}
