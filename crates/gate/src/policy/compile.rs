//! From policy texts to checked Cedar policies: parsing, validation against the gate's schema, and what each rule says.

use std::collections::{BTreeSet, HashMap};

use cedar_policy::{
    Effect as CedarEffect, Policy, PolicyId, PolicySet, Schema, SchemaFragment, ValidationMode, Validator,
};
use miette::Diagnostic;
use serde_json::{Value, json};

use super::facts::{ACTION, DRIVER, ORDER};
use super::guard::{Guard, guard};
use super::source::{GateTerms, Mode, PolicyDiagnostic, PolicySource};

/// The longest text of one policy, in bytes.
const LONGEST_TEXT: usize = 64 * 1024;

/// All attributes of the schema besides the credential types.
const ATTRIBUTES: [&str; 9] =
    ["credentials", "status", "expires", "verified", "jurisdiction", "fresh", "requires", "segment", "now"];

/// One Cedar rule of a policy, ready to be asked.
pub(super) struct CheckedRule {
    /// Its place among the policies of the terms.
    pub(super) source: usize,
    /// Its `@id`, or the key of its policy.
    pub(super) id: String,
    /// Its `@reason`, or the title of its policy.
    pub(super) reason: String,
    /// Its `@remedy`.
    pub(super) remedy: Option<String>,
    /// The credential types that it reads.
    pub(super) reads: Vec<String>,
    /// Whether it asks if a credential is fresh.
    pub(super) reads_fresh: bool,
    /// The orders that it can speak about at all.
    pub(super) guard: Option<Guard>,
    pub(super) policy: Policy,
}

/// Checks all policies, also those that are switched off, and returns the rules of the others in their order.
pub(super) fn check(terms: &GateTerms) -> Result<Vec<CheckedRule>, Vec<PolicyDiagnostic>> {
    let schema = schema(&terms.credential_types).map_err(|fault| vec![fault])?;
    let validator = Validator::new(schema);
    let mut rules = Vec::new();
    let mut faults = Vec::new();
    let mut keys = BTreeSet::new();
    for (place, source) in terms.policies.iter().enumerate() {
        if !keys.insert(&source.key) {
            faults.push(at(source, 0, "another policy has this key; keys are unique"));
        }
        match read(place, source, &validator, &terms.credential_types) {
            Ok(of_source) if source.mode != Mode::Off => rules.extend(of_source),
            Ok(_) => {}
            Err(mut of_source) => faults.append(&mut of_source),
        }
    }
    faults.extend(repeated_ids(&rules, terms));
    if faults.is_empty() { Ok(rules) } else { Err(faults) }
}

/// The schema that policies are checked against, in Cedar's own words, for editors and documentation.
pub fn schema_text(credential_types: &[String]) -> Result<String, PolicyDiagnostic> {
    let fault = |message: String| PolicyDiagnostic { key: String::new(), line: 1, column: 1, message };
    let fragment = SchemaFragment::from_json_value(schema_json(credential_types)).map_err(|e| fault(e.to_string()))?;
    fragment.to_cedarschema().map_err(|e| fault(e.to_string()))
}

fn schema(credential_types: &[String]) -> Result<Schema, PolicyDiagnostic> {
    Schema::from_json_value(schema_json(credential_types)).map_err(|e| PolicyDiagnostic {
        key: String::new(),
        line: 1,
        column: 1,
        message: format!("the credential types {credential_types:?} make no schema: {e}"),
    })
}

fn schema_json(credential_types: &[String]) -> Value {
    let datetime = json!({ "type": "Extension", "name": "datetime" });
    let credentials: serde_json::Map<String, Value> =
        credential_types.iter().map(|name| (name.clone(), json!({ "type": "Cred", "required": false }))).collect();
    let record = |attributes: Value| json!({ "type": "Record", "attributes": attributes });
    json!({ "": {
        "commonTypes": { "Cred": record(json!({
            "status": { "type": "String" },
            "expires": datetime,
            "verified": datetime,
            "jurisdiction": { "type": "String" },
            "fresh": { "type": "Boolean" },
        })) },
        "entityTypes": {
            DRIVER: { "shape": record(json!({ "credentials": record(Value::Object(credentials)) })) },
            ORDER: { "shape": record(json!({
                "requires": { "type": "Set", "element": { "type": "String" } },
                "segment": { "type": "String" },
            })) },
        },
        "actions": { ACTION: { "appliesTo": {
            "principalTypes": [DRIVER],
            "resourceTypes": [ORDER],
            "context": record(json!({ "now": datetime })),
        } } },
    } })
}

/// The rules of one policy, or everything that is wrong with it.
fn read(
    place: usize,
    source: &PolicySource,
    validator: &Validator,
    credential_types: &[String],
) -> Result<Vec<CheckedRule>, Vec<PolicyDiagnostic>> {
    if source.text.len() > LONGEST_TEXT {
        let message = format!("the policy has {} bytes; at most {LONGEST_TEXT} are read", source.text.len());
        return Err(vec![at(source, 0, message)]);
    }
    let set: PolicySet = source.text.parse().map_err(|faults: cedar_policy::ParseErrors| {
        faults.iter().map(|fault| diagnostic(source, fault)).collect::<Vec<_>>()
    })?;
    if set.num_of_templates() > 0 {
        return Err(vec![at(
            source,
            0,
            "a template (`?principal`, `?resource`) cannot be filled here; write a policy",
        )]);
    }
    let count = set.num_of_policies();
    if count == 0 {
        return Err(vec![at(source, 0, "the text holds no policy; write `forbid (…) unless { … };`")]);
    }
    let mut faults = Vec::new();
    let validation = validator.validate(&set, ValidationMode::Strict);
    faults.extend(validation.validation_errors().map(|fault| diagnostic(source, fault)));

    let mut rules = Vec::with_capacity(count);
    // The parser numbers the policies of a text in their order.
    for policy in (0..count).filter_map(|number| set.policy(&PolicyId::new(format!("policy{number}")))) {
        if policy.effect() == CedarEffect::Permit {
            let message = "`permit` has no effect here, since whatever no policy forbids is allowed; \
                           write `forbid (…) unless { … };`";
            faults.push(at(source, place_of(source, policy), message));
        }
        let mut names = BTreeSet::new();
        let json = policy.to_json().map_err(|e| vec![at(source, place_of(source, policy), e.to_string())])?;
        attributes(&json, &mut names);
        faults.extend(unknown(source, policy, &names, credential_types));
        let annotation =
            |name| policy.annotation(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        rules.push(CheckedRule {
            source: place,
            id: annotation("id").unwrap_or_else(|| unnamed(source, count, rules.len())),
            reason: annotation("reason").unwrap_or_else(|| source.title.clone()),
            remedy: annotation("remedy"),
            reads: credential_types.iter().filter(|name| names.contains(*name)).cloned().collect(),
            reads_fresh: names.contains("fresh"),
            guard: guard(&json),
            policy: policy.clone(),
        });
    }
    // A warning says that the policy can never apply or looks like something else: neither guards anything.
    // It is told only where nothing else explains it.
    if faults.is_empty() {
        faults.extend(validation.validation_warnings().map(|fault| diagnostic(source, fault)));
    }
    faults.sort_by_key(|fault| (fault.line, fault.column));
    if faults.is_empty() { Ok(rules) } else { Err(faults) }
}

/// The name of a rule that gives itself none.
fn unnamed(source: &PolicySource, count: usize, number: usize) -> String {
    if count == 1 { source.key.clone() } else { format!("{}/{}", source.key, number + 1) }
}

/// Asking `has` of a name that nothing bears is well typed and always false, so that a misspelled credential would
/// leave a policy without effect. Each name must be one of the schema's.
fn unknown(
    source: &PolicySource,
    policy: &Policy,
    names: &BTreeSet<String>,
    credential_types: &[String],
) -> Vec<PolicyDiagnostic> {
    let known = |name: &String| ATTRIBUTES.contains(&name.as_str()) || credential_types.contains(name);
    let start = place_of(source, policy);
    names
        .iter()
        .filter(|name| !known(name))
        .map(|name| {
            let offset = source.text[start..].find(name.as_str()).map_or(start, |place| start + place);
            let message = format!(
                "nothing has the attribute `{name}`; the program's credentials are {}, and the other attributes {}",
                credential_types.join(", "),
                ATTRIBUTES.join(", ")
            );
            at(source, offset, message)
        })
        .collect()
}

/// Gathers the names of all attributes that an expression reads or asks for.
fn attributes(json: &Value, names: &mut BTreeSet<String>) {
    match json {
        Value::Object(object) => {
            if let Some(Value::String(name)) = object.get("attr") {
                names.insert(name.clone());
            }
            object.values().for_each(|value| attributes(value, names));
        }
        Value::Array(values) => values.iter().for_each(|value| attributes(value, names)),
        _ => {}
    }
}

/// Decisions name a rule by its id, so that no two may share one.
fn repeated_ids(rules: &[CheckedRule], terms: &GateTerms) -> Vec<PolicyDiagnostic> {
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut faults = Vec::new();
    for rule in rules {
        if let Some(other) = first.insert(&rule.id, rule.source) {
            let source = &terms.policies[rule.source];
            let message = format!(
                "the id `{}` is used in the policy `{}` already; give each rule its own `@id`",
                rule.id, terms.policies[other].key
            );
            faults.push(at(source, place_of(source, &rule.policy), message));
        }
    }
    faults
}

fn place_of(source: &PolicySource, policy: &Policy) -> usize {
    policy.to_cedar().and_then(|text| source.text.find(text.trim())).unwrap_or(0)
}

fn diagnostic(source: &PolicySource, fault: &impl Diagnostic) -> PolicyDiagnostic {
    let offset = fault.labels().and_then(|mut labels| labels.next()).map_or(0, |label| label.offset());
    let help = fault.help().map(|help| format!(" ({help})")).unwrap_or_default();
    at(source, offset, format!("{fault}{help}"))
}

fn at(source: &PolicySource, offset: usize, message: impl Into<String>) -> PolicyDiagnostic {
    let before = source.text.get(..offset).unwrap_or("");
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    PolicyDiagnostic {
        key: source.key.clone(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        message: message.into(),
    }
}
