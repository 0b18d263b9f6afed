//! What a partner sees of the program: tiers, benefits and deal terms in full, of archetypes and plans its own.

use futures::future::BoxFuture;
use kernel::app::ReadCx;
use kernel::{PartnerId, Result, Scope, Tx};
use law::{Engagement, Gate, Program, Statements};

/// Reads the key of a partner's archetype; none before it has one.
pub type ReadArchetype = for<'a> fn(&'a mut Tx, &'a Scope, PartnerId) -> BoxFuture<'a, Result<Option<String>>>;

/// Tells which archetype a partner has; the area of partners adds it to the registry.
#[derive(Clone, Copy)]
pub struct ArchetypeOf(pub ReadArchetype);

pub async fn archetype_of(cx: &mut ReadCx<'_>, partner: PartnerId) -> Result<Option<String>> {
    match cx.app.registry().parts::<ArchetypeOf>().pop() {
        Some(known) => (known.0)(cx.tx, &cx.scope, partner).await,
        None => Ok(None),
    }
}

/// The program as a partner of that archetype sees it.
pub fn to_partner(program: &Program, archetype: Option<&str>) -> Program {
    let mut seen = program.clone();
    seen.settings.approvals.program_changes.clear();
    // Whose customers are whose is for nobody else to read.
    seen.engagement = Engagement {
        precedence: seen.engagement.precedence,
        segments: seen.engagement.segments,
        ..Engagement::default()
    };
    // In whom is invested, and who approves it, is inside; a partner sees its own segment, and how long it can appeal.
    seen.segments.clear();
    if let Some(runs) = &mut seen.runs {
        runs.roles.clear();
        (runs.second_above_moves, runs.second_above_amount) = (None, None);
    }
    seen.deals.approvals.clear();
    seen.gate = Gate::default();
    seen.archetypes.retain(|key, _| Some(key.as_str()) == archetype);
    for own in seen.archetypes.values_mut() {
        // What the vendor hopes and fears of such partners is its own business.
        own.value_drivers.clear();
        own.risk_drivers.clear();
    }
    let own = seen.archetypes.values().next().cloned();
    let is_own = |key: &str, of: fn(&law::Archetype) -> &String| own.as_ref().is_some_and(|own| of(own) == key);
    seen.plans.retain(|key, _| is_own(key, |own| &own.plan));
    seen.procedures.retain(|key, _| is_own(key, |own| &own.onboarding));
    seen.terms.retain(|key, _| is_own(key, |own| &own.terms));
    if own.is_none() {
        seen.statements = Statements::default();
    }
    seen
}
