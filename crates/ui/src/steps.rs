//! The stages of a procedure: what is done, where it stands, what waits.

use maud::{Markup, html};

/// Where a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    Done,
    Current,
    Waiting,
    Failed,
}

/// One stage with a short note: who moves it, or since when.
#[derive(Debug, Clone)]
pub struct Step {
    pub label: String,
    pub note: Option<Markup>,
    pub state: StepState,
}

impl Step {
    pub fn new(label: impl Into<String>, state: StepState) -> Self {
        Self { label: label.into(), note: None, state }
    }

    pub fn note(mut self, note: Markup) -> Self {
        self.note = Some(note);
        self
    }
}

pub fn steps(stages: &[Step]) -> Markup {
    html! {
        ol.steps {
            @for (place, step) in stages.iter().enumerate() {
                @let (class, word) = match step.state {
                    StepState::Done => ("step done", "done"),
                    StepState::Current => ("step current", "now"),
                    StepState::Waiting => ("step", "waiting"),
                    StepState::Failed => ("step failed", "failed"),
                };
                li class=(class) aria-current=[(step.state == StepState::Current).then_some("step")] {
                    span.step-mark aria-hidden="true" {
                        @match step.state {
                            StepState::Done => "✓",
                            StepState::Failed => "✕",
                            StepState::Current | StepState::Waiting => (place + 1),
                        }
                    }
                    span.step-label { (step.label) span.sr { " (" (word) ")" } }
                    @if let Some(note) = &step.note { span.step-note { (note) } }
                }
            }
        }
    }
}
