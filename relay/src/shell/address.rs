//! Where a client is: the address its connection comes from, or what a trusted proxy says.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

/// The address at the other end of the connection, of a client or a proxy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Where the client of a request is. `trust`: a proxy stands before this server, and the last `X-Forwarded-For` entry is
/// its word; everything before that is the client's own and says nothing.
pub(crate) fn client_address(Peer(peer): Peer, headers: &HeaderMap, trust: bool) -> IpAddr {
    let forwarded = if trust { last_forwarded(headers) } else { None };
    forwarded.unwrap_or(peer.ip()).to_canonical()
}

fn last_forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    let entry = last.rsplit(',').next()?.trim();
    let with_port = || entry.parse::<SocketAddr>().ok().map(|address| address.ip());
    entry.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(trust: bool, lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        client_address(Peer("192.0.2.1:5".parse().unwrap()), &headers, trust).to_string()
    }

    #[test]
    fn the_last_entry_counts_and_only_from_a_trusted_proxy() {
        assert_eq!(address(false, &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(address(true, &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(address(true, &["203.0.113.9, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(address(true, &["203.0.113.9", "198.51.100.7:443"]), "198.51.100.7");
        assert_eq!(address(true, &["[2001:db8::1]:443"]), "2001:db8::1");
        assert_eq!(address(true, &["2001:db8::1"]), "2001:db8::1");
    }

    #[test]
    fn what_is_no_address_counts_as_none() {
        for lines in [&[][..], &[""], &["unknown"], &["198.51.100.7,"], &["198.51.100.7, x"]] {
            assert_eq!(address(true, lines), "192.0.2.1", "{lines:?}");
        }
    }
}
