//! Mappings for what common CRMs export, shipped in the binary.

use crate::mapping::Mapping;
use kernel::{Error, Result};

/// A shipped mapping.
pub struct Preset {
    pub key: &'static str,
    pub title: &'static str,
    pub text: &'static str,
}

macro_rules! presets {
    ($($key:literal: $title:literal,)+) => {
        &[$(Preset { key: $key, title: $title, text: include_str!(concat!("presets/", $key, ".toml")) },)+]
    };
}

pub const ALL: &[Preset] = presets! {
    "salesforce-accounts": "Salesforce report of accounts",
    "salesforce-opportunities": "Salesforce report of opportunities",
    "hubspot-companies": "HubSpot export of companies",
    "hubspot-deals": "HubSpot export of deals, as the vendor's own opportunities",
    "dynamics-accounts": "Dynamics 365 export of accounts",
    "dynamics-opportunities": "Dynamics 365 export of opportunities",
    "pipedrive-organizations": "Pipedrive export of organizations",
    "pipedrive-deals": "Pipedrive export of deals, as the vendor's own opportunities",
};

pub fn preset(key: &str) -> Result<&'static Preset> {
    ALL.iter().find(|preset| preset.key == key).ok_or_else(|| {
        let known: Vec<&str> = ALL.iter().map(|preset| preset.key).collect();
        Error::invalid("preset", format!("`{key}` is no preset; choose one of {}", known.join(", ")))
    })
}

impl Preset {
    pub fn mapping(&self) -> Result<Mapping> {
        Mapping::parse(self.text)
    }
}
