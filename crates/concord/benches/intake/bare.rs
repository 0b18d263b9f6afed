//! The baseline: the same rows, made before, inserted by one writer into the same table with the same indexes.

use std::time::Instant;

use rusqlite::{Connection, params};

use crate::Sent;
use crate::stage::{self, Done, Installation};

const INSERT: &str = "INSERT INTO usage_event (id, organization, batch, source, external_id, content_hash, customer,
    quantity_micros, unit, integration, occurred_at, recorded_at)";

/// The texts of a row, as long as ours.
struct Row {
    id: String,
    external_id: String,
    content_hash: Vec<u8>,
    customer: String,
    quantity_micros: i64,
    occurred_at: i64,
}

fn rows(sent: &[Sent]) -> Vec<Row> {
    let row = |event: &Sent| Row {
        id: format!("use_0123456789abcdef{:020}", event.number),
        external_id: event.id(),
        content_hash: vec![event.number as u8; 16],
        customer: format!("cust_{:026}", event.number * 7919 % 2_000),
        quantity_micros: event.quantity() * 1_000_000,
        occurred_at: event.occurred_at().micros(),
    };
    sent.iter().map(row).collect()
}

/// Inserts everything and returns the seconds that it took.
pub async fn insert(installation: &Installation, sent: &[Sent], new: usize, batch: usize) -> Done<f64> {
    let rows = rows(sent);
    let organization = format!("org_{:026}", 1);
    let (seconds, count) = match &installation.place.database_url {
        Some(url) => postgres(url, &rows, &organization, batch).await?,
        None => sqlite(&installation.place.database_file(), &rows, &organization, batch)?,
    };
    assert_eq!(count, new as i64, "exactly once");
    Ok(seconds)
}

fn sqlite(file: &std::path::Path, rows: &[Row], organization: &str, batch: usize) -> Done<(f64, i64)> {
    let mut connection = Connection::open(file)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536; PRAGMA mmap_size = 268435456;",
    )?;
    let sql =
        format!("{INSERT} VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (id) DO NOTHING");
    let began = Instant::now();
    for (place, chunk) in rows.chunks(batch).enumerate() {
        let name = format!("batch_{place:026}");
        let transaction = connection.transaction()?;
        {
            let mut insert = transaction.prepare_cached(&sql)?;
            for row in chunk {
                insert.execute(params![
                    row.id,
                    organization,
                    name,
                    "telemetry",
                    row.external_id,
                    row.content_hash,
                    row.customer,
                    row.quantity_micros,
                    "driver",
                    None::<String>,
                    row.occurred_at,
                    1_772_000_000_000_000_i64,
                ])?;
            }
        }
        transaction.commit()?;
    }
    let seconds = began.elapsed().as_secs_f64();
    Ok((seconds, connection.query_row("SELECT COUNT(*) FROM usage_event", [], |row| row.get(0))?))
}

async fn postgres(url: &str, rows: &[Row], organization: &str, batch: usize) -> Done<(f64, i64)> {
    let client = stage::client(url).await?;
    let sql = format!(
        "{INSERT} SELECT id, $1, $2, 'telemetry', external, hash, customer, quantity, 'driver', NULL, occurred, $3
         FROM UNNEST($4::text[], $5::text[], $6::bytea[], $7::text[], $8::bigint[], $9::bigint[])
              AS t (id, external, hash, customer, quantity, occurred)
         ON CONFLICT (id) DO NOTHING"
    );
    let insert = client.prepare(&sql).await?;
    let began = Instant::now();
    for (place, chunk) in rows.chunks(batch).enumerate() {
        let name = format!("batch_{place:026}");
        let ids: Vec<&str> = chunk.iter().map(|r| r.id.as_str()).collect();
        let externals: Vec<&str> = chunk.iter().map(|r| r.external_id.as_str()).collect();
        let hashes: Vec<&[u8]> = chunk.iter().map(|r| r.content_hash.as_slice()).collect();
        let customers: Vec<&str> = chunk.iter().map(|r| r.customer.as_str()).collect();
        let quantities: Vec<i64> = chunk.iter().map(|r| r.quantity_micros).collect();
        let times: Vec<i64> = chunk.iter().map(|r| r.occurred_at).collect();
        let now = 1_772_000_000_000_000_i64;
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 9] =
            [&organization, &name, &now, &ids, &externals, &hashes, &customers, &quantities, &times];
        client.execute(&insert, &params).await?;
    }
    let seconds = began.elapsed().as_secs_f64();
    Ok((seconds, client.query_one("SELECT COUNT(*) FROM usage_event", &[]).await?.get(0)))
}
