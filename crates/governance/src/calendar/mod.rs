//! The calendar: what is due this week, this month and this quarter, whichever area it comes from, and what the program
//! begins by itself next.

mod pages;
mod queries;
#[cfg(test)]
mod tests;

pub use queries::{Due, GetCalendar, Next, Schedule};

pub fn install(registry: &mut kernel::Registry) {
    registry.query::<GetCalendar>();
    pages::install(registry);
}
