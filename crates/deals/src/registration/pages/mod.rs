//! The pages of deals: the list, the form, one deal, and the vendor's inbox.

mod acts;
mod bulk;
mod form;
mod inbox;
mod list;
mod section;
mod show;

use kernel::{Operation as _, Query as _, Registry};
use ui::{Icon, NavSpec, PageSpec, ShownTo};

use super::queries::{GetDeal, ListDeals};
use super::register::RegisterDeal;
use super::review::ApproveDeal;

pub(crate) fn install(registry: &mut Registry) {
    section::install(registry);
    let work = |label, icon, order, shown_to| Some(NavSpec { section: "Work", label, icon, order, shown_to });
    registry
        .add(PageSpec {
            path: "/deals",
            permission: ListDeals::NAME,
            nav: work("Deals", Icon::Deals, 10, ShownTo::Everyone),
            render: list::page,
        })
        .add(PageSpec { path: "/deals/new", permission: RegisterDeal::NAME, nav: None, render: form::page })
        .add(PageSpec {
            path: "/deals/inbox",
            permission: ApproveDeal::NAME,
            nav: work("Deal inbox", Icon::Inbox, 12, ShownTo::Vendor),
            render: inbox::page,
        })
        .add(PageSpec { path: "/deals/{deal}", permission: GetDeal::NAME, nav: None, render: show::page });
}
