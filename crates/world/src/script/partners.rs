//! Who comes into the program, when, and how far.

use super::{Act, Calendar, PartnerAct, Size, Step};
use crate::dice::Dice;
use crate::names::{Company, Human, Names};

/// How much a partner sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Small,
    Steady,
    Strong,
    Top,
}

impl Class {
    /// How often a partner of the class is chosen for a deal.
    pub fn weight(self) -> usize {
        match self {
            Self::Small => 2,
            Self::Steady => 8,
            Self::Strong => 26,
            Self::Top => 70,
        }
    }
}

/// How it goes with a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Enrolled,
    /// Was suspended for three weeks in autumn.
    Held,
    Left,
    /// Is on its way, with so many stages done.
    Onboarding(usize),
    Waiting,
    TurnedDown,
}

/// Somebody of a partner, with a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub human: Human,
    pub role: &'static str,
}

/// A partner and its year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartnerPlan {
    pub company: Company,
    pub archetype: &'static str,
    pub class: Class,
    pub way: Way,
    /// The first one is its administrator.
    pub people: Vec<Member>,
    /// The day from which it can register deals.
    pub active_from: i64,
    /// The day until which it registers deals.
    pub active_until: i64,
    /// It applied by itself; others were invited.
    pub applied: bool,
}

impl PartnerPlan {
    /// Whether it sells on that day.
    pub fn sells_on(&self, day: i64) -> bool {
        matches!(self.way, Way::Enrolled | Way::Held | Way::Left)
            && (self.active_from..self.active_until).contains(&day)
            && !(self.way == Way::Held && (HELD_ON..HELD_ON + HELD_DAYS).contains(&day))
    }
}

/// Stages of the onboarding that ships with the program.
pub(crate) const STAGES: usize = 5;
const HELD_ON: i64 = 205;
const HELD_DAYS: i64 = 21;
const LEAVES_ON: i64 = 290;

const ARCHETYPES: &[(&str, usize)] = &[("reseller", 46), ("si", 24), ("platform", 14), ("oem", 9), ("data", 7)];
const CLASSES: &[(Class, usize)] = &[(Class::Small, 52), (Class::Steady, 30), (Class::Strong, 13), (Class::Top, 5)];

pub(super) fn plan(
    seed: u64,
    size: &Size,
    calendar: &Calendar,
    names: &mut Names,
    steps: &mut Vec<Step>,
) -> Vec<PartnerPlan> {
    let mut dice = Dice::new(seed, "partners");
    let mut plans = Vec::with_capacity(size.partners);
    for number in 0..size.partners {
        let way = way_of(number, size.partners);
        let first = FIRST.get(number).copied();
        let (archetype, class) = first.unwrap_or_else(|| (dice.weighted(ARCHETYPES), dice.weighted(CLASSES)));
        let company = names.partner(archetype);
        let people = staff(&mut dice, names, &company, class, number);
        let applied = number >= FIRST.len() && dice.happens(600);
        let mut plan = PartnerPlan {
            company,
            archetype,
            class,
            way,
            people,
            active_from: i64::MAX,
            active_until: if way == Way::Left { LEAVES_ON } else { i64::MAX },
            applied,
        };
        enroll(&mut dice, calendar, number, &mut plan, steps);
        plans.push(plan);
    }
    plans
}

/// The first partners are the ones with ready-made logins: they are there from the start and sell well.
const FIRST: [(&str, Class); 3] = [("reseller", Class::Top), ("si", Class::Strong), ("reseller", Class::Strong)];

/// Most get through; the last ones are those who came last.
fn way_of(number: usize, partners: usize) -> Way {
    let from_end = partners - 1 - number;
    match from_end {
        0..=2 => Way::Waiting,
        3 => Way::TurnedDown,
        4..=8 => Way::Onboarding(from_end - 4),
        _ if number == 5 => Way::Held,
        _ if number == 6 => Way::Left,
        // One more of each for every fifty partners.
        _ if from_end.is_multiple_of(50) => Way::Waiting,
        _ if from_end.is_multiple_of(47) => Way::TurnedDown,
        _ if from_end.is_multiple_of(43) => Way::Onboarding(from_end / 43 % STAGES),
        _ => Way::Enrolled,
    }
}

fn staff(dice: &mut Dice, names: &mut Names, company: &Company, class: Class, number: usize) -> Vec<Member> {
    let mut roles = vec!["partner_admin", "partner_seller"];
    if number < FIRST.len() || dice.happens(350) {
        roles.push("partner_developer");
    }
    if number < FIRST.len() || dice.happens(350) {
        roles.push("partner_finance");
    }
    if class >= Class::Strong {
        roles.push("partner_seller");
    }
    roles.into_iter().map(|role| Member { human: names.human(company.country, &company.domain), role }).collect()
}

/// The way into the program, step by step.
fn enroll(dice: &mut Dice, calendar: &Calendar, number: usize, plan: &mut PartnerPlan, steps: &mut Vec<Step>) {
    let mut step = |at, act| steps.push(Step { at, act: Act::Partner(number, act) });
    // Most were partners before the program had a system and came over when it began.
    let mut day = match plan.way {
        Way::Waiting => dice.between(355, 363),
        Way::TurnedDown => dice.between(60, 330),
        Way::Onboarding(done) => 335 + 4 * (STAGES as i64 - done as i64),
        _ if number < FIRST.len() + 4 => 0,
        _ if dice.happens(700) => dice.between(0, 9),
        _ => dice.between(10, 250),
    };
    let comes = if plan.applied || matches!(plan.way, Way::Waiting | Way::TurnedDown) {
        plan.applied = true;
        PartnerAct::Apply
    } else {
        PartnerAct::Invite
    };
    let mut at = calendar.office(day, dice);
    step(at, comes);
    let mut next = |dice: &mut Dice, days: i64| {
        day = calendar.day_of(at).max(day) + days;
        // Several steps of one day follow each other by an hour or so.
        at = if days == 0 { at.plus_seconds(dice.between(900, 5_400)) } else { calendar.office(day, dice) };
        at
    };
    match plan.way {
        Way::Waiting => return,
        Way::TurnedDown => return step(next(dice, 3), PartnerAct::TurnDown),
        _ if plan.applied => step(next(dice, 1), PartnerAct::Accept),
        _ => {}
    }
    let done = if let Way::Onboarding(done) = plan.way { done } else { STAGES };
    for stage in 0..done {
        let days = [0, 1, 1, 2, 1][stage];
        if stage == 1 {
            step(next(dice, days), PartnerAct::AcceptTerms);
            step(next(dice, 0), PartnerAct::CompleteStage);
        } else {
            step(next(dice, days), PartnerAct::CompleteStage);
        }
    }
    if done < STAGES {
        return;
    }
    plan.active_from = calendar.day_of(next(dice, 1));
    if plan.way == Way::Held {
        step(calendar.office(HELD_ON, dice), PartnerAct::Suspend);
        step(calendar.office(HELD_ON + HELD_DAYS, dice), PartnerAct::Reinstate);
    }
    if plan.way == Way::Left {
        step(calendar.office(LEAVES_ON + 30, dice), PartnerAct::End);
    }
}
