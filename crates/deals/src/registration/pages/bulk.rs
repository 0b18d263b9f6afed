//! Deciding about several registrations at once: one form over those that wait for approval.

use kernel::Operation as _;
use maud::{Markup, html};
use ui::PageCx;

use crate::registration::bulk::DecideEach;
use crate::registration::queries::DealListed;

/// A line per registration with a box to tick, the sentence for the partners, and the three acts; nothing where fewer than
/// two wait or the reader may not decide.
pub(super) fn form(cx: &PageCx, waiting: &[DealListed]) -> Markup {
    if waiting.len() < 2 || !cx.may(DecideEach::NAME) {
        return html! {};
    }
    let body = html! {
        form method="post" action={ "/do/" (DecideEach::NAME) } {
            input type="hidden" name="csrf" value=(cx.csrf);
            input type="hidden" name="_return" value="/deals/inbox";
            input type="hidden" name="_done" value="Decided; what could not be decided is still here";
            ul {
                @for item in waiting {
                    li {
                        label {
                            input type="checkbox" name="deals" value=(item.deal.id);
                            " " (item.deal.identity.name) " · " (item.partner_name) " · " (ui::money(item.deal.value))
                        }
                    }
                }
            }
            p {
                label { "For a rejection or a question: what the partners read" " " input type="text" name="text" maxlength="2000"; }
            }
            button.btn type="submit" name="act" value="approve" { "Approve those chosen" }
            " " button.btn type="submit" name="act" value="return" { "Ask for information" }
            " " button.btn type="submit" name="act" value="reject" { "Reject" }
        }
    };
    ui::section("Decide several at once", &body)
}
