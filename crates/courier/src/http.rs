//! Requests to a Concord server, for the command line.

use std::net::IpAddr;
use std::sync::Once;
use std::time::Duration;

use kernel::{Error, FieldError, Reason, Result};
use serde_json::Value as Json;

/// The address of a server, in the one way in which it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Without a slash at its end.
    pub url: String,
    /// Whether nobody on the way can listen: HTTPS, or this machine.
    pub confidential: bool,
}

impl Address {
    /// Reads `https://partners.example.com`, a path behind it included.
    pub fn read(text: &str) -> Result<Self> {
        let refuse =
            |why: &str| Error::invalid("server", format!("`{text}` {why}, such as https://partners.example.com"));
        let url =
            reqwest::Url::parse(text.trim()).map_err(|_| refuse("is not an address: write it with its scheme"))?;
        let Some(host) = url.host_str().filter(|_| ["http", "https"].contains(&url.scheme())) else {
            return Err(refuse("is not an address of a server: begin it with https:// or http://"));
        };
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("holds more than scheme, host, port and path: leave the rest out"));
        }
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let here = host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        Ok(Self { url: url.as_str().trim_end_matches('/').to_owned(), confidential: url.scheme() == "https" || here })
    }
}

/// One request to the API.
pub struct Request<'a> {
    pub method: &'static str,
    pub url: String,
    pub token: Option<&'a str>,
    pub query: Vec<(String, String)>,
    pub body: Option<Json>,
}

/// Sends it and reads the answer; a problem document comes back as the error that the server had.
pub async fn ask(request: Request<'_>) -> Result<Json> {
    let method = request.method.parse().map_err(|_| Error::internal("an HTTP method"))?;
    let mut building = client()?.request(method, &request.url).query(&request.query);
    if let Some(token) = request.token {
        building = building.bearer_auth(token);
    }
    if let Some(body) = &request.body {
        building = building.json(body);
    }
    let unreachable = |e: reqwest::Error| Error::invalid("server", format!("{} does not answer: {e}", request.url));
    let response = building.send().await.map_err(unreachable)?;
    let status = response.status().as_u16();
    let text = response.text().await.map_err(unreachable)?;
    let answer: Json = serde_json::from_str(&text)
        .map_err(|_| Error::invalid("server", format!("{} answered {status} without JSON", request.url)))?;
    if status < 400 { Ok(answer) } else { Err(problem(status, &answer)) }
}

#[allow(clippy::disallowed_methods)] // courier is where sockets out are made
fn client() -> Result<reqwest::Client> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Another part of the process may have chosen already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder()
        .timeout(Duration::from_secs(60))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("concord/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|e| Error::internal(format!("HTTP client: {e}")))
}

/// An error from its problem document.
fn problem(status: u16, document: &Json) -> Error {
    let detail = document.get("detail").and_then(Json::as_str).unwrap_or("the server gave no reason").to_owned();
    let errors: Option<Vec<FieldError>> = document.get("errors").and_then(|e| serde_json::from_value(e.clone()).ok());
    let reasons: Option<Vec<Reason>> = document.get("reasons").and_then(|r| serde_json::from_value(r.clone()).ok());
    match (status, errors, reasons) {
        (401, ..) => Error::Unauthenticated(detail),
        (422, Some(errors), _) => Error::Invalid(errors),
        (403, _, Some(reasons)) => Error::refused("refused", detail, reasons),
        (403, ..) => Error::Forbidden { permission: String::new(), message: detail },
        (409, ..) => Error::conflict("conflict", detail),
        (500.., ..) => Error::Internal(detail),
        _ => Error::conflict("refused", detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_in_one_way() {
        for (text, url, confidential) in [
            ("https://Partners.Example.com/", "https://partners.example.com", true),
            ("https://partners.example.com:443", "https://partners.example.com", true),
            (" http://127.0.0.1:8080 ", "http://127.0.0.1:8080", true),
            ("http://[::1]:8080/", "http://[::1]:8080", true),
            ("http://localhost:8080", "http://localhost:8080", true),
            ("http://localhost.example.com", "http://localhost.example.com", false),
            ("http://10.0.0.1/concord/", "http://10.0.0.1/concord", false),
        ] {
            assert_eq!(Address::read(text).unwrap(), Address { url: url.to_owned(), confidential }, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_an_example() {
        for text in [
            "",
            "partners.example.com",
            "localhost:8080",
            "ftp://x.example",
            "https://me:pw@x.example",
            "https://x.example/?a=1",
            "https://x.example/#a",
        ] {
            let error = Address::read(text).unwrap_err();
            assert!(error.to_string().contains("such as https://"), "{text}: {error}");
        }
    }
}
