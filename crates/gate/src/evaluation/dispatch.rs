//! How an AuthZEN evaluation maps to an assignment, and how the gate's verdict maps back.
//!
//! The subject is the driver, the action `dispatch.assign`, the resource the order; what the order requires and its
//! fleet segment are properties of the resource.

use std::collections::BTreeSet;

use kernel::{Audience, Verdict};
use serde_json::{Value, json};

use super::authzen::{BadRequest, EvaluationRequest, EvaluationResponse};
use crate::policy::{Answer, Dispatch, Order};

const DRIVER: &str = "driver";
const ORDER: &str = "order";
const ASSIGN: &str = "dispatch.assign";

/// A driver to be assigned to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub driver: String,
    pub order: Order,
}

/// Why an evaluation is none of the gate's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAnAssignment {
    /// Another subject, action or resource than the gate knows. The protocol calls for a denial, not for an error.
    Unknown { field: &'static str, value: String, expected: &'static str },
    /// A property of the order has the wrong type.
    Malformed(BadRequest),
}

impl NotAnAssignment {
    /// The denial that says so.
    pub fn response(&self) -> EvaluationResponse {
        match self {
            Self::Unknown { field, value, expected } => EvaluationResponse {
                decision: false,
                context: Some(json!({ "concord": {
                    "reasons": [{
                        "code": "not_an_assignment",
                        "text": format!("the gate decides about {field} `{expected}`, not about `{value}`"),
                    }],
                } })),
            },
            Self::Malformed(fault) => EvaluationResponse::malformed(fault),
        }
    }
}

/// The assignment that an evaluation asks about.
pub fn assignment(request: &EvaluationRequest) -> Result<Assignment, NotAnAssignment> {
    for (field, value, expected) in [
        ("subject.type", &request.subject.kind, DRIVER),
        ("action.name", &request.action.name, ASSIGN),
        ("resource.type", &request.resource.kind, ORDER),
    ] {
        if value != expected {
            return Err(NotAnAssignment::Unknown { field, value: value.clone(), expected });
        }
    }
    let malformed = |field: &str, rule: &str| {
        NotAnAssignment::Malformed(BadRequest { field: format!("resource.properties.{field}"), rule: rule.into() })
    };
    let properties = &request.resource.properties;
    let requires = match properties.get("requires") {
        None | Some(Value::Null) => BTreeSet::new(),
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or_else(|| malformed("requires", "an array of strings is expected"))?,
        Some(_) => return Err(malformed("requires", "an array of strings is expected")),
    };
    let segment = match properties.get("segment") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(segment)) => segment.clone(),
        Some(_) => return Err(malformed("segment", "a string is expected")),
    };
    Ok(Assignment {
        driver: request.subject.id.clone(),
        order: Order { id: request.resource.id.clone(), requires, segment },
    })
}

/// The verdict in the protocol's words. A warning permits and says what would have been denied; what only shadow
/// policies found is recorded and not told.
pub fn response(verdict: &Verdict<Dispatch>) -> EvaluationResponse {
    let mode = match verdict.outcome.answer {
        Answer::Allow => return EvaluationResponse::permit(),
        Answer::Warn => "warn",
        Answer::Deny => "enforce",
    };
    let reasons: Vec<_> = verdict.reasons.iter().filter(|reason| reason.audience == Audience::Both).collect();
    EvaluationResponse {
        decision: verdict.outcome.answer.allows(),
        context: Some(json!({ "concord": { "mode": mode, "would_deny": true, "reasons": reasons } })),
    }
}
