//! The first morning: the organization, its law and its people. And the day in the year on which the law changes.

use kernel::{App, FixedClock, OrganizationId, Result, Secret};
use law::Program;
use people::{CreatePerson, FoundOrganization};
use programs::{ApplyProgram, Files};

use super::Stage;
use crate::Login;
use crate::dice::Dice;
use crate::script::Script;

/// What every ready-made login opens with. The demo is a made-up company on the visitor's own machine.
pub(crate) const PASSWORD: &str = "quiet harbor lantern";
const VENDOR: &str = "Northwind Freight Cloud";
const DOMAIN: &str = "northwind.example";

/// The vendor's people: name, local part of the address, role, title of the ready-made login if there is one.
const STAFF: &[(&str, &str, &str, Option<&str>)] = &[
    ("Vera Lindqvist", "vera", "owner", Some("Owner")),
    ("Henrik Aalto", "henrik", "head_of_partnerships", Some("Head of Partnerships")),
    ("Paloma Reyes", "paloma", "partner_ops", Some("Partner Ops")),
    ("Oskar Wendt", "oskar", "partner_ops", None),
    ("Mina Okafor", "mina", "partner_ops", None),
    ("Tomasz Wilk", "tomasz", "partner_ops", None),
    ("Selma Demir", "selma", "security", Some("Security & Compliance")),
    ("Emil Novak", "emil", "engineering", Some("Product & Engineering")),
    ("Fiona Marsh", "fiona", "finance", Some("Finance")),
    ("Sasha Ivers", "sasha", "sales", Some("Sales & Customer Success")),
    ("Luca Ferrant", "luca", "sales", None),
    ("Aud Bergstad", "aud", "auditor", Some("Auditor")),
];

pub(super) async fn found<'a>(app: &'a App, clock: &'a FixedClock, script: Script) -> Result<Stage<'a>> {
    clock.set(script.calendar.start.plus_hours(5));
    let organization: OrganizationId = app.new_id(app.now());
    let files = first_version();
    let program = Program::load(&files).map_err(|d| kernel::Error::internal(law::render(&d, &files)))?;
    let mut stage = Stage::new(app, clock, organization, script, program);
    let system = stage.system.clone();
    stage.run(&system, FoundOrganization { id: organization, title: VENDOR.to_owned() }).await?;
    let note = "The program of the new year".to_owned();
    stage.run(&system, ApplyProgram { files, effective_from: None, note }).await?;
    for (name, local, role, login) in STAFF {
        let email = format!("{local}@{DOMAIN}");
        let new = CreatePerson {
            name: (*name).to_owned(),
            email: email.clone(),
            role: (*role).to_owned(),
            partner: None,
            zone: Some("Europe/Berlin".to_owned()),
            password: login.map(|_| Secret::new(PASSWORD)),
            password_hash: None,
        };
        let id = stage.run(&system, new).await?;
        let actor = stage.person(id, name, role, None);
        stage.staff.push(actor);
        if let Some(title) = login {
            stage.logins.push(Login { title: (*title).to_owned(), email, password: PASSWORD.to_owned() });
        }
    }
    Ok(stage)
}

/// Northwind as it ships, with one difference: visitors need no second factor.
fn first_version() -> Files {
    let shipped = law::shipped().iter().find(|program| program.key == "northwind");
    let mut files = shipped.map(law::Shipped::files).unwrap_or_default();
    change(&mut files, "program.toml", |text| {
        text.replace("second_factor = \"required\"", "second_factor = \"optional\"")
    });
    files
}

fn change(files: &mut Files, name: &str, by: impl FnOnce(&str) -> String) {
    if let Some(text) = files.get_mut(name) {
        *text = by(text);
    }
}

/// Half a year in, more room for those who win, and a shorter wait for those who do not work on their deals.
pub(super) async fn amend(stage: &mut Stage<'_>) -> Result<()> {
    let mut files = first_version();
    change(&mut files, "tiers.toml", |text| text.replace("deal_slots = 25", "deal_slots = 35"));
    change(&mut files, "deals.toml", |text| text.replace("EUR 250000.00", "EUR 300000.00"));
    let head = stage.of_staff("head_of_partnerships", 0);
    let note = "More deal slots for Silver; approvals from 300,000 euros".to_owned();
    // In force from the first of the next month, as partners were told.
    let now = stage.app.now();
    let zone = stage.program.settings.zone();
    let first = now.day_in(&zone).first_of_month().plus_months(1).start_in(&zone);
    stage.run(&head, ApplyProgram { files, effective_from: Some(first), note }).await?;
    Ok(())
}

/// Whether that member of that partner gets a ready-made login: all four roles of the first two partners.
pub(super) fn has_login(partner: usize, member: usize, roles: &[&str]) -> bool {
    partner < 2 && roles.iter().position(|role| *role == roles[member]) == Some(member)
}

/// An answer to a question of the onboarding.
pub(super) fn answer(key: &str, dice: &mut Dice, company: &crate::names::Company, contact: &str) -> String {
    match key {
        "registration-number" => company.registration_number.clone(),
        "tax-number" => {
            company.vat_number.clone().unwrap_or_else(|| format!("{}-{}", company.registration_number, dice.digits(3)))
        }
        "beneficial-owners" => format!("{contact}, 60 %; founders' trust, 40 %"),
        _ => format!("{contact}, by telephone at any hour"),
    }
}
