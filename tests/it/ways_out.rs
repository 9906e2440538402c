//! The other ways out of the house, as they are configured: the `sendmail` pipe, and the HTTP APIs of Amazon SES and Mailgun. A server on this machine
//! takes their place and says as they do; what an issue's request holds is checked against what they document. No vendor is reached.

use crate::support::maildir::header;
use crate::support::newsroom::Newsroom;
use crate::support::opendkim;
use crate::support::process::open_folder;
use axum::body::Bytes;
use axum::http::{HeaderMap, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// What was asked of an API: the address, the headers, the body.
type Request = (Uri, HeaderMap, Bytes);

/// A server that takes every request, numbers them, and answers each with its own answer.
async fn api(answer: fn(usize) -> Value) -> (String, UnboundedReceiver<Request>) {
    let (tell, heard) = unbounded_channel();
    let taken = AtomicUsize::new(0);
    let take = move |uri: Uri, headers: HeaderMap, body: Bytes| {
        tell.send((uri, headers, body)).expect("the test listens");
        let answer = answer(taken.fetch_add(1, Ordering::SeqCst));
        async move { ([("content-type", "application/json")], answer.to_string()) }
    };
    let take = std::sync::Arc::new(take);
    let router =
        axum::Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| take(uri, headers, body));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback has free ports");
    let endpoint = format!("http://{}", listener.local_addr().expect("it is bound"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (endpoint, heard)
}

/// A due issue for some readers by such a way.
fn due_by(mail: &str, readers: usize) -> (Newsroom, Vec<String>) {
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| mail.clone_into(&mut settings.mail));
    newsroom.make_due(5);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    let readers = newsroom.subscribe(readers);
    (newsroom, readers)
}

/// The requests for an issue that was sent, all of them.
fn all(mut heard: UnboundedReceiver<Request>) -> Vec<Request> {
    std::iter::from_fn(|| heard.try_recv().ok()).collect()
}

/// A message after SES has written the headers anew that it writes itself.
fn as_ses_leaves_it(message: &[u8]) -> String {
    let text = String::from_utf8(message.to_vec()).expect("mail is ASCII");
    let (head, body) = text.split_once("\r\n\r\n").expect("a message");
    let anew = head.split("\r\n").map(|line| match line.split_once(": ") {
        Some(("Date", _)) => "Date: Thu, 1 Jan 2026 00:00:00 +0000",
        Some(("Message-ID", _)) => "Message-ID: <0100@eu-west-1.amazonses.com>",
        _ => line,
    });
    format!("{}\r\n\r\n{body}", anew.collect::<Vec<_>>().join("\r\n"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_issue_goes_to_ses_signed_for_what_ses_leaves_as_it_is() {
    let (endpoint, heard) = api(|n| json!({ "MessageId": format!("0100018f2b3c4d5e-{n:08}-000000") })).await;
    let (newsroom, readers) = due_by(
        &format!(
            "via = \"ses\"\nregion = \"eu-west-1\"\nusername = \"AKID\"\npassword = \"secret\"\nconfiguration_set = \"week\"\nendpoint = \"{endpoint}\"\n\
         [mail.dkim]\ndomain = \"harbour.example\"\nselector = \"spring\"\nkey_file = \"spring.pem\"\n"
        ),
        3,
    );
    newsroom.done(&["dkim", "generate"]);
    let shown = newsroom.json(&["dkim", "show", "--offline", "--json"]);
    let text = |name: &str| shown[name].as_str().expect("a record").to_owned();
    let record = (text("name"), text("value"));
    assert_eq!(newsroom.send()["accepted"], 3);

    let folder = open_folder();
    let mut asked_for = Vec::new();
    for (uri, headers, body) in all(heard) {
        assert_eq!(uri.path(), "/v2/email/outbound-emails");
        let said = headers["authorization"].to_str().expect("our own header");
        assert!(
            said.starts_with("AWS4-HMAC-SHA256 Credential=AKID/") && said.contains("/eu-west-1/ses/aws4_request"),
            "{said}"
        );
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(body["ConfigurationSetName"], "week");
        let to = body["Destination"]["ToAddresses"][0].as_str().expect("one reader").to_owned();
        let message = STANDARD.decode(body["Content"]["Raw"]["Data"].as_str().expect("a message")).expect("base64");
        assert_eq!(header(&message, "To"), Some(format!("<{to}>")));
        let file = folder.path().join(&to);
        fs::write(&file, as_ses_leaves_it(&message)).expect("our own folder");
        assert_eq!(opendkim::complaints(&[file], std::slice::from_ref(&record)), [""; 0]);
        asked_for.push(to);
    }
    asked_for.sort();
    assert_eq!(asked_for, readers);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_issue_goes_to_mailgun_as_a_form_for_each_reader() {
    let answer = |n| json!({ "id": format!("<20260101.{n}.ABC@mg.harbour.example>"), "message": "Queued. Thank you." });
    let (endpoint, heard) = api(answer).await;
    let (newsroom, readers) = due_by(
        &format!(
            "via = \"mailgun\"\ndomain = \"mg.harbour.example\"\nusername = \"api\"\npassword = \"key-1\"\nendpoint = \"{endpoint}\"\n"
        ),
        3,
    );
    assert_eq!(newsroom.send()["accepted"], 3);

    let mut asked_for = Vec::new();
    for (uri, headers, body) in all(heard) {
        assert_eq!(uri.path(), "/v3/mg.harbour.example/messages.mime");
        assert_eq!(headers["authorization"], format!("Basic {}", STANDARD.encode("api:key-1")));
        let kind = headers["content-type"].to_str().expect("our own header");
        let (_, boundary) = kind.split_once("multipart/form-data; boundary=").expect("a form");
        let body = String::from_utf8(body.to_vec()).expect("mail is ASCII");
        let fields: Vec<&str> = body.split(&format!("--{boundary}")).collect();
        let [_, to, message, _] = fields[..] else { panic!("two fields: {body}") };
        let value = |field: &str| field.split_once("\r\n\r\n").expect("head and value").1.to_owned();
        let to = (to.contains("name=\"to\"").then(|| value(to)).expect("the reader")).trim_end().to_owned();
        assert!(message.contains("name=\"message\"; filename="), "{message}");
        assert_eq!(header(value(message).as_bytes(), "To"), Some(format!("<{to}>")));
        asked_for.push(to);
    }
    asked_for.sort();
    assert_eq!(asked_for, readers);
}

const THROUGH: &str = "via = \"sendmail\"\ncommand = [\"/bin/sh\", \"program\"]\n";

/// Keeps what it is given, the arguments before the text; there is no such user as the second reader, and the third has to wait.
const PROGRAM: &str = r#"for to; do :; done
{ echo "$@"; cat; } > "taken/$to"
case "$to" in *0002*) exit 67;; *0003*) echo "queue is full" >&2; exit 75;; esac
"#;

#[test]
fn an_issue_goes_through_a_program_which_says_what_became_of_each_reader() {
    let (newsroom, readers) = due_by(THROUGH, 3);
    fs::write(newsroom.path("program"), PROGRAM).expect("our own folder");
    fs::create_dir(newsroom.path("taken")).expect("our own folder");
    let sent = newsroom.send();
    let counts = ["accepted", "refused", "deferred", "in_doubt"].map(|state| sent[state].clone());
    assert_eq!(counts, [1, 1, 1, 0].map(Value::from), "{sent:#}");
    let taken = |to: &str| fs::read_to_string(newsroom.path("taken").join(to)).expect("it was given");
    for reader in &readers {
        let given = taken(reader);
        let (arguments, text) = given.split_once('\n').expect("arguments and text");
        assert!(
            arguments.starts_with("-i -f bounces@harbour.example ") && arguments.ends_with(&format!(" -- {reader}")),
            "{arguments}"
        );
        assert!(
            text.contains(&format!("\nTo: <{reader}>\n")) && !text.contains('\r'),
            "a text of this machine: {text}"
        );
    }
}

#[test]
fn what_is_told_to_editors_goes_through_the_program_with_a_return_path_that_nobody_may_answer() {
    let editor = "editor@harbour.example";
    let (newsroom, _) = due_by(THROUGH, 1);
    fs::write(newsroom.path("program"), PROGRAM).expect("our own folder");
    fs::create_dir(newsroom.path("taken")).expect("our own folder");
    let file = newsroom.path("config/week-in-review.toml");
    let text = fs::read_to_string(&file).expect("our own folder");
    fs::write(&file, format!("editors = [\"{editor}\"]\n{text}")).expect("our own folder");
    assert_eq!(newsroom.send()["accepted"], 1);
    let told = fs::read_to_string(newsroom.path("taken").join(editor)).expect("it was given");
    assert!(told.starts_with("-i -f <> ") && told.contains("1 of 1 accepted"), "{told}");
}
