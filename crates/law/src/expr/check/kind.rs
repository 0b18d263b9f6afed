//! What an expression gives, as the checker sees it: a value of a type, a fact, a list or a group.

use std::fmt;

use kernel::Currency;

use crate::expr::types::Type;

/// What an expression gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Plain(Type),
    /// Money; of facts it may be in any currency.
    Money(Option<Currency>),
    /// One fact of a set.
    Row(String),
    List(Box<Kind>),
    /// Members with the same key.
    Group {
        key: Box<Kind>,
        member: Box<Kind>,
    },
    /// The empty list has no kind of item.
    Anything,
}

impl Kind {
    pub const BOOL: Self = Self::Plain(Type::Bool);
    pub const COUNT: Self = Self::Plain(Type::Count);
    pub const RATIO: Self = Self::Plain(Type::Ratio);

    /// A field or a metric of that type; money in the given currency.
    pub const fn of(kind: Type, currency: Option<Currency>) -> Self {
        match kind {
            Type::Money => Self::Money(currency),
            other => Self::Plain(other),
        }
    }

    pub fn list(item: Self) -> Self {
        Self::List(Box::new(item))
    }

    /// The type, if it is a value.
    pub const fn value(&self) -> Option<Type> {
        match self {
            Self::Plain(kind) => Some(*kind),
            Self::Money(_) => Some(Type::Money),
            _ => None,
        }
    }

    /// Whether it can be added up and put in order.
    pub fn is_measured(&self) -> bool {
        self.value().is_some_and(Type::is_measured)
    }

    /// Whether it has an order.
    pub fn is_ordered(&self) -> bool {
        self.is_measured() || matches!(self, Self::Plain(Type::Instant | Type::Months))
    }

    /// Whether both measure the same; money of an unknown currency may be in any.
    pub fn fits(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Money(a), Self::Money(b)) => a.is_none() || b.is_none() || a == b,
            (Self::Anything, _) | (_, Self::Anything) => true,
            (Self::List(a), Self::List(b)) => a.fits(b),
            _ => self == other,
        }
    }

    /// The more certain of two kinds that fit.
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Money(None) | Self::Anything => other,
            certain => certain,
        }
    }

    /// With its article: "a count".
    pub fn article(&self) -> String {
        match self {
            Self::Money(_) => "money".to_owned(),
            Self::Plain(Type::Instant) => "an instant".to_owned(),
            Self::Plain(Type::Months) => "a number of months".to_owned(),
            other => format!("a {other}"),
        }
    }

    pub fn described(&self) -> String {
        match self {
            Self::Money(Some(currency)) => format!("money such as {currency} 100000.00"),
            other => other.value().map_or_else(|| other.article(), |kind| kind.described().to_owned()),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(kind) => write!(f, "{kind}"),
            Self::Money(_) => f.write_str("money"),
            Self::Row(set) => write!(f, "fact of `{set}`"),
            Self::List(item) => match &**item {
                Self::Row(set) => write!(f, "set of facts (`{set}`)"),
                Self::Group { .. } => f.write_str("list of groups"),
                Self::Anything => f.write_str("list"),
                item => write!(f, "list of {item} values"),
            },
            Self::Group { .. } => f.write_str("group"),
            Self::Anything => f.write_str("value"),
        }
    }
}
