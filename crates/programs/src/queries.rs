//! What can be asked about the program: what it says, what it said, and what a new version would change.

use std::collections::BTreeMap;

use kernel::app::ReadCx;
use kernel::event::{self, EventRecord};
use kernel::{Error, Money, Page, Query, Result, Route, Timestamp, get, post};
use law::{Change, Diagnostic, Program};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::draft;
use crate::impact::{Affected, Impact, PartnerCost, by_partner, counts, total};
use crate::in_force::{self, Law};
use crate::proposal::{Haste, Proposal, lint, propose, vendor_only};
use crate::store::{self, Files, Version};
use crate::visible;

/// Events shown with a version.
const TIMELINE: u32 = 20;

/// Check the files of a program and say what is wrong where.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct LintProgram {
    /// File name inside the program folder, and text. Without any, the draft of the console is checked.
    #[serde(default)]
    pub files: Files,
}

/// What is wrong with a program.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LintReport {
    /// Whether it could be put in force; warnings do not stand in the way.
    pub ok: bool,
    /// By file, line and column.
    pub diagnostics: Vec<Diagnostic>,
    /// The same with the lines that are meant, for a terminal.
    pub rendered: String,
}

impl Query for LintProgram {
    const NAME: &'static str = "program.lint";
    const ROUTE: Route = post("/program/lint");
    type Output = LintReport;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<LintReport> {
        vendor_only(&cx.scope, Self::NAME)?;
        let files = draft::given_or_draft(cx.tx, &cx.scope, self.files).await?;
        let checked = lint(cx.app, &files)?;
        let rendered = law::render(&checked.diagnostics, &files);
        Ok(LintReport { ok: checked.program.is_some(), diagnostics: checked.diagnostics, rendered })
    }
}

/// Show what a program would change, without changing anything.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct PlanProgram {
    /// File name inside the program folder, and text. Without any, the draft of the console is planned.
    #[serde(default)]
    pub files: Files,
    /// From when it would be the law; at once if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Timestamp>,
}

/// What would change if a program were put in force.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// The key of the program.
    pub program: String,
    pub effective_from: Timestamp,
    /// The version that it would replace; absent for the first one.
    pub current: Option<Version>,
    pub changes: Vec<Change>,
    /// What the changes mean for the partners, deals and rights that exist.
    pub impacts: Vec<AssessedImpact>,
    /// What it costs partner by partner, the largest difference first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<PartnerCost>,
    /// What somebody should look at first.
    pub warnings: Vec<String>,
}

/// One area's answer to what would change for its things.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AssessedImpact {
    /// What was looked at, such as `Open deals`.
    pub title: String,
    pub affected: Vec<Affected>,
    /// How many things change in each way.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, usize>,
    /// What all of it costs more than before; absent where nothing has a value in money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
}

impl Query for PlanProgram {
    const NAME: &'static str = "program.plan";
    const ROUTE: Route = post("/program/plan");
    type Output = Plan;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Plan> {
        vendor_only(&cx.scope, Self::NAME)?;
        let files = draft::given_or_draft(cx.tx, &cx.scope, self.files).await?;
        let proposal =
            propose(cx.app, cx.tx, &cx.scope, cx.now, &files, (self.effective_from, Haste::AfterNotice)).await?;
        let Proposal { program, effective_from, base, changes, warnings, .. } = proposal;
        let mut impacts = Vec::new();
        for impact in cx.app.registry().parts::<Impact>() {
            let affected = (impact.assess)(cx, base.as_ref().map(|base| &base.program), &program).await?;
            let cost = total(&affected);
            let counts = counts(&affected);
            impacts.push(AssessedImpact { title: impact.title.to_owned(), affected, counts, cost });
        }
        let costs = by_partner(impacts.iter().map(|impact| (impact.title.as_str(), impact.affected.as_slice())))?;
        let current = base.map(|base| base.version.clone());
        Ok(Plan { program: program.settings.key, effective_from, current, changes, impacts, costs, warnings })
    }
}

/// The program in force: what it says, and which version it is. A partner sees what concerns it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetProgram {}

/// The program in force.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ProgramInForce {
    /// How decisions cite it, such as `northwind/3`.
    pub citation: String,
    pub effective_from: Timestamp,
    pub program: Program,
    /// The version with its note; for the vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The files as they were applied; for the vendor.
    #[serde(default, skip_serializing_if = "Files::is_empty")]
    pub files: Files,
    /// Versions that have been decided and will take effect later; for the vendor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<Version>,
    /// What will change for a partner, and when; for partners.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub announced: Vec<Announced>,
}

/// What a version that will take effect changes of what a partner sees.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Announced {
    pub effective_from: Timestamp,
    pub changes: Vec<Change>,
}

impl Query for GetProgram {
    const NAME: &'static str = "program.get";
    const ROUTE: Route = get("/program");
    type Output = ProgramInForce;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<ProgramInForce> {
        let law = cx.law().await?;
        let (citation, effective_from) = (law.citation(), law.version.effective_from);
        if let Some(partner) = cx.scope.partner {
            let archetype = visible::archetype_of(cx, partner).await?;
            let program = visible::to_partner(&law.program, archetype.as_deref());
            let announced = announced(cx, &program, archetype.as_deref()).await?;
            let (version, files, pending) = (None, Files::new(), Vec::new());
            return Ok(ProgramInForce { citation, effective_from, program, version, files, pending, announced });
        }
        let files = store::files(cx.tx, &cx.scope, law.version.id).await?.unwrap_or_default();
        let pending = store::pending(cx.tx, &cx.scope, cx.now).await?;
        let (version, program) = (Some(law.version.clone()), law.program.clone());
        let announced = Vec::new();
        Ok(ProgramInForce { citation, effective_from, program, version, files, pending, announced })
    }
}

/// The notice to partners: each version to come, compared with what they see before it.
async fn announced(cx: &mut ReadCx<'_>, now: &Program, archetype: Option<&str>) -> Result<Vec<Announced>> {
    let scope = kernel::Scope { partner: None, ..cx.scope };
    let mut pending = store::pending(cx.tx, &scope, cx.now).await?;
    pending.sort_by_key(|version| version.effective_from);
    let mut before = now.clone();
    let mut announced = Vec::new();
    for version in pending {
        let effective_from = version.effective_from;
        let law = in_force::parsed(cx.app, cx.tx, &scope, version).await?;
        let after = visible::to_partner(&law.program, archetype);
        let changes = law::diff(&before, &after);
        if !changes.is_empty() {
            announced.push(Announced { effective_from, changes });
        }
        before = after;
    }
    Ok(announced)
}

/// Every version of the program, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ListVersions {}

impl Query for ListVersions {
    const NAME: &'static str = "program.versions";
    const ROUTE: Route = get("/program/versions");
    type Output = Page<Version>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Version>> {
        vendor_only(&cx.scope, Self::NAME)?;
        Ok(Page { items: store::all(cx.tx, &cx.scope).await?, next: None })
    }
}

/// One version of the program with its files and what it changed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ShowVersion {
    /// 1, 2, 3 …
    pub number: i64,
}

/// A version with its files.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct VersionDetail {
    pub version: Version,
    pub files: Files,
    /// Whether it is the law now.
    pub in_force: bool,
    /// The version decided before it.
    pub previous: Option<Version>,
    /// What it changed of that one.
    pub changes: Vec<Change>,
    pub timeline: Vec<EventRecord>,
}

impl Query for ShowVersion {
    const NAME: &'static str = "program.version";
    const ROUTE: Route = get("/program/versions/{number}");
    type Output = VersionDetail;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<VersionDetail> {
        vendor_only(&cx.scope, Self::NAME)?;
        let missing = || Error::not_found("version of the program", self.number);
        let key = store::latest(cx.tx, &cx.scope).await?.ok_or_else(missing)?.program;
        let version = store::numbered(cx.tx, &cx.scope, &key, self.number).await?.ok_or_else(missing)?;
        let files = store::files(cx.tx, &cx.scope, version.id).await?.ok_or_else(missing)?;
        let current = store::in_force(cx.tx, &cx.scope, cx.now, cx.now).await?;
        let previous = store::numbered(cx.tx, &cx.scope, &key, self.number.saturating_sub(1)).await?;
        let changes = match &previous {
            Some(previous) => {
                let new = in_force::parsed(cx.app, cx.tx, &cx.scope, version.clone()).await?;
                let old = in_force::parsed(cx.app, cx.tx, &cx.scope, previous.clone()).await?;
                law::diff(&old.program, &new.program)
            }
            None => Vec::new(),
        };
        let timeline = event::of_subject(cx.tx, &cx.scope, &version.id.to_string(), TIMELINE).await?;
        let in_force = current.is_some_and(|current| current.id == version.id);
        Ok(VersionDetail { version, files, in_force, previous, changes, timeline })
    }
}
