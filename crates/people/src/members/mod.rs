//! Members: the people of an organization and of its partners, with one role each.
//!
//! People come in by invitation (or, for a fresh installation and the demo, by Concord itself), and leave by being
//! deactivated: their sessions and tokens end at once, their history stays. Nobody changes their own rights, and the
//! last owner stays.

mod facts;
mod operations;
mod pages;
mod person;
mod store;
#[cfg(test)]
mod tests;

use kernel::{Actor, ActorKind, App, Cx, Grants, PartnerId, PersonId, Registry, Result, Secret};
pub use operations::{
    ChangeRole, CreatePerson, Deactivate, GetPerson, ListPeople, Me, MyAccount, PersonDetail, Reactivate, UpdateProfile,
};
pub(crate) use operations::{forbidden, may_change};
pub use person::{Person, PersonSummary, Status, email_key};
pub(crate) use person::{check_email, check_name};
pub(crate) use store::{by_email, by_id, email_taken, read};

use crate::roles::role;
use crate::sign_in;

pub fn install(registry: &mut Registry) {
    registry
        .migration("people/001", include_str!("../../migrations/001_members.sql"))
        .sealed("person", "id")
        .operation::<CreatePerson>()
        .operation::<UpdateProfile>()
        .operation::<ChangeRole>()
        .operation::<Deactivate>()
        .operation::<Reactivate>()
        .query::<ListPeople>()
        .query::<GetPerson>()
        .query::<Me>();
    facts::install(registry);
    pages::install(registry);
}

/// Somebody to be added.
#[derive(Debug, Clone, Default)]
pub struct NewPerson {
    pub name: String,
    pub email: String,
    pub role: String,
    pub partner: Option<PartnerId>,
    /// IANA name; UTC unless told.
    pub zone: Option<String>,
    pub password: Option<Secret>,
    /// An Argon2id hash that was made before, instead of a password.
    pub password_hash: Option<Secret>,
}

/// Adds a person. Who may do so is the caller's business: invitations and Concord itself end here.
pub async fn create_person(cx: &mut Cx<'_>, new: NewPerson) -> Result<PersonId> {
    let person = Person::new(cx.id(), cx.scope.organization, &new, cx.actor.reference(), cx.now)?;
    let hash = match (&new.password, &new.password_hash) {
        (Some(password), _) => {
            sign_in::password::check(password.expose(), &person.email)?;
            Some(sign_in::password::hash(password.clone(), cx.app.random()).await?)
        }
        (None, Some(hash)) => Some(sign_in::password::check_hash(hash.expose())?),
        (None, None) => None,
    };
    if email_taken(cx.tx, &person.email_key()).await? {
        return Err(kernel::Error::conflict(
            "email_taken",
            "somebody with this e-mail address has an account here already; use another address",
        ));
    }
    store::insert(cx.tx, &person).await?;
    sign_in::store_credential(cx, person.id, hash).await?;
    let summary = format!("{} joined as {}", person.name, role(&person.role).map_or("member", |role| role.title));
    cx.emit("person.joined", person.id, person.partner, summary, &person);
    Ok(person.id)
}

/// The person as somebody who acts, with the rights of the role held now; `None` for those who left.
pub async fn person_actor(app: &App, person: PersonId) -> Result<Option<Actor>> {
    let mut tx = app.db().read().await?;
    let found = store::anywhere(&mut tx, person).await?;
    tx.rollback().await?;
    Ok(found.filter(|person| person.status == Status::Active).map(|person| actor(&person)))
}

pub(crate) fn actor(person: &Person) -> Actor {
    Actor {
        kind: ActorKind::Person(person.id),
        name: person.name.clone(),
        organization: person.organization,
        partner: person.partner,
        grants: role(&person.role).map(|role| Grants::of(role.grants)).unwrap_or_default(),
        scopes: None,
        roles: vec![person.role.clone()],
    }
}

/// The person behind the actor; tokens and Concord itself have no account of their own.
pub(crate) fn own_id(actor: &Actor) -> Result<PersonId> {
    match actor.kind {
        ActorKind::Person(person) => Ok(person),
        _ => Err(kernel::Error::Forbidden {
            permission: "people.me".to_owned(),
            message: "only a person who is signed in has an account to look after".to_owned(),
        }),
    }
}
