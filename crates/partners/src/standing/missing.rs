//! The rule of the door: an archetype, accepted terms, a tier and an active partnership, and nothing held against it.

use kernel::Reason;

use crate::profile::{Note, Partner, Status};

/// Everything that a partner lacks, each with what to do about it; nothing means that the doors are open.
pub fn missing(partner: &Partner) -> Vec<Reason> {
    if let Some(closed) = closed(partner) {
        return vec![closed];
    }
    let mut missing = Vec::new();
    if partner.archetype.is_none() {
        let text = format!("{} has no archetype.", partner.name);
        missing.push(Reason::new("no_archetype", text).remedy("An archetype comes with the accepted application."));
    }
    if partner.terms.is_none() {
        let text = format!("{} has not accepted the partner terms.", partner.name);
        missing.push(Reason::new("no_terms", text).remedy("Read and accept the terms at /terms."));
    }
    if partner.tier.is_none() {
        let text = format!("{} has no tier.", partner.name);
        missing.push(
            Reason::new("no_tier", text).remedy("The entry tier comes with the end of the onboarding: /onboarding."),
        );
    }
    if partner.status != Status::Active {
        let text = format!("The onboarding of {} is not complete.", partner.name);
        missing.push(Reason::new("not_active", text).remedy("Go on with the onboarding at /onboarding."));
    }
    missing.into_iter().map(|reason| reason.citing(CITES).resting_on(partner.id)).collect()
}

/// Where the program says what an enrolled partner has.
const CITES: &str = "archetypes.toml: onboarding";

/// A partner that is not to come in at all, whatever it has.
fn closed(partner: &Partner) -> Option<Reason> {
    let name = &partner.name;
    let why = |note: &Option<Note>| note.as_ref().map(|note| format!(": {}", note.text)).unwrap_or_default();
    let reason = match partner.status {
        Status::Applied => Reason::new("not_accepted", format!("The application of {name} has not been answered yet."))
            .remedy("Wait for the answer to the application."),
        Status::Suspended => {
            let contact = partner.note.as_ref().and_then(|note| note.contact.as_deref());
            Reason::new("suspended", format!("{name} is suspended{}", why(&partner.note)))
                .remedy(format!("Ask {} about it.", contact.unwrap_or("your partner manager")))
        }
        Status::Ended => Reason::new("ended", format!("The partnership with {name} has ended{}", why(&partner.note)))
            .remedy("Apply again at /apply."),
        Status::Rejected => {
            Reason::new("rejected", format!("The application of {name} was turned down{}", why(&partner.note)))
                .remedy("Apply again at /apply when this has changed.")
        }
        Status::Onboarding | Status::Active => return None,
    };
    Some(reason.resting_on(partner.id))
}
