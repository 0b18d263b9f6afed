//! The words of all names in the index: which names contain each, and which words resemble a misspelled one.

use std::collections::HashMap;

use super::similarity::{self, Likeness};

/// Letters, digits, and a mark for either end of a word.
const SYMBOLS: usize = 38;
const START: usize = 36;
const END: usize = 37;

/// How many resembling words one word of a query may stand for.
const MOST_RESEMBLING: usize = 64;
/// How many are compared letter by letter to find them.
const MOST_COMPARED: usize = 160;
/// How many entries of trigram lists are read for one word; the rarest trigrams, which say the most, come first.
const BUDGET: usize = 40_000;
/// The same where that found nothing much alike: a slip at the front of a word spares only its usual endings.
const WIDE_BUDGET: usize = 200_000;
/// A word this much alike is a good find.
const MUCH_ALIKE: Likeness = 870;
/// Words that are less alike than this are not searched for.
const RESEMBLING: Likeness = 740;

/// Interned words with their posting lists: sorted slots of the names that contain the word.
#[derive(Debug)]
pub(super) struct Dictionary {
    ids: HashMap<Box<str>, u32>,
    words: Vec<Entry>,
    /// By word, which letters it has and how long it is: looked at for thousands of words, so kept close together.
    shapes: Vec<Shape>,
    /// By trigram, the words that contain it.
    trigrams: Vec<Vec<u32>>,
}

/// The letters of a word as a set, its length, and a number that orders equally ranked words without reading them.
#[derive(Debug, Clone, Copy)]
struct Shape {
    letters: u32,
    order: u16,
    length: u8,
}

#[derive(Debug)]
struct Entry {
    text: Box<str>,
    slots: Vec<u32>,
}

/// Working memory for [`Dictionary::resembling`], kept between queries.
#[derive(Debug, Default)]
pub(super) struct Shared {
    counts: Vec<u8>,
    touched: Vec<u32>,
}

impl Default for Dictionary {
    fn default() -> Self {
        Self {
            ids: HashMap::new(),
            words: Vec::new(),
            shapes: Vec::new(),
            trigrams: vec![Vec::new(); SYMBOLS * SYMBOLS * SYMBOLS],
        }
    }
}

impl Dictionary {
    pub(super) fn insert(&mut self, word: &str, slot: u32) {
        let id = match self.ids.get(word) {
            Some(id) => *id,
            None => self.intern(word),
        };
        add(&mut self.words[id as usize].slots, slot);
    }

    fn intern(&mut self, word: &str) -> u32 {
        let id = self.words.len() as u32;
        for trigram in trigrams(word) {
            self.trigrams[trigram].push(id);
        }
        self.ids.insert(word.into(), id);
        self.words.push(Entry { text: word.into(), slots: Vec::new() });
        self.shapes.push(Shape::of(word));
        id
    }

    /// The word itself stays known, so that the names that still hold it keep their places.
    pub(super) fn remove(&mut self, word: &str, slot: u32) {
        if let Some(id) = self.ids.get(word) {
            take(&mut self.words[*id as usize].slots, slot);
        }
    }

    /// The word's number, if any name holds it.
    pub(super) fn find(&self, word: &str) -> Option<u32> {
        let id = *self.ids.get(word)?;
        (!self.slots(id).is_empty()).then_some(id)
    }

    pub(super) fn slots(&self, id: u32) -> &[u32] {
        &self.words[id as usize].slots
    }

    pub(super) fn text(&self, id: u32) -> &str {
        &self.words[id as usize].text
    }

    /// The words most like `word`, itself included, best first. The order in which words arrived does not matter.
    pub(super) fn resembling(&self, word: &str, shared: &mut Shared) -> Vec<(u32, Likeness)> {
        let mut found = self.alike(word, BUDGET, shared);
        if found.iter().all(|(_, alike)| *alike < MUCH_ALIKE) {
            found = self.alike(word, WIDE_BUDGET, shared);
        }
        found.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| self.text(a.0).cmp(self.text(b.0))));
        found.truncate(MOST_RESEMBLING);
        found
    }

    fn alike(&self, word: &str, budget: usize, shared: &mut Shared) -> Vec<(u32, Likeness)> {
        self.sharing_trigrams(word, budget, shared)
            .into_iter()
            .filter(|id| !self.slots(*id).is_empty())
            .map(|id| (id, similarity::between(word, self.text(id))))
            .filter(|(_, alike)| *alike >= RESEMBLING)
            .collect()
    }

    /// Words worth comparing: those with the most trigrams in common among the rarest, then of the most similar shape.
    fn sharing_trigrams(&self, word: &str, budget: usize, shared: &mut Shared) -> Vec<u32> {
        let mut lists: Vec<&[u32]> =
            trigrams(word).into_iter().map(|trigram| self.trigrams[trigram].as_slice()).collect();
        lists.sort_by_key(|list| list.len());
        shared.counts.resize(self.words.len(), 0);
        let mut read = 0;
        let mut highest = 0;
        for list in lists {
            read += list.len();
            if read > budget && highest > 1 {
                break;
            }
            for id in list {
                let count = &mut shared.counts[*id as usize];
                if *count == 0 {
                    shared.touched.push(*id);
                }
                *count = count.saturating_add(1);
                highest = highest.max(*count);
            }
        }
        // Most words share one usual trigram by accident; their shapes are not worth fetching.
        let least = highest.div_ceil(3);
        let wanted = Shape::of(word);
        let mut near: Vec<(u32, u16, u32)> = Vec::new();
        for id in shared.touched.drain(..) {
            let count = std::mem::take(&mut shared.counts[id as usize]);
            if count < least {
                continue;
            }
            let shape = self.shapes[id as usize];
            let unlike = wanted.differs(shape);
            if unlike <= MOST_UNLIKE {
                near.push((u32::from(count) * 4 + MOST_UNLIKE - unlike, shape.order, id));
            }
        }
        if near.len() > MOST_COMPARED {
            near.select_nth_unstable_by(MOST_COMPARED, |a, b| {
                (b.0, a.1).cmp(&(a.0, b.1)).then_with(|| self.text(a.2).cmp(self.text(b.2)))
            });
            near.truncate(MOST_COMPARED);
        }
        near.into_iter().map(|(_, _, id)| id).collect()
    }
}

/// More letters than this on the shorter word's side that the longer has not: no slip explains it.
const MOST_UNLIKE: u32 = 6;

impl Shape {
    fn of(word: &str) -> Self {
        Self {
            letters: word.bytes().fold(0, |set, byte| set | 1 << (byte & 31)),
            order: word.bytes().fold(0, |order: u16, byte| order.wrapping_mul(31) ^ u16::from(byte)),
            length: word.len().min(255) as u8,
        }
    }

    /// Letters that only one of them has; where one is much longer, only those that the shorter has alone, doubled.
    fn differs(self, other: Self) -> u32 {
        let (short, long) = if self.length <= other.length { (self, other) } else { (other, self) };
        let alone = (short.letters & !long.letters).count_ones();
        if long.length - short.length > 2 {
            // Only a shortened word is so much shorter, and it adds nothing.
            return if alone == 0 { 2 } else { MOST_UNLIKE + 1 };
        }
        alone + (long.letters & !short.letters).count_ones()
    }
}

/// The different trigrams of a word with its ends marked: `^ac`, `acm`, `cme`, `me$`.
fn trigrams(word: &str) -> Vec<usize> {
    let symbol = |byte: u8| match byte {
        b'0'..=b'9' => usize::from(byte - b'0') + 26,
        _ => usize::from(byte.wrapping_sub(b'a')) % 26,
    };
    let mut symbols = vec![START];
    symbols.extend(word.bytes().map(symbol));
    symbols.push(END);
    let mut found: Vec<usize> = symbols.windows(3).map(|w| (w[0] * SYMBOLS + w[1]) * SYMBOLS + w[2]).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Adds to a sorted list; at the end in the usual case.
pub(super) fn add(slots: &mut Vec<u32>, slot: u32) {
    if slots.last().is_none_or(|last| *last < slot) {
        slots.push(slot);
    } else if let Err(at) = slots.binary_search(&slot) {
        slots.insert(at, slot);
    }
}

/// Takes out of a sorted list.
pub(super) fn take(slots: &mut Vec<u32>, slot: u32) {
    if let Ok(at) = slots.binary_search(&slot) {
        slots.remove(at);
    }
}
