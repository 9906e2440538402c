//! When a source is asked again: by its own word, by how it has failed, when its stories have settled; and when it is told of instead.

use super::*;

/// Whether a source is asked at each of these minutes after the first visit, by who asks only what is due.
async fn asked_at(store: &Arc<Store>, source: &Source, minutes: &[i64]) -> Vec<bool> {
    let due = Manner { only_due: true, ..Manner::default() };
    let mut asked = Vec::new();
    for minute in minutes {
        asked.push(visit_with(store, source, now() + TimeDelta::minutes(*minute), &due).await.is_some());
    }
    asked
}

fn feed_at(site: &Site, path: &str) -> Source {
    let mut source = source(SourceKind::Feed(Place::Url(site.url(path))));
    source.id = Slug::parse(&path[1..]).unwrap();
    source
}

#[tokio::test]
async fn servers_are_asked_when_they_want_to_be() {
    let site = Site::open().await;
    site.on("/busy", |_| (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "7200")]).into_response());
    site.on("/often", |_| (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "7200")]).into_response());
    site.with("/calm", rss(&format!("<ttl>120</ttl>{}", item(1, "Fri, 20 Nov 2026 08:00:00 GMT"))));
    let whole = rss(&item(1, "Fri, 20 Nov 2026 08:00:00 GMT"));
    site.on("/fresh", move |_| ([(header::CACHE_CONTROL, "public, max-age=7200")], whole.clone()).into_response());
    let store = store();
    for path in ["/busy", "/often", "/calm", "/fresh"] {
        // What is sent whole and the same each time says for how long as well.
        let asked = asked_at(&store, &feed_at(&site, path), &[0, 119, 121, 239, 242]).await;
        assert_eq!(asked, [true, false, true, false, true], "{path}");
    }
    let error = store.source_state(&Slug::parse("busy").unwrap()).unwrap().last_error.unwrap();
    assert_eq!(error, "the server answered 503 and asks to wait 7200 seconds");
}

#[tokio::test]
async fn what_has_not_changed_says_for_how_long_anew() {
    let site = Site::open().await;
    let answers = |path: &str, freshness: &'static str, ttl: &str| {
        let body = rss(&format!("{ttl}{}", item(1, "Fri, 20 Nov 2026 08:00:00 GMT")));
        site.on(path, move |asked| {
            let headers = [(header::ETAG, "\"1\""), (header::CACHE_CONTROL, freshness)];
            let is_known = asked.headers().contains_key(header::IF_NONE_MATCH);
            if is_known {
                (StatusCode::NOT_MODIFIED, headers).into_response()
            } else {
                (headers, body.clone()).into_response()
            }
        });
    };
    answers("/fresh", "max-age=7200", "");
    answers("/ttl", "public", "<ttl>120</ttl>");
    answers("/neither", "public", "");
    let store = store();
    for (path, is_fresh) in [("/fresh", true), ("/ttl", true), ("/neither", false)] {
        let asked = asked_at(&store, &feed_at(&site, path), &[0, 119, 140, 259, 280]).await;
        assert_eq!(asked, [true, !is_fresh, true, !is_fresh, true], "{path}");
    }
}

#[tokio::test]
async fn a_source_that_fails_is_left_alone_for_longer_each_time_until_it_answers() {
    let site = Site::open().await;
    site.on("/feed", |_| StatusCode::INTERNAL_SERVER_ERROR.into_response());
    let (source, store) = (feed_at(&site, "/feed"), store());
    // Waits of 15, 30 and 60 minutes.
    let asked = asked_at(&store, &source, &[0, 14, 15, 44, 45, 104, 105]).await;
    assert_eq!(asked, [true, false, true, false, true, false, true]);
    assert_eq!(store.source_state(&source.id).unwrap().failures, 4);
    site.with("/feed", rss(&item(1, "Fri, 20 Nov 2026 08:00:00 GMT")));
    visit(&store, &source, now() + TimeDelta::minutes(106)).await;
    let state = store.source_state(&source.id).unwrap();
    assert_eq!((state.failures, state.retry_at, state.last_error), (0, None, None));
}

#[tokio::test]
async fn redirects_are_followed_five_times_and_no_more() {
    let site = Site::open().await;
    for n in 1..8 {
        let to = site.url(&format!("/{}", n - 1)).to_string();
        site.on(&format!("/{n}"), move |_| (StatusCode::FOUND, [(header::LOCATION, to.clone())]).into_response());
    }
    site.with("/0", "<rss/>");
    assert!(fetched(&site, "/5", 1_000).await.is_ok());
    assert_eq!(fetched(&site, "/6", 1_000).await, Err(FetchError::TooManyRedirects(5)));
}

#[tokio::test]
async fn words_are_remembered_for_sixty_days() {
    let site = Site::open().await;
    let lead = "<description>What the council of the harbour did about the wall, and what the night in which it voted has cost the town</description>";
    let story = |name: &str, at: &str| {
        format!(
            "<item><guid>{name}</guid><title>The wall of the harbour stands after all</title><link>https://x.example/{name}</link><pubDate>{at}</pubDate>{lead}</item>"
        )
    };
    let source = feed_at(&site, "/feed");
    let at = "Fri, 20 Nov 2026 08:00:00 GMT";
    for (days, new) in [(59, 0), (61, 1)] {
        let store = store();
        site.with("/feed", rss(&story("old", at)));
        assert_eq!(visit(&store, &source, now()).await.new, 1);
        site.with("/feed", rss(&story("new", at)));
        let report = visit(&store, &source, now() + TimeDelta::days(days)).await;
        assert_eq!(report.new, new, "after {days} days: {report:?}");
    }
}

#[tokio::test]
async fn a_redirect_for_good_is_remembered_and_a_source_that_is_gone_rests() {
    let site = Site::open().await;
    let to = site.url("/new").to_string();
    site.on("/old", move |_| (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, to.clone())]).into_response());
    site.with("/new", rss(&item(1, "Fri, 20 Nov 2026 08:00:00 GMT")));
    let source = source(SourceKind::Feed(Place::Url(site.url("/old"))));
    let store = store();
    visit(&store, &source, now()).await;
    visit(&store, &source, now()).await;
    assert_eq!(site.asked(), ["/old", "/new", "/new"]);
    site.on("/new", |_| StatusCode::NOT_FOUND.into_response());
    visit(&store, &source, now()).await;
    site.on("/old", |_| StatusCode::GONE.into_response());
    site.asked();
    let gone = visit(&store, &source, now()).await;
    assert_eq!(
        (gone.status, site.asked()),
        (Status::Failed, vec!["/old".to_owned()]),
        "what it had moved to is gone, so it is asked anew"
    );
    let rests = visit(&store, &source, now() + TimeDelta::days(9)).await;
    assert_eq!((rests.status, rests.notes.len(), site.asked().len()), (Status::Rests, 1, 0));
    assert_eq!(store.alarms().unwrap()[0].kind, "source-failing");
    site.with("/old", rss(""));
    visit_with(&store, &source, now(), &Manner { is_named: true, ..Manner::default() }).await;
    assert!(store.alarms().unwrap().is_empty() && store.source_state(&source.id).unwrap().gone_at.is_none());
}

#[tokio::test]
async fn what_has_to_settle_counts_only_then_and_with_its_later_text() {
    let site = Site::open().await;
    site.with("/feed", rss(""));
    let mut source = source(SourceKind::Feed(Place::Url(site.url("/feed"))));
    source.settle_seconds = 1_800;
    let store = store();
    visit(&store, &source, now()).await;
    site.with("/feed", rss(&item(1, "Fri, 20 Nov 2026 12:10:00 GMT")));
    let seen = now() + TimeDelta::minutes(15);
    visit(&store, &source, seen).await;
    assert_eq!(stories(&store)[0].eligible_at, seen + TimeDelta::minutes(30));
    let state = store.source_state(&source.id).unwrap();
    assert!(state.due_at.unwrap() <= seen + TimeDelta::minutes(33), "it is read again when it has settled");
    site.with("/feed", rss(&item(1, "Fri, 20 Nov 2026 12:10:00 GMT").replace("Item 1", "Item 1, mended")));
    visit(&store, &source, state.due_at.unwrap()).await;
    assert_eq!(titles(&store), ["Item 1, mended"]);
    assert_eq!(stories(&store)[0].eligible_at, seen + TimeDelta::minutes(30), "mending delays nothing");
}

#[tokio::test]
async fn a_source_that_falls_silent_against_its_habit_is_told_of_until_it_speaks() {
    let site = Site::open().await;
    let hours = |from: u32| {
        (from..from + 6).map(|n| item(n, &format!("Fri, 20 Nov 2026 {n:02}:00:00 GMT"))).collect::<Vec<_>>().concat()
    };
    site.with("/feed", rss(&hours(1)));
    let source = source(SourceKind::Feed(Place::Url(site.url("/feed"))));
    let store = store();
    visit(&store, &source, now()).await;
    visit(&store, &source, now() + TimeDelta::days(2)).await;
    assert!(store.alarms().unwrap().is_empty(), "a weekend is no silence");
    visit(&store, &source, now() + TimeDelta::days(10)).await;
    visit(&store, &source, now() + TimeDelta::days(10)).await;
    let alarms = store.alarms().unwrap();
    assert_eq!((alarms[0].kind.as_str(), alarms[0].times), ("source-silent", 1));
    site.with("/feed", rss(&hours(3)));
    visit(&store, &source, now() + TimeDelta::days(11)).await;
    assert!(store.alarms().unwrap().is_empty());
}
