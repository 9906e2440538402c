//! Which network addresses are public: nobody's feed may make this program ask its own machine, its network or a cloud's metadata service.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// Whether an address may be asked by default. IPv6 addresses that carry an IPv4 one are judged by that.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded(address) {
            Some(inner) => is_public_v4(inner),
            None => is_public_v6(address),
        },
    }
}

/// Whether the host of a URL is a literal address that may not be asked, or a name that always means this machine.
pub fn is_private_host(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => !is_public(address.into()),
        Some(Host::Ipv6(address)) => !is_public(address.into()),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost"
                || [".localhost", ".local", ".internal", ".home.arpa"].iter().any(|ending| name.ends_with(ending))
        }
        None => true,
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b)) // shared by carriers (RFC 6598); some clouds' metadata
        || (a == 198 && (b == 18 || b == 19)) // benchmarks (RFC 2544)
        || (a == 192 && b == 0 && c == 0) // protocol assignments (RFC 6890)
        || (a == 192 && b == 88 && c == 99)) // 6to4 relays (RFC 7526)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let first = address.segments()[0];
    // Only 2000::/3 is given out for global use (RFC 4291); of that, documentation and benchmarks are not.
    (first & 0xE000) == 0x2000
        && !(first == 0x2001 && address.segments()[1] == 0x0DB8)
        && !(first == 0x2001 && address.segments()[1] < 0x0200)
        && first != 0x3FFF
}

/// The IPv4 address inside: mapped, compatible, NAT64 (RFC 6052), 6to4 (RFC 3056), ISATAP. Teredo (`2001::/32`) is refused whole by the caller.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = address.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match s {
        [0, 0, 0, 0, 0, 0 | 0xFFFF, high, low] => Some(join(high, low)),
        [0, 0, 0, 0, 0xFFFF, 0, high, low] => Some(join(high, low)),
        [0x0064, 0xFF9B, 0, 0, 0, 0, high, low] => Some(join(high, low)),
        [0x2002, high, low, ..] => Some(join(high, low)),
        [_, _, _, _, 0 | 0x0200, 0x5EFE, high, low] => Some(join(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_in_every_clothing_are_refused() {
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.1.1",
            "172.16.0.1",
            "169.254.169.254",
            "100.100.100.200",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00:ec2::254",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:0:1:2::3",
            "2001:db8::1",
            "ff02::1",
            "2a00:1::200:5efe:10.0.0.1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in
            ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34", "2001:4860:4860::8888"]
        {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn hosts_are_judged_as_parsed() {
        for url in [
            "http://2130706433/",
            "http://0x7f.1/",
            "http://127.1/",
            "http://0/",
            "http://[::ffff:127.0.0.1]/",
            "http://localhost./",
            "http://metadata.google.internal/",
        ] {
            assert!(is_private_host(&Url::parse(url).unwrap()), "{url}");
        }
        assert!(!is_private_host(&Url::parse("https://example.org/").unwrap()));
    }
}
