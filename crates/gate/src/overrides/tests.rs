#![allow(clippy::unwrap_used)]

use kernel::Error;
use trial::both_databases;

use super::{EndOverride, GrantOverride, ListOverrides};
use crate::enforcement::{evaluate, settle};
use crate::evaluation::Assignment;
use crate::policy::{Answer, Order};
use crate::scene::{apply_northwind, dispatch, install};

fn grant(policy: &str, order: Option<&str>) -> GrantOverride {
    GrantOverride {
        driver: "drv_1".into(),
        order: order.map(str::to_owned),
        policy: policy.into(),
        reason: "The paper licence was seen at the depot".into(),
        hours: 4,
    }
}

fn assignment(order: &str) -> Assignment {
    Assignment { driver: "drv_1".into(), order: Order { id: order.into(), ..Order::default() } }
}

both_databases! { install;
    // covers: G3
    async fn an_override_lets_one_driver_pass_until_it_expires(t: Trial) {
        apply_northwind(t).await;
        let security = t.staff(&["gate.*"], &["security"]);
        let answer = async |order: &str| evaluate(&t.app, &dispatch(t), assignment(order)).await.unwrap();
        assert_eq!(answer("ord_1").await.answer(), Answer::Deny);
        let granted = t.run_as(&security, grant("licence-valid", Some("ord_1"))).await.unwrap();
        let passed = answer("ord_1").await;
        assert_eq!((passed.answer(), passed.overridden), (Answer::Allow, true));
        assert_eq!(passed.verdict.reasons[0].evidence, [granted.id.to_string()]);
        assert!(passed.verdict.reasons[0].text.contains("Vera Vendor"), "{}", passed.verdict.reasons[0].text);
        assert_eq!(answer("ord_2").await.answer(), Answer::Deny);

        let mut tx = t.app.db().read().await.unwrap();
        let sql = "SELECT * FROM decision WHERE id = $1";
        let stored = tx.one(sql, kernel::params![passed.decision.unwrap()], kernel::log::read_decision).await.unwrap();
        assert!(kernel::log::explain(&t.app, &mut tx, stored.unwrap()).await.unwrap().reproduced);
        tx.rollback().await.unwrap();

        t.clock.advance(4 * kernel::time::HOUR);
        assert_eq!(answer("ord_1").await.answer(), Answer::Deny);
        settle(&t.app).await.unwrap();
    }

    async fn an_override_is_ended_at_once(t: Trial) {
        apply_northwind(t).await;
        let security = t.staff(&["gate.*"], &["security"]);
        let granted = t.run_as(&security, grant("licence-valid", None)).await.unwrap();
        let answer = async || evaluate(&t.app, &dispatch(t), assignment("ord_1")).await.unwrap().answer();
        assert_eq!(answer().await, Answer::Allow);
        t.clock.advance(1);
        t.run_as(&security, EndOverride { granted: granted.id }).await.unwrap();
        assert_eq!(answer().await, Answer::Deny);
        assert!(t.ask(ListOverrides::default()).await.unwrap().items.is_empty());
        let again = t.run_as(&security, EndOverride { granted: granted.id }).await;
        assert!(matches!(again, Err(Error::Conflict { code: "override_ended", .. })));
    }

    async fn only_the_roles_of_the_policy_override_it_with_reason_and_end(t: Trial) {
        apply_northwind(t).await;
        let (security, engineer) = (t.staff(&["gate.*"], &["security"]), t.staff(&["gate.*"], &["engineering"]));
        let refused = t.run_as(&engineer, grant("licence-valid", None)).await;
        assert!(matches!(refused, Err(Error::Refused { code: "not_an_override_role", .. })));
        // Nobody is named for this one.
        let refused = t.run_as(&security, grant("medical-valid", None)).await;
        assert!(matches!(refused, Err(Error::Refused { .. })));
        for wrong in [
            grant("licence", None),
            GrantOverride { reason: " ".into(), ..grant("licence-valid", None) },
            GrantOverride { hours: 0, ..grant("licence-valid", None) },
            GrantOverride { hours: 169, ..grant("licence-valid", None) },
        ] {
            assert!(matches!(t.run_as(&security, wrong).await, Err(Error::Invalid(_))));
        }
    }
}
