//! How an area puts a page on the site: a path, the permission that opens it, a place in the navigation and a function.
//!
//! One page serves both sides: the vendor's people see it in the console, a partner's people in the portal, with the rows
//! that their scope reaches. A page reads through queries only, so permission and tenancy are never its own business.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use jiff::tz::TimeZone;
use kernel::{Actor, App, DecisionRecord, Error, EventRecord, FieldError, Operation, Query, Result, Timestamp};
use maud::{Markup, html};

use crate::action::PostButton;
use crate::badge::Tone;
use crate::form;
use crate::icon::Icon;
use crate::outcome::outcome;
use crate::page::Crumb;
use crate::timeline::{Entry, timeline};
use crate::why::Why;
use crate::words::humanize;

/// A page of the site; areas add it to the registry with `registry.add(PageSpec { … })`.
#[derive(Clone, Copy)]
pub struct PageSpec {
    /// Such as `/deals/{deal}`.
    pub path: &'static str,
    /// The operation or query whose permission opens the page.
    pub permission: &'static str,
    pub nav: Option<NavSpec>,
    pub render: for<'a> fn(&'a PageCx) -> BoxFuture<'a, Result<View>>,
}

/// A place in the navigation.
#[derive(Debug, Clone, Copy)]
pub struct NavSpec {
    /// The heading above the entry; sections and entries are ordered by `order`.
    pub section: &'static str,
    pub label: &'static str,
    pub icon: Icon,
    pub order: u16,
    pub shown_to: ShownTo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownTo {
    Everyone,
    Vendor,
    Partner,
}

/// What a page function returns; the frame around it is the site's.
#[derive(Default)]
pub struct View {
    pub title: String,
    /// A line under the heading.
    pub line: Option<Markup>,
    pub crumbs: Vec<Crumb>,
    pub actions: Option<Markup>,
    pub body: Markup,
}

impl View {
    pub fn new(title: impl Into<String>, body: Markup) -> Self {
        Self { title: title.into(), body, ..Self::default() }
    }

    #[must_use]
    pub fn line(mut self, line: Markup) -> Self {
        self.line = Some(line);
        self
    }

    #[must_use]
    pub fn crumb(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.crumbs.push(Crumb { label: label.into(), href: href.into() });
        self
    }

    #[must_use]
    pub fn actions(mut self, actions: Markup) -> Self {
        self.actions = Some(actions);
        self
    }
}

/// A form that came back with errors: the page is shown again with what was typed.
#[derive(Debug, Clone, Default)]
pub struct Refilled {
    pub operation: String,
    pub values: BTreeMap<String, String>,
    pub errors: Vec<FieldError>,
}

/// The request, as a page function sees it.
pub struct PageCx {
    pub app: App,
    pub actor: Actor,
    pub now: Timestamp,
    /// The reader's time zone.
    pub zone: TimeZone,
    /// The path asked for, such as `/deals/deal_01j…`.
    pub path: String,
    /// Parts of the path by name: `deal` for `/deals/{deal}`.
    pub params: BTreeMap<String, String>,
    /// The query string, decoded, in order.
    pub query: Vec<(String, String)>,
    pub csrf: String,
    pub refilled: Option<Refilled>,
}

impl PageCx {
    /// Asks a query as the reader of the page.
    pub async fn ask<Q: Query>(&self, query: Q) -> Result<Q::Output> {
        self.app.query(&self.actor, query).await
    }

    /// Whether the reader may run that operation: to show its button, or the reason why not.
    pub fn may(&self, permission: &str) -> bool {
        self.actor.may(permission)
    }

    pub fn is_partner(&self) -> bool {
        self.actor.partner.is_some()
    }

    /// A part of the path, read into an id.
    pub fn param<T: std::str::FromStr>(&self, name: &str) -> Result<T> {
        let text = self.params.get(name).map(String::as_str).unwrap_or_default();
        text.parse().map_err(|_| Error::NotFound { what: "page", id: self.path.clone() })
    }

    /// The first value of that name in the query string, if it is not empty.
    pub fn arg(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.as_str())
    }

    /// The query string read as the input of a list query; names that it does not know are left out.
    pub fn list<Q: Query>(&self) -> Result<Q> {
        let declaration = self.app.declaration(Q::NAME).ok_or_else(|| Error::not_found("query", Q::NAME))?;
        let known = declaration.input.get("properties").and_then(serde_json::Value::as_object);
        let texts: Vec<(String, String)> =
            self.query.iter().filter(|(name, _)| known.is_some_and(|k| k.contains_key(name))).cloned().collect();
        kernel::input::read(kernel::input::from_texts(&declaration.input, &texts)?)
    }

    /// Where the same list, filtered and sorted as it is here, comes as a file: `csv` or `jsonl`.
    pub fn export<Q: Query>(&self, format: &str) -> String {
        let mut path = format!("/v1{}", Q::ROUTE.path);
        for (name, value) in &self.params {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        let kept = self.query.iter().filter(|(name, value)| name != "cursor" && !value.is_empty());
        let pairs = kept.map(|(name, value)| (name.as_str(), value.as_str())).chain([("format", format)]);
        format!("{path}?{}", query_string(pairs))
    }

    /// This page with one value of the query string changed.
    pub fn with(&self, name: &str, value: &str) -> String {
        let kept = self.query.iter().filter(|(known, _)| known != name);
        let pairs = kept.map(|(name, value)| (name.as_str(), value.as_str())).chain([(name, value)]);
        format!("{}?{}", self.path, query_string(pairs))
    }

    /// The history of a thing from its events.
    pub fn history(&self, events: &[EventRecord]) -> Markup {
        let entries: Vec<Entry> = events.iter().map(entry).collect();
        timeline(&entries, self.now, &self.zone)
    }

    /// The stored decisions about a thing, each with its why; the newest first.
    pub fn decisions(&self, decisions: &[DecisionRecord]) -> Markup {
        html! {
            @for decision in decisions {
                (Why::new(Tone::Info, outcome(&decision.outcome, &self.zone), &decision.reasons)
                    .basis(format!("{}, {}", rule_title(&decision.kind), datetime_text(decision.decided_at, &self.zone)))
                    .law(&decision.law)
                    .recompute(format!("/decisions/{}", decision.id)))
            }
        }
    }

    /// A button that runs an operation with fixed input and comes back to this page.
    pub fn button<O: Operation>(&self, label: &str, fields: &[(&str, &str)]) -> PostButton {
        let mut button = PostButton::new(label, format!("/do/{}", O::NAME), &self.csrf).hidden("_return", &self.path);
        for (name, value) in fields {
            button = button.hidden(*name, *value);
        }
        button
    }

    /// [`PageCx::form`] behind its label, open when it came back with errors.
    pub fn fold<O: Operation>(&self, label: &str, back: &str, fixed: &[(&str, &str)]) -> Markup {
        let open = self.came_back(O::NAME, fixed).is_some();
        html! { details open[open] { summary { (label) } (self.form::<O>(label, back, fixed)) } }
    }

    /// What was typed into this very form, if it was refused.
    fn came_back(&self, operation: &str, fixed: &[(&str, &str)]) -> Option<&Refilled> {
        let refilled = self.refilled.as_ref().filter(|refilled| refilled.operation == operation)?;
        let mine = |(name, value): &(&str, &str)| refilled.values.get(*name).is_none_or(|typed| typed == value);
        fixed.iter().all(mine).then_some(refilled)
    }

    /// A form for an operation, its fields made from the declaration. `fixed` fields are sent but not shown; `back` is
    /// where a success leads, with `{id}` filled from the output.
    pub fn form<O: Operation>(&self, label: &str, back: &str, fixed: &[(&str, &str)]) -> Markup {
        self.form_choosing::<O>(label, back, fixed, &[])
    }

    /// [`PageCx::form`] in which fields that take an id are chosen by name: `("partner", [(id, name), …])`.
    pub fn form_choosing<O: Operation>(
        &self,
        label: &str,
        back: &str,
        fixed: &[(&str, &str)],
        choices: &[(&str, Vec<(String, String)>)],
    ) -> Markup {
        let Some(declaration) = self.app.declaration(O::NAME) else { return html! {} };
        let refilled = self.came_back(O::NAME, fixed);
        let values = refilled.map(|r| r.values.clone()).unwrap_or_default();
        let errors = refilled.map(|r| r.errors.clone()).unwrap_or_default();
        let scope = scope_of(O::NAME, fixed);
        let hide: Vec<&str> = fixed.iter().map(|(name, _)| *name).collect();
        let body = html! {
            (form::hidden("_return", back))
            (form::hidden("_page", &self.path))
            @for (name, value) in fixed { (form::hidden(name, value)) }
            (form::errors_summary_as(&scope, &errors))
            (form::from_schema_as(&form::Place { scope: &scope, choices }, &declaration.input, &values, &errors, &hide))
            (crate::action::button(Tone::Accent, label))
        };
        form::form(&format!("/do/{}", O::NAME), &self.csrf, &body)
    }
}

/// `deals.claim` becomes `Deals: claim`.
pub fn rule_title(kind: &str) -> String {
    kind.split_once('.')
        .map_or_else(|| humanize(kind), |(area, name)| format!("{}: {}", humanize(area), name.replace('_', " ")))
}

/// Several forms of one operation stand on a page, one for each thing: their fields need ids of their own.
fn scope_of(operation: &str, fixed: &[(&str, &str)]) -> String {
    let fixed = fixed.iter().map(|(_, value)| *value).filter(|value| crate::thing::is_id(value));
    std::iter::once(operation).chain(fixed).collect::<Vec<_>>().join("-").replace('.', "-")
}

/// One event as a line of a history.
pub fn entry(event: &EventRecord) -> Entry {
    let (tone, icon) = look(&event.kind);
    Entry::new(event.at, &event.actor_name, &event.summary).mark(tone, icon)
}

/// The tone and icon of an event by the word at its end.
fn look(kind: &str) -> (Tone, Icon) {
    let (area, word) = kind.split_once('.').unwrap_or(("", kind));
    let has = |words: &[&str]| words.iter().any(|w| word.contains(w));
    if has(&["approved", "won", "activated", "accepted", "completed", "promoted", "issued", "resolved"]) {
        (Tone::Good, Icon::Check)
    } else if has(&["rejected", "denied", "suspended", "revoked", "lost", "failed", "expired", "lapsed"]) {
        (Tone::Bad, Icon::Stop)
    } else if has(&["warn", "due", "queued", "returned", "overdue", "demoted"]) {
        (Tone::Warn, Icon::Warning)
    } else {
        let icon = match area {
            "deal" => Icon::Deals,
            "partner" | "customer" => Icon::Partners,
            "person" | "session" | "invitation" => Icon::Person,
            "statement" | "usage" | "invoice" | "commission" => Icon::Money,
            "program" => Icon::Law,
            "credential" | "gate" => Icon::Gate,
            "clock" => Icon::Clock,
            "procedure" => Icon::Procedure,
            "finding" => Icon::Finding,
            "token" => Icon::Key,
            _ => Icon::Info,
        };
        (Tone::Neutral, icon)
    }
}

/// `15 October 2026, 15:16` in the reader's zone, where markup does not fit.
pub fn datetime_text(at: Timestamp, zone: &TimeZone) -> String {
    at.jiff().to_zoned(zone.clone()).strftime("%-d %B %Y, %H:%M").to_string()
}

/// Pairs as a query string (application/x-www-form-urlencoded).
fn query_string<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let escape = |text: &str| -> String {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
    };
    pairs.map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect::<Vec<_>>().join("&")
}

/// A file of the site: exports, PDFs, images. Added to the registry like a page.
#[derive(Clone, Copy)]
pub struct FileSpec {
    /// Such as `/documents/{document}/pdf`.
    pub path: &'static str,
    pub permission: &'static str,
    pub render: for<'a> fn(&'a PageCx) -> BoxFuture<'a, Result<FileBody>>,
}

/// The bytes of a file and how a browser takes them.
pub struct FileBody {
    pub content_type: &'static str,
    /// The name under which it is saved; absent means that it is shown.
    pub name: Option<String>,
    pub bytes: Vec<u8>,
}
