//! Coming in again: only with the help of somebody who may give it, and never past the other half of the proof.

#![allow(clippy::unwrap_used)]

use kernel::{Actor, ActorKind, Error, PersonId, Secret};
use trial::{Trial, both_databases};

use super::*;
use crate::members::{Deactivate, GetPerson, Me};
use crate::sign_in::{ConfirmSecondFactor, SetUpSecondFactor, SignIn, Sweep};
use crate::stage::{
    PASSWORD, attempt, code_at, enter, install, join, joined, nothing_leaked, page, partner, program, says, sign_in,
};
use crate::{anonymous, authenticate_session};

const VERA: &str = "vera@northwind.example";
const OTTO: &str = "otto@northwind.example";
const PAULA: &str = "paula@atlantic.example";
const NEW: &str = "violet anchor stubborn river";

fn person_of(actor: &Actor) -> PersonId {
    let ActorKind::Person(person) = actor.kind else { panic!("no person") };
    person
}

async fn link(t: &Trial, by: &Actor, person: PersonId) -> kernel::Result<String> {
    let made = t.run_as(by, ResetPassword { person }).await?;
    Ok(made.link.strip_prefix("/passwords/").unwrap().to_owned())
}

async fn choose(t: &Trial, token: &str, password: &str) -> kernel::Result<PersonSummary> {
    let choose = ChoosePassword { token: Secret::new(token), password: Secret::new(password) };
    t.run_as(&anonymous(t.organization), choose).await
}

fn unknown<T: std::fmt::Debug>(result: kernel::Result<T>) {
    assert!(matches!(result, Err(Error::Conflict { code: "link_unknown", .. })), "{result:?}");
}

async fn protect(t: &Trial, actor: &Actor) -> String {
    let pending = t.run_as(actor, SetUpSecondFactor { password: None }).await.unwrap();
    let code = Secret::new(code_at(&pending.secret, t.now()));
    t.run_as(actor, ConfirmSecondFactor { code, session: None }).await.unwrap();
    pending.secret
}

both_databases! { install;
    async fn a_link_lets_choose_a_password_once(t: Trial) {
        let vera = joined(t, VERA, "owner", None).await;
        let otto = join(t, OTTO, "finance", None).await;
        let (session, _) = enter(t, OTTO).await;
        let first = link(t, &vera, otto).await.unwrap();
        let second = link(t, &vera, otto).await.unwrap();
        unknown(choose(t, &first, NEW).await);
        assert!(open_password_reset(&t.app, &first).await.unwrap().is_none(), "a new link replaces the one before");
        assert_eq!(open_password_reset(&t.app, &second).await.unwrap().unwrap().email, OTTO);
        assert!(authenticate_session(&t.app, &session).await.unwrap().is_some(), "making a link changes nothing yet");
        assert!(matches!(choose(t, &second, "too short").await, Err(Error::Invalid(_))));
        assert_eq!(choose(t, &second, NEW).await.unwrap().id, otto);
        assert!(authenticate_session(&t.app, &session).await.unwrap().is_none());
        assert!(matches!(sign_in(t, attempt(OTTO, PASSWORD)).await.unwrap(), SignIn::Refused { .. }));
        assert!(matches!(sign_in(t, attempt(OTTO, NEW)).await.unwrap(), SignIn::SignedIn { .. }));
        unknown(choose(t, &second, PASSWORD).await);
        let told = t.ask_as(&vera, GetPerson { person: otto }).await.unwrap().timeline;
        for kind in ["person.password_reset", "person.password_chosen"] {
            assert!(told.iter().any(|event| event.kind == kind), "{kind}");
        }
        nothing_leaked(t, &[&first, &second, NEW]).await;
    }

    async fn a_link_ends_after_a_day_and_with_its_account(t: Trial) {
        join(t, VERA, "owner", None).await;
        let otto = joined(t, OTTO, "finance", None).await;
        let operator = Actor::system(t.organization, "command line");
        let late = link(t, &operator, person_of(&otto)).await.unwrap();
        t.clock.advance_days(1);
        unknown(choose(t, &late, NEW).await);
        t.run(Sweep {}).await.unwrap();
        let mut tx = t.app.db().read().await.unwrap();
        assert_eq!(tx.number("SELECT COUNT(*) FROM password_reset", &[]).await.unwrap(), 0);
        tx.rollback().await.unwrap();
        let gone = link(t, &operator, person_of(&otto)).await.unwrap();
        t.run(Deactivate { person: person_of(&otto) }).await.unwrap();
        unknown(choose(t, &gone, NEW).await);
        assert!(matches!(link(t, &operator, person_of(&otto)).await, Err(Error::Conflict { .. })));
        unknown(choose(t, "", NEW).await);
    }

    async fn a_password_that_is_known_ends_the_link(t: Trial) {
        let vera = joined(t, VERA, "owner", None).await;
        let otto = joined(t, OTTO, "finance", None).await;
        let token = link(t, &vera, person_of(&otto)).await.unwrap();
        let change = crate::sign_in::ChangePassword {
            current_password: Secret::new(PASSWORD), new_password: Secret::new(NEW), session: None,
        };
        t.run_as(&otto, change).await.unwrap();
        unknown(choose(t, &token, "another good long password").await);
    }

    // covers: B10.9
    async fn a_lost_second_factor_is_reset_and_asked_for_again(t: Trial) {
        let vera = joined(t, VERA, "owner", None).await;
        let otto = joined(t, OTTO, "finance", None).await;
        program(t, "required").await;
        protect(t, &otto).await;
        let token = link(t, &vera, person_of(&otto)).await.unwrap();
        choose(t, &token, NEW).await.unwrap();
        assert!(matches!(sign_in(t, attempt(OTTO, NEW)).await.unwrap(), SignIn::CodeNeeded { .. }), "a link is no second factor");
        t.run_as(&vera, ResetSecondFactor { person: person_of(&otto) }).await.unwrap();
        let entered = sign_in(t, attempt(OTTO, NEW)).await.unwrap();
        assert!(matches!(entered, SignIn::SignedIn { needs_second_factor: true, .. }), "{entered:?}");
        let account = t.ask_as(&otto, Me {}).await.unwrap().account;
        assert!(!account.second_factor && account.recovery_codes_left == 0);
        let again = t.run_as(&vera, ResetSecondFactor { person: person_of(&otto) }).await;
        assert!(matches!(again, Err(Error::Conflict { code: "no_second_factor", .. })), "{again:?}");
    }

    async fn nobody_helps_beyond_their_own_rights_or_themselves(t: Trial) {
        let vera = joined(t, VERA, "owner", None).await;
        let head = joined(t, "hanna@northwind.example", "head_of_partnerships", None).await;
        let ops = joined(t, OTTO, "partner_ops", None).await;
        let admin = joined(t, PAULA, "partner_admin", Some(partner(1))).await;
        let seller = joined(t, "sam@atlantic.example", "partner_seller", Some(partner(1))).await;
        let foreign = joined(t, "fay@fjord.example", "partner_admin", Some(partner(2))).await;
        for (who, whom, may) in [
            (&vera, &head, true), (&head, &ops, true), (&head, &admin, true), (&admin, &seller, true),
            (&head, &vera, false), (&ops, &head, false), (&ops, &seller, false), (&seller, &admin, false),
            (&foreign, &seller, false), (&admin, &ops, false), (&vera, &vera, false), (&admin, &admin, false),
        ] {
            let person = person_of(whom);
            protect(t, whom).await;
            let (link, reset) = (link(t, who, person).await, t.run_as(who, ResetSecondFactor { person }).await);
            assert_eq!((link.is_ok(), reset.is_ok()), (may, may), "{} helps {}: {link:?} {reset:?}", who.name, whom.name);
            if !may {
                t.clock.advance(30 * kernel::time::SECOND);
                t.run(ResetSecondFactor { person }).await.unwrap();
            }
        }
    }

    async fn the_page_of_a_person_offers_help_to_those_who_may_give_it(t: Trial) {
        let vera = joined(t, VERA, "owner", None).await;
        let otto = joined(t, OTTO, "finance", None).await;
        let auditor = joined(t, "aud@northwind.example", "auditor", None).await;
        protect(t, &otto).await;
        let person = person_of(&otto).to_string();
        let shown = page(t, &vera, "/people/{person}", &[("person", person.clone())]).await;
        says(&shown, &["/do/people.reset_password", "/do/people.reset_second_factor"]);
        let shown = page(t, &auditor, "/people/{person}", &[("person", person.clone())]).await;
        assert!(!shown.contains("people.reset_"));
        let input = serde_json::json!({ "person": person });
        let made = t.app.run_value(&vera, "people.reset_password", input, Default::default()).await.unwrap().output;
        says(&crate::shown_once("people.reset_password", &made).unwrap().body.0, &[made["link"].as_str().unwrap(), OTTO]);
        let token = made["link"].as_str().unwrap().rsplit('/').next().unwrap();
        let open = open_password_reset(&t.app, token).await.unwrap();
        says(&choose_password_page(token, open.as_ref(), None, "").0, &["/do/people.choose_password", OTTO, token]);
        says(&choose_password_page("other", None, None, "").0, &["does not work any more"]);
    }
}
