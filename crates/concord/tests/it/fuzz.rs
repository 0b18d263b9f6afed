//! Bad input: cases made from the JSON Schema of every operation and query, right and wrong. None may break the server,
//! and none that is refused may leave a trace.

use std::collections::BTreeMap;

use kernel::operation::Method;
use kernel::registry::Declaration;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value as Json, json};

use crate::stage::{self, Caller, Demo, Server};
use crate::surface::{self, encode, fill, holes};

/// Not fuzzed: they end the session that asks.
const ENDING: [&str; 2] = ["people.sign_out", "people.change_password"];

/// The shapes of an input, from its schema.
pub struct Shapes<'s> {
    root: &'s Json,
}

impl<'s> Shapes<'s> {
    pub fn new(root: &'s Json) -> Self {
        Self { root }
    }

    fn fields(&self, without: &[&str]) -> Vec<(&'s String, &'s Json, bool)> {
        let required = self.root.get("required").and_then(Json::as_array);
        let needed = |name: &str| required.is_some_and(|all| all.iter().any(|r| r == name));
        let properties = self.root.get("properties").and_then(Json::as_object);
        let all = properties.into_iter().flatten().filter(|(name, _)| !without.contains(&name.as_str()));
        all.map(|(name, schema)| (name, schema, needed(name))).collect()
    }

    /// A body with every field of the right shape, with the given ids where one is asked for.
    pub fn plausible(&self, without: &[&str], ids: &BTreeMap<String, Vec<String>>, first: Option<&String>) -> Json {
        let field =
            |(name, schema, _): (&String, &Json, bool)| (name.clone(), self.likely(name, schema, ids, first, 0));
        Json::Object(self.fields(without).into_iter().map(field).collect())
    }

    fn likely(
        &self,
        name: &str,
        schema: &Json,
        ids: &BTreeMap<String, Vec<String>>,
        first: Option<&String>,
        deep: usize,
    ) -> Json {
        let plain = kernel::input::not_null(self.root, kernel::input::resolve(self.root, schema));
        let choice =
            plain.get("enum").and_then(Json::as_array).and_then(|all| all.first()).or_else(|| plain.get("const"));
        if let Some(choice) = choice {
            return choice.clone();
        }
        if let Some(variant) = plain.get("oneOf").or_else(|| plain.get("anyOf")).and_then(|all| all.get(0)) {
            return self.likely(name, variant, ids, first, deep + 1);
        }
        match kernel::input::kind(plain) {
            Some("boolean") => json!(true),
            Some("integer" | "number") => json!(1),
            Some("array") if deep < 4 => match plain.get("items") {
                Some(items) => json!([self.likely(name, items, ids, first, deep + 1)]),
                None => json!([]),
            },
            Some("object") if deep < 4 => {
                let fields = plain.get("properties").and_then(Json::as_object);
                let field = |(n, s): (&String, &Json)| (n.clone(), self.likely(n, s, ids, first, deep + 1));
                Json::Object(fields.into_iter().flatten().map(field).collect())
            }
            _ => likely_text(name, plain, ids, first),
        }
    }

    /// Cases right and wrong.
    fn any(&self, without: &[&str], known: &[String]) -> BoxedStrategy<Json> {
        let fields: Vec<BoxedStrategy<(String, Option<Json>)>> = self
            .fields(without)
            .into_iter()
            .map(|(name, schema, needed)| {
                let (name, right) = (name.clone(), self.right(schema, known, 0));
                let value = prop_oneof![6 => right.prop_map(Some), 1 => hostile().prop_map(Some), 1 => Just(None)];
                let value = if needed { value.boxed() } else { prop_oneof![1 => value, 1 => Just(None)].boxed() };
                value.prop_map(move |value| (name.clone(), value)).boxed()
            })
            .collect();
        fields
            .prop_map(|fields| {
                Json::Object(fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
            })
            .boxed()
    }

    /// The right shape, with contents that may still be refused.
    fn right(&self, schema: &Json, known: &[String], deep: usize) -> BoxedStrategy<Json> {
        let plain = kernel::input::resolve(self.root, schema);
        if let Some(choices) = plain.get("enum").and_then(Json::as_array).filter(|c| !c.is_empty()) {
            return prop::sample::select(choices.clone()).boxed();
        }
        if let Some(constant) = plain.get("const") {
            return Just(constant.clone()).boxed();
        }
        let variants = plain.get("oneOf").or_else(|| plain.get("anyOf")).and_then(Json::as_array);
        if let Some(variants) = variants.filter(|v| !v.is_empty() && deep < 6) {
            let each: Vec<_> = variants.iter().map(|variant| self.right(variant, known, deep + 1)).collect();
            return prop::strategy::Union::new(each).boxed();
        }
        match kernel::input::kind(plain) {
            Some("null") => Just(Json::Null).boxed(),
            Some("boolean") => any::<bool>().prop_map(Json::from).boxed(),
            Some("integer" | "number") => {
                prop_oneof![3 => (0i64..50).prop_map(Json::from), 1 => any::<i64>().prop_map(Json::from), 1 => any::<u64>().prop_map(Json::from)].boxed()
            }
            Some("array") if deep < 5 => match plain.get("items") {
                Some(items) => prop::collection::vec(self.right(items, known, deep + 1), 0..3).prop_map(Json::from).boxed(),
                None => Just(json!([])).boxed(),
            },
            Some("object") if deep < 5 => self.object(plain, known, deep),
            _ => text(plain, known),
        }
    }

    fn object(&self, plain: &Json, known: &[String], deep: usize) -> BoxedStrategy<Json> {
        let named = plain.get("properties").and_then(Json::as_object);
        let fields: Vec<_> = named
            .into_iter()
            .flatten()
            .map(|(name, schema)| {
                let name = name.clone();
                self.right(schema, known, deep + 1).prop_map(move |value| (name.clone(), value)).boxed()
            })
            .collect();
        if let Some(values) = plain.get("additionalProperties").filter(|v| v.is_object() && fields.is_empty()) {
            let values = self.right(values, known, deep + 1);
            let map = prop::collection::vec((words(), values), 0..3);
            return map.prop_map(|pairs| Json::Object(pairs.into_iter().collect::<Map<_, _>>())).boxed();
        }
        fields.prop_map(|pairs| Json::Object(pairs.into_iter().collect())).boxed()
    }
}

fn likely_text(name: &str, plain: &Json, ids: &BTreeMap<String, Vec<String>>, first: Option<&String>) -> Json {
    let text = plain.to_string();
    let of_kind = ids.iter().find(|(kind, _)| text.contains(&format!("{kind}_"))).and_then(|(_, ids)| ids.first());
    let format = plain.get("format").and_then(Json::as_str);
    match (of_kind, format) {
        (Some(id), _) => json!(id),
        (None, Some("money")) => json!("EUR 12.00"),
        (None, Some("date")) => json!("2026-03-01"),
        (None, Some("date-time")) => json!("2026-03-01T09:00:00Z"),
        (None, Some("email")) => json!("somebody@walk.example"),
        _ if ["partner", "subject", "customer"].contains(&name) => json!(first.or_else(|| ids.get("ptr")?.first())),
        _ => json!("DE"),
    }
}

fn words() -> BoxedStrategy<String> {
    prop_oneof![
        4 => "[a-zA-Z0-9 ._-]{0,24}",
        1 => Just("'; DROP TABLE deal; --".to_owned()),
        1 => Just("<script>alert(1)</script>".to_owned()),
        1 => Just("\u{0}\u{1}\u{7f}\u{202e}\u{feff}".to_owned()),
        1 => Just("ß漢字🦀ǅ\u{301}".to_owned()),
        1 => Just("../../../../etc/passwd".to_owned()),
        1 => Just("%00%2f%ff{}{{7*7}}$(id)".to_owned()),
        1 => Just("x".repeat(70_000)),
        1 => "\\PC{0,40}",
    ]
    .boxed()
}

fn text(plain: &Json, known: &[String]) -> BoxedStrategy<Json> {
    let known = if known.is_empty() { vec![String::new()] } else { known.to_vec() };
    let likely = match plain.get("format").and_then(Json::as_str) {
        Some("money") => prop_oneof!["EUR [0-9]{1,6}\\.[0-9]{2}", "EUR -?[0-9]{30,60}", "XXX 1", "JPY 1.5"].boxed(),
        Some("date") => prop_oneof!["20[0-9]{2}-0[1-9]-[0-2][0-9]", "9999-12-31", "-9999-01-01", "0000-00-00"].boxed(),
        Some("date-time") => prop_oneof![
            "2026-0[1-9]-1[0-9]T09:00:00Z",
            "9999-12-31T23:59:59Z",
            "-9999-01-01T00:00:00Z",
            "2026-02-30T25:61:61Z"
        ]
        .boxed(),
        Some("email") => "[a-z]{1,8}@[a-z]{1,8}\\.example".boxed(),
        _ => words(),
    };
    prop_oneof![3 => likely, 2 => prop::sample::select(known), 1 => words()].prop_map(Json::from).boxed()
}

/// Wrong types and extremes.
fn hostile() -> BoxedStrategy<Json> {
    let deep = (0..60).fold(json!(1), |inner, _| json!([inner]));
    prop_oneof![
        Just(Json::Null),
        Just(json!([])),
        Just(json!({})),
        Just(json!(-1)),
        Just(json!(1e308)),
        Just(json!(u64::MAX)),
        Just(json!(i64::MIN)),
        Just(json!(0.1)),
        Just(json!(true)),
        Just(deep),
        words().prop_map(Json::from),
    ]
    .boxed()
}

/// One request.
fn request(declaration: &Declaration, known: &[String], runner: &mut TestRunner) -> (String, Json) {
    let holes = holes(declaration.route.path);
    let shapes = Shapes::new(&declaration.input);
    let sample = |strategy: BoxedStrategy<Json>, runner: &mut TestRunner| strategy.new_tree(runner).unwrap().current();
    let input = sample(shapes.any(&holes, known), runner);
    let path = fill(declaration.route.path, |_| {
        let value = sample(text(&json!({}), known), runner)
            .as_str()
            .unwrap_or_default()
            .chars()
            .take(2_000)
            .collect::<String>();
        if value.is_empty() || value == "." || value == ".." { "none".to_owned() } else { value }
    });
    if declaration.route.method != Method::Get {
        return (format!("/v1{path}"), input);
    }
    let texts = input.as_object().cloned().unwrap_or_default();
    let pair = |(name, value): (String, Json)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{}={}", encode(&name), encode(&text.chars().take(2_000).collect::<String>()))
    };
    (format!("/v1{path}?{}", texts.into_iter().map(pair).collect::<Vec<_>>().join("&")), json!({}))
}

async fn known_ids(owner: &Caller, lists: &[&Declaration]) -> Vec<String> {
    let mut known = Vec::new();
    for list in lists {
        let page = owner.get(&format!("/v1{}?limit=3", list.route.path)).await;
        known.extend(surface::ids(&page.text).into_iter().take(6));
    }
    known
}

#[tokio::test]
async fn no_input_breaks_the_server_or_leaves_half_a_write() {
    let folder = stage::copy();
    let path = folder.path().to_owned();
    fuzz(&path, &[], stage::demo(), async || stage::number(&path, WRITTEN)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_input_breaks_the_server_on_postgres_either() {
    let Some((folder, url, built)) = stage::demo_on_postgres("fuzz").await else { return };
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let written = async || client.query_one(WRITTEN, &[]).await.unwrap().get(0);
    fuzz(folder.path(), &["--database-url", &url], &built, written).await;
}

/// Sends every operation and query its cases and asks after each refusal whether anything was written.
async fn fuzz(folder: &std::path::Path, place: &[&str], built: &Demo, mut written: impl AsyncFnMut() -> i64) {
    let cases: usize = stage::variable("CONCORD_FUZZ_CASES").and_then(|n| n.parse().ok()).unwrap_or(3);
    let seed: u8 = stage::variable("CONCORD_FUZZ_SEED").and_then(|n| n.parse().ok()).unwrap_or(7);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let registry = surface::registry();
    let mut server = Server::start(folder, place).await;
    let mut owner = server.sign_in(built.login("Owner")).await;
    let known = known_ids(&owner, &surface::lists(&registry)).await;
    let (mut sent, mut taken, mut faults) = (0, 0, Vec::new());
    for declaration in registry.catalogue().into_iter().filter(|d| !ENDING.contains(&d.name)) {
        for _ in 0..cases {
            if sent % 1_000 == 999 {
                server = Server::start(folder, place).await; // people have a quota, too
                owner = server.sign_in(built.login("Owner")).await;
            }
            sent += 1;
            let (path, body) = request(declaration, &known, &mut runner);
            let before = written().await;
            let method = declaration.route.method.name();
            let shown: String = format!("{} {method} {path} {body}", declaration.name).chars().take(1_500).collect();
            match owner.send(method, &path, (method != "GET").then(|| body.to_string().into_bytes())).await {
                Err(error) => faults.push(format!("{shown}: {error}")),
                Ok(answer) if answer.status >= 500 => {
                    faults.push(format!("{shown}: {} {}", answer.status, answer.text))
                }
                Ok(answer) if answer.status >= 300 => {
                    let grown = written().await - before;
                    if grown != 0 {
                        faults.push(format!("{shown}: refused with {} but {grown} written", answer.status));
                    }
                }
                Ok(_) => taken += 1,
            }
        }
    }
    let log = server.log.lock().unwrap().join("\n");
    assert!(faults.is_empty(), "{} of {sent} (taken {taken}):\n{}\n{log}", faults.len(), faults.join("\n\n"));
    assert!(taken * 10 > sent, "only {taken} of {sent} cases were good");
    drop(server);
    let mut arguments = vec!["--data-dir", folder.to_str().unwrap(), "log", "verify"];
    arguments.extend(place);
    let said = stage::succeed(&arguments);
    assert!(said.contains("Everything is proven."), "{said}");
}

/// What people and programs wrote; the worker writes on its own meanwhile.
const WRITTEN: &str = "SELECT COUNT(*) FROM log_entry WHERE actor NOT LIKE 'system:%'";
