#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use kernel::{Error, Rate, Rule as _};
use trial::both_databases;

use super::rule::{QualificationFacts, QualificationRule, QualificationTerms, Recommendation, Score};
use super::{GetQualification, ScoreApplicant};
use crate::fixture::{company, enact, install, northwind, page};
use crate::intake::Apply;

fn terms() -> QualificationTerms {
    let shipped = law::shipped().iter().find(|program| program.key == "northwind").unwrap();
    let program = law::Program::load(&shipped.files()).unwrap();
    QualificationTerms { qualification: program.partnership.qualification.unwrap() }
}

fn facts(scores: &[(&str, u8)]) -> QualificationFacts {
    let pairs =
        scores.iter().map(|(key, score)| ((*key).to_owned(), Score { score: *score, id: format!("qsc_{key}") }));
    QualificationFacts { scores: pairs.collect::<BTreeMap<_, _>>() }
}

// covers: P2
#[test]
fn the_weighted_total_recommends() {
    let all = |fit, others| {
        let keys = ["reach", "brand", "resources", "culture", "technical"];
        facts(&[("strategic-fit", fit)].into_iter().chain(keys.map(|key| (key, others))).collect::<Vec<_>>())
    };
    for (facts, recommendation, total) in [
        (all(5, 5), Recommendation::TakeIn, "100%"),
        // Exactly the threshold is enough.
        (all(4, 3), Recommendation::TakeIn, "65%"),
        (all(3, 3), Recommendation::LookCloser, "60%"),
        (all(4, 4), Recommendation::TakeIn, "80%"),
        (all(2, 2), Recommendation::TurnDown, "40%"),
        // A good total does not make up for what nobody is recommended without.
        (all(1, 5), Recommendation::LookCloser, "80%"),
        (facts(&[("strategic-fit", 5)]), Recommendation::Incomplete, "25%"),
        (facts(&[]), Recommendation::Incomplete, "0%"),
    ] {
        let verdict = QualificationRule::decide(&terms(), &facts);
        assert_eq!(
            (verdict.outcome.recommendation, verdict.outcome.total),
            (recommendation, total.parse::<Rate>().unwrap())
        );
        assert!(verdict.reasons.iter().all(|reason| reason.audience == kernel::Audience::Vendor));
    }
}

both_databases! { install;
    // covers: P2
    async fn an_application_is_scored_with_evidence_and_the_page_says_what_is_recommended(t: Trial) {
        enact(t, northwind()).await;
        let apply = Apply { company: company("Brandt"), archetype: Some("reseller".into()), message: None };
        let partner = t.run(apply).await.unwrap().partner;
        let score = |criterion: &str, score, evidence: &str| ScoreApplicant {
            partner, criterion: criterion.into(), score, evidence: evidence.into(),
        };
        for (criterion, value, evidence, field) in
            [("charm", 3, "Nice people.", "criterion"), ("reach", 6, "Many.", "score"), ("reach", 3, " ", "evidence")]
        {
            let Err(Error::Invalid(fields)) = t.run(score(criterion, value, evidence)).await else { panic!("taken") };
            assert_eq!(fields[0].field, field);
        }
        let vera = t.staff(&["*"], &["partner_ops"]);
        for key in ["strategic-fit", "reach", "brand", "resources", "culture"] {
            let so_far = t.run_as(&vera, score(key, 4, "Three references were called.")).await.unwrap();
            assert_eq!(so_far.recommendation, Recommendation::Incomplete);
        }
        let whole = t.run_as(&vera, score("technical", 3, "The sandbox integration works.")).await.unwrap();
        assert_eq!((whole.recommendation, whole.total.to_string()), (Recommendation::TakeIn, "77%".to_owned()));
        // A score that is given again takes the place of the first.
        let corrected = t.run_as(&vera, score("technical", 0, "It was somebody else's sandbox.")).await.unwrap();
        assert_eq!(corrected.total.to_string(), "68%");
        let view = t.ask(GetQualification { partner }).await.unwrap().unwrap();
        let decision = view.decision.unwrap();
        assert_eq!((decision.law.as_str(), decision.partner), ("northwind/1", None));
        let mut tx = t.app.db().read().await.unwrap();
        assert!(kernel::log::explain(&t.app, &mut tx, decision).await.unwrap().reproduced);
        tx.rollback().await.unwrap();
        let shown = page(t, &vera, &format!("/partners/{partner}/qualification"), &[]).await;
        assert!(shown.contains("Take it in") && shown.contains("Vera Vendor"), "{shown}");
        let shown = page(t, &vera, &format!("/partners/{partner}"), &[]).await;
        assert!(shown.contains("6 of 6 criteria are scored"), "{shown}");
    }

    async fn a_partner_neither_scores_nor_sees_what_is_thought_of_it(t: Trial) {
        enact(t, northwind()).await;
        let apply = Apply { company: company("Brandt"), archetype: None, message: None };
        let partner = t.run(apply).await.unwrap().partner;
        let paula = t.partner_person(partner);
        let own = ScoreApplicant { partner, criterion: "reach".into(), score: 5, evidence: "We are great.".into() };
        assert!(matches!(t.run_as(&paula, own).await, Err(Error::Forbidden { .. })));
        assert!(matches!(t.ask_as(&paula, GetQualification { partner }).await, Err(Error::Forbidden { .. })));
    }
}
