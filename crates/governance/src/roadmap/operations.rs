//! Asking, triage, merging and deciding.

use clocks::NewClock;
use kernel::{Access, Cx, Error, Operation, PartnerId, Result, Route, Scope, post};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::request::{Request, State, Voice};
use super::{RequestId, store};
use crate::{vendor_only, words};

/// The clock of the next answer.
pub(crate) const ANSWER: &str = "roadmap.answer";
const BEST: u32 = 5;

async fn watch(cx: &mut Cx<'_>, request: &mut Request, days: u32) -> Result<()> {
    let due_at = cx.now.plus_days(i64::from(days));
    request.due_at = Some(due_at);
    let word = if request.state == State::Submitted { "triaged" } else { "decided" };
    let clock = NewClock {
        kind: ANSWER,
        subject: request.id.to_string(),
        partner: None,
        title: format!("“{}” is to be {word}", request.title),
        due_at,
        warn_at: vec![due_at.plus_days(-3)],
        on_lapse: RemindRequest::NAME,
        on_warn: None,
        input: json!({ "request": request.id }),
    };
    clocks::start(cx, clock).await.map(|_| ())
}

/// Ask for something on the roadmap.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AskFor {
    /// The partner that asks, where the vendor writes it down for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// What is asked for, in a line; others may read it.
    pub title: String,
    /// What it is needed for, without naming customers; others may read it.
    pub need: String,
    /// What it is worth to this partner; the vendor alone reads it.
    #[serde(default)]
    pub note: String,
}

impl Operation for AskFor {
    const NAME: &'static str = "roadmap.ask";
    const ROUTE: Route = post("/roadmap");
    type Output = Request;

    fn partner(&self) -> Option<PartnerId> {
        self.partner
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Request> {
        let partner = asking(cx, self.partner).await?;
        let law = cx.law().await?;
        let mut request = Request {
            id: cx.id(),
            title: words("title", &self.title, 120, "say in a line what you ask for")?,
            need: words("need", &self.need, 4000, "say what it is needed for; it is weighed by that")?,
            state: State::Submitted,
            merged_into: None,
            return_score: None,
            security_score: None,
            triage: None,
            rationale: None,
            decided_by_name: None,
            decided_at: None,
            due_at: None,
            created_at: cx.now,
        };
        let terms = law.program.partnership.roadmap.clone().unwrap_or_default();
        watch(cx, &mut request, terms.triage_days).await?;
        store::save(cx.tx, &cx.scope, &request).await?;
        let voice =
            Voice { id: cx.id(), request: request.id, partner, note: self.note.trim().to_owned(), since: cx.now };
        store::save_voice(cx.tx, &cx.scope, &voice).await?;
        let summary = format!("Asked for: {}", request.title);
        cx.emit("roadmap.asked", request.id, Some(partner), summary, &request);
        Ok(request)
    }
}

/// The partner that asks: the actor's own, or the one that the vendor names.
async fn asking(cx: &mut Cx<'_>, named: Option<PartnerId>) -> Result<PartnerId> {
    let partner = cx.scope.partner.or(named);
    let partner = partner.ok_or_else(|| Error::invalid("partner", "name the partner that asks"))?;
    if named.is_some_and(|named| named != partner) {
        return Err(Error::not_found("partner", named.unwrap_or(partner)));
    }
    Ok(partners::get(cx.tx, &cx.scope, partner).await?.id)
}

/// Join a request that others have made: it weighs more.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SupportRequest {
    pub request: RequestId,
    /// The partner that joins, where the vendor writes it down for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// What it is worth to this partner; the vendor alone reads it.
    #[serde(default)]
    pub note: String,
}

impl Operation for SupportRequest {
    const NAME: &'static str = "roadmap.support";
    const ROUTE: Route = post("/roadmap/{request}/voices");
    type Output = Request;

    fn partner(&self) -> Option<PartnerId> {
        self.partner
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Request> {
        let partner = asking(cx, self.partner).await?;
        let request = store::get(cx.tx, &cx.scope, self.request).await?;
        if !request.state.is_open() {
            let message = format!(
                "this request is {}; there is nothing left to weigh",
                ui::humanize(request.state.name()).to_lowercase()
            );
            return Err(Error::conflict("decided", message));
        }
        let own = Scope { partner: Some(partner), ..cx.scope };
        if !store::voices(cx.tx, &own, request.id).await?.is_empty() {
            return Err(Error::conflict("joined", "this partner asks for it already"));
        }
        let voice =
            Voice { id: cx.id(), request: request.id, partner, note: self.note.trim().to_owned(), since: cx.now };
        store::save_voice(cx.tx, &cx.scope, &voice).await?;
        cx.emit("roadmap.joined", request.id, Some(partner), format!("Joined: {}", request.title), &voice);
        Ok(request)
    }
}

/// Triage a request: score what it would bring and how safe it is, 0 to 5 each.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct TriageRequest {
    pub request: RequestId,
    /// 0: brings nothing. 5: pays for itself within a year.
    #[schemars(range(min = 0, max = 5))]
    pub return_score: u32,
    /// 0: opens what must stay closed. 5: changes nothing for security.
    #[schemars(range(min = 0, max = 5))]
    pub security_score: u32,
    /// What the triage found.
    pub triage: String,
}

impl Operation for TriageRequest {
    const NAME: &'static str = "roadmap.triage";
    const ROUTE: Route = post("/roadmap/{request}/triage");
    const ACCESS: Access = Access::Open;
    type Output = Request;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("roadmap_request", self.request.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Request> {
        vendor_only(&cx.scope, Self::NAME)?;
        let mut request = open(cx, self.request).await?;
        for (field, score) in [("return_score", self.return_score), ("security_score", self.security_score)] {
            if score > BEST {
                return Err(Error::invalid(field, format!("{score} is not between 0 and {BEST}")));
            }
        }
        request.triage = Some(words("triage", &self.triage, 4000, "say what was found; the decision rests on it")?);
        request.return_score = Some(self.return_score);
        request.security_score = Some(self.security_score);
        request.state = State::InReview;
        let terms = cx.law().await?.program.partnership.roadmap.clone().unwrap_or_default();
        watch(cx, &mut request, terms.decide_days).await?;
        store::save(cx.tx, &cx.scope, &request).await?;
        tell(cx, &request, "roadmap.triaged", format!("“{}” is in review", request.title)).await?;
        Ok(request)
    }
}

async fn open(cx: &mut Cx<'_>, id: RequestId) -> Result<Request> {
    let request = store::get(cx.tx, &cx.scope, id).await?;
    if request.state.is_open() {
        return Ok(request);
    }
    let message = format!("“{}” is {} already", request.title, ui::humanize(request.state.name()).to_lowercase());
    Err(Error::conflict("decided", message))
}

/// Tells everyone who asked.
async fn tell(cx: &mut Cx<'_>, request: &Request, kind: &str, summary: String) -> Result<()> {
    let shown = request.clone().for_partner();
    for voice in store::voices(cx.tx, &cx.scope, request.id).await? {
        cx.emit(kind, request.id, Some(voice.partner), summary.clone(), &shown);
    }
    Ok(())
}

/// Merge a request into another one that means the same; everyone who asked for it asks for that one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct MergeRequest {
    pub request: RequestId,
    /// The request that goes on.
    pub into: RequestId,
}

impl Operation for MergeRequest {
    const NAME: &'static str = "roadmap.merge";
    const ROUTE: Route = post("/roadmap/{request}/merge");
    const ACCESS: Access = Access::Open;
    type Output = Request;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("roadmap_request", self.request.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Request> {
        vendor_only(&cx.scope, Self::NAME)?;
        if self.request == self.into {
            return Err(Error::invalid("into", "a request cannot be merged into itself; choose another one"));
        }
        let mut request = open(cx, self.request).await?;
        let target = open(cx, self.into).await?;
        let there: Vec<PartnerId> =
            store::voices(cx.tx, &cx.scope, target.id).await?.iter().map(|voice| voice.partner).collect();
        for voice in store::voices(cx.tx, &cx.scope, request.id).await? {
            let summary = format!("“{}” goes on as “{}”", request.title, target.title);
            cx.emit("roadmap.merged", request.id, Some(voice.partner), summary, &json!({ "into": target.id }));
            if there.contains(&voice.partner) {
                store::remove_voice(cx.tx, &voice).await?;
            } else {
                store::save_voice(cx.tx, &cx.scope, &Voice { request: target.id, ..voice }).await?;
            }
        }
        request.state = State::Merged;
        request.merged_into = Some(target.id);
        request.due_at = None;
        clocks::stop(cx, ANSWER, &request.id.to_string()).await?;
        store::save(cx.tx, &cx.scope, &request).await?;
        Ok(target)
    }
}

/// What is decided about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It will be built.
    Plan,
    /// It will not be built.
    Decline,
}

/// Decide about a request; everyone who asked gets the rationale.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DecideRequest {
    pub request: RequestId,
    pub decision: Decision,
    /// Why, in a few sentences; everyone who asked reads it.
    pub rationale: String,
}

impl Operation for DecideRequest {
    const NAME: &'static str = "roadmap.decide";
    const ROUTE: Route = post("/roadmap/{request}/decision");
    const ACCESS: Access = Access::Open;
    type Output = Request;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("roadmap_request", self.request.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Request> {
        vendor_only(&cx.scope, Self::NAME)?;
        let mut request = open(cx, self.request).await?;
        if request.state == State::Submitted {
            let message = format!("“{}” was not triaged; its return and security are looked at first", request.title);
            return Err(Error::conflict("not_triaged", message));
        }
        request.rationale = Some(words("rationale", &self.rationale, 4000, "say why; everyone who asked reads it")?);
        request.decided_by_name = Some(cx.actor.name.clone());
        request.decided_at = Some(cx.now);
        request.due_at = None;
        let (state, kind, word) = match self.decision {
            Decision::Plan => (State::Planned, "roadmap.accepted", "planned"),
            Decision::Decline => (State::Declined, "roadmap.declined", "declined"),
        };
        request.state = state;
        clocks::stop(cx, ANSWER, &request.id.to_string()).await?;
        store::save(cx.tx, &cx.scope, &request).await?;
        let why = request.rationale.as_deref().unwrap_or_default();
        tell(cx, &request, kind, format!("“{}” is {word}: {why}", request.title)).await?;
        Ok(request)
    }
}

/// Note that something planned is there; everyone who asked is told.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ShipRequest {
    pub request: RequestId,
}

impl Operation for ShipRequest {
    const NAME: &'static str = "roadmap.ship";
    const ROUTE: Route = post("/roadmap/{request}/shipment");
    const ACCESS: Access = Access::Open;
    type Output = Request;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Request> {
        vendor_only(&cx.scope, Self::NAME)?;
        let mut request = store::get(cx.tx, &cx.scope, self.request).await?;
        if request.state != State::Planned {
            let message = format!("“{}” is {}; only what is planned ships", request.title, request.state.name());
            return Err(Error::conflict("not_planned", message));
        }
        request.state = State::Shipped;
        store::save(cx.tx, &cx.scope, &request).await?;
        tell(cx, &request, "roadmap.completed", format!("“{}” is there", request.title)).await?;
        Ok(request)
    }
}

/// Note that the answer to a request is overdue.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RemindRequest {
    pub request: RequestId,
}

impl Operation for RemindRequest {
    const NAME: &'static str = "roadmap.remind";
    const ROUTE: Route = post("/roadmap/{request}/reminders");
    const ACCESS: Access = Access::Open;
    type Output = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        vendor_only(&cx.scope, Self::NAME)?;
        let request = store::get(cx.tx, &cx.scope, self.request).await?;
        if request.state.is_open() && request.due_at.is_some_and(|due| due <= cx.now) {
            let summary = format!("The answer to “{}” is overdue", request.title);
            cx.emit("roadmap.overdue", request.id, None, summary, &request);
        }
        Ok(())
    }
}
