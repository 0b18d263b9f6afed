//! Cadence: how often people speak with a partner. Each contact is noted; the program says how long a partner of its tier may
//! hear nothing; a clock and a finding say who has heard nothing for too long, so that nobody goes dark.

mod contact;
mod operations;
mod pages;
mod queries;
mod store;
#[cfg(test)]
mod tests;

pub use contact::{Channel, Contacted};
use findings::{Check, Severity};
pub use operations::{LogContact, NoteSilence};
pub(crate) use operations::{follow, forget};
pub use queries::{CadenceOf, GetCadence, ListCadence, ListContacts};
pub use store::Rhythm;

kernel::ids! { ContactId = ContactKind "cnt" }

const SILENT: &str = "SELECT c.id AS subject, c.id AS partner, 'Nobody has spoken with ' || p.name AS title,
           CAST(NULL AS BIGINT) AS amount_minor, CAST(NULL AS TEXT) AS currency
    FROM partner_cadence c JOIN partner p ON p.id = c.id
    WHERE c.organization = $1 AND c.due_at <= $2 AND p.status = 'active'";

pub fn install(registry: &mut kernel::Registry) {
    registry
        .sealed("partner_contact", "id")
        .sealed("partner_cadence", "id")
        .operation::<LogContact>()
        .operation::<NoteSilence>()
        .query::<ListContacts>()
        .query::<ListCadence>()
        .query::<GetCadence>()
        .add(Check {
            key: "partners.silent",
            title: "Partner without contact",
            severity: Severity::Warning,
            help: "The program says how often people speak with a partner of this tier, and nobody has for longer. Call \
                   them, and note the contact on the page of the partner.",
            sql: SILENT,
        });
    pages::install(registry);
}
