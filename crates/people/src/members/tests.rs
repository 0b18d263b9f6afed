//! People, their roles, and those who try to give themselves more.

#![allow(clippy::unwrap_used)]

use kernel::{Actor, Error, PageRequest, Result};
use trial::{Trial, both_databases};

use super::*;
use crate::stage::{enter, install, join, joined, page, partner, says};

#[test]
fn an_address_looks_like_one() {
    for (text, good) in [
        ("vera@northwind.example", true),
        (" vera+x@mail.northwind.example ", true),
        ("vera", false),
        ("vera@localhost", false),
        ("vera@@northwind.example", false),
        ("vera@northwind..example", false),
        ("ve ra@northwind.example", false),
        ("Vera <vera@northwind.example>", false),
    ] {
        assert_eq!(check_email(text).is_ok(), good, "{text}");
    }
}

fn forbidden<T>(result: Result<T>) -> bool {
    matches!(result, Err(Error::Forbidden { .. }))
}

async fn change(t: &Trial, by: &Actor, person: PersonId, role: &str) -> Result<Person> {
    t.run_as(by, ChangeRole { person, role: role.to_owned() }).await
}

both_databases! { install;
    async fn the_people_of_partners_are_facts_with_their_times(t: Trial) {
        let owner = joined(t, "vera@northwind.example", "owner", None).await;
        let start = t.now();
        let ada = join(t, "ada@one.example", "partner_admin", Some(partner(1))).await;
        t.clock.advance_days(5);
        let bob = join(t, "bob@one.example", "partner_seller", Some(partner(1))).await;
        t.clock.advance_days(5);
        t.run_as(&owner, Deactivate { person: bob }).await.unwrap();
        let sets = t.app.registry().parts::<scoring::FactSet>();
        let set = sets.iter().find(|set| set.key == "people").unwrap();
        let mut tx = t.app.db().read().await.unwrap();
        let mut told = Vec::new();
        for days in [1, 6, 10] {
            let times = scoring::Times::of(start.plus_days(days));
            let rows = (set.load)(&t.app, &mut tx, t.organization, times).await.unwrap();
            told.push(rows.iter().map(|(whose, row)| {
                assert_eq!(*whose, partner(1));
                let word = |value: &law::Value| value.pretty().trim_matches(['“', '”']).to_owned();
                (word(&row[0]), word(&row[1]), row[3].pretty() == "not set")
            }).collect::<Vec<_>>());
        }
        tx.rollback().await.unwrap();
        let one = |id: PersonId, role: &str, here| (id.to_string(), role.to_owned(), here);
        let (admin, seller) = (one(ada, "partner_admin", true), one(bob, "partner_seller", true));
        let gone = one(bob, "partner_seller", false);
        assert_eq!(told, [vec![admin.clone()], vec![admin.clone(), seller], vec![admin, gone]]);
    }

    async fn an_address_belongs_to_one_person(t: Trial) {
        join(t, "vera@northwind.example", "owner", None).await;
        let again = CreatePerson {
            name: "Vera".into(), email: "VERA@northwind.example".into(), role: "sales".into(), partner: None,
            zone: Some("Europe/Berlin".into()), password: None, password_hash: None,
        };
        assert!(matches!(t.run(again.clone()).await, Err(Error::Conflict { code: "email_taken", .. })));
        let wrong = |change: fn(&mut CreatePerson)| {
            let mut new = CreatePerson { email: "new@northwind.example".into(), ..again.clone() };
            change(&mut new);
            new
        };
        for (new, field) in [
            (wrong(|n| n.name = " ".into()), "name"),
            (wrong(|n| n.email = "nobody".into()), "email"),
            (wrong(|n| n.role = "partner_admin".into()), "role"),
            (wrong(|n| n.role = "king".into()), "role"),
            (wrong(|n| n.zone = Some("Mars/Base".into())), "zone"),
            (wrong(|n| n.password = Some(kernel::Secret::new("short"))), "password"),
            (wrong(|n| n.password_hash = Some(kernel::Secret::new("md5"))), "password_hash"),
        ] {
            let Err(Error::Invalid(errors)) = t.run(new).await else { panic!("{field} was taken") };
            assert_eq!(errors[0].field, field);
        }
    }

    async fn only_concord_itself_adds_people_without_an_invitation(t: Trial) {
        let owner = joined(t, "vera@northwind.example", "owner", None).await;
        let new = CreatePerson {
            name: "Eve".into(), email: "eve@northwind.example".into(), role: "owner".into(), partner: None, zone: None,
            password: None, password_hash: None,
        };
        assert!(forbidden(t.run_as(&owner, new).await));
    }

    // covers: B10.9
    async fn nobody_raises_their_own_rights(t: Trial) {
        let owner = joined(t, "vera@northwind.example", "owner", None).await;
        let head = joined(t, "hanna@northwind.example", "head_of_partnerships", None).await;
        let ops = join(t, "otto@northwind.example", "partner_ops", None).await;
        let (own, others) = (own_id(&owner).unwrap(), own_id(&head).unwrap());
        assert!(forbidden(change(t, &head, others, "owner").await), "own role");
        assert!(forbidden(change(t, &head, ops, "owner").await), "more than one holds");
        assert!(forbidden(change(t, &head, own, "auditor").await), "somebody who may do more");
        assert!(forbidden(t.run_as(&head, Deactivate { person: own }).await));
        assert!(forbidden(t.run_as(&owner, Deactivate { person: own }).await));
        assert!(matches!(change(t, &owner, ops, "partner_admin").await, Err(Error::Forbidden { .. })));
        assert!(matches!(change(t, &owner, ops, "king").await, Err(Error::Invalid(_))));
        assert_eq!(change(t, &head, ops, "sales").await.unwrap().role, "sales");
        assert_eq!(change(t, &owner, others, "owner").await.unwrap().role, "owner");
    }

    async fn the_last_owner_stays(t: Trial) {
        let first = join(t, "vera@northwind.example", "owner", None).await;
        let last = |result: Result<Person>| matches!(result, Err(Error::Conflict { code: "last_owner", .. }));
        assert!(last(t.run(Deactivate { person: first }).await));
        assert!(last(t.run(ChangeRole { person: first, role: "auditor".into() }).await));
        let second = join(t, "hanna@northwind.example", "owner", None).await;
        t.run(Deactivate { person: first }).await.unwrap();
        assert!(last(t.run(Deactivate { person: second }).await));
        t.run(Reactivate { person: first }).await.unwrap();
        t.run(Deactivate { person: second }).await.unwrap();
        assert!(matches!(t.run(Reactivate { person: first }).await, Err(Error::Conflict { .. })));
    }

    // covers: C11
    async fn a_partner_reaches_its_own_people_only(t: Trial) {
        let (ours, theirs) = (Some(partner(1)), Some(partner(2)));
        join(t, "vera@northwind.example", "owner", None).await;
        let paula = joined(t, "paula@atlantic.example", "partner_admin", ours).await;
        let seller = join(t, "sam@atlantic.example", "partner_seller", ours).await;
        let foreign = join(t, "fay@fjord.example", "partner_seller", theirs).await;
        let names = |page: kernel::Page<Person>| page.items.into_iter().map(|p| p.name).collect::<Vec<_>>();
        assert_eq!(names(t.ask_as(&paula, ListPeople::default()).await.unwrap()), ["paula", "sam"]);
        let other = ListPeople { partner: theirs, ..ListPeople::default() };
        assert!(names(t.ask_as(&paula, other).await.unwrap()).is_empty());
        assert!(matches!(t.ask_as(&paula, GetPerson { person: foreign }).await, Err(Error::NotFound { .. })));
        assert!(matches!(change(t, &paula, foreign, "partner_admin").await, Err(Error::NotFound { .. })));
        assert!(matches!(t.run_as(&paula, Deactivate { person: foreign }).await, Err(Error::NotFound { .. })));
        assert!(forbidden(change(t, &paula, seller, "owner").await));
        assert_eq!(change(t, &paula, seller, "partner_finance").await.unwrap().role, "partner_finance");
        t.run_as(&paula, Deactivate { person: seller }).await.unwrap();
    }

    async fn people_are_searched_filtered_and_paged(t: Trial) {
        for n in 0..7 {
            join(t, &format!("sam{n}@northwind.example"), if n < 3 { "sales" } else { "finance" }, None).await;
        }
        let find = async |q: Option<&str>, role: Option<&str>, limit| {
            let query = ListPeople {
                q: q.map(str::to_owned), role: role.map(str::to_owned), status: Some(Status::Active),
                page: PageRequest { limit, ..PageRequest::default() }, ..ListPeople::default()
            };
            t.ask(query).await.unwrap()
        };
        assert_eq!(find(Some("SAM3"), None, None).await.items.len(), 1);
        assert_eq!(find(None, Some("sales"), None).await.items.len(), 3);
        let page = find(None, None, Some(5)).await;
        assert_eq!((page.items.len(), page.next.is_some()), (5, true));
    }

    async fn a_person_looks_after_the_own_profile(t: Trial) {
        let id = join(t, "paula@atlantic.example", "partner_seller", Some(partner(1))).await;
        let (token, signed) = enter(t, "paula@atlantic.example").await;
        let profile = UpdateProfile { name: Some(" Paula Prado ".into()), zone: Some("America/Sao_Paulo".into()) };
        t.run_as(&signed.actor, profile).await.unwrap();
        let signed = crate::authenticate_session(&t.app, &token).await.unwrap().unwrap();
        assert_eq!((signed.zone.as_str(), signed.person.name.as_str()), ("America/Sao_Paulo", "Paula Prado"));
        let bad = UpdateProfile { name: None, zone: Some("Mars/Base".into()) };
        assert!(matches!(t.run_as(&signed.actor, bad).await, Err(Error::Invalid(_))));
        let detail = t.ask(GetPerson { person: id }).await.unwrap();
        let kinds: Vec<_> = detail.timeline.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(kinds, ["person.profile_changed", "person.signed_in", "person.joined"]);
        assert!(!detail.second_factor && detail.last_seen_at.is_some());
    }

    async fn pages_offer_what_the_reader_may_do(t: Trial) {
        let owner = joined(t, "vera@northwind.example", "owner", None).await;
        let auditor = joined(t, "anna@northwind.example", "auditor", None).await;
        let paula = joined(t, "paula@atlantic.example", "partner_admin", Some(partner(1))).await;
        let list = page(t, &owner, "/people", &[]).await;
        says(&list, &["vera@northwind.example", "paula@atlantic.example", "/do/people.invite", "Head of Partnerships"]);
        let own = page(t, &paula, "/people", &[]).await;
        says(&own, &["paula@atlantic.example", "Partner Seller", "/do/people.invite"]);
        assert!(!own.contains("northwind") && !own.contains("Head of Partnerships") && !own.contains("ptr_…"));
        let read = page(t, &auditor, "/people", &[]).await;
        assert!(!read.contains("/do/people.invite"));
        let person = [("person", auditor.reference())];
        says(&page(t, &owner, "/people/{person}", &person).await, &["/do/people.change_role", "/do/people.deactivate"]);
        let own = page(t, &owner, "/people/{person}", &[("person", owner.reference())]).await;
        says(&own, &["Nobody changes their own rights"]);
        assert!(!own.contains("/do/people.change_role"));
        let read = page(t, &auditor, "/people/{person}", &[("person", owner.reference())]).await;
        assert!(!read.contains("/do/people."));
    }

    async fn the_own_page_leads_through_the_second_factor(t: Trial) {
        join(t, "vera@northwind.example", "owner", None).await;
        crate::stage::program(t, "required").await;
        let signed = enter(t, "vera@northwind.example").await.1;
        let before = page(t, &signed.actor, "/me", &[]).await;
        says(&before, &["Set up a second factor first", "/do/people.set_up_second_factor"]);
        assert!(!before.contains("/do/people.update_profile") && !before.contains("/do/people.change_password"));
        let begin = crate::sign_in::SetUpSecondFactor { password: None };
        let pending = t.run_as(&signed.actor, begin).await.unwrap();
        let during = page(t, &signed.actor, "/me", &[]).await;
        says(&during, &[&pending.secret, "otpauth://totp/", "/do/people.confirm_second_factor"]);
    }
}
