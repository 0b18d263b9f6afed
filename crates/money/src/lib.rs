//! Money: from events of usage and invoices to commissions and statements, exact to the cent, every amount with its why.

pub mod attribution;
pub mod commission;
pub mod intake;
pub mod ledger;
pub mod revenue;
pub mod settlement;
#[cfg(test)]
mod stage;
pub mod statements;

/// Adds the operations, queries, rules, pages and tables of money.
pub fn install(registry: &mut kernel::Registry) {
    intake::install(registry);
    attribution::install(registry);
    ledger::install(registry);
    statements::install(registry);
    settlement::install(registry);
    revenue::install(registry);
}
