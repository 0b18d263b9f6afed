//! Recording a batch: sort out repeats and conflicts, set aside what cannot be rated, write the rest at once.

use std::collections::{HashMap, HashSet};

use kernel::{Cx, Error, Id, OrganizationId, Result, Timestamp};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::event::{Incoming, InvoiceEvent, LONGEST_NAME, Problem, Short, UsageEvent, digest, identity, ordered_key};
use super::{BatchId, ConflictId, DeadLetterId, InvoiceEventId, invoices, store, usage};

/// Events in one request.
pub const LARGEST_BATCH: usize = 5_000;

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ingested {
    pub batch: BatchId,
    pub received: usize,
    /// Recorded now.
    pub recorded: usize,
    /// Recorded before with the same content; nothing to do.
    pub duplicates: usize,
    /// Known under the same id with another content; the first one stands.
    pub conflicts: usize,
    /// Set aside until they can be rated.
    pub dead_letters: usize,
    /// Every conflict and dead letter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<RowProblem>,
}

/// An event that was not recorded as sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RowProblem {
    /// Its place in the request, counted from 1.
    pub row: usize,
    pub id: String,
    /// A word for programs, such as `conflict` or `unknown_customer`.
    pub code: String,
    pub text: String,
}

/// Whether to write, or only to say what would be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Write,
    DryRun,
}

/// A batch on its way in.
pub(crate) struct Intake<'a> {
    pub batch: BatchId,
    pub source: &'a str,
    pub mode: Mode,
}

/// An event on its way in; an operation that is run again looks at the same ones.
pub(crate) struct Arrived<E> {
    /// The id as the tables hold it.
    pub key: String,
    pub short: Short,
    pub content: Short,
    /// Its place in the request, counted from 1.
    pub row: usize,
    pub event: E,
}

/// How one kind of event is stored.
pub(crate) trait Booked: Incoming {
    const TABLE: &'static str;
    /// Whether its ids keep the order of the source's own, so that what lies behind the newest is new.
    const ORDERED: bool;

    /// The id of its row: the same organization, source and external id always give the same.
    fn key(organization: OrganizationId, source: &str, external: &str, short: Short) -> String;

    /// Writes those that can be rated, and gives back the others with their problems.
    fn book<'e>(
        cx: &mut Cx<'_>,
        intake: &Intake<'_>,
        fresh: Vec<&'e Arrived<Self>>,
    ) -> impl Future<Output = Result<Flawed<'e, Self>>> + Send;
}

impl Booked for UsageEvent {
    const TABLE: &'static str = "usage_event";
    const ORDERED: bool = true;

    /// In the order of the source's own ids: a stream of usage is added at the end of the index, where a hash would dirty as
    /// many pages as there are events.
    fn key(organization: OrganizationId, source: &str, external: &str, _: Short) -> String {
        ordered_key(organization, source, external)
    }

    async fn book<'e>(cx: &mut Cx<'_>, intake: &Intake<'_>, fresh: Vec<&'e Arrived<Self>>) -> Result<Flawed<'e, Self>> {
        usage::book(cx, intake, fresh).await
    }
}

impl Booked for InvoiceEvent {
    const TABLE: &'static str = "invoice_event";
    const ORDERED: bool = false;

    fn key(_: OrganizationId, _: &str, _: &str, short: Short) -> String {
        InvoiceEventId::from_bytes(short).to_string()
    }

    async fn book<'e>(cx: &mut Cx<'_>, intake: &Intake<'_>, fresh: Vec<&'e Arrived<Self>>) -> Result<Flawed<'e, Self>> {
        invoices::book(cx, intake, fresh).await
    }
}

/// Records events of one source, in one transaction with everything that follows from them.
pub(crate) async fn record<E: Booked>(
    cx: &mut Cx<'_>,
    source: &str,
    arrived: &[Arrived<E>],
    mode: Mode,
) -> Result<Ingested> {
    check_request(cx, source, arrived.len())?;
    let currency = cx.law().await?.program.settings.currency;
    let intake = Intake { batch: cx.id(), source, mode };
    let mut report = Ingested {
        batch: intake.batch,
        received: arrived.len(),
        recorded: 0,
        duplicates: 0,
        conflicts: 0,
        dead_letters: 0,
        problems: Vec::new(),
    };
    let fresh = sort_out(cx, &intake, arrived, &mut report).await?;
    let (fresh, flawed) = without_flaws(cx, currency, fresh);
    let waiting = store::open_letters(cx.tx, &cx.scope, source, &fresh, &flawed).await?;
    let mut keys: Vec<Short> = fresh.iter().map(|a| a.short).collect();
    let mut problems = E::book(cx, &intake, fresh).await?;
    problems.extend(flawed);
    let refused: HashSet<Short> = problems.iter().map(|(arrived, _)| arrived.short).collect();
    keys.retain(|short| !refused.contains(short));
    report.recorded = keys.len();
    if !waiting.is_empty() && mode == Mode::Write {
        for short in keys.iter().filter(|short| waiting.contains_key(*short)) {
            store::close_letter(cx.tx, Id::from_bytes(*short), store::REPLAYED, cx.now).await?;
        }
    }
    set_aside(cx, &intake, problems, &waiting, &mut report).await?;
    report.problems.sort_by_key(|problem| problem.row);
    if mode == Mode::Write {
        store::insert_batch(cx.tx, &cx.scope, E::KIND, source, &report, span(arrived), cx.now).await?;
        tell(cx, source, &report);
    }
    Ok(report)
}

fn check_request(cx: &Cx<'_>, source: &str, events: usize) -> Result<()> {
    if cx.scope.partner.is_some() {
        return Err(Error::Forbidden {
            permission: "intake".to_owned(),
            message: "events are recorded by the vendor's own systems, not by partners".to_owned(),
        });
    }
    let is_word = |c: char| c.is_alphanumeric() || "._-".contains(c);
    if source.is_empty() || source.len() > LONGEST_NAME || !source.chars().all(is_word) {
        let rule = "names where the events come from in letters, digits, dots and hyphens, such as `billing`";
        return Err(Error::invalid("source", rule));
    }
    if events == 0 || events > LARGEST_BATCH {
        let rule = format!("holds {events} events; send 1 to {LARGEST_BATCH} at once");
        return Err(Error::invalid("events", rule));
    }
    Ok(())
}

fn span<E: Incoming>(arrived: &[Arrived<E>]) -> Option<(Timestamp, Timestamp)> {
    let times = || arrived.iter().map(|a| a.event.occurred_at());
    times().min().zip(times().max())
}

/// Gives every event its id, in the order of ids; among repeats the first one in the request comes first.
pub(crate) fn identify<E: Booked>(organization: OrganizationId, source: &str, events: Vec<E>) -> Vec<Arrived<E>> {
    let identify = |(place, event): (usize, E)| {
        let short = identity(organization, E::KIND, source, event.external_id());
        let key = E::key(organization, source, event.external_id(), short);
        Arrived { key, short, content: event.content(), row: place + 1, event }
    };
    let mut arrived: Vec<Arrived<E>> = events.into_iter().enumerate().map(identify).collect();
    arrived.sort_by(|a, b| (&a.key, a.row).cmp(&(&b.key, b.row)));
    arrived
}

/// Counts repeats and keeps conflicts, with what is stored and within the batch; what is left is new.
async fn sort_out<'e, E: Booked>(
    cx: &mut Cx<'_>,
    intake: &Intake<'_>,
    arrived: &'e [Arrived<E>],
    report: &mut Ingested,
) -> Result<Vec<&'e Arrived<E>>> {
    let known = store::known(cx.tx, &cx.scope, arrived).await?;
    let mut fresh: Vec<&Arrived<E>> = Vec::with_capacity(arrived.len());
    for one in arrived {
        let before = known.get(&one.key).copied();
        let twin = fresh.last().filter(|last| last.short == one.short).map(|last| last.content);
        match before.or(twin) {
            None => fresh.push(one),
            Some(content) if content == one.content => report.duplicates += 1,
            Some(_) => {
                report.conflicts += 1;
                report.problems.push(RowProblem {
                    row: one.row,
                    id: one.event.external_id().to_owned(),
                    code: "conflict".to_owned(),
                    text: "an event with this id and another content was recorded before; that one stands".to_owned(),
                });
                if intake.mode == Mode::Write {
                    let id: ConflictId = Id::from_bytes(digest(&[&one.short, &one.content]));
                    store::keep_conflict(cx.tx, &cx.scope, intake, id, one, cx.now).await?;
                }
            }
        }
    }
    Ok(fresh)
}

/// Events that are not recorded, with why.
pub(crate) type Flawed<'e, E> = Vec<(&'e Arrived<E>, Problem)>;

fn without_flaws<'e, E: Booked>(
    cx: &Cx<'_>,
    currency: kernel::Currency,
    fresh: Vec<&'e Arrived<E>>,
) -> (Vec<&'e Arrived<E>>, Flawed<'e, E>) {
    let mut sound = Vec::with_capacity(fresh.len());
    let mut flawed = Vec::new();
    for one in fresh {
        match one.event.common_flaw(cx.now).or_else(|| one.event.flaw(currency)) {
            None => sound.push(one),
            Some(problem) => flawed.push((one, problem)),
        }
    }
    (sound, flawed)
}

/// Keeps what cannot be rated as dead letters. One that waits already with the same content is a repeat.
async fn set_aside<E: Booked>(
    cx: &mut Cx<'_>,
    intake: &Intake<'_>,
    problems: Flawed<'_, E>,
    waiting: &HashMap<Short, Short>,
    report: &mut Ingested,
) -> Result<()> {
    for (one, problem) in problems {
        report.dead_letters += 1;
        let id: DeadLetterId = Id::from_bytes(one.short);
        report.problems.push(RowProblem {
            row: one.row,
            id: one.event.external_id().to_owned(),
            code: problem.code.to_owned(),
            text: problem.text.clone(),
        });
        let waits = waiting.get(&one.short) == Some(&one.content);
        if intake.mode == Mode::Write && !waits {
            store::keep_letter(cx.tx, &cx.scope, intake, id, one, &problem, cx.now).await?;
        }
    }
    Ok(())
}

/// A batch that needs a person says so; what went well is in the log and in the list of batches.
fn tell(cx: &mut Cx<'_>, source: &str, report: &Ingested) {
    if report.conflicts + report.dead_letters == 0 {
        return;
    }
    let summary = format!(
        "{} of {} events from {source} need a look: {} set aside, {} in conflict",
        report.conflicts + report.dead_letters,
        report.received,
        report.dead_letters,
        report.conflicts
    );
    let data = serde_json::json!({ "dead_letters": report.dead_letters, "conflicts": report.conflicts });
    cx.emit("intake.questioned", report.batch, None, summary, &data);
}
