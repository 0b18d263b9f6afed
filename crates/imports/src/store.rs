//! The tables of imports, their rows and the keys that they remember.

use kernel::{
    Error, Filter, Listing, OrganizationId, Page, PageRequest, Result, Row, Scope, Timestamp, Tx, Value, params,
};

use crate::ImportId;
use crate::import::{Behalf, Counts, Import, Outcome, RowState, State};
use crate::queries::ImportRow;

const IMPORTS: Listing = Listing {
    from: "data_import",
    select: "*",
    organization: "organization",
    partner: None,
    id: "id",
    sorts: &[("created", "created_at")],
    newest_first: true,
};

const ROWS: Listing = Listing {
    from: "data_import_row",
    select: "*",
    organization: "organization",
    partner: None,
    id: "id",
    sorts: &[("number", "number")],
    newest_first: false,
};

fn read(row: &Row) -> Result<Import> {
    Ok(Import {
        id: row.get("id")?,
        name: row.get("name")?,
        target: row.get("target")?,
        source: row.get("source")?,
        mapping: row.get("mapping")?,
        headers: row.json("headers")?,
        file_hash: row.get("file_hash")?,
        rows: row.get::<i64>("size")?.unsigned_abs(),
        state: row.get("state")?,
        position: row.get::<i64>("position")?.unsigned_abs(),
        counts: row.json("counts")?,
        all_or_nothing: row.get("all_or_nothing")?,
        created_at: row.get("created_at")?,
        created_by: row.get("created_by")?,
        finished_at: row.get("finished_at")?,
    })
}

/// Imports are the vendor's own, whatever the roles of a partner hold.
pub(crate) fn vendor_only(scope: &Scope, permission: &str) -> Result<()> {
    if scope.partner.is_none() {
        return Ok(());
    }
    Err(Error::Forbidden { permission: permission.to_owned(), message: "only the vendor imports files".to_owned() })
}

pub(crate) async fn get(tx: &mut Tx, scope: &Scope, id: ImportId) -> Result<Import> {
    let sql = "SELECT * FROM data_import WHERE organization = $1 AND id = $2";
    tx.one(sql, params![scope.organization, id], read).await?.ok_or_else(|| Error::not_found("import", id))
}

pub(crate) async fn page(
    tx: &mut Tx,
    scope: &Scope,
    request: &PageRequest,
    filters: Vec<Filter>,
) -> Result<Page<Import>> {
    IMPORTS.page(tx, scope, request, filters, read).await
}

/// The oldest import that waits for work, of any kind.
pub(crate) async fn at_work(tx: &mut Tx, scope: &Scope) -> Result<Vec<ImportId>> {
    let sql = "SELECT id FROM data_import WHERE organization = $1 AND state IN ('checking', 'running', 'undoing')
               ORDER BY created_at, id LIMIT 10";
    tx.all(sql, params![scope.organization], |row| row.get("id")).await
}

/// Writes an import; `behalf` is who it works for from now on, unless it stays as it was.
pub(crate) async fn save(
    tx: &mut Tx,
    organization: OrganizationId,
    import: &Import,
    behalf: Option<&Behalf>,
) -> Result<()> {
    let mut columns = vec![
        ("id", import.id.into()),
        ("organization", organization.into()),
        ("name", (&import.name).into()),
        ("target", (&import.target).into()),
        ("source", (&import.source).into()),
        ("mapping", (&import.mapping).into()),
        ("headers", serde_json::to_string(&import.headers)?.into()),
        ("file_hash", (&import.file_hash).into()),
        ("size", Value::Int(i64::try_from(import.rows).unwrap_or(i64::MAX))),
        ("state", import.state.into()),
        ("position", Value::Int(i64::try_from(import.position).unwrap_or(i64::MAX))),
        ("counts", serde_json::to_string(&import.counts)?.into()),
        ("all_or_nothing", import.all_or_nothing.into()),
        ("created_at", import.created_at.into()),
        ("created_by", (&import.created_by).into()),
        ("finished_at", import.finished_at.into()),
    ];
    // A sealed row is written whole.
    let actor = match behalf {
        Some(behalf) => Some(serde_json::to_string(behalf)?),
        None => {
            let sql = "SELECT actor FROM data_import WHERE organization = $1 AND id = $2";
            let known = |row: &Row| row.get::<Option<String>>("actor");
            tx.one(sql, params![organization, import.id], known).await?.flatten()
        }
    };
    columns.push(("actor", actor.as_ref().into()));
    tx.save("data_import", &columns).await
}

pub(crate) async fn behalf(tx: &mut Tx, scope: &Scope, id: ImportId) -> Result<Behalf> {
    let sql = "SELECT actor FROM data_import WHERE organization = $1 AND id = $2";
    let text = tx.one(sql, params![scope.organization, id], |row| row.get::<Option<String>>("actor")).await?;
    let text = text.flatten().ok_or_else(|| Error::internal(format!("{id} works for nobody")))?;
    Ok(serde_json::from_str(&text)?)
}

fn row_id(import: ImportId, number: u64) -> String {
    format!("{import}/{number:010}")
}

pub(crate) async fn add_rows(
    tx: &mut Tx,
    scope: &Scope,
    import: ImportId,
    first: u64,
    rows: &[(u64, Vec<String>)],
) -> Result<()> {
    let names = ["id", "organization", "import", "number", "line", "cells", "state"];
    let marks: Vec<String> = (1..=names.len()).map(|n| format!("${n}")).collect();
    let sql = format!("INSERT INTO data_import_row ({}) VALUES ({})", names.join(", "), marks.join(", "));
    for (place, (line, cells)) in rows.iter().enumerate() {
        let number = first + place as u64;
        let values: Vec<Value> = vec![
            row_id(import, number).into(),
            scope.organization.into(),
            import.into(),
            Value::Int(number as i64),
            Value::Int(*line as i64),
            serde_json::to_string(cells)?.into(),
            RowState::Waiting.into(),
        ];
        tx.run(&sql, &values).await?;
    }
    Ok(())
}

pub(crate) fn read_row(row: &Row) -> Result<ImportRow> {
    let outcome = row.get::<Option<String>>("outcome")?;
    Ok(ImportRow {
        number: row.get::<i64>("number")?.unsigned_abs(),
        line: row.get::<i64>("line")?.unsigned_abs(),
        state: row.get("state")?,
        subject: row.get("subject")?,
        cells: row.json("cells")?,
        outcome: outcome.map_or_else(|| Ok(Outcome::default()), |text| serde_json::from_str(&text))?,
    })
}

pub(crate) async fn rows_page(
    tx: &mut Tx,
    scope: &Scope,
    request: &PageRequest,
    filters: Vec<Filter>,
) -> Result<Page<ImportRow>> {
    ROWS.page(tx, scope, request, filters, read_row).await
}

/// Rows behind a number, upwards.
pub(crate) async fn rows_after(
    tx: &mut Tx,
    scope: &Scope,
    import: ImportId,
    after: u64,
    limit: u32,
) -> Result<Vec<ImportRow>> {
    let sql = "SELECT * FROM data_import_row WHERE organization = $1 AND import = $2 AND number > $3
               ORDER BY number LIMIT $4";
    tx.all(sql, params![scope.organization, import, Value::Int(after as i64), limit], read_row).await
}

/// Rows below a number that wrote something, the last first.
pub(crate) async fn written_before(
    tx: &mut Tx,
    scope: &Scope,
    import: ImportId,
    before: u64,
    limit: u32,
) -> Result<Vec<ImportRow>> {
    let sql = "SELECT * FROM data_import_row WHERE organization = $1 AND import = $2 AND number < $3
               AND state IN ('new', 'changed') ORDER BY number DESC LIMIT $4";
    tx.all(sql, params![scope.organization, import, Value::Int(before as i64), limit], read_row).await
}

pub(crate) async fn refused(
    tx: &mut Tx,
    scope: &Scope,
    import: ImportId,
    after: u64,
    limit: u32,
) -> Result<Vec<ImportRow>> {
    let sql = "SELECT * FROM data_import_row WHERE organization = $1 AND import = $2 AND state = 'refused'
               AND number > $3 ORDER BY number LIMIT $4";
    tx.all(sql, params![scope.organization, import, Value::Int(after as i64), limit], read_row).await
}

pub(crate) async fn set_row(
    tx: &mut Tx,
    import: ImportId,
    number: u64,
    state: RowState,
    subject: Option<&String>,
    outcome: &Outcome,
) -> Result<()> {
    let sql = "UPDATE data_import_row SET state = $2, subject = $3, outcome = $4 WHERE id = $1";
    let values: Vec<Value> =
        vec![row_id(import, number).into(), state.into(), subject.into(), serde_json::to_string(outcome)?.into()];
    tx.run(sql, &values).await?;
    Ok(())
}

/// The thing that a key stands for, and how often it was written anew.
pub(crate) async fn link(
    tx: &mut Tx,
    scope: &Scope,
    target: &str,
    source: &str,
    key: &str,
) -> Result<(Option<String>, i64)> {
    let sql = "SELECT subject, generation FROM data_import_link
               WHERE organization = $1 AND target = $2 AND source = $3 AND key = $4";
    let found = tx
        .one(sql, params![scope.organization, target, source, key], |row| {
            Ok((row.get::<Option<String>>("subject")?, row.get::<i64>("generation")?))
        })
        .await?;
    Ok(found.unwrap_or((None, 0)))
}

pub(crate) async fn set_link(
    tx: &mut Tx,
    scope: &Scope,
    (target, source, key): (&str, &str, &str),
    subject: Option<&String>,
) -> Result<()> {
    let sql = "INSERT INTO data_import_link (organization, target, source, key, subject, generation)
               VALUES ($1, $2, $3, $4, $5, 1)
               ON CONFLICT (organization, target, source, key)
               DO UPDATE SET subject = excluded.subject, generation = data_import_link.generation + 1";
    let values: Vec<Value> = vec![scope.organization.into(), target.into(), source.into(), key.into(), subject.into()];
    tx.run(sql, &values).await?;
    Ok(())
}

pub(crate) fn new_import(id: ImportId, name: String, now: Timestamp, by: String) -> Import {
    Import {
        id,
        name,
        target: String::new(),
        source: String::new(),
        mapping: String::new(),
        headers: Vec::new(),
        file_hash: String::new(),
        rows: 0,
        state: State::Draft,
        position: 0,
        counts: Counts::default(),
        all_or_nothing: false,
        created_at: now,
        created_by: by,
        finished_at: None,
    }
}
