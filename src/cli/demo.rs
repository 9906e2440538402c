//! `demo`: the whole week, offline, in a folder of its own: collects the sample newsroom, freezes an issue, mails it to three sample readers
//! into the outbox folder, says what it did, and serves the preview. Its clock stands in the week of the samples, so it gives the same issue in any
//! year; a second run finds what the first one did.

use super::context::{Context, wait};
use super::sample_week::{FILES, web};
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, DEFAULT_PATH, Environment};
use crate::deliver::stop::stop_switch;
use crate::domain::address::EmailAddress;
use crate::domain::consent::Evidence;
use crate::domain::count::counted;
use crate::domain::issue::{Choice, IssueState};
use crate::domain::newsletter::Newsletter;
use crate::domain::preflight::{Check, Level};
use crate::domain::text::Line;
use crate::entropy::Entropy;
use crate::preflight;
use crate::scheduler::Step;
use crate::store::issues::IssueRow;
use crate::subscribe::{Asking, add_confirmed};
use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

/// What the demo is to do.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: week-in-review demo --no-serve")]
pub struct DemoArgs {
    /// End when the issue lies in the outbox
    #[arg(long)]
    no_serve: bool,
    /// Where to serve the preview
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4280", conflicts_with = "no_serve")]
    listen: SocketAddr,
}

/// The folder of the demo, below the one it is started in.
const FOLDER: &str = "demo";

/// When the sample week is collected: five minutes before it goes out. In the past of every machine, or receivers would doubt the signature.
const COLLECTED_AT: &str = "2026-11-20T16:55:00Z";

/// When the sample readers confirmed.
const CONFIRMED_AT: &str = "2026-10-02T09:30:00Z";

/// The three readers: address and topics.
const READERS: [(&str, &str); 3] = [
    ("amal.richtering@readers.example", ""),
    ("otto.lindenkrone@readers.example", "lobbying,sanctions"),
    ("shirin.golparvan@readers.example", "persian,energy"),
];

/// Runs the demo.
pub fn run(args: &DemoArgs, context: &Context) -> anyhow::Result<()> {
    let began = std::time::Instant::now();
    std::fs::create_dir_all(FOLDER).with_context(|| format!("{FOLDER}/"))?;
    std::env::set_current_dir(FOLDER).with_context(|| format!("{FOLDER}/"))?;
    unpack()?;
    let app = Arc::new(open()?);
    let newsletter = app.config.newsletters.first().context("the sample configuration has a newsletter")?.clone();
    context.say(format!("A week of The Strait Courier, in {}", std::path::absolute(".")?.display()));
    collect(&app, context)?;
    subscribe(&app, &newsletter)?;
    app.clock.advance(TimeDelta::minutes(5));
    let row = publish(&app, &newsletter, context)?;
    deliver(&app, &row, context)?;
    tell_where(&app, context)?;
    context.say(format!(
        "Done in {:.1} s. Run it again: it finds what it did and mails nobody twice.",
        began.elapsed().as_secs_f64()
    ));
    if args.no_serve {
        return Ok(());
    }
    let app = Arc::into_inner(app).context("nothing else of the demo runs any more")?;
    super::preview_serve::serve(app, args.listen, "", context)
}

/// Writes the sample week into the folder; what is there already stays, so that one may change it and run again.
fn unpack() -> anyhow::Result<()> {
    let config = (DEFAULT_PATH, include_bytes!("../../config/demo.toml").as_slice());
    for (name, bytes) in FILES.iter().copied().chain([config]) {
        let path = Path::new(name);
        if path.exists() {
            continue;
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        std::fs::write(path, bytes).with_context(|| name.to_owned())?;
    }
    Ok(())
}

/// The program on the demo's own clock and its own sequence of random bytes. Nothing of the environment plays a part.
fn open() -> anyhow::Result<App> {
    let config = Config::load(Path::new(DEFAULT_PATH), &Environment::new())?;
    let entropy = Entropy::seeded(2026);
    crate::keys::create(&config.keys, &entropy)?;
    super::dkim::make_missing(&config)?;
    let config = Config::load(Path::new(DEFAULT_PATH), &Environment::new())?;
    Ok(App::open(config, Clock::at(instant(COLLECTED_AT)), entropy)?)
}

fn collect(app: &App, context: &Context) -> anyhow::Result<()> {
    let report = wait(app.collect_with(&web(), &[]))??;
    let (new, seen) = report.sources.iter().fold((0, 0), |(new, seen), source| (new + source.new, seen + source.seen));
    context.say(format!(
        "Collected  {} from {}, {new} of them new",
        counted(seen, "item"),
        counted(report.sources.len(), "source")
    ));
    for source in &report.sources {
        if let Some(error) = &source.error {
            anyhow::bail!("source {}: {error}", source.source);
        }
    }
    Ok(())
}

/// The sample readers, if they are not there yet.
fn subscribe(app: &App, newsletter: &Newsletter) -> anyhow::Result<()> {
    for (address, topics) in READERS {
        let address = EmailAddress::parse(address)?;
        if app.store.read_people(|people| people.by_address(&address))?.is_some() {
            continue;
        }
        let asking = Asking {
            address,
            name: Line::default(),
            language: None,
            newsletters: vec![newsletter.slug.clone()],
            choice: Choice::from_key(topics),
        };
        let evidence = Evidence::new(instant(CONFIRMED_AT), "demo").with("proof", "a sample reader, invented");
        add_confirmed(&app.store, &app.keyring, &asking, false, app.entropy.bytes(), &evidence)?;
    }
    Ok(())
}

/// Composes and freezes the issue, or finds the one of an earlier run.
fn publish(app: &Arc<App>, newsletter: &Newsletter, context: &Context) -> anyhow::Result<IssueRow> {
    while let Step::Composed(_) = wait(preflight::step(app, newsletter, false))?? {}
    let id = app.newsletter_id(newsletter)?;
    let row = app.store.issues(Some(id), 1)?.into_iter().next().context("the sample week gives an issue")?;
    let (_, _, issue) = app.store.revision(row.id)?.context("the sample issue has stories")?;
    context.say(format!(
        "Composed   {} No. {}: {}, {}",
        newsletter.title,
        issue.number,
        counted(issue.stories.len(), "story"),
        counted(issue.events.len(), "event")
    ));
    context.say(format!("Subject    {}", issue.subject));
    let number = app.store.variant_count(row.id)?;
    context.say(format!("Rendered   {number} variants, one for each distinct choice of topics"));
    if let Some(report) = app.store.preflight(row.id)? {
        let told: Vec<String> = report.notable().map(Check::words).collect();
        context.say(format!(
            "Checked    {} checks are well; worth a look: {}",
            report.count(Level::Good),
            told.join(", ")
        ));
    }
    Ok(row)
}

fn deliver(app: &App, row: &IssueRow, context: &Context) -> anyhow::Result<()> {
    if row.state == IssueState::Sending {
        let mut lock = app.store.try_deliver_lock()?.context("another demo delivers in this folder; stop it first")?;
        let (_stopper, signal) = stop_switch();
        wait(app.deliver(&mut lock, row.id, signal, &|_| {}))??;
    }
    let tally = app.store.tally(row.id)?;
    context.say(format!("Delivered  {} of {} messages into the outbox, each signed", tally.accepted, tally.recipients));
    for (address, topics) in READERS {
        let topics = if topics.is_empty() { "everything" } else { topics };
        context.say(format!("           {address}: {topics}"));
    }
    Ok(())
}

fn tell_where(app: &App, context: &Context) -> anyhow::Result<()> {
    let outbox = std::path::absolute("outbox")?;
    context.say(format!("Outbox     {} (a Maildir: open a message with any mail program)", outbox.display()));
    for signer in app.signers()? {
        context.say("Signature  by a throw-away key, whose DNS record would be:");
        super::context::print(&format!("{}\n", signer.dns_record()))?;
    }
    Ok(())
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("the demo's instants are written in this file")
}
