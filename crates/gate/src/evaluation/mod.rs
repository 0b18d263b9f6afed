//! The question that a dispatch system asks: may this driver take this order? It is asked and answered in the words of
//! the OpenID AuthZEN Authorization API 1.0.

pub mod authzen;
mod dispatch;
#[cfg(test)]
mod tests;

pub use dispatch::{Assignment, NotAnAssignment, assignment, response};
