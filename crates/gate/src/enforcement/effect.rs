//! How long a credential webhook takes from receipt to effect: until this node's gate answers with what it said.

use kernel::{App, Result, Scope, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::recorder::{Item, Recorder};
use super::snapshot::Snapshot;
use crate::UpdateId;

/// The measured time of one update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Effect {
    pub update: UpdateId,
    /// From the first byte handled until the gate answered with it.
    pub micros: i64,
}

/// Asks the gate for the driver, sees that the update is among what it knows, and notes the time that passed.
pub(crate) async fn measure(
    app: &App,
    scope: &Scope,
    driver: &str,
    update: UpdateId,
    received_at: Timestamp,
) -> Result<()> {
    let snapshot = app.registry().part::<Snapshot>()?;
    let known = snapshot.driver(app, scope, driver, app.now()).await?;
    // A newer statement that came meanwhile has its own measurement.
    if known.statements.iter().any(|statement| statement.update == update) {
        let micros = app.now().since(received_at).max(0);
        metrics::histogram!("concord_gate_receipt_to_effect_seconds").record(micros as f64 / 1e6);
        let recorder = app.registry().part::<Recorder>()?;
        recorder.put(app, scope.organization, Item::Effect(Effect { update, micros })).await?;
    }
    Ok(())
}
