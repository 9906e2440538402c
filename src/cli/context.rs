//! What every command needs: the options that hold for all, the clock, streams, and the one place where errors become exit codes.

use super::backup::{BackupArgs, RestoreArgs};
use super::check::CheckArgs;
use super::init::InitArgs;
use super::subscribers::SubscribersArgs;
use super::{Global, LogFormat};
use crate::app::{App, AppError};
use crate::clock::Clock;
use crate::config::{Config, ConfigError, environment};
use crate::entropy::Entropy;
use anyhow::Context as _;
use std::future::Future;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

/// The surroundings of a command.
#[derive(Debug)]
pub struct Context {
    /// Options that hold for every command.
    pub global: Global,
    /// Tells the time.
    pub clock: Clock,
    /// Draws random bytes.
    pub entropy: Entropy,
}

/// The command has said all there is to say, and ends with this status.
#[derive(Debug, thiserror::Error)]
#[error("ended with status {0}")]
pub struct Ended(pub u8);

/// The command was called in a way that cannot work: exit 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

impl Context {
    /// The surroundings of this process.
    pub fn new(global: Global) -> Self {
        global.color.write_global();
        start_log(&global);
        Self { global, clock: Clock::System, entropy: Entropy::System }
    }

    /// Reads the configuration; `--database` stands above it.
    pub fn config(&self) -> anyhow::Result<Config> {
        let mut config = Config::load(&self.global.config, &environment())?;
        if let Some(database) = &self.global.database {
            config.database.clone_from(database);
        }
        for warning in &config.warnings {
            tracing::warn!("{warning}");
        }
        Ok(config)
    }

    /// The whole program.
    pub fn app(&self) -> anyhow::Result<App> {
        let config = self.config()?;
        if !config.database.exists() {
            let path = std::path::absolute(&config.database).unwrap_or(config.database);
            let sentence = format!(
                "database {}: there is none; make it with `week-in-review init`, or start in the folder where it lies",
                path.display()
            );
            return Err(Usage(sentence).into());
        }
        Ok(App::open(config, self.clock.clone(), self.entropy.clone())?)
    }

    /// `init` works before there is a configuration.
    pub fn init(&self, args: &InitArgs) -> anyhow::Result<()> {
        let (config, database) = (&self.global.config, self.global.database.as_deref());
        super::init::run(args, config, database, &environment(), &self.entropy, &mut Data)
    }

    /// `check` looks at a configuration that may be wrong.
    pub fn check(&self, args: &CheckArgs) -> anyhow::Result<()> {
        let place = super::check::Place {
            config: &self.global.config,
            database: self.global.database.as_deref(),
            environment: &environment(),
            machine_id: Path::new(crate::installation::MACHINE_ID),
        };
        match super::check::run(args, &place, &self.clock, &self.entropy, &mut Data)? {
            0 => Ok(()),
            status => Err(Ended(status).into()),
        }
    }

    /// The list of subscribers.
    pub fn subscribers(&self, args: &SubscribersArgs) -> anyhow::Result<()> {
        let app = self.app()?;
        let mut surroundings = super::subscribers::Surroundings {
            config: &app.config,
            store: &app.store,
            keyring: &app.keyring,
            now: app.now(),
            entropy: &app.entropy,
            out: &mut Data,
            err: &mut std::io::stderr(),
        };
        super::subscribers::run(args, &mut surroundings)?;
        self.post_letters(app)
    }

    /// Hands over what a command wrote to readers. What cannot leave now is tried again by the service.
    fn post_letters(&self, app: App) -> anyhow::Result<()> {
        if !app.store.letters_wait(app.now())? {
            return Ok(());
        }
        if let Some(reason) = &app.gate().closed {
            self.say(format!("the mail waits: {reason}"));
            return Ok(());
        }
        let posted = wait(std::sync::Arc::new(app).write_letters())??;
        if let Some(why) = posted.trouble {
            self.say(format!("the mail waits, and `run` tries again: {why}"));
        }
        Ok(())
    }

    /// Writes a backup.
    pub fn backup(&self, args: &BackupArgs) -> anyhow::Result<()> {
        let app = self.app()?;
        super::backup::run_backup(args, &app.config, &app.store, &app.keyring, &mut std::io::stderr())
    }

    /// `restore` works where there is nothing yet.
    pub fn restore(&self, args: &RestoreArgs) -> anyhow::Result<()> {
        let places = super::backup::Places { config: &self.global.config, database: self.global.database.as_deref() };
        super::backup::run_restore(args, places, &environment(), self.clock.now(), &mut std::io::stderr())
    }

    /// Tells the person something that is no data, unless they want quiet.
    pub fn say(&self, sentence: impl std::fmt::Display) {
        if !self.global.quiet {
            anstream::eprintln!("{sentence}");
        }
    }

    /// Whether progress may be drawn.
    pub fn draws_progress(&self) -> bool {
        !self.global.quiet && std::io::stderr().is_terminal()
    }

    /// Asks for a yes. Without a terminal there is nobody to ask: `--yes` is needed.
    pub fn confirm(&self, question: &str, yes: bool) -> anyhow::Result<bool> {
        if yes {
            return Ok(true);
        }
        if !std::io::stdin().is_terminal() {
            return Err(Usage(format!("{question} There is nobody to ask: say --yes")).into());
        }
        anstream::eprint!("{question} [y/N] ");
        std::io::stderr().flush()?;
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer)?;
        Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }
}

trait WriteGlobal {
    fn write_global(self);
}

impl WriteGlobal for clap::ColorChoice {
    fn write_global(self) {
        let choice = match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

/// Standard output for data. A reader who has seen enough (`| head`) ends the command and is no failure.
#[derive(Debug)]
pub struct Data;

impl Write for Data {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        std::io::stdout().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stdout().flush()
    }
}

/// Writes data to standard output. A reader who has seen enough (`| head`) is no failure.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("standard output"),
    }
}

/// Writes one JSON value to standard output.
pub fn print_json<T: serde::Serialize>(value: &T) -> anyhow::Result<()> {
    print(&format!("{}\n", serde_json::to_string_pretty(value)?))
}

/// Runs asynchronous work to its end.
pub fn wait<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the runtime could not start")?;
    Ok(runtime.block_on(work))
}

/// Says what went wrong, once, and how the process ends.
pub fn report(error: &anyhow::Error) -> ExitCode {
    if let Some(Ended(status)) = error.downcast_ref() {
        return ExitCode::from(*status);
    }
    let is_broken_pipe = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(is_broken_pipe) {
        return ExitCode::SUCCESS;
    }
    let is_usage = error.is::<Usage>()
        || error.is::<ConfigError>()
        || matches!(error.downcast_ref::<AppError>(), Some(AppError::NoNewsletter(..)));
    if let Some(problems) = error.downcast_ref::<ConfigError>() {
        anstream::eprintln!("{problems}");
    } else {
        anstream::eprintln!("error: {error:#}");
    }
    ExitCode::from(if is_usage { 2 } else { 1 })
}

fn start_log(global: &Global) {
    use tracing_subscriber::EnvFilter;
    // lettre logs the dialogue, password included, at trace level: it never gets that far.
    let level = match (global.quiet, global.verbose) {
        (true, _) => "error",
        (_, true) => "debug",
        _ => "warn,week_in_review=info",
    };
    let filter = format!("{level},lettre=warn,hyper=warn,reqwest=warn,rustls=warn,html5ever=error,selectors=error");
    let has_colour = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    let log = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(has_colour)
        .with_env_filter(EnvFilter::new(filter));
    // A second call in one process (tests) keeps the first log.
    let _ = match global.log_format {
        LogFormat::Text => log.with_target(false).try_init(),
        LogFormat::Json => log.json().try_init(),
    };
}
