//! `[[sources]]`: where articles and events come from.

use super::document::Node;
use super::reader::{Parsed, Table};
use super::secrets;
use super::values::{choice, duration, label, language, path, slug, switch, tag, text, web_address, whole, words};
use crate::domain::source::{Access, PictureUse, Place, Secret, Source, SourceKind, StoryChoice, UrlPattern};
use crate::domain::tag::Slug;
use secrecy::ExposeSecret;
use std::path::PathBuf;
use url::Url;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Feed,
    SiteMap,
    Page,
    WordPress,
    Folder,
    Calendar,
    Ranking,
}

const KINDS: [(&str, Kind); 7] = [
    ("feed", Kind::Feed),
    ("sitemap", Kind::SiteMap),
    ("page", Kind::Page),
    ("wordpress", Kind::WordPress),
    ("folder", Kind::Folder),
    ("calendar", Kind::Calendar),
    ("ranking", Kind::Ranking),
];

/// The ids as they are written, for those who name a source.
pub(super) fn ids(tables: &[Table<'_>]) -> Vec<Slug> {
    tables.iter().filter_map(|table| table.peek("id", slug)).collect()
}

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
    let located = place(table, kind);
    let base_url = table.optional("base_url", web_address);
    let tags = table.list("tags", label);
    let language = table.optional("language", language);
    let weight = table.or("weight", "50", whole(0..=100));
    let allow_private = table.or("allow_private", "false", switch);
    let pictures = pictures(table, located.as_ref());
    let full = table.or("full", "false", switch);
    let taxonomies = table.list("taxonomies", text);
    let settle = table.or("settle", "\"0s\"", duration("0s", "7d"));
    let story_choice = story_choice(table);
    let access = access(table);
    only_for(table, kind, "full", &[Kind::Feed, Kind::WordPress]);
    only_for(table, kind, "taxonomies", &[Kind::WordPress]);
    table.done();
    Some(Source {
        base_url,
        tags,
        language,
        weight,
        allow_private,
        pictures,
        full,
        taxonomies,
        settle_seconds: u32::try_from(settle.num_seconds()).unwrap_or_default(),
        choice: story_choice,
        access,
        ..Source::new(id?, name?, located?)
    })
}

fn only_for(table: &Table<'_>, kind: Kind, key: &str, kinds: &[Kind]) {
    if table.has(key) && !kinds.contains(&kind) {
        let words: Vec<&str> = KINDS.iter().filter(|(_, k)| kinds.contains(k)).map(|(word, _)| *word).collect();
        table.problem(key, format!("only for kind = \"{}\"", words.join("\" or \"")));
    }
}

fn story_choice(table: &Table<'_>) -> StoryChoice {
    StoryChoice {
        include_urls: table.list("include_urls", url_pattern),
        exclude_urls: table.list("exclude_urls", url_pattern),
        exclude_tags: table.list("exclude_tags", tag),
        exclude_authors: table.list("exclude_authors", words),
    }
}

fn url_pattern(node: &Node) -> Parsed<UrlPattern> {
    let text = node.text()?;
    UrlPattern::parse(text)
        .ok_or_else(|| format!("{text:?} fits no address: begin with /, * or https://, such as \"/news/*\""))
}

/// How its server is asked. What it is given must be sendable: a line break in a header would let it begin another.
fn access(table: &Table<'_>) -> Access {
    let user_agent = table.optional("user_agent", |node| {
        let text = node.text()?;
        is_header_value(text).then(|| text.to_owned()).ok_or_else(|| "must be one line of ASCII".to_owned())
    });
    let mut headers = table.list("headers", |node| header_line(node.text()?));
    if let Some(file) = table.optional("headers_file", path)
        && let Some(lines) = secrets::from_file(table, "headers_file", &file)
    {
        for line in lines.expose_secret().lines().filter(|line| !line.trim().is_empty()) {
            match header_line(line) {
                Ok(header) => headers.push(header),
                Err(sentence) => table.problem("headers_file", format!("{}: {sentence}", file.display())),
            }
        }
    }
    let username = table.optional("username", text);
    let password = secrets::optional(table, "password");
    let has_password = table.has("password") || table.has("password_file");
    if username.is_some() && !has_password {
        table.problem("username", "a username needs a password or password_file");
    } else if has_password && !table.has("username") {
        table.problem(if table.has("password") { "password" } else { "password_file" }, "a password needs a username");
    }
    let basic = username.zip(password).map(|(name, password)| (name, Secret::new(password.expose_secret().to_owned())));
    Access { user_agent, headers, basic }
}

/// `Name: value`. The sentence names no value: it may be a secret.
fn header_line(line: &str) -> Parsed<(String, Secret)> {
    let sound = line.split_once(':').map(|(name, value)| (name.trim(), value.trim()));
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    match sound {
        Some((name, value)) if is_name(name) && !value.is_empty() && is_header_value(value) => {
            Ok((name.to_owned(), Secret::new(value.to_owned())))
        }
        _ => Err("must be a header line such as \"X-Access: abc\"".to_owned()),
    }
}

fn is_header_value(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| (0x20..0x7f).contains(&b))
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
    let selector = table.optional("selector", |node| {
        let text = node.text()?;
        crate::collect::links::check_selector(text).map_err(|error| error.to_string())?;
        Ok(text.to_owned())
    });
    only_for(table, kind, "selector", &[Kind::Page]);
    table.clash("url", "path");
    match kind {
        Kind::Folder if had_url => {
            table.problem("url", "a folder has a path, not a url; for links to the web set base_url");
        }
        Kind::Folder if !had_path => table.problem("path", "missing; set it, such as path = \"articles\""),
        Kind::Page | Kind::SiteMap if had_path && !table.has("base_url") => {
            table.problem(
                "base_url",
                "missing; a file that lists pages needs the address where it would lie on the web",
            );
        }
        _ if !had_url && !had_path => {
            table.problem("url", "missing; set it, such as url = \"https://www.example.org/feed.xml\", or a path");
        }
        _ => {}
    }
    if kind == Kind::Folder {
        return path.map(SourceKind::Folder);
    }
    let place = document(url, path)?;
    Some(match kind {
        Kind::Feed | Kind::Folder => SourceKind::Feed(place),
        Kind::SiteMap => SourceKind::SiteMap(place),
        Kind::Page => SourceKind::Page { place, selector },
        Kind::WordPress => SourceKind::WordPress(place),
        Kind::Calendar => SourceKind::Calendar(place),
        Kind::Ranking => SourceKind::Ranking(place),
    })
}

fn document(url: Option<Url>, path: Option<PathBuf>) -> Option<Place> {
    url.map(Place::Url).or_else(|| path.map(Place::File))
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
    match (kind.url(), kind.path()) {
        (Some(url), _) => {
            let path = url.path().trim_end_matches('/');
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            format!("//{}{port}{path}?{}", url.host_str().unwrap_or_default(), url.query().unwrap_or_default())
        }
        (None, path) => {
            let parts = path.into_iter().flat_map(|path| path.components());
            let parts = parts.filter(|part| !matches!(part, std::path::Component::CurDir));
            parts.collect::<PathBuf>().display().to_string()
        }
    }
}
