//! Does what the script says, a few days at a time: the steps and the clocks that are due in between, in order of time.

mod deals;
mod founding;
mod gate;
mod money;
mod partners;
mod rhythm;
mod stage;

use kernel::time::DAY;
use kernel::{App, FixedClock, Result, Timestamp};
pub(crate) use stage::Stage;

use crate::script::{Act, Script, Step};
use crate::{Built, Plan, Progress};

/// Days after which due clocks are looked up. A clock that is started and due within one stride fires at its end; the
/// shortest waits for a stage of three days.
const STRIDE: usize = 3;

pub(crate) async fn run(app: &App, clock: &FixedClock, plan: &Plan, progress: &Progress<'_>) -> Result<Built> {
    #[allow(clippy::disallowed_methods)] // measures how long the building takes; nothing in the world sees it
    let started = std::time::Instant::now();
    progress(0.0, "writing the script of the year");
    app.db().durable(false).await?;
    let script = Script::write(plan.seed, plan.scale, plan.today);
    let mut stage = founding::found(app, clock, script).await?;
    let start = stage.script.calendar.start;
    let days = plan.today.since(start).div_euclid(DAY);
    let mut next = 0;
    for day in (0..=days).step_by(STRIDE) {
        let until = start.plus_days(day + STRIDE as i64).min(plan.today);
        progress(0.95 * day as f64 / days.max(1) as f64, &told(until));
        next = live_until(&mut stage, next, until).await?;
    }
    stage.clock.set(plan.today);
    rhythm::play(&mut stage).await?;
    let system = stage.system.clone();
    stage.run(&system, findings::RunChecks {}).await?;
    let meter = money::meter(&mut stage, days).await?;
    progress(0.96, "placing everything in the log");
    stage.commit().await?;
    app.sequence().await?;
    app.db().durable(true).await?;
    progress(1.0, "done");
    Ok(Built {
        organization: stage.organization,
        partners: stage.partners.iter().filter(|partner| partner.id.is_some()).count(),
        customers: stage.count("customer").await?,
        deals: stage.count("deal").await?,
        usage_events: meter.events(),
        meter,
        seconds: started.elapsed().as_secs_f64(),
        logins: stage.logins,
    })
}

fn told(at: Timestamp) -> String {
    at.day_in(&jiff::tz::TimeZone::UTC).date().strftime("living through %B %Y").to_string()
}

/// Steps and clocks until that instant; returns the place of the first step that comes later.
async fn live_until(stage: &mut Stage<'_>, from: usize, until: Timestamp) -> Result<usize> {
    let mut due = stage.due(until).await?.into_iter().peekable();
    let mut next = from;
    while let Some(step) = stage.script.steps.get(next).copied().filter(|step| step.at < until) {
        while let Some((_, clock)) = due.next_if(|(at, _)| *at <= step.at) {
            stage.fire(clock).await?;
        }
        stage.reach(step.at);
        play(stage, step).await?;
        next += 1;
    }
    for (at, clock) in due {
        stage.reach(at);
        stage.fire(clock).await?;
    }
    Ok(next)
}

async fn play(stage: &mut Stage<'_>, step: Step) -> Result<()> {
    match step.act {
        Act::Amend => founding::amend(stage).await,
        Act::Partner(partner, act) => partners::play(stage, partner, act).await,
        Act::AddAccount(account) => partners::add_account(stage, account).await,
        Act::Deal(claim, act) => deals::play(stage, claim, act).await,
        Act::Score => partners::score(stage).await,
        Act::Bill => money::bill(stage).await,
        Act::Statements => money::statements(stage).await,
        Act::Report(driver, report) => gate::report(stage, driver, report).await,
        Act::Dispatch(driver) => gate::ask(stage, driver).await,
    }
}
