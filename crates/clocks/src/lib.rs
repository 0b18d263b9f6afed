//! Clocks: due dates that act. A clock belongs to a thing, warns before it is due, may be paused, and runs an operation
//! when it lapses.
//!
//! Areas call [`start`], [`stop`], [`pause`] and [`resume`] inside their operations; the binary calls [`tick`] every few
//! seconds on every node. A clock fires once, whatever the number of nodes, and one whose operation fails is put off
//! without holding up the others.

mod clock;
mod operations;
mod pages;
mod store;
#[cfg(test)]
mod tests;
mod tick;

pub use clock::{Clock, NewClock, State, Step};
pub use operations::{FireClock, Fired, ListClocks, PostponeClock, pause, resume, start, stop};
pub use store::{due, of};
pub use tick::{Ticked, tick};

kernel::ids! { ClockId = ClockKind "clk" }

/// Adds the clocks' operations, list, page and table.
pub fn install(registry: &mut kernel::Registry) {
    registry
        .migration("clocks/001", include_str!("../migrations/001_clocks.sql"))
        .migration("clocks/002", include_str!("../migrations/002_orders.sql"))
        .sealed("clock", "id")
        .operation::<FireClock>()
        .operation::<PostponeClock>()
        .query::<ListClocks>();
    pages::install(registry);
}
