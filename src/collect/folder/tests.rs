//! Folders as people keep them.

use super::*;
use crate::domain::source::SourceKind;
use crate::domain::tag::Slug;
use crate::domain::text::Line;

fn source(base: Option<&str>) -> Source {
    let (id, name) = (Slug::parse("desk").unwrap(), Line::clean("Desk"));
    let tags = vec!["Own".into()];
    Source {
        base_url: base.map(|base| Url::parse(base).unwrap()),
        tags,
        ..Source::new(id, name, SourceKind::Folder("x".into()))
    }
}

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

fn reading(files: &[(&str, &[u8])], base: Option<&str>) -> Reading {
    read(folder(files).path(), &source(base), "2026-11-21T00:00:00Z".parse().unwrap()).unwrap()
}

fn labels(sighting: &Sighting) -> Vec<&str> {
    sighting.text.labels.iter().map(Line::as_str).collect()
}

#[test]
fn the_generators_front_matter_is_understood() {
    let reading = reading(
        &[
            ("2026-11-18-harvest.md", b"---\ntitle: Harvest\ncategories: Farming Weather\ntags:\n  - rain\nauthor: Ann Smith\nexcerpt: A wet year.\n---\nText of the story."),
            ("astro.md", b"---\ntitle: 'Astro'\npubDate: 'Nov 19 2026'\nupdatedDate: 2026-11-20\nheroImage: /hero.jpg\ntags: ['a', 'b']\nauthors: [{name: Bob Lee}]\n---\n![x](pic.png) Text"),
            ("hugo/index.md", b"+++\ntitle = \"Hugo\"\ndate = 2026-11-17T10:00:00+01:00\nlastmod = 2026-11-18\ndraft = false\ncategories = [\"News\"]\n[cover]\nimage = \"c.png\"\nalt = \"A c\"\n+++\nText"),
            ("zola.md", b"+++\ntitle = \"Zola\"\ndate = 2026-11-16\nslug = \"zed\"\n[taxonomies]\ntags = [\"t\"]\nauthors = [\"Cy Orr\"]\n+++\nText"),
            ("plain.md", b"# First *heading*\n\nA text under it. [link](other)\n"),
        ],
        Some("https://desk.example/stories/"),
    );
    assert_eq!(reading.problems, Vec::<String>::new());
    let by_title = |title: &str| reading.sightings.iter().find(|s| s.text.title.as_str() == title).unwrap();
    let jekyll = by_title("Harvest");
    assert_eq!((jekyll.published_raw.as_deref(), jekyll.text.summary.as_str()), (Some("2026-11-18"), "A wet year."));
    assert_eq!(jekyll.url.as_ref().unwrap().as_str(), "https://desk.example/stories/harvest");
    assert_eq!(labels(jekyll), ["Own", "rain", "Farming Weather"]);
    let astro = by_title("Astro");
    assert_eq!(
        (astro.text.authors[0].as_str(), astro.text.picture.as_ref().unwrap().url.as_str()),
        ("Bob Lee", "https://desk.example/hero.jpg")
    );
    assert!(
        astro.updated_at.is_some() && astro.text.content.as_str().contains("https://desk.example/stories/pic.png"),
        "{:?}",
        astro.text.content
    );
    let hugo = by_title("Hugo");
    assert_eq!(
        (hugo.url.as_ref().unwrap().as_str(), hugo.text.picture.as_ref().unwrap().alt.as_str()),
        ("https://desk.example/stories/hugo", "A c")
    );
    let zola = by_title("Zola");
    assert_eq!(
        (zola.url.as_ref().unwrap().as_str(), zola.text.authors[0].as_str()),
        ("https://desk.example/stories/zed", "Cy Orr")
    );
    let plain = by_title("First heading");
    assert!(!plain.text.content.as_str().contains("heading") && plain.published_at.is_none());
}

#[test]
fn what_themes_keep_for_themselves_is_read_where_the_generator_says_nothing() {
    let files: [(&str, &[u8]); 2] = [
        ("a.md", b"+++\ntitle = \"A\"\ndescription = \"Its own.\"\n[extra]\nauthor = \"Ann Smith\"\nsummary = \"x\"\nlink = \"https://else.example/\"\n+++\nText"),
        ("b.md", b"---\ntitle: B\nparams:\n  author: Bob Lee\n  cover: /b.png\n---\nText"),
    ];
    let reading = reading(&files, Some("https://desk.example/"));
    let said: Vec<_> =
        reading.sightings.iter().map(|s| (s.text.authors[0].as_str(), s.url.as_ref().unwrap().path())).collect();
    assert_eq!(said, [("Ann Smith", "/a"), ("Bob Lee", "/b")]);
    assert_eq!(reading.sightings[0].text.summary.as_str(), "Its own.");
    assert_eq!(reading.sightings[1].text.picture.as_ref().unwrap().url.path(), "/b.png");
}

#[test]
fn drafts_and_future_dates_are_not_there_yet() {
    let reading = reading(
        &[
            ("a.md", b"---\ntitle: A\ndraft: true\n---\nx"),
            ("b.md", b"---\ntitle: B\ndate: 2027-01-01\n---\nx"),
            ("c.md", b"---\ntitle: C\npublished: false\n---\nx"),
            ("e.md", b"---\ntitle: E\ndraft: yes\n---\nx"),
            ("f.md", b"---\ntitle: F\npublished: no\n---\nx"),
            ("g.md", b"{\"title\": \"G\", \"draft\": true}\n\nx"),
            ("_drafts/h.md", b"---\ntitle: H\n---\nx"),
            ("_index.md", b"---\ntitle: D\n---\nx"),
        ],
        None,
    );
    assert!(reading.sightings.is_empty() && reading.problems.is_empty(), "{reading:?}");
}

#[test]
fn without_a_base_only_what_the_file_says_is_an_address() {
    let reading = reading(
        &[
            ("a.md", b"---\ntitle: A\ncanonical: https://else.example/a\n---\nx"),
            ("b.md", b"---\ntitle: B\nurl: /b/\n---\nx"),
        ],
        None,
    );
    assert_eq!(
        reading.sightings.iter().map(|s| s.url.as_ref().map(Url::as_str)).collect::<Vec<_>>(),
        [Some("https://else.example/a"), None]
    );
}

#[test]
fn bad_files_are_reported_and_the_rest_goes_on() {
    let folder = folder(&[
        ("good.txt", b"A good headline\n\nA good text that says something of interest to everybody who reads it."),
        ("binary.txt", b"\x00\x01\x02"),
        ("deep.html", "<div>".repeat(5_000).as_bytes()),
        ("latin.txt", b"\xdcber die Br\xfccke\n\nDer Text ist in einer alten Kodierung geschrieben und dennoch zu lesen, f\xfcr jeden."),
        ("huge.md", &vec![b'x'; (BYTES + 1) as usize]),
        ("picture.png", b"\x89PNG"),
        (".hidden.md", b"x"),
    ]);
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret.md"), "# Secret").unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret.md"), folder.path().join("link.md")).unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("linked")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path().join("broken.md")).unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
    let reading = read(folder.path(), &source(None), "2026-11-21T00:00:00Z".parse().unwrap()).unwrap();
    assert_eq!(
        reading.sightings.iter().map(|s| s.text.title.as_str()).collect::<Vec<_>>(),
        ["A good headline", "Über die Brücke"]
    );
    let mut named: Vec<&str> = reading.problems.iter().map(|p| p.split(':').next().unwrap()).collect();
    named.sort_unstable();
    assert_eq!(named, ["binary.txt", "broken.md", "deep.html", "huge.md", "link.md", "linked"]);
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    assert!(read(Path::new("/nonexistent/articles"), &source(None), DateTime::UNIX_EPOCH).is_err());
}

#[test]
fn a_picture_beside_a_text_is_its_picture() {
    let text = b"A Column\n\nA Vote Is Taken\n\nThe house sat for nine hours and then it voted.\n";
    let reading =
        reading(&[("a-vote.txt", text), ("a-vote.png", &crate::collect::pictures::tests::png(640, 360))], None);
    let said = &reading.sightings[0].text;
    let picture = said.picture.as_ref().unwrap();
    assert!(picture.url.scheme() == "file" && picture.url.path().ends_with("/a-vote.png"), "{}", picture.url);
    assert_eq!(picture.alt, said.title);
}

#[test]
fn what_is_odd_in_a_file_is_told_by_name_and_line() {
    let reading = reading(
        &[
            ("broken.md", b"---\ntitle: Votes\ntags: [a, b\n---\nText of it."),
            ("open.md", b"---\ntitle: Votes\n\nText of it."),
            ("rule.md", b"---\nA line of prose below a rule.\n"),
            ("toml.md", b"+++\ntitle = \"A\"\ndraft = nope\n+++\nText of it."),
            ("undated.md", b"---\ntitle: Undated\ndate: soon\n---\nText of it."),
            ("untitled.md", b"---\ndate: 2026-11-18\n---\nText of it."),
            ("whole.md", b"---\ntitle: Whole\ndate: 2026-11-18\n---\nText of it."),
        ],
        None,
    );
    let told = |start: &str| reading.problems.iter().any(|problem| problem.starts_with(start));
    for start in [
        "broken.md:",
        "open.md:1: the front matter",
        "toml.md:3: broken TOML",
        "undated.md:3: date \"soon\"",
        "untitled.md:1: no title",
    ] {
        assert!(told(start), "{start}: {:#?}", reading.problems);
    }
    assert!(!told("whole.md") && reading.sightings.len() == 7, "{:#?}", reading.problems);
}

#[test]
fn mails_are_read_and_what_is_not_yet_or_no_longer_shown_is_passed_over() {
    let reading = reading(
        &[
            ("a.eml", b"From: Ann Smith <ann@example.org>\r\nSubject: A week of rain\r\nDate: Fri, 20 Nov 2026 08:30:00 +0100\r\n\r\nIt rained all week.\r\n"),
            ("b.md", b"---\ntitle: Later\ndate: 2026-11-18\npublishDate: 2026-12-01\n---\nText"),
            ("c.md", b"---\ntitle: Over\ndate: 2026-11-18\nexpiryDate: 2026-11-20\n---\nText"),
        ],
        None,
    );
    assert_eq!(reading.sightings.iter().map(|s| s.text.title.as_str()).collect::<Vec<_>>(), ["A week of rain"]);
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
}
