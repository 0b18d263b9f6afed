//! The roadmap: partners ask, the vendor triages by return and security, merges what means the same, and decides with a
//! rationale that everyone who asked gets. Requests are weighed by the revenue of the partners behind them.

mod operations;
mod pages;
mod queries;
mod request;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use operations::ANSWER;
pub use operations::{
    AskFor, DecideRequest, Decision, MergeRequest, RemindRequest, ShipRequest, SupportRequest, TriageRequest,
};
pub use queries::{GetRequest, ListRequests, RequestDetail, Weighed};
pub use request::{Request, State, Voice};
pub(crate) use store::asked_by;

kernel::ids! { RequestId = RequestKind "road", VoiceId = VoiceKind "voice" }

pub fn install(registry: &mut kernel::Registry) {
    registry
        .operation::<AskFor>()
        .operation::<SupportRequest>()
        .operation::<TriageRequest>()
        .operation::<MergeRequest>()
        .operation::<DecideRequest>()
        .operation::<ShipRequest>()
        .operation::<RemindRequest>()
        .query::<ListRequests>()
        .query::<GetRequest>();
    pages::install(registry);
}
