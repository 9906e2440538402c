//! What stands before an issue in the mail that asks its editors to look at it: where it stands, what is odd, and the way to the desk. HTML and text
//! side by side; in English like the command line. Its link leads to a page and changes nothing.

use crate::domain::newsletter::Newsletter;
use crate::domain::schedule::Occurrence;
use crate::templates::digest::wrap;
use maud::html;

/// What editors are told at the cut-off.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// Whose issue.
    pub newsletter: &'a Newsletter,
    /// Its number.
    pub number: u32,
    /// When it goes out.
    pub occurrence: Occurrence,
    /// Whether it goes out only if an editor approves it.
    pub asks: bool,
    /// Why it is held, if it is.
    pub held: Option<&'a str>,
    /// What is odd: what was found, and more about it.
    pub odd: &'a [(String, String)],
    /// The page of the desk where it is approved, held and changed.
    pub link: &'a str,
}

impl Asking<'_> {
    /// The subject line, before that of the issue.
    pub fn subject(&self, subject: &str) -> String {
        let what = match (self.held, self.asks) {
            (Some(_), _) => "Held",
            (None, true) => "Approve",
            (None, false) => "Look",
        };
        format!("[{what}: {} No. {}] {subject}", self.newsletter.title, self.number)
    }

    /// Where it stands, in two sentences.
    fn standing(&self) -> String {
        let at = self.occurrence.at.with_timezone(&self.occurrence.zone).format("%A %-d %B, %H:%M %Z");
        let no = format!("{} No. {}", self.newsletter.title, self.number);
        match (self.held, self.asks) {
            (Some(why), _) => format!("{no} is composed and held: {why}. It goes out once somebody approves it."),
            (None, true) => {
                format!(
                    "{no} waits for your approval. Approved, it goes out on {at}; without approval it does not go out."
                )
            }
            (None, false) => format!("{no} goes out on {at}, unless somebody holds it before."),
        }
    }

    /// The HTML part of the issue with the note first in its body.
    pub fn before_html(&self, issue: &str) -> String {
        let body = issue.find("<body").and_then(|at| Some(at + issue[at..].find('>')? + 1));
        let (head, rest) = issue.split_at(body.unwrap_or(0));
        format!("{head}{}{rest}", self.html())
    }

    /// The text part of the issue with the note before it.
    pub fn before_text(&self, issue: &str) -> String {
        self.text() + issue
    }

    /// The note of the text part.
    fn text(&self) -> String {
        let mut text = String::new();
        let mut say = |words: &str| wrap(words).iter().for_each(|line| text.extend([line.as_str(), "\n"]));
        say(&self.standing());
        say("");
        say("Look at it, change it, approve it or hold it at the desk:");
        text.extend([self.link, "\n\n"]);
        if self.odd.is_empty() {
            text.push_str("Nothing about it is odd.\n");
        } else {
            text.push_str("What is odd:\n");
        }
        for (found, detail) in self.odd {
            let words = if detail.is_empty() { found.clone() } else { format!("{found}: {detail}") };
            for (at, line) in wrap(&words).iter().enumerate() {
                text.extend([if at == 0 { "- " } else { "  " }, line, "\n"]);
            }
        }
        text.extend(["\nBelow is the issue as readers would get it now.\n\n", &"*".repeat(72), "\n\n"]);
        text
    }

    /// The note of the HTML part, to stand first in its body.
    fn html(&self) -> String {
        let font = "font:16px/24px Helvetica,Arial,sans-serif;color:#1a1a1a";
        html! {
            table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#ffffff" lang="en" dir="ltr" style="background-color:#ffffff" {
                tr {
                    td align="left" style={ "padding:20px 24px;border-bottom:4px solid #1a1a1a;text-align:left;" (font) } {
                        p style={ "margin:0 0 12px;" (font) } { b { (self.standing()) } }
                        p style={ "margin:0 0 12px;" (font) } {
                            a href=(self.link) style="color:#1a1a1a" { "Look at it, change it, approve it or hold it at the desk" }
                        }
                        @if self.odd.is_empty() {
                            p style={ "margin:0;" (font) } { "Nothing about it is odd." }
                        } @else {
                            p style={ "margin:0 0 4px;" (font) } { "What is odd:" }
                            ul style="margin:0;padding:0 0 0 20px" {
                                @for (found, detail) in self.odd {
                                    li style={ "margin:0;" (font) } { (found) @if !detail.is_empty() { ": " (detail) } }
                                }
                            }
                        }
                        p style={ "margin:12px 0 0;" (font) } { "Below is the issue as readers would get it now." }
                    }
                }
            }
        }
        .into_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::templates::pages::sample_newsletter;
    use chrono_tz::Tz;

    fn asking<'a>(newsletter: &'a Newsletter, odd: &'a [(String, String)]) -> Asking<'a> {
        let at = "2026-04-03T16:00:00Z".parse().unwrap();
        let occurrence = Occurrence::new("2026-04-03T17:00:00".parse().unwrap(), Tz::Europe__London, at);
        let link = "https://meridian.example/newsletter/desk/n/week/preview";
        Asking { newsletter, number: 215, occurrence, asks: true, held: None, odd, link }
    }

    fn words(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn silence_means_what_the_newsletter_says_it_means() {
        let newsletter = sample_newsletter();
        let asks = asking(&newsletter, &[]);
        assert_eq!(asks.subject("The tide"), "[Approve: The Week in Review No. 215] The tide");
        assert!(
            words(&asks.text())
                .contains("Approved, it goes out on Friday 3 April, 17:00 BST; without approval it does not")
        );
        let auto = Asking { asks: false, ..asks };
        assert!(words(&auto.text()).contains("goes out on Friday 3 April, 17:00 BST, unless somebody holds it"));
        let held = Asking { held: Some("a correction comes"), ..asks };
        assert!(words(&held.text()).contains("composed and held: a correction comes. It goes out once"));
    }

    #[test]
    fn both_parts_say_what_is_odd_and_lead_to_the_desk() {
        let newsletter = sample_newsletter();
        let odd = [("1 of 12 sources do not answer".to_owned(), "Persian <desk>".to_owned())];
        let asking = asking(&newsletter, &odd);
        assert!(asking.text().contains("- 1 of 12 sources do not answer: Persian <desk>\n"));
        assert!(asking.html().contains("Persian &lt;desk&gt;"));
        for part in [asking.text(), asking.html()] {
            assert!(part.contains(asking.link));
        }
        assert!(asking.text().lines().all(|line| line.chars().count() <= 78));
    }
}
