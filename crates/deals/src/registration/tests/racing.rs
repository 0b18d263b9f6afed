use trial::{both_databases, tokio};

use super::*;

both_databases! { install;
    // covers: B1.4
    async fn of_many_claims_at_once_exactly_one_is_approved(t: Trial) {
        program(t, &[]).await;
        let mut tasks = Vec::new();
        for n in 0..24 {
            let (_, actor) = partner(t, &format!("Partner {n}"), "bronze").await;
            let app = t.app.clone();
            tasks.push(tokio::spawn(async move {
                loop {
                    match app.run(&actor, claim_to(brandt(), "EUR 20000.00")).await {
                        // What a client does on `503 try_again`.
                        Err(Error::Lost(_)) => continue,
                        other => break other.unwrap().deal,
                    }
                }
            }));
        }
        let mut deals = Vec::new();
        for task in tasks {
            deals.push(task.await.unwrap());
        }
        let approved = deals.iter().filter(|deal| deal.state == State::Approved).count();
        let queued = deals.iter().filter(|deal| deal.state == State::Submitted).count();
        assert_eq!((approved, queued), (1, 23));
        let winner = deals.iter().find(|deal| deal.state == State::Approved).unwrap();
        assert_eq!(show(t, winner.id).await.queue.len(), 23);
        tick(t).await;
        assert_eq!(state(t, winner.id).await, State::Approved);
    }
}
