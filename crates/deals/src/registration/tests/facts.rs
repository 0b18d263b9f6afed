use law::Value;
use scoring::{FactSet, Metric, Times};
use trial::both_databases;

use super::*;

/// The state, whether it is won, and the segment of all deals at an instant.
async fn facts(t: &Trial, times: Times) -> Vec<(String, bool, Value)> {
    let sets = t.app.registry().parts::<FactSet>();
    let set = sets.iter().find(|set| set.key == "deals").unwrap();
    let place = |name: &str| set.fields.iter().position(|field| field.key == name).unwrap();
    let mut tx = t.app.db().read().await.unwrap();
    let rows = (set.load)(&t.app, &mut tx, t.organization, times).await.unwrap();
    tx.rollback().await.unwrap();
    rows.into_iter()
        .map(|(_, row)| {
            let Value::Text(state) = &row[place("state")] else { panic!("{row:?}") };
            (state.clone(), row[place("won_at")] != Value::Absent, row[place("segment")].clone())
        })
        .collect()
}

async fn open_deals(t: &Trial, at: kernel::Timestamp) -> Vec<Value> {
    let metrics = t.app.registry().parts::<Metric>();
    let metric = metrics.iter().find(|metric| metric.key == "open_deals").unwrap();
    let mut tx = t.app.db().read().await.unwrap();
    let measured = (metric.measure)(&mut tx, t.organization, at).await.unwrap();
    tx.rollback().await.unwrap();
    measured.into_iter().map(|(_, value)| value).collect()
}

both_databases! { install;
    // covers: B0.1
    async fn a_deal_is_the_fact_that_was_known_then(t: Trial) {
        program(t, &[]).await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let registered = t.now();
        let deal = register(t, &ada, brandt()).await.deal;
        let law = t.ask(programs::GetProgram {}).await.unwrap().program;
        let segment = law.engagement.segment_of(deal.value).unwrap().key.clone();
        t.clock.advance_days(10);
        t.run(WinDeal { deal: deal.id, value: None }).await.unwrap();
        let (won, today) = (t.now(), t.now().plus_days(1));
        t.clock.advance_days(1);
        let told = |state: &str, won| vec![(state.to_owned(), won, Value::text(segment.clone()))];
        assert_eq!(facts(t, Times::of(registered.plus_days(-1))).await, []);
        assert_eq!(facts(t, Times::of(won.plus_days(-1))).await, told("approved", false));
        assert_eq!(facts(t, Times::of(today)).await, told("closed_won", true));
        // What happened until today, as it was known the day before the sale.
        let unaware = Times { at: today, known_at: won.plus_days(-1) };
        assert_eq!(facts(t, unaware).await, told("approved", false));
        assert_eq!(open_deals(t, won.plus_days(-1)).await, [Value::count(1)]);
        assert_eq!(open_deals(t, today).await, []);
    }
}
