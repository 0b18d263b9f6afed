#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use trial::{Trial, both_databases};
use ui::{PageCx, PageSpec};

use super::{GetDriver, ListDrivers};
use crate::credentials::CredentialStatus;
use crate::enforcement::{evaluate, settle};
use crate::evaluation::Assignment;
use crate::policy::Order;
use crate::scene::{apply_northwind, deliver, dispatch, install, licence, source};

async fn show(t: &Trial, path: &str, params: &[(&str, &str)], query: &[(&str, &str)]) -> String {
    let pages = t.app.registry().parts::<PageSpec>();
    let page = pages.iter().find(|page| page.path == path).unwrap();
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let cx = PageCx {
        app: t.app.clone(),
        actor: t.system.clone(),
        now: t.now(),
        zone: jiff::tz::TimeZone::UTC,
        path: path.to_owned(),
        params: params.iter().map(pair).collect::<BTreeMap<_, _>>(),
        query: query.iter().map(pair).collect(),
        csrf: "token".into(),
        refilled: None,
    };
    (page.render)(&cx).await.unwrap().body.0
}

both_databases! { install;
    async fn of_several_sources_the_latest_governs_and_none_overwrites_another(t: Trial) {
        apply_northwind(t).await;
        let (one, two) = (source(t, None).await, source(t, None).await);
        deliver(t, &one, "msg_1", &licence("suspended", t.now().plus_hours(-1))).await;
        deliver(t, &two, "msg_1", &licence("valid", t.now())).await;
        let driver = t.ask(GetDriver { driver: "drv_1".into() }).await.unwrap();
        let seen: Vec<(bool, CredentialStatus)> =
            driver.credentials.iter().map(|each| (each.governs, each.statement.fact.status)).collect();
        assert!(seen.contains(&(true, CredentialStatus::Valid)) && seen.contains(&(false, CredentialStatus::Suspended)));
        let listed = t.ask(ListDrivers { text: Some("DRV".into()), ..Default::default() }).await.unwrap().items;
        assert_eq!((listed.len(), listed[0].status, listed[0].credentials), (1, CredentialStatus::Valid, 1));
        settle(&t.app).await.unwrap();
    }

    async fn the_pages_show_credentials_decisions_and_a_trial(t: Trial) {
        apply_northwind(t).await;
        let feed = source(t, None).await;
        deliver(t, &feed, "msg_1", &licence("suspended", t.now())).await;
        let order = Order { id: "ord_1".into(), ..Order::default() };
        evaluate(&t.app, &dispatch(t), Assignment { driver: "drv_1".into(), order }).await.unwrap();
        settle(&t.app).await.unwrap();
        let driver = show(t, "/gate/drivers/{driver}", &[("driver", "drv_1")], &[]).await;
        for words in ["Suspended", "checkr via Credential feed", "The driving licence is not valid", "Applied"] {
            assert!(driver.contains(words), "{words}");
        }
        let gate = show(t, "/gate", &[], &[("driver", "drv_2")]).await;
        for words in ["licence-valid", "Credential provider", "Denied", "No driving licence is on file", "promise"] {
            assert!(gate.contains(words), "{words}");
        }
        for path in ["/gate/drivers", "/gate/decisions"] {
            assert!(show(t, path, &[], &[]).await.contains("drv_1"), "{path}");
        }
        assert!(show(t, "/gate/sources", &[], &[]).await.contains("Credential feed"));
    }
}
