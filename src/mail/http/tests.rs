//! The HTTP APIs against a server on loopback that keeps the request as it came and answers as told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::domain::address::EmailAddress;

/// One request: its lines before the empty one, and its body.
type Request = (Vec<String>, Vec<u8>);

fn server(answer: &'static str) -> (String, Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let mut stream = BufReader::new(listener.accept().unwrap().0);
        let head: Vec<String> =
            stream.by_ref().lines().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
        let length = header(&head, "content-length").parse().unwrap();
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        tell.send((head, body)).unwrap();
        stream.get_mut().write_all(answer.as_bytes()).unwrap();
    });
    (endpoint, told)
}

fn header(head: &[String], name: &str) -> String {
    let value = |line: &String| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    };
    head.iter().find_map(value).unwrap_or_default()
}

async fn sent(api: Api) -> HandOver {
    let relay = HttpRelay::new(api, Arc::new(|| DateTime::UNIX_EPOCH)).unwrap();
    let to = EmailAddress::parse("jo@example.net").unwrap();
    relay.open().send(&Envelope { from: None, to: &to, id: None }, b"Subject: x\r\n\r\nbody\r\n").await
}

fn ses(endpoint: String) -> Api {
    Api::Ses(SesSettings {
        region: "eu-west-1".into(),
        access_key: "AKID".into(),
        secret_key: "secret".into(),
        configuration_set: Some("week".into()),
        endpoint,
        timeout: Duration::from_secs(10),
    })
}

fn mailgun(endpoint: String) -> Api {
    let (domain, key) = ("mg.example.org".into(), "key-1".into());
    Api::Mailgun(MailgunSettings { domain, key, endpoint, timeout: Duration::from_secs(10) })
}

#[tokio::test]
async fn ses_gets_the_raw_message_and_names_it() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 31\r\n\r\n{\"MessageId\":\"0100-abc-000000\"}";
    let (endpoint, told) = server(answer);
    assert_eq!(sent(ses(endpoint)).await, HandOver::accepted("Ok 0100-abc-000000"));
    let (head, body) = told.recv().unwrap();
    assert!(head[0].starts_with("POST /v2/email/outbound-emails "), "{head:?}");
    assert_eq!(header(&head, "x-amz-date"), "19700101T000000Z");
    assert!(is_signed(&head, &body, "secret"), "{head:?}");
    assert!(!is_signed(&head, b"another body", "secret") && !is_signed(&head, &body, "another key"));
    let credential = "AWS4-HMAC-SHA256 Credential=AKID/19700101/eu-west-1/ses/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=";
    assert!(header(&head, "authorization").starts_with(credential), "{head:?}");
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["Destination"]["ToAddresses"], serde_json::json!(["jo@example.net"]));
    assert_eq!(body["ConfigurationSetName"], "week");
    let raw = STANDARD.decode(body["Content"]["Raw"]["Data"].as_str().unwrap()).unwrap();
    assert_eq!(raw, b"Subject: x\r\n\r\nbody\r\n");
}

/// What SES does with the signature of a request (Signature Version 4): computes it anew from the bytes that came, with the headers that it names.
fn is_signed(head: &[String], body: &[u8], secret: &str) -> bool {
    let authorization = header(head, "authorization");
    let part = |name: &str| {
        let (_, rest) = authorization.split_once(name).unwrap();
        rest.split([',', ' ']).next().unwrap().to_owned()
    };
    let (scope, named, signature) = (part("Credential=AKID/"), part("SignedHeaders="), part("Signature="));
    let path = head[0].split(' ').nth(1).unwrap();
    let headers = named.split(';').map(|name| [name, ":", &header(head, name), "\n"].concat()).collect::<String>();
    let canonical = format!("POST\n{path}\n\n{headers}\n{named}\n{}", hex(&Sha256::digest(body)));
    let to_sign =
        format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{}", header(head, "x-amz-date"), hex(&Sha256::digest(canonical)));
    let mac = |key: &[u8], text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    };
    let key = scope.split('/').fold(format!("AWS4{secret}").into_bytes(), |key, part| mac(&key, part));
    hex(&mac(&key, &to_sign)) == signature
}

#[tokio::test]
async fn what_is_the_accounts_fault_or_too_fast_is_put_off_and_what_is_the_messages_is_refused() {
    let answers = [
        ("400 Bad Request\r\nx-amzn-ErrorType: SendingPausedException", "ses", true),
        ("400 Bad Request\r\nx-amzn-ErrorType: MessageRejected", "ses", false),
        ("429 Too Many Requests\r\nx-amzn-ErrorType: TooManyRequestsException", "ses", true),
        ("404 Not Found\r\nx-amzn-ErrorType: NotFoundException", "ses", true),
        ("401 Unauthorized", "mailgun", true),
        ("429 Too Many Requests", "mailgun", true),
        ("400 Bad Request", "mailgun", false),
        ("413 Payload Too Large", "mailgun", false),
    ];
    for (status, api, is_put_off) in answers {
        let answer =
            format!("HTTP/1.1 {status}\r\nconnection: close\r\n\r\n{{\"message\":\"as the vendor words it\"}}");
        let (endpoint, _told) = server(answer.leak());
        let word = sent(if api == "ses" { ses(endpoint) } else { mailgun(endpoint) }).await;
        let said = if is_put_off {
            matches!(word, HandOver::Deferred { .. })
        } else {
            matches!(word, HandOver::Refused { .. })
        };
        assert!(said && format!("{word:?}").contains("as the vendor words it"), "{status}: {word:?}");
    }
}

#[tokio::test]
async fn mailgun_gets_a_form_and_names_the_message() {
    let answer =
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"id\":\"<1.a@mg.example.org>\",\"message\":\"Queued. Thanks.\"}";
    let (endpoint, told) = server(answer);
    assert_eq!(sent(mailgun(endpoint)).await, HandOver::Accepted { reply: "Queued <1.a@mg.example.org>".into() });
    let (head, body) = told.recv().unwrap();
    assert!(head[0].starts_with("POST /v3/mg.example.org/messages.mime "), "{head:?}");
    assert_eq!(header(&head, "authorization"), format!("Basic {}", STANDARD.encode("api:key-1")));
    let boundary = header(&head, "content-type").split_once("boundary=").unwrap().1.to_owned();
    let body = String::from_utf8(body).unwrap();
    let fields: Vec<&str> = body.split(&format!("--{boundary}")).collect();
    assert!(fields[1].ends_with("name=\"to\"\r\n\r\njo@example.net\r\n"), "{body}");
    assert!(
        fields[2].contains("name=\"message\"; filename=")
            && fields[2].ends_with("\r\n\r\nSubject: x\r\n\r\nbody\r\n\r\n")
    );
}

#[tokio::test]
async fn an_answer_that_names_no_message_leaves_it_in_doubt() {
    for api in [ses, mailgun] {
        let (endpoint, _told) = server("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"message\":\"Queued. Thanks.\"}");
        let word = sent(api(endpoint)).await;
        assert!(matches!(word, HandOver::InDoubt { .. }), "{word:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_has_taken_nothing_and_one_that_hangs_up_may_have() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let word = sent(ses(format!("http://127.0.0.1:{port}"))).await;
    assert!(matches!(word, HandOver::NotHandedOver { .. }), "{word:?}");
    let (endpoint, _told) = server("");
    let word = sent(mailgun(endpoint)).await;
    assert!(matches!(word, HandOver::InDoubt { .. }), "{word:?}");
}
