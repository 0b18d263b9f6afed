//! Reading drivers: the list, and everything about one.

use kernel::app::ReadCx;
use kernel::{DecisionRecord, Error, EventRecord, Page, PageRequest, Query, Result, Route, Timestamp, get};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::held::governing_by_type;
use super::statement::{DriverSummary, Statement, Update, subject};
use super::store;
use crate::credentials::CredentialStatus;
use crate::overrides::{self, Override};

const SHOWN_UPDATES: u32 = 50;
const SHOWN_EVENTS: u32 = 50;

/// List the drivers whose credentials are known.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListDrivers {
    /// Only those whose most restrictive credential has this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<CredentialStatus>,
    /// A part of the driver's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListDrivers {
    const NAME: &'static str = "drivers.list";
    const ROUTE: Route = get("/gate/drivers");
    type Output = Page<DriverSummary>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<DriverSummary>> {
        let status = self.status.map(|status| status.as_str().into());
        store::list(cx.tx, &cx.scope, &self.page, status, self.text).await
    }
}

/// Show what is known about a driver, from whom, and what was decided.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetDriver {
    /// The driver, under the id that dispatch and providers use.
    pub driver: String,
}

/// Everything about one driver.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DriverDetail {
    pub driver: String,
    pub credentials: Vec<ViewedCredential>,
    /// The last statements as they arrived, newest first.
    pub updates: Vec<Update>,
    /// Permissions to pass a policy that are in force now.
    pub overrides: Vec<Override>,
    pub decisions: Vec<DecisionRecord>,
    pub timeline: Vec<EventRecord>,
}

/// One credential of a driver from one source.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ViewedCredential {
    #[serde(flatten)]
    pub statement: Statement,
    /// Whether it is the one that policies read; of several sources the latest governs.
    pub governs: bool,
    /// The first instant at which it is no longer valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When the strictest policy that reads it starts to call it stale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh_until: Option<Timestamp>,
}

impl Query for GetDriver {
    const NAME: &'static str = "drivers.get";
    const ROUTE: Route = get("/gate/drivers/{driver}");
    type Output = DriverDetail;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<DriverDetail> {
        let statements = store::statements(cx.tx, &cx.scope, &self.driver).await?;
        let updates = store::updates(cx.tx, &cx.scope, &self.driver, SHOWN_UPDATES).await?;
        let about = subject(&self.driver);
        let decisions = kernel::log::decisions_of(cx.tx, &cx.scope, &about).await?;
        if updates.is_empty() && decisions.is_empty() {
            return Err(Error::not_found("driver", &self.driver));
        }
        // Who may pass a policy is between the customer and the vendor.
        let overrides = match cx.scope.partner {
            Some(_) => Vec::new(),
            None => overrides::in_force(cx.tx, &cx.scope, &self.driver, cx.now).await?,
        };
        Ok(DriverDetail {
            credentials: viewed(cx, &statements).await?,
            updates,
            overrides,
            decisions,
            timeline: kernel::event::of_subject(cx.tx, &cx.scope, &about, SHOWN_EVENTS).await?,
            driver: self.driver,
        })
    }
}

async fn viewed(cx: &mut ReadCx<'_>, statements: &[Statement]) -> Result<Vec<ViewedCredential>> {
    let law = cx.law().await?;
    let zone = law.zone();
    let governing = governing_by_type(statements);
    let window = |credential_type: &str| {
        let reading = law.program.gate.policies.iter().filter(|p| p.credentials.iter().any(|c| c == credential_type));
        reading.filter_map(|policy| policy.freshness_days).min()
    };
    let view = |statement: &Statement| {
        let fact = &statement.fact;
        ViewedCredential {
            governs: governing.get(fact.credential_type.as_str()).is_some_and(|g| g.update == statement.update),
            expires_at: fact.expires_at(&zone),
            fresh_until: window(&fact.credential_type).map(|days| fact.verified_at.plus_days(i64::from(days))),
            statement: statement.clone(),
        }
    };
    Ok(statements.iter().map(view).collect())
}
