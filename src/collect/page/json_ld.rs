//! What a page says of itself in JSON-LD (schema.org): the article among everything else, `@graph` included.

use super::names;
use crate::collect::feed::Person;
use crate::collect::prose;
use crate::domain::text::Line;
use serde_json::{Map, Value};

/// What the article's object says.
#[derive(Debug, Default)]
pub struct Described {
    pub headline: Option<Line>,
    /// What it is called, where it has a headline besides.
    pub name: Option<Line>,
    pub authors: Vec<Line>,
    /// Whether no person is among them.
    pub by_organisation: bool,
    pub description: Option<Line>,
    pub published: Option<String>,
    pub modified: Option<String>,
    pub section: Vec<Line>,
    pub keywords: Vec<Line>,
    pub language: Option<String>,
    pub image: Option<DescribedImage>,
    pub url: Option<String>,
    pub publisher: Option<Line>,
    /// What the site is called.
    pub site: Option<Line>,
    pub body: Option<String>,
    pub free: Option<bool>,
    /// Whether it is an advertiser's.
    pub paid_for: bool,
    /// The last part of the breadcrumbs that is not the article itself.
    pub breadcrumb: Option<Line>,
}

/// A picture as JSON-LD describes it.
#[derive(Debug, Clone, Default)]
pub struct DescribedImage {
    pub url: String,
    pub caption: Option<Line>,
    pub credit: Option<Line>,
    pub licence: Option<Line>,
    pub size: Option<(u32, u32)>,
}

/// Reads the scripts of a page; the first object that is an article wins.
pub fn read(scripts: impl Iterator<Item = String>) -> Described {
    let values: Vec<Value> = scripts.filter_map(|text| parse(&text)).collect();
    let mut objects = Vec::new();
    for value in &values {
        flatten(value, &mut objects, 0);
    }
    let article =
        objects.iter().filter_map(|object| rank(object).map(|rank| (rank, *object))).min_by_key(|(rank, _)| *rank);
    let mut described = article.map(|(_, object)| describe(object, &objects)).unwrap_or_default();
    described.site = objects
        .iter()
        .find(|object| texts(object.get("@type")).iter().any(|t| t == "WebSite"))
        .and_then(|site| texts(site.get("name")).first().map(|name| prose::line(name)).filter(|name| !name.is_empty()));
    described.breadcrumb = breadcrumb(&objects, described.headline.as_ref().or(described.name.as_ref()));
    described
}

/// Every object of a page's scripts, wherever it stands in another.
pub fn every(scripts: impl Iterator<Item = String>) -> Vec<Map<String, Value>> {
    fn gather(value: &Value, found: &mut Vec<Map<String, Value>>, depth: usize) {
        if depth > 8 || found.len() > 5_000 {
            return;
        }
        match value {
            Value::Array(values) => values.iter().for_each(|value| gather(value, found, depth + 1)),
            Value::Object(object) => {
                found.push(object.clone());
                object.values().filter(|inner| !inner.is_string()).for_each(|inner| gather(inner, found, depth + 1));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    scripts.filter_map(|text| parse(&text)).for_each(|value| gather(&value, &mut found, 0));
    found
}

/// JSON as pages write it: in comments or CDATA, with raw line breaks in strings.
fn parse(text: &str) -> Option<Value> {
    let text = text.trim().trim_start_matches("<!--").trim_start_matches("//<![CDATA[").trim_start_matches("<![CDATA[");
    let text =
        text.trim_end_matches("-->").trim_end_matches("//]]>").trim_end_matches("]]>").trim().trim_end_matches(';');
    let first = |text: &str| serde_json::Deserializer::from_str(text).into_iter::<Value>().next()?.ok();
    let spelt = text.replace(|c: char| c.is_control(), " ");
    first(text)
        .or_else(|| first(&spelt))
        .or_else(|| first(&quotes_in_tags_mended(&spelt)))
        .or_else(|| (!spelt.contains('"')).then(|| first(&crate::collect::entities::decode(&spelt))).flatten())
}

/// Markup inside a string, with its quotes left as they were: `"name": "<a href="/ann">Ann</a>"`.
fn quotes_in_tags_mended(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let end = tag.find('>').filter(|end| *end < 400).map_or(1, |end| end + 1);
        out.push_str(&tag[..end].replace("\\\"", "'").replace('"', "'"));
        rest = &tag[end..];
    }
    out.push_str(rest);
    out.replace(",}", "}").replace(",]", "]").replace(", }", "}").replace(", ]", "]")
}

fn flatten<'v>(value: &'v Value, objects: &mut Vec<&'v Map<String, Value>>, depth: usize) {
    if depth > 6 || objects.len() > 500 {
        return;
    }
    match value {
        Value::Array(values) => values.iter().for_each(|value| flatten(value, objects, depth + 1)),
        Value::Object(object) => {
            objects.push(object);
            for key in ["@graph", "mainEntity", "itemListElement"] {
                if let Some(inner) = object.get(key) {
                    flatten(inner, objects, depth + 1);
                }
            }
        }
        _ => {}
    }
}

/// How surely an object is the article: the lower the surer.
fn rank(object: &Map<String, Value>) -> Option<u8> {
    let types = texts(object.get("@type"));
    let is = |names: &[&str]| types.iter().any(|t| names.contains(&t.rsplit('/').next().unwrap_or(t)));
    if is(&[
        "NewsArticle",
        "ReportageNewsArticle",
        "AnalysisNewsArticle",
        "OpinionNewsArticle",
        "BackgroundNewsArticle",
        "ReviewNewsArticle",
        "AskPublicNewsArticle",
    ]) {
        Some(0)
    } else if is(&[
        "Article",
        "BlogPosting",
        "LiveBlogPosting",
        "Report",
        "TechArticle",
        "ScholarlyArticle",
        "SocialMediaPosting",
        "AdvertiserContentArticle",
    ]) {
        Some(1)
    } else if is(&["WebPage", "ItemPage"]) && object.contains_key("headline") {
        Some(2)
    } else {
        None
    }
}

fn describe(object: &Map<String, Value>, all: &[&Map<String, Value>]) -> Described {
    let text = |key: &str| texts(object.get(key)).into_iter().next();
    let line = |key: &str| text(key).map(|t| prose::line(&t)).filter(|l| !l.is_empty());
    let people = |key: &str, organisations: bool| {
        let of_kind = values(object.get(key)).filter(|value| organisations || !is_organisation(value));
        names(of_kind.filter_map(|value| person(value, all)))
    };
    // An agency beside people did not write it.
    let ways = [("author", false), ("creator", false), ("author", true), ("creator", true)];
    let authors = ways.iter().map(|(key, any)| people(key, *any)).find(|found| !found.is_empty()).unwrap_or_default();
    let named: Vec<&Value> = values(object.get("author")).chain(values(object.get("creator"))).collect();
    Described {
        headline: line("headline"),
        name: line("name"),
        authors,
        by_organisation: !named.is_empty() && named.iter().all(|value| is_organisation(value)),
        description: line("description"),
        published: text("datePublished").or_else(|| text("dateCreated")),
        modified: text("dateModified"),
        section: texts(object.get("articleSection")).iter().map(|t| prose::line(t)).filter(|l| !l.is_empty()).collect(),
        keywords: Some(keywords(object.get("keywords")))
            .filter(|found| !found.is_empty())
            .unwrap_or_else(|| keywords(object.get("about"))),
        language: text("inLanguage")
            .or_else(|| object.get("inLanguage")?.get("alternateName")?.as_str().map(str::to_owned)),
        image: values(object.get("image"))
            .chain(values(object.get("thumbnailUrl")))
            .find_map(|value| image(value, all)),
        url: text("mainEntityOfPage")
            .or_else(|| object.get("mainEntityOfPage")?.get("@id")?.as_str().map(str::to_owned))
            .or_else(|| text("url")),
        publisher: values(object.get("publisher"))
            .find_map(|value| person(value, all))
            .and_then(|p| p.name)
            .map(|n| prose::line(&n)),
        body: text("articleBody"),
        free: is_free(object),
        paid_for: texts(object.get("@type")).iter().any(|t| t.ends_with("AdvertiserContentArticle")),
        breadcrumb: None,
        site: None,
    }
}

/// The last part of a `BreadcrumbList` that is neither the front page nor the article.
fn breadcrumb(objects: &[&Map<String, Value>], headline: Option<&Line>) -> Option<Line> {
    let list = objects.iter().find(|object| texts(object.get("@type")).iter().any(|t| t == "BreadcrumbList"))?;
    let name = |value: &Value| {
        let direct = value.get("name").and_then(Value::as_str);
        direct.or_else(|| value.get("item")?.get("name")?.as_str()).map(prose::line)
    };
    let parts = values(list.get("itemListElement"))
        .filter_map(name)
        .filter(|part| (2..=40).contains(&part.as_str().chars().count()));
    parts.filter(|part| !super::labels::is_home(part.as_str()) && Some(part) != headline).last()
}

/// Whether it, or any part of it, is said to cost something.
fn is_free(object: &Map<String, Value>) -> Option<bool> {
    let own = object.get("isAccessibleForFree").and_then(truth);
    let parts = values(object.get("hasPart")).filter_map(|part| part.get("isAccessibleForFree").and_then(truth));
    own.into_iter().chain(parts).reduce(|all, part| all && part)
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(free) => Some(*free),
        Value::String(text) => Some(text.trim().to_ascii_lowercase().ends_with("true")),
        _ => None,
    }
}

fn values(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    match value {
        Some(Value::Array(many)) => many.iter(),
        Some(one) => std::slice::from_ref(one).iter(),
        None => [].iter(),
    }
}

/// The texts of a value: a string, several, or objects with `@value`.
pub fn texts(value: Option<&Value>) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Object(object) => object.get("@value").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    values(value).filter_map(text).filter(|t| !t.is_empty()).take(100).collect()
}

/// A person or organisation: a name, an object with one, or a reference to such an object.
fn person(value: &Value, all: &[&Map<String, Value>]) -> Option<Person> {
    match value {
        Value::String(name) if !name.starts_with("http") => Person::parse(name),
        Value::Object(object) => {
            let names = texts(object.get("name"));
            let name = (!names.is_empty()).then(|| names.join(" and ")).or_else(|| {
                let part = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
                Some(format!("{} {}", part("givenName"), part("familyName")).trim().to_owned())
                    .filter(|n| !n.is_empty())
            });
            let name = name.or_else(|| texts(referred(object, all)?.get("name")).into_iter().next())?;
            Person::parse(&name)
        }
        _ => None,
    }
}

fn is_organisation(value: &Value) -> bool {
    texts(value.get("@type")).iter().any(|kind| kind.ends_with("Organization"))
}

/// The object that a lone `@id` refers to.
fn referred<'v>(object: &Map<String, Value>, all: &[&'v Map<String, Value>]) -> Option<&'v Map<String, Value>> {
    let id = object.get("@id")?.as_str()?;
    all.iter().find(|other| other.len() > 1 && other.get("@id").and_then(Value::as_str) == Some(id)).copied()
}

fn keywords(value: Option<&Value>) -> Vec<Line> {
    let mut found: Vec<Line> = Vec::new();
    let texts: Vec<String> = match value {
        Some(Value::Array(many)) => many
            .iter()
            .filter_map(|v| v.as_str().map(str::to_owned).or_else(|| v.get("name")?.as_str().map(str::to_owned)))
            .collect(),
        Some(Value::String(text)) => prose::unescaped(text).split([',', ';']).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    for label in texts.iter().map(|t| Line::clean_to(prose::line(t).as_str(), 80)) {
        // Some content systems put their own marks among the keywords: "type:article".
        if !label.is_empty() && !label.as_str().contains(':') && !found.contains(&label) && found.len() < 40 {
            found.push(label);
        }
    }
    found
}

/// A number of pixels: `640`, `"640"`, `"640px"`, or an object with a `value`.
fn pixels(value: Option<&Value>) -> Option<u32> {
    match value? {
        Value::Number(number) => u32::try_from(number.as_u64()?).ok(),
        Value::String(text) => text.trim().trim_end_matches("px").trim().parse().ok(),
        Value::Object(object) => pixels(object.get("value").filter(|inner| !inner.is_object())),
        _ => None,
    }
    .filter(|number| *number > 0)
}

fn image(value: &Value, all: &[&Map<String, Value>]) -> Option<DescribedImage> {
    match value {
        Value::String(url) => Some(DescribedImage { url: url.clone(), ..DescribedImage::default() }),
        Value::Object(object) => {
            let object = if object.contains_key("url") || object.contains_key("contentUrl") {
                object
            } else {
                referred(object, all)?
            };
            let line = |key: &str| texts(object.get(key)).first().map(|t| prose::line(t)).filter(|l| !l.is_empty());
            let url = texts(object.get("url")).into_iter().chain(texts(object.get("contentUrl"))).next()?;
            let credit = line("creditText").or_else(|| {
                values(object.get("creator")).find_map(|v| person(v, all)).and_then(|p| p.name).map(|n| prose::line(&n))
            });
            Some(DescribedImage {
                url,
                caption: line("caption").or_else(|| line("description")),
                credit: credit.or_else(|| line("copyrightNotice")),
                licence: line("license"),
                size: pixels(object.get("width")).zip(pixels(object.get("height"))),
            })
        }
        _ => None,
    }
}
