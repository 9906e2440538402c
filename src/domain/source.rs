//! Where articles come from, as configured.

use crate::domain::article::Sighting;
use crate::domain::tag::{Slug, Tag};
use crate::domain::text::{Language, Line};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use url::Url;

/// One source of articles or events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its name in the configuration, the database and messages.
    pub id: Slug,
    /// What readers see beside a story.
    pub name: Line,
    /// What it is and where.
    pub kind: SourceKind,
    /// Where its articles lie on the web when they do not say: relative links are resolved against it, and a folder's file `a/b.md` without an
    /// address of its own is `BASE/a/b`.
    pub base_url: Option<Url>,
    /// Raw labels that every article of it carries.
    pub tags: Vec<String>,
    /// Its language when the articles do not say.
    pub language: Option<Language>,
    /// How much its stories count when the lead is chosen, 0 to 100; 50 is neutral.
    pub weight: u8,
    /// Whether addresses on private networks may be fetched.
    pub allow_private: bool,
    /// How its pictures may be used.
    pub pictures: PictureUse,
    /// Whether the page of each item is read instead of what a feed says of it.
    #[serde(default)]
    pub full: bool,
    /// The taxonomies whose terms make tags, for WordPress; its own two if empty.
    #[serde(default)]
    pub taxonomies: Vec<String>,
    /// How long a story is read again before it counts, in seconds.
    #[serde(default)]
    pub settle_seconds: u32,
    /// Which of its stories are wanted.
    #[serde(default)]
    pub choice: StoryChoice,
    /// How its server is asked. It changes nothing of what was read, and holds secrets: it is never written anywhere.
    #[serde(skip)]
    pub access: Access,
}

impl Source {
    /// A source with everything but these at its default.
    pub fn new(id: Slug, name: Line, kind: SourceKind) -> Self {
        Self {
            id,
            name,
            kind,
            base_url: None,
            tags: Vec::new(),
            language: None,
            weight: 50,
            allow_private: false,
            pictures: PictureUse::Copy,
            full: false,
            taxonomies: Vec::new(),
            settle_seconds: 0,
            choice: StoryChoice::default(),
            access: Access::default(),
        }
    }

    /// How long a story is read again before it counts.
    pub fn settle(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.settle_seconds))
    }

    /// How an address is asked that the source names. Passwords and headers are for the source's own host: whoever may write a link into a list must
    /// not be told them. `www.` before it is the same host to whoever set them; an address without TLS is not when the source has it.
    pub fn access_for(&self, url: &Url) -> Access {
        let site = |url: &Url| {
            let host = url.host_str().map(|host| host.trim_start_matches("www.").to_owned());
            (host, url.port())
        };
        let is_own = self
            .kind
            .url()
            .is_some_and(|own| site(own) == site(url) && (own.scheme() == url.scheme() || url.scheme() == "https"));
        if is_own {
            return self.access.clone();
        }
        Access { user_agent: self.access.user_agent.clone(), ..Access::default() }
    }
}

/// Whether an address that a person names may lie on a private network: where a source on the same host and port may.
pub fn may_be_private(sources: &[Source], url: &Url) -> bool {
    let place = |url: &Url| (url.host_str().map(str::to_owned), url.port_or_known_default());
    sources.iter().filter(|source| source.allow_private).any(|source| source.kind.url().map(place) == Some(place(url)))
}

/// Who tells a story that several sources carry, best first: the weightiest, and of equals the one that the configuration names first. Which of them
/// was read first decides nothing, so that the same week gives the same issue.
pub fn tellers(sources: &[Source]) -> Vec<Slug> {
    let mut sources: Vec<&Source> = sources.iter().collect();
    sources.sort_by_key(|source| std::cmp::Reverse(source.weight));
    sources.into_iter().map(|source| source.id.clone()).collect()
}

/// How the pictures of a source may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PictureUse {
    /// Copied, set to the size of their slot, and served by us.
    Copy,
    /// Shown from where they lie; agencies often allow no copy.
    Link,
    /// Not at all.
    None,
}

impl PictureUse {
    /// Whether they are shown at all.
    pub fn shows(self) -> bool {
        self != Self::None
    }
}

/// The kinds of source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// RSS, Atom, RDF or JSON Feed.
    Feed(Place),
    /// A site map: each new address of it is read as a page.
    SiteMap(Place),
    /// A page that lists links; each new one is read as a page.
    Page {
        /// Where it lies.
        place: Place,
        /// The CSS selector of the links or of what holds them; the repeating structure is looked for without one.
        selector: Option<String>,
    },
    /// The REST API of a WordPress site: the address of the site, or of the API's posts.
    WordPress(Place),
    /// A folder of Markdown, HTML and text files, each an article.
    Folder(PathBuf),
    /// An iCalendar file: events, not articles.
    Calendar(Place),
    /// A site's own list of what is read most: neither articles nor events.
    Ranking(Place),
}

/// A document on the web or in the file system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// An http or https address.
    Url(Url),
    /// A file.
    File(PathBuf),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Url(url) => url.fmt(f),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

impl SourceKind {
    /// The document that it begins with; a folder is none.
    pub fn document(&self) -> Option<&Place> {
        match self {
            Self::Feed(place)
            | Self::SiteMap(place)
            | Self::Page { place, .. }
            | Self::WordPress(place)
            | Self::Calendar(place)
            | Self::Ranking(place) => Some(place),
            Self::Folder(_) => None,
        }
    }

    /// The file or folder that it is, if it lies on this machine.
    pub fn path(&self) -> Option<&PathBuf> {
        match (self, self.document()) {
            (Self::Folder(path), _) | (_, Some(Place::File(path))) => Some(path),
            _ => None,
        }
    }

    /// Its address, if it lies on the web.
    pub fn url(&self) -> Option<&Url> {
        match self.document() {
            Some(Place::Url(url)) => Some(url),
            _ => None,
        }
    }

    /// Whether it lies on the web.
    pub fn is_remote(&self) -> bool {
        self.url().is_some()
    }

    /// Where it lies, in words.
    pub fn place(&self) -> String {
        match (self.url(), self.path()) {
            (Some(url), _) => url.to_string(),
            (None, Some(path)) => path.display().to_string(),
            (None, None) => String::new(),
        }
    }

    /// The word for it in the configuration.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Feed(_) => "feed",
            Self::SiteMap(_) => "sitemap",
            Self::Page { .. } => "page",
            Self::WordPress(_) => "wordpress",
            Self::Folder(_) => "folder",
            Self::Calendar(_) => "calendar",
            Self::Ranking(_) => "ranking",
        }
    }
}

/// Which stories of a source are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryChoice {
    /// Only stories whose address fits one of these; all if empty.
    pub include_urls: Vec<UrlPattern>,
    /// No story whose address fits one of these.
    pub exclude_urls: Vec<UrlPattern>,
    /// No story with one of these categories or tags.
    pub exclude_tags: Vec<Tag>,
    /// No story by one of these people.
    pub exclude_authors: Vec<Line>,
}

impl StoryChoice {
    /// Whether an address may lead to a wanted story.
    pub fn wants_url(&self, url: &Url) -> bool {
        let fits = |patterns: &[UrlPattern]| patterns.iter().any(|pattern| pattern.fits(url));
        (self.include_urls.is_empty() || fits(&self.include_urls)) && !fits(&self.exclude_urls)
    }

    /// Whether no story is wanted that is filed under this category or tag.
    pub fn excludes(&self, label: &Line) -> bool {
        Tag::parse(label.as_str()).is_some_and(|tag| self.exclude_tags.contains(&tag))
    }

    /// Whether a story is wanted.
    pub fn wants(&self, sighting: &Sighting) -> bool {
        let labels = &sighting.text.labels;
        let column = sighting.text.column.iter();
        let same = |name: &Line, other: &Line| name.as_str().to_lowercase() == other.as_str().to_lowercase();
        sighting.url.as_ref().is_none_or(|url| self.wants_url(url))
            && !labels.iter().chain(column).any(|label| self.excludes(label))
            && !sighting.text.authors.iter().any(|name| self.exclude_authors.iter().any(|other| same(name, other)))
    }
}

/// A pattern for addresses: `*` stands for anything. One that begins with a slash is compared with path and query, others with the whole address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrlPattern(String);

impl UrlPattern {
    /// Takes a pattern; `None` if it could fit no address.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let sound = text.starts_with(['/', '*']) || text.starts_with("http://") || text.starts_with("https://");
        (sound && !text.contains(char::is_whitespace)).then(|| Self(text.to_owned()))
    }

    /// Whether an address fits.
    pub fn fits(&self, url: &Url) -> bool {
        let address = url.as_str();
        let compared = if self.0.starts_with('/') {
            &address[url.origin().ascii_serialization().len().min(address.len())..]
        } else {
            address
        };
        glob(&self.0, compared)
    }
}

/// Whether a text is what a pattern with stars says: each piece between stars is found in turn, the first at the beginning, the last at the end.
fn glob(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let Some(last) = pieces.next_back() else { return rest.is_empty() };
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

/// How a source's server is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// Instead of the program's own.
    pub user_agent: Option<String>,
    /// Further header lines, name and value.
    pub headers: Vec<(String, Secret)>,
    /// Name and password (RFC 7617).
    pub basic: Option<(String, Secret)>,
}

/// A text that is shown to the server it is for, and to nobody else: it prints as `***`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself, for the one place that hands it over.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, url: &str) -> bool {
        UrlPattern::parse(pattern).unwrap().fits(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_star_stands_for_anything() {
        assert!(fits("/2026/*", "https://ex.org/2026/11/a"));
        assert!(!fits("/2026/*", "https://ex.org/en/2026/11/a"));
        assert!(fits("*/2026/*", "https://ex.org/en/2026/11/a"));
        assert!(fits("/news/*.html", "https://ex.org/news/a.html"));
        assert!(!fits("/news/*.html", "https://ex.org/news/a.html?x"));
        assert!(fits("/search*", "https://ex.org:8080/search?q=1"));
        assert!(fits("https://ex.org/a*b*c", "https://ex.org/a-b-b-c"));
        assert!(!fits("/a", "https://ex.org/ab"));
        assert!(!fits("/aa*aa", "https://ex.org/aaa"));
        assert!(UrlPattern::parse("news").is_none());
    }

    #[test]
    fn stories_are_left_out_by_tag_author_and_address() {
        let choice = StoryChoice {
            exclude_urls: UrlPattern::parse("/sponsored/*").into_iter().collect(),
            exclude_tags: Tag::parse("Horoscopes").into_iter().collect(),
            exclude_authors: vec![Line::clean("The Robot")],
            ..StoryChoice::default()
        };
        let story = |url: &str, label: &str, author: &str| {
            let (labels, authors) = (vec![Line::clean(label)], vec![Line::clean(author)]);
            let text = crate::domain::article::ArticleText { authors, labels, ..Default::default() };
            Sighting {
                guid: None,
                url: Url::parse(url).ok(),
                published_raw: None,
                published_at: None,
                updated_at: None,
                text,
            }
        };
        assert!(choice.wants(&story("https://ex.org/a", "Energy", "Ann")));
        assert!(!choice.wants(&story("https://ex.org/sponsored/a", "Energy", "Ann")));
        assert!(!choice.wants(&story("https://ex.org/a", "HOROSCOPES", "Ann")));
        assert!(!choice.wants(&story("https://ex.org/a", "Energy", "the robot")));
    }

    #[test]
    fn secrets_print_as_stars() {
        let access = Access { basic: Some(("ann".into(), Secret::new("hunter2".into()))), ..Access::default() };
        assert!(!format!("{access:?}").contains("hunter2"));
    }

    #[test]
    fn a_password_is_shown_to_the_source_s_own_host_alone() {
        let url = |text: &str| Url::parse(text).unwrap();
        let place = Place::Url(url("https://example.org/feed"));
        let mut source = Source::new(Slug::parse("a").unwrap(), Line::clean("A"), SourceKind::Feed(place));
        source.access = Access {
            user_agent: Some("reader/1".into()),
            headers: vec![("x-key".into(), Secret::new("s".into()))],
            basic: Some(("ann".into(), Secret::new("hunter2".into()))),
        };
        for (address, is_own) in [
            ("https://example.org/story/1", true),
            ("https://www.example.org/story/1", true),
            ("http://example.org/story/1", false),
            ("https://example.org:8443/story/1", false),
            ("https://evil.example/story/1", false),
            ("https://example.org.evil.example/", false),
            ("https://example.org@evil.example/", false),
        ] {
            let access = source.access_for(&url(address));
            assert_eq!((access.basic.is_some(), access.headers.len() == 1), (is_own, is_own), "{address}");
            assert_eq!(access.user_agent.as_deref(), Some("reader/1"));
        }
    }
}
