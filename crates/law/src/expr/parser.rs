//! Reads tokens into a tree, by operator strength.

use std::ops::Range;

use super::Fault;
use super::lexer::{Token, tokens};
use super::tree::{BinaryOp, Expr, Function, NOT, Node};
use crate::nearest::nearest;

/// Parentheses, functions and signs nest at most so deeply.
const DEEPEST: u32 = 40;

/// Reads the text of an expression.
pub fn parse(text: &str) -> Result<Expr, Fault> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, end: text.len(), depth: 0 };
    let expression = parser.expression(0)?;
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

    /// The place of the next token, or the end of the text.
    fn span(&self) -> Range<usize> {
        match self.tokens.get(self.at) {
            Some((_, span)) => span.clone(),
            None => self.end..self.end,
        }
    }

    /// An expression whose operators bind at least so strongly.
    fn expression(&mut self, at_least: u8) -> Result<Expr, Fault> {
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
            if let (BinaryOp::Compare(_), Some(Token::Operator(BinaryOp::Compare(_)))) = (op, self.peek()) {
                let message = "comparisons cannot be chained";
                return Err(Fault::new(self.span(), "syntax", message).expecting("two comparisons joined by `and`"));
            }
        }
        Ok(left)
    }

    fn prefix(&mut self) -> Result<Expr, Fault> {
        let start = self.span();
        self.depth += 1;
        if self.depth > DEEPEST {
            let message = format!("a rule nests at most {DEEPEST} levels deep");
            return Err(Fault::new(start, "rule-too-deep", message));
        }
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
                let inner = self.expression(0)?;
                let span = start.start..self.close(&start)?;
                Expr::new(inner.node, span)
            }
            Token::Operator(_) | Token::Close | Token::Comma => {
                self.at -= 1;
                return Err(self.wanted("a value is missing here"));
            }
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn call(&mut self, name: &str, start: Range<usize>) -> Result<Expr, Fault> {
        let function = Function::named(name).ok_or_else(|| {
            let message = format!("there is no function `{name}`");
            Fault::new(start.clone(), "unknown-function", message)
                .expecting("`min` or `max`")
                .suggesting(nearest(name, Function::NAMES))
        })?;
        let open = self.span();
        self.at += 1;
        let mut arguments = vec![self.expression(0)?];
        while self.peek() == Some(&Token::Comma) {
            self.at += 1;
            arguments.push(self.expression(0)?);
        }
        let span = start.start..self.close(&open)?;
        if arguments.len() < 2 {
            let message = format!("`{name}` compares two or more values, here it has one");
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
