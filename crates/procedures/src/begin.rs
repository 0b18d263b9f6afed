//! What begins a procedure: somebody, something that happened to a partner, or the calendar.

use kernel::time::Day;
use kernel::{Access, Cx, Error, Operation, PartnerId, Result, Route, post};
use law::{Every, Procedure, Trigger};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::NameOf;
use crate::operations::{start, start_about};
use crate::{RunId, store};

/// Starts every procedure that the law in force begins by itself when this happens to a partner.
pub async fn happened(cx: &mut Cx<'_>, trigger: Trigger, partner: PartnerId) -> Result<Vec<RunId>> {
    let law = match cx.law().await {
        Ok(law) => law,
        Err(Error::Conflict { .. }) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let begun = law.program.procedures.iter().filter(|(_, procedure)| procedure.starts_on.contains(&trigger));
    let keys: Vec<String> = begun.map(|(key, _)| key.clone()).collect();
    let mut runs = Vec::new();
    for key in keys {
        if !store::is_running(cx.tx, &cx.scope, &key, &partner.to_string()).await? {
            runs.push(start(cx, &key, partner.to_string(), Some(partner)).await?);
        }
    }
    Ok(runs)
}

/// Start a procedure of the program, for a partner or for the program as a whole.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct StartProcedure {
    /// The key of the procedure, such as `development`.
    pub procedure: String,
    /// The partner that it is about; absent for the program as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
}

/// The run that was started.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Started {
    pub id: RunId,
}

impl Operation for StartProcedure {
    const NAME: &'static str = "procedures.start";
    const ROUTE: Route = post("/procedure-runs");
    const ACCESS: Access = Access::Open;
    type Output = Started;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Started> {
        if cx.scope.partner.is_some() {
            let message = "procedures are started by the company that runs the program".to_owned();
            return Err(Error::Forbidden { permission: Self::NAME.to_owned(), message });
        }
        let id = match self.partner {
            None => {
                let today = cx.now.day_in(&cx.law().await?.program.settings.zone()).to_string();
                start_about(cx, &self.procedure, format!("program:{today}"), today, None).await?
            }
            Some(partner) => {
                let name = cx.app.registry().part::<NameOf>()?;
                let known = (name.0)(cx.tx, &cx.scope, partner).await?;
                known.ok_or_else(|| Error::not_found("partner", partner))?;
                start(cx, &self.procedure, partner.to_string(), Some(partner)).await?
            }
        };
        Ok(Started { id })
    }
}

/// Start what the calendar of the program says is due: weekly, monthly, quarterly and yearly procedures.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct StartDue {}

impl Operation for StartDue {
    const NAME: &'static str = "procedures.start_due";
    const ROUTE: Route = post("/procedure-runs/due");
    const ACCESS: Access = Access::Open;
    type Output = Vec<RunId>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<RunId>> {
        let law = match cx.law().await {
            Ok(law) => law,
            // Before the first program there is no calendar.
            Err(Error::Conflict { .. }) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let today = cx.now.day_in(&law.program.settings.zone());
        let regular = |(key, procedure): (&String, &Procedure)| Some((key.clone(), procedure.every?));
        let regular: Vec<(String, Every)> = law.program.procedures.iter().filter_map(regular).collect();
        let mut runs = Vec::new();
        for (key, every) in regular {
            let (subject, about) = (format!("program:{}", first_day(every, today)), period(every, today));
            if !store::was_started(cx.tx, &cx.scope, &key, &subject).await? {
                runs.push(start_about(cx, &key, subject, about, None).await?);
            }
        }
        Ok(runs)
    }
}

/// The first day of the week, month, quarter or year that a day is in.
pub fn first_day(every: Every, today: Day) -> Day {
    let first = today.first_of_month();
    let month = i64::from(first.date().month()) - 1;
    match every {
        Every::Week => today.plus_days(-i64::from(today.date().weekday().to_monday_zero_offset())),
        Every::Month => first,
        Every::Quarter => first.plus_months(-(month % 3)),
        Every::Year => first.plus_months(-month),
    }
}

/// The first day of the period after that.
pub fn next_first_day(every: Every, today: Day) -> Day {
    let first = first_day(every, today);
    match every {
        Every::Week => first.plus_days(7),
        Every::Month => first.plus_months(1),
        Every::Quarter => first.plus_months(3),
        Every::Year => first.plus_months(12),
    }
}

/// The period in words: `week of 2026-03-02`, `2026-03`, `2026 Q1`, `2026`.
pub fn period(every: Every, today: Day) -> String {
    let first = first_day(every, today);
    let date = first.date();
    match every {
        Every::Week => format!("week of {first}"),
        Every::Month => first.month(),
        Every::Quarter => format!("{} Q{}", date.year(), (date.month() - 1) / 3 + 1),
        Every::Year => date.year().to_string(),
    }
}
