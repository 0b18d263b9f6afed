//! How alike two normalized names are, word by word, whatever the order.

use super::legal_forms;

/// Per mille of likeness; 1000 is equal.
pub(super) type Likeness = u32;

/// Below this, two words are two words.
const ALIKE: Likeness = 700;

/// A name prepared for comparing it with many others.
#[derive(Debug)]
pub(super) struct Pattern<'a> {
    words: Vec<Word<'a>>,
    joined: String,
    weight: u32,
}

#[derive(Debug)]
struct Word<'a> {
    text: &'a str,
    folded: String,
    letters: u64,
    weight: u32,
}

impl<'a> Pattern<'a> {
    pub(super) fn new(name: &'a str) -> Self {
        let words: Vec<Word<'a>> = name
            .split(' ')
            .filter(|word| !word.is_empty())
            .map(|text| Word { text, folded: folded(text), letters: letters(text), weight: weight(text) })
            .collect();
        Self {
            joined: words.iter().map(|word| word.text).collect(),
            weight: words.iter().map(|word| word.weight).sum(),
            words,
        }
    }

    /// Symmetric, and 1000 exactly for equal names.
    pub(super) fn likeness(&self, other: &Self) -> Likeness {
        if self.words.is_empty() || other.words.is_empty() {
            return 0;
        }
        if self.words.iter().map(|w| w.text).eq(other.words.iter().map(|w| w.text)) {
            return 1000;
        }
        if self.joined == other.joined {
            return 985;
        }
        let by_words = self.by_words(other).min(990);
        if by_words >= 950 {
            return by_words;
        }
        by_words.max(self.run_together(other)).max(self.initials(other))
    }

    /// Pairs the most alike words of both names first; every word counts by what it says.
    fn by_words(&self, other: &Self) -> Likeness {
        let mut pairs = Vec::new();
        for (i, a) in self.words.iter().enumerate() {
            for (j, b) in other.words.iter().enumerate() {
                let alike = a.likeness(b);
                if alike >= ALIKE {
                    // Ordered by the words themselves, so that swapping the names changes nothing.
                    let (low, high) = (a.text.min(b.text), a.text.max(b.text));
                    pairs.push((alike, a.weight + b.weight, low, high, i, j));
                }
            }
        }
        pairs.sort_unstable_by(|x, y| (y.0, y.1, y.2, y.3).cmp(&(x.0, x.1, x.2, x.3)));
        let (mut left, mut right) = (vec![false; self.words.len()], vec![false; other.words.len()]);
        let mut shared = 0;
        for (alike, weight, _, _, i, j) in pairs {
            if !left[i] && !right[j] {
                (left[i], right[j]) = (true, true);
                shared += alike * weight;
            }
        }
        shared / (self.weight + other.weight)
    }

    /// `face book` and `facebok`: the names as one word each.
    fn run_together(&self, other: &Self) -> Likeness {
        let (a, b) = (&self.joined, &other.joined);
        let longest = a.len().max(b.len());
        let misses = a.len().abs_diff(b.len());
        let one_is_split = self.words.len() != other.words.len();
        if !one_is_split || longest < 5 || misses * 6 > longest || numbers(a) != numbers(b) {
            return 0;
        }
        let edits = strsim::osa_distance(a, b);
        if edits * 6 > longest {
            return 0;
        }
        per_mille(longest - edits, longest).saturating_sub(30)
    }

    /// `ibm` and `international business machines`.
    fn initials(&self, other: &Self) -> Likeness {
        let short = |short: &Self, long: &Self| {
            short.words.len() == 1
                && long.words.len() >= 3
                && short.words[0].text.len() == long.words.len()
                && short.words[0].text.bytes().eq(long.words.iter().map(|w| w.text.as_bytes()[0]))
        };
        if short(self, other) || short(other, self) { 780 } else { 0 }
    }
}

impl Word<'_> {
    fn likeness(&self, other: &Word<'_>) -> Likeness {
        if self.text == other.text {
            return 1000;
        }
        if self.folded == other.folded {
            return 970;
        }
        // Half of the letters are others: no typo does that, and a shortened word adds letters on one side only.
        let (mine, theirs) = (self.letters & !other.letters, other.letters & !self.letters);
        if mine.count_ones().min(theirs.count_ones()) > 3 {
            return 0;
        }
        between(self.text, other.text)
    }
}

/// Likeness of two different words of letters and digits.
pub(super) fn between(a: &str, b: &str) -> Likeness {
    if a == b {
        return 1000;
    }
    let (short, long) = if (a.len(), a) <= (b.len(), b) { (a, b) } else { (b, a) };
    // "Plant 4" is not "Plant 5".
    if a.bytes().chain(b.bytes()).any(|byte| byte.is_ascii_digit()) {
        return 0;
    }
    if long.starts_with(short) {
        return match short.len() {
            1 => 700,
            2 => 0,
            length => 760 + per_mille(length, long.len()) * 220 / 1000,
        };
    }
    if short.len() < 3 {
        return 0;
    }
    if is_skeleton(short, long) {
        return 760;
    }
    // A distance cannot be less than the difference in length.
    if (long.len() - short.len()) * 3 > long.len() {
        return 0;
    }
    let edits = strsim::osa_distance(short, long);
    if edits * 3 > long.len() {
        return 0;
    }
    let by_edits = per_mille(long.len() - edits, long.len());
    // Rounded to an integer at once: the float is the library's, and nothing is added up in floats.
    let by_order = (strsim::jaro_winkler(short, long) * 1000.0).round() as Likeness;
    let first_differs = short.as_bytes()[0] != long.as_bytes()[0];
    let alike = (by_edits + by_order) / 2;
    if first_differs { alike.saturating_sub(50) } else { alike }
}

/// `mrktng` for `marketing`: the consonants in order, from the same first letter.
fn is_skeleton(short: &str, long: &str) -> bool {
    let vowels = |byte: u8| matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u');
    if short.as_bytes()[0] != long.as_bytes()[0]
        || short.len() * 3 < long.len()
        || short.bytes().skip(1).any(vowels)
        || !long.bytes().skip(1).any(vowels)
    {
        return false;
    }
    let mut rest = long.bytes();
    short.bytes().all(|wanted| rest.any(|byte| byte == wanted))
}

/// What different romanizations agree on: `mueller`, `muller` and `muler` fold to one.
pub(super) fn folded(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut rest = word.chars().peekable();
    while let Some(letter) = rest.next() {
        let doubled = rest.peek() == Some(&letter) && letter.is_ascii_alphabetic();
        let umlaut = matches!(letter, 'a' | 'o' | 'u') && rest.peek() == Some(&'e');
        if doubled {
            continue;
        }
        out.push(letter);
        if umlaut {
            rest.next();
        }
    }
    out
}

fn letters(word: &str) -> u64 {
    word.bytes().fold(0, |set, byte| set | 1 << (byte & 63))
}

/// How much a word says about who it is: little for `group`, more for a long word than for a short one.
fn weight(word: &str) -> u32 {
    if legal_forms::is_commonplace(word) {
        25
    } else if word.bytes().any(|byte| byte.is_ascii_digit()) {
        90
    } else if word.len() == 1 {
        30
    } else {
        60 + 5 * word.len().min(8) as u32
    }
}

fn numbers(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn per_mille(part: usize, whole: usize) -> Likeness {
    (part * 1000 / whole.max(1)) as Likeness
}
