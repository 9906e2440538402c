//! Notices that a preview is out of date: a file that it was made from has changed, or the database has. Knows nothing of pages.

use crate::store::Store;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::watch;

/// How often to look. Half a second is soon enough for a person who saves a file and turns to the browser.
const EVERY: Duration = Duration::from_millis(500);

/// What a preview was made from, as it was at the last look.
#[derive(Debug)]
pub struct Sources {
    paths: Vec<PathBuf>,
    store: Option<Arc<Store>>,
    last: Option<Seen>,
}

#[derive(Debug, PartialEq, Eq)]
struct Seen {
    files: Vec<(PathBuf, Option<SystemTime>, u64)>,
    commits: Option<i64>,
}

/// Files that are looked at in one folder, at most.
const FILES: usize = 2_000;

impl Sources {
    /// Watches files, folders (with what lies below them) and a database, through a connection of this watcher's own: commits made by the same
    /// connection are not seen.
    pub fn new(paths: Vec<PathBuf>, store: Option<Arc<Store>>) -> Self {
        let mut sources = Self { paths, store, last: None };
        sources.last = Some(sources.look());
        sources
    }

    /// Whether something is different from the last look.
    pub fn changed(&mut self) -> bool {
        let now = Some(self.look());
        let changed = now != self.last;
        self.last = now;
        changed
    }

    /// The same; after a change `refresh` is called, and what it leaves behind is taken for seen.
    fn refreshed(&mut self, refresh: impl FnOnce()) -> bool {
        let changed = self.changed();
        if changed {
            refresh();
            self.changed();
        }
        changed
    }

    fn look(&self) -> Seen {
        let mut files = Vec::new();
        for path in &self.paths {
            look_at(path.clone(), &mut files);
        }
        files.sort();
        // A database that does not answer just now is no news.
        let commits = self.store.as_ref().and_then(|store| store.data_version().ok());
        Seen { files, commits }
    }
}

fn look_at(path: PathBuf, files: &mut Vec<(PathBuf, Option<SystemTime>, u64)>) {
    let mut open = vec![path];
    while let Some(path) = open.pop() {
        if files.len() >= FILES {
            return;
        }
        let Ok(about) = path.symlink_metadata() else {
            files.push((path, None, 0));
            continue;
        };
        if about.is_dir() {
            open.extend(std::fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()));
        }
        files.push((path, about.modified().ok(), about.len()));
    }
}

/// Looks again and again and counts the changes in `count`, until nobody listens to it any more. Before a change is announced, `refresh` brings
/// the database up to date; what it writes there is no further change.
pub async fn count_changes(
    mut sources: Sources,
    count: watch::Sender<u64>,
    refresh: impl Fn() + Clone + Send + 'static,
) {
    loop {
        tokio::time::sleep(EVERY).await;
        if count.is_closed() {
            return;
        }
        // Files are looked at away from the threads that serve pages: a folder may lie on a slow disk.
        let refresh = refresh.clone();
        let looked = tokio::task::spawn_blocking(move || {
            let changed = sources.refreshed(refresh);
            (sources, changed)
        });
        let Ok((looked_at, changed)) = looked.await else { return };
        sources = looked_at;
        if changed {
            count.send_modify(|count| *count += 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_new_or_removed_file_is_noticed_once() {
        let folder = tempfile::tempdir().unwrap();
        let story = folder.path().join("columns").join("a.md");
        std::fs::create_dir(story.parent().unwrap()).unwrap();
        let missing = folder.path().join("missing.toml");
        let mut sources = Sources::new(vec![folder.path().join("columns"), missing.clone()], None);
        assert!(!sources.changed());
        std::fs::write(&story, "one").unwrap();
        assert!(sources.changed() && !sources.changed());
        std::fs::write(&story, "longer than one").unwrap();
        assert!(sources.changed() && !sources.changed());
        std::fs::remove_file(&story).unwrap();
        assert!(sources.changed() && !sources.changed());
        std::fs::write(&missing, "now it is there").unwrap();
        assert!(sources.changed() && !sources.changed());
    }

    #[test]
    fn a_commit_of_another_connection_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("subscribers.db")).unwrap();
        let mut sources = Sources::new(Vec::new(), Some(Arc::new(store.another().unwrap())));
        assert!(!sources.changed());
        store.set_fact("colour", "blue").unwrap();
        assert!(sources.changed() && !sources.changed());
    }

    #[test]
    fn what_a_refresh_writes_is_no_further_change() {
        let folder = tempfile::tempdir().unwrap();
        let story = folder.path().join("a.md");
        let store = Store::open(&folder.path().join("subscribers.db")).unwrap();
        let mut sources = Sources::new(vec![story.clone()], Some(Arc::new(store.another().unwrap())));
        assert!(!sources.refreshed(|| unreachable!("nothing changed")));
        std::fs::write(&story, "one").unwrap();
        assert!(sources.refreshed(|| store.set_fact("collected", "now").unwrap()));
        assert!(!sources.refreshed(|| unreachable!("the refresh itself is no change")));
    }
}
