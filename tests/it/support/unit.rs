//! Runs a program under the service file of `contrib/`: same user rights, same view of the files, same limits and system calls.
//! systemd itself is not in charge on a test machine, so `as_unit.py` obeys the unit in its place.

use super::process::{Process, open_folder, program};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The user that the program runs as.
pub const SERVICE_USER: u32 = 64_001;

/// A program under the unit.
pub struct Service {
    /// The process, for signals and for its end.
    pub process: Process,
    _folder: TempDir,
}

impl Service {
    /// Starts `binary` with `arguments`, or with those of the unit's `ExecStart` if there are none. `state` and `config` are the folders that
    /// it sees as `/var/lib/week-in-review` and `/etc/week-in-review`; `state` is given to its user.
    pub fn start(binary: &Path, arguments: &[&str], state: &Path, config: &Path) -> Self {
        let folder = open_folder();
        let scratch = folder.path().join("scratch");
        fs::create_dir(&scratch).expect("the folder is empty");
        let mut command = Command::new(program("unshare", "util-linux"));
        command.args(["--mount", "--ipc", "--propagation", "private", "/usr/bin/python3"]);
        command.arg(in_project("tests/it/support/as_unit.py")).arg(in_project("contrib/week-in-review.service"));
        command.arg(scratch).arg(state).arg(config).arg(binary).args(arguments);
        let process = Process::start(&command, folder.path().join("log"));
        Self { process, _folder: folder }
    }
}

fn in_project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
