//! When an article was published: as it declares, as its markup marks, as its address says, as its text tells. Looks from the surest to the vaguest and
//! takes the first that can be read; decides nothing about whether a date is believed.

use super::frame::{all, is_beside, is_others, text_of};
use super::json_ld::Described;
use super::meta::{Metas, resolve};
use super::parsely::Parsely;
use crate::collect::dates::{self, Order};
use crate::domain::text::Language;
use chrono::{DateTime, Utc};
use scraper::{ElementRef, Html, Node};
use url::Url;

/// A date, with the words that said it.
#[derive(Debug, Clone)]
pub struct Dated {
    /// As written.
    pub raw: String,
    /// As understood.
    pub at: DateTime<Utc>,
}

/// Where the article is looked at from: everything that may say a date.
pub struct Evidence<'d> {
    /// The page.
    pub document: &'d Html,
    /// Its source, for what stands in its scripts.
    pub html: &'d str,
    /// Its `meta` elements.
    pub metas: &'d Metas,
    /// Its JSON-LD.
    pub described: &'d Described,
    /// Its record for Parse.ly.
    pub parsely: &'d Parsely,
    /// Its own address.
    pub address: Option<&'d Url>,
    /// Its language, which says whether 3/4 is in March or in April.
    pub language: Option<&'d Language>,
}

/// The names of `meta` elements that say when a page was published, the surest first.
const PUBLISHED: &[&str] = &[
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "og:original_time",
    "og:datepublished",
    "published_time",
    "prism.publicationdate",
    "original-publish-date",
    "published_date",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "date",
    "dc.date.issued",
    "dc.issued",
    "dc.date",
    "dc:date",
    "dcterms.created",
    "dcterms.issued",
    "dcterms.date",
    "dc.date.created",
    "dc.created",
    "dc:created",
    "pubdate",
    "pub_date",
    "publishdate",
    "publish-date",
    "publish_date",
    "published-date",
    "publisheddate",
    "publication_date",
    "publicationdate",
    "article:published",
    "article:post_date",
    "article.published",
    "article_date_original",
    "originalpublicationdate",
    "citation_publication_date",
    "citation_date",
    "cxenseparse:recs:publishtime",
    "bt:pubdate",
    "rnews:datepublished",
    "shareaholic:article_published_time",
    "firstpublished",
    "displaydate",
    "datecreated",
    "created",
    "time",
    "timestamp",
    "og:regdate",
    "regdate",
];

/// The same for its last change.
const MODIFIED: &[&str] = &[
    "article:modified_time",
    "og:updated_time",
    "og:article:modified_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "dc.modified",
    "last-modified",
    "lastmodified",
    "lastmod",
    "revised",
    "updated",
    "modified",
    "article.updated",
    "dateupdate",
    "dateupdated",
];

impl Evidence<'_> {
    /// When it was published.
    pub fn published(&self) -> Option<Dated> {
        let found = self
            .declared()
            .or_else(|| self.in_address())
            .or_else(|| self.marked())
            .or_else(|| self.in_scripts())
            .or_else(|| self.told(Place::Within))
            .or_else(|| self.in_title())
            .or_else(|| self.told(Place::Beside))?;
        Some(self.to_the_minute(&found).unwrap_or(found))
    }

    /// The instant where only a day is declared, and the markup of the article names one of that day.
    fn to_the_minute(&self, declared: &Dated) -> Option<Dated> {
        if dates::has_time(&declared.raw) {
            return None;
        }
        let places = "[itemprop~=datePublished], time[pubdate], article time[datetime], main time[datetime], .published, .dt-published";
        let marked = all(self.document, places).filter(|e| !is_others(*e) && !is_quoted(*e) && !is_revised(e)).take(3);
        let written = marked.filter_map(|e| ["datetime", "content", "title"].iter().find_map(|key| e.attr(key)));
        // The day as written may be the one before or after that of UTC: either will do.
        let day = declared.at.date_naive();
        let is_written = |dated: &Dated| {
            self.find(&dated.raw[..dated.raw.floor_char_boundary(10)]).is_some_and(|at| at.at.date_naive() == day)
        };
        let same = |dated: &Dated| dates::has_time(&dated.raw) && (dated.at.date_naive() == day || is_written(dated));
        written.filter_map(|raw| self.read(raw)).find(same)
    }

    /// The day that the address of its picture names: most programs file pictures by the day they were put up, which is that of the article or before.
    /// Too vague to count a story by, and better than nothing for whoever asks.
    pub fn supposed(&self) -> Option<DateTime<Utc>> {
        let named = self.metas.every("og:image").iter().chain(self.metas.every("twitter:image")).map(String::as_str);
        let shown = all(self.document, "img[src]").filter(|e| !is_beside(*e));
        let addresses = named.chain(shown.filter_map(|image| image.attr("src")).take(20));
        addresses.filter_map(|address| dates::in_address(&resolve(address, self.address)?)).max()
    }

    /// When it was last changed.
    pub fn updated(&self) -> Option<Dated> {
        let declared = MODIFIED.iter().flat_map(|name| self.metas.every(name)).chain(self.described.modified.as_ref());
        declared.into_iter().find_map(|raw| self.read(raw)).or_else(|| {
            let places = "[itemprop~=dateModified], [class*=updated i] time, time.updated, .dt-updated";
            self.within(places)
        })
    }

    fn declared(&self) -> Option<Dated> {
        let said = self.described.published.iter();
        let metas = PUBLISHED.iter().flat_map(|name| self.metas.every(name));
        said.chain(metas).chain(self.parsely.published.as_ref()).find_map(|raw| self.read(raw))
    }

    fn in_address(&self) -> Option<Dated> {
        let at = dates::in_address(self.address?)?;
        Some(Dated { raw: at.date_naive().to_string(), at })
    }

    /// Elements that markup or their names call a date.
    fn marked(&self) -> Option<Dated> {
        const PLACES: [&str; 19] = [
            "[itemprop~=datePublished], [itemprop~=dateCreated]",
            "time[pubdate], abbr.published, abbr[class*=date i]",
            "article header time",
            "[class*=publishdate i], [class*=publish-date i], [class*=publish_date i]",
            "article time",
            "header time",
            "main time",
            ".published, .dt-published",
            ".entry-date, .post-date, .article-date, .date-published",
            "[class*=publish i], [id*=publish i]",
            "[class*=post i][class*=date i], [class*=article i][class*=date i], [class*=date-header i]",
            ".date, #date",
            "time",
            "cite abbr[title], abbr[title]",
            "[class*=date i], [class*=datum i], [class*=fecha i]",
            "[class*=timestamp i], [class*=posted i], [class*=created i], [class*=-time i], [class*=submitted i]",
            "abbr[data-utime], [data-utime], [data-timestamp], [data-time]",
            "[class*=byline i], [class*=meta i], [class*=info i]",
            "[id*=date i]",
        ];
        PLACES.iter().find_map(|place| self.within(place))
    }

    /// The first date in the elements of a kind, those that were revised after those that were not.
    fn within(&self, places: &str) -> Option<Dated> {
        let found: Vec<ElementRef<'_>> =
            all(self.document, places).filter(|e| !is_others(*e) && !is_quoted(*e)).take(6).collect();
        let (later, first): (Vec<_>, Vec<_>) = found.into_iter().partition(is_revised);
        first.into_iter().chain(later).find_map(|element| self.of(element))
    }

    /// What an element says: in an attribute, else in a few words.
    fn of(&self, element: ElementRef<'_>) -> Option<Dated> {
        let written = ["datetime", "content", "data-datetime", "data-utime", "data-timestamp", "data-time", "title"];
        written.iter().filter_map(|key| element.attr(key)).find_map(|raw| self.read(raw)).or_else(|| {
            let words: Vec<&str> = element.text().take(40).flat_map(str::split_whitespace).collect();
            let text = Some(words.join(" ")).filter(|text| text.chars().count() < 160)?;
            self.find(&text).or_else(|| is_short_day(&text).then(|| self.read(&text))?)
        })
    }

    /// A text that is a date and nothing else.
    fn read(&self, raw: &str) -> Option<Dated> {
        let at = dates::parse_as(raw, self.order())?;
        Some(Dated { raw: raw.trim().to_owned(), at })
    }

    /// A date among other words.
    fn find(&self, text: &str) -> Option<Dated> {
        let (range, at) = dates::find(text, self.order())?;
        Some(Dated { raw: text.get(range)?.to_owned(), at })
    }

    fn order(&self) -> Order {
        let us = self.language.is_none_or(|language| matches!(language.as_str(), "en" | "en-us" | "en-ca" | "en-ph"));
        if us { Order::MonthFirst } else { Order::DayFirst }
    }

    /// `"datePublished":"2026-11-20"` or `pubtime: '2026-11-20'` in a script that is no JSON-LD, or in JSON-LD that cannot be read.
    fn in_scripts(&self) -> Option<Dated> {
        const KEYS: [&str; 13] = [
            "datePublished",
            "published_time",
            "publishedAt",
            "published_at",
            "publishDate",
            "publish_date",
            "publicationDate",
            "publication_date",
            "date_published",
            "dateCreated",
            "pubtime",
            "pubDate",
            "publishTime",
        ];
        KEYS.iter().find_map(|key| {
            memchr::memmem::find_iter(self.html.as_bytes(), key.as_bytes())
                .take(20)
                .find_map(|at| self.read(value_behind(self.html, at, key.len())?))
        })
    }

    /// A date in the words of the page: after "published" or the like, else alone in a short line above the text. In what stands beside the article
    /// only the former, since other stories have dates too.
    fn told(&self, place: Place) -> Option<Dated> {
        let mut best: Option<(u32, Dated)> = None;
        let mut after_heading = 0_u32;
        let mut lines = 0_u32;
        let mut previous = "";
        for node in self.document.tree.root().descendants() {
            match node.value() {
                Node::Element(element) if matches!(element.name(), "h1" | "h2") => after_heading = 1,
                Node::Text(text) if text.trim().len() > 3 => {
                    lines += 1;
                    after_heading += u32::from(after_heading > 0);
                    let label = std::mem::replace(&mut previous, text.trim());
                    let Some(parent) = node.parent().and_then(ElementRef::wrap) else { continue };
                    if lines > 3_000
                        || !text.bytes().any(|b| b.is_ascii_digit()) && text.is_ascii()
                        || is_aside(parent)
                        || is_beside(parent) != (place == Place::Beside)
                    {
                        continue;
                    }
                    let near = (1..40).contains(&after_heading);
                    if let Some((weight, found)) = self.in_line(text, is_label(label), near)
                        && best.as_ref().is_none_or(|(known, _)| *known < weight)
                    {
                        best = Some((weight, found));
                    }
                }
                _ => {}
            }
        }
        let least = if place == Place::Beside { 5 } else { 2 };
        best.filter(|(weight, _)| *weight >= least).map(|(_, found)| found)
    }

    /// How surely a line of the page says when it was published.
    fn in_line(&self, text: &str, is_labelled: bool, near_heading: bool) -> Option<(u32, Dated)> {
        let head: String = text.trim().chars().take(240).collect();
        let found = self.find(&head)?;
        let at = head.find(&found.raw)?;
        let before = head[..at].to_lowercase();
        let around = head.to_lowercase();
        // Whoever writes a whole day behind it means that of the text, and not the years of a right; others say it better.
        let is_right = before.contains('©') || before.contains("copyright");
        let rest = head.chars().count().saturating_sub(found.raw.chars().count());
        // "Feb. 23, 2015 -- Allergies have …": agencies begin their texts so.
        let dateline =
            at == 0 && ["--", "—", "–"].iter().any(|dash| head[found.raw.len()..].trim_start().starts_with(dash));
        let cue =
            is_labelled || CUES.iter().any(|cue| before.contains(cue)) || AFTER.iter().any(|cue| around.contains(cue));
        let revised = REVISED.iter().any(|cue| around.contains(cue));
        let weight = if cue { 5 } else { 0 }
            + if revised { 3 } else { 0 }
            + if dateline { 2 } else { 0 }
            + if rest <= 12 { 3 } else { u32::from(rest <= 60) }
            + u32::from(near_heading);
        Some((if is_right { 2 } else { weight }, found))
    }

    fn in_title(&self) -> Option<Dated> {
        let title = all(self.document, "title").next().map(text_of)?;
        self.find(title.as_str())
    }
}

/// Whether an element says when something was changed rather than published.
fn is_revised(element: &ElementRef<'_>) -> bool {
    let named = [element.attr("class"), element.attr("itemprop")].into_iter().flatten();
    named.map(str::to_ascii_lowercase).any(|name| name.contains("updat") || name.contains("modif"))
}

/// A day with a short year, as `05 Mar 19`, where it stands alone in an element that is called a date.
fn is_short_day(text: &str) -> bool {
    let mut words = text.split(' ');
    let number = |word: Option<&str>| word.is_some_and(|w| w.len() <= 2 && w.bytes().all(|b| b.is_ascii_digit()));
    number(words.next())
        && words.next().is_some_and(|w| w.chars().count() >= 3 && w.chars().all(|c| c.is_alphabetic() || c == '.'))
        && number(words.next())
        && words.next().is_none()
}

/// What a script gives for a key that begins at some place, if that is a whole key and has a text or a number.
fn value_behind(html: &str, at: usize, length: usize) -> Option<&str> {
    let whole = html.get(..at)?.chars().next_back().is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '_' | '-'));
    let rest = html.get(at + length..).filter(|_| whole)?;
    let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest).trim_start().strip_prefix([':', '='])?.trim_start();
    let text = rest.strip_prefix(['"', '\'']).and_then(|inner| inner.split(['"', '\'']).next());
    let number = || rest.split(|c: char| !c.is_ascii_digit()).next();
    text.or_else(number).filter(|value| value.len() < 60)
}

/// Where words of the page are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In what belongs to the article.
    Within,
    /// In what stands beside it.
    Beside,
}

/// Whether a short text of its own says what stands behind it: `<dt>Datum</dt><dd>12.01.2017</dd>`.
fn is_label(text: &str) -> bool {
    const LABELS: [&str; 12] =
        ["date", "datum", "data", "fecha", "dato", "tarih", "дата", "日期", "日付", "날짜", "التاريخ", "תאריך"];
    let text = text.trim_end_matches([':', '：', ' ']).to_lowercase();
    text.chars().count() <= 30
        && !text.contains(|c: char| c.is_ascii_digit())
        && (LABELS.contains(&text.as_str()) || CUES.iter().any(|cue| !cue.ends_with(':') && text.contains(cue)))
}

/// Words before the day of publication.
const CUES: [&str; 34] = [
    "published",
    "posted",
    "released",
    "date:",
    "written on",
    "issued",
    "filed",
    "submitted",
    "on:",
    "veröffentlicht",
    "erschienen",
    "datum",
    "vom",
    "gespeichert",
    "erstellt",
    "publié",
    "mis en ligne",
    "paru",
    "publicado",
    "publicada",
    "fecha",
    "data:",
    "pubblicato",
    "gepubliceerd",
    "geplaatst",
    "opublikowano",
    "dodano",
    "опубликовано",
    "дата",
    "yayın",
    "yayım",
    "تاريخ",
    "تاریخ",
    "发布",
];
/// The same behind it.
const AFTER: [&str; 3] = ["tarihinde yay", "に公開", "発行"];
/// Words around the day of the last change, which is better than none.
const REVISED: [&str; 16] = [
    "updated",
    "modified",
    "revised",
    "reviewed",
    "stand:",
    "aktualisier",
    "geändert",
    "mis à jour",
    "modifié",
    "actualizado",
    "aggiornato",
    "bijgewerkt",
    "güncelle",
    "обновлено",
    "更新",
    "به‌روز",
];

/// Whether words stand where no article says its own date.
fn is_aside(parent: ElementRef<'_>) -> bool {
    matches!(parent.value().name(), "script" | "style" | "option" | "noscript" | "textarea" | "title" | "code" | "pre")
        || parent.ancestors().filter_map(ElementRef::wrap).any(|e| e.value().name() == "footer" && !within_article(e))
}

/// Posts of others that are shown in the text have dates of their own.
fn is_quoted(element: ElementRef<'_>) -> bool {
    element.ancestors().filter_map(ElementRef::wrap).any(|e| matches!(e.value().name(), "blockquote" | "figure"))
}

fn within_article(element: ElementRef<'_>) -> bool {
    element.ancestors().filter_map(ElementRef::wrap).any(|e| matches!(e.value().name(), "article" | "main"))
}
