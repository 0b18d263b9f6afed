//! Invitations: how people come in. The link works once and for a week; the token in it is stored as a hash, and sealed
//! for the courier that mails it.
//!
//! Nobody invites to a role with more rights than their own; a partner's administrator invites for its own company only.

mod invitation;
mod operations;
mod pages;
mod store;
#[cfg(test)]
mod tests;

pub use invitation::{Invitation, State};
use kernel::{App, Cx, OrganizationId, PersonId, Registry, Result, Tx, params};
pub use operations::{AcceptInvitation, Invite, Invited, ListInvitations, RevokeInvitation};
pub use pages::accept_invitation_page;
pub(crate) use pages::shown_once;

use crate::sign_in::token_hash;

kernel::ids! { InvitationId = InvitationKind "ivt" }

pub fn install(registry: &mut Registry) {
    registry
        .migration("people/003", include_str!("../../migrations/003_invitations.sql"))
        .sealed("invitation", "id")
        .operation::<Invite>()
        .operation::<AcceptInvitation>()
        .operation::<RevokeInvitation>()
        .query::<ListInvitations>();
}

/// Withdraws the open invitations of somebody who leaves.
pub(crate) async fn revoke_all_by(cx: &mut Cx<'_>, inviter: PersonId) -> Result<usize> {
    let open = store::open_by(cx.tx, &cx.scope, inviter).await?;
    for invitation in &open {
        operations::revoke(cx, invitation.clone()).await?;
    }
    Ok(open.len())
}

/// The link of an open invitation, for the mail to the invited: `/invitations/…`.
pub async fn link_of(app: &App, tx: &mut Tx, invitation: InvitationId) -> Result<Option<String>> {
    let sql = "SELECT token FROM invitation_secret WHERE invitation = $1";
    let sealed: Option<Vec<u8>> = tx.one(sql, params![invitation], |row| row.get("token")).await?;
    sealed.map(|sealed| Ok(link(app.vault().open(&sealed)?.expose()))).transpose()
}

fn link(token: &str) -> String {
    format!("/invitations/{token}")
}

/// The organization that the token of an invitation belongs to, and who is invited, for the public page; `None` when
/// the link no longer works.
pub async fn open_invitation(app: &App, token: &str) -> Result<Option<(OrganizationId, Invitation)>> {
    let mut tx = app.db().read().await?;
    let found = store::by_token(&mut tx, &token_hash(token)).await;
    tx.rollback().await?;
    let open = found?.filter(|invitation| invitation.state_at(app.now()) == State::Pending);
    Ok(open.map(|invitation| (invitation.organization, invitation)))
}
