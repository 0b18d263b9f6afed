//! A link for a new password, choosing it, and resetting a second factor.

use kernel::{Access, Cx, Error, Operation, PersonId, Result, Route, Secret, Timestamp, delete, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::store;
use crate::members::{self, Person, PersonSummary, Status, forbidden, may_change};
use crate::sign_in::{self, token_hash, token_text};

/// How long the link for a new password works.
const DAYS: i64 = 1;

/// Make a link with which somebody who forgot the password chooses a new one; it works once, for a day.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ResetPassword {
    pub person: PersonId,
}

/// A link just made.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PasswordReset {
    /// The link for the person. It is shown here and nowhere else.
    pub link: String,
    pub expires_at: Timestamp,
    pub email: String,
}

impl Operation for ResetPassword {
    const NAME: &'static str = "people.reset_password";
    const ROUTE: Route = post("/people/{person}/password-resets");
    const ACCESS: Access = Access::Open;
    type Output = PasswordReset;

    async fn run(self, cx: &mut Cx<'_>) -> Result<PasswordReset> {
        let person =
            helped(cx, self.person, Self::NAME, "change your own password with `people.change_password`").await?;
        let token = token_text(cx.app.random());
        let expires_at = cx.now.plus_days(DAYS);
        store::open_reset(cx.tx, cx.scope.organization, person.id, &token_hash(&token), expires_at).await?;
        let summary = format!("{} got a link to choose a new password", person.name);
        cx.emit("person.password_reset", person.id, person.partner, summary, &());
        Ok(PasswordReset { link: format!("/passwords/{token}"), expires_at, email: person.email })
    }
}

/// Choose a new password with the link that an administrator made; every session of yours ends.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ChoosePassword {
    /// The last part of the link.
    pub token: Secret,
    /// At least twelve characters, not a common one, without your e-mail address.
    pub password: Secret,
}

impl Operation for ChoosePassword {
    const NAME: &'static str = "people.choose_password";
    const ROUTE: Route = post("/password-resets/completion");
    const ACCESS: Access = Access::Open;
    type Output = PersonSummary;

    async fn run(self, cx: &mut Cx<'_>) -> Result<PersonSummary> {
        let found = store::person_of(cx.tx, &token_hash(self.token.expose()), cx.now).await?;
        let found = found.filter(|person| person.organization == cx.scope.organization);
        let Some(person) = found else {
            let message = "this link does not work any more; ask an administrator for a new one";
            return Err(Error::conflict("link_unknown", message));
        };
        sign_in::password::check(self.password.expose(), &person.email)?;
        sign_in::replace_password(cx, &person, self.password).await?;
        store::end_reset(cx.tx, person.id).await?;
        let summary = format!("{} chose a new password with a link", person.name);
        cx.emit("person.password_chosen", person.id, person.partner, summary, &());
        Ok(person.summary())
    }
}

/// Reset the second factor of somebody who lost it: sessions end, and the password alone signs in until a new one is set up.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ResetSecondFactor {
    pub person: PersonId,
}

impl Operation for ResetSecondFactor {
    const NAME: &'static str = "people.reset_second_factor";
    const ROUTE: Route = delete("/people/{person}/second-factor");
    const ACCESS: Access = Access::Open;
    type Output = Person;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Person> {
        let own = "replace your own second factor with `people.set_up_second_factor`";
        let person = helped(cx, self.person, Self::NAME, own).await?;
        if !sign_in::forget_second_factor(cx, person.id).await? {
            let message = format!("{} has no second factor to reset", person.name);
            return Err(Error::conflict("no_second_factor", message));
        }
        let summary = format!("The second factor of {} was reset", person.name);
        cx.emit("person.second_factor_reset", person.id, person.partner, summary, &());
        Ok(person)
    }
}

/// The person to be helped, if the actor may: somebody else, active, and with no more rights than the actor.
async fn helped(cx: &mut Cx<'_>, id: PersonId, permission: &str, own: &str) -> Result<Person> {
    let person = members::by_id(cx.tx, &cx.scope, id).await?.ok_or_else(|| Error::not_found("person", id))?;
    if cx.actor.reference() == id.to_string() {
        return Err(forbidden(permission, format!("{own}; only another administrator resets it for you")));
    }
    may_change(cx, &person, permission)?;
    if person.status != Status::Active {
        let message = format!("{} was deactivated; reactivate the account first", person.name);
        return Err(Error::conflict("person_deactivated", message));
    }
    Ok(person)
}
