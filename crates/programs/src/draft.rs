//! The draft: edits in the console that nobody has put in force yet, one for the whole organization.
//!
//! Edited files lie over those of the latest version; where no program exists, over the starter program.

use kernel::app::ReadCx;
use kernel::{Access, Cx, Error, Operation, Query, Result, Route, Scope, Tx, delete, get, params, put};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::proposal::vendor_only;
use crate::store::{self, Files, Version};
use crate::{DraftFileId, VersionId};

/// Longer file names are refused; the ones that programs use have under 40 characters.
const LONGEST_NAME: usize = 100;
/// The program that a new organization starts from.
const STARTER: &str = "starter";

/// The files as they would be applied.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Draft {
    /// The version that the draft changes; absent before the first one.
    pub base: Option<Version>,
    pub files: Vec<DraftFile>,
}

/// One file of the draft.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DraftFile {
    pub file: String,
    /// Absent if the draft removes the file.
    pub text: Option<String>,
    /// Whether it differs from the version that the draft changes.
    pub edited: bool,
}

/// The draft of the next version of the program.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetDraft {}

impl Query for GetDraft {
    const NAME: &'static str = "program.draft";
    const ROUTE: Route = get("/program/draft");
    type Output = Draft;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Draft> {
        vendor_only(&cx.scope, Self::NAME)?;
        read(cx.tx, &cx.scope).await
    }
}

/// Write one file of the draft; without a text the file is removed from it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct EditProgram {
    /// The name inside the program folder, such as `tiers.toml` or `terms/standard.md`.
    pub file: String,
    /// The whole text of the file.
    #[serde(default)]
    #[schemars(extend("format" = "text"))]
    pub text: Option<String>,
}

impl Operation for EditProgram {
    const NAME: &'static str = "program.edit";
    const ROUTE: Route = put("/program/draft");
    const ACCESS: Access = Access::Open;
    type Output = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        vendor_only(&cx.scope, Self::NAME)?;
        check_name(&self.file)?;
        let known = id_of(cx.tx, &cx.scope, &self.file).await?;
        let id = known.unwrap_or_else(|| cx.id());
        // Browsers send lines that end in CR LF; the program says the same either way, and its places stay the same.
        let text = self.text.map(|text| text.replace("\r\n", "\n"));
        let columns = [
            ("id", id.into()),
            ("organization", cx.scope.organization.into()),
            ("file", (&self.file).into()),
            ("text", text.into()),
            ("edited_at", cx.now.into()),
            ("edited_by", cx.actor.reference().into()),
        ];
        cx.tx.save("program_draft", &columns).await
    }
}

/// Throw the draft away.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DiscardDraft {}

impl Operation for DiscardDraft {
    const NAME: &'static str = "program.discard";
    const ROUTE: Route = delete("/program/draft");
    const ACCESS: Access = Access::Open;
    type Output = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        let scope = cx.scope;
        vendor_only(&scope, Self::NAME)?;
        clear(cx.tx, &scope).await
    }
}

fn check_name(file: &str) -> Result<()> {
    let known = law::FILES.contains(&file);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let inside = |folder: &str, ending: &str| {
        file.strip_prefix(folder).and_then(|rest| rest.strip_suffix(ending)).is_some_and(|name| {
            !name.is_empty() && !name.starts_with('.') && name.chars().all(plain) && file.len() <= LONGEST_NAME
        })
    };
    if known || inside("terms/", ".md") || inside("policies/", ".cedar") {
        return Ok(());
    }
    let files = law::FILES.join(", ");
    let rule =
        format!("`{file}` is not a program file; write one of {files}, or `terms/NAME.md` or `policies/NAME.cedar`");
    Err(Error::invalid("file", rule))
}

async fn id_of(tx: &mut Tx, scope: &Scope, file: &str) -> Result<Option<DraftFileId>> {
    let sql = "SELECT id FROM program_draft WHERE organization = $1 AND file = $2";
    tx.one(sql, params![scope.organization, file], |row| row.get("id")).await
}

async fn edits(tx: &mut Tx, scope: &Scope) -> Result<Vec<(String, Option<String>)>> {
    let sql = "SELECT file, text FROM program_draft WHERE organization = $1 ORDER BY file";
    tx.all(sql, params![scope.organization], |row| Ok((row.get("file")?, row.get("text")?))).await
}

/// Removes every edit.
pub async fn clear(tx: &mut Tx, scope: &Scope) -> Result<()> {
    let sql = "SELECT id FROM program_draft WHERE organization = $1";
    let ids: Vec<DraftFileId> = tx.all(sql, params![scope.organization], |row| row.get("id")).await?;
    for id in ids {
        tx.delete("program_draft", id).await?;
    }
    Ok(())
}

async fn read(tx: &mut Tx, scope: &Scope) -> Result<Draft> {
    let base = store::latest(tx, scope).await?;
    let under = files_under(tx, scope, base.as_ref().map(|version| version.id)).await?;
    let edits = edits(tx, scope).await?;
    let untouched = under.iter().filter(|(file, _)| edits.iter().all(|(edited, _)| edited != *file));
    let mut files: Vec<DraftFile> = untouched
        .map(|(file, text)| DraftFile { file: file.clone(), text: Some(text.clone()), edited: false })
        .collect();
    files.extend(edits.into_iter().map(|(file, text)| {
        let edited = under.get(&file) != text.as_ref();
        DraftFile { file, text, edited }
    }));
    files.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(Draft { base, files })
}

async fn files_under(tx: &mut Tx, scope: &Scope, base: Option<VersionId>) -> Result<Files> {
    match base {
        Some(version) => Ok(store::files(tx, scope, version).await?.unwrap_or_default()),
        None => {
            let starter = law::shipped().iter().find(|program| program.key == STARTER);
            Ok(starter.map(law::Shipped::files).unwrap_or_default())
        }
    }
}

/// The files that were given, or those of the draft if none were.
pub async fn given_or_draft(tx: &mut Tx, scope: &Scope, given: Files) -> Result<Files> {
    if !given.is_empty() {
        return Ok(given);
    }
    let draft = read(tx, scope).await?;
    Ok(draft.files.into_iter().filter_map(|file| Some((file.file, file.text?))).collect())
}
