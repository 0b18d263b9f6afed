//! The API description: OpenAPI 3.1, generated from the declarations of operations and queries.

use std::collections::BTreeMap;

use kernel::operation::Method;
use kernel::registry::Declaration;
use kernel::{Endpoint, Registry};
use serde_json::{Map, Value as Json, json};

/// The whole document.
pub fn document(registry: &Registry) -> Json {
    let mut schemas = Schemas::default();
    let mut paths: BTreeMap<String, Map<String, Json>> = BTreeMap::new();
    for declaration in registry.catalogue() {
        let path = format!("/v1{}", declaration.route.path);
        let method = declaration.route.method.name().to_lowercase();
        paths.entry(path).or_default().insert(method, operation(declaration, &mut schemas));
    }
    for endpoint in registry.parts::<Endpoint>() {
        let method = endpoint.route.method.name().to_lowercase();
        let entry = json!({
            "operationId": format!("{method}{}", endpoint.route.path.replace(['/', '{', '}', '.'], "_")),
            "summary": endpoint.summary, "tags": ["protocols"],
            "parameters": path_parameters(endpoint.route.path, &json!({})),
            "responses": { "200": { "description": "See the protocol" }, "default": { "$ref": "#/components/responses/Problem" } },
        });
        paths.entry(endpoint.route.path.replace("{*", "{")).or_default().insert(method, entry);
    }
    let mut components = schemas.named;
    components.insert("Problem".to_owned(), problem_schema());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Concord", "version": env!("CARGO_PKG_VERSION"), "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            "description": "Partner programs as a machine: law, facts, decisions, controls, evidence. Amounts are exact decimal text with their currency (`EUR 1250.00`), instants are RFC 3339 in UTC, errors are RFC 9457 problem details.",
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }, { "session": [] }, { "person": [] }],
        "tags": tags(registry),
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": { "Problem": {
                "description": "A problem (RFC 9457)",
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }
            } },
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": "A service token, made under /tokens" },
                "session": { "type": "apiKey", "in": "cookie", "name": "concord_session", "description": "A signed-in browser; writes also send X-CSRF-Token" },
                "person": { "type": "http", "scheme": "bearer", "description": "The session of a person outside a browser, as people.sign_in answers it: with the person's roles, and without X-CSRF-Token" }
            }
        }
    })
}

fn tags(registry: &Registry) -> Vec<Json> {
    let mut names: Vec<&str> = registry.catalogue().iter().filter_map(|d| d.name.split('.').next()).collect();
    names.dedup();
    names.into_iter().map(|name| json!({ "name": name })).collect()
}

/// The status of a success: a POST that makes something with an id says 201.
pub fn success(declaration: &Declaration) -> u16 {
    let makes = declaration.output.pointer("/properties/id").is_some();
    if declaration.writes && declaration.route.method == Method::Post && makes { 201 } else { 200 }
}

fn operation(declaration: &Declaration, schemas: &mut Schemas) -> Json {
    let name = declaration.name;
    let input = schemas.take(name, &declaration.input);
    let output = schemas.take(name, &declaration.output);
    let path = declaration.route.path;
    let in_path = path_names(path);
    let mut parameters = path_parameters(path, &input);
    let mut entry = json!({
        "operationId": name, "summary": declaration.summary, "tags": [name.split('.').next()],
        "responses": {
            success(declaration).to_string(): { "description": "Done", "content": { "application/json": { "schema": output } } },
            "default": { "$ref": "#/components/responses/Problem" },
        },
    });
    if let Some(description) = declaration.input.get("description") {
        entry["description"] = description.clone();
    }
    if declaration.route.method == Method::Get {
        parameters.extend(query_parameters(&input, &in_path));
    } else {
        entry["requestBody"] = body(&input, &in_path);
        if declaration.writes {
            parameters.push(json!({
                "name": "Idempotency-Key", "in": "header", "schema": { "type": "string" },
                "description": "A repeat with the same key and input returns the first outcome"
            }));
            parameters.push(json!({
                "name": "If-Match", "in": "header", "schema": { "type": "string" },
                "description": "The ETag that you read; a change in between is refused with 412"
            }));
        }
    }
    entry["parameters"] = Json::Array(parameters);
    entry
}

fn path_names(path: &str) -> Vec<&str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect()
}

fn path_parameters(path: &str, input: &Json) -> Vec<Json> {
    let parameter = |name: &&str| {
        let schema = input.pointer(&format!("/properties/{name}")).cloned().unwrap_or(json!({ "type": "string" }));
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    };
    path_names(path).iter().map(parameter).collect()
}

fn query_parameters(input: &Json, in_path: &[&str]) -> Vec<Json> {
    let properties = input.get("properties").and_then(Json::as_object);
    let required = input.get("required").and_then(Json::as_array).cloned().unwrap_or_default();
    let parameter = |(name, schema): (&String, &Json)| {
        json!({
            "name": name, "in": "query", "required": required.contains(&json!(name)), "schema": schema,
            "description": schema.get("description").cloned().unwrap_or_default(),
        })
    };
    properties.into_iter().flatten().filter(|(name, _)| !in_path.contains(&name.as_str())).map(parameter).collect()
}

fn body(input: &Json, in_path: &[&str]) -> Json {
    let mut schema = input.clone();
    if let Some(properties) = schema.get_mut("properties").and_then(Json::as_object_mut) {
        properties.retain(|name, _| !in_path.contains(&name.as_str()));
    }
    let mut needed = false;
    if let Some(required) = schema.get_mut("required").and_then(Json::as_array_mut) {
        required.retain(|name| !in_path.iter().any(|p| name == p));
        needed = !required.is_empty();
    }
    json!({ "required": needed, "content": { "application/json": { "schema": schema } } })
}

fn problem_schema() -> Json {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": { "type": "string", "format": "uri-reference" }, "title": { "type": "string" },
            "status": { "type": "integer" }, "code": { "type": "string" }, "detail": { "type": "string" },
            "request_id": { "type": "string" },
            "errors": { "type": "array", "items": { "type": "object", "properties": { "field": { "type": "string" }, "rule": { "type": "string" } } } },
            "reasons": { "type": "array", "items": { "type": "object" } }
        }
    })
}

/// Definitions of all schemas, hoisted into one place; two that differ under one name get the operation's name in front.
#[derive(Default)]
struct Schemas {
    named: BTreeMap<String, Json>,
}

impl Schemas {
    fn take(&mut self, operation: &str, schema: &Json) -> Json {
        let mut schema = schema.clone();
        let definitions = schema.as_object_mut().and_then(|s| s.remove("$defs"));
        let mut renamed = BTreeMap::new();
        let definitions = definitions.as_ref().and_then(Json::as_object).cloned().unwrap_or_default();
        for name in definitions.keys() {
            let clashes = |taken: &String| {
                self.named.get(taken).is_some_and(|known| *known != rewritten(&definitions[name], &BTreeMap::new()))
            };
            let plain = name.replace(['<', '>', ' ', ','], "_");
            let own = if clashes(&plain) { format!("{}.{plain}", operation) } else { plain };
            renamed.insert(name.clone(), own);
        }
        for (name, definition) in &definitions {
            self.named.insert(renamed[name].clone(), rewritten(definition, &renamed));
        }
        rewritten(&schema, &renamed)
    }
}

fn rewritten(schema: &Json, renamed: &BTreeMap<String, String>) -> Json {
    match schema {
        Json::Object(object) => object
            .iter()
            .map(|(key, value)| match (key.as_str(), value.as_str().and_then(|v| v.strip_prefix("#/$defs/"))) {
                ("$ref", Some(name)) => {
                    let name = renamed.get(name).map_or(name, String::as_str);
                    (key.clone(), json!(format!("#/components/schemas/{name}")))
                }
                _ => (key.clone(), rewritten(value, renamed)),
            })
            .collect::<Map<_, _>>()
            .into(),
        Json::Array(items) => items.iter().map(|item| rewritten(item, renamed)).collect(),
        other => other.clone(),
    }
}
