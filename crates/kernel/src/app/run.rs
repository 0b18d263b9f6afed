//! One run of an operation, as the runner sees it, whatever the surface that asked for it.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::context::Cx;
use crate::db::hex;
use crate::error::{Error, Result};
use crate::ids::PartnerId;
use crate::operation::{Access, Operation};

/// Input longer than this is logged by its digest.
const LARGEST_LOGGED_INPUT: usize = 24_000;

/// What a caller may say about a run beside its input.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// A repeat with the same key and input returns the first outcome.
    pub idempotency_key: Option<String>,
    /// The digest of the row that the caller read.
    pub if_match: Option<String>,
}

/// What a run returned.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub output: Json,
    /// Whether this is the stored outcome of an earlier run with the same key.
    pub replayed: bool,
}

/// What runs within the transaction, perhaps more than once.
pub type Call = Arc<dyn for<'a, 'b> Fn(&'a mut Cx<'b>) -> BoxFuture<'a, Result<Json>> + Send + Sync>;

/// An operation whose input was read, to be run once or again.
#[derive(Clone)]
pub struct Run {
    pub(super) name: &'static str,
    pub(super) access: Access,
    pub(super) partner: Option<PartnerId>,
    pub(super) subject: Option<(&'static str, String)>,
    /// What the log keeps of the input: its JSON with secrets blanked, or the digest of that where it is long.
    pub(super) logged: String,
    /// What tells two inputs under one idempotency key apart.
    pub(super) fingerprint: String,
    pub(super) options: RunOptions,
    pub(super) call: Call,
    weight: usize,
}

/// Where a typed call leaves its output, so that it need not go through JSON.
pub(super) struct Slot<T>(Arc<Mutex<Option<T>>>);

impl<T> Slot<T> {
    pub fn take(self) -> Result<T> {
        let left = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        left.ok_or_else(|| Error::internal("the operation left no output"))
    }
}

impl Run {
    /// `prepare` does with the input whatever needs no transaction, and returns what does.
    pub fn prepared<O: Operation>(operation: O, prepare: impl FnOnce(O) -> Call) -> Result<Self> {
        let text = serde_json::to_string(&operation)?;
        let fingerprint = hex(&Sha256::digest(&text));
        let logged = match text.len() {
            bytes if bytes > LARGEST_LOGGED_INPUT => json!({ "sha256": fingerprint, "bytes": bytes }).to_string(),
            _ => text,
        };
        Ok(Self {
            name: O::NAME,
            access: O::ACCESS,
            partner: operation.partner(),
            subject: operation.subject(),
            logged,
            fingerprint,
            options: RunOptions::default(),
            call: prepare(operation),
            weight: 1,
        })
    }

    /// Returns its output as JSON; may be called again when it lost a race.
    pub(crate) fn to_json<O: Operation>(operation: O) -> Result<Self> {
        Self::prepared(operation, |operation: O| {
            Arc::new(move |cx| {
                let operation = operation.clone();
                Box::pin(async move { Ok(serde_json::to_value(operation.run(cx).await?)?) })
            })
        })
    }

    /// Leaves its output in the slot; may be called again when it lost a race.
    pub(super) fn typed<O: Operation>(operation: O) -> Result<(Self, Slot<O::Output>)> {
        let slot = Arc::new(Mutex::new(None));
        let left = slot.clone();
        let run =
            Self::prepared(operation, |operation: O| Arc::new(move |cx| leave(operation.clone(), left.clone(), cx)))?;
        Ok((run, Slot(slot)))
    }

    /// The same for a call that is made once.
    pub(super) fn once<O: Operation>(operation: O) -> Result<(Self, Slot<O::Output>)> {
        let slot = Arc::new(Mutex::new(None));
        let left = slot.clone();
        let run = Self::prepared(operation, |operation: O| {
            let operation = Mutex::new(Some(operation));
            Arc::new(move |cx| match operation.lock().unwrap_or_else(PoisonError::into_inner).take() {
                Some(operation) => leave(operation, left.clone(), cx),
                None => Box::pin(async { Err(Error::internal("an operation that is run once was run again")) }),
            })
        })?;
        Ok((run, Slot(slot)))
    }

    #[must_use]
    pub fn with(mut self, options: RunOptions) -> Self {
        self.options = options;
        self
    }

    /// How much of a shared transaction it fills, in a measure of the lane's own.
    #[must_use]
    pub fn weighing(mut self, weight: usize) -> Self {
        self.weight = weight;
        self
    }

    pub fn weight(&self) -> usize {
        self.weight
    }
}

fn leave<'a, O: Operation>(
    operation: O,
    slot: Arc<Mutex<Option<O::Output>>>,
    cx: &'a mut Cx<'_>,
) -> BoxFuture<'a, Result<Json>> {
    Box::pin(async move {
        let output = operation.run(cx).await?;
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(output);
        Ok(Json::Null)
    })
}
