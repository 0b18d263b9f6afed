//! The facts of a decision as Cedar sees them. Making Cedar values is what costs time besides asking the policies, so
//! what stays the same from one assignment to the next is made once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};

use cedar_policy::{Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression};
use jiff::tz::TimeZone;
use kernel::Timestamp;
use kernel::time::SECOND;

use super::question::{HeldCredential, Order, Question, credential};

pub(super) const ACTION: &str = "dispatch.assign";
pub(super) const DRIVER: &str = "Driver";
pub(super) const ORDER: &str = "Order";

/// When a credential that does not expire does so, for Cedar, which has no empty value: on 9999-01-01.
const NEVER: Timestamp = Timestamp::from_micros(253_370_764_800_000_000);

/// A fault in handing facts to Cedar. The types rule it out; the gate denies if it happens.
pub(super) type Fault = Box<dyn std::error::Error + Send + Sync>;

/// The parts of every Cedar request that never change, made once for each book.
pub(super) struct Vocabulary {
    driver: EntityTypeName,
    order: EntityTypeName,
    action: EntityUid,
    credential_types: Vec<String>,
    /// The context of the current second: many assignments are asked about in one.
    context: Mutex<Option<(i64, Context)>>,
}

/// A driver whose credentials are kept in Cedar's form between assignments. It belongs to the book that prepared it;
/// another book reads the same credentials anew.
pub struct PreparedDriver {
    pub(super) driver: String,
    pub(super) credentials: Arc<[HeldCredential]>,
    pub(super) vocabulary: Arc<Vocabulary>,
    views: Vec<View>,
}

/// The driver as policies of one freshness window see it, for as long as no credential turns stale.
struct View {
    freshness_days: Option<u32>,
    holds: RangeInclusive<Timestamp>,
    entity: Entity,
}

impl PreparedDriver {
    pub(super) fn new(
        vocabulary: &Arc<Vocabulary>,
        driver: &str,
        credentials: Arc<[HeldCredential]>,
        windows: impl Iterator<Item = Option<u32>>,
        now: Timestamp,
    ) -> Self {
        let view = |freshness_days| {
            // A driver that Cedar does not take stays unprepared, and each decision reports the fault.
            let entity = vocabulary.driver(driver, &credentials, freshness_days, now).ok()?;
            Some(View { freshness_days, holds: unchanged(&credentials, freshness_days, now), entity })
        };
        let views = windows.filter_map(view).collect();
        Self { driver: driver.to_owned(), credentials, vocabulary: Arc::clone(vocabulary), views }
    }

    pub(super) fn entity(&self, freshness_days: Option<u32>, now: Timestamp) -> Option<Entity> {
        let view = self.views.iter().find(|view| view.freshness_days == freshness_days)?;
        view.holds.contains(&now).then(|| view.entity.clone())
    }
}

/// The time around `now` in which every credential stays as fresh or as stale as it is.
fn unchanged(held: &[HeldCredential], freshness_days: Option<u32>, now: Timestamp) -> RangeInclusive<Timestamp> {
    let ends = || held.iter().filter_map(|each| each.fresh_until(freshness_days));
    let since = ends().filter(|end| *end < now).max().map(|end| end.plus_micros(1));
    let until = ends().filter(|end| *end >= now).min();
    since.unwrap_or(Timestamp::from_micros(i64::MIN))..=until.unwrap_or(Timestamp::from_micros(i64::MAX))
}

impl Vocabulary {
    pub(super) fn new(credential_types: &[String]) -> Result<Self, Fault> {
        Ok(Self {
            driver: DRIVER.parse()?,
            order: ORDER.parse()?,
            action: EntityUid::from_type_name_and_id("Action".parse()?, EntityId::new(ACTION)),
            credential_types: credential_types.to_vec(),
            context: Mutex::new(None),
        })
    }

    pub(super) fn request(&self, question: &Question) -> Result<Request, Fault> {
        let driver = EntityUid::from_type_name_and_id(self.driver.clone(), EntityId::new(&question.driver));
        let order = EntityUid::from_type_name_and_id(self.order.clone(), EntityId::new(&question.order.id));
        // Not checked against the schema again: it is built here, of the schema's own parts.
        Ok(Request::new(driver, self.action.clone(), order, self.context(question.now)?, None)?)
    }

    /// Policies see the time in whole seconds.
    fn context(&self, now: Timestamp) -> Result<Context, Fault> {
        let second = now.micros().div_euclid(SECOND);
        let mut latest = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, context)) = latest.as_ref()
            && *of == second
        {
            return Ok(context.clone());
        }
        let context = Context::from_pairs([("now".to_owned(), datetime(Timestamp::from_micros(second * SECOND)))])?;
        *latest = Some((second, context.clone()));
        Ok(context)
    }

    pub(super) fn driver(
        &self,
        driver: &str,
        held: &[HeldCredential],
        freshness_days: Option<u32>,
        now: Timestamp,
    ) -> Result<Entity, Fault> {
        let credentials = self
            .credential_types
            .iter()
            .filter_map(|name| Some((name, credential(held, name)?)))
            .map(|(name, held)| Ok((name.clone(), record(held, freshness_days, now)?)))
            .collect::<Result<BTreeMap<_, _>, Fault>>()?;
        let credentials = RestrictedExpression::new_record(credentials)?;
        let uid = EntityUid::from_type_name_and_id(self.driver.clone(), EntityId::new(driver));
        Ok(Entity::new(uid, HashMap::from([("credentials".to_owned(), credentials)]), HashSet::new())?)
    }

    pub(super) fn entities(&self, driver: Entity, order: &Order) -> Result<Entities, Fault> {
        let requires = order.requires.iter().map(|each| RestrictedExpression::new_string(each.clone()));
        let attributes = HashMap::from([
            ("requires".to_owned(), RestrictedExpression::new_set(requires)),
            ("segment".to_owned(), RestrictedExpression::new_string(order.segment.clone())),
        ]);
        let uid = EntityUid::from_type_name_and_id(self.order.clone(), EntityId::new(&order.id));
        Ok(Entities::from_entities([driver, Entity::new(uid, attributes, HashSet::new())?], None)?)
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
