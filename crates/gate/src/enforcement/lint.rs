//! Checking a policy file before it becomes law.

use law::Diagnostic;

use crate::policy::{GateTerms, Mode, PolicyBook, PolicyDiagnostic, PolicySource};

/// What every program may attest; further names are taken from the policy itself, since a policy file is checked without
/// the list of `gate.toml`.
const USUAL_CREDENTIALS: [&str; 3] = ["licence", "insurance", "medical"];

/// Everything that is wrong with the Cedar rules of a policy file.
pub fn check_policy(file: &str, text: &str) -> Vec<Diagnostic> {
    let mut credential_types: Vec<String> = USUAL_CREDENTIALS.map(str::to_owned).to_vec();
    for name in named_credentials(text) {
        if !credential_types.contains(&name) {
            credential_types.push(name);
        }
    }
    let source = PolicySource {
        key: file.rsplit('/').next().unwrap_or(file).trim_end_matches(".cedar").to_owned(),
        title: file.to_owned(),
        file: file.to_owned(),
        text: text.to_owned(),
        mode: Mode::Enforce,
        owner: String::new(),
        attests: String::new(),
        freshness_days: None,
    };
    match PolicyBook::compile(&GateTerms { credential_types, policies: vec![source] }) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(|fault| diagnostic(file, text, fault)).collect(),
    }
}

/// The names after `credentials.` and `credentials has`.
fn named_credentials(text: &str) -> Vec<String> {
    let word = |rest: &str| {
        let rest = rest.trim_start();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        rest[..end].to_owned()
    };
    let code = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let places = code.match_indices("credentials").map(|(place, name)| &code[place + name.len()..]);
    places
        .filter_map(|rest| rest.strip_prefix('.').or_else(|| rest.trim_start().strip_prefix("has ")).map(word))
        .filter(|name| !name.is_empty())
        .collect()
}

fn diagnostic(file: &str, text: &str, fault: &PolicyDiagnostic) -> Diagnostic {
    let line_start: usize = text.split_inclusive('\n').take(fault.line.saturating_sub(1)).map(str::len).sum();
    let line = text[line_start..].lines().next().unwrap_or_default();
    let column = fault.column.saturating_sub(1);
    let start = line.char_indices().nth(column).map_or(line.len(), |(place, _)| place);
    // The whole word that is meant, or the one character.
    let rest = &line[start..];
    let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let length = word.max(rest.chars().next().map_or(0, char::len_utf8));
    let span = line_start + start..line_start + start + length;
    Diagnostic::error(file, text, span, "policy", fault.message.clone())
}
