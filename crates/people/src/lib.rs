//! People: who they are, which roles they hold, how they come in, sign in and leave, and the tokens of their programs.
//!
//! The vendor's staff and the partners' people are the same kind of thing; a person with a partner reaches that partner's
//! rows and no others. Passwords, codes and tokens are kept as hashes or sealed, and never reach the log.

pub mod founding;
pub mod invitations;
pub mod members;
pub mod recovery;
mod roles;
pub mod sign_in;
#[cfg(test)]
mod stage;
pub mod tokens;

pub use founding::{FoundOrganization, Founded};
pub use invitations::{accept_invitation_page, open_invitation};
pub use members::{CreatePerson, NewPerson, Person, PersonSummary, create_person, person_actor};
pub use recovery::{choose_password_page, open_password_reset};
pub use roles::{refusal_to_grant, role, roles};
pub use sign_in::{SignIn, Signed, anonymous, authenticate_session, code_page, organization_of_email, sign_in_page};
pub use tokens::authenticate_token;

/// Adds the operations, queries, pages and tables of people.
pub fn install(registry: &mut kernel::Registry) {
    founding::install(registry);
    members::install(registry);
    sign_in::install(registry);
    invitations::install(registry);
    tokens::install(registry);
    recovery::install(registry);
}

/// Operations that act on the session of the request: the server fills their field `session`.
pub const TAKE_SESSION: [&str; 3] = ["people.sign_out", "people.confirm_second_factor", "people.change_password"];

/// Operations whose field `source` the server fills with the address of the caller, whatever the caller says.
pub const TAKE_SOURCE: [&str; 1] = ["people.sign_in"];

/// What the outcome of an operation shows once and never again (a link, a token, recovery codes): the answer to the
/// form that ran it, instead of a redirect.
pub fn shown_once(operation: &str, output: &serde_json::Value) -> Option<ui::View> {
    invitations::shown_once(operation, output)
        .or_else(|| tokens::shown_once(operation, output))
        .or_else(|| sign_in::shown_once(operation, output))
        .or_else(|| recovery::shown_once(operation, output))
}
