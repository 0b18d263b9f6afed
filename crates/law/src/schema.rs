//! The JSON Schema of each program file: editors complete from it, [`crate::lint`] checks shapes by it, and the
//! reference is written from it, so that the three never disagree.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use serde_json::Value as Json;

use crate::model::{
    ArchetypesFile, Deals, Engagement, FactsFile, Gate, MarketsFile, MetricsFile, MoneyFile, Partnership,
    ProceduresFile, ScorecardFile, Settings, TermsFile, TiersFile,
};

/// The files of a program in the order in which people read them.
pub const FILES: [&str; 14] = [
    "program.toml",
    "archetypes.toml",
    "tiers.toml",
    "facts.toml",
    "metrics.toml",
    "scorecard.toml",
    "markets.toml",
    "engagement.toml",
    "deals.toml",
    "money.toml",
    "gate.toml",
    "procedures.toml",
    "partnership.toml",
    "terms.toml",
];

/// Files that every program has; what the others say has defaults.
pub const REQUIRED_FILES: [&str; 3] = ["program.toml", "archetypes.toml", "tiers.toml"];

/// The JSON Schema of every program file, by file name.
pub fn schemas() -> BTreeMap<String, Json> {
    let pairs = FILES.iter().filter_map(|file| {
        let schema = schema_of(file)?;
        Some(((*file).to_owned(), schema))
    });
    pairs.collect()
}

/// The JSON Schema of one program file.
pub(crate) fn schema_of(file: &str) -> Option<Json> {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let schema = match file {
        "program.toml" => generator.into_root_schema_for::<Settings>(),
        "archetypes.toml" => generator.into_root_schema_for::<ArchetypesFile>(),
        "tiers.toml" => generator.into_root_schema_for::<TiersFile>(),
        "facts.toml" => generator.into_root_schema_for::<FactsFile>(),
        "metrics.toml" => generator.into_root_schema_for::<MetricsFile>(),
        "scorecard.toml" => generator.into_root_schema_for::<ScorecardFile>(),
        "markets.toml" => generator.into_root_schema_for::<MarketsFile>(),
        "engagement.toml" => generator.into_root_schema_for::<Engagement>(),
        "deals.toml" => generator.into_root_schema_for::<Deals>(),
        "money.toml" => generator.into_root_schema_for::<MoneyFile>(),
        "gate.toml" => generator.into_root_schema_for::<Gate>(),
        "procedures.toml" => generator.into_root_schema_for::<ProceduresFile>(),
        "partnership.toml" => generator.into_root_schema_for::<Partnership>(),
        "terms.toml" => generator.into_root_schema_for::<TermsFile>(),
        _ => return None,
    };
    let mut schema = schema.to_value();
    without_null(&mut schema);
    Some(schema)
}

/// TOML has no null: what may be absent is simply not required.
fn without_null(schema: &mut Json) {
    match schema {
        Json::Array(items) => items.iter_mut().for_each(without_null),
        Json::Object(map) => {
            if let Some(Json::Array(types)) = map.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    map.insert("type".to_owned(), only);
                }
            }
            if let Some(Json::Array(choices)) = map.get_mut("anyOf") {
                choices.retain(|choice| choice.get("type") != Some(&Json::from("null")));
                if let [Json::Object(only)] = choices.as_slice() {
                    let only = only.clone();
                    map.remove("anyOf");
                    for (key, value) in only {
                        map.entry(key).or_insert(value);
                    }
                }
            }
            if map.get("default") == Some(&Json::Null) {
                map.remove("default");
            }
            map.values_mut().for_each(without_null);
        }
        _ => {}
    }
}
