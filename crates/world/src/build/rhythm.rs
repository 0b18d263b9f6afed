//! The rhythm of the program on its last day: contacts, a judged applicant, a review ahead, a roadmap, the calendar.

use governance::reviews::{Contribute, ScheduleReview};
use governance::roadmap::{AskFor, DecideRequest, Decision, SupportRequest, TriageRequest};
use kernel::time::DAY;
use kernel::{Clock as _, Result};
use partners::Status;
use partners::cadence::{Channel, LogContact};
use partners::exit::DetectExits;
use partners::qualification::ScoreApplicant;
use partners::records::{Given, RecordFact, RecordFacts};
use procedures::{CloseRun, ListRuns, State};

use super::Stage;

/// Of so many partners one is left without a contact, so that somebody is seen to have gone dark.
const SILENT_ONE_IN: usize = 7;

pub(super) async fn play(stage: &mut Stage<'_>) -> Result<()> {
    let ops = stage.of_staff("partner_ops", 0);
    let head = stage.of_staff("head_of_partnerships", 0);
    let now = stage.clock.now();
    let mut active = Vec::new();
    for number in 0..stage.partners.len() {
        let Some(partner) = stage.partners[number].id else { continue };
        let scope = stage.system.scope();
        let found = partners::get(stage.batch().await?.tx(), &scope, partner).await?;
        match found.status {
            Status::Active => active.push(number),
            Status::Applied => judge(stage, number).await?,
            _ => {}
        }
    }
    for number in &active {
        settle(stage, *number).await?;
    }
    for (place, number) in active.iter().enumerate().filter(|(place, _)| place % SILENT_ONE_IN != 3) {
        let Some(partner) = stage.partners[*number].id else { continue };
        let contact = LogContact {
            partner,
            channel: if place % 2 == 0 { Channel::Call } else { Channel::Meeting },
            with: stage.partners[*number].people[0].name.clone(),
            note: "Went through the open deals and the next training.".to_owned(),
            contacted_at: Some(now.plus_days(-((place % 12) as i64))),
        };
        stage.run(&ops, contact).await?;
    }
    train(stage, &active).await?;
    if let [first, second, ..] = active[..] {
        let (Some(partner), Some(other)) = (stage.partners[first].id, stage.partners[second].id) else { return Ok(()) };
        let review = stage.run(&head, ScheduleReview { partner, meeting_at: now.plus_days(12) }).await?.id;
        let (risks, asks) =
            ("A competitor bundles telematics.".to_owned(), "A second sandbox for our trainers.".to_owned());
        let admin = stage.partners[first].people[0].clone();
        stage.run(&admin, Contribute { review, risks, asks }).await?;
        let (title, need) = ("Night mode in the driver app", "Fleets that run at night ask for it in every tender.");
        let ask = AskFor { partner: Some(partner), title: title.into(), need: need.into(), note: String::new() };
        let request = stage.run(&ops, ask).await?.id;
        let note = "Two of our customers wait for it.".to_owned();
        stage.run(&ops, SupportRequest { request, partner: Some(other), note }).await?;
        let triage = "Small, safe, and named in lost deals.".to_owned();
        stage.run(&head, TriageRequest { request, return_score: 4, security_score: 5, triage }).await?;
        let rationale = "It wins tenders and costs three weeks; it comes next quarter.".to_owned();
        stage.run(&head, DecideRequest { request, decision: Decision::Plan, rationale }).await?;
        let (title, need) = ("Export of tachograph data", "Auditors ask our customers for the raw files.");
        let ask = AskFor { partner: Some(other), title: title.into(), need: need.into(), note: String::new() };
        stage.run(&ops, ask).await?;
    }
    let system = stage.system.clone();
    stage.run(&system, DetectExits {}).await?;
    stage.run(&system, procedures::StartDue {}).await.map(|_| ())
}

/// A partnership that runs is past the weeks of its development, unless those are not over yet.
async fn settle(stage: &mut Stage<'_>, number: usize) -> Result<()> {
    let (head, now) = (stage.of_staff("head_of_partnerships", 0), stage.clock.now());
    let procedure = Some("development".to_owned());
    let asked = ListRuns { procedure, partner: stage.partners[number].id, ..ListRuns::default() };
    let found = stage.batch().await?.query(&head, asked).await?.items;
    for run in found.into_iter().filter(|run| run.state == State::Running && now.since(run.started_at) > 84 * DAY) {
        let reason = "The partnership runs; what the weeks ask for was done before they were counted.".to_owned();
        stage.run(&head, CloseRun { run: run.id, reason }).await?;
    }
    Ok(())
}

/// Certificates of the partners' people, some near their end, and two that wait for the vendor's word.
async fn train(stage: &mut Stage<'_>, active: &[usize]) -> Result<()> {
    const LEVELS: [&str; 4] = ["foundation", "sales", "implementation", "expert"];
    let (ops, zone) = (stage.of_staff("partner_ops", 0), stage.program.settings.zone());
    let now = stage.clock.now();
    let certificate = |partner, person: &str, place: usize, level: &str| {
        let days = 20 + (place * 37 % 340) as i64;
        let given = Given {
            person: Some(person.to_owned()),
            fields: [("level".to_owned(), level.to_owned())].into(),
            evidence: Some(format!("Exam list {}, number {}", level, 1_000 + place)),
            from: Some(now.plus_days(-days).day_in(&zone)),
            until: None,
        };
        RecordFact { partner, kind: "certificates".to_owned(), given }
    };
    let mut facts = Vec::new();
    for number in active {
        let Some(partner) = stage.partners[*number].id else { continue };
        for (place, person) in stage.partners[*number].people.iter().enumerate() {
            let levels = LEVELS.iter().take(1 + (number + place) % LEVELS.len());
            facts.extend(levels.map(|level| certificate(partner, &person.name, number * 4 + place, level)));
        }
    }
    for number in active.iter().take(2) {
        let Some(partner) = stage.partners[*number].id else { continue };
        let admin = stage.partners[*number].people[0].clone();
        stage.run(&admin, certificate(partner, "Newly Trained", *number, "foundation")).await?;
    }
    for batch in facts.chunks(100) {
        stage.run(&ops, RecordFacts { facts: batch.to_vec() }).await?;
    }
    Ok(())
}

/// Scores most of what the program asks about an applicant.
async fn judge(stage: &mut Stage<'_>, number: usize) -> Result<()> {
    let Some(partner) = stage.partners[number].id else { return Ok(()) };
    let ops = stage.of_staff("partner_ops", 0);
    for (criterion, score) in [("strategic-fit", 4), ("reach", 3), ("brand", 4), ("resources", 3)] {
        let evidence = "From the first call and two references.".to_owned();
        stage.run(&ops, ScoreApplicant { partner, criterion: criterion.into(), score, evidence }).await?;
    }
    Ok(())
}
