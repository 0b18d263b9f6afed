//! What can go wrong, in the words of the person who met it and with a code for programs.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::reason::Reason;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One field of the input that does not follow its rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The name of the field; dots lead into objects (`customer.name`).
    pub field: String,
    /// The rule that the value breaks and what to do about it.
    pub rule: String,
}

/// Every failure that an operation or query can have.
#[derive(Debug)]
pub enum Error {
    /// Nobody is signed in, or the token is unknown or expired.
    Unauthenticated(String),
    /// The actor's roles do not hold the permission.
    Forbidden { permission: String, message: String },
    /// No such thing within the actor's scope.
    NotFound { what: &'static str, id: String },
    /// The input breaks rules; nothing was written.
    Invalid(Vec<FieldError>),
    /// The state of things does not allow it.
    Conflict { code: &'static str, message: String },
    /// A rule of the program says no, with its reasons.
    Refused { code: &'static str, message: String, reasons: Vec<Reason> },
    /// `If-Match` named a version that is not the current one.
    PreconditionFailed { current: String },
    /// A limit was reached; try again after so many seconds.
    TooMany { code: &'static str, message: String, retry_after_seconds: u64 },
    /// The database could not serialize this transaction with another; the runner tries again.
    Lost(String),
    /// A fault of ours. The message goes to the log, not to the caller.
    Internal(String),
}

impl Error {
    pub fn invalid(field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field: field.into(), rule: rule.into() }])
    }

    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::Conflict { code, message: message.into() }
    }

    pub fn refused(code: &'static str, message: impl Into<String>, reasons: Vec<Reason>) -> Self {
        Self::Refused { code, message: message.into(), reasons }
    }

    pub fn not_found(what: &'static str, id: impl fmt::Display) -> Self {
        Self::NotFound { what, id: id.to_string() }
    }

    pub fn internal(message: impl Into<String>) -> Self {
        Self::Internal(message.into())
    }

    /// The word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated(_) => "unauthenticated",
            Self::Forbidden { .. } => "forbidden",
            Self::NotFound { .. } => "not_found",
            Self::Invalid(_) => "invalid",
            Self::Conflict { code, .. } | Self::Refused { code, .. } | Self::TooMany { code, .. } => code,
            Self::PreconditionFailed { .. } => "precondition_failed",
            Self::Lost(_) => "try_again",
            Self::Internal(_) => "internal",
        }
    }

    /// The HTTP status that says the same (RFC 9110).
    pub fn status(&self) -> u16 {
        match self {
            Self::Unauthenticated(_) => 401,
            Self::Forbidden { .. } | Self::Refused { .. } => 403,
            Self::NotFound { .. } => 404,
            Self::Invalid(_) => 422,
            Self::Conflict { .. } => 409,
            Self::PreconditionFailed { .. } => 412,
            Self::TooMany { .. } => 429,
            Self::Lost(_) => 503,
            Self::Internal(_) => 500,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unauthenticated(message) => f.write_str(message),
            Self::Forbidden { message, .. } => f.write_str(message),
            Self::NotFound { what, id } => write!(f, "there is no {what} `{id}` here"),
            Self::Invalid(fields) => {
                for (place, field) in fields.iter().enumerate() {
                    let gap = if place > 0 { "; " } else { "" };
                    write!(f, "{gap}{}: {}", field.field, field.rule)?;
                }
                Ok(())
            }
            Self::Conflict { message, .. } | Self::TooMany { message, .. } => f.write_str(message),
            Self::Refused { message, reasons, .. } => {
                f.write_str(message)?;
                for reason in reasons {
                    write!(f, "\n  - {}", reason.text)?;
                }
                Ok(())
            }
            Self::PreconditionFailed { current } => {
                write!(f, "it has changed since you read it (now {current}); read it again and repeat your change")
            }
            Self::Lost(_) => f.write_str("another change came first; try again"),
            Self::Internal(message) => write!(f, "internal error: {message}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<crate::ids::NotAnId> for Error {
    fn from(refusal: crate::ids::NotAnId) -> Self {
        Self::invalid("id", refusal.to_string())
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(format!("JSON: {error}"))
    }
}
