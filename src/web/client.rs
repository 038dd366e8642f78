//! Where a request comes from, and whether it was meant for us.

use std::net::{IpAddr, Ipv6Addr};

use axum::{
    extract::Request,
    http::{HeaderMap, header, uri::Authority},
};

use crate::{app::App, config::Cidrs};

/// The client's address: the peer, or behind trusted proxies the right-most address of
/// `X-Forwarded-For` that is no trusted proxy itself (X23).
pub fn address(trusted: &Cidrs, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let mut address = canonical(peer);
    if !trusted.contains(address) {
        return address;
    }
    let hops: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    for hop in hops.iter().rev() {
        let Some(hop) = parse_hop(hop) else { break };
        address = canonical(hop);
        if !trusted.contains(address) {
            break;
        }
    }
    address
}

/// `203.0.113.7`, `203.0.113.7:4711`, `2001:db8::1` or `[2001:db8::1]:4711`.
fn parse_hop(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    if let Ok(address) = text.parse::<std::net::SocketAddr>() {
        return Some(address.ip());
    }
    text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
}

/// An IPv4 address in IPv6 clothes is the IPv4 address.
fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// What limits are counted by: the address, for IPv6 its /64 network.
pub fn principal(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// An address with its end cut off, for keeping (X70): IPv4 /24, IPv6 /48.
pub fn truncated(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0")
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).to_string()
        }
    }
}

/// The host that a request names, from its address or its one `Host` header.
pub fn host(request: &Request) -> Option<Authority> {
    if let Some(authority) = request.uri().authority() {
        return Some(authority.clone());
    }
    let mut values = request.headers().get_all(header::HOST).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() || value.contains('@') {
        return None;
    }
    value.parse().ok()
}

/// Whether the host is the site's own, an allowed one, or this machine.
pub fn host_is_ours(app: &App, request: &Request) -> bool {
    host(request).is_some_and(|host| is_ours(app, host.host()))
}

fn is_ours(app: &App, host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let host = host.as_str();
    if ["localhost", "127.0.0.1", "[::1]"].contains(&host) {
        return true;
    }
    let base = app.base_url();
    let own = url::Url::parse(&base).ok();
    let own = own.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
    let allowed = &app.config.server.allowed_hosts;
    host == own || allowed.iter().any(|name| name.eq_ignore_ascii_case(host))
}

/// Whether an `Origin` (or the beginning of a `Referer`) is the site the request was sent to.
pub fn origin_is_ours(app: &App, request: &Request, origin: &str) -> bool {
    let Ok(origin) = url::Url::parse(origin) else { return false };
    if !matches!(origin.scheme(), "http" | "https") {
        return false;
    }
    let Some(name) = origin.host_str() else { return false };
    let base = url::Url::parse(&app.base_url()).ok();
    if let Some(base) = base.filter(|base| base.host_str() == Some(name)) {
        if base.origin() == origin.origin() {
            return true;
        }
        // Whoever can change pages on their way can make one of `http://` the same name.
        if base.scheme() == "https" && origin.scheme() == "http" {
            return false;
        }
    }
    let Some(host) = host(request) else { return false };
    let asked = host.port_u16().or(if origin.scheme() == "https" { Some(443) } else { Some(80) });
    is_ours(app, host.host())
        && host.host().eq_ignore_ascii_case(name)
        && asked == origin.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        values.iter().map(|v| ("x-forwarded-for".parse().unwrap(), v.parse().unwrap())).collect()
    }

    fn trusted() -> Cidrs {
        Cidrs(vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()])
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let table = [
            ("203.0.113.9", vec!["1.2.3.4"], "203.0.113.9"),
            ("10.0.0.1", vec!["1.2.3.4"], "1.2.3.4"),
            ("10.0.0.1", vec!["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
            ("10.0.0.1", vec!["6.6.6.6", "1.2.3.4, 10.0.0.7"], "1.2.3.4"),
            ("10.0.0.1", vec!["nonsense, 1.2.3.4"], "1.2.3.4"),
            ("10.0.0.1", vec!["1.2.3.4, nonsense"], "10.0.0.1"),
            ("10.0.0.1", vec![], "10.0.0.1"),
            ("10.0.0.1", vec!["10.0.0.2"], "10.0.0.2"),
            ("fd00::1", vec!["[2001:db8::7]:99"], "2001:db8::7"),
            ("::ffff:10.0.0.1", vec!["1.2.3.4:567"], "1.2.3.4"),
        ];
        for (peer, values, expected) in table {
            let found = address(&trusted(), peer.parse().unwrap(), &headers(&values));
            assert_eq!(found.to_string(), expected, "{peer} {values:?}");
        }
    }

    #[test]
    fn ipv6_counts_by_network() {
        let same = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"];
        let [a, b] = same.map(|text| principal(text.parse().unwrap()));
        assert_eq!(a, b);
        assert_ne!(a, principal("2001:db8:1:3::1".parse().unwrap()));
    }
}
