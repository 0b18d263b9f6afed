//! Signing in, by people and by those who guess.

#![allow(clippy::unwrap_used)]

use kernel::{Actor, Error, RunOptions, Secret, Timestamp};
use serde_json::json;
use trial::{Trial, both_databases};

use super::second_factor::{recovery_code, recovery_hash};
use super::throttle::{FREE_PER_ADDRESS, FREE_PER_SOURCE, wait_seconds};
use super::*;
use crate::members::{Me, UpdateProfile};
use crate::stage::{
    PASSWORD, attempt, code_at, enter, install, join, joined, nothing_leaked, partner, program, sign_in,
};
use crate::{authenticate_session, person_actor};

const VERA: &str = "vera@northwind.example";
const PAULA: &str = "paula@atlantic.example";

#[test]
fn a_password_is_long_rare_and_not_the_address() {
    for (text, good) in [
        (PASSWORD, true),
        ("short one", false),
        ("elevenchars", false),
        ("Password1234", false),
        ("QWERTY123456", false),
        ("aaaaaaaaaaaaaaaa", false),
        ("abababababababab", false),
        ("paula is my name", false),
        ("x paula@atlantic.example", false),
        ("été à la montagne", true),
    ] {
        assert_eq!(password::check(text, PAULA).is_ok(), good, "{text}");
    }
    assert!(password::check(&"long ".repeat(60), PAULA).is_err());
    assert!(password::check_hash("$2b$12$nope").is_err());
}

#[test]
fn each_failure_beyond_the_free_ones_doubles_the_wait() {
    let at = Timestamp::from_micros(1_800_000_000_000_000);
    for (failures, wait) in [(0, 0), (4, 0), (5, 10), (6, 20), (7, 40), (11, 640), (12, 900), (500, 900)] {
        assert_eq!(wait_seconds(failures, FREE_PER_ADDRESS, at, at), wait, "{failures}");
    }
    assert_eq!(wait_seconds(5, FREE_PER_ADDRESS, at, at.plus_seconds(4)), 6);
    assert_eq!(wait_seconds(5, FREE_PER_ADDRESS, at, at.plus_seconds(10)), 0);
    assert_eq!(wait_seconds(500, FREE_PER_ADDRESS, at, at.plus_days(1)), 0);
}

#[test]
fn a_recovery_code_reads_back_however_it_is_typed() {
    let person = kernel::PersonId::from_bytes([5; 16]);
    let code = recovery_code([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
    assert_eq!(code, "0123-4567-89ab-cdez");
    assert_eq!(recovery_hash(person, &code), recovery_hash(person, " 0123 456789ABCDEZ "));
    assert_ne!(recovery_hash(person, &code), recovery_hash(kernel::PersonId::from_bytes([6; 16]), &code));
}

#[test]
fn the_public_pages_keep_the_address_and_never_the_password() {
    let mut refilled = ui::Refilled { operation: "people.sign_in".to_owned(), ..Default::default() };
    refilled.values.insert("email".to_owned(), PAULA.to_owned());
    refilled.values.insert("password".to_owned(), PASSWORD.to_owned());
    refilled.errors.push(kernel::FieldError { field: "sign_in".to_owned(), rule: "that was not right".to_owned() });
    let page = sign_in_page(Some(&refilled), "csrf-token", "/deals").0;
    crate::stage::says(&page, &["/do/people.sign_in", PAULA, "that was not right", "csrf-token", "/deals"]);
    assert!(!page.contains(PASSWORD));
    let page = code_page("the-ticket", None, "csrf-token", "/deals").0;
    crate::stage::says(&page, &["/do/people.finish_sign_in", "the-ticket", "one-time-code"]);
}

fn refused(outcome: &SignIn) -> bool {
    matches!(outcome, SignIn::Refused { .. })
}

fn waits(result: kernel::Result<SignIn>) -> u64 {
    match result {
        Err(Error::TooMany { retry_after_seconds, .. }) => retry_after_seconds,
        other => panic!("not throttled: {other:?}"),
    }
}

/// Sets up a second factor: its seed and the recovery codes.
async fn protect(t: &Trial, actor: &Actor, session: Option<&str>) -> (String, Vec<String>) {
    let pending = t.run_as(actor, SetUpSecondFactor { password: None }).await.unwrap();
    let code = Secret::new(code_at(&pending.secret, t.now()));
    let confirm = ConfirmSecondFactor { code, session: session.map(Secret::new) };
    let ready = t.run_as(actor, confirm).await.unwrap();
    (pending.secret, ready.recovery_codes)
}

async fn ticket(t: &Trial, email: &str) -> String {
    match sign_in(t, attempt(email, PASSWORD)).await.unwrap() {
        SignIn::CodeNeeded { ticket } => ticket,
        other => panic!("no code was asked: {other:?}"),
    }
}

async fn finish(t: &Trial, ticket: &str, code: &str) -> kernel::Result<SignIn> {
    let step = FinishSignIn { ticket: Secret::new(ticket), code: Secret::new(code) };
    t.run_as(&anonymous(t.organization), step).await
}

both_databases! { install;
    async fn a_person_signs_in_and_out(t: Trial) {
        let id = join(t, PAULA, "partner_seller", Some(partner(1))).await;
        let (token, signed) = enter(t, " Paula@Atlantic.example ").await;
        assert_eq!((signed.person.id, signed.actor.partner), (id, Some(partner(1))));
        assert!(signed.actor.may("deals.register") && !signed.actor.may("deals.approve"));
        assert!(!signed.needs_second_factor && signed.zone == "UTC" && signed.csrf.len() == 32);
        let (second, other) = enter(t, PAULA).await;
        assert_ne!(other.csrf, signed.csrf);
        let out = SignOut { session: Some(Secret::new(&token)), everywhere: false };
        assert_eq!(t.run_as(&signed.actor, out).await.unwrap(), 1);
        assert!(authenticate_session(&t.app, &token).await.unwrap().is_none());
        assert!(authenticate_session(&t.app, &second).await.unwrap().is_some());
        enter(t, PAULA).await;
        let everywhere = SignOut { session: None, everywhere: true };
        assert_eq!(t.run_as(&signed.actor, everywhere).await.unwrap(), 2);
        assert!(authenticate_session(&t.app, &second).await.unwrap().is_none());
    }

    async fn wrong_unknown_and_deactivated_are_refused_alike(t: Trial) {
        join(t, PAULA, "partner_seller", Some(partner(1))).await;
        let gone = join(t, "gone@atlantic.example", "partner_seller", Some(partner(1))).await;
        t.run(crate::members::Deactivate { person: gone }).await.unwrap();
        let mut messages = Vec::new();
        for try_ in [attempt(PAULA, "not her password"), attempt("nobody@atlantic.example", PASSWORD),
            attempt("gone@atlantic.example", PASSWORD)]
        {
            let SignIn::Refused { message } = sign_in(t, try_).await.unwrap() else { panic!("let in") };
            messages.push(message);
        }
        messages.dedup();
        assert_eq!(messages.len(), 1);
    }

    async fn sessions_end_when_idle_and_in_any_case(t: Trial) {
        join(t, PAULA, "partner_seller", Some(partner(1))).await;
        let (idle, _) = enter(t, PAULA).await;
        let (busy, _) = enter(t, PAULA).await;
        for _ in 0..15 {
            t.clock.advance(11 * kernel::time::HOUR);
            assert!(authenticate_session(&t.app, &busy).await.unwrap().is_some());
        }
        assert!(authenticate_session(&t.app, &idle).await.unwrap().is_none());
        t.clock.advance(4 * kernel::time::HOUR);
        assert!(authenticate_session(&t.app, &busy).await.unwrap().is_none(), "older than a week");
        t.run(Sweep {}).await.unwrap();
        let mut tx = t.app.db().read().await.unwrap();
        assert_eq!(tx.number("SELECT COUNT(*) FROM session", &[]).await.unwrap(), 0);
    }

    async fn guessing_makes_the_next_attempt_wait(t: Trial) {
        join(t, PAULA, "partner_seller", Some(partner(1))).await;
        for _ in 0..FREE_PER_ADDRESS {
            assert!(refused(&sign_in(t, attempt(PAULA, "a wrong password")).await.unwrap()));
        }
        assert_eq!(waits(sign_in(t, attempt(PAULA, PASSWORD)).await), 10);
        t.clock.advance(10 * kernel::time::SECOND);
        assert!(refused(&sign_in(t, attempt(PAULA, "a wrong password")).await.unwrap()));
        assert_eq!(waits(sign_in(t, attempt(&PAULA.to_uppercase(), PASSWORD)).await), 20);
        t.clock.advance(20 * kernel::time::SECOND);
        enter(t, PAULA).await;
        for _ in 1..FREE_PER_ADDRESS {
            assert!(refused(&sign_in(t, attempt(PAULA, "a wrong password")).await.unwrap()));
        }
        enter(t, PAULA).await;
    }

    async fn guessing_many_addresses_from_one_place_waits_too(t: Trial) {
        let from = |place: &str, email: String| {
            SignInWithPassword { source: Some(place.to_owned()), ..attempt(&email, "a wrong password") }
        };
        for n in 0..FREE_PER_SOURCE {
            sign_in(t, from("192.0.2.7", format!("n{n}@atlantic.example"))).await.unwrap();
        }
        assert_eq!(waits(sign_in(t, from("192.0.2.7", VERA.to_owned())).await), 10);
        assert!(refused(&sign_in(t, from("192.0.2.8", VERA.to_owned())).await.unwrap()));
    }

    async fn a_code_works_once(t: Trial) {
        let vera = joined(t, VERA, "owner", None).await;
        let (seed, _) = protect(t, &vera, None).await;
        let code = code_at(&seed, t.now());
        let first = ticket(t, VERA).await;
        assert!(refused(&finish(t, &first, &code).await.unwrap()), "it confirmed the second factor already");
        t.clock.advance(30 * kernel::time::SECOND);
        let fresh = code_at(&seed, t.now());
        assert!(matches!(finish(t, &first, &fresh).await.unwrap(), SignIn::SignedIn { .. }));
        assert!(refused(&finish(t, &first, &fresh).await.unwrap()), "the ticket is used up");
        let second = ticket(t, VERA).await;
        assert!(refused(&finish(t, &second, &fresh).await.unwrap()), "replayed");
        assert!(refused(&finish(t, &second, &code).await.unwrap()), "older than the last one");
        let whole = SignInWithPassword {
            code: Some(Secret::new(code_at(&seed, t.now().plus_seconds(30)))),
            ..attempt(VERA, PASSWORD)
        };
        assert!(matches!(sign_in(t, whole).await.unwrap(), SignIn::SignedIn { .. }), "one step ahead is fine");
    }

    async fn codes_are_not_guessed(t: Trial) {
        let vera = joined(t, VERA, "owner", None).await;
        protect(t, &vera, None).await;
        let first = ticket(t, VERA).await;
        assert!(authenticate_session(&t.app, &first).await.unwrap().is_none(), "a ticket opens nothing");
        for _ in 0..FREE_PER_ADDRESS {
            ticket(t, VERA).await;
            assert!(refused(&finish(t, &first, "not-a-code").await.unwrap()));
        }
        assert_eq!(waits(finish(t, &first, "not-a-code").await), 10);
        t.clock.advance(5 * kernel::time::MINUTE);
        assert!(refused(&finish(t, &first, "000000").await.unwrap()), "too late");
    }

    async fn a_recovery_code_stands_in_once(t: Trial) {
        let vera = joined(t, VERA, "owner", None).await;
        let (_, codes) = protect(t, &vera, None).await;
        assert_eq!(codes.len(), 10);
        let first = ticket(t, VERA).await;
        assert!(matches!(finish(t, &first, &codes[3]).await.unwrap(), SignIn::SignedIn { .. }));
        let second = ticket(t, VERA).await;
        assert!(refused(&finish(t, &second, &codes[3]).await.unwrap()));
        assert_eq!(t.ask_as(&vera, Me {}).await.unwrap().account.recovery_codes_left, 9);
    }

    // covers: B10.9
    async fn the_program_asks_a_second_factor_of_the_vendors_staff(t: Trial) {
        join(t, VERA, "finance", None).await;
        join(t, PAULA, "partner_admin", Some(partner(1))).await;
        assert!(!enter(t, VERA).await.1.needs_second_factor, "there is no program yet");
        program(t, "required").await;
        assert!(!enter(t, PAULA).await.1.needs_second_factor);
        let (token, signed) = enter(t, VERA).await;
        assert!(signed.needs_second_factor);
        let profile = UpdateProfile { name: Some("Vera".to_owned()), zone: None };
        assert!(matches!(t.run_as(&signed.actor, profile.clone()).await, Err(Error::Forbidden { .. })));
        assert!(!signed.actor.may("statements.issue") && !signed.actor.has_role("finance"));
        let (other, _) = enter(t, VERA).await;
        protect(t, &signed.actor, Some(&token)).await;
        let signed = authenticate_session(&t.app, &token).await.unwrap().unwrap();
        assert!(!signed.needs_second_factor && signed.actor.may("statements.issue"));
        t.run_as(&signed.actor, profile).await.unwrap();
        assert!(authenticate_session(&t.app, &other).await.unwrap().is_none(), "other sessions end");
    }

    async fn an_optional_second_factor_is_not_asked_for(t: Trial) {
        join(t, VERA, "finance", None).await;
        program(t, "optional").await;
        assert!(!enter(t, VERA).await.1.needs_second_factor);
    }

    async fn a_second_factor_is_replaced_with_the_password_only(t: Trial) {
        let vera = joined(t, VERA, "owner", None).await;
        let wrong = ConfirmSecondFactor { code: Secret::new("123456"), session: None };
        assert!(matches!(t.run_as(&vera, wrong.clone()).await, Err(Error::Conflict { code: "nothing_pending", .. })));
        let (seed, _) = protect(t, &vera, None).await;
        assert!(matches!(t.run_as(&vera, SetUpSecondFactor { password: None }).await, Err(Error::Invalid(_))));
        let with = SetUpSecondFactor { password: Some(Secret::new(PASSWORD)) };
        let pending = t.run_as(&vera, with).await.unwrap();
        assert_ne!(pending.secret, seed);
        assert!(pending.uri.starts_with("otpauth://totp/") && pending.uri.contains(&pending.secret));
        assert_eq!(t.ask_as(&vera, Me {}).await.unwrap().pending_factor.unwrap().secret, pending.secret);
        assert!(matches!(t.run_as(&vera, wrong).await, Err(Error::Invalid(_))));
        t.clock.advance(30 * kernel::time::SECOND);
        let old = code_at(&seed, t.now());
        let first = ticket(t, VERA).await;
        assert!(matches!(finish(t, &first, &old).await.unwrap(), SignIn::SignedIn { .. }), "until it is confirmed");
    }

    async fn a_new_password_ends_other_sessions(t: Trial) {
        join(t, PAULA, "partner_seller", Some(partner(1))).await;
        let (kept, signed) = enter(t, PAULA).await;
        let (ended, _) = enter(t, PAULA).await;
        let change = |current: &str, new: &str| ChangePassword {
            current_password: Secret::new(current),
            new_password: Secret::new(new),
            session: Some(Secret::new(&kept)),
        };
        let fields = |result: kernel::Result<()>| match result {
            Err(Error::Invalid(errors)) => errors[0].field.clone(),
            other => panic!("{other:?}"),
        };
        let new = "violet anchor stubborn river";
        assert_eq!(fields(t.run_as(&signed.actor, change("wrong", new)).await), "current_password");
        assert_eq!(fields(t.run_as(&signed.actor, change(PASSWORD, "too short")).await), "new_password");
        t.run_as(&signed.actor, change(PASSWORD, new)).await.unwrap();
        assert!(authenticate_session(&t.app, &kept).await.unwrap().is_some());
        assert!(authenticate_session(&t.app, &ended).await.unwrap().is_none());
        assert!(refused(&sign_in(t, attempt(PAULA, PASSWORD)).await.unwrap()));
        assert!(matches!(sign_in(t, attempt(PAULA, new)).await.unwrap(), SignIn::SignedIn { .. }));
        nothing_leaked(t, &[PASSWORD, new, &kept, &ended]).await;
    }

    async fn only_a_person_has_an_account(t: Trial) {
        assert!(matches!(t.run(SetUpSecondFactor { password: None }).await, Err(Error::Forbidden { .. })));
        assert!(matches!(t.ask(Me {}).await, Err(Error::Forbidden { .. })));
        let nobody = anonymous(t.organization);
        assert!(matches!(t.ask_as(&nobody, Me {}).await, Err(Error::Unauthenticated(_))));
    }

    async fn no_secret_reaches_the_log(t: Trial) {
        let vera = joined(t, VERA, "owner", None).await;
        let (seed, codes) = protect(t, &vera, None).await;
        t.clock.advance(30 * kernel::time::SECOND);
        let code = code_at(&seed, t.now());
        let input = json!({ "email": VERA, "password": PASSWORD, "code": code, "source": "192.0.2.1" });
        let options = RunOptions { idempotency_key: Some("once".to_owned()), if_match: None };
        let outcome = t.app.run_value(&anonymous(t.organization), "people.sign_in", input, options).await.unwrap();
        let session = outcome.output["session"].as_str().unwrap().to_owned();
        assert!(authenticate_session(&t.app, &session).await.unwrap().is_some());
        let first = ticket(t, VERA).await;
        finish(t, &first, &codes[0]).await.unwrap();
        nothing_leaked(t, &[PASSWORD, &seed, &session, &first, &codes[0], &codes[1]]).await;
        let mut tx = t.app.db().read().await.unwrap();
        let like = format!("%\"{code}\"%");
        for sql in ["SELECT COUNT(*) FROM log_entry WHERE body LIKE $1", "SELECT COUNT(*) FROM event WHERE data LIKE $1"] {
            assert_eq!(tx.number(sql, kernel::params![&like]).await.unwrap(), 0);
        }
    }

    async fn the_actor_follows_the_role(t: Trial) {
        join(t, VERA, "owner", None).await;
        let id = join(t, "otto@northwind.example", "partner_ops", None).await;
        let (token, signed) = enter(t, "otto@northwind.example").await;
        assert!(signed.actor.may("deals.approve"));
        t.run(crate::members::ChangeRole { person: id, role: "auditor".to_owned() }).await.unwrap();
        let signed = authenticate_session(&t.app, &token).await.unwrap().unwrap();
        assert!(!signed.actor.may("deals.approve"));
        t.run(crate::members::Deactivate { person: id }).await.unwrap();
        assert!(authenticate_session(&t.app, &token).await.unwrap().is_none());
        assert!(person_actor(&t.app, id).await.unwrap().is_none());
    }
}
