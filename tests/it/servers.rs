//! The servers of `support` themselves: each must really do what the other tests rely on, or those tests prove nothing.

use crate::support::chromium;
use crate::support::dovecot::Dovecot;
use crate::support::faulty_relay::{Phase, Plan, Relay};
use crate::support::maildir::header;
use crate::support::nginx::Nginx;
use crate::support::opendkim;
use crate::support::postfix::Postfix;
use crate::support::process::{open_folder, wait_until};
use crate::support::small_disk::SmallDisk;
use crate::support::smtp_sink::SmtpSink;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::{Error, SmtpTransport, SmtpTransportBuilder};
use lettre::{Message, Transport};
use std::fs;
use std::slice;
use std::thread;
use std::time::{Duration, UNIX_EPOCH};
use week_in_review::mail::dkim::{self, Signer};

fn letter(to: &str) -> Message {
    let message = Message::builder()
        .from("The Week <week@newsletter.example>".parse().expect("an address"))
        .to(to.parse().expect("an address"))
        .message_id(Some(format!("<{}@newsletter.example>", to.replace('@', "."))))
        .subject("هفته در یک نگاه");
    message.body("First line\n.dot at the start\nlast line".to_owned()).expect("a complete message")
}

fn client(port: u16) -> SmtpTransportBuilder {
    SmtpTransport::builder_dangerous("localhost").port(port).timeout(Some(Duration::from_secs(30)))
}

fn client_with_starttls(postfix: &Postfix, authority: &[u8]) -> SmtpTransport {
    let authority = Certificate::from_pem(authority).expect("openssl wrote it");
    let parameters = TlsParameters::builder("localhost".to_owned())
        .add_root_certificate(authority)
        .build()
        .expect("valid parameters");
    client(postfix.port).tls(Tls::Required(parameters)).build()
}

fn send(relay: &Relay, to: &str) -> Result<(), Error> {
    client(relay.port).build().send(&letter(to)).map(drop)
}

#[test]
fn postfix_takes_a_message_over_starttls_and_dovecot_shows_it() {
    let postfix = Postfix::start(&["ada@reader.example", "grace@reader.example"]);
    let authority = fs::read(&postfix.certificates.authority).expect("just made");
    let client = client_with_starttls(&postfix, &authority);

    client.send(&letter("ada@reader.example")).expect("Postfix knows her");
    client.send(&letter("ada+b.token@reader.example")).expect("Postfix knows her with an extension, too");
    let stranger = client.send(&letter("nobody@reader.example")).expect_err("Postfix knows only its mailboxes");
    let elsewhere = client.send(&letter("ada@other.example")).expect_err("Postfix relays nothing");

    assert!(stranger.is_permanent() && elsewhere.is_permanent(), "{stranger} {elsewhere}");
    let mails = postfix.wait_for("ada@reader.example", 2);
    assert!(header(&mails[0], "Received").is_some_and(|line| line.contains("TLSv1.3")), "{}", postfix.log());
    postfix.wait_until_idle();
    assert_eq!(postfix.mailbox("grace@reader.example").len(), 0);

    let dovecot = Dovecot::start(&postfix.mailboxes());
    let mut inbox = dovecot.open("ada@reader.example");
    assert_eq!(inbox.count, 2);
    assert!(inbox.structure(1).contains("\"text\" \"plain\""), "{}", inbox.structure(1));
    let shown = inbox.message(1);
    assert!(
        shown.ends_with(b"First line\r\n.dot at the start\r\nlast line\r\n"),
        "{}",
        String::from_utf8_lossy(&shown)
    );
}

#[test]
fn postfix_is_trusted_only_with_its_own_authority_and_speaks_only_tls() {
    let postfix = Postfix::start(&["ada@reader.example"]);
    let stranger = open_folder();
    let other = crate::support::tls::Certificates::make(stranger.path());
    let authority = fs::read(other.authority).expect("just made");

    let wrong = client_with_starttls(&postfix, &authority).send(&letter("ada@reader.example"));
    let plain = client(postfix.port).build().send(&letter("ada@reader.example"));

    assert!(wrong.is_err(), "a certificate of another authority was trusted");
    assert!(plain.expect_err("Postfix insists on STARTTLS").is_permanent());
    postfix.wait_until_idle();
    assert_eq!(postfix.mailbox("ada@reader.example").len(), 0);
}

#[test]
fn a_server_ends_with_its_value() {
    let postfix = Postfix::start(&["ada@reader.example"]);
    let port = postfix.port;
    drop(postfix);
    wait_until(|| std::net::TcpListener::bind(("127.0.0.1", port)).ok()).expect("the port is free again");
}

#[test]
fn the_sink_keeps_what_it_takes() {
    let sink = SmtpSink::start(&[]);
    client(sink.port).build().send(&letter("ada@reader.example")).expect("the sink takes everything");
    let dumps = sink.wait_for(1);
    assert!(dumps[0].contains("ada@reader.example") && dumps[0].contains("last line"), "{}", dumps[0]);
}

#[test]
fn the_sink_refuses_as_its_options_say() {
    let sink = SmtpSink::start(&["-r", "RCPT"]);
    let error = client(sink.port).build().send(&letter("ada@reader.example")).expect_err("soft error at RCPT");
    assert!(error.is_transient(), "{error}");
}

#[test]
fn nginx_serves_a_folder_and_chromium_reads_it() {
    let folder = open_folder();
    let page = "<!doctype html><title>t</title><p id=a></p><script>a.textContent = 'made ' + 'here'</script>";
    fs::write(folder.path().join("page.html"), page).expect("our own folder");
    let nginx = Nginx::serve(folder.path());

    let dom = chromium::dump_dom(&nginx.url("/page.html"));
    let picture = folder.path().join("page.png");
    chromium::screenshot(&nginx.url("/page.html"), 375, 600, &picture);

    assert!(dom.contains("made here"), "{dom}");
    let size = imagesize::size(&picture).expect("a picture");
    assert_eq!((size.width, size.height), (375, 600));
    assert!(nginx.log().contains("GET /page.html"), "{}", nginx.log());
}

#[test]
fn an_honest_relay_takes_and_remembers() {
    let relay = Plan::default().start();
    send(&relay, "ada@reader.example").expect("it takes everything");
    let [received] = relay.wait_for(1).try_into().expect("one message");
    assert!(received.answered);
    assert_eq!(received.sender, "week@newsletter.example");
    assert_eq!(received.recipients, ["ada@reader.example"]);
    assert_eq!(received.message_id, "<ada.reader.example@newsletter.example>");
    assert!(received.bytes.ends_with(b"First line\r\n.dot at the start\r\nlast line\r\n"));
    assert_eq!((relay.connections(), relay.peak_connections()), (1, 1));
}

#[test]
fn a_relay_refuses_one_recipient_as_often_as_told() {
    let relay = Plan::default()
        .refuse("ada@reader.example", "550 5.1.1 no such user", usize::MAX)
        .refuse("grace@reader.example", "451 4.7.1 later", 1)
        .start();
    assert!(send(&relay, "ada@reader.example").expect_err("refused").is_permanent());
    assert!(send(&relay, "grace@reader.example").expect_err("put off").is_transient());
    send(&relay, "grace@reader.example").expect("taken the second time");
    assert_eq!(relay.received().len(), 1);
}

#[test]
fn a_relay_answers_as_planned_at_each_phase() {
    for phase in [Phase::Greeting, Phase::Ehlo, Phase::Mail, Phase::Rcpt, Phase::Data, Phase::Message] {
        let relay = Plan::default().answer(phase, "554 5.3.0 not today", 1).start();
        assert!(send(&relay, "ada@reader.example").is_err(), "{phase:?}");
        send(&relay, "ada@reader.example").unwrap_or_else(|error| panic!("{phase:?}: {error}"));
        assert_eq!(relay.received().len(), 1, "{phase:?}");
    }
}

#[test]
fn a_relay_takes_the_message_and_drops_the_connection() {
    let relay = Plan::default().drop_after_data(1).start();
    assert!(send(&relay, "ada@reader.example").is_err());
    let [received] = relay.received().try_into().expect("one message");
    assert!(!received.answered);
    send(&relay, "ada@reader.example").expect("only the first is dropped");
}

#[test]
fn a_relay_has_enough_after_some_messages_on_one_connection() {
    let relay = Plan::default().busy_after(2).start();
    let client = client(relay.port).build();
    let taken = [(); 3].map(|()| client.send(&letter("ada@reader.example")).is_ok());
    assert_eq!(taken, [true, true, false]);
    assert_eq!(relay.received().len(), 2);
}

#[test]
fn a_relay_hangs_until_it_is_released() {
    for phase in [Phase::Greeting, Phase::Ehlo, Phase::Mail, Phase::Rcpt, Phase::Data, Phase::Message] {
        let relay = Plan::default().hang_at(phase).start();
        thread::scope(|scope| {
            let sending = scope.spawn(|| send(&relay, "ada@reader.example"));
            relay.wait_until_hanging();
            assert!(!sending.is_finished(), "{phase:?}");
            relay.release();
            sending.join().expect("no panic").unwrap_or_else(|error| panic!("{phase:?}: {error}"));
        });
    }
}

#[test]
fn a_relay_wants_the_right_password() {
    let relay = Plan::default().login("week", "correct horse").start();
    let with = |password: &str| {
        let credentials = Credentials::new("week".to_owned(), password.to_owned());
        client(relay.port).credentials(credentials).build().send(&letter("ada@reader.example"))
    };
    assert!(with("wrong").is_err());
    assert!(send(&relay, "ada@reader.example").is_err(), "without a login");
    with("correct horse").expect("the right password");
    assert_eq!(relay.received().len(), 1);
}

#[test]
fn opendkim_tells_a_good_signature_from_a_bad_one() {
    let signer = |selector: &str| {
        let key = dkim::generate_rsa().expect("a key can be made");
        Signer::from_pem("newsletter.example", selector, &key).expect("it is one of ours")
    };
    let (known, unknown) = (signer("one"), signer("two"));
    let record = known.dns_record();
    // In the past: OpenDKIM refuses signatures of the future.
    let signed_at = UNIX_EPOCH + Duration::from_hours(24 * 365 * 50);
    let folder = open_folder();
    let write = |name: &str, signer: Option<&Signer>, change: fn(String) -> String| {
        // A file whose last line has no end is "not signed" to OpenDKIM.
        let message = [letter("ada@reader.example").formatted(), b"\r\n".to_vec()].concat();
        let signature = signer.map(|signer| signer.sign(&message, signed_at.into())).unwrap_or_default();
        let path = folder.path().join(name);
        let text = String::from_utf8([signature, message].concat()).expect("a letter is text");
        fs::write(&path, change(text)).expect("our own folder");
        path
    };
    let good = write("good", Some(&known), |text| text);
    let bad = [
        write("no-signature", None, |text| text),
        write("no-record", Some(&unknown), |text| text),
        write("other-body", Some(&known), |text| text.replace("First line", "Other line")),
        write("second-from", Some(&known), |text| text.replacen("From: ", "From: x@other.example\r\nFrom: ", 1)),
    ];

    let records = [(record.name.clone(), record.value.clone())];
    assert_eq!(opendkim::complaints(slice::from_ref(&good), &records), [""; 0]);
    for file in bad {
        assert_eq!(opendkim::complaints(&[file.clone(), good.clone()], &records).len(), 1, "{}", file.display());
    }
}

#[test]
fn a_small_disk_is_soon_full() {
    let disk = SmallDisk::with_room_for(64);
    fs::write(disk.path().join("little"), [0; 1024]).expect("there is room");
    let error = fs::write(disk.path().join("much"), vec![0; 128 * 1024]).expect_err("there is no room");
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    let path = disk.path().to_owned();
    drop(disk);
    assert!(!path.exists());
}
