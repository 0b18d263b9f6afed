//! What a deal is: the words of its life and what a reader on either side may see of it.

use kernel::{Day, FromValue, Money, PartnerId, Rate, Scope, Timestamp, Value};
use partners::CustomerId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::DealId;
use super::approvals::Awaited;
use crate::matching::CustomerIdentity;

/// Where a registration stands. A claim that waits behind another one is `submitted` with a place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Valid, and waiting behind another claim for the same customer.
    Submitted,
    /// The program leaves the decision to a person.
    PendingApproval,
    /// A person has to say whether the customer is one that is known already.
    UnderReview,
    /// Sent back to the partner for more information.
    Returned,
    /// Protected.
    Approved,
    Rejected,
    /// The protection ended without a renewal, or nothing happened for too long.
    Expired,
    ClosedWon,
    ClosedLost,
    Withdrawn,
}

impl State {
    pub const ALL: [Self; 10] = [
        Self::Submitted,
        Self::PendingApproval,
        Self::UnderReview,
        Self::Returned,
        Self::Approved,
        Self::Rejected,
        Self::Expired,
        Self::ClosedWon,
        Self::ClosedLost,
        Self::Withdrawn,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::PendingApproval => "pending_approval",
            Self::UnderReview => "under_review",
            Self::Returned => "returned",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::ClosedWon => "closed_won",
            Self::ClosedLost => "closed_lost",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Neither decided against nor closed: it occupies a slot of its partner.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Submitted | Self::PendingApproval | Self::UnderReview | Self::Returned | Self::Approved)
    }

    /// Open and not yet decided.
    pub const fn is_undecided(self) -> bool {
        self.is_open() && !matches!(self, Self::Approved)
    }
}

impl From<State> for Value {
    fn from(state: State) -> Self {
        Self::from(state.name())
    }
}

/// Words that a column holds and an enumeration reads back.
macro_rules! words {
    ($type:ty: $all:expr) => {
        impl FromValue for $type {
            fn from_value(value: &Value) -> Result<Self, String> {
                let found = $all.into_iter().find(|one| *value == Value::from(one.name()));
                found.ok_or_else(|| format!("{value:?} is no {}", std::any::type_name::<Self>()))
            }
        }
    };
}
words!(State: State::ALL);
words!(Source: Source::ALL);
words!(Role: Role::ALL);

/// Where the deal comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The partner found the customer.
    #[default]
    PartnerSourced,
    /// The vendor passed the customer on.
    VendorReferred,
    /// Both work on it together.
    CoSell,
    /// A public tender.
    Tender,
}

impl Source {
    pub const ALL: [Self; 4] = [Self::PartnerSourced, Self::VendorReferred, Self::CoSell, Self::Tender];

    pub const fn name(self) -> &'static str {
        match self {
            Self::PartnerSourced => "partner_sourced",
            Self::VendorReferred => "vendor_referred",
            Self::CoSell => "co_sell",
            Self::Tender => "tender",
        }
    }
}

/// What the partner does in the deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    #[default]
    Resale,
    /// Runs the product for the customer.
    ManagedService,
    Referral,
    ServicesAttach,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Resale, Self::ManagedService, Self::Referral, Self::ServicesAttach];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Resale => "resale",
            Self::ManagedService => "managed_service",
            Self::Referral => "referral",
            Self::ServicesAttach => "services_attach",
        }
    }
}

/// A registered deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deal {
    pub id: DealId,
    /// The number that people quote, such as `D-7K3M-9QXA`.
    pub number: String,
    pub partner: PartnerId,
    /// The account of the vendor; absent while it is open which one is meant, and for a partner until it is protected.
    pub customer: Option<CustomerId>,
    /// The customer as the partner wrote it.
    pub identity: CustomerIdentity,
    pub title: String,
    pub value: Money,
    pub products: Vec<String>,
    pub expected_close: Option<Day>,
    pub source: Source,
    pub role: Role,
    /// What the partner already has to do with the customer.
    pub relationship: Option<String>,
    pub state: State,
    /// The claim that this one waits for; for the vendor's eyes.
    pub behind: Option<DealId>,
    pub submitted_at: Timestamp,
    /// Since when the registration is complete and valid: what "first" means between two claims.
    pub valid_at: Timestamp,
    pub approved_at: Option<Timestamp>,
    /// The end of the protection; the instant itself is no longer protected.
    pub protected_until: Option<Timestamp>,
    pub renewals: u32,
    pub last_activity_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    /// Why it was rejected, returned, lost or withdrawn.
    pub reason_code: Option<String>,
    pub reason_text: Option<String>,
    /// What makes the claim more qualified.
    #[serde(default, flatten)]
    pub qualification: Qualification,
    /// When the partner introduced the vendor to the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introduced_at: Option<Timestamp>,
    /// Until when it keeps its slot although it has lapsed, because nothing was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forfeit_until: Option<Timestamp>,
    /// The approval that it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Awaited>,
    /// What it earns of the winner's commission as the second registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Rate>,
}

/// What makes a claim more qualified, beside what it needs anyway.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Qualification {
    /// Whom the partner talks to at the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_contact: Option<String>,
    /// What shows that the partner works on it: a meeting, an offer, a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// Against whom the partner sells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub competitor: Option<String>,
    /// For a public tender: its reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tender_reference: Option<String>,
    /// It renews what the partner has sold to the customer before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub renewal: bool,
}

impl Deal {
    /// How many parts of the registration form are given, of those that may be left out.
    pub fn completeness(&self) -> u8 {
        let (customer, more) = (&self.identity, &self.qualification);
        let parts = [
            customer.domain.is_some(),
            customer.country.is_some(),
            customer.vat_number.is_some(),
            customer.registration_number.is_some(),
            !self.products.is_empty(),
            self.expected_close.is_some(),
            self.relationship.is_some(),
            more.customer_contact.is_some(),
            more.proof.is_some(),
            more.competitor.is_some(),
        ];
        parts.into_iter().map(u8::from).sum()
    }

    /// Whether the partner holds the customer at that instant.
    pub fn is_protected(&self, at: Timestamp) -> bool {
        self.state == State::Approved && self.protected_until.is_some_and(|until| at < until)
    }

    /// Whether the protection is over although no clock has said so yet.
    pub fn is_overdue(&self, at: Timestamp) -> bool {
        self.state == State::Approved && !self.is_protected(at)
    }

    pub fn is_queued(&self) -> bool {
        self.state == State::Submitted
    }

    /// What somebody in that scope may see: a partner learns neither whose claim is before its own nor, before it is
    /// protected itself, which account of the vendor's it has met.
    #[must_use]
    pub fn seen_by(mut self, scope: &Scope) -> Self {
        if scope.partner.is_some() {
            self.behind = None;
            if let Some(approval) = &mut self.approval {
                approval.roles.clear();
            }
            if self.approved_at.is_none() {
                self.customer = None;
            }
        }
        self
    }
}

/// The number that people quote: from the random end of the id, so that registrations do not wait for each other.
pub fn number_of(id: DealId) -> String {
    let text = id.to_string().to_uppercase();
    let tail = &text[text.len() - 8..];
    format!("D-{}-{}", &tail[..4], &tail[4..])
}
