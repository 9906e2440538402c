//! What our own tolerant reader costs: 500 feeds of some 80 KB, read by it and by the crate that is its yardstick, on the same bytes. The crate can leave
//! markup as it is or sanitise it; the ratio to the first should be 0.7 at least, and with every item cleaned 0.35.

use std::hint::black_box;
use std::time::{Duration, Instant};
use week_in_review::collect::feed;
use week_in_review::domain::source::{Place, Source, SourceKind};
use week_in_review::domain::tag::Slug;
use week_in_review::domain::text::Line;

const FEEDS: usize = 500;
const TURNS: usize = 7;

/// A way of reading a feed: how many items it found.
type Way<'w> = &'w dyn Fn(&[u8]) -> usize;

/// A feed of items with markup, links, pictures and entities as newsrooms write them; with so many paragraphs of the article each, or a teaser alone.
fn rss(number: usize, items: usize, paragraphs: usize) -> Vec<u8> {
    let words = [
        "harbour",
        "ferries",
        "council",
        "tariff",
        "winter",
        "minister",
        "&amp;",
        "caf\u{e9}",
        "vote",
        "bill",
        "water",
        "pipes",
    ];
    let sentence = |seed: usize, length: usize| -> String {
        (0..length).map(|n| words[(seed * 31 + n * 7 + n / 5) % words.len()]).collect::<Vec<_>>().join(" ")
    };
    let paragraph = |seed: usize| {
        format!(
            "<p>{} <a href=\"/story/{seed}\">{}</a> {}.</p>",
            sentence(seed, 40),
            sentence(seed + 1, 4),
            sentence(seed + 2, 30)
        )
    };
    let item = |n: usize| {
        let seed = number * 100 + n;
        let body: String = (0..paragraphs).map(|p| paragraph(seed + p)).collect();
        let content = if paragraphs == 0 {
            String::new()
        } else {
            format!(
                "<content:encoded><![CDATA[<img src=\"/i/{n}.jpg\" width=\"640\" onerror=\"x()\">{body}]]></content:encoded>"
            )
        };
        format!(
            "<item><title>{}</title><link>https://n{number}.example/{n}</link><guid isPermaLink=\"false\">{number}-{n}</guid>\
             <pubDate>Fri, 20 Nov 2026 {:02}:30:00 +0100</pubDate><dc:creator>Ann Smith</dc:creator><category>Water</category>\
             <description>&lt;p&gt;{}&lt;/p&gt;</description>{content}</item>",
            sentence(seed, 9),
            n % 24,
            sentence(seed, 50)
        )
    };
    let items: String = (0..items).map(item).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>Paper {number}</title>\
         <link>https://n{number}.example/</link><description>News</description><language>en</language>{items}</channel></rss>"
    )
    .into_bytes()
}

/// How long one way takes for all feeds.
fn timed(feeds: &[Vec<u8>], expected: usize, way: Way<'_>) -> Duration {
    let from = Instant::now();
    let items: usize = feeds.iter().map(|bytes| black_box(way(black_box(bytes)))).sum();
    assert_eq!(items, feeds.len() * expected, "every way reads every item");
    from.elapsed()
}

/// One kind of feed, read each way in turns; the best turn of each counts.
fn measure(what: &str, feeds: &[Vec<u8>], items: usize) {
    let bytes: usize = feeds.iter().map(Vec::len).sum();
    let place = Place::Url("https://n.example/feed".parse().expect("a constant address parses"));
    let source =
        Source::new(Slug::parse("paper").expect("letters make a slug"), Line::clean("Paper"), SourceKind::Feed(place));
    let now = chrono::DateTime::from_timestamp(1_795_000_000, 0).expect("a constant instant exists");
    let options = feedparser_rs::ParseOptions { sanitize_html: false, ..feedparser_rs::ParseOptions::default() };
    let crate_bare =
        |bytes: &[u8]| feedparser_rs::parse_with_options(bytes, &options).map_or(0, |feed| feed.entries.len());
    let crate_cleaning = |bytes: &[u8]| feedparser_rs::parse(bytes).map_or(0, |feed| feed.entries.len());
    let ours = |bytes: &[u8]| feed::read(bytes, None, None).map_or(0, |feed| feed.items.len());
    let cleaned =
        |bytes: &[u8]| feed::read(bytes, None, None).map_or(0, |feed| feed::sightings(&feed, &source, now).len());
    let ways: [Way<'_>; 4] = [&crate_bare, &crate_cleaning, &ours, &cleaned];
    let mut best = [Duration::MAX; 4];
    for _ in 0..TURNS {
        for (best, way) in best.iter_mut().zip(ways) {
            *best = (*best).min(timed(feeds, items, way));
        }
    }
    let [bare, cleaning, read, clean] = best.map(|time| time.as_secs_f64());
    println!("{} feeds of {} KB on average, {what}", feeds.len(), bytes / feeds.len() / 1024);
    println!("  feedparser-rs, HTML left as it is:  {bare:.3} s");
    println!("  feedparser-rs, HTML sanitised:      {cleaning:.3} s");
    println!("  decoded, repaired, parsed:          {read:.3} s, {:.2} of the first", bare / read);
    println!(
        "  and every item cleaned:             {clean:.3} s, {:.2} of the first, {:.2} of the second",
        bare / clean,
        cleaning / clean
    );
}

fn main() {
    let whole: Vec<Vec<u8>> = (0..FEEDS).map(|n| rss(n, 25, 5)).collect();
    measure("whole articles", &whole, 25);
    let teasers: Vec<Vec<u8>> = (0..FEEDS).map(|n| rss(n, 110, 0)).collect();
    measure("teasers", &teasers, 110);
}
