//! The end of a fact: its partner is reminded, and when it ends everybody who counts on it learns so.

use clocks::NewClock;
use kernel::{Access, Cx, Error, Operation, Result, Route, post};
use law::FactKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FactId;
use super::fact::{Fact, State};
use super::store;

const VALIDITY: &str = "facts.validity";

/// Starts the clock of a fact that ends, in the place of that of the fact that it corrects.
pub(super) async fn keep(cx: &mut Cx<'_>, fact: &Fact, kind: &FactKind) -> Result<()> {
    let Some(until) = fact.valid_until.filter(|until| *until > cx.now) else { return Ok(()) };
    let warn_at = kind.remind_days.map(|days| until.plus_days(-i64::from(days)));
    let whom = fact.person.as_deref().map(|person| format!(" of {person}")).unwrap_or_default();
    let clock = NewClock {
        kind: VALIDITY,
        subject: fact.id.to_string(),
        partner: Some(fact.partner),
        title: format!("{}{whom} ends", kind.title),
        due_at: until,
        warn_at: warn_at.into_iter().collect(),
        on_lapse: LapseFact::NAME,
        on_warn: Some(RemindFact::NAME),
        input: serde_json::json!({ "fact": fact.id }),
    };
    clocks::start(cx, clock).await.map(drop)
}

pub(super) async fn release(cx: &mut Cx<'_>, fact: &Fact) -> Result<()> {
    clocks::stop(cx, VALIDITY, &fact.id.to_string()).await.map(drop)
}

/// Remind a partner that a fact about it ends soon. Clocks do this.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RemindFact {
    pub fact: FactId,
}

impl Operation for RemindFact {
    const NAME: &'static str = "facts.remind";
    const ROUTE: Route = post("/facts/{fact}/reminders");
    const ACCESS: Access = Access::Open;
    type Output = Fact;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Fact> {
        tell(cx, self.fact, Self::NAME, "fact.ending", "ends soon; record the new one in time").await
    }
}

/// Say that a fact has ended. Clocks do this; the fact stays on record.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LapseFact {
    pub fact: FactId,
}

impl Operation for LapseFact {
    const NAME: &'static str = "facts.lapse";
    const ROUTE: Route = post("/facts/{fact}/lapse");
    const ACCESS: Access = Access::Open;
    type Output = Fact;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Fact> {
        tell(cx, self.fact, Self::NAME, "fact.lapsed", "has ended").await
    }
}

async fn tell(cx: &mut Cx<'_>, fact: FactId, name: &str, event: &str, words: &str) -> Result<Fact> {
    if !cx.actor.is_system() {
        let message = "only a clock says that a fact ends".to_owned();
        return Err(Error::Forbidden { permission: name.to_owned(), message });
    }
    let fact = store::get(cx.tx, &cx.scope, fact).await?;
    if fact.state == State::Recorded {
        let summary = format!("{} {words}", super::operations::name_of(&fact));
        cx.emit(event, fact.id, Some(fact.partner), summary, &fact);
    }
    Ok(fact)
}
