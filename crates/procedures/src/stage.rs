//! The rule by which a stage is completed: by the side that moves it, with all of its evidence.

use std::collections::BTreeMap;

use kernel::{Reason, Rule, Verdict};
use law::{EvidenceKind, Party, Stage};
use serde::{Deserialize, Serialize};

/// What the law says: the stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageTerms {
    /// The key of the procedure.
    pub procedure: String,
    pub stage: Stage,
}

/// What happened: who asks, and which evidence is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageFacts {
    /// The side that asks; absent for Concord itself, which stands on both.
    pub side: Option<Party>,
    /// Ids of the evidence by its key.
    pub given: BTreeMap<String, String>,
}

/// Whether a stage is complete.
pub struct StageRule;

impl Rule for StageRule {
    const KIND: &'static str = "procedures.stage";
    type Terms = StageTerms;
    type Facts = StageFacts;
    type Outcome = bool;

    fn decide(terms: &StageTerms, facts: &StageFacts) -> Verdict<bool> {
        let StageTerms { procedure, stage } = terms;
        let place = format!("procedures.toml: procedure.{procedure}.stage.{}", stage.key);
        let mut reasons = Vec::new();
        if let Some(reason) = wrong_side(stage, facts.side) {
            reasons.push(reason.citing(format!("{place}.moved_by")));
        }
        for asked in stage.evidence.iter().filter(|asked| !facts.given.contains_key(&asked.key)) {
            let remedy = match (asked.kind, asked.help.as_str()) {
                (EvidenceKind::Terms, _) => "Accept the terms in their current version.".to_owned(),
                (_, "") => format!("Give “{}”.", asked.title),
                (_, help) => format!("Give “{}”. {help}", asked.title),
            };
            let reason = Reason::new("missing_evidence", format!("{} is missing", asked.title));
            reasons.push(reason.citing(format!("{place}.evidence.{}", asked.key)).remedy(remedy));
        }
        if !reasons.is_empty() {
            return Verdict { outcome: false, reasons };
        }
        let mut reason = Reason::new("complete", format!("All evidence for “{}” is there", stage.title)).citing(place);
        for asked in &stage.evidence {
            if let Some(id) = facts.given.get(&asked.key) {
                reason = reason.resting_on(id);
            }
        }
        Verdict { outcome: true, reasons: vec![reason] }
    }
}

/// Why that side does not move this stage, if so.
pub(crate) fn wrong_side(stage: &Stage, side: Option<Party>) -> Option<Reason> {
    if side.is_none_or(|side| side == stage.moved_by) {
        return None;
    }
    let (who, code) = match stage.moved_by {
        Party::Partner => ("the partner", "moved_by_partner"),
        Party::Vendor => ("the vendor", "moved_by_vendor"),
    };
    Some(Reason::new(code, format!("“{}” is moved by {who}", stage.title)).remedy(format!("Wait for {who}.")))
}
