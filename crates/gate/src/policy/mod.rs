//! Policies of the gate, written in Cedar by the customer who owns them.
//!
//! A policy *forbids*: an assignment that no policy forbids is allowed. Each policy file has a mode. Enforced policies
//! deny, warning ones let the assignment through with a warning, shadow ones are only recorded, and switched-off ones
//! are checked for mistakes but not asked. So a policy can be watched on real assignments before it bites, and it can
//! be rolled out fleet segment by fleet segment by naming `resource.segment`.
//!
//! ```cedar
//! @id("licence_valid")
//! @reason("The driver's licence must be valid.")
//! @remedy("Ask the driver to renew the licence and the provider to verify it again.")
//! forbid (principal, action == Action::"dispatch.assign", resource)
//! unless {
//!   principal.credentials has licence && principal.credentials.licence.status == "valid" &&
//!   principal.credentials.licence.expires > context.now && principal.credentials.licence.fresh
//! };
//! ```
//!
//! A policy that begins with `when { resource.segment == "…" … }` or `when { resource.requires.contains("…") … }` is
//! looked at only for such orders; others are evaluated one after the other, at about a microsecond each.

mod book;
mod compile;
mod facts;
mod guard;
mod question;
mod source;
mod verdict;

#[cfg(test)]
mod tests;

pub use book::{DispatchRule, PolicyBook};
pub use compile::schema_text;
pub use facts::PreparedDriver;
pub use question::{HeldCredential, Order, Question};
pub use source::{GateTerms, Mode, PolicyDiagnostic, PolicySource};
pub use verdict::{Answer, Dispatch, ENFORCER, Effect, Fired, Parties};
