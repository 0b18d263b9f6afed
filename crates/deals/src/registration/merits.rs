//! Gathers what speaks for a claim, as far as the program asks for it in its precedence.

use futures::future::BoxFuture;
use kernel::app::{App, ReadCx};
use kernel::{OrganizationId, PartnerId, Result, Scope, Timestamp, Tx};
use law::{BenefitValue, Program, TieBreak};
use partners::{CustomerId, Partner, customers};

use super::claim::Claim;
use super::deal::{Deal, Source};
use super::matcher::identity_of;
use super::precedence::{Merits, Relationship, RelationshipKind};
use super::store;
use crate::lists;
use crate::matching::Normalized;

/// What shows that a partner brings revenue, if it does.
type Shown<'a> = BoxFuture<'a, Result<Option<String>>>;

/// Says whether a partner brings revenue with a customer at that instant, with what shows it; the area that knows adds it
/// to the registry.
#[derive(Clone, Copy)]
pub struct Earns(pub for<'a> fn(&'a mut Tx, OrganizationId, PartnerId, CustomerId, Timestamp) -> Shown<'a>);

/// Where claims are weighed.
#[derive(Clone, Copy)]
pub(crate) struct Bench<'a> {
    pub app: &'a App,
    pub scope: &'a Scope,
    pub program: &'a Program,
    pub now: Timestamp,
}

/// The claim of a deal as a reader of the vendor weighs it.
pub(crate) async fn weigh(cx: &mut ReadCx<'_>, program: &Program, deal: &Deal) -> Result<Claim> {
    let scope = cx.scope;
    let bench = Bench { app: cx.app, scope: &scope, program, now: cx.now };
    let partner = partners::get(cx.tx, &scope, deal.partner).await?;
    bench.claim_of(cx.tx, deal, &partner, deal.customer).await
}

impl Bench<'_> {
    /// The claim that a deal makes on a customer, with its partner as it stands today.
    pub(crate) async fn claim_of(
        &self,
        tx: &mut Tx,
        deal: &Deal,
        partner: &Partner,
        customer: Option<CustomerId>,
    ) -> Result<Claim> {
        Ok(Claim {
            deal: deal.id,
            partner: deal.partner,
            partner_name: partner.name.clone(),
            tier: partner.tier.clone(),
            valid_at: deal.valid_at,
            merits: self.merits(tx, deal, partner, customer).await?,
        })
    }

    async fn merits(
        &self,
        tx: &mut Tx,
        deal: &Deal,
        partner: &Partner,
        customer: Option<CustomerId>,
    ) -> Result<Merits> {
        let asked = &self.program.engagement.precedence;
        let mut merits = Merits::default();
        for by in asked {
            match by {
                TieBreak::Relationship => merits.relationship = self.relationship(tx, deal, partner, customer).await?,
                TieBreak::Capability => merits.capable = self.is_capable(tx, deal, partner).await?,
                TieBreak::Incumbency => {
                    if let Some(customer) = customer {
                        let last = store::won_by_customer(tx, self.scope, customer, self.now).await?;
                        merits.incumbent = last.is_some_and(|won| won.partner == deal.partner);
                    }
                }
                TieBreak::Tender => {
                    merits.tender = deal.source == Source::Tender && deal.qualification.tender_reference.is_some();
                }
                TieBreak::Renewal => {
                    if let Some(customer) = customer.filter(|_| deal.qualification.renewal) {
                        let sold = store::won_of_partner(tx, self.scope, deal.partner, customer, self.now).await?;
                        merits.renewal = sold.is_some();
                    }
                }
                TieBreak::Value => merits.value = Some(deal.value),
                TieBreak::Completeness => merits.completeness = deal.completeness(),
                _ => {}
            }
        }
        Ok(merits)
    }

    /// The strongest relationship of the partner with the customer that something here shows.
    async fn relationship(
        &self,
        tx: &mut Tx,
        deal: &Deal,
        partner: &Partner,
        customer: Option<CustomerId>,
    ) -> Result<Option<Relationship>> {
        let found = |kind, evidence: String| Ok(Some(Relationship { kind, evidence }));
        let keys = self.keys_of(tx, deal, customer).await?;
        let lists = lists::examined(tx, self.scope, self.program, partner, &keys, deal.valid_at).await?;
        if let Some(entry) = lists.own_account {
            return found(RelationshipKind::NamedAccount, entry);
        }
        let Some(customer) = customer else { return Ok(None) };
        for earns in self.app.registry().parts::<Earns>() {
            let organization = self.scope.organization;
            for one in customers::family(tx, self.scope, customer).await? {
                if let Some(evidence) = (earns.0)(tx, organization, deal.partner, one, self.now).await? {
                    return found(RelationshipKind::Revenue, evidence);
                }
            }
        }
        match store::won_of_partner(tx, self.scope, deal.partner, customer, self.now).await? {
            Some(won) => found(RelationshipKind::WonDeal, won.to_string()),
            None => Ok(None),
        }
    }

    /// The customer as it was written and, where it is known, as the account says it, with all that is merged with it.
    pub(crate) async fn keys_of(
        &self,
        tx: &mut Tx,
        deal: &Deal,
        customer: Option<CustomerId>,
    ) -> Result<Vec<Normalized>> {
        let mut keys = vec![deal.identity.normalized()];
        if let Some(customer) = customer {
            for one in customers::family(tx, self.scope, customer).await? {
                let known = customers::find(tx, self.scope, one).await?;
                keys.extend(known.map(|known| identity_of(&known).normalized()));
            }
        }
        Ok(keys)
    }

    async fn is_capable(&self, tx: &mut Tx, deal: &Deal, partner: &Partner) -> Result<bool> {
        let country = deal.identity.normalized().country;
        for capability in &self.program.engagement.capabilities {
            if !capability.concerns(country.as_deref(), &deal.products) {
                continue;
            }
            let held = controls::value(tx, self.scope, partner.id, &capability.benefit).await?;
            let has = match held {
                None | Some(BenefitValue::Flag(false) | BenefitValue::Count(0)) => false,
                Some(_) => true,
            };
            if !has {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
