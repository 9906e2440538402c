//! What a source is told to leave out: by category, tag, author and address, wherever these are said.

use super::*;
use crate::domain::tag::Tag;

/// Leaves out what is sponsored, the horoscopes, the robot and the archive.
fn choosy(kind: SourceKind) -> Source {
    let mut source = source(kind);
    source.choice.exclude_tags = ["Sponsored", "Horoscopes"].into_iter().filter_map(Tag::parse).collect();
    source.choice.exclude_authors = vec![Line::clean("The Robot")];
    source.choice.exclude_urls = UrlPattern::parse("*/archive/*").into_iter().collect();
    source
}

#[tokio::test]
async fn a_feeds_stories_are_left_out_by_category_tag_author_and_address() {
    let site = Site::open().await;
    let story = |n: u32, path: &str, more: &str| {
        format!("<item><guid>{n}</guid><title>Item {n}</title><link>https://wp.example{path}/{n}</link>{more}</item>")
    };
    let items = [
        story(1, "", "<category>Energy</category><dc:creator>Ann Smith</dc:creator>"),
        story(2, "", "<category>Energy</category><category>SPONSORED</category>"),
        story(3, "", "<dc:subject>horoscope</dc:subject>"),
        story(4, "", "<dc:creator>the robot</dc:creator>"),
        story(5, "/archive", ""),
    ];
    site.with("/feed", rss(&items.concat()));
    let store = store();
    let report = visit(&store, &choosy(SourceKind::Feed(Place::Url(site.url("/feed")))), now()).await;
    assert_eq!((report.status, titles(&store)), (Status::Ok, vec!["Item 1".to_owned()]), "{report:?}");
}

#[tokio::test]
async fn a_page_that_only_its_own_words_show_to_be_unwanted_is_read_once() {
    let site = Site::open().await;
    for (path, tag, author) in
        [("/a", "Energy", "Ann Smith"), ("/b", "Sponsored", "Ann Smith"), ("/c", "Energy", "The Robot")]
    {
        let said =
            format!("<meta property='article:tag' content='{tag}'><meta name='author' content='{author}'></head>");
        let text = format!("The council met at {path} and voted nine to two, after hours of silence. ").repeat(6);
        let page = format!(
            "<html><head><title>Story {path}</title>{said}<body><article><h1>Story {path}</h1><p>{text}</p></article></body></html>"
        );
        site.with(path, page);
    }
    let listed = [("/a", "2026-11-19"), ("/b", "2026-11-19"), ("/c", "2026-11-19"), ("/archive/d", "2026-11-19")];
    site.with("/map.xml", urlset(&site, &listed));
    let source = choosy(SourceKind::SiteMap(Place::Url(site.url("/map.xml"))));
    let store = store();
    visit(&store, &source, now()).await;
    assert_eq!(titles(&store), ["Story /a"]);
    assert!(!site.asked().contains(&"/archive/d".to_owned()), "its address is enough");
    visit(&store, &source, now() + TimeDelta::hours(1)).await;
    assert_eq!(site.asked(), ["/map.xml"], "each time, they would take the place of others");

    // When less is left out, what was passed over is looked at once more, and what is still unwanted is passed over again.
    let mut looser = source.clone();
    looser.choice.exclude_authors.clear();
    visit(&store, &looser, now() + TimeDelta::hours(2)).await;
    assert_eq!(titles(&store), ["Story /a", "Story /c"]);
    site.asked();
    visit(&store, &looser, now() + TimeDelta::hours(3)).await;
    assert_eq!(site.asked(), ["/map.xml"]);
}

#[tokio::test]
async fn an_item_that_its_feed_shows_to_be_unwanted_costs_no_page() {
    let site = Site::open().await;
    let item = |n: u32, tag: &str| {
        let link = site.url(&format!("/story/{n}"));
        format!("<item><guid>{n}</guid><title>Item {n}</title><link>{link}</link><category>{tag}</category></item>")
    };
    site.with("/feed", rss(&(item(1, "Energy") + &item(2, "Sponsored"))));
    site.page("/story/1", "The whole story", "2026-11-20T08:00:00Z");
    let mut source = choosy(SourceKind::Feed(Place::Url(site.url("/feed"))));
    source.full = true;
    let store = store();
    visit(&store, &source, now()).await;
    assert_eq!(
        (titles(&store), site.asked().contains(&"/story/2".to_owned())),
        (vec!["The whole story".to_owned()], false)
    );
}

#[tokio::test]
async fn posts_that_are_left_out_do_not_end_the_reading_of_a_full_page() {
    let site = Site::open().await;
    let posts = |from: u32| {
        let post = |n| {
            post(n, &format!("Post {n}"), "2026-11-19T08:00:00")
                .replace("Energy", if n == 1 { "Horoscopes" } else { "Energy" })
        };
        format!("[{}]", (from..(from + 50).min(61)).map(post).collect::<Vec<_>>().join(","))
    };
    let (first, second) = (posts(1), posts(51));
    site.on("/wp-json/wp/v2/posts", move |asked| {
        let is_second = asked.uri().query().is_some_and(|query| query.contains("&page=2&"));
        if is_second { second.clone() } else { first.clone() }.into_response()
    });
    let store = store();
    let report = visit(&store, &choosy(SourceKind::WordPress(Place::Url(site.url("/")))), now()).await;
    assert_eq!((report.new, report.notes.len()), (59, 0), "{report:?}");
}

#[tokio::test]
async fn a_site_with_more_posts_than_a_visit_reads_is_told_of() {
    let site = Site::open().await;
    let posts = (1..51).map(|n| post(n, &format!("Post {n}"), "2026-11-19T08:00:00")).collect::<Vec<_>>().join(",");
    site.with("/wp-json/wp/v2/posts", format!("[{posts}]"));
    let report = visit(&store(), &source(SourceKind::WordPress(Place::Url(site.url("/")))), now()).await;
    assert!(report.notes[0].starts_with("more than 500 posts are new or changed"), "{:?}", report.notes);
}

#[tokio::test]
async fn only_pages_whose_address_fits_are_read_where_patterns_are_given() {
    let site = Site::open().await;
    site.page("/2026/wall", "The wall stands", "2026-11-19T08:00:00Z");
    site.with(
        "/map.xml",
        urlset(
            &site,
            &[("/2026/wall", "2026-11-19"), ("/jobs/porter", "2026-11-19"), ("/2026/archive/x", "2026-11-19")],
        ),
    );
    let mut source = choosy(SourceKind::SiteMap(Place::Url(site.url("/map.xml"))));
    source.choice.include_urls = UrlPattern::parse("/2026/*").into_iter().collect();
    let store = store();
    visit(&store, &source, now()).await;
    assert_eq!(
        (titles(&store), site.asked()),
        (vec!["The wall stands".to_owned()], vec!["/map.xml".into(), "/robots.txt".into(), "/2026/wall".into()])
    );
}
