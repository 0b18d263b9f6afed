//! What everything in Concord is made of: ids, money, time, secrets, reasons and errors. It does nothing by itself.

pub mod error;
pub mod ids;
pub mod money;
pub mod reason;
pub mod secret;
pub mod time;

pub use error::{Error, FieldError, Result};
pub use ids::*;
pub use money::{Currency, Money, Rate};
pub use reason::{Audience, Reason};
pub use secret::Secret;
pub use time::{Clock, Day, FixedClock, SystemClock, Timestamp};
