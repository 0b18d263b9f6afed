//! Records what the gate did, many at a time: one transaction holds up to 200 decisions, and whoever must know that its
//! decision is on record waits for that transaction only.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kernel::{Actor, App, DecisionId, Error, OrganizationId, Result};
use tokio::sync::{Notify, oneshot};

use super::books::Compiled;
use super::effect::Effect;
use super::operations::{Asked, RecordDecisions, RecordEffects};

/// Items of one transaction.
const AT_ONCE: usize = 200;
/// How long an item waits for company when nobody waits for it.
const COMPANY: Duration = Duration::from_millis(50);
/// Items that may wait unrecorded. Beyond them nothing is answered before it is on record.
const MOST_WAITING: usize = 10_000;
/// The pause after a transaction that failed, so that a database that is away is not asked all the time.
const PAUSE: Duration = Duration::from_millis(250);

/// Something to be recorded.
pub(super) enum Item {
    Decision { law: String, under: Arc<Compiled>, asked: Box<Asked> },
    Effect(Effect),
}

type Answer = Result<Option<DecisionId>>;

struct Waiting {
    organization: OrganizationId,
    item: Item,
    answer: Option<oneshot::Sender<Answer>>,
}

#[derive(Default)]
struct Queue {
    items: VecDeque<Waiting>,
    /// How many items somebody waits for.
    awaited: usize,
    /// Whether a task is at work.
    running: bool,
}

impl Queue {
    /// Whether somebody waits or a batch is full.
    fn is_due(&self) -> bool {
        self.awaited > 0 || self.items.len() >= AT_ONCE
    }
}

/// What waits to be recorded on this node.
#[derive(Default)]
pub(super) struct Recorder {
    queue: Mutex<Queue>,
    more: Notify,
}

impl Recorder {
    /// Records it within a moment; when too much waits already, it waits with it.
    pub async fn put(self: &Arc<Self>, app: &App, organization: OrganizationId, item: Item) -> Result<()> {
        if self.queue().items.len() >= MOST_WAITING {
            return self.record(app, organization, item).await.map(drop);
        }
        self.push(app, Waiting { organization, item, answer: None });
        Ok(())
    }

    /// Records it and returns when that is done.
    pub async fn record(self: &Arc<Self>, app: &App, organization: OrganizationId, item: Item) -> Answer {
        let (answer, done) = oneshot::channel();
        self.push(app, Waiting { organization, item, answer: Some(answer) });
        done.await.map_err(|_| Error::internal("the recorder of the gate stopped"))?
    }

    fn push(self: &Arc<Self>, app: &App, waiting: Waiting) {
        let (start, hurry) = {
            let mut queue = self.queue();
            queue.awaited += usize::from(waiting.answer.is_some());
            queue.items.push_back(waiting);
            (!std::mem::replace(&mut queue.running, true), queue.is_due())
        };
        if start {
            let (recorder, app) = (Arc::clone(self), app.clone());
            tokio::spawn(async move { recorder.work(&app).await });
        } else if hurry {
            // Waking a task costs more than an answer; what is not due is found when its time is over.
            self.more.notify_one();
        }
    }

    /// Records until nothing is left.
    async fn work(&self, app: &App) {
        loop {
            self.gather().await;
            let Some(batch) = self.take() else { return };
            let failed = record_all(app, batch).await;
            if !failed.is_empty() {
                self.put_back(failed);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Waits for company, unless somebody waits or a batch is full.
    async fn gather(&self) {
        let filling = async {
            while !self.queue().is_due() {
                self.more.notified().await;
            }
        };
        // Running out of time is as good as being full.
        let _ = tokio::time::timeout(COMPANY, filling).await;
    }

    /// The next batch; `None` ends the work.
    fn take(&self) -> Option<Vec<Waiting>> {
        let mut queue = self.queue();
        if queue.items.is_empty() {
            queue.running = false;
            return None;
        }
        let count = queue.items.len().min(AT_ONCE);
        let batch: Vec<Waiting> = queue.items.drain(..count).collect();
        queue.awaited -= batch.iter().filter(|waiting| waiting.answer.is_some()).count();
        Some(batch)
    }

    /// What could not be recorded and nobody waits for is tried again, in its order.
    fn put_back(&self, failed: Vec<Waiting>) {
        let mut queue = self.queue();
        for waiting in failed.into_iter().rev() {
            queue.items.push_front(waiting);
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Records a batch, one transaction for each law, and returns what must be tried again.
async fn record_all(app: &App, batch: Vec<Waiting>) -> Vec<Waiting> {
    let mut failed = Vec::new();
    for group in grouped(batch) {
        let actor = Actor::system(group.organization, "gate");
        let done = group.record(app, &actor).await;
        if let Err(error) = &done {
            tracing::error!(%error, items = group.waiting.len(), "the gate could not record what it did");
            metrics::counter!("concord_gate_record_failures_total").increment(1);
        }
        for (place, mut waiting) in group.waiting.into_iter().enumerate() {
            match (waiting.answer.take(), &done) {
                // Whoever no longer listens has gone away; its decision is on record all the same.
                (Some(answer), Ok(ids)) => drop(answer.send(Ok(ids.get(place).copied()))),
                (Some(answer), Err(error)) => drop(answer.send(Err(Error::Lost(error.to_string())))),
                (None, Ok(_)) => {}
                (None, Err(_)) => failed.push(waiting),
            }
        }
    }
    failed
}

/// Items of one transaction: decisions under one law, or effects.
struct Group {
    organization: OrganizationId,
    /// The law and its policies; absent for effects.
    under: Option<(String, Arc<Compiled>)>,
    waiting: Vec<Waiting>,
}

impl Group {
    fn takes(&self, waiting: &Waiting) -> bool {
        self.organization == waiting.organization
            && match (&self.under, &waiting.item) {
                (Some((law, under)), Item::Decision { law: other, under: others, .. }) => {
                    law == other && Arc::ptr_eq(under, others)
                }
                (None, Item::Effect(_)) => true,
                _ => false,
            }
    }

    async fn record(&self, app: &App, actor: &Actor) -> Result<Vec<DecisionId>> {
        let Some((law, under)) = &self.under else {
            let effects = self.waiting.iter().filter_map(|waiting| match &waiting.item {
                Item::Effect(effect) => Some(effect.clone()),
                Item::Decision { .. } => None,
            });
            app.run(actor, RecordEffects { effects: effects.collect() }).await?;
            return Ok(Vec::new());
        };
        let asked = self.waiting.iter().filter_map(|waiting| match &waiting.item {
            Item::Decision { asked, .. } => Some(Asked::clone(asked)),
            Item::Effect(_) => None,
        });
        let (law, under) = (law.clone(), Some(Arc::clone(under)));
        app.run(actor, RecordDecisions { law, under, decisions: asked.collect() }).await
    }
}

fn grouped(batch: Vec<Waiting>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for waiting in batch {
        let place = groups.iter().position(|group| group.takes(&waiting));
        let place = place.unwrap_or_else(|| {
            let under = match &waiting.item {
                Item::Decision { law, under, .. } => Some((law.clone(), Arc::clone(under))),
                Item::Effect(_) => None,
            };
            groups.push(Group { organization: waiting.organization, under, waiting: Vec::new() });
            groups.len() - 1
        });
        groups[place].waiting.push(waiting);
    }
    groups
}

/// Waits until everything that the gate did on this node is on record: before a shutdown, and in tests.
pub async fn settle(app: &App) -> Result<()> {
    let recorder = app.registry().part::<Recorder>()?;
    while recorder.queue().running {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}
