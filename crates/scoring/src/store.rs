//! Snapshots in the table `metric_value`.

use std::collections::BTreeMap;

use kernel::{PartnerId, Result, Row, Scope, Timestamp, Tx, Value as Column, params};
use law::Value;

use crate::{BatchId, ValueId};

/// A value with the instant at which it was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    pub value: Value,
    pub as_of: Timestamp,
}

impl Measured {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self { value: row.json("value")?, as_of: row.get("as_of")? })
    }
}

/// One row to be written.
pub struct NewValue {
    pub id: ValueId,
    pub partner: PartnerId,
    pub metric: String,
    pub value: Value,
}

/// The newest value of every metric of every partner.
pub async fn newest(tx: &mut Tx, scope: &Scope) -> Result<BTreeMap<(PartnerId, String), Measured>> {
    let sql = "SELECT partner, metric, value, as_of FROM (
                   SELECT partner, metric, value, as_of,
                          ROW_NUMBER() OVER (PARTITION BY partner, metric ORDER BY as_of DESC, id DESC) AS place
                   FROM metric_value
                   WHERE organization = $1 AND (partner = $2 OR CAST($2 AS TEXT) IS NULL)
               ) AS ranked WHERE place = 1";
    let read = |row: &Row| Ok(((row.get("partner")?, row.get("metric")?), Measured::read(row)?));
    Ok(tx.all(sql, params![scope.organization, scope.partner], read).await?.into_iter().collect())
}

/// The values of a partner since an instant, oldest first, by metric.
pub async fn history(
    tx: &mut Tx,
    scope: &Scope,
    partner: PartnerId,
    since: Timestamp,
) -> Result<BTreeMap<String, Vec<Measured>>> {
    let sql = "SELECT metric, value, as_of FROM metric_value
               WHERE organization = $1 AND partner = $3 AND (partner = $2 OR CAST($2 AS TEXT) IS NULL) AND as_of >= $4
               ORDER BY as_of, id";
    let parameters = params![scope.organization, scope.partner, partner, since];
    let rows = tx.all(sql, parameters, |row| Ok((row.get::<String>("metric")?, Measured::read(row)?))).await?;
    let mut history: BTreeMap<String, Vec<Measured>> = BTreeMap::new();
    for (metric, measured) in rows {
        history.entry(metric).or_default().push(measured);
    }
    Ok(history)
}

/// All values of all partners that had been kept by an instant, with their metric, oldest first.
pub async fn past(tx: &mut Tx, scope: &Scope, by: Timestamp) -> Result<Vec<(PartnerId, String, Measured)>> {
    let sql = "SELECT partner, metric, value, as_of FROM metric_value
               WHERE organization = $1 AND (partner = $2 OR CAST($2 AS TEXT) IS NULL) AND as_of <= $3
               ORDER BY as_of, id";
    let read = |row: &Row| Ok((row.get("partner")?, row.get("metric")?, Measured::read(row)?));
    tx.all(sql, params![scope.organization, scope.partner, by], read).await
}

/// Writes the values of one refresh; ids ascend.
pub async fn insert(tx: &mut Tx, scope: &Scope, batch: BatchId, at: Timestamp, values: &[NewValue]) -> Result<()> {
    let columns = ["id", "organization", "batch", "partner", "metric", "value", "as_of"];
    let mut rows: Vec<Vec<Column>> = Vec::with_capacity(values.len());
    for new in values {
        rows.push(vec![
            new.id.into(),
            scope.organization.into(),
            batch.into(),
            new.partner.into(),
            (&new.metric).into(),
            serde_json::to_string(&new.value)?.into(),
            at.into(),
        ]);
    }
    tx.insert_many("metric_value", ("batch", &batch.to_string()), &columns, &rows).await
}
