//! The REST API of WordPress (`/wp-json/wp/v2/posts?_embed`) → [`Sighting`]s: posts with their real terms and people, and nothing scrolls off.
//!
//! Reads JSON and nothing else: no network, no clock. A closed API, as security plugins leave it, is told apart from a broken one, so that the feed
//! can stand in for it.

use crate::collect::clean::Cleaner;
use crate::collect::feed::byline;
use crate::collect::{dates, language, notices, prose};
use crate::domain::article::{ArticleText, PictureLink, Sighting, believed};
use crate::domain::source::Source;
use crate::domain::text::{Language, Line};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use url::Url;

/// The taxonomies that make tags unless a source names its own.
pub const TAXONOMIES: [&str; 2] = ["category", "post_tag"];
/// The most posts of one answer; WordPress itself gives at most 100.
const POSTS: usize = 500;

/// Why an answer holds no posts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordPressError {
    /// The site answers, and does not let us read: its own code and words.
    #[error("the WordPress API is closed ({code}: {message})")]
    Closed {
        /// WordPress' code, such as `rest_disabled`.
        code: String,
        /// Its sentence.
        message: String,
    },
    /// A page beyond the last was asked for: there is no more.
    #[error("there are no more posts")]
    NoMore,
    /// Not JSON, or none of WordPress.
    #[error("this is not an answer of the WordPress API: {0}")]
    Other(String),
}

/// Whether an error means that the site's feed should be read instead.
impl WordPressError {
    /// Whether the API is closed or absent, rather than at its end.
    pub fn asks_for_the_feed(&self) -> bool {
        !matches!(self, Self::NoMore)
    }
}

/// A page of posts.
#[derive(Debug, Clone, PartialEq)]
pub struct Posts {
    /// How many the answer holds: a full page of them has another behind it.
    pub shown: usize,
    /// Those that are read as stories.
    pub sightings: Vec<Sighting>,
}

/// Reads a page of posts. `url` is where it was fetched, `taxonomies` names those whose terms become labels.
pub fn read(
    bytes: &[u8],
    url: Option<&Url>,
    taxonomies: &[&str],
    source: &Source,
    now: DateTime<Utc>,
) -> Result<Posts, WordPressError> {
    let posts = posts(bytes)?;
    let read = posts.iter().take(POSTS).filter_map(|post| sighting(post, url, taxonomies, source, now));
    Ok(Posts { shown: posts.len(), sightings: read.collect() })
}

/// The posts of an answer, or why there are none.
fn posts(bytes: &[u8]) -> Result<Vec<Map<String, Value>>, WordPressError> {
    let text = String::from_utf8_lossy(bytes);
    // Warnings of PHP and byte order marks stand before the JSON of careless sites; neither begins with `[{`.
    let text = text.trim_start_matches('\u{FEFF}').trim();
    let parsed: Result<Value, _> = serde_json::from_str(text).or_else(|error| {
        let start = text.find("[{").or_else(|| text.find("{\"code\"")).filter(|at| *at > 0).ok_or(error)?;
        serde_json::from_str(&text[start..])
    });
    match parsed {
        Ok(Value::Array(values)) => Ok(values
            .into_iter()
            .filter_map(|value| match value {
                Value::Object(post) => Some(post),
                _ => None,
            })
            .collect()),
        Ok(Value::Object(object)) if object.contains_key("code") => Err(refusal(&object)),
        Ok(Value::Object(object)) if object.contains_key("title") => Ok(vec![object]),
        Ok(_) => Err(WordPressError::Other("some other JSON".to_owned())),
        Err(_) if text.is_empty() => Err(WordPressError::Other("nothing".to_owned())),
        Err(_) if text.starts_with('<') => Err(WordPressError::Other("a web page".to_owned())),
        Err(error) => Err(WordPressError::Other(format!("broken JSON, {error}"))),
    }
}

fn refusal(object: &Map<String, Value>) -> WordPressError {
    let text = |key: &str| object.get(key).and_then(Value::as_str).map(prose::line).unwrap_or_default();
    let code = text("code").as_str().to_owned();
    if code == "rest_post_invalid_page_number" {
        return WordPressError::NoMore;
    }
    WordPressError::Closed { message: text("message").as_str().trim_end_matches('.').to_owned(), code }
}

fn sighting(
    post: &Map<String, Value>,
    url: Option<&Url>,
    taxonomies: &[&str],
    source: &Source,
    now: DateTime<Utc>,
) -> Option<Sighting> {
    let address = text(post, "link").and_then(|link| web_url(&link, url));
    let rendered = |key: &str| text_in(post.get(key), "rendered");
    let content = rendered("content").unwrap_or_default();
    let body = prose::to_text(&content);
    let title = rendered("title").map(|title| prose::line(&title)).filter(|title| !title.is_empty())?;
    let excerpt = rendered("excerpt").map(|html| prose::to_text(&html)).unwrap_or_default();
    let summary = Some(prose::summary(&excerpt, prose::SUMMARY)).filter(|line| !line.is_empty());
    let is_own = summary.is_some();
    let summary = summary.unwrap_or_else(|| prose::lead(&body));
    let published_raw = text(post, "date_gmt").map(|at| format!("{at}Z")).or_else(|| text(post, "date"));
    let terms = terms(post);
    // Whatever makes no tag can still keep a story out, or say that somebody paid for it.
    if terms.iter().any(|(_, name)| source.choice.excludes(name)) {
        return None;
    }
    let mut labels: Vec<Line> = source.tags.iter().map(|tag| Line::clean_to(tag, 80)).collect();
    for (taxonomy, name) in &terms {
        // Every post without a category stands in "Uncategorized"; that says nothing.
        if taxonomies.contains(&taxonomy.as_str()) && !labels.contains(name) && name.as_str() != "Uncategorized" {
            labels.push(name.clone());
        }
    }
    let base = address.as_ref().or(url);
    Some(Sighting {
        guid: text_in(post.get("guid"), "rendered")
            .or_else(|| text(post, "id"))
            .map(|id| Line::clean_to(&id, 500).as_str().to_owned()),
        published_at: believed(published_raw.as_deref().and_then(dates::parse), now),
        updated_at: believed(text(post, "modified_gmt").and_then(|at| dates::parse(&format!("{at}Z"))), now),
        published_raw,
        text: ArticleText {
            language: language::of(
                text(post, "lang").and_then(|tag| Language::parse(&tag).ok()),
                source.language.as_ref(),
                title.as_str(),
                &body,
                summary.as_str(),
            ),
            column: terms.iter().find(|(taxonomy, _)| taxonomy == "category").map(|(_, name)| name.clone()),
            words: prose::words(&body),
            content: Cleaner::new(base).clean(&content),
            authors: authors(post),
            picture: picture(post, base).filter(|_| source.pictures.shows()),
            sponsored: notices::is_sponsored(
                title.as_str(),
                labels.iter().chain(terms.iter().map(|(_, name)| name)).map(Line::as_str),
                address.as_ref(),
            ),
            labels: labels.into_iter().take(40).collect(),
            title,
            summary_from_lead: !is_own && !summary.is_empty(),
            summary,
            ..ArticleText::default()
        },
        url: address,
    })
}

/// A field as text; numbers too.
fn text(object: &Map<String, Value>, key: &str) -> Option<String> {
    match object.get(key)? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A field of an object, or the value itself where a plugin flattened it.
fn text_in(value: Option<&Value>, key: &str) -> Option<String> {
    match value? {
        Value::Object(object) => text(object, key),
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        _ => None,
    }
}

fn web_url(raw: &str, base: Option<&Url>) -> Option<Url> {
    let url = Url::parse(raw).ok().or_else(|| base?.join(raw).ok())?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

fn embedded<'p>(post: &'p Map<String, Value>, relation: &str) -> impl Iterator<Item = &'p Map<String, Value>> {
    let values = post.get("_embedded").and_then(|all| all.get(relation)).and_then(Value::as_array);
    values.map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_object)
}

/// The terms of a post with their taxonomies: one list a taxonomy, in lists. A term that could not be embedded has a code instead of a name.
fn terms(post: &Map<String, Value>) -> Vec<(String, Line)> {
    let lists = post.get("_embedded").and_then(|all| all.get("wp:term")).and_then(Value::as_array);
    let lists = lists.map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_array);
    lists
        .flatten()
        .filter_map(Value::as_object)
        .filter_map(|term| {
            Some((text(term, "taxonomy")?, Line::clean_to(prose::line(&text(term, "name")?).as_str(), 80)))
        })
        .filter(|(_, name)| !name.is_empty())
        .take(100)
        .collect()
}

/// The people: those of a co-authors plugin before the one account that WordPress knows.
fn authors(post: &Map<String, Value>) -> Vec<Line> {
    let mut names: Vec<Line> = Vec::new();
    let listed = ["coauthors", "authors"].iter().find_map(|key| post.get(*key).and_then(Value::as_array));
    let listed = listed.map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_object);
    let co_authors =
        terms(post).into_iter().filter(|(taxonomy, _)| taxonomy == "author").map(|(_, name)| name.as_str().to_owned());
    let written = listed.filter_map(|person| text(person, "display_name").or_else(|| text(person, "name")));
    let accounts = embedded(post, "author").filter_map(|person| text(person, "name"));
    let all: Vec<String> = written.chain(co_authors).collect();
    let all = if all.is_empty() { accounts.collect() } else { all };
    for name in all.iter().flat_map(|name| byline(name)) {
        if !names.contains(&name) && names.len() < 12 {
            names.push(name);
        }
    }
    names
}

fn picture(post: &Map<String, Value>, base: Option<&Url>) -> Option<PictureLink> {
    let media = embedded(post, "wp:featuredmedia").next();
    let url = media.and_then(|media| text(media, "source_url")).or_else(|| text(post, "jetpack_featured_media_url"))?;
    let details = media.and_then(|media| media.get("media_details"));
    let side = |key: &str| details?.get(key)?.as_u64().and_then(|side| u32::try_from(side).ok());
    let caption = media.and_then(|media| text_in(media.get("caption"), "rendered"));
    let alt = media.and_then(|media| text(media, "alt_text")).or_else(|| caption.clone());
    let meta = details.and_then(|details| details.get("image_meta")).and_then(Value::as_object);
    let credit = meta.and_then(|meta| text(meta, "credit").or_else(|| text(meta, "copyright")));
    Some(PictureLink {
        alt: alt.map(|text| prose::line(&text)).unwrap_or_default(),
        credit: credit.map(|text| prose::line(&text)),
        size: side("width").zip(side("height")),
        ..PictureLink::new(web_url(&url, base)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::source::{Place, SourceKind};

    fn source() -> Source {
        let place = Place::Url(Url::parse("https://ex.org/").unwrap());
        crate::collect::tests::source("wp", SourceKind::Feed(place))
    }

    fn read(json: &str) -> Result<Vec<Sighting>, WordPressError> {
        read_as(json, &TAXONOMIES, &source())
    }

    fn read_as(json: &str, taxonomies: &[&str], source: &Source) -> Result<Vec<Sighting>, WordPressError> {
        let now = "2026-11-25T00:00:00Z".parse().unwrap();
        super::read(json.as_bytes(), None, taxonomies, source, now).map(|posts| posts.sightings)
    }

    const POST: &str = r#"[{"id":7,"date":"2026-11-20T09:30:00","date_gmt":"2026-11-20T08:30:00","modified_gmt":"2026-11-21T08:30:00",
        "guid":{"rendered":"https://ex.org/?p=7"},"link":"https://ex.org/2026/11/a-vote/","title":{"rendered":"Ministers&#8217; vote"},
        "excerpt":{"rendered":"<p>It failed by two votes. [&hellip;]</p>\n"},"content":{"rendered":"<p>It failed <a href=\"/x\">again</a>.</p><script>x()</script>"},
        "_embedded":{"author":[{"name":"Ann Smith","slug":"ann"}],"wp:featuredmedia":[{"source_url":"https://ex.org/a.jpg","alt_text":"A hall",
        "media_details":{"width":1200,"height":800,"image_meta":{"credit":"Cy Orr"}}}],
        "wp:term":[[{"taxonomy":"category","name":"Politics &amp; Law"},{"taxonomy":"category","name":"Uncategorized"}],[{"taxonomy":"post_tag","name":"Iran"}],[{"taxonomy":"mood","name":"grim"}]]}}]"#;

    #[test]
    fn a_post_has_its_terms_people_and_picture() {
        let seen = read(POST).unwrap().remove(0);
        assert_eq!(seen.text.title.as_str(), "Ministers’ vote");
        assert_eq!(seen.text.summary.as_str(), "It failed by two votes.");
        assert_eq!(seen.text.labels.iter().map(Line::as_str).collect::<Vec<_>>(), ["Politics & Law", "Iran"]);
        assert_eq!(
            (seen.text.authors[0].as_str(), seen.text.column.unwrap().as_str()),
            ("Ann Smith", "Politics & Law")
        );
        assert_eq!(seen.published_at.unwrap().to_rfc3339(), "2026-11-20T08:30:00+00:00");
        let picture = seen.text.picture.unwrap();
        assert_eq!((picture.size, picture.credit.unwrap().as_str()), (Some((1200, 800)), "Cy Orr"));
        assert!(
            seen.text.content.as_str().contains("https://ex.org/x") && !seen.text.content.as_str().contains("script")
        );
        assert_eq!((seen.guid.as_deref(), seen.url.unwrap().path()), (Some("https://ex.org/?p=7"), "/2026/11/a-vote/"));
    }

    #[test]
    fn a_closed_api_and_the_end_of_the_list_are_told_apart() {
        let closed =
            read(r#"{"code":"rest_cannot_access","message":"Only authenticated users.","data":{"status":401}}"#)
                .unwrap_err();
        assert_eq!(closed.to_string(), "the WordPress API is closed (rest_cannot_access: Only authenticated users)");
        assert!(closed.asks_for_the_feed());
        let end = read(r#"{"code":"rest_post_invalid_page_number","message":"x","data":{"status":400}}"#).unwrap_err();
        assert!(!end.asks_for_the_feed());
        assert!(read("<html>Blocked").unwrap_err().to_string().ends_with("a web page"));
    }

    #[test]
    fn a_warning_of_php_before_the_json_is_no_trouble() {
        assert_eq!(read(&format!("<b>Warning</b>: x in y.php\n{POST}")).unwrap().len(), 1);
        assert_eq!(read("[]").unwrap().len(), 0);
        assert_eq!(read(r#"[1,{"title":{"rendered":""}},{"title":"Flat","link":7}]"#).unwrap().len(), 1);
    }

    #[test]
    fn the_taxonomies_that_a_source_names_make_its_tags_and_no_others() {
        let text = read_as(POST, &["mood"], &source()).unwrap().remove(0).text;
        assert_eq!(text.labels.iter().map(Line::as_str).collect::<Vec<_>>(), ["grim"]);
        assert_eq!(text.column.unwrap().as_str(), "Politics & Law", "a column is none of the tags");
    }

    #[test]
    fn a_term_that_makes_no_tag_still_keeps_a_story_out_or_says_that_it_is_paid_for() {
        let mut source = source();
        let paid = POST.replace("\"grim\"", "\"Sponsored\"");
        let read = |json: &str, source: &Source| read_as(json, &["post_tag"], source).unwrap();
        assert!(read(&paid, &source)[0].text.sponsored && !read(POST, &source)[0].text.sponsored);
        for (term, is_kept) in [("Mood", true), ("GRIM", false), ("Uncategorized", false), ("iran", false)] {
            source.choice.exclude_tags = crate::domain::tag::Tag::parse(term).into_iter().collect();
            assert_eq!(read(POST, &source).len() == 1, is_kept, "{term}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(\\[|\\{|\"title\"|:|,|\"a\"|1|\\}|\\]|\\PC){0,40}") {
            let _ = read(&text);
        }
    }
}
