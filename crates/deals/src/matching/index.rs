//! A million accounts in memory, and for a new identity the few of them that it could be.
//!
//! Candidates are gathered in three ways, all of which may name the same account: exact keys (numbers, domain, the
//! whole name), words of the name in any order, and words that resemble a word of the query. Rare words lead: they are
//! looked up in full. The lists of very frequent words ("group") are too long to read, so they only re-rank what the
//! rare ones found; where a name has nothing but frequent words, the accounts that share two of them are used. The best
//! of what was gathered is scored like any other pair, so the index decides who is looked at and never who matches.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::dictionary::{Dictionary, Shared};
use super::gather::{self, Lookup};
use super::identity::{Normalized, View};
use super::keys::{self, Keys};
use super::score::{Score, Tally};
use super::similarity::{Pattern, folded};

/// How many gathered accounts are scored.
const MOST_SCORED: usize = 96;

/// One account that the customer could be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub id: u128,
    pub score: Score,
}

/// Accounts by what identifies them. Reading needs no exclusive access; the answer depends only on what is in it.
#[derive(Debug, Default)]
pub struct Index {
    slots: HashMap<[u8; 16], u32>,
    records: Vec<Record>,
    briefs: Vec<Brief>,
    free: Vec<u32>,
    words: Dictionary,
    keys: Keys,
    desks: Mutex<Vec<Desk>>,
}

/// What is kept of an account: its keys as one text.
#[derive(Debug)]
pub(super) struct Record {
    id: [u8; 16],
    text: Box<str>,
}

/// What ranking needs of each of many thousand accounts, kept close together.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Brief {
    pub(super) country: [u8; 2],
    pub(super) words: u8,
}

impl Brief {
    pub(super) fn of(view: &View<'_>) -> Self {
        let country = match view.country.map(str::as_bytes) {
            Some([a, b]) => [*a, *b],
            _ => [0; 2],
        };
        Self { country, words: view.name.split(' ').count().min(255) as u8 }
    }
}

/// Working memory of one query, kept for the next.
#[derive(Debug, Default)]
pub(super) struct Desk {
    pub(super) points: Vec<u16>,
    pub(super) touched: Vec<u32>,
    pub(super) shared: Shared,
}

/// Stands between the keys of a record; no normalized key holds it.
const SEPARATOR: char = '\u{1f}';

impl Record {
    fn new(id: u128, identity: &Normalized) -> Self {
        let parts = [
            identity.name.as_str(),
            identity.domain.as_deref().unwrap_or_default(),
            identity.vat_number.as_deref().unwrap_or_default(),
            identity.registration_number.as_deref().unwrap_or_default(),
            identity.country.as_deref().unwrap_or_default(),
        ];
        Self { id: id.to_be_bytes(), text: parts.join(&SEPARATOR.to_string()).into() }
    }

    pub(super) fn id(&self) -> u128 {
        u128::from_be_bytes(self.id)
    }

    pub(super) fn view(&self) -> View<'_> {
        let mut parts = self.text.split(SEPARATOR);
        let name = parts.next().unwrap_or_default();
        let mut part = || parts.next().filter(|text| !text.is_empty());
        View { name, domain: part(), vat_number: part(), registration_number: part(), country: part() }
    }
}

impl Index {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn len(&self) -> usize {
        self.slots.len()
    }

    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Adds an account, or replaces what was known under this id.
    pub fn insert(&mut self, id: u128, identity: &Normalized) {
        self.remove(id);
        let record = Record::new(id, identity);
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => self.records.len() as u32,
        };
        for (_, key) in keys::of(&identity.view()) {
            self.keys.insert(key, slot);
        }
        for word in indexed_words(&identity.name) {
            self.words.insert(&word, slot);
        }
        self.slots.insert(record.id, slot);
        match self.records.get_mut(slot as usize) {
            Some(place) => {
                *place = record;
                self.briefs[slot as usize] = Brief::of(&identity.view());
            }
            None => {
                self.records.push(record);
                self.briefs.push(Brief::of(&identity.view()));
            }
        }
    }

    /// Forgets an account; says whether it was known.
    pub fn remove(&mut self, id: u128) -> bool {
        let Some(slot) = self.slots.remove(&id.to_be_bytes()) else {
            return false;
        };
        let empty = Record::new(0, &Normalized::default());
        let record = std::mem::replace(&mut self.records[slot as usize], empty);
        let view = record.view();
        for (_, key) in keys::of(&view) {
            self.keys.remove(key, slot);
        }
        for word in indexed_words(view.name) {
            self.words.remove(&word, slot);
        }
        self.free.push(slot);
        true
    }

    /// The `k` accounts that score highest against `identity`, best first; equal scores in order of id.
    pub fn best(&self, identity: &Normalized, k: usize) -> Vec<Candidate> {
        let mut desk = self.desks().pop().unwrap_or_default();
        desk.points.resize(self.records.len(), 0);
        let view = identity.view();
        let lookup = Lookup {
            records: &self.records,
            briefs: &self.briefs,
            words: &self.words,
            keys: &self.keys,
            accounts: self.slots.len(),
        };
        let gathered = gather::candidates(&lookup, &view, &mut desk, MOST_SCORED.max(k));
        self.desks().push(desk);

        let pattern = Pattern::new(view.name);
        let mut scored: Vec<(Tally, &Record)> = gathered
            .into_iter()
            .map(|slot| {
                let record = &self.records[slot as usize];
                let other = record.view();
                (Tally::of(&view, &pattern, &other, &Pattern::new(other.name)), record)
            })
            .filter(|(tally, _)| tally.total() > 0)
            .collect();
        scored.sort_by_key(|(tally, record)| (std::cmp::Reverse(tally.sum()), record.id));
        scored.truncate(k);
        scored
            .into_iter()
            .map(|(tally, record)| Candidate { id: record.id(), score: tally.explained(&view, &record.view()) })
            .collect()
    }

    fn desks(&self) -> std::sync::MutexGuard<'_, Vec<Desk>> {
        // A desk is cleared by whoever uses it, so one left by a panicking thread was never put back.
        self.desks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The words under which a name is filed: folded, each once.
pub(super) fn indexed_words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = name.split(' ').filter(|word| !word.is_empty()).map(folded).collect();
    words.sort_unstable();
    words.dedup();
    words
}
