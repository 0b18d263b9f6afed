//! The people of each partner as facts that rules can look into one by one.

use kernel::{App, OrganizationId, PartnerId, Registry, Result, Timestamp, Tx, params};
use law::{Type, Value};
use scoring::{FactRow, FactSet, Field, Times};

const FIELDS: &[Field] = &[
    Field::new("id", Type::Text),
    Field::new("role", Type::Text),
    Field::new("joined_at", Type::Instant),
    Field::new("left_at", Type::Instant),
];

pub(super) fn install(registry: &mut Registry) {
    registry.add(FactSet {
        key: "people",
        title: "people",
        fields: FIELDS,
        since: Some("joined_at"),
        load: |app, tx, organization, times| Box::pin(load(app, tx, organization, times)),
    });
}

/// Everybody who had joined a partner by then. The role is the one held now, since changes of it are not kept apart; whoever
/// left later was still there.
async fn load(_: &App, tx: &mut Tx, organization: OrganizationId, times: Times) -> Result<Vec<FactRow>> {
    let until = times.at.min(times.known_at);
    let sql = "SELECT id, partner, role, created_at, deactivated_at FROM person
               WHERE organization = $1 AND partner IS NOT NULL AND created_at <= $2 ORDER BY created_at, id";
    tx.all(sql, params![organization, until], |row| {
        let left: Option<Timestamp> = row.get("deactivated_at")?;
        let cells = vec![
            Value::text(row.get::<String>("id")?),
            Value::text(row.get::<String>("role")?),
            row.get::<Timestamp>("created_at")?.into(),
            left.filter(|at| *at <= until).map_or(Value::Absent, Value::Instant),
        ];
        Ok((row.get::<PartnerId>("partner")?, cells))
    })
    .await
}
