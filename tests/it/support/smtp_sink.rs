//! Postfix's `smtp-sink`: takes and drops mail as fast as a machine can, or refuses as its options say.

use super::process::{Process, free_port, open_folder, program};
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A running sink.
pub struct SmtpSink {
    process: Process,
    folder: TempDir,
    /// The port on 127.0.0.1.
    pub port: u16,
}

impl SmtpSink {
    /// Starts one; `options` are those of smtp-sink(1), such as `["-Q", "DATA"]` (421 after DATA) or `["-m", "10"]` (ten connections at most).
    pub fn start(options: &[&str]) -> Self {
        Self::start_at(free_port(), options)
    }

    /// The same at a port that was `process::free_port`, for one that takes the place of another.
    pub fn start_at(port: u16, options: &[&str]) -> Self {
        let folder = open_folder();
        let mut command = Command::new(program("smtp-sink", "postfix"));
        command.args(options).args(["-d", "message."]).arg("-R").arg(folder.path()).args(["-u", "root"]);
        command.arg(format!("127.0.0.1:{port}")).arg("128");
        let process = Process::start(&command, folder.path().join("log"));
        process.wait_for_port(port);
        Self { process, folder, port }
    }

    /// Waits until at least `count` messages came in, and gives each as the sink wrote it: its own `X-` lines with the envelope first.
    pub fn wait_for(&self, count: usize) -> Vec<String> {
        self.process
            .wait_until("takes the messages", || Some(dumps(self.folder.path())).filter(|dumps| dumps.len() >= count))
    }

    /// What it wrote of messages up to now, refused ones and beginnings included.
    pub fn dumps(&self) -> Vec<String> {
        dumps(self.folder.path())
    }
}

/// What a sink wrote into its folder.
pub fn dumps(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("our own folder").flatten();
    let files = entries.map(|entry| entry.path()).filter(|path| path.to_string_lossy().contains("message."));
    files
        .map(|path| String::from_utf8_lossy(&fs::read(path).expect("our own file")).into_owned())
        .filter(|text| !text.is_empty())
        .collect()
}
