//! Reads tokens into a tree, by operator strength.

use std::ops::Range;

use super::Fault;
use super::functions::{Function, Method, Takes};
use super::lexer::{Token, tokens};
use super::tree::{BinaryOp, Expr, MethodCall, NOT, Node};
use crate::nearest::nearest;

/// Parentheses, functions and signs nest at most so deeply.
const DEEPEST: u32 = 40;

/// Reads the text of an expression.
pub fn parse(text: &str) -> Result<Expr, Fault> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, end: text.len(), depth: 0 };
    let expression = parser.full()?;
    match parser.peek() {
        None => Ok(expression),
        Some(Token::Close) => {
            let message = "there is a closing parenthesis without an opening one";
            Err(Fault::new(parser.span(), "syntax", message))
        }
        Some(_) => Err(Fault::new(parser.span(), "syntax", "the rule should end here")
            .expecting("an operator such as `and`, `or`, `>=`")),
    }
}

struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    end: usize,
    depth: u32,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    /// Takes the next token if it is this one.
    fn take(&mut self, token: &Token) -> bool {
        let there = self.peek() == Some(token);
        self.at += usize::from(there);
        there
    }

    /// The place of the next token, or the end of the text.
    fn span(&self) -> Range<usize> {
        match self.tokens.get(self.at) {
            Some((_, span)) => span.clone(),
            None => self.end..self.end,
        }
    }

    /// A whole expression, which may be a choice: `condition ? one : other`.
    fn full(&mut self) -> Result<Expr, Fault> {
        let condition = self.expression(0)?;
        let question = self.span();
        if !self.take(&Token::Question) {
            return Ok(condition);
        }
        self.deeper(&question)?;
        let then = self.full()?;
        if !self.take(&Token::Colon) {
            let message = "this choice has no other side";
            return Err(Fault::new(question, "syntax", message).expecting("`condition ? one : other`"));
        }
        let otherwise = self.full()?;
        self.depth -= 1;
        let span = condition.span.start..otherwise.span.end;
        Ok(Expr::new(Node::If(Box::new([condition, then, otherwise])), span))
    }

    /// An expression whose operators bind at least so strongly.
    fn expression(&mut self, at_least: u8) -> Result<Expr, Fault> {
        let compares = |op: &BinaryOp| matches!(op, BinaryOp::Compare(_) | BinaryOp::In);
        let mut left = self.prefix()?;
        while let Some(Token::Operator(op)) = self.peek() {
            let op = *op;
            if op.strength() < at_least {
                break;
            }
            self.at += 1;
            let right = self.expression(op.strength() + 1)?;
            let span = left.span.start..right.span.end;
            left = Expr::new(Node::Binary(op, Box::new(left), Box::new(right)), span);
            if compares(&op) && matches!(self.peek(), Some(Token::Operator(next)) if compares(next)) {
                let message = "comparisons cannot be chained";
                return Err(Fault::new(self.span(), "syntax", message).expecting("two comparisons joined by `and`"));
            }
        }
        Ok(left)
    }

    fn deeper(&mut self, at: &Range<usize>) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let message = format!("a rule nests at most {DEEPEST} levels deep");
            return Err(Fault::new(at.clone(), "rule-too-deep", message));
        }
        Ok(())
    }

    fn prefix(&mut self) -> Result<Expr, Fault> {
        let start = self.span();
        self.deeper(&start)?;
        let Some((token, _)) = self.tokens.get(self.at).cloned() else {
            return Err(self.wanted("the rule ends here, but something is missing"));
        };
        self.at += 1;
        let expression = match token {
            Token::Literal(value) => Expr::new(Node::Literal(value), start),
            Token::Name(name) if self.peek() == Some(&Token::Open) => self.call(&name, start)?,
            Token::Name(name) => Expr::new(Node::Name(name), start),
            Token::Not => {
                let inner = self.expression(NOT)?;
                let span = start.start..inner.span.end;
                Expr::new(Node::Not(Box::new(inner)), span)
            }
            Token::Operator(BinaryOp::Subtract) => {
                let inner = self.prefix()?;
                let span = start.start..inner.span.end;
                Expr::new(Node::Negate(Box::new(inner)), span)
            }
            Token::Open => {
                let inner = self.full()?;
                let span = start.start..self.close(&start)?;
                Expr::new(inner.node, span)
            }
            Token::OpenList => self.list(start)?,
            _ => {
                self.at -= 1;
                return Err(self.wanted("a value is missing here"));
            }
        };
        let expression = self.postfix(expression)?;
        self.depth -= 1;
        Ok(expression)
    }

    /// `[a, b]`
    fn list(&mut self, start: Range<usize>) -> Result<Expr, Fault> {
        let mut items = Vec::new();
        while self.peek() != Some(&Token::CloseList) {
            if !items.is_empty() && !self.take(&Token::Comma) {
                let message = "this list is never closed";
                return Err(Fault::new(start, "syntax", message).expecting("`]`"));
            }
            items.push(self.full()?);
        }
        let end = self.span().end;
        self.at += 1;
        Ok(Expr::new(Node::List(items), start.start..end))
    }

    /// Fields and methods behind a value.
    fn postfix(&mut self, mut of: Expr) -> Result<Expr, Fault> {
        let mut length = 0;
        while self.take(&Token::Dot) {
            length += 1;
            let place = self.span();
            if length > DEEPEST {
                let message = format!("at most {DEEPEST} steps follow each other");
                return Err(Fault::new(place, "rule-too-deep", message));
            }
            let Some(Token::Name(name)) = self.peek().cloned() else {
                let message = "a field or a method is missing after the point";
                return Err(Fault::new(place, "syntax", message).expecting("a name such as `value` or `filter`"));
            };
            self.at += 1;
            of = if self.peek() == Some(&Token::Open) {
                self.method(of, &name, place)?
            } else {
                let span = of.span.start..place.end;
                Expr::new(Node::Field(Box::new(of), name), span)
            };
        }
        Ok(of)
    }

    fn method(&mut self, on: Expr, name: &str, place: Range<usize>) -> Result<Expr, Fault> {
        let method = Method::named(name).ok_or_else(|| {
            let message = format!("there is no method `{name}`");
            Fault::new(place.clone(), "unknown-function", message)
                .expecting(crate::lint::one_of(Method::names()))
                .suggesting(nearest(name, Method::names()))
        })?;
        let open = self.span();
        self.at += 1;
        let takes = method.takes();
        let mut plain = None;
        if matches!(takes, Takes::NumberAndEach | Takes::Plain) {
            plain = Some(self.full()?);
        }
        if takes == Takes::NumberAndEach && !self.take(&Token::Comma) {
            let message = format!("`{name}` needs to know by what");
            return Err(Fault::new(self.span(), "syntax", message).expecting(format!("`.{name}(3, x, x.value)`")));
        }
        let wants = match takes {
            Takes::Each | Takes::NumberAndEach => true,
            Takes::MayEach => self.peek() != Some(&Token::Close),
            Takes::Plain => false,
        };
        let each = if wants { Some(self.each(name)?) } else { None };
        let span = on.span.start..self.close(&open)?;
        Ok(Expr::new(Node::Method(Box::new(MethodCall { on, method, plain, each })), span))
    }

    /// `x, x.value`: the name of each item, and what is computed of it.
    fn each(&mut self, method: &str) -> Result<(String, Expr), Fault> {
        let place = self.span();
        let example = format!("`.{method}(x, …)` with a name for each item");
        let (Some(Token::Name(variable)), Some((Token::Comma, _))) =
            (self.peek().cloned(), self.tokens.get(self.at + 1))
        else {
            let message = format!("`{method}` needs a name for each item first");
            return Err(Fault::new(place, "syntax", message).expecting(example));
        };
        self.at += 2;
        Ok((variable, self.full()?))
    }

    fn call(&mut self, name: &str, start: Range<usize>) -> Result<Expr, Fault> {
        let function = Function::named(name);
        if function.is_none() && name != "if" {
            let message = format!("there is no function `{name}`");
            return Err(Fault::new(start, "unknown-function", message)
                .expecting(crate::lint::one_of(Function::names()))
                .suggesting(nearest(name, Function::names())));
        }
        let open = self.span();
        self.at += 1;
        let mut arguments = vec![self.full()?];
        while self.take(&Token::Comma) {
            arguments.push(self.full()?);
        }
        let span = start.start..self.close(&open)?;
        let Some(function) = function else {
            return match <[Expr; 3]>::try_from(arguments) {
                Ok(parts) => Ok(Expr::new(Node::If(Box::new(parts)), span)),
                Err(_) => Err(Fault::new(span, "syntax", "`if` takes a condition and two values")
                    .expecting("`if(condition, one, other)`")),
            };
        };
        let (least, most) = function.arity();
        if arguments.len() < least || arguments.len() > most {
            let found = arguments.len();
            let message = match (least, most) {
                (2, 99) => format!("`{name}` compares two or more values, here it has {found}"),
                _ if least == most => format!("`{name}` takes {least}, here it has {found}"),
                _ => format!("`{name}` takes {least} to {most}, here it has {found}"),
            };
            return Err(Fault::new(span, "syntax", message));
        }
        Ok(Expr::new(Node::Call(function, arguments), span))
    }

    /// Takes the closing parenthesis and gives the place after it.
    fn close(&mut self, open: &Range<usize>) -> Result<usize, Fault> {
        let span = self.span();
        match self.peek() {
            Some(Token::Close) => {
                self.at += 1;
                Ok(span.end)
            }
            Some(_) => {
                Err(Fault::new(span, "syntax", "the parenthesis should be closed here").expecting("`)` or an operator"))
            }
            None => {
                let message = "this parenthesis is never closed";
                Err(Fault::new(open.clone(), "syntax", message).expecting("`)`"))
            }
        }
    }

    fn wanted(&self, message: &str) -> Fault {
        Fault::new(self.span(), "syntax", message).expecting("a metric, a number, money, a text, `not` or `(`")
    }
}
