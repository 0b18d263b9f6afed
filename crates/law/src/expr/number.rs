//! Exact numbers: fractions of 128-bit integers, so that a third is a third and no rule depends on rounding.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use kernel::{Error, Rate};

/// An exact fraction in lowest terms. Arithmetic that would overflow gives `None`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Number {
    numerator: i128,
    /// Always positive.
    denominator: i128,
}

impl Number {
    pub const ZERO: Number = Number::whole(0);

    pub const fn whole(number: i128) -> Self {
        Self { numerator: number, denominator: 1 }
    }

    /// `numerator / denominator`; none for a zero denominator or the most negative integers, which have no positive twin.
    pub fn fraction(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 0 || numerator == i128::MIN || denominator == i128::MIN {
            return None;
        }
        let divisor = greatest_common_divisor(numerator.abs(), denominator.abs());
        let sign = denominator.signum();
        Some(Self { numerator: sign * numerator / divisor, denominator: denominator.abs() / divisor })
    }

    pub fn from_rate(rate: Rate) -> Self {
        Self::fraction(rate.scaled, Rate::ONE.scaled).unwrap_or(Self::ZERO)
    }

    pub const fn is_whole(self) -> bool {
        self.denominator == 1
    }

    pub const fn is_zero(self) -> bool {
        self.numerator == 0
    }

    pub fn checked_add(self, other: Self) -> Option<Self> {
        if self.denominator == 1 && other.denominator == 1 {
            return self.numerator.checked_add(other.numerator).filter(|sum| *sum != i128::MIN).map(Self::whole);
        }
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        Self::fraction(left.checked_add(right)?, self.denominator.checked_mul(other.denominator)?)
    }

    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.checked_add(other.negated())
    }

    pub fn checked_mul(self, other: Self) -> Option<Self> {
        if self.denominator == 1 && other.denominator == 1 {
            let product = self.numerator.checked_mul(other.numerator)?;
            return (product != i128::MIN).then(|| Self::whole(product));
        }
        // Reducing crosswise first keeps the products small.
        let first = Self::fraction(self.numerator, other.denominator)?;
        let second = Self::fraction(other.numerator, self.denominator)?;
        Self::fraction(
            first.numerator.checked_mul(second.numerator)?,
            first.denominator.checked_mul(second.denominator)?,
        )
    }

    /// None also for a division by zero.
    pub fn checked_div(self, other: Self) -> Option<Self> {
        self.checked_mul(Self::fraction(other.denominator, other.numerator)?)
    }

    /// The whole part, cut toward zero.
    pub const fn truncated(self) -> i128 {
        self.numerator / self.denominator
    }

    /// The greatest whole number that is not more.
    pub const fn floor(self) -> i128 {
        self.numerator.div_euclid(self.denominator)
    }

    pub const fn negated(self) -> Self {
        Self { numerator: -self.numerator, denominator: self.denominator }
    }

    /// Ten to that power; 28 is the largest that is ever needed.
    pub(crate) const fn power_of_ten(exponent: u32) -> Self {
        Self::whole(10_i128.pow(if exponent > 28 { 28 } else { exponent }))
    }

    /// Rounded half away from zero to so many decimal places, for people.
    pub fn rounded(self, places: u32) -> String {
        let scaled = self.checked_mul(Self::power_of_ten(places)).unwrap_or(self);
        let (whole, rest) = (scaled.numerator / scaled.denominator, (scaled.numerator % scaled.denominator).abs());
        let up = i128::from(rest >= scaled.denominator - rest);
        decimal(whole + up * scaled.numerator.signum(), places)
    }

    /// The number moved by so many decimal places to the right, as people write it: 12345 and 2 give `123.45`.
    pub(crate) fn shifted(self, places: u32) -> Option<String> {
        (self.denominator == 1).then(|| decimal(self.numerator, places))
    }

    /// The decimal text if it ends, such as `0.125` but not a third.
    pub fn decimal(self) -> Option<String> {
        let mut places = 0;
        let mut rest = self.denominator;
        let (mut twos, mut fives) = (0, 0);
        while rest % 2 == 0 {
            rest /= 2;
            twos += 1;
        }
        while rest % 5 == 0 {
            rest /= 5;
            fives += 1;
        }
        if rest != 1 {
            return None;
        }
        places += std::cmp::max(twos, fives);
        if places > 28 {
            return None;
        }
        let scaled = self.checked_mul(Self::power_of_ten(places))?;
        Some(decimal(scaled.numerator, places))
    }
}

/// `12345` with two places is `123.45`.
fn decimal(scaled: i128, places: u32) -> String {
    let places = places as usize;
    let digits = format!("{:0width$}", scaled.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let sign = if scaled < 0 { "-" } else { "" };
    let point = if places > 0 { "." } else { "" };
    format!("{sign}{whole}{point}{fraction}")
}

const fn greatest_common_divisor(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    if a == 0 { 1 } else { a }
}

impl Ord for Number {
    /// Compares whole parts first and then the reciprocals of what is left, which never overflows.
    fn cmp(&self, other: &Self) -> Ordering {
        if self.denominator == other.denominator {
            return self.numerator.cmp(&other.numerator);
        }
        let (mut a, mut b) = (*self, *other);
        let mut swapped = false;
        loop {
            let whole_a = a.numerator.div_euclid(a.denominator);
            let whole_b = b.numerator.div_euclid(b.denominator);
            let (rest_a, rest_b) = (a.numerator.rem_euclid(a.denominator), b.numerator.rem_euclid(b.denominator));
            let order = match whole_a.cmp(&whole_b) {
                Ordering::Equal if rest_a == 0 || rest_b == 0 => rest_a.cmp(&rest_b),
                Ordering::Equal => {
                    (a.numerator, a.denominator) = (a.denominator, rest_a);
                    (b.numerator, b.denominator) = (b.denominator, rest_b);
                    swapped = !swapped;
                    continue;
                }
                unequal => unequal,
            };
            return if swapped { order.reverse() } else { order };
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.decimal() {
            Some(decimal) => f.write_str(&decimal),
            None => write!(f, "{}/{}", self.numerator, self.denominator),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Number {
    type Err = Error;

    /// Reads `12`, `-0.5` and `1/3`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = || {
            let rule = format!("`{text}` is not a number such as 12, 0.5 or 1/3, or has too many digits");
            Error::invalid("number", rule)
        };
        let part = |part: &str| part.parse::<i128>().map_err(|_| refuse());
        if let Some((numerator, denominator)) = text.split_once('/') {
            return Self::fraction(part(numerator)?, part(denominator)?).ok_or_else(refuse);
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits_only = fraction.bytes().all(|byte| byte.is_ascii_digit());
        if fraction.len() > 28 || !digits_only || (text.contains('.') && fraction.is_empty()) {
            return Err(refuse());
        }
        let scaled = part(&format!("{whole}{fraction}"))?;
        let places = u32::try_from(fraction.len()).map_err(|_| refuse())?;
        Self::fraction(scaled, 10_i128.pow(places)).ok_or_else(refuse)
    }
}
