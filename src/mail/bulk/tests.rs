//! The bulk connection to a relay that behaves as badly as told: what became of each message, and in which phase.

use std::net::TcpListener;

use super::*;
use crate::domain::address::EmailAddress;
use crate::mail::smtp::stub::{Manners, Relay, SILENCE};
use crate::mail::smtp::{Encryption, SmtpRelay};

const PLAIN: &str = "250-relay\r\n250 AUTH PLAIN LOGIN";
const PIPELINING: &str = "250-relay\r\n250-PIPELINING\r\n250 SMTPUTF8";
const CHUNKING: &str = "250-relay\r\n250-PIPELINING\r\n250 CHUNKING";
const WAYS: [&str; 3] = [PLAIN, PIPELINING, CHUNKING];

async fn open(settings: RelaySettings) -> Result<BulkConnection, OpenError> {
    SmtpRelay::new(settings).unwrap().bulk().open(4).await
}

/// Hands over so many messages; what became of each.
async fn send(connection: &mut BulkConnection, count: usize) -> Vec<HandOver> {
    let from = EmailAddress::parse("bounce@news.example.org").unwrap();
    let (mut words, mut given) = (Vec::new(), 0);
    while words.len() < count {
        if given < count && connection.has_room() {
            given += 1;
            let to = EmailAddress::parse(&format!("reader{given}@example.net")).unwrap();
            let message = format!("Subject: {given}\r\n\r\nbody {given}\r\n").into_bytes();
            connection.push(&Envelope { from: Some(&from), to: &to, id: Some("a+b") }, message).await;
            continue;
        }
        match connection.word().await {
            Some((word, memory)) => {
                assert!(memory.is_empty());
                words.push(word);
            }
            None => break,
        }
    }
    words
}

async fn words(manners: Manners, count: usize) -> (Vec<HandOver>, bool, Vec<String>) {
    let relay = Relay::start(manners);
    let mut connection = open(relay.settings()).await.unwrap();
    let words = send(&mut connection, count).await;
    let is_broken = connection.is_broken();
    connection.close().await;
    (words, is_broken, relay.heard())
}

#[tokio::test]
async fn every_way_brings_every_message_once_and_in_order() {
    for ehlo in WAYS {
        let (words, is_broken, heard) = words(Manners { ehlo, ..Manners::GOOD }, 10).await;
        assert_eq!(words, vec![HandOver::accepted("2.0.0 Ok: queued as 4F2A"); 10], "{ehlo}");
        assert!(!is_broken);
        let bodies: Vec<&str> = heard.iter().filter_map(|line| line.strip_prefix("body ")).collect();
        assert_eq!(bodies, ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
        let readers = heard.iter().filter(|line| line.starts_with("RCPT TO:<reader")).count();
        assert_eq!((readers, heard.last().map(String::as_str)), (10, Some("QUIT")));
    }
}

#[tokio::test]
async fn a_relay_that_reports_is_told_which_reports_are_wanted() {
    let ehlo = "250-relay\r\n250-SIZE 1000000\r\n250 DSN";
    let (_, _, heard) = words(Manners { ehlo, ..Manners::GOOD }, 1).await;
    assert!(
        heard.contains(&"MAIL FROM:<bounce@news.example.org> SIZE=22 RET=HDRS ENVID=a+2Bb".to_owned()),
        "{heard:?}"
    );
    let rcpt = "RCPT TO:<reader1@example.net> NOTIFY=FAILURE,DELAY ORCPT=rfc822;reader1@example.net";
    assert!(heard.contains(&rcpt.to_owned()), "{heard:?}");
}

#[tokio::test]
async fn a_refusal_counts_in_every_phase_and_leaves_the_session_to_the_next() {
    for ehlo in WAYS {
        // Without a sender a relay takes neither recipient nor text; one that does lies, and is left.
        let (rcpt, data) = ("503 5.5.1 MAIL first", "503 5.5.1 RCPT first");
        let mut all = vec![
            Manners { mail: "451 4.3.0 later", rcpt, data, ..Manners::GOOD },
            Manners { rcpt: "451 4.3.0 later", ..Manners::GOOD },
            Manners { end: "451 4.3.0 later", ..Manners::GOOD },
        ];
        if ehlo != CHUNKING {
            all.push(Manners { data: "451 4.3.0 later", ..Manners::GOOD });
        }
        for manners in all {
            let (words, is_broken, _) = words(Manners { ehlo, ..manners }, 5).await;
            // A relay that takes the text of a message without a recipient has not taken the message.
            assert_eq!(words, vec![HandOver::negative(451, "4.3.0 later"); 5], "{ehlo}");
            assert!(!is_broken);
        }
    }
}

#[tokio::test]
async fn a_421_ends_the_session_and_leaves_the_others_untouched() {
    for ehlo in WAYS {
        for manners in [
            Manners { mail: "421 4.3.2 bye", ..Manners::GOOD },
            Manners { rcpt: "421 4.3.2 bye", ..Manners::GOOD },
            Manners { end: "421 4.3.2 bye", ..Manners::GOOD },
        ] {
            let (words, is_broken, _) = words(Manners { ehlo, ..manners }, 3).await;
            assert_eq!(words[0], HandOver::negative(421, "4.3.2 bye"), "{ehlo}");
            assert!(words[1..].iter().all(|word| matches!(word, HandOver::NotHandedOver { .. })), "{words:?}");
            assert!(is_broken);
        }
    }
}

#[tokio::test]
async fn a_connection_lost_before_the_end_hands_nothing_over() {
    for ehlo in [PLAIN, PIPELINING] {
        for manners in [
            Manners { mail: "", ..Manners::GOOD },
            Manners { rcpt: "", ..Manners::GOOD },
            Manners { data: "", ..Manners::GOOD },
            Manners { data: "250 what?", ..Manners::GOOD },
            Manners { mail: "nonsense", ..Manners::GOOD },
        ] {
            let (words, is_broken, _) = words(Manners { ehlo, ..manners }, 2).await;
            assert!(words.iter().all(|word| matches!(word, HandOver::NotHandedOver { .. })), "{words:?}");
            assert!(is_broken);
        }
    }
}

#[tokio::test]
async fn a_connection_lost_after_the_end_leaves_exactly_that_message_in_doubt() {
    for ehlo in [PLAIN, PIPELINING] {
        for end in ["", "354 what?", "nonsense"] {
            let (words, is_broken, _) = words(Manners { ehlo, end, ..Manners::GOOD }, 2).await;
            assert!(matches!(words[0], HandOver::InDoubt { .. }), "{words:?}");
            assert!(words[1..].iter().all(|word| matches!(word, HandOver::NotHandedOver { .. })), "{words:?}");
            assert!(is_broken);
        }
    }
    // Whole messages that had left are all in doubt.
    let (words, ..) = words(Manners { ehlo: CHUNKING, end: "", ..Manners::GOOD }, 2).await;
    assert!(words.iter().all(|word| matches!(word, HandOver::InDoubt { .. })), "{words:?}");
}

#[tokio::test]
async fn a_message_too_large_to_leave_at_once_is_not_in_doubt_when_the_relay_goes() {
    let relay = Relay::start(Manners { ehlo: PIPELINING, lines_taken: 1, ..Manners::GOOD });
    let mut connection = open(relay.settings()).await.unwrap();
    let to = EmailAddress::parse("reader@example.net").unwrap();
    // More than the buffers of both ends hold.
    let message = b"a line of the message\r\n".repeat(1_000_000);
    connection.push(&Envelope { from: None, to: &to, id: None }, message).await;
    let (word, _) = connection.word().await.unwrap();
    assert!(matches!(word, HandOver::NotHandedOver { .. }), "{word:?}");
}

#[tokio::test]
async fn a_relay_that_hangs_is_left_after_the_time_limit() {
    for (manners, in_doubt) in [
        (Manners { mail: SILENCE, ..Manners::GOOD }, false),
        (Manners { rcpt: SILENCE, ..Manners::GOOD }, false),
        (Manners { end: SILENCE, ..Manners::GOOD }, true),
    ] {
        let relay = Relay::start(Manners { ehlo: PIPELINING, ..manners });
        let mut connection = open(relay.settings()).await.unwrap();
        connection.timeout = Duration::from_millis(50);
        let words = send(&mut connection, 1).await;
        assert_eq!(matches!(words[0], HandOver::InDoubt { .. }), in_doubt, "{words:?}");
        assert_eq!(matches!(words[0], HandOver::NotHandedOver { .. }), !in_doubt, "{words:?}");
        assert!(connection.is_broken());
    }
}

#[tokio::test]
async fn what_has_not_begun_to_leave_can_be_taken_back() {
    for ehlo in [PIPELINING, PLAIN] {
        let relay = Relay::start(Manners { ehlo, end: SILENCE, ..Manners::GOOD });
        let mut connection = open(relay.settings()).await.unwrap();
        let to = EmailAddress::parse("reader@example.net").unwrap();
        for _ in 0..2 {
            connection.push(&Envelope { from: None, to: &to, id: None }, b"x\r\n".to_vec()).await;
        }
        let waited = timeout(Duration::from_millis(300), connection.word()).await;
        assert!(waited.is_err(), "the relay says nothing about the first");
        assert_eq!(connection.withdraw(), 1, "{ehlo}");
        let words = connection.abandon("told so");
        assert_eq!(words, [HandOver::InDoubt { why: "told so".into() }]);
    }
}

#[tokio::test]
async fn a_relay_that_hung_up_while_nothing_was_sent_puts_nobody_in_doubt() {
    let relay = Relay::start(Manners { ehlo: CHUNKING, leaves: true, ..Manners::GOOD });
    let mut connection = open(relay.settings()).await.unwrap();
    assert_eq!(send(&mut connection, 1).await, [HandOver::accepted("2.0.0 Ok: queued as 4F2A")]);
    // Until it has hung up, which nobody has told the dialogue.
    assert!(std::future::poll_fn(|cx| connection.poll_read(cx)).await.is_err());
    assert!(!connection.is_broken());
    let to = EmailAddress::parse("reader@example.net").unwrap();
    connection.push(&Envelope { from: None, to: &to, id: None }, b"x\r\n".to_vec()).await;
    assert!(matches!(connection.word().await, Some((HandOver::NotHandedOver { .. }, _))));
}

#[tokio::test]
async fn an_address_outside_ascii_needs_a_relay_that_takes_it() {
    for (ehlo, takes) in [(PIPELINING, true), (CHUNKING, false)] {
        let relay = Relay::start(Manners { ehlo, ..Manners::GOOD });
        let mut connection = open(relay.settings()).await.unwrap();
        let to = EmailAddress::parse("用户@例子.广告").unwrap();
        connection.push(&Envelope { from: None, to: &to, id: None }, b"x\r\n".to_vec()).await;
        let (word, _) = connection.word().await.unwrap();
        assert_eq!(matches!(word, HandOver::Accepted { .. }), takes, "{word:?}");
        assert_eq!(matches!(word, HandOver::Refused { code: 553, .. }), !takes, "{word:?}");
        assert_eq!(send(&mut connection, 1).await, [HandOver::accepted("2.0.0 Ok: queued as 4F2A")]);
        let said = relay.heard().contains(&"RCPT TO:<用户@xn--fsqu00a.xn--4rr70v>".to_owned());
        assert_eq!(said, takes);
    }
}

#[tokio::test]
async fn both_kinds_of_encryption_carry_every_login_and_a_message() {
    for encryption in [Encryption::StartTls, Encryption::Tls] {
        for (login, expected) in [
            (Login::Auto, "AUTH PLAIN AGpvAHNlY3JldA=="),
            (Login::Plain, "AUTH PLAIN AGpvAHNlY3JldA=="),
            (Login::Xoauth2, "AUTH XOAUTH2 dXNlcj1qbwFhdXRoPUJlYXJlciBzZWNyZXQBAQ=="),
        ] {
            let ehlo = "250-relay\r\n250-STARTTLS\r\n250-PIPELINING\r\n250 AUTH LOGIN PLAIN XOAUTH2";
            let relay = Relay::start(Manners { ehlo, encryption, ..Manners::GOOD });
            let (username, password) = (Some("jo".into()), Some("secret".into()));
            let mut connection =
                open(RelaySettings { encryption, username, password, login, ..relay.settings() }).await.unwrap();
            assert_eq!(send(&mut connection, 3).await.len(), 3);
            assert!(relay.heard().iter().any(|line| line == expected), "{:?}", relay.heard());
        }
    }
}

#[tokio::test]
async fn who_is_asked_for_name_and_password_says_each_when_it_is_its_turn() {
    let login = |login, relay: &Relay| {
        let (username, password) = (Some("jo".into()), Some("secret".into()));
        RelaySettings { username, password, login, ..relay.settings() }
    };
    let after_ehlo = |relay: &Relay| relay.heard().into_iter().skip(1).collect::<Vec<_>>();
    let asks = &["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"];
    let manners = Manners { ehlo: "250-relay\r\n250 AUTH LOGIN", questions: asks, ..Manners::GOOD };
    let relay = Relay::start(manners.clone());
    open(login(Login::Auto, &relay)).await.unwrap().close().await;
    assert_eq!(after_ehlo(&relay), ["AUTH LOGIN", "am8=", "c2VjcmV0", "QUIT"]);

    let wrong = Relay::start(Manners { auth: "535 5.7.8 no", ..manners.clone() });
    let error = open(login(Login::Login, &wrong)).await.unwrap_err();
    assert!(matches!(&error, OpenError::Login { why, .. } if why.contains("535")), "{error:?}");

    // Whoever asks for more than there is to say is told so (RFC 4954, section 4), and learns the password no second time.
    let asks = &["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6", "334 UGFzc3dvcmQ6"];
    let curious = Relay::start(Manners { questions: asks, auth: "501 5.7.0 cancelled", ..manners });
    let error = open(login(Login::Login, &curious)).await.unwrap_err();
    assert!(matches!(&error, OpenError::Login { .. }), "{error:?}");
    assert_eq!(after_ehlo(&curious)[..4], ["AUTH LOGIN", "am8=", "c2VjcmV0", "*"]);

    // A token that is refused comes back as a question; an empty line asks for the refusal itself.
    let (ehlo, asks) = ("250-relay\r\n250 AUTH XOAUTH2", &["334 eyJzdGF0dXMiOiI0MDEifQ=="]);
    let stale = Relay::start(Manners { ehlo, questions: asks, auth: "535 5.7.8 stale", ..Manners::GOOD });
    let error = open(login(Login::Xoauth2, &stale)).await.unwrap_err();
    assert!(matches!(&error, OpenError::Login { why, .. } if why.contains("stale")), "{error:?}");
    assert_eq!(after_ehlo(&stale)[1], "");
}

#[tokio::test]
async fn what_a_relay_says_or_leaves_unsaid_before_the_first_message_costs_nobody_an_attempt() {
    let starts = |starttls| Manners { ehlo: "250-relay\r\n250 STARTTLS", starttls, ..Manners::GOOD };
    let logs = |auth| Manners { ehlo: "250-relay\r\n250 AUTH PLAIN", auth, ..Manners::GOOD };
    let greets = |greeting| Manners { greeting, ..Manners::GOOD };
    let offers = |ehlo| Manners { ehlo, ..Manners::GOOD };
    // Each phase closed, silent, put off, and answered by what is no answer to it.
    let put_off: [Manners; 4] =
        [greets("421 4.3.2 later"), offers("451 4.3.0 later"), starts("454 4.7.0 later"), logs("454 4.7.0 later")];
    let lost: [Manners; 12] = [
        greets(""),
        greets(SILENCE),
        greets("HTTP/1.1 400 Bad Request"),
        offers(""),
        offers(SILENCE),
        offers("354 go on"),
        starts(""),
        starts(SILENCE),
        starts("334 go on"),
        logs(""),
        logs(SILENCE),
        logs("what?"),
    ];
    let refused: [Manners; 3] = [greets("554 5.7.1 no"), offers("550 5.7.1 no"), starts("502 5.5.1 no")];
    for (expected, all) in [("busy", &put_off[..]), ("unreachable", &lost), ("refused", &refused)] {
        for manners in all {
            let relay = Relay::start(manners.clone());
            let encryption = if manners.ehlo.contains("STARTTLS") { Encryption::StartTls } else { Encryption::None };
            let (username, password) = (Some("jo".into()), Some("secret".into()));
            let timeout = if relay_is_silent(manners) { Duration::from_millis(50) } else { Duration::from_secs(20) };
            let settings = RelaySettings { encryption, username, password, timeout, ..relay.settings() };
            let error = open(settings).await.unwrap_err();
            let kind = match &error {
                OpenError::Busy { .. } => "busy",
                OpenError::Unreachable { .. } => "unreachable",
                OpenError::Refused { .. } => "refused",
                _ => "other",
            };
            let at = [manners.greeting, manners.ehlo, manners.starttls, manners.auth];
            assert_eq!(kind, expected, "{at:?}: {error:?}");
            assert_eq!(error.is_temporary(), expected != "refused", "{at:?}: {error:?}");
            assert!(!relay.heard().iter().any(|line| line.starts_with("MAIL")), "{at:?}");
        }
    }
}

fn relay_is_silent(manners: &Manners) -> bool {
    [manners.greeting, manners.ehlo, manners.starttls, manners.auth].contains(&SILENCE)
}

#[tokio::test]
async fn words_slipped_in_before_tls_are_not_taken_for_the_relays() {
    let ehlo = "250-relay\r\n250 STARTTLS";
    let starttls = "220 go on\r\n250-relay\r\n250 AUTH PLAIN";
    let relay = Relay::start(Manners { ehlo, starttls, encryption: Encryption::StartTls, ..Manners::GOOD });
    let error = open(RelaySettings { encryption: Encryption::StartTls, ..relay.settings() }).await.unwrap_err();
    assert!(matches!(&error, OpenError::Tls { why, .. } if why.contains("spoke between")), "{error:?}");
}

#[tokio::test]
async fn an_access_token_is_read_anew_for_each_connection() {
    let ehlo = "250-relay\r\n250-PIPELINING\r\n250 AUTH XOAUTH2";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let settings = |relay: &Relay| {
        // As it was when the configuration was read.
        let (username, password) = (Some("jo".into()), Some("of yesterday".into()));
        RelaySettings { username, password, token_file: Some(file.clone()), login: Login::Xoauth2, ..relay.settings() }
    };
    for token in ["secret", "another"] {
        let relay = Relay::start(Manners { ehlo, ..Manners::GOOD });
        std::fs::write(&file, format!("{token}\n")).unwrap();
        open(settings(&relay)).await.unwrap().close().await;
        let (command, _) = Login::Xoauth2.words("jo", token);
        assert!(relay.heard().contains(&command), "{:?}", relay.heard());
    }
    std::fs::remove_file(&file).unwrap();
    let relay = Relay::start(Manners { ehlo, ..Manners::GOOD });
    let error = open(settings(&relay)).await.unwrap_err();
    assert!(matches!(&error, OpenError::Login { why, .. } if why.contains("token")), "{error:?}");
}

#[tokio::test]
async fn a_certificate_that_is_unknown_expired_or_anothers_is_not_trusted() {
    for encryption in [Encryption::StartTls, Encryption::Tls] {
        let manners = Manners { ehlo: "250-relay\r\n250 STARTTLS", encryption, ..Manners::GOOD };
        let relay = Relay::start(manners.clone());
        let unknown = RelaySettings { encryption, ca_file: None, ..relay.settings() };
        let other = Relay::start(manners.clone());
        let anothers = RelaySettings { encryption, host: "127.0.0.1".into(), ..other.settings() };
        let old = Relay::start(Manners { certificate: "expired.pem", ..manners });
        let expired = RelaySettings { encryption, ..old.settings() };
        for settings in [unknown, anothers, expired] {
            let error = open(settings).await.unwrap_err();
            assert!(matches!(error, OpenError::Tls { .. }), "{error:?}");
        }
    }
}

#[tokio::test]
async fn a_beginning_that_fails_says_who_has_to_act() {
    let login =
        |relay: &Relay| RelaySettings { username: Some("jo".into()), password: Some("x".into()), ..relay.settings() };
    let relay = Relay::start(Manners { auth: "535 5.7.8 no", ..Manners::GOOD });
    assert!(matches!(open(login(&relay)).await, Err(OpenError::Login { .. })));
    let relay = Relay::start(Manners { ehlo: "250 relay", ..Manners::GOOD });
    let error = open(login(&relay)).await.unwrap_err();
    assert!(error.to_string().contains("none of the wanted ways"), "{error}");
    let relay = Relay::start(Manners { greeting: "554 5.7.1 no", ..Manners::GOOD });
    assert!(matches!(open(relay.settings()).await, Err(OpenError::Refused { code: 554, .. })));
    let relay = Relay::start(Manners { greeting: "421 4.3.2 busy", ..Manners::GOOD });
    assert!(open(relay.settings()).await.unwrap_err().is_temporary());
    let relay = Relay::start(Manners { greeting: SILENCE, ..Manners::GOOD });
    let impatient = RelaySettings { timeout: Duration::from_millis(50), ..relay.settings() };
    assert!(matches!(open(impatient).await, Err(OpenError::Unreachable { .. })));
    let relay = Relay::start(Manners::GOOD);
    let starttls = RelaySettings { encryption: Encryption::StartTls, ..relay.settings() };
    assert!(open(starttls).await.unwrap_err().to_string().contains("does not offer STARTTLS"));
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert!(open(RelaySettings { port, ..relay.settings() }).await.unwrap_err().is_temporary());
}
