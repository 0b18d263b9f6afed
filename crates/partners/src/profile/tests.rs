#![allow(clippy::unwrap_used)]

use kernel::{PageRequest, Scope};
use trial::{Trial, both_databases};

use super::*;
use crate::fixture::{active, enact, install, invited, northwind, page};

fn named(list: &kernel::Page<PartnerSummary>) -> Vec<&str> {
    list.items.iter().map(|one| one.name.as_str()).collect()
}

async fn three(t: &Trial) -> [Partner; 3] {
    enact(t, northwind()).await;
    let first = active(t, "Müller Söhne", "reseller").await;
    t.clock.advance_days(1);
    [first, active(t, "Adler", "si").await, invited(t, "Zenit", "data").await]
}

both_databases! { install;
    async fn partners_are_found_by_what_they_are(t: Trial) {
        let _ = three(t).await;
        let all = ListPartners::default();
        assert_eq!(named(&t.ask(all.clone()).await.unwrap()), ["Adler", "Müller Söhne", "Zenit"]);
        for (query, found) in [
            (ListPartners { q: Some("muller".into()), ..all.clone() }, vec!["Müller Söhne"]),
            (ListPartners { q: Some("MÜLLER sö".into()), ..all.clone() }, vec!["Müller Söhne"]),
            (ListPartners { q: Some("zenit.example".into()), ..all.clone() }, vec!["Zenit"]),
            (ListPartners { status: Some(Status::Onboarding), ..all.clone() }, vec!["Zenit"]),
            (ListPartners { tier: Some("bronze".into()), ..all.clone() }, vec!["Adler", "Müller Söhne"]),
            (ListPartners { archetype: Some("si".into()), ..all.clone() }, vec!["Adler"]),
            (ListPartners { country: Some("de".into()), status: Some(Status::Active), ..all.clone() }, vec!["Adler", "Müller Söhne"]),
            (ListPartners { country: Some("FR".into()), ..all.clone() }, vec![]),
        ] {
            assert_eq!(named(&t.ask(query.clone()).await.unwrap()), found, "{query:?}");
        }
        for (sort, order) in [
            ("-name", ["Zenit", "Müller Söhne", "Adler"]),
            ("-activated", ["Adler", "Müller Söhne", "Zenit"]),
            ("applied", ["Müller Söhne", "Adler", "Zenit"]),
        ] {
            let page = PageRequest { sort: Some(sort.into()), ..PageRequest::default() };
            assert_eq!(named(&t.ask(ListPartners { page, ..all.clone() }).await.unwrap()), order, "{sort}");
        }
    }

    async fn a_list_is_paged_in_every_order(t: Trial) {
        let _ = three(t).await;
        for sort in ["name", "-tier", "activated", "-applied"] {
            let mut page = PageRequest { sort: Some(sort.into()), limit: Some(1), cursor: None };
            let mut seen = Vec::new();
            loop {
                let list = t.ask(ListPartners { page: page.clone(), ..ListPartners::default() }).await.unwrap();
                seen.extend(list.items.into_iter().map(|one| one.name));
                let Some(next) = list.next else { break };
                page.cursor = Some(next);
            }
            seen.sort();
            assert_eq!(seen, ["Adler", "Müller Söhne", "Zenit"], "{sort}");
        }
    }

    // covers: C11
    async fn a_partner_sees_itself_and_not_even_the_names_of_others(t: Trial) {
        let [first, second, third] = three(t).await;
        let own = t.partner_person(first.id);
        assert_eq!(named(&t.ask_as(&own, ListPartners::default()).await.unwrap()), ["Müller Söhne"]);
        assert_eq!(t.ask_as(&own, GetPartner { partner: second.id }).await.unwrap_err().code(), "not_found");
        let mut tx = t.app.db().read().await.unwrap();
        let everyone = [first.id, second.id, third.id];
        let within = names(&mut tx, &own.scope(), &everyone).await.unwrap();
        assert_eq!(within.into_values().collect::<Vec<_>>(), ["Müller Söhne"]);
        let elsewhere = Scope { organization: t.app.new_id(t.now()), partner: None };
        assert!(names(&mut tx, &elsewhere, &everyone).await.unwrap().is_empty());
        assert_eq!(find(&mut tx, &elsewhere, first.id).await.unwrap(), None);
        assert_eq!(names(&mut tx, &t.system.scope(), &everyone).await.unwrap().len(), 3);
    }

    async fn the_page_of_a_partner_shows_both_sides_what_is_theirs(t: Trial) {
        let [first, second, _] = three(t).await;
        let vendor = t.staff(&["*"], &["owner"]);
        let shown = page(t, &vendor, &format!("/partners/{}", first.id), &[]).await;
        for text in ["Müller Söhne", "Deal slots", "tier bronze", "Suspend", "End the partnership", "mllershne.example"] {
            assert!(shown.contains(text), "{text}");
        }
        let own = page(t, &t.partner_person(first.id), "/company", &[]).await;
        assert!(own.contains("Deal slots") && own.contains("Correct the profile"));
        assert!(!own.contains("Suspend") && !own.contains("End the partnership") && !own.contains(&second.name));
        let list = page(t, &vendor, "/partners", &[("status", "active")]).await;
        assert!(list.contains("Adler") && !list.contains("Zenit"));
        assert!(list.contains("/v1/partners?status=active&amp;format=csv"), "{list}");
    }
}
