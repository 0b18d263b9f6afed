//! Guard files: everything that the product offers to others, written down, so that a change of it shows in review.
//! `CONCORD_BLESS=1` writes them anew.

use std::fmt::Write as _;
use std::path::Path;

use crate::{stage, surface};

fn guard(name: &str, now: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guards").join(name);
    if stage::variable("CONCORD_BLESS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, now).unwrap();
        return;
    }
    let then = std::fs::read_to_string(&file).unwrap_or_default();
    let differs = then.lines().zip(now.lines()).position(|(a, b)| a != b);
    let place = differs.unwrap_or_else(|| then.lines().count().min(now.lines().count()));
    let line = |text: &str| text.lines().nth(place).unwrap_or("(end)").to_owned();
    assert!(
        then == now,
        "guards/{name} line {}:\n  was {}\n  now {}\nIf that is meant: CONCORD_BLESS=1 cargo test -p concord --test it guards",
        place + 1,
        line(&then),
        line(now),
    );
}

#[test]
fn the_catalogue_is_as_written_down() {
    let registry = surface::registry();
    let mut text = String::new();
    for d in registry.catalogue() {
        let kind = if d.writes { "operation" } else { "query" };
        let access = serde_json::to_value(d.access).unwrap();
        let (method, path) = (d.route.method.name(), d.route.path);
        let _ = writeln!(
            text,
            "{:<32} {kind:<9} {method:<6} /v1{path:<44} {:<8} {}",
            d.name,
            access.as_str().unwrap(),
            d.summary
        );
    }
    for endpoint in registry.parts::<kernel::Endpoint>() {
        let (method, path) = (endpoint.route.method.name(), endpoint.route.path);
        let _ = writeln!(text, "{:<32} {:<9} {method:<6} {path:<47} {:<8} {}", "-", "door", "-", endpoint.summary);
    }
    for path in surface::pages(&registry) {
        let _ = writeln!(text, "{:<32} {:<9} {:<6} {path}", "-", "page", "GET");
    }
    for schedule in registry.schedules() {
        let _ = writeln!(text, "{:<32} schedule  every {} s", schedule.operation, schedule.every_seconds);
    }
    guard("catalogue.txt", &text);
}

#[test]
fn the_standard_catalog_is_what_the_binary_publishes() {
    let registry = surface::registry();
    let (standard, published) = (law::Catalog::standard(), programs::catalog(&registry));
    assert_eq!(standard.metrics, published.metrics, "what rules can measure");
    assert_eq!(standard.sets, published.sets, "the facts that rules can look into");
    assert!(!published.metrics.is_empty() && !published.sets.is_empty());
    let sides = people::roles().iter().filter(|role| role.side != kernel::Side::Public);
    let roles: std::collections::BTreeSet<String> = sides.map(|role| role.name.to_owned()).collect();
    assert_eq!(standard.roles, roles, "the roles that a program can name");
    for operation in &standard.operations {
        assert!(registry.declaration(operation).is_some_and(|found| found.writes), "{operation}");
    }
}

#[test]
fn the_permission_matrix_is_as_written_down() {
    let registry = surface::registry();
    let roles = people::roles();
    let mut text = String::from("Columns: ");
    text.push_str(&roles.iter().map(|role| role.name).collect::<Vec<_>>().join(", "));
    text.push('\n');
    for declaration in registry.catalogue() {
        let _ = write!(text, "{:<32}", declaration.name);
        for role in roles {
            let may = kernel::Grants::of(role.grants).allow(declaration.name);
            text.push_str(if may { " x" } else { " ." });
        }
        text.push('\n');
    }
    guard("permissions.txt", &text);
}

#[test]
fn the_api_description_is_as_written_down() {
    guard("openapi.json", &stage::succeed(&["openapi"]));
}

#[test]
fn the_command_line_is_as_written_down() {
    let top = stage::succeed(&["--help"]);
    let commands = top.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names: Vec<&str> = commands
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(names.len() > 10, "{top}");
    let mut text = format!("$ concord --help\n{top}");
    for name in names {
        let _ = write!(text, "\n$ concord {name} --help\n{}", stage::succeed(&[name, "--help"]));
    }
    guard("cli.txt", &text);
}

#[test]
fn the_schema_is_as_written_down() {
    let text: String = surface::registry()
        .migrations()
        .iter()
        .map(|migration| format!("-- {}\n\n{}\n\n", migration.name, migration.sql.trim()))
        .collect();
    guard("schema.sql", &text);
}
