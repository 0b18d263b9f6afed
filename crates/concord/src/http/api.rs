//! The API: every operation and query of the registry at its route below `/v1`, and the protocol doors of the areas.

use std::collections::{BTreeMap, HashMap};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, Response, StatusCode, header, request::Parts};
use axum::routing::MethodRouter;
use kernel::app::Outcome;
use kernel::operation::Method;
use kernel::registry::Declaration;
use kernel::{Actor, Endpoint, Error, RawRequest, Result, RunOptions};
use serde_json::Value as Json;

use super::caller::{self, Caller};
use super::{
    AsyncHandler, LARGEST_BODY, Server, export, mount, openapi, path_params, problem, query_pairs, request_id,
};

pub fn routes(server: &Server) -> HashMap<String, MethodRouter> {
    let mut routes = HashMap::new();
    for declaration in server.app.registry().catalogue() {
        let path = format!("/v1{}", declaration.route.path);
        let handler = Declared { server: server.clone(), declaration: declaration.clone() };
        mount(&mut routes, path, declaration.route.method, handler);
    }
    for endpoint in server.app.registry().parts::<Endpoint>() {
        let handler = Door { server: server.clone(), endpoint: *endpoint };
        mount(&mut routes, endpoint.route.path.to_owned(), endpoint.route.method, handler);
    }
    routes
}

/// An operation or query behind its route.
#[derive(Clone)]
struct Declared {
    server: Server,
    declaration: Declaration,
}

impl AsyncHandler for Declared {
    async fn answer(self, request: Request) -> Response<Body> {
        let id = request_id(&request);
        let caller = match caller::of(&self.server, &request).await {
            Ok(caller) => caller,
            Err(error) => return problem::response(&error, &id, false),
        };
        let allowance = match self.server.allowance(&caller).await {
            Ok(allowance) => allowance,
            Err(error) => return problem::response(&error, &id, true),
        };
        let mut response = if allowance.admitted {
            self.run(&caller, request).await.unwrap_or_else(|error| problem::response(&error, &id, caller.is_partner()))
        } else {
            problem::response(&allowance.refusal(), &id, true)
        };
        allowance.write(response.headers_mut());
        response
    }
}

impl Declared {
    async fn run(&self, caller: &Caller, request: Request) -> Result<Response<Body>> {
        // Whoever may not is told so before anything is said about the input.
        caller.check_second_factor(self.declaration.name)?;
        self.server.app.permitted(&caller.actor, self.declaration.name)?;
        let (mut parts, body) = request.into_parts();
        let params = path_params(&mut parts).await;
        if self.declaration.route.method == Method::Get {
            return self.read(caller, &parts, &params).await;
        }
        caller.check_csrf(&parts.headers)?;
        let text = read_body(&parts, body).await?;
        if params.is_empty() && self.server.app.lane(self.declaration.name).is_some() {
            let options = options(&parts)?;
            let outcome = self.server.app.run_text(&caller.actor, self.declaration.name, &text, options).await?;
            return Ok(self.done(&outcome));
        }
        let body = serde_json::from_slice(&text).map_err(|e| Error::invalid("body", format!("is not JSON: {e}")))?;
        let mut input = with_params(&self.declaration, body, &params)?;
        caller::fill(self.declaration.name, &mut input, caller);
        if !self.declaration.writes {
            let (answer, _) = self.server.app.query_value(&caller.actor, self.declaration.name, input).await?;
            return Ok(json_response(200, &answer));
        }
        let options = options(&parts)?;
        let outcome = self.server.app.run_value(&caller.actor, self.declaration.name, input, options).await?;
        Ok(self.done(&outcome))
    }

    fn done(&self, outcome: &Outcome) -> Response<Body> {
        let mut response = json_response(openapi::success(&self.declaration), &outcome.output);
        if outcome.replayed {
            response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
        }
        if let Some(id) = outcome.output.get("id").and_then(Json::as_str)
            && response.status() == StatusCode::CREATED
            && !self.declaration.route.path.contains('{')
            && let Ok(place) = HeaderValue::from_str(&format!("/v1{}/{id}", self.declaration.route.path))
        {
            response.headers_mut().insert(header::LOCATION, place);
        }
        response
    }

    async fn read(&self, caller: &Caller, parts: &Parts, params: &BTreeMap<String, String>) -> Result<Response<Body>> {
        let mut texts = query_pairs(&parts.uri);
        let format = texts.iter().position(|(name, _)| name == "format").map(|place| texts.remove(place).1);
        let mut input = kernel::input::from_texts(&self.declaration.input, &texts)?;
        if let Json::Object(object) = &mut input {
            object.extend(params.iter().map(|(name, value)| (name.clone(), Json::String(value.clone()))));
        }
        if let Some(format) = format.as_deref().filter(|f| *f != "json") {
            return export::stream(&self.server.app, &caller.actor, &self.declaration, input, format);
        }
        let (answer, tag) = self.server.app.query_value(&caller.actor, self.declaration.name, input).await?;
        let Some(tag) = tag else { return Ok(json_response(200, &answer)) };
        let quoted = format!("\"{tag}\"");
        let known = parts.headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
        let unchanged = known.is_some_and(|known| known == "*" || known.split(',').any(|k| k.trim() == quoted));
        let mut response = if unchanged { empty(StatusCode::NOT_MODIFIED) } else { json_response(200, &answer) };
        if let Ok(value) = HeaderValue::from_str(&quoted) {
            response.headers_mut().insert(header::ETAG, value);
        }
        Ok(response)
    }
}

/// A protocol door of an area.
#[derive(Clone)]
struct Door {
    server: Server,
    endpoint: Endpoint,
}

impl AsyncHandler for Door {
    async fn answer(self, request: Request) -> Response<Body> {
        let id = request_id(&request);
        let caller = match caller::of(&self.server, &request).await {
            Ok(caller) => caller,
            Err(error) => return problem::response(&error, &id, false),
        };
        let (mut parts, body) = request.into_parts();
        let params = path_params(&mut parts).await;
        let Ok(body) = axum::body::to_bytes(body, LARGEST_BODY).await else {
            let detail = format!("The body is larger than {LARGEST_BODY} bytes.");
            return problem::plain(StatusCode::PAYLOAD_TOO_LARGE, "too_large", &detail, &id);
        };
        let headers = parts
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        let raw =
            RawRequest { app: self.server.app.clone(), actor: caller.actor, headers, params, body: body.to_vec() };
        let answer = (self.endpoint.answer)(raw).await;
        let mut response = Response::new(Body::from(answer.body));
        *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in answer.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// The JSON text of a request; without a body it is an empty object.
async fn read_body(parts: &Parts, body: Body) -> Result<Bytes> {
    let bytes = axum::body::to_bytes(body, LARGEST_BODY)
        .await
        .map_err(|_| Error::invalid("body", format!("is larger than {LARGEST_BODY} bytes; send less at once")))?;
    if bytes.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !(kind == "application/json" || kind.ends_with("+json")) {
        return Err(Error::invalid("Content-Type", format!("is `{kind}`; send application/json")));
    }
    Ok(bytes)
}

/// Path parameters are fields; a body that says otherwise is refused.
fn with_params(declaration: &Declaration, body: Json, params: &BTreeMap<String, String>) -> Result<Json> {
    let Json::Object(mut object) = body else {
        return Err(Error::invalid("body", "must be a JSON object"));
    };
    let texts: Vec<(String, String)> = params.iter().map(|(n, v)| (n.clone(), v.clone())).collect();
    let Json::Object(from_path) = kernel::input::from_texts(&declaration.input, &texts)? else {
        return Ok(Json::Object(object));
    };
    for (name, value) in from_path {
        if object.get(&name).is_some_and(|given| *given != value) {
            return Err(Error::invalid(name, "differs between path and body; leave it out of the body"));
        }
        object.insert(name, value);
    }
    Ok(Json::Object(object))
}

fn options(parts: &Parts) -> Result<RunOptions> {
    let text = |name: &str| parts.headers.get(name).map(|v| v.to_str().unwrap_or_default().trim().to_owned());
    // The draft wants a quoted string (RFC 8941); most clients send it bare.
    let key = text("idempotency-key").map(|key| key.trim_matches('"').to_owned());
    if key.as_ref().is_some_and(|key| key.is_empty() || key.len() > 255) {
        return Err(Error::invalid("Idempotency-Key", "must have 1 to 255 characters, best a UUID"));
    }
    let if_match = text("if-match").filter(|tag| tag != "*").map(|tag| tag.trim_matches('"').to_owned());
    Ok(RunOptions { idempotency_key: key, if_match })
}

pub fn json_response(status: u16, body: &Json) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

impl Server {
    /// Counts the request against the caller's quota.
    async fn allowance(&self, caller: &Caller) -> Result<super::limit::Allowance> {
        let quota = caller.quota(self).await?;
        Ok(self.limiter.admit(&caller.key(), quota, self.app.now()))
    }

    /// Somebody who is not signed in.
    pub fn anonymous(&self) -> Actor {
        people::anonymous(self.organization)
    }
}
