//! Running an operation or asking a query, here or on a server, and printing what comes back.

use std::process::ExitCode;

use clap::ArgMatches;
use kernel::operation::Method;
use kernel::registry::Declaration;
use kernel::{Error, Registry, Result, RunOptions};
use serde_json::{Map, Value as Json};

use super::connect::Remote;
use super::{Done, args, connect, output};

pub async fn run(registry: &Registry, matches: &ArgMatches, area: &str, verb: &str, sub: &ArgMatches) -> Done {
    let mut declared = registry.catalogue().into_iter().filter(|d| d.name.split('.').next() == Some(area));
    let declaration = declared.find(|d| args::verb(d.name) == verb);
    let declaration = declaration.ok_or_else(|| Error::not_found("command", format!("{area} {verb}")))?;
    let input = input(declaration, sub)?;
    let answer = call(matches, declaration, input).await?;
    output::show(&answer, matches.get_flag("json"));
    Ok(ExitCode::SUCCESS)
}

fn input(declaration: &Declaration, sub: &ArgMatches) -> Result<Json> {
    match sub.get_one::<String>("input") {
        Some(file) => {
            let text = output::read_text(file)?;
            serde_json::from_str(&text).map_err(|e| Error::invalid("input", format!("{file} is not JSON: {e}")))
        }
        None => kernel::input::from_texts(&declaration.input, &args::given(declaration, sub)?),
    }
}

/// Runs or asks, wherever the options say.
pub async fn call(matches: &ArgMatches, declaration: &Declaration, input: Json) -> Result<Json> {
    if let Some(server) = connect::server(matches)? {
        return remote(&server, declaration, input).await.map_err(|error| server.explained(error));
    }
    let (app, organization) = connect::open(matches).await?;
    let actor = connect::operator(organization);
    if !declaration.writes {
        return Ok(app.query_value(&actor, declaration.name, input).await?.0);
    }
    let outcome = app.run_value(&actor, declaration.name, input, RunOptions::default()).await?;
    app.sequence().await?;
    Ok(outcome.output)
}

async fn remote(server: &Remote, declaration: &Declaration, input: Json) -> Result<Json> {
    let Json::Object(mut fields) = input else { return Err(Error::invalid("input", "must be a JSON object")) };
    let path = filled(declaration.route.path, &mut fields)?;
    let (url, token) = (format!("{}/v1{path}", server.url), server.proof.bearer());
    let method = declaration.route.method;
    let request = courier::http::Request { method: method.name(), url, token, body: None, query: Vec::new() };
    let request = if method == Method::Get {
        courier::http::Request { query: texts(&fields), ..request }
    } else {
        courier::http::Request { body: Some(Json::Object(fields)), ..request }
    };
    courier::http::ask(request).await
}

/// Fields that the path names go into it.
fn filled(path: &str, fields: &mut Map<String, Json>) -> Result<String> {
    let parts: Result<Vec<String>> = path
        .split('/')
        .map(|part| match part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
            None => Ok(part.to_owned()),
            Some(name) => match fields.remove(name) {
                Some(Json::String(text)) => Ok(text),
                Some(other) => Ok(other.to_string()),
                None => Err(Error::invalid(name, "is required")),
            },
        })
        .collect();
    Ok(parts?.join("/"))
}

fn texts(fields: &Map<String, Json>) -> Vec<(String, String)> {
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    fields.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}
