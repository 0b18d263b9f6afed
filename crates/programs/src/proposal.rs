//! A program that somebody would put in force: checked, and compared with what it would replace.

use std::sync::Arc;

use kernel::{Actor, App, Error, FieldError, Reason, Registry, Result, Scope, Timestamp, Tx};
use law::{Catalog, Change, Checked, Diagnostic, Program};

use crate::in_force::{self, InForce};
use crate::store::{self, Files, Version};

/// Checks the text of a gate policy, given file name and text; the area that evaluates policies adds it to the registry.
#[derive(Clone, Copy)]
pub struct PolicyChecker(pub fn(&str, &str) -> Vec<Diagnostic>);

/// The names that rules can use in this installation, from what its areas publish; the binary adds it to the registry.
/// Without it, as in a folder without an installation, the standard names count.
#[derive(Clone, Copy)]
pub struct Published(pub fn(&Registry) -> Catalog);

/// Who may put the very first version in force, when no program says it yet.
const FIRST_APPROVERS: [&str; 2] = ["owner", "head_of_partnerships"];
/// A program folder is a few dozen short texts; more is a mistake.
const MOST_FILES: usize = 200;
/// Characters of all files together.
const MOST_TEXT: usize = 2_000_000;

/// A sound program with what it would replace.
pub struct Proposal {
    pub program: Program,
    pub effective_from: Timestamp,
    /// The law at the effective date, as it is known now.
    pub base: Option<Arc<InForce>>,
    /// Versions that were to take effect at that date or later, and never will.
    pub superseded: Vec<Version>,
    pub changes: Vec<Change>,
    pub warnings: Vec<String>,
}

/// Everything that is wrong with the files.
pub fn lint(app: &App, files: &Files) -> Result<Checked> {
    let size: usize = files.values().map(String::len).sum();
    if files.len() > MOST_FILES || size > MOST_TEXT {
        let rule =
            format!("at most {MOST_FILES} files with {MOST_TEXT} characters together; got {} with {size}", files.len());
        return Err(Error::invalid("files", rule));
    }
    let checker = app.registry().parts::<PolicyChecker>().pop();
    let check = checker.map(|checker| checker.0);
    let check = check.as_ref().map(|check| check as law::PolicyCheck<'_>);
    Ok(law::lint(files, &catalog(app.registry()), check))
}

/// The names that programs can use here.
pub fn catalog(registry: &Registry) -> Catalog {
    let published = registry.parts::<Published>().pop();
    published.map_or_else(Catalog::standard, |published| (published.0)(registry))
}

/// Whether the notice that the program in force promises is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Haste {
    AfterNotice,
    /// Going back to an old version mends what is broken now.
    AtOnce,
}

/// When a version that is decided now can take effect.
async fn earliest(app: &App, tx: &mut Tx, scope: &Scope, now: Timestamp, haste: Haste) -> Result<Timestamp> {
    let current = match store::in_force(tx, scope, now, now).await? {
        Some(version) if haste == Haste::AfterNotice => in_force::parsed(app, tx, scope, version).await?,
        _ => return Ok(now),
    };
    let notice = current.program.settings.approvals.notice_days;
    Ok(notice.map_or(now, |days| now.plus_days(i64::from(days))))
}

/// Checks the files and compares them with the law at the effective date. Mistakes come as `file:line:column` fields.
pub async fn propose(
    app: &App,
    tx: &mut Tx,
    scope: &Scope,
    now: Timestamp,
    files: &Files,
    (effective_from, haste): (Option<Timestamp>, Haste),
) -> Result<Proposal> {
    let Checked { program, diagnostics } = lint(app, files)?;
    let program =
        program.ok_or_else(|| Error::Invalid(diagnostics.iter().filter(|d| d.is_error()).map(field).collect()))?;
    same_key(tx, scope, &program).await?;
    let earliest = earliest(app, tx, scope, now, haste).await?;
    let effective_from = effective_from.unwrap_or(earliest);
    if effective_from < earliest && earliest > now {
        let rule = format!(
            "{effective_from} is too soon: partners get notice (program.toml: approvals.notice_days); choose {earliest} or later"
        );
        return Err(Error::invalid("effective_from", rule));
    }
    if effective_from < now {
        let rule = format!("{effective_from} is in the past, where decisions were made already; choose {now} or later");
        return Err(Error::invalid("effective_from", rule));
    }
    let base = match store::in_force(tx, scope, effective_from, now).await? {
        Some(version) => Some(in_force::parsed(app, tx, scope, version).await?),
        None => None,
    };
    let mut superseded = store::pending(tx, scope, now).await?;
    superseded.retain(|version| version.effective_from >= effective_from);
    let changes = base.as_ref().map(|base| law::diff(&base.program, &program)).unwrap_or_default();
    let mut warnings: Vec<String> = diagnostics.iter().map(Diagnostic::to_string).collect();
    warnings.extend(superseded.iter().map(|version| {
        let (version, from) = (version.citation(), version.effective_from);
        format!("{version}, decided to take effect at {from}, will be superseded and never be in force")
    }));
    Ok(Proposal { program, effective_from, base, superseded, changes, warnings })
}

impl Proposal {
    /// The number and fingerprint of the base tell whether anything would be different.
    pub fn changes_anything(&self) -> bool {
        self.base.as_ref().is_none_or(|base| base.version.fingerprint != self.program.fingerprint())
    }
}

fn field(diagnostic: &Diagnostic) -> FieldError {
    let Diagnostic { file, line, column, message, .. } = diagnostic;
    let hint = match (&diagnostic.suggestion, &diagnostic.expected) {
        (Some(suggestion), _) => format!("; did you mean `{suggestion}`?"),
        (None, Some(expected)) => format!("; expected {expected}"),
        (None, None) => String::new(),
    };
    FieldError { field: format!("{file}:{line}:{column}"), rule: format!("{message}{hint}") }
}

/// Decisions cite the key, so it stays.
async fn same_key(tx: &mut Tx, scope: &Scope, program: &Program) -> Result<()> {
    let (latest, new) = (store::latest(tx, scope).await?, &program.settings.key);
    match latest {
        Some(latest) if latest.program != *new => {
            let rule =
                format!("the key is `{}` and never changes, because decisions cite it; got `{new}`", latest.program);
            Err(Error::invalid("program.toml", rule))
        }
        _ => Ok(()),
    }
}

/// Whether this actor may change the program, by the roles that the program in force names.
pub async fn approve(app: &App, tx: &mut Tx, scope: &Scope, now: Timestamp, actor: &Actor) -> Result<()> {
    if actor.is_system() {
        return Ok(());
    }
    let current = match store::in_force(tx, scope, now, now).await? {
        Some(version) => Some(in_force::parsed(app, tx, scope, version).await?),
        None => None,
    };
    let (roles, place) = match &current {
        Some(law) => {
            (law.program.settings.approvals.program_changes.clone(), "program.toml: approvals.program_changes")
        }
        None => (FIRST_APPROVERS.map(str::to_owned).to_vec(), "the first version of a program"),
    };
    if scope.partner.is_none() && roles.iter().any(|role| actor.has_role(role)) {
        return Ok(());
    }
    let reason = Reason::new("not_an_approver", format!("Only {} may change the program.", roles.join(" or ")))
        .citing(place)
        .remedy("Ask one of them to apply it.");
    Err(Error::refused("not_an_approver", "you are not one of those who may change the program", vec![reason]))
}

/// The program's inner workings are the vendor's own.
pub fn vendor_only(scope: &Scope, permission: &str) -> Result<()> {
    if scope.partner.is_none() {
        return Ok(());
    }
    let message = "only the company that runs the program sees its versions and plans".to_owned();
    Err(Error::Forbidden { permission: permission.to_owned(), message })
}
