//! Every kind of source from a real nginx, by the program's own commands.

use crate::support::newsroom::{Newsroom, now};
use crate::support::nginx::Nginx;
use crate::support::process::{free_port, open_folder};
use chrono::TimeDelta;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::Path;

pub fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("it lies in the folder")).expect("our own folder");
    fs::write(path, bytes).expect("our own folder");
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("in memory");
    encoder.finish().expect("in memory")
}

/// Adds the site map that a server has at `/map.xml` to the sources.
pub fn read_map(newsroom: &mut Newsroom, nginx: &Nginx) {
    newsroom.set(|settings| {
        settings.sources.push_str(&format!(
            "[[sources]]\nid = \"site\"\nname = \"The Site\"\nkind = \"sitemap\"\nurl = \"{}\"\nallow_private = true\n",
            nginx.url("/map.xml")
        ));
    });
}

/// A story's page as a newsroom's program makes it.
pub fn page(title: &str) -> String {
    let at = (now() - TimeDelta::hours(5)).to_rfc3339();
    // Texts that differ, or the program would take them for one story.
    let name = title.rsplit(' ').next().unwrap_or(title);
    let text = (0..8)
        .map(|n| format!("On day {n} the {name} were told of by {name}-{n}, and nobody{name} heard it. "))
        .collect::<Vec<_>>()
        .concat();
    format!(
        "<!doctype html><html lang=\"en\"><head><title>{title} | Harbour</title><meta property=\"og:title\" content=\"{title}\">\
         <meta property=\"article:published_time\" content=\"{at}\"><meta name=\"keywords\" content=\"Harbour, Walls\"></head>\
         <body><article><h1>{title}</h1><p>{text}</p><p>{text}</p></article></body></html>"
    )
}

fn post(n: u32, title: &str) -> String {
    let at = (now() - TimeDelta::hours(6)).format("%Y-%m-%dT%H:%M:%S");
    format!(
        "{{\"id\":{n},\"date_gmt\":\"{at}\",\"link\":\"https://wp.example/{n}\",\"title\":{{\"rendered\":\"{title}\"}},\
         \"excerpt\":{{\"rendered\":\"<p>What was said, in one sentence.</p>\"}},\"content\":{{\"rendered\":\"<p>Text.</p>\"}},\
         \"_embedded\":{{\"wp:term\":[[{{\"name\":\"Trade\",\"taxonomy\":\"category\"}}]]}}}}"
    )
}

fn about<'a>(sources: &'a Value, id: &str) -> &'a Value {
    let all = sources["sources"].as_array().expect("a list");
    all.iter().find(|source| source["source"] == id).unwrap_or_else(|| panic!("{id} is missing in {sources}"))
}

/// A site with everything: a site map in packed parts, a front page with links, an API, a feed behind a password, robots.txt.
fn site(root: &Path) -> Nginx {
    let port = free_port();
    let base = format!("http://127.0.0.1:{port}");
    write(
        root,
        "maps/index.xml",
        format!("<sitemapindex><sitemap><loc>{base}/maps/a.xml.gz</loc></sitemap></sitemapindex>"),
    );
    let locations: String =
        ["wall", "boats", "closed/secret"].map(|name| format!("<url><loc>{base}/{name}.html</loc></url>")).concat();
    write(root, "maps/a.xml.gz", gzip(&format!("<urlset>{locations}</urlset>")));
    write(root, "robots.txt", format!("User-agent: *\nDisallow: /closed/\nSitemap: {base}/maps/index.xml\n"));
    let links: String = ["nets", "ropes", "sails"]
        .map(|name| format!("<article><h2><a href=\"/{name}.html\">About the {name} of the harbour</a></h2></article>"))
        .concat();
    write(
        root,
        "front.html",
        format!(
            "<html><head><link rel=\"alternate\" type=\"application/rss+xml\" href=\"/private/feed.xml\"></head><body><main>{links}</main></body></html>"
        ),
    );
    for name in ["wall", "boats", "closed/secret", "nets", "ropes", "sails"] {
        write(root, &format!("{name}.html"), page(&format!("About the {name}")));
    }
    write(root, "blog/posts.json", format!("[{}]", post(1, "From the API")));
    write(
        root,
        "private/feed.xml",
        "<rss version=\"2.0\"><channel><title>Members</title><item><guid>m1</guid><title>For members</title><link>https://m.example/1</link></item></channel></rss>",
    );
    // ann:sesame
    write(root, "users", "ann:{PLAIN}sesame\n");
    let folder = root.display();
    Nginx::start(
        port,
        &format!(
            "server {{ listen 127.0.0.1:{port}; root {folder};
               location /blog/wp-json/wp/v2/posts {{ default_type application/json; alias {folder}/blog/posts.json; }}
               location /private/ {{ auth_basic \"members\"; auth_basic_user_file {folder}/users; }}
               location = /old.xml {{ return 301 /private/feed.xml; }} }}"
        ),
    )
}

#[test]
fn every_kind_of_source_is_collected_and_tried() {
    let folder = open_folder();
    let nginx = site(folder.path());
    let mut newsroom = Newsroom::new();
    let block = |id: &str, kind: &str, path: &str, more: &str| {
        format!(
            "[[sources]]\nid = \"{id}\"\nname = \"Source {id}\"\nkind = \"{kind}\"\nurl = \"{}\"\nallow_private = true\n{more}\n",
            nginx.url(path)
        )
    };
    newsroom.set(|settings| {
        settings.sources = block("map", "sitemap", "/maps/index.xml", "")
            + &block("front", "page", "/front.html", "selector = \"main article\"\nexclude_urls = [\"/sails*\"]")
            + &block("blog", "wordpress", "/blog/", "")
            + &block("members", "feed", "/old.xml", "username = \"ann\"\npassword = \"sesame\"");
    });
    let tried = newsroom.json(&["sources", "try", "blog", "--json"]);
    assert_eq!(tried["stories"][0]["title"], "From the API", "{tried}");
    assert_eq!(
        newsroom.json(&["sources", "list", "--json"])[2]["last_success_at"],
        Value::Null,
        "trying writes nothing"
    );

    let report = newsroom.json(&["collect", "--json"]);
    for (id, new) in [("map", 2), ("front", 2), ("blog", 1), ("members", 1)] {
        assert_eq!((&about(&report, id)["new"], &about(&report, id)["error"]), (&new.into(), &Value::Null), "{report}");
    }
    assert!(
        about(&report, "map")["problems"][0].as_str().is_some_and(|problem| problem.contains("robots.txt")),
        "{report}"
    );
    assert!(!nginx.log().contains("GET /closed/"), "{}", nginx.log());
    let again = newsroom.json(&["collect", "--json"]);
    assert!(again["sources"].as_array().expect("a list").iter().all(|source| source["new"] == 0), "{again}");

    let tags = newsroom.json(&["tags", "list", "--json"]);
    assert!(
        tags["stories"].as_u64().is_some_and(|stories| stories >= 6)
            && tags["tags"].as_array().is_some_and(|tags| !tags.is_empty()),
        "{tags}"
    );
    let shown = newsroom.json(&["articles", "show", "about", "wall", "--json"]);
    assert_eq!(
        (shown["title"].as_str(), shown["sightings"][0]["source"].as_str()),
        (Some("About the wall"), Some("map")),
        "{shown}"
    );
}

#[test]
fn a_story_is_added_merged_split_and_explained() {
    let folder = open_folder();
    let nginx = site(folder.path());
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| {
        settings.sources = format!(
            "[[sources]]\nid = \"map\"\nname = \"Map\"\nkind = \"sitemap\"\nurl = \"{}\"\nallow_private = true\n",
            nginx.url("/maps/index.xml")
        );
    });
    newsroom.json(&["collect", "--json"]);
    let added = newsroom.json(&["articles", "add", &nginx.url("/nets.html"), "--json"]);
    assert_eq!((&added["new"], &added["source"]), (&true.into(), &"map".into()), "{added}");
    let id = |words: &str| newsroom.json(&["articles", "show", words, "--json"])["article"].to_string();
    let (wall, nets) = (id("wall"), id("nets"));
    newsroom.json(&["articles", "merge", &wall, &nets, "--json"]);
    let merged = newsroom.json(&["articles", "explain", &nets, "--json"]);
    assert!(
        merged["standing"].as_str().is_some_and(|standing| standing.contains(&format!("part of article {wall}"))),
        "{merged}"
    );
    let split = newsroom.json(&["articles", "split", &wall, "--json"]);
    assert_eq!(split["split"].to_string(), nets, "{split}");
    assert!(newsroom.fails(2, &["articles", "merge", &wall, &wall]).contains("itself"));
    assert!(newsroom.fails(2, &["articles", "show", "about"]).contains("fits several"));
    assert!(newsroom.fails(1, &["articles", "explain", "999"]).contains("there is none"));
}

#[test]
fn the_sites_own_numbers_stand_under_most_read_and_a_broken_list_is_named() {
    let folder = open_folder();
    let port = free_port();
    let base = format!("http://127.0.0.1:{port}");
    let names = ["wall", "boats", "nets", "ropes"];
    let locations = names.map(|name| format!("<url><loc>{base}/{name}.html</loc></url>")).concat();
    write(folder.path(), "map.xml", format!("<urlset>{locations}</urlset>"));
    for name in names {
        write(folder.path(), &format!("{name}.html"), page(&format!("About the {name}")));
    }
    let numbers = [("/boats.html", 3), ("/wall.html?utm_source=mail", 9), ("/", 99), ("/elsewhere.html", 5)];
    let listed = numbers.map(|(url, views)| format!("{{\"url\":\"{url}\",\"views\":{views}}}")).join(",");
    write(folder.path(), "most.json", format!("[{listed}]"));
    let _nginx =
        Nginx::start(port, &format!("server {{ listen 127.0.0.1:{port}; root {}; }}", folder.path().display()));
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| {
        settings.sources = [("map", "sitemap", "map.xml"), ("most", "ranking", "most.json")]
            .map(|(id, kind, file)| {
                format!(
                    "[[sources]]\nid = \"{id}\"\nname = \"{id}\"\nkind = \"{kind}\"\nurl = \"{base}/{file}\"\nallow_private = true\n\n"
                )
            })
            .concat();
    });
    newsroom.done(&["collect"]);
    let most_read = || {
        let text = newsroom.done(&["preview", "--format", "text"]);
        let (_, after) = text.split_once("Most read").or_else(|| text.split_once("MOST READ")).expect(&text);
        after.to_owned()
    };
    let said = most_read();
    let (wall, boats) = (said.find("About the wall"), said.find("About the boats"));
    assert!(wall.is_some() && wall < boats, "by their numbers, whatever their order: {said}");
    assert!(!said.contains("About the nets") && !said.contains("elsewhere"), "only what the list names: {said}");

    write(folder.path(), "most.json", "[1, 2]");
    let broken = newsroom.call(&["collect"]);
    assert_eq!(broken.status, Some(1), "{broken:?}");
    assert!(format!("{}{}", broken.out, broken.err).contains("not a list of pages: write [{\"url\""), "{broken:?}");
    assert!(most_read().contains("About the wall"), "what was known of it stays");
}

#[test]
fn a_source_is_found_written_and_removed_with_every_comment_kept() {
    let folder = open_folder();
    let nginx = site(folder.path());
    let newsroom = Newsroom::new();
    let config = newsroom.path("config/week-in-review.toml");
    let before = fs::read_to_string(&config).expect("the newsroom has a configuration");
    let found = newsroom.json(&[
        "sources",
        "add",
        &nginx.url("/front.html"),
        "--allow-private",
        "--write",
        "--id",
        "harbour",
        "--json",
    ]);
    assert_eq!(found[0]["kind"], "sitemap", "the feed wants a password, robots.txt names a map: {found}");
    assert!(fs::read_to_string(&config).expect("it is there").contains("id = \"harbour\""));
    assert_eq!(newsroom.json(&["sources", "show", "harbour", "--json"])[0]["kind"], "sitemap");
    newsroom.done(&["sources", "remove", "harbour", "--yes"]);
    let after = fs::read_to_string(&config).expect("it is there");
    assert_eq!(after.trim_end(), before.trim_end());
}
