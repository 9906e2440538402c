//! A relay at the other end of a real network: two namespaces of the kernel, and a link between them that stalls, is cut and loses packets. Needs root
//! and `/dev/net/tun`.

use crate::kill::subscriber_rows;
use crate::support::newsroom::{BINARY, Newsroom, eventually, relay};
use crate::support::process::{Process, open_folder, program, run};
use crate::support::smtp_sink::dumps;
use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;
use week_in_review::domain::delivery::DeliveryState;

const LINK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/tools/delay-link.py");
const FAR: &str = "10.78.0.2";
const PORT: u16 = 2525;

/// Long, for machines that are busy.
const PATIENCE: Duration = Duration::from_mins(4);

/// Two namespaces, and a sink in the far one.
struct Network {
    near: String,
    far: String,
    link: Option<Process>,
    sink: Option<Process>,
    folder: TempDir,
}

impl Network {
    fn new() -> Self {
        let folder = open_folder();
        let [near, far] = ["near", "far"].map(|end| format!("week-{end}-{}", std::process::id()));
        for name in [&near, &far] {
            run(Command::new(program("ip", "iproute2")).args(["netns", "add", name]));
            run(Command::new(program("ip", "iproute2")).args(["-n", name, "link", "set", "lo", "up"]));
        }
        let mut network = Self { near, far, link: None, sink: None, folder };
        network.connect(&[]);
        let mut sink = within(&network.far);
        sink.arg(program("smtp-sink", "postfix"))
            .args(["-u", "root", "-d", "message.", "-R"])
            .arg(network.folder.path());
        sink.arg(format!("{FAR}:{PORT}")).arg("128");
        network.sink = Some(Process::start(&sink, network.folder.path().join("sink.log")));
        network
    }

    fn connect(&mut self, options: &[&str]) {
        let mut link = Command::new(program("python3", "python3"));
        link.arg(LINK).args([&self.near, &self.far]).args(["--ms", "20"]).args(options);
        let log = self.folder.path().join(format!("link{}.log", options.concat()));
        let link = Process::start(&link, log);
        link.wait_until("is up", || link.log().contains("up").then_some(()));
        self.link = Some(link);
    }

    fn link(&self) -> &Process {
        self.link.as_ref().expect("it is connected")
    }

    /// How often each reader's whole message arrived.
    fn arrived(&self) -> BTreeMap<String, usize> {
        let mut arrived = BTreeMap::new();
        for dump in dumps(self.folder.path()) {
            let named = dump.lines().find_map(|line| line.strip_prefix("X-Rcpt-Args: <")?.split_once('>'));
            // What ends with the last delimiter of its parts came in whole.
            if let Some((reader, _)) = named.filter(|_| dump.trim_end().ends_with("--")) {
                *arrived.entry(reader.to_owned()).or_default() += 1;
            }
        }
        arrived
    }
}

/// A command in a namespace, to be completed.
fn within(name: &str) -> Command {
    let mut command = Command::new(program("ip", "iproute2"));
    command.args(["netns", "exec", name]).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command
}

impl Drop for Network {
    fn drop(&mut self) {
        drop((self.sink.take(), self.link.take()));
        for name in [&self.near, &self.far] {
            drop(Command::new(program("ip", "iproute2")).args(["netns", "del", name]).status());
        }
    }
}

#[test]
fn a_link_that_stalls_is_cut_and_loses_packets_loses_nobody_and_repeats_only_who_was_in_doubt() {
    let mut network = Network::new();
    let mut newsroom = Newsroom::new();
    let mail = relay(PORT).replace("127.0.0.1", FAR);
    newsroom.set(|settings| settings.mail = format!("{mail}\nconnections = 3\nper_second = 10\ntimeout = \"5s\""));
    newsroom.make_due(5);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    let readers = newsroom.subscribe(120);
    let mut command = within(&network.near);
    command.arg(BINARY).args(["send", "--yes"]).current_dir(newsroom.path("")).env("HOME", newsroom.path(""));
    let sending = Process::start(&command, network.folder.path().join("send.log"));
    let is_missed =
        || newsroom.store().alarms().expect("the database answers").iter().any(|alarm| alarm.kind == "relay-down");

    let wait_for = |count: u64| {
        eventually("so many are recorded", PATIENCE, || {
            let store = newsroom.store();
            // Until the issue is composed there is none to look at.
            let row = store.issue_by_number(newsroom.newsletter_id(), 1).expect("the database answers")?;
            (store.tally(row.id).expect("the database answers").accepted >= count).then_some(())
        });
    };

    // Stalled: what was written waits in the network until patience is over, and no new session begins. Whoever stood in the middle of a text then is in
    // doubt; whether somebody did is chance.
    wait_for(20);
    network.link().signal("USR1");
    eventually("the silent relay is missed", PATIENCE, || is_missed().then_some(()));
    network.link().signal("USR2");
    eventually("it is back", PATIENCE, || (!is_missed()).then_some(()));
    wait_for(50);

    // Cut: nobody has a session, and that is told.
    drop(network.link.take());
    eventually("the lost relay is missed", PATIENCE, || is_missed().then_some(()));
    network.connect(&["--drop", "9"]);
    eventually("the issue is done", PATIENCE, || (newsroom.issue(1)["state"] == "done").then_some(()));
    assert_eq!(sending.wait_for_end(), 0, "{}", sending.log());

    let (arrived, issue) = (network.arrived(), newsroom.issue(1));
    assert_eq!(issue["deliveries"]["accepted"], readers.len(), "{}", issue["deliveries"]);
    assert!(readers.iter().all(|reader| arrived.contains_key(reader)), "{} of {}", arrived.len(), readers.len());
    let rows = subscriber_rows(&newsroom, &readers);
    let doubts = newsroom.store().notable(newsroom.issue_id(1), DeliveryState::InDoubt, usize::MAX >> 1).unwrap();
    for (reader, taken) in &arrived {
        let listed = doubts.iter().filter(|doubt| doubt.subscriber == rows[reader]).count();
        assert!(*taken <= 1 + listed, "{reader} got it {taken} times and was in doubt {listed} times");
    }
}
