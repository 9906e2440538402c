//! The dialogue without a socket, reply by reply: what only a relay at odds with the standards makes it say.

use super::*;
use crate::domain::address::EmailAddress;

const STEPS: Offers = offers(false, false);
const ENVELOPES: Offers = offers(true, false);
const CHUNKS: Offers = offers(true, true);

const fn offers(pipelining: bool, chunking: bool) -> Offers {
    Offers { pipelining, chunking, smtputf8: false, dsn: false, size: false, starttls: false, auth: Vec::new() }
}

fn push(dialogue: &mut Dialogue) {
    let to = EmailAddress::parse("reader@example.net").unwrap();
    dialogue.push(&Envelope { from: None, to: &to, id: None }, b"x\r\n".to_vec().into());
}

/// A dialogue with so many messages given to it.
fn with(messages: usize, offers: Offers) -> Dialogue {
    let mut dialogue = Dialogue::new(offers, 8);
    (0..messages).for_each(|_| push(&mut dialogue));
    dialogue
}

/// All that is to be written, taken as written.
fn said(dialogue: &mut Dialogue) -> String {
    let mut slices = [IoSlice::new(&[]); 32];
    let pieces = dialogue.pending(&mut slices);
    let bytes: Vec<u8> = slices[..pieces].iter().flat_map(|slice| slice.iter().copied()).collect();
    dialogue.written(bytes.len());
    String::from_utf8(bytes).unwrap()
}

/// Hears replies, each of one line.
fn hear(dialogue: &mut Dialogue, lines: &[&str]) -> Result<(), String> {
    lines.iter().try_for_each(|line| {
        let (code, words) = line.split_once(' ').unwrap();
        dialogue.hear(&Reply { code: code.parse().unwrap(), lines: vec![words.to_owned()] })
    })
}

fn words(dialogue: &mut Dialogue) -> Vec<HandOver> {
    std::iter::from_fn(|| dialogue.word()).map(|(word, _)| word).collect()
}

#[test]
fn a_reply_nobody_asked_for_ends_the_session_and_is_about_nobody() {
    for offers in [STEPS, ENVELOPES, CHUNKS] {
        let mut dialogue = Dialogue::new(offers, 4);
        let why = hear(&mut dialogue, &["550 5.1.1 no such user"]).unwrap_err();
        assert!(why.contains("unasked") && why.contains("5.1.1"), "{why}");
        assert!(dialogue.is_broken() && !dialogue.has_room() && !dialogue.quit());
        push(&mut dialogue);
        assert_eq!(said(&mut dialogue), "");
        assert!(matches!(words(&mut dialogue)[..], [HandOver::NotHandedOver { .. }]));
    }
}

#[test]
fn a_text_that_is_asked_for_after_the_refusal_of_its_recipient_is_an_empty_one() {
    let mut dialogue = with(1, ENVELOPES);
    said(&mut dialogue);
    hear(&mut dialogue, &["250 Ok", "550 5.1.1 no such user", "354 go on"]).unwrap();
    assert_eq!(said(&mut dialogue), ".\r\n");
    assert!(words(&mut dialogue).is_empty(), "the end of the empty text is answered first");
    hear(&mut dialogue, &["554 5.5.1 no valid recipients"]).unwrap();
    assert_eq!(words(&mut dialogue), [HandOver::negative(550, "5.1.1 no such user")]);
    push(&mut dialogue);
    assert!(!dialogue.is_broken() && said(&mut dialogue).starts_with("RSET\r\nMAIL FROM:<>\r\n"));
}

#[test]
fn a_text_that_is_asked_for_with_its_recipient_after_the_refusal_of_its_sender_is_kept_back() {
    let mut dialogue = with(1, ENVELOPES);
    said(&mut dialogue);
    hear(&mut dialogue, &["451 4.3.0 later", "250 Ok", "354 go on"]).unwrap();
    assert_eq!(said(&mut dialogue), "", "even an empty text would reach somebody");
    assert!(dialogue.is_broken());
    assert_eq!(words(&mut dialogue), [HandOver::negative(451, "4.3.0 later")]);
}

#[test]
fn a_message_that_was_taken_back_does_not_leave_when_the_relay_asks_for_it() {
    let mut dialogue = with(2, ENVELOPES);
    said(&mut dialogue);
    hear(&mut dialogue, &["250 Ok", "250 Ok", "354 go on"]).unwrap();
    let leaves = said(&mut dialogue);
    assert!(leaves.starts_with("x\r\n.\r\nMAIL"), "{leaves}");
    assert_eq!(dialogue.withdraw(), 1);
    assert!(!dialogue.has_room() && !dialogue.quit());
    hear(&mut dialogue, &["250 taken", "250 Ok", "250 Ok", "354 go on"]).unwrap();
    assert_eq!(said(&mut dialogue), "");
    assert!(dialogue.is_quiet());
    assert_eq!(words(&mut dialogue), [HandOver::accepted("taken")]);
}

#[test]
fn a_message_that_waits_its_turn_is_taken_back_unsaid() {
    let mut dialogue = with(2, STEPS);
    assert_eq!(said(&mut dialogue), "MAIL FROM:<>\r\n");
    assert_eq!(dialogue.withdraw(), 2);
    assert!(dialogue.is_idle() && dialogue.is_broken());
    hear(&mut dialogue, &["250 Ok"]).unwrap();
    assert_eq!(said(&mut dialogue), "");
}

#[test]
fn a_relay_that_stays_with_the_refused_message_blames_nobody_and_is_reset_from_then_on() {
    let mut dialogue = with(2, CHUNKS);
    said(&mut dialogue);
    hear(&mut dialogue, &["250 Ok", "550 5.1.1 no such user", "503 5.5.1 RCPT first"]).unwrap();
    hear(&mut dialogue, &["503 5.5.1 nested MAIL", "503 5.5.1 no", "503 5.5.1 no"]).unwrap();
    let found = words(&mut dialogue);
    assert!(
        matches!(&found[..], [HandOver::Refused { code: 550, .. }, HandOver::NotHandedOver { why }]
        if why.contains("the message before")),
        "{found:?}"
    );
    for _ in 0..2 {
        push(&mut dialogue);
        assert!(said(&mut dialogue).starts_with("RSET\r\nMAIL"));
        hear(&mut dialogue, &["250 Ok", "250 Ok", "250 Ok", "250 taken"]).unwrap();
        assert_eq!(words(&mut dialogue), [HandOver::accepted("taken")]);
    }
}

#[test]
fn a_message_that_the_relay_took_into_the_transaction_before_was_taken() {
    let mut dialogue = with(2, CHUNKS);
    said(&mut dialogue);
    hear(&mut dialogue, &["250 Ok", "550 5.1.1 no such user", "503 5.5.1 RCPT first"]).unwrap();
    hear(&mut dialogue, &["503 5.5.1 nested MAIL", "250 Ok", "250 taken"]).unwrap();
    assert_eq!(words(&mut dialogue), [HandOver::negative(550, "5.1.1 no such user"), HandOver::accepted("taken")]);
}
