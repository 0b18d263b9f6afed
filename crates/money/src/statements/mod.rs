//! Statements: once a month, what each partner earned or owes, line by line, with a document and a decision behind it.
//!
//! A statement settles every attributed revenue event up to the end of its month that no statement settled before, so late
//! events and refunds come with the next one. It is made in one transaction or not at all, an event settles once for ever,
//! and the decision `money.statement` holds all inputs: whoever doubts an amount computes it again.

mod gather;
mod history;
mod impact;
mod month;
mod operations;
mod pages;
mod paper;
mod proof;
mod queries;
mod rule;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod verify;

use kernel::Registry;
pub use month::Month;
pub use operations::{ListDue, Made, ProduceOne, ProduceStatements, Produced, produce_month};
pub use proof::{GetStatementProof, StatementProof};
pub use queries::{
    GetLine, GetStatement, LineDetail, ListLines, ListStatements, StatementDetail, StatementListed, StatementTotals,
    TotalStatements,
};
pub use rule::{StatementFacts, StatementOutcome, StatementRule, StatementTerms};
pub use store::{Line, State, Statement};
pub use verify::{Verified, verify};

kernel::ids! { StatementId = StatementKind "stm", LineId = LineKind "line" }

/// How often it is looked whether statements are due.
const EVERY_SECONDS: i64 = 3600;

pub fn install(registry: &mut Registry) {
    registry
        .migration("money/003", include_str!("../../migrations/003_statements.sql"))
        .migration("money/004", include_str!("../../migrations/004_orders.sql"))
        .sealed("statement", "id")
        .sealed("statement_line", "statement")
        .sealed("settled_event", "statement")
        .rule::<StatementRule>()
        .operation::<ProduceStatements>()
        .operation::<ProduceOne>()
        .query::<ListDue>()
        .query::<ListStatements>()
        .query::<TotalStatements>()
        .query::<GetStatement>()
        .query::<GetStatementProof>()
        .query::<ListLines>()
        .query::<GetLine>()
        .schedule(EVERY_SECONDS, "statements.produce", serde_json::json!({}))
        .add(impact::LAST_MONTH);
    pages::install(registry);
}
