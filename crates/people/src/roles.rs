//! The roles that people hold, each with the rights it needs and no more, and who may hand out which.
//!
//! A permission is the name of an operation or query; a pattern stands for several (`deals.*`, `*.list`). The roles are
//! fixed, so that a program file and a rule can name them; the program decides what needs which role.

use std::sync::LazyLock;

use kernel::{Actor, Grants, PartnerId, Role, Side};

/// What everyone who is signed in may do: with the own account, the start page and the search.
const OWN: &[&str] = &[
    "home.*",
    "search.*",
    "people.me",
    "people.update_profile",
    "people.sign_out",
    "people.change_password",
    "people.set_up_second_factor",
    "people.confirm_second_factor",
];

/// What a session may do until the second factor that the program asks for is set up.
pub(crate) const ENROLLING: &[&str] =
    &["people.me", "people.sign_out", "people.set_up_second_factor", "people.confirm_second_factor"];

/// Reading, everywhere.
const READS: &[&str] = &[
    "*.list",
    "*.summary",
    "statements.total",
    "statements.proof",
    "statements.settlements",
    "statements.earnings",
    "ledger.balances",
    "ledger.entries",
    "ledger.transfers",
    "ledger.transfer",
    "ledger.export",
    "ledger.verify",
    "*.get",
    "*.explain",
    "program.versions",
    "program.version",
    "program.draft",
    "people.list_invitations",
    "partners.offer",
    "partners.terms",
    "onboarding.pipeline",
    "tiers.preview",
    "tiers.as_of",
    "tiers.list_runs",
    "tiers.get_run",
    "tiers.list_moves",
    "tiers.get_move",
    "tiers.standing",
    "procedures.get_evidence",
    "findings.checks",
    "events.feed",
    "revenue.*",
    "log.checkpoint",
    "log.verify",
];

const HEAD: &[&str] = &[
    "program.*",
    "partners.*",
    "onboarding.*",
    "customers.*",
    "tiers.*",
    "segments.*",
    "deals.*",
    "gate.check",
    "procedures.*",
    "controls.*",
    "scorecard.*",
    "scoring.*",
    "facts.*",
    "imports.*",
    "findings.*",
    "documents.*",
    "people.invite",
    "people.revoke_invitation",
    "people.change_role",
    "people.deactivate",
    "people.reactivate",
    "people.reset_password",
    "people.reset_second_factor",
    "reviews.*",
    "roadmap.*",
    "tokens.*",
];

const PARTNER_OPS: &[&str] = &[
    "program.lint",
    "program.plan",
    "program.edit",
    "program.discard",
    "partners.*",
    "onboarding.*",
    "customers.*",
    "deals.*",
    "gate.check",
    "procedures.*",
    "scoring.refresh",
    "facts.*",
    "imports.*",
    "findings.*",
    "documents.*",
    "reviews.*",
    "roadmap.*",
    "people.invite",
    "people.revoke_invitation",
];

const SECURITY: &[&str] = &["gate.*", "credentials.*", "drivers.*", "sources.*", "findings.*", "log.*", "tokens.*"];

const ENGINEERING: &[&str] =
    &["roadmap.*", "gate.*", "credentials.list", "drivers.*", "sources.*", "usage.*", "tokens.*"];

const FINANCE: &[&str] = &[
    // Where the program names finance among those who approve tier runs.
    "tiers.approve_run",
    "tiers.decide_appeal",
    "program.lint",
    "program.plan",
    "program.edit",
    "program.discard",
    "usage.*",
    "invoices.*",
    "intake.*",
    "statements.*",
    "ledger.*",
    "commissions.*",
    "revenue.*",
    "documents.*",
    "findings.*",
];

const SALES: &[&str] =
    &["customers.*", "deals.register", "deals.record_activity", "deals.win", "deals.lose", "gate.check"];

/// What every partner role may read: its own company, through the scope.
const PARTNER_READS: &[&str] = &[
    "tiers.standing",
    "tiers.get_move",
    "partners.get",
    "partners.terms",
    "program.get",
    "scorecard.get",
    "facts.list",
    "facts.get",
    "controls.list",
    "decisions.list",
    "decisions.get",
    "decisions.explain",
    "events.list",
    "events.feed",
    "documents.list",
    "documents.get",
    "procedures.list",
    "procedures.get",
    "clocks.list",
    "calendar.get",
    "reviews.list",
    "reviews.get",
    "roadmap.list",
    "roadmap.get",
    "people.list",
    "people.get",
];

/// A partner names what it may do one by one: a vendor's act that joins an area later is not open to it by accident.
const PARTNER_ADMIN: &[&str] = &[
    "tiers.appeal",
    "partners.accept_terms",
    "partners.appeal_exit",
    "reviews.contribute",
    "reviews.finish_action",
    "roadmap.ask",
    "roadmap.support",
    "partners.update_profile",
    "facts.record",
    "facts.record_many",
    "facts.withdraw",
    "exits.list",
    "exits.get",
    "procedures.give_evidence",
    "procedures.complete_stage",
    "procedures.get_evidence",
    "customers.list",
    "customers.get",
    "deals.list",
    "deals.get",
    "deals.summary",
    "deals.register",
    "deals.resubmit",
    "deals.renew",
    "deals.record_activity",
    "deals.introduce",
    "deals.lose",
    "deals.withdraw",
    "usage.list",
    "usage.get",
    "invoices.list",
    "invoices.get",
    "statements.list",
    "statements.get",
    "statements.total",
    "statements.proof",
    "statements.settlements",
    "statements.earnings",
    "ledger.balances",
    "ledger.entries",
    "ledger.transfers",
    "ledger.transfer",
    "ledger.export",
    "commissions.list",
    "commissions.get",
    "revenue.get",
    "revenue.list",
    "sources.list",
    "sources.create",
    "sources.rotate",
    "sources.disable",
    "drivers.list",
    "drivers.get",
    "people.invite",
    "people.list_invitations",
    "people.revoke_invitation",
    "people.change_role",
    "people.deactivate",
    "people.reactivate",
    "people.reset_password",
    "people.reset_second_factor",
    "tokens.*",
];

const PARTNER_DEVELOPER: &[&str] = &[
    "sources.list",
    "sources.create",
    "sources.rotate",
    "drivers.list",
    "drivers.get",
    "usage.list",
    "usage.get",
    "facts.record",
    "procedures.give_evidence",
    "procedures.complete_stage",
    "procedures.get_evidence",
    "tokens.*",
];

const PARTNER_SELLER: &[&str] = &[
    "customers.list",
    "customers.get",
    "deals.list",
    "deals.get",
    "deals.summary",
    "deals.register",
    "deals.introduce",
    "deals.resubmit",
    "deals.renew",
    "deals.record_activity",
    "deals.lose",
    "deals.withdraw",
    "commissions.list",
    "commissions.get",
];

const PARTNER_FINANCE: &[&str] = &[
    "usage.list",
    "usage.get",
    "invoices.list",
    "invoices.get",
    "statements.list",
    "statements.get",
    "statements.total",
    "statements.proof",
    "statements.settlements",
    "statements.earnings",
    "ledger.balances",
    "ledger.entries",
    "ledger.transfers",
    "ledger.transfer",
    "ledger.export",
    "commissions.list",
    "commissions.get",
    "revenue.get",
    "revenue.list",
];

/// What nobody in particular may do.
const PUBLIC: &[&str] = &[
    "people.sign_in",
    "people.finish_sign_in",
    "people.accept_invitation",
    "people.choose_password",
    "partners.apply",
    "partners.offer",
];

static ROLES: LazyLock<Vec<Role>> = LazyLock::new(|| {
    let vendor = |name, title, grants| role_of(name, title, Side::Vendor, &[OWN, READS, grants]);
    let partner = |name, title, grants| role_of(name, title, Side::Partner, &[OWN, PARTNER_READS, grants]);
    vec![
        role_of("owner", "Owner", Side::Vendor, &[&["*"]]),
        vendor("head_of_partnerships", "Head of Partnerships", HEAD),
        vendor("partner_ops", "Partner Ops", PARTNER_OPS),
        vendor("security", "Security & Compliance", SECURITY),
        vendor("engineering", "Product & Engineering", ENGINEERING),
        vendor("finance", "Finance", FINANCE),
        vendor("sales", "Sales & Customer Success", SALES),
        vendor("auditor", "Auditor", &[]),
        partner("partner_admin", "Partner Administrator", PARTNER_ADMIN),
        partner("partner_developer", "Partner Developer", PARTNER_DEVELOPER),
        partner("partner_seller", "Partner Seller", PARTNER_SELLER),
        partner("partner_finance", "Partner Finance", PARTNER_FINANCE),
        role_of("anonymous", "Nobody in particular", Side::Public, &[PUBLIC]),
    ]
});

fn role_of(name: &'static str, title: &'static str, side: Side, parts: &[&[&'static str]]) -> Role {
    // The few lists live as long as the program: they are put together once.
    Role { name, title, side, grants: parts.concat().leak() }
}

/// Every role.
pub fn roles() -> &'static [Role] {
    &ROLES
}

pub fn role(name: &str) -> Option<&'static Role> {
    ROLES.iter().find(|role| role.name == name)
}

/// Whether somebody with these grants holds everything that the pattern stands for.
pub(crate) fn covers(grants: &Grants, pattern: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else {
        return grants.allow(pattern);
    };
    grants
        .0
        .iter()
        .any(|held| held.split_once('*').is_some_and(|(start, end)| head.starts_with(start) && tail.ends_with(end)))
}

/// Whether the actor itself may do all that the pattern stands for, a token's scopes included.
pub(crate) fn holds(actor: &Actor, pattern: &str) -> bool {
    covers(&actor.grants, pattern) && actor.scopes.as_ref().is_none_or(|scopes| covers(scopes, pattern))
}

/// Why the actor may not hand out that role to somebody of that partner (or of the vendor), if it may not.
///
/// Nobody hands out rights that they do not hold. Vendor roles come from the owner or the head of partnerships, and
/// without the rights of the owner; a partner's roles from its own administrator or from the vendor.
pub fn refusal_to_grant(actor: &Actor, role: &Role, partner: Option<PartnerId>) -> Option<String> {
    let side = if partner.is_some() { Side::Partner } else { Side::Vendor };
    if role.side != side {
        let whose = if partner.is_some() {
            "a partner's people hold partner roles"
        } else {
            "the vendor's people hold vendor roles"
        };
        return Some(format!("`{}` does not fit: {whose} ({})", role.name, names_of(side)));
    }
    if actor.is_system() {
        return None;
    }
    if actor.partner.is_some() {
        let own = actor.partner == partner && actor.has_role("partner_admin");
        return (!own).then(|| "only the partner's own administrator hands out its roles".to_owned());
    }
    if side == Side::Partner {
        return None;
    }
    if !actor.has_role("owner") && !actor.has_role("head_of_partnerships") {
        return Some("only the owner or the head of partnerships hands out vendor roles".to_owned());
    }
    let beyond = role.grants.iter().find(|pattern| !holds(actor, pattern));
    beyond.map(|pattern| format!("`{}` may do more than you ({pattern}); ask the owner", role.name))
}

fn names_of(side: Side) -> String {
    roles().iter().filter(|role| role.side == side).map(|role| role.name).collect::<Vec<_>>().join(", ")
}

/// Whether a pattern is written as the permissions are: `deals.list`, `deals.*`, `*.list` or `*`.
pub(crate) fn is_pattern(text: &str) -> bool {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | '*');
    !text.is_empty()
        && text.len() <= 80
        && text.chars().all(letters)
        && text.matches('*').count() <= 1
        && (text == "*" || text.contains('.'))
}

#[cfg(test)]
mod tests;
