//! Recording, confirming, refusing and withdrawing facts.

use std::collections::BTreeMap;

use kernel::{Access, Cx, Day, Error, Operation, PartnerId, Result, Route, post, put};
use law::{ByPartner, FactKind};
use programs::{InForce, Law as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FactId;
use super::fact::{Fact, Raw, Read, State, read, words};
use super::{keeping, store};
use crate::profile;

/// Facts of one batch.
const MOST_AT_ONCE: usize = 1_000;

/// A fact as people, files and other systems give it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Given {
    /// For kinds about people: whom it is about, by name, e-mail address or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Values by field, as the kind declares them: `12`, `EUR 100.00`, `25%`, `yes`, `2026-03-01` or a text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// Where it can be checked: the address of a file or page, or the number of a document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// The first day on which it holds; left out, from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// The last day on which it holds; left out, as long as its kind says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
}

/// Record a fact about a partner, of a kind that the program declares. The same fact again changes nothing; another one with
/// the same key corrects it. What a partner records may wait for the vendor's confirmation.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RecordFact {
    pub partner: PartnerId,
    /// The kind, such as `certificates`: see `facts.toml` of the program.
    pub kind: String,
    #[serde(flatten)]
    pub given: Given,
}

impl Operation for RecordFact {
    const NAME: &'static str = "facts.record";
    const ROUTE: Route = post("/facts");
    const ACCESS: Access = Access::Open;
    type Output = Fact;

    fn partner(&self) -> Option<PartnerId> {
        Some(self.partner)
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Fact> {
        let law = cx.law().await?;
        record(cx, &law, self).await.map(|(fact, _)| fact)
    }
}

/// How a batch went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recorded {
    /// Facts that are new or correct another one.
    pub recorded: usize,
    /// Facts that were known already.
    pub unchanged: usize,
}

/// Record many facts in one transaction: all of them, or none if one is refused.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RecordFacts {
    /// At most 1,000.
    pub facts: Vec<RecordFact>,
}

impl Operation for RecordFacts {
    const NAME: &'static str = "facts.record_many";
    const ROUTE: Route = post("/facts/batches");
    const ACCESS: Access = Access::Open;
    type Output = Recorded;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Recorded> {
        if self.facts.is_empty() || self.facts.len() > MOST_AT_ONCE {
            let rule = format!("takes 1 to {MOST_AT_ONCE} at once; got {}", self.facts.len());
            return Err(Error::invalid("facts", rule));
        }
        let law = cx.law().await?;
        let mut done = Recorded::default();
        let mut faults = Vec::new();
        for (place, fact) in self.facts.into_iter().enumerate() {
            match record(cx, &law, fact).await {
                Ok((_, true)) => done.recorded += 1,
                Ok((_, false)) => done.unchanged += 1,
                Err(Error::Invalid(errors)) => faults.extend(errors.into_iter().map(|mut error| {
                    error.field = format!("facts[{place}].{}", error.field);
                    error
                })),
                Err(error) => return Err(error),
            }
        }
        if faults.is_empty() { Ok(done) } else { Err(Error::Invalid(faults)) }
    }
}

/// Records one, and says whether that changed anything.
async fn record(cx: &mut Cx<'_>, law: &InForce, asked: RecordFact) -> Result<(Fact, bool)> {
    let kind = kind_of(law, &asked.kind)?;
    let scope = cx.scope;
    if scope.partner.is_some_and(|own| own != asked.partner) {
        return Err(Error::not_found("partner", asked.partner));
    }
    let partner = profile::get(cx.tx, &scope, asked.partner).await?;
    let counts = counts(scope.partner, kind)?;
    let given = &asked.given;
    let raw = Raw {
        person: given.person.as_deref(),
        fields: &given.fields,
        evidence: given.evidence.as_deref(),
        from: given.from,
        until: given.until,
    };
    let read = read(kind, &raw, &law.zone(), law.program.settings.currency, cx.now).map_err(Error::Invalid)?;
    let waiting = known(cx, partner.id, &asked.kind, &read, State::Proposed).await?;
    let standing = known(cx, partner.id, &asked.kind, &read, State::Recorded).await?;
    // Days that were left out are those of the fact that is known already.
    let same = |known: &Fact| {
        let days = if given.from.is_none() && given.until.is_none() {
            (known.valid_from, known.valid_until)
        } else {
            (read.valid_from, read.valid_until)
        };
        known.says_what(&Read { valid_from: days.0, valid_until: days.1, ..read.clone() })
    };
    let unchanged = |known: &Option<Fact>| known.as_ref().filter(|known| same(known)).cloned();
    if let Some(fact) = unchanged(&standing).or_else(|| unchanged(&waiting).filter(|_| !counts)) {
        return Ok((fact, false));
    }
    if let Some(waiting) = waiting {
        replace(cx, waiting).await?;
    }
    let corrects = standing.as_ref().map(|fact| fact.id);
    if let Some(standing) = standing.filter(|_| counts) {
        replace(cx, standing).await?;
    }
    let id: FactId = cx.id();
    let fact = Fact {
        id,
        partner: partner.id,
        kind: asked.kind,
        key: read.key.unwrap_or_else(|| id.to_string()),
        person: read.person,
        fields: read.fields,
        evidence: read.evidence,
        state: if counts { State::Recorded } else { State::Proposed },
        valid_from: read.valid_from,
        valid_until: read.valid_until,
        submitted_at: cx.now,
        submitted_by: cx.actor.reference(),
        submitted_by_name: cx.actor.name.clone(),
        recorded_at: counts.then_some(cx.now),
        ended_at: None,
        ended_by_name: None,
        reason: None,
        corrects,
    };
    store::save(cx.tx, &scope, &fact).await?;
    if counts {
        keeping::keep(cx, &fact, kind).await?;
    }
    let (event, done) = if counts { ("fact.recorded", "was recorded") } else { ("fact.proposed", "was proposed") };
    cx.emit(event, fact.id, Some(fact.partner), format!("{} {done} for {}", name_of(&fact), partner.name), &fact);
    Ok((fact, true))
}

/// Whether what is recorded counts at once; refused where the partner may not record at all.
fn counts(by_partner: Option<PartnerId>, kind: &FactKind) -> Result<bool> {
    match (by_partner, kind.by_partner) {
        (None, _) | (_, ByPartner::Freely) => Ok(true),
        (_, ByPartner::Confirmed) => Ok(false),
        (_, ByPartner::Never) => {
            let message = format!("{} are recorded by the vendor; ask your partner manager", kind.title);
            Err(Error::Forbidden { permission: RecordFact::NAME.to_owned(), message })
        }
    }
}

async fn known(cx: &mut Cx<'_>, partner: PartnerId, kind: &str, read: &Read, state: State) -> Result<Option<Fact>> {
    let Some(key) = &read.key else { return Ok(None) };
    store::standing(cx.tx, &cx.scope, (partner, kind, key), state).await
}

/// Another fact takes its place.
async fn replace(cx: &mut Cx<'_>, mut fact: Fact) -> Result<()> {
    keeping::release(cx, &fact).await?;
    end(cx, &mut fact, State::Corrected, None);
    store::save(cx.tx, &cx.scope, &fact).await
}

fn end(cx: &Cx<'_>, fact: &mut Fact, state: State, reason: Option<String>) {
    fact.state = state;
    fact.ended_at = Some(cx.now);
    fact.ended_by_name = Some(cx.actor.name.clone());
    fact.reason = reason;
}

/// The kind as the program in force declares it.
pub(super) fn kind_of<'l>(law: &'l InForce, name: &str) -> Result<&'l FactKind> {
    law.program.facts.get(name).ok_or_else(|| {
        let known: Vec<&str> = law.program.facts.keys().map(String::as_str).collect();
        let known = if known.is_empty() { "none".to_owned() } else { format!("`{}`", known.join("`, `")) };
        Error::invalid("kind", format!("the program records no `{name}`; facts.toml declares {known}"))
    })
}

/// `Certificates: Ana Alvarez, product edge`.
pub(super) fn name_of(fact: &Fact) -> String {
    format!("{}: {}", ui::humanize(&fact.kind), words(fact))
}

/// Confirm a fact that a partner proposed: from now on it counts.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ConfirmFact {
    pub fact: FactId,
}

impl Operation for ConfirmFact {
    const NAME: &'static str = "facts.confirm";
    const ROUTE: Route = put("/facts/{fact}/confirmation");
    const ACCESS: Access = Access::Open;
    type Output = Fact;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("partner_fact", self.fact.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Fact> {
        let mut fact = proposed(cx, self.fact, Self::NAME).await?;
        let law = cx.law().await?;
        let kind = kind_of(&law, &fact.kind)?;
        let standing = (fact.partner, fact.kind.as_str(), fact.key.as_str());
        if let Some(standing) = store::standing(cx.tx, &cx.scope, standing, State::Recorded).await? {
            replace(cx, standing).await?;
        }
        fact.state = State::Recorded;
        fact.recorded_at = Some(cx.now);
        store::save(cx.tx, &cx.scope, &fact).await?;
        keeping::keep(cx, &fact, kind).await?;
        let summary = format!("{} was confirmed by {}", name_of(&fact), cx.actor.name);
        cx.emit("fact.confirmed", fact.id, Some(fact.partner), summary, &fact);
        Ok(fact)
    }
}

/// Refuse a fact that a partner proposed; the partner reads why.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RefuseFact {
    pub fact: FactId,
    /// Why it is not confirmed, and what the partner can do.
    pub reason: String,
}

impl Operation for RefuseFact {
    const NAME: &'static str = "facts.refuse";
    const ROUTE: Route = put("/facts/{fact}/refusal");
    const ACCESS: Access = Access::Open;
    type Output = Fact;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("partner_fact", self.fact.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Fact> {
        let mut fact = proposed(cx, self.fact, Self::NAME).await?;
        let reason = why(&self.reason)?;
        end(cx, &mut fact, State::Refused, Some(reason.clone()));
        store::save(cx.tx, &cx.scope, &fact).await?;
        let summary = format!("{} was not confirmed: {reason}", name_of(&fact));
        cx.emit("fact.refused", fact.id, Some(fact.partner), summary, &fact);
        Ok(fact)
    }
}

async fn proposed(cx: &mut Cx<'_>, id: FactId, name: &str) -> Result<Fact> {
    if cx.scope.partner.is_some() {
        let message = "facts are confirmed and refused by the company that runs the program".to_owned();
        return Err(Error::Forbidden { permission: name.to_owned(), message });
    }
    let fact = store::get(cx.tx, &cx.scope, id).await?;
    if fact.state == State::Proposed {
        return Ok(fact);
    }
    let message = format!("this fact is {}; only a proposed one waits for the vendor's word", fact.state.name());
    Err(Error::conflict("not_proposed", message))
}

/// Take a fact back: it counts no longer, and stays on record with the reason. What was decided with it stays decided.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct WithdrawFact {
    pub fact: FactId,
    /// Why it is taken back.
    pub reason: String,
}

impl Operation for WithdrawFact {
    const NAME: &'static str = "facts.withdraw";
    const ROUTE: Route = put("/facts/{fact}/withdrawal");
    const ACCESS: Access = Access::Open;
    type Output = Fact;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("partner_fact", self.fact.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Fact> {
        let mut fact = store::get(cx.tx, &cx.scope, self.fact).await?;
        if !matches!(fact.state, State::Proposed | State::Recorded) {
            let message = format!("this fact is {} already", fact.state.name());
            return Err(Error::conflict("ended", message));
        }
        if cx.scope.partner.is_some() && fact.state == State::Recorded {
            let law = cx.law().await?;
            if kind_of(&law, &fact.kind)?.by_partner != ByPartner::Freely {
                let message = "this fact counts already; only the vendor takes it back".to_owned();
                return Err(Error::Forbidden { permission: Self::NAME.to_owned(), message });
            }
        }
        let reason = why(&self.reason)?;
        keeping::release(cx, &fact).await?;
        end(cx, &mut fact, State::Withdrawn, Some(reason.clone()));
        store::save(cx.tx, &cx.scope, &fact).await?;
        let summary = format!("{} was withdrawn: {reason}", name_of(&fact));
        cx.emit("fact.withdrawn", fact.id, Some(fact.partner), summary, &fact);
        Ok(fact)
    }
}

fn why(reason: &str) -> Result<String> {
    crate::company::line(reason, 500).map_err(|rule| Error::invalid("reason", rule))
}
