//! Mails that are no issue: what operators and editors are told. Plain text, in English like the command line; subject and text side by side.

use crate::domain::newsletter::Newsletter;
use crate::domain::schedule::Occurrence;
use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;

/// A mail of a few lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The subject line.
    pub subject: String,
    /// The text, lines of at most 72 columns where no address or name is longer.
    pub text: String,
}

/// What raised an alarm.
#[derive(Debug, Clone, Copy)]
pub struct Alarm<'a> {
    /// The kind, in words: `the relay does not answer`.
    pub kind: &'a str,
    /// What it is about: a relay, a source, an issue.
    pub about: &'a str,
    /// What is known, in a sentence or two.
    pub detail: &'a str,
    /// When it was first raised.
    pub first_at: DateTime<Utc>,
    /// When it was last raised.
    pub last_at: DateTime<Utc>,
    /// How often since.
    pub times: u32,
}

/// The alarms of an hour, for the operators of an instance.
pub fn alarms(host: &str, alarms: &[Alarm<'_>], zone: Tz) -> Note {
    let subject = match alarms {
        [only] => format!("Alarm on {host}: {}, {}", only.kind, only.about),
        several => format!("{} alarms on {host}", several.len()),
    };
    let mut text = format!("week-in-review on {host} needs a person.\n");
    for alarm in alarms {
        text.extend(["\n", &capitalised(alarm.kind), ": ", alarm.about, "\n"]);
        push_wrapped(&mut text, alarm.detail);
        text.push_str(&occurred(alarm, zone));
    }
    text.push_str("\n`week-in-review check` shows all alarms. This mail comes at most hourly.\n");
    Note { subject, text }
}

fn occurred(alarm: &Alarm<'_>, zone: Tz) -> String {
    let last = minute(alarm.last_at, zone);
    if alarm.times <= 1 {
        format!("At {last}.\n")
    } else {
        format!("{} times since {}, last at {last}.\n", alarm.times, minute(alarm.first_at, zone))
    }
}

/// A week with too few stories was carried over: told to the editors.
pub fn skipped(newsletter: &Newsletter, due_at: DateTime<Utc>, stories: usize, next_at: Option<DateTime<Utc>>) -> Note {
    let day = due_at.with_timezone(&newsletter.zone).format("%A %-d %B");
    let found = match stories {
        0 => "There was no new story".to_owned(),
        1 => "There was one story".to_owned(),
        several => format!("There were {several} stories"),
    };
    let mut text = String::new();
    push_wrapped(
        &mut text,
        &format!(
            "{} did not go out on {day}. {found}; the minimum is {}. Nothing is lost: what was found stands in the next issue.",
            newsletter.title, newsletter.minimum
        ),
    );
    if let Some(next) = next_at {
        text.extend(["\nThe next issue is due at ", &minute(next, newsletter.zone), ".\n"]);
    }
    text.extend(["\nTo see what waits: week-in-review preview --newsletter ", newsletter.slug.as_str(), "\n"]);
    Note { subject: format!("{}: no issue on {day}", newsletter.title), text }
}

/// What became of an issue, as numbers for its editors.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// Its number.
    pub number: u32,
    /// How the deliveries ended.
    pub tally: crate::domain::delivery::Tally,
    /// Why messages were refused, the most frequent reason first, with how many.
    pub refusals: &'a [(String, u64)],
    /// Readers who left since the issue before.
    pub left: u64,
    /// When the next one goes out.
    pub next: Option<Occurrence>,
    /// Dates that are skipped or moved: which, and what is otherwise, in words.
    pub changed: &'a [(NaiveDateTime, String)],
}

/// An issue went out: five lines for the editors.
pub fn sent(newsletter: &Newsletter, sent: &Sent<'_>) -> Note {
    let tally = sent.tally;
    let why: Vec<String> = sent.refusals.iter().map(|(reply, messages)| format!("{messages} x {reply}")).collect();
    let refused = if why.is_empty() { String::new() } else { format!(" ({})", why.join("; ")) };
    let waiting = tally.queued + tally.deferred + tally.in_doubt + tally.parked;
    let mut text = String::new();
    for line in [
        format!("Accepted: {} of {}", tally.accepted, tally.recipients),
        format!("Refused: {}{refused}", tally.refused),
        format!(
            "Waiting: {waiting}; expired: {}; skipped because they left or paused meanwhile: {}",
            tally.expired, tally.skipped
        ),
        format!("Left since the issue before: {}", sent.left),
        next(newsletter, sent),
    ] {
        push_wrapped(&mut text, &line);
    }
    text.extend(["\n", &newsletter.issue_url(sent.number), "\n"]);
    Note {
        subject: format!(
            "{} No. {}: {} of {} accepted",
            newsletter.title, sent.number, tally.accepted, tally.recipients
        ),
        text,
    }
}

/// `Next: Thu 2 Apr 2026, 16:00 BST (Fri 3 Apr, 17:00 is moved: Good Friday)`.
fn next(newsletter: &Newsletter, sent: &Sent<'_>) -> String {
    let next =
        sent.next.map_or("No next date".to_owned(), |next| format!("Next: {}", minute(next.at, newsletter.zone)));
    let until = sent.next.map(|next| next.key());
    let changed = sent.changed.iter().filter(|(date, _)| until.is_none_or(|until| *date <= until));
    let changed: Vec<String> =
        changed.map(|(date, what)| format!("{} is {what}", date.format("%a %-d %b, %H:%M"))).collect();
    if changed.is_empty() { next } else { format!("{next} ({})", changed.join("; ")) }
}

/// The way into the desk, for somebody who was invited or has forgotten their password. `link` stands alone on its line.
pub fn invitation(newsletter: &Newsletter, name: &str, link: &str, until: DateTime<Utc>) -> Note {
    let publication = newsletter.publication.name.as_str();
    let mut text = format!("Hello {name},\n\n");
    push_wrapped(
        &mut text,
        &format!(
            "you may use the desk of {publication}: see the next issue, change it, approve or stop it. Follow this link and choose a password:"
        ),
    );
    text.extend(["\n", link, "\n\n"]);
    push_wrapped(
        &mut text,
        &format!(
            "The link works once, until {}. If you did not expect this mail, do nothing. If the link is out of date, ask the person who runs the newsletter for another; that is also the way back when a password is forgotten.",
            minute(until, newsletter.zone)
        ),
    );
    Note { subject: format!("Your way to the desk of {publication}"), text }
}

fn minute(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%a %-d %b %Y, %H:%M %Z").to_string()
}

fn capitalised(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn push_wrapped(text: &mut String, words: &str) {
    for line in crate::templates::digest::wrap(words) {
        text.push_str(&line);
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn alarm<'a>(times: u32) -> Alarm<'a> {
        Alarm {
            kind: "the relay does not answer",
            about: "smtp.example.org:587",
            detail: "Connecting timed out after 30 seconds. 1,200 messages wait; they go out when it answers again.",
            first_at: at("2026-11-20T17:00:00Z"),
            last_at: at("2026-11-20T17:40:00Z"),
            times,
        }
    }

    #[test]
    fn one_alarm_says_what_and_since_when() {
        let note = alarms("news1", &[alarm(9)], Tz::Europe__Berlin);
        assert_eq!(note.subject, "Alarm on news1: the relay does not answer, smtp.example.org:587");
        assert!(note.text.contains("9 times since Fri 20 Nov 2026, 18:00 CET, last at Fri 20 Nov 2026, 18:40 CET."));
        assert!(note.text.lines().all(|line| line.chars().count() <= 78), "{}", note.text);
    }

    #[test]
    fn several_alarms_come_in_one_mail() {
        let note = alarms("news1", &[alarm(1), alarm(2)], Tz::UTC);
        assert_eq!(note.subject, "2 alarms on news1");
        assert_eq!(note.text.matches("The relay does not answer").count(), 2);
    }

    #[test]
    fn an_invitation_names_its_end_and_keeps_its_link_whole() {
        let newsletter = crate::templates::pages::sample_newsletter();
        let link = format!("https://meridian.example/newsletter/desk/join/{}", "x".repeat(43));
        let note = invitation(&newsletter, "Mona", &link, at("2026-11-23T17:00:00Z"));
        assert!(note.text.lines().any(|line| line == link), "{}", note.text);
        assert!(
            note.text.split_whitespace().collect::<Vec<_>>().join(" ").contains("until Mon 23 Nov 2026, 17:00 UTC")
        );
    }

    #[test]
    fn five_lines_say_what_became_of_an_issue() {
        let newsletter = crate::templates::pages::sample_newsletter();
        let tally = crate::domain::delivery::Tally {
            recipients: 100,
            accepted: 95,
            refused: 3,
            skipped: 2,
            ..Default::default()
        };
        let refusals = [("550 5.1.1 no such user".to_owned(), 2), ("550 5.7.1 blocked".to_owned(), 1)];
        let next = Occurrence {
            moved_from: Some("2026-11-27T17:00:00".parse().unwrap()),
            ..Occurrence::new("2026-11-26T16:00:00".parse().unwrap(), Tz::UTC, at("2026-11-26T16:00:00Z"))
        };
        let changed = [
            ("2026-11-27T17:00:00".parse().unwrap(), "moved: Good Friday".to_owned()),
            ("2026-12-25T17:00:00".parse().unwrap(), "skipped: Christmas".to_owned()),
        ];
        let sent = Sent { number: 7, tally, refusals: &refusals, left: 4, next: Some(next), changed: &changed };
        let note = super::sent(&newsletter, &sent);
        assert_eq!(note.subject, "The Week in Review No. 7: 95 of 100 accepted");
        let words = note.text.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [
            "Accepted: 95 of 100",
            "2 x 550 5.1.1 no such user; 1 x 550 5.7.1 blocked",
            "Left since the issue before: 4",
            "Next: Thu 26 Nov 2026, 16:00 UTC (Fri 27 Nov, 17:00 is moved: Good Friday)",
        ] {
            assert!(words.contains(part), "{part}: {words}");
        }
    }

    #[test]
    fn editors_learn_that_a_thin_week_was_carried_over() {
        let newsletter = crate::templates::pages::sample_newsletter();
        let note = skipped(&newsletter, at("2026-11-20T17:00:00Z"), 1, Some(at("2026-11-27T17:00:00Z")));
        assert_eq!(note.subject, "The Week in Review: no issue on Friday 20 November");
        let words = note.text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            words.contains("There was one story; the minimum is 3.") && words.contains("Fri 27 Nov 2026, 17:00 UTC")
        );
    }
}
