//! Forms: a page posts the fields of an operation to `/do/{operation}` and comes back to a page.
//!
//! Success redirects to where the form says, with a message; an error shows the form again with what was typed. Signing in
//! and out and accepting an invitation change the session cookie, so they have their own few lines.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{Response, StatusCode};
use axum::routing::post;
use kernel::{Error, FieldError, Result, RunOptions};
use serde_json::Value as Json;
use ui::Refilled;

use super::caller::{self, Caller, SESSION_COOKIE};
use super::site::{self, flash_cookie, html_response, local, redirect, set_cookie};
use super::{LARGEST_BODY, Server, request_id};

pub fn routes(router: Router, server: &Server) -> Router {
    let own = Router::new()
        .route("/do/people.sign_in", post(sign_in))
        .route("/do/people.sign_out", post(sign_out))
        .route("/do/people.accept_invitation", post(accept_invitation))
        .route("/do/{operation}", post(run))
        .with_state(server.clone());
    router.merge(own)
}

/// The fields of a posted form.
type Fields = BTreeMap<String, String>;

async fn fields(body: Body) -> Result<Fields> {
    let bytes = axum::body::to_bytes(body, LARGEST_BODY)
        .await
        .map_err(|_| Error::invalid("form", format!("is larger than {LARGEST_BODY} bytes")))?;
    let text = format!("/?{}", String::from_utf8_lossy(&bytes));
    let uri = text.parse().map_err(|_| Error::invalid("form", "is not URL-encoded"))?;
    Ok(super::query_pairs(&uri).into_iter().collect())
}

/// A cookie is sent by the browser itself, so the form must also show the token of the session.
fn check_csrf(caller: &Caller, fields: &Fields) -> Result<()> {
    let expected = caller.signed.as_ref().map(|s| s.csrf.as_str());
    match (expected, fields.get("csrf")) {
        (Some(expected), Some(shown)) if expected == shown => Ok(()),
        (None, _) => Err(Error::Unauthenticated("your session has ended; sign in again".to_owned())),
        _ => Err(Error::Forbidden {
            permission: String::new(),
            message: "this form is from another session; go back, reload the page and try again".to_owned(),
        }),
    }
}

async fn run(State(server): State<Server>, Path(operation): Path<String>, request: Request) -> Response<Body> {
    let id = request_id(&request);
    let caller = match caller::of(&server, &request).await {
        Ok(caller) => caller,
        Err(error) => return site::failure(&error, &id),
    };
    let fields = match fields(request.into_body()).await {
        Ok(fields) => fields,
        Err(error) => return site::failure(&error, &id),
    };
    match perform(&server, &caller, &operation, &fields).await {
        Ok(output) => {
            let back = filled(fields.get("_return").map_or("/", String::as_str), &output);
            let mut response = redirect(&local(Some(&back)));
            let words = fields.get("_done").cloned().unwrap_or_else(|| done(&operation));
            set_cookie(&mut response, &flash_cookie(true, &words));
            response
        }
        Err(error) => {
            let page = fields.get("_page").or_else(|| fields.get("_return")).cloned().unwrap_or_default();
            let errors = match &error {
                Error::Invalid(errors) => errors.clone(),
                _ => Vec::new(),
            };
            let refilled = Refilled { operation, values: fields, errors };
            site::show_again(&server, &caller, &page, refilled, &error, &id).await
        }
    }
}

async fn perform(server: &Server, caller: &Caller, operation: &str, fields: &Fields) -> Result<Json> {
    check_csrf(caller, fields)?;
    let declaration =
        server.app.declaration(operation).filter(|d| d.writes).ok_or_else(|| Error::not_found("operation", operation))?;
    let input = ui::form::read(&declaration.input, fields);
    let outcome = server.app.run_value(&caller.actor, operation, input, RunOptions::default()).await?;
    Ok(outcome.output)
}

/// `/deals/{id}` with the id of the output.
fn filled(back: &str, output: &Json) -> String {
    let Some((head, rest)) = back.split_once('{') else { return back.to_owned() };
    let Some((name, tail)) = rest.split_once('}') else { return back.to_owned() };
    let value = if output.is_string() { output.as_str() } else { output.get(name).and_then(Json::as_str) };
    value.map_or_else(|| head.trim_end_matches('/').to_owned(), |value| format!("{head}{value}{tail}"))
}

/// `deals.approve` → "Done: approve deals".
fn done(operation: &str) -> String {
    let (area, verb) = operation.split_once('.').unwrap_or(("", operation));
    format!("Done: {} ({})", verb.replace('_', " "), area.replace('_', " "))
}

async fn sign_in(State(server): State<Server>, request: Request) -> Response<Body> {
    let id = request_id(&request);
    let source = caller::of(&server, &request).await.map(|caller| caller.source()).unwrap_or_default();
    let fields = match fields(request.into_body()).await {
        Ok(fields) => fields,
        Err(error) => return site::failure(&error, &id),
    };
    let text = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let code = Some(text("code")).filter(|code| !code.trim().is_empty());
    let attempt = people::SignInAttempt { email: text("email"), password: text("password"), code, source };
    match people::sign_in(&server.app, server.organization, attempt).await {
        Ok(people::SignedInto::Session(token)) => {
            let mut response = redirect(&local(fields.get("next").map(String::as_str)));
            set_cookie(&mut response, &server.session_cookie(&token));
            response
        }
        Ok(people::SignedInto::Refused(message)) => {
            let errors = vec![FieldError { field: "password".to_owned(), rule: message }];
            let refilled = Refilled { operation: "people.sign_in".to_owned(), values: fields.clone(), errors };
            let next = local(fields.get("next").map(String::as_str));
            html_response(StatusCode::UNPROCESSABLE_ENTITY, people::sign_in_page(Some(&refilled), "", &next))
        }
        Err(error) => site::failure(&error, &id),
    }
}

async fn sign_out(State(server): State<Server>, request: Request) -> Response<Body> {
    let id = request_id(&request);
    let caller = match caller::of(&server, &request).await {
        Ok(caller) => caller,
        Err(error) => return site::failure(&error, &id),
    };
    let fields = fields(request.into_body()).await.unwrap_or_default();
    if check_csrf(&caller, &fields).is_ok() {
        let input = Json::Object(serde_json::Map::new());
        let ended = server.app.run_value(&caller.actor, "people.sign_out", input, RunOptions::default()).await;
        if let Err(error) = ended {
            return site::failure(&error, &id);
        }
    }
    let mut response = redirect("/sign-in");
    set_cookie(&mut response, &format!("{SESSION_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"));
    response
}

async fn accept_invitation(State(server): State<Server>, request: Request) -> Response<Body> {
    let id = request_id(&request);
    let fields = match fields(request.into_body()).await {
        Ok(fields) => fields,
        Err(error) => return site::failure(&error, &id),
    };
    let declaration = server.app.declaration("people.accept_invitation");
    let input = declaration.map(|d| ui::form::read(&d.input, &fields)).unwrap_or_default();
    let options = RunOptions::default();
    match server.app.run_value(&server.anonymous(), "people.accept_invitation", input, options).await {
        Ok(_) => {
            let mut response = redirect("/sign-in");
            set_cookie(&mut response, &flash_cookie(true, "Welcome. Sign in with your new password."));
            response
        }
        Err(Error::Invalid(errors)) => {
            let token = fields.get("token").cloned().unwrap_or_default();
            let refilled =
                Refilled { operation: "people.accept_invitation".to_owned(), values: fields.clone(), errors };
            let page = people::accept_invitation_page(Some(&refilled), "", &token);
            html_response(StatusCode::UNPROCESSABLE_ENTITY, page)
        }
        Err(error) => site::failure(&error, &id),
    }
}

impl Server {
    fn session_cookie(&self, token: &str) -> String {
        let secure = if self.secure_cookies { "; Secure" } else { "" };
        format!("{SESSION_COOKIE}={token}; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax{secure}")
    }
}
