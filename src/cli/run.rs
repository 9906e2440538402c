//! `run`: the service.

use super::context::{Context, wait};

/// The service has no options of its own.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: week-in-review --config /etc/week-in-review/week-in-review.toml run

SIGTERM or Ctrl-C stops it cleanly: messages that a relay has in hand get ten seconds, then they are in doubt, and the next start settles
them; a second signal does not hurry it. SIGHUP makes it read its configuration again: valid as a whole, or the old one stays and the log says why.")]
pub struct RunArgs {}

/// Runs until it is told to stop.
pub fn run(_args: &RunArgs, context: &Context) -> anyhow::Result<()> {
    let app = context.app()?;
    let listener = std::net::TcpListener::bind(app.config.web.listen)
        .map_err(|error| anyhow::anyhow!("web.listen {}: {error}; is another one running?", app.config.web.listen))?;
    wait(crate::service::run(app, listener, || context.config()))?
}
