//! `unlock`: allows mailing after a move or a restore, after showing what differs and what would go out.

use super::context::{Context, print};
use crate::app::machine_id;
use crate::domain::count::counted;
use crate::installation;

/// How to unlock.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: week-in-review unlock --yes")]
pub struct UnlockArgs {
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Shows what differs and what would go out, then makes this the installation that mails.
pub fn run(args: &UnlockArgs, context: &Context) -> anyhow::Result<()> {
    let app = context.app()?;
    let Some(reason) = app.gate().closed.clone() else {
        context.say("Mailing is not locked.");
        return Ok(());
    };
    print(&format!("{reason}\n"))?;
    for newsletter in &app.config.newsletters {
        let id = app.newsletter_id(newsletter)?;
        let readers = app.store.eligible_count(id, app.now())?;
        let next = crate::publish::edition::due(&app.store, newsletter, id, app.now())?;
        let when = match next {
            Some(occurrence) => format!("at once, for {}", occurrence.local.format("%a %Y-%m-%d %H:%M")),
            None => app
                .store
                .next_date(newsletter, app.now())?
                .map_or("never".to_owned(), |occurrence| occurrence.local.format("%a %Y-%m-%d %H:%M").to_string()),
        };
        print(&format!("{}: {}; next {when}\n", newsletter.slug, counted(readers, "reader")))?;
    }
    let question = "Make this the installation that mails? Make sure that the other one does not run any more.";
    if context.confirm(question, args.yes)? {
        installation::settle(&app.store, &machine_id(&app.entropy)?)?;
        app.store.audit("operator", "unlock", "installation", &reason, app.now())?;
        context.say("Unlocked. A service that runs takes note of it on reload or restart.");
    }
    Ok(())
}
