//! A company's name without its legal form, punctuation, accents or script: what is left is worth comparing.

use unicode_normalization::UnicodeNormalization;

use super::legal_forms;

/// Longer names are cut: what identifies a company stands at the front, and nobody may make matching slow.
const MOST_WORDS: usize = 16;
const LONGEST_WORD: usize = 40;
/// Read at most this much of what was typed.
const MOST_CHARACTERS: usize = 400;

/// The words that identify a company, lower-case ASCII, separated by single spaces; empty if there are none.
///
/// `Müller & Söhne GmbH` is `muller sohne`; `ООО «Ромашка»` is `romashka`; `株式会社日立製作所` is spelled out in Latin.
pub(super) fn core(written: &str) -> String {
    let text: String = written.nfkc().take(MOST_CHARACTERS).collect();
    let text = legal_forms::strip_native(&text.to_lowercase());
    let mut words = words(&deunicode::deunicode(&text));
    loop {
        let before = words.clone();
        tidy(&mut words);
        if words == before {
            return words.join(" ");
        }
    }
}

/// Any text as lower-case Latin words, nothing removed.
pub(super) fn latin(written: &str) -> String {
    let text: String = written.nfkc().take(MOST_CHARACTERS).collect();
    words(&deunicode::deunicode(&text)).join(" ")
}

fn words(latin: &str) -> Vec<String> {
    let plain: String = latin
        .chars()
        // An apostrophe is inside a word (`L'Oréal`, `McDonald's`); everything else that is no letter separates.
        .filter(|c| !matches!(c, '\'' | '`' | '"'))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    plain
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word[..word.len().min(LONGEST_WORD)].to_owned())
        .collect()
}

/// One round of tidying; [`core`] repeats it until nothing changes, so that a tidy name stays as it is.
fn tidy(words: &mut Vec<String>) {
    if words.iter().any(|word| !legal_forms::is_connector(word)) {
        words.retain(|word| !legal_forms::is_connector(word));
    }
    *words = join_letters(words);
    drop_inner_letters(words);
    for word in words.iter_mut() {
        if let Some(full) = legal_forms::full_form(word) {
            *word = full.to_owned();
        }
    }
    legal_forms::strip(words);
    words.truncate(MOST_WORDS);
}

/// `s a r l` is `sarl`, `j p morgan` is `jp morgan`.
fn join_letters(words: &[String]) -> Vec<String> {
    let mut joined: Vec<String> = Vec::with_capacity(words.len());
    let mut in_run = false;
    for word in words {
        let single = word.len() == 1;
        match joined.last_mut() {
            Some(run) if single && in_run && run.len() < LONGEST_WORD => run.push_str(word),
            _ => joined.push(word.clone()),
        }
        in_run = single;
    }
    joined
}

/// The `y` of `Cruz y Hijos`, the `e` of `Rossi e Figli`, the `i` of `Puig i Fills`.
fn drop_inner_letters(words: &mut Vec<String>) {
    let last = words.len().saturating_sub(1);
    let mut at = 0;
    words.retain(|word| {
        let inner = at > 0 && at < last;
        at += 1;
        !(inner && matches!(word.as_str(), "y" | "e" | "i"))
    });
}
