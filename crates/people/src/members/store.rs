//! The table of people.

use kernel::{Filter, Listing, OrganizationId, Page, PageRequest, PersonId, Result, Row, Scope, Tx, Value, params};

use super::person::{Person, Status};

const PEOPLE: Listing = Listing {
    from: "person",
    select: "*",
    organization: "organization",
    partner: Some("partner"),
    id: "id",
    sorts: &[("name", "search_key"), ("joined", "created_at"), ("role", "role")],
    newest_first: false,
};

pub(crate) fn read(row: &Row) -> Result<Person> {
    Ok(Person {
        id: row.get("id")?,
        organization: row.get("organization")?,
        partner: row.get("partner")?,
        name: row.get("name")?,
        email: row.get("email")?,
        role: row.get("role")?,
        status: Status::read(&row.get::<String>("status")?)?,
        zone: row.get("zone")?,
        created_at: row.get("created_at")?,
        invited_by: row.get("invited_by")?,
        deactivated_at: row.get("deactivated_at")?,
        deactivated_by: row.get("deactivated_by")?,
    })
}

fn columns(person: &Person) -> Vec<(&'static str, Value)> {
    vec![
        ("id", person.id.into()),
        ("organization", person.organization.into()),
        ("partner", person.partner.into()),
        ("name", (&person.name).into()),
        ("email", (&person.email).into()),
        ("email_key", person.email_key().into()),
        ("search_key", person.search_key().into()),
        ("role", (&person.role).into()),
        ("status", person.status.name().into()),
        ("zone", (&person.zone).into()),
        ("created_at", person.created_at.into()),
        ("invited_by", person.invited_by.clone().into()),
        ("deactivated_at", person.deactivated_at.into()),
        ("deactivated_by", person.deactivated_by.clone().into()),
    ]
}

pub async fn insert(tx: &mut Tx, person: &Person) -> Result<()> {
    tx.insert("person", &columns(person)).await
}

pub async fn update(tx: &mut Tx, person: &Person) -> Result<()> {
    tx.update("person", &columns(person)).await
}

/// The person with that id; a partner sees its own people.
pub(crate) async fn by_id(tx: &mut Tx, scope: &Scope, id: PersonId) -> Result<Option<Person>> {
    let sql = "SELECT * FROM person WHERE organization = $1 AND id = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL)";
    tx.one(sql, params![scope.organization, id, scope.partner], read).await
}

/// The person with that id, before it is known for whom to ask.
pub async fn anywhere(tx: &mut Tx, id: PersonId) -> Result<Option<Person>> {
    tx.one("SELECT * FROM person WHERE id = $1", params![id], read).await
}

pub(crate) async fn by_email(tx: &mut Tx, organization: OrganizationId, key: &str) -> Result<Option<Person>> {
    let sql = "SELECT * FROM person WHERE email_key = $1 AND organization = $2";
    tx.one(sql, params![key, organization], read).await
}

/// Whether the address belongs to anybody of the installation.
pub(crate) async fn email_taken(tx: &mut Tx, key: &str) -> Result<bool> {
    Ok(tx.number("SELECT COUNT(*) FROM person WHERE email_key = $1", params![key]).await? > 0)
}

pub async fn active_owners(tx: &mut Tx, scope: &Scope) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM person WHERE organization = $1 AND role = 'owner' AND status = 'active'";
    tx.number(sql, params![scope.organization]).await
}

pub async fn page(tx: &mut Tx, scope: &Scope, request: &PageRequest, filters: Vec<Filter>) -> Result<Page<Person>> {
    PEOPLE.page(tx, scope, request, filters, read).await
}
