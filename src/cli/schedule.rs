//! `schedule`: when the coming issues go out, in local time and UTC.

use crate::config::Config;
use crate::domain::newsletter::Newsletter;
use crate::domain::schedule::Occurrence;
use crate::domain::tag::Slug;
use anyhow::bail;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use std::io::Write;

/// When the coming issues go out.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example: week-in-review schedule --next 3 --newsletter week")]
pub struct ScheduleArgs {
    /// How many issues of each newsletter to show
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub next: u16,
    /// Only this newsletter
    #[arg(long, value_name = "SLUG")]
    pub newsletter: Option<Slug>,
    /// Print one JSON value
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Coming<'a> {
    newsletter: &'a Slug,
    title: &'a str,
    schedule: &'a str,
    zone: &'a str,
    occurrences: Vec<Instant>,
}

#[derive(Serialize)]
struct Instant {
    /// Local time with its distance from UTC.
    local: String,
    utc: String,
}

/// Prints the next send instants of each newsletter.
pub fn run(args: &ScheduleArgs, config: &Config, now: DateTime<Utc>, out: &mut dyn Write) -> anyhow::Result<()> {
    let chosen = |newsletter: &&Newsletter| args.newsletter.as_ref().is_none_or(|slug| *slug == newsletter.slug);
    let newsletters: Vec<&Newsletter> = config.newsletters.iter().filter(chosen).collect();
    if let (Some(slug), []) = (&args.newsletter, newsletters.as_slice()) {
        let known: Vec<&str> = config.newsletters.iter().map(|newsletter| newsletter.slug.as_str()).collect();
        bail!("newsletter \"{slug}\": there is none; there is {}", known.join(", "));
    }
    let count = usize::from(args.next);
    if args.json {
        let coming: Vec<Coming<'_>> = newsletters.iter().map(|newsletter| coming(newsletter, now, count)).collect();
        serde_json::to_writer_pretty(&mut *out, &coming)?;
        writeln!(out)?;
        return Ok(());
    }
    for (at, newsletter) in newsletters.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let Newsletter { slug, title, schedule, zone, .. } = newsletter;
        writeln!(out, "{title} ({slug}): {}, {zone}", schedule.as_str())?;
        for occurrence in occurrences(newsletter, now, count) {
            let local = occurrence.at.with_timezone(zone).format("%a %d %b %Y %H:%M %Z");
            writeln!(out, "  {local:<27}  {}", occurrence.at.format("%Y-%m-%d %H:%M UTC"))?;
        }
    }
    Ok(())
}

fn occurrences(newsletter: &Newsletter, now: DateTime<Utc>, count: usize) -> Vec<Occurrence> {
    let next = |after: &Occurrence| newsletter.schedule.next(newsletter.zone, after.at);
    std::iter::successors(newsletter.schedule.next(newsletter.zone, now), next).take(count).collect()
}

fn coming(newsletter: &Newsletter, now: DateTime<Utc>, count: usize) -> Coming<'_> {
    let instant = |occurrence: Occurrence| Instant {
        local: occurrence.at.with_timezone(&newsletter.zone).to_rfc3339_opts(SecondsFormat::Secs, false),
        utc: occurrence.at.to_rfc3339_opts(SecondsFormat::Secs, true),
    };
    Coming {
        newsletter: &newsletter.slug,
        title: newsletter.title.as_str(),
        schedule: newsletter.schedule.as_str(),
        zone: newsletter.zone.name(),
        occurrences: occurrences(newsletter, now, count).into_iter().map(instant).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{EXAMPLE, Environment};
    use std::path::Path;

    fn printed(next: u16, newsletter: Option<&str>, json: bool) -> anyhow::Result<String> {
        let config = Config::parse(Path::new("c.toml"), EXAMPLE, &Environment::new()).unwrap();
        let newsletter = newsletter.map(|slug| Slug::parse(slug).unwrap());
        let mut out = Vec::new();
        // The Friday before the clocks of London go back.
        let now = "2026-10-23T12:00:00Z".parse().unwrap();
        run(&ScheduleArgs { next, newsletter, json }, &config, now, &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn local_time_stays_when_the_clocks_change_and_utc_moves() {
        assert_eq!(
            printed(2, None, false).unwrap(),
            "The Week in Review (week): 0 17 * * FRI, Europe/London\n\
             \x20 Fri 23 Oct 2026 17:00 BST    2026-10-23 16:00 UTC\n\
             \x20 Fri 30 Oct 2026 17:00 GMT    2026-10-30 17:00 UTC\n\
             \n\
             Lobbying (lobbying): 0 8 * * MON, Europe/London\n\
             \x20 Mon 26 Oct 2026 08:00 GMT    2026-10-26 08:00 UTC\n\
             \x20 Mon 02 Nov 2026 08:00 GMT    2026-11-02 08:00 UTC\n"
        );
    }

    #[test]
    fn scripts_get_one_json_value() {
        let value: serde_json::Value = serde_json::from_str(&printed(1, Some("week"), true).unwrap()).unwrap();
        assert_eq!(value[0]["newsletter"], "week");
        assert_eq!(value[0]["occurrences"][0]["local"], "2026-10-23T17:00:00+01:00");
        assert_eq!(value[0]["occurrences"][0]["utc"], "2026-10-23T16:00:00Z");
        assert_eq!(value.as_array().unwrap().len(), 1);
    }

    #[test]
    fn an_unknown_newsletter_is_named_with_those_there_are() {
        let said = printed(1, Some("weak"), false).unwrap_err().to_string();
        assert_eq!(said, "newsletter \"weak\": there is none; there is week, lobbying");
    }
}
