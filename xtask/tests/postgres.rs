//! The private PostgreSQL comes, answers and goes.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use std::net::TcpStream;

use xtask::postgres::Cluster;
use xtask::suite::POSTGRES;

#[test]
fn a_cluster_answers_while_it_lives_and_not_after() {
    if std::env::var_os(POSTGRES).is_none() {
        return; // PostgreSQL is left untested in this run.
    }
    let cluster = Cluster::start().unwrap();
    let (_, address) = cluster.url().rsplit_once('@').unwrap();
    let address = address.strip_suffix("/postgres").unwrap().to_owned();
    assert!(TcpStream::connect(&address).is_ok());
    drop(cluster);
    assert!(TcpStream::connect(&address).is_err());
}
