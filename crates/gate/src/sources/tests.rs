#![allow(clippy::unwrap_used)]

use kernel::{Error, PartnerId};
use trial::both_databases;

use super::{CreateSource, DisableSource, ListSources, RotateSource, shown_once};
use crate::drivers::{GetDriver, ListDrivers};
use crate::enforcement::{GetGate, ListDecisions};
use crate::scene::{apply_northwind, deliver, install, licence, source};

both_databases! { install;
    async fn a_partner_reaches_its_own_sources_and_statements_only(t: Trial) {
        apply_northwind(t).await;
        let (north, south): (PartnerId, PartnerId) = (t.app.new_id(t.now()), t.app.new_id(t.now()));
        let (paula, other) = (t.partner_person(north), t.partner_person(south));
        let own = t.run_as(&paula, CreateSource { name: "North feed".into(), partner: None }).await.unwrap();
        let foreign = source(t, Some(south)).await;
        let create = CreateSource { name: "x".into(), partner: Some(south) };
        assert!(matches!(t.run_as(&paula, create).await, Err(Error::NotFound { .. })));
        let listed = t.ask_as(&paula, ListSources::default()).await.unwrap().items;
        assert_eq!(listed.iter().map(|each| each.id).collect::<Vec<_>>(), [own.id]);
        assert_eq!(t.ask(ListSources::default()).await.unwrap().items.len(), 2);
        for refused in [
            t.run_as(&paula, RotateSource { source: foreign.id }).await.map(drop),
            t.run_as(&paula, DisableSource { source: foreign.id }).await.map(drop),
        ] {
            assert!(matches!(refused, Err(Error::NotFound { .. })));
        }

        deliver(t, &own, "msg_1", &licence("valid", t.now())).await;
        assert_eq!(t.ask_as(&paula, ListDrivers::default()).await.unwrap().items.len(), 1);
        assert_eq!(t.ask(ListDrivers::default()).await.unwrap().items.len(), 1);
        assert!(t.ask_as(&other, ListDrivers::default()).await.unwrap().items.is_empty());
        let driver = GetDriver { driver: "drv_1".into() };
        assert_eq!(t.ask_as(&paula, driver.clone()).await.unwrap().updates.len(), 1);
        assert!(matches!(t.ask_as(&other, driver).await, Err(Error::NotFound { .. })));
        assert!(matches!(t.ask_as(&paula, ListDecisions::default()).await, Err(Error::Forbidden { .. })));
        assert!(t.ask_as(&paula, GetGate {}).await.unwrap().decisions.is_none());
        crate::settle(&t.app).await.unwrap();
    }

    async fn a_secret_is_shown_once_and_stored_sealed(t: Trial) {
        let issued = source(t, None).await;
        let view = shown_once("sources.create", &serde_json::to_value(&issued).unwrap()).unwrap();
        assert!(view.body.0.contains(&issued.secret));
        assert!(shown_once("sources.disable", &serde_json::json!({})).is_none());
        let mut tx = t.app.db().read().await.unwrap();
        for (sql, column) in [("SELECT body FROM log_entry", "body"), ("SELECT data FROM event", "data")] {
            let texts = tx.all(sql, &[], |row| row.get::<String>(column)).await.unwrap();
            assert!(texts.iter().all(|text| !text.contains("whsec_")));
        }
        let sealed = tx.all("SELECT secret FROM webhook_source", &[], |row| row.get::<Vec<u8>>("secret")).await.unwrap();
        assert!(!sealed[0].windows(6).any(|part| part == b"whsec_"));
        tx.rollback().await.unwrap();
    }
}
