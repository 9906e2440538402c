//! What is checked before an issue goes out, on the command line and at the desk: what blocks keeps it back until somebody takes it upon themselves.

use crate::desk::room::Room;
use crate::support::newsroom::{Newsroom, daily, now};
use crate::support::nginx::Nginx;
use crate::support::process::{free_port, open_folder};
use crate::support::tls::Certificates;
use crate::visiting::{page, read_map, write};
use chrono::TimeDelta;
use serde_json::json;
use std::fs;
use url::Url;
use week_in_review::app::App;
use week_in_review::clock::Clock;
use week_in_review::collect::fetch::{Fetch as _, HttpFetch, Limits, Request};
use week_in_review::config::Via;
use week_in_review::domain::article::{ArticleId, Picture};
use week_in_review::domain::issue::{Issue, IssueState, Story};
use week_in_review::domain::newsletter::{Newsletter, Section};
use week_in_review::domain::preflight::{Gathering, Level, Preflight};
use week_in_review::domain::prose::Prose;
use week_in_review::domain::schedule::Schedule;
use week_in_review::domain::tag::{Slug, Tag};
use week_in_review::domain::text::Line;
use week_in_review::entropy::Entropy;
use week_in_review::preflight::{self, Depth};
use week_in_review::scheduler::Step;

/// A story with a headline that is there already, of another address and day.
fn write_again(newsroom: &Newsroom, title: &str, number: usize, summary: &str) {
    let date = (now() - TimeDelta::hours(2)).format("%Y-%m-%dT%H:%M:%SZ");
    let text = format!(
        "---\ntitle: \"{title}\"\ndate: {date}\nurl: https://www.harbour.example/second/{number}\ntags: [Economy]\n\
         summary: {summary}\n---\n\n\
         Nobody who was at the meeting of the port's owners remembers what was said after midnight, or by whom.\n"
    );
    fs::write(newsroom.path(&format!("articles/again-{number}.md")), text).expect("our own folder");
}

#[test]
fn the_preview_tells_what_was_checked_and_fails_when_something_blocks() {
    let newsroom = Newsroom::new();
    newsroom.bring(&["Harbour fees rise", "A new ferry"]);
    let nobody = newsroom.call(&["preview", "--check"]);
    assert_eq!(nobody.status, Some(1), "{nobody:?}");
    assert!(nobody.out.contains("blocking  Nobody to send to: no active subscriber"), "{}", nobody.out);
    newsroom.subscribe(3);
    let said = newsroom.done(&["preview", "--check"]);
    assert!(said.starts_with("1 rendering for 3 readers") && !said.contains("blocking"), "{said}");
    let outline = newsroom.json(&["preview", "--format", "json"]);
    let checks = outline["preflight"]["checks"].as_array().expect("a list");
    let level = |name: &str| checks.iter().find(|check| check["name"] == name).map(|check| check["level"].clone());
    for well in ["unsubscribe-in-html", "unsubscribe-in-text", "postal-address-in-html", "postal-address-in-text"] {
        assert_eq!(level(well).expect(well), "good");
    }
    for well in ["contrast", "client-support", "alt-texts", "text-links", "gmail-limit", "encoding", "merge-slots"] {
        assert_eq!(level(well).expect(well), "good", "{well}: {checks:#?}");
    }
    assert_eq!(level("own-address").expect("it was judged"), "warned", "nobody is mailed in earnest from here");
    let considered = outline["considered"].as_array().expect("a list");
    assert!(considered.iter().any(|story| story["standing"]["lead"]["by_hand"] == false), "{considered:?}");
}

/// An issue of some stories, which two readers have and whose files are gone.
fn sent_and_gone(newsroom: &mut Newsroom, titles: &[&str]) {
    newsroom.make_due(60);
    newsroom.bring(titles);
    newsroom.subscribe(2);
    assert_eq!(newsroom.send()["accepted"], 2);
    for title in titles {
        fs::remove_file(newsroom.path(&format!("articles/{}.md", title.replace(' ', "-")))).expect("it was written");
    }
}

#[test]
fn the_same_issue_twice_is_held_until_somebody_says_why_it_must_go() {
    let mut newsroom = Newsroom::new();
    let titles = ["Harbour fees rise", "A new ferry", "Salt prices"];
    sent_and_gone(&mut newsroom, &titles);
    for (n, title) in titles.iter().enumerate() {
        write_again(&newsroom, title, n, &format!("What there is to know about {title} in one sentence."));
    }
    newsroom.done(&["collect"]);
    newsroom.make_due(10);

    let said = newsroom.fails(1, &["send", "--yes"]);

    assert!(said.contains("The same as the last issue: all 3 stories stood in No. 1"), "{said}");
    let held = newsroom.issue(2);
    assert_eq!((&held["state"], &held["preflight"]["checks"][0]["level"]), (&"held".into(), &"blocking".into()));
    assert!(newsroom.done(&["check"]).contains("preflight week: No. 2 does not go out like this"));
    let approved = newsroom.call(&["issues", "approve", "2"]);
    assert!(approved.err.contains("if this is not mended it is held"), "{approved:?}");
    newsroom.fails(1, &["send", "--yes"]);
    newsroom.done(&["issues", "approve", "2", "--anyway", "the texts were exchanged"]);
    assert_eq!(newsroom.send()["accepted"], 2);
    assert_eq!(newsroom.issue(2)["anyway"]["reason"], "the texts were exchanged");
    let audit = newsroom.done(&["audit"]);
    assert!(audit.contains("anyway") && audit.contains("(in spite of: same-as-last)"), "{audit}");
    assert!(!newsroom.done(&["check"]).contains("does not go out like this"));
}

#[test]
fn the_headlines_of_a_column_may_be_those_of_last_week() {
    let mut newsroom = Newsroom::new();
    let titles = ["The week at sea", "Letters", "Prices"];
    sent_and_gone(&mut newsroom, &titles);
    for (n, title) in titles.iter().enumerate() {
        write_again(
            &newsroom,
            title,
            n,
            "Nobody who was there remembers what the owners of the port said after midnight.",
        );
    }
    newsroom.done(&["collect"]);
    newsroom.make_due(10);
    assert_eq!(newsroom.send()["accepted"], 2, "other stories under the same headlines are another issue");
    let report = newsroom.issue(2)["preflight"]["checks"].clone();
    let check = report.as_array().expect("a list").iter().find(|check| check["name"] == "headline-repeated");
    assert_eq!(check.expect("it is told")["level"], "warned");
}

#[test]
fn a_summary_that_was_made_of_the_lead_is_reported_as_repaired() {
    let newsroom = Newsroom::new();
    newsroom.subscribe(1);
    let date = (now() - TimeDelta::hours(2)).format("%Y-%m-%dT%H:%M:%SZ");
    let text = format!(
        "---\ntitle: Eels return\ndate: {date}\nurl: https://www.harbour.example/eels\ntags: [Economy]\n---\n\n\
         The eels came back to the upper harbour on Tuesday, nine years after the last of them was seen there.\n"
    );
    fs::write(newsroom.path("articles/eels.md"), text).expect("our own folder");
    newsroom.bring(&["Harbour fees rise", "A new ferry"]);
    let said = newsroom.done(&["preview", "--check"]);
    assert!(said.contains("repaired  Summaries made of the lead: 1 of 3: \"Eels return\""), "{said}");
    let outline = newsroom.json(&["preview", "--format", "json"]);
    let article =
        outline["considered"].as_array().expect("a list").iter().find(|story| story["title"] == "Eels return");
    let article = article.expect("it is considered")["article"].to_string();
    newsroom.done(&["articles", "edit", &article, "--summary", "Nine years later they are back."]);
    let said = newsroom.done(&["preview", "--check"]);
    assert!(!said.contains("Summaries made of the lead"), "an editor wrote one: {said}");
}

/// What an issue and its newsletter are made into, and what the preflight then finds.
struct Fault {
    name: &'static str,
    level: Level,
    make: fn(&mut Newsletter, &mut Issue),
}

/// Nothing else than one thing is wrong with each.
const FAULTS: [Fault; 13] = [
    Fault {
        name: "postal-address-in-html",
        level: Level::Blocking,
        make: |newsletter, _| newsletter.publication.postal_address = Line::clean("2 Elsewhere"),
    },
    Fault {
        name: "postal-address-in-text",
        level: Level::Blocking,
        make: |newsletter, _| newsletter.publication.postal_address = Line::clean("2 Elsewhere"),
    },
    Fault {
        name: "gmail-limit",
        level: Level::Blocking,
        // A section with one story has nothing that could be left out.
        make: |_, issue| {
            let (section, story) = (issue.newsletter.sections[0].clone(), issue.stories[0].clone());
            let tag = |n: i64| Tag::parse(&format!("t{n}"));
            issue.newsletter.sections = (0..150)
                .map(|n| Section { slug: slug(n), tags: tag(n).into_iter().collect(), ..section.clone() })
                .collect();
            issue.stories = (0..150)
                .map(|n| Story { article: ArticleId(n), tags: tag(n).into_iter().collect(), ..story.clone() })
                .collect();
        },
    },
    Fault {
        name: "gmail-limit",
        level: Level::Repaired,
        make: |_, issue| {
            let story = issue.stories[0].clone();
            for n in 100..400 {
                let url = Url::parse(&format!("https://www.harbour.example/{n}")).ok();
                issue.stories.push(Story { article: ArticleId(n), url, ..story.clone() });
            }
            issue.newsletter.sections.iter_mut().for_each(|section| section.cap = 400);
        },
    },
    Fault { name: "summaries", level: Level::Warned, make: |_, issue| issue.stories[1].summary = Line::default() },
    Fault {
        name: "summary-from-lead",
        level: Level::Repaired,
        make: |_, issue| issue.stories[1].summary_from_lead = true,
    },
    Fault {
        name: "alt-from-title",
        level: Level::Repaired,
        make: |_, issue| {
            issue.stories[0].picture = Some(Picture {
                sha256: "5e".repeat(32),
                media_type: "image/jpeg".to_owned(),
                width: 1_280,
                height: 640,
                alt: Line::default(),
                credit: None,
                licence: None,
                small: None,
                link: None,
            });
        },
    },
    Fault {
        name: "subject-length",
        level: Level::Warned,
        make: |newsletter, issue| set_subject(newsletter, issue, &"A long subject ".repeat(9)),
    },
    Fault {
        name: "subject-slots",
        level: Level::Warned,
        make: |newsletter, issue| set_subject(newsletter, issue, "The week of {{name}}"),
    },
    Fault {
        name: "subject-honest",
        level: Level::Warned,
        make: |newsletter, issue| set_subject(newsletter, issue, "Re: THE WEEK AT SEA!!"),
    },
    Fault {
        name: "merge-slots",
        level: Level::Warned,
        make: |_, issue| issue.note = markdown(r"Dear \*|FNAME|\*, what a week."),
    },
    Fault {
        name: "leftovers",
        level: Level::Warned,
        make: |_, issue| issue.note = markdown("Dear {{first_name}}, what a week."),
    },
    Fault {
        name: "https-urls",
        level: Level::Warned,
        make: |_, issue| issue.stories[0].url = Url::parse("http://www.harbour.example/plain").ok(),
    },
];

fn slug(n: i64) -> Slug {
    Slug::parse(&format!("s{n}")).expect("a slug")
}

fn markdown(text: &str) -> Prose {
    week_in_review::publish::markdown::prose(text)
}

fn set_subject(newsletter: &mut Newsletter, issue: &mut Issue, subject: &str) {
    issue.subject = Line::clean(subject);
    subject.clone_into(&mut issue.newsletter.subject);
    subject.clone_into(&mut newsletter.subject);
}

#[test]
fn each_fault_of_the_finished_bytes_is_found_at_its_level() {
    let room = Room::new();
    let newsletter = &room.app.config.newsletters[0];
    let issue = room.app.look(newsletter, room.app.now()).expect("there are stories").issue;
    let level = |newsletter: &Newsletter, issue: &Issue, name: &str| {
        let report = preflight::check(&room.app, newsletter, issue, Depth::Every).expect("it is checked");
        let found = report.checks.iter().find(|check| check.name == name);
        found.map(|check| (check.level, check.detail.clone()))
    };
    for fault in FAULTS {
        let before = level(newsletter, &issue, fault.name);
        assert!(before.as_ref().is_none_or(|(level, _)| *level == Level::Good), "{}: {before:?}", fault.name);
        let (mut newsletter, mut issue) = (newsletter.clone(), issue.clone());
        (fault.make)(&mut newsletter, &mut issue);
        let found = level(&newsletter, &issue, fault.name);
        assert_eq!(found.as_ref().map(|(level, _)| *level), Some(fault.level), "{}: {found:?}", fault.name);
        assert!(!found.expect("it was found").1.is_empty(), "{} says what", fault.name);
    }
}

/// What a server says of a link, and how much that matters: a gate that a paywall or a slow server closes would silence a Friday.
#[tokio::test(flavor = "multi_thread")]
async fn what_servers_say_of_links_only_warns() {
    let folder = open_folder();
    fs::write(folder.path().join("map.xml"), "<urlset></urlset>").expect("our own folder");
    let port = free_port();
    let rules = [401, 403, 429, 500, 503].map(|code| format!("location /{code} {{ return {code}; }} ")).concat();
    let nginx = Nginx::start(
        port,
        &format!(
            "server {{ listen 127.0.0.1:{port}; root {}; location /200 {{ return 200 \"<h1>well</h1>\"; }} {rules} }}",
            folder.path().display()
        ),
    );
    let mut newsroom = Newsroom::new();
    read_map(&mut newsroom, &nginx);
    let room = Room::with(newsroom);
    let newsletter = &room.app.config.newsletters[0];
    let mut issue = room.app.look(newsletter, room.app.now()).expect("there are stories").issue;
    issue.stories.truncate(1);
    for (place, is_alive) in [
        ("/200", true),
        ("/401", false),
        ("/403", false),
        ("/429", false),
        ("/500", false),
        ("/503", false),
        ("/404", false),
    ] {
        issue.stories[0].url = Url::parse(&nginx.url(place)).ok();
        preflight::gather(&room.app, newsletter, &issue).await.expect("it is asked");
        let report = preflight::check(&room.app, newsletter, &issue, Depth::One).expect("it is checked");
        let links = report.checks.iter().find(|check| check.name == "links").expect("links were asked");
        assert_eq!(links.level == Level::Good, is_alive, "{place}: {links:?}");
        assert_eq!(report.in_the_way(None), None, "{place}: {links:?}");
        if !is_alive {
            assert!(links.detail.contains(&place[1..]), "it says why: {links:?}");
        }
    }
}

/// A picture that is not there, a story that vanished, a source that does not answer: mended or told, and the issue goes out.
#[test]
fn what_other_servers_lack_keeps_no_issue_back() {
    let folder = open_folder();
    let port = free_port();
    let names = ["wall", "boats", "nets", "ropes", "sails"];
    let locations = names.map(|name| format!("<url><loc>http://127.0.0.1:{port}/{name}.html</loc></url>")).concat();
    write(folder.path(), "map.xml", format!("<urlset>{locations}</urlset>"));
    for name in names {
        write(folder.path(), &format!("{name}.html"), page(&format!("About the {name}")));
    }
    let pictured = page("About the wall")
        .replace("<head>", &format!("<head><meta property=\"og:image\" content=\"http://127.0.0.1:{port}/none.jpg\">"));
    write(folder.path(), "wall.html", pictured);
    let nginx = Nginx::start(port, &format!("server {{ listen 127.0.0.1:{port}; root {}; }}", folder.path().display()));
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| {
        settings.sources = [("map", "sitemap", "/map.xml"), ("gone", "feed", "/gone.xml")]
            .map(|(id, kind, place)| {
                let url = nginx.url(place);
                format!("[[sources]]\nid = \"{id}\"\nname = \"The {id}\"\nkind = \"{kind}\"\nurl = \"{url}\"\nallow_private = true\n\n")
            })
            .concat();
    });
    newsroom.subscribe(2);
    assert_eq!(newsroom.call(&["collect"]).status, Some(1), "one of two does not answer");
    fs::remove_file(folder.path().join("nets.html")).expect("it was written");

    let sent = newsroom.send_early();

    assert_eq!((sent["state"].as_str(), sent["accepted"].as_u64()), (Some("done"), Some(2)), "{sent}");
    let report = newsroom.issue(1)["preflight"]["checks"].clone();
    for (name, level, words) in [
        ("pictures-dropped", "repaired", "404"),
        ("dead-stories", "repaired", "About the nets"),
        ("sources", "warned", "The gone"),
    ] {
        let check = report.as_array().expect("a list").iter().find(|check| check["name"] == name);
        let check = check.unwrap_or_else(|| panic!("no {name} in {report}"));
        assert_eq!(check["level"], level, "{check}");
        assert!(check["detail"].as_str().is_some_and(|detail| detail.contains(words)), "{check}");
    }
}

/// What the network and the filter said is kept as facts; they are set here, as nobody may be asked under a name that is not ours.
#[tokio::test(flavor = "multi_thread")]
async fn an_own_certificate_that_is_not_good_blocks_and_a_high_spam_score_warns() {
    let folder = open_folder();
    let certificates = Certificates::make(folder.path());
    let port = free_port();
    let tls = format!(
        "server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {}; ssl_certificate_key {}; root {}; }}",
        certificates.certificate.display(),
        certificates.key.display(),
        folder.path().display()
    );
    let _nginx = Nginx::start(port, &tls);
    let fetch = HttpFetch::new("test", Limits::default());
    let url = Url::parse(&format!("https://localhost:{port}/health")).expect("an address");
    let request = Request { allow_private: true, ..Request::new(url, "application/json", 1 << 16) };
    let problem = fetch.fetch(request).await.expect_err("nobody knows who signed it").to_string();
    assert!(problem.contains("certificate"), "it is said what is wrong: {problem}");

    let newsroom = Newsroom::new();
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    newsroom.subscribe(2);
    let mut config = newsroom.config();
    let base = "https://week.harbour.press";
    config.newsletters[0].brand.web_base = base.into();
    let app = App::open(config, Clock::at(now()), Entropy::System).expect("opens");
    let newsletter = &app.config.newsletters[0];
    let judged = |problem: Option<&str>, score: f64| {
        let at = app.now().to_rfc3339();
        let own = json!({ "at": at, "base": base, "problem": problem }).to_string();
        let spam = json!({ "at": at, "number": 1, "filter": "spamc", "score": score, "limit": 5.0 }).to_string();
        app.store.set_fact("preflight own address", &own).expect("kept");
        app.store.set_fact("preflight spam week", &spam).expect("kept");
        let issue = app.look(newsletter, app.now()).expect("there are stories").issue;
        preflight::check(&app, newsletter, &issue, Depth::One).expect("it is checked")
    };
    let level = |report: &Preflight, name: &str| {
        report.checks.iter().find(|check| check.name == name).expect("it was judged").level
    };

    let well = judged(None, 1.0);
    assert_eq!((level(&well, "own-address"), level(&well, "spam-score")), (Level::Good, Level::Good));
    assert_eq!(level(&judged(Some(&problem), 4.5), "spam-score"), Level::Warned);
    let bad = judged(Some(&problem), 4.5);
    assert_eq!(level(&bad, "own-address"), Level::Warned, "what goes into a folder reaches no reader");

    let mut config = newsroom.config();
    config.newsletters[0].brand.web_base = base.into();
    config.mail.via = Via::Relays(Vec::new());
    let app = App::open(config, Clock::at(now()), Entropy::System).expect("opens");
    let newsletter = &app.config.newsletters[0];
    let issue = app.look(newsletter, app.now()).expect("there are stories").issue;
    let mailed = preflight::check(&app, newsletter, &issue, Depth::One).expect("it is checked");
    let in_the_way = mailed.in_the_way(None).expect("readers could not leave");
    assert!(in_the_way.contains("certificate") && in_the_way.contains("could neither unsubscribe"), "{in_the_way}");
}

fn blocked(room: &Room) -> Preflight {
    let mut gathering = Gathering::default();
    gathering.next_rendering();
    gathering.whole("own-address", Level::Blocking, "the certificate has expired");
    gathering.finish(2, 0, room.app.now())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_editor_sees_what_blocks_and_can_let_it_go_with_a_reason() {
    let room = Room::new();
    let due = room.app.now() + TimeDelta::hours(30);
    let schedule = Schedule::parse(&daily(due)).expect("every day");
    let newsletter = Newsletter { schedule, ..room.app.config.newsletters[0].clone() };
    let id = room.app.newsletter_id(&newsletter).unwrap();
    room.clock.advance(TimeDelta::hours(30) - TimeDelta::minutes(i64::from(newsletter.cutoff_minutes) / 2));
    assert!(matches!(preflight::step(&room.app, &newsletter, false).await.unwrap(), Step::Composed(_)));
    let row = room.app.store.open_issues(id).unwrap().remove(0);
    let kept = room.app.store.preflight(row.id).unwrap().expect("checked at the cut-off");
    assert_eq!(kept.in_the_way(None), None, "{kept:#?}");

    room.app.store.keep_preflight(row.id, row.revision.unwrap(), &blocked(&room)).unwrap();
    let mona = room.mona().await;
    let answer = room.get("/desk/n/week/preview", &mona).await;
    let (page, seen) = (&answer.body, answer.hidden("seen"));
    assert!(page.contains("Our own web address") && page.contains("The certificate has expired."), "{page}");
    assert!(page.contains("It must go all the same, because"));
    assert!(page.contains("cannot go out on") && page.contains(": our own web address<"), "{page}");
    let token = room.token(&mona).await;
    let refused = room.post("/desk/n/week/act", &mona, &format!("form={token}&do=anyway&reason=")).await;
    assert!(!refused.status.is_redirection(), "a reason is needed");
    let body = format!("form={token}&seen={seen}&do=anyway&reason=hairpin+router");
    let done = room.post("/desk/n/week/act", &mona, &body).await;
    assert!(done.status.is_redirection(), "{}", done.body);
    let anyway = room.app.store.anyway(row.id).unwrap().expect("kept");
    assert_eq!((anyway.reason.as_str(), anyway.covers), ("hairpin router", vec!["own-address".to_owned()]));
    assert!(room.app.store.deeds(5).unwrap().iter().any(|deed| deed.action == "anyway" && deed.actor.contains("Mona")));
    assert_eq!(room.app.store.issue(row.id).unwrap().unwrap().state, IssueState::Approved);
    let page = room.get("/desk", &mona).await.body;
    assert!(!page.contains("cannot go out on"), "somebody has taken it upon themselves: {page}");
}
