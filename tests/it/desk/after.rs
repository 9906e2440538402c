//! An issue after it was sent, at the desk: amended, withdrawn, corrected by a letter that was looked at; and one reader, found and unsubscribed.

use super::room::{Answer, Room};
use crate::support::maildir::header;
use crate::support::newsroom::{Newsroom, week};
use axum::http::StatusCode;
use chrono::TimeDelta;
use week_in_review::domain::address::EmailAddress;
use week_in_review::domain::consent::{ConsentEvent, Evidence};
use week_in_review::domain::subscriber::{Status, Subscriber};

const PLACE: &str = "/desk/n/week/sent/1";

/// A room whose first issue three readers have.
async fn after_a_send() -> (Room, String, Vec<String>) {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(10);
    let readers = ["ada", "bo", "cy"].map(|name| format!("{name}@reader.example")).to_vec();
    newsroom.import(&readers);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    assert_eq!(newsroom.send()["accepted"], 3);
    let room = Room::with(newsroom);
    let mona = room.mona().await;
    (room, mona, readers)
}

async fn post(room: &Room, session: &str, place: &str, fields: &str) -> Answer {
    let token = room.token(session).await;
    room.post(place, session, &format!("form={token}&{fields}")).await
}

/// The number of the story with a headline, as the page has it.
fn number(page: &Answer, title: &str) -> String {
    let (before, _) = page.body.split_once(&format!("<bdi>{title}</bdi>")).expect("the story stands there");
    let (_, id) = before.rsplit_once("id=\"s-").expect("each story has a place");
    id.split('"').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_story_is_changed_and_another_taken_out_and_the_public_sees_it_at_once() {
    let (room, mona, _) = after_a_send().await;
    let list = room.get("/desk/issues", &mona).await;
    assert!(list.body.contains("/newsletter/desk/n/week/sent/1\""), "{}", list.body);
    let page = room.get(PLACE, &mona).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let (fees, ferry) = (number(&page, "Harbour fees rise"), number(&page, "A new ferry"));

    let empty = post(&room, &mona, PLACE, &format!("do=amend&story={fees}&title=Fees+fall&note=")).await;
    assert!(empty.status == StatusCode::CONFLICT && empty.body.contains("note must say"), "{}", empty.body);
    let same = post(&room, &mona, PLACE, &format!("do=amend&story={fees}&title=Harbour+fees+rise&note=x")).await;
    assert!(same.status == StatusCode::CONFLICT && same.body.contains("othing of the story"), "{}", same.body);
    let wrong = post(&room, &mona, PLACE, &format!("do=amend&story={fees}&url=javascript:alert(1)&note=x")).await;
    assert!(wrong.status == StatusCode::CONFLICT && wrong.body.contains("http://"), "{}", wrong.body);

    let done =
        post(&room, &mona, PLACE, &format!("do=amend&story={fees}&title=Harbour+fees+fall&note=They+fall.&in_next=1"))
            .await;
    assert_eq!(done.header("location"), "/newsletter/desk/n/week/sent/1?done=amend");
    let said = room.get(&format!("{PLACE}?done=amend"), &mona).await;
    assert!(said.body.contains("reads differently on the web"), "{}", said.body);
    assert!(said.body.contains("not mailed, stands in the next issue"), "{}", said.body);
    post(&room, &mona, PLACE, &format!("do=remove&story={ferry}&note=There+is+no+ferry.")).await;
    let public = room.get("/week/1", "").await.body;
    assert!(
        public.contains("Harbour fees fall") && public.contains("They fall.") && !public.contains("A new ferry"),
        "{public}"
    );

    post(&room, &mona, PLACE, "do=not-in-next").await;
    assert!(!room.get(PLACE, &mona).await.body.contains("stands in the next issue"));
}

#[tokio::test]
async fn the_letter_is_looked_at_before_it_is_mailed_and_goes_once() {
    let (room, mona, _) = after_a_send().await;
    let before = room.newsroom.outbox().len();
    let state = room.state();
    let shown = post(&room, &mona, PLACE, "do=look&in_next=1&note=The+fee+is+**4**+marks,+not+<5>.").await;
    assert!(shown.status == StatusCode::OK && shown.body.contains("The letter, to 3 readers"), "{}", shown.body);
    assert!(shown.body.contains("Correction to No. 1") && shown.body.contains("&lt;5&gt;"), "{}", shown.body);
    assert_eq!(room.state(), state, "looking writes nothing");

    let (note, seen) = ("The+fee+is+**4**+marks,+not+<5>.", shown.hidden("seen"));
    for other in [format!("seen={seen}&note=Something+else."), format!("seen=00&note={note}"), format!("note={note}")] {
        let refused = post(&room, &mona, PLACE, &format!("do=mail&{other}")).await;
        assert!(refused.status == StatusCode::CONFLICT && refused.body.contains("as you saw it"), "{}", refused.body);
    }
    let mailed = post(&room, &mona, PLACE, &format!("do=mail&in_next=1&seen={seen}&note={note}")).await;
    assert_eq!(mailed.header("location"), "/newsletter/desk/n/week/sent/1?done=correct", "{}", mailed.body);
    // What the service does by itself; here a command takes its place.
    room.newsroom.call(&["send", "--yes"]);
    assert_eq!(room.newsroom.outbox().len(), before + 3, "exactly those who have the issue");
    let page = room.get(&format!("{PLACE}?done=correct"), &mona).await.body;
    assert!(page.contains("mailed to 3 of 3, stands in the next issue"), "{page}");
    let again = post(&room, &mona, PLACE, &format!("do=mail&seen={seen}&note={note}")).await;
    assert!(again.status == StatusCode::CONFLICT || again.body.contains("nobody gets it twice"), "{}", again.body);
    assert_eq!(room.newsroom.outbox().len(), before + 3);
}

#[tokio::test]
async fn who_pauses_is_not_counted_among_those_the_letter_goes_to_until_their_pause_is_over() {
    let (room, mona, readers) = after_a_send().await;
    let before = room.newsroom.outbox();
    let now = room.clock.now();
    let pauses = [(&readers[0], None), (&readers[1], Some(now + TimeDelta::days(1))), (&readers[2], Some(now))];
    for (reader, until) in pauses {
        let address = EmailAddress::parse(reader).expect("an address");
        let evidence = Evidence::new(now - TimeDelta::days(1), "preferences");
        week_in_review::subscribe::pause(&room.app.store, &address, &week(), until, &evidence).expect("they may");
    }
    let shown = post(&room, &mona, PLACE, "do=look&note=It+sails+on+Tuesday.").await;
    assert!(shown.body.contains("The letter, to 1 reader<"), "{}", shown.body);
    assert!(shown.body.contains("Mail it to 1 reader<"), "{}", shown.body);
    post(&room, &mona, PLACE, &format!("do=mail&seen={}&note=It+sails+on+Tuesday.", shown.hidden("seen"))).await;
    room.newsroom.call(&["send", "--yes"]);
    let mails = room.newsroom.outbox();
    let letters: Vec<_> = mails.iter().filter(|mail| !before.contains(mail)).map(|mail| header(mail, "To")).collect();
    assert_eq!(letters, [Some(format!("<{}>", readers[2]))], "as many as was said");
}

#[tokio::test]
async fn an_issue_is_withdrawn_by_who_is_sure() {
    let (room, mona, _) = after_a_send().await;
    let unsure = post(&room, &mona, PLACE, "do=withdraw&note=By+mistake.").await;
    assert!(unsure.status == StatusCode::CONFLICT && unsure.body.contains("does not come back"), "{}", unsure.body);
    assert_eq!(room.get("/week/1", "").await.status, StatusCode::OK);
    post(&room, &mona, PLACE, "do=withdraw&sure=1&note=By+mistake.").await;
    let public = room.get("/week/1", "").await;
    assert!(public.status == StatusCode::GONE && public.body.contains("By mistake."));
    let page = room.get(PLACE, &mona).await.body;
    assert!(page.contains("Withdrawn: its page says so") && !page.contains("value=\"withdraw\""), "{page}");
    assert_eq!(room.get("/desk/n/week/sent/9", &mona).await.status, StatusCode::NOT_FOUND);
    assert_eq!(room.get(PLACE, "").await.status, StatusCode::SEE_OTHER, "and nobody sees it without a session");
}

fn found(room: &Room, address: &str) -> Subscriber {
    let address = EmailAddress::parse(address).expect("an address");
    let person = room.app.store.read_people(|people| people.by_address(&address)).expect("the database answers");
    person.expect("they are known")
}

#[tokio::test]
async fn one_reader_is_found_and_unsubscribed_and_no_list_is_shown() {
    let (room, mona, readers) = after_a_send().await;
    let page = room.get("/desk/readers", &mona).await;
    assert!(page.status == StatusCode::OK && readers.iter().all(|reader| !page.body.contains(reader)), "{}", page.body);
    for (typed, says) in [("nonsense", "no mail address"), ("nobody@reader.example", "Nobody with this address")] {
        let answer = post(&room, &mona, "/desk/readers", &format!("address={typed}")).await;
        assert!(answer.body.contains(says), "{typed}: {}", answer.body);
    }
    let shown = post(&room, &mona, "/desk/readers", &format!("address={}", readers[0])).await;
    assert!(shown.body.contains(&readers[0]) && !shown.body.contains(&readers[1]), "{}", shown.body);
    assert!(shown.body.contains("imported") && shown.body.contains("Unsubscribe from"), "the ledger: {}", shown.body);
    let left = post(&room, &mona, "/desk/readers", &format!("address={}&leave=week", readers[0])).await;
    assert!(left.body.contains("They get no more of week."), "{}", left.body);
    let person = found(&room, &readers[0]);
    assert!(matches!(person.subscriptions[0].status, Status::Left { .. }));
    let ledger = room.app.store.read_people(|people| people.consent(person.id)).expect("the ledger");
    let last = ledger.last().expect("they left");
    assert_eq!((last.event, last.evidence.origin.as_str()), (ConsentEvent::Left, "desk"));
    assert_eq!(last.evidence.detail.get("editor").map(String::as_str), Some("Mona"));
    let audit = room.get("/desk/audit", &mona).await.body;
    assert!(audit.contains("unsubscribe") && !audit.contains(&readers[0]), "the audit names no reader: {audit}");
}
