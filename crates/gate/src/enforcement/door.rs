//! The doors of the OpenID AuthZEN Authorization API 1.0: one evaluation, several, and where to find them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use kernel::{Endpoint, Error, RawRequest, RawResponse, Registry, Result, get, post};
use serde_json::{Value, json};

use super::evaluate::{Assessed, Gate, Judged};
use super::problem;
use super::snapshot::Known;
use crate::evaluation::authzen::{
    BadRequest, Batch, EvaluationRequest, EvaluationResponse, Evaluations, parse_evaluation, parse_evaluations,
};
use crate::evaluation::{NotAnAssignment, assignment, response};

const EVALUATION: &str = "/access/v1/evaluation";
const EVALUATIONS: &str = "/access/v1/evaluations";

pub(super) fn install(registry: &mut Registry) {
    registry
        .add(Endpoint {
            route: post(EVALUATION),
            summary: "Ask the gate about one assignment (AuthZEN 1.0 access evaluation).",
            answer: |request| Box::pin(async move { finish(one(&request).await) }),
        })
        .add(Endpoint {
            route: post(EVALUATIONS),
            summary: "Ask the gate about several assignments (AuthZEN 1.0 access evaluations).",
            answer: |request| Box::pin(async move { finish(several(&request).await) }),
        })
        .add(Endpoint {
            route: get("/.well-known/authzen-configuration"),
            summary: "Where the AuthZEN endpoints are.",
            answer: |request| Box::pin(async move { problem::json(200, &configuration(&request)) }),
        });
}

/// Why a request is not answered.
enum Fault {
    Bad(BadRequest),
    Other(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<BadRequest> for Fault {
    fn from(fault: BadRequest) -> Self {
        Self::Bad(fault)
    }
}

fn finish(answer: Result<Value, Fault>) -> RawResponse {
    match answer {
        Ok(body) => problem::json(200, &body),
        Err(Fault::Bad(fault)) => problem::of(&Error::invalid(fault.field, fault.rule), Some(400)),
        // The protocol knows no 422: a field that breaks a rule makes a bad request.
        Err(Fault::Other(error @ Error::Invalid(_))) => problem::of(&error, Some(400)),
        Err(Fault::Other(error)) => problem::of(&error, None),
    }
}

fn require_json(request: &RawRequest) -> Result<(), BadRequest> {
    let kind = request.headers.get("content-type").map(String::as_str).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let rule = format!("`{kind}` is not taken; send application/json");
    Err(BadRequest { field: "Content-Type".to_owned(), rule })
}

async fn one(request: &RawRequest) -> Result<Value, Fault> {
    let gate = Gate::open(&request.app, &request.actor).await?;
    require_json(request)?;
    single(&gate, &parse_evaluation(&request.body)?).await
}

async fn single(gate: &Gate<'_>, asked: &EvaluationRequest) -> Result<Value, Fault> {
    let assignment = match assignment(asked) {
        Ok(assignment) => assignment,
        Err(NotAnAssignment::Malformed(fault)) => return Err(fault.into()),
        Err(unknown) => return Ok(json!(unknown.response())),
    };
    let known = gate.known(&assignment.driver).await?;
    let judged = gate.judge(&known, assignment);
    let assessed = gate.record(vec![judged]).await?;
    Ok(assessed.first().map_or(Value::Null, |assessed| json!(answer(assessed))))
}

async fn several(request: &RawRequest) -> Result<Value, Fault> {
    let gate = Gate::open(&request.app, &request.actor).await?;
    require_json(request)?;
    let batch = match parse_evaluations(&request.body)? {
        Evaluations::Single(asked) => return single(&gate, &asked).await,
        Evaluations::Batch(batch) => batch,
    };
    let known = drivers_of(&gate, &batch).await?;
    // Judged in memory first, then recorded together; the answers leave only when what must be on record is.
    let mut judged: Vec<Judged> = Vec::new();
    let answers = batch.answer(|asked| match assignment(asked) {
        Ok(assignment) => match known.get(&assignment.driver) {
            Some(known) => {
                let decided = gate.judge(known, assignment);
                let told = answer(&decided.assessed);
                judged.push(decided);
                told
            }
            None => EvaluationResponse::malformed(&BadRequest {
                field: "subject.id".to_owned(),
                rule: "an id has 1 to 128 characters without line breaks".to_owned(),
            }),
        },
        Err(other) => other.response(),
    });
    gate.record(judged).await?;
    Ok(json!(answers))
}

/// What is known about the drivers of a batch, each read once; malformed ids are left out.
async fn drivers_of(gate: &Gate<'_>, batch: &Batch) -> Result<HashMap<String, Arc<Known>>> {
    let mut known = HashMap::new();
    for assignment in batch.items.iter().flatten().filter_map(|asked| assignment(asked).ok()) {
        if let Entry::Vacant(place) = known.entry(assignment.driver) {
            match gate.known(place.key()).await {
                Ok(driver) => drop(place.insert(driver)),
                Err(Error::Invalid(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(known)
}

/// The verdict in the protocol's words; an allowance that an override made says so, and a stored decision is named.
fn answer(assessed: &Assessed) -> EvaluationResponse {
    let mut told = response(&assessed.verdict);
    if assessed.overridden && told.context.is_none() {
        let reasons = &assessed.verdict.reasons;
        told.context = Some(json!({ "concord": { "mode": "override", "would_deny": true, "reasons": reasons } }));
    }
    if let (Some(context), Some(id)) = (&mut told.context, assessed.decision) {
        context["concord"]["decision"] = json!(id);
    }
    told
}

/// The metadata document. Behind a proxy the address is the one that the caller used.
fn configuration(request: &RawRequest) -> Value {
    let header = |name: &str| request.headers.get(name).map(String::as_str).unwrap_or_default();
    let plain =
        |host: &str| !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
    let host = Some(header("host")).filter(|host| plain(host)).unwrap_or("localhost");
    let local =
        ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| host == *name || host.starts_with(&format!("{name}:")));
    let scheme = match header("x-forwarded-proto") {
        "http" => "http",
        "https" => "https",
        _ if local => "http",
        _ => "https",
    };
    let base = format!("{scheme}://{host}");
    json!({
        "policy_decision_point": base,
        "access_evaluation_endpoint": format!("{base}{EVALUATION}"),
        "access_evaluations_endpoint": format!("{base}{EVALUATIONS}"),
    })
}
