//! The dispatch gate: credentials arrive by signed webhook, policies decide each assignment, and the provider's
//! status, the customer's policy and the platform's enforcement stay three things that every decision names.

pub mod credentials;
pub mod evaluation;
pub mod policy;
pub mod webhooks;
