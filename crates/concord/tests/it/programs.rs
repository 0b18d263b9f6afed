//! `concord program new`: the shipped programs listed, proposed, filled in and written, as a shell meets it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

use crate::stage;

fn fresh() -> (tempfile::TempDir, String) {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("ours").to_str().unwrap().to_owned();
    (parent, folder)
}

/// Runs the wizard with these answers, one for each question.
fn asked(folder: &str, options: &[&str], answers: &str) -> Output {
    let mut arguments = vec!["program", "new", folder, "--ask"];
    arguments.extend(options);
    let mut command = stage::concord(&arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that refuses early does not read on.
    let _ = child.stdin.take().unwrap().write_all(answers.as_bytes());
    child.wait_with_output().unwrap()
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn read(folder: &str, file: &str) -> String {
    std::fs::read_to_string(Path::new(folder).join(file)).unwrap()
}

#[test]
fn every_shipped_program_is_listed_with_one_line() {
    let table = stage::succeed(&["program", "new", "--list"]);
    let rows: serde_json::Value =
        serde_json::from_str(&stage::succeed(&["--json", "program", "new", "--list"])).unwrap();
    let shipped = law::shipped();
    assert_eq!(rows.as_array().unwrap().len(), shipped.len());
    for (program, row) in shipped.iter().zip(rows.as_array().unwrap()) {
        assert!(table.contains(program.key), "{table}");
        let about = row["about"].as_str().unwrap();
        let own = program.key == "starter" || about.len() > 30;
        assert!(row["program"] == program.key && own && !about.contains('\n'), "{row}");
    }
}

#[test]
fn every_shipped_program_is_written_and_sound_with_a_name_of_ones_own() {
    for program in law::shipped() {
        let (_parent, folder) = fresh();
        let options =
            ["--like", program.key, "--name", "Acme & Sons", "--currency", "chf", "--time-zone", "Europe/Zurich"];
        let mut arguments = vec!["program", "new", folder.as_str()];
        arguments.extend(options);
        let said = stage::succeed(&arguments);
        assert!(said.contains("Edit first") && said.contains("money.toml") && said.contains("program lint"), "{said}");
        let settings = read(&folder, "program.toml");
        for line in
            ["key = \"acme-sons\"", "vendor = \"Acme & Sons\"", "currency = \"CHF\"", "time_zone = \"Europe/Zurich\""]
        {
            assert!(settings.lines().any(|found| found == line), "{}: {line}: {settings}", program.key);
        }
        assert!(stage::succeed(&["program", "lint", &folder]).contains("is sound"));
    }
}

#[test]
fn without_answers_the_starter_is_written_as_it_is() {
    let (_parent, folder) = fresh();
    stage::succeed(&["program", "new", &folder]);
    let starter = law::shipped().iter().find(|program| program.key == "starter").unwrap();
    for (file, text) in starter.files() {
        assert_eq!(read(&folder, &file), text, "{file}");
    }
}

#[test]
fn the_wizard_proposes_the_nearest_program_and_says_why() {
    for (work, collects, deals, gate, expected, reason) in [
        ("resell, distribute", "partner", "yes", "no", "distribution", "partners collect the money of customers"),
        ("build", "vendor", "no", "no", "app-marketplace", "partners build: build apps and integrations"),
        ("deliver", "vendor", "yes", "no", "services-network", "partners register deals"),
        ("attest", "vendor", "yes", "yes", "dispatch-compliance", "credentials decide at once in the gate"),
        ("resell refer build embed", "both", "y", "n", "channel", "you collect in some plans, partners in others"),
        ("2 4 5 6", "both", "yes", "no", "ecosystem", "partners resell: sell to customers"),
        ("refer,deliver", "both", "yes", "no", "commercial-models", "partners refer: name customers who may buy"),
    ] {
        let (_parent, folder) = fresh();
        let output = asked(&folder, &[], &format!("{work}\n{collects}\n{deals}\n{gate}\n\nAcme\n\n\n"));
        let said = words(&output);
        assert!(output.status.success() && said.contains(&format!("The nearest is `{expected}`")), "{work}: {said}");
        assert!(said.contains(reason), "{work}: {said}");
        let written = read(&folder, "program.toml");
        assert!(
            written.contains("key = \"acme\"\n") && written.contains("title = \"Acme Partner Program\""),
            "{written}"
        );
    }
}

#[test]
fn another_program_than_the_proposed_one_can_be_taken_and_options_are_not_asked_for() {
    let (_parent, folder) = fresh();
    let output =
        asked(&folder, &["--name", "Acme", "--currency", "JPY"], "build\nvendor\nno\nno\ndistribution\nAsia/Tokyo\n");
    assert!(output.status.success(), "{}", words(&output));
    let (settings, money) = (read(&folder, "program.toml"), read(&folder, "money.toml"));
    assert!(settings.contains("currency = \"JPY\"") && settings.contains("time_zone = \"Asia/Tokyo\""), "{settings}");
    assert!(money.contains("fixed = \"JPY 150\"") && !money.contains("EUR"), "{money}");
}

#[test]
fn nothing_is_written_over_and_mistakes_are_named() {
    let (_parent, folder) = fresh();
    stage::succeed(&["program", "new", &folder]);
    let (_other, empty) = fresh();
    for (arguments, expected) in [
        (vec!["program", "new", &folder, "--like", "channel"], "is not empty; choose a new folder"),
        (vec!["program", "new", &empty, "--like", "chanel"], "`chanel` is not shipped; choose northwind"),
        (vec!["program", "new", &empty, "--currency", "EURO"], "currency: `EURO` is not an ISO 4217 code"),
        (vec!["program", "new", &empty, "--time-zone", "Berlin"], "time_zone: `Berlin` is not an IANA time zone"),
        (vec!["program", "new", &empty, "--name", "株式会社"], "name: `株式会社` gives no key for the program"),
        (vec!["program", "new"], "DIR"),
    ] {
        let output = stage::run(&arguments);
        assert!(!output.status.success() && words(&output).contains(expected), "{arguments:?}: {}", words(&output));
        assert!(!Path::new(&empty).exists(), "{arguments:?} wrote something");
    }
    for (answers, expected) in [
        ("sing\n", "`sing` is none of refer, resell"),
        ("build\nnobody\n", "`nobody` does not collect money here"),
        ("build\nvendor\nmaybe\n", "`maybe` is neither yes nor no"),
        ("build\nvendor\n", "standard input ended before it"),
    ] {
        let output = asked(&empty, &[], answers);
        assert!(!output.status.success() && words(&output).contains(expected), "{answers}: {}", words(&output));
        assert!(!Path::new(&empty).exists(), "{answers} wrote something");
    }
}
