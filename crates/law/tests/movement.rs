//! When a computed tier takes effect: rhythms, ratchet, cure, least and most stay.
#![allow(clippy::unwrap_used)]

use kernel::Timestamp;
use law::expr::Calendar;
use law::{Ladder, Moved, Movement, Ratchet, Rhythm, Stay, Step, TierHistory};
use proptest::prelude::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn steps() -> Vec<Step> {
    let step = |(tier, title): (&str, &str)| Step {
        tier: tier.to_owned(),
        title: title.to_owned(),
        least_months: None,
        most_months: None,
    };
    [("bronze", "Bronze"), ("silver", "Silver"), ("gold", "Gold"), ("platinum", "Platinum")].map(step).into()
}

fn in_tier(tier: &str, since: &str) -> TierHistory {
    let stays = vec![Stay { tier: tier.to_owned(), since: at(since) }];
    TierHistory { stays, ..TierHistory::default() }
}

fn next(steps: &[Step], movement: &Movement, history: &TierHistory, computed: usize, now: &str) -> Moved {
    let calendar = Calendar::new(jiff::tz::TimeZone::get("Europe/Berlin").unwrap(), 4);
    Ladder { steps, movement, calendar: &calendar }.next(history, computed, at(now))
}

fn told(moved: &Moved) -> (usize, Vec<&str>) {
    (moved.place, moved.reasons.iter().map(|reason| reason.code.as_str()).collect())
}

#[test]
fn without_rules_of_movement_a_computed_tier_takes_effect_at_once() {
    let movement = Movement::default();
    for (tier, computed) in [("gold", 0), ("gold", 2), ("bronze", 3), ("iron", 1)] {
        let moved = next(&steps(), &movement, &in_tier(tier, "2026-01-01"), computed, "2026-03-15");
        assert_eq!(told(&moved), (computed, vec![]), "{tier}");
    }
    assert_eq!(next(&steps(), &movement, &TierHistory::default(), 2, "2026-03-15").place, 2);
}

#[test]
fn promotions_and_demotions_wait_for_their_own_turn() {
    let movement = Movement { promotion: Rhythm::Monthly, demotion: Rhythm::FiscalYearly, ..Movement::default() };
    for (computed, last, now, place, code) in [
        // The month has had its turn; the next one has not.
        (3, Some("2026-03-02"), "2026-03-15", 2, Some("promotion_waits")),
        (3, Some("2026-02-27"), "2026-03-15", 3, None),
        (3, None, "2026-03-15", 3, None),
        // The fiscal year begins in April.
        (1, Some("2025-05-01"), "2026-03-15", 2, Some("demotion_waits")),
        (1, Some("2026-03-31T20:00:00Z"), "2026-04-01", 1, None),
    ] {
        let history = TierHistory { computed_at: last.map(at), ..in_tier("gold", "2025-01-01") };
        let moved = next(&steps(), &movement, &history, computed, now);
        assert_eq!(told(&moved), (place, code.into_iter().collect()), "{computed} {last:?} {now}");
    }
    let history = TierHistory { computed_at: Some(at("2026-03-02")), ..in_tier("gold", "2025-01-01") };
    let moved = next(&steps(), &movement, &history, 3, "2026-03-15");
    assert_eq!(
        moved.reasons[0].text,
        "The figures give Platinum; promotions take effect once in each month, next from 2026-04-01 on."
    );
    assert_eq!(moved.held_until, Some(at("2026-03-31T22:00:00Z")));
}

#[test]
fn what_holds_a_partner_is_told_with_its_end() {
    let mut steps = steps();
    steps[2].least_months = Some(6);
    let movement = Movement { ratchet: Ratchet::FiscalYear, cure_days: Some(90), ..Movement::default() };
    let history = TierHistory { below_since: Some(at("2026-02-01")), ..in_tier("gold", "2025-12-01") };
    let moved = next(&steps, &movement, &history, 0, "2026-03-15");
    assert_eq!(told(&moved), (2, vec!["least_stay", "ratchet", "cure"]));
    let texts: Vec<&str> = moved.reasons.iter().map(|reason| reason.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "A partner stays in Gold for at least 6 months, until 2026-06-01.",
            "Gold was reached and is kept to the end of the fiscal year, until 2026-04-01.",
            "The figures have not given Gold since 2026-02-01; there are 90 days to cure that, until 2026-05-02.",
        ]
    );
    // The last hold decides when it can take effect; then nothing holds any more.
    assert_eq!(moved.held_until, Some(at("2026-05-31T22:00:00Z")).max(moved.held_until));
    let history = TierHistory { below_since: moved.below_since, ..in_tier("gold", "2025-12-01") };
    assert_eq!(told(&next(&steps, &movement, &history, 0, "2026-06-02")), (0, vec![]));
    // Whoever meets the rules again in time starts anew.
    assert_eq!(next(&steps, &movement, &history, 2, "2026-04-15").below_since, None);
}

#[test]
fn a_demotion_may_go_down_one_tier_at_a_time() {
    let movement = Movement { one_step_down: true, ..Movement::default() };
    let moved = next(&steps(), &movement, &in_tier("platinum", "2025-01-01"), 0, "2026-03-15");
    assert_eq!(told(&moved), (2, vec!["one_step"]));
    assert_eq!(moved.below_since, Some(at("2026-03-15")));
    let moved = next(&steps(), &movement, &in_tier("silver", "2025-01-01"), 0, "2026-03-15");
    assert_eq!(told(&moved), (0, vec![]));
}

#[test]
fn a_stay_ends_and_leads_back_only_upwards() {
    let mut steps = steps();
    steps[1].most_months = Some(12);
    let movement = Movement { cure_days: Some(90), ratchet: Ratchet::NextYear, ..Movement::default() };
    let history = in_tier("silver", "2025-03-20");
    assert_eq!(told(&next(&steps, &movement, &history, 1, "2026-03-15")), (1, vec![]));
    assert_eq!(told(&next(&steps, &movement, &history, 1, "2026-03-21")), (0, vec!["stay_ended"]));
    assert_eq!(told(&next(&steps, &movement, &history, 2, "2026-03-21")), (2, vec![]), "a promotion comes first");
    let mut after = history;
    after.stays.push(Stay { tier: "bronze".to_owned(), since: at("2026-03-21") });
    assert_eq!(told(&next(&steps, &movement, &after, 1, "2026-04-01")), (0, vec!["stay_ended"]));
    assert_eq!(told(&next(&steps, &movement, &after, 2, "2026-04-01")), (2, vec![]));
}

fn rhythm() -> impl Strategy<Value = Rhythm> {
    prop::sample::select(vec![
        Rhythm::Immediate,
        Rhythm::Monthly,
        Rhythm::Quarterly,
        Rhythm::HalfYearly,
        Rhythm::Yearly,
        Rhythm::FiscalQuarterly,
        Rhythm::FiscalHalfYearly,
        Rhythm::FiscalYearly,
    ])
}

prop_compose! {
    fn movement()(
        promotion in rhythm(),
        demotion in rhythm(),
        ratchet in prop::sample::select(vec![Ratchet::None, Ratchet::Year, Ratchet::FiscalYear, Ratchet::NextYear]),
        cure_days in prop::option::of(1u32..200),
        one_step_down in any::<bool>(),
    ) -> Movement {
        Movement { promotion, demotion, ratchet, cure_days, one_step_down }
    }
}

proptest! {
    /// Tiers computed again and again over three years, with whatever the figures say.
    #[test]
    fn a_partner_moves_towards_its_figures_and_nothing_else(
        movement in movement(),
        least in prop::option::of(1u32..13),
        runs in prop::collection::vec((1i64..60, 0usize..4), 1..30),
    ) {
        let mut steps = steps();
        steps[2].least_months = least;
        let calendar = Calendar::new(jiff::tz::TimeZone::UTC, 4);
        let ladder = Ladder { steps: &steps, movement: &movement, calendar: &calendar };
        let mut now = at("2024-01-01");
        let mut history = in_tier("silver", "2024-01-01");
        let mut place = 1;
        for (days, computed) in runs {
            now = now.plus_days(days);
            let moved = ladder.next(&history, computed, now);
            prop_assert_eq!(&moved, &ladder.next(&history, computed, now), "pure");
            // Between where it is and where its figures put it, never beyond.
            prop_assert!(moved.place >= place.min(computed) && moved.place <= place.max(computed));
            // Staying although the figures say otherwise has a reason.
            prop_assert!(moved.place == computed || !moved.reasons.is_empty());
            let since = history.stays.last().unwrap().since;
            if moved.place < place {
                if place == 2 && let Some(months) = least {
                    prop_assert!(calendar.plus_months(since, months.into()) <= now, "least stay");
                }
                if movement.ratchet == Ratchet::Year {
                    prop_assert_ne!(calendar.day(since).date().year(), calendar.day(now).date().year());
                }
                if let Some(days) = movement.cure_days {
                    prop_assert!(history.below_since.is_some_and(|below| below.plus_days(days.into()) <= now), "cure");
                }
                prop_assert!(!movement.one_step_down || moved.place + 1 == place);
            }
            if let Some(until) = moved.held_until {
                prop_assert!(until > now && moved.place == place);
            }
            // The time below only runs while the figures are below.
            prop_assert_eq!(moved.below_since.is_some(), computed < moved.place);
            if moved.place != place {
                place = moved.place;
                history.stays.push(Stay { tier: steps[place].tier.clone(), since: now });
            }
            history.below_since = moved.below_since;
            history.computed_at = Some(now);
        }
    }

    /// With steady figures a partner arrives, however it is held back.
    #[test]
    fn steady_figures_prevail_in_the_end(movement in movement(), start in 0usize..4, goal in 0usize..4) {
        let steps = steps();
        let calendar = Calendar::utc();
        let ladder = Ladder { steps: &steps, movement: &movement, calendar: &calendar };
        let mut now = at("2024-01-01");
        let mut history = in_tier(&steps[start].tier, "2024-01-01");
        let mut place = start;
        for _ in 0..(9 * 52) {
            now = now.plus_days(7);
            let moved = ladder.next(&history, goal, now);
            if moved.place != place {
                place = moved.place;
                history.stays.push(Stay { tier: steps[place].tier.clone(), since: now });
            }
            history.below_since = moved.below_since;
            history.computed_at = Some(now);
        }
        prop_assert_eq!(place, goal);
    }
}
