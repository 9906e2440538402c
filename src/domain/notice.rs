//! Notices: what the house, or somebody who pays, has to say beside the stories, from one date to another.

use crate::domain::prose::Prose;
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Notices printed in one issue, at most: more of them, and readers skip them all.
pub const AT_MOST: usize = 2;

/// A notice as it stands in an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What it says.
    pub text: Prose,
    /// Where it stands.
    pub place: NoticePlace,
    /// A word over it, or nothing.
    pub label: Line,
    /// Somebody pays for it: then the fixed text that says so is printed, whatever the label.
    pub sponsored: bool,
}

/// Where a notice stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticePlace {
    /// Below the masthead.
    Top,
    /// After a section; before the footer for readers who do not get that section.
    After(Slug),
    /// Before the footer.
    Footer,
}

/// A notice as configured: what, and in which issues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedNotice {
    /// What is printed.
    pub notice: Notice,
    /// The first date of an issue that prints it, in the newsletter's zone.
    pub from: Option<NaiveDate>,
    /// The last.
    pub until: Option<NaiveDate>,
    /// The newsletters that print it; all when empty.
    pub newsletters: Vec<Slug>,
}

impl PlannedNotice {
    /// Whether an issue of a newsletter with a date prints it.
    pub fn stands_in(&self, newsletter: &Slug, date: NaiveDate) -> bool {
        (self.newsletters.is_empty() || self.newsletters.contains(newsletter))
            && self.from.is_none_or(|from| from <= date)
            && self.until.is_none_or(|until| date <= until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_stands_from_its_first_to_its_last_date() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let slug = |text: &str| Slug::parse(text).unwrap();
        let notice =
            Notice { text: Prose::default(), place: NoticePlace::Top, label: Line::default(), sponsored: false };
        let planned = PlannedNotice {
            notice,
            from: Some(day("2026-11-20")),
            until: Some(day("2026-11-27")),
            newsletters: vec![slug("week")],
        };
        let stands = |date| planned.stands_in(&slug("week"), day(date));
        assert!(stands("2026-11-20") && stands("2026-11-27"));
        assert!(!stands("2026-11-19") && !stands("2026-11-28"));
        assert!(!planned.stands_in(&slug("lobbying"), day("2026-11-20")));
    }
}
