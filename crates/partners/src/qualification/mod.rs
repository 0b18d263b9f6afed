//! Qualification: an applicant is judged by the criteria of the program, 0 to 5 each with what the score rests on; the
//! weighted total recommends to take it in, to look closer or to turn it down, as a decision that can be explained.

mod operations;
mod pages;
mod rule;
mod store;
#[cfg(test)]
mod tests;

pub use operations::{GetQualification, QualificationView, ScoreApplicant, ScoredCriterion};
pub use rule::{QualificationFacts, QualificationRule, QualificationTerms, Recommendation, Score};

kernel::ids! { ScoreId = ScoreKind "qsc" }

pub fn install(registry: &mut kernel::Registry) {
    registry
        .sealed("qualification_score", "id")
        .rule::<QualificationRule>()
        .operation::<ScoreApplicant>()
        .query::<GetQualification>();
    pages::install(registry);
}
