//! Registering a deal, and completing one that was returned.

use controls::ControlKind;
use kernel::{Cx, Day, DecisionId, Error, Money, Operation, PartnerId, Reason, Result, Route, post, put};
use law::BenefitValue;
use programs::Law;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::claim::Occasion;
use super::deal::{Deal, Qualification, Role, Source, State, number_of};
use super::hearing::{Hearing, Said, announce, everywhere, meant, not_now, settle_around};
use super::review::ANSWER;
use super::text::{optional, required};
use super::{DealId, store};
use crate::matching::{CustomerIdentity, Doubt};

/// How many open registrations a tier allows.
pub(crate) const SLOTS: ControlKind =
    ControlKind { key: "deal_slots", title: "Deal slots", compose: controls::Compose::Highest };

/// The end customer of a deal. The more of it is given, the surer two claims for one company are told from two companies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EndCustomer {
    /// Legal name, as in the company register.
    pub name: String,
    /// The customer's own domain, such as `brandt-logistik.de`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Country of registration, such as `DE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// VAT or tax number; it settles who the customer is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_number: Option<String>,
    /// Number in the company register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<String>,
}

impl EndCustomer {
    fn identity(self) -> Result<CustomerIdentity> {
        let identity = CustomerIdentity {
            name: required("customer.name", &self.name)?,
            domain: optional("customer.domain", self.domain)?,
            email: None,
            country: optional("customer.country", self.country)?,
            vat_number: optional("customer.vat_number", self.vat_number)?,
            registration_number: optional("customer.registration_number", self.registration_number)?,
        };
        if identity.normalized().is_anonymous() {
            return Err(Error::invalid("customer.name", "names no company; write the legal name of the end customer"));
        }
        Ok(identity)
    }
}

/// Register a deal: claim an end customer for a partner. The program decides at once whether it is protected.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RegisterDeal {
    /// The partner on whose behalf the vendor registers; partners register for themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    pub customer: EndCustomer,
    /// What the deal is about, in a few words.
    pub title: String,
    /// What it is expected to be worth, in the currency of the program.
    pub value: Money,
    /// Products, one each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<String>,
    /// When the customer is expected to sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_close: Option<Day>,
    /// Where the deal comes from.
    #[serde(default)]
    pub source: Source,
    /// What the partner does in it.
    #[serde(default)]
    pub role: Role,
    /// What the partner already has to do with the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relationship: Option<String>,
    #[serde(flatten)]
    pub qualification: Qualification,
}

/// A registered deal with the decision about it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Registered {
    #[serde(flatten)]
    pub deal: Deal,
    pub decision: DecisionId,
    /// Why it was decided so, as far as the reader may know.
    pub reasons: Vec<Reason>,
    /// What was written about the customer but does not help to recognize it.
    pub notes: Vec<Doubt>,
}

impl Operation for RegisterDeal {
    const NAME: &'static str = "deals.register";
    const ROUTE: Route = post("/deals");
    type Output = Registered;

    fn partner(&self) -> Option<PartnerId> {
        self.partner
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Registered> {
        let partner = match (cx.scope.partner, self.partner) {
            (Some(own), Some(other)) if own != other => return Err(Error::not_found("partner", other)),
            (Some(own), _) => own,
            (None, Some(partner)) => partner,
            (None, None) => return Err(Error::invalid("partner", "is required: say for which partner you register")),
        };
        let scope = cx.scope;
        partners::get(cx.tx, &scope, partner).await?;
        let identity = self.customer.identity()?;
        let value = in_program_currency(cx, self.value).await?;
        free_slot(cx, partner).await?;
        let id: DealId = cx.id();
        let mut deal = Deal {
            id,
            number: number_of(id),
            partner,
            customer: None,
            identity,
            title: required("title", &self.title)?,
            value,
            products: products(self.products)?,
            expected_close: self.expected_close,
            source: self.source,
            role: self.role,
            relationship: optional("relationship", self.relationship)?,
            state: State::Submitted,
            behind: None,
            submitted_at: cx.now,
            valid_at: cx.now,
            approved_at: None,
            protected_until: None,
            renewals: 0,
            last_activity_at: cx.now,
            closed_at: None,
            reason_code: None,
            reason_text: None,
            qualification: qualification(self.source, self.qualification)?,
            introduced_at: None,
            forfeit_until: None,
            approval: None,
            share: None,
        };
        claim(cx, &mut deal).await
    }
}

/// Complete a deal that was returned, and claim the customer again. What is left out stays as it was.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ResubmitDeal {
    pub deal: DealId,
    /// The end customer, if something about it was missing or wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<EndCustomer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_close: Option<Day>,
    /// The answer to what was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

impl Operation for ResubmitDeal {
    const NAME: &'static str = "deals.resubmit";
    const ROUTE: Route = put("/deals/{deal}/submission");
    type Output = Registered;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("deal", self.deal.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Registered> {
        let mut deal = meant(cx, self.deal).await?;
        if deal.state != State::Returned {
            return Err(not_now(&deal, "a new submission", "a returned deal"));
        }
        if let Some(customer) = self.customer.filter(|customer| !customer.name.trim().is_empty()) {
            deal.identity = customer.identity()?;
            deal.customer = None;
        }
        if let Some(title) = optional("title", self.title)? {
            deal.title = title;
        }
        if let Some(value) = self.value {
            deal.value = in_program_currency(cx, value).await?;
        }
        deal.expected_close = self.expected_close.or(deal.expected_close);
        clocks::stop(cx, ANSWER, &deal.id.to_string()).await?;
        let answer = optional("answer", self.answer)?.map(|answer| format!(": {answer}")).unwrap_or_default();
        announce(cx, &deal, "deal.resubmitted", format!("Submitted again{answer}"));
        // A registration counts from when it is complete.
        deal.valid_at = cx.now;
        deal.last_activity_at = cx.now;
        (deal.reason_code, deal.reason_text) = (None, None);
        claim(cx, &mut deal).await
    }
}

/// Hears the claim and puts the others on the customer in order where it goes before them.
async fn claim(cx: &mut Cx<'_>, deal: &mut Deal) -> Result<Registered> {
    let (_, notes) = deal.identity.examined();
    let hearing = Hearing::of(cx, deal, Occasion::Registration, Said::Nothing).await?;
    let contested = hearing.is_contested();
    let decided = hearing.decide(cx, deal).await?;
    if contested && deal.state != State::Submitted {
        settle_around(cx, deal).await?;
    }
    let shown = |reason: &Reason| cx.scope.partner.is_none() || reason.audience == kernel::Audience::Both;
    let reasons = decided.reasons.into_iter().filter(shown).collect();
    let scope = everywhere(cx);
    let deal = store::stored(cx.tx, &scope, deal.id).await?.seen_by(&cx.scope);
    Ok(Registered { deal, decision: decided.id, reasons, notes })
}

async fn in_program_currency(cx: &mut Cx<'_>, value: Money) -> Result<Money> {
    let currency = cx.law().await?.program.settings.currency;
    if value.currency != currency {
        let rule = format!("{value} is not in {currency}, the currency of the program; convert it");
        return Err(Error::invalid("value", rule));
    }
    if value.minor <= 0 {
        return Err(Error::invalid("value", format!("{value} is not more than nothing; give what you expect to sell")));
    }
    Ok(value)
}

fn products(given: Vec<String>) -> Result<Vec<String>> {
    if given.len() > 100 {
        return Err(Error::invalid("products", "are more than 100; name the most important ones"));
    }
    let named: Result<Vec<Option<String>>> = given.into_iter().map(|one| optional("products", Some(one))).collect();
    Ok(named?.into_iter().flatten().collect())
}

fn qualification(source: Source, given: Qualification) -> Result<Qualification> {
    let tender_reference = optional("tender_reference", given.tender_reference)?;
    if tender_reference.is_some() && source != Source::Tender {
        let rule = "is given, but the deal does not come from a tender; set `source` to `tender` or leave it out";
        return Err(Error::invalid("tender_reference", rule));
    }
    Ok(Qualification {
        customer_contact: optional("customer_contact", given.customer_contact)?,
        proof: optional("proof", given.proof)?,
        competitor: optional("competitor", given.competitor)?,
        tender_reference,
        renewal: given.renewal,
    })
}

/// Refuses where the partner has used up the open registrations that its tier grants.
async fn free_slot(cx: &mut Cx<'_>, partner: PartnerId) -> Result<()> {
    let scope = everywhere(cx);
    let granted = controls::value(cx.tx, &scope, partner, SLOTS.key).await?;
    let Some(BenefitValue::Count(slots)) = granted else { return Ok(()) };
    let taken = store::open_of_partner(cx.tx, &scope, partner).await?;
    let (forfeited, first) = store::forfeited(cx.tx, &scope, partner, cx.now).await?;
    if taken + forfeited < slots {
        return Ok(());
    }
    let text = format!("{taken} of {slots} deal slots are taken by open registrations.");
    let mut reasons = vec![
        Reason::new("no_free_slot", text)
            .citing("tiers.toml: tier.benefits.deal_slots")
            .remedy("Close, withdraw or win an open deal, or reach a tier with more slots."),
    ];
    if let Some(first) = first {
        let text = format!("{forfeited} more are forfeited, because registrations lapsed without activity.");
        let remedy = format!("The first of them is free again on {first}.");
        let reason = Reason::new("forfeited_slots", text).citing("deals.toml: registration.forfeit_days");
        reasons.push(reason.remedy(remedy));
    }
    Err(Error::refused("no_free_slot", "no deal slot is free", reasons))
}
