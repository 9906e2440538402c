//! A private nginx on loopback: serves a folder as the web's sources do, or stands before the product as `contrib/` suggests.

use super::process::{Process, free_port, open_folder, program, run};
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A running nginx.
pub struct Nginx {
    /// The process first: it must have ended before its folder goes.
    process: Process,
    _folder: TempDir,
    /// The port on 127.0.0.1.
    pub port: u16,
}

impl Nginx {
    /// Serves the files of `folder`: with `Last-Modified` and `ETag`, compressed for who asks.
    pub fn serve(folder: &Path) -> Self {
        let port = free_port();
        let root = folder.display();
        Self::start(
            port,
            &format!("server {{ listen 127.0.0.1:{port}; root {root}; gzip on; gzip_types *; gzip_min_length 0; }}"),
        )
    }

    /// Runs with `servers` inside its `http` block; one of them must listen at `port`. nginx must find no fault with it first.
    pub fn start(port: u16, servers: &str) -> Self {
        let nginx = program("nginx", "nginx-light");
        let folder = open_folder();
        let config = folder.path().join("nginx.conf");
        fs::write(&config, configuration(folder.path(), servers)).expect("the folder can be written");
        run(Command::new(&nginx).arg("-t").arg("-q").arg("-c").arg(&config).arg("-p").arg(folder.path()));

        let mut command = Command::new(nginx);
        command.arg("-c").arg(&config).arg("-p").arg(folder.path());
        let process = Process::start(&command, folder.path().join("log"));
        process.wait_for_port(port);
        Self { process, _folder: folder, port }
    }

    /// The address of what it serves at `path`, which begins with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// One line for every request so far, and its errors.
    pub fn log(&self) -> String {
        self.process.log()
    }
}

fn configuration(folder: &Path, servers: &str) -> String {
    let user = if is_root(folder) { "user root;" } else { "" };
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("    {kind}_temp_path temp_{kind};\n"))
        .concat();
    format!(
        "{user}
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr;
events {{ worker_connections 256; }}
http {{
    include /etc/nginx/mime.types;
    access_log /dev/stdout;
{temporary}
{servers}
}}
"
    )
}

fn is_root(folder: &Path) -> bool {
    std::os::unix::fs::MetadataExt::uid(&folder.metadata().expect("our own folder")) == 0
}
