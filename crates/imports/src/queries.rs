//! What can be asked about imports.

use kernel::app::ReadCx;
use kernel::{Error, EventRecord, Filter, Page, PageRequest, Query, Result, Route, Value, event, get, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::import::{Import, Outcome, RowState, State};
use crate::mapping::Mapping;
use crate::row::shapes_of;
use crate::target::{Target, target_of};
use crate::{ImportId, presets, propose, store};

/// Events of an import on its page.
const TIMELINE: u32 = 50;
/// Refused rows of one file.
const MOST_REFUSED: u32 = 10_000;

/// A row of the file and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportRow {
    pub number: u64,
    /// The line of the file where it begins.
    pub line: u64,
    pub state: RowState,
    /// The id of what it is about.
    pub subject: Option<String>,
    pub cells: Vec<String>,
    pub outcome: Outcome,
}

/// List imports, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListImports {
    /// Only imports in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListImports {
    const NAME: &'static str = "imports.list";
    const ROUTE: Route = get("/imports");
    type Output = Page<Import>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Import>> {
        store::vendor_only(&cx.scope, Self::NAME)?;
        store::page(cx.tx, &cx.scope, &self.page, vec![Filter::Is("state", self.state.map(Value::from))]).await
    }
}

/// An import with its history.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ImportDetail {
    #[serde(flatten)]
    pub import: Import,
    /// Columns of the file that the mapping does not read.
    pub unused: Vec<String>,
    pub timeline: Vec<EventRecord>,
}

/// Show an import: its mapping, progress and counts.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetImport {
    pub import: ImportId,
}

impl Query for GetImport {
    const NAME: &'static str = "imports.get";
    const ROUTE: Route = get("/imports/{import}");
    type Output = ImportDetail;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<ImportDetail> {
        store::vendor_only(&cx.scope, Self::NAME)?;
        let import = store::get(cx.tx, &cx.scope, self.import).await?;
        let timeline = event::of_subject(cx.tx, &cx.scope, &import.id.to_string(), TIMELINE).await?;
        let unused = Mapping::parse(&import.mapping)?.unused(&import.headers);
        Ok(ImportDetail { import, unused, timeline })
    }
}

/// List the rows of an import and what became of each.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ListRows {
    pub import: ImportId,
    /// Only rows that ended so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<RowState>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListRows {
    const NAME: &'static str = "imports.rows";
    const ROUTE: Route = get("/imports/{import}/rows");
    type Output = Page<ImportRow>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<ImportRow>> {
        store::vendor_only(&cx.scope, Self::NAME)?;
        store::get(cx.tx, &cx.scope, self.import).await?;
        let filters = vec![
            Filter::Is("import", Some(Value::from(self.import))),
            Filter::Is("state", self.state.map(Value::from)),
        ];
        store::rows_page(cx.tx, &cx.scope, &self.page, filters).await
    }
}

/// The refused rows of an import as CSV, with the reason in a last column.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RefusedRows {
    pub import: ImportId,
}

/// A file to fix and import again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RefusedFile {
    pub name: String,
    pub rows: u64,
    /// The CSV itself.
    pub text: String,
}

impl Query for RefusedRows {
    const NAME: &'static str = "imports.refused";
    const ROUTE: Route = get("/imports/{import}/refused");
    type Output = RefusedFile;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<RefusedFile> {
        store::vendor_only(&cx.scope, Self::NAME)?;
        let import = store::get(cx.tx, &cx.scope, self.import).await?;
        let rows = store::refused(cx.tx, &cx.scope, import.id, 0, MOST_REFUSED).await?;
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        let wrong = |error: csv::Error| Error::internal(error.to_string());
        // The same header: a file that was fixed is imported with the same mapping.
        let header = import.headers.iter().map(String::as_str);
        writer.write_record(header.chain(["Line", "Why it was refused"])).map_err(wrong)?;
        for row in &rows {
            let mut cells: Vec<String> = row.cells.iter().map(|cell| disarmed(cell)).collect();
            cells.resize(import.headers.len(), String::new());
            cells.extend([row.line.to_string(), disarmed(&row.reasons())]);
            writer.write_record(&cells).map_err(wrong)?;
        }
        let bytes = writer.into_inner().map_err(|error| Error::internal(error.to_string()))?;
        let stem = import.name.rsplit_once('.').map_or(import.name.as_str(), |(stem, _)| stem);
        let text = String::from_utf8(bytes).map_err(|error| Error::internal(error.to_string()))?;
        Ok(RefusedFile { name: format!("{stem}-refused.csv"), rows: rows.len() as u64, text })
    }
}

/// A cell that a spreadsheet would run as a formula gets an apostrophe in front; reading takes it away.
fn disarmed(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    if formula { format!("'{cell}") } else { cell.to_owned() }
}

/// What can be imported.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct TargetSummary {
    pub key: String,
    pub title: String,
    /// The operation that a row runs.
    pub operation: String,
    pub fields: Vec<String>,
    pub required: Vec<String>,
}

/// List what can be imported, with the fields of each.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListTargets {}

impl Query for ListTargets {
    const NAME: &'static str = "imports.targets";
    const ROUTE: Route = get("/import-targets");
    type Output = Vec<TargetSummary>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Vec<TargetSummary>> {
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        cx.app
            .registry()
            .parts::<Target>()
            .iter()
            .map(|target| {
                let shapes = shapes_of(cx.app, target)?;
                Ok(TargetSummary {
                    key: target.key.to_owned(),
                    title: target.title.to_owned(),
                    operation: target.create.to_owned(),
                    fields: owned(shapes.names()),
                    required: owned(shapes.required()),
                })
            })
            .collect()
    }
}

/// A shipped mapping.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PresetSummary {
    pub key: String,
    pub title: String,
    /// The mapping, as TOML.
    pub mapping: String,
}

/// List the shipped mappings for exports of common CRMs.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListPresets {}

impl Query for ListPresets {
    const NAME: &'static str = "imports.presets";
    const ROUTE: Route = get("/import-presets");
    type Output = Vec<PresetSummary>;

    async fn run(self, _cx: &mut ReadCx<'_>) -> Result<Vec<PresetSummary>> {
        let summary = |preset: &presets::Preset| PresetSummary {
            key: preset.key.to_owned(),
            title: preset.title.to_owned(),
            mapping: preset.text.to_owned(),
        };
        Ok(presets::ALL.iter().map(summary).collect())
    }
}

/// Propose a mapping from the header of a file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ProposeMapping {
    /// What the rows are, such as `customers`.
    pub target: String,
    pub headers: Vec<String>,
}

/// A mapping to look over.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Proposed {
    /// The mapping, as TOML.
    pub mapping: String,
    /// Columns that nothing reads.
    pub unused: Vec<String>,
    /// Fields of a new thing that no column fills.
    pub missing: Vec<String>,
}

impl Query for ProposeMapping {
    const NAME: &'static str = "imports.propose";
    const ROUTE: Route = post("/import-mappings");
    type Output = Proposed;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Proposed> {
        let target = target_of(cx.app.registry(), &self.target)?;
        let shapes = shapes_of(cx.app, &target)?;
        let mut mapping = propose::propose(&target, &shapes, &self.headers);
        if !mapping.fields.contains_key("id") {
            mapping.key = propose::key_of(&self.headers).cloned();
        }
        let unused = mapping.unused(&self.headers);
        let missing = shapes.required().into_iter().filter(|field| !mapping.fields.contains_key(*field));
        Ok(Proposed { missing: missing.map(str::to_owned).collect(), unused, mapping: mapping.to_toml()? })
    }
}
