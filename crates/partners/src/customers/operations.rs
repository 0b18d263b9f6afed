//! Adding, changing and asking for customers.

use kernel::app::ReadCx;
use kernel::{
    Access, Cx, DecisionRecord, Error, EventRecord, Filter, Operation, Page, PageRequest, PartnerId, PersonId, Query,
    Result, Route, Timestamp, Value, get, post, put,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::customer::{Customer, NewCustomer};
use super::merging::{self, Merge};
use super::{CustomerId, store};
use crate::company::{self, Faults};
use crate::profile;

/// Events on the page of a customer.
const TIMELINE: u32 = 50;

/// Add a customer to the vendor's accounts.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct AddCustomer {
    pub name: String,
    /// The domain of the company's own site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// ISO 3166 code of two letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<String>,
    /// The person of the vendor who owns the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_owner: Option<PersonId>,
    /// Where the record comes from, such as `import`; `console` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl Operation for AddCustomer {
    const NAME: &'static str = "customers.add";
    const ROUTE: Route = post("/customers");
    const ACCESS: Access = Access::Open;
    type Output = Customer;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Customer> {
        vendor_only(cx, Self::NAME)?;
        let mut faults = Faults::default();
        let source = faults.keep("source", company::optional_line(self.source.as_deref(), 40));
        let new = NewCustomer {
            name: faults.keep("name", company::line(&self.name, 200)),
            domain: faults.keep("domain", optional(self.domain.as_deref(), company::domain)),
            country: faults.keep("country", optional(self.country.as_deref(), company::country)),
            vat_number: faults.keep("vat_number", company::optional_line(self.vat_number.as_deref(), 30)),
            registration_number: faults
                .keep("registration_number", company::optional_line(self.registration_number.as_deref(), 60)),
            source: source.unwrap_or_else(|| "console".to_owned()),
            account_owner: self.account_owner,
        };
        faults.done()?;
        store::insert(cx, &new).await
    }
}

/// Correct what is known about a customer. Fields that are left out stay as they are.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct UpdateCustomer {
    pub customer: CustomerId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The domain of the company's own site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// ISO 3166 code of two letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<String>,
    /// The person of the vendor who owns the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_owner: Option<PersonId>,
}

impl Operation for UpdateCustomer {
    const NAME: &'static str = "customers.update";
    const ROUTE: Route = put("/customers/{customer}");
    const ACCESS: Access = Access::Open;
    type Output = Customer;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("customer", self.customer.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Customer> {
        vendor_only(cx, Self::NAME)?;
        let mut customer = store::get(cx.tx, &cx.scope, self.customer).await?;
        let mut faults = Faults::default();
        if let Some(name) = &self.name {
            customer.name = faults.keep("name", company::line(name, 200));
        }
        if self.domain.is_some() {
            customer.domain = faults.keep("domain", optional(self.domain.as_deref(), company::domain));
        }
        if self.country.is_some() {
            customer.country = faults.keep("country", optional(self.country.as_deref(), company::country));
        }
        if self.vat_number.is_some() {
            customer.vat_number = faults.keep("vat_number", company::optional_line(self.vat_number.as_deref(), 30));
        }
        if let Some(number) = self.registration_number.as_deref() {
            customer.registration_number = faults.keep("registration_number", company::optional_line(Some(number), 60));
        }
        customer.account_owner = self.account_owner.or(customer.account_owner);
        faults.done()?;
        let scope = cx.scope;
        store::update(cx.tx, &scope, &customer).await?;
        cx.emit("customer.updated", customer.id, None, format!("{} was updated", customer.name), &customer);
        Ok(customer)
    }
}

/// An optional field that has a form; an empty text counts as left out.
fn optional(text: Option<&str>, check: fn(&str) -> Result<String, String>) -> Result<Option<String>, String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(check).transpose()
}

/// Accounts are the vendor's; a partner adds a customer by registering a deal.
pub(super) fn vendor_only(cx: &Cx<'_>, permission: &str) -> Result<()> {
    if cx.scope.partner.is_none() {
        return Ok(());
    }
    let message = "only the vendor keeps customers; register a deal to bring one in".to_owned();
    Err(Error::Forbidden { permission: permission.to_owned(), message })
}

/// List customers by name. A partner sees those that it has a deal with.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListCustomers {
    /// Part of a name, domain or VAT number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// ISO 3166 code of two letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Only accounts of this person of the vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_owner: Option<PersonId>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListCustomers {
    const NAME: &'static str = "customers.list";
    const ROUTE: Route = get("/customers");
    type Output = Page<Customer>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Customer>> {
        let text = self.q.map(|text| company::search_key(&[Some(&text)]));
        let mut filters = vec![
            // A partner searches its own records alone: what is merged with them would tell it names of others.
            Filter::Contains(if cx.scope.partner.is_some() { "c.search_key" } else { store::KEYS_OF_ALL }, text),
            Filter::Is("c.country", self.country.map(|code| Value::from(code.to_uppercase()))),
            Filter::Is("c.account_owner", self.account_owner.map(Value::from)),
        ];
        if cx.scope.partner.is_none() {
            filters.push(Filter::Also("c.merged_into IS NULL"));
        }
        store::page(cx.tx, &cx.scope, &self.page, filters).await
    }
}

/// A partner that has a deal with a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CustomerPartner {
    pub partner: PartnerId,
    pub name: String,
    pub since: Timestamp,
}

/// A customer with everything that its page shows.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CustomerDetail {
    pub customer: Customer,
    /// The partners that have a deal with it; a partner sees itself alone.
    pub partners: Vec<CustomerPartner>,
    pub timeline: Vec<EventRecord>,
    pub decisions: Vec<DecisionRecord>,
    /// The other customers that it is merged with; for the vendor's eyes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<MergedCustomer>,
}

/// A customer that counts as one with another, with the merge that says so.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct MergedCustomer {
    pub customer: CustomerId,
    pub name: String,
    /// Absent for the one that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge: Option<Merge>,
}

/// The family of a customer as its reader may know it: a partner knows of no merges.
async fn known_family(cx: &mut ReadCx<'_>, id: CustomerId) -> Result<Vec<CustomerId>> {
    let scope = cx.scope;
    if scope.partner.is_some() { Ok(vec![id]) } else { merging::family(cx.tx, &scope, id).await }
}

/// Those that a customer is merged with.
async fn merged(cx: &mut ReadCx<'_>, family: &[CustomerId], id: CustomerId) -> Result<Vec<MergedCustomer>> {
    let scope = cx.scope;
    let mut found = Vec::new();
    for other in family.iter().filter(|other| **other != id) {
        let customer = store::get(cx.tx, &scope, *other).await?;
        let history = merging::history(cx.tx, &scope, *other).await?;
        let merge = history.into_iter().find(|merge| merge.unmerged_at.is_none());
        found.push(MergedCustomer { customer: *other, name: customer.name, merge });
    }
    Ok(found)
}

/// Show a customer with the partners that have a deal with it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetCustomer {
    pub customer: CustomerId,
}

impl Query for GetCustomer {
    const NAME: &'static str = "customers.get";
    const ROUTE: Route = get("/customers/{customer}");
    type Output = CustomerDetail;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("customer", self.customer.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<CustomerDetail> {
        let scope = cx.scope;
        let customer = store::get(cx.tx, &scope, self.customer).await?;
        let family = known_family(cx, customer.id).await?;
        let mut shared: Vec<(PartnerId, Timestamp)> = Vec::new();
        let (mut timeline, mut decisions) = (Vec::new(), Vec::new());
        for member in &family {
            shared.extend(store::partners_of(cx.tx, &scope, *member).await?);
            let subject = member.to_string();
            timeline.extend(kernel::event::of_subject(cx.tx, &scope, &subject, TIMELINE).await?);
            decisions.extend(kernel::log::decisions_of(cx.tx, &scope, &subject).await?);
        }
        if family.len() > 1 {
            one_story(&mut shared, &mut timeline, &mut decisions);
        }
        let ids: Vec<PartnerId> = shared.iter().map(|(partner, _)| *partner).collect();
        let mut names = profile::names(cx.tx, &scope, &ids).await?;
        let partners = shared
            .into_iter()
            .filter_map(|(partner, since)| Some(CustomerPartner { partner, name: names.remove(&partner)?, since }));
        let partners = partners.collect();
        Ok(CustomerDetail { partners, timeline, decisions, merged: merged(cx, &family, customer.id).await?, customer })
    }
}

/// Puts what several records of one company say in order: each partner once, and the latest first.
fn one_story(
    shared: &mut Vec<(PartnerId, Timestamp)>,
    timeline: &mut Vec<EventRecord>,
    decisions: &mut [DecisionRecord],
) {
    shared.sort_by_key(|(partner, since)| (*since, *partner));
    let mut seen = std::collections::BTreeSet::new();
    shared.retain(|(partner, _)| seen.insert(*partner));
    timeline.sort_by_key(|event| std::cmp::Reverse((event.at, event.id)));
    timeline.truncate(TIMELINE as usize);
    decisions.sort_by_key(|decision| std::cmp::Reverse((decision.decided_at, decision.id)));
}
