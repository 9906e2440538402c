//! The files of `contrib/`, tried on real programs with nothing changed but ports, names of files, and who answers.

use crate::support::nginx::Nginx;
use crate::support::process::{free_port, open_folder, program};
use crate::support::tls::Certificates;
use crate::support::unit::{SERVICE_USER, Service};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;

/// Answers every request with its own request line and headers, so that a test sees what the proxy passed on.
fn start_echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    let port = listener.local_addr().expect("it is bound").port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || echo(stream));
        }
    });
    port
}

fn echo(mut stream: TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let mut head = Vec::new();
    while let Some(line) = lines.next().transpose()?.filter(|line| !line.is_empty()) {
        head.push(line.to_lowercase());
    }
    let body = head.join("\n");
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

/// A file of `contrib/` with each text replaced; every one must occur.
fn adapted(name: &str, changes: &[(&str, &str)]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib").join(name);
    changes.iter().fold(fs::read_to_string(&path).expect("the file is there"), |text, (old, new)| {
        assert!(text.contains(old), "{name} has no {old:?}");
        text.replace(old, new)
    })
}

/// Asks like a visitor who claims another address.
async fn ask(certificates: &Certificates, url: &str) -> String {
    let authority = fs::read(&certificates.authority).expect("just made");
    let authority = reqwest::Certificate::from_pem(&authority).expect("openssl wrote it");
    let client = reqwest::Client::builder().tls_certs_only([authority]).no_proxy().build().expect("valid settings");
    let answer = client.get(url).header("X-Forwarded-For", "203.0.113.7").send().await.expect("nginx answers");
    assert!(answer.status().is_success(), "{url}: {}", answer.status());
    answer.text().await.expect("text")
}

/// What must hold wherever the pages are: `/214` and `/u/…` arrive as they are, from whom they really come, and no token is logged.
async fn check(nginx: &Nginx, certificates: &Certificates, base: &str, path: &str) {
    let page = ask(certificates, &format!("{base}/weekly/214?x=1")).await;
    ask(certificates, &format!("{base}/u/secret-token")).await;

    assert!(page.starts_with(&format!("get {path}/weekly/214?x=1 ")), "{page}");
    assert!(page.contains("\nx-forwarded-for: 127.0.0.1\n"), "{page}");
    assert!(page.contains("\nx-forwarded-proto: https\n"), "{page}");
    assert!(page.contains("\nhost: localhost\n"), "{page}");
    let log = nginx.log();
    assert!(log.contains("/weekly/214") && !log.contains("secret-token"), "{log}");
}

#[tokio::test]
async fn nginx_passes_a_host_of_its_own_on() {
    let folder = open_folder();
    let certificates = Certificates::make(folder.path());
    let (plain, secure, echo) = (free_port(), free_port(), start_echo());
    let servers = adapted(
        "nginx.conf",
        &[
            ("listen 80;", &format!("listen 127.0.0.1:{plain};")),
            ("listen [::]:80;", ""),
            ("listen 443 ssl http2;", &format!("listen 127.0.0.1:{secure} ssl http2;")),
            ("listen [::]:443 ssl http2;", ""),
            ("server_name newsletter.example;", "server_name localhost;"),
            ("/etc/letsencrypt/live/newsletter.example/fullchain.pem", &certificates.certificate.to_string_lossy()),
            ("/etc/letsencrypt/live/newsletter.example/privkey.pem", &certificates.key.to_string_lossy()),
            ("127.0.0.1:8080;", &format!("127.0.0.1:{echo};")),
        ],
    );
    let nginx = Nginx::start(secure, &servers);

    check(&nginx, &certificates, &format!("https://localhost:{secure}"), "").await;
    let moved = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .expect("valid settings");
    let answer = moved.get(format!("http://127.0.0.1:{plain}/weekly/214")).send().await.expect("nginx answers");
    assert_eq!(answer.headers()["location"], "https://127.0.0.1/weekly/214");
}

#[tokio::test]
async fn nginx_passes_a_folder_of_an_existing_site_on() {
    let folder = open_folder();
    let certificates = Certificates::make(folder.path());
    let (secure, echo) = (free_port(), start_echo());
    let locations = adapted("nginx-path.conf", &[("127.0.0.1:8080;", &format!("127.0.0.1:{echo};"))]);
    let certificate = certificates.certificate.display();
    let key = certificates.key.display();
    let servers = format!(
        "server {{ listen 127.0.0.1:{secure} ssl; ssl_certificate {certificate}; ssl_certificate_key {key};\n{locations}\n}}"
    );
    let nginx = Nginx::start(secure, &servers);

    check(&nginx, &certificates, &format!("https://localhost:{secure}/newsletter"), "/newsletter").await;
}

#[test]
fn postfix_knows_every_setting_of_the_relay() {
    let complaints = |text: &str| {
        let folder = open_folder();
        fs::write(folder.path().join("main.cf"), text).expect("our own folder");
        fs::write(folder.path().join("master.cf"), "").expect("our own folder");
        let output = Command::new(program("postconf", "postfix"))
            .arg("-n")
            .arg("-c")
            .arg(folder.path())
            .output()
            .expect("it runs");
        assert!(output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let settings = adapted("postfix-relay.cf", &[]);
    assert_eq!(complaints(&settings), "");
    assert!(
        complaints(&settings.replace("maximal_queue_lifetime", "maximum_queue_lifetime")).contains("unused parameter")
    );
}

/// Runs a line of shell under the unit; what it printed, and its exit status.
fn under_the_unit(script: &str) -> (String, i32) {
    let (state, config) = (open_folder(), open_folder());
    fs::write(config.path().join("week-in-review.toml"), "# settings\n").expect("our own folder");
    let service = Service::start(Path::new("/bin/sh"), &["-c", script], state.path(), config.path());
    let status = service.process.wait_for_end();
    (service.process.log(), status)
}

#[test]
fn under_the_unit_a_program_has_its_own_user_and_its_own_folders() {
    let (printed, status) = under_the_unit(
        "id -u; pwd; umask; ulimit -n; cat /etc/week-in-review/week-in-review.toml; touch new; stat -c %a new",
    );
    let expected = format!("{SERVICE_USER}\n/var/lib/week-in-review\n0077\n4096\n# settings\n600\n");
    assert_eq!((printed.as_str(), status), (expected.as_str(), 0));
}

#[test]
fn under_the_unit_a_program_reads_what_it_needs_of_the_system() {
    let needed = "test -r /etc/machine-id -o ! -e /etc/machine-id && test -r /etc/ssl/certs && test -r /etc/resolv.conf && head -c1 /dev/urandom >/dev/null";
    assert_eq!(under_the_unit(needed), (String::new(), 0));
}

#[test]
fn under_the_unit_a_program_writes_nowhere_else_and_sees_nobody() {
    for forbidden in [
        "touch /etc/week-in-review/x",
        "touch /etc/x",
        "touch /usr/x",
        "touch /var/log/x",
        "ls /root/.",
        "ls /proc/1/status",
        "ls /proc/sys/kernel",
        "ls /tmp/. | grep .",
        "chown 1 /var/lib/week-in-review",
        "mount -t tmpfs x /tmp",
    ] {
        let (printed, status) = under_the_unit(&format!("echo started; {forbidden}"));
        assert!(printed.starts_with("started\n") && status != 0, "{forbidden}: {status} {printed}");
    }
}

#[test]
fn the_filter_of_system_calls_is_in_force() {
    let python = |line: &str| format!("/usr/bin/python3 -c 'import socket, mmap, os; print(1, flush=True); {line}'");
    for (allowed, line) in [
        (true, "socket.socket(socket.AF_INET)"),
        (true, "socket.socket(socket.AF_INET6)"),
        (true, "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE)"),
        (false, "socket.socket(socket.AF_NETLINK)"),
        (false, "mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)"),
        (false, "os.nice(1)"),
    ] {
        let (printed, status) = under_the_unit(&python(line));
        assert!(printed.starts_with("1\n") && (status == 0) == allowed, "{line}: {printed}");
    }
}

#[test]
fn a_signal_reaches_the_program_under_the_unit() {
    let (state, config) = (open_folder(), open_folder());
    // Not a shell: one that starts a program at the very moment may forget the signal.
    let script = "import signal\n\
                  awaited = {signal.SIGHUP, signal.SIGTERM}\n\
                  signal.pthread_sigmask(signal.SIG_BLOCK, awaited)\n\
                  print('ready', flush=True)\n\
                  while signal.sigwait(awaited) == signal.SIGHUP: print('reloaded', flush=True)\n\
                  raise SystemExit(7)";
    let service = Service::start(Path::new("/usr/bin/python3"), &["-c", script], state.path(), config.path());
    service.process.wait_until("is ready", || service.process.log().contains("ready").then_some(()));
    service.process.signal("HUP");
    service.process.wait_until("reloads", || service.process.log().contains("reloaded").then_some(()));
    service.process.signal("TERM");
    assert_eq!(service.process.wait_for_end(), 7);
}
