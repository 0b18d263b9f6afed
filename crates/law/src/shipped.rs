//! The programs that ship with the product, as the texts of their files.

use std::collections::BTreeMap;

/// What partners do for the company that runs a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Work {
    /// They name customers who may buy.
    Refer,
    /// They sell to customers.
    Resell,
    /// They supply others who sell to customers.
    Distribute,
    /// They plan, install and run the product for customers.
    Deliver,
    /// They build apps and integrations.
    Build,
    /// They ship the product inside their own.
    Embed,
    /// They vouch for facts, such as credentials.
    Attest,
}

impl Work {
    pub const ALL: [Self; 7] =
        [Self::Refer, Self::Resell, Self::Distribute, Self::Deliver, Self::Build, Self::Embed, Self::Attest];

    /// The word for it, as people type it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Refer => "refer",
            Self::Resell => "resell",
            Self::Distribute => "distribute",
            Self::Deliver => "deliver",
            Self::Build => "build",
            Self::Embed => "embed",
            Self::Attest => "attest",
        }
    }

    /// What it means, in a few words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Refer => "name customers who may buy",
            Self::Resell => "sell to customers",
            Self::Distribute => "supply others who sell",
            Self::Deliver => "install and run the product for customers",
            Self::Build => "build apps and integrations",
            Self::Embed => "ship the product inside their own",
            Self::Attest => "vouch for facts such as credentials",
        }
    }
}

/// A program folder that ships with the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shipped {
    /// The name of its folder, which is the program's key.
    pub key: &'static str,
    /// What its partners do, so that a company finds the program that is nearest to its own.
    pub work: &'static [Work],
    /// File name inside the folder, and text.
    pub texts: &'static [(&'static str, &'static str)],
}

impl Shipped {
    /// The folder as [`crate::Program::load`] takes it.
    pub fn files(&self) -> BTreeMap<String, String> {
        let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        self.texts.iter().map(owned).collect()
    }
}

macro_rules! folder {
    ($key:literal, [$($work:ident),*]: $($file:literal),+ $(,)?) => {
        Shipped {
            key: $key,
            work: &[$(Work::$work),*],
            texts: &[$(($file, include_str!(concat!("../../../programs/", $key, "/", $file)))),+],
        }
    };
}

/// The programs that ship with the product: the demo, the commercial models, a small one, and one for each kind of business.
pub const fn shipped() -> &'static [Shipped] {
    const SHIPPED: [Shipped; 10] = [
        folder!("northwind", [Refer, Resell, Deliver, Embed, Attest]:
            "program.toml", "archetypes.toml", "facts.toml", "tiers.toml", "engagement.toml", "deals.toml",
            "money.toml", "gate.toml", "procedures.toml", "partnership.toml", "terms.toml", "policies/insurance-valid.cedar",
            "policies/licence-ends-soon.cedar", "policies/licence-valid.cedar", "policies/medical-valid.cedar",
            "terms/data.md", "terms/standard.md",
        ),
        folder!("commercial-models", [Refer, Deliver]:
            "program.toml", "archetypes.toml", "tiers.toml", "engagement.toml", "deals.toml", "money.toml",
            "procedures.toml", "terms.toml", "terms/standard.md",
        ),
        folder!("starter", []:
            "program.toml", "archetypes.toml", "tiers.toml", "money.toml", "procedures.toml", "terms.toml",
            "terms/standard.md",
        ),
        folder!("channel", [Refer, Resell, Build, Embed]:
            "program.toml", "archetypes.toml", "tiers.toml", "engagement.toml", "deals.toml", "money.toml",
            "procedures.toml", "terms.toml", "terms/standard.md",
        ),
        folder!("distribution", [Distribute, Resell]:
            "program.toml", "archetypes.toml", "markets.toml", "metrics.toml", "tiers.toml", "engagement.toml",
            "deals.toml", "money.toml", "procedures.toml", "terms.toml", "terms/distributor.md",
            "terms/reseller.md",
        ),
        folder!("app-marketplace", [Build]:
            "program.toml", "archetypes.toml", "tiers.toml", "money.toml", "procedures.toml", "terms.toml",
            "terms/publisher.md",
        ),
        folder!("services-network", [Deliver]:
            "program.toml", "archetypes.toml", "metrics.toml", "scorecard.toml", "tiers.toml", "engagement.toml",
            "deals.toml", "money.toml", "procedures.toml", "terms.toml", "terms/services.md",
        ),
        folder!("competence", [Deliver, Build]:
            "program.toml", "archetypes.toml", "facts.toml", "metrics.toml", "tiers.toml", "money.toml",
            "procedures.toml", "terms.toml", "terms/competence.md",
        ),
        folder!("ecosystem", [Resell, Deliver, Build, Embed]:
            "program.toml", "archetypes.toml", "metrics.toml", "scorecard.toml", "tiers.toml", "engagement.toml",
            "deals.toml", "money.toml", "procedures.toml", "terms.toml", "terms/oem.md", "terms/publisher.md",
            "terms/referral.md", "terms/reseller.md",
        ),
        folder!("dispatch-compliance", [Attest, Refer, Embed]:
            "program.toml", "archetypes.toml", "tiers.toml", "engagement.toml", "deals.toml", "money.toml",
            "gate.toml", "procedures.toml", "terms.toml", "policies/insurance-valid.cedar",
            "policies/licence-valid.cedar", "policies/medical-valid.cedar", "terms/provider.md", "terms/seller.md",
        ),
    ];
    &SHIPPED
}
