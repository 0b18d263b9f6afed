//! Tokens proven lately, in memory, so that a busy program costs no look-up with each of its requests.
//!
//! An event about a token or a person empties it: at once on the node that wrote the event, within a second on the others.
//! An entry is proven anew after a minute in any case, and its own end is looked at with each use. Kept are digests, never
//! the secrets.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::time::MINUTE;
use kernel::{Actor, App, EventRecord, Timestamp};

/// Tokens kept at once; when more are in use, it starts anew.
const MOST: usize = 10_000;

pub(super) type Digest = [u8; 32];

struct Entry {
    actor: Arc<Actor>,
    proven_at: Timestamp,
    expires_at: Timestamp,
}

#[derive(Default)]
struct Kept {
    /// Counts the news. Who reads the database notes it before, and keeps what it read only if nothing came in between.
    generation: u64,
    tokens: HashMap<Digest, Entry>,
}

/// The tokens that this node has proven.
#[derive(Default)]
pub(super) struct Proven(Mutex<Kept>);

impl Proven {
    /// Who shows that token, or the generation to prove it under.
    pub fn look(&self, digest: &Digest, now: Timestamp) -> Result<Arc<Actor>, u64> {
        let kept = self.kept();
        match kept.tokens.get(digest) {
            Some(entry) if now < entry.expires_at && (0..MINUTE).contains(&now.since(entry.proven_at)) => {
                Ok(Arc::clone(&entry.actor))
            }
            _ => Err(kept.generation),
        }
    }

    pub fn keep(
        &self,
        digest: Digest,
        generation: u64,
        actor: Arc<Actor>,
        proven_at: Timestamp,
        expires_at: Timestamp,
    ) {
        let mut kept = self.kept();
        if kept.generation != generation {
            return;
        }
        if kept.tokens.len() >= MOST {
            kept.tokens.clear();
        }
        kept.tokens.insert(digest, Entry { actor, proven_at, expires_at });
    }

    fn forget(&self) {
        let mut kept = self.kept();
        kept.generation += 1;
        kept.tokens.clear();
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whatever happens to a token or a person may take a right away.
pub(super) fn follow(app: &App, events: &[EventRecord]) {
    if events.iter().any(|event| event.kind.starts_with("token.") || event.kind.starts_with("person."))
        && let Ok(proven) = app.registry().part::<Proven>()
    {
        proven.forget();
    }
}
