//! Recognizes one customer behind many spellings, so that two partners cannot both claim it unnoticed.
//!
//! A [`CustomerIdentity`] is what somebody typed. [`CustomerIdentity::normalized`] boils it down to keys that survive
//! spelling habits: the name without its legal form in plain Latin letters, the registrable domain, the country, and
//! VAT and register numbers that pass their checks. [`compare`] puts two of them side by side and says, in points and
//! sentences, how likely they are one customer. [`Index`] finds the few of a million that are worth comparing.
//!
//! Everything here is a pure computation on integers: the same two identities always score the same, whatever else is
//! in the index, so an old match can be computed again and explained.

mod country;
mod dictionary;
mod gather;
mod host;
mod identity;
mod index;
mod keys;
mod legal_forms;
mod name;
mod register;
mod score;
mod similarity;
mod vat;

#[cfg(test)]
mod tests;

pub use identity::{CustomerIdentity, Doubt, Normalized};
pub use index::{Candidate, Index};
pub use score::{Evidence, Part, Score, Thresholds, Zone, compare};
