//! The pages and letters of a reader's way from sign-up to goodbye, in a language from left to right and one from right to left.

use super::{compare, sample};
use week_in_review::domain::letter::LetterKind;
use week_in_review::domain::newsletter::Newsletter;
use week_in_review::domain::question::{Question, Way};
use week_in_review::domain::text::Language;
use week_in_review::domain::token::{Key, Keyring, SuppressionKey};
use week_in_review::templates::letters::{self, Confirm, Fresh, Known, Letter, Welcome};
use week_in_review::templates::pages::{
    self, Again, Asked, Button, Confirming, Done, Filled, Latest, Notice, OnTheList, SignUp, Site,
};
use week_in_review::templates::texts::Texts;

const ADDRESS: &str = "reader@example.org";
const HOST: &str = "news.meridian.example";

/// What a page asks for, the same number each time.
pub fn asked(way: Way, again: Option<Again>) -> Asked {
    let key = Key { id: 1, secret: [1; 32], retired: false };
    let ring = Keyring::new(vec![key], SuppressionKey([2; 32])).expect("one key");
    Asked { token: "T".into(), question: Question::of(&ring, "T", "A"), way, again, canary: "/c/A/x".into() }
}

fn asked_by_press() -> Asked {
    asked(Way::Press, None)
}

fn confirming<'a>(site: Site<'a>, topics: Option<&'a str>, asked: &'a Asked) -> Confirming<'a> {
    Confirming {
        site,
        names: "The Week in Review",
        topics,
        address: ADDRESS,
        asked_on: "20 November 2026",
        until: "27 November 2026",
        next: Some("27 November 2026"),
        action: "/c/A",
        asked,
    }
}

#[test]
fn the_pages_of_signing_up_are_as_they_were_approved() {
    let (week, persian) = (sample::week().issue, sample::persian_week().issue);
    let newsletters = [week.newsletter.clone(), persian.newsletter.clone()];
    let (site, right) = (Site::of(&week.newsletter), Site::of(&persian.newsletter));
    let headlines: Vec<(String, Language)> =
        week.stories.iter().take(3).map(|story| (story.title.to_string(), story.language.clone())).collect();
    let (empty, typed) = (Filled::default(), Filled { address: "jo@gmial.com".into(), ..Filled::default() });
    let latest = Some(Latest { number: 214, path: "/week-in-review/214", headlines: &headlines });
    let form = SignUp {
        site,
        newsletters: &newsletters,
        filled: &empty,
        token: "T",
        action: "/subscribe",
        latest,
        notice: None,
    };
    compare("page-sign-up.html", &pages::sign_up(form));
    let meant = SignUp { filled: &typed, notice: Some(Notice::Meant("jo@gmail.com")), latest: None, ..form };
    compare("page-sign-up-meant.html", &pages::sign_up(meant));
    let one = SignUp { site: right, newsletters: &newsletters[1..], latest: None, ..form };
    compare("page-sign-up-rtl.html", &pages::sign_up(one));
    compare("page-sign-up-embedded.html", &pages::embedded(site, "https://news.meridian.example/subscribe"));
    compare("page-check-your-mail.html", &pages::check_your_mail(site, 7));
    let (first, again) = (asked(Way::Type, None), asked(Way::Type, Some(Again::Slip)));
    compare("page-confirm.html", &pages::confirm(confirming(site, Some("Energy and Culture"), &first)));
    compare("page-confirm-again.html", &pages::confirm(confirming(site, None, &again)));
    compare("page-confirm-rtl.html", &pages::confirm(confirming(right, None, &first)));
    let on_the_list = OnTheList {
        site,
        names: "The Week in Review",
        address: ADDRESS,
        next: Some("27 November 2026"),
        preferences_url: "/p/A",
        issues_url: "/week-in-review",
    };
    compare("page-confirmed.html", &pages::confirmed(on_the_list));
    compare("page-link-expired.html", &pages::link_expired(site, 7, "/c/A"));
    compare("page-link-gone.html", &pages::link_gone(site));
}

#[test]
fn the_pages_behind_a_fresh_mail_and_those_of_trouble_are_as_they_were_approved() {
    let week = sample::week().issue;
    let site = Site::of(&week.newsletter);
    let asked = &asked(Way::Type, None);
    let button = Button { site, address: ADDRESS, action: "/me/A", asked };
    compare("page-my-data.html", &pages::my_data(button));
    compare("page-erase.html", &pages::erase_me(button));
    compare("page-new-address.html", &pages::new_address(button, "jo@", Some(Notice::NoAddress)));
    compare("page-move.html", &pages::move_here(button));
    compare("page-undo.html", &pages::undo(button));
    let press = &asked_by_press();
    compare("page-ask-mail.html", &pages::ask_mail(Button { asked: press, ..button }, "erase", "erase-button"));
    compare("page-send-link.html", &pages::send_link(site, "T", "/link", "", None));
    for (name, done) in [
        ("erased", Done::Erased),
        ("asked-there", Done::AskedThere),
        ("link-sent", Done::LinkSent),
        ("moved", Done::Moved(ADDRESS)),
        ("undone", Done::Undone(ADDRESS)),
        ("ended", Done::Ended),
    ] {
        compare(&format!("page-done-{name}.html"), &pages::done(site, done));
    }
    compare("page-not-just-now.html", &pages::busy(site));
    compare("page-failure.html", &pages::failure(site));
    compare("page-link-not-valid.html", &pages::link_not_valid(site));
    compare("page-form-not-valid.html", &pages::form_not_valid(site));
}

fn approved(name: &str, letter: &Letter) {
    compare(&format!("letter-{name}.html"), &letter.html);
    compare(&format!("letter-{name}.txt"), &format!("Subject: {}\n\n{}", letter.subject, letter.text));
}

fn fresh(newsletter: &Newsletter, kind: LetterKind) -> Letter {
    let with = Fresh {
        newsletter,
        texts: Texts::of(&newsletter.language),
        names: newsletter.title.as_str(),
        address: ADDRESS,
        asked_on: "20 November 2026",
        until: "20 November 2026, 18:00",
        host: HOST,
        url: "https://news.meridian.example/me/AAAAAAAAAAAAAAAAAAAAAAAA",
    };
    letters::fresh(kind, with).expect("a kind of this file")
}

#[test]
fn letters_are_as_they_were_approved() {
    let (week, persian) = (sample::week().issue, sample::persian_week().issue);
    for (suffix, issue) in [("", &week), ("-rtl", &persian)] {
        let newsletter = &issue.newsletter;
        let (texts, names) = (Texts::of(&newsletter.language), [newsletter.title.as_str()]);
        let confirm = Confirm {
            newsletter,
            texts,
            names: &names,
            topics: &["Energy", "Culture"],
            address: ADDRESS,
            asked_on: "20 November 2026",
            until: "27 November 2026",
            host: HOST,
            url: "https://news.meridian.example/c/AAAAAAAAAAAAAAAAAAAAAAAA",
        };
        approved(&format!("confirm{suffix}"), &letters::confirm(confirm));
        let known = Known {
            newsletter,
            texts,
            names: &names,
            address: ADDRESS,
            asked_on: "20 November 2026",
            host: HOST,
            url: "https://news.meridian.example/p/AAAAAAAAAAAAAAAAAAAAAAAA",
        };
        approved(&format!("known{suffix}"), &letters::known(known));
        let stories: Vec<(String, String)> = issue
            .stories
            .iter()
            .take(3)
            .filter_map(|story| Some((story.title.to_string(), story.url.as_ref()?.to_string())))
            .collect();
        let welcome = Welcome {
            newsletter,
            texts,
            names: &names,
            address: ADDRESS,
            confirmed_on: "20 November 2026",
            next: Some("27 November 2026"),
            number: 214,
            stories: &stories,
            issue_url: "https://news.meridian.example/week-in-review/214",
            preferences_url: "https://news.meridian.example/p/AAAAAAAAAAAAAAAAAAAAAAAA",
            unsubscribe_url: "https://news.meridian.example/u/AAAAAAAAAAAAAAAAAAAAAAAA",
        };
        approved(&format!("welcome{suffix}"), &letters::welcome(welcome));
    }
    for (name, kind) in [
        ("link", LetterKind::Link),
        ("data", LetterKind::Data),
        ("erase", LetterKind::Erase),
        ("address", LetterKind::Address),
        ("move", LetterKind::Move),
        ("moved", LetterKind::Moved),
    ] {
        approved(name, &fresh(&week.newsletter, kind));
    }
}
