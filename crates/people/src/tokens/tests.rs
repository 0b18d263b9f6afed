//! Service tokens: as narrow as they say, and no longer than they say.

#![allow(clippy::unwrap_used)]

use kernel::{Actor, ActorKind, Error, Result};
use trial::{Trial, both_databases};

use super::*;
use crate::members::{ChangeRole, Deactivate, ListPeople};
use crate::stage::{install, join, joined, nothing_leaked, page, partner, says};

fn create(scopes: &[&str], days: u32) -> CreateToken {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    CreateToken { name: "Our CRM".to_owned(), scopes, expires_after_days: days, person: None }
}

async fn bearer(t: &Trial, created: &CreatedToken) -> Option<Actor> {
    authenticate_token(&t.app, &created.token).await.unwrap()
}

fn invalid(result: Result<CreatedToken>) -> String {
    match result {
        Err(Error::Invalid(errors)) => errors[0].field.clone(),
        other => panic!("{other:?}"),
    }
}

fn person_of(actor: &Actor) -> PersonId {
    let ActorKind::Person(person) = actor.kind else { panic!("no person") };
    person
}

both_databases! { install;
    // covers: B10.9
    async fn a_token_does_what_its_scopes_say_and_no_more(t: Trial) {
        let dev = joined(t, "dora@atlantic.example", "partner_developer", Some(partner(1))).await;
        let created = t.run_as(&dev, create(&["people.list", "usage.list", "usage.list"], 30)).await.unwrap();
        assert!(created.token.starts_with("cct_") && created.token.len() > 40);
        let actor = bearer(t, &created).await.unwrap();
        assert_eq!((actor.partner, actor.reference()), (Some(partner(1)), created.id.to_string()));
        assert!(actor.may("usage.list") && !actor.may("credentials.issue") && actor.roles.is_empty());
        assert_eq!(t.ask_as(&actor, ListPeople::default()).await.unwrap().items.len(), 1);
        assert!(matches!(t.ask_as(&actor, ListTokens::default()).await, Err(Error::Forbidden { .. })));
        let listed = t.ask_as(&dev, ListTokens::default()).await.unwrap().items;
        assert_eq!((listed[0].scopes.len(), listed[0].last_used_at), (2, Some(t.now())));
        nothing_leaked(t, &[&created.token]).await;
    }

    async fn a_token_stays_within_the_rights_of_its_person(t: Trial) {
        let dev = joined(t, "dora@atlantic.example", "partner_developer", Some(partner(1))).await;
        for scopes in [&["deals.register"][..], &["*"], &["usage.*"], &["people.*"], &[], &["usage list"], &["*.list"]] {
            assert_eq!(invalid(t.run_as(&dev, create(scopes, 30)).await), "scopes", "{scopes:?}");
        }
        for days in [0, 366, 100_000] {
            assert_eq!(invalid(t.run_as(&dev, create(&["usage.list"], days)).await), "expires_after_days");
        }
        let wide = t.run_as(&dev, create(&["tokens.*"], 30)).await.unwrap();
        let token = bearer(t, &wide).await.unwrap();
        assert!(matches!(t.run_as(&token, create(&["tokens.*"], 300)).await, Err(Error::Forbidden { .. })));
        let seller = joined(t, "sam@atlantic.example", "partner_seller", Some(partner(1))).await;
        assert!(matches!(t.run_as(&seller, create(&["deals.list"], 30)).await, Err(Error::Forbidden { .. })));
    }

    async fn a_token_follows_its_person(t: Trial) {
        let eve = joined(t, "eve@northwind.example", "engineering", None).await;
        let created = t.run_as(&eve, create(&["gate.*"], 30)).await.unwrap();
        assert!(bearer(t, &created).await.unwrap().may("gate.override"));
        t.run(ChangeRole { person: person_of(&eve), role: "sales".to_owned() }).await.unwrap();
        assert!(!bearer(t, &created).await.unwrap().may("gate.override"));
        t.run(Deactivate { person: person_of(&eve) }).await.unwrap();
        assert!(bearer(t, &created).await.is_none());
        t.run(crate::members::Reactivate { person: person_of(&eve) }).await.unwrap();
        assert!(bearer(t, &created).await.is_none(), "it was revoked, not paused");
    }

    async fn a_token_expires_and_is_revoked(t: Trial) {
        let eve = joined(t, "eve@northwind.example", "engineering", None).await;
        let (short, long) = (create(&["gate.get"], 1), create(&["gate.get"], 365));
        let (short, long) = (t.run_as(&eve, short).await.unwrap(), t.run_as(&eve, long).await.unwrap());
        t.clock.advance_days(1);
        assert!(bearer(t, &short).await.is_none());
        assert!(bearer(t, &long).await.is_some());
        let revoked = t.run_as(&eve, RevokeToken { token: long.id }).await.unwrap();
        assert_eq!(revoked.state_at(t.now()), "revoked");
        assert!(bearer(t, &long).await.is_none());
        assert!(t.run_as(&eve, RevokeToken { token: long.id }).await.is_err());
        assert!(authenticate_token(&t.app, "cct_guess").await.unwrap().is_none());
        assert!(authenticate_token(&t.app, "").await.unwrap().is_none());
    }

    async fn a_token_in_memory_ends_when_it_should(t: Trial) {
        let eve = joined(t, "eve@northwind.example", "engineering", None).await;
        let created = t.run_as(&eve, create(&["gate.get"], 1)).await.unwrap();
        let proven = t.app.registry().part::<proven::Proven>().unwrap();
        let digest = <[u8; 32]>::from(<sha2::Sha256 as sha2::Digest>::digest(&created.token));
        assert!(proven.look(&digest, t.now()).is_err());
        bearer(t, &created).await.unwrap();
        assert_eq!(proven.look(&digest, t.now()).unwrap().reference(), created.id.to_string());
        // Somebody who read before the news must not keep what he read.
        let stale = proven.look(&[0; 32], t.now()).unwrap_err();
        t.run(ChangeRole { person: person_of(&eve), role: "sales".to_owned() }).await.unwrap();
        assert!(proven.look(&digest, t.now()).is_err(), "any news of a person empties it");
        proven.keep(digest, stale, std::sync::Arc::new(eve.clone()), t.now(), created.expires_at);
        assert!(proven.look(&digest, t.now()).is_err());
        bearer(t, &created).await.unwrap();
        t.clock.advance(kernel::time::MINUTE);
        assert!(proven.look(&digest, t.now()).is_err(), "it is proven anew after a minute");
        bearer(t, &created).await.unwrap();
        t.clock.advance_days(1);
        assert!(bearer(t, &created).await.is_none());
    }

    // covers: C11
    async fn tokens_of_others_are_out_of_reach(t: Trial) {
        let (ours, theirs) = (Some(partner(1)), Some(partner(2)));
        let dev = joined(t, "dora@atlantic.example", "partner_developer", ours).await;
        let colleague = joined(t, "dan@atlantic.example", "partner_developer", ours).await;
        let admin = joined(t, "paula@atlantic.example", "partner_admin", ours).await;
        let foreign = joined(t, "fay@fjord.example", "partner_admin", theirs).await;
        join(t, "vera@northwind.example", "owner", None).await;
        let token = t.run_as(&dev, create(&["usage.list"], 30)).await.unwrap().id;
        assert!(t.ask_as(&foreign, ListTokens::default()).await.unwrap().items.is_empty());
        assert!(matches!(t.run_as(&foreign, RevokeToken { token }).await, Err(Error::NotFound { .. })));
        assert!(matches!(t.run_as(&colleague, RevokeToken { token }).await, Err(Error::Forbidden { .. })));
        t.run_as(&admin, RevokeToken { token }).await.unwrap();
    }

    async fn the_operator_makes_a_token_for_somebody_and_within_their_rights(t: Trial) {
        let dev = joined(t, "dora@atlantic.example", "partner_developer", Some(partner(1))).await;
        let sam = joined(t, "sam@atlantic.example", "partner_seller", Some(partner(1))).await;
        let for_person = |scopes: &[&str], person| CreateToken { person, ..create(scopes, 30) };
        assert_eq!(invalid(t.run(for_person(&["usage.list"], None)).await), "person");
        let whose = Some(person_of(&dev));
        assert_eq!(invalid(t.run(for_person(&["deals.approve"], whose)).await), "scopes", "no more than its person");
        let created = t.run(for_person(&["usage.list"], whose)).await.unwrap();
        let actor = bearer(t, &created).await.unwrap();
        assert_eq!((actor.partner, actor.may("usage.list"), actor.may("tokens.list")), (Some(partner(1)), true, false));
        let listed = t.ask_as(&dev, ListTokens::default()).await.unwrap().items;
        assert_eq!((listed.len(), Some(listed[0].person)), (1, whose));
        let others = t.run_as(&dev, for_person(&["usage.list"], Some(person_of(&sam)))).await;
        assert!(matches!(others, Err(Error::Forbidden { .. })), "{others:?}");
        t.run_as(&dev, for_person(&["usage.list"], whose)).await.unwrap();
        t.run(Deactivate { person: person_of(&sam) }).await.unwrap();
        let gone = t.run(for_person(&["deals.list"], Some(person_of(&sam)))).await;
        assert!(matches!(gone, Err(Error::Conflict { code: "person_deactivated", .. })), "{gone:?}");
        let unknown = t.run(for_person(&["deals.list"], Some(PersonId::from_bytes([9; 16])))).await;
        assert!(matches!(unknown, Err(Error::NotFound { .. })), "{unknown:?}");
    }

    async fn the_page_shows_a_token_once(t: Trial) {
        let dev = joined(t, "dora@atlantic.example", "partner_developer", Some(partner(1))).await;
        says(&page(t, &dev, "/tokens", &[]).await, &["No tokens", "/do/tokens.create"]);
        let input = serde_json::json!({ "name": "Our CRM", "scopes": ["usage.list"], "expires_after_days": 30 });
        let made = t.app.run_value(&dev, "tokens.create", input, Default::default()).await.unwrap().output;
        let text = made["token"].as_str().unwrap();
        says(&crate::shown_once("tokens.create", &made).unwrap().body.0, &[text]);
        let later = page(t, &dev, "/tokens", &[]).await;
        says(&later, &["Our CRM", "/do/tokens.revoke"]);
        assert!(!later.contains(text));
    }
}
