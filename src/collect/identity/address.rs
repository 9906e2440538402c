//! The canonical form of an address: what is left when all is gone that does not tell one story from another.

use std::fmt::Write as _;
use url::Url;

/// An address without what does not tell one story from another: scheme, `www.`, mobile and AMP variants, default port, tracking parameters,
/// fragment, trailing slash.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CanonicalUrl(String);

impl CanonicalUrl {
    /// The canonical form of an address; `None` if it is no web address.
    pub fn of(url: &Url) -> Option<Self> {
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        let mut inner = None;
        // A cache of a cache: rare enough once, and an attack when it goes on.
        for _ in 0..3 {
            inner = unwrapped(inner.as_ref().unwrap_or(url)).or(inner);
        }
        let url = inner.as_ref().unwrap_or(url);
        let host = url.host_str()?.trim_end_matches('.');
        let host = ["www.", "m.", "mobile.", "amp."]
            .iter()
            .find_map(|p| host.strip_prefix(p).filter(|rest| rest.contains('.')))
            .unwrap_or(host);
        let mut key = host.to_owned();
        if let Some(port) = url.port() {
            let _ = write!(key, ":{port}");
        }
        key.push_str(path_of(url));
        let mut query: Vec<&str> =
            url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty() && !is_tracking(pair)).collect();
        query.sort_unstable();
        if !query.is_empty() {
            key.push('?');
            key.push_str(&query.join("&"));
        }
        // Old single-page sites put the address of a story behind the hash.
        if let Some(fragment) = url.fragment().filter(|f| f.starts_with(['!', '/'])) {
            key.push('#');
            key.push_str(fragment);
        }
        Some(Self(key))
    }

    /// The key that is stored and compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key that is stored and compared.
    pub fn into_string(self) -> String {
        self.0
    }

    /// Whether it is a site's front page, which tells no story from another.
    pub fn is_front_page(&self) -> bool {
        !self.0.contains(['/', '?', '#'])
    }
}

/// The address inside one of an AMP cache: `https://www.google.com/amp/s/HOST/PATH`, `https://HOST.cdn.ampproject.org/c/s/HOST/PATH`
/// (AMP cache URL format; `s` stands for https, `c`, `v`, `wp` and `i` for what is cached).
fn unwrapped(url: &Url) -> Option<Url> {
    let host = url.host_str()?;
    let path = url.path().trim_start_matches('/');
    let cached = if host.ends_with(".cdn.ampproject.org") {
        path.split_once('/').filter(|(kind, _)| matches!(*kind, "c" | "v" | "wp" | "i")).map(|(_, rest)| rest)
    } else if host.starts_with("www.google.") {
        path.strip_prefix("amp/")
    } else {
        None
    }?;
    let (scheme, rest) = cached.strip_prefix("s/").map_or(("http", cached), |rest| ("https", rest));
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    Url::parse(&format!("{scheme}://{rest}{query}"))
        .ok()
        .filter(|inner| inner.host_str().is_some_and(|h| h.contains('.')))
}

fn path_of(url: &Url) -> &str {
    let path = url.path().trim_end_matches('/');
    let path = path.strip_prefix("/amp").filter(|rest| rest.starts_with('/')).unwrap_or(path);
    let path = ["/amp", "/index.html", "/index.htm", "/index.php"]
        .iter()
        .find_map(|suffix| path.strip_suffix(suffix))
        .unwrap_or(path);
    path.strip_suffix(".amp").or_else(|| path.strip_suffix(".amp.html")).unwrap_or(path)
}

/// Whether a `name=value` of a query only tells where a reader came from.
fn is_tracking(pair: &str) -> bool {
    const NAMES: [&str; 31] = [
        "fbclid",
        "gclid",
        "gclsrc",
        "dclid",
        "msclkid",
        "yclid",
        "twclid",
        "igshid",
        "mc_cid",
        "mc_eid",
        "ref",
        "ref_src",
        "referrer",
        "cmpid",
        "cmp",
        "ncid",
        "ocid",
        "smid",
        "partner",
        "ito",
        "spm",
        "wt_mc",
        "wt_zmc",
        "xtor",
        "at_medium",
        "at_campaign",
        "feature",
        "share",
        "outputtype",
        "amp",
        "source",
    ];
    let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    NAMES.contains(&name.as_str()) || TRACKING.iter().any(|start| name.starts_with(start))
}

/// How parameters begin that only count visits: no page shows anything else without them.
const TRACKING: [&str; 11] =
    ["utm_", "hsa_", "mtm_", "pk_", "piwik_", "__twitter", "fbclid", "gclid", "dclid", "msclkid", "mc_"];

/// The address as readers get it: without the parameters by which somebody counts them.
pub fn without_tracking(mut url: Url) -> Url {
    let Some(query) = url.query() else { return url };
    let counts = |pair: &str| TRACKING.iter().any(|start| pair.to_ascii_lowercase().starts_with(start));
    let kept: Vec<&str> = query.split('&').filter(|pair| !counts(pair)).collect();
    let kept = (!kept.is_empty()).then(|| kept.join("&"));
    url.set_query(kept.as_deref());
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn canonical(url: &str) -> String {
        CanonicalUrl::of(&Url::parse(url).unwrap()).unwrap().0
    }

    #[test]
    fn readers_get_addresses_without_what_counts_them() {
        let url = |text: &str| Url::parse(text).unwrap();
        let clean = |text: &str| without_tracking(url(text)).to_string();
        assert_eq!(clean("https://a.example/s?utm_source=rss&id=7&fbclid=x#top"), "https://a.example/s?id=7#top");
        assert_eq!(clean("https://a.example/s?utm_source=rss"), "https://a.example/s");
        assert_eq!(clean("https://a.example/s?share=1&page=2"), "https://a.example/s?share=1&page=2");
    }

    #[test]
    fn one_story_has_one_canonical_address() {
        let expected = "example.org/a/b?id=7";
        for url in [
            "https://example.org/a/b?id=7",
            "http://www.example.org/a/b/?utm_source=x&id=7&fbclid=y#top",
            "https://m.example.org:443/a/b/amp/?id=7",
            "https://example.org/a/b/index.html?id=7&amp=1",
            "https://example.org/amp/a/b?id=7",
            "https://amp.example.org/a/b.amp.html?id=7",
            "https://www.google.com/amp/s/www.example.org/a/b?id=7",
            "https://www-example-org.cdn.ampproject.org/c/s/www.example.org/a/b?id=7&utm_medium=amp",
        ] {
            assert_eq!(canonical(url), expected, "{url}");
        }
        assert_ne!(canonical("https://example.org/a/b?id=8"), expected);
        assert_ne!(canonical("https://example.org:8080/a/b?id=7"), expected);
        assert_eq!(canonical("https://example.org/#!/story/1"), "example.org#!/story/1");
        assert_eq!(canonical("https://m.com/x"), "m.com/x");
    }

    #[test]
    fn a_cache_of_caches_without_end_is_left_as_it_is() {
        let deep = format!("https://www.google.com/{}ex.org/a", "amp/s/www.google.com/".repeat(50_000));
        assert!(canonical(&deep).starts_with("google.com/s/www.google.com/amp/s/"));
    }

    proptest! {
        #[test]
        fn no_clothing_of_an_address_makes_another_story(
            path in "(/[a-z0-9-]{1,12}){1,4}", id in "[0-9]{1,6}", scheme in "https?", host in "(www\\.|m\\.|mobile\\.|amp\\.)?",
            slash in "/?", tracking in prop::collection::vec("(utm_[a-z]{1,8}|fbclid|gclid|mc_eid)=[a-z0-9]{0,8}", 0..4), fragment in "(#[a-z]{1,6})?",
        ) {
            let plain = format!("https://example.org{path}?id={id}");
            let query: Vec<String> = tracking.iter().cloned().chain([format!("id={id}")]).collect();
            let dressed = format!("{scheme}://{host}example.org{path}{slash}?{}{fragment}", query.join("&"));
            prop_assert_eq!(canonical(&dressed), canonical(&plain));
        }

        #[test]
        fn the_canonical_form_of_a_canonical_form_is_itself(url in "https?://(www\\.|m\\.)?[a-z]{1,8}\\.(org|example)(:8080)?(/[a-zA-Z0-9%._~-]{0,9}){0,4}(\\?[a-z_]{1,9}=[a-z0-9]{0,4}(&[a-z_]{1,9}=[a-z0-9]{0,4}){0,2})?") {
            if let Some(once) = Url::parse(&url).ok().as_ref().and_then(CanonicalUrl::of) {
                prop_assert_eq!(&canonical(&format!("https://{}", once.as_str())), once.as_str(), "{}", url);
            }
        }

        #[test]
        fn any_address_has_one_key_and_loses_only_what_counts_it(
            host in "(www\\.google\\.com|x\\.cdn\\.ampproject\\.org|ex\\.org|\\[::1\\]|127\\.0\\.0\\.1|münchen\\.example)",
            path in "(/(amp|c|s|amp/s|index\\.php|www\\.google\\.com|a\\.amp|%2e%2e|;|\\PC{0,6})){0,6}/{0,3}",
            query in "(\\?(utm_a|amp|&|=|%|\\PC){0,12})?", fragment in "(#[!/]?\\PC{0,6})?",
        ) {
            if let Ok(url) = Url::parse(&format!("https://{host}{path}{query}{fragment}")) {
                let key = CanonicalUrl::of(&url).unwrap();
                let shown = without_tracking(url.clone());
                prop_assert_eq!(CanonicalUrl::of(&shown), Some(key), "{}", url);
                prop_assert_eq!(without_tracking(shown.clone()), shown);
            }
        }

        #[test]
        fn another_path_or_number_is_another_address(a in "(/[b-z]{1,8}){1,3}", b in "(/[b-z]{1,8}){1,3}", m in 0_u32..9_999, n in 0_u32..9_999) {
            let address = |path: &str, id: u32| canonical(&format!("https://example.org{path}?id={id}"));
            prop_assert_eq!(address(&a, m) == address(&b, n), a == b && m == n);
        }
    }
}
