//! `deals.toml`: how long a registration protects, what it needs, who approves it, and when two customers are the same.

use kernel::{Money, Rate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Approval, Calendar};

/// Deal registration and customer matching (`deals.toml`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deals {
    /// The terms of a registration.
    #[serde(default)]
    pub registration: Registration,
    /// Other terms for some claims, the most special first; the first one that fits a claim decides.
    #[serde(default, rename = "window", skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("requirement" = "B1.5"))]
    pub windows: Vec<Window>,
    /// Who approves what the rules leave to people, smallest amount first; every step at or below the value is taken.
    #[serde(default, rename = "approval", skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("requirement" = "P19"))]
    pub approvals: Vec<Approval>,
    /// Which days count as business days.
    #[serde(default, skip_serializing_if = "Calendar::is_empty")]
    pub calendar: Calendar,
    /// When two customers count as the same.
    #[serde(default)]
    pub matching: Matching,
}

impl Deals {
    /// The approvals that a claim of that value needs, in their order.
    pub fn approvals_for(&self, value: Money) -> Vec<Approval> {
        self.approvals.iter().filter(|step| value.minor > step.above.minor).cloned().collect()
    }
}

/// The terms of a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Registration {
    /// How long an approved claim protects its partner.
    #[schemars(
        range(min = 1, max = 3650),
        extend("unit" = "days", "requirement" = "B1.5")
    )]
    pub protection_days: u32,
    /// How much longer a renewal protects, counted from the old end.
    #[schemars(
        range(min = 1, max = 3650),
        extend("unit" = "days", "requirement" = "B1.5")
    )]
    pub renewal_days: u32,
    /// How often a claim can be renewed.
    #[schemars(range(max = 100), extend("unit" = "times", "requirement" = "B1.5"))]
    pub renewals_max: u32,
    /// How long before the end a renewal can be asked for.
    #[schemars(range(max = 3650), extend("unit" = "days", "requirement" = "B1.5"))]
    pub renewals_open_days: u32,
    /// Whether a renewal needs proof of activity.
    #[schemars(extend("requirement" = "B1.5"))]
    pub proof_required: bool,
    /// A claim without any activity for so long expires early; absent means that it never does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        range(min = 1, max = 3650),
        extend("unit" = "days", "requirement" = "B1.5")
    )]
    pub inactivity_days: Option<u32>,
    /// How long before the end the partner is warned, each once.
    #[schemars(
        inner(range(max = 3650)),
        extend("unit" = "days", "requirement" = "B1.5")
    )]
    pub warn_days: Vec<u32>,
    /// Whether valid claims without conflict are approved at once or wait for a person.
    pub decision: DecisionMode,
    /// The smallest deal that can be registered; absent means any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_value: Option<Money>,
    /// A deal worth more than this waits for a person even if decisions are automatic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_above: Option<Money>,
    /// The only role that can re-open a claim that has expired.
    #[schemars(extend("refers" = "role", "requirement" = "B1.5"))]
    pub reopen_role: String,
    /// How long the partner has to introduce the vendor to the customer, or the claim is void; absent means that it need
    /// not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        range(min = 1, max = 260),
        extend("unit" = "business days", "requirement" = "B1.5")
    )]
    pub introduce_within_days: Option<u32>,
    /// How long the partner has to answer when a claim is returned for information, or it is withdrawn; absent means that
    /// it may take its time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        range(min = 1, max = 260),
        extend("unit" = "business days", "requirement" = "B1.5")
    )]
    pub answer_within_days: Option<u32>,
    /// How long a claim that lapsed because its partner did nothing keeps its deal slot; absent means not at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        range(min = 1, max = 3650),
        extend("unit" = "days", "requirement" = "B1.5")
    )]
    pub forfeit_days: Option<u32>,
    /// What the second valid registration earns when the first is won, as a share of the winner's commission; absent means
    /// nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "share", "unit" = "0% to 100%", "requirement" = "P5"))]
    pub second_registrant: Option<Rate>,
    /// What becomes of a claim on a customer with which the vendor already has an open opportunity; absent means that it
    /// is decided like any other.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("requirement" = "P19"))]
    pub existing_opportunity: Option<OnOpportunity>,
}

/// What becomes of a claim on a customer that the vendor is selling to itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnOpportunity {
    /// It is rejected: the vendor was first.
    Reject,
    /// A person decides about it.
    Review,
    /// It is protected, and both sell together.
    CoSell,
}

/// Other terms for the claims of an archetype, a tier, a segment or a product. What it leaves out stays as registered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Window {
    /// Only claims of partners of this archetype.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("refers" = "archetype"))]
    pub archetype: Option<String>,
    /// Only claims of partners in this tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("refers" = "tier"))]
    pub tier: Option<String>,
    /// Only deals of this segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("refers" = "segment"))]
    pub segment: Option<String>,
    /// Only deals about this product, as registrations name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// How long an approved claim protects its partner.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        range(min = 1, max = 3650),
        extend("unit" = "days", "requirement" = "B1.5")
    )]
    pub protection_days: Option<u32>,
    /// How much longer a renewal protects.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        range(min = 1, max = 3650),
        extend("unit" = "days", "requirement" = "B1.5")
    )]
    pub renewal_days: Option<u32>,
    /// How often a claim can be renewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 100), extend("unit" = "times", "requirement" = "B1.5"))]
    pub renewals_max: Option<u32>,
    /// A claim without any activity for so long expires early.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        range(min = 1, max = 3650),
        extend("unit" = "days", "requirement" = "B1.5")
    )]
    pub inactivity_days: Option<u32>,
}

/// What a window asks of a claim.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClaimClass<'a> {
    pub archetype: Option<&'a str>,
    pub tier: Option<&'a str>,
    pub segment: Option<&'a str>,
    pub products: &'a [String],
}

impl Window {
    fn fits(&self, class: &ClaimClass<'_>) -> bool {
        let is = |wanted: &Option<String>, found: Option<&str>| wanted.is_none() || wanted.as_deref() == found;
        let sells =
            |wanted: &str| class.products.iter().any(|product| product.trim().eq_ignore_ascii_case(wanted.trim()));
        is(&self.archetype, class.archetype)
            && is(&self.tier, class.tier)
            && is(&self.segment, class.segment)
            && self.product.as_deref().is_none_or(sells)
    }

    /// Nothing is asked of a claim, so that it fits every one.
    pub fn is_for_all(&self) -> bool {
        self.archetype.is_none() && self.tier.is_none() && self.segment.is_none() && self.product.is_none()
    }
}

impl Registration {
    /// The terms of a claim: those of the first window that fits it, laid over these. With them comes the place of the
    /// window in the file (counted from 0) for citing.
    pub fn within(&self, windows: &[Window], class: &ClaimClass<'_>) -> (Self, Option<usize>) {
        let mut terms = self.clone();
        let Some((place, window)) = windows.iter().enumerate().find(|(_, window)| window.fits(class)) else {
            return (terms, None);
        };
        terms.protection_days = window.protection_days.unwrap_or(terms.protection_days);
        terms.renewal_days = window.renewal_days.unwrap_or(terms.renewal_days);
        terms.renewals_max = window.renewals_max.unwrap_or(terms.renewals_max);
        terms.inactivity_days = window.inactivity_days.or(terms.inactivity_days);
        (terms, Some(place))
    }
}

impl Default for Registration {
    fn default() -> Self {
        Self {
            protection_days: 90,
            renewal_days: 90,
            renewals_max: 1,
            renewals_open_days: 30,
            proof_required: true,
            inactivity_days: None,
            warn_days: vec![14, 7, 1],
            decision: DecisionMode::Automatic,
            minimum_value: None,
            review_above: None,
            reopen_role: "head_of_partnerships".to_owned(),
            introduce_within_days: None,
            answer_within_days: None,
            forfeit_days: None,
            second_registrant: None,
            existing_opportunity: None,
        }
    }
}

/// Who decides a valid claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecisionMode {
    /// The rules decide at once; a person sees doubtful matches and large deals.
    #[default]
    Automatic,
    /// A person approves every claim.
    Manual,
}

/// When two customers count as the same: likeness of their normalized names, domains and numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Matching {
    /// Likeness from which two customers are the same.
    #[schemars(extend("format" = "share", "unit" = "0% to 100%", "requirement" = "P5"))]
    pub same: Rate,
    /// Likeness from which a person looks; at most `same`.
    #[schemars(extend("format" = "share", "unit" = "0% to 100%", "requirement" = "P5"))]
    pub review: Rate,
}

impl Default for Matching {
    fn default() -> Self {
        Self { same: Rate::percent(90), review: Rate::percent(70) }
    }
}
