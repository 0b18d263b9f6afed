//! What is done with members and what is asked about them.

use kernel::app::ReadCx;
use kernel::{
    Access, Cx, Error, EventRecord, Filter, Operation, Page, PageRequest, PartnerId, PersonId, Query, Result, Route,
    Secret, Timestamp, get, post, put,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::person::{Person, Status, check_name, check_zone};
use super::{NewPerson, own_id, store};
use crate::roles::{refusal_to_grant, role};
use crate::{invitations, recovery, sign_in, tokens};

/// Add a person without an invitation: for a fresh installation and the demo.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreatePerson {
    pub name: String,
    #[schemars(extend("format" = "email"))]
    pub email: String,
    pub role: String,
    /// The partner that the person belongs to; absent for the vendor's staff.
    #[serde(default)]
    pub partner: Option<PartnerId>,
    /// IANA name of a time zone, such as Europe/Berlin.
    #[serde(default)]
    pub zone: Option<String>,
    #[serde(default)]
    pub password: Option<Secret>,
    /// An Argon2id hash that was made before, instead of a password.
    #[serde(default)]
    pub password_hash: Option<Secret>,
}

impl Operation for CreatePerson {
    const NAME: &'static str = "people.create";
    const ROUTE: Route = post("/people");
    const ACCESS: Access = Access::Open;
    type Output = PersonId;

    async fn run(self, cx: &mut Cx<'_>) -> Result<PersonId> {
        if !cx.actor.is_system() {
            return Err(forbidden(Self::NAME, "people come in by invitation; invite them instead"));
        }
        let Self { name, email, role, partner, zone, password, password_hash } = self;
        super::create_person(cx, NewPerson { name, email, role, partner, zone, password, password_hash }).await
    }
}

/// Change your own name or time zone.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct UpdateProfile {
    /// Your name as others see it; stays as it is unless given.
    #[serde(default)]
    pub name: Option<String>,
    /// IANA name of your time zone, such as Europe/Berlin; stays as it is unless given.
    #[serde(default)]
    pub zone: Option<String>,
}

impl Operation for UpdateProfile {
    const NAME: &'static str = "people.update_profile";
    const ROUTE: Route = put("/me/profile");
    const ACCESS: Access = Access::Open;
    type Output = Person;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Person> {
        let mut person = found(cx, own_id(cx.actor)?).await?;
        if let Some(name) = &self.name {
            person.name = check_name(name)?;
        }
        if let Some(zone) = self.zone {
            check_zone(&zone)?;
            person.zone = zone;
        }
        store::update(cx.tx, &person).await?;
        let summary = format!("{} changed name or time zone", person.name);
        cx.emit("person.profile_changed", person.id, person.partner, summary, &person);
        Ok(person)
    }
}

/// Give a person another role.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ChangeRole {
    pub person: PersonId,
    pub role: String,
}

impl Operation for ChangeRole {
    const NAME: &'static str = "people.change_role";
    const ROUTE: Route = put("/people/{person}/role");
    const ACCESS: Access = Access::Open;
    type Output = Person;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("person", self.person.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Person> {
        let mut person = found(cx, self.person).await?;
        let wanted = role(&self.role)
            .ok_or_else(|| Error::invalid("role", format!("`{}` is not a role; see the list of roles", self.role)))?;
        let before = may_change(cx, &person, Self::NAME)?;
        if let Some(refusal) = refusal_to_grant(cx.actor, wanted, person.partner) {
            return Err(forbidden(Self::NAME, refusal));
        }
        if person.role == "owner" && wanted.name != "owner" {
            keep_an_owner(cx, &person).await?;
        }
        person.role = wanted.name.to_owned();
        store::update(cx.tx, &person).await?;
        let summary = format!("{} is now {} (before: {before})", person.name, wanted.title);
        cx.emit("person.role_changed", person.id, person.partner, summary, &person);
        Ok(person)
    }
}

/// Deactivate a person: sessions and tokens end at once, open invitations are withdrawn.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Deactivate {
    pub person: PersonId,
}

impl Operation for Deactivate {
    const NAME: &'static str = "people.deactivate";
    const ROUTE: Route = post("/people/{person}/deactivation");
    const ACCESS: Access = Access::Open;
    type Output = Person;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("person", self.person.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Person> {
        let mut person = found(cx, self.person).await?;
        may_change(cx, &person, Self::NAME)?;
        if person.role == "owner" {
            keep_an_owner(cx, &person).await?;
        }
        person.deactivate(cx.actor.reference(), cx.now)?;
        store::update(cx.tx, &person).await?;
        sign_in::end_sessions(cx.tx, person.id, None).await?;
        recovery::end_reset(cx.tx, person.id).await?;
        let tokens = tokens::revoke_all_of(cx, person.id).await?;
        let invitations = invitations::revoke_all_by(cx, person.id).await?;
        let summary = format!("{} was deactivated; {tokens} tokens and {invitations} invitations ended", person.name);
        cx.emit("person.deactivated", person.id, person.partner, summary, &person);
        Ok(person)
    }
}

/// Let a deactivated person sign in again, with the role held before.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Reactivate {
    pub person: PersonId,
}

impl Operation for Reactivate {
    const NAME: &'static str = "people.reactivate";
    const ROUTE: Route = post("/people/{person}/activation");
    const ACCESS: Access = Access::Open;
    type Output = Person;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("person", self.person.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Person> {
        let mut person = found(cx, self.person).await?;
        may_change(cx, &person, Self::NAME)?;
        person.reactivate()?;
        store::update(cx.tx, &person).await?;
        let summary = format!("{} may sign in again", person.name);
        cx.emit("person.reactivated", person.id, person.partner, summary, &person);
        Ok(person)
    }
}

/// List the people.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListPeople {
    /// Part of a name or address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The people of one partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListPeople {
    const NAME: &'static str = "people.list";
    const ROUTE: Route = get("/people");
    type Output = Page<Person>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Person>> {
        let filters = vec![
            Filter::Contains("search_key", self.q),
            Filter::Is("role", self.role.map(Into::into)),
            Filter::Is("status", self.status.map(|status| status.name().into())),
            Filter::Is("partner", self.partner.map(Into::into)),
        ];
        store::page(cx.tx, &cx.scope, &self.page, filters).await
    }
}

/// Show one person.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetPerson {
    pub person: PersonId,
}

/// A person with what others may know about the account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PersonDetail {
    pub person: Person,
    /// Whether a second factor is set up.
    pub second_factor: bool,
    /// When a session of the person was last used.
    pub last_seen_at: Option<Timestamp>,
    pub timeline: Vec<EventRecord>,
}

impl Query for GetPerson {
    const NAME: &'static str = "people.get";
    const ROUTE: Route = get("/people/{person}");
    type Output = PersonDetail;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("person", self.person.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<PersonDetail> {
        let person = store::by_id(cx.tx, &cx.scope, self.person).await?;
        let person = person.ok_or_else(|| Error::not_found("person", self.person))?;
        let account = sign_in::account(cx.tx, person.id, cx.now).await?;
        let timeline = kernel::event::of_subject(cx.tx, &cx.scope, &person.id.to_string(), 30).await?;
        let last_seen_at = account.sessions.iter().map(|session| session.last_seen_at).max();
        Ok(PersonDetail { person, second_factor: account.second_factor, last_seen_at, timeline })
    }
}

/// Show your own account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Me {}

/// Your account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct MyAccount {
    pub person: Person,
    #[serde(flatten)]
    pub account: sign_in::Account,
    /// A second factor that you have begun to set up and not confirmed yet.
    pub pending_factor: Option<sign_in::PendingFactor>,
}

impl Query for Me {
    const NAME: &'static str = "people.me";
    const ROUTE: Route = get("/me");
    type Output = MyAccount;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<MyAccount> {
        let id = own_id(cx.actor)?;
        let person = store::by_id(cx.tx, &cx.scope, id).await?.ok_or_else(|| Error::not_found("person", id))?;
        let account = sign_in::account(cx.tx, id, cx.now).await?;
        let pending_factor = sign_in::pending_factor(cx.tx, cx.app, &person).await?;
        Ok(MyAccount { person, account, pending_factor })
    }
}

async fn found(cx: &mut Cx<'_>, id: PersonId) -> Result<Person> {
    store::by_id(cx.tx, &cx.scope, id).await?.ok_or_else(|| Error::not_found("person", id))
}

/// Nobody changes their own rights, and nobody those of somebody who may do more. The title of the role held now.
pub(crate) fn may_change(cx: &Cx<'_>, person: &Person, permission: &str) -> Result<&'static str> {
    if cx.actor.reference() == person.id.to_string() {
        return Err(forbidden(permission, "nobody changes their own rights; ask another administrator"));
    }
    let held = role(&person.role).ok_or_else(|| Error::internal(format!("there is no role `{}`", person.role)))?;
    match refusal_to_grant(cx.actor, held, person.partner) {
        Some(refusal) => Err(forbidden(permission, refusal)),
        None => Ok(held.title),
    }
}

async fn keep_an_owner(cx: &mut Cx<'_>, person: &Person) -> Result<()> {
    if person.status == Status::Active && store::active_owners(cx.tx, &cx.scope).await? <= 1 {
        let message = format!("{} is the last owner; make somebody else an owner first", person.name);
        return Err(Error::conflict("last_owner", message));
    }
    Ok(())
}

pub(crate) fn forbidden(permission: &str, message: impl Into<String>) -> Error {
    Error::Forbidden { permission: permission.to_owned(), message: message.into() }
}
