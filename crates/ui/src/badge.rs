//! State badges: one word with a tone, so that the same state looks the same on every page.

use maud::{Markup, html};

use crate::words::humanize;

/// What a colour means. Colour never stands alone: the word is always there too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    #[default]
    Neutral,
    Accent,
    Info,
    Good,
    Warn,
    Bad,
}

impl Tone {
    pub const fn class(self) -> &'static str {
        match self {
            Self::Neutral => "t-neutral",
            Self::Accent => "t-accent",
            Self::Info => "t-info",
            Self::Good => "t-good",
            Self::Warn => "t-warn",
            Self::Bad => "t-bad",
        }
    }
}

/// A short text in a tone.
pub fn badge(tone: Tone, text: &str) -> Markup {
    html! { span class={ "badge " (tone.class()) } { (text) } }
}

/// A state in its words and its tone: `state_badge("pending_approval")`.
pub fn state_badge(state: &str) -> Markup {
    badge(state_tone(state), &humanize(state))
}

/// The tone of a state, for every state word that the product uses; unknown words are neutral.
pub fn state_tone(state: &str) -> Tone {
    let word = state.trim().to_lowercase().replace([' ', '-'], "_");
    match word.as_str() {
        "approved" | "accepted" | "active" | "published" | "completed" | "complete" | "paid" | "closed_won" | "won"
        | "qualified" | "launched" | "resolved" | "valid" | "allow" | "allowed" | "pass" | "passed" | "met"
        | "signed" | "verified" | "healthy" | "ok" | "delivered" | "converted" | "certified" | "in_force" | "done"
        | "succeeded" | "final" | "reproduced" => Tone::Good,
        "submitted"
        | "sending"
        | "sent"
        | "under_review"
        | "in_review"
        | "processing"
        | "processed"
        | "qualifying"
        | "claimed"
        | "invited"
        | "prospect"
        | "technical_validation"
        | "business_validation"
        | "committed"
        | "registered"
        | "open"
        | "running"
        | "scheduled"
        | "applied"
        | "queued"
        | "in_progress"
        | "internal"
        | "external" => Tone::Info,
        "pending" | "pending_approval" | "pending_submission" | "returned" | "action_required"
        | "changes_requested" | "hold" | "on_hold" | "warn" | "warning" | "waiting" | "expiring" | "due" | "paused"
        | "disputed" | "needs_info" | "unverified" | "medium" | "restricted" | "probation" => Tone::Warn,
        "rejected" | "expired" | "closed_lost" | "lost" | "fraud" | "failed" | "deny" | "denied" | "disqualified"
        | "suspended" | "terminated" | "revoked" | "late" | "overdue" | "breached" | "confirmed" | "high"
        | "critical" | "blocked" | "delisted" | "disabled" | "refused" | "invalid" | "missing" | "lapsed" => Tone::Bad,
        _ => Tone::Neutral,
    }
}
