use kernel::app::ReadCx;
use programs::Impact;
use trial::both_databases;

use super::*;

fn northwind(changes: &[(&str, &str)]) -> law::Program {
    let shipped = law::shipped().iter().find(|program| program.key == "northwind").unwrap();
    let mut files = shipped.files();
    for (old, new) in changes {
        let deals = files.get_mut("deals.toml").unwrap();
        *deals = deals.replace(old, new);
    }
    law::Program::load(&files).unwrap()
}

both_databases! { install;
    async fn a_plan_names_the_open_deals_that_it_touches(t: Trial) {
        program(t, &[]).await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let (_, bell) = partner(t, "Bell Partners", "bronze").await;
        let protected = register(t, &ada, brandt()).await.deal;
        let waiting = register(t, &bell, brandt()).await.deal;
        let before = northwind(&[]);
        let after = northwind(&[
            ("protection_days = 90", "protection_days = 60"),
            ("inactivity_days = 45", "inactivity_days = 30"),
            ("review_above = \"EUR 250000.00\"", "review_above = \"EUR 10000.00\""),
        ]);
        let impact = t.app.registry().parts::<Impact>();
        let deals = impact.iter().find(|impact| impact.title == "Open deals").unwrap();
        let mut tx = t.app.db().read().await.unwrap();
        let scope = t.system.scope();
        let mut cx = ReadCx { tx: &mut tx, now: t.now(), actor: &t.system, scope, app: &t.app };
        let affected = (deals.assess)(&mut cx, Some(&before), &after).await.unwrap();
        let mut found: Vec<(String, &str)> = affected.iter().map(|a| (a.subject.clone(), a.what.as_str())).collect();
        found.sort();
        let mut expected = vec![
            (protected.id.to_string(), "expires without activity"),
            (waiting.id.to_string(), "decided by"),
            (waiting.id.to_string(), "protection once approved"),
        ];
        expected.sort();
        assert_eq!(found, expected);
        assert_eq!((deals.assess)(&mut cx, Some(&before), &before).await.unwrap(), vec![]);
    }

    async fn decisions_are_computed_again_from_what_was_stored(t: Trial) {
        program(t, &[]).await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let (_, bell) = partner(t, "Bell Partners", "gold").await;
        register(t, &ada, brandt()).await;
        let queued = register(t, &bell, brandt()).await.deal.id;
        let doubtful = register(t, &bell, customer("Brandt Logistik")).await.deal.id;
        // A new law does not change what was decided under the old one.
        program(t, &[("protection_days = 90", "protection_days = 60")]).await;
        for deal in [queued, doubtful] {
            for decision in show(t, deal).await.decisions {
                let mut tx = t.app.db().read().await.unwrap();
                let explained = kernel::log::explain(&t.app, &mut tx, decision).await.unwrap();
                assert!(explained.reproduced, "{explained:?}");
                assert!(explained.decision.law.ends_with("/1"), "{}", explained.decision.law);
            }
        }
    }

    async fn slots_of_the_tier_limit_open_registrations(t: Trial) {
        program(t, &[]).await;
        let (id, ada) = partner(t, "Ada Systems", "bronze").await;
        t.run(Grant { partner: id, slots: 2 }).await.unwrap();
        let first = register(t, &ada, customer("Alpha Transport")).await.deal.id;
        register(t, &ada, customer("Beta Spedition")).await;
        let third = || claim_to(customer("Gamma Kurier"), "EUR 20000.00");
        let Err(Error::Refused { code, reasons, .. }) = t.run_as(&ada, third()).await else { panic!() };
        assert_eq!((code, reasons[0].remedy.is_some()), ("no_free_slot", true));
        t.run_as(&ada, WithdrawDeal { deal: first, reason: "no project".into() }).await.unwrap();
        assert_eq!(t.run_as(&ada, third()).await.unwrap().deal.state, State::Approved);
    }
}

/// Grant a partner deal slots.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(super) struct Grant {
    partner: PartnerId,
    slots: i64,
}

impl Grant {
    pub(super) const fn of(partner: PartnerId, slots: i64) -> Self {
        Self { partner, slots }
    }
}

impl Operation for Grant {
    const NAME: &'static str = "test.grant";
    const ROUTE: Route = post("/test/grants");
    const ACCESS: Access = Access::Open;
    type Output = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        let grant = controls::Grant {
            control: "deal_slots".to_owned(),
            value: law::BenefitValue::Count(self.slots),
            cites: "tiers.toml".to_owned(),
        };
        controls::replace(cx, self.partner, "tier", "bronze", "northwind/1", vec![grant]).await
    }
}
