//! The embedded database: one writer, many readers on snapshots, durable at commit.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql, params_from_iter};
use tokio::sync::OwnedMutexGuard;

use super::value::{Row, Value};
use values::error::{Error, Result};

/// Every commit waits until it is on disk.
const DURABLE: &str = "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;";
/// How many idle read connections are kept.
const IDLE_READERS: usize = 16;

#[derive(Clone)]
pub struct Sqlite {
    path: PathBuf,
    writer: Arc<tokio::sync::Mutex<Connection>>,
    readers: Arc<Mutex<Vec<Connection>>>,
}

impl Sqlite {
    pub fn open(path: &Path) -> Result<Self> {
        let writer = connect(path, OpenFlags::default())?;
        writer.execute_batch("PRAGMA journal_mode = WAL;").map_err(fault)?;
        writer.execute_batch(DURABLE).map_err(fault)?;
        Ok(Self { path: path.to_owned(), writer: Arc::new(tokio::sync::Mutex::new(writer)), readers: Arc::default() })
    }

    pub fn read(&self) -> Result<SqliteTx> {
        let idle = self.readers.lock().map_err(|_| Error::internal("reader pool"))?.pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?,
        };
        connection.execute_batch("BEGIN").map_err(fault)?;
        Ok(SqliteTx { connection: Held::Reader(Some(connection), self.readers.clone()), open: true })
    }

    pub async fn write(&self) -> Result<SqliteTx> {
        let guard = self.writer.clone().lock_owned().await;
        guard.execute_batch("BEGIN IMMEDIATE").map_err(fault)?;
        Ok(SqliteTx { connection: Held::Writer(guard), open: true })
    }

    /// Whether commits wait until they are on disk.
    pub async fn durable(&self, durable: bool) -> Result<()> {
        // What was written meanwhile reaches the disk with the checkpoint.
        let pragmas = if durable { DURABLE } else { "PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 40000;" };
        let writer = self.writer.lock().await;
        writer.execute_batch(pragmas).map_err(fault)?;
        if durable {
            writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(fault)?;
        }
        Ok(())
    }

    pub fn backup(&self, to: &Path) -> Result<()> {
        let source = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut target = Connection::open(to).map_err(fault)?;
        let backup = rusqlite::backup::Backup::new(&source, &mut target).map_err(fault)?;
        backup.run_to_completion(1024, std::time::Duration::from_millis(1), None).map_err(fault)
    }

    pub fn integrity(&self) -> Result<Vec<String>> {
        let connection = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut statement = connection.prepare("PRAGMA integrity_check").map_err(fault)?;
        let lines = statement.query_map([], |row| row.get::<_, String>(0)).map_err(fault)?;
        let lines: Vec<String> = lines.collect::<rusqlite::Result<_>>().map_err(fault)?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)
        .map_err(|e| Error::internal(format!("cannot open {}: {e}", path.display())))?;
    connection
        .execute_batch(
            "PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -65536; PRAGMA mmap_size = 268435456;",
        )
        .map_err(fault)?;
    // One plan for a statement, whatever is bound: otherwise SQLite prepares many of ours anew at every use.
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(fault)?;
    connection.set_prepared_statement_cache_capacity(512);
    Ok(connection)
}

enum Held {
    Writer(OwnedMutexGuard<Connection>),
    Reader(Option<Connection>, Arc<Mutex<Vec<Connection>>>),
}

pub struct SqliteTx {
    connection: Held,
    open: bool,
}

impl SqliteTx {
    fn connection(&self) -> Result<&Connection> {
        match &self.connection {
            Held::Writer(guard) => Ok(guard),
            Held::Reader(Some(connection), _) => Ok(connection),
            Held::Reader(None, _) => Err(Error::internal("the read connection was given back")),
        }
    }

    pub fn rows(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        let mut statement = self.connection()?.prepare_cached(&numbered(sql)).map_err(|e| statement_fault(sql, &e))?;
        let columns: Arc<[String]> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query(params_from_iter(params)).map_err(|e| statement_fault(sql, &e))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(|e| statement_fault(sql, &e))? {
            let values = (0..columns.len())
                .map(|place| row.get_ref(place).map(value_of))
                .collect::<rusqlite::Result<Vec<Value>>>()
                .map_err(|e| statement_fault(sql, &e))?;
            found.push(Row { columns: columns.clone(), values });
        }
        Ok(found)
    }

    pub fn run(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        let mut statement = self.connection()?.prepare_cached(&numbered(sql)).map_err(|e| statement_fault(sql, &e))?;
        let changed = statement.execute(params_from_iter(params)).map_err(|e| statement_fault(sql, &e))?;
        Ok(changed as u64)
    }

    pub fn insert_many(&mut self, table: &str, columns: &[&str], rows: &[Vec<Value>]) -> Result<()> {
        let marks: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
        let sql = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), marks.join(", "));
        let mut statement =
            self.connection()?.prepare_cached(&numbered(&sql)).map_err(|e| statement_fault(&sql, &e))?;
        for row in rows {
            statement.execute(params_from_iter(row)).map_err(|e| statement_fault(&sql, &e))?;
        }
        Ok(())
    }

    pub fn batch(&mut self, sql: &str) -> Result<()> {
        self.connection()?.execute_batch(sql).map_err(|e| statement_fault(sql, &e))
    }

    pub fn check(&mut self, sql: &str) -> Result<()> {
        self.connection()?.prepare(&numbered(sql)).map(|_| ()).map_err(|e| statement_fault(sql, &e))
    }

    pub fn commit(mut self) -> Result<()> {
        self.open = false;
        let connection = self.connection()?;
        // The flush to disk may take milliseconds: let the other tasks of this thread move on.
        let in_pool = tokio::runtime::Handle::try_current()
            .is_ok_and(|handle| handle.runtime_flavor() == tokio::runtime::RuntimeFlavor::MultiThread);
        let committed = if in_pool && matches!(self.connection, Held::Writer(_)) {
            tokio::task::block_in_place(|| connection.execute_batch("COMMIT"))
        } else {
            connection.execute_batch("COMMIT")
        };
        committed.map_err(|e| {
            let _ = connection.execute_batch("ROLLBACK");
            fault(e)
        })
    }

    pub fn rollback(mut self) -> Result<()> {
        self.open = false;
        self.connection()?.execute_batch("ROLLBACK").map_err(fault)
    }
}

impl Drop for SqliteTx {
    fn drop(&mut self) {
        if self.open
            && let Ok(connection) = self.connection()
        {
            let _ = connection.execute_batch("ROLLBACK");
        }
        if let Held::Reader(connection, readers) = &mut self.connection
            && let (Some(connection), Ok(mut readers)) = (connection.take(), readers.lock())
            && readers.len() < IDLE_READERS
        {
            readers.push(connection);
        }
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Real(number) => ValueRef::Real(*number),
            Value::Bool(flag) => ValueRef::Integer(i64::from(*flag)),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// `$2` is the second parameter in PostgreSQL but just a name in SQLite, where `?2` says the same.
fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

fn value_of(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}

fn statement_fault(sql: &str, error: &rusqlite::Error) -> Error {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
    if let rusqlite::Error::SqliteFailure(failure, _) = error
        && matches!(failure.code, DatabaseBusy | DatabaseLocked)
    {
        return Error::Lost(error.to_string());
    }
    // A syntax error repeats the statement by itself; a script of many says its beginning.
    let beginning: String = sql.chars().take(200).collect();
    let mut words = error.to_string();
    words.truncate(words.char_indices().nth(400).map_or(words.len(), |(place, _)| place));
    Error::internal(format!("{words} in: {beginning}"))
}

fn fault(error: rusqlite::Error) -> Error {
    statement_fault("(transaction)", &error)
}
