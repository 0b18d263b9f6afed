//! What rating gives: lines with their rule in words, and how revenue is shared in the end.

use kernel::{Money, Timestamp};
use law::{Party, RevenueKind};
use partners::CustomerId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bands::BandPart;
use crate::intake::{InvoiceEventId, Quantity};

/// How a line was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Rate,
    Bands,
    Fixed,
    Each,
    Bonus,
}

impl Method {
    pub const ALL: [Self; 5] = [Self::Rate, Self::Bands, Self::Fixed, Self::Each, Self::Bonus];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Bands => "bands",
            Self::Fixed => "fixed",
            Self::Each => "each",
            Self::Bonus => "bonus",
        }
    }
}

/// What one component makes of one event, or of what a customer used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommissionLine {
    /// The name of the component, as the plan has it.
    pub component: String,
    pub method: Method,
    /// The revenue event; absent for usage.
    pub event: Option<InvoiceEventId>,
    /// The invoice that is taken back.
    pub reverses: Option<InvoiceEventId>,
    /// What people quote: the id of the event at its source, or what was used.
    pub reference: String,
    pub customer: CustomerId,
    pub deal: Option<deals::DealId>,
    pub revenue: RevenueKind,
    /// The revenue that it rests on, negative when taken back; nothing for usage.
    pub base: Money,
    /// What was used and is settled now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// For monthly fees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<String>,
    pub occurred_at: Timestamp,
    /// What the partner gets; negative is what it owes.
    pub amount: Money,
    /// The computation in words.
    pub rule: String,
    /// Revenue times rate, step by step.
    pub parts: Vec<BandPart>,
    /// The place in the program file.
    pub cites: String,
}

/// How the revenue of an event is shared in the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shares {
    pub event: InvoiceEventId,
    pub revenue: Money,
    /// Whom the customer pays.
    pub collected_by: Party,
    pub partner: Money,
    pub vendor: Money,
}

/// The result of rating.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rated {
    pub lines: Vec<CommissionLine>,
    pub shares: Vec<Shares>,
    pub total: Money,
}
