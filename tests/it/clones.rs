//! A copy of an installation, on another machine or beside the original: it shows and serves, it does not mail, and the original goes on.

use crate::support::faulty_relay::Plan;
use crate::support::newsroom::{BINARY, Newsroom, assert_once, relay};
use crate::support::process::{Process, program, run};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
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

    // Back in its own machine nothing has happened; in the other one it takes a word.
    let (unlocked, words) = said(&newsroom, &id, &["unlock", "--yes"]);
    assert!(unlocked && words.contains("3 readers"), "{words}");
    let home = newsroom.fails(1, &["send", "--yes"]);
    assert!(home.contains("the machine is another one"), "only one of the two mails: {home}");
    let (sent, words) = said(&newsroom, &id, &["send", "--yes"]);
    assert!(sent, "{words}");
    assert_once(&sink.received(), &readers);
}

#[test]
fn a_copy_made_in_the_middle_of_a_send_mails_nobody_and_the_original_goes_on() {
    let sink = Plan::default().start();
    let (newsroom, readers) = due(sink.port, "per_second = 100", 200);
    let sending = newsroom.begin(&["send", "--yes"]);
    sink.wait_for(30);
    let folder = crate::support::process::open_folder();
    let target = folder.path().join("copy");
    run(Command::new("cp").arg("-a").arg(newsroom.path("")).arg(&target));
    let copy = Newsroom::at(&target, &newsroom.settings);
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
