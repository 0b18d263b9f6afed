//! Evidence from outside: the command line proves the log, finds one changed byte, recomputes decisions, and brings a
//! backup back.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::Value;
use serde_json::{Value as Json, json};

use crate::stage::{self, Server};

fn verify(folder: &Path) -> (bool, Json) {
    let output = stage::run(&["--json", "--data-dir", folder.to_str().unwrap(), "log", "verify"]);
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"));
    (output.status.success(), report)
}

#[test]
fn the_demo_is_proven() {
    let folder = stage::copy();
    let (sound, report) = verify(folder.path());
    assert!(sound && report["entries"].as_u64() > Some(100) && report["wrong"] == json!([]), "{report}");
}

#[test]
fn one_changed_value_in_any_table_is_found_and_named() {
    let folder = stage::copy();
    let database = stage::open(folder.path());
    let registry = crate::surface::registry();
    let sealed = registry.sealed_tables().iter().enumerate();
    let changed: Vec<(&str, String, String)> = sealed
        .filter_map(|(place, (table, by))| {
            spoil(&database, table, by, place).map(|(row, column)| (*table, row, column))
        })
        .collect();
    drop(database);
    assert!(changed.len() >= 15, "only these tables of evidence hold anything: {changed:?}");
    let (sound, report) = verify(folder.path());
    assert!(!sound, "the log still proves a changed database");
    let told: Vec<&str> =
        report["wrong"].as_array().unwrap().iter().filter_map(|wrong| wrong["what"].as_str()).collect();
    for (table, row, column) in &changed {
        let named = told.iter().any(|what| what.contains(row.as_str()) || what.contains(&format!(" {table} ")));
        assert!(named, "{table}.{column} of {row} was changed and is not among {told:#?}");
    }
}

/// Changes one value of one row by one byte; tells which.
fn spoil(database: &rusqlite::Connection, table: &str, by: &str, place: usize) -> Option<(String, String)> {
    let count: i64 = database.query_row(&format!("SELECT COUNT(*) FROM {table}"), [], |row| row.get(0)).ok()?;
    let offset = (place as i64 * 7919) % count.max(1);
    let mut statement =
        database.prepare(&format!("SELECT * FROM {table} ORDER BY {by} LIMIT 1 OFFSET {offset}")).ok()?;
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let values: Vec<Value> = statement.query_row([], |row| (0..columns.len()).map(|at| row.get(at)).collect()).ok()?;
    let id = columns.iter().position(|column| column == "id").map(|at| values[at].clone())?;
    let Value::Text(key) = &id else { return None };
    let candidates =
        columns.iter().zip(&values).filter(|(column, _)| !["id", "organization", by].contains(&column.as_str()));
    let changed: Vec<(&String, Value)> =
        candidates.filter_map(|(column, value)| Some((column, other(value)?))).collect();
    let (column, value) = changed.get(place % changed.len().max(1))?;
    database.execute(&format!("UPDATE {table} SET {column} = ?1 WHERE id = ?2"), rusqlite::params![value, id]).ok()?;
    Some((key.clone(), (*column).clone()))
}

fn other(value: &Value) -> Option<Value> {
    match value {
        Value::Integer(number) => Some(Value::Integer(number ^ 1)),
        Value::Text(text) if !text.is_empty() => {
            let last = if text.ends_with('x') { 'y' } else { 'x' };
            let kept: String = text.chars().take(text.chars().count() - 1).collect();
            Some(Value::Text(format!("{kept}{last}")))
        }
        Value::Blob(bytes) if !bytes.is_empty() => {
            let mut bytes = bytes.clone();
            *bytes.last_mut()? ^= 1;
            Some(Value::Blob(bytes))
        }
        _ => None,
    }
}

#[test]
fn the_first_wrong_entry_of_the_log_itself_is_named() {
    let folder = stage::copy();
    let database = stage::open(folder.path());
    let sql = "SELECT l.position, e.id FROM log_leaf l JOIN log_entry e ON e.id = l.entry WHERE l.position IN (11, 40)";
    let mut statement = database.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))).unwrap();
    let entries: BTreeMap<i64, String> = rows.map(Result::unwrap).collect();
    for id in entries.values() {
        database.execute("UPDATE log_entry SET body = REPLACE(body, '\"', '''') WHERE id = ?1", [id]).unwrap();
    }
    drop(statement);
    drop(database);
    let (sound, report) = verify(folder.path());
    assert!(!sound);
    assert_eq!(report["wrong"][0]["position"], 11, "{report}");
}

#[test]
fn decisions_of_every_kind_come_out_the_same() {
    let folder = stage::copy();
    let kinds: Vec<(String, String)> = {
        let database = stage::open(folder.path());
        let mut statement = database.prepare("SELECT kind, MAX(id) FROM decision GROUP BY kind").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    assert!(kinds.len() >= 2, "{kinds:?}");
    for (kind, id) in kinds {
        let said = stage::succeed(&["--data-dir", folder.path().to_str().unwrap(), "explain", &id]);
        assert!(said.contains("the same"), "{kind} {id}: {said}");
    }
}

#[tokio::test]
async fn a_backup_of_a_running_server_comes_back_whole() {
    let folder = stage::copy();
    let path = folder.path().to_str().unwrap();
    let server = Server::start(folder.path(), &[]).await;
    let owner = server.owner().await;
    let made = owner.post("/v1/customers", &json!({ "name": "Before the backup GmbH", "country": "DE" })).await.ok();
    let (backup, restored) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (backup, restored) = (backup.path().join("b"), restored.path().join("r"));
    let writer = tokio::spawn({
        let owner = owner.clone();
        async move {
            for number in 0..30 {
                let body = json!({ "name": format!("While it is copied {number}"), "country": "DE" });
                owner.post("/v1/customers", &body).await.ok();
            }
        }
    });
    let arguments = [path.to_owned(), backup.display().to_string(), restored.display().to_string()];
    let [path, backup, restored] = arguments;
    let (from, to) = (path.clone(), backup.clone());
    tokio::task::spawn_blocking(move || stage::succeed(&["--data-dir", &from, "backup", &to])).await.unwrap();
    writer.await.unwrap();
    drop(server);
    let said = stage::succeed(&["--data-dir", &restored, "restore", &backup]);
    assert!(said.contains("0 things are wrong"), "{said}");
    let doctor = stage::succeed(&["--data-dir", &restored, "doctor"]);
    assert!(!doctor.contains("FAIL"), "{doctor}");
    let again = stage::run(&["--data-dir", &restored, "restore", &backup]);
    assert!(!again.status.success(), "a restore over data must be refused");
    let id = made["id"].as_str().unwrap();
    let found = stage::succeed(&["--json", "--data-dir", &restored, "customers", "get", "--customer", id]);
    assert!(found.contains("Before the backup"), "{found}");
}

#[test]
fn a_newer_schema_is_refused() {
    let folder = stage::copy();
    let database = stage::open(folder.path());
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%migration%'";
    let table: String = database.query_row(sql, [], |row| row.get(0)).unwrap();
    let columns: Vec<String> = {
        let statement = database.prepare(&format!("SELECT * FROM {table}")).unwrap();
        statement.column_names().map(str::to_owned).collect()
    };
    let copied = columns
        .iter()
        .map(|c| if c == "name" { "'deals/999_later'" } else { c.as_str() })
        .collect::<Vec<_>>()
        .join(", ");
    let sql = format!("INSERT INTO {table} ({}) SELECT {copied} FROM {table} LIMIT 1", columns.join(", "));
    database.execute(&sql, []).unwrap();
    drop(database);
    let refused = stage::run(&["--data-dir", folder.path().to_str().unwrap(), "doctor"]);
    let said = String::from_utf8_lossy(&refused.stdout).into_owned() + &String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("deals/999_later"), "{said}");
}
