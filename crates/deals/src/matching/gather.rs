//! Which accounts are worth scoring for a query: cheap points from lists, the most pointed-at accounts kept.

use std::cmp::Reverse;

use super::dictionary::Dictionary;
use super::identity::View;
use super::index::{Brief, Desk, Record, indexed_words};
use super::keys::{self, Keys};

/// How many list entries a query may read; lists that do not fit are those of frequent words.
const BUDGET: usize = 100_000;
/// How many accounts get the frequent words looked up one by one.
const MOST_REFINED: usize = 512;
/// What a word too many in an account's name costs, in sixteenths of a bit.
const EXTRA_WORD: u32 = 40;
const SAME_COUNTRY: u32 = 48;

/// What a query looks into.
pub(super) struct Lookup<'a> {
    pub(super) records: &'a [Record],
    pub(super) briefs: &'a [Brief],
    pub(super) words: &'a Dictionary,
    pub(super) keys: &'a Keys,
    pub(super) accounts: usize,
}

/// A list to read: a word of the index that may be meant by a word of the query.
struct Reading {
    word: u32,
    weight: u32,
    /// Which word of the query it stands for.
    stands_for: usize,
}

/// A word of the index that is in the query only if spaces are put elsewhere.
const RESPACED: usize = usize::MAX;

/// At most `most` slots, those with the most in common first; the same for any order of insertion.
pub(super) fn candidates(lookup: &Lookup<'_>, query: &View<'_>, desk: &mut Desk, most: usize) -> Vec<u32> {
    for (kind, key) in keys::of(query) {
        lookup.keys.each(key, |slot| point(desk, slot, kind.weight()));
    }
    let (rare, frequent) = lookup.readings(query.name, desk);
    for reading in &rare {
        for slot in lookup.words.slots(reading.word) {
            point(desk, *slot, reading.weight);
        }
    }
    lookup.read_pairs(&rare, &frequent, desk);
    let floor = floor(&rare, &frequent);
    lookup.ranked(query, floor, &frequent, desk, most)
}

/// An account with less than a quarter of what the words can give, frequent ones included, is not worth ranking.
fn floor(rare: &[Reading], frequent: &[Reading]) -> u16 {
    let mut counted = Vec::new();
    let mut most = 0;
    // The readings come with the highest weights first: the first for each word of the query is its best.
    for reading in rare {
        if reading.stands_for != RESPACED && !counted.contains(&reading.stands_for) {
            counted.push(reading.stands_for);
            most += reading.weight;
        }
    }
    let outstanding: u32 = frequent.iter().map(|reading| reading.weight).sum();
    (most / 4).saturating_sub(outstanding).min(1_000) as u16
}

fn point(desk: &mut Desk, slot: u32, weight: u32) {
    let points = &mut desk.points[slot as usize];
    if *points == 0 {
        desk.touched.push(slot);
    }
    *points = points.saturating_add(weight as u16);
}

impl Lookup<'_> {
    /// The lists to read in full, and those that are too long for it.
    fn readings(&self, name: &str, desk: &mut Desk) -> (Vec<Reading>, Vec<Reading>) {
        let mut readings = Vec::new();
        for (place, word) in query_words(name).iter().enumerate() {
            for (id, alike) in self.words.resembling(word, &mut desk.shared) {
                let rarity = self.rarity(id);
                readings.push(Reading {
                    word: id,
                    weight: (rarity * alike / 1000 * alike / 1000).max(1),
                    stands_for: place,
                });
            }
        }
        for word in respaced(name, self.words) {
            readings.push(Reading { weight: self.rarity(word).max(1), word, stands_for: RESPACED });
        }
        readings.sort_unstable_by(|a, b| {
            (Reverse(a.weight), self.words.text(a.word)).cmp(&(Reverse(b.weight), self.words.text(b.word)))
        });
        let mut left = BUDGET;
        readings.into_iter().partition(|reading| {
            let length = self.words.slots(reading.word).len();
            let fits = length <= left;
            left -= if fits { length } else { 0 };
            fits
        })
    }

    /// Sixteenths of a bit: what knowing that a name holds the word tells about which account it is.
    fn rarity(&self, word: u32) -> u32 {
        let ratio = (self.accounts as u64 + 1) * 16 / self.words.slots(word).len().max(1) as u64;
        let bits = ratio.max(16).ilog2();
        // The next four bits after the leading one are the fraction, near enough to a logarithm.
        let fraction = ((ratio.max(16) << 4) >> bits) as u32 & 15;
        (bits - 4) * 16 + fraction
    }

    /// Where rare words stand for fewer than two words of the query, accounts that share two frequent ones join in.
    fn read_pairs(&self, rare: &[Reading], frequent: &[Reading], desk: &mut Desk) {
        let Some(first_rare) = rare.first() else {
            return self.read_pair(frequent, desk);
        };
        if rare.iter().all(|reading| reading.stands_for == first_rare.stands_for) {
            self.read_pair(frequent, desk);
        }
    }

    /// The two rarest of the frequent words, each for another word of the query.
    fn read_pair(&self, frequent: &[Reading], desk: &mut Desk) {
        let Some(first) = frequent.first() else {
            return;
        };
        let Some(second) = frequent.iter().find(|reading| reading.stands_for != first.stands_for) else {
            return;
        };
        let (a, b) = (self.words.slots(first.word), self.words.slots(second.word));
        // Beyond the budget the pair says nothing about who it is; an equal name is still found by its key.
        if let Some(both) = intersection(a, b, BUDGET) {
            for slot in both {
                point(desk, slot, 1);
            }
        }
    }

    /// Adds what the frequent words and the country say, ranks, and clears the desk.
    fn ranked(&self, query: &View<'_>, floor: u16, frequent: &[Reading], desk: &mut Desk, most: usize) -> Vec<u32> {
        let wanted = Brief::of(query);
        let rank = |points: u32, slot: u32| {
            let brief = self.briefs[slot as usize];
            let same_country = query.country.is_some() && brief.country == wanted.country;
            let bonus = if same_country { SAME_COUNTRY } else { 0 };
            (points * 2 + bonus + 4096).saturating_sub(EXTRA_WORD * u32::from(brief.words))
        };
        let floor = if desk.touched.len() > most { floor } else { 0 };
        let mut ranked: Vec<(u32, u32)> = Vec::new();
        for slot in desk.touched.drain(..) {
            let points = std::mem::take(&mut desk.points[slot as usize]);
            if points >= floor {
                ranked.push((rank(u32::from(points), slot), slot));
            }
        }
        if !frequent.is_empty() {
            self.keep_best(&mut ranked, MOST_REFINED.max(most));
            for (rank, slot) in &mut ranked {
                *rank += 2 * self.frequent_points(*slot, frequent);
            }
        }
        self.keep_best(&mut ranked, most);
        ranked.into_iter().map(|(_, slot)| slot).collect()
    }

    fn keep_best(&self, ranked: &mut Vec<(u32, u32)>, most: usize) {
        if ranked.len() <= most || most == 0 {
            ranked.truncate(most);
            return;
        }
        // Ids lie far apart in memory, so they are looked at only where ranks are equal at the very edge.
        let (_, edge, _) = ranked.select_nth_unstable_by_key(most - 1, |(rank, _)| Reverse(*rank));
        let edge = edge.0;
        let mut tied: Vec<(u128, u32)> = ranked
            .iter()
            .filter(|(rank, _)| *rank == edge)
            .map(|(_, slot)| (self.records[*slot as usize].id(), *slot))
            .collect();
        tied.sort_unstable();
        ranked.retain(|(rank, _)| *rank > edge);
        let left = most - ranked.len();
        ranked.extend(tied.into_iter().take(left).map(|(_, slot)| (edge, slot)));
    }

    fn frequent_points(&self, slot: u32, frequent: &[Reading]) -> u32 {
        frequent
            .iter()
            .filter(|reading| self.words.slots(reading.word).binary_search(&slot).is_ok())
            .map(|reading| reading.weight)
            .sum()
    }
}

/// The words to look up: as filed, but no more than a long name needs.
fn query_words(name: &str) -> Vec<String> {
    let mut words = indexed_words(name);
    // The longest say the most where there are too many.
    words.sort_by_key(|word| Reverse(word.len()));
    words.truncate(10);
    words
}

/// Known words that come from other spaces: `blue sky` for `bluesky` and the reverse.
fn respaced(name: &str, words: &Dictionary) -> Vec<u32> {
    let parts: Vec<&str> = name.split(' ').filter(|word| !word.is_empty()).collect();
    let mut found = Vec::new();
    for pair in parts.windows(2) {
        found.extend(words.find(&super::similarity::folded(&pair.concat())));
    }
    for part in parts {
        for at in 3..part.len().saturating_sub(2) {
            let Some((head, tail)) = part.split_at_checked(at) else {
                continue;
            };
            if let (Some(head), Some(tail)) =
                (words.find(&super::similarity::folded(head)), words.find(&super::similarity::folded(tail)))
            {
                found.extend([head, tail]);
            }
        }
    }
    found.sort_unstable_by(|a, b| words.text(*a).cmp(words.text(*b)));
    found.dedup();
    found
}

/// What both sorted lists hold, or nothing if it is more than `most`.
fn intersection(a: &[u32], b: &[u32], most: usize) -> Option<Vec<u32>> {
    let (short, mut long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let mut both = Vec::new();
    for slot in short {
        let mut step = 1;
        while step < long.len() && long[step] < *slot {
            step *= 2;
        }
        let from = step / 2;
        let to = (step + 1).min(long.len());
        long = &long[from + long[from..to].partition_point(|other| other < slot)..];
        if long.first() == Some(slot) {
            if both.len() == most {
                return None;
            }
            both.push(*slot);
        }
    }
    Some(both)
}
