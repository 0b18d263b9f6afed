//! Forms: a page posts the fields of an operation to `/do/{operation}` and comes back to a page.
//!
//! Success redirects to where the form says, with a message; an error shows the form again with what was typed. Signing in
//! and out and accepting an invitation change the session cookie, so they have their own few lines.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::post;
use kernel::{Error, FieldError, Result, RunOptions, Secret};
use people::SignIn;
use serde_json::Value as Json;
use ui::Refilled;

use super::caller::{self, Caller, SESSION_COOKIE};
use super::site::{self, flash_cookie, html_response, local, redirect, set_cookie};
use super::{LARGEST_BODY, Server, request_id};

pub fn routes(router: Router, server: &Server) -> Router {
    let own = Router::new()
        .route("/do/people.sign_in", post(sign_in))
        .route("/do/people.finish_sign_in", post(finish_sign_in))
        .route("/do/people.sign_out", post(sign_out))
        .route("/do/people.accept_invitation", post(accept_invitation))
        .route("/do/people.choose_password", post(choose_password))
        .route("/do/{operation}", post(run))
        .with_state(server.clone());
    router.merge(own)
}

/// A posted form: who sent it and its fields.
struct Posted {
    caller: Caller,
    fields: BTreeMap<String, String>,
    request_id: String,
}

impl Posted {
    fn text(&self, name: &str) -> String {
        self.fields.get(name).cloned().unwrap_or_default()
    }

    fn next(&self) -> String {
        local(self.fields.get("next").map(String::as_str))
    }

    fn refilled(&self, operation: &str, errors: Vec<FieldError>) -> Refilled {
        let errors = ui::form::blamed(errors, &self.fields);
        Refilled { operation: operation.to_owned(), values: self.fields.clone(), errors }
    }
}

/// Reads the form and checks that a page of ours sent it: by the session's token, and by the browser's word on where the
/// form stood.
async fn posted(server: &Server, request: Request) -> std::result::Result<Posted, Response<Body>> {
    let request_id = request_id(&request);
    let read = async {
        let caller = caller::of(server, &request).await?;
        check_origin(request.headers())?;
        let bytes = axum::body::to_bytes(request.into_body(), LARGEST_BODY)
            .await
            .map_err(|_| Error::invalid("form", format!("is larger than {LARGEST_BODY} bytes")))?;
        let pairs = ui::form::decode(&bytes);
        if !caller.shows(pairs.get("csrf").map(String::as_str)) {
            return Err(foreign());
        }
        Ok(Posted { caller, fields: pairs, request_id: request_id.clone() })
    };
    read.await.map_err(|error| site::failure(&error, &request_id))
}

fn check_origin(headers: &HeaderMap) -> Result<()> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let same_site = ["", "same-origin", "none"].contains(&text("sec-fetch-site"));
    let origin = text("origin");
    let same_origin = origin.is_empty() || origin.split_once("://").is_some_and(|(_, host)| host == text("host"));
    if same_site && same_origin { Ok(()) } else { Err(foreign()) }
}

fn foreign() -> Error {
    Error::Forbidden {
        permission: String::new(),
        message: "this form is from another session or site; go back, reload the page and try again".to_owned(),
    }
}

async fn run(State(server): State<Server>, Path(operation): Path<String>, request: Request) -> Response<Body> {
    let posted = match posted(&server, request).await {
        Ok(posted) => posted,
        Err(response) => return response,
    };
    match perform(&server, &posted, &operation).await {
        Ok(output) => {
            let once = people::shown_once(&operation, &output).or_else(|| gate::shown_once(&operation, &output));
            if let Some(view) = once {
                return site::show_once(&server, &posted.caller, view);
            }
            let back = filled(posted.fields.get("_return").map_or("/", String::as_str), &output);
            let mut response = redirect(&local(Some(&back)));
            let words = posted.fields.get("_done").cloned().unwrap_or_else(|| done(&operation));
            set_cookie(&mut response, &flash_cookie(true, &words));
            response
        }
        Err(error) => {
            let page = posted.fields.get("_page").or_else(|| posted.fields.get("_return")).cloned().unwrap_or_default();
            let errors = match &error {
                Error::Invalid(errors) => errors.clone(),
                _ => Vec::new(),
            };
            let refilled = posted.refilled(&operation, errors);
            site::show_again(&server, &posted.caller, &page, refilled, &error, &posted.request_id).await
        }
    }
}

async fn perform(server: &Server, posted: &Posted, operation: &str) -> Result<Json> {
    let declaration = server.app.declaration(operation).filter(|d| d.writes);
    let declaration = declaration.ok_or_else(|| Error::not_found("operation", operation))?;
    let mut input = ui::form::read(&declaration.input, &posted.fields);
    caller::fill(operation, &mut input, &posted.caller);
    let outcome = server.app.run_value(&posted.caller.actor, operation, input, RunOptions::default()).await?;
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
    let posted = match posted(&server, request).await {
        Ok(posted) => posted,
        Err(response) => return response,
    };
    let attempt = people::sign_in::SignInWithPassword {
        email: posted.text("email"),
        password: Secret::new(posted.text("password")),
        code: None,
        source: Some(posted.caller.source()),
    };
    let outcome = server.app.run(&server.anonymous(), attempt).await;
    let next = posted.next();
    match outcome {
        Ok(SignIn::CodeNeeded { ticket }) => html_response(StatusCode::OK, people::code_page(&ticket, None, "", &next)),
        other => server.signed_in(other, &posted, |refilled| people::sign_in_page(Some(refilled), "", &next)),
    }
}

async fn finish_sign_in(State(server): State<Server>, request: Request) -> Response<Body> {
    let posted = match posted(&server, request).await {
        Ok(posted) => posted,
        Err(response) => return response,
    };
    let (ticket, next) = (posted.text("ticket"), posted.next());
    let finish =
        people::sign_in::FinishSignIn { ticket: Secret::new(ticket.clone()), code: Secret::new(posted.text("code")) };
    let outcome = server.app.run(&server.anonymous(), finish).await;
    server.signed_in(outcome, &posted, |refilled| people::code_page(&ticket, Some(refilled), "", &next))
}

async fn sign_out(State(server): State<Server>, request: Request) -> Response<Body> {
    let posted = match posted(&server, request).await {
        Ok(posted) => posted,
        Err(response) => return response,
    };
    if posted.caller.signed.is_some()
        && let Err(error) = perform(&server, &posted, "people.sign_out").await
    {
        return site::failure(&error, &posted.request_id);
    }
    let mut response = redirect("/sign-in");
    set_cookie(&mut response, &format!("{SESSION_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"));
    response
}

async fn accept_invitation(State(server): State<Server>, request: Request) -> Response<Body> {
    let posted = match posted(&server, request).await {
        Ok(posted) => posted,
        Err(response) => return response,
    };
    let accept = people::invitations::AcceptInvitation {
        token: Secret::new(posted.text("token")),
        name: posted.text("name"),
        password: Secret::new(posted.text("password")),
    };
    match server.app.run(&server.anonymous(), accept).await {
        Ok(_) => redirect("/sign-in"),
        Err(Error::Invalid(errors)) => {
            let refilled = posted.refilled("people.accept_invitation", errors);
            let token = posted.text("token");
            let invitation = people::open_invitation(&server.app, &token).await.ok().flatten().map(|(_, found)| found);
            let page = people::accept_invitation_page(&token, invitation.as_ref(), Some(&refilled), "");
            html_response(StatusCode::UNPROCESSABLE_ENTITY, page)
        }
        Err(error) => site::failure(&error, &posted.request_id),
    }
}

async fn choose_password(State(server): State<Server>, request: Request) -> Response<Body> {
    let posted = match posted(&server, request).await {
        Ok(posted) => posted,
        Err(response) => return response,
    };
    let token = posted.text("token");
    let choose = people::recovery::ChoosePassword {
        token: Secret::new(token.clone()),
        password: Secret::new(posted.text("password")),
    };
    match server.app.run(&server.anonymous(), choose).await {
        Ok(_) => redirect("/sign-in"),
        Err(Error::Invalid(errors)) => {
            let refilled = posted.refilled("people.choose_password", errors);
            let person = people::open_password_reset(&server.app, &token).await.ok().flatten();
            let page = people::choose_password_page(&token, person.as_ref(), Some(&refilled), "");
            html_response(StatusCode::UNPROCESSABLE_ENTITY, page)
        }
        Err(error) => site::failure(&error, &posted.request_id),
    }
}

impl Server {
    /// The end of an attempt to sign in: a session and home, or the form again.
    fn signed_in(
        &self,
        outcome: Result<SignIn>,
        posted: &Posted,
        again: impl FnOnce(&Refilled) -> ui::Markup,
    ) -> Response<Body> {
        let (status, words) = match outcome {
            Ok(SignIn::SignedIn { session, .. }) => {
                let mut response = redirect(&posted.next());
                set_cookie(&mut response, &self.session_cookie(&session));
                return response;
            }
            Ok(SignIn::Refused { message }) => (StatusCode::UNPROCESSABLE_ENTITY, message),
            Err(error @ Error::TooMany { .. }) => (StatusCode::TOO_MANY_REQUESTS, error.to_string()),
            Err(error) => return site::failure(&error, &posted.request_id),
            Ok(SignIn::CodeNeeded { .. }) => (StatusCode::UNPROCESSABLE_ENTITY, "a code is needed".to_owned()),
        };
        let errors = vec![FieldError { field: "sign_in".to_owned(), rule: words }];
        html_response(status, again(&posted.refilled("people.sign_in", errors)))
    }

    fn session_cookie(&self, token: &str) -> String {
        let secure = if self.secure_cookies { "; Secure" } else { "" };
        format!("{SESSION_COOKIE}={token}; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax{secure}")
    }
}
