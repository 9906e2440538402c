//! What scrolled off between two visits, and where it is found.

use super::*;

/// A feed that was visited four days ago, when it showed one item.
async fn seen_once() -> (Site, Source, Arc<Store>) {
    let site = Site::open().await;
    site.with("/feed", rss(&item(1, "Mon, 16 Nov 2026 08:00:00 GMT")).replace("wordpress", "other"));
    let source = source(SourceKind::Feed(Place::Url(site.url("/feed"))));
    let store = store();
    visit(&store, &source, now() - TimeDelta::days(4)).await;
    (site, source, store)
}

#[tokio::test]
async fn a_gap_is_filled_from_the_archive_and_told() {
    let (site, source, store) = seen_once().await;
    let link = |path: &str| {
        format!("<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='prev-archive' href='{}{path}'/>", site.base)
    };
    let late = |n| item(n, "Thu, 19 Nov 2026 08:00:00 GMT");
    site.with("/feed", rss(&format!("{}{}{}", link("/1"), late(8), late(9))).replace("wordpress", "other"));
    site.with("/1", rss(&format!("{}{}", item(4, "Wed, 18 Nov 2026 08:00:00 GMT"), link("/0"))));
    site.with(
        "/0",
        rss(&format!("{}{}", item(3, "Tue, 17 Nov 2026 08:00:00 GMT"), item(1, "Mon, 16 Nov 2026 08:00:00 GMT"))),
    );
    let report = visit(&store, &source, now()).await;
    assert_eq!(report.new, 4, "{report:?}");
    assert!(report.notes[0].contains("3 items were read from its archive"), "{:?}", report.notes);
    let filled = stories(&store).into_iter().find(|story| story.text.title.as_str() == "Item 3").unwrap();
    assert_eq!(filled.eligible_at, filled.published_at.unwrap(), "it belongs to the day of its publication");
    site.with("/feed", rss(&item(20, "Fri, 27 Nov 2026 08:00:00 GMT")).replace("wordpress", "other"));
    let report = visit(&store, &source, now() + TimeDelta::days(8)).await;
    assert!(report.notes[0].contains("stories may be missing"), "{:?}", report.notes);
}

#[tokio::test]
async fn archives_that_lead_in_a_circle_or_never_end_are_given_up() {
    let (site, source, store) = seen_once().await;
    let page = |n: u32, next: u32| {
        let link = "<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='next' href";
        rss(&format!("{link}='{}/{next}'/>{}", site.base, item(n, "Thu, 19 Nov 2026 08:00:00 GMT")))
            .replace("wordpress", "other")
    };
    site.with("/feed", page(9, 1));
    site.with("/1", page(10, 2));
    site.with("/2", page(11, 1));
    site.asked();
    let report = visit(&store, &source, now()).await;
    let asked = site.asked();
    let archives: Vec<&str> = asked.iter().map(String::as_str).filter(|path| ["/1", "/2"].contains(path)).collect();
    assert_eq!(archives, ["/1", "/2"]);
    assert!(report.notes[0].contains("stories may be missing"), "{:?}", report.notes);

    for n in 1..30 {
        site.with(&format!("/{n}"), page(100 + n, n + 1).replace("19 Nov", "29 Nov"));
    }
    site.with("/feed", page(99, 1).replace("19 Nov", "29 Nov"));
    visit(&store, &source, now() + TimeDelta::days(10)).await;
    let asked = site.asked();
    assert_eq!(asked.iter().filter(|path| path[1..].parse::<u32>().is_ok()).count(), 10, "{asked:?}");
}

#[tokio::test]
async fn a_gap_is_filled_from_the_sites_map_where_there_is_no_archive() {
    let (site, source, store) = seen_once().await;
    site.with("/feed", rss(&item(9, "Thu, 19 Nov 2026 08:00:00 GMT")).replace("wordpress", "other"));
    let entry = |path: &str, day: &str| format!("<url><loc>{}{path}</loc><lastmod>{day}</lastmod></url>", site.base);
    let map =
        ["/lost", "/mended", "/old"].map(|path| entry(path, if path == "/old" { "2026-11-02" } else { "2026-11-18" }));
    site.with("/sitemap.xml", format!("<urlset>{}</urlset>", map.concat()));
    let page = |title: &str, day: &str| {
        format!(
            "<html><head><title>{title}</title><meta property='article:published_time' content='{day}T08:00:00Z'></head><body><h1>{title}</h1><p>{}</p></body></html>",
            "A sentence of the page. ".repeat(20)
        )
    };
    site.with("/lost", page("A lost story of the gap", "2026-11-18"));
    site.with("/mended", page("An old story, mended", "2026-10-01"));
    let report = visit(&store, &source, now()).await;
    assert_eq!(report.new, 2, "{report:?}");
    assert!(report.notes[0].contains("1 pages of those days were read from the site's map"), "{:?}", report.notes);
    assert!(stories(&store).iter().any(|story| story.text.title.as_str() == "A lost story of the gap"));
}

#[tokio::test]
async fn a_gap_is_filled_from_the_maps_that_robots_txt_names() {
    let (site, source, store) = seen_once().await;
    site.with("/feed", rss(&item(9, "Thu, 19 Nov 2026 08:00:00 GMT")).replace("wordpress", "other"));
    site.with(
        "/robots.txt",
        format!("User-agent: *\nDisallow: /x\nSitemap: {0}/gone.xml\nsitemap: {0}/maps/days.xml.gz\n", site.base),
    );
    site.with("/maps/days.xml.gz", gzip(&urlset(&site, &[("/lost", "2026-11-18T08:00:00Z")])));
    site.page("/lost", "A lost story of the gap", "2026-11-18T08:00:00Z");
    let report = visit(&store, &source, now()).await;
    assert_eq!(report.new, 2, "{report:?}");
    assert!(report.notes[0].contains("1 pages of those days were read from the site's map"), "{:?}", report.notes);
    assert!(!site.asked().contains(&"/sitemap.xml".to_owned()), "the usual place is a guess for sites that name none");
}

#[tokio::test]
async fn a_gap_is_filled_from_the_wordpress_api_where_the_feed_has_no_older_pages() {
    let site = Site::open().await;
    site.with("/feed/", rss(&item(1, "Mon, 16 Nov 2026 08:00:00 GMT")));
    let source = source(SourceKind::Feed(Place::Url(site.url("/feed/"))));
    let store = store();
    visit(&store, &source, now() - TimeDelta::days(4)).await;
    site.with("/feed/", rss(&item(9, "Thu, 19 Nov 2026 08:00:00 GMT")));
    site.on("/feed/?paged=2", |_| StatusCode::NOT_FOUND.into_response());
    let posts =
        [post(7, "Lost on Tuesday", "2026-11-17T08:00:00"), post(8, "Lost on Wednesday", "2026-11-18T08:00:00")];
    site.with("/wp-json/wp/v2/posts", format!("[{}]", posts.join(",")));
    site.asked();
    let report = visit(&store, &source, now()).await;
    assert_eq!(report.new, 3, "{report:?}");
    assert!(report.notes[0].contains("2 posts of those days were read from the WordPress API"), "{:?}", report.notes);
    let asked = site.asked();
    let api = asked.iter().find(|path| path.starts_with("/wp-json")).unwrap();
    assert!(api.contains("after=2026-11-16T08") && api.contains("before=2026-11-19T08"), "{api}");
    let lost = stories(&store).into_iter().find(|story| story.text.title.as_str() == "Lost on Tuesday").unwrap();
    assert_eq!((lost.eligible_at, lost.text.labels[0].as_str()), (lost.published_at.unwrap(), "Energy"));
    assert!(!asked.contains(&"/sitemap.xml".to_owned()), "the API said all");
}
