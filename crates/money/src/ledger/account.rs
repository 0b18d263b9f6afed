//! The chart of accounts: what a book keeps apart, and on which side each account lies.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use kernel::{Error, FromValue, Value};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// On which side an account grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Normal {
    Debit,
    Credit,
}

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountKind {
    /// Earned by the partner and in no payout yet.
    Pending,
    /// Stated, and resting until its day.
    Held,
    /// Due to the partner now.
    Payable,
    /// Kept back against later refunds.
    Reserve,
    /// Owed by the partner, and set off against its next statements.
    Carry,
    /// Owed by the partner, to be paid by it.
    Receivable,
    /// What commissions cost the program.
    Expense,
    /// What partners pay the program: licenses, fees.
    Income,
    /// What is left of a budget.
    Budget,
    /// Where budgets come from.
    Funding,
    /// What was drawn from budgets.
    Spent,
    /// Money on its way from or to a bank.
    Clearing,
    /// Gains and losses between currencies.
    Fx,
    /// Tax kept back for an authority.
    Withholding,
    /// Value added tax on self-billed amounts.
    Vat,
}

use AccountKind::{
    Budget, Carry, Clearing, Expense, Funding, Fx, Held, Income, Payable, Pending, Receivable, Reserve, Spent, Vat,
    Withholding,
};

impl AccountKind {
    pub const ALL: [Self; 15] = [
        Pending,
        Held,
        Payable,
        Reserve,
        Carry,
        Receivable,
        Expense,
        Income,
        Budget,
        Funding,
        Spent,
        Clearing,
        Fx,
        Withholding,
        Vat,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Pending => "pending",
            Held => "held",
            Payable => "payable",
            Reserve => "reserve",
            Carry => "carry",
            Receivable => "receivable",
            Expense => "expense",
            Income => "income",
            Budget => "budget",
            Funding => "funding",
            Spent => "spent",
            Clearing => "clearing",
            Fx => "fx",
            Withholding => "withholding",
            Vat => "vat",
        }
    }

    pub const fn normal(self) -> Normal {
        match self {
            Carry | Receivable | Expense | Budget | Spent | Clearing | Fx => Normal::Debit,
            Pending | Held | Payable | Reserve | Income | Funding | Withholding | Vat => Normal::Credit,
        }
    }

    /// Whether it never lies on its other side: nobody is paid more than is due, no budget is overdrawn.
    pub const fn is_guarded(self) -> bool {
        matches!(self, Budget | Payable | Held | Reserve | Carry)
    }

    /// The root of a chart of accounts under which exports file it.
    pub const fn root(self) -> &'static str {
        match self {
            Carry | Receivable | Budget | Clearing => "Assets",
            Pending | Held | Payable | Reserve | Withholding | Vat => "Liabilities",
            Expense | Spent | Fx => "Expenses",
            Income => "Income",
            Funding => "Equity",
        }
    }
}

/// An account of a book, written `payable` or, with a name, `budget:spring`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    pub kind: AccountKind,
    pub name: Option<String>,
}

impl From<AccountKind> for Account {
    fn from(kind: AccountKind) -> Self {
        Self { kind, name: None }
    }
}

impl Account {
    /// A budget by its key.
    pub fn budget(key: &str) -> Self {
        Self { kind: Budget, name: Some(key.to_owned()) }
    }

    pub fn spent(key: &str) -> Self {
        Self { kind: Spent, name: Some(key.to_owned()) }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{}:{name}", self.kind.name()),
            None => f.write_str(self.kind.name()),
        }
    }
}

impl FromStr for Account {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (word, name) = text.split_once(':').map_or((text, None), |(word, name)| (word, Some(name)));
        let kind = AccountKind::ALL.into_iter().find(|kind| kind.name() == word).ok_or_else(|| {
            let names = AccountKind::ALL.map(AccountKind::name).join(", ");
            Error::invalid("account", format!("`{word}` is no account; use one of {names}"))
        })?;
        let sound = |name: &str| {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
            !name.is_empty() && name.len() <= 64 && name.chars().all(plain)
        };
        if name.is_some_and(|name| !sound(name)) {
            let rule = format!("the name in `{text}` must be 1 to 64 lower-case letters, digits, `_` or `-`");
            return Err(Error::invalid("account", rule));
        }
        Ok(Self { kind, name: name.map(str::to_owned) })
    }
}

impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Account {
    fn schema_name() -> Cow<'static, str> {
        "Account".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names = AccountKind::ALL.map(AccountKind::name).join("|");
        json_schema!({
            "type": "string", "pattern": format!("^({names})(:[a-z0-9_-]{{1,64}})?$"),
            "examples": ["payable", "budget:spring"], "description": "An account such as `payable` or `budget:spring`"
        })
    }
    fn inline_schema() -> bool {
        true
    }
}

impl FromValue for Account {
    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => text.parse().map_err(|e: Error| e.to_string()),
            other => Err(format!("unexpected {other:?} for an account")),
        }
    }
}

impl From<&Account> for Value {
    fn from(account: &Account) -> Self {
        Value::Text(account.to_string())
    }
}
