//! Coming in: once, in time, and with no more rights than the inviter may give.

#![allow(clippy::unwrap_used)]

use kernel::{Actor, Result, Secret};
use trial::{Trial, both_databases};

use super::*;
use crate::anonymous;
use crate::stage::{PASSWORD, enter, install, join, joined, nothing_leaked, partner, says};

fn invite(email: &str, role: &str, partner: Option<kernel::PartnerId>) -> Invite {
    Invite { email: email.to_owned(), name: "Nora New".to_owned(), role: role.to_owned(), partner }
}

async fn accept(t: &Trial, link: &str, password: &str) -> Result<crate::PersonSummary> {
    let token = Secret::new(link.strip_prefix("/invitations/").unwrap());
    let accept = AcceptInvitation { token, name: "Nora".to_owned(), password: Secret::new(password) };
    t.run_as(&anonymous(t.organization), accept).await
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    result.unwrap_err().code()
}

const NORA: &str = "nora@atlantic.example";

both_databases! { install;
    async fn an_invitation_brings_one_person_in(t: Trial) {
        let ops = joined(t, "otto@northwind.example", "partner_ops", None).await;
        let invited = t.run_as(&ops, invite(NORA, "partner_admin", Some(partner(1)))).await.unwrap();
        let token = invited.link.strip_prefix("/invitations/").unwrap().to_owned();
        let (organization, open) = open_invitation(&t.app, &token).await.unwrap().unwrap();
        assert_eq!((organization, open.email.as_str()), (t.organization, NORA));
        let mut tx = t.app.db().read().await.unwrap();
        assert_eq!(link_of(&t.app, &mut tx, invited.id).await.unwrap().unwrap(), invited.link);
        drop(tx);
        assert_eq!(code(accept(t, &invited.link, "short").await), "invalid");
        let nora = accept(t, &invited.link, PASSWORD).await.unwrap();
        assert_eq!((nora.partner, nora.role.as_str()), (Some(partner(1)), "partner_admin"));
        assert_eq!(enter(t, NORA).await.1.person.id, nora.id);
        assert_eq!(code(accept(t, &invited.link, PASSWORD).await), "invitation_used");
        assert!(open_invitation(&t.app, &token).await.unwrap().is_none());
        let mut tx = t.app.db().read().await.unwrap();
        assert!(link_of(&t.app, &mut tx, invited.id).await.unwrap().is_none());
        drop(tx);
        nothing_leaked(t, &[&token, PASSWORD]).await;
    }

    async fn an_invitation_expires_after_a_week(t: Trial) {
        let early = t.run(invite("early@atlantic.example", "partner_seller", Some(partner(1)))).await.unwrap();
        let late = t.run(invite(NORA, "partner_seller", Some(partner(1)))).await.unwrap();
        t.clock.advance(7 * kernel::time::DAY - 1);
        accept(t, &early.link, PASSWORD).await.unwrap();
        t.clock.advance(1);
        assert_eq!(code(accept(t, &late.link, PASSWORD).await), "invitation_expired");
        let count = async |state| {
            let query = ListInvitations { state, ..ListInvitations::default() };
            t.ask(query).await.unwrap().items.len()
        };
        assert_eq!((count(Some(State::Pending)).await, count(Some(State::Expired)).await, count(None).await), (0, 1, 2));
        assert_eq!(code(accept(t, "/invitations/guess", PASSWORD).await), "invitation_unknown");
    }

    async fn a_withdrawn_or_replaced_link_does_not_work(t: Trial) {
        let first = t.run(invite(NORA, "partner_seller", Some(partner(1)))).await.unwrap();
        let second = t.run(invite(NORA, "partner_admin", Some(partner(1)))).await.unwrap();
        assert_eq!(code(accept(t, &first.link, PASSWORD).await), "invitation_revoked");
        t.run(RevokeInvitation { invitation: second.id }).await.unwrap();
        assert_eq!(code(accept(t, &second.link, PASSWORD).await), "invitation_revoked");
        assert_eq!(code(t.run(RevokeInvitation { invitation: second.id }).await), "not_pending");
    }

    // covers: B10.9, C11
    async fn nobody_invites_beyond_their_own_rights(t: Trial) {
        let (ours, theirs) = (Some(partner(1)), Some(partner(2)));
        let actors = [
            joined(t, "vera@northwind.example", "owner", None).await,
            joined(t, "hanna@northwind.example", "head_of_partnerships", None).await,
            joined(t, "otto@northwind.example", "partner_ops", None).await,
            joined(t, "sara@northwind.example", "sales", None).await,
            joined(t, "paula@atlantic.example", "partner_admin", ours).await,
            joined(t, "sam@atlantic.example", "partner_seller", ours).await,
        ];
        for (who, role, whose, allowed) in [
            (0, "owner", None, true),
            (1, "owner", None, false),
            (1, "sales", None, true),
            (1, "finance", None, false),
            (2, "sales", None, false),
            (2, "partner_admin", theirs, true),
            (3, "partner_seller", ours, false),
            (4, "partner_admin", None, true), // its own company is filled in
            (4, "partner_seller", ours, true),
            (4, "partner_seller", theirs, false),
            (4, "owner", None, false),
            (4, "auditor", ours, false),
            (5, "partner_seller", ours, false),
        ] {
            let email = format!("new-{who}-{role}-{}@else.example", whose.is_some_and(|w| w == partner(2)));
            let result = t.run_as(&actors[who], invite(&email, role, whose)).await;
            assert_eq!(result.is_ok(), allowed, "{} {role} {whose:?}: {result:?}", actors[who].name);
            if !allowed {
                assert_eq!(code(result), "forbidden");
            }
        }
        let listed = t.ask_as(&actors[4], ListInvitations::default()).await.unwrap().items;
        assert!(listed.len() == 2 && listed.iter().all(|invitation| invitation.partner == ours), "{listed:?}");
    }

    async fn an_address_in_use_is_not_invited(t: Trial) {
        let paula = joined(t, "paula@atlantic.example", "partner_admin", Some(partner(1))).await;
        let taken = async |by: &Actor, email: &str| code(t.run_as(by, invite(email, "partner_seller", None)).await);
        join(t, NORA, "sales", None).await;
        assert_eq!(taken(&paula, "NORA@atlantic.example").await, "email_taken");
        let theirs = t.run(invite("fay@fjord.example", "partner_seller", Some(partner(2)))).await.unwrap();
        assert_eq!(taken(&paula, "fay@fjord.example").await, "email_taken");
        accept(t, &theirs.link, PASSWORD).await.unwrap();
        let foreign = RevokeInvitation { invitation: theirs.id };
        assert_eq!(code(t.run_as(&paula, foreign).await), "not_found");
    }

    async fn invitations_end_with_their_inviter(t: Trial) {
        let paula = joined(t, "paula@atlantic.example", "partner_admin", Some(partner(1))).await;
        let invited = t.run_as(&paula, invite(NORA, "partner_seller", None)).await.unwrap();
        let kernel::ActorKind::Person(person) = paula.kind else { panic!("no person") };
        t.run(crate::members::Deactivate { person }).await.unwrap();
        assert_eq!(code(accept(t, &invited.link, PASSWORD).await), "invitation_revoked");
    }

    async fn the_page_of_an_invitation_asks_for_name_and_password(t: Trial) {
        let made = t.run(invite(NORA, "partner_seller", Some(partner(1)))).await.unwrap();
        let token = made.link.strip_prefix("/invitations/").unwrap();
        let (_, open) = open_invitation(&t.app, token).await.unwrap().unwrap();
        let page = accept_invitation_page(token, Some(&open), None, "csrf").0;
        says(&page, &["/do/people.accept_invitation", token, NORA, "Partner Seller"]);
        says(&accept_invitation_page(token, None, None, "csrf").0, &["does not work any more"]);
        let output = serde_json::to_value(&made).unwrap();
        says(&crate::shown_once("people.invite", &output).unwrap().body.0, &[&made.link]);
        assert!(crate::shown_once("deals.register", &output).is_none());
    }
}
