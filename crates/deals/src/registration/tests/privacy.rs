use trial::both_databases;

use super::*;

both_databases! { install;
    // covers: C11
    async fn neither_side_of_a_conflict_learns_who_the_other_is(t: Trial) {
        program(t, &[]).await;
        let (ada_id, ada) = partner(t, "Ada Systems", "bronze").await;
        let (bell_id, bell) = partner(t, "Bell Partners", "gold").await;
        let ada = Actor { name: "Adele Ada".to_owned(), ..ada };
        let bell = Actor { name: "Bruno Bell".to_owned(), ..bell };
        let vat = |name: &str| EndCustomer { vat_number: Some("DE136695976".to_owned()), ..customer(name) };
        let first = t.run_as(&ada, claim_to(vat("Brandt Logistik GmbH"), "EUR 31000.00")).await.unwrap().deal.id;
        t.clock.advance_days(1);
        let second = t.run_as(&bell, claim_to(vat("Brandt Group"), "EUR 42000.00")).await.unwrap();
        let doubtful = register(t, &bell, customer("Brandt Logistik")).await;
        assert_eq!((second.deal.state, doubtful.deal.state), (State::Submitted, State::UnderReview));
        let secrets_of = |id: PartnerId, actor: &Actor, deals: &[DealId], more: &[&str]| {
            let mut secrets = vec![id.to_string(), actor.name.clone(), actor.reference()];
            secrets.extend(deals.iter().map(ToString::to_string));
            secrets.extend(more.iter().map(|text| (*text).to_owned()));
            secrets
        };
        let adas = secrets_of(ada_id, &ada, &[first], &["Ada Systems", "31000", "31,000"]);
        let bells =
            secrets_of(bell_id, &bell, &[second.deal.id, doubtful.deal.id], &["Bell Partners", "42000", "Brandt Group"]);
        let hides = |what: &str, text: &str, secrets: &[String]| {
            for secret in secrets {
                assert!(!text.contains(secret.as_str()), "{what} tells {secret}: {text}");
            }
        };
        hides("the answer", &serde_json::to_string(&second).unwrap(), &adas);
        hides("the answer", &serde_json::to_string(&doubtful).unwrap(), &adas);
        // The first goes and the second moves up; its partner sees that, but not through whom.
        t.run_as(&ada, WithdrawDeal { deal: first, reason: "done".to_owned() }).await.unwrap();
        tick(t).await;
        assert_eq!(state(t, second.deal.id).await, State::Approved);
        for (actor, deals, secrets) in
            [(&bell, vec![second.deal.id, doubtful.deal.id], &adas), (&ada, vec![first], &bells)]
        {
            for deal in deals {
                let full = t.ask_as(actor, GetDeal { deal }).await.unwrap();
                assert!(!full.decisions.is_empty() && !full.timeline.is_empty());
                hides("the deal", &serde_json::to_string(&full).unwrap(), secrets);
            }
            let list = t.ask_as(actor, ListDeals::default()).await.unwrap();
            hides("the list", &serde_json::to_string(&list).unwrap(), secrets);
        }
    }

    // covers: C11
    async fn the_deals_of_another_partner_are_not_there(t: Trial) {
        program(t, &[]).await;
        let (ada_id, ada) = partner(t, "Ada Systems", "bronze").await;
        let (_, bell) = partner(t, "Bell Partners", "gold").await;
        let deal = register(t, &ada, brandt()).await.deal.id;
        assert!(matches!(t.ask_as(&bell, GetDeal { deal }).await, Err(Error::NotFound { .. })));
        let text = || "x".to_owned();
        let gone = |result: Result<Deal>| assert!(matches!(result, Err(Error::NotFound { .. })), "{result:?}");
        gone(t.run_as(&bell, RenewDeal { deal, proof: Some(text()) }).await);
        gone(t.run_as(&bell, RecordActivity { deal, note: text() }).await);
        gone(t.run_as(&bell, WithdrawDeal { deal, reason: text() }).await);
        gone(t.run_as(&bell, WinDeal { deal, value: None }).await);
        gone(t.run_as(&bell, ApproveDeal { deal, customer: None, new_customer: false }).await);
        gone(t.run_as(&bell, ReopenDeal { deal, reason: text() }).await);
        let other = RegisterDeal { partner: Some(ada_id), ..claim_to(customer("Nord"), "EUR 5000.00") };
        assert!(matches!(t.run_as(&bell, other).await, Err(Error::NotFound { .. })));
        assert_eq!(t.ask_as(&bell, ListDeals::default()).await.unwrap().items.len(), 0);
    }

    async fn organizations_do_not_meet(t: Trial) {
        program(t, &[]).await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let first = register(t, &ada, brandt()).await;
        let organization = t.app.new_id(t.now());
        let other = Actor { organization, ..head(t) };
        let northwind = law::shipped().iter().find(|program| program.key == "northwind").unwrap();
        let apply = programs::ApplyProgram { files: northwind.files(), effective_from: None, note: String::new() };
        t.run_as(&other, apply).await.unwrap();
        let id = t.run_as(&other, Enter { name: "Cody".into(), tier: "gold".into() }).await.unwrap();
        let claim = RegisterDeal { partner: Some(id), ..claim_to(brandt(), "EUR 20000.00") };
        let second = t.run_as(&other, claim).await.unwrap();
        assert_eq!((first.deal.state, second.deal.state), (State::Approved, State::Approved));
        assert_ne!(t.ask(GetDeal { deal: first.deal.id }).await.unwrap().deal.customer, second.deal.customer);
    }
}
