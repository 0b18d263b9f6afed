//! What the areas install: operations, queries, rules, migrations, schedules, and parts of engines by type.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use futures::future::BoxFuture;
use schemars::generate::SchemaSettings;
use serde_json::Value as Json;

use crate::app::{App, Cx, ReadCx, Run};
use crate::db::Migration;
use crate::decision::{Recompute, Rule, recompute};
use crate::error::{Error, Result};
use crate::event::EventRecord;
use crate::ids::{OrganizationId, PartnerId};
use crate::input;
use crate::operation::{Access, Operation, Query, Route};

/// The declaration of an operation or query, as the surfaces see it.
#[derive(Debug, Clone)]
pub struct Declaration {
    pub name: &'static str,
    pub route: Route,
    pub access: Access,
    /// One line for people: the first paragraph of the doc comment.
    pub summary: String,
    /// JSON Schema of the input.
    pub input: Arc<Json>,
    /// JSON Schema of the output.
    pub output: Arc<Json>,
    pub writes: bool,
}

type RunFn = for<'a, 'b> fn(&'a mut Cx<'b>, Json) -> BoxFuture<'a, Result<Json>>;
type SubjectOf = fn(&Json) -> Result<Option<(&'static str, String)>>;
type AskFn = for<'a, 'b> fn(&'a mut ReadCx<'b>, Json) -> BoxFuture<'a, Result<Json>>;

/// An operation behind its name.
#[derive(Clone)]
pub struct Runnable {
    pub declaration: Declaration,
    pub(crate) run: RunFn,
    pub(crate) prepare: fn(Json) -> Result<Run>,
    /// Whether the input holds passwords, codes or tokens.
    pub(crate) takes_secrets: bool,
}

/// A query behind its name.
#[derive(Clone)]
pub struct Askable {
    pub declaration: Declaration,
    pub(crate) run: AskFn,
    pub(crate) subject: SubjectOf,
}

/// An operation that runs by itself, once per slot on all nodes together.
#[derive(Debug, Clone)]
pub struct Schedule {
    pub operation: &'static str,
    pub input: Json,
    pub every_seconds: i64,
}

/// Says what a partner still lacks before the doors open; installed by the area of partners.
pub type Standing =
    for<'a> fn(&'a mut crate::db::Tx, OrganizationId, PartnerId) -> BoxFuture<'a, Result<Vec<values::Reason>>>;

/// A read model that follows events on every node.
pub type Follower = Arc<dyn Fn(&App, &[EventRecord]) + Send + Sync>;

/// Everything that the areas have installed.
#[derive(Default)]
pub struct Registry {
    pub(crate) operations: BTreeMap<&'static str, Runnable>,
    pub(crate) queries: BTreeMap<&'static str, Askable>,
    pub(crate) recomputes: BTreeMap<&'static str, Recompute>,
    pub(crate) migrations: Vec<Migration>,
    pub(crate) schedules: Vec<Schedule>,
    pub(crate) followers: Vec<Follower>,
    pub(crate) standing: Option<Standing>,
    pub(crate) sealed: Vec<(&'static str, &'static str)>,
    parts: HashMap<TypeId, Vec<Arc<dyn Any + Send + Sync>>>,
}

impl Registry {
    pub fn operation<O: Operation>(&mut self) -> &mut Self {
        let declaration = declare::<O, O::Output>(O::NAME, O::ROUTE, O::ACCESS, true);
        let runnable = Runnable {
            takes_secrets: declaration.input.to_string().contains("\"writeOnly\":true"),
            declaration,
            run: |cx, input| {
                Box::pin(async move {
                    let operation: O = input::read(input)?;
                    Ok(serde_json::to_value(operation.run(cx).await?)?)
                })
            },
            prepare: |input| Run::to_json(input::read::<O>(input)?),
        };
        let twice = self.operations.insert(O::NAME, runnable).is_some();
        assert!(!twice, "the operation {} is installed twice", O::NAME);
        self
    }

    pub fn query<Q: Query>(&mut self) -> &mut Self {
        let askable = Askable {
            declaration: declare::<Q, Q::Output>(Q::NAME, Q::ROUTE, Q::ACCESS, false),
            run: |cx, input| {
                Box::pin(async move {
                    let query: Q = input::read(input)?;
                    Ok(serde_json::to_value(query.run(cx).await?)?)
                })
            },
            subject: |input| Ok(input::read::<Q>(input.clone())?.subject()),
        };
        let twice = self.queries.insert(Q::NAME, askable).is_some();
        assert!(!twice, "the query {} is installed twice", Q::NAME);
        self
    }

    pub fn rule<R: Rule>(&mut self) -> &mut Self {
        self.recomputes.insert(R::KIND, recompute::<R>);
        self
    }

    pub fn migration(&mut self, name: &'static str, sql: &'static str) -> &mut Self {
        self.migrations.push(Migration { name, sql });
        self
    }

    /// Names a table whose rows are evidence: each is sealed, under its `id` or under a batch column.
    pub fn sealed(&mut self, table: &'static str, by: &'static str) -> &mut Self {
        self.sealed.push((table, by));
        self
    }

    pub fn schedule(&mut self, every_seconds: i64, operation: &'static str, input: Json) -> &mut Self {
        self.schedules.push(Schedule { operation, input, every_seconds });
        self
    }

    pub fn follow(&mut self, follower: impl Fn(&App, &[EventRecord]) + Send + Sync + 'static) -> &mut Self {
        self.followers.push(Arc::new(follower));
        self
    }

    pub fn standing(&mut self, standing: Standing) -> &mut Self {
        self.standing = Some(standing);
        self
    }

    /// Adds a part of an engine or of the faces: a metric, a check, a page, a control.
    pub fn add<P: Any + Send + Sync>(&mut self, part: P) -> &mut Self {
        self.parts.entry(TypeId::of::<P>()).or_default().push(Arc::new(part));
        self
    }

    /// Every part of that type, in the order of installation.
    pub fn parts<P: Any + Send + Sync>(&self) -> Vec<Arc<P>> {
        let parts = self.parts.get(&TypeId::of::<P>()).map(Vec::as_slice).unwrap_or_default();
        parts.iter().filter_map(|part| part.clone().downcast::<P>().ok()).collect()
    }

    /// The one part of that type.
    pub fn part<P: Any + Send + Sync>(&self) -> Result<Arc<P>> {
        self.parts::<P>()
            .pop()
            .ok_or_else(|| Error::internal(format!("{} is not installed", std::any::type_name::<P>())))
    }

    /// All operations and queries by name.
    pub fn catalogue(&self) -> Vec<&Declaration> {
        let mut all: Vec<&Declaration> = self.operations.values().map(|o| &o.declaration).collect();
        all.extend(self.queries.values().map(|q| &q.declaration));
        all.sort_by_key(|d| d.name);
        all
    }

    pub fn declaration(&self, name: &str) -> Option<&Declaration> {
        let operation = self.operations.get(name).map(|o| &o.declaration);
        operation.or_else(|| self.queries.get(name).map(|q| &q.declaration))
    }

    pub fn migrations(&self) -> &[Migration] {
        &self.migrations
    }

    pub fn schedules(&self) -> &[Schedule] {
        &self.schedules
    }

    /// The names of all rules.
    pub fn rules(&self) -> impl Iterator<Item = &'static str> {
        self.recomputes.keys().copied()
    }

    pub fn sealed_tables(&self) -> &[(&'static str, &'static str)] {
        &self.sealed
    }
}

fn declare<I: schemars::JsonSchema, O: schemars::JsonSchema>(
    name: &'static str,
    route: Route,
    access: Access,
    writes: bool,
) -> Declaration {
    let settings = || SchemaSettings::draft2020_12().with(|s| s.meta_schema = None);
    let input = settings().into_generator().into_root_schema_for::<I>().to_value();
    let output = settings().for_serialize().into_generator().into_root_schema_for::<O>().to_value();
    let description = input.get("description").and_then(Json::as_str).unwrap_or_default();
    let summary = description.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    Declaration { name, route, access, summary, input: Arc::new(input), output: Arc::new(output), writes }
}
