//! Customers that look like one, and what a merge of two brings together here: how alike they are, the deals of both, and the
//! claims that compete from then on.

use std::collections::BTreeSet;

use findings::{Check, Severity};
use kernel::{Registry, Result, Scope, Tx, params};
use partners::CustomerId;
use partners::customers::merging::{Holding, Pair, Told};

use super::deal::Deal;
use super::matcher::identity_of;
use super::store;
use crate::matching::compare;

pub(super) fn install(registry: &mut Registry) {
    registry
        .add(LOOK_LIKE_ONE)
        .add(Holding { title: "How alike they are", moves: likeness })
        .add(Holding { title: "Deals", moves: deals })
        .add(Holding { title: "Claims in conflict", moves: rivals });
}

/// The pairs that share what is certain about a company; the page of the merge weighs everything else.
const LOOK_LIKE_ONE: Check = Check {
    key: "deals.customers_look_like_one",
    title: "Customers that look like one",
    severity: Severity::Info,
    help: "Another customer has the same VAT number, domain or name. Compare the two on the page that merges them; if they \
           are two companies, accept the finding with the reason.",
    sql:
        "SELECT id AS subject, CAST(NULL AS TEXT) AS partner, MIN(title) AS title, CAST(NULL AS BIGINT) AS amount_minor,
             CAST(NULL AS TEXT) AS currency
          FROM (
            SELECT c.id AS id, c.name || ' and ' || o.name || ' have the VAT number ' || c.vat_number AS title
            FROM customer c JOIN customer o ON o.organization = c.organization AND o.vat_number = c.vat_number
            WHERE c.organization = $1 AND o.id < c.id AND c.merged_into IS NULL AND o.merged_into IS NULL
            UNION ALL
            SELECT c.id AS id, c.name || ' and ' || o.name || ' have the domain ' || c.domain AS title
            FROM customer c JOIN customer o ON o.organization = c.organization AND o.domain = c.domain
            WHERE c.organization = $1 AND o.id < c.id AND c.merged_into IS NULL AND o.merged_into IS NULL
            UNION ALL
            SELECT c.id AS id, c.name || ' and ' || o.name || ' have the same name' AS title
            FROM customer c JOIN customer o ON o.organization = c.organization AND o.name = c.name
            WHERE c.organization = $1 AND o.id < c.id AND c.merged_into IS NULL AND o.merged_into IS NULL
              AND COALESCE(o.country, '') = COALESCE(c.country, '')
          ) AS pairs GROUP BY id",
};

/// The score of the two records, part by part.
fn likeness<'a>(tx: &'a mut Tx, scope: Scope, pair: Pair) -> Told<'a> {
    Box::pin(async move {
        let kept = partners::customers::get(tx, &scope, pair.kept).await?;
        let folded = partners::customers::get(tx, &scope, pair.folded).await?;
        let score = compare(&identity_of(&folded).normalized(), &identity_of(&kept).normalized());
        let mut sentences = vec![format!("{} of 1000 points", score.total)];
        sentences.extend(score.parts.iter().map(|part| format!("{:+} points: {}", part.points, part.evidence)));
        Ok(sentences)
    })
}

fn deals<'a>(tx: &'a mut Tx, scope: Scope, pair: Pair) -> Told<'a> {
    Box::pin(async move {
        let sql = "SELECT COUNT(*) FROM deal WHERE organization = $1 AND customer = $2";
        let mut all = 0;
        for one in partners::customers::family(tx, &scope, pair.folded).await? {
            all += tx.number(sql, params![scope.organization, one]).await?;
        }
        Ok(if all > 0 { vec![format!("{all} deals are with it")] } else { Vec::new() })
    })
}

/// Open claims of different partners that were for two customers and are for one then. Nothing is decided by merging: a
/// person opens a conflict about them, or has the program put them in order.
fn rivals<'a>(tx: &'a mut Tx, scope: Scope, pair: Pair) -> Told<'a> {
    Box::pin(async move {
        let (kept, folded) = (open(tx, &scope, pair.kept).await?, open(tx, &scope, pair.folded).await?);
        let mut ids = BTreeSet::new();
        for (one, other) in folded.iter().flat_map(|one| kept.iter().map(move |other| (one, other))) {
            if one.partner != other.partner {
                ids.extend([one.partner, other.partner]);
            }
        }
        let names = partners::names(tx, &scope, &ids.iter().copied().collect::<Vec<_>>()).await?;
        let name = |deal: &Deal| names.get(&deal.partner).cloned().unwrap_or_default();
        let pairs = folded.iter().flat_map(|one| kept.iter().map(move |other| (one, other)));
        let sentence = |(one, other): (&Deal, &Deal)| {
            format!("{} of {} competes with {} of {}", one.number, name(one), other.number, name(other))
        };
        Ok(pairs.filter(|(one, other)| one.partner != other.partner).map(sentence).collect())
    })
}

async fn open(tx: &mut Tx, scope: &Scope, customer: CustomerId) -> Result<Vec<Deal>> {
    let claims = store::claims_on(tx, scope, customer).await?;
    Ok(claims.into_iter().filter(|deal| deal.state.is_open()).collect())
}
