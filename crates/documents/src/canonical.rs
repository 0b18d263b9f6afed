//! The one spelling of a document that is hashed: JSON with sorted keys and no white space.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::model::Document;

impl Document {
    /// SHA-256 over the canonical JSON, in lowercase hex. Two documents that say the same have the same hash, in
    /// whatever order their fields were stored.
    pub fn hash(&self) -> String {
        Sha256::digest(self.canonical_json()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The bytes under [`Document::hash`], for those who want to check it with tools of their own.
    pub fn canonical_json(&self) -> String {
        let value =
            serde_json::to_value(self).expect("a document is text, days and amounts, which JSON can always hold");
        let mut out = String::new();
        write(&value, &mut out);
        out
    }
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by_key(|(name, _)| name.as_str());
            out.push('{');
            for (place, (name, field)) in sorted.into_iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write(&Value::from(name.as_str()), out);
                out.push(':');
                write(field, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}
