//! Finding the account among many.

use super::*;

#[path = "../../../benches/conflict_lookup/customers.rs"]
mod customers;

use customers::{Dice, company, misspelled};

fn world(seed: u64, accounts: usize) -> Vec<CustomerIdentity> {
    let mut dice = Dice::new(seed);
    (0..accounts).map(|_| company(&mut dice)).collect()
}

fn filled(customers: &[CustomerIdentity]) -> Index {
    let mut index = Index::new();
    for (id, customer) in customers.iter().enumerate() {
        index.insert(id as u128, &customer.normalized());
    }
    index
}

fn ids(found: &[Candidate]) -> Vec<(u128, u16)> {
    found.iter().map(|candidate| (candidate.id, candidate.score.total)).collect()
}

#[test]
fn misspelled_customers_are_among_the_first_five() {
    for seed in [1, 2] {
        let customers = world(seed, 5_000);
        let index = filled(&customers);
        let mut dice = Dice::new(seed + 100);
        let queries = 400;
        let found = (0..queries)
            .filter(|_| {
                let meant = dice.below(customers.len());
                let typed = misspelled(&mut dice, &customers[meant]);
                let best = index.best(&typed.normalized(), 5);
                best.iter().any(|candidate| candidate.id == meant as u128)
            })
            .count();
        assert!(found * 100 >= queries * 96, "seed {seed}: {found} of {queries}");
    }
}

#[test]
fn one_key_is_enough_to_find_an_account() {
    let mut index = filled(&world(3, 500));
    let known = identity(["Schraubenkönig", "schrauben.example.de", "DE", "DE136695976", "HRB 7 Ulm"]);
    index.insert(9_999, &known.normalized());
    for query in [
        ["", "www.example.de", "", "", ""],
        ["", "", "", "DE136695976", ""],
        ["", "", "DE", "", "HRB 7, Amtsgericht Ulm"],
        ["Schraubenkoenig OHG", "", "", "", ""],
        ["Schrauben König", "", "", "", ""],
        ["Schraubnkönig", "", "", "", ""],
    ] {
        let best = index.best(&identity(query).normalized(), 3);
        assert_eq!(best[0].id, 9_999, "{query:?}");
    }
}

#[test]
fn a_name_of_nothing_but_frequent_words_is_still_found() {
    let mut index = Index::new();
    let words = ["Group", "International", "Services", "Holding"];
    for id in 0..2_000usize {
        let name = format!("{} {} {}", words[id % 4], words[id / 4 % 4], words[id / 16 % 4]);
        let mut customer = named(&name);
        customer.country = given(["DE", "FR", "GB"][id % 3]);
        index.insert(id as u128, &customer.normalized());
    }
    index.insert(5_000, &identity(["International Group Holding", "", "JP", "", ""]).normalized());
    let best = index.best(&identity(["Intl. Group Holding Ltd", "", "JP", "", ""]).normalized(), 5);
    assert_eq!(best[0].id, 5_000);
}

#[test]
fn an_account_can_be_replaced_and_forgotten() {
    let mut index = Index::new();
    index.insert(1, &named("Acme Logistik").normalized());
    index.insert(2, &named("Zenith Foods").normalized());
    index.insert(1, &named("Borealis Steel").normalized());
    assert_eq!(index.len(), 2);
    assert!(index.best(&named("Acme Logistik").normalized(), 5).is_empty());
    assert_eq!(index.best(&named("Borealis Steel").normalized(), 5)[0].id, 1);
    assert!(index.remove(1));
    assert!(!index.remove(1));
    assert!(index.best(&named("Borealis Steel").normalized(), 5).is_empty());
    index.insert(3, &named("Acme Logistik").normalized());
    assert_eq!(index.best(&named("Acme Logistik").normalized(), 5)[0].id, 3);
}

#[test]
fn an_empty_query_and_an_empty_index_find_nothing() {
    let index = Index::new();
    assert!(index.is_empty());
    assert!(index.best(&named("Acme").normalized(), 5).is_empty());
    let index = filled(&world(4, 50));
    assert!(index.best(&named("").normalized(), 5).is_empty());
    assert!(index.best(&named("Acme").normalized(), 0).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_identical_identity_is_always_found(
        customers in prop::collection::vec(any_identity(), 1..150),
        which in any::<prop::sample::Index>(),
    ) {
        let index = filled(&customers);
        let meant = which.get(&customers).normalized();
        prop_assume!(!meant.is_anonymous());
        let best = index.best(&meant, 1);
        prop_assert!(!best.is_empty());
        prop_assert!(best[0].score.total >= compare(&meant, &meant).total);
    }

    #[test]
    fn what_is_found_is_what_comparing_everything_finds(
        customers in prop::collection::vec(any_identity(), 1..60),
        query in any_identity(),
    ) {
        let index = filled(&customers);
        let query = query.normalized();
        for candidate in index.best(&query, 5) {
            let known = customers[candidate.id as usize].normalized();
            prop_assert_eq!(&candidate.score, &compare(&query, &known));
        }
    }

    #[test]
    fn the_order_of_insertion_does_not_matter(
        customers in prop::collection::vec(any_identity(), 1..150),
        order in any::<u64>(),
        query in any_identity(),
    ) {
        let index = filled(&customers);
        let mut other = Index::new();
        let mut dice = Dice::new(order);
        let mut left: Vec<usize> = (0..customers.len()).collect();
        // Some come twice, some come under a wrong name first, some leave and come back.
        while !left.is_empty() {
            let at = left.swap_remove(dice.below(left.len()));
            if dice.below(3) == 0 {
                other.insert(at as u128, &named("Somebody Else").normalized());
            }
            other.insert(at as u128, &customers[at].normalized());
            if dice.below(4) == 0 {
                other.remove(at as u128);
                left.push(at);
            }
        }
        let query = query.normalized();
        prop_assert_eq!(ids(&index.best(&query, 5)), ids(&other.best(&query, 5)));
    }
}
