//! Noting contacts, and following the rhythm that the program asks for.

use clocks::NewClock;
use kernel::{Access, Cx, Error, Operation, PartnerId, Result, Route, Timestamp, post};
use programs::{InForce, Law as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::contact::{Channel, Contacted};
use super::store::{self, Rhythm};
use crate::profile::{self, Partner, Status};
use crate::{company, vendor_only};

/// The clock that says when nobody has spoken with a partner for too long.
const CLOCK: &str = "partners.cadence";

/// Note a contact with a partner; the clock of its cadence starts anew.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LogContact {
    pub partner: PartnerId,
    pub channel: Channel,
    /// Who was there for the partner.
    pub with: String,
    /// What it was about and what came of it.
    pub note: String,
    /// When it was; now, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contacted_at: Option<Timestamp>,
}

impl Operation for LogContact {
    const NAME: &'static str = "partners.log_contact";
    const ROUTE: Route = post("/partners/{partner}/contacts");
    const ACCESS: Access = Access::Open;
    type Output = Contacted;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Contacted> {
        vendor_only(&cx.scope, Self::NAME)?;
        let partner = profile::get(cx.tx, &cx.scope, self.partner).await?;
        let contacted_at = self.contacted_at.unwrap_or(cx.now);
        if contacted_at > cx.now {
            let rule = format!("{contacted_at} is still to come; a contact is noted after it took place");
            return Err(Error::invalid("contacted_at", rule));
        }
        let words = |field: &str, text: &str, most: usize, ask: &str| {
            company::prose(Some(text), most)
                .and_then(|text| text.ok_or_else(|| ask.to_owned()))
                .map_err(|rule| Error::invalid(field, rule))
        };
        let contact = Contacted {
            id: cx.id(),
            partner: partner.id,
            channel: self.channel,
            with: words("with", &self.with, 200, "name who was there for the partner")?,
            note: words(
                "note",
                &self.note,
                4000,
                "write a sentence about what came of it; the next one depends on it",
            )?,
            contacted_at,
            logged_by: cx.actor.reference(),
            logged_by_name: cx.actor.name.clone(),
        };
        store::insert(cx.tx, &cx.scope, &contact).await?;
        let summary = format!("{} with {} was noted", ui::humanize(contact.channel.name()), contact.with);
        cx.emit("partner.contacted", partner.id, None, summary, &contact);
        if partner.status == Status::Active {
            let law = cx.law().await?;
            let before = store::rhythm(cx.tx, &cx.scope, partner.id).await?.and_then(|rhythm| rhythm.last_contact_at);
            let last = before.map_or(contacted_at, |before| before.max(contacted_at));
            beat(cx, &law, &partner, partner.tier.as_deref(), Some(last)).await?;
        }
        Ok(contact)
    }
}

/// Follows the rhythm of a tier that a partner is in from now on.
pub(crate) async fn follow(cx: &mut Cx<'_>, law: &InForce, partner: PartnerId, tier: &str) -> Result<()> {
    let partner = profile::get(cx.tx, &cx.scope, partner).await?;
    let last = store::rhythm(cx.tx, &cx.scope, partner.id).await?.and_then(|rhythm| rhythm.last_contact_at);
    beat(cx, law, &partner, Some(tier), last).await
}

/// Ends the rhythm of a partner that leaves.
pub(crate) async fn forget(cx: &mut Cx<'_>, partner: PartnerId) -> Result<()> {
    clocks::stop(cx, CLOCK, &partner.to_string()).await?;
    if store::rhythm(cx.tx, &cx.scope, partner).await?.is_some() {
        store::remove(cx.tx, partner).await?;
    }
    Ok(())
}

async fn beat(
    cx: &mut Cx<'_>,
    law: &InForce,
    partner: &Partner,
    tier: Option<&str>,
    last: Option<Timestamp>,
) -> Result<()> {
    let entry = law.program.partnership.cadence_of(tier, partner.archetype.as_deref());
    let Some((place, entry)) = entry else { return forget(cx, partner.id).await };
    let rhythm = Rhythm {
        partner: partner.id,
        days: entry.days,
        cites: format!("partnership.toml: cadence[{place}]"),
        last_contact_at: last,
        due_at: last.unwrap_or(cx.now).plus_days(i64::from(entry.days)),
    };
    if store::rhythm(cx.tx, &cx.scope, partner.id).await?.as_ref() == Some(&rhythm) {
        return Ok(());
    }
    store::save(cx.tx, &cx.scope, &rhythm).await?;
    let clock = NewClock {
        kind: CLOCK,
        subject: partner.id.to_string(),
        partner: None,
        title: format!("Speak with {}", partner.name),
        // A contact that is noted late may leave no time at all; the clock is due at once then.
        due_at: rhythm.due_at.max(cx.now),
        warn_at: vec![rhythm.due_at.plus_days(-7)],
        on_lapse: NoteSilence::NAME,
        on_warn: None,
        input: json!({ "partner": partner.id }),
    };
    clocks::start(cx, clock).await.map(|_| ())
}

/// Note that nobody has spoken with a partner for longer than the program allows.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct NoteSilence {
    pub partner: PartnerId,
}

impl Operation for NoteSilence {
    const NAME: &'static str = "partners.note_silence";
    const ROUTE: Route = post("/partners/{partner}/silences");
    const ACCESS: Access = Access::Open;
    type Output = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        vendor_only(&cx.scope, Self::NAME)?;
        let partner = profile::get(cx.tx, &cx.scope, self.partner).await?;
        let Some(rhythm) = store::rhythm(cx.tx, &cx.scope, partner.id).await? else { return Ok(()) };
        if rhythm.due_at > cx.now || partner.status != Status::Active {
            return Ok(());
        }
        let summary = format!("Nobody has spoken with {} for {} days", partner.name, rhythm.days);
        cx.emit("partner.silence_overdue", partner.id, None, summary, &rhythm);
        Ok(())
    }
}
