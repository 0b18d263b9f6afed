//! The functions and methods of the rule language: their names, and how many arguments they take.

/// Functions, called as `name(…)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    Min,
    Max,
    Abs,
    Floor,
    Round,
    /// Whether a field is set.
    Has,
    /// A value, or another one where it is not known or not set.
    Default,
    /// How much of a target is reached, at most all of it.
    Credit,
    /// What is left of a value some time after an event: all of it at first, nothing after a span.
    Fade,
    /// Money in another currency.
    Convert,
    /// A day in the zone of the program.
    Date,
    /// An instant.
    Timestamp,
    /// The last days or months before now.
    Last,
    /// A span of time as a number of whole days.
    WholeDays,
    /// How many items a list has.
    Size,
    OnAnyDay,
    OnEveryDay,
    Month,
    Quarter,
    HalfYear,
    Year,
    FiscalQuarter,
    FiscalHalfYear,
    FiscalYear,
    Median,
    Average,
    Total,
    Place,
    TopShare,
    PercentileRank,
}

type Entry = (&'static str, Function, usize, usize);

/// Name, function, and the least and the most arguments.
const FUNCTIONS: [Entry; 31] = [
    ("min", Function::Min, 2, 99),
    ("max", Function::Max, 2, 99),
    ("abs", Function::Abs, 1, 1),
    ("floor", Function::Floor, 1, 1),
    ("round", Function::Round, 1, 1),
    ("has", Function::Has, 1, 1),
    ("default", Function::Default, 2, 2),
    ("credit", Function::Credit, 2, 2),
    ("fade", Function::Fade, 2, 2),
    ("convert", Function::Convert, 2, 3),
    ("date", Function::Date, 1, 1),
    ("timestamp", Function::Timestamp, 1, 1),
    ("last", Function::Last, 1, 1),
    ("whole_days", Function::WholeDays, 1, 1),
    ("size", Function::Size, 1, 1),
    ("count", Function::Size, 1, 1),
    ("on_any_day", Function::OnAnyDay, 2, 2),
    ("on_every_day", Function::OnEveryDay, 2, 2),
    ("month", Function::Month, 1, 1),
    ("quarter", Function::Quarter, 1, 1),
    ("half_year", Function::HalfYear, 1, 1),
    ("year", Function::Year, 1, 1),
    ("fiscal_quarter", Function::FiscalQuarter, 1, 1),
    ("fiscal_half_year", Function::FiscalHalfYear, 1, 1),
    ("fiscal_year", Function::FiscalYear, 1, 1),
    ("median", Function::Median, 1, 1),
    ("average", Function::Average, 1, 1),
    ("total", Function::Total, 1, 1),
    ("place", Function::Place, 1, 1),
    ("top_share", Function::TopShare, 1, 1),
    ("percentile_rank", Function::PercentileRank, 1, 1),
];

impl Function {
    /// All names, for suggestions.
    pub fn names() -> impl Iterator<Item = &'static str> {
        FUNCTIONS.iter().map(|(name, ..)| *name).chain(["if"])
    }

    pub fn named(name: &str) -> Option<Self> {
        FUNCTIONS.iter().find(|(known, ..)| *known == name).map(|(_, function, ..)| *function)
    }

    fn entry(self) -> Entry {
        // Every function is in the table; a test walks all of them.
        FUNCTIONS.into_iter().find(|(_, function, ..)| *function == self).unwrap_or(FUNCTIONS[0])
    }

    pub fn name(self) -> &'static str {
        self.entry().0
    }

    /// The least and the most arguments.
    pub fn arity(self) -> (usize, usize) {
        let (_, _, least, most) = self.entry();
        (least, most)
    }

    /// The calendar cycle of a function such as `quarter(-1)`.
    pub const fn cycle(self) -> Option<super::time::Cycle> {
        use super::time::Cycle;
        Some(match self {
            Self::Month => Cycle::Month,
            Self::Quarter => Cycle::Quarter,
            Self::HalfYear => Cycle::HalfYear,
            Self::Year => Cycle::Year,
            Self::FiscalQuarter => Cycle::FiscalQuarter,
            Self::FiscalHalfYear => Cycle::FiscalHalfYear,
            Self::FiscalYear => Cycle::FiscalYear,
            _ => return None,
        })
    }

    /// Whether it compares a metric of the partner with that of all others.
    pub const fn compares_partners(self) -> bool {
        matches!(self, Self::Median | Self::Average | Self::Total | Self::Place | Self::TopShare | Self::PercentileRank)
    }
}

/// Methods, called as `list.name(…)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    Filter,
    All,
    Exists,
    ExistsOne,
    Map,
    Size,
    Sum,
    Min,
    Max,
    Avg,
    Median,
    Distinct,
    Group,
    MaxBy,
    MinBy,
    Top,
    Bottom,
    Contains,
    StartsWith,
    EndsWith,
}

/// What a method takes: `()`, `(x, …)`, either of them, `(number, x, …)` or `(text)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    Each,
    MayEach,
    NumberAndEach,
    Plain,
}

/// The first name of a method is how it is written again.
const METHODS: [(&str, Method, Takes); 21] = [
    ("filter", Method::Filter, Takes::Each),
    ("all", Method::All, Takes::Each),
    ("exists", Method::Exists, Takes::Each),
    ("exists_one", Method::ExistsOne, Takes::Each),
    ("map", Method::Map, Takes::Each),
    ("count", Method::Size, Takes::MayEach),
    ("size", Method::Size, Takes::MayEach),
    ("sum", Method::Sum, Takes::MayEach),
    ("min", Method::Min, Takes::MayEach),
    ("max", Method::Max, Takes::MayEach),
    ("avg", Method::Avg, Takes::MayEach),
    ("median", Method::Median, Takes::MayEach),
    ("distinct", Method::Distinct, Takes::MayEach),
    ("group", Method::Group, Takes::Each),
    ("max_by", Method::MaxBy, Takes::Each),
    ("min_by", Method::MinBy, Takes::Each),
    ("top", Method::Top, Takes::NumberAndEach),
    ("bottom", Method::Bottom, Takes::NumberAndEach),
    ("contains", Method::Contains, Takes::Plain),
    ("startsWith", Method::StartsWith, Takes::Plain),
    ("endsWith", Method::EndsWith, Takes::Plain),
];

impl Method {
    pub fn names() -> impl Iterator<Item = &'static str> {
        METHODS.iter().map(|(name, ..)| *name)
    }

    pub fn named(name: &str) -> Option<Self> {
        METHODS.iter().find(|(known, ..)| *known == name).map(|(_, method, _)| *method)
    }

    pub fn name(self) -> &'static str {
        METHODS.iter().find(|(_, method, _)| *method == self).map_or("", |(name, ..)| name)
    }

    pub fn takes(self) -> Takes {
        METHODS.iter().find(|(_, method, _)| *method == self).map_or(Takes::Each, |(.., takes)| *takes)
    }
}

#[cfg(test)]
mod tests {
    use super::{FUNCTIONS, Function, METHODS, Method};

    #[test]
    fn every_name_finds_its_function_and_back() {
        for (name, function, least, most) in FUNCTIONS {
            assert_eq!(Function::named(name), Some(function));
            assert_eq!(Function::named(function.name()), Some(function));
            assert!(least <= most);
        }
        for (name, method, _) in METHODS {
            assert_eq!(Method::named(name), Some(method));
            assert_eq!(Method::named(method.name()), Some(method));
        }
    }
}
