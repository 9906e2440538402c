//! Single mails to a relay that behaves as badly as told.

use std::net::TcpListener;
use std::sync::Arc;

use super::stub::{Manners, Relay, SILENCE};
use super::*;

async fn open(relay: &Relay) -> SmtpSession {
    SmtpRelay::new(relay.settings()).unwrap().open().await.unwrap()
}

async fn send_with(session: &mut SmtpSession, message: &[u8]) -> HandOver {
    send_to(session, "reader@example.net", message).await
}

async fn send_to(session: &mut SmtpSession, to: &str, message: &[u8]) -> HandOver {
    let from = EmailAddress::parse("bounce@news.example.org").unwrap();
    let to = EmailAddress::parse(to).unwrap();
    session.send(&Envelope { from: Some(&from), to: &to, id: None }, message).await
}

async fn outcome(manners: Manners) -> (HandOver, bool) {
    let relay = Relay::start(manners);
    let mut session = open(&relay).await;
    let outcome = send_with(&mut session, b"Subject: x\r\n\r\nbody\r\n").await;
    (outcome, session.is_broken())
}

async fn open_error(settings: RelaySettings) -> OpenError {
    SmtpRelay::new(settings).unwrap().open().await.unwrap_err()
}

#[tokio::test]
async fn messages_follow_each_other_on_one_connection_without_a_word_between() {
    let relay = Relay::start(Manners::GOOD);
    let mut session = open(&relay).await;
    for _ in 0..2 {
        let reply = "2.0.0 Ok: queued as 4F2A".to_owned();
        assert_eq!(send_with(&mut session, b"Subject: x\r\n\r\n.dot\r\n").await, HandOver::Accepted { reply });
    }
    session.close().await;
    let once =
        ["MAIL FROM:<bounce@news.example.org>", "RCPT TO:<reader@example.net>", "DATA", "Subject: x", "", "..dot", "."];
    let expected: Vec<&str> = ["EHLO news.example.org"].into_iter().chain(once).chain(once).chain(["QUIT"]).collect();
    assert_eq!(relay.heard(), expected);
}

#[tokio::test]
async fn a_refused_recipient_leaves_the_session_to_the_next() {
    let relay = Relay::start(Manners { rcpt: "550-5.1.1 <reader@example.net>\r\n550 5.1.1 unknown", ..Manners::GOOD });
    let mut session = open(&relay).await;
    let refused = send_with(&mut session, b"x\r\n").await;
    let reply = "5.1.1 <address> unknown".to_owned();
    assert_eq!(refused, HandOver::Refused { code: 550, enhanced: Some("5.1.1".into()), reply });
    assert!(!session.is_broken());
    send_with(&mut session, b"x\r\n").await;
    assert_eq!(relay.heard().iter().filter(|line| *line == "RSET").count(), 2);
    assert!(!relay.heard().contains(&"DATA".to_owned()));
}

#[tokio::test]
async fn a_refusal_counts_in_every_phase() {
    for manners in [
        Manners { mail: "451 4.3.0 later", ..Manners::GOOD },
        Manners { rcpt: "451 4.3.0 later", ..Manners::GOOD },
        Manners { data: "451 4.3.0 later", ..Manners::GOOD },
        Manners { end: "451 4.3.0 later", ..Manners::GOOD },
    ] {
        let deferred = HandOver::Deferred { code: 451, enhanced: Some("4.3.0".into()), reply: "4.3.0 later".into() };
        assert_eq!(outcome(manners).await, (deferred, false));
    }
}

#[tokio::test]
async fn a_421_ends_the_session() {
    for manners in [
        Manners { mail: "421 4.3.2 bye", ..Manners::GOOD },
        Manners { rcpt: "421 4.3.2 bye", ..Manners::GOOD },
        Manners { end: "421 4.3.2 bye", ..Manners::GOOD },
    ] {
        let (outcome, is_broken) = outcome(manners).await;
        assert!(matches!(outcome, HandOver::Deferred { code: 421, .. }), "{outcome:?}");
        assert!(is_broken);
    }
}

#[tokio::test]
async fn a_connection_lost_before_the_end_hands_nothing_over() {
    for manners in [
        Manners { mail: "", ..Manners::GOOD },
        Manners { rcpt: "", ..Manners::GOOD },
        Manners { data: "", ..Manners::GOOD },
        Manners { data: "250 what?", ..Manners::GOOD },
        Manners { mail: "nonsense", ..Manners::GOOD },
    ] {
        let (outcome, is_broken) = outcome(manners).await;
        assert!(matches!(outcome, HandOver::NotHandedOver { .. }), "{outcome:?}");
        assert!(is_broken);
    }
}

#[tokio::test]
async fn a_connection_lost_while_the_message_is_written_hands_nothing_over() {
    let relay = Relay::start(Manners { lines_taken: 1, ..Manners::GOOD });
    let mut session = open(&relay).await;
    // More than the buffers of both ends hold, so that writing meets the closed connection.
    let message = b"a line of the message\r\n".repeat(1_000_000);
    let outcome = send_with(&mut session, &message).await;
    assert!(matches!(outcome, HandOver::NotHandedOver { .. }), "{outcome:?}");
    assert!(session.is_broken());
}

#[tokio::test]
async fn a_connection_lost_after_the_end_leaves_the_message_in_doubt() {
    for end in ["", "354 what?", "nonsense"] {
        let (outcome, is_broken) = outcome(Manners { end, ..Manners::GOOD }).await;
        assert!(matches!(outcome, HandOver::InDoubt { .. }), "{outcome:?}");
        assert!(is_broken);
    }
}

#[tokio::test]
async fn a_relay_that_hangs_is_left_after_the_time_limit() {
    for (manners, in_doubt) in [
        (Manners { mail: SILENCE, ..Manners::GOOD }, false),
        (Manners { rcpt: SILENCE, ..Manners::GOOD }, false),
        (Manners { end: SILENCE, ..Manners::GOOD }, true),
    ] {
        let relay = Relay::start(manners);
        let mut session = open(&relay).await;
        session.timeout = Duration::from_millis(50);
        let outcome = send_with(&mut session, b"x\r\n").await;
        assert_eq!(matches!(outcome, HandOver::InDoubt { .. }), in_doubt, "{outcome:?}");
        assert_eq!(matches!(outcome, HandOver::NotHandedOver { .. }), !in_doubt, "{outcome:?}");
        assert!(session.is_broken());
    }
}

#[tokio::test]
async fn a_relay_that_never_greets_is_unreachable() {
    let relay = Relay::start(Manners { greeting: SILENCE, ..Manners::GOOD });
    let error = open_error(RelaySettings { timeout: Duration::from_millis(50), ..relay.settings() }).await;
    assert!(matches!(error, OpenError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn a_session_that_ended_hands_nothing_over() {
    let relay = Relay::start(Manners { end: "", ..Manners::GOOD });
    let mut session = open(&relay).await;
    send_with(&mut session, b"x\r\n").await;
    assert!(matches!(send_with(&mut session, b"x\r\n").await, HandOver::NotHandedOver { .. }));
}

#[tokio::test]
async fn an_address_outside_ascii_needs_a_relay_that_takes_it() {
    let relay = Relay::start(Manners::GOOD);
    let mut session = open(&relay).await;
    let refused = send_to(&mut session, "用户@例子.广告", b"x\r\n").await;
    assert!(matches!(refused, HandOver::Refused { code: 553, .. }), "{refused:?}");
    assert!(!session.is_broken());

    let relay = Relay::start(Manners { ehlo: "250-relay\r\n250 SMTPUTF8", ..Manners::GOOD });
    let mut session = open(&relay).await;
    assert!(matches!(send_to(&mut session, "用户@例子.广告", b"x\r\n").await, HandOver::Accepted { .. }));
    assert!(relay.heard().contains(&"MAIL FROM:<bounce@news.example.org> SMTPUTF8".to_owned()));
    assert!(relay.heard().contains(&"RCPT TO:<用户@xn--fsqu00a.xn--4rr70v>".to_owned()));
}

#[tokio::test]
async fn both_kinds_of_encryption_carry_a_login_and_a_message() {
    for encryption in [Encryption::StartTls, Encryption::Tls] {
        let ehlo = "250-relay\r\n250-STARTTLS\r\n250 AUTH LOGIN PLAIN";
        let relay = Relay::start(Manners { ehlo, encryption, ..Manners::GOOD });
        let login = RelaySettings {
            encryption,
            username: Some("jo".into()),
            password: Some("secret".into()),
            ..relay.settings()
        };
        let mut session = SmtpRelay::new(login).unwrap().open().await.unwrap();
        assert!(matches!(send_with(&mut session, b"x\r\n").await, HandOver::Accepted { .. }));
        let auth = relay.heard().into_iter().find(|line| line.starts_with("AUTH"));
        assert_eq!(auth.as_deref(), Some("AUTH PLAIN AGpvAHNlY3JldA=="));
    }
}

#[tokio::test]
async fn starttls_is_required_where_it_is_set() {
    let relay = Relay::start(Manners::GOOD);
    let error = open_error(RelaySettings { encryption: Encryption::StartTls, ..relay.settings() }).await;
    assert!(error.to_string().contains("does not offer STARTTLS"), "{error}");
    assert_eq!(relay.heard(), ["EHLO news.example.org"]);
}

#[tokio::test]
async fn a_certificate_that_is_unknown_expired_or_anothers_is_not_trusted() {
    for encryption in [Encryption::StartTls, Encryption::Tls] {
        let ehlo = "250-relay\r\n250 STARTTLS";
        let manners = Manners { ehlo, encryption, ..Manners::GOOD };
        let relay = Relay::start(manners.clone());
        let unknown = RelaySettings { encryption, ca_file: None, ..relay.settings() };
        let other = Relay::start(manners.clone());
        let anothers = RelaySettings { encryption, host: "127.0.0.1".into(), ..other.settings() };
        let old = Relay::start(Manners { certificate: "expired.pem", ..manners });
        let expired = RelaySettings { encryption, ..old.settings() };
        for settings in [unknown, anothers, expired] {
            let error = open_error(settings).await;
            assert!(matches!(error, OpenError::Tls { .. }), "{error:?}");
            assert!(!error.is_temporary());
        }
    }
}

#[tokio::test]
async fn a_wrong_password_is_for_the_operator() {
    let relay = Relay::start(Manners { auth: "535 5.7.8 no", ..Manners::GOOD });
    let login = RelaySettings { username: Some("jo".into()), password: Some("x".into()), ..relay.settings() };
    let error = open_error(login).await;
    assert!(matches!(error, OpenError::Login { .. }), "{error:?}");
    assert!(error.to_string().contains("535"), "{error}");
}

#[tokio::test]
async fn a_relay_that_does_not_want_us_says_so_and_one_that_is_busy_may_be_asked_again() {
    let relay = Relay::start(Manners { greeting: "554 5.7.1 no", ..Manners::GOOD });
    assert!(matches!(open_error(relay.settings()).await, OpenError::Refused { code: 554, .. }));
    let relay = Relay::start(Manners { greeting: "421 4.3.2 busy", ..Manners::GOOD });
    assert!(open_error(relay.settings()).await.is_temporary());
}

#[tokio::test]
async fn a_relay_that_is_down_is_named() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let relay = Relay { port, heard: Arc::default() };
    let error = open_error(relay.settings()).await;
    assert!(error.is_temporary());
    assert!(error.to_string().starts_with(&format!("relay localhost:{port}: no connection")), "{error}");
}

#[test]
fn settings_that_cannot_work_are_refused_before_anything_is_sent() {
    let relay = Relay { port: 25, heard: Arc::default() };
    let settings = || RelaySettings { username: Some("jo".into()), password: Some("x".into()), ..relay.settings() };
    let error = |settings| SmtpRelay::new(settings).unwrap_err();
    assert!(matches!(error(RelaySettings { password: None, ..settings() }), RelayError::HalfALogin { .. }));
    let far = RelaySettings { host: "mail.example.org".into(), ..settings() };
    assert!(matches!(error(far), RelayError::PasswordInTheClear { .. }));
    let ca_file = Some(PathBuf::from("/nowhere.pem"));
    let missing = RelaySettings { encryption: Encryption::Tls, ca_file, ..settings() };
    assert!(matches!(error(missing), RelayError::CaFile { .. }));
    assert!(!format!("{:?}", SmtpRelay::new(settings()).unwrap()).contains("\"x\""));
}
