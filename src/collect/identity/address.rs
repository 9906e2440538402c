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
        let mut key = plain_host(url.host_str()?);
        if let Some(port) = url.port() {
            let _ = write!(key, ":{port}");
        }
        let path = path_of(url);
        key.push_str(path);
        let tells = |pair: &str| !pair.is_empty() && !is_tracking(pair) && !is_mobile_view(path, pair);
        let mut query: Vec<&str> = url.query().unwrap_or_default().split('&').filter(|pair| tells(pair)).collect();
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

/// The address inside one of an AMP cache: `https://www.google.com/amp/s/HOST/PATH`, `https://HOST.cdn.ampproject.org/c/s/HOST/PATH`, and the same of
/// Bing (AMP cache URL format; `s` stands for https, `c`, `v`, `wp` and `i` for what is cached).
fn unwrapped(url: &Url) -> Option<Url> {
    let host = url.host_str()?;
    let path = url.path().trim_start_matches('/');
    let is_of = |cache: &str| host.strip_suffix(cache).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let cached = if is_of("cdn.ampproject.org") || is_of("bing-amp.com") {
        path.split_once('/').filter(|(kind, _)| matches!(*kind, "c" | "v" | "wp" | "i")).map(|(_, rest)| rest)
    } else if host.starts_with("www.google.") || host == "google.com" {
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

/// A host without the names under which one site shows its stories to phones: in front, and as the second one where the first is a language or a part of
/// the site (`en.m.wikipedia.org`). Left as they are: hosts that would not be a site's any more (`m.com`, `amp.com.au`, `m.blogspot.com`), and names that
/// may as well be a part of a paper: `mobil.`, `touch.`, `wap.`, and `mobile.` and `amp.` in the second place (`news.mobile.example.org`).
fn plain_host(host: &str) -> String {
    let mut host = host.trim_end_matches('.').to_owned();
    let is_site = |rest: &str| rest.contains('.') && !is_shared(rest);
    loop {
        let www = host.strip_prefix("www.").filter(|rest| rest.contains('.'));
        let front = || ["m.", "mobile.", "amp."].iter().find_map(|name| host.strip_prefix(name)).filter(|r| is_site(r));
        let second = || host.split_once(".m.").filter(|(first, rest)| !first.contains('.') && is_site(rest));
        host = match www.or_else(front) {
            Some(rest) => rest.to_owned(),
            None => match second() {
                Some((first, rest)) => format!("{first}.{rest}"),
                None => return host,
            },
        };
    }
}

/// Whether a name is one under which strangers have their sites, side by side: `co.uk`, `com.au`, hosts of blogs.
fn is_shared(host: &str) -> bool {
    const SECOND: [&str; 14] =
        ["co", "com", "org", "net", "ac", "edu", "gov", "gob", "gouv", "ne", "or", "go", "info", "nom"];
    const HOSTS: [&str; 10] = [
        "wordpress.com",
        "github.io",
        "gitlab.io",
        "substack.com",
        "tumblr.com",
        "livejournal.com",
        "typepad.com",
        "netlify.app",
        "pages.dev",
        "vercel.app",
    ];
    let of_a_country = |(name, country): (&str, &str)| country.len() == 2 && SECOND.contains(&name);
    host.split_once('.').is_some_and(of_a_country) || HOSTS.contains(&host) || host.starts_with("blogspot.")
}

/// The path without what stands for the AMP page of a story, and without the name of a folder's own page. `AMP`, `amp` within a path and `-amp` at its end
/// are left: they are parts of names (`/tests/amp/valve`, `/best-guitar-amp`). So is a front page's `/amp.html`, which may be a story about amplifiers.
fn path_of(url: &Url) -> &str {
    let mut path = url.path().trim_end_matches('/');
    while let Some(shorter) = without_amp(path) {
        path = shorter.trim_end_matches('/');
    }
    path
}

fn without_amp(path: &str) -> Option<&str> {
    let cut = |ends: &[&str]| ends.iter().find_map(|end| path.strip_suffix(end));
    path.strip_prefix("/amp")
        .filter(|rest| rest.starts_with('/'))
        .or_else(|| cut(&["/amp", "/index.html", "/index.htm", "/index.php"]))
        .or_else(|| cut(&["/amp.html"]).filter(|rest| !rest.is_empty()))
        .or_else(|| cut(&[".amp.html", ".amp"]).filter(|rest| !rest.ends_with(['/', '.'])))
}

/// `m=1` of Blogger, whose stories lie at `/YEAR/MONTH/NAME.html`; elsewhere it may be a month or a number of a story.
fn is_mobile_view(path: &str, pair: &str) -> bool {
    let is_dated = || {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let is_number = |part: &str, digits: usize| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
        matches!(parts[..], [year, month, name] if is_number(year, 4) && is_number(month, 2) && name.strip_suffix(".html").is_some())
    };
    matches!(pair, "m=0" | "m=1") && is_dated()
}

/// Where an address leads that only counts who goes there: those in the feeds of Google Alerts and Bing News, and of links that were copied out of
/// Facebook, Google and Tumblr.
fn led_to(url: &Url) -> Option<Url> {
    let host = url.host_str()?;
    let names: &[&str] = match (host, url.path()) {
        ("www.bing.com" | "bing.com", "/news/apiclick.aspx") => &["url"],
        ("l.facebook.com" | "lm.facebook.com", "/l.php") => &["u"],
        ("t.umblr.com", "/redirect") => &["z"],
        (_, "/url") if host.starts_with("www.google.") || host == "google.com" => &["url", "q"],
        _ => return None,
    };
    let value = |name: &&str| url.query_pairs().find(|(known, _)| known == *name).map(|(_, value)| value.into_owned());
    let inner = Url::parse(&names.iter().find_map(value)?).ok()?;
    let is_a_page = matches!(inner.scheme(), "http" | "https") && inner.host_str().is_some_and(|h| h.contains('.'));
    is_a_page.then_some(inner)
}

/// Whether a `name=value` of a query only tells where a reader came from.
fn is_tracking(pair: &str) -> bool {
    const NAMES: [&str; 35] = [
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
        "amp_js_v",
        "amp_gsa",
        "usqp",
        "mobileaction",
        "source",
    ];
    let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    NAMES.contains(&name.as_str()) || TRACKING.iter().any(|start| name.starts_with(start))
}

/// How parameters begin that only count visits: no page shows anything else without them.
const TRACKING: [&str; 11] =
    ["utm_", "hsa_", "mtm_", "pk_", "piwik_", "__twitter", "fbclid", "gclid", "dclid", "msclkid", "mc_"];

/// The address as readers get it: the story's own, without the parameters by which somebody counts them.
pub fn without_tracking(url: Url) -> Url {
    let mut url = led_to(&url).unwrap_or(url);
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
    fn an_address_that_only_counts_who_goes_there_is_the_one_it_leads_to() {
        let own = |text: &str| without_tracking(Url::parse(text).unwrap()).to_string();
        for text in [
            "https://www.google.com/url?rct=j&sa=t&url=https://gazette.example/vote%3Fid%3D3%26utm_source%3Dx&ct=ga&usg=A",
            "https://www.google.de/url?q=https%3A%2F%2Fgazette.example%2Fvote%3Fid%3D3&sa=D",
            "http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&url=https%3a%2f%2fgazette.example%2fvote%3fid%3d3&c=1",
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fgazette.example%2Fvote%3Fid%3D3%26fbclid%3DIw&h=AT",
            "https://t.umblr.com/redirect?z=https%3A%2F%2Fgazette.example%2Fvote%3Fid%3D3&t=M",
        ] {
            assert_eq!(own(text), "https://gazette.example/vote?id=3", "{text}");
        }
        for text in [
            "https://www.google.com/url?q=javascript:alert(1)",
            "https://www.google.com/url?sa=D",
            "https://www.bing.com/news/search?q=https%3A%2F%2Fgazette.example%2Fvote",
            "https://gazette.example/url?url=https://other.example/",
        ] {
            assert_eq!(own(text), text);
        }
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
    fn every_twin_for_phones_is_the_story_itself() {
        for (twin, story) in [
            ("https://en.m.wikipedia.org/wiki/Strait", "https://en.wikipedia.org/wiki/Strait"),
            (
                "https://zh-yue.m.wikipedia.org/wiki/A?mobileaction=toggle_view_mobile",
                "https://zh-yue.wikipedia.org/wiki/A",
            ),
            ("https://m.www.example.org/a", "https://example.org/a"),
            ("https://www.m.example.org/a", "https://example.org/a"),
            ("https://amp.m.example.co.uk/a", "https://www.example.co.uk/a"),
            ("https://mobile.example.org/a?amp", "https://example.org/a"),
            ("https://example.org/a?outputType=amp", "https://example.org/a"),
            ("https://example.org/a/amp.html", "https://example.org/a/"),
            ("https://example.org/a.amp/", "https://example.org/a"),
            ("https://example.org/a/amp/index.html", "https://example.org/a"),
            ("https://example.org/amp/a/amp/", "https://example.org/a"),
            ("https://cdn.ampproject.org/c/s/example.org/a/amp", "https://example.org/a"),
            (
                "https://example-org.cdn.ampproject.org/v/s/example.org/a?amp_js_v=0.1&usqp=mq331AQ",
                "https://example.org/a",
            ),
            ("https://www-example-org.bing-amp.com/c/s/www.example.org/a", "https://example.org/a"),
            ("https://www.google.de/amp/s/amp.example.org/a", "https://example.org/a"),
            ("https://quiet.blogspot.com/2026/11/a-day.html?m=1", "https://quiet.blogspot.com/2026/11/a-day.html"),
        ] {
            assert_eq!(canonical(twin), canonical(story), "{twin}");
        }
    }

    #[test]
    fn two_stories_that_look_like_twins_stay_two() {
        for (one, other) in [
            ("https://amp.com.au/a", "https://m.com.au/a"),
            ("https://m.co.uk/a", "https://mobile.co.uk/a"),
            ("https://m.blogspot.com/a", "https://mobile.blogspot.com/a"),
            ("https://m.wordpress.com/a", "https://wordpress.com/a"),
            ("https://x.m.org/a", "https://x.org/a"),
            ("https://news.mobile.example.org/a", "https://news.example.org/a"),
            ("https://mobil.example.org/a", "https://example.org/a"),
            ("https://en.m.wikipedia.org/wiki/Strait", "https://de.m.wikipedia.org/wiki/Strait"),
            ("https://example.org/tests/amp/valve", "https://example.org/tests/valve"),
            ("https://example.org/best-guitar-amp", "https://example.org/best-guitar"),
            ("https://example.org/wiki/AMP", "https://example.org/wiki"),
            ("https://example.org/camp", "https://example.org/c"),
            ("https://example.org/swamp.html", "https://example.org/sw"),
            ("https://example.org/amp.html", "https://example.org/"),
            ("https://example.org/ampere/a", "https://example.org/a"),
            ("https://example.org/list?y=2026&m=1", "https://example.org/list?y=2026&m=0"),
            ("https://ampproject.org/c/s/example.org/a", "https://example.org/a"),
            ("https://notcdn.ampproject.org.example/c/s/example.org/a", "https://example.org/a"),
        ] {
            assert_ne!(canonical(one), canonical(other), "{one}");
        }
    }

    #[test]
    fn a_cache_of_caches_without_end_is_left_as_it_is() {
        let deep = format!("https://www.google.com/{}ex.org/a", "amp/s/www.google.com/".repeat(50_000));
        assert!(canonical(&deep).starts_with("google.com/s/www.google.com/amp/s/"));
    }

    proptest! {
        #[test]
        fn no_clothing_of_an_address_makes_another_story(
            path in "(/[a-z0-9-]{1,12}){1,4}", id in "[0-9]{1,6}", scheme in "https?", host in "(www\\.|m\\.|mobile\\.|amp\\.){0,2}",
            slash in "(/|/amp|/amp/|\\.amp|\\.amp\\.html|/amp\\.html|/amp/index\\.html)?", tracking in prop::collection::vec("(utm_[a-z]{1,8}|fbclid|gclid|mc_eid)=[a-z0-9]{0,8}", 0..4), fragment in "(#[a-z]{1,6})?",
        ) {
            let plain = format!("https://example.org{path}?id={id}");
            let query: Vec<String> = tracking.iter().cloned().chain([format!("id={id}")]).collect();
            let dressed = format!("{scheme}://{host}example.org{path}{slash}?{}{fragment}", query.join("&"));
            prop_assert_eq!(canonical(&dressed), canonical(&plain));
        }

        #[test]
        fn the_canonical_form_of_a_canonical_form_is_itself(url in "https?://(www\\.|m\\.|amp\\.|en\\.m\\.){0,3}[a-z]{1,8}\\.(org|example|co\\.uk)(:8080)?(/([a-zA-Z0-9%._~-]{0,9}|amp|a?\\.amp|amp\\.html|index\\.php)){0,4}(\\?[a-z_]{1,9}=[a-z0-9]{0,4}(&[a-z_]{1,9}=[a-z0-9]{0,4}){0,2})?") {
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
