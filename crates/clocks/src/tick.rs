//! The tick: every node fires what is due; the database sees to it that each clock fires once.

use kernel::{Actor, App, Error, Result};

use crate::operations::{FireClock, Fired, PostponeClock};
use crate::store;

/// Clocks read at once.
const PAGE: u32 = 200;
/// Clocks fired by one tick; the rest waits for the next, so that a node that shuts down is never far from a pause.
const LARGEST_TICK: usize = 5_000;

/// What a tick did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ticked {
    pub warned: usize,
    pub lapsed: usize,
    /// Clocks whose operation failed; they are put off.
    pub postponed: usize,
}

/// Runs everything that is due at this instant: warnings and lapses, each in its own transaction.
pub async fn tick(app: &App, actor: &Actor) -> Result<Ticked> {
    let now = app.now();
    let mut ticked = Ticked::default();
    let mut seen = 0;
    let mut after = None;
    while seen < LARGEST_TICK {
        let mut tx = app.db().read().await?;
        let due = store::due(&mut tx, &actor.scope(), now, after, PAGE).await?;
        tx.rollback().await?;
        if due.is_empty() {
            break;
        }
        seen += due.len();
        after = due.last().copied();
        for (_, clock) in due {
            match app.run(actor, FireClock { clock }).await {
                Ok(Fired::Warned) => ticked.warned += 1,
                Ok(Fired::Lapsed) => ticked.lapsed += 1,
                Ok(Fired::Nothing) => {}
                // Lost a race too often: nothing is wrong with the clock, the next tick finds it again.
                Err(Error::Lost(why)) => tracing::debug!(%clock, why, "another change came first"),
                Err(error) => {
                    tracing::warn!(%clock, %error, "the operation of a clock failed");
                    app.run(actor, PostponeClock { clock, why: sentence(&error) }).await?;
                    ticked.postponed += 1;
                }
            }
        }
    }
    Ok(ticked)
}

/// The failure as a timeline may show it: a fault of ours stays in the service's log.
fn sentence(error: &Error) -> String {
    match error {
        Error::Internal(_) => "an internal fault; the service's log has the details".to_owned(),
        other => other.to_string(),
    }
}
