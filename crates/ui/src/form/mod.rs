//! Forms: fields with label, help and error, and whole forms made from an operation's JSON Schema.
//!
//! [`from_schema`] renders the fields, [`read`] turns what the browser posts back into the operation's JSON; both read
//! the same schema, so a new field of an operation appears in its form without a line of page code.

mod control;
mod field;
mod parts;
mod read;
mod schema;
#[cfg(test)]
mod tests;

pub use field::Field;
pub use parts::{blamed, errors_summary, errors_summary_as, form, group, hidden};
pub use read::{decode, read};
pub use schema::{Place, from_schema, from_schema_as};
