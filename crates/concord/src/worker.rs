//! What runs by itself on every node: the log's sequencer, due clocks, schedules, imports, and following the other nodes.
//!
//! Nodes need not agree on who works. A clock fires in one transaction that finds it still due; a schedule's slot is an
//! idempotency key; the sequencer's second writer loses the race and finds nothing left. So work happens once.

use std::collections::HashMap;
use std::time::Duration;

use kernel::{Actor, App, Error, OrganizationId, Result, RunOptions};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often clocks and schedules are looked at.
const TICK: Duration = Duration::from_secs(1);
/// How often the feed is read even if nobody announced anything.
const FOLLOW_AT_LEAST: Duration = Duration::from_millis(500);
/// Entries wait at most so long for their place in the log.
const SEQUENCE_AT_LEAST: Duration = Duration::from_secs(1);

/// The tasks of one node; dropped or stopped, they end.
pub struct Worker {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl Worker {
    pub fn start(app: &App, organization: OrganizationId) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(sequence(app.clone(), stopped.clone()));
        tasks.spawn(tick(app.clone(), organization, stopped.clone()));
        tasks.spawn(import(app.clone(), organization, stopped.clone()));
        tasks.spawn(listen(app.clone(), stopped.clone()));
        tasks.spawn(follow(app.clone(), stopped));
        Self { tasks, stop }
    }

    /// Lets each task finish what it has in hand.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Waits a while; `false` when the node is stopping.
async fn pause(stopped: &mut watch::Receiver<bool>, time: Duration) -> bool {
    tokio::select! {
        () = tokio::time::sleep(time) => true,
        _ = stopped.wait_for(|stop| *stop) => false,
    }
}

/// Gives entries their place in the log soon after they committed.
async fn sequence(app: App, mut stopped: watch::Receiver<bool>) {
    let mut changes = app.changes();
    loop {
        if let Err(error) = app.sequence().await {
            tracing::error!(%error, "entries could not be placed in the log");
        }
        tokio::select! {
            _ = changes.changed() => {}
            () = tokio::time::sleep(SEQUENCE_AT_LEAST) => {}
            _ = stopped.wait_for(|stop| *stop) => break,
        }
        // Many writes at once share one signed head.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    if let Err(error) = app.sequence().await {
        tracing::error!(%error, "the last entries could not be placed in the log; the next start does it");
    }
}

/// Deals with the rows of imports that were started, step by step while there are any.
async fn import(app: App, organization: OrganizationId, mut stopped: watch::Receiver<bool>) {
    let actor = Actor::system(organization, "imports");
    let mut busy = false;
    while pause(&mut stopped, if busy { Duration::from_millis(5) } else { TICK }).await {
        busy = imports::tick(&app, &actor).await.unwrap_or_else(|error| {
            tracing::error!(%error, "imports could not go on");
            false
        });
    }
}

/// Fires due clocks and runs schedules.
async fn tick(app: App, organization: OrganizationId, mut stopped: watch::Receiver<bool>) {
    let mut done = HashMap::new();
    while pause(&mut stopped, TICK).await {
        let actor = Actor::system(organization, "clocks");
        if let Err(error) = clocks::tick(&app, &actor).await {
            tracing::error!(%error, "clocks could not be fired");
        }
        run_schedules(&app, organization, &mut done).await;
        if let Err(error) = app.forget_replays().await {
            tracing::warn!(%error, "old outcomes could not be forgotten");
        }
    }
}

/// Runs every schedule whose slot has begun and that no node has run yet; `done` remembers what this node has seen done.
async fn run_schedules(app: &App, organization: OrganizationId, done: &mut HashMap<&'static str, i64>) {
    let actor = Actor::system(organization, "schedule");
    for schedule in app.registry().schedules() {
        let slot = app.now().micros().div_euclid(schedule.every_seconds * kernel::time::SECOND);
        if done.get(schedule.operation) == Some(&slot) {
            continue;
        }
        let key = format!("schedule:{}:{slot}", schedule.operation);
        let options = RunOptions { idempotency_key: Some(key), if_match: None };
        let run = app.run_value(&actor, schedule.operation, schedule.input.clone(), options).await;
        match run {
            Ok(_) => {
                done.insert(schedule.operation, slot);
            }
            Err(error) => {
                tracing::warn!(operation = schedule.operation, %error, "a schedule failed; it is tried again");
            }
        }
    }
}

/// Wakes the followers when another node announces a write.
async fn listen(app: App, mut stopped: watch::Receiver<bool>) {
    loop {
        let announced = tokio::select! {
            announced = app.db().next_announcement() => announced,
            _ = stopped.wait_for(|stop| *stop) => return,
        };
        match announced {
            Ok(()) => app.publish(&[]),
            Err(error) => {
                tracing::warn!(%error, "cannot listen to the other nodes; polling meanwhile");
                if !pause(&mut stopped, TICK).await {
                    return;
                }
            }
        }
    }
}

/// Hands events of other nodes to the read models of this one. Events of this node come a second time, which changes
/// nothing: followers take the newest.
async fn follow(app: App, mut stopped: watch::Receiver<bool>) {
    let mut position = app.feed_end().await.unwrap_or(0);
    let mut changes = app.changes();
    loop {
        match catch_up(&app, position).await {
            Ok(now_at) => position = now_at,
            Err(error) => tracing::warn!(%error, "the feed could not be read"),
        }
        tokio::select! {
            _ = changes.changed() => {}
            () = tokio::time::sleep(FOLLOW_AT_LEAST) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

async fn catch_up(app: &App, mut position: i64) -> Result<i64, Error> {
    loop {
        let (events, last) = app.feed_after(position, 1000).await?;
        if events.is_empty() {
            return Ok(position);
        }
        position = last;
        app.follow(&events);
    }
}
