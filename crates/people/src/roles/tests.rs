//! Which role may do what, and who may hand out which role.

#![allow(clippy::unwrap_used)]

use kernel::actor::matches;
use kernel::{ActorKind, IdSource, OrganizationId, PersonId, Timestamp};
use proptest::prelude::*;

use super::*;

fn may(name: &str, permission: &str) -> bool {
    Grants::of(role(name).unwrap().grants).allow(permission)
}

/// The heart of the matrix: the permission, and every role that holds it beside the owner, who holds all.
const MATRIX: [(&str, &[&str]); 23] = [
    ("program.apply", &["head_of_partnerships"]),
    ("program.get", &["*"]),
    ("partners.activate", &["head_of_partnerships", "partner_ops"]),
    ("partners.accept_terms", &["head_of_partnerships", "partner_ops", "partner_admin"]),
    ("deals.approve", &["head_of_partnerships", "partner_ops"]),
    ("deals.register", &["head_of_partnerships", "partner_ops", "sales", "partner_admin", "partner_seller"]),
    ("deals.list", &["vendor", "partner_admin", "partner_seller"]),
    ("statements.produce", &["finance"]),
    ("statements.get", &["vendor", "partner_admin", "partner_finance"]),
    ("usage.ingest", &["engineering", "finance"]),
    ("gate.override", &["security", "engineering"]),
    ("sources.create", &["security", "engineering", "partner_admin", "partner_developer"]),
    ("credentials.receive", &["security"]),
    ("findings.run", &["head_of_partnerships", "partner_ops", "security", "finance"]),
    ("log.verify", &["vendor"]),
    ("log.list", &["vendor"]),
    ("people.list", &["*"]),
    ("people.invite", &["head_of_partnerships", "partner_ops", "partner_admin"]),
    ("people.change_role", &["head_of_partnerships", "partner_admin"]),
    ("people.create", &[]),
    ("people.change_password", &["*"]),
    ("tokens.create", &["head_of_partnerships", "security", "engineering", "partner_admin", "partner_developer"]),
    ("tokens.list", &["vendor", "partner_admin", "partner_developer"]),
];

// covers: B10.9
#[test]
fn each_role_may_do_what_it_needs_and_no_more() {
    for (permission, holders) in MATRIX {
        for role in roles().iter().filter(|role| role.side != Side::Public) {
            let vendor = role.side == Side::Vendor;
            let listed = holders.iter().any(|h| *h == "*" || *h == role.name || (*h == "vendor" && vendor));
            assert_eq!(may(role.name, permission), listed || role.name == "owner", "{} {permission}", role.name);
        }
    }
}

#[test]
fn the_auditor_reads_and_writes_nothing_but_the_own_account() {
    for permission in ["deals.approve", "program.apply", "gate.override", "people.invite", "statements.produce"] {
        assert!(!may("auditor", permission), "{permission}");
    }
    for permission in ["deals.list", "decisions.get", "log.verify", "statements.get", "program.version"] {
        assert!(may("auditor", permission), "{permission}");
    }
}

#[test]
fn no_partner_role_writes_the_program_or_decides() {
    for role in roles().iter().filter(|role| role.side == Side::Partner) {
        for permission in [
            "program.apply",
            "deals.approve",
            "deals.reject",
            "deals.reopen",
            "decisions.write",
            "gate.override",
            "usage.ingest",
            "partners.activate",
            "controls.replace",
            "statements.produce",
            "log.list",
        ] {
            assert!(!may(role.name, permission), "{} {permission}", role.name);
        }
        let wide: Vec<_> = role.grants.iter().filter(|g| g.starts_with('*')).collect();
        assert!(wide.is_empty(), "{} reaches across areas: {wide:?}", role.name);
    }
}

#[test]
fn the_public_may_only_come_in() {
    assert_eq!(role("anonymous").unwrap().grants, PUBLIC);
}

fn actor(name: &str, partner: Option<PartnerId>) -> Actor {
    let mut ids = IdSource::seeded(3);
    let now = Timestamp::from_micros(1_700_000_000_000_000);
    let (organization, person): (OrganizationId, PersonId) = (ids.next(now), ids.next(now));
    Actor {
        kind: ActorKind::Person(person),
        name: name.to_owned(),
        organization,
        partner,
        grants: Grants::of(role(name).unwrap().grants),
        scopes: None,
        roles: vec![name.to_owned()],
    }
}

#[test]
fn nobody_hands_out_more_than_they_hold() {
    let (ours, theirs) = (PartnerId::from_bytes([1; 16]), PartnerId::from_bytes([2; 16]));
    for (who, of, wanted, whose, allowed) in [
        ("owner", None, "owner", None, true),
        ("owner", None, "finance", None, true),
        ("owner", None, "partner_admin", Some(ours), true),
        ("owner", None, "partner_admin", None, false),
        ("owner", None, "finance", Some(ours), false),
        ("owner", None, "anonymous", None, false),
        ("head_of_partnerships", None, "owner", None, false),
        ("head_of_partnerships", None, "head_of_partnerships", None, true),
        ("head_of_partnerships", None, "partner_ops", None, true),
        ("head_of_partnerships", None, "sales", None, true),
        ("head_of_partnerships", None, "auditor", None, true),
        ("head_of_partnerships", None, "finance", None, false),
        ("head_of_partnerships", None, "security", None, false),
        ("partner_ops", None, "partner_ops", None, false),
        ("partner_ops", None, "partner_seller", Some(ours), true),
        ("partner_admin", Some(ours), "partner_admin", Some(ours), true),
        ("partner_admin", Some(ours), "partner_seller", Some(ours), true),
        ("partner_admin", Some(ours), "partner_seller", Some(theirs), false),
        ("partner_admin", Some(ours), "partner_ops", None, false),
        ("partner_seller", Some(ours), "partner_seller", Some(ours), false),
    ] {
        let refusal = refusal_to_grant(&actor(who, of), role(wanted).unwrap(), whose);
        assert_eq!(refusal.is_none(), allowed, "{who} {wanted} {whose:?}: {refusal:?}");
    }
}

fn word() -> impl Strategy<Value = String> {
    "[a-c.]{0,4}"
}

fn pattern() -> impl Strategy<Value = String> {
    prop_oneof![word(), (word(), word()).prop_map(|(head, tail)| format!("{head}*{tail}"))]
}

proptest! {
    #[test]
    fn what_is_covered_is_held(held in prop::collection::vec(pattern(), 0..4), wanted in pattern(), middle in word()) {
        let grants = Grants(held);
        let permission = wanted.replace('*', &middle);
        if covers(&grants, &wanted) && matches(&wanted, &permission) {
            prop_assert!(grants.allow(&permission), "{grants:?} {wanted} {permission}");
        }
    }
}

#[test]
fn patterns_are_written_as_permissions_are() {
    for (text, fits) in [
        ("deals.list", true),
        ("deals.*", true),
        ("*.list", true),
        ("*", true),
        ("", false),
        ("deals", false),
        ("Deals.*", false),
        ("*.*", false),
        ("deals list.", false),
        ("deals.*; drop", false),
    ] {
        assert_eq!(is_pattern(text), fits, "{text}");
    }
}
