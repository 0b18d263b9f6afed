//! The command line as a shell meets it: pipes that end early, options as they are typed.

use std::io::Read as _;
use std::process::Stdio;

use crate::stage;

#[test]
fn a_reader_that_has_seen_enough_does_not_break_the_command() {
    let mut command = stage::concord(&["openapi"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0];
    let mut pipe = child.stdout.take().unwrap();
    pipe.read_exact(&mut first).unwrap();
    drop(pipe);
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn options_are_typed_with_hyphens_as_well() {
    for option in ["--expires_after_days", "--expires-after-days"] {
        let arguments = ["tokens", "create", "--name", "x", "--scopes", "y", option, "never"];
        let output = stage::run(&arguments);
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && words.contains("expires_after_days:"), "{option}: {words}");
    }
}
