//! The only sockets out: HTTP requests of the command line, trace export, and mail.

pub mod http;
pub mod traces;
