//! The headline of a page: what it declares, what it shows, and which of them is right; and the site's name where only the title has it.

use super::frame::{all, first, is_beside, text_of};
use super::json_ld::Described;
use super::meta::Metas;
use super::parsely::Parsely;
use crate::domain::text::Line;
use scraper::{ElementRef, Html, Selector};
use url::Url;

/// What stands between a headline and a site's name.
const BARS: [&str; 11] = [" | ", " - ", " – ", " — ", " · ", " • ", " :: ", " » ", " « ", " › ", " ‹ "];

/// The names of `meta` elements that hold the headline.
const DECLARED: [&str; 10] = [
    "dc:title",
    "dc.title",
    "dcterms.title",
    "og:title",
    "twitter:title",
    "sailthru.title",
    "parsely-title",
    "headline",
    "citation_title",
    "title",
];

/// Everything in a page that may be its headline.
pub struct Titles {
    declared: Vec<Line>,
    heading: Option<Line>,
    titled: Option<Line>,
}

impl Titles {
    /// Collects them.
    pub fn of(document: &Html, metas: &Metas, described: &Described, parsely: &Parsely) -> Self {
        let titled = first(document, "head title, title").map(text_of).filter(|t| !t.is_empty());
        let metas = DECLARED.iter().flat_map(|name| metas.every(name)).map(|text| crate::collect::prose::line(text));
        let declared: Vec<Line> =
            described.headline.iter().cloned().chain(metas).chain(parsely.title.clone()).collect();
        let mut declared: Vec<Line> = declared.into_iter().filter(|line| !line.is_empty()).collect();
        let heading = heading(document, &declared, titled.as_ref());
        // A name beside the headline is often the better one, but some name the site or a file there: only if the page shows it.
        let shown = |name: &&Line| heading.as_ref().is_some_and(|h| same(h, name)) || begins(titled.as_ref(), name);
        // Encyclopedias put a description where the headline belongs: in the middle of a sentence.
        let small = |line: Option<&Line>| line.and_then(|l| l.as_str().chars().next()).is_some_and(char::is_lowercase);
        let described_only = small(described.headline.as_ref()) && !small(described.name.as_ref());
        if let Some(name) = described.name.as_ref().filter(|name| shown(name) || described_only) {
            declared.insert(0, name.clone());
        } else if declared.is_empty() {
            declared.extend(described.name.clone());
        }
        Self { declared, heading, titled }
    }

    /// The headline.
    pub fn headline(&self, site: Option<&Line>) -> Line {
        let heading = self.heading.as_ref();
        let mut declared = self.declared.iter().map(|line| without_site(line, site, heading));
        match (declared.next(), heading) {
            // A declared title that holds the heading and more has a summary or the column around it.
            (Some(declared), Some(heading))
                if heading.as_str().chars().count() >= 12 && declared.as_str().contains(heading.as_str()) =>
            {
                heading.clone()
            }
            // One that was cut short is shown whole.
            (Some(declared), Some(heading))
                if cut_short(&declared).is_some_and(|start| heading.as_str().starts_with(start)) =>
            {
                heading.clone()
            }
            (Some(declared), _) => declared,
            // The address of a site is no headline of a page of it.
            (None, Some(heading)) if self.titled.as_ref().is_some_and(|titled| is_domain(titled.as_str())) => {
                heading.clone()
            }
            (None, Some(heading)) if self.stands_for_the_page(heading) => without_site(heading, site, None),
            (None, _) => self.titled.as_ref().or(heading).map(|line| plain(line, site).0).unwrap_or_default(),
        }
    }

    /// Whether a heading is more than the name of the site or of a part of it.
    fn stands_for_the_page(&self, heading: &Line) -> bool {
        self.titled.as_ref().is_none_or(|titled| {
            titled.as_str().contains(heading.as_str()) || heading.as_str().split_whitespace().count() > 3
        })
    }

    /// The site's name, where the title is the headline and one thing more.
    pub fn site(&self, headline: &Line, address: Option<&Url>) -> Option<Line> {
        let titled = self.titled.as_ref()?;
        let rest = titled
            .as_str()
            .strip_prefix(headline.as_str())
            .and_then(|rest| BARS.iter().find_map(|bar| rest.strip_prefix(bar)));
        let last = rest.map(|rest| {
            BARS.iter().filter_map(|bar| rest.rsplit(bar).next()).min_by_key(|part| part.len()).unwrap_or(rest)
        });
        let named = last.map(Line::clean).or_else(|| plain(titled, None).1);
        let host = address.and_then(Url::host_str).map(|host| host.trim_start_matches("www."));
        let own = || {
            BARS.iter()
                .flat_map(|bar| titled.as_str().split(bar))
                .find(|part| Some(part.trim()) == host || is_domain(part))
        };
        named.or_else(|| own().map(Line::clean)).filter(|name| (2..=60).contains(&name.as_str().chars().count()))
    }
}

fn is_domain(text: &str) -> bool {
    let text = text.trim();
    text.split('.').count() >= 2
        && text.split('.').all(|part| part.len() >= 2 && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
        && !text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// The heading of the article: one that says so, else one that agrees with what is declared, else the first of the page's own.
fn heading(document: &Html, declared: &[Line], titled: Option<&Line>) -> Option<Line> {
    let headings = |places: &str| -> Vec<Line> {
        let (beside, own): (Vec<_>, Vec<_>) = all(document, places).partition(|e| is_beside(*e));
        let (logos, own): (Vec<_>, Vec<_>) = own.into_iter().partition(|e| leads_to_the_front(*e));
        let lines = own.into_iter().chain(beside).map(text_of).map(|line| without_anchor(&line));
        let lines: Vec<Line> = lines.filter(|line| !line.is_empty()).collect();
        // The site's own name is a heading where nothing else names the page.
        if lines.is_empty() && titled.is_none() {
            return logos.into_iter().map(text_of).filter(|line| !line.is_empty()).collect();
        }
        lines
    };
    let marked = headings("h1[itemprop~=headline], h1[itemprop~=name]");
    let every = headings("h1");
    let agrees = |h: &&Line| declared.iter().any(|line| same(h, line)) || begins(titled, h);
    let longer = |h: &&Line| h.as_str().chars().count() > 8;
    let chosen = every.iter().filter(longer).find(agrees).or_else(|| marked.first()).or_else(|| every.first()).cloned();
    chosen.or_else(|| {
        let named = "[class*=post-title i], [class*=entry-title i], [class*=article-title i], [itemprop~=headline], [class*=headline i]";
        headings(named).into_iter().find(|line| (5..200).contains(&line.as_str().chars().count()))
    }).or_else(|| titled.is_none().then(|| headings("h2").into_iter().next()).flatten())
}

/// Whether a heading is a link to the site's front page: its name or logo, and not what this page is about.
fn leads_to_the_front(heading: ElementRef<'_>) -> bool {
    let inside = Selector::parse("a[href]").ok().and_then(|links| heading.select(&links).next());
    let around = || heading.ancestors().filter_map(ElementRef::wrap).take(2).find(|e| e.value().name() == "a");
    let Some(link) = inside.or_else(around) else { return false };
    let href = link.attr("href").unwrap_or_default().trim();
    let path = href.split_once("://").map_or(href, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    let is_front = matches!(path, "/" | "./" | "index.html" | "/index.html" | "/index.php");
    is_front && text_of(link) == text_of(heading)
}

/// A heading without the mark that links to it.
fn without_anchor(line: &Line) -> Line {
    Line::clean(line.as_str().trim_end_matches(['¶', '§', '🔗', ' ']))
}

/// What stands before the mark of a headline that was cut.
fn cut_short(line: &Line) -> Option<&str> {
    let text = line.as_str();
    text.strip_suffix('…').or_else(|| text.strip_suffix("...")).map(str::trim_end).filter(|start| start.len() >= 20)
}

fn begins(titled: Option<&Line>, heading: &Line) -> bool {
    titled.is_some_and(|titled| {
        let (titled, heading) = (titled.as_str().to_lowercase(), heading.as_str().to_lowercase());
        titled
            .strip_prefix(&heading)
            .is_some_and(|rest| rest.is_empty() || BARS.iter().any(|bar| rest.starts_with(bar)))
    })
}

fn same(a: &Line, b: &Line) -> bool {
    let plain = |line: &Line| line.as_str().to_lowercase().replace(['’', '‘'], "'").replace(['“', '”'], "\"");
    plain(a) == plain(b)
}

/// Drops " | Site" and "Site: " from a title: when it is the site's name, or what is left is the page's heading.
pub fn without_site(title: &Line, site: Option<&Line>, heading: Option<&Line>) -> Line {
    let text = title.as_str();
    let same = |a: &str, b: &str| a.trim().to_lowercase() == b.trim().to_lowercase();
    let is_site = |part: &str| {
        site.is_some_and(|site| same(part, site.as_str()) || same(part, site.as_str().trim_start_matches("The ")))
    };
    if let Some((head, tail)) = text.split_once(": ")
        && is_site(head)
    {
        return without_site(&Line::clean(tail), site, heading);
    }
    for bar in BARS {
        if let Some((head, tail)) = text.rsplit_once(bar)
            && (is_site(tail) || heading.is_some_and(|h| same(head, h.as_str())))
        {
            return without_site(&Line::clean(head), site, heading);
        }
        if let Some((head, tail)) = text.split_once(bar)
            && (is_site(head) || heading.is_some_and(|h| same(tail, h.as_str())))
        {
            return Line::clean(tail);
        }
    }
    // Without any other sign, what follows the last bar is a site's name if it is short and the rest is not.
    if site.is_none()
        && let Some((head, tail)) = text.rsplit_once(" | ")
        && tail.split_whitespace().count() <= 4
        && head.split_whitespace().count() >= 4
    {
        return Line::clean(head);
    }
    title.clone()
}

/// A `title` element that nothing else on the page confirms: the headline and the site's name, as well as they can be told apart.
fn plain(title: &Line, site: Option<&Line>) -> (Line, Option<Line>) {
    let words = |text: &str| text.split_whitespace().count();
    let known = if site.is_some() { without_site(title, site, None) } else { title.clone() };
    if known != *title {
        // A section may stand between the headline and the site.
        let whole = known.as_str().rsplit_once(" | ").filter(|(head, part)| words(head) >= 4 && words(part) <= 2);
        return (whole.map_or(known.clone(), |(head, _)| Line::clean(head)), None);
    }
    // Blogs once named every story so: "The Blog » Blog Archive » A story".
    if let Some((blog, story)) = title.as_str().split_once("» Blog Archive »") {
        return (Line::clean(story), Some(Line::clean(blog)));
    }
    for bar in BARS {
        let Some((head, tail)) = title.as_str().rsplit_once(bar) else { continue };
        // A dash is punctuation, too; a bar or a guillemet is not.
        let (fewest, sure) = if matches!(bar.trim(), "|" | "»" | "›" | "::") { (2, true) } else { (4, false) };
        if words(tail) <= 4 && words(head) >= fewest && (sure || words(head) > words(tail)) {
            // A section may stand between the headline and the site.
            let whole = head.rsplit_once(bar).filter(|(head, part)| sure && words(head) >= 4 && words(part) <= 2);
            return (Line::clean(whole.map_or(head, |(head, _)| head)), Some(Line::clean(tail)));
        }
        if let Some((head, tail)) = title.as_str().split_once(bar)
            && sure
            && words(head) <= 2
            && words(tail) >= 4
        {
            return (Line::clean(tail), Some(Line::clean(head)));
        }
    }
    (title.clone(), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sites_name_leaves_the_title() {
        let line = Line::clean;
        let site = Some(line("The Gazette"));
        for (title, expected) in [
            ("Water bill passes | The Gazette", "Water bill passes"),
            ("Gazette – Water bill passes", "Water bill passes"),
            ("Water bill passes - Politics - The Gazette", "Water bill passes - Politics"),
            ("Water - a history", "Water - a history"),
            ("The Gazette: Water bill passes", "Water bill passes"),
        ] {
            assert_eq!(without_site(&line(title), site.as_ref(), None).as_str(), expected);
        }
    }

    #[test]
    fn a_title_alone_is_told_from_the_site_as_well_as_it_can_be() {
        let split = |title: &str| {
            let (title, site) = plain(&Line::clean(title), None);
            (title.as_str().to_owned(), site.map(|s| s.as_str().to_owned()).unwrap_or_default())
        };
        let both = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(split("The bill passes after all – My website"), both("The bill passes after all", "My website"));
        assert_eq!(split("A bill » My Website"), both("A bill", "My Website"));
        assert_eq!(split("Gazette | The bill passes after all"), both("The bill passes after all", "Gazette"));
        assert_eq!(split("Water - a history"), both("Water - a history", ""));
        assert_eq!(
            split("The bill passes after all | Politics | The Gazette"),
            both("The bill passes after all", "The Gazette")
        );
        assert_eq!(split("The Gang » Blog Archive » Old Guys"), both("Old Guys", "The Gang"));
    }
}
