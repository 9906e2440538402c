//! `subscribers`: the list by hand. Every command calls one verb of `subscribe` and says what it did.

mod files;
mod look;

pub use files::{ExportArgs, ImportArgs, UndoArgs};
pub use look::{ListArgs, ShowArgs};

use super::Usage;
use crate::config::Config;
use crate::domain::address::{AddressError, EmailAddress};
use crate::domain::consent::Evidence;
use crate::domain::issue::Choice;
use crate::domain::letter::{Terms, Wanted};
use crate::domain::newsletter::Newsletter;
use crate::domain::standing::Confirmer;
use crate::domain::subscriber::SuppressionReason;
use crate::domain::tag::Slug;
use crate::domain::text::{Language, Line};
use crate::domain::token::Keyring;
use crate::entropy::Entropy;
use crate::returns::spool;
use crate::store::Store;
use crate::store::subscribers::Traces;
use crate::subscribe::{self, Asking, Clerk, Which};
use chrono::{DateTime, Utc};
use std::io::Write;

/// Where consent given on the command line came from.
const ORIGIN: &str = "command line";

/// The list of subscribers.
#[derive(Debug, Clone, clap::Args)]
pub struct SubscribersArgs {
    /// What to do
    #[command(subcommand)]
    pub command: SubscribersCommand,
}

/// What can be done with the list.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum SubscribersCommand {
    /// Adds an address, and asks its owner by mail to confirm
    Add(AddArgs),
    /// Lists subscribers
    List(ListArgs),
    /// Shows one person's history
    Show(ShowArgs),
    /// Confirms a pending subscription for its owner
    Confirm(ConfirmArgs),
    /// Ends the subscriptions of an address, at once and for good
    Unsubscribe(UnsubscribeArgs),
    /// Sets the topics that somebody gets
    Topics(TopicsArgs),
    /// Lets no issue go to an address any more
    Suppress(SuppressArgs),
    /// Replaces a person by a keyed hash everywhere in the database
    Erase(EraseArgs),
    /// Brings a list from elsewhere
    Import(ImportArgs),
    /// Takes an import back, and nothing that readers did since
    UndoImport(UndoArgs),
    /// Writes the list as CSV
    Export(ExportArgs),
    /// The addresses that get nothing
    Suppressions(SuppressionsArgs),
}

/// Adds an address.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example: week-in-review subscribers add jo@example.org --confirmed --proof \"signed the list at the fair, 3 May\""
)]
pub struct AddArgs {
    /// The address
    #[arg(value_parser = reader)]
    pub address: EmailAddress,
    /// Which newsletters; without it the first of the configuration
    #[arg(long, value_name = "SLUG")]
    pub newsletter: Vec<Slug>,
    /// The person's name
    #[arg(long, default_value = "")]
    pub name: String,
    /// The language of the fixed texts, if not the newsletter's
    #[arg(long, value_parser = Language::parse)]
    pub language: Option<Language>,
    /// Only these topics
    #[arg(long, value_name = "SLUG", value_delimiter = ',')]
    pub topics: Vec<Slug>,
    /// Active at once: you can prove that its owner wants it
    #[arg(long, requires = "proof")]
    pub confirmed: bool,
    /// The proof, for the consent ledger
    #[arg(long, value_name = "TEXT")]
    pub proof: Option<String>,
    /// The proof is newer than their leaving
    #[arg(long, requires = "confirmed")]
    pub again: bool,
}

/// Confirms a pending subscription.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example: week-in-review subscribers confirm jo@example.org --proof \"wrote to us on 3 May\"")]
pub struct ConfirmArgs {
    /// The address
    #[arg(value_parser = any)]
    pub address: EmailAddress,
    /// Which newsletters; without it all that wait
    #[arg(long, value_name = "SLUG")]
    pub newsletter: Vec<Slug>,
    /// How you know, for the consent ledger
    #[arg(long, value_name = "TEXT")]
    pub proof: Option<String>,
    /// The proof is newer than their leaving
    #[arg(long, requires = "proof")]
    pub again: bool,
}

/// Ends subscriptions.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example: week-in-review subscribers unsubscribe jo@example.org --newsletter week")]
pub struct UnsubscribeArgs {
    /// The address
    #[arg(value_parser = any)]
    pub address: EmailAddress,
    /// Which newsletter; without it all
    #[arg(long, value_name = "SLUG")]
    pub newsletter: Option<Slug>,
}

/// Sets topics.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example: week-in-review subscribers topics jo@example.org energy courts")]
pub struct TopicsArgs {
    /// The address
    #[arg(value_parser = any)]
    pub address: EmailAddress,
    /// The topics, by the slugs of the sections
    #[arg(required_unless_present = "everything")]
    pub topics: Vec<Slug>,
    /// Everything, later topics included
    #[arg(long, conflicts_with = "topics")]
    pub everything: bool,
    /// Of which newsletter; without it the first of the configuration
    #[arg(long, value_name = "SLUG")]
    pub newsletter: Option<Slug>,
}

/// Suppresses an address.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example: week-in-review subscribers suppress jo@example.org --reason \"asked by letter\"")]
pub struct SuppressArgs {
    /// The address
    #[arg(value_parser = any)]
    pub address: EmailAddress,
    /// Why, in your words
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub reason: String,
}

/// Erases a person.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example: week-in-review subscribers erase jo@example.org --yes")]
pub struct EraseArgs {
    /// The address
    #[arg(value_parser = any)]
    pub address: EmailAddress,
    /// Do it: nothing brings the person back
    #[arg(long)]
    pub yes: bool,
}

/// The addresses that get nothing.
#[derive(Debug, Clone, clap::Args)]
pub struct SuppressionsArgs {
    /// What to do
    #[command(subcommand)]
    pub command: SuppressionsCommand,
}

/// What can be done with suppressions.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum SuppressionsCommand {
    /// Lists them
    List {
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
    /// Lets mail go to an address again
    #[command(
        after_help = "Example: week-in-review subscribers suppressions lift jo@example.org --reason \"mailbox is back, wrote to us\""
    )]
    Lift {
        /// The address
        #[arg(value_parser = any)]
        address: EmailAddress,
        /// Why, for the log
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

fn any(text: &str) -> Result<EmailAddress, AddressError> {
    EmailAddress::parse(text)
}

fn reader(text: &str) -> Result<EmailAddress, AddressError> {
    EmailAddress::parse_reader(text)
}

/// What the commands work with.
pub struct Surroundings<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The database.
    pub store: &'a Store,
    /// The keys.
    pub keyring: &'a Keyring,
    /// The present instant.
    pub now: DateTime<Utc>,
    /// Where random bytes come from.
    pub entropy: &'a Entropy,
    /// Where data goes.
    pub out: &'a mut dyn Write,
    /// Where everything else goes.
    pub err: &'a mut dyn Write,
}

/// Does what was asked.
pub fn run(args: &SubscribersArgs, with: &mut Surroundings<'_>) -> anyhow::Result<()> {
    match &args.command {
        SubscribersCommand::Add(args) => add(args, with),
        SubscribersCommand::List(args) => look::list(args, with),
        SubscribersCommand::Show(args) => look::show(args, with),
        SubscribersCommand::Confirm(args) => confirm(args, with),
        SubscribersCommand::Unsubscribe(args) => unsubscribe(args, with),
        SubscribersCommand::Topics(args) => topics(args, with),
        SubscribersCommand::Suppress(args) => suppress(args, with),
        SubscribersCommand::Erase(args) => erase(args, with),
        SubscribersCommand::Import(args) => files::import(args, with),
        SubscribersCommand::UndoImport(args) => files::undo(args, with),
        SubscribersCommand::Export(args) => files::export(args, with),
        SubscribersCommand::Suppressions(args) => match &args.command {
            SuppressionsCommand::List { json } => look::suppressions(*json, with),
            SuppressionsCommand::Lift { address, reason } => lift(address, reason, with),
        },
    }
}

fn add(args: &AddArgs, with: &mut Surroundings<'_>) -> anyhow::Result<()> {
    let newsletters = match args.newsletter.as_slice() {
        [] => with.config.newsletters.iter().take(1).map(|newsletter| newsletter.slug.clone()).collect(),
        named => named.to_vec(),
    };
    for slug in &newsletters {
        known_topics(newsletter(with.config, slug)?, &args.topics)?;
    }
    let asking = Asking {
        address: args.address.clone(),
        name: Line::clean_to(&args.name, 200),
        language: args.language.clone(),
        newsletters,
        choice: chosen(&args.topics),
    };
    let evidence = evidence(with, args.proof.as_deref());
    let (store, keyring, id) = (with.store, with.keyring, with.entropy.bytes());
    let asked = if args.confirmed {
        subscribe::add_confirmed(store, keyring, &asking, args.again, id, &evidence)?
    } else {
        subscribe::ask_for(store, keyring, &asking, id, &evidence)?
    };
    let waiting: Vec<Wanted> = asked
        .newsletters
        .iter()
        .filter(|(_, waits)| *waits)
        .map(|(slug, _)| Wanted::new(slug.clone(), &asking.choice))
        .collect();
    let is_written = !waiting.is_empty() && ask_person(&asking, waiting, &evidence, with)?;
    for (slug, waits) in asked.newsletters {
        let word = match (waits, is_written) {
            (true, true) => "pending; the mail that asks its owner is written",
            (true, false) => {
                "pending; no mail, for this address was asked within the day or three times before; `subscribers confirm` records other proof"
            }
            (false, _) => "subscribed",
        };
        writeln!(with.out, "{}: {slug}: {word}", args.address)?;
    }
    Ok(())
}

/// Writes the letter that asks the owner of an address; the post room hands it over.
fn ask_person(
    asking: &Asking,
    wanted: Vec<Wanted>,
    evidence: &Evidence,
    with: &Surroundings<'_>,
) -> anyhow::Result<bool> {
    let newsletters: Vec<Slug> = with.config.newsletters.iter().map(|newsletter| newsletter.slug.clone()).collect();
    let chance = || with.entropy.bytes();
    let clerk = Clerk {
        store: with.store,
        keyring: with.keyring,
        rules: &with.config.subscribe,
        newsletters: &newsletters,
        chance: &chance,
    };
    let terms = Terms { wanted, language: asking.language.clone(), plain: false };
    Ok(clerk.ask_person(&asking.address, &terms, evidence)?)
}

fn confirm(args: &ConfirmArgs, with: &mut Surroundings<'_>) -> anyhow::Result<()> {
    let by = Confirmer::Operator { again: args.again };
    let evidence = evidence(with, args.proof.as_deref());
    let confirmed = subscribe::confirm(with.store, with.keyring, &args.address, &args.newsletter, by, &evidence)?;
    if confirmed.is_empty() {
        writeln!(with.out, "{}: nothing waits for a confirmation", args.address)?;
    }
    for slug in confirmed {
        writeln!(with.out, "{}: {slug}: confirmed", args.address)?;
    }
    Ok(())
}

fn unsubscribe(args: &UnsubscribeArgs, with: &mut Surroundings<'_>) -> anyhow::Result<()> {
    let which = args.newsletter.clone().map_or(Which::All, Which::One);
    let ended = subscribe::leave(with.store, &args.address, &which, &evidence(with, None))?;
    if ended.is_empty() {
        writeln!(with.out, "{}: had left before", args.address)?;
    }
    for slug in ended {
        writeln!(with.out, "{}: {slug}: left", args.address)?;
    }
    Ok(())
}

fn topics(args: &TopicsArgs, with: &mut Surroundings<'_>) -> anyhow::Result<()> {
    let of = match &args.newsletter {
        Some(slug) => newsletter(with.config, slug)?,
        None => &with.config.newsletters[0],
    };
    known_topics(of, &args.topics)?;
    let choice = chosen(&args.topics);
    subscribe::choose(with.store, &args.address, &of.slug, &choice, &evidence(with, None))?;
    let key = choice.key();
    let words = if key.is_empty() { "everything".to_owned() } else { key.replace(',', ", ") };
    writeln!(with.out, "{}: {}: {words}", args.address, of.slug)?;
    Ok(())
}

fn suppress(args: &SuppressArgs, with: &mut Surroundings<'_>) -> anyhow::Result<()> {
    let reason = SuppressionReason::Operator;
    let new = subscribe::suppress(with.store, with.keyring, &args.address, reason, &args.reason, with.now)?;
    let word = if new { "gets nothing from now on" } else { "was suppressed before" };
    writeln!(with.out, "{}: {word}", args.address)?;
    Ok(())
}

fn lift(address: &EmailAddress, reason: &str, with: &mut Surroundings<'_>) -> anyhow::Result<()> {
    subscribe::lift(with.store, with.keyring, address, reason, with.now)?;
    writeln!(with.out, "{address}: mail may go there again")?;
    Ok(())
}

fn erase(args: &EraseArgs, with: &mut Surroundings<'_>) -> anyhow::Result<()> {
    if !args.yes {
        let sentence = "would be erased for ever, with all that is known of them; repeat with --yes";
        return Err(Usage(format!("{}: {sentence}", args.address)).into());
    }
    if with.store.is_editor(&args.address)? {
        anyhow::bail!("{0} may use the desk; first: week-in-review editors remove {0}", args.address);
    }
    let erased = subscribe::erase(with.store, with.keyring, &args.address, ORIGIN, with.now)?;
    let known = if erased.was_known { "erased" } else { "nobody here had this address" };
    writeln!(with.out, "{}: {known}; it is kept out for ever by its keyed hash", args.address)?;
    if erased.traces == Traces::InLog {
        writeln!(
            with.err,
            "{}: another process was reading, so the database's log still holds it; run this again to empty the log",
            args.address
        )?;
    }
    let marks = with.store.returned_to_erased()?;
    if let Err(error) = spool::let_go(&with.config.returns.spool, DateTime::<Utc>::MIN_UTC, &marks) {
        let spool = with.config.returns.spool.display();
        writeln!(with.err, "{spool}: {error}; the service removes their returned mail there within a day")?;
    }
    for copy in older_copies(with.store) {
        writeln!(
            with.err,
            "{copy} is an older copy and may still hold the address; delete it when you can, and older backups too"
        )?;
    }
    Ok(())
}

/// Copies of the database that migrations and restores left beside it.
fn older_copies(store: &Store) -> Vec<String> {
    let Some(path) = store.path() else { return Vec::new() };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(std::path::Path::new("."));
    let prefix = format!("{}.before-", path.file_name().unwrap_or_default().to_string_lossy());
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut copies: Vec<String> = entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix))
        .map(|entry| entry.path().display().to_string())
        .collect();
    copies.sort();
    copies
}

fn evidence(with: &Surroundings<'_>, proof: Option<&str>) -> Evidence {
    let evidence = Evidence::new(with.now, ORIGIN);
    match proof {
        Some(proof) => evidence.with("proof", proof.trim()),
        None => evidence,
    }
}

fn chosen(topics: &[Slug]) -> Choice {
    if topics.is_empty() { Choice::Everything } else { Choice::Topics(topics.iter().cloned().collect()) }
}

fn newsletter<'c>(config: &'c Config, slug: &Slug) -> anyhow::Result<&'c Newsletter> {
    if let Some(newsletter) = config.newsletters.iter().find(|newsletter| newsletter.slug == *slug) {
        return Ok(newsletter);
    }
    let known: Vec<&str> = config.newsletters.iter().map(|newsletter| newsletter.slug.as_str()).collect();
    Err(Usage(format!("newsletter \"{slug}\": there is none; there is {}", known.join(", "))).into())
}

fn known_topics(newsletter: &Newsletter, topics: &[Slug]) -> anyhow::Result<()> {
    match topics.iter().find(|topic| newsletter.section(topic).is_none()) {
        None => Ok(()),
        Some(unknown) => {
            let known: Vec<&str> = newsletter.sections.iter().map(|section| section.slug.as_str()).collect();
            Err(Usage(format!("topic \"{unknown}\": {} has none; it has {}", newsletter.slug, known.join(", "))).into())
        }
    }
}

#[cfg(test)]
mod tests;
