//! Every statement that the product prepares, on both databases: each is understood, and none walks a table that grows.
//!
//! The kernel says each text of SQL once to who listens to `storage=trace`. A small demo is built and then walked over
//! every query, list order, filter and page; what was said on the way is explained by both databases. What walks all the
//! same is written down in `guards/walks-*.txt`, which only get shorter.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use kernel::registry::Declaration;
use kernel::{Actor, App, Error};
use serde_json::{Map, Value as Json, json};
use tracing_subscriber::Layer as _;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::assemble::{self, Place};
use crate::fuzz::Shapes;
use crate::stage::{self, Caller, Demo, Server};
use crate::surface::{self, fill, holes};

/// Says every statement, and nothing else.
const LISTEN: [&str; 4] = ["--log-format", "json", "--log-level", "error,storage=trace"];

/// Tables that stay small, and why. The list only shrinks.
const SMALL: [(&str, &str); 7] = [
    ("organization", "one row for each vendor"),
    ("program_version", "one row for each amendment of the program"),
    ("program_draft", "one row for each draft that a person works on"),
    ("schema_migration", "one row for each step of the schema"),
    ("webhook_source", "one row for each sender of credentials"),
    ("log_head", "one row"),
    ("log_pending", "what the sequencer has not placed yet, which it does twice a second"),
];

/// What a server or command said about statements.
fn statements(said: &str) -> BTreeSet<String> {
    let lines = said.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
    lines.filter_map(|line| line["fields"]["sql"].as_str().map(str::to_owned)).collect()
}

/// Builds a demo; its statements are those of its operations.
fn recorded_demo(folder: &Path) -> (Demo, BTreeSet<String>) {
    let path = folder.to_str().unwrap();
    let build = ["--json", "demo", "--seed", "7", "--build-only", "--scale", "0.01", "--dir", path];
    let output = stage::run(&[&build[..], &LISTEN[..]].concat());
    assert!(output.status.success(), "{output:?}");
    let built: Json = serde_json::from_slice(&output.stdout).unwrap();
    (Demo::read(folder, &built), statements(&String::from_utf8_lossy(&output.stderr)))
}

/// Hears what the kernel says about statements in this process.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<BTreeSet<String>>>);

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Listener {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        struct Text(Option<String>);
        impl tracing::field::Visit for Text {
            fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
                if field.name() == "sql" {
                    self.0 = Some(value.to_owned());
                }
            }
            fn record_debug(&mut self, _: &tracing::field::Field, _: &dyn std::fmt::Debug) {}
        }
        let mut text = Text(None);
        event.record(&mut text);
        self.0.lock().unwrap().extend(text.0);
    }
}

/// A vendor's and a partner's view of everything that can be asked, in every order and through every filter. In process,
/// because of the quota that HTTP has.
async fn ask_everything(folder: &Path) -> BTreeSet<String> {
    let listener = Listener::default();
    let only = tracing_subscriber::filter::Targets::new().with_target("storage", tracing::Level::TRACE);
    let listening = tracing_subscriber::registry().with(listener.clone().with_filter(only));
    tracing::subscriber::set_global_default(listening).unwrap();
    let place = Place { data_dir: folder.to_owned(), database_url: None, log_origin: "concord.local/log".to_owned() };
    let app = assemble::open(&place).await.unwrap();
    let organization = app.organization(None).await.unwrap().unwrap();
    let system = Actor::system(organization, "plans");
    let (people, _) = app.query_value(&system, "people.list", json!({ "limit": 500 })).await.unwrap();
    let partner = people["items"].as_array().unwrap().iter().find(|p| p["partner"].is_string()).unwrap();
    let partner = app_person(&app, partner["id"].as_str().unwrap()).await;
    for actor in [system, partner] {
        let ids = ids(&app, &actor).await;
        for query in app.registry().catalogue().into_iter().filter(|d| !d.writes) {
            for input in inputs(query, &ids) {
                ask(&app, &actor, query, input).await;
            }
        }
    }
    std::mem::take(&mut *listener.0.lock().unwrap())
}

async fn app_person(app: &App, id: &str) -> Actor {
    people::person_actor(app, id.parse().unwrap()).await.unwrap().unwrap()
}

/// Some ids of each kind that the actor finds in lists.
async fn ids(app: &App, actor: &Actor) -> BTreeMap<String, Vec<String>> {
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for list in surface::lists(app.registry()) {
        let Ok((page, _)) = app.query_value(actor, list.name, json!({ "limit": 500 })).await else { continue };
        for id in surface::ids(&page.to_string()) {
            let kind = ids.entry(id.split('_').next().unwrap_or_default().to_owned()).or_default();
            if kind.len() < 2 {
                kind.push(id);
            }
        }
    }
    ids
}

/// The input with what the path needs, and with each other field besides.
fn inputs(query: &Declaration, ids: &BTreeMap<String, Vec<String>>) -> Vec<Json> {
    let holes = holes(query.route.path);
    let place = |id: &String| holes.iter().map(|hole| ((*hole).to_owned(), json!(id))).collect::<Map<String, Json>>();
    let places: Vec<Map<String, Json>> =
        if holes.is_empty() { vec![Map::new()] } else { ids.values().flatten().map(place).collect() };
    let Json::Object(fields) = Shapes::new(&query.input).plausible(&holes, ids, None) else { return Vec::new() };
    let required = query.input["required"].as_array().cloned().unwrap_or_default();
    let paging = ["cursor", "limit", "sort"];
    let mut all = Vec::new();
    for mut place in places {
        place.extend(
            fields.iter().filter(|(name, _)| required.contains(&json!(name))).map(|(n, v)| (n.clone(), v.clone())),
        );
        all.push(Json::Object(place.clone()));
        for (name, value) in fields.iter().filter(|(name, _)| !paging.contains(&name.as_str())) {
            let mut with = place.clone();
            with.insert(name.clone(), value.clone());
            all.push(Json::Object(with));
        }
    }
    all
}

/// Asks, and where it is a list in every order, upwards and downwards, each with a second page.
async fn ask(app: &App, actor: &Actor, query: &Declaration, mut input: Json) {
    let fails = |error: &Error| assert!(!matches!(error, Error::Internal(_)), "{}: {error}", query.name);
    if let Err(error) = app.query_value(actor, query.name, input.clone()).await {
        fails(&error);
    }
    if query.input.pointer("/properties/sort").is_none() {
        return;
    }
    input["limit"] = json!(1);
    input["sort"] = json!("no_such_order");
    let Err(refused) = app.query_value(actor, query.name, input.clone()).await else { return };
    let refused = refused.to_string();
    let Some((_, orders)) = refused.split_once("choose one of ") else { return };
    for order in orders.split(", ") {
        for direction in ["", "-"] {
            let mut page = input.clone();
            page["sort"] = json!(format!("{direction}{order}"));
            while let Ok((answer, _)) = app.query_value(actor, query.name, page.clone()).await {
                let first = page.get("cursor").is_none();
                page["cursor"] = answer["next"].clone();
                if !first || page["cursor"].is_null() {
                    break;
                }
            }
        }
    }
}

/// Opens every page, each with ids of every kind.
async fn open_pages(caller: &Caller) {
    let registry = surface::registry();
    let mut ids = BTreeSet::new();
    for page in surface::pages(&registry).into_iter().filter(|page| holes(page).is_empty()) {
        let answer = caller.get(page).await;
        assert!(answer.status < 500, "{page}: {}", answer.text);
        ids.extend(surface::ids(&answer.text));
    }
    let mut one_of_each: BTreeMap<String, String> = BTreeMap::new();
    one_of_each.extend(ids.into_iter().map(|id| (id.split('_').next().unwrap_or_default().to_owned(), id)));
    for page in surface::pages(&registry).into_iter().filter(|page| !holes(page).is_empty()) {
        for id in one_of_each.values() {
            let answer = caller.get(&fill(page, |_| id.clone())).await;
            assert!(answer.status < 500, "{page} of {id}: {}", answer.text);
        }
    }
}

/// Everything that the product asked of its database while a demo was built and walked.
async fn everything_said(folder: &Path) -> BTreeSet<String> {
    let (demo, mut all) = recorded_demo(folder);
    for title in ["Owner", &format!("Partner Administrator of {}", demo.partners()[0])] {
        let server = Server::start_with(folder, &[], &LISTEN).await;
        open_pages(&server.sign_in(demo.login(title)).await).await;
        all.extend(statements(&server.log.lock().unwrap().join("\n")));
    }
    all.extend(ask_everything(folder).await);
    let control = |sql: &String| ["SAVEPOINT", "RELEASE", "ROLLBACK"].iter().any(|word| sql.starts_with(word));
    all.into_iter().filter(|sql| !control(sql)).collect()
}

/// The tables that a statement names, under each alias.
fn aliases(sql: &str, tables: &BTreeSet<String>) -> BTreeMap<String, String> {
    let words: Vec<&str> = sql.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty()).collect();
    let mut all = BTreeMap::new();
    for (place, word) in words.iter().enumerate().filter(|(_, word)| tables.contains(**word)) {
        all.insert((*word).to_owned(), (*word).to_owned());
        let next = words[place + 1..].iter().find(|next| !next.eq_ignore_ascii_case("AS"));
        if let Some(next) = next {
            all.insert((*next).to_owned(), (*word).to_owned());
        }
    }
    all
}

fn may_walk(table: &str) -> bool {
    SMALL.iter().any(|(small, _)| *small == table)
}

/// What SQLite says about a statement that walks a table.
fn walked_on_sqlite(
    database: &rusqlite::Connection,
    tables: &BTreeSet<String>,
    sql: &str,
) -> Result<Vec<String>, String> {
    let mut statement =
        database.prepare(&format!("EXPLAIN QUERY PLAN {}", sql.replace('$', "?"))).map_err(|e| e.to_string())?;
    let mut steps: Vec<String> = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(|e| e.to_string())? {
        steps.push(row.get(3).map_err(|e| e.to_string())?);
    }
    // The first rows of an index end a walk early, unless everything has to be sorted before; ties alone are no matter.
    let sorted = |step: &String| step.contains("TEMP B-TREE") && !step.contains("FOR LAST");
    let ends_early = sql.contains("LIMIT") && !steps.iter().any(sorted);
    let aliases = aliases(sql, tables);
    let walks = |step: &&String| {
        // Most installations have one organization: a search for nothing but its rows is a walk, too.
        let whole = step
            .strip_prefix("SCAN ")
            .or_else(|| step.strip_prefix("SEARCH ").filter(|rest| rest.ends_with("(organization=?)")));
        let named = whole.and_then(|rest| aliases.get(rest.split(' ').next()?));
        named.is_some_and(|table| !ends_early && !may_walk(table))
    };
    Ok(steps.iter().filter(walks).cloned().collect())
}

/// What PostgreSQL would walk even where that is forbidden: there is no index for it.
async fn walked_on_postgres(client: &tokio_postgres::Client, sql: &str) -> Result<Vec<String>, String> {
    let words = |e: tokio_postgres::Error| e.as_db_error().map_or_else(|| e.to_string(), |e| e.message().to_owned());
    client.batch_execute(&format!("PREPARE asked AS {sql}")).await.map_err(words)?;
    let counted =
        client.query_one("SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'asked'", &[]);
    let parameters: i32 = counted.await.map_err(words)?.get(0);
    let nulls = vec!["NULL"; parameters as usize].join(", ");
    let call = if parameters == 0 { String::new() } else { format!("({nulls})") };
    let explained = client.simple_query(&format!("EXPLAIN (FORMAT JSON) EXECUTE asked {call}")).await;
    client.batch_execute("DEALLOCATE asked").await.map_err(words)?;
    let plan: String = explained.map_err(words)?.iter().filter_map(row_text).collect::<Vec<_>>().join("\n");
    let plan: Json = serde_json::from_str(&plan).map_err(|e| e.to_string())?;
    let mut walks = Vec::new();
    look(&plan[0]["Plan"], false, &mut walks);
    Ok(walks)
}

fn row_text(message: &tokio_postgres::SimpleQueryMessage) -> Option<String> {
    match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    }
}

fn look(node: &Json, limited: bool, walks: &mut Vec<String>) {
    let kind = node["Node Type"].as_str().unwrap_or_default();
    let table = node["Relation Name"].as_str().unwrap_or_default();
    let whole = kind == "Seq Scan" || kind.starts_with("Index") && node["Index Cond"].is_null() && !limited;
    // A limit ends the reading of a whole table only where every row counts.
    let ends_early = kind == "Seq Scan" && limited && node["Filter"].is_null();
    if whole && !ends_early && !table.is_empty() && !may_walk(table) {
        walks.push(format!("{kind} of {table}"));
    }
    // A sort needs everything before its first row.
    let limited = kind == "Limit" || limited && !["Sort", "Aggregate", "Hash"].contains(&kind);
    for child in node["Plans"].as_array().into_iter().flatten() {
        look(child, limited, walks);
    }
}

/// One line for each statement that walks, and what it walks.
fn line(sql: &str, walks: &[String]) -> String {
    let text: Vec<&str> = sql.split_whitespace().collect();
    format!("{} <- {}", walks.join("; "), text.join(" "))
}

/// The walks that are known are written down, table by table, to be shortened; another one fails.
fn only_known(name: &str, found: &BTreeSet<String>) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guards").join(name);
    if stage::variable("CONCORD_BLESS").is_some() {
        let lines: String = found.iter().map(|line| format!("{line}\n")).collect();
        std::fs::write(&file, lines).unwrap();
        return;
    }
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    let known: BTreeSet<&str> = known.lines().collect();
    let new: Vec<&String> = found.iter().filter(|line| !known.contains(line.as_str())).collect();
    assert!(new.is_empty(), "not in guards/{name}, so give them an index:\n{new:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_statement_walks_a_table_that_grows() {
    let folder = tempfile::tempdir().unwrap();
    let said = everything_said(folder.path()).await;
    assert!(said.len() > 1_000, "only {} statements were recorded", said.len());
    let database = stage::open(folder.path());
    let mut names = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").unwrap();
    let tables =
        names.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<BTreeSet<String>>>().unwrap();
    let mut found = BTreeSet::new();
    for sql in &said {
        let walks = walked_on_sqlite(&database, &tables, sql).unwrap_or_else(|e| panic!("SQLite refuses {sql}: {e}"));
        found.extend((!walks.is_empty()).then(|| line(sql, &walks)));
    }
    only_known("walks-sqlite.txt", &found);
    let Some(url) = stage::own_database("plans").await else { return };
    // Without a row, plans follow from the schema alone.
    let place = Place {
        data_dir: folder.path().join("empty"),
        database_url: Some(url.clone()),
        log_origin: "test/log".to_owned(),
    };
    drop(assemble::open(&place).await.unwrap());
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    // Whoever may neither read a table from end to end nor join by sorting or hashing all of it uses an index, or has none.
    let strict = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_mergejoin = off;
                  SET enable_hashjoin = off";
    client.batch_execute(strict).await.unwrap();
    let mut found = BTreeSet::new();
    for sql in &said {
        let walks = walked_on_postgres(&client, sql).await.unwrap_or_else(|e| panic!("PostgreSQL refuses {sql}: {e}"));
        found.extend((!walks.is_empty()).then(|| line(sql, &walks)));
    }
    only_known("walks-postgres.txt", &found);
}

#[test]
fn lists_of_exceptions_hold_nothing_that_is_gone() {
    let schema: String = surface::registry().migrations().iter().map(|migration| migration.sql).collect();
    let kernel = ["organization", "schema_migration", "log_head", "log_pending"];
    for (table, reason) in SMALL {
        assert!(!reason.is_empty());
        assert!(kernel.contains(&table) || schema.contains(&format!("CREATE TABLE {table} ")), "{table} is gone");
    }
    assert_eq!(json!(SMALL.iter().map(|(t, _)| t).collect::<BTreeSet<_>>()).as_array().unwrap().len(), SMALL.len());
}
