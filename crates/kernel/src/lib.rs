//! The ground floor of Concord: permissions, the operation runner, decisions, events and the tamper-evident log, over the
//! values and the storage below. It knows no law and no business area, and it changes rarely.

pub mod actor;
pub mod app;
pub mod decision;
pub mod endpoint;
pub mod event;
pub mod input;
pub mod list;
pub mod log;
pub mod operation;
pub mod registry;

pub use actor::{Actor, ActorKind, Grants, Role, Scope, Side};
pub use app::{App, Batch, Cx, RunOptions};
pub use decision::{DecisionRecord, Rule, Stated, Verdict};
pub use endpoint::{Endpoint, RawRequest, RawResponse};
pub use event::EventRecord;
pub use list::{Filter, Listing, Page, PageRequest};
pub use operation::{Access, Method, Operation, Query, Route, delete, get, patch, post, put};
pub use registry::{Registry, Schedule};
pub use storage as db;
pub use storage::{Db, FromValue, Row, Tx, Value, params};
pub use values::*;
pub use values::{error, ids, money, secret, time};
