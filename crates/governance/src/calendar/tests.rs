#![allow(clippy::unwrap_used)]

use trial::both_databases;

use super::GetCalendar;
use crate::reviews::ScheduleReview;
use crate::stage::{active, enact, install, page};

both_databases! { install;
    // covers: B10.1, B10.2, B10.3
    async fn the_calendar_shows_what_is_due_this_week_month_and_quarter(t: Trial) {
        enact(t).await;
        let partner = active(t, "Brandt").await;
        t.run(procedures::StartDue {}).await.unwrap();
        t.run(ScheduleReview { partner, meeting_at: t.now().plus_days(28) }).await.unwrap();
        let calendar = t.ask(GetCalendar {}).await.unwrap();
        let titles = |dates: &[crate::calendar::Due]| dates.iter().map(|due| due.title.clone()).collect::<Vec<_>>();
        assert!(titles(&calendar.this_week).iter().any(|title| title.starts_with("week of 2026-03-02")), "{calendar:?}");
        assert!(titles(&calendar.this_month).iter().any(|title| title == "Pack for the review with Brandt"), "{calendar:?}");
        let begins: Vec<(String, String)> = calendar.next.iter().map(|next| (next.about.clone(), next.begins_on.to_string())).collect();
        assert_eq!(begins[0], ("week of 2026-03-09".to_owned(), "2026-03-09".to_owned()));
        assert!(begins.contains(&("2026 Q2".to_owned(), "2026-04-01".to_owned())), "{begins:?}");
        let paula = t.partner_person(partner);
        let own = t.ask_as(&paula, GetCalendar {}).await.unwrap();
        assert!(own.next.is_empty() && titles(&own.this_month).contains(&"Pack for the review with Brandt".to_owned()));
        assert!(titles(&own.this_week).iter().all(|title| !title.starts_with("week of")), "the vendor's own dates: {own:?}");
        t.clock.advance_days(20);
        clocks::tick(&t.app, &t.system).await.unwrap();
        let later = t.ask(GetCalendar {}).await.unwrap();
        assert!(later.overdue.iter().any(|due| due.href.starts_with("/onboarding/run_")), "{later:?}");
        assert!(page(t, &t.staff(&["*"], &[]), "/calendar").await.contains("Some dates have passed"));
    }
}
