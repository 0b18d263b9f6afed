//! What onboarding sees of enrollment, and enrollment of onboarding: accepted terms are evidence, and only a completed stage
//! that says so activates a partner.

use kernel::{Cx, Error, Operation as _, PartnerId, Reason, Registry, Result, Scope, Tx};
use law::EvidenceKind;
use procedures::{Run, RunId, Witness};

use super::{ActivatePartner, terms_of};
use crate::profile::{self, Partner};

pub fn install(registry: &mut Registry) {
    registry.add(Witness {
        kind: EvidenceKind::Terms,
        seen: |tx, scope, id, program| {
            Box::pin(async move {
                let Some(partner) = profile::find(tx, scope, id).await? else { return Ok(None) };
                let current = terms_of(program, &partner);
                let accepted = partner.terms.as_ref();
                let same = current
                    .zip(accepted)
                    .filter(|((key, terms), accepted)| accepted.key == **key && accepted.version == terms.version);
                Ok(same.map(|((_, terms), accepted)| {
                    format!("{}, version {}, accepted at {}", terms.title, accepted.version, accepted.accepted_at)
                }))
            })
        },
    });
}

/// The onboarding of a partner: the latest procedure about it that ends in its activation.
pub async fn onboarding_of(tx: &mut Tx, scope: &Scope, partner: PartnerId) -> Result<Option<Run>> {
    let runs = procedures::of_subject(tx, scope, &partner.to_string()).await?;
    Ok(runs.into_iter().find(is_onboarding))
}

/// Whether the end of that run activates a partner.
pub fn is_onboarding(run: &Run) -> bool {
    let mut stages = run.definition.stages.iter();
    stages.any(|stage| stage.on_complete.iter().any(|effect| effect == ActivatePartner::NAME))
}

/// Refuses to activate a partner unless a completed stage of its onboarding calls for it: there is no side door.
pub(super) async fn onboarding_complete(cx: &mut Cx<'_>, partner: &Partner, run: Option<RunId>) -> Result<()> {
    let scope = cx.scope;
    let found = onboarding_of(cx.tx, &scope, partner.id).await?;
    let found = found.filter(|found| run.is_none_or(|run| run == found.id));
    if found.as_ref().is_some_and(calls_for_activation) {
        return Ok(());
    }
    let text = match &found {
        Some(found) => format!("{} of {} is at the stage “{}”.", found.title, partner.name, found.stage),
        None => format!("{} has no onboarding of that id.", partner.name),
    };
    let reason = Reason::new("onboarding_incomplete", text)
        .citing("procedures.toml: on_complete")
        .remedy("Complete the onboarding at /onboarding; its last stage activates the partner.");
    let reason = match &found {
        Some(found) => reason.resting_on(found.id),
        None => reason,
    };
    let message = format!("the onboarding of {} is not complete", partner.name);
    Err(Error::refused("onboarding_incomplete", message, vec![reason]))
}

fn calls_for_activation(run: &Run) -> bool {
    run.completed.iter().any(|done| {
        let stage = run.definition.stage(&done.stage);
        stage.is_some_and(|stage| stage.on_complete.iter().any(|effect| effect == ActivatePartner::NAME))
    })
}
