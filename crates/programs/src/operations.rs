//! Putting a program in force: a new version, or an old one again.

use kernel::{Access, Cx, Error, Operation, Result, Route, Timestamp, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::draft;
use crate::proposal::{Haste, Proposal, approve, propose};
use crate::store::{self, Files, Version};

/// Put a program in force as its next version.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ApplyProgram {
    /// The whole program: file name inside its folder, and text. Without any, the draft of the console is applied.
    #[serde(default)]
    pub files: Files,
    /// From when it is the law; if absent, at once, or after the notice that the program in force promises.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Timestamp>,
    /// Why the program is changed.
    #[serde(default)]
    pub note: String,
}

impl Operation for ApplyProgram {
    const NAME: &'static str = "program.apply";
    const ROUTE: Route = post("/program/versions");
    const ACCESS: Access = Access::Open;
    type Output = Version;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Version> {
        let scope = cx.scope;
        let from_draft = self.files.is_empty();
        let files = draft::given_or_draft(cx.tx, &scope, self.files).await?;
        let version = put_in_force(cx, files, (self.effective_from, Haste::AfterNotice), self.note).await?;
        if from_draft {
            draft::clear(cx.tx, &scope).await?;
        }
        Ok(version)
    }
}

/// Put the files of an old version in force again, as the next version.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RollBackProgram {
    /// The number of the version to return to.
    pub number: i64,
    /// Why the program is rolled back.
    #[serde(default)]
    pub note: String,
}

impl Operation for RollBackProgram {
    const NAME: &'static str = "program.roll_back";
    const ROUTE: Route = post("/program/versions/{number}/rollbacks");
    const ACCESS: Access = Access::Open;
    type Output = Version;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Version> {
        let scope = cx.scope;
        let missing = || Error::not_found("version of the program", self.number);
        let latest = store::latest(cx.tx, &scope).await?.ok_or_else(missing)?;
        let old = store::numbered(cx.tx, &scope, &latest.program, self.number).await?.ok_or_else(missing)?;
        let files = store::files(cx.tx, &scope, old.id).await?.ok_or_else(missing)?;
        let note = match self.note.trim() {
            "" => format!("Return to {}", old.citation()),
            note => format!("Return to {}: {note}", old.citation()),
        };
        put_in_force(cx, files, (None, Haste::AtOnce), note).await
    }
}

async fn put_in_force(
    cx: &mut Cx<'_>,
    files: Files,
    from: (Option<Timestamp>, Haste),
    note: String,
) -> Result<Version> {
    let scope = cx.scope;
    approve(cx.app, cx.tx, &scope, cx.now, cx.actor).await?;
    let proposal = propose(cx.app, cx.tx, &scope, cx.now, &files, from).await?;
    if !proposal.changes_anything() {
        let base = proposal.base.as_ref().map(|base| base.citation()).unwrap_or_default();
        let message = format!("nothing to apply: {base}, the law at {}, says the same", proposal.effective_from);
        return Err(Error::conflict("nothing_changed", message));
    }
    let program = &proposal.program.settings.key;
    let version = Version {
        id: cx.id(),
        program: program.clone(),
        number: store::next_number(cx.tx, &scope, program).await?,
        effective_from: proposal.effective_from,
        decided_at: cx.now,
        decided_by: cx.actor.reference(),
        fingerprint: proposal.program.fingerprint(),
        note: note.trim().to_owned(),
    };
    store::insert(cx.tx, &scope, &version, &files).await?;
    let summary = told(&version, &proposal);
    cx.emit("program.applied", version.id, None, summary, &version);
    Ok(version)
}

fn told(version: &Version, proposal: &Proposal) -> String {
    let what = match (&proposal.base, proposal.changes.len()) {
        (None, _) => "the first version".to_owned(),
        (Some(base), 1) => format!("1 change to {}", base.citation()),
        (Some(base), count) => format!("{count} changes to {}", base.citation()),
    };
    let amended = match proposal.superseded.as_slice() {
        [] => String::new(),
        versions => {
            let versions: Vec<String> = versions.iter().map(Version::citation).collect();
            format!(", superseding {}", versions.join(" and "))
        }
    };
    format!("{} was applied: {what}{amended}, in force from {}", version.citation(), version.effective_from)
}
