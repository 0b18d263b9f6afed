//! The gate: providers report by signed webhooks, dispatchers ask before each assignment.
//!
//! Messages are signed as a provider signs them and proven as the gate's door proves them; in bulk, many are recorded in
//! one transaction, where the door takes one each.

use std::collections::BTreeMap;
use std::sync::Arc;

use gate::credentials::parse_update;
use gate::enforcement::EvaluateAssignment;
use gate::intake::ReceiveCredential;
use gate::sources::CreateSource;
use gate::webhooks::{WebhookKey, signed_headers, verify};
use kernel::{Actor, Error, Result};
use serde_json::json;

use super::{Stage, money};
use crate::script::{Driver, Report};

/// A source of credentials with the key that it signs with.
#[derive(Clone)]
pub(crate) struct Feed {
    id: gate::SourceId,
    key: WebhookKey,
    actor: Arc<Actor>,
}

/// The sources by the credential that they attest, and who asks.
#[derive(Default)]
pub(crate) struct Doors {
    feeds: BTreeMap<&'static str, Feed>,
    dispatch: Option<Arc<Actor>>,
    asked: usize,
}

/// A provider says something about a driver.
pub(super) async fn report(stage: &mut Stage<'_>, driver: usize, number: usize) -> Result<()> {
    let credential = stage.script.drivers[driver].reports[number].credential;
    let feed = match stage.doors.feeds.get(credential).cloned() {
        Some(feed) => feed,
        None => open(stage, credential).await?,
    };
    let driver = &stage.script.drivers[driver];
    let report = &driver.reports[number];
    let now = stage.app.now();
    let message = format!("msg_{}_{credential}_{}", driver.id, report.sequence);
    let body = body(driver, report).to_string().into_bytes();
    let headers = signed_headers(&feed.key, &message, now, &body).map_err(|e| Error::internal(e.to_string()))?;
    let header = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    let proven =
        verify(std::slice::from_ref(&feed.key), header, &body, now).map_err(|e| Error::internal(e.to_string()))?;
    let update = parse_update(&body, now)?;
    let receive = ReceiveCredential { source: feed.id, message: proven.id, received_at: Some(now), fact: update.fact };
    stage.run(&feed.actor, receive).await.map(|_| ())
}

/// The data contract with a provider.
fn body(driver: &Driver, report: &Report) -> serde_json::Value {
    let as_of = report.at.plus_seconds(-report.age);
    let (evidence, class) = match report.credential {
        "licence" => ("mvr", Some(if driver.jurisdiction.starts_with("US") { "CDL-A" } else { "CE" })),
        "insurance" => ("vendor", None),
        _ => ("paper", None),
    };
    let mut data = json!({
        "subject": driver.id,
        "credential_type": report.credential,
        "jurisdiction": driver.jurisdiction,
        "status": report.status,
        "expires_on": report.expires_on,
        "verified_at": as_of,
        "source": report.credential,
        "source_as_of": as_of,
        "source_sequence": report.sequence,
        "evidence_kind": evidence,
    });
    if let Some(class) = class {
        data["class"] = json!(class);
    }
    json!({ "type": "credential.updated", "timestamp": report.at, "data": data })
}

/// Registers the source of one kind of credential: of a data partner where there is one, else of the vendor itself.
async fn open(stage: &mut Stage<'_>, credential: &'static str) -> Result<Feed> {
    let security = stage.of_staff("security", 0);
    let day = stage.script.calendar.day_of(stage.app.now());
    let plans = stage.script.partners.iter().enumerate();
    let providers: Vec<usize> =
        plans.filter(|(_, plan)| plan.archetype == "data" && plan.sells_on(day)).map(|(number, _)| number).collect();
    let turn = stage.doors.feeds.len();
    let partner = providers.get(turn % providers.len().max(1)).and_then(|number| stage.partners[*number].id);
    let name = match credential {
        "licence" => "Licence registry feed",
        "insurance" => "Insurance certificates",
        _ => "Medical certificates",
    };
    let issued = stage.run(&security, CreateSource { name: name.to_owned(), partner }).await?;
    let key = WebhookKey::parse(&issued.secret).map_err(|e| Error::internal(e.to_string()))?;
    let actor = Arc::new(Actor::system(stage.organization, &format!("webhook:{}", issued.id)));
    let feed = Feed { id: issued.id, key, actor };
    stage.doors.feeds.insert(credential, feed.clone());
    Ok(feed)
}

/// A dispatcher asks whether the driver may take an order.
pub(super) async fn ask(stage: &mut Stage<'_>, driver: usize) -> Result<()> {
    let actor = match stage.doors.dispatch.clone() {
        Some(actor) => actor,
        None => {
            let actor = money::token(stage, "Dispatch", "gate.evaluate").await?;
            stage.doors.dispatch.insert(actor).clone()
        }
    };
    stage.doors.asked += 1;
    let number = stage.doors.asked;
    let requires = if number.is_multiple_of(4) { vec!["medical".to_owned()] } else { Vec::new() };
    let segment = ["long_haul", "regional", "city"][number % 3].to_owned();
    let driver = stage.script.drivers[driver].id.clone();
    let question = EvaluateAssignment { driver, order: format!("ORD-{}", 70_000 + number), requires, segment };
    stage.run(&actor, question).await.map(|_| ())
}
