//! Webhooks of providers, signed by openssl as each documents it: what is right is carried out once; what is forged, altered, replayed or old changes
//! nothing.

use super::service::{Answer, Service, now};
use crate::support::process::{open_folder, program};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use url::Url;
use week_in_review::domain::subscriber::Subscriber;
use week_in_review::feedback::hooks::{Hooks, sendgrid};
use week_in_review::store::StoreError;
use week_in_review::web::{Site, Visit};

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:returned";
const CERTIFICATE: &str = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem";
const MAILGUN_KEY: &str = "key-3ax6xnjp29jd6fds4gc373sgvjxteol0";
const POSTMARK_PASSWORD: &str = "correct horse";

/// The providers' keys, which openssl makes and signs with, and our service.
struct Providers {
    service: Service,
    keys: TempDir,
    /// The addresses of Amazon's that the service visited.
    visited: Arc<Mutex<Vec<String>>>,
    reader: Subscriber,
    relay_ids: RefCell<i64>,
}

impl Providers {
    fn new() -> Self {
        let keys = open_folder();
        let here = |arguments: &str| openssl(&keys, arguments, b"");
        here(
            "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=sns.amazonaws.com -keyout amazon.key -out amazon.pem",
        );
        here("ecparam -name prime256v1 -genkey -noout -out sendgrid.key");
        let point = here("ec -in sendgrid.key -pubout -outform DER");
        let hooks = Hooks {
            amazon_topics: vec![TOPIC.into()],
            postmark_password: Some(SecretString::from(POSTMARK_PASSWORD)),
            mailgun_key: Some(SecretString::from(MAILGUN_KEY)),
            sendgrid_key: Some(sendgrid::public_key(&STANDARD.encode(point)).expect("as SendGrid shows it")),
        };
        let mut service = Service::new();
        let site = service.state.site();
        service.state.replace(Site { hooks, ..Site::clone(&site) });
        let visited: Arc<Mutex<Vec<String>>> = Arc::default();
        let (pem, seen) = (fs::read(keys.path().join("amazon.pem")).expect("made above"), Arc::clone(&visited));
        let visit: Visit = Arc::new(move |url: Url| {
            seen.lock().expect("one test").push(url.to_string());
            let found = (url.as_str() == CERTIFICATE || url.path() == "/confirm").then(|| pem.clone());
            Box::pin(async move { found })
        });
        service.state = service.state.visiting(visit);
        service.issue(10, true);
        let reader = service.reader("jo@reader.example");
        let providers = Self { service, keys, visited, reader, relay_ids: RefCell::new(0) };
        providers.deliver("relay-0001");
        providers
    }

    /// The issue goes to the reader by a relay that calls the mail by a name.
    fn deliver(&self, relay_id: &str) {
        *self.relay_ids.borrow_mut() += 1;
        let seq = *self.relay_ids.borrow();
        let connection = rusqlite::Connection::open(self.service.database()).expect("as the test set it up");
        let sql = "INSERT INTO issue_recipient (issue, lane, seq, subscriber, variant) VALUES (1, 0, ?1, ?2, 1)";
        connection.execute(sql, [seq, self.reader.id.0]).expect("as the test set it up");
        let sql = "INSERT INTO outcome (issue, lane, seq, attempt, state, at, relay_id) VALUES (1, 0, ?1, 1, 1, 0, ?2)";
        connection.execute(sql, rusqlite::params![seq, relay_id]).expect("as the test set it up");
    }

    fn sign(&self, key: &str, message: &[u8]) -> String {
        STANDARD.encode(openssl(&self.keys, &format!("dgst -sha256 -sign {key}"), message))
    }

    /// A message of SNS as its documentation signs it: names and values, a line each.
    fn sns(&self, kind: &str, message: &Value, at: DateTime<Utc>) -> Value {
        let mut value = json!({
            "Type": kind, "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324", "TopicArn": TOPIC, "Message": message.to_string(),
            "Timestamp": at.format("%Y-%m-%dT%H:%M:%S.000Z").to_string(), "SignatureVersion": "2", "SigningCertURL": CERTIFICATE,
        });
        let mut names = vec!["Message", "MessageId", "Timestamp", "TopicArn", "Type"];
        if kind == "SubscriptionConfirmation" {
            value["Token"] = "2336412f37".into();
            value["SubscribeURL"] = "https://sns.eu-west-1.amazonaws.com/confirm?Action=ConfirmSubscription".into();
            names.extend(["SubscribeURL", "Token"]);
            names.sort_unstable();
        }
        let signed = names.iter().fold(String::new(), |mut text, name| {
            writeln!(text, "{name}\n{}", value[name].as_str().expect("text")).expect("memory");
            text
        });
        value["Signature"] = self.sign("amazon.key", signed.as_bytes()).into();
        value
    }

    fn mailgun(&self, event: &Value, token: &str, at: DateTime<Utc>) -> Value {
        let timestamp = at.timestamp().to_string();
        let mac = openssl(
            &self.keys,
            &format!("dgst -sha256 -hmac {MAILGUN_KEY} -r"),
            format!("{timestamp}{token}").as_bytes(),
        );
        let signature = String::from_utf8_lossy(&mac).split(' ').next().expect("a digest").to_owned();
        json!({"signature": {"timestamp": timestamp, "token": token, "signature": signature}, "event-data": event})
    }

    async fn sendgrid(&self, signed: &str, sent: &str, at: DateTime<Utc>) -> Answer {
        let timestamp = at.timestamp().to_string();
        let signature = self.sign("sendgrid.key", format!("{timestamp}{signed}").as_bytes());
        let headers = [
            ("x-twilio-email-event-webhook-signature", signature.as_str()),
            ("x-twilio-email-event-webhook-timestamp", &timestamp),
            ("content-type", "application/json"),
        ];
        self.service.send("POST", "/hooks/sendgrid", &headers, sent).await
    }

    async fn post(&self, provider: &str, body: &str) -> StatusCode {
        let headers = [("content-type", "text/plain; charset=UTF-8")];
        self.service.send("POST", &format!("/hooks/{provider}"), &headers, body).await.status
    }

    /// What came back for the reader: the way it came, what it was, and how the reader was found.
    fn returned(&self) -> Vec<(String, String)> {
        let found = self.service.store.read_people::<_, StoreError>(|people| people.returned_to(self.reader.id));
        found.expect("the database answers").into_iter().map(|entry| (entry.origin, entry.kind)).collect()
    }

    fn found_by(&self) -> Vec<String> {
        let connection = rusqlite::Connection::open(self.service.database()).expect("as the test set it up");
        let mut statement = connection.prepare("SELECT found_by FROM returned ORDER BY id").expect("a table");
        let rows = statement.query_map([], |row| row.get(0)).expect("rows");
        rows.collect::<Result<_, _>>().expect("text")
    }

    fn is_suppressed(&self) -> bool {
        let hash = self.service.keyring.suppression_hash(&self.reader.address);
        let found = self.service.store.read_people::<_, StoreError>(|people| people.suppression(&hash));
        found.expect("the database answers").is_some()
    }
}

fn openssl(folder: &TempDir, arguments: &str, input: &[u8]) -> Vec<u8> {
    let given = folder.path().join("input");
    fs::write(&given, input).expect("our own folder");
    let mut command = Command::new(program("openssl", "openssl"));
    let output = command.current_dir(folder.path()).args(arguments.split(' '));
    let output = output.stdin(fs::File::open(&given).expect("written above")).output().expect("openssl runs");
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A bounce as SES reports it, of a mail whose Message-ID SES has replaced.
fn ses_bounce() -> Value {
    json!({
        "notificationType": "Bounce",
        "bounce": {"bounceType": "Permanent", "bounceSubType": "General", "feedbackId": "0102-f", "timestamp": "2026-11-20T18:00:00.000Z",
            "bouncedRecipients": [{"emailAddress": "jo@reader.example", "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}]},
        "mail": {"messageId": "relay-0001", "source": "week@paper.example", "destination": ["jo@reader.example"]},
    })
}

#[tokio::test]
async fn amazons_signed_bounce_is_carried_out_once_and_found_by_its_own_name_for_the_mail() {
    let providers = Providers::new();
    let body = providers.sns("Notification", &ses_bounce(), now()).to_string();
    assert_eq!(providers.post("amazon", &body).await, StatusCode::OK);
    assert_eq!(providers.post("amazon", &body).await, StatusCode::OK, "SNS asks again where it had no answer");
    assert_eq!(providers.returned(), [("ses".to_owned(), "bounce".to_owned())]);
    assert_eq!(providers.found_by(), ["relay id"]);
    assert!(providers.is_suppressed());
    assert_eq!(*providers.visited.lock().expect("one test"), [CERTIFICATE], "the certificate is fetched once");
}

#[tokio::test]
async fn amazons_messages_that_are_forged_altered_old_or_of_another_topic_change_nothing() {
    let providers = Providers::new();
    let good = providers.sns("Notification", &ses_bounce(), now());
    let with = |name: &str, value: &str| {
        let mut changed = good.clone();
        changed[name] = value.into();
        changed.to_string()
    };
    let other_words = ses_bounce().to_string().replace("5.1.1", "5.1.2");
    let forged = [
        with("Message", &other_words),
        with("MessageId", "another"),
        with("Timestamp", "2026-11-20T18:00:01.000Z"),
        with("Signature", &STANDARD.encode([7; 256])),
        with("SignatureVersion", "1"),
        with("SigningCertURL", "https://evil.example/SimpleNotificationService-0123.pem"),
        with("SigningCertURL", "https://sns.eu-west-1.amazonaws.com.evil.example/x.pem"),
    ];
    for body in forged {
        assert_eq!(providers.post("amazon", &body).await, StatusCode::FORBIDDEN, "{body}");
    }
    for at in [now() - TimeDelta::hours(2), now() + TimeDelta::hours(2)] {
        let old = providers.sns("Notification", &ses_bounce(), at).to_string();
        assert_eq!(providers.post("amazon", &old).await, StatusCode::FORBIDDEN);
    }
    let topic = with("TopicArn", "arn:aws:sns:eu-west-1:666:evil");
    assert_eq!(providers.post("amazon", &topic).await, StatusCode::NOT_FOUND);
    assert_eq!(providers.post("amazon", "{").await, StatusCode::BAD_REQUEST);
    assert!(providers.returned().is_empty() && !providers.is_suppressed());
    let visited = providers.visited.lock().expect("one test").clone();
    assert!(visited.iter().all(|url| url == CERTIFICATE), "nobody else's address is visited: {visited:?}");
}

#[tokio::test]
async fn a_topic_of_ours_is_confirmed_at_amazons_and_nobody_elses() {
    let providers = Providers::new();
    let mut request = providers.sns("SubscriptionConfirmation", &json!("You have chosen to subscribe"), now());
    assert_eq!(providers.post("amazon", &request.to_string()).await, StatusCode::OK);
    let confirmed = "https://sns.eu-west-1.amazonaws.com/confirm?Action=ConfirmSubscription";
    assert_eq!(*providers.visited.lock().expect("one test"), [CERTIFICATE, confirmed]);
    request["SubscribeURL"] = "https://evil.example/confirm".into();
    assert_eq!(providers.post("amazon", &request.to_string()).await, StatusCode::FORBIDDEN);
    assert_eq!(providers.visited.lock().expect("one test").len(), 2);
}

#[tokio::test]
async fn mailguns_signature_counts_once_and_for_the_content_it_came_with() {
    let providers = Providers::new();
    let event = |kind: &str, id: &str| {
        json!({
            "event": kind, "id": id, "severity": "permanent", "recipient": "jo@reader.example",
            "delivery-status": {"code": 550, "message": "5.7.1 blocked using zen.spamhaus.org", "enhanced-code": "5.7.1"},
            "message": {"headers": {"message-id": "relay-0001"}},
        })
    };
    let body = providers.mailgun(&event("failed", "e1"), "t0", now());
    assert_eq!(providers.post("mailgun", &body.to_string()).await, StatusCode::OK);
    assert_eq!(providers.post("mailgun", &body.to_string()).await, StatusCode::OK, "a retry");
    assert_eq!(providers.returned(), [("mailgun".to_owned(), "bounce".to_owned())]);
    assert!(!providers.is_suppressed(), "a blocked network is not the reader's fault");

    // The signature is not over the content: whoever saw one must not be able to use it for another.
    let mut altered = body.clone();
    altered["event-data"] = event("complained", "e2");
    assert_eq!(providers.post("mailgun", &altered.to_string()).await, StatusCode::FORBIDDEN);
    let mut forged = providers.mailgun(&event("complained", "e3"), "t1", now());
    forged["signature"]["token"] = "t2".into();
    assert_eq!(providers.post("mailgun", &forged.to_string()).await, StatusCode::FORBIDDEN);
    let old = providers.mailgun(&event("complained", "e4"), "t3", now() - TimeDelta::minutes(16));
    assert_eq!(providers.post("mailgun", &old.to_string()).await, StatusCode::FORBIDDEN);
    assert!(providers.returned().len() == 1 && !providers.is_suppressed());

    let complaint = providers.mailgun(&event("complained", "e5"), "t4", now());
    assert_eq!(providers.post("mailgun", &complaint.to_string()).await, StatusCode::OK);
    assert!(providers.is_suppressed());
    assert_eq!(providers.found_by(), ["relay id", "relay id"]);
}

#[tokio::test]
async fn sendgrids_events_are_signed_together_with_their_time() {
    let providers = Providers::new();
    providers.deliver("oZc1fYrNR4SKl_n-Vjd3pA");
    let body = r#"[{"email":"jo@reader.example","event":"bounce","sg_event_id":"e1","sg_message_id":"oZc1fYrNR4SKl_n-Vjd3pA.filter0001p1las1-7434-5A6B-1.0","status":"5.1.1","type":"bounce","reason":"550 5.1.1 no such user"}]"#;
    let altered = body.replace("jo@", "al@");
    assert_eq!(providers.sendgrid(body, &altered, now()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(providers.sendgrid(body, body, now() - TimeDelta::minutes(16)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(providers.post("sendgrid", body).await, StatusCode::FORBIDDEN, "without a signature");
    assert!(providers.returned().is_empty() && !providers.is_suppressed());
    for _ in 0..2 {
        assert_eq!(providers.sendgrid(body, body, now()).await.status, StatusCode::OK);
    }
    assert_eq!(providers.returned(), [("sendgrid".to_owned(), "bounce".to_owned())]);
    assert_eq!(providers.found_by(), ["relay id"]);
    assert!(providers.is_suppressed());
}

#[tokio::test]
async fn postmark_is_known_by_its_password_alone() {
    let providers = Providers::new();
    providers.deliver("883953f4-6105-42a2-a16a-77a8eac79483");
    let body = r#"{"RecordType":"SpamComplaint","Type":"SpamComplaint","ID":42,"MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","Email":"jo@reader.example","BouncedAt":"2026-11-20T17:59:00Z"}"#;
    let post = async |password: &str| {
        let basic = format!("Basic {}", STANDARD.encode(format!("hook:{password}")));
        let headers = [("authorization", basic.as_str()), ("content-type", "application/json")];
        providers.service.send("POST", "/hooks/postmark", &headers, body).await.status
    };
    for wrong in ["", "correct hors", "correct horse ", "Correct horse"] {
        assert_eq!(post(wrong).await, StatusCode::FORBIDDEN, "{wrong:?}");
    }
    assert_eq!(providers.post("postmark", body).await, StatusCode::FORBIDDEN);
    assert!(providers.returned().is_empty() && !providers.is_suppressed());
    for _ in 0..2 {
        assert_eq!(post(POSTMARK_PASSWORD).await, StatusCode::OK);
    }
    assert_eq!(providers.returned(), [("postmark".to_owned(), "complaint".to_owned())]);
    assert_eq!(providers.found_by(), ["relay id"]);
    assert!(providers.is_suppressed());
}

#[tokio::test]
async fn a_provider_that_is_not_set_up_is_not_listened_to() {
    let service = Service::new();
    for provider in ["amazon", "postmark", "mailgun", "sendgrid", "other"] {
        let answer = service.send("POST", &format!("/hooks/{provider}"), &[], "{}").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{provider}");
        let looked = service.get(&format!("/hooks/{provider}")).await;
        assert_eq!(looked.status, StatusCode::METHOD_NOT_ALLOWED, "{provider}");
    }
}
