//! The files of `contrib/`, tried on real programs with nothing changed but ports, names of files, and who answers.

use crate::support::nginx::Nginx;
use crate::support::process::{free_port, open_folder};
use crate::support::tls::Certificates;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
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
