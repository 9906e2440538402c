//! Headers of an issue against everything that comes from outside: given names, titles and headlines that want to add a header or to end the head, when the issue
//! is mailed, then each header stands once, all of the hostile words are words, and the mail goes to its reader alone.

use crate::support::newsroom::{Newsroom, now};
use crate::support::nginx::Nginx;
use crate::support::process::open_folder;
use chrono::TimeDelta;
use mail_parser::MessageParser;
use std::collections::BTreeMap;
use std::fs;

/// What comes once in an issue, and nothing else does.
const HEADERS: [&str; 16] = [
    "auto-submitted",
    "content-type",
    "date",
    "feedback-id",
    "from",
    "list-help",
    "list-id",
    "list-owner",
    "list-post",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "message-id",
    "mime-version",
    "precedence",
    "subject",
    "to",
];

/// Ways to end a line: by the character, by what some programs take for one, and by an encoded word whose text does (RFC 2047).
const ENDS: [&str; 8] = ["\r\n", "\n", "\r", "\u{2028}", "\u{85}", "\u{0B}", "\r\n\r\n", "=?utf-8?Q?=0D=0A?="];

fn hostile(what: &str, end: &str) -> String {
    format!(
        "{what}{end}Bcc: victim@reader.example{end}X-Evil: yes =?utf-8?Q?=0D=0ABcc:_victim@reader.example?= \u{202E}"
    )
}

/// A string as TOML has it.
fn toml(text: &str) -> String {
    serde_json::to_string(text).expect("a string").replace('\u{7F}', "")
}

/// The same as XML, where only some control characters may stand.
fn xml(text: &str) -> String {
    let one = |c: char| if c.is_alphanumeric() { c.to_string() } else { format!("&#{};", u32::from(c)) };
    text.chars().map(one).collect::<Vec<_>>().concat()
}

/// A feed whose title, headlines and people are hostile.
fn feed(end: &str) -> String {
    let at = (now() - TimeDelta::hours(20)).to_rfc2822();
    let items: Vec<String> = (0..3)
        .map(|n| {
            let (title, author) = (xml(&hostile(&format!("Story {n}"), end)), xml(&hostile("Ada", end)));
            format!(
                "<item><title>{title}</title><dc:creator>{author}</dc:creator><category>{title}</category><pubDate>{at}</pubDate>\
                 <link>https://www.harbour.example/story-{n}</link><description>What happened, in a sentence.</description></item>"
            )
        })
        .collect();
    let title = xml(&hostile("Harbour", end));
    format!(
        "<?xml version=\"1.1\"?><rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>{title}</title>{}</channel></rss>",
        items.concat()
    )
}

fn newsroom(end: &str, feed: &str) -> Newsroom {
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| {
        let name = toml(&hostile("Source", end));
        settings.sources =
            format!("[[sources]]\nid = \"desk\"\nname = {name}\nurl = \"{feed}\"\nallow_private = true\n");
        settings.newsletter = format!(
            "subject = {}\nfrom_name = {}\ntagline = {}",
            toml(&hostile("{title}, {lead}", end)),
            toml(&hostile("Newsroom", end)),
            toml(&hostile("Weekly", end))
        );
    });
    let path = newsroom.path("config/week-in-review.toml");
    let text = fs::read_to_string(&path).expect("our own file");
    let with = |text: String, plain: &str| {
        assert!(text.contains(&toml(plain)), "{plain}");
        text.replace(&toml(plain), &toml(&hostile(plain, end)))
    };
    let titles = ["The Harbour Week", "The Harbour Courier", "More stories"];
    fs::write(path, titles.into_iter().fold(text, with)).expect("our own file");
    newsroom
}

#[test]
fn no_name_title_or_headline_adds_a_header_or_ends_the_head() {
    let folder = open_folder();
    let nginx = Nginx::serve(folder.path());
    for (n, end) in ENDS.into_iter().enumerate() {
        let file = format!("feed-{n}.xml");
        fs::write(folder.path().join(&file), feed(end)).expect("our own folder");
        let newsroom = newsroom(end, &nginx.url(&format!("/{file}")));
        let name = hostile("Jo", end);
        let add = ["subscribers", "add", "jo@reader.example", "--name", &name];
        newsroom.done(&[&add[..], &["--confirmed", "--proof", &name, "--topics", "more"]].concat());
        newsroom.done(&["collect"]);
        newsroom.send_early();
        let [mail] = newsroom.outbox().try_into().unwrap_or_else(|mails: Vec<_>| panic!("{end:?}: {}", mails.len()));
        judge(end, &mail);
    }
}

fn judge(end: &str, mail: &[u8]) {
    let text = String::from_utf8_lossy(mail).replace("\r\n", "\n");
    let (head, body) = text.split_once("\n\n").expect("a head and a body");
    assert!(head.is_ascii() && head.lines().all(|line| line.len() <= 998), "{end:?}: {head}");
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for line in head.lines().filter(|line| !line.starts_with([' ', '\t'])) {
        let name = line.split(':').next().expect("a name").to_ascii_lowercase();
        *times.entry(name).or_default() += 1;
    }
    times.remove("dkim-signature");
    let strange: Vec<_> =
        times.iter().filter(|(name, times)| **times != 1 || !HEADERS.contains(&name.as_str())).collect();
    assert!(strange.is_empty(), "{end:?}: {strange:?} in {head}");
    assert!(body.starts_with("--"), "the head ends where the parts begin: {end:?}: {body}");

    let read = MessageParser::default().parse(mail).expect("another reader of mail reads ours");
    let addresses = |list: Option<&mail_parser::Address<'_>>| -> Vec<String> {
        list.into_iter().flat_map(|list| list.iter()).filter_map(|one| one.address().map(str::to_owned)).collect()
    };
    assert_eq!(addresses(read.to()), ["jo@reader.example"], "{end:?}");
    assert_eq!(addresses(read.from()), ["week@harbour.example"], "{end:?}");
    assert!(read.bcc().is_none() && read.cc().is_none());
    let subject = read.subject().expect("a subject");
    for word in
        ["The Harbour Week", "Story", "Bcc: victim@reader.example", "=?utf-8?Q?=0D=0ABcc:_victim@reader.example?="]
    {
        assert!(subject.contains(word), "{end:?}: {word:?} stays words, in {subject:?}");
    }
    assert!(!subject.contains(['\r', '\n', '\u{2028}', '\u{85}', '\u{202E}']), "{end:?}: {subject:?}");
}
