//! The policies in force, compiled once and kept.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use kernel::time::SECOND;
use kernel::{App, EventRecord, OrganizationId, Result, Rule as _, Scope, Stated, Timestamp, Verdict};
use law::Program;
use law::model::PolicyMode;
use programs::InForce;

use crate::policy::{Dispatch, DispatchRule, GateTerms, Mode, PolicyBook, PolicySource, Question};

/// How long the version in force is believed without looking; an event of this or another node ends it at once.
const RECHECK_MICROS: i64 = SECOND;
/// Compiled policies that are kept: those in force in a few organizations, and those of old decisions being explained.
const MOST_COMPILED: usize = 8;

/// Policies ready to be asked. Policies that cannot be read deny everything and say so.
pub(super) struct Compiled {
    pub stated: Stated<GateTerms>,
    pub book: Option<PolicyBook>,
}

impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Compiled").field(&self.stated.terms.policies.len()).finish()
    }
}

/// Compiling is pure, so its results are kept for whoever asks with the same terms.
static COMPILED: Mutex<Vec<Arc<Compiled>>> = Mutex::new(Vec::new());

impl Compiled {
    pub fn of(terms: &GateTerms) -> Result<Arc<Self>> {
        // Whoever has the terms of a compiled book is known by their place; a thousand policies are slow to compare.
        let find = |kept: &[Arc<Self>]| {
            let same = kept.iter().find(|each| std::ptr::eq(&raw const each.stated.terms, terms));
            same.or_else(|| kept.iter().find(|each| each.stated.terms == *terms)).cloned()
        };
        if let Some(found) = find(&COMPILED.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(found);
        }
        let book = PolicyBook::compile(terms).ok();
        let compiled = Arc::new(Self { stated: Stated::of(terms.clone())?, book });
        let mut kept = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = find(&kept) {
            return Ok(found);
        }
        if kept.len() >= MOST_COMPILED {
            kept.remove(0);
        }
        kept.push(Arc::clone(&compiled));
        Ok(compiled)
    }

    pub fn decide(&self, question: &Question) -> Verdict<Dispatch> {
        match &self.book {
            Some(book) => book.decide(question),
            None => DispatchRule::decide(&self.stated.terms, question),
        }
    }
}

/// What the program says about the gate.
pub(super) fn terms(program: &Program) -> GateTerms {
    let mode = |mode| match mode {
        PolicyMode::Off => Mode::Off,
        PolicyMode::Shadow => Mode::Shadow,
        PolicyMode::Warn => Mode::Warn,
        PolicyMode::Enforce => Mode::Enforce,
    };
    let source = |policy: &law::model::Policy| PolicySource {
        key: policy.key.clone(),
        title: policy.title.clone(),
        file: policy.file.clone(),
        text: policy.text.clone(),
        mode: mode(policy.mode),
        owner: policy.owner.clone(),
        attests: policy.attests.clone(),
        freshness_days: policy.freshness_days,
    };
    GateTerms {
        credential_types: program.gate.credentials.iter().map(|each| each.key.clone()).collect(),
        policies: program.gate.policies.iter().map(source).collect(),
    }
}

/// The law of an organization with its compiled policies.
pub(super) struct Book {
    pub law: Arc<InForce>,
    pub compiled: Arc<Compiled>,
}

impl Book {
    pub fn of(law: &Arc<InForce>) -> Result<Self> {
        Ok(Self { law: Arc::clone(law), compiled: Compiled::of(&terms(&law.program))? })
    }
}

struct Kept {
    book: Arc<Book>,
    checked_at: Timestamp,
}

/// The book in force in each organization.
#[derive(Default)]
pub(super) struct Books(Mutex<HashMap<OrganizationId, Kept>>);

impl Books {
    /// The book in force, at most a second old.
    pub async fn current(&self, app: &App, scope: &Scope, now: Timestamp) -> Result<Arc<Book>> {
        if let Some(book) = self.recent(scope.organization, now) {
            return Ok(book);
        }
        let mut tx = app.db().read().await?;
        let law = programs::law_at(app, &mut tx, scope, now, now).await?;
        tx.rollback().await?;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = kept.get(&scope.organization).filter(|kept| kept.book.law.version.id == law.version.id);
        let book = match same {
            Some(kept) => Arc::clone(&kept.book),
            None => Arc::new(Book::of(&law)?),
        };
        kept.insert(scope.organization, Kept { book: Arc::clone(&book), checked_at: now });
        Ok(book)
    }

    fn recent(&self, organization: OrganizationId, now: Timestamp) -> Option<Arc<Book>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.get(&organization)?;
        (0..RECHECK_MICROS).contains(&now.since(kept.checked_at)).then(|| Arc::clone(&kept.book))
    }

    /// Looks again at the next question, and keeps what is compiled until then.
    fn recheck(&self, organization: OrganizationId) {
        if let Some(kept) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&organization) {
            kept.checked_at = Timestamp::from_micros(i64::MIN);
        }
    }
}

/// A program that was applied, here or on another node, is looked up at once.
pub(super) fn follow(app: &App, events: &[EventRecord]) {
    let Ok(books) = app.registry().part::<Books>() else { return };
    for event in events.iter().filter(|event| event.kind.starts_with("program.")) {
        books.recheck(event.organization);
    }
}
