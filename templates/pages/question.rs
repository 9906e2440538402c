//! The part of a form that tells a person from a machine by a number, in one of two ways: the one button carries it, among others that no person sees, or it is typed
//! beside the button. Also the link on such a page that no person sees.

use super::shell::Site;
use crate::domain::question::{Question, Way};
use maud::{Markup, html};

/// What one showing of a page asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The token of the form.
    pub token: String,
    /// The number.
    pub question: Question,
    /// How it is asked for.
    pub way: Way,
    /// Why it is asked once more.
    pub again: Option<Again>,
    /// Where the link leads that no person sees.
    pub canary: String,
}

/// Why a page asks once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It was pressed without the number, faster than anybody reads, or a day later.
    Unanswered,
    /// It was another number.
    Slip,
}

impl Again {
    fn key(self) -> &'static str {
        match self {
            Self::Unanswered => "question-again",
            Self::Slip => "question-slip",
        }
    }
}

/// Words for a button, in which an address that is too long for a phone breaks after its at sign.
fn breakable(words: &str) -> Markup {
    let mut pieces = words.split_inclusive('@');
    html! { (pieces.next().unwrap_or_default()) @for piece in pieces { wbr; (piece) } }
}

/// What stands in a form that does something, with the one button: `what` is the deed in words, `beside` whatever stands beside it.
pub(super) fn asked(asked: &Asked, what: &str, site: Site<'_>, beside: &Markup) -> Markup {
    let texts = site.texts();
    let (number, what) = (|number: u8| texts.number(number), breakable(what));
    let notice = asked.again.map(|again| html! { p.wrong #again role="alert" { (texts.say(again.key())) } });
    html! {
        input type="hidden" name="token" value=(asked.token);
        @match asked.way {
            Way::Press => {
                div.acts { button.button type="submit" name="press" value=(asked.question.number()) { (what) } (beside) }
            }
            Way::Type => {
                div {
                    label.name for="number" { (texts.say_of("question-type", "number", &number(asked.question.number()))) }
                    @if let Some(notice) = notice { (notice) }
                    input.field.number #number type="text" name="number" inputmode="numeric" autocomplete="off" maxlength="4" required
                        aria-invalid=[asked.again.map(|_| "true")] aria-describedby=[asked.again.map(|_| "again")];
                }
                div.acts { button.button type="submit" { (what) } (beside) }
                p.note { (texts.say("question-why")) }
            }
        }
        (canary(&asked.canary))
    }
}

/// A form around one that is answered by pressing: before it the first, after it the last of what a machine finds that presses buttons or sends forms.
/// No person sees or hears of either.
pub(super) fn around(asked: &Asked, action: &str, fields: &Markup, form: &Markup) -> Markup {
    let decoy = |number: u8| {
        html! {
            form.away method="post" action=(action) aria-hidden="true" {
                input type="hidden" name="token" value=(asked.token);
                (fields)
                button type="submit" name="press" value=(number) tabindex="-1" { "·" }
            }
        }
    };
    let [before, after] = asked.question.decoys();
    html! {
        @if asked.way == Way::Press { (decoy(before)) }
        (form)
        @if asked.way == Way::Press { (decoy(after)) }
    }
}

/// Nobody sees this link or hears of it; whatever follows it is a machine that follows everything.
pub(super) fn canary(path: &str) -> Markup {
    html! { a.away href=(path) tabindex="-1" aria-hidden="true" rel="nofollow" { "·" } }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::token::{Key, Keyring, SuppressionKey};
    use crate::templates::pages::visitor::tests::newsletter;

    /// A page as it is first shown.
    pub(in crate::templates::pages) fn first(way: Way) -> Asked {
        let key = Key { id: 1, secret: [1; 32], retired: false };
        let ring = Keyring::new(vec![key], SuppressionKey([2; 32])).unwrap();
        let question = Question::of(&ring, "T", "link");
        Asked { token: "T".into(), question, way, again: None, canary: "/c/T/x".into() }
    }

    #[test]
    fn the_number_is_on_the_one_button_or_typed() {
        let newsletter = newsletter();
        let site = Site::of(&newsletter);
        let shown = |one: &Asked| asked(one, "Leave", site, &html! {}).into_string();
        let (press, typed) = (first(Way::Press), first(Way::Type));
        let number = press.question.number();
        let html = shown(&press);
        assert!(html.contains(&format!("name=\"press\" value=\"{number}\">Leave</button>")), "{html}");
        assert!(html.matches("<button").count() == 1 && !html.contains("type=\"text\""), "one button, nothing else");
        let html = around(&press, "/u/T", &html! {}, &html! { b {} }).into_string();
        let (before, after) = html.split_once("<b></b>").expect("the form itself");
        for (side, decoy) in [before, after].into_iter().zip(press.question.decoys()) {
            assert!(side.contains(&format!("value=\"{decoy}\" tabindex=\"-1\"")), "{side}");
            assert!(side.contains("aria-hidden=\"true\"") && !side.contains(&format!("\"{number}\"")), "{side}");
        }
        assert_eq!(around(&typed, "/u/T", &html! {}, &html! { b {} }).into_string(), "<b></b>");
        let html = shown(&typed);
        assert!(html.contains(&format!("type {number}")) || html.contains(&format!("Type {number}")), "{html}");
        assert!(html.matches("<button").count() == 1 && !html.contains(&format!("value=\"{number}\"")), "{html}");
        let html = shown(&Asked { again: Some(Again::Slip), ..typed });
        assert!(html.contains("role=\"alert\"") && html.contains("aria-describedby=\"again\""), "{html}");
    }
}
