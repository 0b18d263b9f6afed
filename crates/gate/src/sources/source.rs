//! What a source is, and the rules of its life.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kernel::{Error, PartnerId, Result, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::SourceId;

/// How long the secret before a rotation is still believed.
pub const OVERLAP_HOURS: i64 = 24;
const LONGEST_NAME: usize = 80;

/// A sender of signed webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    pub id: SourceId,
    /// The provider whose source it is; absent for the vendor's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    pub name: String,
    pub state: SourceState,
    /// Where its webhooks are sent.
    pub path: String,
    pub created_at: Timestamp,
    pub created_by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated_at: Option<Timestamp>,
    /// Until when the secret before the last rotation is believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    Active,
    /// Its webhooks are refused for good.
    Disabled,
}

impl SourceState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self> {
        [Self::Active, Self::Disabled]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| Error::internal(format!("`{text}` is no state of a source")))
    }
}

impl Source {
    /// A disabled source stays disabled: what it said is history, and a new one is made in a minute.
    pub(super) fn must_be_active(&self) -> Result<()> {
        match self.state {
            SourceState::Active => Ok(()),
            SourceState::Disabled => Err(Error::conflict(
                "source_disabled",
                format!("the source `{}` is disabled; create a new one", self.name),
            )),
        }
    }
}

/// Where the webhooks of a source are sent.
pub(super) fn path(id: SourceId) -> String {
    format!("/hooks/credentials/{id}")
}

pub(super) fn check_name(name: &str) -> Result<String> {
    let name = name.trim();
    let length = name.chars().count();
    if !(1..=LONGEST_NAME).contains(&length) || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", format!("1 to {LONGEST_NAME} characters, such as `Credential feed`")));
    }
    Ok(name.to_owned())
}

/// A fresh shared secret in the form in which webhook libraries take it.
pub(super) fn secret_text(random: [u8; 32]) -> String {
    format!("whsec_{}", STANDARD.encode(random))
}
