//! The editor's hand as data: every field in each of its three ways (command line, desk, file), seen beside what the program makes, printed, and taken
//! back by itself.

use crate::desk::room::Room;
use crate::support::newsroom::{Newsroom, daily, eventually, now};
use crate::support::nginx::Nginx;
use crate::support::process::{free_port, open_folder};
use crate::visiting;
use axum::http::StatusCode;
use chrono::TimeDelta;
use image::{DynamicImage, ImageFormat};
use serde_json::Value;
use std::fs;
use std::io::Cursor;
use std::time::Duration;

/// One thing that an editor changes.
struct Field {
    /// Where it stands in `issues edit --json`.
    at: &'static str,
    /// How the command line sets it.
    command: &'static [&'static str],
    /// How it is called when it is taken back.
    back: &'static str,
    /// The place of the desk and the form that set it.
    form: (&'static str, &'static str),
    /// The form that takes it back.
    form_back: &'static str,
    /// How a file says it.
    file: &'static str,
    /// What then stands as the editor's.
    value: &'static str,
    /// What the mail's text then says, and otherwise does not.
    printed: &'static str,
}

/// The fields of a story, which is number 2: `A new ferry`.
const STORY: [Field; 8] = [
    Field {
        at: "place",
        command: &["articles", "pin", "2"],
        back: "place",
        form: ("stories/2/place", "do=pin"),
        form_back: "do=unplace",
        file: "pin = true",
        value: "pinned",
        printed: "",
    },
    Field {
        at: "place",
        command: &["articles", "drop", "2"],
        back: "place",
        form: ("stories/2/place", "do=drop"),
        form_back: "do=unplace",
        file: "drop = true",
        value: "dropped",
        printed: "",
    },
    Field {
        at: "section",
        command: &["articles", "move", "2", "more"],
        back: "section",
        form: ("stories/2", "section=more"),
        form_back: "back=section",
        file: "section = \"more\"",
        value: "more",
        printed: "MORE STORIES",
    },
    Field {
        at: "title",
        command: &["articles", "edit", "2", "--title", "The old ferry"],
        back: "title",
        form: ("stories/2", "title=The+old+ferry"),
        form_back: "back=title",
        file: "title = \"The old ferry\"",
        value: "The old ferry",
        printed: "The old ferry",
    },
    Field {
        at: "summary",
        command: &["articles", "edit", "2", "--summary", "It leaks."],
        back: "summary",
        form: ("stories/2", "summary=It+leaks."),
        form_back: "back=summary",
        file: "summary = \"It leaks.\"",
        value: "It leaks.",
        printed: "It leaks.",
    },
    Field {
        at: "picture",
        command: &["articles", "edit", "2", "--picture", "none"],
        back: "picture",
        form: ("stories/2", "picture=none"),
        form_back: "back=picture",
        file: "picture = \"none\"",
        value: "none",
        printed: "",
    },
    Field {
        at: "alt",
        command: &["articles", "edit", "2", "--alt", "A quay"],
        back: "alt",
        form: ("stories/2", "alt=A+quay"),
        form_back: "back=alt",
        file: "alt = \"A quay\"",
        value: "A quay",
        printed: "",
    },
    Field {
        at: "credit",
        command: &["articles", "edit", "2", "--credit", "Piet Amsel"],
        back: "credit",
        form: ("stories/2", "credit=Piet+Amsel"),
        form_back: "back=credit",
        file: "credit = \"Piet Amsel\"",
        value: "Piet Amsel",
        printed: "",
    },
];

const ISSUE: [Field; 6] = [
    Field {
        at: "subject",
        command: &["issues", "edit", "--subject", "What the tide took"],
        back: "subject",
        form: ("face", "subject=What+the+tide+took"),
        form_back: "back=subject",
        file: "subject = \"What the tide took\"",
        value: "What the tide took",
        printed: "",
    },
    Field {
        at: "preheader",
        command: &["issues", "edit", "--preheader", "A line beside it"],
        back: "preheader",
        form: ("face", "preheader=A+line+beside+it"),
        form_back: "back=preheader",
        file: "preheader = \"A line beside it\"",
        value: "A line beside it",
        printed: "",
    },
    Field {
        at: "note",
        command: &["issues", "edit", "--note", "A *quiet* week."],
        back: "note",
        form: ("face", "note=A+*quiet*+week."),
        form_back: "back=note",
        file: "note = \"A *quiet* week.\"",
        value: "A *quiet* week.",
        printed: "A quiet week.",
    },
    Field {
        at: "lead",
        command: &["issues", "edit", "--lead", "2"],
        back: "lead",
        form: ("face", "lead=2"),
        form_back: "back=lead",
        file: "lead = 2",
        value: "2",
        printed: "",
    },
    Field {
        at: "order",
        command: &["issues", "edit", "--sections", "more,economy"],
        back: "sections",
        form: ("face", "place-more=1&place-economy=2"),
        form_back: "back=sections",
        file: "sections = [\"more\", \"economy\"]",
        value: "more, economy",
        printed: "",
    },
    Field {
        at: "introductions/economy",
        command: &["issues", "edit", "--introduction", "economy=What it cost."],
        back: "introduction=economy",
        form: ("face", "intro-economy=What+it+cost."),
        form_back: "back=intro-economy",
        file: "[[issues.introductions]]\nsection = \"economy\"\ntext = \"What it cost.\"",
        value: "What it cost.",
        printed: "What it cost.",
    },
];

/// Both sides of a field as the program tells them.
fn sides(newsroom: &Newsroom, field: &Field, is_story: bool) -> Value {
    let all = newsroom.json(&["issues", "edit", "--json"]);
    let whose = if is_story {
        let stories = all["stories"].as_array().expect("a list");
        stories.iter().find(|story| story["article"] == 2).expect("it is considered")
    } else {
        &all["issue"]
    };
    whose.pointer(&format!("/{}", field.at)).unwrap_or_else(|| panic!("no {} in {whose}", field.at)).clone()
}

/// What stands and who wrote it, as JSON and in the mail.
#[track_caller]
fn stands(newsroom: &Newsroom, field: &Field, is_story: bool, actor: Option<&str>) {
    let sides = sides(newsroom, field, is_story);
    let written = actor.map(|_| field.value);
    assert_eq!(sides["hand"]["value"].as_str(), written, "{} by {actor:?}: {sides}", field.at);
    assert_eq!(sides["hand"]["actor"].as_str(), actor, "{}: {sides}", field.at);
    assert_ne!(sides["machine"].as_str(), Some(field.value), "what the program makes stays beside it");
    if !field.printed.is_empty() {
        let text = newsroom.done(&["preview", "--format", "text"]);
        assert_eq!(text.contains(field.printed), actor.is_some(), "{} by {actor:?}: {text}", field.at);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_is_set_and_taken_back_in_each_of_the_three_ways() {
    let room = Room::new();
    let (mona, newsroom) = (room.mona().await, &room.newsroom);
    let token = room.token(&mona).await;
    let post = async |place: &str, fields: &str| {
        let answer = room.post(&format!("/desk/n/week/{place}"), &mona, &format!("form={token}&{fields}")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{place} {fields}: {}", answer.body);
    };
    let file = newsroom.path("config/hand/week.toml");
    fs::create_dir_all(file.parent().expect("a folder")).expect("our own folder");
    for (is_story, field) in STORY.iter().map(|field| (true, field)).chain(ISSUE.iter().map(|field| (false, field))) {
        stands(newsroom, field, is_story, None);

        let said = newsroom.call(field.command);
        assert_eq!(said.status, Some(0), "{said:?}");
        stands(newsroom, field, is_story, Some("command line"));
        let edit: &[&str] = if is_story { &["articles", "edit", "2"] } else { &["issues", "edit"] };
        let said = newsroom.call(&[edit, &["--back", field.back]].concat());
        assert!(said.status == Some(0) && said.err.contains("is as the program makes it"), "{said:?}");
        stands(newsroom, field, is_story, None);

        let (place, form) = field.form;
        post(place, form).await;
        stands(newsroom, field, is_story, Some("Mona"));
        post(place, field.form_back).await;
        stands(newsroom, field, is_story, None);

        let head = if is_story { "[[stories]]\nstory = 2" } else { "[[issues]]\nnumber = 1" };
        fs::write(&file, format!("{head}\n{}\n", field.file)).expect("our own folder");
        stands(newsroom, field, is_story, Some("file"));
        // What somebody else changes waits behind it, and stands once the file is gone.
        newsroom.done(field.command);
        stands(newsroom, field, is_story, Some("file"));
        fs::remove_file(&file).expect("it is there");
        stands(newsroom, field, is_story, Some("command line"));
        newsroom.done(&[edit, &["--back", field.back]].concat());
        stands(newsroom, field, is_story, None);
    }
    let refused = newsroom.fails(2, &["articles", "edit", "2", "--back", "colour"]);
    assert!(refused.contains("say place, section, title"), "{refused}");
}

#[test]
fn a_story_that_only_a_file_names_is_taken_in_when_sources_are_asked() {
    let folder = open_folder();
    visiting::write(folder.path(), "map.xml", "<urlset></urlset>");
    visiting::write(folder.path(), "wall.html", visiting::page("About the wall"));
    let port = free_port();
    let nginx = Nginx::start(port, &format!("server {{ listen 127.0.0.1:{port}; root {}; }}", folder.path().display()));
    let mut newsroom = Newsroom::new();
    visiting::read_map(&mut newsroom, &nginx);
    newsroom.subscribe(1);
    fs::create_dir_all(newsroom.path("config/hand")).expect("our own folder");
    let pinned = |name: &str| format!("[[stories]]\nstory = \"{}\"\npin = true\n", nginx.url(name));
    let (wall, nothing) = (pinned("/wall.html"), pinned("/nothing.html"));
    fs::write(newsroom.path("config/hand/week.toml"), format!("{wall}title = \"About our wall\"\n{nothing}"))
        .expect("our own folder");
    newsroom.write_stories(&["Harbour fees rise", "Salt prices", "A new ferry"]);

    let said = newsroom.call(&["collect"]);

    assert!(said.err.contains("/nothing.html, which a file of the editors pins, cannot be had"), "{said:?}");
    let text = newsroom.done(&["preview", "--format", "text"]);
    assert!(text.contains("About our wall") && text.contains("Harbour fees rise"), "{text}");
}

/// Writes the editors' file.
fn write_file(newsroom: &Newsroom, text: &str) {
    let file = newsroom.path("config/hand/week.toml");
    fs::create_dir_all(file.parent().expect("a folder")).expect("our own folder");
    fs::write(file, text).expect("our own folder");
}

#[test]
fn a_file_that_changes_after_the_cut_off_stands_in_what_is_sent() {
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| {
        settings.schedule = daily(now() + TimeDelta::hours(12));
        settings.newsletter = "cut_off = \"20h\"".to_owned();
    });
    newsroom.subscribe(1);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    newsroom.step_at(now());
    assert_eq!(newsroom.issue(1)["revision"], 1);

    write_file(
        &newsroom,
        "[[stories]]\nstory = \"https://www.harbour.example/A-new-ferry\"\ntitle = \"The old ferry\"\n",
    );
    let said = newsroom.call(&["preview", "--format", "text"]);
    assert!(said.err.contains("week.toml was changed since No. 1 was composed"), "{said:?}");

    let said = newsroom.call(&["send", "--early", "--yes"]);
    assert!(said.err.contains("composed anew, because the editors' file was changed"), "{said:?}");
    let mail = String::from_utf8(newsroom.outbox().remove(0)).expect("our own mail");
    assert!(mail.contains("The old ferry") && !mail.contains("1. A new ferry"), "{mail}");
}

#[test]
fn the_service_takes_a_file_by_itself_asks_for_approval_again_and_tells_of_a_wrong_one() {
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| {
        settings.schedule = daily(now() + TimeDelta::hours(12));
        settings.newsletter = "cut_off = \"20h\"\nreview = \"approve\"".to_owned();
    });
    newsroom.subscribe(1);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    newsroom.step_at(now());
    newsroom.done(&["issues", "approve", "1"]);
    let _service = newsroom.serve();
    write_file(
        &newsroom,
        "[[stories]]\nstory = \"https://www.harbour.example/A-new-ferry\"\ntitel = \"The old ferry\"\n",
    );
    let alarm = || newsroom.store().alarms().unwrap().into_iter().find(|alarm| alarm.kind == "editors' file");
    let sentence = eventually("the wrong file is told", Duration::from_mins(1), alarm).sentence;
    assert!(sentence.contains("week.toml:3") && sentence.contains("title"), "{sentence}");

    write_file(
        &newsroom,
        "[[stories]]\nstory = \"https://www.harbour.example/A-new-ferry\"\ntitle = \"The old ferry\"\n",
    );
    let text = || newsroom.done(&["preview", "--format", "text"]);
    eventually("the file is taken", Duration::from_mins(1), || text().contains("The old ferry").then_some(()));
    assert_eq!(newsroom.issue(1)["state"], "waiting", "somebody approved something else");
    assert!(alarm().is_none());
}

#[test]
fn another_picture_is_fetched_and_stands_in_the_mail_with_its_words() {
    let folder = open_folder();
    let mut picture = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(1200, 800).write_to(&mut picture, ImageFormat::Png).expect("it can be written");
    fs::write(folder.path().join("ferry.png"), picture.into_inner()).expect("our own folder");
    visiting::write(folder.path(), "map.xml", "<urlset></urlset>");
    let nginx = Nginx::serve(folder.path());
    let mut newsroom = Newsroom::new();
    // A source on that server may be asked although it is on a private network: so may the picture.
    visiting::read_map(&mut newsroom, &nginx);
    newsroom.subscribe(1);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);

    let (url, alt) = (nginx.url("/ferry.png"), "The ferry at the quay");
    newsroom.done(&["articles", "edit", "2", "--picture", &url, "--alt", alt, "--credit", "Piet Amsel"]);
    newsroom.done(&["articles", "pin", "2"]);

    let html = newsroom.done(&["preview"]);
    let image = html.split("<img").find(|image| image.contains(&format!("alt=\"{alt}\""))).expect("the picture");
    let name = image.split("/media/").nth(1).and_then(|rest| rest.split('"').next()).expect("it is ours to serve");
    assert!(html.contains("Piet Amsel") && !html.contains(&url), "copied, not linked");
    newsroom.done(&["articles", "edit", "2", "--back", "picture"]);
    assert!(!newsroom.done(&["preview"]).contains(name));
}
