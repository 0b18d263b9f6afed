//! Every route with the eyes of somebody who should not see: nobody at all, another partner, every role.

use std::collections::{BTreeMap, BTreeSet};

use kernel::operation::Method;
use kernel::registry::Declaration;
use serde_json::{Value as Json, json};

use crate::fuzz::Shapes;
use crate::stage::{self, Caller, Server};
use crate::surface::{self, encode, fill, holes};

/// What anybody may ask or do.
const PUBLIC: [&str; 6] = [
    "people.sign_in",
    "people.finish_sign_in",
    "people.accept_invitation",
    "people.choose_password",
    "partners.apply",
    "partners.offer",
];
/// Pages that need nobody signed in.
const PUBLIC_PAGES: [&str; 2] = ["/apply", "/documents.css"];
/// An id that nothing has.
const NOTHING: &str = "00000000000000000000000000";

fn role_of(title: &str) -> &'static str {
    let role = title.split(" of ").next().unwrap_or(title);
    let role = people::roles().iter().find(|known| known.title == role || known.title == title);
    role.unwrap_or_else(|| panic!("no role {title}")).name
}

/// A body that no operation takes: every field of the wrong type.
fn nonsense(declaration: &Declaration) -> Json {
    let names = declaration.input.get("properties").and_then(Json::as_object);
    let hole = |name: &String| holes(declaration.route.path).contains(&name.as_str());
    let fields = names.into_iter().flatten().filter(|(name, _)| !hole(name));
    Json::Object(fields.map(|(name, _)| (name.clone(), json!([[[]]]))).collect())
}

// covers: C11
#[tokio::test]
async fn nobody_in_particular_gets_in_nowhere() {
    let folder = stage::copy();
    let server = Server::start(folder.path(), &[]).await;
    let registry = surface::registry();
    let mut nobody = server.anonymous();
    let mut _fresh = server;
    for (place, declaration) in registry.catalogue().into_iter().enumerate() {
        if place % 50 == 49 {
            // Nobody's quota is small, and each node counts for itself.
            _fresh = Server::start(folder.path(), &[]).await;
            nobody = _fresh.anonymous();
        }
        let path = format!("/v1{}", fill(declaration.route.path, |_| format!("x_{NOTHING}")));
        let answer = nobody.call(declaration.route.method.name(), &path, &nonsense(declaration)).await;
        let public = PUBLIC.contains(&declaration.name);
        assert_eq!(answer.status == 401, !public, "{}: {} {}", declaration.name, answer.status, answer.text);
        if !public {
            let exported =
                nobody.call(declaration.route.method.name(), &format!("{path}?format=csv"), &json!({})).await;
            assert!([401, 429].contains(&exported.status), "{}: {}", declaration.name, exported.text);
        }
    }
    for page in surface::pages(&registry) {
        let answer = nobody.get(&fill(page, |_| format!("x_{NOTHING}"))).await;
        let to_sign_in = answer.status == 303 && answer.header("location").starts_with("/sign-in");
        assert_eq!(!to_sign_in, PUBLIC_PAGES.contains(&page), "{page}: {} {}", answer.status, answer.text);
    }
}

// covers: C11
#[tokio::test]
async fn every_role_does_what_the_matrix_says() {
    let folder = stage::copy();
    let registry = surface::registry();
    let partner = &stage::demo().partners()[0];
    let own = |title: &str| {
        !title.contains(" of ") || title.ends_with(&format!(" of {partner}")) || title.starts_with("Head")
    };
    for login in stage::demo().logins.iter().filter(|login| own(&login.title)) {
        let role = people::roles().iter().find(|role| role.name == role_of(&login.title)).unwrap();
        let grants = kernel::Grants::of(role.grants);
        // A node of its own for each role: a partner's people share one quota.
        let server = Server::start(folder.path(), &[]).await;
        let person = server.sign_in(login).await;
        for declaration in registry.catalogue() {
            let may = grants.allow(declaration.name);
            let nothing_needed = holes(declaration.route.path).is_empty() && nonsense(declaration) == json!({});
            if may && nothing_needed && declaration.writes {
                continue; // it would really happen
            }
            let path = format!("/v1{}", fill(declaration.route.path, |_| format!("x_{NOTHING}")));
            let mut answer = person.call(declaration.route.method.name(), &path, &nonsense(declaration)).await;
            if answer.status == 429 {
                let wait: u64 = answer.header("retry-after").parse().unwrap();
                tokio::time::sleep(std::time::Duration::from_secs(wait)).await;
                answer = person.call(declaration.route.method.name(), &path, &nonsense(declaration)).await;
            }
            let refused = answer.status == 403 && answer.json()["permission"] == declaration.name;
            let by_rule = may && refused && answer.json()["detail"].as_str().is_some_and(|d| d.contains("only"));
            assert!(refused != may || by_rule, "{} {}: {} {}", role.name, declaration.name, answer.status, answer.text);
            assert!(answer.status < 500, "{} {}: {}", role.name, declaration.name, answer.text);
        }
    }
}

/// Everything that somebody finds: ids by kind, read from all lists.
async fn seen(caller: &Caller, lists: &[&Declaration]) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for list in lists {
        let answer = caller.get(&format!("/v1{}?limit=500", list.route.path)).await;
        if answer.status == 200 {
            ids.extend(surface::ids(&answer.text));
        }
    }
    ids
}

/// At most so many ids of each kind.
fn by_kind(ids: &BTreeSet<String>, most: usize) -> BTreeMap<String, Vec<String>> {
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for id in ids {
        let kind = kinds.entry(id.split('_').next().unwrap_or_default().to_owned()).or_default();
        if kind.len() < most {
            kind.push(id.clone());
        }
    }
    kinds
}

/// The kind of id that a hole takes, learned by what is found under it.
fn candidates<'k>(kinds: &'k BTreeMap<String, Vec<String>>, hole: &str, schema: &Json) -> Vec<&'k String> {
    let pattern = schema.pointer(&format!("/properties/{hole}")).map(|s| kernel::input::resolve(schema, s).to_string());
    let fits =
        |kind: &String| pattern.as_ref().is_none_or(|p| !p.contains("pattern") || p.contains(&format!("{kind}_")));
    kinds.iter().filter(|(kind, _)| fits(kind)).flat_map(|(_, ids)| ids).collect()
}

// covers: C11
#[tokio::test]
async fn another_partners_things_are_out_of_reach_on_every_route() {
    let folder = stage::copy();
    let server = Server::start(folder.path(), &[]).await;
    let registry = surface::registry();
    let lists = surface::lists(&registry);
    let [a, b] = &stage::demo().partners()[..] else { panic!("two partners have logins") };
    let login = |role: &str, partner: &str| stage::demo().login(&format!("{role} of {partner}"));
    let owner = server.owner().await;
    let ours = seen(&server.sign_in(login("Partner Administrator", a)).await, &lists).await;
    let theirs = seen(&server.sign_in(login("Partner Administrator", b)).await, &lists).await;
    let foreign: BTreeSet<String> = theirs.difference(&ours).cloned().collect();
    let kinds = by_kind(&foreign, 2);
    assert!(["ptr", "deal", "per"].iter().all(|kind| kinds.contains_key(*kind)), "{kinds:?}");
    assert!(owner.get("/v1/partners?limit=500").await.text.contains(b.as_str()));
    let leaks = |asked: &[&str], text: &str| {
        let shown = surface::ids(text);
        // One run may concern several partners: its entry in the log is everybody's who has an event of their own in it.
        let own = |id: &str| {
            let sql = format!("SELECT COUNT(*) FROM event WHERE entry = '{id}' AND partner = '{a}'");
            id.starts_with("log_") && stage::number(folder.path(), &sql) > 0
        };
        let leaked = |id: &&String| shown.contains(*id) && !asked.contains(&id.as_str()) && !own(id);
        let leaked = foreign.iter().find(leaked).cloned();
        leaked.or_else(|| text.contains(b.as_str()).then(|| b.clone()))
    };
    let before = stage::number(folder.path(), "SELECT COUNT(*) FROM log_entry");
    for role in ["Partner Administrator", "Partner Seller"] {
        // A node of its own for each role: a partner's people share one quota.
        let server = Server::start(folder.path(), &[]).await;
        let spy = server.sign_in(login(role, a)).await;
        let mut named = 0;
        for declaration in registry.catalogue() {
            for (path, body, asked) in attempts(declaration, &kinds) {
                let mut answer = spy.call(declaration.route.method.name(), &path, &body).await;
                if answer.status == 429 {
                    let wait: u64 = answer.header("retry-after").parse().unwrap();
                    tokio::time::sleep(std::time::Duration::from_secs(wait)).await;
                    answer = spy.call(declaration.route.method.name(), &path, &body).await;
                }
                let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
                named += asked.len();
                // What the request itself names may be named in its refusal.
                let sent = surface::ids(&body.to_string());
                let known: Vec<&str> = asked.iter().copied().chain(sent.iter().map(String::as_str)).collect();
                let refused = [403, 404, 409, 422].contains(&answer.status);
                let leaked = leaks(if refused { &known } else { &asked }, &answer.text);
                assert_eq!(leaked, None, "{} {path} {body}: {}", declaration.name, answer.text);
                if !holes(declaration.route.path).is_empty() && !asked.is_empty() {
                    let refused = [403, 404, 409, 422].contains(&answer.status);
                    assert!(refused, "{} {path}: {} {}", declaration.name, answer.status, answer.text);
                }
            }
        }
        for page in surface::pages(&registry) {
            let paths: Vec<(String, Option<&str>)> =
                if holes(page).is_empty() { vec![(page.to_owned(), None)] } else { foreign_pages(page, &kinds) };
            for (path, asked) in paths {
                let answer = spy.get(&path).await;
                assert!(asked.is_none() || answer.status != 200, "{path}: {}", answer.text);
                let asked: Vec<&str> = asked.into_iter().collect();
                assert_eq!(leaks(&asked, &answer.text), None, "{path}: {}", answer.text);
            }
        }
        assert!(named > 100, "only {named} requests named foreign things");
        spy_wrote_nothing_foreign(folder.path(), &foreign, before);
    }
}

fn foreign_pages<'k>(page: &str, kinds: &'k BTreeMap<String, Vec<String>>) -> Vec<(String, Option<&'k str>)> {
    let each = kinds.values().filter_map(|ids| ids.first());
    each.map(|id| (fill(page, |_| id.clone()), Some(id.as_str()))).collect()
}

/// Requests that name foreign things: in the path, as a filter, in the body.
fn attempts(declaration: &Declaration, kinds: &BTreeMap<String, Vec<String>>) -> Vec<(String, Json, Vec<String>)> {
    let shapes = Shapes::new(&declaration.input);
    let mut all = Vec::new();
    let route = declaration.route;
    let holes = holes(route.path);
    let body = |id: Option<&String>| match route.method {
        Method::Get => json!({}),
        _ => shapes.plausible(&holes, kinds, id),
    };
    match holes.first() {
        Some(first) => {
            for id in candidates(kinds, first, &declaration.input) {
                all.push((format!("/v1{}", fill(route.path, |_| id.clone())), body(Some(id)), vec![id.clone()]));
            }
        }
        None if route.method == Method::Get => {
            all.push((format!("/v1{}", route.path), json!({}), Vec::new()));
            for name in ["partner", "subject", "customer", "deal", "person", "driver", "search", "text"] {
                let named = declaration.input.pointer(&format!("/properties/{name}")).is_some();
                for id in candidates(kinds, name, &declaration.input).into_iter().filter(|_| named) {
                    all.push((format!("/v1{}?{name}={}", route.path, encode(id)), json!({}), vec![id.clone()]));
                }
            }
        }
        None if !["people.sign_out", "people.change_password", "people.update_profile"].contains(&declaration.name) => {
            let body = body(None);
            let asked = surface::ids(&body.to_string()).into_iter().collect();
            all.push((format!("/v1{}", route.path), body, asked));
        }
        None => {}
    }
    all
}

/// The log says what was written by whom: nothing that a partner's people wrote since names what is foreign to them.
fn spy_wrote_nothing_foreign(folder: &std::path::Path, foreign: &BTreeSet<String>, before: i64) {
    let database = stage::open(folder);
    let sql = "SELECT actor, operation, body FROM log_entry WHERE rowid > ?1 AND actor NOT LIKE 'system:%'";
    let mut statement = database.prepare(sql).unwrap();
    let rows = statement.query_map([before], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    for (actor, operation, body) in rows.map(|row: rusqlite::Result<(String, String, String)>| row.unwrap()) {
        let named = surface::ids(&body).into_iter().find(|id| foreign.contains(id) && *id != actor);
        // Signing in as the other partner, to learn what it sees, is not the spy's.
        assert!(named.is_none() || operation == "people.sign_in", "{actor} {operation} names {named:?}: {body}");
    }
}
