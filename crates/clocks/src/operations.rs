//! What areas do with clocks, and what the tick runs.

use kernel::app::ReadCx;
use kernel::{
    Access, Cx, Error, Operation, Page, PageRequest, Query, Result, Route, Scope, Timestamp, Value, get, post,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::clock::{Clock, NewClock, State, Step};
use crate::{ClockId, store};

/// The whole organization: an operation that moves a clock has already reached the thing that the clock belongs to, and
/// a partner's act may move a clock that only the vendor sees.
fn everywhere(cx: &Cx<'_>) -> Scope {
    Scope { partner: None, ..cx.scope }
}

/// Starts a clock; it takes the place of a live one of the same kind on the same thing.
pub async fn start(cx: &mut Cx<'_>, new: NewClock) -> Result<ClockId> {
    for name in [Some(new.on_lapse), new.on_warn].into_iter().flatten() {
        if cx.app.declaration(name).is_none_or(|declaration| !declaration.writes) {
            return Err(Error::internal(format!("the clock {} names `{name}`, which is no operation", new.kind)));
        }
    }
    stop(cx, new.kind, &new.subject).await?;
    let clock = Clock::new(cx.id(), new, cx.now);
    store::save(cx.tx, &cx.scope, &clock).await?;
    Ok(clock.id)
}

/// Ends the live clock of that kind, if there is one: what it waited for has happened.
pub async fn stop(cx: &mut Cx<'_>, kind: &str, subject: &str) -> Result<()> {
    change(cx, kind, subject, |clock, now| clock.end(State::Stopped, now)).await
}

/// Holds the running clock of that kind, if there is one.
pub async fn pause(cx: &mut Cx<'_>, kind: &str, subject: &str) -> Result<()> {
    change(cx, kind, subject, Clock::pause).await
}

/// Lets the paused clock of that kind run again with the time that was left.
pub async fn resume(cx: &mut Cx<'_>, kind: &str, subject: &str) -> Result<()> {
    change(cx, kind, subject, Clock::resume).await
}

async fn change(cx: &mut Cx<'_>, kind: &str, subject: &str, by: impl FnOnce(&mut Clock, Timestamp)) -> Result<()> {
    let scope = everywhere(cx);
    let Some(before) = store::live(cx.tx, &scope, kind, subject).await? else { return Ok(()) };
    let mut clock = before.clone();
    by(&mut clock, cx.now);
    if clock != before {
        store::save(cx.tx, &scope, &clock).await?;
    }
    Ok(())
}

/// What a firing did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fired {
    Warned,
    Lapsed,
    /// There was nothing to do any more: it was fired, stopped or paused before.
    Nothing,
}

/// Fire a clock that is due: warn, or run the operation that it runs on lapse.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FireClock {
    pub clock: ClockId,
}

impl Operation for FireClock {
    const NAME: &'static str = "clocks.fire";
    const ROUTE: Route = post("/clocks/{clock}/firings");
    const ACCESS: Access = Access::Open;
    type Output = Fired;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Fired> {
        let found = store::get(cx.tx, &cx.scope, self.clock).await?;
        let mut clock = found.ok_or_else(|| Error::not_found("clock", self.clock))?;
        let Some(step) = clock.step(cx.now) else { return Ok(Fired::Nothing) };
        match step {
            Step::Warn => clock.warned(cx.now),
            Step::Lapse => clock.end(State::Lapsed, cx.now),
        }
        store::save(cx.tx, &cx.scope, &clock).await?;
        let data = json!({ "clock": clock.id, "kind": clock.kind, "due_at": clock.due_at });
        match step {
            Step::Warn => {
                let summary = format!("Reminder: {}", clock.title);
                cx.emit("clock.warned", &clock.subject, clock.partner, summary, &data);
                if let Some(operation) = &clock.on_warn {
                    cx.invoke(operation, clock.input).await?;
                }
                Ok(Fired::Warned)
            }
            Step::Lapse => {
                let summary = format!("Due: {}", clock.title);
                cx.emit("clock.lapsed", &clock.subject, clock.partner, summary, &data);
                cx.invoke(&clock.on_lapse, clock.input).await?;
                Ok(Fired::Lapsed)
            }
        }
    }
}

/// Put off a clock whose operation failed: 15 minutes at first, doubling up to a day.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PostponeClock {
    pub clock: ClockId,
    /// What went wrong.
    pub why: String,
}

impl Operation for PostponeClock {
    const NAME: &'static str = "clocks.postpone";
    const ROUTE: Route = post("/clocks/{clock}/postponements");
    const ACCESS: Access = Access::Open;
    type Output = Clock;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Clock> {
        let found = store::get(cx.tx, &cx.scope, self.clock).await?;
        let mut clock = found.ok_or_else(|| Error::not_found("clock", self.clock))?;
        // Another node may have met the same failure, or have fired it after all.
        if clock.step(cx.now).is_none() {
            return Ok(clock);
        }
        clock.postpone(cx.now);
        store::save(cx.tx, &cx.scope, &clock).await?;
        let summary = format!("{} could not be carried out: {}", clock.title, self.why);
        let data =
            json!({ "clock": clock.id, "kind": clock.kind, "attempts": clock.attempts, "next_at": clock.next_at });
        cx.emit("clock.postponed", &clock.subject, None, summary, &data);
        Ok(clock)
    }
}

/// List clocks, soonest due first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListClocks {
    /// Only clocks in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Only clocks of this kind, such as `deals.protection`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Only clocks of the thing with this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Only clocks due before this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_before: Option<Timestamp>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListClocks {
    const NAME: &'static str = "clocks.list";
    const ROUTE: Route = get("/clocks");
    type Output = Page<Clock>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Clock>> {
        let filters = store::filters(
            self.state.map(Value::from),
            self.kind.map(Value::from),
            self.subject.map(Value::from),
            self.due_before,
        );
        store::page(cx.tx, &cx.scope, &self.page, filters).await
    }
}
