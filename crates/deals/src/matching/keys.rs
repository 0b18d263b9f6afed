//! Exact keys of an identity (numbers, domain, whole name) to the accounts that have them.

use std::collections::HashMap;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::hash::{Hash, Hasher};

use super::dictionary::{add, take};
use super::identity::View;

/// What a key is made of, and what sharing it is worth when candidates are gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum KeyKind {
    VatNumber,
    RegistrationNumber,
    Domain,
    /// All words of the name, sorted.
    Words,
    /// The name as one word.
    Joined,
}

impl KeyKind {
    /// Ranked so that a candidate which a number settles is never crowded out by those with a common name.
    pub(super) fn weight(self) -> u32 {
        match self {
            Self::VatNumber | Self::RegistrationNumber => 12_000,
            Self::Domain => 6_000,
            Self::Words => 3_000,
            Self::Joined => 1_500,
        }
    }
}

/// Almost every key belongs to one account, so a key costs eight bytes; the few shared ones have lists of their own.
///
/// A key is known by a 32-bit hash. Two keys that collide share a list: a candidate too many, which scoring drops.
#[derive(Debug, Default)]
pub(super) struct Keys {
    owners: HashMap<u32, Owner>,
    shared: Vec<Vec<u32>>,
    unused: Vec<u32>,
}

/// A slot, or with the top bit set the number of a list.
#[derive(Debug, Clone, Copy)]
struct Owner(u32);

const SHARED: u32 = 1 << 31;

impl Keys {
    pub(super) fn insert(&mut self, key: u32, slot: u32) {
        match self.owners.entry(key) {
            Entry::Vacant(vacant) => {
                vacant.insert(Owner(slot));
            }
            Entry::Occupied(mut occupied) => {
                let Owner(owner) = *occupied.get();
                if owner & SHARED != 0 {
                    add(&mut self.shared[(owner & !SHARED) as usize], slot);
                } else if owner != slot {
                    let both = vec![owner.min(slot), owner.max(slot)];
                    let list = match self.unused.pop() {
                        Some(list) => {
                            self.shared[list as usize] = both;
                            list
                        }
                        None => {
                            self.shared.push(both);
                            self.shared.len() as u32 - 1
                        }
                    };
                    occupied.insert(Owner(list | SHARED));
                }
            }
        }
    }

    pub(super) fn remove(&mut self, key: u32, slot: u32) {
        let Entry::Occupied(mut occupied) = self.owners.entry(key) else {
            return;
        };
        let Owner(owner) = *occupied.get();
        if owner & SHARED == 0 {
            if owner == slot {
                occupied.remove();
            }
            return;
        }
        let list = owner & !SHARED;
        let slots = &mut self.shared[list as usize];
        take(slots, slot);
        if let [last] = slots[..] {
            occupied.insert(Owner(last));
            self.shared[list as usize] = Vec::new();
            self.unused.push(list);
        }
    }

    /// Calls `found` with every slot that has the key.
    pub(super) fn each(&self, key: u32, mut found: impl FnMut(u32)) {
        match self.owners.get(&key) {
            None => {}
            Some(Owner(owner)) if owner & SHARED == 0 => found(*owner),
            Some(Owner(owner)) => {
                for slot in &self.shared[(owner & !SHARED) as usize] {
                    found(*slot);
                }
            }
        }
    }
}

/// All keys of an identity. The hash has a fixed seed: the same accounts always share the same lists.
pub(super) fn of(view: &View<'_>) -> Vec<(KeyKind, u32)> {
    let mut keys = Vec::with_capacity(5);
    let mut key = |kind: KeyKind, parts: &[&str]| {
        let mut hasher = DefaultHasher::new();
        (kind, parts).hash(&mut hasher);
        keys.push((kind, hasher.finish() as u32));
    };
    if let Some(number) = view.vat_number {
        key(KeyKind::VatNumber, &[number]);
    }
    if let (Some(country), Some(number)) = (view.country, view.registration_number) {
        key(KeyKind::RegistrationNumber, &[country, number]);
    }
    if let Some(domain) = view.domain {
        key(KeyKind::Domain, &[domain]);
    }
    let mut words: Vec<&str> = view.name.split(' ').filter(|word| !word.is_empty()).collect();
    if !words.is_empty() {
        key(KeyKind::Joined, &[&words.concat()]);
        words.sort_unstable();
        key(KeyKind::Words, &words);
    }
    keys
}
