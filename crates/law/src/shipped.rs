//! The programs that ship with the product, as the texts of their files.

use std::collections::BTreeMap;

/// A program folder that ships with the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shipped {
    /// The name of its folder, which is the program's key.
    pub key: &'static str,
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
    ($key:literal: $($file:literal),+ $(,)?) => {
        Shipped {
            key: $key,
            texts: &[$(($file, include_str!(concat!("../../../programs/", $key, "/", $file)))),+],
        }
    };
}

/// The programs that ship with the product: the demo, the three commercial models, and a small one to start from.
pub const fn shipped() -> &'static [Shipped] {
    const SHIPPED: [Shipped; 3] = [
        folder!("northwind":
            "program.toml", "archetypes.toml", "tiers.toml", "engagement.toml", "deals.toml", "money.toml",
            "gate.toml", "procedures.toml", "terms.toml", "terms/standard.md", "terms/data.md",
            "policies/licence-valid.cedar", "policies/insurance-valid.cedar", "policies/medical-valid.cedar",
            "policies/licence-ends-soon.cedar",
        ),
        folder!("commercial-models":
            "program.toml", "archetypes.toml", "tiers.toml", "money.toml", "procedures.toml", "terms.toml",
            "terms/standard.md",
        ),
        folder!("starter":
            "program.toml", "archetypes.toml", "tiers.toml", "money.toml", "procedures.toml", "terms.toml",
            "terms/standard.md",
        ),
    ];
    &SHIPPED
}
