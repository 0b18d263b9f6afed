//! The facts of a dispatch decision, and the same facts as Cedar sees them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

use cedar_policy::{Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression};
use jiff::tz::TimeZone;
use kernel::Timestamp;
use kernel::time::DAY;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::credentials::{CredentialFact, CredentialStatus};

pub(super) const ACTION: &str = "dispatch.assign";
pub(super) const DRIVER: &str = "Driver";
pub(super) const ORDER: &str = "Order";

/// When a credential that does not expire does so, for Cedar, which has no empty value: on 9999-01-01.
const NEVER: Timestamp = Timestamp::from_micros(253_370_764_800_000_000);

/// May this driver, with these credentials, take this order now?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Question {
    pub driver: String,
    /// What holds about the driver, one entry for each credential type.
    pub credentials: Arc<[HeldCredential]>,
    pub order: Order,
    pub now: Timestamp,
}

/// The fact that governs one credential of a driver, as far as a policy may read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldCredential {
    pub credential_type: String,
    pub status: CredentialStatus,
    pub jurisdiction: String,
    /// The first instant at which it is no longer valid; missing when it does not expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    pub verified_at: Timestamp,
    /// The provider that attests it.
    pub source: String,
    /// The id of the recorded fact.
    pub fact: String,
}

impl HeldCredential {
    /// A recorded fact as policies read it; its last day ends in that zone.
    pub fn of(fact: &CredentialFact, id: impl ToString, zone: &TimeZone) -> Self {
        Self {
            credential_type: fact.credential_type.clone(),
            status: fact.status,
            jurisdiction: fact.jurisdiction.clone(),
            expires_at: fact.expires_at(zone),
            verified_at: fact.verified_at,
            source: fact.source.clone(),
            fact: id.to_string(),
        }
    }

    /// Whether it was verified within the last days; any age will do where the policy sets none.
    fn is_fresh(&self, freshness_days: Option<u32>, now: Timestamp) -> bool {
        freshness_days.is_none_or(|days| now.since(self.verified_at) <= i64::from(days) * DAY)
    }

    /// What the record says, in a few words.
    pub(super) fn summary(&self) -> String {
        let mut text = format!("{} {}", self.credential_type, self.status);
        if let Some(expires) = self.expires_at {
            let _ = write!(text, ", valid until {expires}"); // writing to a String cannot fail
        }
        let _ = write!(text, ", verified {} by {}", self.verified_at, self.source);
        text
    }
}

/// The order, or the segment of orders, that the driver is to take.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Order {
    pub id: String,
    /// What the order asks of its driver, such as `medical`.
    #[serde(default)]
    pub requires: BTreeSet<String>,
    /// The fleet segment, such as `long_haul`.
    #[serde(default)]
    pub segment: String,
}

impl Question {
    /// The credential that counts for that type. Two entries of one type are a fault of the caller, and the more
    /// restrictive one is believed.
    pub(super) fn credential(&self, credential_type: &str) -> Option<&HeldCredential> {
        let of_type = self.credentials.iter().filter(|held| held.credential_type == credential_type);
        of_type.max_by_key(|held| held.status)
    }
}

/// The parts of every Cedar request that never change, made once for each book.
pub(super) struct Vocabulary {
    driver: EntityTypeName,
    order: EntityTypeName,
    action: EntityUid,
    credential_types: Vec<String>,
}

/// A fault in handing facts to Cedar. The types rule it out; the gate denies if it happens.
type Fault = Box<dyn std::error::Error + Send + Sync>;

impl Vocabulary {
    pub(super) fn new(credential_types: &[String]) -> Result<Self, Fault> {
        Ok(Self {
            driver: DRIVER.parse()?,
            order: ORDER.parse()?,
            action: EntityUid::from_type_name_and_id("Action".parse()?, EntityId::new(ACTION)),
            credential_types: credential_types.to_vec(),
        })
    }

    pub(super) fn request(&self, question: &Question) -> Result<Request, Fault> {
        let context = Context::from_pairs([("now".to_owned(), datetime(question.now))])?;
        let (driver, order) = (self.driver(question), self.order(question));
        // Not checked against the schema again: it is built here, of the schema's own parts.
        Ok(Request::new(driver, self.action.clone(), order, context, None)?)
    }

    /// The driver and the order, with freshness as policies of that window see it.
    pub(super) fn entities(&self, question: &Question, freshness_days: Option<u32>) -> Result<Entities, Fault> {
        let credentials = self
            .credential_types
            .iter()
            .filter_map(|name| Some((name, question.credential(name)?)))
            .map(|(name, held)| Ok((name.clone(), record(held, freshness_days, question.now)?)))
            .collect::<Result<BTreeMap<_, _>, Fault>>()?;
        let credentials = RestrictedExpression::new_record(credentials)?;
        let requires = question.order.requires.iter().map(|each| RestrictedExpression::new_string(each.clone()));
        let order = HashMap::from([
            ("requires".to_owned(), RestrictedExpression::new_set(requires)),
            ("segment".to_owned(), RestrictedExpression::new_string(question.order.segment.clone())),
        ]);
        let driver = HashMap::from([("credentials".to_owned(), credentials)]);
        let entities = [
            Entity::new(self.driver(question), driver, HashSet::new())?,
            Entity::new(self.order(question), order, HashSet::new())?,
        ];
        Ok(Entities::from_entities(entities, None)?)
    }

    fn driver(&self, question: &Question) -> EntityUid {
        EntityUid::from_type_name_and_id(self.driver.clone(), EntityId::new(&question.driver))
    }

    fn order(&self, question: &Question) -> EntityUid {
        EntityUid::from_type_name_and_id(self.order.clone(), EntityId::new(&question.order.id))
    }
}

fn record(held: &HeldCredential, freshness_days: Option<u32>, now: Timestamp) -> Result<RestrictedExpression, Fault> {
    let expires = held.expires_at.unwrap_or(NEVER);
    Ok(RestrictedExpression::new_record([
        ("status".to_owned(), RestrictedExpression::new_string(held.status.as_str().to_owned())),
        ("expires".to_owned(), datetime(expires)),
        ("verified".to_owned(), datetime(held.verified_at)),
        ("jurisdiction".to_owned(), RestrictedExpression::new_string(held.jurisdiction.clone())),
        ("fresh".to_owned(), RestrictedExpression::new_bool(held.is_fresh(freshness_days, now))),
    ])?)
}

/// Cedar's datetime counts milliseconds and writes years with four digits.
fn datetime(at: Timestamp) -> RestrictedExpression {
    let civil = TimeZone::UTC.to_datetime(at.jiff());
    RestrictedExpression::new_datetime(format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        civil.year().clamp(1, 9999),
        civil.month(),
        civil.day(),
        civil.hour(),
        civil.minute(),
        civil.second(),
        civil.millisecond(),
    ))
}
