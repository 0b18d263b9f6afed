//! Which shipped program is nearest to how a company works: a pure ranking with its reasons.

use law::{Party, Program, Shipped, Work};

/// Who collects the money of customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collects {
    Vendor,
    Partner,
    Both,
}

impl Collects {
    pub fn read(text: &str) -> Result<Self, String> {
        match text.to_lowercase().as_str() {
            "vendor" => Ok(Self::Vendor),
            "partner" => Ok(Self::Partner),
            "both" => Ok(Self::Both),
            _ => Err(format!("`{text}` does not collect money here; answer vendor, partner or both")),
        }
    }

    /// Who collects in the plans of a program.
    fn of(program: &Program) -> Self {
        let kinds = |c: law::Collection| [c.project, c.subscription, c.usage, c.license];
        let partner = |plan: &law::Plan| kinds(plan.collected_by).contains(&Party::Partner);
        let (with, without): (Vec<&law::Plan>, Vec<_>) = program.plans.values().partition(|plan| partner(plan));
        match (with.is_empty(), without.is_empty()) {
            (true, _) => Self::Vendor,
            (false, true) => Self::Partner,
            (false, false) => Self::Both,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Vendor => "you collect the money of customers",
            Self::Partner => "partners collect the money of customers",
            Self::Both => "you collect in some plans, partners in others",
        }
    }
}

/// How the company works.
#[derive(Debug, Clone)]
pub struct Wishes {
    pub work: Vec<Work>,
    pub collects: Collects,
    pub deals: bool,
    pub gate: bool,
}

/// The kinds of work in a list of words or numbers.
pub fn work(text: &str) -> Result<Vec<Work>, String> {
    let mut found = Vec::new();
    for word in text.split([',', ' ']).filter(|word| !word.is_empty()) {
        let number = word.parse::<usize>().ok().and_then(|number| Work::ALL.get(number.checked_sub(1)?));
        let named = Work::ALL.iter().find(|work| work.word() == word.to_lowercase());
        let Some(work) = number.or(named) else {
            let words: Vec<&str> = Work::ALL.iter().map(|work| work.word()).collect();
            return Err(format!("`{word}` is none of {}", words.join(", ")));
        };
        if !found.contains(work) {
            found.push(*work);
        }
    }
    if found.is_empty() { Err("name at least one".to_owned()) } else { Ok(found) }
}

/// A program with what speaks for it and what is missing.
#[derive(Debug)]
pub struct Proposal {
    pub shipped: &'static Shipped,
    pub title: String,
    pub reasons: Vec<String>,
    pub differences: Vec<String>,
    points: i32,
}

/// All programs, the nearest first; of equals, the smaller one.
pub fn rank(wishes: &Wishes, programs: &[(&'static Shipped, Program)]) -> Vec<Proposal> {
    let mut all: Vec<Proposal> = programs.iter().map(|(shipped, program)| propose(wishes, shipped, program)).collect();
    all.sort_by_key(|proposal| (-proposal.points, proposal.shipped.texts.len(), proposal.shipped.key));
    all
}

fn propose(wishes: &Wishes, shipped: &'static Shipped, program: &Program) -> Proposal {
    let mut proposal = Proposal {
        shipped,
        title: program.settings.title.clone(),
        reasons: Vec::new(),
        differences: Vec::new(),
        points: 0,
    };
    for work in &wishes.work {
        let text = format!("partners {}: {}", work.word(), work.meaning());
        proposal.weigh(shipped.work.contains(work), 6, text.clone(), format!("it has nobody who does this: {text}"));
    }
    // What nobody asked for has to be deleted again.
    let surplus = shipped.work.iter().filter(|work| !wishes.work.contains(work)).count();
    proposal.points -= i32::try_from(surplus).unwrap_or(i32::MAX);
    let collects = Collects::of(program);
    let fits = collects == wishes.collects || collects == Collects::Both;
    let missing = format!("in its plans {}; change `collected_by` in money.toml", collects.words());
    proposal.weigh(fits, if collects == wishes.collects { 3 } else { 2 }, wishes.collects.words().to_owned(), missing);
    let has = |file: &str| shipped.texts.iter().any(|(name, _)| *name == file);
    let (deals, gate) = (has("deals.toml"), has("gate.toml"));
    if wishes.deals {
        let missing = "it says nothing about registrations, so that the defaults hold: add deals.toml".to_owned();
        proposal.weigh(deals, 2, "partners register deals".to_owned(), missing);
    } else if deals {
        proposal.points -= 1;
    }
    if wishes.gate {
        let missing = "it has no gate; `--like dispatch-compliance` shows one in gate.toml".to_owned();
        proposal.weigh(gate, 6, "credentials decide at once in the gate".to_owned(), missing);
    } else if gate {
        proposal.points -= 3;
        proposal.differences.push("it has a gate; delete gate.toml and policies/ if you do not need it".to_owned());
    }
    proposal
}

impl Proposal {
    fn weigh(&mut self, fits: bool, points: i32, reason: String, difference: String) {
        if fits {
            self.points += points;
            self.reasons.push(reason);
        } else {
            self.differences.push(difference);
        }
    }
}
