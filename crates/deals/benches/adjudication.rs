//! Adjudication of many competing registrations: our order against the same rules as one SQL query.
//!
//! `cargo bench -p deals --bench adjudication -- [--claims N] [--rounds N] [--seeds 1,2]`
//!
//! The baselines are window functions over the same rows: in SQLite always, in PostgreSQL where `CONCORD_BENCH_POSTGRES`
//! names a server. All sides start from rows that are there and end with the place of every claim in the client's memory;
//! the places are compared, and once more for the rows in another order of arrival.

// A benchmark measures time, prints, and is told by the environment where its baseline is.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use deals::DealId;
use deals::registration::{Claim, ClaimTerms, Merits, Relationship, RelationshipKind, places};
use kernel::db::Target;
use kernel::{Db, Money, PartnerId, Timestamp, params};
use law::TieBreak;
use tokio_postgres::NoTls;

type Fault = Box<dyn std::error::Error>;
type Places = BTreeMap<String, usize>;

/// The same numbers for the same seed (SplitMix64).
struct Dice(u64);

impl Dice {
    const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.roll() % limit.max(1) as u64) as usize
    }
}

const TIERS: [&str; 4] = ["bronze", "silver", "gold", "platinum"];
/// Claims for one customer, on average.
const RIVALS: usize = 5;

const PRECEDENCE: [TieBreak; 6] = [
    TieBreak::Relationship,
    TieBreak::Capability,
    TieBreak::Tier,
    TieBreak::Value,
    TieBreak::Completeness,
    TieBreak::RegisteredAt,
];

/// The same precedence in SQL.
const QUERY: &str = "SELECT id, ROW_NUMBER() OVER (PARTITION BY customer ORDER BY relationship DESC, capable DESC,
    tier DESC, value_minor DESC, completeness DESC, valid_at, id) AS place FROM bench_claim";

const TABLE: &str = "bench_claim (id TEXT NOT NULL, customer BIGINT NOT NULL, relationship BIGINT NOT NULL,
    capable BIGINT NOT NULL, tier BIGINT NOT NULL, value_minor BIGINT NOT NULL, completeness BIGINT NOT NULL,
    valid_at BIGINT NOT NULL)";

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> Result<(), Fault> {
    let (mut claims, mut rounds, mut seeds) = (100_000, 5, vec![1, 2]);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("`{word}` needs a value"));
        match word.as_str() {
            "--claims" => claims = value()?.parse()?,
            "--rounds" => rounds = value()?.parse()?,
            "--seeds" => seeds = value()?.split(',').map(str::parse).collect::<Result<_, _>>()?,
            "--bench" => {}
            other => return Err(format!("`{other}` is no option of this benchmark").into()),
        }
    }
    let postgres = std::env::var("CONCORD_BENCH_POSTGRES").ok();
    if postgres.is_none() {
        println!("CONCORD_BENCH_POSTGRES is not set: SQLite is the only baseline.\n");
    }
    for seed in seeds {
        let small = one(claims / 10, rounds, seed, postgres.as_deref()).await?;
        let large = one(claims, rounds, seed, postgres.as_deref()).await?;
        let exponent = (large.as_secs_f64() / small.as_secs_f64()).log10();
        println!("  seed {seed}: ours grows with the number of claims to the power of {exponent:.2}\n");
    }
    Ok(())
}

/// Both sides in turn; returns our median.
async fn one(count: usize, rounds: usize, seed: u64, postgres: Option<&str>) -> Result<Duration, Fault> {
    let terms = terms();
    let made = claims(count, seed);
    println!("seed {seed}: {count} claims for {} customers, {rounds} rounds", count / RIVALS);
    let mut sqlite = Sqlite::with(&made).await?;
    let mut server = match postgres {
        Some(url) => Some(Postgres::with(url, &made).await?),
        None => None,
    };
    let (mut ours, mut lite, mut pg) = (Vec::new(), Vec::new(), Vec::new());
    let mut expected = Vec::new();
    for round in 0..rounds {
        let started = Instant::now();
        let found = places(&terms, &made);
        ours.push(started.elapsed());
        let (time, rows) = sqlite.ask().await?;
        lite.push(time);
        let (other, rows_of_server) = match &mut server {
            Some(server) => server.ask().await?,
            None => (Duration::ZERO, Vec::new()),
        };
        pg.push(other);
        if round == 0 {
            let own: Places =
                made.iter().zip(&found).map(|((_, claim), place)| (claim.deal.to_string(), *place)).collect();
            if rows.into_iter().collect::<Places>() != own {
                return Err("SQLite finds other places".into());
            }
            if server.is_some() && rows_of_server.into_iter().collect::<Places>() != own {
                return Err("PostgreSQL finds other places".into());
            }
            let mut shuffled = made.clone();
            shuffle(&mut shuffled, seed + 7);
            let again = places(&terms, &shuffled);
            let again: Places =
                shuffled.iter().zip(again).map(|((_, claim), place)| (claim.deal.to_string(), place)).collect();
            if again != own {
                return Err("another order of arrival gives other places".into());
            }
            expected = found;
        } else if found != expected {
            return Err("the same claims have other places".into());
        }
    }
    report("SQLite", &ours, &lite);
    if server.is_some() {
        report("PostgreSQL", &ours, &pg);
    }
    sqlite.close();
    Ok(median(&ours))
}

fn report(name: &str, ours: &[Duration], theirs: &[Duration]) {
    let mut ratios: Vec<f64> = ours.iter().zip(theirs).map(|(a, b)| b.as_secs_f64() / a.as_secs_f64()).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    println!(
        "  {name:<10} {:>8.1} ms, ours {:>7.1} ms: {:>5.1}× ({:.1}–{:.1})",
        median(theirs).as_secs_f64() * 1e3,
        median(ours).as_secs_f64() * 1e3,
        ratios[ratios.len() / 2],
        ratios[0],
        ratios[ratios.len() - 1]
    );
}

fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}

fn terms() -> ClaimTerms {
    ClaimTerms {
        registration: law::Registration::default(),
        same: 900,
        review: 700,
        precedence: PRECEDENCE.to_vec(),
        tiers: TIERS.map(str::to_owned).to_vec(),
        time_zone: "Europe/Berlin".to_owned(),
        windows: Vec::new(),
        segments: Vec::new(),
        approvals: Vec::new(),
        time_settles: false,
    }
}

fn claims(count: usize, seed: u64) -> Vec<(i64, Claim)> {
    let mut dice = Dice::new(seed);
    let customers = (count / RIVALS).max(1);
    let mut id = || {
        let high = u128::from(dice.roll());
        high << 64 | u128::from(dice.roll())
    };
    let ids: Vec<u128> = (0..count * 2).map(|_| id()).collect();
    let mut dice = Dice::new(seed + 1);
    let made = (0..count).map(|n| {
        let kinds = [RelationshipKind::WonDeal, RelationshipKind::Revenue, RelationshipKind::NamedAccount];
        let relationship = kinds.get(dice.below(12)).map(|kind| Relationship { kind: *kind, evidence: String::new() });
        let merits = Merits {
            relationship,
            capable: dice.below(3) > 0,
            value: Some(Money::new((dice.below(40) as i128 + 1) * 500_000, kernel::Currency::EUR)),
            completeness: dice.below(11) as u8,
            ..Merits::default()
        };
        let claim = Claim {
            deal: DealId::from_bytes(ids[n * 2].to_be_bytes()),
            partner: PartnerId::from_bytes(ids[n * 2 + 1].to_be_bytes()),
            partner_name: String::new(),
            tier: Some(TIERS[dice.below(TIERS.len())].to_owned()),
            valid_at: Timestamp::from_micros(1_700_000_000_000_000 + dice.below(1_000_000) as i64),
            merits,
        };
        (dice.below(customers) as i64, claim)
    });
    made.collect()
}

fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut dice = Dice::new(seed);
    for n in (1..items.len()).rev() {
        items.swap(n, dice.below(n + 1));
    }
}

/// A row of the baseline: id, customer, and what the query sorts by.
fn row((customer, claim): &(i64, Claim)) -> (String, [i64; 7]) {
    let merits = &claim.merits;
    let tier = TIERS.iter().position(|tier| Some(*tier) == claim.tier.as_deref()).map_or(0, |place| place as i64 + 1);
    let figures = [
        *customer,
        merits.relationship.as_ref().map_or(0, |one| one.kind as i64 + 1),
        i64::from(merits.capable),
        tier,
        merits.value.map_or(0, |value| value.minor as i64),
        i64::from(merits.completeness),
        claim.valid_at.micros(),
    ];
    (claim.deal.to_string(), figures)
}

const INSERT: &str =
    "INSERT INTO bench_claim (id, customer, relationship, capable, tier, value_minor, completeness, valid_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

struct Sqlite {
    db: Db,
    folder: std::path::PathBuf,
}

impl Sqlite {
    async fn with(claims: &[(i64, Claim)]) -> Result<Self, Fault> {
        let folder = std::env::temp_dir().join(format!("adjudication-{}-{}", std::process::id(), claims.len()));
        std::fs::create_dir_all(&folder)?;
        let db = Db::open(&Target::Sqlite(folder.join("bench.db"))).await?;
        let mut tx = db.write().await?;
        tx.run("DROP TABLE IF EXISTS bench_claim", params![]).await?;
        tx.run(&format!("CREATE TABLE {TABLE}"), params![]).await?;
        for claim in claims {
            let (id, [a, b, c, d, e, f, g]) = row(claim);
            tx.run(INSERT, params![id, a, b, c, d, e, f, g]).await?;
        }
        tx.commit().await?;
        Ok(Self { db, folder })
    }

    async fn ask(&mut self) -> Result<(Duration, Vec<(String, usize)>), Fault> {
        let mut tx = self.db.read().await?;
        let started = Instant::now();
        let read = |row: &kernel::Row| Ok((row.get::<String>("id")?, row.get::<u64>("place")? as usize));
        let rows = tx.all(QUERY, params![], read).await?;
        Ok((started.elapsed(), rows))
    }

    fn close(self) {
        drop(self.db);
        // What is left is in the folder for temporary files.
        let _ = std::fs::remove_dir_all(self.folder);
    }
}

struct Postgres(tokio_postgres::Client);

impl Postgres {
    async fn with(url: &str, claims: &[(i64, Claim)]) -> Result<Self, Fault> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        client.batch_execute(&format!("CREATE TEMPORARY TABLE {TABLE}; SET work_mem = '256MB'")).await?;
        let statement = client.prepare(INSERT).await?;
        client.batch_execute("BEGIN").await?;
        for claim in claims {
            let (id, [a, b, c, d, e, f, g]) = row(claim);
            client.execute(&statement, &[&id, &a, &b, &c, &d, &e, &f, &g]).await?;
        }
        client.batch_execute("COMMIT; ANALYZE bench_claim").await?;
        Ok(Self(client))
    }

    async fn ask(&mut self) -> Result<(Duration, Vec<(String, usize)>), Fault> {
        let started = Instant::now();
        let rows = self.0.query(QUERY, &[]).await?;
        let found = rows.iter().map(|row| (row.get(0), row.get::<_, i64>(1) as usize)).collect();
        Ok((started.elapsed(), found))
    }
}
