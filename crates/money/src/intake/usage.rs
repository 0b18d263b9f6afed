//! Booking usage: the customer must be known; everything else was checked before.

use kernel::{Cx, Result};

use super::event::UsageEvent;
use super::record::{Arrived, Flawed, Intake, Mode};
use super::store;

pub(crate) async fn book<'e>(
    cx: &mut Cx<'_>,
    intake: &Intake<'_>,
    fresh: Vec<&'e Arrived<UsageEvent>>,
) -> Result<Flawed<'e, UsageEvent>> {
    let known = store::known_customers(cx.tx, &cx.scope, &fresh).await?;
    let (sound, unknown): (Vec<_>, Vec<_>) = fresh.into_iter().partition(|a| known.contains(&a.event.customer));
    if intake.mode == Mode::Write {
        store::insert_usage(cx.tx, &cx.scope, intake, &sound, cx.now).await?;
    }
    Ok(unknown.into_iter().map(store::with_unknown_customer).collect())
}
