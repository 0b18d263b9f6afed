#![allow(clippy::unwrap_used)]

use kernel::Error;
use serde_json::json;
use trial::both_databases;

use super::{ReceiveCredential, RefuseMessage};
use crate::drivers::GetDriver;
use crate::scene::{apply_northwind, deliver, install, licence, post, problem_fields, source};
use crate::sources::{DisableSource, RotateSource};
use crate::webhooks::{WebhookKey, signed_headers};

both_databases! { install;
    async fn a_message_is_taken_once_and_late_news_change_nothing(t: Trial) {
        apply_northwind(t).await;
        let feed = source(t, None).await;
        let (early, late) = (t.now().plus_hours(-2), t.now().plus_hours(-1));
        let (status, first) = deliver(t, &feed, "msg_1", &licence("suspended", late)).await;
        assert_eq!((status, &first["arrival"], &first["duplicate"]), (200, &json!("applied"), &json!(false)));
        let (status, again) = deliver(t, &feed, "msg_1", &licence("suspended", late)).await;
        assert_eq!((status, &again["duplicate"]), (200, &json!(true)));
        for (id, data, arrival) in [
            ("msg_2", licence("valid", early), "stale"),
            ("msg_3", licence("suspended", late), "duplicate"),
            ("msg_4", licence("valid", late), "tie_kept"),
            ("msg_5", licence("revoked", late), "tie_applied"),
        ] {
            assert_eq!(deliver(t, &feed, id, &data).await.1["arrival"], json!(arrival), "{id}");
        }
        crate::settle(&t.app).await.unwrap();
        let driver = t.ask(GetDriver { driver: "drv_1".into() }).await.unwrap();
        assert_eq!(driver.credentials[0].statement.fact.status.as_str(), "revoked");
        assert_eq!(driver.updates.len(), 5);
        let measured = driver.updates.iter().filter(|update| update.effect_micros.is_some()).count();
        assert_eq!((measured, driver.timeline.len()), (2, 2));
    }

    async fn only_what_the_source_signed_just_now_is_believed(t: Trial) {
        apply_northwind(t).await;
        let (feed, other) = (source(t, None).await, source(t, None).await);
        let body = json!({ "type": "credential.updated", "timestamp": t.now(), "data": licence("valid", t.now()) });
        let body = body.to_string();
        let sign = |secret: &str, at: kernel::Timestamp| {
            signed_headers(&WebhookKey::parse(secret).unwrap(), "msg_1", at, body.as_bytes()).unwrap().to_vec()
        };
        let forged = body.replace("valid", "revoked");
        for (name, headers, body, status, code) in [
            ("forged body", sign(&feed.secret, t.now()), &forged, 401, "webhook_signature_wrong"),
            ("foreign secret", sign(&other.secret, t.now()), &body, 401, "webhook_signature_wrong"),
            ("old", sign(&feed.secret, t.now().plus_seconds(-301)), &body, 401, "webhook_too_old"),
            ("early", sign(&feed.secret, t.now().plus_seconds(301)), &body, 401, "webhook_too_new"),
            ("unsigned", vec![], &body, 400, "webhook_header_missing"),
        ] {
            let (found, problem) = post(t, &feed, headers, body.clone()).await;
            assert_eq!((found, problem["code"].as_str().unwrap()), (status, code), "{name}");
        }
        assert!(matches!(t.ask(GetDriver { driver: "drv_1".into() }).await, Err(Error::NotFound { .. })));
        assert_eq!(post(t, &feed, sign(&feed.secret, t.now().plus_seconds(-299)), body.clone()).await.0, 200);
    }

    // covers: B7.5
    async fn fields_outside_the_data_contract_are_refused_by_name(t: Trial) {
        apply_northwind(t).await;
        let feed = source(t, None).await;
        let mut data = licence("valid", t.now());
        data["date_of_birth"] = json!("1984-02-29");
        let (status, problem) = deliver(t, &feed, "msg_1", &data).await;
        assert_eq!((status, problem_fields(&problem)), (422, vec!["data.date_of_birth".to_owned()]));
        assert_eq!(deliver(t, &feed, "msg_1", &data).await.0, 422);
        let mut tx = t.app.db().read().await.unwrap();
        let sql = "SELECT summary, data FROM event WHERE kind = 'credential.refused'";
        let told = tx
            .all(sql, &[], |row| Ok(format!("{}{}", row.get::<String>("summary")?, row.get::<String>("data")?)))
            .await
            .unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("data.date_of_birth") && !told[0].contains("1984"));
        // The same message, corrected, is taken.
        assert_eq!(deliver(t, &feed, "msg_1", &licence("valid", t.now())).await.0, 200);
        assert_eq!(deliver(t, &feed, "msg_2", &json!({})).await.0, 422);
    }

    async fn a_rotated_secret_is_believed_for_a_day_and_a_disabled_source_never(t: Trial) {
        apply_northwind(t).await;
        let old = source(t, None).await;
        let new = t.run(RotateSource { source: old.id }).await.unwrap();
        assert_ne!(old.secret, new.secret);
        assert_eq!(deliver(t, &old, "msg_1", &licence("valid", t.now())).await.0, 200);
        assert_eq!(deliver(t, &new, "msg_2", &licence("valid", t.now())).await.0, 200);
        t.clock.advance_days(1);
        assert_eq!(deliver(t, &old, "msg_3", &licence("valid", t.now())).await.0, 401);
        assert_eq!(deliver(t, &new, "msg_3", &licence("valid", t.now())).await.0, 200);
        t.run(DisableSource { source: old.id }).await.unwrap();
        assert_eq!(deliver(t, &new, "msg_4", &licence("valid", t.now())).await.0, 410);
    }

    async fn a_person_states_facts_within_the_same_contract(t: Trial) {
        apply_northwind(t).await;
        let feed = source(t, None).await;
        let mut fact: crate::credentials::CredentialFact =
            serde_json::from_value(licence("valid", t.now())).unwrap();
        let state = |fact: &crate::credentials::CredentialFact| ReceiveCredential {
            source: feed.id,
            message: "by hand".into(),
            received_at: None,
            fact: fact.clone(),
        };
        fact.subject = "a\nb".into();
        assert!(matches!(t.run(state(&fact)).await, Err(Error::Invalid(_))));
        fact.subject = "drv_9".into();
        assert!(t.run(state(&fact)).await.unwrap().update.is_some());
        let security = t.staff(&["credentials.*"], &["security"]);
        let refusal = RefuseMessage { source: feed.id, message: "m".into(), fields: vec![] };
        assert!(matches!(t.run_as(&security, refusal).await, Err(Error::Forbidden { .. })));
    }
}
