//! Which article a sighting is of.
//!
//! By the source's own name for it where that behaves, else by its canonical address, else it is new. Pure rules; the store asks them inside its
//! transaction. Every decision has a reason in words, which is stored.

use crate::domain::article::Sighting;
use crate::store::articles::{Decision, Keyed, Known};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
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

    /// Whether it is a site's front page, which tells no story from another.
    pub fn is_front_page(&self) -> bool {
        !self.0.contains(['/', '?', '#'])
    }
}

fn path_of(url: &Url) -> &str {
    let path = url.path().trim_end_matches('/');
    let path = ["/amp", "/index.html", "/index.htm", "/index.php"]
        .iter()
        .find_map(|suffix| path.strip_suffix(suffix))
        .unwrap_or(path);
    path.strip_suffix(".amp").unwrap_or(path)
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
fn without_tracking(mut url: Url) -> Url {
    let Some(query) = url.query() else { return url };
    let counts = |pair: &str| TRACKING.iter().any(|start| pair.to_ascii_lowercase().starts_with(start));
    let kept: Vec<&str> = query.split('&').filter(|pair| !counts(pair)).collect();
    let kept = (!kept.is_empty()).then(|| kept.join("&"));
    url.set_query(kept.as_deref());
    url
}

/// Gives each sighting of one document the keys that tell it from the others; what stands twice in the document is left out.
///
/// A GUID that several different stories carry is no name, and neither is an address that they share (the front page, say).
pub fn key(seen: Vec<Sighting>) -> Vec<Keyed> {
    let mut guids: HashMap<String, usize> = HashMap::new();
    let mut urls: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<(Sighting, Option<String>)> = Vec::with_capacity(seen.len());
    let mut stories: HashSet<(Option<String>, Option<String>, String)> = HashSet::new();
    for mut sighting in seen {
        sighting.url = sighting.url.map(without_tracking);
        let url_key =
            sighting.url.as_ref().and_then(CanonicalUrl::of).filter(|url| !url.is_front_page()).map(|url| url.0);
        let story = (sighting.guid.clone(), url_key.clone(), sighting.text.title.as_str().to_owned());
        if !stories.insert(story) {
            continue;
        }
        if let Some(guid) = &sighting.guid {
            *guids.entry(guid.clone()).or_default() += 1;
        }
        if let Some(url) = &url_key {
            *urls.entry(url.clone()).or_default() += 1;
        }
        kept.push((sighting, url_key));
    }
    let alone = |counts: &HashMap<String, usize>, key: &Option<String>| {
        key.as_ref().filter(|key| counts.get(*key) == Some(&1)).cloned()
    };
    let mut keyed: Vec<Keyed> = Vec::with_capacity(kept.len());
    for (sighting, url) in kept {
        let guid_key = alone(&guids, &sighting.guid);
        let url_key = alone(&urls, &url);
        let guid_key = guid_key.or_else(|| url_key.is_none().then(|| name_by_title(&sighting)));
        keyed.push(Keyed { sighting, guid_key, url_key });
    }
    // Two stories without name and address but with one headline are one story.
    let mut named = HashSet::new();
    keyed.retain(|k| k.url_key.is_some() || k.guid_key.as_ref().is_none_or(|guid| named.insert(guid.clone())));
    keyed
}

/// A name for a story that has neither name nor address of its own.
fn name_by_title(sighting: &Sighting) -> String {
    let digest = Sha256::digest(sighting.text.title.as_str().to_lowercase().as_bytes());
    digest.iter().take(12).fold("title:".to_owned(), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    })
}

/// Decides which article a sighting of `source` is of, by what is known that shares something with it.
pub fn decide(known: &Known, source: i64) -> Decision {
    if let Some(same) = &known.by_guid {
        return Decision::Same(same.id);
    }
    if let Some(same) = known.by_url.iter().find(|sighting| sighting.source == source) {
        return Decision::Same(same.id);
    }
    match known.by_url.first() {
        Some(other) => Decision::Of(other.article, format!("same address as at source \"{}\"", other.source_slug)),
        None => Decision::New("neither its name nor its address was known".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::article::ArticleText;
    use crate::domain::text::Line;

    fn canonical(url: &str) -> String {
        CanonicalUrl::of(&Url::parse(url).unwrap()).unwrap().0
    }

    fn seen(guid: Option<&str>, url: Option<&str>, title: &str) -> Sighting {
        Sighting {
            guid: guid.map(str::to_owned),
            url: url.map(|url| Url::parse(url).unwrap()),
            published_raw: None,
            published_at: None,
            updated_at: None,
            text: ArticleText { title: Line::clean(title), ..ArticleText::default() },
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
        ] {
            assert_eq!(canonical(url), expected, "{url}");
        }
        assert_ne!(canonical("https://example.org/a/b?id=8"), expected);
        assert_ne!(canonical("https://example.org:8080/a/b?id=7"), expected);
        assert_eq!(canonical("https://example.org/#!/story/1"), "example.org#!/story/1");
        assert_eq!(canonical("https://m.com/x"), "m.com/x");
    }

    #[test]
    fn a_guid_that_stands_twice_is_no_name_and_a_shared_address_is_none() {
        let keyed = key(vec![
            seen(Some("1"), Some("https://e.org/a"), "A"),
            seen(Some("1"), Some("https://e.org/b"), "B"),
            seen(Some("2"), Some("https://e.org/"), "C"),
            seen(Some("3"), Some("https://e.org/same"), "D"),
            seen(Some("4"), Some("https://e.org/same"), "E"),
            seen(Some("4"), Some("https://e.org/same"), "E"),
            seen(None, None, "F"),
            seen(None, None, "F"),
        ]);
        let keys: Vec<(Option<&str>, Option<&str>)> =
            keyed.iter().map(|k| (k.guid_key.as_deref(), k.url_key.as_deref())).collect();
        assert_eq!(
            keys[..5],
            [(None, Some("e.org/a")), (None, Some("e.org/b")), (Some("2"), None), (Some("3"), None), (Some("4"), None)]
        );
        assert_eq!(keys.len(), 6);
        assert!(keys[5].0.unwrap().starts_with("title:"));
    }
}
