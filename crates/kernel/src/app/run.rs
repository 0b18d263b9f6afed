//! One run of an operation, as the runner sees it, whatever the surface that asked for it.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use super::context::Cx;
use crate::db::hex;
use crate::error::{Error, Result};
use crate::ids::PartnerId;
use crate::operation::{Access, Operation};

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

type Call = Box<dyn for<'a, 'b> FnMut(&'a mut Cx<'b>) -> BoxFuture<'a, Result<Json>> + Send>;

/// What the runner has to know about a run, and the call itself.
pub(crate) struct Run {
    pub name: &'static str,
    pub access: Access,
    pub partner: Option<PartnerId>,
    pub subject: Option<(&'static str, String)>,
    /// The input as JSON, secrets blanked: what the log keeps.
    pub logged: String,
    pub options: RunOptions,
    pub call: Call,
}

/// Where a typed call leaves its output, so that it need not go through JSON.
pub(crate) struct Slot<T>(Arc<Mutex<Option<T>>>);

impl<T> Slot<T> {
    pub fn take(self) -> Result<T> {
        let left = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        left.ok_or_else(|| Error::internal("the operation left no output"))
    }
}

impl Run {
    fn of<O: Operation>(operation: &O, call: Call) -> Result<Self> {
        Ok(Self {
            name: O::NAME,
            access: O::ACCESS,
            partner: operation.partner(),
            subject: operation.subject(),
            logged: serde_json::to_string(operation)?,
            options: RunOptions::default(),
            call,
        })
    }

    /// Returns its output as JSON; may be called again when it lost a race.
    pub fn to_json<O: Operation>(operation: O) -> Result<Self> {
        let again = operation.clone();
        let call: Call = Box::new(move |cx| {
            let operation = again.clone();
            Box::pin(async move { Ok(serde_json::to_value(operation.run(cx).await?)?) })
        });
        Self::of(&operation, call)
    }

    /// Leaves its output in the slot; may be called again when it lost a race.
    pub fn typed<O: Operation>(operation: O) -> Result<(Self, Slot<O::Output>)> {
        let slot = Arc::new(Mutex::new(None));
        let (again, left) = (operation.clone(), slot.clone());
        let call: Call = Box::new(move |cx| leave(again.clone(), left.clone(), cx));
        Ok((Self::of(&operation, call)?, Slot(slot)))
    }

    /// The same for a call that is made once.
    pub fn once<O: Operation>(operation: O) -> Result<(Self, Slot<O::Output>)> {
        let slot = Arc::new(Mutex::new(None));
        let left = slot.clone();
        let mut run = Self::of(&operation, Box::new(|_| Box::pin(async { Ok(Json::Null) })))?;
        let mut operation = Some(operation);
        run.call = Box::new(move |cx| match operation.take() {
            Some(operation) => leave(operation, left.clone(), cx),
            None => Box::pin(async { Err(Error::internal("an operation that is run once was run again")) }),
        });
        Ok((run, Slot(slot)))
    }

    /// What tells two inputs under one idempotency key apart.
    pub fn fingerprint(&self) -> String {
        hex(&Sha256::digest(&self.logged))
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
