//! Inviting, accepting, withdrawing.

use kernel::app::ReadCx;
use kernel::{
    Access, Cx, Error, Filter, Operation, Page, PageRequest, PartnerId, Query, Result, Route, Secret, Timestamp,
    delete, get, post,
};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::invitation::{DAYS, Invitation, State};
use super::{InvitationId, link, store};
use crate::members::{self, NewPerson, PersonSummary, check_email, check_name, email_key, forbidden};
use crate::roles::{refusal_to_grant, role};
use crate::sign_in::{token_hash, token_text};

/// Invite somebody to join with a role.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Invite {
    #[schemars(extend("format" = "email"))]
    pub email: String,
    pub name: String,
    pub role: String,
    /// The partner that the person belongs to; absent for the vendor's staff. A partner's administrator leaves it out.
    #[serde(default)]
    pub partner: Option<PartnerId>,
}

/// An invitation just made.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Invited {
    pub id: InvitationId,
    /// The link for the invited. It is shown here and nowhere else.
    pub link: String,
    pub expires_at: Timestamp,
    pub email: String,
}

impl Operation for Invite {
    const NAME: &'static str = "people.invite";
    const ROUTE: Route = post("/invitations");
    const ACCESS: Access = Access::Open;
    type Output = Invited;

    fn partner(&self) -> Option<PartnerId> {
        self.partner
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Invited> {
        let partner = self.partner.or(cx.scope.partner);
        let (name, email) = (check_name(&self.name)?, check_email(&self.email)?);
        let wanted = role(&self.role)
            .ok_or_else(|| Error::invalid("role", format!("`{}` is not a role; see the list of roles", self.role)))?;
        if let Some(refusal) = refusal_to_grant(cx.actor, wanted, partner) {
            return Err(forbidden(Self::NAME, refusal));
        }
        if members::email_taken(cx.tx, &email_key(&email)).await? {
            return Err(taken());
        }
        replace_earlier(cx, &email, partner).await?;
        let invitation = Invitation {
            id: cx.id(),
            organization: cx.scope.organization,
            partner,
            name,
            email,
            role: wanted.name.to_owned(),
            state: State::Pending,
            invited_by: cx.actor.reference(),
            invited_at: cx.now,
            expires_at: cx.now.plus_days(DAYS),
            ended_at: None,
            person: None,
        };
        let token = token_text(cx.app.random());
        let sealed = cx.app.vault().seal(&token, cx.app.random())?;
        store::insert(cx.tx, &invitation, &token_hash(&token), sealed).await?;
        let summary = format!("{} was invited as {}", invitation.name, wanted.title);
        cx.emit("person.invited", invitation.id, partner, summary, &invitation);
        let Invitation { id, expires_at, email, .. } = invitation;
        Ok(Invited { id, link: link(&token), expires_at, email })
    }
}

fn taken() -> Error {
    let message = "somebody with this e-mail address has an account or an invitation here already";
    Error::conflict("email_taken", message)
}

/// A new invitation replaces an earlier one of the same company; another company's is not ours to end.
async fn replace_earlier(cx: &mut Cx<'_>, email: &str, partner: Option<PartnerId>) -> Result<()> {
    for earlier in store::pending_of(cx.tx, email).await? {
        let ours = earlier.organization == cx.scope.organization && earlier.partner == partner;
        if !ours && earlier.state_at(cx.now) == State::Pending {
            return Err(taken());
        }
        if ours {
            revoke(cx, earlier).await?;
        }
    }
    Ok(())
}

/// Accept an invitation: choose a password and become a member.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AcceptInvitation {
    /// The last part of the link.
    pub token: Secret,
    /// Your name as others see it.
    pub name: String,
    /// At least twelve characters, not a common one, without your e-mail address.
    pub password: Secret,
}

impl Operation for AcceptInvitation {
    const NAME: &'static str = "people.accept_invitation";
    const ROUTE: Route = post("/invitations/acceptance");
    const ACCESS: Access = Access::Open;
    type Output = PersonSummary;

    async fn run(self, cx: &mut Cx<'_>) -> Result<PersonSummary> {
        let found = store::by_token(cx.tx, &token_hash(self.token.expose())).await?;
        let found = found.filter(|invitation| invitation.organization == cx.scope.organization);
        let unknown = || Error::conflict("invitation_unknown", "this link does not work; ask for a new invitation");
        let mut invitation = found.ok_or_else(unknown)?;
        invitation.check_open(cx.now)?;
        let zone = cx.law().await.ok().map(|law| law.program.settings.time_zone.clone());
        let new = NewPerson {
            name: self.name,
            email: invitation.email.clone(),
            role: invitation.role.clone(),
            partner: invitation.partner,
            zone,
            password: Some(self.password),
            password_hash: None,
        };
        let person = members::create_person(cx, new).await?;
        invitation.accept(person, cx.now)?;
        store::end(cx.tx, &invitation).await?;
        let summary = format!("{} accepted the invitation", invitation.name);
        cx.emit("person.invitation_accepted", invitation.id, invitation.partner, summary, &invitation);
        let person = members::by_id(cx.tx, &cx.scope, person).await?;
        person.map(|person| person.summary()).ok_or_else(|| Error::internal("the new person is not there"))
    }
}

/// Withdraw an invitation that nobody has used.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RevokeInvitation {
    pub invitation: InvitationId,
}

impl Operation for RevokeInvitation {
    const NAME: &'static str = "people.revoke_invitation";
    const ROUTE: Route = delete("/invitations/{invitation}");
    const ACCESS: Access = Access::Open;
    type Output = Invitation;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("invitation", self.invitation.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Invitation> {
        let invitation = store::by_id(cx.tx, &cx.scope, self.invitation).await?;
        revoke(cx, invitation.ok_or_else(|| Error::not_found("invitation", self.invitation))?).await
    }
}

pub(super) async fn revoke(cx: &mut Cx<'_>, mut invitation: Invitation) -> Result<Invitation> {
    invitation.revoke(cx.now)?;
    store::end(cx.tx, &invitation).await?;
    let summary = format!("The invitation of {} was withdrawn", invitation.name);
    cx.emit("person.invitation_revoked", invitation.id, invitation.partner, summary, &invitation);
    Ok(invitation)
}

/// List the invitations.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListInvitations {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListInvitations {
    const NAME: &'static str = "people.list_invitations";
    const ROUTE: Route = get("/invitations");
    type Output = Page<Invitation>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Invitation>> {
        let mut filters = Vec::new();
        match self.state {
            None => {}
            Some(State::Expired) => {
                filters.push(Filter::Is("state", Some(State::Pending.name().into())));
                filters.push(Filter::Before("expires_at", Some(cx.now.plus_micros(1).into())));
            }
            Some(state) => {
                filters.push(Filter::Is("state", Some(state.name().into())));
                if state == State::Pending {
                    filters.push(Filter::From("expires_at", Some(cx.now.plus_micros(1).into())));
                }
            }
        }
        let mut page = store::page(cx.tx, &cx.scope, &self.page, filters).await?;
        page.items = page.items.into_iter().map(|invitation| invitation.seen_at(cx.now)).collect();
        Ok(page)
    }
}
