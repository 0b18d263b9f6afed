//! What a new customer could be: an index in memory per organization, checked against the database at every use.
//!
//! The index only proposes. Every proposal is read again and compared in the transaction, and open claims that share an
//! exact key are looked up there too, so an index that has not yet heard of the latest commit lets no second claim
//! through. It is filled when an organization registers for the first time and follows committed events after that.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, PoisonError, RwLock};

use kernel::{EventRecord, OrganizationId, Result, Scope, Tx};
use partners::{CustomerId, customers};

use super::DealId;
use super::claim::{ClaimTerms, Match};
use super::deal::Deal;
use super::store;
use crate::matching::{CustomerIdentity, Index, Normalized, compare};

/// How many of each kind the index proposes.
const PROPOSED: usize = 8;
/// How many resemblances a decision keeps.
const KEPT: usize = 5;
const PAGE: u32 = 500;
/// Changes remembered for an organization whose index is just being filled.
const REMEMBERED: usize = 1024;

/// The indexes of all organizations of this process.
#[derive(Default)]
pub struct Matcher {
    boards: RwLock<HashMap<OrganizationId, Arc<RwLock<Board>>>>,
    recent: RwLock<VecDeque<(OrganizationId, Change)>>,
}

#[derive(Default)]
struct Board {
    customers: Index,
    claims: Index,
}

#[derive(Clone)]
enum Change {
    Customer(CustomerId, Normalized),
    /// Without keys: the claim is no longer open.
    Claim(DealId, Option<Normalized>),
}

impl Board {
    fn apply(&mut self, change: &Change) {
        match change {
            Change::Customer(id, keys) => self.customers.insert(u128::from_be_bytes(id.bytes()), keys),
            Change::Claim(id, Some(keys)) => self.claims.insert(u128::from_be_bytes(id.bytes()), keys),
            Change::Claim(id, None) => {
                self.claims.remove(u128::from_be_bytes(id.bytes()));
            }
        }
    }
}

impl Matcher {
    /// Everything that resembles these keys closely enough for the program, the closest first.
    pub(crate) async fn matches(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        terms: &ClaimTerms,
        keys: &Normalized,
        except: DealId,
    ) -> Result<Vec<Match>> {
        let scope = Scope { organization, partner: None };
        let board = self.board(tx, &scope).await?;
        let (customers, claims) = {
            let board = board.read().unwrap_or_else(PoisonError::into_inner);
            let best = |index: &Index| -> Vec<[u8; 16]> {
                let close = index.best(keys, PROPOSED).into_iter().filter(|found| found.score.total >= terms.review);
                close.map(|found| found.id.to_be_bytes()).collect()
            };
            (best(&board.customers), best(&board.claims))
        };
        let mut found = Vec::new();
        for id in customers.into_iter().map(CustomerId::from_bytes) {
            match customers::find(tx, &scope, id).await? {
                Some(customer) => {
                    let score = compare(keys, &identity_of(&customer).normalized());
                    // A record that is merged away still recognizes what it resembles, for the one that was kept.
                    found.push(Match { customer: Some(customer.stands_for()), deal: None, name: customer.name, score });
                }
                // Of a transaction that was never committed, or is not yet: its event will bring it back.
                None => {
                    write(&board).customers.remove(u128::from_be_bytes(id.bytes()));
                }
            }
        }
        let mut deals = store::open_by_keys(tx, &scope, keys).await?;
        for id in claims.into_iter().map(DealId::from_bytes).filter(|id| *id != except) {
            if deals.iter().all(|deal| deal.id != id) {
                deals.extend(store::find(tx, &scope, id).await?.filter(|deal| deal.state.is_open()));
            }
        }
        let merged = customers::resolved(tx, &scope, deals.iter().filter_map(|deal| deal.customer)).await?;
        let meant = |customer: CustomerId| merged.get(&customer).copied().unwrap_or(customer);
        found.extend(deals.into_iter().filter(|deal| deal.id != except).map(|deal| {
            let score = compare(keys, &deal.identity.normalized());
            Match { customer: deal.customer.map(meant), deal: Some(deal.id), name: deal.identity.name, score }
        }));
        Ok(closest(terms, found))
    }

    async fn board(&self, tx: &mut Tx, scope: &Scope) -> Result<Arc<RwLock<Board>>> {
        let known = self.boards.read().unwrap_or_else(PoisonError::into_inner).get(&scope.organization).cloned();
        if let Some(board) = known {
            return Ok(board);
        }
        let mut board = Board::default();
        let mut after = None;
        loop {
            let page = customers::page_after(tx, scope, after, PAGE).await?;
            for customer in &page {
                board.apply(&Change::Customer(customer.id, identity_of(customer).normalized()));
            }
            match page.last() {
                Some(last) => after = Some(last.id),
                None => break,
            }
        }
        let mut after = None;
        loop {
            let page = store::open_after(tx, scope, after, PAGE).await?;
            for deal in &page {
                board.apply(&Change::Claim(deal.id, Some(deal.identity.normalized())));
            }
            match page.last() {
                Some(last) => after = Some(last.id),
                None => break,
            }
        }
        let mut boards = self.boards.write().unwrap_or_else(PoisonError::into_inner);
        // What was committed while this transaction read its own view of the past.
        let recent = self.recent.read().unwrap_or_else(PoisonError::into_inner);
        for (_, change) in recent.iter().filter(|(organization, _)| *organization == scope.organization) {
            board.apply(change);
        }
        Ok(boards.entry(scope.organization).or_insert_with(|| Arc::new(RwLock::new(board))).clone())
    }

    /// Notes a claim before it is committed, so that later ones of the same batch meet it.
    pub(crate) fn note(&self, organization: OrganizationId, deal: &Deal) {
        self.apply(organization, &change_of(deal));
    }

    /// Notes a customer before it is committed.
    pub(crate) fn note_customer(&self, organization: OrganizationId, customer: &partners::Customer) {
        self.apply(organization, &Change::Customer(customer.id, identity_of(customer).normalized()));
    }

    /// Follows what was committed, here or on another node.
    pub(crate) fn follow(&self, events: &[EventRecord]) {
        for event in events {
            let change = match event.kind.split_once('.') {
                Some(("customer", _)) => customer_change(event),
                Some(("deal", _)) => serde_json::from_value::<Deal>(event.data.clone()).ok().map(|d| change_of(&d)),
                _ => None,
            };
            if let Some(change) = change {
                self.apply(event.organization, &change);
                let mut recent = self.recent.write().unwrap_or_else(PoisonError::into_inner);
                recent.push_back((event.organization, change));
                if recent.len() > REMEMBERED {
                    recent.pop_front();
                }
            }
        }
    }

    fn apply(&self, organization: OrganizationId, change: &Change) {
        let board = self.boards.read().unwrap_or_else(PoisonError::into_inner).get(&organization).cloned();
        if let Some(board) = board {
            write(&board).apply(change);
        }
    }
}

fn write(board: &RwLock<Board>) -> std::sync::RwLockWriteGuard<'_, Board> {
    board.write().unwrap_or_else(PoisonError::into_inner)
}

fn change_of(deal: &Deal) -> Change {
    Change::Claim(deal.id, deal.state.is_open().then(|| deal.identity.normalized()))
}

/// The event of a customer carries the customer.
fn customer_change(event: &EventRecord) -> Option<Change> {
    let id = event.subject.parse().ok()?;
    let identity: CustomerIdentity = serde_json::from_value(event.data.clone()).ok()?;
    (!identity.name.is_empty()).then(|| Change::Customer(id, identity.normalized()))
}

pub(crate) fn identity_of(customer: &partners::Customer) -> CustomerIdentity {
    CustomerIdentity {
        name: customer.name.clone(),
        domain: customer.domain.clone(),
        email: None,
        country: customer.country.clone(),
        vat_number: customer.vat_number.clone(),
        registration_number: customer.registration_number.clone(),
    }
}

/// Close enough to matter, the closest first, each customer once.
fn closest(terms: &ClaimTerms, mut found: Vec<Match>) -> Vec<Match> {
    found.retain(|one| one.score.total >= terms.review);
    found.sort_by_key(|one| (std::cmp::Reverse(one.score.total), one.customer, one.deal));
    let mut kept: Vec<Match> = Vec::new();
    for one in found {
        if one.customer.is_none() || kept.iter().all(|k| k.customer != one.customer) {
            kept.push(one);
        }
    }
    kept.truncate(KEPT);
    kept
}
