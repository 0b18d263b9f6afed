//! `concord login`, `logout` and `whoami`: a person at the command line, with the same session as in a browser.
//!
//! A login says as whom commands work on a server, never where: that is always said by `--server` or its variable. So no
//! command ends up on another place than the one that was meant.

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use kernel::{Error, Result};
use people::SignIn;
use people::members::MyAccount;
use serde_json::{Value as Json, json};

use super::connect::{Proof, Remote};
use super::logins::Login;
use super::{Done, ask, connect, output};

/// How often a code may be typed before one starts again.
const TRIES: usize = 3;

pub fn command() -> Command {
    Command::new("login")
        .about("Sign in to a server as a person; commands with --server act as that person afterwards")
        .after_help(
            "Asks for the password, and for a code if the account has a second factor. Without a terminal it reads them \
             from standard input, one a line, after the e-mail address unless that is an option.",
        )
        .arg(Arg::new("email").long("email").value_name("ADDRESS").help("E-mail address; asked unless given"))
        .arg(
            Arg::new("plain-http")
                .long("plain-http")
                .action(ArgAction::SetTrue)
                .help("Send the password without encryption to another machine"),
        )
}

pub fn logout_command() -> Command {
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    Command::new("logout")
        .about("End the session that `concord login` kept, on the server and here")
        .arg(flag("everywhere", "End every session of yours on that server, browsers too"))
        .arg(flag("forget", "Only forget the login here, such as when the server is gone"))
}

pub fn whoami_command() -> Command {
    Command::new("whoami").about("Show as whom commands work on a server; without --server, which logins are kept")
}

pub async fn login(matches: &ArgMatches, sub: &ArgMatches) -> Done {
    let server = connect::address(matches)?.ok_or_else(|| {
        Error::invalid("server", "name the server to sign in to, such as --server https://partners.example.com")
    })?;
    if !server.confidential && !sub.get_flag("plain-http") {
        let rule = format!("{} is not encrypted: use https://, or insist with --plain-http", server.url);
        return Err(Error::invalid("server", rule));
    }
    let logins = connect::logins(matches)?;
    let (mut login, enrolling) = sign_in(&server.url, sub.get_one::<String>("email")).await?;
    login.server = server.url;
    let file = logins.keep(&login)?;
    if matches.get_flag("json") {
        let Login { server, name, email, role, expires_at, .. } = &login;
        let shown = json!({ "server": server, "name": name, "email": email, "role": role, "expires_at": expires_at,
            "needs_second_factor": enrolling, "file": file });
        output::show(&shown, true);
        return Ok(ExitCode::SUCCESS);
    }
    output::line(&format!("Signed in to {} as {} ({}).", login.server, login.name, login.role));
    output::line(&format!(
        "The session ends after 12 hours without use, at the latest {}; it is kept in {}.",
        login.expires_at,
        file.display()
    ));
    if enrolling {
        output::line(
            "The program asks a second factor of you before anything else: `concord people set-up-second-factor`, then \
             `concord people confirm-second-factor`, both with --server.",
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// The ordinary operations of signing in; whether a second factor must be set up first.
async fn sign_in(server: &str, email: Option<&String>) -> Result<(Login, bool)> {
    let email = email.map_or_else(|| ask::line("E-mail address"), |email| Ok(email.clone()))?;
    let password = ask::secret("Password")?;
    let body = json!({ "email": email, "password": password.expose() });
    let mut outcome = post(server, "/sessions", body).await?;
    if let SignIn::CodeNeeded { ticket } = outcome {
        outcome = code(server, &ticket).await?;
    }
    match outcome {
        SignIn::SignedIn { session, expires_at, person, needs_second_factor } => {
            let (name, email, role) = (person.name, person.email, person.role);
            Ok((Login { server: String::new(), session, name, email, role, expires_at }, needs_second_factor))
        }
        SignIn::Refused { message } => Err(Error::Unauthenticated(message)),
        SignIn::CodeNeeded { .. } => Err(Error::internal("the server asks for a code again")),
    }
}

async fn code(server: &str, ticket: &str) -> Result<SignIn> {
    let mut tries = if ask::interactive() { TRIES } else { 1 };
    loop {
        tries -= 1;
        let code = ask::secret("Code of the second factor, or a recovery code")?;
        let outcome = post(server, "/sessions/code", json!({ "ticket": ticket, "code": code.expose() })).await?;
        match outcome {
            SignIn::Refused { message } if tries > 0 => output::remark(&message),
            other => return Ok(other),
        }
    }
}

async fn post(server: &str, path: &str, body: Json) -> Result<SignIn> {
    let request = courier::http::Request {
        method: "POST",
        url: format!("{server}/v1{path}"),
        token: None,
        query: Vec::new(),
        body: Some(body),
    };
    Ok(serde_json::from_value(courier::http::ask(request).await?)?)
}

pub async fn logout(matches: &ArgMatches, sub: &ArgMatches) -> Done {
    let logins = connect::logins(matches)?;
    let server = match connect::address(matches)? {
        Some(server) => server.url,
        None => only(logins.all()?)?.server,
    };
    if sub.get_flag("forget") {
        logins.forget(&server)?;
        output::line(&format!("The login of {server} is forgotten here; its session ends when nobody uses it."));
        return Ok(ExitCode::SUCCESS);
    }
    let login = logins.get(&server)?.ok_or_else(|| not_logged_in(&server))?;
    let everywhere = sub.get_flag("everywhere");
    let request = courier::http::Request {
        method: "POST",
        url: format!("{server}/v1/me/sign-out"),
        token: Some(&login.session),
        query: Vec::new(),
        body: Some(json!({ "everywhere": everywhere })),
    };
    match courier::http::ask(request).await {
        Ok(_) => output::line(&format!(
            "{} is signed out of {server}{}.",
            login.name,
            if everywhere { " everywhere" } else { "" }
        )),
        // It has ended there already.
        Err(Error::Unauthenticated(_)) => {
            output::line(&format!("The session on {server} had ended; the login is forgotten."))
        }
        Err(error) => {
            output::remark("The login is still kept; `concord logout --forget` forgets it here alone.");
            return Err(error);
        }
    }
    logins.forget(&server)?;
    Ok(ExitCode::SUCCESS)
}

pub async fn whoami(matches: &ArgMatches) -> Done {
    let json = matches.get_flag("json");
    let Some(remote) = connect::server(matches)? else {
        let logins = connect::logins(matches)?.all()?;
        let shown = |login: &Login| {
            let Login { server, name, email, role, expires_at, .. } = login;
            json!({ "server": server, "name": name, "email": email, "role": role, "expires_at": expires_at })
        };
        if logins.is_empty() && !json {
            output::line("No login is kept. Sign in with `concord login --server URL`.");
            return Ok(ExitCode::SUCCESS);
        }
        output::show(&logins.iter().map(shown).collect(), json);
        return Ok(ExitCode::SUCCESS);
    };
    let whoami = |path: &str| courier::http::Request {
        method: "GET",
        url: format!("{}/v1{path}", remote.url),
        token: remote.proof.bearer(),
        query: Vec::new(),
        body: None,
    };
    let answer = match &remote.proof {
        Proof::Nobody => return Err(not_logged_in(&remote.url)),
        Proof::Token(_) => {
            // A token has no account; what it may do is all there is to say.
            let answer = courier::http::ask(whoami("/whoami")).await.map_err(|e| remote.explained(e))?;
            let part = |name: &str| answer.get(name).cloned().unwrap_or_default();
            json!({ "server": remote.url, "name": part("name"), "token": part("actor"), "partner": part("partner") })
        }
        Proof::Login(login) => {
            let answer = courier::http::ask(whoami("/me")).await.map_err(|e| remote.explained(e))?;
            let MyAccount { person, account, .. } = serde_json::from_value(answer)?;
            json!({ "server": remote.url, "name": person.name, "email": person.email, "role": person.role,
                "person": person.id, "partner": person.partner, "second_factor": account.second_factor,
                "session_ends_at": login.expires_at })
        }
    };
    output::show(&answer, json);
    Ok(ExitCode::SUCCESS)
}

/// The login, where there is no doubt which one is meant.
fn only(mut logins: Vec<Login>) -> Result<Login> {
    let servers: Vec<String> = logins.iter().map(|login| login.server.clone()).collect();
    match (logins.pop(), servers.len()) {
        (Some(login), 1) => Ok(login),
        (None, _) => Err(Error::conflict("no_login", "no login is kept: sign in with `concord login --server URL`")),
        _ => {
            Err(Error::invalid("server", format!("logins of {} are kept; name one with --server", servers.join(", "))))
        }
    }
}

fn not_logged_in(server: &str) -> Error {
    let words = format!("nobody is signed in to {server} here: use `concord login --server {server}`");
    Error::Unauthenticated(words)
}

impl Remote {
    /// Whoever is unknown to the server is told how to become known, by what was shown to it.
    pub fn explained(&self, error: Error) -> Error {
        let Error::Unauthenticated(words) = error else { return error };
        let again = format!("`concord login --server {}`", self.url);
        Error::Unauthenticated(match &self.proof {
            Proof::Token(_) => words,
            Proof::Login(login) => {
                format!("the session of {} on {} has ended: sign in again with {again}", login.name, self.url)
            }
            Proof::Nobody => format!("{words}: sign in with {again}, or name a service token with --token"),
        })
    }
}
