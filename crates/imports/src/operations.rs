//! What people do with imports, and the one operation that writes down what became of rows.

use base64::Engine as _;
use kernel::db::hex;
use kernel::{Access, Cx, Error, Operation, Result, Route, delete, post, put};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::import::{Behalf, Counts, Import, Outcome, RowState, State};
use crate::mapping::Mapping;
use crate::row::{Plan, shapes_of};
use crate::step::MOST_TOGETHER;
use crate::target::target_of;
use crate::{ImportId, ImportRow, presets, propose, read, store, undo};

/// Bytes of a file that comes in one piece; longer ones come in parts.
const LARGEST_CONTENT: usize = 7 * 1024 * 1024;
/// Rows of one part.
pub const LARGEST_PART: usize = 2_000;
/// Rows of one import.
const MOST_ROWS: u64 = 1_000_000;

/// Upload a file to be imported. Nothing is written from it before it is run.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CreateImport {
    /// The name of the file; `upload` if it is left out.
    pub name: String,
    /// CSV, JSON Lines, a JSON array, or an Excel workbook as `base64:` and its bytes.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(extend("format" = "multiline"))]
    pub content: String,
    /// What the rows are, such as `customers`; not needed with a preset or a mapping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// A shipped mapping, such as `salesforce-opportunities`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// A mapping of your own, as TOML; without one, it is proposed from the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "multiline"))]
    pub mapping: Option<String>,
    /// The system that the file comes from; keys are unique within it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// For a file whose rows are added in parts: its header.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
    /// For a file whose rows are added in parts: its SHA-256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_hash: Option<String>,
}

impl Operation for CreateImport {
    const NAME: &'static str = "imports.create";
    const ROUTE: Route = post("/imports");
    const ACCESS: Access = Access::Open;
    type Output = Import;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Import> {
        store::vendor_only(&cx.scope, Self::NAME)?;
        let name = Some(self.name.trim()).filter(|name| !name.is_empty()).unwrap_or("upload");
        if name.chars().count() > 200 || name.chars().any(char::is_control) {
            return Err(Error::invalid("name", "takes up to 200 characters on one line: the name of the file"));
        }
        let bytes = bytes_of(&self.content)?;
        let mut rows: Vec<(u64, Vec<String>)> = Vec::new();
        let headers = if self.headers.is_empty() {
            read::read(&bytes, &mut |line, cells| {
                rows.push((line, cells));
                Ok(())
            })?
        } else {
            self.headers.clone()
        };
        let mapping = self.mapping_for(cx, &headers)?;
        let text = mapping.to_toml()?;
        let plan = Plan::of(cx.app, &text, &headers)?;
        let mut import = store::new_import(cx.id(), name.to_owned(), cx.now, cx.actor.reference());
        import.target = plan.target.key.to_owned();
        import.source = mapping.source;
        import.mapping = text;
        import.headers = headers;
        import.file_hash = self.file_hash.unwrap_or_else(|| hex(&Sha256::digest(&bytes)));
        import.rows = rows.len() as u64;
        store::add_rows(cx.tx, &cx.scope, import.id, 1, &rows).await?;
        store::save(cx.tx, cx.scope.organization, &import, None).await?;
        cx.emit("import.created", import.id, None, format!("{} was uploaded", import.name), &told(&import));
        Ok(import)
    }
}

impl CreateImport {
    /// The mapping that was given, a preset fitted to the file, or one proposed from its header.
    fn mapping_for(&self, cx: &Cx<'_>, headers: &[String]) -> Result<Mapping> {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let mut mapping = match (filled(&self.mapping), filled(&self.preset), filled(&self.target)) {
            (Some(text), ..) => Mapping::parse(&text)?,
            (_, Some(preset), _) => presets::preset(&preset)?.mapping()?.fitted(headers),
            (_, _, Some(target)) => {
                let target = target_of(cx.app.registry(), &target)?;
                let mut proposed = propose::propose(&target, &shapes_of(cx.app, &target)?, headers);
                if !proposed.fields.contains_key("id") {
                    proposed.key = propose::key_of(headers).cloned();
                }
                proposed
            }
            _ => {
                return Err(Error::invalid(
                    "target",
                    "is required without a preset or a mapping: say what the rows are",
                ));
            }
        };
        if let Some(source) = filled(&self.source) {
            mapping.source = source;
        }
        Ok(mapping)
    }
}

fn bytes_of(content: &str) -> Result<Vec<u8>> {
    if content.len() > LARGEST_CONTENT {
        let rule = format!("has {} bytes; at most {LARGEST_CONTENT} fit, use `concord import` for more", content.len());
        return Err(Error::invalid("content", rule));
    }
    match content.strip_prefix("base64:") {
        None => Ok(content.as_bytes().to_vec()),
        Some(text) => base64::engine::general_purpose::STANDARD
            .decode(text.trim())
            .map_err(|error| Error::invalid("content", format!("is not base64: {error}"))),
    }
}

/// What events tell of an import; its header and mapping can be long.
#[derive(Serialize)]
struct Told<'i> {
    name: &'i str,
    target: &'i str,
    state: State,
    rows: u64,
    counts: Counts,
}

fn told(import: &Import) -> Told<'_> {
    Told { name: &import.name, target: &import.target, state: import.state, rows: import.rows, counts: import.counts }
}

/// Add rows to an uploaded file that comes in parts.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AddRows {
    pub import: ImportId,
    /// How many rows were added before; a part that was added already is refused.
    pub after: u64,
    /// The line in the file of each row.
    pub lines: Vec<u64>,
    pub rows: Vec<Vec<String>>,
}

impl Operation for AddRows {
    const NAME: &'static str = "imports.add_rows";
    const ROUTE: Route = post("/imports/{import}/rows");
    const ACCESS: Access = Access::Open;
    type Output = Import;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Import> {
        let mut import = standing(cx, Self::NAME, self.import, &[State::Draft], "take more rows").await?;
        if import.rows != self.after {
            let message = format!("{} rows were added so far, not {}; go on from there", import.rows, self.after);
            return Err(Error::conflict("another_part", message));
        }
        if self.rows.len() != self.lines.len() || self.rows.len() > LARGEST_PART {
            return Err(Error::invalid("rows", format!("takes up to {LARGEST_PART} rows, and a line for each")));
        }
        let rows: Vec<(u64, Vec<String>)> = self.lines.into_iter().zip(self.rows).collect();
        store::add_rows(cx.tx, &cx.scope, import.id, import.rows + 1, &rows).await?;
        import.rows += rows.len() as u64;
        if import.rows > MOST_ROWS {
            return Err(Error::invalid("rows", format!("an import takes up to {MOST_ROWS} rows; split the file")));
        }
        store::save(cx.tx, cx.scope.organization, &import, None).await?;
        Ok(import)
    }
}

/// Change how an uploaded file is mapped; it has to be checked again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct MapImport {
    pub import: ImportId,
    /// The mapping, as TOML.
    #[schemars(extend("format" = "multiline"))]
    pub mapping: String,
}

impl Operation for MapImport {
    const NAME: &'static str = "imports.map";
    const ROUTE: Route = put("/imports/{import}/mapping");
    const ACCESS: Access = Access::Open;
    type Output = Import;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Import> {
        let from = [State::Draft, State::Checked, State::Refused];
        let mut import = standing(cx, Self::NAME, self.import, &from, "be mapped anew").await?;
        let plan = Plan::of(cx.app, &self.mapping, &import.headers)?;
        import.target = plan.target.key.to_owned();
        import.source = plan.mapping.source;
        import.mapping = self.mapping;
        import.state = State::Draft;
        import.position = 0;
        import.counts = Counts::default();
        store::save(cx.tx, cx.scope.organization, &import, None).await?;
        cx.emit("import.mapped", import.id, None, format!("{} was mapped anew", import.name), &told(&import));
        Ok(import)
    }
}

/// Try an import without effect: every row runs as it would, and is taken back.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CheckImport {
    pub import: ImportId,
}

impl Operation for CheckImport {
    const NAME: &'static str = "imports.check";
    const ROUTE: Route = post("/imports/{import}/checks");
    const ACCESS: Access = Access::Open;
    type Output = Import;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Import> {
        let from = [State::Draft, State::Checked, State::Refused];
        let import = standing(cx, Self::NAME, self.import, &from, "be tried").await?;
        begin(cx, import, State::Checking, "import.checking", "is tried without effect").await
    }
}

/// Run an import: every row runs its operation, one that is refused does not stop the others.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RunImport {
    pub import: ImportId,
    /// Write nothing at all if one row is refused.
    #[serde(default)]
    pub all_or_nothing: bool,
}

impl Operation for RunImport {
    const NAME: &'static str = "imports.run";
    const ROUTE: Route = post("/imports/{import}/runs");
    const ACCESS: Access = Access::Open;
    type Output = Import;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Import> {
        let from = [State::Draft, State::Checked, State::Refused];
        let mut import = standing(cx, Self::NAME, self.import, &from, "be run").await?;
        if self.all_or_nothing && import.rows > MOST_TOGETHER {
            let rule = format!(
                "takes up to {MOST_TOGETHER} rows, the file has {}: split it, or run it row by row and undo it",
                import.rows
            );
            return Err(Error::invalid("all_or_nothing", rule));
        }
        import.all_or_nothing = self.all_or_nothing;
        begin(cx, import, State::Running, "import.started", "is imported").await
    }
}

/// Undo an import as a whole: what it added is withdrawn, closed or removed, what it changed is changed back.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct UndoImport {
    pub import: ImportId,
}

impl Operation for UndoImport {
    const NAME: &'static str = "imports.undo";
    const ROUTE: Route = delete("/imports/{import}");
    const ACCESS: Access = Access::Open;
    type Output = Import;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Import> {
        let import = standing(cx, Self::NAME, self.import, &[State::Done], "be undone").await?;
        let plan = Plan::of(cx.app, &import.mapping, &import.headers)?;
        let reasons = undo::obstacles(cx, &plan, &import).await?;
        if !reasons.is_empty() {
            let message = "rows of this import are in use: clear what stands in the way, then undo it again";
            return Err(Error::refused("in_use", message, reasons));
        }
        begin(cx, import, State::Undoing, "import.undoing", "is undone").await
    }
}

/// Sets an import to work on behalf of whoever asked for it.
async fn begin(cx: &mut Cx<'_>, mut import: Import, state: State, kind: &str, words: &str) -> Result<Import> {
    import.state = state;
    import.finished_at = None;
    if state == State::Undoing {
        import.position = import.rows + 1;
    } else {
        import.position = 0;
        import.counts = Counts::default();
    }
    store::save(cx.tx, cx.scope.organization, &import, Some(&Behalf::of(cx.actor))).await?;
    cx.emit(kind, import.id, None, format!("{} {words}", import.name), &told(&import));
    Ok(import)
}

async fn standing(cx: &mut Cx<'_>, name: &str, id: ImportId, from: &[State], what: &str) -> Result<Import> {
    store::vendor_only(&cx.scope, name)?;
    let import = store::get(cx.tx, &cx.scope, id).await?;
    if from.contains(&import.state) {
        return Ok(import);
    }
    let allowed: Vec<&str> = from.iter().map(|state| state.name()).collect();
    let state = import.state.name();
    let message = format!("{} is {state}: it can {what} only while {}", import.name, allowed.join(" or "));
    Err(Error::conflict("wrong_state", message))
}

/// What became of a row.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RowDone {
    pub number: u64,
    pub state: RowState,
    #[serde(default)]
    pub subject: Option<String>,
    #[serde(default)]
    pub outcome: Outcome,
}

/// Note what became of rows of an import. Concord itself does this after each step.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Advance {
    pub import: ImportId,
    /// The state in which the rows were dealt with.
    pub from: State,
    /// The number of the last row that was dealt with.
    pub position: u64,
    pub rows: Vec<RowDone>,
    pub finished: bool,
    /// A row was refused, and the import is all or nothing.
    #[serde(default)]
    pub refused: bool,
}

impl Operation for Advance {
    const NAME: &'static str = "imports.advance";
    const ROUTE: Route = post("/imports/{import}/steps");
    const ACCESS: Access = Access::Open;
    type Output = Import;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Import> {
        if !cx.actor.is_system() {
            let message = "Concord notes the progress of imports itself; run the import instead".to_owned();
            return Err(Error::Forbidden { permission: Self::NAME.to_owned(), message });
        }
        let mut import = standing(cx, Self::NAME, self.import, &[self.from], "go on so").await?;
        let wrote = self.from == State::Running && !self.refused;
        for row in &self.rows {
            import.counts.add(row.state);
            store::set_row(cx.tx, import.id, row.number, row.state, row.subject.as_ref(), &row.outcome).await?;
            let link = (import.target.as_str(), import.source.as_str(), row.outcome.key.as_str());
            if wrote && row.subject.is_some() && !row.outcome.key.is_empty() {
                store::set_link(cx.tx, &cx.scope, link, row.subject.as_ref()).await?;
            }
            if row.state == RowState::Undone && !row.outcome.key.is_empty() && row.outcome.before.is_empty() {
                store::set_link(cx.tx, &cx.scope, link, None).await?;
            }
        }
        import.position = self.position;
        if self.finished {
            import.finished_at = Some(cx.now);
            import.state = match self.from {
                State::Checking => State::Checked,
                State::Running if self.refused => State::Refused,
                State::Undoing => State::Undone,
                _ => State::Done,
            };
            let summary = format!("{} is {}", import.name, import.state.name());
            cx.emit(&format!("import.{}", import.state.name()), import.id, None, summary, &told(&import));
        }
        store::save(cx.tx, cx.scope.organization, &import, None).await?;
        Ok(import)
    }
}

impl ImportRow {
    /// The reasons in one line.
    pub fn reasons(&self) -> String {
        let all = self.outcome.problems.iter().map(crate::Problem::sentence);
        all.chain(Some(self.outcome.note.clone()).filter(|note| !note.is_empty())).collect::<Vec<_>>().join("; ")
    }
}
