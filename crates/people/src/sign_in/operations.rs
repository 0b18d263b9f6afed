//! Signing in and out, and looking after one's own password and second factor.

use kernel::{Access, Cx, Error, Operation, Result, Route, Secret, Timestamp, post, put};
use law::SecondFactor;
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::second_factor::{self, PendingFactor, RECOVERY_CODES};
use super::session::{PREFIX, Session, State, token_hash, token_text};
use super::store::{self, Credential};
use super::throttle::{self, Counter};
use super::{password, pending_factor};
use crate::members::{self, Person, PersonSummary, Status, email_key, own_id};
use crate::recovery;

/// One sentence for every refusal: it does not say which part was wrong.
const REFUSED: &str = "the e-mail address, the password or the code is not right";

/// How an attempt to sign in ended. Too many failures in a row are an error that names the wait.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum SignIn {
    SignedIn {
        /// The token of the session: a browser has it in its cookie, others send it as `Authorization: Bearer …`.
        session: String,
        expires_at: Timestamp,
        person: PersonSummary,
        /// The second factor must be set up before anything else.
        needs_second_factor: bool,
    },
    /// The password was right; a code is needed within five minutes.
    CodeNeeded {
        ticket: String,
    },
    Refused {
        message: String,
    },
}

/// Sign in with e-mail address and password.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SignInWithPassword {
    #[schemars(extend("format" = "email"))]
    pub email: String,
    pub password: Secret,
    /// A code of the second factor or a recovery code; it may also follow in a second step.
    #[serde(default)]
    pub code: Option<Secret>,
    /// Where the attempt comes from; the server fills it.
    #[serde(default)]
    pub source: Option<String>,
}

impl Operation for SignInWithPassword {
    const NAME: &'static str = "people.sign_in";
    const ROUTE: Route = post("/sessions");
    const ACCESS: Access = Access::Open;
    type Output = SignIn;

    async fn run(self, cx: &mut Cx<'_>) -> Result<SignIn> {
        let counters = throttle::counters(&self.email, self.source.as_deref());
        be_patient(cx, &counters).await?;
        let person = members::by_email(cx.tx, cx.scope.organization, &email_key(&self.email)).await?;
        let person = person.filter(|person| person.status == Status::Active);
        let credential = match &person {
            Some(person) => store::credential(cx.tx, person.id).await?.unwrap_or_default(),
            None => Credential::default(),
        };
        let right = password::verify(self.password, credential.password_hash.clone()).await?;
        let Some(person) = person.as_ref().filter(|_| right) else {
            return refuse(cx, &counters, person.as_ref()).await;
        };
        if credential.second_factor.is_none() {
            return open(cx, person, &credential).await;
        }
        match self.code.filter(|code| !code.expose().trim().is_empty()) {
            None => {
                let ticket = start_session(cx, person, State::AwaitingCode).await?.0;
                Ok(SignIn::CodeNeeded { ticket })
            }
            Some(code) => with_code(cx, &counters, person, credential, &code).await,
        }
    }
}

/// Finish signing in with the code of the second factor.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FinishSignIn {
    /// The ticket that the right password gave.
    pub ticket: Secret,
    /// A code of the second factor or a recovery code.
    pub code: Secret,
}

impl Operation for FinishSignIn {
    const NAME: &'static str = "people.finish_sign_in";
    const ROUTE: Route = post("/sessions/code");
    const ACCESS: Access = Access::Open;
    type Output = SignIn;

    async fn run(self, cx: &mut Cx<'_>) -> Result<SignIn> {
        let late = || Ok(SignIn::Refused { message: "that took too long; sign in again".to_owned() });
        let id = token_hash(self.ticket.expose());
        let ticket = store::session(cx.tx, &id, cx.now).await?.filter(|s| s.state == State::AwaitingCode);
        let Some(ticket) = ticket else { return late() };
        let person = members::by_id(cx.tx, &cx.scope, ticket.person).await?;
        let Some(person) = person.filter(|person| person.status == Status::Active) else { return late() };
        let counters = [Counter::of_address(&person.email)];
        be_patient(cx, &counters).await?;
        let credential = store::credential(cx.tx, person.id).await?.unwrap_or_default();
        let outcome = with_code(cx, &counters, &person, credential, &self.code).await?;
        if matches!(outcome, SignIn::SignedIn { .. }) {
            store::end_session(cx.tx, &id, person.id).await?;
        }
        Ok(outcome)
    }
}

async fn be_patient(cx: &mut Cx<'_>, counters: &[Counter]) -> Result<()> {
    match store::wait(cx.tx, counters, cx.now).await? {
        0 => Ok(()),
        seconds => Err(throttle::refusal(seconds)),
    }
}

/// A refusal is an outcome, not an error: the failure must be counted.
async fn refuse(cx: &mut Cx<'_>, counters: &[Counter], person: Option<&Person>) -> Result<SignIn> {
    store::count_failure(cx.tx, counters, cx.now).await?;
    if let Some(person) = person {
        let summary = format!("An attempt to sign in as {} failed", person.name);
        cx.emit("person.sign_in_failed", person.id, person.partner, summary, &());
    }
    Ok(SignIn::Refused { message: REFUSED.to_owned() })
}

async fn with_code(
    cx: &mut Cx<'_>,
    counters: &[Counter],
    person: &Person,
    mut credential: Credential,
    code: &Secret,
) -> Result<SignIn> {
    let Some(sealed) = &credential.second_factor else { return refuse(cx, counters, Some(person)).await };
    let seed = cx.app.vault().open(sealed)?;
    if let Some(step) = second_factor::step_of(&seed, code.expose(), cx.now)? {
        if store::use_step(cx.tx, person.id, step).await? {
            return open(cx, person, &credential).await;
        }
        return refuse(cx, counters, Some(person)).await;
    }
    let hash = second_factor::recovery_hash(person.id, code.expose());
    let Some(place) = credential.recovery_hashes.iter().position(|known| *known == hash) else {
        return refuse(cx, counters, Some(person)).await;
    };
    credential.recovery_hashes.remove(place);
    store::save_credential(cx.tx, &cx.scope, person.id, &credential).await?;
    let summary = format!("{} used a recovery code; {} are left", person.name, credential.recovery_hashes.len());
    cx.emit("person.recovery_code_used", person.id, person.partner, summary, &());
    open(cx, person, &credential).await
}

/// Opens the session of somebody who proved who they are.
async fn open(cx: &mut Cx<'_>, person: &Person, credential: &Credential) -> Result<SignIn> {
    let needs_second_factor =
        person.partner.is_none() && credential.second_factor.is_none() && second_factor_required(cx).await?;
    let state = if needs_second_factor { State::EnrollSecondFactor } else { State::Active };
    store::forget_failures(cx.tx, &Counter::of_address(&person.email)).await?;
    let (session, expires_at) = start_session(cx, person, state).await?;
    let summary = format!("{} signed in", person.name);
    cx.emit("person.signed_in", person.id, person.partner, summary, &());
    Ok(SignIn::SignedIn { session, expires_at, person: person.summary(), needs_second_factor })
}

async fn start_session(cx: &mut Cx<'_>, person: &Person, state: State) -> Result<(String, Timestamp)> {
    let token = format!("{PREFIX}{}", token_text(cx.app.random()));
    let session = Session::open(token_hash(&token), person.id, state, cx.now);
    store::open_session(cx.tx, cx.scope.organization, &session).await?;
    Ok((token, session.expires_at))
}

/// What the program in force says; before there is one, the owner must be able to come in and apply it.
async fn second_factor_required(cx: &mut Cx<'_>) -> Result<bool> {
    match cx.law().await {
        Ok(law) => Ok(law.program.settings.second_factor == SecondFactor::Required),
        Err(Error::Conflict { code: "no_program", .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Sign out of this session, or of all.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SignOut {
    /// The token of the session; the server fills it from the cookie.
    #[serde(default)]
    pub session: Option<Secret>,
    /// Whether every session of yours ends.
    #[serde(default)]
    pub everywhere: bool,
}

impl Operation for SignOut {
    const NAME: &'static str = "people.sign_out";
    const ROUTE: Route = post("/me/sign-out");
    const ACCESS: Access = Access::Open;
    type Output = u64;

    async fn run(self, cx: &mut Cx<'_>) -> Result<u64> {
        let person = own_account(cx).await?;
        let ended = match &self.session {
            Some(session) if !self.everywhere => {
                store::end_session(cx.tx, &token_hash(session.expose()), person.id).await?
            }
            _ => store::end_sessions(cx.tx, person.id, None).await?,
        };
        let place = if self.everywhere { " everywhere" } else { "" };
        cx.emit("person.signed_out", person.id, person.partner, format!("{} signed out{place}", person.name), &());
        Ok(ended)
    }
}

/// Begin to set up a second factor: gives the seed for your authenticator.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SetUpSecondFactor {
    /// Your password; asked when a second factor is in use that this one will replace.
    #[serde(default)]
    pub password: Option<Secret>,
}

impl Operation for SetUpSecondFactor {
    const NAME: &'static str = "people.set_up_second_factor";
    const ROUTE: Route = post("/me/second-factor");
    const ACCESS: Access = Access::Open;
    type Output = PendingFactor;

    async fn run(self, cx: &mut Cx<'_>) -> Result<PendingFactor> {
        let person = own_account(cx).await?;
        let mut credential = store::credential(cx.tx, person.id).await?.unwrap_or_default();
        if credential.second_factor.is_some() {
            let typed = self.password.unwrap_or_default();
            if !password::verify(typed, credential.password_hash.clone()).await? {
                return Err(Error::invalid(
                    "password",
                    "is not your password; it is needed to replace a second factor",
                ));
            }
        }
        let seed = second_factor::seed_text(cx.app.random());
        credential.pending_factor = Some(cx.app.vault().seal(&seed, cx.app.random())?);
        store::save_credential(cx.tx, &cx.scope, person.id, &credential).await?;
        let summary = format!("{} began to set up a second factor", person.name);
        cx.emit("person.second_factor_begun", person.id, person.partner, summary, &());
        let pending = pending_factor(cx.tx, cx.app, &person).await?;
        pending.ok_or_else(|| Error::internal("the second factor was not stored"))
    }
}

/// Confirm the second factor with a first code; gives the recovery codes, once.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ConfirmSecondFactor {
    /// The code that your authenticator shows now.
    pub code: Secret,
    /// The token of the session, which stays open; the server fills it from the request.
    #[serde(default)]
    pub session: Option<Secret>,
}

/// The second factor is in use.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SecondFactorReady {
    /// Each stands in for a code once.
    pub recovery_codes: Vec<String>,
}

impl Operation for ConfirmSecondFactor {
    const NAME: &'static str = "people.confirm_second_factor";
    const ROUTE: Route = put("/me/second-factor/confirmation");
    const ACCESS: Access = Access::Open;
    type Output = SecondFactorReady;

    async fn run(self, cx: &mut Cx<'_>) -> Result<SecondFactorReady> {
        let person = own_account(cx).await?;
        let mut credential = store::credential(cx.tx, person.id).await?.unwrap_or_default();
        let Some(sealed) = credential.pending_factor.take() else {
            return Err(Error::conflict("nothing_pending", "begin to set up a second factor first"));
        };
        let seed = cx.app.vault().open(&sealed)?;
        let step = second_factor::step_of(&seed, self.code.expose(), cx.now)?.ok_or_else(|| {
            let rule =
                "is not the code of this moment; check the clock of your device and enter the code that it shows";
            Error::invalid("code", rule)
        })?;
        store::use_step(cx.tx, person.id, step).await?;
        let recovery_codes: Vec<String> =
            (0..RECOVERY_CODES).map(|_| second_factor::recovery_code(cx.app.random())).collect();
        credential.second_factor = Some(sealed);
        credential.second_factor_at = Some(cx.now);
        credential.recovery_hashes =
            recovery_codes.iter().map(|code| second_factor::recovery_hash(person.id, code)).collect();
        store::save_credential(cx.tx, &cx.scope, person.id, &credential).await?;
        let session = keep_only(cx, &person, self.session.as_ref()).await?;
        if let Some(session) = session {
            store::activate_session(cx.tx, &session, person.id).await?;
        }
        let summary = format!("{} signs in with a second factor from now on", person.name);
        cx.emit("person.second_factor_confirmed", person.id, person.partner, summary, &());
        Ok(SecondFactorReady { recovery_codes })
    }
}

/// Change your password; other sessions of yours end.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ChangePassword {
    pub current_password: Secret,
    /// At least twelve characters, not a common one, without your e-mail address.
    pub new_password: Secret,
    /// The token of the session, which stays open; the server fills it from the request.
    #[serde(default)]
    pub session: Option<Secret>,
}

impl Operation for ChangePassword {
    const NAME: &'static str = "people.change_password";
    const ROUTE: Route = put("/me/password");
    const ACCESS: Access = Access::Open;
    type Output = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        let person = own_account(cx).await?;
        let mut credential = store::credential(cx.tx, person.id).await?.unwrap_or_default();
        if !password::verify(self.current_password, credential.password_hash.clone()).await? {
            return Err(Error::invalid("current_password", "is not your password"));
        }
        password::check(self.new_password.expose(), &person.email).map_err(|error| match error {
            Error::Invalid(fields) => Error::invalid(
                "new_password",
                fields.into_iter().map(|field| field.rule).collect::<Vec<_>>().join("; "),
            ),
            other => other,
        })?;
        credential.password_hash = Some(password::hash(self.new_password, cx.app.random()).await?);
        credential.password_changed_at = Some(cx.now);
        store::save_credential(cx.tx, &cx.scope, person.id, &credential).await?;
        recovery::end_reset(cx.tx, person.id).await?;
        keep_only(cx, &person, self.session.as_ref()).await?;
        let summary = format!("{} changed the password", person.name);
        cx.emit("person.password_changed", person.id, person.partner, summary, &());
        Ok(())
    }
}

/// Remove sessions and failures that no longer count.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Sweep {}

impl Operation for Sweep {
    const NAME: &'static str = "people.sweep";
    const ROUTE: Route = post("/sessions/sweep");
    const ACCESS: Access = Access::Open;
    type Output = u64;

    async fn run(self, cx: &mut Cx<'_>) -> Result<u64> {
        Ok(store::sweep(cx.tx, cx.now).await? + recovery::sweep(cx.tx, cx.now).await?)
    }
}

async fn own_account(cx: &mut Cx<'_>) -> Result<Person> {
    let id = own_id(cx.actor)?;
    let person = members::by_id(cx.tx, &cx.scope, id).await?;
    person.filter(|person| person.status == Status::Active).ok_or_else(|| Error::not_found("person", id))
}

/// Ends every session of the person but this one; its hash.
async fn keep_only(cx: &mut Cx<'_>, person: &Person, session: Option<&Secret>) -> Result<Option<String>> {
    let kept = session.map(|session| token_hash(session.expose()));
    store::end_sessions(cx.tx, person.id, kept.as_deref()).await?;
    Ok(kept)
}
