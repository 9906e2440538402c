//! `editors`: who may use the desk. An invitation goes out by mail; the same brings back who has forgotten their password.

use super::context::{Context, print, print_json, wait};
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::editor::{Editor, Secret};
use crate::domain::text::Line;
use crate::editors::{INVITATION, invite};
use crate::service::with_teller;
use crate::templates::single;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::json;

/// What to do with editors.
#[derive(Debug, clap::Subcommand)]
pub enum EditorsCommand {
    /// Invite somebody by mail, or anew who has forgotten their password
    #[command(after_help = "Example: week-in-review editors add mona@example.org --name \"Mona Ledger\"

The link in the mail works once and for three days. An old password holds until the new one is chosen.")]
    Add {
        /// Their address
        #[arg(value_name = "EMAIL", value_parser = parse_address)]
        address: EmailAddress,
        /// Their name, as it stands beside what they do; else the part of the address before the @
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Print the link instead of mailing it
        #[arg(long)]
        print: bool,
    },
    /// Who may use the desk
    List {
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
    /// Let somebody use the desk no more; they are signed out at once
    Remove {
        /// Their address
        #[arg(value_name = "EMAIL", value_parser = parse_address)]
        address: EmailAddress,
    },
}

fn parse_address(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).map_err(|error| error.to_string())
}

/// Does what was asked.
pub fn run(command: &EditorsCommand, context: &Context) -> anyhow::Result<()> {
    let app = context.app()?;
    match command {
        EditorsCommand::Add { address, name, print } => add(&app, address, name.as_deref(), *print, context),
        EditorsCommand::List { json: as_json } => list(&app, *as_json),
        EditorsCommand::Remove { address } => {
            let found = app.store.editors()?.into_iter().find(|editor| editor.address.key() == address.key());
            let Some(editor) = found else { anyhow::bail!("{address}: no editor has this address") };
            app.store.remove_editor(address)?;
            app.store.audit("operator", "remove", editor.actor(), "may not use the desk any more", app.now())?;
            context.say(format!("{address} may not use the desk any more."));
            Ok(())
        }
    }
}

fn add(
    app: &App,
    address: &EmailAddress,
    name: Option<&str>,
    only_print: bool,
    context: &Context,
) -> anyhow::Result<()> {
    let newsletter = app.config.newsletters.first().ok_or_else(|| anyhow::anyhow!("no newsletter is configured"))?;
    let known = app.store.editors()?.into_iter().find(|editor| editor.address.key() == address.key());
    let before_the_at = address.as_str().split('@').next().unwrap_or_default();
    let name = name.map(Line::clean).filter(|name| !name.is_empty()).or_else(|| known.map(|editor| editor.name));
    let name = name.unwrap_or_else(|| Line::clean(before_the_at));
    let (secret, now) = (Secret::new(app.entropy.bytes()), app.now());
    let editor = invite(&app.store, address, &name, &secret, now)?;
    let until = now + INVITATION;
    let link = format!("{}/desk/join/{}", app.config.web.base_url, secret.text());
    let shown = minute(until, newsletter.zone);
    if only_print {
        context.say(format!("{} may use the desk by this link, once and until {shown}:", editor.address));
        return print(&format!("{link}\n"));
    }
    if let Some(reason) = &app.gate().closed {
        anyhow::bail!("{reason}; the invitation stands: get its link with --print");
    }
    let note = single::invitation(newsletter, editor.actor(), &link, until);
    let failures =
        wait(with_teller(app, newsletter, async |teller| teller.invite(&note, &editor.address, now).await))??;
    anyhow::ensure!(
        failures.is_empty(),
        "{}; the invitation stands: repeat the command, or get its link with --print",
        failures.join("; ")
    );
    context.say(format!("{} was invited by mail; the link works once, until {shown}.", editor.address));
    if let crate::config::Via::Outbox(folder) = &app.config.mail.via {
        context.say(format!(
            "Mail goes into the folder {}, so nobody gets it: hand the link on yourself.",
            folder.display()
        ));
    }
    Ok(())
}

fn list(app: &App, as_json: bool) -> anyhow::Result<()> {
    let editors = app.store.editors()?;
    let state = |editor: &Editor| match (editor.joined_at, editor.invitation_until) {
        (Some(_), _) => "joined",
        (None, Some(until)) if until > app.now() => "invited",
        (None, _) => "invitation out of date",
    };
    if as_json {
        let value = |editor: &Editor| {
            json!({
                "address": editor.address.as_str(), "name": editor.name, "state": state(editor), "invited_at": editor.invited_at,
                "joined_at": editor.joined_at, "signed_in_at": editor.signed_in_at,
            })
        };
        return print_json(&editors.iter().map(value).collect::<Vec<_>>());
    }
    if editors.is_empty() {
        return print("Nobody may use the desk yet; invite somebody: week-in-review editors add EMAIL\n");
    }
    let zone = app.config.newsletters.first().map_or(Tz::UTC, |newsletter| newsletter.zone);
    let line = |editor: &Editor| {
        let seen =
            editor.signed_in_at.map_or("never signed in".to_owned(), |at| format!("signed in {}", minute(at, zone)));
        format!("{:<36} {:<24} {:<10} {seen}\n", editor.address.as_str(), editor.name.as_str(), state(editor))
    };
    print(&editors.iter().map(line).collect::<String>())
}

fn minute(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%a %-d %b %Y, %H:%M %Z").to_string()
}
