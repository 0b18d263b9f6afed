//! Recording, ending and listing entries.

use kernel::app::ReadCx;
use kernel::{
    Access, Cx, Day, Error, FieldError, Filter, Operation, Page, PageRequest, PartnerId, Query, Result, Route, Value,
    get, post, put,
};
use law::{Otherwise, Program};
use partners::CustomerId;
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::EntryId;
use super::entry::List;
use super::gather::{self, after, keys};
use super::store::{self, Recorded};
use crate::registration::text::{optional, required};
use crate::registration::vendor_only;

/// Put a customer or a partner on a list: a territory, the named accounts, or the customers that partners leave alone.
/// It holds for registrations from its first day on.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AddListEntry {
    pub list: List,
    /// What the entry is called, such as the name of the customer; for the vendor's eyes.
    pub title: String,
    /// For a territory: its key in the program file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<String>,
    /// For a customer: its own domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// For a customer: its VAT or tax number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_number: Option<String>,
    /// The partner that is assigned to the territory, that owns the account, or that leaves the customer alone. Absent: the
    /// vendor's own team owns it, or every partner leaves it alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// What becomes of the registrations of others.
    #[serde(default)]
    pub otherwise: Otherwise,
    /// The first day on which it holds; today if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// The last day on which it holds; left out, until it is ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
    /// Why it was decided so.
    pub reason: String,
}

impl Operation for AddListEntry {
    const NAME: &'static str = "deals.add_list_entry";
    const ROUTE: Route = post("/deal-list-entries");
    const ACCESS: Access = Access::Open;
    type Output = Recorded;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Recorded> {
        vendor_only(&cx.scope, Self::NAME)?;
        let law = cx.law().await?;
        let customer = keys(self.domain.as_deref(), self.vat_number.as_deref());
        self.check(&law.program, customer.domain.is_some(), customer.vat_number.is_some())?;
        let scope = cx.scope;
        if let Some(partner) = self.partner {
            partners::get(cx.tx, &scope, partner).await?;
        }
        let zone = law.zone();
        let entry = Recorded {
            id: cx.id(),
            list: self.list,
            title: required("title", &self.title)?,
            territory: optional("territory", self.territory)?,
            domain: customer.domain,
            vat_number: customer.vat_number,
            partner: self.partner,
            otherwise: self.otherwise,
            valid_from: self.from.map_or(cx.now, |day| day.start_in(&zone)),
            valid_until: self.until.map(|day| after(day, &zone)),
            reason: required("reason", &self.reason)?,
            decided_by: cx.actor.reference(),
            decided_by_name: cx.actor.name.clone(),
            recorded_at: cx.now,
            ended_by: None,
            ended_at: None,
        };
        store::save(cx.tx, &scope, &entry).await?;
        let summary = format!("“{}” was put on the list {}", entry.title, entry.list.name());
        cx.emit("list_entry.added", entry.id, None, summary, &entry);
        Ok(entry)
    }
}

impl AddListEntry {
    fn check(&self, program: &Program, has_domain: bool, has_vat: bool) -> Result<()> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, rule: String| faults.push(FieldError { field: field.to_owned(), rule });
        if self.domain.as_deref().is_some_and(|text| !text.trim().is_empty()) && !has_domain {
            fault("domain", "is no domain of one company; write its own, such as brandt.example".to_owned());
        }
        if self.vat_number.as_deref().is_some_and(|text| !text.trim().is_empty()) && !has_vat {
            fault("vat_number", "is no VAT number; write it with its country code, such as DE136695976".to_owned());
        }
        match self.list {
            List::Territory => {
                let known: Vec<&str> = program.engagement.territories.iter().map(|one| one.key.as_str()).collect();
                match self.territory.as_deref() {
                    Some(key) if known.contains(&key) => {}
                    Some(key) => {
                        fault(
                            "territory",
                            format!("`{key}` is no territory of the program; it has {}", known.join(", ")),
                        );
                    }
                    None => fault("territory", "is required for this list".to_owned()),
                }
                if self.partner.is_none() {
                    fault("partner", "is required: say which partner is assigned to the territory".to_owned());
                }
            }
            List::NamedAccount | List::NoPoach if !has_domain && !has_vat => {
                fault("domain", "or `vat_number` is required, because a name alone is not certain".to_owned());
            }
            _ => {}
        }
        if let (Some(from), Some(until)) = (self.from, self.until)
            && until < from
        {
            fault("until", format!("{until} is before {from}; the entry would never hold"));
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
    }
}

/// End an entry of a list now; what was registered while it held stays decided by it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct EndListEntry {
    pub entry: EntryId,
    /// Why it ends.
    pub reason: String,
}

impl Operation for EndListEntry {
    const NAME: &'static str = "deals.end_list_entry";
    const ROUTE: Route = put("/deal-list-entries/{entry}/end");
    const ACCESS: Access = Access::Open;
    type Output = Recorded;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("deal_list_entry", self.entry.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Recorded> {
        vendor_only(&cx.scope, Self::NAME)?;
        let scope = cx.scope;
        let mut entry = store::get(cx.tx, &scope, self.entry).await?;
        let reason = required("reason", &self.reason)?;
        if entry.ended_at.is_some() || entry.valid_until.is_some_and(|until| until <= cx.now) {
            return Err(Error::conflict("ended", format!("“{}” has ended already", entry.title)));
        }
        entry.valid_until = Some(cx.now);
        entry.ended_by = Some(cx.actor.reference());
        entry.ended_at = Some(cx.now);
        store::save(cx.tx, &scope, &entry).await?;
        let summary = format!("“{}” is no longer on the list {}: {reason}", entry.title, entry.list.name());
        cx.emit("list_entry.ended", entry.id, None, summary, &entry);
        Ok(entry)
    }
}

/// List the recorded entries of territories, named accounts and customers that are left alone, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListEntries {
    /// Only entries of this list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<List>,
    /// Only entries of this partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Only entries that name this customer, or what it is merged with, by domain or VAT number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListEntries {
    const NAME: &'static str = "deal_lists.list";
    const ROUTE: Route = get("/deal-list-entries");
    type Output = Page<Recorded>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Recorded>> {
        vendor_only(&cx.scope, Self::NAME)?;
        if let Some(customer) = self.customer {
            // Few entries name one customer, so that all of them are a page.
            let scope = cx.scope;
            let mut items = gather::naming(cx.tx, &scope, customer).await?;
            items.retain(|one| self.list.is_none_or(|list| one.list == list));
            items.retain(|one| self.partner.is_none_or(|partner| one.partner == Some(partner)));
            return Ok(Page { items, next: None });
        }
        let filters =
            vec![Filter::Is("list", self.list.map(Value::from)), Filter::Is("partner", self.partner.map(Value::from))];
        store::page(cx.tx, &cx.scope, &self.page, filters).await
    }
}
