//! Ranges of network addresses, as configuration names them. Looks nothing up.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A range of addresses: `127.0.0.1`, `10.0.0.0/8`, `fd00::/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// A text that is no range of addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an address or a network such as \"127.0.0.1\" or \"10.0.0.0/8\"")]
pub struct NetworkError(String);

impl Network {
    /// Reads one address, or an address and the length of its prefix.
    pub fn parse(text: &str) -> Result<Self, NetworkError> {
        let refused = || NetworkError(text.to_owned());
        let (address, prefix) = text.trim().split_once('/').map_or((text.trim(), None), |(a, p)| (a, Some(p)));
        let address: IpAddr = address.parse().map_err(|_| refused())?;
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(widest), str::parse).map_err(|_| refused())?;
        if prefix > widest { Err(refused()) } else { Ok(Self { address, prefix }) }
    }

    /// Whether an address lies in it. An IPv4 address is the same in its IPv6 clothing (RFC 4291, section 2.5.5.2).
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                same(u128::from(u32::from(own)) << 96, u128::from(u32::from(other)) << 96, self.prefix)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => same(bits(own), bits(other), self.prefix),
            _ => false,
        }
    }
}

/// Whether a host has a name that is kept for examples and tests, which leads nowhere (RFC 2606; RFC 6761, section 6).
pub fn is_reserved_name(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_below = |name: &str| host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    ["example", "test", "invalid", "localhost", "example.com", "example.net", "example.org"].into_iter().any(is_below)
}

/// Bits of a visitor's IPv4 address that are kept.
const KEPT_V4: u8 = 24;
/// Bits of a visitor's IPv6 address that are kept: what one customer usually gets.
const KEPT_V6: u8 = 48;

impl Network {
    /// The part of a visitor's address that may stand in a consent record: not the household.
    pub fn of_visitor(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => {
                let kept = v4.to_bits() & (u32::MAX << (32 - u32::from(KEPT_V4)));
                Self { address: Ipv4Addr::from_bits(kept).into(), prefix: KEPT_V4 }
            }
            IpAddr::V6(v6) => {
                let kept = v6.to_bits() & (u128::MAX << (128 - u32::from(KEPT_V6)));
                Self { address: Ipv6Addr::from_bits(kept).into(), prefix: KEPT_V6 }
            }
        }
    }
}

/// Bits of an IPv6 address that one connection usually has for itself; budgets count by it.
const HOUSEHOLD_V6: u8 = 64;

impl Network {
    /// The network by which requests of a visitor are counted: a /24 or a /64.
    pub fn of_household(address: IpAddr) -> Self {
        match address.to_canonical() {
            v4 @ IpAddr::V4(_) => Self::of_visitor(v4),
            IpAddr::V6(v6) => {
                let kept = v6.to_bits() & (u128::MAX << (128 - u32::from(HOUSEHOLD_V6)));
                Self { address: Ipv6Addr::from_bits(kept).into(), prefix: HOUSEHOLD_V6 }
            }
        }
    }

    /// Whether its addresses exist on many machines at once: all visitors coming from such a one means that a proxy hides them.
    pub fn is_private(&self) -> bool {
        match self.address {
            IpAddr::V4(v4) => v4.is_loopback() || v4.is_private(),
            // The household of ::1 is ::/64.
            IpAddr::V6(v6) => v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local(),
        }
    }
}

fn bits(address: Ipv6Addr) -> u128 {
    u128::from(address)
}

fn same(one: u128, other: u128, prefix: u8) -> bool {
    prefix == 0 || (one ^ other) >> (128 - u32::from(prefix)) == 0
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl TryFrom<String> for Network {
    type Error = NetworkError;
    fn try_from(text: String) -> Result<Self, NetworkError> {
        Self::parse(&text)
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_for_examples_are_known() {
        for host in ["example.org", "news.example.org", "paper.example", "a.test", "LOCALHOST", "x.invalid."] {
            assert!(is_reserved_name(host), "{host}");
        }
        for host in ["example.press", "myexample.org", "latest", "news.meridian.press"] {
            assert!(!is_reserved_name(host), "{host}");
        }
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        let holds = |network: &str, address: &str| Network::parse(network).unwrap().contains(address.parse().unwrap());
        assert!(holds("10.0.0.0/8", "10.255.0.1") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("127.0.0.1", "127.0.0.1") && !holds("127.0.0.1", "127.0.0.2"));
        assert!(holds("127.0.0.0/8", "::ffff:127.0.0.1") && !holds("127.0.0.0/8", "::1"));
        assert!(holds("fd00::/8", "fdab::1") && !holds("fd00::/8", "fe80::1"));
        assert!(holds("0.0.0.0/0", "192.0.2.1") && !holds("0.0.0.0/0", "2001:db8::1"));
    }

    #[test]
    fn a_visitor_is_kept_as_a_range() {
        let kept = |address: &str| Network::of_visitor(address.parse().unwrap()).to_string();
        assert_eq!(kept("203.0.113.77"), "203.0.113.0/24");
        assert_eq!(kept("::ffff:203.0.113.77"), "203.0.113.0/24");
        assert_eq!(kept("2001:db8:1:2:3:4:5:6"), "2001:db8:1::/48");
        let counted = |address: &str| Network::of_household(address.parse().unwrap());
        assert_eq!(counted("203.0.113.77").to_string(), "203.0.113.0/24");
        assert_eq!(counted("2001:db8:1:2:3:4:5:6").to_string(), "2001:db8:1:2::/64");
        assert!(
            counted("127.0.0.1").is_private() && counted("::1").is_private() && !counted("203.0.113.77").is_private()
        );
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "::1/129"] {
            assert!(Network::parse(text).is_err(), "{text:?}");
        }
    }
}
