//! What the reader can do with a deal; what cannot be done now is shown with its reason.

use kernel::{Operation, Reason};
use maud::{Markup, html};
use partners::CustomerId;
use ui::PageCx;

use crate::registration::activity::{IntroduceCustomer, RecordActivity, RenewDeal};
use crate::registration::closing::{LoseDeal, WinDeal, WithdrawDeal};
use crate::registration::deal::{Deal, State};
use crate::registration::protection::ReopenDeal;
use crate::registration::queries::DealInFull;
use crate::registration::register::ResubmitDeal;
use crate::registration::review::{ApproveDeal, RejectDeal, ReturnDeal};

/// The acts that the reader's permissions hold.
pub(super) fn of(cx: &PageCx, full: &DealInFull) -> Markup {
    let deal = &full.deal;
    let unless = |possible: bool, because: &str| if possible { None } else { Some(because.to_owned()) };
    let acts = [
        review(cx, full),
        act::<ResubmitDeal>(cx, deal, "Submit again", hidden(deal.state == State::Returned)),
        act::<RenewDeal>(cx, deal, "Renew", offered(deal.state == State::Approved, &full.renewal_obstacles)),
        act::<RecordActivity>(cx, deal, "Record activity", hidden(deal.state.is_open())),
        act::<IntroduceCustomer>(
            cx,
            deal,
            "Record the introduction",
            hidden(deal.is_protected(cx.now) && deal.introduced_at.is_none() && full.introduction_wanted),
        ),
        act::<WinDeal>(
            cx,
            deal,
            "Close as won",
            (deal.state.is_open(), unless(deal.is_protected(cx.now), "Only a protected deal can be won.")),
        ),
        act::<LoseDeal>(cx, deal, "Close as lost", hidden(deal.state == State::Approved)),
        act::<WithdrawDeal>(cx, deal, "Withdraw", hidden(deal.state.is_open())),
        act::<ReopenDeal>(cx, deal, "Re-open", offered(deal.state == State::Expired, &full.reopening_obstacles)),
    ];
    let nothing = acts.iter().all(|act| act.0.is_empty());
    html! {
        @for act in &acts { (act) }
        @if nothing { p.muted { "Nothing is left to do here." } }
    }
}

/// Whether the act makes sense in this state, and why it is not possible right now.
type Offer = (bool, Option<String>);

const fn hidden(possible: bool) -> Offer {
    (possible, None)
}

fn offered(sensible: bool, obstacles: &[Reason]) -> Offer {
    let why: Vec<&str> = obstacles.iter().map(|reason| reason.text.as_str()).collect();
    (sensible, (!why.is_empty()).then(|| why.join(" ")))
}

fn act<O: Operation>(cx: &PageCx, deal: &Deal, label: &str, (sensible, because): Offer) -> Markup {
    if !sensible || !cx.may(O::NAME) {
        return html! {};
    }
    let id = deal.id.to_string();
    match because {
        Some(because) => html! { (cx.button::<O>(label, &[("deal", &id)]).disabled(because)) },
        None => cx.fold::<O>(label, &format!("/deals/{id}"), &[("deal", &id)]),
    }
}

pub(super) fn may_approve(cx: &PageCx) -> bool {
    cx.may(ApproveDeal::NAME)
}

/// Approve, reject, return: what waits for a person of the vendor.
pub(super) fn review(cx: &PageCx, full: &DealInFull) -> Markup {
    let deal = &full.deal;
    let undecided = deal.state.is_undecided();
    let id = deal.id.to_string();
    html! {
        @if may_approve(cx) && deal.state == State::PendingApproval {
            (cx.button::<ApproveDeal>("Approve", &[("deal", &id)]).primary())
        }
        @if may_approve(cx) && deal.state == State::Submitted {
            (cx.button::<ApproveDeal>("Approve", &[("deal", &id)]).disabled("Another claim comes first."))
        }
        (act::<RejectDeal>(cx, deal, "Reject", hidden(undecided)))
        (act::<ReturnDeal>(cx, deal, "Ask for information", hidden(undecided && deal.state != State::Returned)))
    }
}

pub(super) fn approve_as(cx: &PageCx, deal: &Deal, name: &str, customer: CustomerId) -> Markup {
    let fields = [("deal", deal.id.to_string()), ("customer", customer.to_string())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    html! { (cx.button::<ApproveDeal>(&format!("It is {name}: approve"), &fields)) }
}

pub(super) fn approve_as_new(cx: &PageCx, deal: &Deal) -> Markup {
    let id = deal.id.to_string();
    let fields = [("deal", id.as_str()), ("new_customer", "true")];
    html! { (cx.button::<ApproveDeal>("It is none of them: approve as a new customer", &fields)) }
}
