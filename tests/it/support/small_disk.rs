//! A disk that is soon full.

use super::process::{program, run};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A file system of its own, in memory, unmounted when this value goes. Needs root.
pub struct SmallDisk {
    folder: Option<TempDir>,
}

impl SmallDisk {
    /// One with room for `kilobytes`.
    pub fn with_room_for(kilobytes: u32) -> Self {
        let folder = TempDir::new().expect("a folder for the test can be made");
        let mut command = Command::new(program("mount", "mount"));
        run(command.args(["-n", "-t", "tmpfs", "-o", &format!("size={kilobytes}k"), "small-disk"]).arg(folder.path()));
        Self { folder: Some(folder) }
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        self.folder.as_ref().expect("until it is dropped").path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily, for a process that is just ending may still have a file open; and before the folder is removed.
        Command::new("umount").args(["-n", "-l"]).arg(self.path()).status().ok();
        drop(self.folder.take());
    }
}
