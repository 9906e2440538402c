//! How a coming issue stands, in one sentence; when it goes out; what is left until then.

use crate::domain::count::{counted, grouped};
use crate::domain::delivery::Tally;
use crate::domain::issue::IssueState;
use crate::domain::newsletter::Newsletter;
use crate::domain::schedule::Occurrence;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

/// The coming issue of a newsletter.
#[derive(Debug, Clone)]
pub struct Coming<'a> {
    /// Whose.
    pub newsletter: &'a Newsletter,
    /// Its number.
    pub number: u32,
    /// The date it is for; none when the schedule has no more.
    pub occurrence: Option<Occurrence>,
    /// When its stories are settled.
    pub cut_off: Option<DateTime<Utc>>,
    /// How far it is.
    pub stage: Stage<'a>,
    /// Who would get it now.
    pub readers: u64,
    /// Stories that it would have now.
    pub stories: usize,
    /// Sections that it would have now.
    pub sections: usize,
    /// Whether it goes out only if an editor approves it.
    pub asks: bool,
    /// Why nothing may be mailed at all.
    pub locked: Option<&'a str>,
    /// What its checks have against it and nobody took upon themselves, in a few words.
    pub blocked: Option<String>,
    /// Why it will be held once it is composed, if somebody wants that.
    pub held: Option<&'a str>,
    /// The hash of the revision that is shown, once it was composed.
    pub seen: Option<String>,
    /// Whether it is held because stories of it were withdrawn.
    pub withdrawn: bool,
    /// The present.
    pub now: DateTime<Utc>,
}

/// How far an issue is.
#[derive(Debug, Clone, Copy)]
pub enum Stage<'a> {
    /// Its stories are still collected.
    Collecting,
    /// It was composed.
    Settled {
        /// Where it stands.
        state: IssueState,
        /// Why, in words.
        reason: Option<&'a str>,
        /// What became of its mail so far.
        tally: Tally,
    },
}

impl Coming<'_> {
    /// Its state, once it was composed.
    pub fn state(&self) -> Option<IssueState> {
        match self.stage {
            Stage::Collecting => None,
            Stage::Settled { state, .. } => Some(state),
        }
    }

    /// Whether the sentence says that something is wrong.
    pub fn is_stuck(&self) -> bool {
        let held = matches!(self.state(), Some(IssueState::Held | IssueState::Paused)) || self.held.is_some();
        held || self.occurrence.is_none() || self.obstacle().is_some()
    }

    /// Why it would not go out if it were due now, whatever its state.
    fn obstacle(&self) -> Option<String> {
        let minimum = self.newsletter.minimum.max(1);
        if self.locked.is_some() {
            Some("mailing is locked on this machine".to_owned())
        } else if self.readers == 0 {
            Some("nobody subscribes yet".to_owned())
        } else if self.stories < minimum && self.state().is_none() {
            Some(format!("it has {} of the {minimum} stories that it needs", self.stories))
        } else {
            self.blocked.clone()
        }
    }
}

/// Where an issue stands: "No. 215 goes out on Sunday 31 March, 17:00, to 12,480 readers", or why it does not.
pub fn sentence(coming: &Coming<'_>) -> String {
    let no = format!("No. {}", coming.number);
    let Some(occurrence) = coming.occurrence else {
        return format!("{no} has no date: the schedule of {} has none to come", coming.newsletter.title);
    };
    let when = spoken(occurrence.local);
    let readers = counted(coming.readers, "reader");
    match coming.stage {
        Stage::Settled { state: IssueState::Sending, tally, .. } => {
            format!("{no} is going out: {} of {} accepted", grouped(tally.accepted), grouped(tally.recipients))
        }
        Stage::Settled { state: IssueState::Paused, tally, .. } => {
            format!("{no} is stopped: {} of {} have it", grouped(tally.accepted), counted(tally.recipients, "reader"))
        }
        Stage::Settled { state: IssueState::Held, .. } => format!("{no} is held and does not go out"),
        Stage::Settled { state: IssueState::Waiting, .. } => match coming.obstacle() {
            Some(obstacle) => format!("{no} waits for an editor and cannot go out on {when} as it is: {obstacle}"),
            None => format!("{no} waits for an editor: approved, it goes out on {when}, to {readers}"),
        },
        Stage::Collecting if coming.held.is_some() => {
            format!("{no} is held: once composed, it waits for an editor")
        }
        Stage::Settled { .. } | Stage::Collecting => match coming.obstacle() {
            Some(obstacle) => format!("{no} cannot go out on {when}: {obstacle}"),
            None if coming.asks && coming.state() != Some(IssueState::Approved) => {
                format!("{no} goes out on {when}, to {readers}, if an editor approves it")
            }
            None if occurrence.at <= coming.now => format!("{no} is due and goes out now, to {readers}"),
            None => format!("{no} goes out on {when}, to {readers}"),
        },
    }
}

/// `Sunday 31 March, 17:00`.
fn spoken(local: chrono::NaiveDateTime) -> String {
    local.format("%A %-d %B, %H:%M").to_string()
}

/// A moment in the publication's time first, UTC small.
pub fn moment(at: DateTime<Utc>, zone: Tz) -> Markup {
    let local = at.with_timezone(&zone);
    html! { time datetime=(at.format("%Y-%m-%dT%H:%M:%SZ")) { (local.format("%A %-d %B, %H:%M")) } " " (utc_beside(at, zone)) }
}

/// The same, short: for tables.
pub(super) fn short(at: DateTime<Utc>, zone: Tz) -> Markup {
    let local = at.with_timezone(&zone);
    html! { time datetime=(at.format("%Y-%m-%dT%H:%M:%SZ")) { (local.format("%a %-d %b %Y, %H:%M")) } }
}

fn utc_beside(at: DateTime<Utc>, zone: Tz) -> Markup {
    let same_day = at.with_timezone(&zone).date_naive() == at.date_naive();
    let utc = at.format(if same_day { "%H:%M UTC" } else { "%a %H:%M UTC" });
    html! { small { "(" (utc) ")" } }
}

/// What is left until an instant, in two units.
pub(super) fn countdown(left: TimeDelta) -> Markup {
    let units = [(left.num_days(), "day"), (left.num_hours() % 24, "hour"), (left.num_minutes() % 60, "minute")];
    let first = units.iter().position(|(count, _)| *count > 0).unwrap_or(2);
    html! {
        p.count {
            @for (count, unit) in units.iter().skip(first).take(2) {
                span { (count) " " small { (unit) @if *count != 1 { "s" } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::templates::pages::sample_newsletter;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// The very Sunday on which London's clocks went forward in 2013.
    fn coming(newsletter: &Newsletter) -> Coming<'_> {
        let zone = Tz::Europe__London;
        let local = "2013-03-31T17:00:00".parse().unwrap();
        let at = crate::domain::schedule::instant(zone, local).unwrap();
        Coming {
            newsletter,
            number: 215,
            occurrence: Some(Occurrence::new(local, zone, at)),
            cut_off: Some(at - TimeDelta::hours(3)),
            stage: Stage::Collecting,
            readers: 12_480,
            stories: 17,
            sections: 5,
            asks: false,
            locked: None,
            blocked: None,
            held: None,
            seen: None,
            withdrawn: false,
            now: instant("2013-03-28T10:55:00Z"),
        }
    }

    fn settled(state: IssueState, reason: Option<&str>, tally: Tally) -> Stage<'_> {
        Stage::Settled { state, reason, tally }
    }

    #[test]
    fn an_issue_says_when_and_to_whom_it_goes() {
        let newsletter = sample_newsletter();
        let issue = coming(&newsletter);
        assert_eq!(sentence(&issue), "No. 215 goes out on Sunday 31 March, 17:00, to 12,480 readers");
        let asked = Coming { asks: true, readers: 1, ..issue.clone() };
        assert_eq!(
            sentence(&asked),
            "No. 215 goes out on Sunday 31 March, 17:00, to 1 reader, if an editor approves it"
        );
        let approved =
            Coming { stage: settled(IssueState::Approved, None, Tally::default()), asks: true, ..issue.clone() };
        assert_eq!(sentence(&approved), sentence(&issue));
        let late = Coming { now: instant("2013-03-31T16:00:01Z"), ..approved };
        assert_eq!(sentence(&late), "No. 215 is due and goes out now, to 12,480 readers");
    }

    #[test]
    fn the_hour_is_right_on_the_day_when_clocks_change() {
        let newsletter = sample_newsletter();
        let at = coming(&newsletter).occurrence.unwrap().at;
        let html = moment(at, Tz::Europe__London).into_string();
        assert!(html.contains("Sunday 31 March, 17:00") && html.contains("(16:00 UTC)"), "{html}");
        let tokyo = moment(at, Tz::Asia__Tokyo).into_string();
        assert!(tokyo.contains("Monday 1 April, 01:00") && tokyo.contains("(Sun 16:00 UTC)"), "{tokyo}");
    }

    #[test]
    fn an_issue_says_why_it_does_not_go() {
        let newsletter = sample_newsletter();
        let issue = coming(&newsletter);
        let said = |changed: Coming<'_>| {
            assert!(changed.is_stuck());
            sentence(&changed)
        };
        let cannot = "No. 215 cannot go out on Sunday 31 March, 17:00:";
        assert_eq!(said(Coming { readers: 0, ..issue.clone() }), format!("{cannot} nobody subscribes yet"));
        assert_eq!(
            said(Coming { stories: 1, ..issue.clone() }),
            format!("{cannot} it has 1 of the 3 stories that it needs")
        );
        assert_eq!(
            said(Coming { locked: Some("a copy"), ..issue.clone() }),
            format!("{cannot} mailing is locked on this machine")
        );
        let blocked = Coming { blocked: Some("over Gmail's limit".to_owned()), ..issue.clone() };
        let approved = settled(IssueState::Approved, None, Tally::default());
        assert_eq!(said(Coming { stage: approved, ..blocked.clone() }), format!("{cannot} over Gmail's limit"));
        let waiting = settled(IssueState::Waiting, None, Tally::default());
        assert_eq!(
            said(Coming { stage: waiting, ..blocked }),
            "No. 215 waits for an editor and cannot go out on Sunday 31 March, 17:00 as it is: over Gmail's limit"
        );
        let held = settled(IssueState::Held, Some("a correction comes"), Tally::default());
        assert_eq!(said(Coming { stage: held, ..issue.clone() }), "No. 215 is held and does not go out");
        let tally = Tally { recipients: 6_240, accepted: 4_116, ..Tally::default() };
        assert_eq!(
            said(Coming { stage: settled(IssueState::Paused, None, tally), ..issue.clone() }),
            "No. 215 is stopped: 4,116 of 6,240 readers have it"
        );
        let going = Coming { stage: settled(IssueState::Sending, None, tally), ..issue };
        assert_eq!(sentence(&going), "No. 215 is going out: 4,116 of 6,240 accepted");
    }

    #[test]
    fn a_countdown_has_two_units() {
        let said = |text: &str| {
            let left = instant("2013-03-31T16:00:00Z") - instant(text);
            let html = countdown(left).into_string();
            html.replace("<small>", "").replace("</small>", "").replace("<span>", "[").replace("</span>", "]")
        };
        assert!(said("2013-03-28T09:55:00Z").contains("[3 days][6 hours]"));
        assert!(said("2013-03-31T14:59:00Z").contains("[1 hour][1 minute]"));
        assert!(said("2013-03-31T15:59:30Z").contains("[0 minutes]"));
    }
}
