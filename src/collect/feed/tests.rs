//! Ugly feeds, read as a careful person would.

use super::*;
use crate::domain::source::{Place, Source, SourceKind};
use crate::domain::tag::Slug;
use crate::domain::text::Line;

fn source() -> Source {
    let url = Url::parse("https://example.org/feed.xml").unwrap();
    Source { ..Source::new(Slug::parse("s").unwrap(), Line::clean("S"), SourceKind::Feed(Place::Url(url))) }
}

fn now() -> DateTime<Utc> {
    "2026-11-21T00:00:00Z".parse().unwrap()
}

fn feed(xml: impl AsRef<[u8]>) -> FeedDocument {
    let url = Url::parse("https://ex.org/blog/feed.xml").unwrap();
    read(xml.as_ref(), None, Some(&url)).unwrap()
}

fn rss(items: &str) -> FeedDocument {
    feed(format!(
        "<?xml version='1.0'?><rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>T</title><link>https://ex.org</link>{items}</channel></rss>"
    ))
}

fn titles(feed: &FeedDocument) -> Vec<&str> {
    feed.items.iter().map(|item| item.title.as_deref().unwrap_or("")).collect()
}

#[test]
fn rss_with_the_usual_modules() {
    let feed = rss(
        "<item><guid isPermaLink='false'>x-1</guid><title><![CDATA[Tom & Jerry <b>bold</b>]]></title><link>/rel?a=1&amp;b=2</link>\
        <dc:creator><![CDATA[Zoë Q. <z@ex.org>]]></dc:creator><author>ed@ex.org (Ed)</author><category>News</category><category><![CDATA[C & C++]]></category>\
        <category></category><description>plain &lt;i&gt;esc&lt;/i&gt;</description><content:encoded><![CDATA[<p>Body <img src='/i.png'></p>]]></content:encoded>\
        <dc:date>2026-11-20T08:30+01:00</dc:date><dc:subject>s1</dc:subject></item>",
    );
    let item = &feed.items[0];
    assert_eq!(item.title.as_deref(), Some("Tom & Jerry bold"));
    assert_eq!(item.link.as_deref(), Some("https://ex.org/rel?a=1&b=2"));
    assert_eq!(item.authors[0].name.as_deref(), Some("Zoë Q."));
    assert_eq!(item.categories, ["News", "C & C++", "s1"]);
    assert_eq!(item.published.unwrap().to_rfc3339(), "2026-11-20T07:30:00+00:00");
    assert_eq!(item.content_html.as_deref(), Some("<p>Body <img src='/i.png'></p>"));
    let seen = sightings(&feed, &source(), now());
    assert_eq!(seen[0].text.summary.as_str(), "plain esc");
    assert_eq!(seen[0].text.picture.as_ref().unwrap().url.as_str(), "https://ex.org/i.png");
}

#[test]
fn a_link_comes_from_a_guid_only_if_that_is_an_address() {
    let feed = rss(
        "<item><guid>1</guid><title>a</title></item><item><guid>https://ex.org/p/3</guid><title>b</title></item><item><guid isPermaLink='false'>https://ex.org/p/4</guid><title>c</title></item>\
         <item><guid isPermaLink='true'>episode/5/</guid><title>d</title></item><item><guid isPermaLink='true'>No address</guid><title>e</title></item>\
         <item><guid isPermaLink='true'>tag:ex.org,2026:/6</guid><title>f</title></item><item><guid isPermaLink='true'>12345</guid><title>g</title></item>",
    );
    assert_eq!(
        feed.items.iter().map(|i| i.link.as_deref()).collect::<Vec<_>>(),
        [None, Some("https://ex.org/p/3"), None, Some("https://ex.org/blog/episode/5/"), None, None, None]
    );
}

#[test]
fn malformed_markup_is_read_through() {
    assert_eq!(titles(&rss("<item><title>D&D and AT&T &rsquo; &bogus;</title></item>")), ["D&D and AT&T ’ &bogus;"]);
    assert_eq!(
        titles(&rss("<item><title>one</title></item><item><title>two</titel></item><item><title>three</title>")),
        ["one", "two", "three"]
    );
    assert_eq!(
        titles(&rss("<item><title>one<link>https://ex.org/1</link><item><title>two</title></item>")),
        ["one", "two"]
    );
    let feed = rss(
        "<item><title>t</title><description>Hello <b>bold<br> there</b></description></item><item><title>after</title></item>",
    );
    assert_eq!(feed.items[0].summary_html.as_deref(), Some("Hello <b>bold<br> there</b>"));
    assert_eq!(titles(&feed)[1], "after");
    assert_eq!(titles(&feed_of("<rss version=2.0><channel><item><title>x</title></item></channel></rss>")), ["x"]);
    assert_eq!(
        titles(&feed_of(
            "Warning: foo in bar.php\n<rss><channel><item><title>x</title></item></channel></rss>\n<b>Warning</b>: mysql & co"
        )),
        ["x"]
    );
}

fn feed_of(xml: &str) -> FeedDocument {
    feed(xml)
}

#[test]
fn undeclared_prefixes_and_media_are_understood() {
    let feed = feed_of(
        "<rss><channel><item><title>x</title><dc:creator>Bob</dc:creator><content:encoded><![CDATA[<p>hi</p>]]></content:encoded>\
        <media:content url='https://ex.org/i.jpg' medium='image'><media:title>cap</media:title><media:credit>Ann P</media:credit></media:content></item>\
        <item><title>y</title><media:thumbnail url='https://ex.org/t.jpg'/></item><item><title>z</title><itunes:image href='https://ex.org/z.jpg'/><itunes:author>Ann</itunes:author></item></channel></rss>",
    );
    let image = feed.items[0].image.as_ref().unwrap();
    assert_eq!(
        (image.url.as_str(), image.alt.as_deref(), image.credit.as_deref()),
        ("https://ex.org/i.jpg", Some("cap"), Some("Ann P"))
    );
    assert_eq!(feed.items[0].authors[0].name.as_deref(), Some("Bob"));
    assert_eq!(feed.items[1].image.as_ref().unwrap().url, "https://ex.org/t.jpg");
    assert_eq!(feed.items[2].image.as_ref().unwrap().url, "https://ex.org/z.jpg");
    assert_eq!(feed.items[2].authors[0].name.as_deref(), Some("Ann"));
}

#[test]
fn atom_with_bases_and_text_constructs() {
    let feed = feed_of(
        "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://ex.org/base/' xml:lang='fr'><title type='html'>Caf&amp;eacute; &lt;b&gt;x&lt;/b&gt;</title><id>u</id>\
        <author><name>Feed Author</name></author><link rel='self' href='/atom'/>\
        <entry xml:base='sub/'><id>e1</id><title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>X <em>Y</em></div></title><link href='post.html'/>\
        <link rel='enclosure' href='../a.mp3' type='audio/mpeg' length='5'/><category term='t1' label='Tag One'/>\
        <content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>Hi <a href='z'>z</a></p></div></content><updated>2026-11-20T08:30:00Z</updated></entry></feed>",
    );
    assert_eq!(
        (feed.title.as_deref(), feed.language.as_deref(), feed.feed_url.as_deref()),
        (Some("Café x"), Some("fr"), Some("https://ex.org/atom"))
    );
    let item = &feed.items[0];
    assert_eq!((item.title.as_deref(), item.link.as_deref()), (Some("X Y"), Some("https://ex.org/base/sub/post.html")));
    assert_eq!((item.enclosures[0].url.as_str(), item.enclosures[0].length), ("https://ex.org/base/a.mp3", Some(5)));
    assert_eq!(item.categories, ["Tag One"]);
    let seen = sightings(&feed, &source(), now());
    assert!(seen[0].text.content.as_str().contains("https://ex.org/base/sub/z"), "{:?}", seen[0].text.content);
    assert_eq!(seen[0].text.authors[0].as_str(), "Feed Author");
    assert_eq!(seen[0].published_at.unwrap().to_rfc3339(), "2026-11-20T08:30:00+00:00");
}

#[test]
fn rdf_and_cdf_and_json() {
    let rdf = feed_of(
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel rdf:about='u'><title>R</title><link>https://ex.org</link></channel>\
        <item rdf:about='https://ex.org/1'><title>x</title><link>https://ex.org/1</link><dc:subject>s1</dc:subject><dc:subject>s2</dc:subject><dc:date>2026-11-20T08:30+01:00</dc:date></item></rdf:RDF>",
    );
    assert_eq!((rdf.format, rdf.title.as_deref()), (Format::Rdf, Some("R")));
    assert_eq!((rdf.items[0].id.as_deref(), rdf.items[0].categories.len()), (Some("https://ex.org/1"), 2));
    let cdf = feed_of(
        "<CHANNEL HREF='http://ex.org/'><TITLE>C</TITLE><ABSTRACT>about</ABSTRACT><ITEM HREF='http://ex.org/1' LASTMOD='1998.11.05T22:00'><TITLE>One</TITLE><ABSTRACT>words</ABSTRACT></ITEM></CHANNEL>",
    );
    assert_eq!(
        (cdf.format, cdf.description.as_deref(), cdf.items[0].link.as_deref()),
        (Format::Cdf, Some("about"), Some("http://ex.org/1"))
    );
    assert!(cdf.items[0].published.is_some());
    let json = feed_of(
        r#"{"title":"J","items":[{"id":7,"url":"a","content_text":"1 < 2","date_published":"2026-11-20T08:30:00-05:00","tags":["a","b"],"author":{"name":"Z"},"image":"/i.png","attachments":[{"url":"https://ex.org/x.mp3","mime_type":"audio/mpeg"}]}]}"#,
    );
    let item = &json.items[0];
    assert_eq!(
        (item.id.as_deref(), item.link.as_deref(), item.content_html.as_deref()),
        (Some("7"), Some("https://ex.org/blog/a"), Some("1 &lt; 2"))
    );
    assert_eq!(item.image.as_ref().unwrap().url, "https://ex.org/i.png");
}

#[test]
fn what_is_no_feed_is_named() {
    let error = |bytes: &[u8]| read(bytes, None, None).unwrap_err().to_string();
    assert_eq!(
        error(b"<!doctype html><html><head><title>Moved &amp; gone</title></head></html>"),
        "this is a web page (\"Moved & gone\"), not a feed"
    );
    assert_eq!(error(b" \n "), "the document is empty");
    assert_eq!(error(b""), "the document is empty");
    assert_eq!(error(b"<urlset><url><loc>x</loc></url></urlset>"), "this is a site map, not a feed");
    assert_eq!(error(b"%PDF-1.4"), "this is a PDF document, not a feed");
    assert_eq!(error(b"hello"), "this is plain text, not a feed");
    assert_eq!(error(b"{\"a\":1}"), "this is some other JSON, not a feed");
    assert_eq!(error(&vec![b' '; BYTES + 1]), "the document is larger than 8 MB");
}

#[test]
fn bombs_and_depths_are_harmless() {
    let bomb = "<!DOCTYPE l [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;'>]><rss><channel><title>&c;</title><item><title>x</title></item></channel></rss>";
    assert!(feed_of(bomb).title.unwrap().len() < 100);
    let deep = format!("<rss><channel><item><title>x</title><description>{}", "<a>".repeat(100_000));
    assert_eq!(sightings(&feed_of(&deep), &source(), now()).len(), 1);
}

#[test]
fn titles_are_made_up_shortened_and_freed_of_what_could_plant_a_slot() {
    let long = "word ".repeat(600);
    let feed = rss(&format!(
        "<item><description>No title here. But a text.</description></item><item><link>https://ex.org/2026/the-long-vote.html</link></item>\
         <item><title>{long}</title></item><item><title>a\u{1}\u{FDD0}\u{FDE0}&#xFDD1;&#1;b\u{202E}</title></item><item></item>"
    ));
    let seen = sightings(&feed, &source(), now());
    assert_eq!(seen[0].text.title.as_str(), "No title here. But a text.");
    assert_eq!(seen[1].text.title.as_str(), "the long vote");
    assert!(seen[2].text.title.as_str().chars().count() <= 1_000);
    assert_eq!(seen[3].text.title.as_str(), "ab");
    assert_eq!(seen.len(), 4);
}

#[test]
fn dates_that_are_missing_or_in_2099_are_not_believed() {
    let feed = rss(
        "<item><title>a</title></item><item><title>b</title><pubDate>Thu, 01 Jan 2099 00:00:00 GMT</pubDate></item><item><title>c</title><pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate></item>",
    );
    let seen = sightings(&feed, &source(), now());
    assert!(seen.iter().all(|s| s.published_at.is_none()));
    assert_eq!(seen[1].published_raw.as_deref(), Some("Thu, 01 Jan 2099 00:00:00 GMT"));
}

#[test]
fn encodings_are_guessed_right() {
    let mut bytes = br#"<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Caf"#.to_vec();
    bytes.extend(b"\xe9 \x93quoted\x94</title><item><title>na\xefve</title></item></channel></rss>");
    assert_eq!(feed(bytes).title.as_deref(), Some("Café “quoted”"));
    let (japanese, _, _) = encoding_rs::SHIFT_JIS.encode(
        "<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><rss><channel><title>週刊ニュース</title></channel></rss>",
    );
    assert_eq!(feed(japanese).title.as_deref(), Some("週刊ニュース"));
}

/// Of sound feeds every reader must say the same; the other two are the best there are.
#[test]
fn sound_feeds_are_read_as_other_readers_read_them() {
    let rss: String = (0..50)
        .map(|n| format!("<item><guid isPermaLink='false'>g{n}</guid><title>Title &amp; {n}</title><link>https://ex.org/{n}</link><pubDate>Fri, 20 Nov 2026 08:{n:02}:00 GMT</pubDate><category>c{n}</category></item>"))
        .collect::<Vec<_>>()
        .concat();
    let rss = format!(
        "<?xml version='1.0'?><rss version='2.0'><channel><title>T</title><link>https://ex.org/</link><description>d</description>{rss}</channel></rss>"
    );
    let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><id>u</id><updated>2026-11-20T08:00:00Z</updated>\
        <entry><id>e1</id><title>One</title><link href='https://ex.org/1'/><updated>2026-11-20T08:30:00+01:00</updated><published>2026-11-19T08:30:00Z</published></entry></feed>";
    for xml in [rss.as_str(), atom] {
        let ours = feed(xml);
        let options = feedparser_rs::ParseOptions { sanitize_html: false, ..Default::default() };
        let one = feedparser_rs::parse_with_options(xml.as_bytes(), &options).unwrap();
        let two = feed_rs::parser::parse(xml.as_bytes()).unwrap();
        assert_eq!((ours.items.len(), ours.items.len()), (one.entries.len(), two.entries.len()));
        for ((item, one), two) in ours.items.iter().zip(&one.entries).zip(&two.entries) {
            assert_eq!(item.title, two.title.as_ref().map(|title| title.content.clone()));
            assert_eq!(item.title, one.title.as_ref().map(ToString::to_string));
            assert_eq!(item.link.as_deref(), two.links.first().map(|link| link.href.as_str()));
            assert_eq!((item.published, item.id.as_deref()), (two.published, Some(two.id.as_str())));
            assert_eq!((item.published, item.categories.len()), (one.published, one.tags.len()));
        }
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
        if let Ok(feed) = read(&bytes, None, None) {
            let _ = sightings(&feed, &source(), now());
        }
    }

    #[test]
    fn no_near_feed_makes_it_panic(body in "(</?(item|title|link|description|entry|dc:date|media:content|content)( [a-z]{1,5}=['\"]?[a-z:/]{0,8}['\"]?)?/?>|<!\\[CDATA\\[|\\]\\]>|&[a-z#0-9]{0,5};?|\\PC){0,60}", root in "<(rss|feed|rdf:RDF|channel)>") {
        if let Ok(feed) = read(format!("{root}{body}").as_bytes(), None, None) {
            let _ = sightings(&feed, &source(), now());
        }
    }
}

#[test]
fn base64_and_the_div_around_xhtml_are_unwrapped() {
    let feed = feed_of(
        "<feed xmlns='http://purl.org/atom/ns#'><title mode='base64' type='text/html'>RXhhbXBsZSA8Yj5BdG9tPC9iPg==</title><info>All of it</info>\
         <entry><title>x</title><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>One <b>two</b></div></content></entry>\
         <entry><title>y</title><content type='xhtml'><div dir='rtl'>One</div></content></entry></feed>",
    );
    assert_eq!((feed.title.as_deref(), feed.description.as_deref()), (Some("Example Atom"), Some("All of it")));
    assert_eq!(feed.items[0].content_html.as_deref(), Some("One <b>two</b>"));
    assert_eq!(feed.items[1].content_html.as_deref(), Some("<div dir='rtl'>One</div>"));
}

#[test]
fn podcasts_give_labels_and_pictures_in_ways_of_their_own() {
    let feed = rss(
        "<item><title>x</title><itunes:keywords>oil, gas</itunes:keywords><itunes:category text='Energy'><itunes:category text='Coal'/></itunes:category>\
         <itunes:image url='https://ex.org/i.png'/><media:category label='Trade'>t1</media:category></item>",
    );
    assert_eq!(feed.items[0].categories, ["oil", "gas", "Energy", "Coal", "Trade"]);
    assert_eq!(feed.items[0].image.as_ref().unwrap().url, "https://ex.org/i.png");
}

#[test]
fn a_web_address_stays_as_it_was_written() {
    let feed = rss(
        "<item><title>x</title><link>http://Ex.ORG</link></item><item><title>y</title><link>https://ex.org/a b</link></item>",
    );
    let links: Vec<&str> = feed.items.iter().filter_map(|item| item.link.as_deref()).collect();
    assert_eq!(links, ["http://Ex.ORG", "https://ex.org/a%20b"]);
}

#[test]
fn what_was_escaped_twice_is_read_once_more() {
    let read = |description: &str| {
        let xml = format!(
            "<rss><channel><title>x</title><item><description>{description}</description></item></channel></rss>"
        );
        super::read(xml.as_bytes(), None, None).unwrap().items[0].summary_html.clone().unwrap()
    };
    assert_eq!(read("&amp;lt;p&amp;gt;Hey &amp;quot;you&amp;quot;&amp;lt;/p&amp;gt;"), "<p>Hey \"you\"</p>");
    assert_eq!(read("How &amp;lt;p&amp;gt; and &amp;lt;/p&amp;gt; work"), "How &lt;p&gt; and &lt;/p&gt; work");
}

#[test]
fn an_identifier_that_is_an_address_leads_to_the_page() {
    let xml = b"<feed xmlns='http://www.w3.org/2005/Atom'><id>http://ex.org</id><title>x</title><item><title>y</title><id>HTTP://ex.org/Y</id></item></feed>";
    let feed = super::read(xml, None, None).unwrap();
    assert_eq!(
        (feed.link.as_deref(), feed.items[0].link.as_deref()),
        (Some("http://ex.org/"), Some("http://ex.org/Y"))
    );
}

#[test]
fn hours_and_days_at_which_nobody_need_ask_are_read() {
    let xml = b"<rss><channel><title>x</title><skipHours><hour>0</hour><hour>23</hour><hour>x</hour></skipHours><skipDays><day>Sunday</day><day>Never</day></skipDays></channel></rss>";
    let quiet = super::read(xml, None, None).unwrap().quiet;
    assert_eq!(quiet.0, 1 | 1 << 23 | 1 << (24 + 6));
}

#[test]
fn places_and_threads_around_a_story_are_none_of_it() {
    let geo = rss(
        "<item xmlns:georss='http://www.georss.org/georss' xmlns:geo='http://www.w3.org/2003/01/geo/wgs84_pos#'><guid>1</guid><title>Quake</title><link>https://ex.org/1</link>\
         <georss:point>45.2 -71.9</georss:point><georss:featurename>Harbour</georss:featurename><georss:where><gml:Point><gml:pos>45 -71</gml:pos></gml:Point></georss:where>\
         <geo:lat>45.2</geo:lat><category>Nature</category><description>It shook.</description></item>",
    );
    let atom = feed_of(
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:thr='http://purl.org/syndication/thread/1.0'><id>f</id><title>T</title><entry><id>e1</id><title>Reply</title>\
         <thr:in-reply-to ref='e0' href='https://ex.org/0' type='text/html'/><thr:total>7</thr:total>\
         <link rel='replies' thr:count='7' href='https://ex.org/1/comments'/><link href='https://ex.org/1'/><summary>It answers.</summary><updated>2026-11-20T08:00:00Z</updated></entry></feed>",
    );
    for (feed, title, summary, labels) in
        [(geo, "Quake", "It shook.", vec!["Nature"]), (atom, "Reply", "It answers.", Vec::new())]
    {
        let seen = sightings(&feed, &source(), now());
        let text = &seen[0].text;
        assert_eq!((seen.len(), text.title.as_str(), text.summary.as_str()), (1, title, summary));
        assert_eq!(seen[0].url.as_ref().map(Url::as_str), Some("https://ex.org/1"));
        assert_eq!(text.labels.iter().map(Line::as_str).collect::<Vec<_>>(), labels);
        assert!(text.content.as_str().is_empty() && text.picture.is_none() && text.authors.is_empty());
    }
}

#[test]
fn html_that_was_escaped_and_then_put_into_a_div_is_html() {
    let content = |kind: &str, inside: &str| {
        let xml = format!(
            "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry><id>1</id><content type='{kind}'>\
             <div xmlns='http://www.w3.org/1999/xhtml'>{inside}</div></content></entry></feed>"
        );
        feed_of(&xml).items[0].content_html.clone().unwrap()
    };
    assert_eq!(content("html", "A &lt;em&gt;second&lt;/em&gt; vote"), "A <em>second</em> vote");
    assert_eq!(
        content("xhtml", "How &lt;em&gt;x&lt;/em&gt; works"),
        "How &lt;em&gt;x&lt;/em&gt; works",
        "XHTML is what it is"
    );
    assert_eq!(content("html", "<p>How &lt;em&gt; works</p>"), "<p>How &lt;em&gt; works</p>");
}

#[test]
fn what_a_story_was_taken_from_and_the_lists_of_its_categories_change_nothing() {
    let rss = rss(
        "<item><guid>1</guid><title>Ours</title><link>https://ex.org/1</link><source url='https://other.example/feed'>The Other Paper</source>\
         <category domain='https://www.dmoz.org'>Top/Energy</category><category domain='post_tag' nicename='oil'>Oil</category><category domain='x'/></item>",
    );
    let atom = feed_of(
        "<feed xmlns='http://www.w3.org/2005/Atom'><id>f</id><title>T</title><entry><id>e1</id><title>Ours</title><link href='https://ex.org/1'/>\
         <source><id>o</id><title>The Other Paper</title><link href='https://other.example/'/><updated>2001-01-01T00:00:00Z</updated><category term='Theirs'/></source>\
         <category scheme='https://ex.org/s' term='Top/Energy'/><category term='oil' label='Oil'/><updated>2026-11-20T08:00:00Z</updated></entry></feed>",
    );
    for feed in [rss, atom] {
        let item = &feed.items[0];
        assert_eq!(
            (feed.items.len(), item.title.as_deref(), item.link.as_deref()),
            (1, Some("Ours"), Some("https://ex.org/1"))
        );
        assert_eq!(item.categories, ["Top/Energy", "Oil"]);
        assert!(item.updated.is_none_or(|at| at.to_rfc3339().starts_with("2026")));
    }
}

#[test]
fn a_text_under_the_name_that_the_other_family_gives_it_is_found() {
    let atom = feed_of(
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:content='http://purl.org/rss/1.0/modules/content/'><title>T</title><entry><id>1</id><title>x</title>\
         <summary>Said.</summary><content:encoded><![CDATA[<p>Whole</p>]]></content:encoded></entry></feed>",
    );
    let rss =
        rss("<item><title>x</title><description>Said.</description><content>&lt;p&gt;Whole&lt;/p&gt;</content></item>");
    for feed in [atom, rss] {
        let item = &feed.items[0];
        assert_eq!((item.summary_html.as_deref(), item.content_html.as_deref()), (Some("Said."), Some("<p>Whole</p>")));
    }
}
