//! Where a request comes from when proxies stand in front: the nearest address that no trusted proxy has.
//!
//! `X-Forwarded-For` grows to the right: each proxy appends the address that it saw. What stands left of the first
//! address outside the trusted networks was sent by that caller itself and is not believed.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Reads `10.0.0.0/8`, `fd00::/8` or the address of one proxy.
pub fn network(text: &str) -> Result<IpNet, String> {
    let read = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    read.map(|net| net.trunc()).map_err(|_| "write a network such as 10.0.0.0/8 or fd00::/8, or one address".to_owned())
}

/// The client of a request that `peer` sent: `peer` itself, unless it is a trusted proxy that says for whom it asks.
pub fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    let mut client = peer.to_canonical();
    if !is_trusted(&client) {
        return client;
    }
    for line in headers.get_all(FORWARDED_FOR).iter().rev() {
        // What is not text, and below what is not an address, ends the chain: the proxy that took it over answers for it.
        let Ok(line) = line.to_str() else { return client };
        for hop in line.rsplit(',') {
            let Some(address) = address(hop.trim()) else { return client };
            client = address;
            if !is_trusted(&client) {
                return client;
            }
        }
    }
    client
}

/// An address as proxies write it: with or without a port, IPv6 perhaps in brackets.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

/// The place that attempts are counted by: one address of IPv4, one network of IPv6, in which anybody has addresses
/// without number.
pub fn place(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client_of(peer: &str, lines: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|net| network(net).unwrap()).collect();
        client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn the_header_is_believed_as_far_as_proxies_are_trusted() {
        let own: &[&str] = &["10.0.0.0/8", "fd00::/8", "127.0.0.1"];
        for (what, peer, lines, trusted, client) in [
            ("no proxy is trusted", "127.0.0.1", &["192.0.2.7"][..], &[][..], "127.0.0.1"),
            ("the peer is no proxy", "198.51.100.9", &["192.0.2.7"], own, "198.51.100.9"),
            ("the proxy says nothing", "10.0.0.1", &[], own, "10.0.0.1"),
            ("one proxy", "10.0.0.1", &["192.0.2.7"], own, "192.0.2.7"),
            ("two proxies", "10.0.0.1", &["192.0.2.7, 10.2.3.4"], own, "192.0.2.7"),
            ("two proxies on two lines", "10.0.0.1", &["192.0.2.7", "10.2.3.4"], own, "192.0.2.7"),
            ("made up by the client", "10.0.0.1", &["203.0.113.1, 192.0.2.7"], own, "192.0.2.7"),
            ("made up as a proxy", "10.0.0.1", &["10.9.9.9, 192.0.2.7, 10.2.3.4"], own, "192.0.2.7"),
            ("made up on a line before", "10.0.0.1", &["203.0.113.1", "192.0.2.7"], own, "192.0.2.7"),
            ("an unknown client", "10.0.0.1", &["203.0.113.1, unknown"], own, "10.0.0.1"),
            ("nonsense behind a proxy", "10.0.0.1", &["203.0.113.1, ?, 10.2.3.4"], own, "10.2.3.4"),
            ("empty", "10.0.0.1", &[""], own, "10.0.0.1"),
            ("only proxies", "10.0.0.1", &["10.0.0.3, 10.0.0.2"], own, "10.0.0.3"),
            ("with a port", "127.0.0.1", &["192.0.2.7:4711"], own, "192.0.2.7"),
            ("IPv6", "fd00::1", &["2001:db8::7"], own, "2001:db8::7"),
            ("IPv6 in brackets", "fd00::1", &["[2001:db8::7]"], own, "2001:db8::7"),
            ("IPv6 with a port", "fd00::1", &["[2001:db8::7]:4711"], own, "2001:db8::7"),
            ("IPv4 within IPv6", "::ffff:10.0.0.1", &["::ffff:192.0.2.7"], own, "192.0.2.7"),
        ] {
            assert_eq!(client_of(peer, lines, trusted), client, "{what}");
        }
    }

    #[test]
    fn a_network_is_written_with_or_without_its_length() {
        for (text, read) in [
            ("10.1.2.3/8", Some("10.0.0.0/8")),
            ("192.0.2.1", Some("192.0.2.1/32")),
            ("::1", Some("::1/128")),
            ("10.0.0.0/33", None),
            ("proxy.example.com", None),
            ("", None),
        ] {
            assert_eq!(network(text).ok().map(|net| net.to_string()).as_deref(), read, "{text}");
        }
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one_place() {
        let place_of = |text: &str| place(text.parse().unwrap());
        assert_eq!(place_of("2001:db8:1:2:3:4:5:6"), place_of("2001:db8:1:2::1"));
        assert_ne!(place_of("2001:db8:1:2::1"), place_of("2001:db8:1:3::1"));
        assert_eq!(
            (place_of("192.0.2.7"), place_of("::ffff:192.0.2.7")),
            ("192.0.2.7".to_owned(), "192.0.2.7".to_owned())
        );
    }
}
