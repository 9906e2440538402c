//! `schedule`: when the coming issues go out, in local time and UTC; and the dates that are to be otherwise: skipped, moved, paused.

use super::context::{Context, print};
use super::hand::editor;
use super::preview::chosen;
use crate::config::Config;
use crate::domain::allowance::{Allowance, all_after, of_all};
use crate::domain::hand::Actor;
use crate::domain::newsletter::Newsletter;
use crate::domain::plan::{Fate, Plan, Planned};
use crate::domain::schedule::instant;
use crate::domain::tag::Slug;
use crate::store::Store;
use crate::store::arriving::Growth;
use anyhow::bail;
use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use serde::Serialize;
use std::io::Write;

/// When the coming issues go out, and which dates are otherwise.
#[derive(Debug, Clone, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  week-in-review schedule --next 3 --newsletter week
  week-in-review schedule move 2026-04-03 \"Thursday 16:00\" --because \"Good Friday\"
  week-in-review schedule skip 2026-12-25 --because \"Christmas\""
)]
pub struct ScheduleArgs {
    /// How many dates of each newsletter to show
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub next: u16,
    /// Only this newsletter
    #[arg(long, value_name = "SLUG")]
    pub newsletter: Option<Slug>,
    /// Print one JSON value
    #[arg(long)]
    pub json: bool,
    /// A date to change
    #[command(subcommand)]
    pub change: Option<DatesCommand>,
}

/// What is to be otherwise.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum DatesCommand {
    /// Send nothing for a date; its stories are in the next issue, which says that it covers more
    Skip {
        /// The date as the schedule has it: 2026-12-25, or with its time where a day has several
        date: String,
        /// Why, for everybody who looks at the schedule
        #[arg(long, value_name = "TEXT")]
        because: String,
        /// Which newsletter; the first one when none is given
        #[arg(long, value_name = "SLUG")]
        newsletter: Option<String>,
    },
    /// Send an issue at another time, once
    Move {
        /// The date as the schedule has it: 2026-04-03
        date: String,
        /// When instead: "2026-04-02 16:00", "Thursday 16:00" or 16:00
        to: String,
        /// Why, for everybody who looks at the schedule
        #[arg(long, value_name = "TEXT")]
        because: String,
        /// Which newsletter; the first one when none is given
        #[arg(long, value_name = "SLUG")]
        newsletter: Option<String>,
    },
    /// Send nothing from now until before a day
    Pause {
        /// The first day that counts again
        #[arg(long, value_name = "DATE")]
        until: String,
        /// Why, for everybody who looks at the schedule
        #[arg(long, value_name = "TEXT", default_value = "paused")]
        because: String,
        /// Which newsletter; the first one when none is given
        #[arg(long, value_name = "SLUG")]
        newsletter: Option<String>,
    },
    /// Take back a skip or a move, or without a date the pause
    Restore {
        /// The date as the schedule has it
        date: Option<String>,
        /// Which newsletter; the first one when none is given
        #[arg(long, value_name = "SLUG")]
        newsletter: Option<String>,
    },
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
    /// Local time with its distance from UTC; of a moved date the time it is moved to.
    local: String,
    utc: String,
    /// Whether nothing goes out.
    skipped: bool,
    /// The schedule's own time, where the date is moved.
    moved_from: Option<String>,
    because: Option<String>,
    /// Who will get it, while a list is moving in.
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    readers: Option<Reach>,
}

/// How many an issue will go to as things stand: readers who come and go on their own are in no plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Reach {
    readers: u64,
    /// Those of them whom this issue lets in.
    arriving: u64,
    /// What the relays take of that day, where that is fewer: the others get it on the days after.
    #[serde(skip_serializing_if = "Option::is_none")]
    that_day: Option<u64>,
}

/// Changes a date, or shows those to come.
pub fn run(args: &ScheduleArgs, context: &Context) -> anyhow::Result<()> {
    if let Some(change) = &args.change {
        return change_dates(change, context);
    }
    let config = context.config()?;
    // Without a database nobody has changed anything yet.
    let store = config.database.exists().then(|| Store::open(&config.database)).transpose()?;
    let is_limited = store.is_some() && config.mail.relays().iter().any(|relay| relay.warm_up > 0 || relay.per_day > 0);
    let relays = if is_limited { context.app()?.allowances()? } else { Vec::new() };
    show(args, &config, store.as_ref(), &relays, context.clock.now(), &mut super::context::Data)
}

fn change_dates(command: &DatesCommand, context: &Context) -> anyhow::Result<()> {
    let app = context.app()?;
    let (DatesCommand::Skip { newsletter, .. }
    | DatesCommand::Move { newsletter, .. }
    | DatesCommand::Pause { newsletter, .. }
    | DatesCommand::Restore { newsletter, .. }) = command;
    let newsletter = chosen(&app, newsletter.as_deref())?;
    let operator = editor(&app, newsletter, &Actor::CommandLine);
    let decided = match command {
        DatesCommand::Skip { date, because, .. } => operator.skip_date(date, because),
        DatesCommand::Move { date, to, because, .. } => operator.move_date(date, to, because),
        DatesCommand::Pause { until, because, .. } => operator.pause_dates(until, because),
        DatesCommand::Restore { date: Some(date), .. } => operator.restore_date(date),
        DatesCommand::Restore { date: None, .. } => operator.end_pause(),
    }?;
    context.say(format!("{} {}.", decided.about, decided.sentence));
    let next = app.store.next_date(newsletter, app.now())?;
    print(&match next {
        Some(next) => format!("next: {} ({})\n", next.local.format("%a %Y-%m-%d %H:%M"), next.zone),
        None => "no further date\n".to_owned(),
    })
}

/// Prints the next dates of each newsletter.
fn show(
    args: &ScheduleArgs,
    config: &Config,
    store: Option<&Store>,
    relays: &[Allowance],
    now: DateTime<Utc>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let chosen = |newsletter: &&Newsletter| args.newsletter.as_ref().is_none_or(|slug| *slug == newsletter.slug);
    let newsletters: Vec<&Newsletter> = config.newsletters.iter().filter(chosen).collect();
    if let (Some(slug), []) = (&args.newsletter, newsletters.as_slice()) {
        let known: Vec<&str> = config.newsletters.iter().map(|newsletter| newsletter.slug.as_str()).collect();
        bail!("newsletter \"{slug}\": there is none; there is {}", known.join(", "));
    }
    let mut all = Vec::new();
    for newsletter in newsletters {
        let plan = match store {
            Some(store) => store.plan(newsletter, store.newsletter_id(&newsletter.slug, now)?)?,
            None => Plan::new(&newsletter.schedule, newsletter.zone, Vec::new()),
        };
        let mut dates = dates(newsletter, &plan, now, usize::from(args.next));
        let waiting = store.map(|store| count_readers(store, newsletter, relays, now, &mut dates)).transpose()?;
        all.push((newsletter, dates, waiting.unwrap_or_default()));
    }
    if args.json {
        let coming: Vec<Coming<'_>> = all.into_iter().map(|(newsletter, dates, _)| coming(newsletter, dates)).collect();
        serde_json::to_writer_pretty(&mut *out, &coming)?;
        writeln!(out)?;
        return Ok(());
    }
    for (at, (newsletter, dates, waiting)) in all.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let Newsletter { slug, title, schedule, zone, .. } = newsletter;
        writeln!(out, "{title} ({slug}): {}, {zone}", schedule.as_str())?;
        for date in dates {
            writeln!(out, "{}", date.line(newsletter))?;
        }
        if *waiting > 0 {
            writeln!(out, "  {waiting} more arrive later")?;
        }
    }
    Ok(())
}

/// A date as it is told.
struct Told {
    /// When it goes out, or would.
    at: DateTime<Utc>,
    moved_from: Option<NaiveDateTime>,
    skipped: bool,
    because: Option<String>,
    readers: Option<Reach>,
}

/// Says of each date who will get it, while a list is moving in by cohorts or a relay is warmed up: one plan, as each issue lets no more in than the
/// relays take of its day, and what they took lets them take more on the next. Returns how many wait after the last of the dates.
fn count_readers(
    store: &Store,
    newsletter: &Newsletter,
    relays: &[Allowance],
    now: DateTime<Utc>,
    dates: &mut [Told],
) -> anyhow::Result<u64> {
    let id = store.newsletter_id(&newsletter.slug, now)?;
    let mut growth = match store.growth(id)? {
        Some(growth) => growth,
        None if relays.iter().any(|relay| relay.warm_up.is_some()) => Growth { per_issue: 0, waiting: 0 },
        None => return Ok(0),
    };
    let (mut readers, mut relays) = (store.eligible_count(id, now)?, relays.to_vec());
    for date in dates.iter_mut().filter(|date| !date.skipped) {
        let a_day = of_all(&relays);
        let arriving = growth.arriving(readers, a_day);
        (growth.waiting, readers) = (growth.waiting - arriving, readers + arriving);
        date.readers = Some(Reach { readers, arriving, that_day: a_day.filter(|a_day| *a_day < readers) });
        relays = all_after(&relays, readers);
    }
    Ok(growth.waiting)
}

/// The dates to come, those that are skipped among them, by the time at which each counts.
fn dates(newsletter: &Newsletter, plan: &Plan<'_>, now: DateTime<Utc>, count: usize) -> Vec<Told> {
    let told = |planned: Planned<'_>| {
        let scheduled = planned.scheduled;
        match planned.fate {
            Fate::Stands => Told { at: scheduled.at, moved_from: None, skipped: false, because: None, readers: None },
            Fate::Skipped(because) => Told {
                at: scheduled.at,
                moved_from: None,
                skipped: true,
                because: Some(because.to_owned()),
                readers: None,
            },
            Fate::Moved(to, because) => Told {
                at: instant(newsletter.zone, to).unwrap_or(scheduled.at),
                moved_from: Some(scheduled.local),
                skipped: false,
                because: Some(because.to_owned()),
                readers: None,
            },
        }
    };
    // A date that was moved on may lie in the past by the schedule.
    let from = plan.next(now).map_or(now, |next| next.scheduled_at().min(now) - chrono::TimeDelta::milliseconds(1));
    plan.dates(from).map(told).filter(|date| date.at > now).take(count).collect()
}

impl Told {
    fn line(&self, newsletter: &Newsletter) -> String {
        let local = self.at.with_timezone(&newsletter.zone).format("%a %d %b %Y %H:%M %Z");
        let because = self.because.as_deref().unwrap_or_default();
        let note = match (self.skipped, self.moved_from) {
            (true, _) => format!("skipped: {because}"),
            (false, Some(from)) => {
                format!(
                    "{}   instead of {}: {because}",
                    self.at.format("%Y-%m-%d %H:%M UTC"),
                    from.format("%a %d %b %H:%M")
                )
            }
            (false, None) => self.at.format("%Y-%m-%d %H:%M UTC").to_string(),
        };
        let readers = self.readers.map_or(String::new(), |Reach { readers, arriving, that_day }| {
            let few = that_day.map_or(String::new(), |that_day| format!("; the relays take {that_day} that day"));
            format!("  {readers:>9} readers, {arriving} of them arriving{few}")
        });
        format!("  {local:<27}  {note}{readers}")
    }
}

fn coming(newsletter: &Newsletter, dates: Vec<Told>) -> Coming<'_> {
    let instant = |date: Told| Instant {
        local: date.at.with_timezone(&newsletter.zone).to_rfc3339_opts(SecondsFormat::Secs, false),
        utc: date.at.to_rfc3339_opts(SecondsFormat::Secs, true),
        skipped: date.skipped,
        moved_from: date.moved_from.map(|local| local.format("%Y-%m-%dT%H:%M:%S").to_string()),
        because: date.because,
        readers: date.readers,
    };
    Coming {
        newsletter: &newsletter.slug,
        title: newsletter.title.as_str(),
        schedule: newsletter.schedule.as_str(),
        zone: newsletter.zone.name(),
        occurrences: dates.into_iter().map(instant).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{EXAMPLE, Environment};
    use crate::domain::plan::{Changed, DateChange};
    use crate::domain::subscriber::SubscriberId;
    use std::path::Path;

    fn printed(
        next: u16,
        newsletter: Option<&str>,
        json: bool,
        changes: &[(&str, DateChange)],
    ) -> anyhow::Result<String> {
        let config = Config::parse(Path::new("c.toml"), EXAMPLE, &Environment::new()).unwrap();
        let newsletter = newsletter.map(|slug| Slug::parse(slug).unwrap());
        let mut out = Vec::new();
        // The Friday before the clocks of London go back.
        let now = "2026-10-23T12:00:00Z".parse().unwrap();
        let store = Store::in_memory().unwrap();
        let id = store.newsletter_id(&Slug::parse("week").unwrap(), now).unwrap();
        for (because, change) in changes {
            let changed = Changed { change: *change, because: (*because).to_owned() };
            store.keep_date_change(id, &changed, &Actor::CommandLine, now).unwrap();
        }
        show(&ScheduleArgs { next, newsletter, json, change: None }, &config, Some(&store), &[], now, &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn local_time_stays_when_the_clocks_change_and_utc_moves() {
        assert_eq!(
            printed(2, None, false, &[]).unwrap(),
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
    fn a_list_that_moves_in_shows_how_each_issue_grows() {
        let config = Config::parse(Path::new("c.toml"), EXAMPLE, &Environment::new()).unwrap();
        let store = Store::in_memory().unwrap();
        let newsletter = crate::store::seeds::subscribers(&store, 9);
        store
            .change_people::<_, crate::store::StoreError>(|people| {
                people.set_growth(newsletter, 3)?;
                (3..=9).try_for_each(|id| people.put_arriving(SubscriberId(id), newsletter, DateTime::UNIX_EPOCH))
            })
            .unwrap();
        let with = |relays: &[Allowance], next: u16, json: bool| {
            let args = ScheduleArgs { next, newsletter: Slug::parse("week").ok(), json, change: None };
            let mut out = Vec::new();
            show(&args, &config, Some(&store), relays, "2026-10-23T12:00:00Z".parse().unwrap(), &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let printed = |next: u16, json: bool| with(&[], next, json);
        assert_eq!(
            printed(2, false),
            "The Week in Review (week): 0 17 * * FRI, Europe/London\n\
             \x20 Fri 23 Oct 2026 17:00 BST    2026-10-23 16:00 UTC          5 readers, 3 of them arriving\n\
             \x20 Fri 30 Oct 2026 17:00 GMT    2026-10-30 17:00 UTC          8 readers, 3 of them arriving\n\
             \x20 1 more arrive later\n"
        );
        let value: serde_json::Value = serde_json::from_str(&printed(3, true)).unwrap();
        let last = &value[0]["occurrences"][2];
        assert_eq!((&last["readers"], &last["arriving"]), (&9.into(), &1.into()));

        // A relay that nobody knows takes four on its first day and at most twice as many on each day of mail.
        let cold = [Allowance { warm_up: Some(4), ..Allowance::default() }];
        assert_eq!(
            with(&cold, 3, false),
            "The Week in Review (week): 0 17 * * FRI, Europe/London\n\
             \x20 Fri 23 Oct 2026 17:00 BST    2026-10-23 16:00 UTC          4 readers, 2 of them arriving\n\
             \x20 Fri 30 Oct 2026 17:00 GMT    2026-10-30 17:00 UTC          7 readers, 3 of them arriving\n\
             \x20 Fri 06 Nov 2026 17:00 GMT    2026-11-06 17:00 UTC          9 readers, 2 of them arriving\n"
        );
        let colder = [Allowance { warm_up: Some(1), ..Allowance::default() }];
        assert!(
            with(&colder, 1, false)
                .ends_with("2 readers, 0 of them arriving; the relays take 1 that day\n  7 more arrive later\n")
        );
    }

    #[test]
    fn what_was_changed_stands_with_its_reason() {
        let local = |text: &str| text.parse().unwrap();
        let skip = DateChange::Skip { date: local("2026-10-30T17:00:00") };
        let moved = DateChange::Move { date: local("2026-11-06T17:00:00"), to: local("2026-11-05T16:00:00") };
        let changes = [("a holiday", skip), ("Good Friday", moved)];
        assert_eq!(
            printed(3, Some("week"), false, &changes).unwrap(),
            "The Week in Review (week): 0 17 * * FRI, Europe/London\n\
             \x20 Fri 23 Oct 2026 17:00 BST    2026-10-23 16:00 UTC\n\
             \x20 Fri 30 Oct 2026 17:00 GMT    skipped: a holiday\n\
             \x20 Thu 05 Nov 2026 16:00 GMT    2026-11-05 16:00 UTC   instead of Fri 06 Nov 17:00: Good Friday\n"
        );
        let value: serde_json::Value =
            serde_json::from_str(&printed(3, Some("week"), true, &changes).unwrap()).unwrap();
        assert_eq!(value[0]["occurrences"][1]["skipped"], true);
        assert_eq!(value[0]["occurrences"][2]["moved_from"], "2026-11-06T17:00:00");
        assert_eq!(value[0]["occurrences"][2]["because"], "Good Friday");
    }

    #[test]
    fn scripts_get_one_json_value() {
        let value: serde_json::Value = serde_json::from_str(&printed(1, Some("week"), true, &[]).unwrap()).unwrap();
        assert_eq!(value[0]["newsletter"], "week");
        assert_eq!(value[0]["occurrences"][0]["local"], "2026-10-23T17:00:00+01:00");
        assert_eq!(value[0]["occurrences"][0]["utc"], "2026-10-23T16:00:00Z");
        assert_eq!(value.as_array().unwrap().len(), 1);
    }

    #[test]
    fn an_unknown_newsletter_is_named_with_those_there_are() {
        let said = printed(1, Some("weak"), false, &[]).unwrap_err().to_string();
        assert_eq!(said, "newsletter \"weak\": there is none; there is week, lobbying");
    }
}
