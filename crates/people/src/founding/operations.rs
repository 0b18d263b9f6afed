//! The one operation that adds an organization.

use kernel::{Access, Cx, Error, Operation, OrganizationId, Result, Route, Timestamp, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::members::forbidden;

const LONGEST_TITLE: usize = 120;

/// Found an organization: the vendor that runs its programs on this installation.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FoundOrganization {
    /// The id that the organization gets; whoever founds it acts under this id already.
    pub id: OrganizationId,
    /// The name that everybody sees, such as Northwind Freight Cloud.
    pub title: String,
}

/// An organization just founded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Founded {
    pub id: OrganizationId,
    /// The name in addresses: lower-case letters, digits and hyphens.
    pub slug: String,
    pub title: String,
    pub created_at: Timestamp,
}

impl Operation for FoundOrganization {
    const NAME: &'static str = "people.found_organization";
    const ROUTE: Route = post("/organizations");
    const ACCESS: Access = Access::Open;
    type Output = Founded;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Founded> {
        if !cx.actor.is_system() || cx.scope.organization != self.id {
            return Err(forbidden(Self::NAME, "organizations are founded on the machine itself, by `concord init`"));
        }
        let title = self.title.trim().to_owned();
        let count = title.chars().count();
        if count == 0 || count > LONGEST_TITLE || title.chars().any(char::is_control) {
            let rule = format!("takes 1 to {LONGEST_TITLE} characters on one line");
            return Err(Error::invalid("title", rule));
        }
        let slug = slug_of(&title)
            .ok_or_else(|| Error::invalid("title", "needs a letter or digit that can stand in an address"))?;
        let sql = "SELECT COUNT(*) FROM organization WHERE slug = $1 OR id = $2";
        if cx.tx.number(sql, kernel::params![&slug, self.id]).await? > 0 {
            let message = format!("an organization called {title} is here already; choose another name");
            return Err(Error::conflict("organization_known", message));
        }
        let founded = Founded { id: self.id, slug, title, created_at: cx.now };
        cx.tx
            .insert(
                "organization",
                &[
                    ("id", founded.id.into()),
                    ("slug", (&founded.slug).into()),
                    ("title", (&founded.title).into()),
                    ("created_at", founded.created_at.into()),
                ],
            )
            .await?;
        cx.emit("organization.founded", founded.id, None, format!("{} was founded", founded.title), &founded);
        Ok(founded)
    }
}

/// `Northwind Freight Cloud` is `northwind-freight-cloud`; nothing where no ASCII letter or digit is left.
fn slug_of(title: &str) -> Option<String> {
    let plain: String = title.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let slug: Vec<&str> = plain.split_whitespace().collect();
    (!slug.is_empty()).then(|| slug.join("-"))
}
