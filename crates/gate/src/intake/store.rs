//! Which messages came already, in the table `webhook_receipt`.

use kernel::{Result, Scope, Timestamp, Tx, params};

use crate::{ReceiptId, SourceId};

/// A message that proved its sender.
pub(super) struct Receipt<'m> {
    pub id: ReceiptId,
    pub source: SourceId,
    pub message: &'m str,
    pub outcome: Outcome,
    pub received_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Taken,
    /// It broke the data contract. A later attempt that keeps it is taken.
    Refused,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Refused => "refused",
        }
    }
}

/// What became of that message, if it came before.
pub(super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    source: SourceId,
    message: &str,
) -> Result<Option<(ReceiptId, Outcome)>> {
    let sql = "SELECT id, outcome FROM webhook_receipt WHERE organization = $1 AND source = $2 AND message = $3";
    tx.one(sql, params![scope.organization, source, message], |row| {
        let taken = row.get::<String>("outcome")? == Outcome::Taken.as_str();
        Ok((row.get("id")?, if taken { Outcome::Taken } else { Outcome::Refused }))
    })
    .await
}

pub(super) async fn save(tx: &mut Tx, scope: &Scope, receipt: &Receipt<'_>) -> Result<()> {
    tx.save(
        "webhook_receipt",
        &[
            ("id", receipt.id.into()),
            ("organization", scope.organization.into()),
            ("source", receipt.source.into()),
            ("message", receipt.message.into()),
            ("outcome", receipt.outcome.as_str().into()),
            ("received_at", receipt.received_at.into()),
        ],
    )
    .await
}
