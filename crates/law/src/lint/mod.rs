//! Finds the mistakes in a program folder: all of them in one go, each at its place, with the name that was meant.
//!
//! Three passes. [`shape`] compares each file with its JSON Schema (keys, types, formats) and notes every name, rule and
//! amount that it meets. [`names`] then resolves references across files and types the rules against what the program
//! itself has [`declared`]. [`meaning`], [`ladder`] and [`figures`] check what only the typed program shows: bands that
//! overlap, tiers that cannot be reached, dates that never come.

mod claims;
mod declared;
mod figures;
mod formats;
mod ladder;
mod meaning;
mod names;
mod partnership;
mod recorded;
mod shape;
mod source;

use std::collections::BTreeMap;

use kernel::Currency;
use serde::de::DeserializeOwned;

use crate::diagnostic::Diagnostic;
use crate::expr::{Catalog, Scope};
use crate::model::{
    ArchetypesFile, Deals, Engagement, FactsFile, Gate, MarketsFile, MetricsFile, MoneyFile, Partnership,
    ProceduresFile, Program, ScorecardFile, Settings, TermsFile, TiersFile,
};
use crate::nearest::nearest;
use crate::schema::{FILES, REQUIRED_FILES};
use source::Source;

/// Errors that do not keep a version in force from being read: reasoning about rules that can be computed, and names that
/// were measured when it was put in force and are unknown figures today.
const READABLE: [&str; 4] = ["contradiction", "weaker-tier", "unknown-metric", "unknown-field"];

/// Checks the text of one policy file: given file name and text, it returns what is wrong.
pub type PolicyCheck<'a> = &'a dyn Fn(&str, &str) -> Vec<Diagnostic>;

/// A program folder that has been checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The program; absent if there are errors.
    pub program: Option<Program>,
    /// Errors and warnings by file, line and column.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks a program folder, given as file name (such as `policies/licence.cedar`) and text.
pub fn lint(files: &BTreeMap<String, String>, catalog: &Catalog, policies: Option<PolicyCheck<'_>>) -> Checked {
    let (program, diagnostics) = examine(files, catalog, policies);
    let sound = !diagnostics.iter().any(Diagnostic::is_error);
    Checked { program: program.filter(|_| sound), diagnostics }
}

/// What was found, with the program as far as it could be read.
fn examine(
    files: &BTreeMap<String, String>,
    catalog: &Catalog,
    policies: Option<PolicyCheck<'_>>,
) -> (Option<Program>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    presence(files, &mut diagnostics);
    let mut sources: Vec<Source<'_>> =
        FILES.iter().filter_map(|name| Some(Source::new(name, files.get(*name)?))).collect();
    let currency = stated_currency(&sources);
    for source in &mut sources {
        shape::check(source, currency);
    }
    let catalog = &recorded::extend(&mut sources, catalog);
    let declared = declared::collect(&mut sources, catalog, currency);
    names::check(&mut sources, files, catalog, &declared, currency);
    let program = Parts::read(&mut sources).assemble(files);
    meaning::check(&mut sources, &program);
    ladder::check(&mut sources, &program, catalog);
    figures::check(&mut sources, &program, Scope { catalog, currency, declared: &declared });
    for policy in &program.gate.policies {
        if let Some(check) = policies {
            diagnostics.extend(check(&policy.file, &policy.text));
        }
    }
    diagnostics.extend(sources.into_iter().flat_map(|source| source.diagnostics));
    diagnostics.sort();
    diagnostics.dedup();
    (program.whole(), diagnostics)
}

impl Program {
    /// Reads a program folder against the standard catalog; the errors come with any warnings.
    ///
    /// Rules that make no sense together, or read what nobody measures, are refused by [`lint`] before they come into force,
    /// but do not keep a version that is in force from being read.
    pub fn load(files: &BTreeMap<String, String>) -> Result<Self, Vec<Diagnostic>> {
        let (program, diagnostics) = examine(files, &Catalog::standard(), None);
        let readable =
            diagnostics.iter().filter(|found| found.is_error()).all(|found| READABLE.contains(&found.code.as_str()));
        program.filter(|_| readable).ok_or(diagnostics)
    }
}

/// Which files are missing, and which have a name that nobody reads.
fn presence(files: &BTreeMap<String, String>, diagnostics: &mut Vec<Diagnostic>) {
    for name in REQUIRED_FILES {
        if !files.contains_key(name) {
            let message = format!("the program has no `{name}`");
            diagnostics.push(Diagnostic::error(name, "", 0..0, "missing-file", message));
        }
    }
    for name in files.keys() {
        let meant = name.ends_with(".toml") && !FILES.contains(&name.as_str());
        if meant {
            let message = format!("nothing reads a file named `{name}`");
            diagnostics.push(
                Diagnostic::error(name, "", 0..0, "unknown-file", message)
                    .warning()
                    .expecting(one_of(FILES))
                    .suggesting(nearest(name, FILES)),
            );
        }
    }
}

/// The program's currency, read before anything else because every amount is compared with it.
fn stated_currency(sources: &[Source<'_>]) -> Option<Currency> {
    let program = sources.iter().find(|source| source.file == "program.toml")?;
    let currency = program.table.get_ref().get("currency")?;
    currency.get_ref().as_str()?.parse().ok()
}

/// The files that could be read; a broken file is absent, and the others are still checked.
#[derive(Default)]
pub(crate) struct Parts {
    pub settings: Option<Settings>,
    pub archetypes: Option<ArchetypesFile>,
    pub tiers: Option<TiersFile>,
    pub facts: FactsFile,
    pub metrics: Option<MetricsFile>,
    pub scorecard: Option<ScorecardFile>,
    pub markets: Option<MarketsFile>,
    pub engagement: Option<Engagement>,
    pub deals: Option<Deals>,
    pub money: Option<MoneyFile>,
    pub gate: Gate,
    pub procedures: ProceduresFile,
    pub partnership: Partnership,
    pub terms: TermsFile,
}

impl Parts {
    fn read(sources: &mut [Source<'_>]) -> Self {
        let mut parts = Self::default();
        for source in sources {
            match source.file {
                "program.toml" => parts.settings = typed(source),
                "archetypes.toml" => parts.archetypes = typed(source),
                "tiers.toml" => parts.tiers = typed(source),
                "facts.toml" => parts.facts = typed(source).unwrap_or_default(),
                "metrics.toml" => parts.metrics = typed(source),
                "scorecard.toml" => parts.scorecard = typed(source),
                "markets.toml" => parts.markets = typed(source),
                "engagement.toml" => parts.engagement = typed(source),
                "deals.toml" => parts.deals = typed(source),
                "money.toml" => parts.money = typed(source),
                "gate.toml" => parts.gate = typed(source).unwrap_or_default(),
                "procedures.toml" => parts.procedures = typed(source).unwrap_or_default(),
                "partnership.toml" => parts.partnership = typed(source).unwrap_or_default(),
                "terms.toml" => parts.terms = typed(source).unwrap_or_default(),
                _ => {}
            }
        }
        parts
    }

    /// Puts in what follows from elsewhere: ranks from the order, texts from their files.
    fn assemble(mut self, files: &BTreeMap<String, String>) -> Self {
        let tiers = self.tiers.iter_mut().flat_map(|file| &mut file.tier);
        for (rank, tier) in (0..).zip(tiers) {
            tier.rank = rank;
        }
        for policy in &mut self.gate.policies {
            policy.text = files.get(&policy.file).cloned().unwrap_or_default();
        }
        for terms in self.terms.terms.values_mut() {
            if let Some(text) = files.get(&terms.file) {
                *terms = terms.clone().with_text(text);
            }
        }
        self
    }

    /// The program, if the files without which there is none could be read.
    fn whole(self) -> Option<Program> {
        let tiers = self.tiers?;
        let money = self.money.unwrap_or_default();
        Some(Program {
            settings: self.settings?,
            archetypes: self.archetypes?.archetype,
            tiers: tiers.tier,
            benefits: tiers.benefit,
            movement: tiers.movement,
            facts: self.facts.fact,
            runs: tiers.runs,
            segments: tiers.segment,
            metrics: self.metrics.unwrap_or_default().metric,
            markets: self.markets,
            scorecard: self.scorecard.unwrap_or_default().scorecard,
            engagement: self.engagement.unwrap_or_default(),
            deals: self.deals.unwrap_or_default(),
            plans: money.plan,
            statements: money.statements,
            gate: self.gate,
            procedures: self.procedures.procedure,
            partnership: self.partnership,
            terms: self.terms.terms,
        })
    }
}

/// The file as its type. A refusal that nobody has told yet is rare, since the shape has been checked; it is told as it
/// comes.
fn typed<T: DeserializeOwned>(source: &mut Source<'_>) -> Option<T> {
    match toml::from_str(source.text) {
        Ok(value) => Some(value),
        Err(_) if source.diagnostics.iter().any(Diagnostic::is_error) => None,
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            source.error(span, "unreadable", error.message().to_owned());
            None
        }
    }
}

/// The valid names in a sentence: "one of `a`, `b`, `c`".
pub(crate) fn one_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const MOST: usize = 12;
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    let more = if names.len() > MOST { ", …" } else { "" };
    match names.len() {
        0 => "nothing, because none is defined".to_owned(),
        1 => names.concat(),
        _ => format!("one of {}{more}", names[..names.len().min(MOST)].join(", ")),
    }
}
