//! Decisions: what was decided, under which law, why, and whether it comes out the same today.
//!
//! A partner reads the decisions about itself, without the facts and reasons that belong to the vendor or to others.

mod pages;
mod queries;
#[cfg(test)]
mod tests;

pub use queries::{DecisionLine, ExplainDecision, GetDecision, ListDecisions};

pub(crate) fn install(registry: &mut kernel::Registry) {
    registry.query::<ListDecisions>().query::<GetDecision>().query::<ExplainDecision>();
    pages::install(registry);
}
