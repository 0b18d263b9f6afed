//! Commission: what a plan makes of revenue, exactly and in a way that anyone can follow.
//!
//! Rating is a pure function. Bands add up over a period: a line earns the difference between what the plan pays for the
//! revenue reached after it and before it, refunds included, so the total of a period never depends on the order in which
//! events came. Other lines are rounded once, half away from zero, and a refund gives back its part of them; when all of an
//! invoice is refunded, exactly nothing is left.

mod bands;
mod facts;
mod line;
mod rating;
#[cfg(test)]
mod tests;

pub use bands::{BandPart, Ladder};
pub use facts::{
    Charged, Part, RatingFacts, Reached, RevenueLine, Settled, Span, UsageLine, period_key, prior_key, spans,
};
pub use line::{CommissionLine, Method, Rated, Shares};
pub use rating::rate;
