//! What comes in: usage and invoice events, their identity, and what makes two of them the same.
//!
//! An event is known for ever by its source and its own id there. The same event twice is a repeat and is acknowledged; the
//! same id with another content is a conflict and is shown to a person.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use kernel::{Currency, FromValue, Money, OrganizationId, Timestamp, Value};
use law::RevenueKind;
use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// How far a sender's clock may be ahead.
const CLOCK_SKEW_MICROS: i64 = 5 * kernel::time::MINUTE;
/// Longest external id, source and unit.
pub(crate) const LONGEST_NAME: usize = 120;

/// Something that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UsageEvent {
    /// The id of the event at its source; a repeat under the same id is recorded once.
    pub id: String,
    /// The customer who used it.
    pub customer: String,
    /// How much: a whole or decimal number with at most six places.
    pub quantity: Quantity,
    /// What is counted, such as `driver`.
    pub unit: String,
    pub occurred_at: Timestamp,
    /// The integration through which it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration: Option<String>,
}

/// Something that was invoiced, paid, refunded or charged back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InvoiceEvent {
    /// The id of the event at its source, such as the number of the invoice.
    pub id: String,
    pub kind: InvoiceKind,
    /// For a payment, refund or chargeback: the id of the invoice at the same source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<String>,
    pub customer: String,
    /// The kind of revenue of an invoice line; what refers to an invoice is of its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue: Option<RevenueKind>,
    /// Net of taxes and always positive, such as `EUR 1250.00`.
    pub amount: Money,
    pub occurred_at: Timestamp,
    /// The partner that brought the revenue, where the sender knows it; a won registered deal says more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
}

/// What happened to an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceKind {
    Invoice,
    /// Noted; commission follows from invoices.
    Payment,
    /// Money went back to the customer.
    Refund,
    /// The customer's bank took the money back.
    Chargeback,
}

impl InvoiceKind {
    pub const ALL: [Self; 4] = [Self::Invoice, Self::Payment, Self::Refund, Self::Chargeback];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Chargeback => "chargeback",
        }
    }

    /// Whether it takes revenue back.
    pub const fn reverses(self) -> bool {
        matches!(self, Self::Refund | Self::Chargeback)
    }

    /// Whether it adds or takes back revenue, which payments do not.
    pub const fn is_revenue(self) -> bool {
        !matches!(self, Self::Payment)
    }
}

impl From<InvoiceKind> for Value {
    fn from(kind: InvoiceKind) -> Self {
        Self::from(kind.name())
    }
}

impl FromValue for InvoiceKind {
    fn from_value(value: &Value) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|kind| *value == Value::from(*kind));
        found.ok_or_else(|| format!("{value:?} is no kind of invoice event"))
    }
}

/// The word of a kind of revenue, as columns hold it.
pub const fn revenue_word(kind: RevenueKind) -> &'static str {
    match kind {
        RevenueKind::Project => "project",
        RevenueKind::Subscription => "subscription",
        RevenueKind::Usage => "usage",
        RevenueKind::License => "license",
    }
}

/// Every kind of revenue.
pub const REVENUE_KINDS: [RevenueKind; 4] =
    [RevenueKind::Subscription, RevenueKind::Project, RevenueKind::Usage, RevenueKind::License];

/// Reads the word of a kind of revenue from a column.
pub(crate) fn revenue_of(word: &str) -> kernel::Result<RevenueKind> {
    let found = REVENUE_KINDS.into_iter().find(|kind| revenue_word(*kind) == word);
    found.ok_or_else(|| kernel::Error::internal(format!("`{word}` is no kind of revenue")))
}

/// A quantity with six decimal places, exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Quantity {
    pub micros: i64,
}

impl Quantity {
    pub const PLACES: u32 = 6;
    pub const ONE: i64 = 1_000_000;

    pub const fn whole(number: i64) -> Self {
        Self { micros: number.saturating_mul(Self::ONE) }
    }
}

impl FromStr for Quantity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(whole) = text.parse::<i64>()
            && let Some(micros) = whole.checked_mul(Self::ONE)
        {
            return Ok(Self { micros });
        }
        let refuse = || format!("`{text}` is not a quantity such as 12 or 12.5 with at most six decimal places");
        let scaled = Decimal::from_str_exact(text.trim()).ok().and_then(|d| d.checked_mul(Decimal::from(Self::ONE)));
        let scaled = scaled.filter(|s| s.fract().is_zero()).ok_or_else(refuse)?;
        i64::try_from(scaled.trunc().normalize().mantissa()).map(|micros| Self { micros }).map_err(|_| refuse())
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.micros % Self::ONE == 0 {
            return write!(f, "{}", self.micros / Self::ONE);
        }
        write!(f, "{}", Decimal::new(self.micros, Self::PLACES).normalize())
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.micros % Self::ONE == 0 {
            return serializer.serialize_i64(self.micros / Self::ONE);
        }
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// A JSON number or text; a number is read as the shortest decimal that means it, which is how it was written.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written<'a> {
            Whole(i64),
            Decimal(f64),
            #[serde(borrow)]
            Text(Cow<'a, str>),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Whole(number) => number.to_string(),
            Written::Decimal(number) => number.to_string(),
            Written::Text(text) => text.into_owned(),
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Quantity {
    fn schema_name() -> Cow<'static, str> {
        "Quantity".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [{ "type": "number" }, { "type": "string", "pattern": "^-?[0-9]+(\\.[0-9]{1,6})?$" }],
            "description": "A whole or decimal number with at most six places"
        })
    }
    fn inline_schema() -> bool {
        true
    }
}

/// Why an event cannot be recorded as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub code: &'static str,
    pub text: String,
}

impl Problem {
    pub fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// 128 bits of SHA-256, which is more than chance or malice can collide.
pub(crate) type Short = [u8; 16];

/// The id of an event: the same organization, source and external id always give the same.
pub(crate) fn identity(organization: OrganizationId, kind: &str, source: &str, external: &str) -> Short {
    digest(&[&organization.bytes(), kind.as_bytes(), source.as_bytes(), external.as_bytes()])
}

/// An id that sorts as the external ids of a source do, in letters and digits that every database orders alike (base 32).
pub(crate) fn ordered_key(organization: OrganizationId, source: &str, external: &str) -> String {
    let mut key = String::with_capacity(20 + external.len() * 8 / 5);
    key.push_str("use_");
    base32(&digest(&[&organization.bytes(), source.as_bytes()])[..10], &mut key);
    base32(external.as_bytes(), &mut key);
    key
}

/// Five bits a letter; the alphabet ascends, so texts compare as the bytes do.
fn base32(bytes: &[u8], text: &mut String) {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let (mut held, mut bits) = (0u32, 0);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(held >> bits) as usize & 31]));
        }
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(held << (5 - bits)) as usize & 31]));
    }
}

/// SHA-256 over parts, each behind its length, cut to 128 bits.
pub(crate) fn digest(parts: &[&[u8]]) -> Short {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u32).to_be_bytes());
        hash.update(part);
    }
    let mut short = [0; 16];
    short.copy_from_slice(&hash.finalize()[..16]);
    short
}

/// What both kinds of event have in common.
pub(crate) trait Incoming: Clone + Serialize + serde::de::DeserializeOwned + Send + Sync + 'static {
    const KIND: &'static str;
    fn external_id(&self) -> &str;
    fn customer(&self) -> &str;
    fn occurred_at(&self) -> Timestamp;
    /// The hash of everything that the sender said.
    fn content(&self) -> Short;
    /// What can be seen to be wrong without asking anybody.
    fn flaw(&self, currency: Currency) -> Option<Problem>;

    fn common_flaw(&self, now: Timestamp) -> Option<Problem> {
        let name = self.external_id();
        if name.is_empty() || name.len() > LONGEST_NAME {
            return Some(Problem::new("bad_id", format!("the id must have 1 to {LONGEST_NAME} characters")));
        }
        if self.occurred_at() > now.plus_micros(CLOCK_SKEW_MICROS) {
            let text = format!("it occurred at {}, which is in the future; correct the time", self.occurred_at());
            return Some(Problem::new("future_time", text));
        }
        None
    }
}

impl Incoming for UsageEvent {
    const KIND: &'static str = "usage";

    fn external_id(&self) -> &str {
        &self.id
    }
    fn customer(&self) -> &str {
        &self.customer
    }
    fn occurred_at(&self) -> Timestamp {
        self.occurred_at
    }
    fn content(&self) -> Short {
        digest(&[
            self.customer.as_bytes(),
            &self.quantity.micros.to_be_bytes(),
            self.unit.as_bytes(),
            &self.occurred_at.micros().to_be_bytes(),
            self.integration.as_deref().unwrap_or_default().as_bytes(),
        ])
    }
    fn flaw(&self, _: Currency) -> Option<Problem> {
        if self.unit.is_empty() || self.unit.len() > LONGEST_NAME {
            return Some(Problem::new("bad_unit", format!("the unit must have 1 to {LONGEST_NAME} characters")));
        }
        // A negative quantity corrects an earlier one; nothing at all says nothing.
        (self.quantity.micros == 0).then(|| Problem::new("no_quantity", "the quantity is 0; leave such events out"))
    }
}

impl Incoming for InvoiceEvent {
    const KIND: &'static str = "invoice";

    fn external_id(&self) -> &str {
        &self.id
    }
    fn customer(&self) -> &str {
        &self.customer
    }
    fn occurred_at(&self) -> Timestamp {
        self.occurred_at
    }
    fn content(&self) -> Short {
        digest(&[
            self.kind.name().as_bytes(),
            self.invoice.as_deref().unwrap_or_default().as_bytes(),
            self.customer.as_bytes(),
            self.revenue.map(revenue_word).unwrap_or_default().as_bytes(),
            &self.amount.minor.to_be_bytes(),
            self.amount.currency.code().as_bytes(),
            &self.occurred_at.micros().to_be_bytes(),
            self.partner.as_deref().unwrap_or_default().as_bytes(),
        ])
    }
    fn flaw(&self, currency: Currency) -> Option<Problem> {
        if self.amount.currency != currency {
            let text = format!("the amount is in {}, the program reckons in {currency}", self.amount.currency);
            return Some(Problem::new("wrong_currency", text));
        }
        if self.amount.minor <= 0 {
            let text = format!("the amount {} must be positive; a refund says what goes back", self.amount);
            return Some(Problem::new("not_positive", text));
        }
        match (self.kind, self.revenue, &self.invoice) {
            (InvoiceKind::Invoice, None, _) => Some(Problem::new(
                "no_revenue_kind",
                "an invoice says its `revenue`: subscription, project, usage or license",
            )),
            (kind, _, None) if kind != InvoiceKind::Invoice => {
                Some(Problem::new("no_invoice", format!("a {} names its `invoice`", kind.name())))
            }
            _ => None,
        }
    }
}
