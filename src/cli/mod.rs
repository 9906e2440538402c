//! The command line: what can be said, and one file for each command. Commands only call verbs; data goes to standard output, all else to
//! standard error. Exit 0: done. 1: the work failed. 2: wrong usage or configuration.

mod articles;
mod audit;
mod backup;
mod bounces;
mod check;
mod collect;
mod context;
mod demo;
mod dkim;
mod editors;
mod hand;
mod init;
mod inspect;
mod issues;
mod issues_edit;
mod keys;
mod pictures;
mod preview;
mod preview_serve;
mod progress;
mod run;
mod sample_week;
mod schedule;
mod send;
mod shell;
mod sources;
mod subscribers;
mod tags;
mod time;
mod unlock;

pub use context::{Context, Usage};

use crate::config::environment;
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// Builds a newsletter digest from your site's articles and mails it to your subscribers.
#[derive(Debug, Parser)]
#[command(name = "week-in-review", version, max_term_width = 110, after_help = FIRST_STEPS)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const FIRST_STEPS: &str = "First steps:
  week-in-review demo                      see a digest made of the sample week
  week-in-review init                      write a commented configuration
  week-in-review preview --serve           look at the coming issue while you edit";

/// Options that every command takes.
#[derive(Debug, Clone, clap::Args)]
pub struct Global {
    /// The configuration file
    #[arg(long, global = true, value_name = "FILE", env = "WEEK_IN_REVIEW_CONFIG", default_value = crate::config::DEFAULT_PATH)]
    pub config: PathBuf,
    /// The database, instead of the configured one
    #[arg(long, global = true, value_name = "FILE")]
    pub database: Option<PathBuf>,
    /// Say nothing but errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Log more
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// How log lines are written
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// Colour on the terminal
    #[arg(long, global = true, value_enum, default_value_t = clap::ColorChoice::Auto)]
    pub color: clap::ColorChoice,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// All commands, in the order of a newsletter's life.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Collect the sample week, deliver an issue into a folder, and show it; needs nothing
    Demo(demo::DemoArgs),
    /// Write a commented configuration, keys and an empty database; never overwrites
    Init(init::InitArgs),
    /// Look at configuration, database, keys and alarms; goes nowhere
    Check(check::CheckArgs),
    /// Where articles come from
    #[command(subcommand)]
    Sources(sources::SourcesCommand),
    /// Collect articles now
    Collect(collect::CollectArgs),
    /// The stories of the coming issue
    #[command(subcommand)]
    Articles(articles::ArticlesCommand),
    /// The pictures of stories: which are kept, why others are left out, and taking one back
    #[command(subcommand)]
    Pictures(pictures::PicturesCommand),
    /// The tags of stories
    #[command(subcommand)]
    Tags(tags::TagsCommand),
    /// Show an issue as it was, is or would be
    Preview(preview::PreviewArgs),
    /// Send the latest due issue, or go on with it
    Send(send::SendArgs),
    /// The issues and their deliveries
    #[command(subcommand)]
    Issues(issues::IssuesCommand),
    /// When issues go out, and dates that are skipped, moved or paused
    Schedule(schedule::ScheduleArgs),
    /// Who gets them
    Subscribers(subscribers::SubscribersArgs),
    /// Messages that came back: bounces, complaints, automatic answers
    #[command(subcommand)]
    Bounces(bounces::BouncesCommand),
    /// The service: schedules, deliveries and web pages
    Run(run::RunArgs),
    /// Who may use the desk
    #[command(subcommand)]
    Editors(editors::EditorsCommand),
    /// Who did what, at the desk and on the command line
    Audit(audit::AuditArgs),
    /// The keys that sign mail
    Dkim(dkim::DkimArgs),
    /// The keys that sign readers' links
    Keys(keys::KeysArgs),
    /// Allow mailing after a move or a restore
    Unlock(unlock::UnlockArgs),
    /// Write database, keys and configuration into one file
    Backup(backup::BackupArgs),
    /// Bring a backup back
    Restore(backup::RestoreArgs),
    /// Say what the program makes of one file, as JSON
    #[command(subcommand)]
    Inspect(inspect::InspectCommand),
    /// Print completions for a shell
    Completions(shell::CompletionsArgs),
    /// Print the manual page
    Man,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let context = Context::new(cli.global);
    match run(cli.command, &context) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => context::report(&error),
    }
}

fn run(command: Command, context: &Context) -> anyhow::Result<()> {
    match command {
        Command::Demo(args) => demo::run(&args, context),
        Command::Init(args) => context.init(&args),
        Command::Check(args) => context.check(&args),
        Command::Sources(command) => sources::run(&command, context),
        Command::Collect(args) => collect::run(&args, context),
        Command::Articles(command) => articles::run(&command, context),
        Command::Pictures(command) => pictures::run(&command, context),
        Command::Tags(command) => tags::run(&command, context),
        Command::Preview(args) => preview::run(&args, context),
        Command::Send(args) => send::run(&args, context),
        Command::Issues(command) => issues::run(&command, context),
        Command::Schedule(args) => schedule::run(&args, context),
        Command::Subscribers(args) => context.subscribers(&args),
        Command::Bounces(command) => bounces::run(&command, context),
        Command::Run(args) => run::run(&args, context),
        Command::Editors(command) => editors::run(&command, context),
        Command::Audit(args) => audit::run(&args, context),
        Command::Dkim(args) => dkim::run(&args, &context.config()?, &mut context::Data),
        Command::Keys(args) => {
            keys::run(&args, &context.config()?, &environment(), &context.entropy, &mut context::Data)
        }
        Command::Unlock(args) => unlock::run(&args, context),
        Command::Backup(args) => context.backup(&args),
        Command::Restore(args) => context.restore(&args),
        Command::Inspect(command) => inspect::run(&command),
        Command::Completions(args) => shell::completions(&args),
        Command::Man => shell::man(),
    }
}

/// The whole command as clap knows it: for completions, the manual and the test that compares README with it.
pub fn command() -> clap::Command {
    Cli::command()
}
