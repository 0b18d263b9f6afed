//! The usage of the year: a million events that the product's meter delivers once everything else stands.
//!
//! Nothing in the year is decided by usage, so pages need not wait for it: the meter was connected today and sends what it
//! has kept, oldest first, through the ordinary intake, while people already look around.

use std::sync::Arc;

use kernel::{Actor, App, Result};
use money::intake::{IngestUsage, LARGEST_BATCH, Quantity, UsageEvent};
use partners::CustomerId;

use crate::script::{Account, Calendar};

/// The meter with everything that it has kept.
pub struct Meter {
    actor: Arc<Actor>,
    calendar: Calendar,
    /// Customers in the order of the script, with what they used.
    customers: Vec<(usize, CustomerId, Account)>,
    days: i64,
}

impl Meter {
    /// `days` of the year have passed; `customers` come with their place in the script.
    pub(crate) fn new(
        actor: Arc<Actor>,
        calendar: Calendar,
        customers: Vec<(usize, CustomerId, Account)>,
        days: i64,
    ) -> Self {
        Self { actor, calendar, customers, days }
    }

    /// Events that it delivers.
    pub fn events(&self) -> usize {
        let of_day = |day: i64| self.customers.iter().map(|(_, _, account)| account.usage_on(day)).sum::<usize>();
        (0..self.days).map(of_day).sum()
    }

    /// Delivers the year, as many events at once as intake takes; `progress` hears how many are in.
    pub async fn deliver(&self, app: &App, progress: &(dyn Fn(usize) + Send + Sync)) -> Result<()> {
        let mut delivered = 0;
        let mut waiting = Vec::with_capacity(LARGEST_BATCH * 2);
        for day in 0..self.days {
            self.of_day(day, &mut waiting);
            while waiting.len() >= LARGEST_BATCH || day + 1 == self.days && !waiting.is_empty() {
                let rest = waiting.split_off(waiting.len().min(LARGEST_BATCH));
                let events = std::mem::replace(&mut waiting, rest);
                delivered += events.len();
                app.run(&self.actor, IngestUsage { source: "meter".to_owned(), events }).await?;
                progress(delivered);
            }
        }
        Ok(())
    }

    fn of_day(&self, day: i64, into: &mut Vec<UsageEvent>) {
        let midnight = self.calendar.at(day, 0);
        for (number, customer, account) in &self.customers {
            let count = account.usage_on(day);
            let customer = if count > 0 { customer.to_string() } else { continue };
            for place in 0..count {
                let minutes = 300 + (*number as i64 * 7 + place as i64 * 1_021 / count as i64) % 1_020;
                into.push(UsageEvent {
                    id: format!("{day:03}-{number:04}-{place}"),
                    customer: customer.clone(),
                    quantity: Quantity::whole(1 + (*number as i64 + place as i64 * 3 + day) % 9),
                    unit: "dispatch".to_owned(),
                    occurred_at: midnight.plus_seconds(minutes * 60),
                    integration: None,
                });
            }
        }
    }
}
