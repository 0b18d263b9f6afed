//! What the gate's decision costs over bare Cedar in one process: 1,000 policies, 100,000 drivers.
//!
//! `cargo bench -p gate --bench decide -- [POLICIES] [DRIVERS] [ROUNDS]`
//!
//! The baseline asks Cedar's authorizer about the same request with the same texts in one policy set and the driver's
//! entity kept ready; it returns Cedar's answer and nothing else. Ours returns the verdict with its reasons and parties.
//! Two kinds of policies: *plain* ones, which Cedar must look at one after the other, and those of one fleet *segment*
//! each, which the book finds by their guard.

// A benchmark measures time, prints, and is told by the command line how much.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used)]

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression,
};
use gate::credentials::CredentialStatus;
use gate::policy::{Answer, GateTerms, HeldCredential, Mode, Order, PolicyBook, PolicySource};
use kernel::Timestamp;

const QUESTIONS: usize = 2_000;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Plain,
    Segment,
}

fn policy(number: usize, kind: Kind) -> String {
    let when = match kind {
        Kind::Plain => "principal.credentials has licence".to_owned(),
        Kind::Segment => format!("resource.segment == \"segment-{number}\" && principal.credentials has licence"),
    };
    format!(
        "@id(\"customer-{number}\")\n@reason(\"Customer {number} wants a licence that lasts.\")\n\
         forbid (principal is Driver, action == Action::\"dispatch.assign\", resource is Order)\n\
         when {{ {when} }}\nunless {{ principal.credentials.licence.expires > context.now.offset(duration(\"{}d\")) }};\n",
        1 + number % 40,
    )
}

fn terms(policies: usize, kind: Kind) -> GateTerms {
    let source = |number: usize| PolicySource {
        key: format!("customer-{number}"),
        title: format!("Customer {number}"),
        file: String::new(),
        text: policy(number, kind),
        mode: Mode::Enforce,
        owner: "Customer".to_owned(),
        attests: "Register".to_owned(),
        freshness_days: None,
    };
    GateTerms { credential_types: vec!["licence".to_owned()], policies: (0..policies).map(source).collect() }
}

/// Every twentieth driver's licence ends too soon for some policies.
fn licence(driver: usize, now: Timestamp) -> Arc<[HeldCredential]> {
    let days = if driver.is_multiple_of(20) { 20 } else { 400 };
    Arc::new([HeldCredential {
        credential_type: "licence".to_owned(),
        status: CredentialStatus::Valid,
        jurisdiction: "DE".to_owned(),
        expires_at: Some(now.plus_days(days)),
        verified_at: now,
        source: "register".to_owned(),
        fact: format!("crd_{driver}"),
    }])
}

/// Cedar as its documentation shows it.
struct Bare {
    set: PolicySet,
    authorizer: Authorizer,
    action: EntityUid,
    driver: EntityTypeName,
    order: EntityTypeName,
    context: Context,
}

impl Bare {
    fn new(terms: &GateTerms, now: Timestamp) -> Self {
        let texts: String = terms.policies.iter().map(|source| source.text.as_str()).collect();
        // Whatever no policy forbids is allowed, which Cedar wants to be told.
        let set: PolicySet = format!("{texts}\npermit (principal, action, resource);").parse().unwrap();
        let now = RestrictedExpression::new_datetime(now.to_string());
        Self {
            set,
            authorizer: Authorizer::new(),
            action: EntityUid::from_type_name_and_id("Action".parse().unwrap(), EntityId::new("dispatch.assign")),
            driver: "Driver".parse().unwrap(),
            order: "Order".parse().unwrap(),
            context: Context::from_pairs([("now".to_owned(), now)]).unwrap(),
        }
    }

    fn entity(&self, driver: &str, held: &HeldCredential) -> Entity {
        let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
        let time = |at: Timestamp| RestrictedExpression::new_datetime(at.to_string());
        let licence = RestrictedExpression::new_record([
            ("status".to_owned(), text("valid")),
            ("expires".to_owned(), time(held.expires_at.unwrap())),
            ("verified".to_owned(), time(held.verified_at)),
            ("jurisdiction".to_owned(), text(&held.jurisdiction)),
            ("fresh".to_owned(), RestrictedExpression::new_bool(true)),
        ]);
        let credentials = RestrictedExpression::new_record([("licence".to_owned(), licence.unwrap())]).unwrap();
        let uid = EntityUid::from_type_name_and_id(self.driver.clone(), EntityId::new(driver));
        Entity::new(uid, HashMap::from([("credentials".to_owned(), credentials)]), HashSet::new()).unwrap()
    }

    fn ask(&self, driver: &Entity, order: &Order) -> Decision {
        let attributes = HashMap::from([
            ("requires".to_owned(), RestrictedExpression::new_set([])),
            ("segment".to_owned(), RestrictedExpression::new_string(order.segment.clone())),
        ]);
        let uid = EntityUid::from_type_name_and_id(self.order.clone(), EntityId::new(&order.id));
        let order = Entity::new(uid.clone(), attributes, HashSet::new()).unwrap();
        let request = Request::new(driver.uid(), self.action.clone(), uid, self.context.clone(), None).unwrap();
        let entities = Entities::from_entities([driver.clone(), order], None).unwrap();
        self.authorizer.is_authorized(&request, &self.set, &entities).decision()
    }
}

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let number = |place: usize, usual: usize| numbers.get(place).copied().unwrap_or(usual);
    let (policies, drivers, rounds) = (number(0, 1_000), number(1, 100_000), number(2, 5));
    for kind in [Kind::Plain, Kind::Segment] {
        let name = if kind == Kind::Plain { "plain" } else { "segment" };
        for count in [policies / 20, policies / 10, policies] {
            measure(name, &terms(count.max(1), kind), drivers, rounds);
        }
    }
}

fn measure(name: &str, terms: &GateTerms, drivers: usize, rounds: usize) {
    let now: Timestamp = "2026-03-15T12:00:00Z".parse().unwrap();
    let book = PolicyBook::compile(terms).unwrap_or_else(|faults| panic!("{}", faults[0].message));
    let bare = Bare::new(terms, now);
    let held: Vec<_> = (0..drivers).map(|driver| licence(driver, now)).collect();
    let ids: Vec<String> = (0..drivers).map(|driver| format!("drv_{driver:06}")).collect();
    let prepared: Vec<_> = ids.iter().zip(&held).map(|(id, held)| book.prepare(id, Arc::clone(held), now)).collect();
    let entities: Vec<_> = ids.iter().zip(&held).map(|(id, held)| bare.entity(id, &held[0])).collect();
    let questions: Vec<(usize, Order)> = (0..QUESTIONS)
        .map(|question| {
            let order = Order {
                id: format!("ord_{question}"),
                requires: BTreeSet::new(),
                segment: format!("segment-{}", question * 31 % terms.policies.len()),
            };
            (question * 7_919 % drivers, order)
        })
        .collect();
    let mut ratios = Vec::with_capacity(rounds);
    let (mut ours, mut theirs) = (0.0, 0.0);
    for _ in 0..rounds {
        let began = Instant::now();
        for (driver, order) in &questions {
            black_box(book.decide_prepared(&prepared[*driver], order.clone(), now));
        }
        ours = began.elapsed().as_secs_f64();
        let began = Instant::now();
        for (driver, order) in &questions {
            black_box(bare.ask(&entities[*driver], order));
        }
        theirs = began.elapsed().as_secs_f64();
        ratios.push(ours / theirs);
    }
    for (driver, order) in &questions {
        let answer = book.decide_prepared(&prepared[*driver], order.clone(), now).1.outcome.answer;
        let same = (answer == Answer::Deny) == (bare.ask(&entities[*driver], order) == Decision::Deny);
        assert!(same, "Cedar answers otherwise about {} and {}", ids[*driver], order.id);
    }
    ratios.sort_by(f64::total_cmp);
    let micros = |seconds: f64| seconds * 1e6 / QUESTIONS as f64;
    println!(
        "{name:8} {:5} policies: ours {:8.1} µs, Cedar {:8.1} µs, ours : Cedar {:.2} ({:.2} to {:.2})",
        terms.policies.len(),
        micros(ours),
        micros(theirs),
        ratios[rounds / 2],
        ratios[0],
        ratios[rounds - 1],
    );
}
