//! Lists: which entries stand against a claim, and what each side reads of it.

#![allow(clippy::unwrap_used)]

use kernel::{Error, IdSource, PartnerId, Timestamp};
use law::Otherwise;
use trial::both_databases;

use super::*;
use crate::matching::Normalized;
use crate::registration::tests::{
    brandt, changed, codes, customer, head, install, partner, program_as_shipped, register, show,
};
use crate::registration::{GetDeal, State};

fn entry(list: List) -> Entry {
    Entry {
        list,
        cites: "here".to_owned(),
        title: "Brandt".to_owned(),
        domain: None,
        vat_number: None,
        countries: Vec::new(),
        partners: Vec::new(),
        archetypes: Vec::new(),
        tiers: Vec::new(),
        otherwise: Otherwise::Reject,
        from: None,
        until: None,
    }
}

// covers: G19, P19
#[test]
fn entries_stand_against_claims_by_list_claimant_customer_and_time() {
    let partner: PartnerId = IdSource::seeded(1).next(Timestamp::from_micros(0));
    let at = Timestamp::from_micros(1_000);
    let domain = |text: &str| Some(text.to_owned());
    let dach = || Entry { countries: vec!["DE".into(), "AT".into()], ..entry(List::Territory) };
    let named = || Entry { domain: domain("brandt.de"), ..entry(List::NamedAccount) };
    let alone = || Entry { vat_number: domain("DE136695976"), ..entry(List::NoPoach) };
    let ours = || vec![Who::Id(partner)];
    let own = || vec![Who::Domain("ADA.example".into())];
    let others = || vec![Who::Domain("bell.example".into())];
    for (what, entries, stands) in [
        ("no list", vec![], 0),
        ("a territory that admits nobody", vec![dach()], 1),
        ("a territory elsewhere", vec![Entry { countries: vec!["FR".into()], ..dach() }], 0),
        ("a territory of the partner", vec![Entry { partners: own(), ..dach() }], 0),
        ("an assignment in the console", vec![dach(), Entry { partners: ours(), ..dach() }], 0),
        ("an assignment that is over", vec![dach(), Entry { partners: ours(), until: Some(at), ..dach() }], 1),
        ("a territory of the archetype", vec![Entry { archetypes: vec!["reseller".into()], ..dach() }], 0),
        ("a territory of another tier", vec![Entry { tiers: vec!["gold".into()], ..dach() }], 1),
        ("an account of the vendor", vec![named()], 1),
        ("an account of another partner", vec![Entry { partners: others(), ..named() }], 1),
        ("the own account", vec![Entry { partners: own(), ..named() }], 0),
        ("the own account and the vendor's", vec![named(), Entry { partners: ours(), ..named() }], 0),
        ("another customer", vec![Entry { domain: domain("other.de"), ..named() }], 0),
        ("an account from later on", vec![Entry { from: Some(at.plus_micros(1)), ..named() }], 0),
        ("a customer left alone by all", vec![alone()], 1),
        ("one left alone by this partner", vec![Entry { partners: own(), ..alone() }], 1),
        ("one left alone by others", vec![Entry { partners: others(), ..alone() }], 0),
        ("all at once", vec![dach(), named(), alone()], 3),
    ] {
        let claimant =
            Claimant { partner, domain: Some("ada.example"), archetype: Some("reseller"), tier: Some("silver") };
        let typed = Normalized { country: Some("DE".into()), ..Normalized::default() };
        let known =
            Normalized { domain: domain("brandt.de"), vat_number: domain("DE136695976"), ..Normalized::default() };
        let found = examine(&entries, &claimant, &[typed, known], at);
        assert_eq!(found.restrictions.len(), stands, "{what}: {found:?}");
        assert_eq!(found.own_account.is_some(), what.starts_with("the own account"), "{what}");
    }
}

const IN_PROGRAM: &str = "precedence = [\"tier\", \"registered_at\"]\n\n[[territory]]\nkey = \"nordics\"\ntitle = \"Nordics\"\n\
    countries = [\"SE\", \"NO\"]\narchetypes = [\"si\"]\n\n[[named_account]]\nkey = \"brandt\"\ntitle = \"Brandt of the key account team\"\n\
    domain = \"brandt-logistik.de\"\notherwise = \"review\"\n";

both_databases! { install;
    // covers: G19, P19
    async fn lists_refuse_or_ask_without_saying_whose_the_customer_is(t: Trial) {
        changed(t, &[("engagement.toml", "precedence = [\"tier\", \"registered_at\"]", IN_PROGRAM)]).await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let (bell_id, bell) = partner(t, "Bell Partners", "bronze").await;
        let asked = register(t, &ada, brandt()).await;
        assert_eq!((asked.deal.state, codes(&asked.reasons)), (State::PendingApproval, vec!["named_account"]));
        let own = serde_json::to_string(&t.ask_as(&ada, GetDeal { deal: asked.deal.id }).await.unwrap()).unwrap();
        assert!(!own.contains("key account team") && !own.contains("named_account.brandt"), "{own}");
        let shown = serde_json::to_string(&show(t, asked.deal.id).await.decisions).unwrap();
        assert!(shown.contains("key account team"), "{shown}");
        let swede = || crate::registration::EndCustomer { country: Some("SE".into()), ..customer("Ostra Frakt AB") };
        let refused = register(t, &ada, swede()).await;
        assert_eq!((refused.deal.state, codes(&refused.reasons)), (State::Rejected, vec!["out_of_territory"]));
        let assign = AddListEntry {
            list: List::Territory,
            title: "Bell in the north".into(),
            territory: Some("nordics".into()),
            domain: None,
            vat_number: None,
            partner: Some(bell_id),
            otherwise: Otherwise::Reject,
            from: None,
            until: Some("2026-03-31".parse().unwrap()),
            reason: "Opens an office in Oslo".into(),
        };
        let entry = t.run_as(&head(t), assign.clone()).await.unwrap();
        assert_eq!(register(t, &bell, swede()).await.deal.state, State::Approved);
        t.run_as(&head(t), EndListEntry { entry: entry.id, reason: "Closed again".into() }).await.unwrap();
        t.clock.advance_days(1);
        let late = crate::registration::EndCustomer { country: Some("SE".into()), ..customer("Malmo Kurir AB") };
        assert_eq!(register(t, &bell, late).await.deal.state, State::Rejected);
        let again = EndListEntry { entry: entry.id, reason: "Twice".into() };
        assert!(matches!(t.run_as(&head(t), again).await, Err(Error::Conflict { .. })));
        assert!(matches!(t.run_as(&bell, assign).await, Err(Error::Forbidden { .. })));
        assert!(matches!(t.ask_as(&bell, ListEntries::default()).await, Err(Error::Forbidden { .. })));
        assert_eq!(t.ask(ListEntries::default()).await.unwrap().items.len(), 1);
    }

    async fn an_entry_says_what_it_lacks(t: Trial) {
        program_as_shipped(t).await;
        let wrong = AddListEntry {
            list: List::NoPoach,
            title: "Brandt".into(),
            territory: None,
            domain: None,
            vat_number: None,
            partner: None,
            otherwise: Otherwise::Reject,
            from: Some("2026-05-01".parse().unwrap()),
            until: Some("2026-04-01".parse().unwrap()),
            reason: "Agreed".into(),
        };
        let Err(Error::Invalid(faults)) = t.run(wrong.clone()).await else { panic!() };
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["domain", "until"]);
        let right = AddListEntry { domain: Some("https://www.brandt-logistik.de/".into()), until: None, from: None, ..wrong };
        t.run(right).await.unwrap();
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let refused = register(t, &ada, brandt()).await;
        assert_eq!((refused.deal.state, codes(&refused.reasons)), (State::Rejected, vec!["not_open"]));
    }
}
