//! Standing: what a partner still lacks before the doors open. The runner asks it before every operation that needs an
//! enrolled partner, whoever acts.

mod missing;
#[cfg(test)]
mod tests;

use kernel::{Reason, Registry, Scope};
pub use missing::missing;

use crate::profile;

pub fn install(registry: &mut Registry) {
    registry.standing(|tx, organization, id| {
        Box::pin(async move {
            let scope = Scope { organization, partner: Some(id) };
            Ok(match profile::find(tx, &scope, id).await? {
                Some(partner) => missing(&partner),
                None => vec![Reason::new("no_such_partner", format!("There is no partner {id}."))],
            })
        })
    });
}
