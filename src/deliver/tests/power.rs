//! Power that fails: the database and its log are copied at moments that nobody chose, torn ends and all, and a delivery goes on from each copy.

use super::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Few enough that the log is not started anew in between, which would need a copy of both files at one instant.
const READERS: i64 = 1_500;

/// The files as they were, and whom the relay had taken messages for before and after they were copied.
struct Copy {
    path: PathBuf,
    before: BTreeSet<String>,
    after: BTreeSet<String>,
}

fn taken(relay: &MemoryMailer) -> BTreeSet<String> {
    relay.sent().into_iter().map(|message| message.to).collect()
}

/// Copies both files again and again until told to end.
fn copy_until(done: &AtomicBool, from: &Path, folder: &Path, relay: &MemoryMailer) -> Vec<Copy> {
    let mut copies = Vec::new();
    while !done.load(Ordering::SeqCst) {
        let path = folder.join(format!("{}.db", copies.len()));
        let before = taken(relay);
        for end in ["", "-wal"] {
            let name = |path: &Path| format!("{}{end}", path.display());
            std::fs::copy(name(from), name(&path)).unwrap();
        }
        copies.push(Copy { path, before, after: taken(relay) });
    }
    copies
}

/// Cuts the log inside its last frames that no commit follows, or leaves half a frame of noise behind it.
fn tear(path: &Path, at: usize) {
    let log = format!("{}-wal", path.display());
    let mut bytes = std::fs::read(&log).unwrap();
    let page = u32::from_be_bytes(bytes[8..12].try_into().unwrap()) as usize;
    let frames = (bytes.len() - 32) / (page + 24);
    let commits = |frame: &usize| {
        let header = 32 + frame * (page + 24);
        bytes[header + 4..header + 8] != [0; 4]
    };
    let synced = (0..frames).rev().find(commits).map_or(32, |frame| 32 + (frame + 1) * (page + 24));
    let unsynced = bytes.len() - synced;
    bytes.truncate(synced + if unsynced > 0 { at * 37 % unsynced } else { 0 });
    bytes.extend(std::iter::repeat_n(0xA5, at * 61 % page));
    std::fs::write(&log, bytes).unwrap();
}

#[tokio::test]
async fn from_every_moment_at_which_the_power_fails_nobody_is_lost_and_only_those_in_doubt_get_two() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("subscribers.db");
    let room = Room::in_store(Store::open(&path).unwrap(), READERS);
    let done = Arc::new(AtomicBool::new(false));
    let copier = std::thread::spawn({
        let (done, relay, folder) = (done.clone(), room.relay.clone(), folder.path().to_owned());
        move || copy_until(&done, &path, &folder, &relay)
    });
    room.deliver().await;
    done.store(true, Ordering::SeqCst);
    let copies = copier.join().unwrap();

    let step = copies.len().div_ceil(8).max(1);
    let mut in_the_middle = 0;
    for (at, copy) in copies.iter().enumerate().step_by(step) {
        tear(&copy.path, at + 1);
        let again = Room::at(Store::open(&copy.path).unwrap(), &room);
        let delivered = again.deliver().await;
        assert_eq!(delivered.ended, Ended::Done);
        assert!(delivered.adopted.in_doubt <= 200, "{:?}", delivered.adopted);
        let second = taken(&again.relay);
        let all: BTreeSet<_> = copy.after.union(&second).collect();
        assert_eq!(all.len() as i64, READERS, "nobody is lost");
        let twice = copy.before.intersection(&second).count() as u64;
        assert!(twice <= delivered.adopted.in_doubt, "{twice} got two, {:?} were in doubt", delivered.adopted);
        in_the_middle += usize::from(!copy.before.is_empty() && !second.is_empty());
    }
    assert!(in_the_middle > 0, "no copy was taken in the middle of the delivery");
}
