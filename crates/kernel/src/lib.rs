//! The ground floor of Concord: ids, money, time, permissions, the operation runner, decisions, events, the
//! tamper-evident log and storage. It knows no law and no business area, and it changes rarely.

pub mod decision;
pub mod error;
pub mod ids;
pub mod money;
pub mod time;

pub use decision::{Audience, DecisionRecord, Reason, Rule, Verdict};
pub use error::{Error, FieldError, Result};
pub use ids::*;
pub use money::{Currency, Money, Rate};
pub use time::{Clock, Day, FixedClock, SystemClock, Timestamp};
