//! Questions to whoever runs a command: on a terminal they are asked, otherwise the answers are lines of standard input.
//!
//! What is secret is asked here and never an option, since every user of a machine sees the options of a command.

use std::io::IsTerminal as _;

use kernel::{Error, Result, Secret};

use super::output;

/// Whether somebody sits there who can try again.
pub fn interactive() -> bool {
    std::io::stdin().is_terminal()
}

/// Asks for something that may be seen.
pub fn line(what: &str) -> Result<String> {
    if interactive() {
        output::prompt(&format!("{what}: "));
    }
    answered(what)
}

/// Asks for something that is not shown while it is typed.
pub fn secret(what: &str) -> Result<Secret> {
    if !interactive() {
        return answered(what).map(Secret::new);
    }
    let unreadable = |e| Error::invalid(field(what), format!("cannot be asked for on this terminal: {e}"));
    rpassword::prompt_password(format!("{what}: ")).map(Secret::new).map_err(unreadable)
}

fn answered(what: &str) -> Result<String> {
    let mut text = String::new();
    let read = std::io::stdin().read_line(&mut text);
    match read {
        Ok(0) => Err(Error::invalid(field(what), "is missing: standard input ended before it; give one line for each")),
        Ok(_) => Ok(text.trim_end_matches(['\r', '\n']).to_owned()),
        Err(e) => Err(Error::invalid(field(what), format!("cannot be read from standard input: {e}"))),
    }
}

fn field(what: &str) -> String {
    what.to_lowercase().replace(' ', "_")
}
