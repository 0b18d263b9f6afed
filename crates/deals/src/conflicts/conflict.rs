//! What a case is.

use kernel::Timestamp;
use partners::CustomerId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConflictId;
use crate::registration::DealId;

/// A conflict between partners over one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Conflict {
    pub id: ConflictId,
    /// The number that people quote, such as `C-7K3M-9QXA`.
    pub number: String,
    pub customer: CustomerId,
    pub customer_name: String,
    /// The contested claims, in the order of the program.
    pub deals: Vec<DealId>,
    /// The way of the precedence that tells the first two claims apart, such as `tier`.
    pub issue: String,
    pub why: String,
    pub opened_by: String,
    pub opened_by_name: String,
    pub opened_at: Timestamp,
    /// The run of the procedure, where the program has one.
    pub run: Option<String>,
    pub winner: Option<DealId>,
    /// Whether the decision follows the order of the program.
    pub follows: Option<bool>,
    pub reason: Option<String>,
    pub decided_by_name: Option<String>,
    pub decided_at: Option<Timestamp>,
    /// What was proposed so that it does not happen again.
    pub proposal: Option<String>,
    pub proposed_at: Option<Timestamp>,
}
