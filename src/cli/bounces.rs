//! `bounces`: returned messages, from a mail alias, a Maildir or an IMAP mailbox.

use super::context::{Context, Ended, Usage, print_json};
use crate::app::App;
use crate::entropy::Entropy;
use crate::feedback::report;
use crate::returns::{Count, imap, maildir, spool};
use crate::store::returned::{Damage, IssueReturns, ReturnCount};
use chrono::TimeDelta;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What can be done with returned messages.
#[derive(Debug, clap::Subcommand)]
pub enum BouncesCommand {
    /// Reads returned messages: one on standard input, or those of a mailbox
    Read(ReadArgs),
    /// Tells what came back, by provider and reason
    Report(ReportArgs),
}

/// Of what.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: week-in-review bounces report --newsletter week --issue 214")]
pub struct ReportArgs {
    /// Only this issue, by its number
    #[arg(long, value_name = "N")]
    pub issue: Option<u32>,
    /// The newsletter of the issue; without it the first of the configuration
    #[arg(long, value_name = "SLUG", requires = "issue")]
    pub newsletter: Option<String>,
    /// Of so many days, issue by issue and over all of them
    #[arg(long, value_name = "N", default_value_t = 30, conflicts_with = "issue")]
    pub days: u16,
    /// Print one JSON value
    #[arg(long)]
    pub json: bool,
}

/// Where the messages are.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "On standard input the message is only put into the spool, which the service empties; so it may run as any user, without database and
configuration. In /etc/aliases:  bounces: \"|/usr/bin/week-in-review bounces read --spool /var/spool/week-in-review\"

Example: week-in-review bounces read --maildir /var/mail/bounces"
)]
pub struct ReadArgs {
    /// A Maildir whose new messages are read and then filed as seen
    #[arg(long, value_name = "DIR", conflicts_with_all = ["imap", "spool"])]
    pub maildir: Option<PathBuf>,
    /// The IMAP mailbox of [returns.imap]
    #[arg(long, conflicts_with = "spool")]
    pub imap: bool,
    /// The spool folder, instead of the configured one
    #[arg(long, value_name = "DIR")]
    pub spool: Option<PathBuf>,
    /// Print what was done as one JSON value
    #[arg(long)]
    pub json: bool,
}

/// What a mail system takes for "try again later" (sysexits.h, `EX_TEMPFAIL`): anything else would be a bounce of a bounce.
const TRY_LATER: u8 = 75;

/// Reads.
pub fn run(command: &BouncesCommand, context: &Context) -> anyhow::Result<()> {
    let args = match command {
        BouncesCommand::Read(args) => args,
        BouncesCommand::Report(args) => return report(args, context),
    };
    if args.maildir.is_none() && !args.imap {
        return take_over(args, context);
    }
    let app = context.app()?;
    let count = match &args.maildir {
        Some(folder) => maildir::take_maildir(folder, &app.taker())?,
        None => from_imap(&app)?,
    };
    for row in app.recent_issues()? {
        crate::returns::damage::look_after(&app.store, &row, app.now())?;
    }
    tell(&count, args.json)
}

/// Puts the message on standard input into the spool.
fn take_over(args: &ReadArgs, context: &Context) -> anyhow::Result<()> {
    let folder = match &args.spool {
        Some(folder) => folder.clone(),
        None => context.config()?.returns.spool,
    };
    hand_over(&folder, &context.entropy, &mut std::io::stdin().lock()).map_err(|error| {
        let folder = folder.display();
        anstream::eprintln!(
            "error: {folder}: {error}; the service makes the folder when it starts, and anybody may write there"
        );
        Ended(TRY_LATER).into()
    })
}

fn hand_over(folder: &Path, entropy: &Entropy, message: &mut impl Read) -> std::io::Result<()> {
    spool::put(folder, entropy.bytes(), message)
}

fn from_imap(app: &App) -> anyhow::Result<Count> {
    let Some(settings) = &app.config.returns.imap else {
        return Err(
            Usage("[returns.imap] is not configured; set its host, username and password_file".to_owned()).into()
        );
    };
    super::context::wait(async {
        let mut inbox = imap::open(settings).await?;
        let count = inbox.take(&app.taker()).await?;
        inbox.close().await;
        anyhow::Ok(count)
    })?
}

fn report(args: &ReportArgs, context: &Context) -> anyhow::Result<()> {
    let app = context.app()?;
    let Some(number) = args.issue else {
        let since = app.now() - TimeDelta::days(i64::from(args.days));
        let counts = app.store.returned_since(since)?;
        return print_over_time(&counts, &app.store.returned_over_time(since)?, args.json);
    };
    let newsletter = match &args.newsletter {
        Some(slug) => app.newsletter(slug)?,
        None => &app.config.newsletters[0],
    };
    let row = app.store.issue_by_number(app.newsletter_id(newsletter)?, number)?;
    let row = row.ok_or_else(|| Usage(format!("{}: there is no issue {number}", newsletter.slug)))?;
    print_report(&app.store.returned_of(row.id)?, Some(app.store.damage(row.id)?), args.json)
}

fn print_over_time(counts: &[ReturnCount], issues: &[IssueReturns], as_json: bool) -> anyhow::Result<()> {
    let lines = report::lines(counts);
    if as_json {
        return print_json(&serde_json::json!({ "totals": null, "lines": lines, "issues": issues }));
    }
    issues.iter().for_each(|issue| anstream::println!("{}", report::line_of(issue)));
    print_lines(&lines);
    Ok(())
}

fn print_lines(lines: &[report::Line]) {
    if lines.is_empty() {
        anstream::println!("nothing came back");
    }
    lines.iter().for_each(|line| anstream::println!("{}", line.sentence));
}

fn print_report(counts: &[ReturnCount], damage: Option<Damage>, as_json: bool) -> anyhow::Result<()> {
    let lines = report::lines(counts);
    if as_json {
        return print_json(&serde_json::json!({ "totals": damage, "lines": lines }));
    }
    if let Some(Damage { tried, accepted, complaints, hard, refused }) = damage {
        anstream::println!(
            "{tried} tried: {accepted} taken, {refused} refused or returned, {hard} addresses that do not exist, {complaints} complaints"
        );
    }
    print_lines(&lines);
    Ok(())
}

fn tell(count: &Count, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return print_json(count);
    }
    let Count { read, suppressed, scored, left, noted, nobody, known } = count;
    anstream::println!(
        "{read} read: {suppressed} suppressed, {scored} scored, {left} left by mail, {noted} without effect, {nobody} about nobody here, {known} read before"
    );
    Ok(())
}
