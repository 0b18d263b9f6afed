//! Values, rows and parameters: what both databases read and write, in one portable set of types.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use values::error::{Error, Result};
use values::ids::{Id, Kind};
use values::money::{Currency, Money, Rate};
use values::time::{Day, Timestamp};

/// A value of a column or parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Text(String),
    Int(i64),
    Real(f64),
    Bool(bool),
    Bytes(Vec<u8>),
}

/// A row of a result, with its column names.
#[derive(Debug, Clone)]
pub struct Row {
    pub columns: Arc<[String]>,
    pub values: Vec<Value>,
}

impl Row {
    pub fn value(&self, column: &str) -> Result<&Value> {
        let place = self.columns.iter().position(|c| c == column);
        place.map(|p| &self.values[p]).ok_or_else(|| Error::internal(format!("the result has no column `{column}`")))
    }

    pub fn get<T: FromValue>(&self, column: &str) -> Result<T> {
        T::from_value(self.value(column)?).map_err(|e| Error::internal(format!("column `{column}`: {e}")))
    }

    /// A typed value that the column holds as JSON text.
    pub fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T> {
        let text: String = self.get(column)?;
        serde_json::from_str(&text).map_err(|e| Error::internal(format!("column `{column}`: {e}")))
    }

    /// Money from its two columns `NAME_minor` and `currency`.
    pub fn money(&self, column: &str) -> Result<Money> {
        Ok(Money::new(i128::from(self.get::<i64>(column)?), self.get("currency")?))
    }
}

/// Reads a column into a Rust type.
pub trait FromValue: Sized {
    fn from_value(value: &Value) -> Result<Self, String>;
}

fn wrong<T>(value: &Value) -> Result<T, String> {
    Err(format!("unexpected {value:?} for {}", std::any::type_name::<T>()))
}

impl FromValue for String {
    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => Ok(text.clone()),
            other => wrong(other),
        }
    }
}

impl FromValue for i64 {
    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Int(number) => Ok(*number),
            Value::Bool(flag) => Ok(i64::from(*flag)),
            other => wrong(other),
        }
    }
}

impl FromValue for u32 {
    fn from_value(value: &Value) -> Result<Self, String> {
        i64::from_value(value).and_then(|n| u32::try_from(n).map_err(|e| e.to_string()))
    }
}

impl FromValue for u64 {
    fn from_value(value: &Value) -> Result<Self, String> {
        i64::from_value(value).and_then(|n| u64::try_from(n).map_err(|e| e.to_string()))
    }
}

impl FromValue for i128 {
    fn from_value(value: &Value) -> Result<Self, String> {
        i64::from_value(value).map(i128::from)
    }
}

impl FromValue for f64 {
    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Real(number) => Ok(*number),
            Value::Int(number) => Ok(*number as f64),
            other => wrong(other),
        }
    }
}

impl FromValue for bool {
    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Bool(flag) => Ok(*flag),
            Value::Int(number) => Ok(*number != 0),
            other => wrong(other),
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Bytes(bytes) => Ok(bytes.clone()),
            other => wrong(other),
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Null => Ok(None),
            other => T::from_value(other).map(Some),
        }
    }
}

impl<K: Kind> FromValue for Id<K> {
    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => text.parse().map_err(|e: values::ids::NotAnId| e.to_string()),
            other => wrong(other),
        }
    }
}

impl FromValue for Timestamp {
    fn from_value(value: &Value) -> Result<Self, String> {
        i64::from_value(value).map(Timestamp::from_micros)
    }
}

macro_rules! from_text {
    ($($type:ty),+) => {$(
        impl FromValue for $type {
            fn from_value(value: &Value) -> Result<Self, String> {
                match value {
                    Value::Text(text) => text.parse().map_err(|e: Error| e.to_string()),
                    other => wrong(other),
                }
            }
        }
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Value::Text(value.to_string())
            }
        }
    )+};
}
from_text!(Currency, Rate, Day);

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}
impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Value::Text(text.clone())
    }
}
impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}
impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Value::Int(i64::from(number))
    }
}
impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Value::Int(number as i64)
    }
}
impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Real(number)
    }
}
impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Value::Bool(flag)
    }
}
impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Value::Bytes(bytes)
    }
}
impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Value::Bytes(bytes.to_vec())
    }
}
impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Self {
        Value::Int(at.micros())
    }
}
impl<K: Kind> From<Id<K>> for Value {
    fn from(id: Id<K>) -> Self {
        Value::Text(id.to_string())
    }
}
impl<K: Kind> From<&Id<K>> for Value {
    fn from(id: &Id<K>) -> Self {
        Value::Text(id.to_string())
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// Minor units as a column value; input limits keep amounts within a BIGINT.
pub fn minor(money: Money) -> Value {
    Value::Int(i64::try_from(money.minor).unwrap_or(if money.minor < 0 { i64::MIN } else { i64::MAX }))
}

/// Parameters of a statement: `params![scope.organization, deal.id]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from($value)),*][..] };
}

/// A canonical digest of rows: columns by name, nulls left out, so that adding a nullable column changes nothing.
pub struct RowDigest<'c, S> {
    columns: &'c [S],
    /// The places of the columns in the order of their names.
    order: Vec<usize>,
}

impl<'c, S: AsRef<str>> RowDigest<'c, S> {
    pub fn of(columns: &'c [S]) -> Self {
        let mut order: Vec<usize> = (0..columns.len()).collect();
        order.sort_by_key(|place| columns[*place].as_ref());
        Self { columns, order }
    }

    pub fn row(&self, values: &[Value]) -> [u8; 32] {
        use sha2::Digest as _;
        let mut hash = sha2::Sha256::new();
        for place in &self.order {
            let number;
            let (tag, bytes): (u8, &[u8]) = match &values[*place] {
                Value::Null => continue,
                Value::Text(text) => (b't', text.as_bytes()),
                Value::Int(int) => {
                    number = int.to_be_bytes();
                    (b'i', &number)
                }
                Value::Bool(flag) => {
                    number = i64::from(*flag).to_be_bytes();
                    (b'i', &number)
                }
                Value::Real(real) => {
                    number = real.to_bits().to_be_bytes();
                    (b'r', &number)
                }
                Value::Bytes(bytes) => (b'b', bytes),
            };
            let name = self.columns[*place].as_ref();
            hash.update((name.len() as u32).to_be_bytes());
            hash.update(name.as_bytes());
            hash.update([tag]);
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
        hash.finalize().into()
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
