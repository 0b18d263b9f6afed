//! Cuts the text of a rule into tokens, each with its place.

use std::ops::Range;

use kernel::Money;

use super::Fault;
use super::number::Number;
use super::tree::{BinaryOp, Compare};
use super::value::Value;

/// A piece of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Literal(Value),
    Name(String),
    Operator(BinaryOp),
    Not,
    Open,
    Close,
    Comma,
    Dot,
    Question,
    Colon,
    OpenList,
    CloseList,
}

/// A rule longer than this is refused before it is read.
pub(super) const LONGEST: usize = 4000;

/// Cuts the text into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, Fault> {
    if text.len() > LONGEST {
        let message = format!("a rule has at most {LONGEST} characters, this one has {}", text.len());
        return Err(Fault::new(0..text.len(), "rule-too-long", message));
    }
    let mut lexer = Lexer { text, at: 0 };
    let mut found = Vec::new();
    while let Some(token) = lexer.next()? {
        found.push(token);
    }
    Ok(found)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Takes characters while they fit.
    fn take(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !fits(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn next(&mut self) -> Result<Option<(Token, Range<usize>)>, Fault> {
        self.take(char::is_whitespace);
        let start = self.at;
        let Some(first) = self.rest().chars().next() else {
            return Ok(None);
        };
        let token = if first.is_ascii_digit() {
            self.number(start)?
        } else if first.is_ascii_alphabetic() || first == '_' {
            self.word(start)?
        } else if first == '"' {
            self.string(start)?
        } else {
            self.symbol(start, first)?
        };
        Ok(Some((token, start..self.at)))
    }

    /// `12`, `25%`, `90d`, `12h`, `6mo`.
    fn number(&mut self, start: usize) -> Result<Token, Fault> {
        let digits = self.take(|c| c.is_ascii_digit() || c == '.' || c == '_');
        let refuse = |end: usize, what: &str| {
            let message = format!("`{}` is not {what}", &self.text[start..end]);
            Fault::new(start..end, "bad-number", message)
        };
        let number: Number = digits.parse().map_err(|_| refuse(start + digits.len(), "a number such as 12 or 0.5"))?;
        if self.rest().starts_with('%') {
            self.at += 1;
            let ratio = number.checked_div(Number::whole(100));
            let ratio = ratio.ok_or_else(|| refuse(self.at, "a ratio that can be computed"))?;
            return Ok(Token::Literal(Value::Ratio(ratio)));
        }
        let unit = self.take(|c| c.is_ascii_alphanumeric() || c == '_');
        let hours = match unit {
            "" => return Ok(Token::Literal(Value::Count(number))),
            "h" => 1,
            "d" => 24,
            "w" => 7 * 24,
            "mo" | "y" => {
                let months = number.checked_mul(Number::whole(if unit == "y" { 12 } else { 1 }));
                let months = months.filter(|months| months.is_whole() && months.truncated() <= 12_000);
                let months = months.and_then(|months| i64::try_from(months.truncated()).ok());
                let months = months.ok_or_else(|| refuse(self.at, "a whole number of months"))?;
                return Ok(Token::Literal(Value::Months(months)));
            }
            _ => {
                let span = start + digits.len()..self.at;
                let message = format!("`{unit}` is not a unit of a number");
                return Err(Fault::new(span, "unknown-unit", message)
                    .expecting("`%`, or `h`, `d`, `w`, `mo`, `y` for hours, days, weeks, months, years"));
            }
        };
        let hours = number.checked_mul(Number::whole(hours));
        let hours = hours.ok_or_else(|| refuse(self.at, "a duration that can be computed"))?;
        Ok(Token::Literal(Value::Duration(hours)))
    }

    /// A keyword, a name, or money: three capitals before a number.
    fn word(&mut self, start: usize) -> Result<Token, Fault> {
        let word = self.take(|c| c.is_ascii_alphanumeric() || c == '_');
        let gap = self.rest().len() - self.rest().trim_start_matches(' ').len();
        let amount = &self.rest()[gap..];
        let code = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_uppercase());
        if code && amount.starts_with(|c: char| c.is_ascii_digit()) {
            self.at += gap;
            let amount = self.take(|c| c.is_ascii_digit() || c == '.' || c == '_');
            let written = format!("{word} {amount}");
            let money = written.parse::<Money>().map_err(|error| {
                Fault::new(start..self.at, "bad-money", money_rule(&error)).expecting("money such as EUR 100000.00")
            })?;
            return Ok(Token::Literal(money.into()));
        }
        Ok(match word {
            "true" => Token::Literal(Value::Bool(true)),
            "false" => Token::Literal(Value::Bool(false)),
            "and" => Token::Operator(BinaryOp::And),
            "or" => Token::Operator(BinaryOp::Or),
            "in" => Token::Operator(BinaryOp::In),
            "not" => Token::Not,
            name => Token::Name(name.to_owned()),
        })
    }

    /// `"gold"`, with `\"` and `\\`.
    fn string(&mut self, start: usize) -> Result<Token, Fault> {
        let mut text = String::new();
        let mut characters = self.text[start + 1..].char_indices();
        while let Some((place, character)) = characters.next() {
            match character {
                '"' => {
                    self.at = start + 1 + place + 1;
                    return Ok(Token::Literal(Value::Text(text)));
                }
                '\\' => match characters.next() {
                    Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                    _ => {
                        let span = start + 1 + place..start + 2 + place;
                        return Err(Fault::new(span, "bad-text", "only \\\" and \\\\ can be escaped"));
                    }
                },
                other => text.push(other),
            }
        }
        let message = "this text has no closing quotation mark";
        Err(Fault::new(start..self.text.len(), "bad-text", message).expecting("`\"` at its end"))
    }

    fn symbol(&mut self, start: usize, first: char) -> Result<Token, Fault> {
        const SYMBOLS: [(&str, Token); 21] = [
            ("&&", Token::Operator(BinaryOp::And)),
            ("||", Token::Operator(BinaryOp::Or)),
            ("==", Token::Operator(BinaryOp::Compare(Compare::Equal))),
            ("!=", Token::Operator(BinaryOp::Compare(Compare::NotEqual))),
            ("<=", Token::Operator(BinaryOp::Compare(Compare::AtMost))),
            (">=", Token::Operator(BinaryOp::Compare(Compare::AtLeast))),
            ("<", Token::Operator(BinaryOp::Compare(Compare::Less))),
            (">", Token::Operator(BinaryOp::Compare(Compare::More))),
            ("+", Token::Operator(BinaryOp::Add)),
            ("-", Token::Operator(BinaryOp::Subtract)),
            ("*", Token::Operator(BinaryOp::Multiply)),
            ("/", Token::Operator(BinaryOp::Divide)),
            ("!", Token::Not),
            ("(", Token::Open),
            (")", Token::Close),
            (",", Token::Comma),
            (".", Token::Dot),
            ("?", Token::Question),
            (":", Token::Colon),
            ("[", Token::OpenList),
            ("]", Token::CloseList),
        ];
        for (symbol, token) in SYMBOLS {
            if self.rest().starts_with(symbol) {
                self.at += symbol.len();
                return Ok(token);
            }
        }
        let nearest = match first {
            '=' => Some("=="),
            '&' => Some("&&"),
            '|' => Some("||"),
            '≥' => Some(">="),
            '≤' => Some("<="),
            '≠' => Some("!="),
            '\'' | '“' | '”' => Some("\""),
            _ => None,
        };
        let span = start..start + first.len_utf8();
        let message = format!("`{first}` has no meaning in a rule");
        Err(Fault::new(span, "unexpected-character", message).suggesting(nearest))
    }
}

/// The rule that a malformed amount breaks, without the name of the field.
fn money_rule(error: &kernel::Error) -> String {
    match error {
        kernel::Error::Invalid(fields) => match fields.first() {
            Some(field) => field.rule.clone(),
            None => error.to_string(),
        },
        other => other.to_string(),
    }
}
