//! The ground floor of Concord: ids, money, time, permissions, the operation runner, decisions, events, the
//! tamper-evident log and storage. It knows no law and no business area, and it changes rarely.

pub mod actor;
pub mod app;
pub mod db;
pub mod decision;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod ids;
pub mod input;
pub mod list;
pub mod log;
pub mod money;
pub mod operation;
pub mod registry;
pub mod secret;
pub mod time;

pub use actor::{Actor, ActorKind, Grants, Role, Scope, Side};
pub use app::{App, Batch, Cx, RunOptions};
pub use db::{Db, FromValue, Row, Tx, Value};
pub use decision::{Audience, DecisionRecord, Reason, Rule, Verdict};
pub use endpoint::{Endpoint, RawRequest, RawResponse};
pub use error::{Error, FieldError, Result};
pub use event::EventRecord;
pub use ids::*;
pub use list::{Filter, Listing, Page, PageRequest};
pub use money::{Currency, Money, Rate};
pub use operation::{Access, Method, Operation, Query, Route, delete, get, patch, post, put};
pub use registry::{Registry, Schedule};
pub use secret::Secret;
pub use time::{Clock, Day, FixedClock, SystemClock, Timestamp};
