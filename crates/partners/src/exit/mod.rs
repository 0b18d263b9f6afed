//! Exit: what puts a partnership in question is measured every week; before a partner is shown the door it is warned, makes a
//! plan and is on probation, as a procedure with clocks and evidence, and may appeal, which holds the procedure.

mod appeal;
mod case;
mod detect;
mod ladder;
mod pages;
mod queries;
mod rule;
mod store;
#[cfg(test)]
mod tests;

pub use appeal::{AnswerAppeal, AppealAnswer, AppealExit};
pub use case::{Case, Ground, State};
pub use detect::{DetectExits, Detected};
use findings::{Check, Severity};
use kernel::Operation as _;
pub use ladder::{BeginRemediation, CloseExit, Closing};
pub(crate) use ladder::{ended, ladder_first};
pub use queries::{GetExit, ListExits};
pub use rule::{ExitFacts, ExitRule, ExitTerms};

kernel::ids! { CaseId = CaseKind "exit" }

/// Seconds from one look at all partnerships to the next.
const WEEKLY: i64 = 604_800;

const UNANSWERED: &str = "SELECT id AS subject, partner, about || ': ' || CASE state
               WHEN 'appealed' THEN 'the appeal waits for an answer' ELSE 'in question, and nothing was begun' END AS title,
           CAST(NULL AS BIGINT) AS amount_minor, CAST(NULL AS TEXT) AS currency
    FROM exit_case WHERE organization = $1 AND closed_at IS NULL AND state IN ('detected', 'appealed')";

pub fn install(registry: &mut kernel::Registry) {
    registry
        .sealed("exit_case", "id")
        .rule::<ExitRule>()
        .operation::<DetectExits>()
        .operation::<BeginRemediation>()
        .operation::<AppealExit>()
        .operation::<AnswerAppeal>()
        .operation::<CloseExit>()
        .query::<ListExits>()
        .query::<GetExit>()
        .schedule(WEEKLY, DetectExits::NAME, serde_json::json!({}))
        .add(Check {
            key: "partners.exit_unanswered",
            title: "Partnership in question",
            severity: Severity::Warning,
            help: "A criterion of the program holds for this partnership, or the partner has appealed, and nobody has \
                   answered. Begin the remediation, close the case with a reason, or answer the appeal.",
            sql: UNANSWERED,
        });
    pages::install(registry);
}
