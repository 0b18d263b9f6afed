//! The demo: a believable year of a partner program, done through the operations that a user calls, and a slow life
//! afterwards.
//!
//! A `script` says what happens when, from a seed; [`build`] does it, in order of time on a clock that it sets, many
//! operations to a transaction; [`live`] goes on with small things while somebody looks.

mod build;
mod dice;
mod live;
mod meter;
mod names;
mod script;
#[cfg(test)]
mod tests;

use kernel::{App, FixedClock, OrganizationId, Result, Timestamp};
pub use live::live;
pub use meter::Meter;

/// Which world to build.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// The same seed builds the same world.
    pub seed: u64,
    /// 1 is about 240 partners, 2,000 customers, 6,000 deals and a million usage events.
    pub scale: f64,
    /// The last day of the year.
    pub today: Timestamp,
}

/// A world that was built, all but its usage.
pub struct Built {
    pub organization: OrganizationId,
    pub partners: usize,
    pub customers: usize,
    pub deals: usize,
    /// What the meter has kept and is still to deliver.
    pub usage_events: usize,
    pub meter: Meter,
    pub seconds: f64,
    pub logins: Vec<Login>,
}

/// Somebody whom a visitor can sign in as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    pub title: String,
    pub email: String,
    pub password: String,
}

/// Tells how far the building is, from 0 to 1, and what is being done.
pub type Progress<'p> = dyn Fn(f64, &str) + Send + Sync + 'p;

/// Builds the year into an empty installation, all but the usage, which [`Meter::deliver`] brings. The clock of `app` is moved from the first day to today.
pub async fn build(app: &App, clock: &FixedClock, plan: &Plan, progress: &Progress<'_>) -> Result<Built> {
    build::run(app, clock, plan, progress).await
}
