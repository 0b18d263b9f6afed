//! Evidence: what was given for a stage, what may be given, and what the system sees by itself.

use futures::future::BoxFuture;
use kernel::{Error, PartnerId, Result, Scope, Timestamp, Tx};
use law::EvidenceKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::EvidenceId;

const LONGEST_TEXT: usize = 4_000;
/// Letters of a file in base 64: about a megabyte.
const LONGEST_FILE: usize = 1_400_000;
/// How a file comes that is kept here rather than linked to.
pub(crate) const DATA: &str = "data:";

/// What an area answers about a partner, if it has something to say.
pub type Answer<'a> = BoxFuture<'a, Result<Option<String>>>;

/// Evidence that the system ticks by itself, such as the acceptance of terms; an area adds it to the registry.
#[derive(Clone, Copy)]
pub struct Witness {
    pub kind: EvidenceKind,
    /// What is seen for that partner under the program in force, in a sentence; `None` when it is not there yet.
    pub seen: for<'a> fn(&'a mut Tx, &'a Scope, PartnerId, &'a law::Program) -> Answer<'a>,
}

/// Names the partner that a run is about; an area adds it to the registry.
#[derive(Clone, Copy)]
pub struct NameOf(pub for<'a> fn(&'a mut Tx, &'a Scope, PartnerId) -> Answer<'a>);

/// Evidence that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Given {
    /// Absent for what the system sees but has not written down yet.
    pub id: Option<EvidenceId>,
    pub stage: String,
    pub evidence: String,
    /// The answer; for a file its address, or that it is kept here.
    pub value: String,
    pub by: String,
    pub by_name: String,
    pub at: Timestamp,
}

/// Checks an answer and brings it into its form.
pub(crate) fn accepted(kind: EvidenceKind, value: &str) -> Result<String> {
    let value = value.trim();
    let wrong = |rule: String| Err(Error::invalid("value", rule));
    match kind {
        EvidenceKind::Terms => {
            let message = "this is ticked when the terms are accepted; accept them and it is there";
            Err(Error::conflict("witnessed", message))
        }
        EvidenceKind::Check if value == "true" => Ok(value.to_owned()),
        EvidenceKind::Check => wrong(format!("`{value}` is no tick; send `true` once it is so")),
        EvidenceKind::Text if value.is_empty() || value.chars().count() > LONGEST_TEXT => {
            wrong(format!("write an answer of 1 to {LONGEST_TEXT} letters"))
        }
        EvidenceKind::Text => Ok(value.to_owned()),
        EvidenceKind::File if value.len() > LONGEST_FILE => {
            wrong("the file is larger than 1 MB; keep it elsewhere and give its https address".to_owned())
        }
        EvidenceKind::File if is_address(value) || content(value).is_some() => Ok(value.to_owned()),
        EvidenceKind::File => {
            wrong("give the file's https address, or the file itself as `data:TYPE;base64,CONTENT`".to_owned())
        }
    }
}

pub(crate) fn is_address(value: &str) -> bool {
    value.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
}

/// The bytes of a file that was given as `data:TYPE;base64,CONTENT`.
pub(crate) fn content(value: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    let (_, content) = value.strip_prefix(DATA)?.split_once(";base64,")?;
    base64::engine::general_purpose::STANDARD.decode(content).ok().filter(|bytes| !bytes.is_empty())
}
