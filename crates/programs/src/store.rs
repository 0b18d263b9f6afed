//! Versions in the table `program_version`.

use std::collections::BTreeMap;

use kernel::{Result, Row, Scope, Timestamp, Tx, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::VersionId;

/// The files of a program by name, such as `tiers.toml`.
pub type Files = BTreeMap<String, String>;

/// One version of the program, without its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Version {
    pub id: VersionId,
    /// The key of the program.
    pub program: String,
    /// 1, 2, 3 …
    pub number: i64,
    /// From when it is the law.
    pub effective_from: Timestamp,
    /// When it was decided.
    pub decided_at: Timestamp,
    pub decided_by: String,
    /// SHA-256 of everything that it says.
    pub fingerprint: String,
    /// Why it was changed, in the words of whoever applied it.
    pub note: String,
}

impl Version {
    /// How decisions cite it: `northwind/3`.
    pub fn citation(&self) -> String {
        format!("{}/{}", self.program, self.number)
    }

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            program: row.get("program")?,
            number: row.get("number")?,
            effective_from: row.get("effective_from")?,
            decided_at: row.get("decided_at")?,
            decided_by: row.get("decided_by")?,
            fingerprint: row.get("fingerprint")?,
            note: row.get("note")?,
        })
    }
}

const COLUMNS: &str = "id, program, number, effective_from, decided_at, decided_by, fingerprint, note";

/// The version that is the law at `at`, as it was known at `known`.
///
/// A decision replaces everything that was decided before it, from its effective date on: so the version decided last
/// wins among those that have taken effect, and a version is amended before it takes effect by deciding another one
/// with the same or an earlier date.
pub async fn in_force(tx: &mut Tx, scope: &Scope, at: Timestamp, known: Timestamp) -> Result<Option<Version>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM program_version
         WHERE organization = $1 AND effective_from <= $2 AND decided_at <= $3
         ORDER BY number DESC LIMIT 1"
    );
    tx.one(&sql, params![scope.organization, at, known], Version::read).await
}

pub async fn all(tx: &mut Tx, scope: &Scope) -> Result<Vec<Version>> {
    let sql = format!("SELECT {COLUMNS} FROM program_version WHERE organization = $1 ORDER BY number DESC");
    tx.all(&sql, params![scope.organization], Version::read).await
}

/// The version decided last, whether it has taken effect or not.
pub async fn latest(tx: &mut Tx, scope: &Scope) -> Result<Option<Version>> {
    let sql = format!("SELECT {COLUMNS} FROM program_version WHERE organization = $1 ORDER BY number DESC LIMIT 1");
    tx.one(&sql, params![scope.organization], Version::read).await
}

/// Versions that will take effect after `now` as things stand, in the order of their decision.
pub async fn pending(tx: &mut Tx, scope: &Scope, now: Timestamp) -> Result<Vec<Version>> {
    let current = in_force(tx, scope, now, now).await?.map_or(0, |version| version.number);
    let sql = format!(
        "SELECT {COLUMNS} FROM program_version
         WHERE organization = $1 AND number > $2 AND effective_from > $3 ORDER BY number"
    );
    let decided = tx.all(&sql, params![scope.organization, current, now], Version::read).await?;
    let mut pending: Vec<Version> = Vec::new();
    for version in decided {
        pending.retain(|earlier| earlier.effective_from < version.effective_from);
        pending.push(version);
    }
    Ok(pending)
}

pub async fn numbered(tx: &mut Tx, scope: &Scope, program: &str, number: i64) -> Result<Option<Version>> {
    let sql = format!("SELECT {COLUMNS} FROM program_version WHERE organization = $1 AND program = $2 AND number = $3");
    tx.one(&sql, params![scope.organization, program, number], Version::read).await
}

pub async fn files(tx: &mut Tx, scope: &Scope, version: VersionId) -> Result<Option<Files>> {
    let sql = "SELECT files FROM program_version WHERE organization = $1 AND id = $2";
    tx.one(sql, params![scope.organization, version], |row| row.json("files")).await
}

pub async fn next_number(tx: &mut Tx, scope: &Scope, program: &str) -> Result<i64> {
    let sql = "SELECT MAX(number) FROM program_version WHERE organization = $1 AND program = $2";
    Ok(tx.number(sql, params![scope.organization, program]).await? + 1)
}

pub async fn insert(tx: &mut Tx, scope: &Scope, version: &Version, files: &Files) -> Result<()> {
    tx.insert(
        "program_version",
        &[
            ("id", version.id.into()),
            ("organization", scope.organization.into()),
            ("program", (&version.program).into()),
            ("number", version.number.into()),
            ("effective_from", version.effective_from.into()),
            ("decided_at", version.decided_at.into()),
            ("decided_by", (&version.decided_by).into()),
            ("fingerprint", (&version.fingerprint).into()),
            ("note", (&version.note).into()),
            ("files", serde_json::to_string(files)?.into()),
        ],
    )
    .await
}
