//! Leaks between deals and revenue: what was won and brings nothing, and what came in and belongs to nobody.

use findings::{Check, Severity};
use kernel::Registry;

/// 45 days in microseconds: by then a won deal should have been invoiced.
const WON_WITHOUT: &str = "SELECT d.id AS subject, d.partner AS partner, d.number || ' ' || d.customer_name AS title,
        d.value_minor AS amount_minor, d.currency AS currency
    FROM deal d
    WHERE d.organization = $1 AND d.state = 'closed_won' AND d.closed_at < $2 - 3888000000000
      AND NOT EXISTS (SELECT 1 FROM attribution a WHERE a.deal = d.id)";

const WITHOUT_PARTNER: &str =
    "SELECT e.id AS subject, CAST(NULL AS TEXT) AS partner, e.external_id || ' from ' || e.source AS title,
        e.amount_minor AS amount_minor, e.currency AS currency
    FROM invoice_event e
    WHERE e.organization = $1 AND e.kind = 'invoice'
      AND NOT EXISTS (SELECT 1 FROM attribution a WHERE a.id = e.id)
      AND (e.partner_hint IS NOT NULL
           OR EXISTS (SELECT 1 FROM deal d WHERE d.organization = $1 AND d.customer IN
                          (SELECT m.id FROM customer c JOIN customer m ON m.organization = c.organization
                             AND COALESCE(m.root, m.id) = COALESCE(c.root, c.id) WHERE c.id = e.customer)
                        AND d.state IN ('closed_lost', 'expired', 'withdrawn') AND d.submitted_at <= e.occurred_at))";

pub(crate) fn install(registry: &mut Registry) {
    registry
        .add(Check {
            key: "money.won_deal_without_revenue",
            title: "Won deal without revenue",
            severity: Severity::Warning,
            help: "The deal was won more than 45 days ago and no invoice of its customer was attributed to it. Either the \
                   customer was never invoiced, or its invoices run under another customer.",
            sql: WON_WITHOUT,
        })
        .add(Check {
            key: "money.revenue_without_partner",
            title: "Revenue without partner",
            severity: Severity::Critical,
            help: "The invoice names a partner that is not known, or a partner had registered this customer and the deal \
                   was lost or expired. Attribute the revenue, or accept that it belongs to nobody.",
            sql: WITHOUT_PARTNER,
        });
}
