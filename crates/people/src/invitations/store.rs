//! The tables of invitations and of their sealed tokens.

use kernel::{Filter, Listing, Page, PageRequest, PersonId, Result, Row, Scope, Tx, Value, params};

use super::InvitationId;
use super::invitation::{Invitation, State};
use crate::members::email_key;

const INVITATIONS: Listing = Listing {
    from: "invitation",
    select: "*",
    organization: "organization",
    partner: Some("partner"),
    id: "id",
    sorts: &[("invited", "invited_at"), ("email", "email_key"), ("role", "role")],
    newest_first: true,
};

fn read(row: &Row) -> Result<Invitation> {
    Ok(Invitation {
        id: row.get("id")?,
        organization: row.get("organization")?,
        partner: row.get("partner")?,
        name: row.get("name")?,
        email: row.get("email")?,
        role: row.get("role")?,
        state: State::read(&row.get::<String>("state")?)?,
        invited_by: row.get("invited_by")?,
        invited_at: row.get("invited_at")?,
        expires_at: row.get("expires_at")?,
        ended_at: row.get("ended_at")?,
        person: row.get("person")?,
    })
}

pub async fn insert(tx: &mut Tx, invitation: &Invitation, token_hash: &str, sealed: Vec<u8>) -> Result<()> {
    let columns: Vec<(&str, Value)> = vec![
        ("id", invitation.id.into()),
        ("organization", invitation.organization.into()),
        ("partner", invitation.partner.into()),
        ("name", (&invitation.name).into()),
        ("email", (&invitation.email).into()),
        ("email_key", email_key(&invitation.email).into()),
        ("role", (&invitation.role).into()),
        ("state", invitation.state.name().into()),
        ("token_hash", token_hash.into()),
        ("invited_by", (&invitation.invited_by).into()),
        ("invited_at", invitation.invited_at.into()),
        ("expires_at", invitation.expires_at.into()),
    ];
    tx.insert("invitation", &columns).await?;
    let sql = "INSERT INTO invitation_secret (invitation, token) VALUES ($1, $2)";
    tx.run(sql, params![invitation.id, sealed]).await?;
    Ok(())
}

/// Stores how the invitation ended; its token is not needed any more.
pub async fn end(tx: &mut Tx, invitation: &Invitation) -> Result<()> {
    tx.update(
        "invitation",
        &[
            ("id", invitation.id.into()),
            ("state", invitation.state.name().into()),
            ("ended_at", invitation.ended_at.into()),
            ("person", invitation.person.into()),
        ],
    )
    .await?;
    tx.run("DELETE FROM invitation_secret WHERE invitation = $1", params![invitation.id]).await?;
    Ok(())
}

pub async fn by_id(tx: &mut Tx, scope: &Scope, id: InvitationId) -> Result<Option<Invitation>> {
    let sql = "SELECT * FROM invitation WHERE organization = $1 AND id = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL)";
    tx.one(sql, params![scope.organization, id, scope.partner], read).await
}

pub async fn by_token(tx: &mut Tx, hash: &str) -> Result<Option<Invitation>> {
    tx.one("SELECT * FROM invitation WHERE token_hash = $1", params![hash], read).await
}

/// Pending invitations of an address, whoever sent them.
pub async fn pending_of(tx: &mut Tx, email: &str) -> Result<Vec<Invitation>> {
    let sql = "SELECT * FROM invitation WHERE email_key = $1 AND state = 'pending'";
    tx.all(sql, params![email_key(email)], read).await
}

pub async fn open_by(tx: &mut Tx, scope: &Scope, inviter: PersonId) -> Result<Vec<Invitation>> {
    let sql = "SELECT * FROM invitation WHERE organization = $1 AND invited_by = $2 AND state = 'pending'";
    tx.all(sql, params![scope.organization, inviter], read).await
}

pub async fn page(tx: &mut Tx, scope: &Scope, request: &PageRequest, filters: Vec<Filter>) -> Result<Page<Invitation>> {
    INVITATIONS.page(tx, scope, request, filters, read).await
}
