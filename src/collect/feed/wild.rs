//! Feeds that other programs have had in their hands: packed, wrapped, escaped, cut off, turned into pages. Each is still a feed to whoever looks.

use super::*;
use crate::domain::source::{Place, Source, SourceKind};
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use std::io::Write;

fn feed(document: impl AsRef<[u8]>) -> FeedDocument {
    read(document.as_ref(), None, Some(&Url::parse("https://ex.org/blog/feed.xml").unwrap())).unwrap()
}

fn titles(feed: &FeedDocument) -> Vec<&str> {
    feed.items.iter().map(|item| item.title.as_deref().unwrap_or("")).collect()
}

const FEED: &str =
    "<rss version='2.0'><channel><title>T</title><item><title>A &amp; B</title><link>/1</link></item></channel></rss>";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_feed_in_a_gzip_file_is_unpacked_once_and_within_the_limit() {
    assert_eq!(titles(&feed(gzip(FEED.as_bytes()))), ["A & B"]);
    let read = |bytes: Vec<u8>| super::read(&bytes, None, None).map(|_| ()).unwrap_err();
    assert_eq!(read(gzip(&gzip(FEED.as_bytes()))), FeedError::Other("a gzip archive in another"));
    assert_eq!(read(gzip(&vec![b' '; BYTES + 1])), FeedError::TooLarge);
    assert_eq!(read(b"\x1F\x8Bnonsense".to_vec()), FeedError::Other("a damaged gzip archive"));
}

#[test]
fn a_feed_inside_a_page_is_found() {
    assert_eq!(titles(&feed(format!("<!doctype html><html><head></head><body>{FEED}</body></html>"))), ["A & B"]);
    let page = "<html><head><title>Moved</title></head><body><p>Our feed is gone.</p></body></html>";
    assert!(
        matches!(read(page.as_bytes(), None, None), Err(FeedError::WebPage { title: Some(title) }) if title == "Moved")
    );
}

#[test]
fn a_feed_that_a_page_shows_is_read_from_what_it_shows() {
    let shown = FEED.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    assert_eq!(
        titles(&feed(format!("<html><body><pre>&lt;?xml version='1.0'?&gt;{shown}</pre></body></html>"))),
        ["A & B"]
    );
    assert_eq!(titles(&feed(&shown)), ["A & B"]);
    let lesson = format!("<html><body><p>A feed looks like this:</p><pre>{shown}</pre></body></html>");
    assert!(matches!(read(lesson.as_bytes(), None, None), Err(FeedError::WebPage { .. })));
}

#[test]
fn a_link_that_a_program_for_pages_has_emptied_is_found_behind_it() {
    let feed = feed(
        "<rss><channel><title>T</title><link/>https://ex.org/<item><title>x</title><link/>https://ex.org/1?a=1&amp;b=2\n<description>d</description></item>\
         <item><title>y</title><link/>no address</item></channel></rss>",
    );
    assert_eq!(feed.link.as_deref(), Some("https://ex.org/"));
    assert_eq!(feed.items[0].link.as_deref(), Some("https://ex.org/1?a=1&b=2"));
    assert_eq!(feed.items[1].link, None);
}

#[test]
fn a_date_that_can_be_read_stands_for_one_that_cannot() {
    let feed = feed(
        "<rss xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><item><title>x</title><pubDate>{{ date }}</pubDate><dc:date>2026-11-20T08:00:00Z</dc:date></item>\
         <item><title>y</title><pubDate>yesterday</pubDate></item></channel></rss>",
    );
    assert_eq!(feed.items[0].published_raw.as_deref(), Some("2026-11-20T08:00:00Z"));
    assert_eq!((feed.items[1].published, feed.items[1].published_raw.as_deref()), (None, Some("yesterday")));
}

#[test]
fn json_that_breaks_off_or_stands_in_a_call_is_read_as_far_as_it_goes() {
    let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"id":"1","title":"one","tags":"a, b"},{"id":"2","title":"two",},{"id":"3","ti"#;
    let cut = feed(json);
    assert_eq!(titles(&cut), ["one", "two"]);
    assert_eq!(cut.items[0].categories, ["a", "b"]);
    assert_eq!(titles(&feed(r#"cb({"items":[{"id":"1","title":"one"}]});"#)), ["one"]);
    assert_eq!(titles(&feed("{\"items\":[{\"id\":\"1\",\"title\":\"one\nand\ttwo\"}]}")), ["one and two"]);
    assert!(matches!(read(b"{\"title\":\"T", None, None), Err(FeedError::Json(_))));
}

#[test]
fn an_escaped_text_on_which_a_program_has_hung_markup_is_unescaped() {
    let hung = "&amp;lt;div class=&amp;quot;md&amp;quot;&amp;gt;&amp;lt;p&amp;gt;Hello&amp;lt;/p&amp;gt;&amp;lt;/div&amp;gt; submitted by &lt;a href='/u'&gt;u&lt;/a&gt;";
    let document =
        format!("<rss><channel><item><title>x</title><description>{hung}</description></item></channel></rss>");
    assert_eq!(
        feed(document).items[0].summary_html.as_deref(),
        Some("<div class=\"md\"><p>Hello</p></div> submitted by <a href='/u'>u</a>")
    );
    let lesson = "&amp;lt;p&amp;gt; opens and &amp;lt;/p&amp;gt; closes &lt;b&gt;a paragraph&lt;/b&gt;";
    let document =
        format!("<rss><channel><item><title>x</title><description>{lesson}</description></item></channel></rss>");
    assert_eq!(
        feed(document).items[0].summary_html.as_deref(),
        Some("&lt;p&gt; opens and &lt;/p&gt; closes <b>a paragraph</b>")
    );
}

#[test]
fn text_that_was_escaped_as_markup_is_read_in_atom_too() {
    let feed = feed(
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><summary type='text'>an &amp;#252;ber-hacker &amp;amp; more</summary></entry>\
         <entry><summary type='html'>&amp;lt;p&amp;gt;one&amp;lt;/p&amp;gt;</summary></entry>\
         <entry><summary type='text'>the &lt;blink&gt; tag</summary></entry>\
         <entry><summary type='no such type' mode='no such mode'>words</summary></entry></feed>",
    );
    let summaries: Vec<_> = feed.items.iter().map(|item| item.summary_html.as_deref().unwrap_or("")).collect();
    assert_eq!(summaries, ["an über-hacker &amp; more", "<p>one</p>", "the &lt;blink&gt; tag", "words"]);
}

#[test]
fn a_lone_entry_has_the_feed_that_it_says_and_an_entry_its_authors() {
    let source = "<source><title>Planet</title><link href='https://planet.example/'/><author><name>Pat Planet</name><uri>/pat</uri></author></source>";
    let lone =
        format!("<entry xmlns='http://www.w3.org/2005/Atom'><title>One</title><link href='/1'/>{source}</entry>");
    let lone = feed(lone);
    assert_eq!((lone.title.as_deref(), lone.link.as_deref()), (Some("Planet"), Some("https://planet.example/")));
    assert_eq!(titles(&lone), ["One"]);
    assert_eq!(lone.items[0].authors[0].name.as_deref(), Some("Pat Planet"));
    assert_eq!(lone.items[0].authors[0].url.as_deref(), Some("https://ex.org/pat"));
    let alone = feed("<entry xmlns='http://www.w3.org/2005/Atom'><title>One</title><link href='/1'/></entry>");
    assert_eq!((alone.title, alone.link, alone.items.len()), (None, None, 1));
}

#[test]
fn beside_a_summary_a_description_is_the_text() {
    let feed = feed(
        "<rss><channel><item><summary>in short</summary><description>at length</description></item></channel></rss>",
    );
    assert_eq!(feed.items[0].summary_html.as_deref(), Some("in short"));
    assert_eq!(feed.items[0].content_html.as_deref(), Some("at length"));
}

#[test]
fn a_channel_is_described_in_dublin_core_and_dated_as_cdf_does() {
    let rdf = feed(
        "<rss xmlns:d='http://purl.org/dc/elements/1.1/'><channel><title>T</title><d:description>All of it</d:description></channel></rss>",
    );
    assert_eq!(rdf.description.as_deref(), Some("All of it"));
    let cdf = feed("<CHANNEL><ITEM LASTMOD='2004-04-06T23:05:43-05:00'><TITLE>x</TITLE></ITEM></CHANNEL>");
    assert_eq!(cdf.items[0].published.unwrap().to_rfc3339(), "2004-04-07T04:05:43+00:00");
}

/// What becomes of the first item of a feed.
fn sighting_of(feed: &FeedDocument) -> crate::domain::article::Sighting {
    let place = Place::Url(Url::parse("https://ex.org/feed").unwrap());
    let source = Source::new(Slug::parse("s").unwrap(), Line::clean("S"), SourceKind::Feed(place));
    sightings(feed, &source, "2026-11-21T00:00:00Z".parse().unwrap()).remove(0)
}

#[test]
fn the_picture_of_a_story_is_no_counter_and_keeps_its_credit() {
    let counted = feed(
        "<rss><channel><item><title>x</title><description>&lt;img src='https://pixel.wp.com/b.gif'&gt;&lt;img src='/dot.gif' width='1px'&gt;&lt;img src='/pier.jpg'&gt;</description></item></channel></rss>",
    );
    assert_eq!(sighting_of(&counted).text.picture.unwrap().url.as_str(), "https://ex.org/pier.jpg");
    let credited = feed(
        "<rss xmlns:media='http://search.yahoo.com/mrss/'><channel><item><title>x</title><media:content url='/pier.jpg' medium='image'><media:credit>Cy Orr</media:credit></media:content></item></channel></rss>",
    );
    assert_eq!(sighting_of(&credited).text.picture.unwrap().credit.unwrap().as_str(), "Cy Orr");
}

#[test]
fn labels_and_people_without_end_are_bounded_since_each_is_looked_for_among_the_others() {
    let many = |written: &dyn Fn(usize) -> String| (0..300).map(written).collect::<Vec<_>>().concat();
    let (labels, people) = (
        many(&|n| format!("<category term='c{n}'>c{n}</category>")),
        many(&|n| format!("<dc:creator>Ann Smith{n}</dc:creator>")),
    );
    for feed in [
        format!("<rss><channel><item><title>x</title>{labels}{people}</item></channel></rss>"),
        format!("<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>x</title>{labels}</entry></feed>"),
    ] {
        let item = &read(feed.as_bytes(), None, None).unwrap().items[0];
        assert_eq!(item.categories.len(), 200);
        assert!(item.authors.is_empty() || item.authors.len() == 200, "{}", item.authors.len());
    }
}

#[test]
fn a_story_lies_where_it_lay_before_somebody_counted_its_readers() {
    let feed = feed(
        "<rss xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0'><channel><item><title>x</title><link>http://feedproxy.google.com/~r/gazette/~3/x/</link>\
         <feedburner:origLink>https://gazette.example/x</feedburner:origLink></item></channel></rss>",
    );
    assert_eq!(feed.items[0].link.as_deref(), Some("http://feedproxy.google.com/~r/gazette/~3/x/"), "as it is written");
    assert_eq!(sighting_of(&feed).url.as_ref().map(Url::as_str), Some("https://gazette.example/x"));
}
