//! The real binary over real sockets: what no test of a single area can see.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod api;
#[path = "../../src/assemble.rs"]
#[allow(dead_code)] // only the list of areas is used here
mod assemble;
mod browser;
mod crash;
mod driver;
mod evidence;
mod fuzz;
mod gatekeeping;
mod golden;
mod guards;
mod login;
mod nodes;
mod plans;
mod programs;
mod proxy;
mod shell;
mod stage;
mod surface;
mod together;
mod walk;
