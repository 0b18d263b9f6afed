//! Which partner claims which customer, and how each claim ends. A customer is claimed several times a year, mostly one
//! claim after the other; now and then two partners want it at once.

use super::customers::Account;
use super::{Act, Calendar, DealAct, PartnerPlan, Size, Step};
use crate::dice::Dice;

/// How carefully the seller wrote down who the customer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// Legal name, domain and number.
    Full,
    /// As people say it: without legal form, umlauts spelled out, an address instead of a domain.
    Loose,
    /// A name and nothing else: a person has to look.
    Vague,
}

/// One registration and its fate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    pub account: usize,
    pub partner: usize,
    /// The number of the partner's person who registers it.
    pub seller: usize,
    /// The vendor registers on behalf of the partner.
    pub on_behalf: bool,
    pub spelling: Spelling,
    pub title: String,
    pub products: Vec<String>,
    /// In whole euros.
    pub value: i64,
    pub registered_on: i64,
    /// The day on which it is won, if the program lets it.
    pub won_on: Option<i64>,
    /// Two partners want the customer.
    pub contested: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Win,
    Lose,
    Withdraw,
    Lapse,
    Renew,
    TooSmall,
    Vague,
}

const FATES: &[(Fate, usize)] = &[
    (Fate::Win, 30),
    (Fate::Lose, 27),
    (Fate::Withdraw, 7),
    (Fate::Lapse, 15),
    (Fate::Renew, 7),
    (Fate::TooSmall, 2),
    (Fate::Vague, 2),
];
const CONTESTED_PER_MILLE: usize = 40;
/// The program's: a claim without activity ends after so many days.
const IDLE_DAYS: i64 = 45;
const LAST_DAY: i64 = 364;

/// Writes claims until there are enough.
struct Writer<'a> {
    dice: Dice,
    calendar: &'a Calendar,
    partners: &'a [PartnerPlan],
    claims: Vec<Claim>,
    steps: &'a mut Vec<Step>,
}

pub(super) fn plan(
    seed: u64,
    size: &Size,
    calendar: &Calendar,
    partners: &[PartnerPlan],
    accounts: &mut [Account],
    steps: &mut Vec<Step>,
) -> Vec<Claim> {
    let mut writer = Writer { dice: Dice::new(seed, "deals"), calendar, partners, claims: Vec::new(), steps };
    let each = (size.deals / accounts.len().max(1)).max(1) as i64;
    let mut round = 0;
    while writer.claims.len() < size.deals && round < 20 {
        for (number, account) in accounts.iter_mut().enumerate() {
            // The first round claims every customer, later ones add late claims until the year is full.
            let earliest = if round == 0 { 12 } else { account.busy_until };
            if writer.claims.len() >= size.deals || earliest >= LAST_DAY {
                continue;
            }
            let count = if round == 0 { writer.dice.between(1, each) } else { 1 };
            writer.chain(number, account, earliest, count);
        }
        round += 1;
    }
    writer.claims
}

impl Writer<'_> {
    /// Claims on one customer, one after the other.
    fn chain(&mut self, number: usize, account: &mut Account, earliest: i64, count: i64) {
        let span = (LAST_DAY - earliest) / count.max(1);
        // Late claims come soon after the one before.
        let wait = if account.busy_until > 0 { span.min(40) } else { span };
        let mut day = earliest + self.dice.between(0, wait.max(1));
        let mut before: Option<usize> = None;
        for _ in 0..count {
            if day > LAST_DAY {
                break;
            }
            if account.entered_on.is_some_and(|entered| entered >= day) {
                account.entered_on = None;
            }
            let same = before.filter(|_| account.live_from.is_some() && self.dice.happens(750));
            let Some(partner) = same.filter(|one| self.partners[*one].sells_on(day)).or_else(|| self.seller(day, None))
            else {
                day += 15;
                continue;
            };
            let existing = account.winners.iter().any(|winner| *winner != partner);
            let end = self.claim(number, account, partner, day, existing);
            before = Some(partner);
            day = end + self.dice.between(2, 12.max(span - (end - day)));
            account.busy_until = day;
        }
    }

    /// A partner that sells on that day, those that sell much more often; not `except`.
    fn seller(&mut self, day: i64, except: Option<usize>) -> Option<usize> {
        let selling: Vec<(usize, usize)> = self
            .partners
            .iter()
            .enumerate()
            .filter(|(number, partner)| Some(*number) != except && partner.sells_on(day))
            .map(|(number, partner)| {
                // A new partner starts slowly: its tier allows few open registrations.
                let grown = usize::try_from(day - partner.active_from).unwrap_or(0).min(60);
                (number, partner.class.weight() * (12 + grown))
            })
            .collect();
        (!selling.is_empty()).then(|| self.dice.weighted(&selling))
    }

    /// One claim with everything that happens to it; returns the day on which it is over.
    fn claim(&mut self, number: usize, account: &mut Account, partner: usize, day: i64, existing: bool) -> i64 {
        let fate = self.dice.weighted(FATES);
        let value = if fate == Fate::TooSmall { self.dice.between(3, 9) * 100 } else { value(&mut self.dice) };
        let spelling = match fate {
            Fate::Vague => Spelling::Vague,
            _ if self.dice.happens(350) => Spelling::Loose,
            _ => Spelling::Full,
        };
        let claim = self.add(number, partner, day, value, spelling);
        let mut from = day;
        if value > 250_000 || existing || spelling == Spelling::Vague {
            from = self.looked_at(claim, day);
        }
        let (end, won) = self.fated(claim, fate, from);
        if let Some(won_on) = won {
            self.claims[claim].won_on = Some(won_on);
            account.winners.push(partner);
            account.live_from.get_or_insert(won_on + self.dice.between(3, 20));
        }
        let lasts = end - day;
        if lasts > 9 && day + 9 < LAST_DAY && fate != Fate::Vague && self.dice.happens(CONTESTED_PER_MILLE) {
            let comes = day + self.dice.between(2, lasts - 4);
            return self.rival(account, claim, comes, end, won.is_some());
        }
        end
    }

    fn add(&mut self, account: usize, partner: usize, day: i64, value: i64, spelling: Spelling) -> usize {
        let plan = &self.partners[partner];
        let sellers: Vec<usize> =
            (0..plan.people.len()).filter(|person| plan.people[*person].role == "partner_seller").collect();
        let seller = *self.dice.pick(&sellers);
        let (title, products) = subject(&mut self.dice);
        self.claims.push(Claim {
            account,
            partner,
            seller,
            on_behalf: self.dice.happens(30),
            spelling,
            title,
            products,
            value,
            registered_on: day,
            won_on: None,
            contested: false,
        });
        let claim = self.claims.len() - 1;
        self.step(claim, day, DealAct::Register);
        claim
    }

    /// A second partner registers the same customer while the first one holds it, and takes over if that one lets go.
    fn rival(&mut self, account: &mut Account, first: usize, day: i64, end: i64, won: bool) -> i64 {
        let Claim { account: number, partner, value, .. } = self.claims[first];
        let Some(other) = self.seller(day, Some(partner)) else { return end };
        let value = value + self.dice.between(-2, 4) * 250;
        let rival = self.add(number, other, day, value.max(1_000), Spelling::Loose);
        self.claims[first].contested = true;
        self.claims[rival].contested = true;
        if won {
            return end;
        }
        let fate = *self.dice.pick(&[Fate::Win, Fate::Lose, Fate::Win, Fate::Lapse]);
        let (over, won) = self.fated(rival, fate, end + 1);
        if let Some(won_on) = won {
            self.claims[rival].won_on = Some(won_on);
            account.winners.push(other);
            account.live_from.get_or_insert(won_on + 7);
        }
        over
    }

    /// What the program leaves to a person takes a few days; sometimes more is asked for.
    fn looked_at(&mut self, claim: usize, day: i64) -> i64 {
        let mut day = day + self.dice.between(1, 4);
        if self.dice.happens(250) {
            self.step(claim, day, DealAct::Return);
            day += self.dice.between(2, 6);
            self.step(claim, day, DealAct::Resubmit);
            day += self.dice.between(1, 3);
        }
        self.step(claim, day, DealAct::Approve);
        day
    }

    /// The steps of a claim that is protected from that day on; its last day, and the day on which it is won.
    fn fated(&mut self, claim: usize, fate: Fate, from: i64) -> (i64, Option<i64>) {
        match fate {
            Fate::Win | Fate::Vague => {
                let end = self.worked_on(claim, from, 6);
                self.step(claim, end, DealAct::Win);
                (end, Some(end))
            }
            Fate::Lose => {
                let end = self.worked_on(claim, from, 9);
                self.step(claim, end, DealAct::Lose);
                (end, None)
            }
            Fate::Withdraw => {
                let end = from + self.dice.between(3, 30);
                self.step(claim, end, DealAct::Withdraw);
                (end, None)
            }
            Fate::Lapse if self.dice.happens(60) => {
                let back = from + IDLE_DAYS + self.dice.between(3, 9);
                self.step(claim, back, DealAct::Reopen);
                let end = back + self.dice.between(8, 30);
                self.step(claim, end, DealAct::Win);
                (end, Some(end))
            }
            Fate::Lapse => (from + IDLE_DAYS + 1, None),
            Fate::Renew => self.renewed(claim, from),
            Fate::TooSmall => (from, None),
        }
    }

    /// Works on a claim until it is decided; returns the day of the decision. Long ones see some activity on the way.
    fn worked_on(&mut self, claim: usize, from: i64, shortest: i64) -> i64 {
        if self.dice.happens(720) {
            let end = from + self.dice.between(shortest, 36);
            if self.dice.happens(80) {
                self.step(claim, from + (end - from) / 2, DealAct::Activity);
            }
            return end;
        }
        let first = from + self.dice.between(20, 40);
        self.step(claim, first, DealAct::Activity);
        first + self.dice.between(10, 40)
    }

    /// Protection that is renewed with proof, once or twice.
    fn renewed(&mut self, claim: usize, from: i64) -> (i64, Option<i64>) {
        let first = from + self.dice.between(25, 40);
        self.step(claim, first, DealAct::Activity);
        let mut renewed = from + self.dice.between(66, 82);
        self.step(claim, renewed, DealAct::Renew);
        if self.dice.happens(200) {
            self.step(claim, renewed + 38, DealAct::Activity);
            renewed = from + 90 + self.dice.between(64, 76);
            self.step(claim, renewed, DealAct::Renew);
        }
        let end = renewed + self.dice.between(5, 40);
        match self.dice.below(10) {
            0..6 => {
                self.step(claim, end, DealAct::Win);
                (end, Some(end))
            }
            6..9 => {
                self.step(claim, end, DealAct::Lose);
                (end, None)
            }
            _ => (renewed + IDLE_DAYS + 1, None),
        }
    }

    fn step(&mut self, claim: usize, day: i64, act: DealAct) {
        let at = self.calendar.office(day, &mut self.dice);
        self.steps.push(Step { at, act: Act::Deal(claim, act) });
    }
}

/// What a deal is worth in whole euros: many small ones, a few large ones.
fn value(dice: &mut Dice) -> i64 {
    let (low, high) = dice.weighted(&[
        ((20, 190), 34),
        ((200, 980), 41),
        ((1_000, 2_960), 19),
        ((3_000, 4_900), 5),
        ((5_200, 11_000), 1),
    ]);
    dice.between(low, high) * 50
}

fn subject(dice: &mut Dice) -> (String, Vec<String>) {
    const SUBJECTS: &[(&str, &[&str])] = &[
        ("Dispatch for the whole fleet", &["Dispatch"]),
        ("Dispatch for a second depot", &["Dispatch"]),
        ("Route planning for the night runs", &["Routes"]),
        ("Dispatch and route planning", &["Dispatch", "Routes"]),
        ("Compliance add-on for drivers", &["Compliance"]),
        ("Replacement of the old planning board", &["Dispatch", "Board"]),
        ("Electronic freight documents", &["Documents"]),
        ("Customer portal for consignees", &["Portal"]),
        ("Telematics integration", &["Connect", "Dispatch"]),
        ("Cold chain monitoring", &["Connect"]),
    ];
    let (title, products) = dice.pick(SUBJECTS);
    ((*title).to_owned(), products.iter().map(|product| (*product).to_owned()).collect())
}
