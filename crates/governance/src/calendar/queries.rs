//! What is due, from the clocks of the rhythm, and what begins next, from the program.

use clocks::ListClocks;
use kernel::app::ReadCx;
use kernel::list::LARGEST_LIMIT;
use kernel::time::Day;
use kernel::{Error, PageRequest, PartnerId, Query, Result, Route, Timestamp, get};
use law::Every;
use procedures::{next_first_day, period};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The clocks that make up the rhythm; those of single deals have pages of their own.
const KINDS: [(&str, &str); 4] = [
    ("procedures.stage", "/onboarding/"),
    ("partners.cadence", "/partners/"),
    (crate::reviews::PREREAD, "/reviews/"),
    (crate::roadmap::ANSWER, "/roadmap/"),
];

/// Something that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Due {
    pub title: String,
    pub due_at: Timestamp,
    pub partner: Option<PartnerId>,
    /// Its page.
    pub href: String,
}

/// A procedure that the program begins by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Next {
    pub title: String,
    pub every: Every,
    pub begins_on: Day,
    /// The period that it will be about, such as `2026 Q2`.
    pub about: String,
}

/// What is due, soonest first; nothing is in two of the lists.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Schedule {
    pub overdue: Vec<Due>,
    pub this_week: Vec<Due>,
    pub this_month: Vec<Due>,
    pub this_quarter: Vec<Due>,
    /// What begins next; for the vendor.
    pub next: Vec<Next>,
}

/// Show what is due this week, this month and this quarter; a partner sees its own dates.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetCalendar {}

impl Query for GetCalendar {
    const NAME: &'static str = "calendar.get";
    const ROUTE: Route = get("/calendar");
    type Output = Schedule;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Schedule> {
        let law = match cx.law().await {
            Ok(law) => law,
            Err(Error::Conflict { .. }) => return Ok(Schedule::default()),
            Err(error) => return Err(error),
        };
        let zone = law.zone();
        let today = cx.now.day_in(&zone);
        let end = |every| next_first_day(every, today).start_in(&zone);
        let (week, month, quarter) = (end(Every::Week), end(Every::Month), end(Every::Quarter));
        let mut found = Vec::new();
        for (kind, page) in KINDS {
            let query = ListClocks {
                state: Some(clocks::State::Running),
                kind: Some(kind.to_owned()),
                due_before: Some(quarter.max(week)),
                page: PageRequest { limit: Some(LARGEST_LIMIT), ..PageRequest::default() },
                ..ListClocks::default()
            };
            let clocks = cx.ask(query).await?.items;
            found.extend(clocks.into_iter().map(|clock| Due {
                href: format!("{page}{}", clock.subject),
                title: clock.title,
                due_at: clock.due_at,
                partner: clock.partner,
            }));
        }
        // The clock of a stage that is late has lapsed; the run itself still says so.
        let late = procedures::ListRuns { overdue: Some(true), ..procedures::ListRuns::default() };
        let mut overdue: Vec<Due> = cx
            .ask(late)
            .await?
            .items
            .into_iter()
            .filter_map(|run| {
                let due_at = run.due_at?;
                let (title, href) = (format!("{}: {}", run.about, run.title), format!("/onboarding/{}", run.id));
                Some(Due { title, due_at, partner: run.partner, href })
            })
            .collect();
        found.sort_by(|a, b| (a.due_at, &a.title).cmp(&(b.due_at, &b.title)));
        let mut schedule = Schedule::default();
        for due in found {
            match due.due_at {
                at if at <= cx.now => {
                    if !overdue.iter().any(|known| known.href == due.href) {
                        overdue.push(due);
                    }
                }
                at if at < week => schedule.this_week.push(due),
                at if at < month => schedule.this_month.push(due),
                _ => schedule.this_quarter.push(due),
            }
        }
        overdue.sort_by(|a, b| (a.due_at, &a.title).cmp(&(b.due_at, &b.title)));
        schedule.overdue = overdue;
        if cx.scope.partner.is_none() {
            let regular = law.program.procedures.values().filter_map(|procedure| {
                let every = procedure.every?;
                let begins_on = next_first_day(every, today);
                Some(Next { title: procedure.title.clone(), every, begins_on, about: period(every, begins_on) })
            });
            schedule.next = regular.collect();
            schedule.next.sort_by_key(|next| next.begins_on);
        }
        Ok(schedule)
    }
}
