//! The typed program: what a folder of program files says, one module per file.
//!
//! Every struct is at once the TOML reader, the JSON that a stored version keeps, and the JSON Schema that editors and the
//! reference use. Three words in the schema are ours: `unit` (what a number counts), `requirement` (which
//! requirement the field serves) and `refers` (whose keys its value must be one of; see [`crate::lint`]).

mod approvals;
mod archetypes;
mod benefits;
mod calendar;
mod deals;
mod engagement;
mod facts;
mod gate;
mod markets;
mod metrics;
mod movement;
mod partnership;
mod plans;
mod procedures;
mod runs;
mod scorecard;
mod settings;
mod terms;
mod tiers;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::expr::Basis;

pub use approvals::{Approval, OnSilence};
pub use archetypes::{Archetype, ArchetypesFile};
pub use benefits::{Benefit, BenefitValue};
pub use calendar::Calendar;
pub use deals::{ClaimClass, Deals, DecisionMode, Matching, OnOpportunity, Registration, Window};
pub use engagement::{
    Capability, Engagement, NamedAccount, NoPoach, Otherwise, Owner, Ownership, SalesStage, Segment, Territory,
    TieBreak,
};
pub use facts::{About, ByPartner, FactField, FactKind, FactsFile, FieldKind};
pub(crate) use facts::{OWN_FIELDS, PERSON};
pub use gate::{CredentialType, Gate, Policy, PolicyMode};
pub use markets::{ExchangeRate, Market, MarketsFile};
pub use metrics::{Combine, ComputedMetric, MetricsFile};
pub use movement::{Movement, Ratchet, Rhythm};
pub use partnership::{
    Cadence, Exit, ExitCriterion, Partnership, Qualification, QualificationCriterion, Review, Roadmap,
};
pub use plans::{
    Band, BandMode, BandTerms, BonusTerms, Cliff, Collection, Component, EachTerms, FixedTerms, How, LedBy, MoneyFile,
    Per, Period, Plan, RateTerms, RevenueKind, Statements,
};
pub use procedures::{Every, Evidence, EvidenceKind, Procedure, ProceduresFile, Stage, Trigger};
pub use runs::{PartnerSegment, TierRuns};
pub use scorecard::{Criterion, Rubric, RubricBand, ScorecardFile, Weights};
pub use settings::{Approvals, SecondFactor, Settings};
pub use terms::{Terms, TermsFile};
pub use tiers::{Tier, TiersFile};

/// One of the two sides of a partnership.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// A company in the program.
    Partner,
    /// The company that runs the program.
    Vendor,
}

impl Party {
    /// The side that receives what this one pays.
    pub const fn other(self) -> Self {
        match self {
            Self::Partner => Self::Vendor,
            Self::Vendor => Self::Partner,
        }
    }
}

/// A whole program, as its files say it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// `program.toml`
    pub settings: Settings,
    /// `archetypes.toml`, by key.
    pub archetypes: BTreeMap<String, Archetype>,
    /// `tiers.toml`, lowest first.
    pub tiers: Vec<Tier>,
    /// Benefits that the program adds to the standard ones, by key (`tiers.toml`).
    #[serde(default)]
    pub benefits: BTreeMap<String, Benefit>,
    /// When a computed tier takes effect (`tiers.toml`).
    #[serde(default, skip_serializing_if = "Movement::is_immediate")]
    pub movement: Movement,
    /// Kinds of recorded facts by name (`facts.toml`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, FactKind>,
    /// How partners are moved by decision; without it, whenever tiers are computed (`tiers.toml`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs: Option<TierRuns>,
    /// In which partners is invested, first match first (`tiers.toml`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<PartnerSegment>,
    /// Computed metrics by name (`metrics.toml`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, ComputedMetric>,
    /// `markets.toml`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub markets: Option<MarketsFile>,
    /// `scorecard.toml`
    #[serde(default, skip_serializing_if = "Rubric::is_empty")]
    pub scorecard: Rubric,
    /// `engagement.toml`
    pub engagement: Engagement,
    /// `deals.toml`
    pub deals: Deals,
    /// Commission plans by key (`money.toml`).
    pub plans: BTreeMap<String, Plan>,
    /// When and how statements are made (`money.toml`).
    pub statements: Statements,
    /// `gate.toml` with the policy texts that it names.
    pub gate: Gate,
    /// `procedures.toml`, by key.
    pub procedures: BTreeMap<String, Procedure>,
    /// `partnership.toml`
    #[serde(default, skip_serializing_if = "Partnership::is_empty")]
    pub partnership: Partnership,
    /// `terms.toml` with the clause texts that it names, by key.
    pub terms: BTreeMap<String, Terms>,
}

impl Program {
    /// The entry tier: what a partner gets before anything is measured.
    pub fn entry_tier(&self) -> Option<&Tier> {
        self.tiers.first()
    }

    pub fn tier(&self, key: &str) -> Option<&Tier> {
        self.tiers.iter().find(|tier| tier.key == key)
    }

    pub fn segment(&self, key: &str) -> Option<&PartnerSegment> {
        self.segments.iter().find(|segment| segment.key == key)
    }

    pub fn archetype(&self, key: &str) -> Option<&Archetype> {
        self.archetypes.get(key)
    }

    pub fn plan(&self, key: &str) -> Option<&Plan> {
        self.plans.get(key)
    }

    pub fn procedure(&self, key: &str) -> Option<&Procedure> {
        self.procedures.get(key)
    }

    pub fn policy(&self, key: &str) -> Option<&Policy> {
        self.gate.policies.iter().find(|policy| policy.key == key)
    }

    pub fn terms(&self, key: &str) -> Option<&Terms> {
        self.terms.get(key)
    }

    /// What its rules depend on beyond their own text.
    pub fn basis(&self) -> Basis {
        let markets = self.markets.clone().unwrap_or_default();
        Basis {
            currency: Some(self.settings.currency),
            time_zone: self.settings.time_zone.clone(),
            fiscal_year_start: self.settings.fiscal_year_start,
            metrics: self.metrics.clone(),
            market_by: markets.by,
            markets: markets.market,
            rates: markets.rates,
            scorecard: self.scorecard.clone(),
            facts: self.facts.clone(),
        }
    }

    /// SHA-256 of everything that the program says, in lower-case hex: two programs with the same fingerprint decide alike.
    pub fn fingerprint(&self) -> String {
        let json = serde_json::to_vec(self).expect("a program has string keys only, so JSON cannot fail");
        sha256_hex(&json)
    }
}

/// SHA-256 in lower-case hex, which is how texts are versioned.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
