//! The tables of tier runs: runs, planned moves, and what became of them.

use kernel::{
    DecisionId, Filter, Listing, Money, Page, PageRequest, PartnerId, Result, Row, Scope, Timestamp, Tx, Value, params,
};

use super::run::{AppealState, Fate, Move, MoveKind, RunState, Signed, TierRun, Weight};
use super::{MoveId, RunId};
use crate::tiers::Direction;

const RUNS: Listing = Listing {
    from: "move_run",
    select: "*",
    organization: "organization",
    partner: None,
    id: "id",
    sorts: &[("proposed", "proposed_at")],
    newest_first: true,
};

const MOVES: Listing = Listing {
    from: "planned_move m LEFT JOIN move_outcome o ON o.id = m.id LEFT JOIN move_appeal a ON a.move = m.id",
    select: COLUMNS,
    organization: "m.organization",
    partner: Some("m.partner"),
    id: "m.id",
    sorts: &[("name", "m.search_key"), ("cost", "m.cost_order"), ("order", "m.id")],
    newest_first: false,
};

const COLUMNS: &str = "m.id, m.run, m.partner, m.name, m.kind, m.from_key, m.to_key, m.direction, m.cost, m.reasons,
    COALESCE(o.state, 'planned') AS fate, o.reason, o.actor, o.actor_name, o.at, o.decision, o.appeal_until,
    COALESCE(o.held, 0) AS held, a.state AS appeal";

pub(super) fn signed(row: &Row, at: &str, by: &str, name: &str) -> Result<Option<Signed>> {
    let parts: (Option<Timestamp>, Option<String>, Option<String>) = (row.get(at)?, row.get(by)?, row.get(name)?);
    Ok(match parts {
        (Some(at), Some(by), Some(name)) => Some(Signed { at, by, name }),
        _ => None,
    })
}

fn read_run(row: &Row) -> Result<TierRun> {
    Ok(TierRun {
        id: row.get("id")?,
        kind: row.get("kind")?,
        state: row.get("state")?,
        law: row.get("law")?,
        partners: row.get("partners")?,
        moves: row.get("moves")?,
        note: row.get("note")?,
        reverses: row.get("reverses")?,
        proposed: Signed {
            at: row.get("proposed_at")?,
            by: row.get("proposed_by")?,
            name: row.get("proposed_by_name")?,
        },
        first: signed(row, "first_at", "first_by", "first_by_name")?,
        second: signed(row, "second_at", "second_by", "second_by_name")?,
        applied_through: row.get("applied_through")?,
        ended_at: row.get("ended_at")?,
    })
}

fn money(row: &Row, column: &str) -> Result<Option<Money>> {
    row.get::<Option<String>>(column)?.map(|text| text.parse::<Money>()).transpose()
}

fn read_move(row: &Row) -> Result<Move> {
    Ok(Move {
        id: row.get("id")?,
        run: row.get("run")?,
        partner: row.get("partner")?,
        name: row.get("name")?,
        kind: row.get("kind")?,
        from: row.get("from_key")?,
        to: row.get("to_key")?,
        direction: row.get("direction")?,
        cost: money(row, "cost")?,
        state: row.get("fate")?,
        because: row.get::<Option<String>>("reason")?.unwrap_or_default(),
        done: signed(row, "at", "actor", "actor_name")?,
        decision: row.get("decision")?,
        appeal_until: row.get("appeal_until")?,
        held: row.get::<i64>("held")? != 0,
        appeal: row.get("appeal")?,
        reasons: serde_json::from_str(&row.get::<String>("reasons")?)?,
    })
}

pub async fn run(tx: &mut Tx, scope: &Scope, id: RunId) -> Result<Option<TierRun>> {
    let sql = "SELECT * FROM move_run WHERE organization = $1 AND id = $2";
    tx.one(sql, params![scope.organization, id], read_run).await
}

/// The run that is not finished, if there is one.
pub async fn open_run(tx: &mut Tx, scope: &Scope) -> Result<Option<TierRun>> {
    let sql = "SELECT * FROM move_run WHERE organization = $1 AND state IN ('draft', 'awaiting_second', 'applying')
               ORDER BY proposed_at DESC LIMIT 1";
    tx.one(sql, params![scope.organization], read_run).await
}

/// The newest computed run, whatever became of it.
pub async fn newest(tx: &mut Tx, scope: &Scope) -> Result<Option<TierRun>> {
    let sql = "SELECT * FROM move_run WHERE organization = $1 ORDER BY proposed_at DESC, id DESC LIMIT 1";
    tx.one(sql, params![scope.organization], read_run).await
}

/// The run that takes another one back, unless it was discarded.
pub async fn reversal_of(tx: &mut Tx, scope: &Scope, id: RunId) -> Result<Option<TierRun>> {
    let sql = "SELECT * FROM move_run WHERE organization = $1 AND reverses = $2 AND state <> 'discarded'";
    tx.one(sql, params![scope.organization, id], read_run).await
}

pub async fn runs(tx: &mut Tx, scope: &Scope, request: &PageRequest, state: Option<RunState>) -> Result<Page<TierRun>> {
    RUNS.page(tx, scope, request, vec![Filter::Is("state", state.map(Value::from))], read_run).await
}

pub async fn save_run(tx: &mut Tx, scope: &Scope, run: &TierRun) -> Result<()> {
    let by = |signed: &Option<Signed>| signed.as_ref().map(|one| one.by.clone());
    let name = |signed: &Option<Signed>| signed.as_ref().map(|one| one.name.clone());
    let at = |signed: &Option<Signed>| signed.as_ref().map(|one| one.at);
    let columns = [
        ("id", run.id.into()),
        ("organization", scope.organization.into()),
        ("kind", run.kind.into()),
        ("state", run.state.into()),
        ("law", (&run.law).into()),
        ("partners", run.partners.into()),
        ("moves", run.moves.into()),
        ("note", (&run.note).into()),
        ("reverses", run.reverses.into()),
        ("proposed_at", run.proposed.at.into()),
        ("proposed_by", (&run.proposed.by).into()),
        ("proposed_by_name", (&run.proposed.name).into()),
        ("first_at", at(&run.first).into()),
        ("first_by", by(&run.first).into()),
        ("first_by_name", name(&run.first).into()),
        ("second_at", at(&run.second).into()),
        ("second_by", by(&run.second).into()),
        ("second_by_name", name(&run.second).into()),
        ("applied_through", run.applied_through.into()),
        ("ended_at", run.ended_at.into()),
    ];
    tx.save("move_run", &columns).await
}

/// A move as it is planned, with what its decision will be made of.
pub struct NewMove {
    pub id: MoveId,
    pub partner: PartnerId,
    pub name: String,
    pub search_key: String,
    pub kind: MoveKind,
    pub from: Option<String>,
    pub to: String,
    pub direction: Direction,
    pub cost: Option<Money>,
    pub reasons: String,
    pub facts: String,
}

/// The moves of a run, in order of their ids.
pub async fn plan(tx: &mut Tx, scope: &Scope, run: RunId, moves: &[NewMove]) -> Result<()> {
    let columns = [
        "id",
        "organization",
        "run",
        "partner",
        "name",
        "search_key",
        "kind",
        "from_key",
        "to_key",
        "direction",
        "cost",
        "cost_order",
        "reasons",
        "facts",
    ];
    let rows: Vec<Vec<Value>> = moves
        .iter()
        .map(|one| {
            vec![
                one.id.into(),
                scope.organization.into(),
                run.into(),
                one.partner.into(),
                (&one.name).into(),
                (&one.search_key).into(),
                one.kind.into(),
                one.from.as_ref().into(),
                (&one.to).into(),
                one.direction.into(),
                one.cost.map(|cost| cost.to_string()).into(),
                one.cost.map_or(0, |cost| i64::try_from(cost.minor).unwrap_or(i64::MAX)).into(),
                (&one.reasons).into(),
                (&one.facts).into(),
            ]
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    tx.insert_many("planned_move", ("run", &run.to_string()), &columns, &rows).await
}

/// Conditions of a list of moves.
#[derive(Default)]
pub struct MoveFilter {
    pub q: Option<String>,
    pub kind: Option<MoveKind>,
    pub direction: Option<Direction>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub state: Option<Fate>,
    pub appeal: Option<AppealState>,
}

pub async fn moves(
    tx: &mut Tx,
    scope: &Scope,
    run: RunId,
    request: &PageRequest,
    by: MoveFilter,
) -> Result<Page<Move>> {
    let filters = vec![
        Filter::Is("m.run", Some(run.into())),
        Filter::Contains("m.search_key", by.q),
        Filter::Is("m.kind", by.kind.map(Value::from)),
        Filter::Is("m.direction", by.direction.map(Value::from)),
        Filter::Is("m.from_key", by.from.map(Value::from)),
        Filter::Is("m.to_key", by.to.map(Value::from)),
        Filter::Is("COALESCE(o.state, 'planned')", by.state.map(Value::from)),
        Filter::Is("a.state", by.appeal.map(Value::from)),
    ];
    MOVES.page(tx, scope, request, filters, read_move).await
}

/// A move within the scope; a partner reaches its own that were made.
pub async fn find_move(tx: &mut Tx, scope: &Scope, id: MoveId) -> Result<Option<Move>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {} WHERE m.organization = $1 AND m.id = $2
         AND ((m.partner = $3 AND o.state = 'applied') OR CAST($3 AS TEXT) IS NULL)",
        MOVES.from
    );
    tx.one(&sql, params![scope.organization, id, scope.partner], read_move).await
}

/// What was made of a partner, newest first.
pub async fn made(tx: &mut Tx, scope: &Scope, partner: PartnerId, limit: u32) -> Result<Vec<Move>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {} WHERE m.organization = $1 AND m.partner = $2
         AND (m.partner = $3 OR CAST($3 AS TEXT) IS NULL) AND o.state = 'applied' ORDER BY m.id DESC LIMIT $4",
        MOVES.from
    );
    tx.all(&sql, params![scope.organization, partner, scope.partner, limit], read_move).await
}

/// Moves behind `after` that nothing has become of yet, with what their decisions are made of.
pub async fn due(
    tx: &mut Tx,
    scope: &Scope,
    run: RunId,
    after: Option<MoveId>,
    limit: u32,
) -> Result<Vec<(Move, String)>> {
    let sql = format!(
        "SELECT {COLUMNS}, m.facts FROM {} WHERE m.organization = $1 AND m.run = $2 AND m.id > $3
         ORDER BY m.id LIMIT $4",
        MOVES.from
    );
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    tx.all(&sql, params![scope.organization, run, after, limit], |row| Ok((read_move(row)?, row.get("facts")?))).await
}

/// Every move of a run that was made, for taking them back.
pub async fn applied(tx: &mut Tx, scope: &Scope, run: RunId) -> Result<Vec<Move>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {} WHERE m.organization = $1 AND m.run = $2 AND o.state = 'applied' ORDER BY m.id",
        MOVES.from
    );
    tx.all(&sql, params![scope.organization, run], read_move).await
}

/// Moves between segments that were made since an instant, oldest first.
pub async fn segment_changes(tx: &mut Tx, scope: &Scope, since: Timestamp) -> Result<Vec<Move>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {} WHERE m.organization = $1 AND m.kind = 'segment' AND o.state = 'applied'
         AND o.at > $2 AND m.run IN (SELECT id FROM move_run WHERE organization = $1 AND state IN ('applied', 'applying')
         AND proposed_at > $3) ORDER BY m.id",
        MOVES.from
    );
    // A run is applied some time after it was proposed.
    let proposed = since.plus_days(-400);
    tx.all(&sql, params![scope.organization, since, proposed], read_move).await
}

/// What a run comes to.
pub async fn weight(tx: &mut Tx, scope: &Scope, run: RunId) -> Result<Weight> {
    let sql = "SELECT COALESCE(o.state, 'planned') AS fate, m.direction, m.cost FROM planned_move m
               LEFT JOIN move_outcome o ON o.id = m.id WHERE m.organization = $1 AND m.run = $2 ORDER BY m.id";
    let rows = tx
        .all(sql, params![scope.organization, run], |row| {
            Ok((row.get::<Fate>("fate")?, row.get::<Direction>("direction")?, money(row, "cost")?))
        })
        .await?;
    let mut weight = Weight::default();
    for (fate, direction, cost) in rows {
        match fate {
            Fate::Excluded => {
                weight.excluded += 1;
                continue;
            }
            Fate::Applied => weight.applied += 1,
            Fate::Skipped => weight.skipped += 1,
            Fate::Planned => {}
        }
        weight.moves += 1;
        match direction {
            Direction::Up => weight.up += 1,
            Direction::Down => weight.down += 1,
            Direction::Placed => {}
        }
        weight.cost = match (weight.cost, cost) {
            (Some(sum), Some(cost)) => Some(sum.checked_add(cost)?),
            (sum, cost) => sum.or(cost),
        };
    }
    Ok(weight)
}

/// What has become of a move.
pub struct Outcome<'a> {
    pub of: MoveId,
    pub run: RunId,
    pub partner: PartnerId,
    pub state: Fate,
    pub reason: &'a str,
    pub done: &'a Signed,
    pub decision: Option<DecisionId>,
    pub appeal_until: Option<Timestamp>,
    pub held: bool,
}

pub async fn save_outcome(tx: &mut Tx, scope: &Scope, outcome: &Outcome<'_>) -> Result<()> {
    let columns = [
        ("id", outcome.of.into()),
        ("organization", scope.organization.into()),
        ("run", outcome.run.into()),
        ("partner", outcome.partner.into()),
        ("state", outcome.state.into()),
        ("reason", outcome.reason.into()),
        ("actor", (&outcome.done.by).into()),
        ("actor_name", (&outcome.done.name).into()),
        ("at", outcome.done.at.into()),
        ("decision", outcome.decision.into()),
        ("appeal_until", outcome.appeal_until.into()),
        ("held", i64::from(outcome.held).into()),
    ];
    tx.save("move_outcome", &columns).await
}

/// The benefits of the old tier are not kept any longer.
pub async fn let_go(tx: &mut Tx, of: MoveId) -> Result<()> {
    tx.update("move_outcome", &[("id", of.into()), ("held", 0i64.into())]).await
}

/// A move that had been excluded is planned again.
pub async fn forget_outcome(tx: &mut Tx, of: MoveId) -> Result<()> {
    tx.delete("move_outcome", of).await.map(|_| ())
}
