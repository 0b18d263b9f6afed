//! One storage interface over embedded SQLite and PostgreSQL: one text of SQL, a few verbs, serializable writes.
//!
//! Stores read with [`Tx::one`] and [`Tx::all`] and write with [`Tx::insert`], [`Tx::update`], [`Tx::write`] and
//! [`Tx::delete`]. Every written row is remembered and *sealed*: the operation runner puts its digest into the log entry
//! of the operation, so that a row changed behind Concord's back is found and traced to the entry that last wrote it.

mod migrate;
mod postgres;
mod sqlite;
mod value;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

pub use migrate::Migration;
pub use value::{FromValue, Row, RowDigest, Value, hex, minor};

use values::error::{Error, Result};

/// `organization = $1` beside a list of ids, in a form that no index offers itself for: without figures about the data,
/// SQLite would rather walk through everything of the organization than look many ids up.
pub const OF_ORGANIZATION: &str = "organization || '' = $1";

/// Rows in one statement of [`Tx::save_many`].
const ROWS_AT_ONCE: usize = 50;

/// Where the data lives.
#[derive(Debug, Clone)]
pub enum Target {
    /// A file of the embedded database.
    Sqlite(PathBuf),
    /// A `postgres://` URL.
    Postgres(String),
}

/// A database that is open.
#[derive(Clone)]
pub struct Db {
    inner: Inner,
}

#[derive(Clone)]
enum Inner {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Db {
    pub async fn open(target: &Target) -> Result<Self> {
        let inner = match target {
            Target::Sqlite(path) => Inner::Sqlite(sqlite::Sqlite::open(path)?),
            Target::Postgres(url) => Inner::Postgres(postgres::Postgres::open(url).await?),
        };
        Ok(Self { inner })
    }

    /// A read-only view of one instant.
    pub async fn read(&self) -> Result<Tx> {
        let driver = match &self.inner {
            Inner::Sqlite(db) => Driver::Sqlite(db.read()?),
            Inner::Postgres(db) => Driver::Postgres(db.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?),
        };
        Ok(Tx::new(driver))
    }

    /// A serializable transaction that may write.
    pub async fn write(&self) -> Result<Tx> {
        let driver = match &self.inner {
            Inner::Sqlite(db) => Driver::Sqlite(db.write().await?),
            Inner::Postgres(db) => Driver::Postgres(db.begin("BEGIN ISOLATION LEVEL SERIALIZABLE").await?),
        };
        Ok(Tx::new(driver))
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.inner, Inner::Postgres(_))
    }

    /// Lets commits of the embedded database go on before they are on disk, for building what can be built again; with
    /// `true`, they wait again.
    pub async fn durable(&self, durable: bool) -> Result<()> {
        match &self.inner {
            Inner::Sqlite(db) => db.durable(durable).await,
            Inner::Postgres(_) => Ok(()),
        }
    }

    /// Copies the embedded database to a file while it is in use.
    pub async fn backup(&self, to: &std::path::Path) -> Result<()> {
        match &self.inner {
            Inner::Sqlite(db) => db.backup(to),
            Inner::Postgres(_) => {
                Err(Error::conflict("not_embedded", "back up PostgreSQL with pg_dump or its own tools"))
            }
        }
    }

    /// Waits until another node says that it wrote something. SQLite has no other nodes that announce themselves.
    pub async fn next_announcement(&self) -> Result<()> {
        match &self.inner {
            Inner::Sqlite(_) => std::future::pending().await,
            Inner::Postgres(db) => db.next_announcement().await,
        }
    }

    /// The database's own check of its files, where it has one.
    pub async fn integrity(&self) -> Result<Vec<String>> {
        match &self.inner {
            Inner::Sqlite(db) => db.integrity(),
            Inner::Postgres(_) => Ok(Vec::new()),
        }
    }
}

enum Driver {
    Sqlite(sqlite::SqliteTx),
    Postgres(postgres::PostgresTx),
}

/// Which rows a transaction wrote, to be sealed in the log.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Written {
    pub table: &'static str,
    /// The column that names the rows: `id` for one row, a batch column for many.
    pub by: &'static str,
    pub key: String,
}

/// One transaction. Dropped without [`Tx::commit`], it leaves nothing behind.
pub struct Tx {
    driver: Driver,
    /// Rows that were written, with their digest where it is known without reading them again.
    written: Vec<(Written, Option<String>)>,
    sealed: Vec<(Written, String)>,
}

impl Tx {
    fn new(driver: Driver) -> Self {
        Self { driver, written: Vec::new(), sealed: Vec::new() }
    }

    /// Rows of a query.
    pub async fn rows(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        note(sql);
        match &mut self.driver {
            Driver::Sqlite(tx) => tx.rows(sql, params),
            Driver::Postgres(tx) => tx.rows(sql, params).await,
        }
    }

    /// Every row of a query, read into a type.
    pub async fn all<T>(&mut self, sql: &str, params: &[Value], read: impl Fn(&Row) -> Result<T>) -> Result<Vec<T>> {
        self.rows(sql, params).await?.iter().map(read).collect()
    }

    /// The first row of a query, if there is one.
    pub async fn one<T>(&mut self, sql: &str, params: &[Value], read: impl Fn(&Row) -> Result<T>) -> Result<Option<T>> {
        self.rows(sql, params).await?.first().map(read).transpose()
    }

    /// One number: a count or a sum. A missing row or NULL is 0.
    pub async fn number(&mut self, sql: &str, params: &[Value]) -> Result<i64> {
        let rows = self.rows(sql, params).await?;
        match rows.first().and_then(|row| row.values.first()) {
            None | Some(Value::Null) => Ok(0),
            Some(Value::Int(number)) => Ok(*number),
            Some(other) => Err(Error::internal(format!("expected a number, got {other:?}"))),
        }
    }

    /// Changes rows that are no evidence (sessions, caches, positions): they are not sealed in the log.
    pub async fn run(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        note(sql);
        match &mut self.driver {
            Driver::Sqlite(tx) => tx.run(sql, params),
            Driver::Postgres(tx) => tx.run(sql, params).await,
        }
    }

    /// Changes one row, by a statement that touches just the row with that id, and seals it.
    pub async fn write(&mut self, table: &'static str, id: impl ToString, sql: &str, params: &[Value]) -> Result<u64> {
        let changed = self.run(sql, params).await?;
        self.touch(table, id.to_string(), None);
        Ok(changed)
    }

    /// Inserts a row; the first column is its `id`.
    pub async fn insert(&mut self, table: &'static str, columns: &[(&str, Value)]) -> Result<()> {
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let marks: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
        let sql = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), marks.join(", "));
        self.whole(table, &sql, columns).await
    }

    /// Updates the row with the id in the first column; a row that is not there is an error.
    pub async fn update(&mut self, table: &'static str, columns: &[(&str, Value)]) -> Result<()> {
        let sets: Vec<String> =
            columns.iter().enumerate().skip(1).map(|(n, (name, _))| format!("{name} = ${}", n + 1)).collect();
        let sql = format!("UPDATE {table} SET {} WHERE id = $1", sets.join(", "));
        let values: Vec<Value> = columns.iter().map(|(_, value)| value.clone()).collect();
        let id = id_of(columns)?;
        match self.write(table, &id, &sql, &values).await? {
            1 => Ok(()),
            _ => Err(Error::internal(format!("{table} has no row {id}"))),
        }
    }

    /// Inserts the row or replaces it: the columns are all that the row has.
    pub async fn save(&mut self, table: &'static str, columns: &[(&str, Value)]) -> Result<()> {
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let marks: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
        let sets: Vec<String> = names.iter().skip(1).map(|name| format!("{name} = excluded.{name}")).collect();
        let sql = format!(
            "INSERT INTO {table} ({}) VALUES ({}) ON CONFLICT (id) DO UPDATE SET {}",
            names.join(", "),
            marks.join(", "),
            sets.join(", ")
        );
        self.whole(table, &sql, columns).await
    }

    /// [`Tx::save`] for many rows, a few statements for all of them; each row is sealed under its own `id`.
    pub async fn save_many(&mut self, table: &'static str, columns: &[&str], rows: &[Vec<Value>]) -> Result<()> {
        let sets: Vec<String> = columns.iter().skip(1).map(|name| format!("{name} = excluded.{name}")).collect();
        let of_row = RowDigest::of(columns);
        let (whole, rest) = rows.split_at(rows.len() - rows.len() % ROWS_AT_ONCE);
        for chunk in whole.chunks(ROWS_AT_ONCE).chain(rest.chunks(1)) {
            let marks = |row: usize| {
                let marks: Vec<String> =
                    (1..=columns.len()).map(|place| format!("${}", row * columns.len() + place)).collect();
                format!("({})", marks.join(", "))
            };
            let values: Vec<String> = (0..chunk.len()).map(marks).collect();
            let sql = format!(
                "INSERT INTO {table} ({}) VALUES {} ON CONFLICT (id) DO UPDATE SET {}",
                columns.join(", "),
                values.join(", "),
                sets.join(", ")
            );
            self.run(&sql, &chunk.concat()).await?;
        }
        for row in rows {
            let Some(Value::Text(id)) = row.first() else {
                return Err(Error::internal("the first column of a sealed row is its text `id`"));
            };
            self.touch(table, id.clone(), Some(hex(&of_row.row(row))));
        }
        Ok(())
    }

    /// Writes a whole row, whose digest need not be read back: no column has a default but NULL.
    async fn whole(&mut self, table: &'static str, sql: &str, columns: &[(&str, Value)]) -> Result<()> {
        let (names, values): (Vec<&str>, Vec<Value>) = columns.iter().cloned().unzip();
        let id = id_of(columns)?;
        self.run(sql, &values).await?;
        self.touch(table, id, Some(hex(&RowDigest::of(&names).row(&values))));
        Ok(())
    }

    pub async fn delete(&mut self, table: &'static str, id: impl ToString) -> Result<u64> {
        let id = id.to_string();
        self.write(table, &id, &format!("DELETE FROM {table} WHERE id = $1"), &[Value::Text(id.clone())]).await
    }

    /// Inserts many rows at once, sealed together under `by` = `key` (one of the columns). Rows come in order of `id`,
    /// which must be the first column.
    pub async fn insert_many(
        &mut self,
        table: &'static str,
        by: (&'static str, &str),
        columns: &[&str],
        rows: &[Vec<Value>],
    ) -> Result<()> {
        match &mut self.driver {
            Driver::Sqlite(tx) => tx.insert_many(table, columns, rows)?,
            Driver::Postgres(tx) => tx.insert_many(table, columns, rows).await?,
        }
        let of_row = RowDigest::of(columns);
        let digest = rows_digest(rows.iter().map(|row| of_row.row(row)));
        self.sealed.push((Written { table, by: by.0, key: by.1.to_owned() }, digest));
        Ok(())
    }

    fn touch(&mut self, table: &'static str, key: String, digest: Option<String>) {
        let before = self.written.iter_mut().rev().find(|(w, _)| w.table == table && w.key == key);
        match before {
            Some((_, known)) => *known = digest,
            None => self.written.push((Written { table, by: "id", key }, digest)),
        }
    }

    /// What this transaction wrote since the last call, with the digest of what now stands there.
    pub async fn seals(&mut self) -> Result<Vec<(Written, String)>> {
        let mut seals = std::mem::take(&mut self.sealed);
        for (written, known) in std::mem::take(&mut self.written) {
            let digest = match known {
                Some(digest) => digest,
                None => self.digest(written.table, written.by, &written.key).await?,
            };
            seals.push((written, digest));
        }
        Ok(seals)
    }

    /// The digest of the rows of `table` where `by` = `key`; empty when there are none.
    pub async fn digest(&mut self, table: &str, by: &str, key: &str) -> Result<String> {
        let sql = format!("SELECT * FROM {table} WHERE {by} = $1 ORDER BY id");
        let rows = self.rows(&sql, &[Value::Text(key.to_owned())]).await?;
        Ok(match rows.as_slice() {
            [] => String::new(),
            [row] if by == "id" => hex(&RowDigest::of(&row.columns).row(&row.values)),
            rows @ [first, ..] => {
                let of_row = RowDigest::of(&first.columns);
                rows_digest(rows.iter().map(|row| of_row.row(&row.values)))
            }
        })
    }

    pub async fn commit(self) -> Result<()> {
        match self.driver {
            Driver::Sqlite(tx) => tx.commit(),
            Driver::Postgres(tx) => tx.commit().await,
        }
    }

    pub async fn rollback(self) -> Result<()> {
        match self.driver {
            Driver::Sqlite(tx) => tx.rollback(),
            Driver::Postgres(tx) => tx.rollback().await,
        }
    }

    /// Forgets what was written since the savepoint of that name (used by batches of operations).
    pub fn forget_writes(&mut self) {
        self.written.clear();
        self.sealed.clear();
    }

    /// Tells the other nodes, at commit, that there is something new.
    pub async fn announce(&mut self) -> Result<()> {
        match &mut self.driver {
            Driver::Sqlite(_) => Ok(()),
            Driver::Postgres(tx) => tx.run("SELECT pg_notify('concord', '')", &[]).await.map(|_| ()),
        }
    }

    /// Runs several statements without parameters (migrations).
    pub async fn batch(&mut self, sql: &str) -> Result<()> {
        match &mut self.driver {
            Driver::Sqlite(tx) => tx.batch(sql),
            Driver::Postgres(tx) => tx.batch(sql).await,
        }
    }

    /// Prepares a statement without running it, to check that the database understands it.
    pub async fn check(&mut self, sql: &str) -> Result<()> {
        match &mut self.driver {
            Driver::Sqlite(tx) => tx.check(sql),
            Driver::Postgres(tx) => tx.check(sql).await,
        }
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.driver, Driver::Postgres(_))
    }
}

/// Says every text of SQL once to who listens at this level: a test reads the plans of all that the product prepares.
fn note(sql: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if tracing::enabled!(tracing::Level::TRACE)
        && SAID.lock().unwrap_or_else(PoisonError::into_inner).insert(sql.to_owned())
    {
        tracing::trace!(sql, "statement");
    }
}

fn id_of(columns: &[(&str, Value)]) -> Result<String> {
    match columns.first() {
        Some(("id", Value::Text(id))) => Ok(id.clone()),
        _ => Err(Error::internal("the first column of a sealed row is its text `id`")),
    }
}

/// The digest of several rows in order.
pub fn rows_digest(rows: impl Iterator<Item = [u8; 32]>) -> String {
    use sha2::Digest as _;
    let mut hash = sha2::Sha256::new();
    for row in rows {
        hash.update(row);
    }
    hex(&hash.finalize())
}
