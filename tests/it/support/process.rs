//! Starts a program in the background, waits until it is ready, and ends it with everything it started.

use std::env;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long a server may take until it is ready, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs the program in a session of its own and ends that when standard input closes: by `Drop`, or because the test program died.
/// Beside the log (`$0`) it leaves the process id while the program runs, and its exit status afterwards.
const SUPERVISOR: &str = r#"
    exec 3<&0
    setsid "$@" </dev/null 3<&- &
    group=$!
    echo "$group" >"$0.pid"
    {
        cat <&3 >/dev/null
        exec 2>/dev/null
        kill -s TERM -- "-$group"
        sleep 10
        kill -s KILL -- "-$group"
    } &
    watcher=$!
    wait "$group"
    echo "$?" >"$0.status"
    exec 2>/dev/null
    kill -s KILL -- "-$group" "$watcher"
"#;

/// A program that runs as long as this value lives.
pub struct Process {
    supervisor: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command`; what it prints goes to the file `log`.
    pub fn start(command: &Command, log: PathBuf) -> Self {
        // For appending, because some programs open their standard output a second time.
        let out = fs::File::options().create(true).append(true).open(&log).expect("the log can be written");
        let mut supervisor = Command::new("sh");
        supervisor.args(["-c", SUPERVISOR]).arg(&log).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            supervisor.env(name, value.expect("only additions to the environment are passed on"));
        }
        if let Some(folder) = command.get_current_dir() {
            supervisor.current_dir(folder);
        }
        // A group of its own: Ctrl-C in the terminal must end the tests, and only through that the servers.
        std::os::unix::process::CommandExt::process_group(&mut supervisor, 0);
        let errors = out.try_clone().expect("a file handle can be doubled");
        let supervisor =
            supervisor.stdin(Stdio::piped()).stdout(out).stderr(errors).spawn().expect("sh is on every machine");
        Self { supervisor, log }
    }

    /// Waits until something accepts connections at `port` on loopback.
    pub fn wait_for_port(&self, port: u16) {
        self.wait_until("accepts connections", || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok());
    }

    /// Waits until `look` finds something; fails with the program's own words if that takes too long.
    pub fn wait_until<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let look_or_end = || match self.beside_log("status") {
            // It may have done what is waited for just before its end.
            Some(_) => Some(look()),
            None => look().map(Some),
        };
        let found = wait_until(look_or_end).flatten();
        found.unwrap_or_else(|| panic!("waited in vain until it {what}; its log:\n{}", self.log()))
    }

    /// Sends it a signal, by name: `HUP`, `TERM`, `KILL`.
    pub fn signal(&self, name: &str) {
        let id = self.wait_until("has an id", || self.beside_log("pid"));
        run(Command::new("kill").arg("-s").arg(name).arg(id));
    }

    /// Waits until it has ended by itself; its exit status, or 128 and the number of the signal that ended it.
    pub fn wait_for_end(&self) -> i32 {
        self.wait_until("ends", || self.beside_log("status")?.parse().ok())
    }

    fn beside_log(&self, end: &str) -> Option<String> {
        let mut path = self.log.clone().into_os_string();
        path.push(format!(".{end}"));
        fs::read_to_string(path).ok().filter(|text| text.ends_with('\n')).map(|text| text.trim().to_owned())
    }

    /// What the program has printed so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        self.supervisor.wait().ok();
    }
}

/// Looks again and again until `look` finds something; `None` after a minute. For what happens in another process and tells nobody.
pub fn wait_until<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if began.elapsed() > PATIENCE {
            return None;
        }
        thread::park_timeout(Duration::from_millis(10));
    }
}

/// The full path of an installed program; fails with the Debian package that brings it.
pub fn program(name: &str, package: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].map(PathBuf::from);
    env::split_paths(&path).chain(system).map(|folder| folder.join(name)).find(|file| file.is_file()).unwrap_or_else(
        || panic!("`{name}` is not on this machine: install the Debian package {package}, or run scripts/setup"),
    )
}

/// Runs a program to its end; fails with its words if it fails.
#[track_caller]
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?} failed:\n{}{}", words(&output.stdout), words(&output.stderr));
    words(&output.stdout)
}

/// A loopback port that nobody uses, and that nobody else in this program is given.
///
/// Taken from below the range from which the kernel gives ports to outgoing connections, which could come in between.
pub fn free_port() -> u16 {
    const FIRST: u16 = 18_000;
    const COUNT: u16 = 14_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = (std::process::id() % u32::from(COUNT)) as u16;
    loop {
        let port = FIRST + start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// A folder for one test that other users may enter: servers change to users of their own.
pub fn open_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test can be made");
    set_mode(folder.path(), 0o755);
    folder
}

/// Sets the permission bits of a file or folder.
pub fn set_mode(path: &Path, mode: u32) {
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
    fs::set_permissions(path, permissions).expect("our own file");
}
