//! When a computed tier takes effect: a pure rule over where a partner has been, where its figures put it, and the calendar.
//!
//! Going up and going down have rhythms of their own. What keeps a partner in its tier is, in this order: a promotion that is
//! due, a maximum stay that has ended, the minimum stay, the ratchet, the cure period, and the rhythm of demotions.

use kernel::{Reason, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::expr::{Calendar, Cycle};
use crate::model::{Movement, Rhythm};

/// A tier in which a partner has been since an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stay {
    pub tier: String,
    pub since: Timestamp,
}

/// Where a partner has been and when its tier was last computed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct TierHistory {
    /// The tiers that the partner was in, oldest first; the last one is the current one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stays: Vec<Stay>,
    /// Since when the figures have been giving a lower tier without interruption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below_since: Option<Timestamp>,
    /// When tiers were last computed: a period in which they have been is over for the rhythm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computed_at: Option<Timestamp>,
}

/// How long a partner stays in a tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    pub tier: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least_months: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_months: Option<u32>,
}

/// What happens to a partner, and what has to be remembered for the next computation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Moved {
    /// The place on the ladder from now on.
    pub place: usize,
    /// Since when the figures give a lower tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below_since: Option<Timestamp>,
    /// The earliest instant at which what is held back can take effect, where the calendar alone says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_until: Option<Timestamp>,
    pub reasons: Vec<Reason>,
}

/// The ladder, lowest tier first, with the rules of movement.
#[derive(Debug, Clone, Copy)]
pub struct Ladder<'a> {
    pub steps: &'a [Step],
    pub movement: &'a Movement,
    pub calendar: &'a Calendar,
}

impl Ladder<'_> {
    /// The move of a partner whose figures give the tier at `computed`.
    pub fn next(&self, history: &TierHistory, computed: usize, now: Timestamp) -> Moved {
        let here = history.stays.last().and_then(|stay| {
            let place = self.steps.iter().position(|step| step.tier == stay.tier)?;
            Some((place, stay.since))
        });
        let Some((place, since)) = here else {
            // The first tier, or one that is no longer on the ladder: nothing holds the partner back.
            return Moved { place: computed, below_since: None, held_until: None, reasons: Vec::new() };
        };
        if computed > place {
            return self.up(history, place, computed, now);
        }
        let below_since = if computed < place { history.below_since.or(Some(now)) } else { None };
        if let Some(moved) = self.overstayed(place, computed, since, below_since, now) {
            return moved;
        }
        if computed == place {
            return Moved { place, below_since, held_until: None, reasons: Vec::new() };
        }
        self.down(history, place, computed, since, below_since.unwrap_or(now), now)
    }

    fn title(&self, place: usize) -> &str {
        self.steps.get(place).map_or("the lowest tier", |step| step.title.as_str())
    }

    fn up(&self, history: &TierHistory, place: usize, computed: usize, now: Timestamp) -> Moved {
        if let Some(kept) = self.barred(history, place, computed) {
            return kept;
        }
        match self.waits(self.movement.promotion, history, now) {
            None => Moved { place: computed, below_since: None, held_until: None, reasons: Vec::new() },
            Some((cycle, until)) => {
                let text = format!(
                    "The figures give {}; promotions take effect once in each {}, next from {} on.",
                    self.title(computed),
                    cycle.words(),
                    self.calendar.day(until)
                );
                let reasons = vec![Reason::new("promotion_waits", text).citing("tiers.toml: movement.promotion")];
                Moved { place, below_since: None, held_until: Some(until), reasons }
            }
        }
    }

    /// Whoever has used up the stay in a tier comes back only on the way to a higher one.
    fn barred(&self, history: &TierHistory, place: usize, computed: usize) -> Option<Moved> {
        let [.., before, now] = history.stays.as_slice() else { return None };
        let step = self.steps.get(computed).filter(|step| step.tier == before.tier)?;
        let months = step.most_months?;
        if now.since < self.calendar.plus_months(before.since, i64::from(months)) {
            return None;
        }
        let text =
            format!("The stay of {months} months in {} has ended; only a higher tier leads up again.", step.title);
        let cites = format!("tiers.toml: tier.{}.most_months", step.tier);
        let reasons = vec![Reason::new("stay_ended", text).citing(cites)];
        Some(Moved { place, below_since: None, held_until: None, reasons })
    }

    /// The end of a maximum stay is a demotion by one that nothing holds back.
    fn overstayed(
        &self,
        place: usize,
        computed: usize,
        since: Timestamp,
        below_since: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<Moved> {
        let step = self.steps.get(place)?;
        let months = step.most_months?;
        let end = self.calendar.plus_months(since, i64::from(months));
        if place == 0 || now < end {
            return None;
        }
        let to = place - 1;
        let text = format!(
            "A partner stays in {} for {months} months at most, which ended on {}.",
            step.title,
            self.calendar.day(end)
        );
        let cites = format!("tiers.toml: tier.{}.most_months", step.tier);
        let below_since = below_since.filter(|_| computed < to);
        Some(Moved {
            place: to,
            below_since,
            held_until: None,
            reasons: vec![Reason::new("stay_ended", text).citing(cites)],
        })
    }

    fn down(
        &self,
        history: &TierHistory,
        place: usize,
        computed: usize,
        since: Timestamp,
        below_since: Timestamp,
        now: Timestamp,
    ) -> Moved {
        let mut reasons = Vec::new();
        let mut until: Option<Timestamp> = None;
        let mut hold = |code: &str, text: String, cites: String, end: Timestamp| {
            reasons.push(Reason::new(code, text).citing(cites));
            until = Some(until.map_or(end, |known| known.max(end)));
        };
        let title = self.title(place);
        let step = self.steps.get(place);
        if let Some((step, months)) = step.and_then(|step| Some((step, step.least_months?))) {
            let end = self.calendar.plus_months(since, i64::from(months));
            if now < end {
                let day = self.calendar.day(end);
                let text = format!("A partner stays in {title} for at least {months} months, until {day}.");
                hold("least_stay", text, format!("tiers.toml: tier.{}.least_months", step.tier), end);
            }
        }
        if let Some((cycle, more)) = self.movement.ratchet.cycle() {
            let end = self.calendar.period(cycle, more, since).end;
            if now < end {
                let day = self.calendar.day(end);
                let text = format!("{title} was reached and is kept to the end of the {}, until {day}.", cycle.words());
                hold("ratchet", text, "tiers.toml: movement.ratchet".to_owned(), end);
            }
        }
        if let Some(days) = self.movement.cure_days {
            let end = below_since.plus_days(i64::from(days));
            if now < end {
                let (from, day) = (self.calendar.day(below_since), self.calendar.day(end));
                let text = format!(
                    "The figures have not given {title} since {from}; there are {days} days to cure that, until {day}."
                );
                hold("cure", text, "tiers.toml: movement.cure_days".to_owned(), end);
            }
        }
        if let Some((cycle, next)) = self.waits(self.movement.demotion, history, now) {
            let (words, day) = (cycle.words(), self.calendar.day(next));
            let text = format!("Demotions take effect once in each {words}, next from {day} on.");
            hold("demotion_waits", text, "tiers.toml: movement.demotion".to_owned(), next);
        }
        if let Some(until) = until {
            return Moved { place, below_since: Some(below_since), held_until: Some(until), reasons };
        }
        let to = if self.movement.one_step_down { place - 1 } else { computed };
        if to > computed {
            let text = format!("The figures give {}; a demotion goes down one tier at a time.", self.title(computed));
            reasons.push(Reason::new("one_step", text).citing("tiers.toml: movement.one_step_down"));
        }
        Moved { place: to, below_since: (to > computed).then_some(below_since), held_until: None, reasons }
    }

    /// The cycle whose turn has been taken already, and when the next one begins.
    fn waits(&self, rhythm: Rhythm, history: &TierHistory, now: Timestamp) -> Option<(Cycle, Timestamp)> {
        let cycle = rhythm.cycle()?;
        let period = self.calendar.period(cycle, 0, now);
        let taken = history.computed_at.is_some_and(|last| period.contains(last));
        taken.then_some((cycle, period.end))
    }
}
