//! `[[sources]]`: where articles and events come from.

use super::reader::Table;
use super::values::{choice, label, language, path, slug, switch, web_address, whole, words};
use crate::domain::source::{PictureUse, Place, Source, SourceKind};
use std::path::PathBuf;
use url::Url;

#[derive(Clone, Copy)]
enum Kind {
    Feed,
    Folder,
    Calendar,
}

const KINDS: [(&str, Kind); 3] = [("feed", Kind::Feed), ("folder", Kind::Folder), ("calendar", Kind::Calendar)];

/// Reads all sources and compares them with each other.
pub(super) fn read(tables: &[Table<'_>]) -> Vec<Source> {
    let sources: Vec<Option<Source>> = tables.iter().map(source).collect();
    for (at, later) in sources.iter().enumerate() {
        let Some(later) = later else { continue };
        for (before, earlier) in sources[..at].iter().enumerate().filter_map(|(n, s)| Some((n, s.as_ref()?))) {
            compare(&tables[before], earlier, &tables[at], later);
        }
    }
    sources.into_iter().flatten().collect()
}

fn source(table: &Table<'_>) -> Option<Source> {
    let id = table.required("id", "\"front-page\"", slug);
    let name = table.required("name", "\"Front page\"", words);
    let kind = table.or("kind", "\"feed\"", choice(KINDS));
    let kind = place(table, kind);
    let base_url = table.optional("base_url", web_address);
    let tags = table.list("tags", label);
    let language = table.optional("language", language);
    let weight = table.or("weight", "50", whole(0..=100));
    let allow_private = table.or("allow_private", "false", switch);
    let pictures = pictures(table, kind.as_ref());
    table.done();
    Some(Source { id: id?, name: name?, kind: kind?, base_url, tags, language, weight, allow_private, pictures })
}

const PICTURES: [(&str, PictureUse); 3] =
    [("copy", PictureUse::Copy), ("link", PictureUse::Link), ("none", PictureUse::None)];

fn pictures(table: &Table<'_>, kind: Option<&SourceKind>) -> PictureUse {
    let pictures = table.or("pictures", "\"copy\"", choice(PICTURES));
    if pictures == PictureUse::Link && matches!(kind, Some(SourceKind::Folder(_))) {
        table.problem("pictures", "the pictures of a folder lie nowhere on the web; use \"copy\" or \"none\"");
    }
    pictures
}

fn place(table: &Table<'_>, kind: Kind) -> Option<SourceKind> {
    let (had_url, had_path) = (table.has("url"), table.has("path"));
    let url = table.optional("url", web_address);
    let path = table.optional("path", path);
    table.clash("url", "path");
    match kind {
        Kind::Folder if had_url => {
            table.problem("url", "a folder has a path, not a url; for links to the web set base_url");
        }
        Kind::Folder if !had_path => table.problem("path", "missing; set it, such as path = \"articles\""),
        _ if !had_url && !had_path => {
            table.problem("url", "missing; set it, such as url = \"https://www.example.org/feed.xml\", or a path");
        }
        _ => {}
    }
    let document = |url: Option<Url>, path: Option<PathBuf>| url.map(Place::Url).or_else(|| path.map(Place::File));
    match kind {
        Kind::Folder => path.map(SourceKind::Folder),
        Kind::Feed => document(url, path).map(SourceKind::Feed),
        Kind::Calendar => document(url, path).map(SourceKind::Calendar),
    }
}

fn compare(first: &Table<'_>, earlier: &Source, second: &Table<'_>, later: &Source) {
    if earlier.id == later.id {
        let there = first.place("id").reference();
        second.problem("id", format!("\"{}\" is the id of another source ({there})", later.id));
    }
    let key = if second.has("url") { "url" } else { "path" };
    if identity(&earlier.kind) == identity(&later.kind) {
        let there = first.place(key).reference();
        second
            .problem(key, format!("source \"{}\" ({there}) has the same; each story would be seen twice", earlier.id));
    }
}

/// What makes two sources the same place: scheme, a slash at the end and a fragment do not tell them apart.
fn identity(kind: &SourceKind) -> String {
    match kind {
        SourceKind::Feed(Place::Url(url)) | SourceKind::Calendar(Place::Url(url)) => {
            let path = url.path().trim_end_matches('/');
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            format!("//{}{port}{path}?{}", url.host_str().unwrap_or_default(), url.query().unwrap_or_default())
        }
        SourceKind::Feed(Place::File(path)) | SourceKind::Calendar(Place::File(path)) | SourceKind::Folder(path) => {
            let parts = path.components().filter(|part| !matches!(part, std::path::Component::CurDir));
            parts.collect::<PathBuf>().display().to_string()
        }
    }
}
