//! A copy of an installation, on another machine or beside the original: it shows and serves, it does not mail, and the original goes on.

use crate::review::join;
use crate::support::faulty_relay::{Plan, Relay};
use crate::support::newsroom::{BINARY, Newsroom, assert_once, daily, eventually, now, relay, times};
use crate::support::process::{Process, program, run};
use chrono::TimeDelta;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Gives the program another `/etc/machine-id`, in a file system that only it sees. Needs root.
const ON_ANOTHER_MACHINE: &str = r#"mount --bind "$0" /etc/machine-id && exec "$@""#;

/// A due issue for some readers by way of a relay, from a folder that has mailed before.
fn due(port: u16, mail: &str, readers: usize) -> (Newsroom, Vec<String>) {
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| settings.mail = format!("{}\n{mail}", relay(port)));
    newsroom.make_due(5);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    let readers = newsroom.subscribe(readers);
    newsroom.done(&["check"]);
    (newsroom, readers)
}

/// A command of the newsroom as the same disk gives it in another machine.
fn elsewhere(newsroom: &Newsroom, id: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program("unshare", "util-linux"));
    command.args(["--mount", "--propagation", "private", "/bin/sh", "-c", ON_ANOTHER_MACHINE]);
    command.arg(id).arg(BINARY).args(arguments).current_dir(newsroom.path(""));
    command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("HOME", newsroom.path("")).stdin(Stdio::null());
    command
}

/// What a command said on another machine, and whether it succeeded.
fn said(newsroom: &Newsroom, id: &Path, arguments: &[&str]) -> (bool, String) {
    let output = elsewhere(newsroom, id, arguments).output().expect("unshare can be run");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout) + &text(&output.stderr))
}

/// The id of a machine that is not this one.
fn another_id() -> (TempDir, std::path::PathBuf) {
    let folder = crate::support::process::open_folder();
    let file = folder.path().join("machine-id");
    fs::write(&file, "00112233445566778899aabbccddeeff\n").expect("our own folder");
    (folder, file)
}

#[test]
fn a_disk_that_is_put_into_another_machine_mails_nothing_there_until_it_is_unlocked() {
    let sink = Plan::default().start();
    let (newsroom, readers) = due(sink.port, "", 3);
    let (_folder, id) = another_id();

    let (sent, words) = said(&newsroom, &id, &["send", "--yes"]);
    assert!(!sent && words.contains("the machine is another one") && words.contains("unlock"), "{words}");
    let (shown, words) = said(&newsroom, &id, &["preview", "--format", "text"]);
    assert!(shown && words.contains("Harbour fees rise"), "{words}");

    // The service says so at its start, serves, and keeps its hands off the issue.
    let logs = crate::support::process::open_folder();
    let service = Process::start(&elsewhere(&newsroom, &id, &["run"]), logs.path().join("log"));
    service.wait_for_port(newsroom.settings.port);
    service.wait_until("says that it is locked", || service.log().contains("mailing is locked").then_some(()));
    service.wait_until("asks its sources", || service.log().contains("collected").then_some(()));
    service.signal("TERM");
    assert_eq!(service.wait_for_end(), 0, "{}", service.log());
    assert_eq!(sink.count(), 0);
    assert_eq!(newsroom.issue(1)["state"], "approved", "it is not let go either: who gets it is decided at home");

    // Back in its own machine nothing has happened; in the other one it takes a word.
    let (unlocked, words) = said(&newsroom, &id, &["unlock", "--yes"]);
    assert!(unlocked && words.contains("3 readers"), "{words}");
    let home = newsroom.fails(1, &["send", "--yes"]);
    assert!(home.contains("the machine is another one"), "only one of the two mails: {home}");
    let (sent, words) = said(&newsroom, &id, &["send", "--yes"]);
    assert!(sent, "{words}");
    assert_once(&sink.received(), &readers);
}

/// The same files in another folder.
fn copied(newsroom: &Newsroom) -> (TempDir, Newsroom) {
    let folder = crate::support::process::open_folder();
    let target = folder.path().join("copy");
    run(Command::new("cp").arg("-a").arg(newsroom.path("")).arg(&target));
    (folder, Newsroom::at(&target, &newsroom.settings))
}

#[test]
fn a_copy_made_in_the_middle_of_a_send_mails_nobody_and_the_original_goes_on() {
    let sink = Plan::default().start();
    let (newsroom, readers) = due(sink.port, "per_second = 100", 200);
    let sending = newsroom.begin(&["send", "--yes"]);
    sink.wait_for(30);
    let (_folder, copy) = copied(&newsroom);
    for arguments in [&["send", "--yes"][..], &["send", "--to", "editor@harbour.example"]] {
        let output = copy.call(arguments);
        assert!(output.status == Some(1) && output.err.contains("unlock"), "{output:?}");
    }
    copy.done(&["issues", "hold", "1", "--reason", "which of the two is it?"]);
    copy.done(&["issues", "resume", "1"]);
    let resumed = copy.fails(1, &["send", "--yes"]);
    assert!(resumed.contains("mailing is locked"), "{resumed}");
    assert_eq!(sending.wait_for_end(), 0, "{}", sending.log());
    assert_once(&sink.received(), &readers);
}

const EDITOR: &str = "editor@harbour.example";
const PENDING: &str = "pending@reader.example";

/// Names an editor who is told of the newsletter.
fn with_an_editor(newsroom: &Newsroom) {
    let file = newsroom.path("config/week-in-review.toml");
    let text = fs::read_to_string(&file).expect("our own folder");
    fs::write(&file, format!("editors = [\"{EDITOR}\"]\n{text}")).expect("our own folder");
}

fn got(sink: &Relay, address: &str) -> usize {
    times(&sink.received()).get(address).copied().unwrap_or_default()
}

/// Lets the service of a newsroom do all that it does at its start.
fn serve_once(newsroom: &Newsroom) {
    let service = newsroom.serve();
    service.signal("TERM");
    assert_eq!(service.wait_for_end(), 0, "{}", service.log());
}

#[test]
fn a_copy_writes_neither_to_readers_nor_to_editors_until_it_is_unlocked() {
    let sink = Plan::default().refuse(EDITOR, "451 4.3.0 later", 1).start();
    let (newsroom, _) = due(sink.port, "", 3);
    with_an_editor(&newsroom);
    assert_eq!(newsroom.send()["accepted"], 3);
    fs::write(newsroom.path("note.md"), "It sails on Tuesday.").expect("our own folder");
    let (_folder, copy) = copied(&newsroom);

    // Editors who could not be told, a reader who is to confirm, a correction, an editor to invite.
    let added = copy.call(&["subscribers", "add", PENDING]);
    assert!(added.status == Some(0) && (added.out + &added.err).contains("the mail waits: mailing is locked"));
    let corrected = copy.fails(1, &["issues", "correct", "1", "--note", "note.md", "--yes"]);
    assert!(corrected.contains("mailing is locked"), "{corrected}");
    assert_eq!(copy.issue(1)["corrections"], serde_json::json!([]), "and nothing waits to go out later");
    let invited = copy.fails(1, &["editors", "add", "mona@harbour.example"]);
    assert!(invited.contains("mailing is locked") && invited.contains("--print"), "{invited}");
    serve_once(&copy);
    assert_eq!(sink.count(), 3, "{:?}", times(&sink.received()));

    copy.done(&["unlock", "--yes"]);
    let service = copy.serve();
    service.wait_until("tells the editor", || (got(&sink, EDITOR) == 1).then_some(()));
    service.wait_until("asks the reader", || (got(&sink, PENDING) == 1).then_some(()));
}

#[test]
fn a_copy_asks_no_editor_to_approve_and_tells_none_of_a_week_without_an_issue() {
    for (stories, minutes, state) in
        [(&["Harbour fees rise", "A new ferry", "Salt prices"][..], 12 * 60, "waiting"), (&["Fog"], -5, "skipped")]
    {
        let mut newsroom = Newsroom::new();
        newsroom.set(|settings| settings.newsletter = "cut_off = \"20h\"\nreview = \"approve\"".to_owned());
        newsroom.make_due(5);
        newsroom.set(|settings| settings.schedule = daily(now() + TimeDelta::minutes(minutes)));
        with_an_editor(&newsroom);
        join(&newsroom, "mona@harbour.example");
        newsroom.bring(stories);
        newsroom.subscribe(2);
        let (_folder, copy) = copied(&newsroom);
        let service = copy.serve();
        eventually("the copy composes all the same", Duration::from_secs(30), || match state {
            "waiting" => (copy.call(&["issues", "show", "1"]).status == Some(0)).then_some(()),
            _ => service.log().contains("too few stories").then_some(()),
        });
        service.signal("TERM");
        assert_eq!(service.wait_for_end(), 0, "{}", service.log());
        assert_eq!(copy.outbox().len(), 0, "{state}");

        let service = newsroom.serve();
        service.wait_until("writes at home", || (!newsroom.outbox().is_empty()).then_some(()));
    }
}
