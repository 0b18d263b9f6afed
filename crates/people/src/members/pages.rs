//! The pages of people: the list with invitations, one person, and one's own account.

use kernel::{Operation as _, PageRequest, PersonId, Registry, Result, Side};
use maud::{Markup, html};
use ui::form::{Field, errors_summary, form, hidden};
use ui::list::Filter;
use ui::table::{Column, Row, Table};
use ui::{
    Empty, Icon, ListView, NavSpec, PageCx, PageSpec, ShownTo, Tone, View, ago, alert, badge, button, card, datetime,
    key_values, state_badge, timeline,
};

use super::{ChangeRole, Deactivate, GetPerson, ListPeople, Me, Person, Reactivate, Status};
use crate::invitations::{Invitation, ListInvitations, RevokeInvitation};
use crate::recovery::{ResetPassword, ResetSecondFactor};
use crate::roles::{refusal_to_grant, role, roles};
use crate::sign_in;

pub fn install(registry: &mut Registry) {
    let nav =
        |label, order| NavSpec { section: "Setup", label, icon: Icon::Person, order, shown_to: ShownTo::Everyone };
    registry
        .add(PageSpec {
            path: "/people",
            permission: "people.list",
            nav: Some(nav("People", 100)),
            render: |cx| Box::pin(list(cx)),
        })
        .add(PageSpec { path: "/people/{person}", permission: "people.get", nav: None, render: |cx| Box::pin(one(cx)) })
        .add(PageSpec { path: "/me", permission: "people.me", nav: None, render: |cx| Box::pin(me(cx)) });
}

fn title_of(name: &str) -> &str {
    role(name).map_or(name, |role| role.title)
}

async fn list(cx: &PageCx) -> Result<View> {
    let query: ListPeople = cx.list::<ListPeople>()?;
    let page = cx.ask(query).await?;
    let rows = page.items.iter().map(|person| {
        Row::new(vec![
            html! { (person.name) },
            html! { (person.email) },
            html! { (title_of(&person.role)) },
            state_badge(person.status.name()),
            datetime(person.created_at, &cx.zone),
        ])
        .href(format!("/people/{}", person.id))
    });
    let columns = vec![
        Column::text("Name").sort("name"),
        Column::text("E-mail").secondary(),
        Column::text("Role").sort("role"),
        Column::text("Status"),
        Column::text("Joined").sort("joined").secondary(),
    ];
    let empty = Empty::new("Nobody here yet", "People join by invitation; the form below sends one.");
    let sides = roles().iter().filter(|role| role.side == Side::Partner || !cx.is_partner());
    let choices = sides.filter(|role| role.side != Side::Public).map(|role| (role.name.into(), role.title.into()));
    let statuses = [Status::Active, Status::Deactivated].map(|s| (s.name().into(), ui::humanize(s.name())));
    let view = ListView::new(&cx.path, &cx.query, Table::new("People", columns).rows(rows).empty(empty))
        .filter(Filter::search("q", "Name or address"))
        .filter(Filter::choice("role", "Role", choices.collect()))
        .filter(Filter::choice("status", "Status", statuses.to_vec()))
        .next(page.next)
        .export("CSV", "/v1/people.csv")
        .export("JSON", "/v1/people.json");
    let body = html! {
        (view)
        @if cx.may("people.list_invitations") { (card("Invitations", &invitations(cx).await?, &html! {})) }
        @if cx.may("people.invite") { (card("Invite somebody", &invite_form(cx), &html! {})) }
    };
    let line =
        if cx.is_partner() { "The people of your company." } else { "Your staff and the people of your partners." };
    Ok(View::new("People", body).line(html! { (line) }))
}

async fn invitations(cx: &PageCx) -> Result<Markup> {
    let page = PageRequest { limit: Some(20), ..PageRequest::default() };
    let invitations = cx.ask(ListInvitations { state: None, page }).await?.items;
    let rows = invitations.iter().map(|invitation| invitation_row(cx, invitation));
    let columns = ["Name", "E-mail", "Role", "State", "Until", ""].map(Column::text).to_vec();
    let empty = Empty::new("No invitations", "Nobody has been invited yet.");
    Ok(html! { (Table::new("Invitations", columns).rows(rows).empty(empty)) })
}

fn invitation_row(cx: &PageCx, invitation: &Invitation) -> Row {
    let (state, id) = (invitation.state.name(), invitation.id.to_string());
    Row::new(vec![
        html! { (invitation.name) },
        html! { (invitation.email) },
        html! { (title_of(&invitation.role)) },
        state_badge(state),
        datetime(invitation.expires_at, &cx.zone),
        html! {
            @if state == "pending" && cx.may("people.revoke_invitation") {
                (cx.button::<RevokeInvitation>("Withdraw", &[("invitation", &id)]))
            }
        },
    ])
}

fn invite_form(cx: &PageCx) -> Markup {
    let refilled = cx.refilled.as_ref().filter(|refilled| refilled.operation == "people.invite");
    let errors = refilled.map(|r| r.errors.as_slice()).unwrap_or_default();
    let value = |name: &str| refilled.and_then(|r| r.values.get(name)).cloned().unwrap_or_default();
    let grantable = roles().iter().filter(|role| match (cx.actor.partner, role.side) {
        (None, Side::Vendor) => refusal_to_grant(&cx.actor, role, None).is_none(),
        (None, Side::Partner) => true,
        (own, Side::Partner) => refusal_to_grant(&cx.actor, role, own).is_none(),
        _ => false,
    });
    let choices: Vec<(String, String)> = grantable.map(|role| (role.name.into(), role.title.into())).collect();
    let partner = Field::text("partner", "Partner")
        .value(value("partner"))
        .placeholder("ptr_…")
        .errors(errors)
        .help("For a partner's people: the id from the partner's page. Leave it empty for your own staff.");
    let body = html! {
        (hidden("_return", "/people"))
        (hidden("_page", "/people"))
        (errors_summary(errors))
        (Field::text("name", "Name").value(value("name")).required().errors(errors))
        (Field::email("email", "E-mail address").value(value("email")).autocomplete("off").required().errors(errors))
        (Field::select("role", "Role", choices).value(value("role")).required().errors(errors))
        @if !cx.is_partner() { (partner) }
        (button(Tone::Accent, "Invite"))
    };
    form("/do/people.invite", &cx.csrf, &body)
}

async fn one(cx: &PageCx) -> Result<View> {
    let detail = cx.ask(GetPerson { person: cx.param::<PersonId>("person")? }).await?;
    let person = &detail.person;
    let factor = if detail.second_factor { badge(Tone::Good, "In use") } else { badge(Tone::Neutral, "Not set up") };
    let facts = key_values(&[
        ("Status", state_badge(person.status.name())),
        ("Role", html! { (title_of(&person.role)) }),
        ("E-mail", html! { a href={ "mailto:" (person.email) } { (person.email) } }),
        (
            "Company",
            html! {
                @match person.partner {
                    Some(partner) => (ui::thing(&partner.to_string())),
                    None => "The vendor",
                }
            },
        ),
        ("Time zone", html! { (person.zone) }),
        ("Second factor", factor),
        ("Joined", datetime(person.created_at, &cx.zone)),
        (
            "Last seen",
            html! {
                @match detail.last_seen_at { Some(at) => (ago(at, cx.now, &cx.zone)), None => "–" }
            },
        ),
    ]);
    let history: Vec<ui::Entry> =
        detail.timeline.iter().map(|event| ui::Entry::new(event.at, &event.actor_name, &event.summary)).collect();
    let body = html! {
        (card("", &facts, &html! {}))
        @if cx.may("people.change_role") { (card("Rights", &rights(cx, person), &html! {})) }
        (card("History", &timeline(&history, cx.now, &cx.zone), &html! {}))
    };
    Ok(View::new(&person.name, body).crumb("People", "/people").actions(acts(cx, person, detail.second_factor)))
}

/// Why this reader may not change that person's account, if so.
fn hindrance(cx: &PageCx, person: &Person) -> Option<String> {
    if cx.actor.reference() == person.id.to_string() {
        return Some("Nobody changes their own rights.".to_owned());
    }
    role(&person.role).and_then(|held| refusal_to_grant(&cx.actor, held, person.partner))
}

fn rights(cx: &PageCx, person: &Person) -> Markup {
    if let Some(because) = hindrance(cx, person) {
        return html! { p.muted { (because) } };
    }
    let fitting = roles().iter().filter(|role| refusal_to_grant(&cx.actor, role, person.partner).is_none());
    let choices: Vec<(String, String)> = fitting.map(|role| (role.name.into(), role.title.into())).collect();
    let errors = cx.refilled.as_ref().filter(|r| r.operation == "people.change_role");
    let errors = errors.map(|r| r.errors.as_slice()).unwrap_or_default();
    let body = html! {
        (hidden("_return", &cx.path))
        (hidden("_page", &cx.path))
        (hidden("person", &person.id.to_string()))
        (errors_summary(errors))
        (Field::select("role", "Role", choices).value(&person.role).required().errors(errors))
        (button(Tone::Neutral, "Change the role"))
    };
    form(&format!("/do/{}", ChangeRole::NAME), &cx.csrf, &body)
}

fn acts(cx: &PageCx, person: &Person, second_factor: bool) -> Markup {
    let id = person.id.to_string();
    let fields = [("person", id.as_str())];
    let recovery = html! {
        @if person.status == Status::Active && hindrance(cx, person).is_none() {
            @if cx.may(ResetPassword::NAME) { (cx.button::<ResetPassword>("New password…", &fields)
                .danger(format!("Make a link for {}?", person.name),
                    "Whoever has the link chooses the password. It works once, for a day.")) }
            @if second_factor && cx.may(ResetSecondFactor::NAME) {
                (cx.button::<ResetSecondFactor>("Reset the second factor", &fields)
                    .danger(format!("Reset the second factor of {}?", person.name),
                        "Sessions end, and the password alone signs in until a new one is set up."))
            }
        }
    };
    let (shown, button) = match person.status {
        Status::Active => (
            cx.may("people.deactivate"),
            cx.button::<Deactivate>("Deactivate", &fields)
                .danger(format!("Deactivate {}?", person.name), "Sessions and tokens end at once. The history stays."),
        ),
        Status::Deactivated => (cx.may("people.reactivate"), cx.button::<Reactivate>("Reactivate", &fields)),
    };
    let button = match hindrance(cx, person) {
        Some(because) => button.disabled(because),
        None => button,
    };
    html! { (recovery) @if shown { (button) } }
}

async fn me(cx: &PageCx) -> Result<View> {
    let mine = cx.ask(Me {}).await?;
    let person = &mine.person;
    let enrolling = !cx.may("people.update_profile");
    let body = html! {
        @if enrolling {
            (alert(Tone::Warn, "Set up a second factor first", &html! { p {
                "The program asks it of everyone on the vendor's side. Until then nothing else is open to you."
            } }, &[]))
        } @else {
            (card("Profile", &profile(cx, person), &html! {}))
        }
        (sign_in::own_cards(cx, &person.email, &mine.account, mine.pending_factor.as_ref()))
    };
    Ok(View::new("Your account", body).line(html! { (person.email) " · " (title_of(&person.role)) }))
}

fn profile(cx: &PageCx, person: &Person) -> Markup {
    let refilled = cx.refilled.as_ref().filter(|r| r.operation == "people.update_profile");
    let errors = refilled.map(|r| r.errors.as_slice()).unwrap_or_default();
    let value =
        |name: &str, now: &str| refilled.and_then(|r| r.values.get(name)).cloned().unwrap_or_else(|| now.to_owned());
    let body = html! {
        (hidden("_return", "/me"))
        (hidden("_page", "/me"))
        (errors_summary(errors))
        (Field::text("name", "Name").value(value("name", &person.name)).autocomplete("name").required().errors(errors))
        (Field::text("zone", "Time zone").value(value("zone", &person.zone)).required().errors(errors)
            .help("An IANA name such as Europe/Berlin; times are shown in it."))
        (button(Tone::Accent, "Save"))
    };
    form("/do/people.update_profile", &cx.csrf, &body)
}
