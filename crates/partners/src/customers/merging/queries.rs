//! What a merge would bring together, before anybody merges.

use kernel::app::ReadCx;
use kernel::{Error, PartnerId, Query, Result, Route, Scope, Tx, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Customer, CustomerId, store as customers};
use super::operations::mergeable;
use super::{Holding, Pair};
use crate::profile;

/// Show what merging two customers would bring together, without doing it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PreviewMerge {
    /// The customer that would be kept.
    pub customer: CustomerId,
    /// The customer that would be folded into it.
    pub folded: CustomerId,
}

/// What goes along with the folded customer, as one area knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Moved {
    /// Such as `Deals`.
    pub title: String,
    pub sentences: Vec<String>,
}

/// What merging would bring together.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PreviewOfMerge {
    pub kept: Customer,
    pub folded: Customer,
    pub moves: Vec<Moved>,
}

impl Query for PreviewMerge {
    const NAME: &'static str = "customers.preview_merge";
    const ROUTE: Route = get("/customers/{customer}/merges/{folded}");
    type Output = PreviewOfMerge;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("customer", self.customer.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<PreviewOfMerge> {
        let scope = cx.scope;
        if scope.partner.is_some() {
            let message = "only the vendor merges customers".to_owned();
            return Err(Error::Forbidden { permission: Self::NAME.to_owned(), message });
        }
        let (kept, folded) = mergeable(cx.tx, &scope, self.customer, self.folded).await?;
        let pair = Pair { kept: kept.id, folded: folded.id };
        let mut moves = Vec::new();
        for holding in cx.app.registry().parts::<Holding>() {
            let sentences = (holding.moves)(cx.tx, scope, pair).await?;
            if !sentences.is_empty() {
                moves.push(Moved { title: holding.title.to_owned(), sentences });
            }
        }
        Ok(PreviewOfMerge { kept, folded, moves })
    }
}

/// Which partners have a deal with the folded customer.
pub(super) async fn partners_of(tx: &mut Tx, scope: Scope, pair: Pair) -> Result<Vec<String>> {
    let ids: Vec<PartnerId> =
        customers::partners_of(tx, &scope, pair.folded).await?.into_iter().map(|(partner, _)| partner).collect();
    let names: Vec<String> = profile::names(tx, &scope, &ids).await?.into_values().collect();
    let sentence = format!("{} see the customer, each under the record of its own deal", names.join(", "));
    Ok(if names.is_empty() { Vec::new() } else { vec![sentence] })
}
