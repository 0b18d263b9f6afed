//! Trace export over OTLP/HTTP in JSON encoding (OpenTelemetry protocol 1.x), behind a flag.
//!
//! Spans that have ended are sent in batches by one task; when the collector does not answer, they are dropped, never
//! waited for.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kernel::Result;
use serde_json::{Value as Json, json};
use tokio::sync::mpsc;
use tracing::span::{Attributes, Id, Record};
use tracing::{Subscriber, field};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

const QUEUE: usize = 4096;
const BATCH: usize = 512;
const EVERY: Duration = Duration::from_secs(2);

/// Keeps the export alive.
#[must_use]
pub struct Exporter {
    _task: Option<tokio::task::JoinHandle<()>>,
}

/// The layer that collects spans; without an endpoint it does nothing.
pub fn layer(endpoint: Option<&str>) -> Result<(Option<Spans>, Exporter)> {
    let Some(endpoint) = endpoint else { return Ok((None, Exporter { _task: None })) };
    let (queue, waiting) = mpsc::channel(QUEUE);
    let url = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
    let task = tokio::spawn(export(url, waiting));
    let seed = getrandom_seed();
    Ok((Some(Spans { queue, random: Mutex::new(seed) }), Exporter { _task: Some(task) }))
}

/// Trace ids need to differ, not to be secret.
fn getrandom_seed() -> kernel::IdSource {
    kernel::IdSource::from_entropy()
}

pub struct Spans {
    queue: mpsc::Sender<Json>,
    random: Mutex<kernel::IdSource>,
}

/// What is known of a span while it is open.
struct Open {
    trace: String,
    id: String,
    parent: Option<String>,
    started: u128,
    attributes: HashMap<String, String>,
}

impl Spans {
    fn random_hex(&self, bytes: usize) -> String {
        let mut buffer = vec![0; bytes];
        self.random.lock().unwrap_or_else(std::sync::PoisonError::into_inner).fill(&mut buffer);
        kernel::db::hex(&buffer)
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let inherited = span
            .parent()
            .and_then(|parent| parent.extensions().get::<Open>().map(|open| (open.trace.clone(), open.id.clone())));
        let (trace, parent) = inherited.map_or_else(|| (self.random_hex(16), None), |(t, p)| (t, Some(p)));
        let mut texts = Texts::default();
        attributes.record(&mut texts);
        let open = Open { trace, id: self.random_hex(8), parent, started: nanos(), attributes: texts.0 };
        span.extensions_mut().insert(open);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut texts = Texts::default();
        values.record(&mut texts);
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            open.attributes.extend(texts.0);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(open) = span.extensions_mut().remove::<Open>() else { return };
        let attributes: Vec<Json> = open
            .attributes
            .iter()
            .map(|(key, value)| json!({ "key": key, "value": { "stringValue": value } }))
            .collect();
        let finished = json!({
            "traceId": open.trace, "spanId": open.id, "parentSpanId": open.parent.unwrap_or_default(),
            "name": span.name(), "kind": 1, "attributes": attributes,
            "startTimeUnixNano": open.started.to_string(), "endTimeUnixNano": nanos().to_string(),
        });
        // A full queue means that the collector is slow: losing spans is better than slowing requests.
        let _ = self.queue.try_send(finished);
    }
}

/// Field values as text.
#[derive(Default)]
struct Texts(HashMap<String, String>);

impl field::Visit for Texts {
    fn record_str(&mut self, field: &field::Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &field::Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

#[allow(clippy::disallowed_methods)] // spans are stamped by the machine's clock
fn nanos() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos())
}

async fn export(url: String, mut waiting: mpsc::Receiver<Json>) {
    let mut spans = Vec::with_capacity(BATCH);
    loop {
        let more = tokio::time::timeout(EVERY, waiting.recv_many(&mut spans, BATCH)).await;
        if matches!(more, Ok(0)) {
            return;
        }
        if spans.is_empty() {
            continue;
        }
        let body = json!({ "resourceSpans": [{
            "resource": { "attributes": [{ "key": "service.name", "value": { "stringValue": "concord" } }] },
            "scopeSpans": [{ "scope": { "name": "concord" }, "spans": std::mem::take(&mut spans) }]
        }] });
        let request =
            crate::http::Request { method: "POST", url: url.clone(), token: None, query: Vec::new(), body: Some(body) };
        let _ = crate::http::ask(request).await;
    }
}
