//! Clocks through their public surface, with an operation that counts how often it ran.

#![allow(clippy::unwrap_used)]

use kernel::app::ReadCx;
use kernel::time::{DAY, HOUR, MINUTE};
use kernel::{Access, Cx, Error, Operation, PartnerId, Query, Registry, Result, Route, Timestamp, get, params, post};
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use trial::both_databases;

use crate::clock::{Clock, NewClock, State, Step};
use crate::{ListClocks, Ticked, tick};

/// Move a clock of the test.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Move {
    what: String,
    subject: String,
    days: i64,
    partner: Option<PartnerId>,
}

impl Operation for Move {
    const NAME: &'static str = "test.move";
    const ROUTE: Route = post("/test/moves");
    const ACCESS: Access = Access::Open;
    type Output = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        let due_at = cx.now.plus_days(self.days);
        match self.what.as_str() {
            "stop" => crate::stop(cx, "test.date", &self.subject).await,
            "pause" => crate::pause(cx, "test.date", &self.subject).await,
            "resume" => crate::resume(cx, "test.date", &self.subject).await,
            "start" => crate::start(
                cx,
                NewClock {
                    kind: "test.date",
                    subject: self.subject.clone(),
                    partner: self.partner,
                    title: format!("The date of {}", self.subject),
                    due_at,
                    warn_at: vec![due_at.plus_days(-2), due_at.plus_days(-7)],
                    on_lapse: Ring::NAME,
                    on_warn: Some(Ring::NAME),
                    input: json!({ "subject": self.subject }),
                },
            )
            .await
            .map(|_| ()),
            other => Err(Error::invalid("what", format!("`{other}` is no move"))),
        }
    }
}

/// Ring: leave a trace; a subject that begins with `bad` fails after doing so.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Ring {
    subject: String,
}

impl Operation for Ring {
    const NAME: &'static str = "test.ring";
    const ROUTE: Route = post("/test/rings");
    const ACCESS: Access = Access::Open;
    type Output = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        cx.emit("test.rang", &self.subject, None, "It rang", &self);
        if self.subject.starts_with("bad") {
            return Err(Error::conflict("bad", "it is bad"));
        }
        Ok(())
    }
}

/// How often something of that kind happened.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Count {
    kind: String,
    subject: String,
}

impl Query for Count {
    const NAME: &'static str = "test.count";
    const ROUTE: Route = get("/test/counts");
    type Output = i64;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM event WHERE organization = $1 AND subject = $2 AND kind = $3";
        cx.tx.number(sql, params![cx.scope.organization, self.subject, self.kind]).await
    }
}

fn install(registry: &mut Registry) {
    crate::install(registry);
    registry.operation::<Move>().operation::<Ring>().query::<Count>();
}

async fn go(t: &trial::Trial, what: &str, subject: &str, days: i64) {
    t.run(Move { what: what.into(), subject: subject.into(), days, partner: None }).await.unwrap();
}

async fn count(t: &trial::Trial, kind: &str, subject: &str) -> i64 {
    t.ask(Count { kind: kind.into(), subject: subject.into() }).await.unwrap()
}

async fn ticks(t: &trial::Trial) -> (usize, usize, usize) {
    let Ticked { warned, lapsed, postponed } = tick(&t.app, &t.system).await.unwrap();
    (warned, lapsed, postponed)
}

async fn listed(t: &trial::Trial, state: Option<State>) -> Vec<Clock> {
    t.ask(ListClocks { state, ..ListClocks::default() }).await.unwrap().items
}

both_databases! {
    install;

    async fn a_clock_warns_and_lapses_once_each(t: Trial) {
        go(t, "start", "a", 10).await;
        assert_eq!(ticks(t).await, (0, 0, 0));
        for (days, expected) in [(3, (1, 0, 0)), (0, (0, 0, 0)), (5, (1, 0, 0)), (2, (0, 1, 0)), (100, (0, 0, 0))] {
            t.clock.advance_days(days);
            assert_eq!(ticks(t).await, expected, "after {days} more days");
        }
        assert_eq!((count(t, "clock.warned", "a").await, count(t, "clock.lapsed", "a").await), (2, 1));
        assert_eq!(count(t, "test.rang", "a").await, 3);
        assert_eq!(listed(t, None).await[0].state, State::Lapsed);
    }

    async fn what_was_missed_is_caught_up_by_the_lapse_alone(t: Trial) {
        go(t, "start", "a", 10).await;
        t.clock.advance_days(50);
        assert_eq!(ticks(t).await, (0, 1, 0));
    }

    async fn a_new_clock_takes_the_place_of_the_old(t: Trial) {
        go(t, "start", "a", 10).await;
        go(t, "start", "a", 20).await;
        t.clock.advance_days(10);
        assert_eq!(ticks(t).await, (0, 0, 0));
        assert_eq!(listed(t, Some(State::Running)).await.len(), 1);
        assert_eq!(listed(t, Some(State::Stopped)).await.len(), 1);
    }

    async fn a_stopped_clock_never_fires(t: Trial) {
        go(t, "start", "a", 10).await;
        go(t, "stop", "a", 0).await;
        go(t, "stop", "a", 0).await;
        t.clock.advance_days(50);
        assert_eq!(ticks(t).await, (0, 0, 0));
    }

    async fn a_paused_clock_stands_still(t: Trial) {
        go(t, "start", "a", 10).await;
        t.clock.advance_days(9);
        assert_eq!(ticks(t).await, (1, 0, 0));
        go(t, "pause", "a", 0).await;
        t.clock.advance_days(100);
        assert_eq!(ticks(t).await, (0, 0, 0));
        go(t, "resume", "a", 0).await;
        assert_eq!(ticks(t).await, (0, 0, 0));
        t.clock.advance_days(1);
        assert_eq!(ticks(t).await, (0, 1, 0));
    }

    async fn two_nodes_fire_a_clock_exactly_once(t: Trial) {
        for n in 0..12 {
            go(t, "start", &format!("thing {n}"), 1).await;
        }
        t.clock.advance_days(1);
        let nodes: Vec<_> = (0..3).map(|_| {
            let (app, actor) = (t.app.clone(), t.system.clone());
            trial::tokio::spawn(async move { tick(&app, &actor).await.unwrap() })
        }).collect();
        let mut lapsed = 0;
        for node in nodes {
            lapsed += node.await.unwrap().lapsed;
        }
        lapsed += ticks(t).await.1;
        assert_eq!(lapsed, 12);
        for n in 0..12 {
            assert_eq!(count(t, "test.rang", &format!("thing {n}")).await, 1);
        }
    }

    async fn a_bad_clock_is_put_off_and_blocks_nobody(t: Trial) {
        go(t, "start", "bad", 1).await;
        go(t, "start", "good", 1).await;
        t.clock.advance_days(1);
        assert_eq!(ticks(t).await, (0, 1, 1));
        assert_eq!((count(t, "test.rang", "bad").await, count(t, "test.rang", "good").await), (0, 1));
        assert_eq!(count(t, "clock.lapsed", "bad").await, 0, "nothing of the failed run remains");
        for (wait, expected) in [(14, 0), (1, 1), (29, 0), (1, 1), (60, 1), (24 * 60, 1)] {
            t.clock.advance(wait * MINUTE);
            assert_eq!(ticks(t).await, (0, 0, expected), "after {wait} more minutes");
        }
        let clock = &listed(t, Some(State::Running)).await[0];
        assert_eq!((clock.attempts, count(t, "clock.postponed", "bad").await), (5, 5));
    }

    async fn a_partner_sees_its_own_clocks_only(t: Trial) {
        let (one, other): (PartnerId, PartnerId) = (t.app.new_id(t.now()), t.app.new_id(t.now()));
        for (subject, partner) in [("mine", Some(one)), ("theirs", Some(other)), ("ours", None)] {
            t.run(Move { what: "start".into(), subject: subject.into(), days: 3, partner }).await.unwrap();
        }
        let seen = t.ask_as(&t.partner_person(one), ListClocks::default()).await.unwrap().items;
        assert_eq!(seen.iter().map(|clock| clock.subject.as_str()).collect::<Vec<_>>(), ["mine"]);
    }

    async fn a_clock_names_operations_that_exist(t: Trial) {
        let missing = t.run(StartWrong {}).await;
        assert!(matches!(missing, Err(Error::Internal(_))), "{missing:?}");
    }

    async fn the_tick_reads_an_index(t: Trial) {
        let mut tx = t.app.db().read().await.unwrap();
        if !tx.is_postgres() {
            let sql = format!("EXPLAIN QUERY PLAN {}", crate::store::DUE);
            let plan = tx.all(&sql, params!["o", 1_i64, 0_i64, "", 10_i64], |row| row.get::<String>("detail")).await.unwrap();
            assert!(plan.iter().all(|step| step.contains("clock_next")), "{plan:?}");
        }
    }

    async fn the_page_shows_what_is_running(t: Trial) {
        go(t, "start", "deal_1", 10).await;
        go(t, "start", "deal_2", 10).await;
        go(t, "stop", "deal_2", 10).await;
        let view = page(t, &[]).await;
        assert!(view.contains("The date of deal_1") && !view.contains("The date of deal_2"), "{view}");
        let view = page(t, &[("state", "stopped")]).await;
        assert!(view.contains("The date of deal_2") && view.contains("/v1/clocks.csv?state=stopped"), "{view}");
    }
}

/// Start a clock that names an operation that does not exist.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct StartWrong {}

impl Operation for StartWrong {
    const NAME: &'static str = "test.wrong";
    const ROUTE: Route = post("/test/wrong");
    const ACCESS: Access = Access::Open;
    type Output = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        let new = NewClock { on_lapse: "test.nothing", ..sample(cx.now, 1, &[]) };
        crate::start(cx, new).await.map(|_| ())
    }
}

async fn page(t: &trial::Trial, query: &[(&str, &str)]) -> String {
    let pages = t.app.registry().parts::<ui::PageSpec>();
    let cx = ui::PageCx {
        app: t.app.clone(),
        actor: t.system.clone(),
        now: t.now(),
        zone: jiff::tz::TimeZone::UTC,
        path: "/clocks".into(),
        params: Default::default(),
        query: query.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        csrf: "csrf".into(),
        refilled: None,
    };
    (pages[0].render)(&cx).await.unwrap().body.into_string()
}

fn sample(now: Timestamp, due_in: i64, warn_before: &[i64]) -> NewClock {
    let due_at = now.plus_micros(due_in);
    NewClock {
        kind: "test.date",
        subject: "a".into(),
        partner: None,
        title: "A date".into(),
        due_at,
        warn_at: warn_before.iter().map(|before| due_at.plus_micros(-before)).collect(),
        on_lapse: "test.ring",
        on_warn: None,
        input: json!({}),
    }
}

fn id() -> crate::ClockId {
    crate::ClockId::from_bytes([1; 16])
}

proptest! {
    #[test]
    fn pausing_keeps_the_time_that_was_left(
        due_in in HOUR..100 * DAY,
        warnings in proptest::collection::vec(1..100 * DAY, 0..4),
        ran in 0..100 * DAY,
        stood in 0..1000 * DAY,
    ) {
        let start = Timestamp::from_micros(0);
        let mut clock = Clock::new(id(), sample(start, due_in, &warnings), start);
        let before = clock.clone();
        let paused = start.plus_micros(ran);
        clock.pause(paused);
        prop_assert_eq!(clock.step(paused.plus_micros(stood)), None);
        let resumed = paused.plus_micros(stood);
        clock.resume(resumed);
        prop_assert_eq!(clock.due_at.since(resumed), before.due_at.since(paused));
        prop_assert_eq!(clock.next_at.since(resumed), before.next_at.since(paused));
        prop_assert_eq!(clock.step(resumed), before.step(paused));
    }

    #[test]
    fn a_clock_fires_at_each_instant_once_and_ends(
        due_in in HOUR..100 * DAY,
        warnings in proptest::collection::vec(1..100 * DAY, 0..6),
    ) {
        let start = Timestamp::from_micros(0);
        let mut clock = Clock::new(id(), sample(start, due_in, &warnings), start);
        let mut fired = 0;
        loop {
            let now = clock.next_at;
            prop_assert_eq!(clock.step(now.plus_micros(-1)), None);
            prop_assert!(now <= clock.due_at);
            match clock.step(now).unwrap() {
                Step::Warn => clock.warned(now),
                Step::Lapse => break clock.end(State::Lapsed, now),
            }
            fired += 1;
            prop_assert!(fired <= warnings.len());
        }
        prop_assert_eq!(clock.step(clock.due_at.plus_days(1)), None);
    }
}
