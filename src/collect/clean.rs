//! Untrusted HTML → [`CleanHtml`]: a small set of elements, absolute links, nothing active, no trackers. The only place that makes one.
//!
//! Must not fail and must not take long: what the guard refuses is kept as plain text.

mod address;
mod plain;

use crate::collect::{guard, prose};
use crate::domain::text::CleanHtml;
use address::absolute;
use ammonia::UrlRelative;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;
use url::Url;

/// A cleaner for the fragments of one document, whose relative links are resolved against `base`.
pub struct Cleaner {
    base: Option<Url>,
    /// Made when it is needed first, since making it costs more than using it.
    ammonia: OnceLock<ammonia::Builder<'static>>,
}

impl std::fmt::Debug for Cleaner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cleaner")
    }
}

const ELEMENTS: [&str; 56] = [
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "small",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "u",
    "ul",
    "var",
    "wbr",
];

/// Elements that go with everything in them. Forms, objects and buttons go alone: what stands in them are words, and one that is never closed would
/// take the rest of the text with it.
const GONE_WHOLE: [&str; 17] = [
    "script", "style", "iframe", "select", "textarea", "noscript", "template", "svg", "math", "canvas", "audio",
    "video", "head", "title", "noembed", "noframes", "xmp",
];

impl Cleaner {
    /// Without a base, relative links are dropped.
    pub fn new(base: Option<&Url>) -> Self {
        let base = base.filter(|base| matches!(base.scheme(), "http" | "https")).cloned();
        Self { base, ammonia: OnceLock::new() }
    }

    /// Cleans a fragment.
    pub fn clean(&self, html: &str) -> CleanHtml {
        let html = html.trim();
        if !html.contains(['<', '&']) {
            return CleanHtml::from_cleaner(prose::fragment(&prose::standing(html)));
        }
        if let Some(cleaned) = plain::clean(html, self.base.as_ref()) {
            return CleanHtml::from_cleaner(match prose::standing(&cleaned) {
                Cow::Borrowed(_) => cleaned,
                Cow::Owned(standing) => standing,
            });
        }
        self.clean_the_long_way(html)
    }

    /// Cleans a fragment through a DOM, however plain it is; [`Self::clean`] comes to the same.
    pub fn clean_the_long_way(&self, html: &str) -> CleanHtml {
        if guard::check(html, guard::FRAGMENT).is_err() {
            return CleanHtml::from_cleaner(prose::paragraphs(&prose::standing(&prose::to_text(html))));
        }
        let ammonia = self.ammonia.get_or_init(|| builder(self.base.clone()));
        let cleaned = ammonia.clean(&with_plain_blocks(&without_empty_frames(html))).to_string();
        // References such as `&#xFDD0;` have become characters only now.
        CleanHtml::from_cleaner(prose::standing(&without_trackers(&cleaned)).into_owned())
    }
}

fn builder(base: Option<Url>) -> ammonia::Builder<'static> {
    let mut ammonia = ammonia::Builder::empty();
    ammonia
        .tags(HashSet::from(ELEMENTS))
        .clean_content_tags(HashSet::from(GONE_WHOLE))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "title"])),
            ("abbr", HashSet::from(["title"])),
            ("img", HashSet::from(["src", "alt", "title", "width", "height"])),
            ("ol", HashSet::from(["start"])),
            ("td", HashSet::from(["colspan", "rowspan"])),
            ("th", HashSet::from(["colspan", "rowspan"])),
        ]))
        .generic_attributes(HashSet::from(["dir", "lang"]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        // Our own filter makes them absolute; this only lets them come that far.
        .url_relative(if base.is_some() { UrlRelative::PassThrough } else { UrlRelative::Deny })
        .link_rel(Some("noopener noreferrer"))
        .strip_comments(true)
        .attribute_filter(move |element, attribute, value| keep_attribute(element, attribute, value, base.as_ref()));
    ammonia
}

/// Values of attributes that are let through, addresses as they were understood.
fn keep_attribute<'v>(element: &str, attribute: &str, value: &'v str, base: Option<&Url>) -> Option<Cow<'v, str>> {
    let keep = match (element, attribute) {
        (_, "dir") => matches!(value, "ltr" | "rtl" | "auto"),
        (_, "lang") => crate::domain::text::Language::parse(value).is_ok(),
        ("img", "src") => return absolute(value, base, &["http", "https"]),
        (_, "href") => return absolute(value, base, &["http", "https", "mailto"]),
        ("img", "width" | "height") => {
            // Many write the unit that HTML has not.
            let value = value.strip_suffix("px").unwrap_or(value);
            return is_count(value).then_some(Cow::Borrowed(value));
        }
        ("ol", "start") | (_, "colspan" | "rowspan") => is_count(value),
        _ => true,
    };
    keep.then_some(Cow::Borrowed(value))
}

fn is_count(value: &str) -> bool {
    (1..=4).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit())
}

/// Drops `<iframe …/>` and the like that are written as empty and never closed: for HTML everything behind them would be theirs.
fn without_empty_frames(html: &str) -> Cow<'_, str> {
    const RAW: [&str; 7] = ["script", "style", "iframe", "textarea", "noembed", "noframes", "title"];
    if !html.contains("/>") || memchr::memchr_iter(b'<', html.as_bytes()).all(|at| block_at(html, at, &RAW).is_none()) {
        return Cow::Borrowed(html);
    }
    let lower = html.to_ascii_lowercase();
    let last_end = RAW.map(|name| lower.rfind(&format!("</{name}")));
    let mut out = String::with_capacity(html.len());
    let mut from = 0;
    for at in memchr::memchr_iter(b'<', html.as_bytes()) {
        if let Some(end) = block_at(html, at, &RAW).filter(|(start, _)| *start == at + 1).and_then(|(start, end)| {
            let which = RAW.iter().position(|name| name.eq_ignore_ascii_case(&html[start..end]))?;
            let close = memchr::memchr(b'>', html.as_bytes().get(at..(at + 2_000).min(html.len()))?)? + at;
            (html.as_bytes()[close - 1] == b'/' && last_end[which].is_none_or(|last| last < at)).then_some(close + 1)
        }) && at >= from
        {
            out.push_str(&html[from..at]);
            from = end;
        }
    }
    out.push_str(&html[from..]);
    Cow::Owned(out)
}

/// Blocks that are not kept as such become `div`, so that their texts do not run together; a page's own `h1` becomes `h2`.
fn with_plain_blocks(html: &str) -> Cow<'_, str> {
    const BLOCKS: [&str; 12] = [
        "section", "article", "header", "footer", "main", "aside", "address", "center", "details", "summary",
        "fieldset", "h1",
    ];
    let has = memchr::memchr_iter(b'<', html.as_bytes()).any(|at| block_at(html, at, &BLOCKS).is_some());
    if !has {
        return Cow::Borrowed(html);
    }
    let mut out = String::with_capacity(html.len());
    let mut from = 0;
    for at in memchr::memchr_iter(b'<', html.as_bytes()) {
        if let Some((start, end)) = block_at(html, at, &BLOCKS) {
            out.push_str(&html[from..start]);
            out.push_str(if html[start..end].eq_ignore_ascii_case("h1") { "h2" } else { "div" });
            from = end;
        }
    }
    out.push_str(&html[from..]);
    Cow::Owned(out)
}

/// The range of the name, if one of these elements starts or ends at this `<`. A match inside a script or an attribute does no harm: the first goes
/// whole, and in the second only text changes before anything is parsed.
fn block_at(html: &str, at: usize, blocks: &[&str]) -> Option<(usize, usize)> {
    let start = at + 1 + usize::from(html.as_bytes().get(at + 1) == Some(&b'/'));
    let length = html.as_bytes()[start..].iter().take(12).take_while(|b| b.is_ascii_alphanumeric()).count();
    let ends = html.as_bytes().get(start + length).is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'));
    let name = html.get(start..start + length)?;
    (ends && blocks.iter().any(|block| block.eq_ignore_ascii_case(name))).then_some((start, start + length))
}

/// Drops pictures without an address and those that only count readers: at most three pixels in a direction, or from a known counter.
fn without_trackers(cleaned: &str) -> Cow<'_, str> {
    if !cleaned.contains("<img") {
        return Cow::Borrowed(cleaned);
    }
    let mut out = String::with_capacity(cleaned.len());
    let mut rest = cleaned;
    while let Some(at) = rest.find("<img") {
        out.push_str(&rest[..at]);
        let mut tokens = guard::Tokens::new(&rest[at..]);
        let token = tokens.next();
        let length = token_length(&rest[at..]);
        if let Some(guard::Token::Tag(tag)) = token {
            let source = tag.attribute("src").unwrap_or_default();
            let tiny = ["width", "height"].iter().any(|side| tag.attribute(side).is_some_and(is_dot));
            if !source.is_empty() && !tiny && !is_counter(source) {
                out.push_str(&rest[at..at + length]);
            }
        }
        rest = &rest[at + length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The length of the tag at the beginning of serialised HTML, whose attributes all stand in double quotes.
fn token_length(html: &str) -> usize {
    let mut quoted = false;
    let end = html.bytes().position(|b| {
        quoted ^= b == b'"';
        b == b'>' && !quoted
    });
    end.map_or(html.len(), |end| end + 1)
}

/// Whether the side of a picture is one that nobody sees.
fn is_dot(side: &str) -> bool {
    side.parse::<u32>().is_ok_and(|n| n <= 3)
}

/// Whether a picture's address is that of a counter.
pub fn is_counter(url: &str) -> bool {
    const COUNTERS: [&str; 14] = [
        "feeds.feedburner.com/~",
        "feedproxy.google.com/~",
        "pixel.wp.com",
        "stats.wordpress.com",
        "pixel.quantserve.com",
        "doubleclick.net",
        "google-analytics.com",
        "b.scorecardresearch.com",
        "feedsportal.com",
        "pheedo.com",
        "/pixel.gif",
        "/1x1.",
        "/spacer.gif",
        "medium.com/_/stat",
    ];
    COUNTERS.iter().any(|counter| url.contains(counter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(html: &str) -> String {
        let base = Url::parse("https://example.org/a/b.html").unwrap();
        Cleaner::new(Some(&base)).clean(html).as_str().to_owned()
    }

    #[test]
    fn nothing_active_is_left() {
        for html in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<a href='javascript:alert(1)'>x</a>",
            "<a href=' java\nscript:alert(1)'>x</a>",
            "<iframe src=//evil></iframe>",
            "<svg><a xlink:href='javascript:alert(1)'>x</a></svg>",
            "<p style='background:url(x)' id=a class=b>x</p>",
            "<form action=x><input name=y></form>",
            "<img src='data:image/png;base64,AA'>",
            "<math><mtext><script>x</script></mtext></math>",
            "<a href='vbscript:x'>x</a>",
            "<object data=x></object>",
            "<style>@import x</style>",
            "<link rel=stylesheet href=x>",
            "<base href=//evil>",
            "<meta http-equiv=refresh content=0>",
            "<video src=x autoplay></video>",
            "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
        ] {
            let cleaned = clean(html).to_lowercase();
            for bad in [
                "script", "onerror", "style", "iframe", "<form", "<input", "data:", "<svg", "<math", "object", "<link",
                "<base", "<meta", "<video", "class=", "id=",
            ] {
                assert!(!cleaned.contains(bad), "{html} → {cleaned}");
            }
        }
    }

    #[test]
    fn links_become_absolute_or_go() {
        assert_eq!(
            clean("<a href='../c?x=1&y=2'>x</a>"),
            r#"<a href="https://example.org/c?x=1&amp;y=2" rel="noopener noreferrer">x</a>"#
        );
        assert!(clean("<a href='mailto:a@example.org'>x</a>").contains("mailto:a@example.org"));
        let without_base = Cleaner::new(None).clean("<a href='/c'>x</a><img src=/i.png>");
        assert!(!without_base.as_str().contains("href") && !without_base.as_str().contains("img"));
    }

    #[test]
    fn an_address_is_written_so_that_nobody_reads_it_otherwise() {
        let link = |href: &str, base: Option<&str>| {
            let base = base.map(|base| Url::parse(base).unwrap());
            let cleaned = Cleaner::new(base.as_ref()).clean(&format!("<a href='{href}'>x</a>"));
            cleaned.as_str().split('"').nth(1).filter(|h| h.contains(':')).unwrap_or_default().to_owned()
        };
        assert_eq!(link("HTTP://EX.org/A", None), "http://ex.org/A");
        assert_eq!(link(" https://ex.org/a\n b ", None), "https://ex.org/a%20b");
        assert_eq!(link("https:\\\\ex.org/a", None), "");
        assert_eq!(link("https:\\\\ex.org/a", Some("https://base.org/")), "https://ex.org/a");
        for relative in ["http:a.html", "https:/a", "//ex.org/a", "?a", "#a", "a", "\\\\ex.org", "HTTPS:a"] {
            assert_eq!(link(relative, None), "", "{relative}");
        }
        assert_eq!(link("https:a.html", Some("https://ex.org/b/")), "https://ex.org/b/a.html");
        assert_eq!(link("mailto:a@ex.org", None), "mailto:a@ex.org");
        for scheme in ["javascript", "data", "vbscript", "feed", "file", "blob", "view-source", "ftp", "tel"] {
            for href in
                [format!("{scheme}:x"), format!("{}://ex.org/x", scheme.to_uppercase()), format!(" \u{1}{scheme}:x")]
            {
                assert_eq!(link(&href, Some("https://ex.org/")), "", "{href}");
                assert_eq!(link(&href, None), "", "{href}");
            }
        }
    }

    #[test]
    fn tricks_with_foreign_content_and_raw_text_leave_nothing_that_a_second_reader_takes_for_markup() {
        for html in [
            "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
            "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
            "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
            "<math><annotation-xml encoding='text/html'><style><!--</style><img src=x onerror=alert(1)>--></annotation-xml></math>",
            "<svg><foreignobject><math><mi></foreignobject></svg><style><a title='</style><img src=x onerror=alert(1)>'>",
            "<select><noembed></select><script x='a@b'a>y='a@b'</script>",
            "<xmp><p title='</xmp><svg/onload=alert(1)>'>",
            "<template shadowrootmode=open><style>x</style><script>alert(1)</script></template>",
            "<div><!--<img src='--><img src=x onerror=alert(1)//'>",
            "<a href='https://ex.org/' title='&quot; onclick=alert(1) x=&quot;'>x</a>",
            "<img src=https://ex.org/p.png alt='<script>alert(1)</script>'>",
            "<b id=x name=y data-x=1 aria-label=q role=button contenteditable is=x slot=y itemprop=q onclick=1>t</b>",
            "<table background=javascript:x><td background=javascript:x>y",
            "<<script>alert(1)//<</script>",
            "<p style=x:expression(alert(1))>x</p><svg><animate onbegin=alert(1) attributeName=href to=javascript:x />",
            "<input autofocus onfocus=alert(1)><button formaction=javascript:x>y</button><details open ontoggle=alert(1)>z",
        ] {
            let cleaned = clean(html);
            for token in guard::Tokens::new(&cleaned) {
                let guard::Token::Tag(tag) = token else { continue };
                assert!(ELEMENTS.contains(&tag.name), "{html} → {cleaned}");
                for active in ["onerror", "onclick", "onload", "style", "id", "name", "is", "formaction", "background"]
                {
                    assert_eq!(tag.attribute(active), None, "{html} → {cleaned}");
                }
            }
            assert_eq!(clean(&cleaned), cleaned, "{html}");
        }
    }

    #[test]
    fn what_readers_need_stays() {
        for html in [
            "<table><caption>Prices</caption><thead><tr><th>A</th></tr></thead><tbody><tr><td>1</td></tr></tbody><tfoot><tr><td>2</td></tr></tfoot></table>",
            "<p><abbr title=\"United Nations\">UN</abbr> <mark>m</mark> <ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby> <bdi>x</bdi> <time>May</time></p>",
        ] {
            assert_eq!(clean(html), html);
        }
        assert_eq!(clean("a < b && c > d"), "a &lt; b &amp;&amp; c &gt; d");
        assert_eq!(clean("<p>safe <iframe src='x'/>words</p><script src=x />"), "<p>safe words</p>");
        assert_eq!(clean("<iframe src='x'/>a</iframe>b"), "b");
    }

    #[test]
    fn trackers_go_and_pictures_stay() {
        let cleaned =
            clean("<p>a<img src=/t.gif width=1 height=1><img src=/p.jpg alt='a > b' width=640><img alt=none></p>");
        assert_eq!(
            cleaned,
            r#"<p>a<img src="https://example.org/p.jpg" alt="a > b" width="640"></p>"#
                .replace("a > b", if cleaned.contains("&gt;") { "a &gt; b" } else { "a > b" })
        );
        for counter in [
            "<img src=https://pixel.wp.com/b.gif?v=1>",
            "<img src=https://feeds.feedburner.com/~r/gazette/~4/x width=100 height=100>",
            "<img src=/t.gif width=1px>",
        ] {
            // Through a DOM and on the short way.
            assert_eq!(clean(&format!("<blink>a</blink>{counter}b")), "ab", "{counter}");
            assert_eq!(clean(&format!("<p>a{counter}b</p>")), "<p>ab</p>", "{counter}");
        }
    }

    #[test]
    fn no_reference_plants_a_slot_or_turns_a_line_around() {
        let cleaned = clean("<p>a&#xFDD0;&#xFDE0;b\u{FDD1}&#x202E;c&#x92;</p><a href='/&#xFDD0;'>x</a>");
        assert!(!cleaned.chars().any(|c| crate::domain::slot::is_noncharacter(c) || c == '\u{202E}'), "{cleaned:?}");
    }

    #[test]
    fn what_the_guard_refuses_is_kept_as_text() {
        let cleaned = clean(&format!("{}deep & <b>down</b>", "<div>".repeat(100_000)));
        assert_eq!(cleaned, "<p>deep &amp; down</p>");
    }

    #[test]
    fn blocks_that_are_not_kept_keep_their_texts_apart() {
        assert_eq!(
            clean("<section>a</section><article>b</article><h1 class=x>c</h1>"),
            "<div>a</div><div>b</div><h2>c</h2>"
        );
    }

    #[test]
    fn cleaning_twice_changes_nothing() {
        let once = clean("<p>Hi <a href=/x>there</a> &amp; <img src=/i.png alt=\"q&quot;q\"></p><ul><li>a<li>b</ul>");
        assert_eq!(clean(&once), once);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic_or_leaves_a_script(text in "(<[a-z/!]{1,8}( on[a-z]{1,4}=x)?( href='?java)?>?|&#x?[0-9a-f]{1,6};|\\PC){0,40}") {
            let cleaned = clean(&text);
            proptest::prop_assert!(!cleaned.contains("<script"));
        }
    }
}
