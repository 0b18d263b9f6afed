//! AuthZEN 1.0 requests and responses: one evaluation, or a batch with defaults and short-circuit.
//!
//! Unknown fields are ignored; a missing or mistyped one is a bad request (HTTP 400) that names the field. A denial is
//! an answer (HTTP 200).

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The most evaluations of one batch.
pub const MAX_EVALUATIONS: usize = 1_000;

/// The subject or the resource of an evaluation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entity {
    #[serde(rename = "type")]
    pub kind: String,
    pub id: String,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub properties: Map<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Action {
    pub name: String,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub properties: Map<String, Value>,
}

/// One question: may the subject do the action to the resource?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvaluationRequest {
    pub subject: Entity,
    pub action: Action,
    pub resource: Entity,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub context: Map<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvaluationResponse {
    pub decision: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Value>,
}

/// The answer to a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvaluationsResponse {
    pub evaluations: Vec<EvaluationResponse>,
}

/// A request that breaks a rule of the protocol: HTTP 400.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRequest {
    /// The field, such as `subject.id` or `evaluations`; `body` for the whole.
    pub field: String,
    pub rule: String,
}

/// When a batch stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Semantic {
    #[default]
    ExecuteAll,
    DenyOnFirstDeny,
    PermitOnFirstPermit,
}

/// What came to `/access/v1/evaluations`.
#[derive(Debug, Clone, PartialEq)]
pub enum Evaluations {
    /// Without `evaluations` it is a single question, answered like one.
    Single(Box<EvaluationRequest>),
    Batch(Batch),
}

/// Several questions. One that is malformed is denied alone and spoils no other.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    pub semantic: Semantic,
    pub items: Vec<Result<EvaluationRequest, BadRequest>>,
}

impl BadRequest {
    fn new(field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { field: field.into(), rule: rule.into() }
    }
}

impl fmt::Display for BadRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.field, self.rule)
    }
}

impl std::error::Error for BadRequest {}

impl EvaluationResponse {
    pub fn permit() -> Self {
        Self { decision: true, context: None }
    }

    /// The denial of a question that could not be evaluated, inside a batch.
    pub fn malformed(fault: &BadRequest) -> Self {
        let error = json!({ "status": 400, "message": fault.to_string() });
        Self { decision: false, context: Some(json!({ "error": error })) }
    }
}

/// Reads the body of `POST /access/v1/evaluation`.
pub fn parse_evaluation(body: &[u8]) -> Result<EvaluationRequest, BadRequest> {
    read_request(&read_body(body)?, None)
}

/// Reads the body of `POST /access/v1/evaluations`.
pub fn parse_evaluations(body: &[u8]) -> Result<Evaluations, BadRequest> {
    let body = read_body(body)?;
    let semantic = read_semantic(&body)?;
    let items = match body.get("evaluations") {
        None => return single(&body),
        Some(Value::Array(items)) if items.is_empty() => return single(&body),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(BadRequest::new("evaluations", "an array of evaluations is expected")),
    };
    if items.len() > MAX_EVALUATIONS {
        let rule = format!("{} evaluations are more than {MAX_EVALUATIONS}; split the batch", items.len());
        return Err(BadRequest::new("evaluations", rule));
    }
    // A default that is malformed is a fault of the whole request, even where each item overrides it.
    check_defaults(&body)?;
    let items = items
        .iter()
        .map(|item| match item {
            Value::Object(item) => read_request(item, Some(&body)),
            _ => Err(BadRequest::new("evaluations[]", "an object is expected")),
        })
        .collect();
    Ok(Evaluations::Batch(Batch { semantic, items }))
}

impl Batch {
    /// Asks each question in order, until the semantic says stop. The answers stand in the order of the questions.
    pub fn answer(&self, mut decide: impl FnMut(&EvaluationRequest) -> EvaluationResponse) -> EvaluationsResponse {
        let mut evaluations = Vec::with_capacity(self.items.len());
        for item in &self.items {
            let answer = item.as_ref().map_or_else(EvaluationResponse::malformed, &mut decide);
            let stop = match self.semantic {
                Semantic::ExecuteAll => false,
                Semantic::DenyOnFirstDeny => !answer.decision,
                Semantic::PermitOnFirstPermit => answer.decision,
            };
            evaluations.push(answer);
            if stop {
                break;
            }
        }
        EvaluationsResponse { evaluations }
    }
}

fn read_body(body: &[u8]) -> Result<Map<String, Value>, BadRequest> {
    if body.is_empty() {
        return Err(BadRequest::new("body", "the body is empty; a JSON object is expected"));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) => Err(BadRequest::new("body", "a JSON object is expected")),
        Err(fault) => {
            let place = format!("the body is not JSON (line {}, column {})", fault.line(), fault.column());
            Err(BadRequest::new("body", place))
        }
    }
}

fn single(body: &Map<String, Value>) -> Result<Evaluations, BadRequest> {
    read_request(body, None).map(|request| Evaluations::Single(Box::new(request)))
}

/// A question whose missing entities are taken whole from the defaults.
fn read_request(
    item: &Map<String, Value>,
    defaults: Option<&Map<String, Value>>,
) -> Result<EvaluationRequest, BadRequest> {
    let find = |name| item.get(name).or_else(|| defaults?.get(name));
    let required = |name| find(name).ok_or_else(|| BadRequest::new(name, "the field is required"));
    Ok(EvaluationRequest {
        subject: read_entity("subject", required("subject")?)?,
        action: read_action(required("action")?)?,
        resource: read_entity("resource", required("resource")?)?,
        context: find("context").map_or_else(|| Ok(Map::new()), |context| object("context", context).cloned())?,
    })
}

fn check_defaults(body: &Map<String, Value>) -> Result<(), BadRequest> {
    for name in ["subject", "resource"] {
        body.get(name).map(|entity| read_entity(name, entity)).transpose()?;
    }
    body.get("action").map(read_action).transpose()?;
    body.get("context").map(|context| object("context", context)).transpose()?;
    Ok(())
}

fn read_semantic(body: &Map<String, Value>) -> Result<Semantic, BadRequest> {
    let Some(options) = body.get("options") else { return Ok(Semantic::default()) };
    let Some(semantic) = object("options", options)?.get("evaluations_semantic") else {
        return Ok(Semantic::default());
    };
    Semantic::deserialize(semantic).map_err(|_| {
        let rule = "one of execute_all, deny_on_first_deny, permit_on_first_permit";
        BadRequest::new("options.evaluations_semantic", rule)
    })
}

fn read_entity(field: &str, value: &Value) -> Result<Entity, BadRequest> {
    let entity = object(field, value)?;
    Ok(Entity {
        kind: string(field, "type", entity)?,
        id: string(field, "id", entity)?,
        properties: properties(field, entity)?,
    })
}

fn read_action(value: &Value) -> Result<Action, BadRequest> {
    let action = object("action", value)?;
    Ok(Action { name: string("action", "name", action)?, properties: properties("action", action)? })
}

fn object<'v>(field: &str, value: &'v Value) -> Result<&'v Map<String, Value>, BadRequest> {
    value.as_object().ok_or_else(|| BadRequest::new(field, "an object is expected"))
}

fn string(field: &str, name: &str, object: &Map<String, Value>) -> Result<String, BadRequest> {
    match object.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(BadRequest::new(format!("{field}.{name}"), "a string is expected")),
        None => Err(BadRequest::new(format!("{field}.{name}"), "the field is required")),
    }
}

fn properties(field: &str, entity: &Map<String, Value>) -> Result<Map<String, Value>, BadRequest> {
    let Some(properties) = entity.get("properties") else { return Ok(Map::new()) };
    object(&format!("{field}.properties"), properties).cloned()
}
