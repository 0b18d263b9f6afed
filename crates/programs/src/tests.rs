#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use kernel::{Error, PartnerId, Query as _, Registry, Result, Timestamp};
use trial::{Trial, both_databases};
use ui::{PageCx, PageSpec, View};

use crate::{
    Affected, ApplyProgram, ArchetypeOf, DiscardDraft, EditProgram, Files, GetDraft, GetProgram, Impact, LintProgram,
    ListVersions, PlanProgram, PolicyChecker, RollBackProgram, ShowVersion, Version, law_at,
};

fn install(registry: &mut Registry) {
    crate::install(registry);
    registry
        .add(Impact {
            title: "Deal slots",
            assess: |_, old, new| {
                let slots =
                    |program: &law::Program| program.tiers[0].benefits.get("deal_slots").map(ToString::to_string);
                let (before, after) = (old.and_then(slots), slots(new));
                let affected = Affected {
                    subject: "ptr_1".into(),
                    title: "Ada Logistics".into(),
                    what: "deal slots".into(),
                    before,
                    after,
                    ..Affected::default()
                };
                Box::pin(async move { Ok(vec![affected]) })
            },
        })
        .add(PolicyChecker(|file, text| match text.find("nonsense") {
            Some(at) => vec![law::Diagnostic::error(file, text, at..at + 8, "policy", "this is no policy")],
            None => vec![],
        }))
        .add(ArchetypeOf(|_, _, _| Box::pin(async { Ok(Some("reseller".to_owned())) })));
}

fn northwind() -> Files {
    law::shipped().iter().find(|program| program.key == "northwind").unwrap().files()
}

/// Northwind with another protection of deals.
fn protecting(days: u32) -> Files {
    let mut files = northwind();
    let deals = files.get_mut("deals.toml").unwrap();
    let line = deals.lines().find(|line| line.starts_with("protection_days")).unwrap().to_owned();
    *deals = deals.replace(&line, &format!("protection_days = {days}"));
    files
}

fn apply(files: Files) -> ApplyProgram {
    ApplyProgram { files, effective_from: None, note: "because".into() }
}

async fn protection_at(t: &Trial, at: Timestamp, known: Timestamp) -> Result<u32> {
    let mut tx = t.app.db().read().await.unwrap();
    let law = law_at(&t.app, &mut tx, &t.system.scope(), at, known).await?;
    Ok(law.program.deals.registration.protection_days)
}

async fn show(t: &Trial, actor: &kernel::Actor, path: &str, params: &[(&str, &str)]) -> View {
    let pages = t.app.registry().parts::<PageSpec>();
    let page = pages.iter().find(|page| page.path == path).unwrap();
    let cx = PageCx {
        app: t.app.clone(),
        actor: actor.clone(),
        now: t.now(),
        zone: jiff::tz::TimeZone::UTC,
        path: path.to_owned(),
        params: params.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<BTreeMap<_, _>>(),
        query: vec![],
        csrf: "token".into(),
        refilled: None,
    };
    (page.render)(&cx).await.unwrap()
}

both_databases! { install;
    async fn a_mistake_is_named_with_file_line_and_column(t: Trial) {
        let mut files = northwind();
        let tiers = files.get_mut("tiers.toml").unwrap();
        *tiers = tiers.replace("won_deals_12m >= 4", "won_dealz_12m >= 4");
        let report = t.ask(LintProgram { files: files.clone() }).await.unwrap();
        assert!(!report.ok);
        let found = &report.diagnostics[0];
        let line = files["tiers.toml"].lines().position(|line| line.contains("won_dealz_12m")).unwrap() + 1;
        assert_eq!((found.file.as_str(), found.line, found.column), ("tiers.toml", line, 7));
        assert_eq!(found.suggestion.as_deref(), Some("won_deals_12m"));
        assert!(report.rendered.contains("won_dealz_12m"));
        let Err(Error::Invalid(fields)) = t.run(apply(files)).await else { panic!("it was applied") };
        assert_eq!(fields[0].field, format!("tiers.toml:{line}:7"));
        assert!(fields[0].rule.contains("did you mean `won_deals_12m`"), "{}", fields[0].rule);
    }

    async fn policies_are_checked_by_the_area_that_evaluates_them(t: Trial) {
        let mut files = northwind();
        files.insert("policies/licence-valid.cedar".into(), "some nonsense".into());
        let report = t.ask(LintProgram { files }).await.unwrap();
        let place = (report.diagnostics[0].file.as_str(), report.diagnostics[0].column);
        assert_eq!((report.ok, place), (false, ("policies/licence-valid.cedar", 6)));
    }

    async fn a_version_is_planned_applied_and_cited(t: Trial) {
        let first = t.ask(PlanProgram { files: northwind(), effective_from: None }).await.unwrap();
        assert_eq!((first.current, first.changes.len()), (None, 0));
        let version = t.run(apply(northwind())).await.unwrap();
        assert_eq!(version.citation(), "northwind/1");

        let plan = t.ask(PlanProgram { files: protecting(120), effective_from: None }).await.unwrap();
        assert_eq!(plan.current, Some(version));
        assert_eq!(plan.changes.iter().map(|c| c.path.as_str()).collect::<Vec<_>>(), ["deals.registration.protection_days"]);
        assert_eq!((plan.impacts[0].title.as_str(), plan.impacts[0].affected[0].before.as_deref()), ("Deal slots", Some("10")));

        let second = t.run(apply(protecting(120))).await.unwrap();
        let detail = t.ask(ShowVersion { number: 2 }).await.unwrap();
        assert_eq!((detail.in_force, detail.changes.len(), &detail.version), (true, 1, &second));
        assert!(detail.timeline[0].summary.starts_with("northwind/2 was applied: 1 change to northwind/1"));
        assert_eq!(t.ask(GetProgram {}).await.unwrap().citation, "northwind/2");
        assert_eq!(t.ask(ListVersions {}).await.unwrap().items.len(), 2);
    }

    async fn what_changes_nothing_is_refused(t: Trial) {
        t.run(apply(northwind())).await.unwrap();
        let mut files = northwind();
        files.get_mut("deals.toml").unwrap().insert_str(0, "# A comment says nothing.\n");
        assert!(matches!(t.run(apply(files)).await, Err(Error::Conflict { code: "nothing_changed", .. })));
    }

    async fn only_those_whom_the_program_names_change_it(t: Trial) {
        let grants = ["program.*"];
        let ops = t.staff(&grants, &["partner_ops"]);
        let finance = t.staff(&grants, &["finance"]);
        let head = t.staff(&grants, &["head_of_partnerships"]);
        // Before there is a program, the owner or the head of partnerships puts the first one in force.
        for actor in [&ops, &finance] {
            let refused = t.run_as(actor, apply(northwind())).await;
            assert!(matches!(refused, Err(Error::Refused { code: "not_an_approver", .. })), "{refused:?}");
        }
        t.run_as(&head, apply(northwind())).await.unwrap();
        let refused = t.run_as(&ops, apply(protecting(120))).await;
        let Err(Error::Refused { reasons, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(reasons[0].cites.as_deref(), Some("program.toml: approvals.program_changes"));
        t.run_as(&finance, apply(protecting(120))).await.unwrap();
        assert!(matches!(t.run_as(&ops, RollBackProgram { number: 1, note: String::new() }).await, Err(Error::Refused { .. })));
    }

    async fn the_past_is_not_changed(t: Trial) {
        let yesterday = Some(t.now().plus_days(-1));
        let late = ApplyProgram { effective_from: yesterday, ..apply(northwind()) };
        let Err(Error::Invalid(fields)) = t.run(late).await else { panic!("it was applied") };
        assert_eq!(fields[0].field, "effective_from");
    }

    async fn a_version_is_amended_before_it_takes_effect(t: Trial) {
        let start = t.now();
        t.run(apply(protecting(90))).await.unwrap();
        let march = start.plus_days(30);
        t.clock.advance_days(1);
        let planned = t.now();
        t.run(ApplyProgram { effective_from: Some(march), ..apply(protecting(120)) }).await.unwrap();
        assert_eq!(t.ask(GetProgram {}).await.unwrap().pending.len(), 1);
        t.clock.advance_days(1);
        let amended = t.now();
        let amendment = PlanProgram { files: protecting(150), effective_from: Some(march.plus_days(-5)) };
        let plan = t.ask(amendment.clone()).await.unwrap();
        assert!(plan.warnings.iter().any(|warning| warning.starts_with("northwind/2, decided to take effect")), "{plan:?}");
        t.run(ApplyProgram { effective_from: amendment.effective_from, ..apply(protecting(150)) }).await.unwrap();
        let pending = t.ask(GetProgram {}).await.unwrap().pending;
        assert_eq!(pending.iter().map(Version::citation).collect::<Vec<_>>(), ["northwind/3"]);
        // Two times: what is the law at a date depends on when one asks.
        for (at, known, days) in [
            (march, planned, 120),
            (march, amended, 150),
            (march.plus_days(-5), amended, 150),
            (march.plus_days(-5), planned, 90),
            (march.plus_days(-6), amended, 90),
            (march.plus_days(-1), planned, 90),
            (march.plus_days(400), amended, 150),
        ] {
            assert_eq!(protection_at(t, at, known).await.unwrap(), days, "at {at}, known {known}");
        }
        assert!(matches!(protection_at(t, start.plus_days(-1), amended).await, Err(Error::Conflict { code: "no_program", .. })));
    }

    async fn an_old_version_returns_as_a_new_one(t: Trial) {
        t.run(apply(protecting(90))).await.unwrap();
        t.run(apply(protecting(120))).await.unwrap();
        let version = t.run(RollBackProgram { number: 1, note: "too long".into() }).await.unwrap();
        assert_eq!((version.number, version.note.as_str()), (3, "Return to northwind/1: too long"));
        assert_eq!(t.ask(GetProgram {}).await.unwrap().program.deals.registration.protection_days, 90);
        let missing = t.run(RollBackProgram { number: 9, note: String::new() }).await;
        assert!(matches!(missing, Err(Error::NotFound { .. })));
    }

    async fn the_key_never_changes(t: Trial) {
        t.run(apply(northwind())).await.unwrap();
        let mut files = northwind();
        let program = files.get_mut("program.toml").unwrap();
        *program = program.replace("key = \"northwind\"", "key = \"southwind\"");
        let Err(Error::Invalid(fields)) = t.run(apply(files)).await else { panic!("it was applied") };
        assert_eq!(fields[0].field, "program.toml");
    }

    async fn a_draft_is_edited_planned_and_applied(t: Trial) {
        t.run(apply(northwind())).await.unwrap();
        let text = Some(protecting(120)["deals.toml"].replace('\n', "\r\n"));
        t.run(EditProgram { file: "deals.toml".into(), text: Some("broken".into()) }).await.unwrap();
        assert!(!t.ask(LintProgram::default()).await.unwrap().ok);
        t.run(EditProgram { file: "deals.toml".into(), text }).await.unwrap();
        let draft = t.ask(GetDraft {}).await.unwrap();
        let edited: Vec<&str> = draft.files.iter().filter(|f| f.edited).map(|f| f.file.as_str()).collect();
        assert_eq!(edited, ["deals.toml"]);
        assert_eq!(t.ask(PlanProgram::default()).await.unwrap().changes.len(), 1);
        t.run(apply(Files::new())).await.unwrap();
        assert!(t.ask(GetDraft {}).await.unwrap().files.iter().all(|f| !f.edited));
        assert_eq!(t.ask(GetProgram {}).await.unwrap().program.deals.registration.protection_days, 120);

        t.run(EditProgram { file: "deals.toml".into(), text: None }).await.unwrap();
        t.run(DiscardDraft {}).await.unwrap();
        assert!(t.ask(GetDraft {}).await.unwrap().files.iter().all(|f| f.text.is_some()));
        for file in ["../../etc/passwd", "terms/../x.md", "tiers.json", "terms/.md"] {
            let refused = t.run(EditProgram { file: file.into(), text: Some(String::new()) }).await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "{file}");
        }
    }

    async fn a_new_organization_starts_from_the_starter_program(t: Trial) {
        let draft = t.ask(GetDraft {}).await.unwrap();
        assert!(draft.base.is_none() && draft.files.iter().any(|file| file.file == "program.toml"));
        t.run(apply(Files::new())).await.unwrap();
        assert_eq!(t.ask(GetProgram {}).await.unwrap().citation, "starter/1");
    }

    async fn a_partner_sees_what_concerns_it(t: Trial) {
        t.run(apply(northwind())).await.unwrap();
        let partner: PartnerId = t.app.new_id(t.now());
        let paula = t.partner_person(partner);
        let seen = t.ask_as(&paula, GetProgram {}).await.unwrap();
        assert!(seen.version.is_none() && seen.files.is_empty() && seen.program.gate.policies.is_empty());
        assert_eq!(seen.program.archetypes.keys().collect::<Vec<_>>(), ["reseller"]);
        assert_eq!(seen.program.plans.len(), 1);
        assert_eq!(seen.program.tiers.len(), 4);
        assert!(matches!(t.ask_as(&paula, PlanProgram::default()).await, Err(Error::Forbidden { .. })));
        assert!(matches!(t.ask_as(&paula, ListVersions {}).await, Err(Error::Forbidden { .. })));
        assert!(matches!(t.ask_as(&paula, ShowVersion { number: 1 }).await, Err(Error::Forbidden { .. })));
        assert!(matches!(t.ask_as(&paula, GetDraft {}).await, Err(Error::Forbidden { .. })));
        assert!(matches!(t.run_as(&paula, apply(protecting(1))).await, Err(Error::Refused { .. })));
        let edit = EditProgram { file: "deals.toml".into(), text: None };
        assert!(matches!(t.run_as(&paula, edit).await, Err(Error::Forbidden { .. })));
        assert!(matches!(t.run_as(&paula, DiscardDraft {}).await, Err(Error::Forbidden { .. })));
        let page = show(t, &paula, "/program", &[]).await.body.0;
        assert!(page.contains("Platinum") && !page.contains("Gate policies"));
    }

    // covers: B1.2
    async fn partners_get_notice_of_what_comes_except_of_a_return(t: Trial) {
        let noticed = |days: u32| {
            let mut files = protecting(days);
            let program = files.get_mut("program.toml").unwrap();
            *program = program.replace("program_changes =", "notice_days = 30\nprogram_changes =");
            files
        };
        t.run(apply(noticed(90))).await.unwrap();
        let soon = ApplyProgram { effective_from: Some(t.now().plus_days(29)), ..apply(noticed(120)) };
        let refused = t.run(soon).await.unwrap_err();
        assert!(refused.to_string().contains("notice_days"), "{refused}");
        let planned = t.ask(PlanProgram { files: noticed(120), effective_from: None }).await.unwrap();
        assert_eq!(planned.effective_from, t.now().plus_days(30));
        let version = t.run(apply(noticed(120))).await.unwrap();
        assert_eq!(version.effective_from, t.now().plus_days(30));
        let paula = t.partner_person(t.app.new_id(t.now()));
        let seen = t.ask_as(&paula, GetProgram {}).await.unwrap();
        assert_eq!(seen.announced.len(), 1);
        assert_eq!((seen.announced[0].effective_from, seen.announced[0].changes[0].path.as_str()), (version.effective_from, "deals.registration.protection_days"));
        let page = show(t, &paula, "/program", &[]).await.body.0;
        assert!(page.contains("will change") && page.contains("protection_days"), "{page}");
        t.clock.advance_days(31);
        assert!(t.ask_as(&paula, GetProgram {}).await.unwrap().announced.is_empty());
        let back = t.run(RollBackProgram { number: 1, note: String::new() }).await.unwrap();
        assert_eq!((back.number, back.effective_from), (3, t.now()));
    }

    async fn the_pages_show_the_program_and_lead_to_its_change(t: Trial) {
        let empty = show(t, &t.system, "/program", &[]).await.body.0;
        assert!(empty.contains("Start from the starter program"));
        assert!(show(t, &t.system, "/program/plan", &[]).await.body.0.contains("This is the first version"));
        t.run(apply(northwind())).await.unwrap();
        let overview = show(t, &t.system, "/program", &[]).await.body.0;
        for words in ["Beta access", "won_value_12m", "Gate policies", "Procedures", "Commission plans"] {
            assert!(overview.contains(words), "{words}");
        }
        assert!(show(t, &t.system, "/program/plan", &[]).await.body.0.contains("The draft changes nothing"));
        t.run(EditProgram { file: "deals.toml".into(), text: Some("broken".into()) }).await.unwrap();
        assert!(show(t, &t.system, "/program/plan", &[]).await.body.0.contains("deals.toml:1:"));
        t.run(EditProgram { file: "deals.toml".into(), text: Some(protecting(120)["deals.toml"].clone()) }).await.unwrap();
        let plan = show(t, &t.system, "/program/plan", &[]).await.body.0;
        assert!(plan.contains("deals.registration.protection_days") && plan.contains("Ada Logistics"));
        t.run(apply(Files::new())).await.unwrap();
        let version = show(t, &t.system, "/program/versions/{number}", &[("number", "2")]).await;
        assert!(version.body.0.contains("Changes to northwind/1"), "{}", version.body.0);
        assert!(show(t, &t.system, "/program/versions", &[]).await.body.0.contains("northwind/2"));
    }
}

#[test]
fn the_queries_that_take_files_take_them_in_the_body() {
    for method in [LintProgram::ROUTE.method, PlanProgram::ROUTE.method] {
        assert_eq!(method.name(), "POST");
    }
}

#[test]
fn costs_are_summed_by_partner_and_the_largest_difference_comes_first() {
    let id = |byte: u8| PartnerId::from_bytes([byte; 16]);
    let one = |partner: Option<PartnerId>, cost: Option<&str>| Affected {
        partner,
        title: "Ada".into(),
        what: "tier".into(),
        cost: cost.map(|text| text.parse().unwrap()),
        ..Affected::default()
    };
    let benefits = [one(Some(id(1)), Some("EUR 10.00")), one(Some(id(2)), Some("EUR 50.00")), one(Some(id(3)), None)];
    let money = [one(Some(id(2)), Some("EUR -200.00")), one(None, Some("EUR 5.00"))];
    let costs = crate::impact::by_partner([("Benefits", &benefits[..]), ("Money", &money[..])].into_iter()).unwrap();
    let told: Vec<(PartnerId, String)> = costs.iter().map(|one| (one.partner, one.cost.to_string())).collect();
    assert_eq!(told, [(id(2), "EUR -150.00".to_owned()), (id(1), "EUR 10.00".to_owned())]);
    assert_eq!(costs[0].of["Money"].to_string(), "EUR -200.00");
    let many = Affected { alike: Some(7), ..one(None, None) };
    assert_eq!(crate::impact::counts(&[benefits[0].clone(), many])["tier"], 8);
}
