//! The sample week, embedded in the binary: the files of `examples/` that the demo unpacks, and its pictures and pages as if they lay on the web.

use crate::collect::fetch::FixtureFetch;

macro_rules! sample {
    ($($path:literal),* $(,)?) => { &[$(($path, include_bytes!(concat!("../../", $path)).as_slice())),*] };
}

/// Path and bytes of each file.
pub const FILES: &[(&str, &[u8])] = sample![
    "examples/columns/tehran-drops-two-words.png",
    "examples/columns/tehran-drops-two-words.txt",
    "examples/columns/the-quietest-client-in-town.txt",
    "examples/events/events.ics",
    "examples/feeds/desk-notes.json",
    "examples/feeds/news.rss.xml",
    "examples/feeds/opinion.atom.xml",
    "examples/feeds/persian.rss.xml",
    "examples/fronts/long-reads.html",
    "examples/maps/news.xml",
    "examples/pages/lighthouse-keepers.html",
    "examples/pages/the-room-with-two-doors.html",
    "examples/pages/winter-tariff.html",
    "examples/pictures/energy.png",
    "examples/pictures/lobbying.png",
    "examples/pictures/security.png",
    "examples/rankings/most-read.json",
    "examples/reports/2026-11-16-the-price-of-a-waiver.md",
    "examples/reports/a-hundred-days-of-the-muscat-format.md",
    "examples/reports/half-a-gas-hub.md",
    "examples/reports/port-calls-by-night.md",
    "examples/reports/who-briefs-the-committee.md",
    "examples/wordpress/posts.json",
];

/// Where the sample newsroom's pictures and pages lie on the web that there is not.
const PICTURES: &str = "https://www.straitcourier.example/pictures/";
const PAGES: &str = "https://www.straitcourier.example/2026/11/";

/// Answers for the pictures and pages; every other address of the sample newsroom is not there.
pub fn web() -> FixtureFetch {
    FILES.iter().fold(FixtureFetch::new(), |web, (path, bytes)| {
        if let Some(name) = path.strip_prefix("examples/pictures/") {
            web.with(&format!("{PICTURES}{name}"), "image/png", *bytes)
        } else if let Some(name) = path.strip_prefix("examples/pages/").and_then(|name| name.strip_suffix(".html")) {
            web.with(&format!("{PAGES}{name}"), "text/html", *bytes)
        } else {
            web
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::fetch::{HttpFetch, Limits};
    use crate::collect::{Manner, Status, collect};
    use crate::config::{Config, Environment};
    use crate::domain::source::{Place, Source, SourceKind};
    use crate::store::Store;
    use axum::Router;
    use axum::http::{StatusCode, Uri};
    use axum::response::{IntoResponse, Response};
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::{Path, PathBuf};
    use std::sync::Arc;
    use std::time::Duration;
    use url::Url;

    const SITE: &str = "https://www.straitcourier.example";

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    /// The newsroom's site on loopback: its pages and pictures where its documents say, each document under its own path, the posts behind the API's.
    async fn site() -> Url {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let here = base.clone();
        let answers: BTreeMap<String, Vec<u8>> = FILES
            .iter()
            .map(|(path, bytes)| {
                let path = path.trim_start_matches("examples");
                let place = match path.strip_prefix("/pages/").and_then(|name| name.strip_suffix(".html")) {
                    Some(name) => format!("/2026/11/{name}"),
                    None => path.replace("/wordpress/posts.json", "/wp-json/wp/v2/posts"),
                };
                (
                    place,
                    std::str::from_utf8(bytes).map_or(bytes.to_vec(), |text| text.replace(SITE, &here).into_bytes()),
                )
            })
            .collect();
        let answer = move |uri: Uri| {
            let found: Response = answers.get(uri.path()).map_or(StatusCode::NOT_FOUND.into_response(), |bytes| {
                // Markup is sent without a type, so that the documents must say themselves what they are.
                bytes.clone().into_response()
            });
            async move { found }
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await.unwrap() });
        Url::parse(&base).unwrap()
    }

    /// The kind of a source in a word; one that lies in a file is asked of the site instead.
    fn moved(kind: &mut SourceKind, site: &Url) -> &'static str {
        let (word, place) = match kind {
            SourceKind::Folder(path) => {
                *path = root().join(within(path));
                return "folder";
            }
            SourceKind::Feed(place) => ("feed", place),
            SourceKind::SiteMap(place) => ("sitemap", place),
            SourceKind::Page { place, .. } => ("page", place),
            SourceKind::WordPress(place) => ("wordpress", place),
            SourceKind::Calendar(place) => ("calendar", place),
            SourceKind::Ranking(place) => ("ranking", place),
        };
        let Place::File(path) = &*place else { panic!("every sample lies in a file") };
        let path = within(path);
        let path = path.strip_prefix("examples").unwrap().to_str().unwrap();
        let path = if word == "wordpress" { "" } else { path };
        *place = Place::Url(site.join(path).unwrap());
        word
    }

    /// Where a path of the demo lies in this repository.
    fn within(path: &Path) -> PathBuf {
        path.components().skip_while(|part| part.as_os_str() != "examples").collect()
    }

    /// The sources of the demo with their kinds, asked of a site.
    fn sources(site: &Url) -> Vec<(&'static str, Source)> {
        let sources = Config::load(&root().join("config/demo.toml"), &Environment::new()).unwrap().sources;
        let there = |source: Source| {
            let mut source = Source { allow_private: true, ..source };
            (moved(&mut source.kind, site), source)
        };
        sources.into_iter().map(there).collect()
    }

    #[test]
    fn every_example_is_in_the_program() {
        let mut found = BTreeSet::new();
        let mut folders = vec![root().join("examples")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.insert(path.strip_prefix(root()).unwrap().to_string_lossy().into_owned());
                }
            }
        }
        for apart in [
            "README.md",
            "pictures/draw.py",
            "events/whats-on.html",
            "events/lectures.ics",
            "events/called-off.ics",
            "events/.gitattributes",
        ] {
            assert!(found.remove(&format!("examples/{apart}")), "{apart}");
        }
        assert_eq!(found, FILES.iter().map(|(path, _)| (*path).to_owned()).collect::<BTreeSet<_>>());
    }

    #[tokio::test]
    async fn every_example_brings_over_http_what_it_holds_and_every_kind_of_source_has_one() {
        let now = "2026-11-20T16:55:00Z".parse().unwrap();
        let site = site().await;
        let fetch = HttpFetch::new("week-in-review-test (https://example.org)", Limits::default());
        let manner = Manner { pause: Duration::ZERO, ..Manner::default() };
        let mut kinds = BTreeSet::new();
        for (kind, source) in sources(&site) {
            let name = source.id.to_string();
            kinds.insert(kind);
            let store = Arc::new(Store::in_memory().unwrap());
            let report = collect(&store, &fetch, std::slice::from_ref(&source), now, &manner).await;
            let report = &report.sources[0];
            assert_eq!((report.status, &report.error), (Status::Ok, &None), "{name}");
            // Two of its pages name a picture that is not there.
            let missing = |picture| vec![format!("picture {site}pictures/{picture}: the server answered 404")];
            let problems = match name.as_str() {
                "pages" => missing("lighthouse.png"),
                "long-reads" => missing("two-doors.png"),
                _ => Vec::new(),
            };
            assert_eq!(report.problems, problems, "{name}");
            let expected = match name.as_str() {
                "columns" | "pages" => 2,
                "news" => 22,
                "wire" | "long-reads" => 1,
                "reports" | "events" | "most-read" => 3,
                "opinion" | "notes" => 7,
                "persian" => 6,
                other => panic!("{other} is not counted here"),
            };
            assert_eq!(report.seen, expected, "{name}: {report:?}");
        }
        assert_eq!(
            kinds.into_iter().collect::<Vec<_>>(),
            ["calendar", "feed", "folder", "page", "ranking", "sitemap", "wordpress"]
        );
    }
}
