//! `preview`: an issue as it was, is or would be, into a file, to standard output, or in the browser.

use super::context::{Context, Ended, Usage, print, print_json, wait};
use super::time;
use crate::app::App;
use crate::config::hand_folder;
use crate::domain::newsletter::Newsletter;
use crate::domain::preflight::{Level, Preflight};
use crate::domain::tag::Slug;
use crate::preflight::{self, Depth};
use crate::publish::edition::{LookKind, edition_at, with_another_file};
use crate::publish::explain::explain;
use crate::rehearsal::{Rehearsal, rehearse};
use anyhow::Context as _;
use clap::ValueEnum;
use std::path::PathBuf;

/// What to show, and how.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  week-in-review preview --format text
  week-in-review preview --newsletter lobbying --at \"2026-11-13 17:00\" --output issue.html
  week-in-review preview --serve")]
pub struct PreviewArgs {
    /// Which newsletter; the first one when none is given
    #[arg(long, value_name = "SLUG")]
    newsletter: Option<String>,
    /// At which instant, past or coming: RFC 3339, or date and time in the newsletter's zone
    #[arg(long, value_name = "TIME", default_value = "now")]
    at: String,
    /// As which subscriber gets it
    #[arg(long = "as", value_name = "EMAIL")]
    reader: Option<String>,
    /// In which form
    #[arg(long, value_enum, default_value_t = Format::Html)]
    format: Format,
    /// Into a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Check it as before it goes out: also asks where its links lead. Exits with 1 when something blocks
    #[arg(long, conflicts_with_all = ["output", "serve"])]
    check: bool,
    /// Show it in the browser, on this machine alone; it reloads when configuration or articles change
    #[arg(long, conflicts_with_all = ["output", "format"])]
    serve: bool,
    /// Where to serve
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4280", requires = "serve")]
    listen: std::net::SocketAddr,
}

/// The forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The document that mail programs show.
    Html,
    /// The text part.
    Text,
    /// The whole message.
    Eml,
    /// The stories and where they stand.
    Json,
}

/// Shows the preview.
pub fn run(args: &PreviewArgs, context: &Context) -> anyhow::Result<()> {
    let app = context.app()?;
    let newsletter = chosen(&app, args.newsletter.as_deref())?.clone();
    let now = app.now();
    let at = time::parse(&args.at, newsletter.zone, now)?;
    if args.serve {
        let opening = Opening { newsletter: &newsletter.slug, at: &args.at, reader: args.reader.as_deref() };
        return super::preview_serve::serve(app, args.listen, &opening.query(), context);
    }
    let rehearsal = rehearse(&app, &newsletter, at, args.reader.as_deref())?;
    if rehearsal.kind == LookKind::Coming {
        context.say(format!("{} is to come: this takes the stories of now.", args.at));
    }
    if at >= now
        && let Some(row) = with_another_file(&app.store, &newsletter, app.newsletter_id(&newsletter)?, app.desk())?
    {
        let number = row.number.unwrap_or_default();
        let file = hand_folder(&app.config.path).join(format!("{}.toml", newsletter.slug));
        context.say(format!(
            "{} was changed since No. {number} was composed: a running service takes it within seconds, `send` before it sends; this is without it.",
            file.display()
        ));
    }
    if args.check {
        return checked(&app, &newsletter, &rehearsal, args.format == Format::Json);
    }
    if args.format == Format::Json {
        let mut outline = serde_json::to_value(rehearsal.outline())?;
        let id = app.newsletter_id(&newsletter)?;
        let edition = edition_at(&app.store, &newsletter, id, at, app.now())?;
        let all = explain(&app.store, &newsletter, app.desk(), edition)?;
        outline["considered"] = all.iter().map(super::articles::why_value).collect();
        outline["preflight"] = serde_json::to_value(preflight_of(&app, &newsletter, &rehearsal)?)?;
        return print_json(&outline);
    }
    let bytes = form(args.format, &rehearsal, &app)?;
    match &args.output {
        Some(path) => std::fs::write(path, bytes).with_context(|| path.display().to_string()),
        None => print(&String::from_utf8_lossy(&bytes)),
    }
}

/// What was checked of what is shown: for an issue that went out the report of then, else by what is known now.
fn preflight_of(app: &App, newsletter: &Newsletter, rehearsal: &Rehearsal) -> anyhow::Result<Option<Preflight>> {
    let row = match rehearsal.kind {
        LookKind::Settled => app.store.issue_by_number(app.newsletter_id(newsletter)?, rehearsal.issue.number)?,
        LookKind::WouldBe | LookKind::Coming => None,
    };
    match row.filter(|row| row.frozen_at.is_some()) {
        Some(row) => Ok(app.store.preflight(row.id)?),
        None => Ok(Some(preflight::check(app, newsletter, &rehearsal.issue, Depth::Every)?)),
    }
}

/// The preflight of what is shown, with all that it has to ask.
fn checked(app: &App, newsletter: &Newsletter, rehearsal: &Rehearsal, as_json: bool) -> anyhow::Result<()> {
    wait(preflight::gather(app, newsletter, &rehearsal.issue))??;
    let report = preflight::check(app, newsletter, &rehearsal.issue, Depth::Every)?;
    if as_json {
        print_json(&report)?;
    } else {
        print(&in_words(&report))?;
    }
    match report.in_the_way(None) {
        Some(_) => Err(Ended(1).into()),
        None => Ok(()),
    }
}

/// A preflight, one finding a line.
pub(super) fn in_words(report: &Preflight) -> String {
    let Preflight { renderings, readers, nothing, .. } = report;
    let well = report.count(Level::Good);
    let many = |one: u64| if one == 1 { "" } else { "s" };
    let mut text = format!("{renderings} rendering{} for {readers} reader{}", many(*renderings as u64), many(*readers));
    if *nothing > 0 {
        text.push_str(&format!(", {nothing} {} nothing", if *nothing == 1 { "gets" } else { "get" }));
    }
    text.push_str(&format!("; {well} checks are well\n"));
    for check in report.notable() {
        text.push_str(&format!("  {:<9} {}\n", check.level.as_str(), check.sentence()));
    }
    text
}

/// What the browser shows first.
struct Opening<'a> {
    newsletter: &'a Slug,
    at: &'a str,
    reader: Option<&'a str>,
}

impl Opening<'_> {
    /// As the query of the preview's page.
    fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::for_suffix(String::from("?"), 1);
        query.append_pair("newsletter", self.newsletter.as_str());
        if self.at != "now" {
            query.append_pair("at", self.at);
        }
        if let Some(reader) = self.reader {
            query.append_pair("as", reader);
        }
        query.finish()
    }
}

/// The newsletter that was named, else the first.
pub fn chosen<'a>(app: &'a App, slug: Option<&str>) -> anyhow::Result<&'a Newsletter> {
    match slug {
        Some(slug) => Ok(app.newsletter(slug)?),
        None => app.config.newsletters.first().ok_or_else(|| Usage("no newsletter is configured".into()).into()),
    }
}

fn form(format: Format, rehearsal: &Rehearsal, app: &App) -> anyhow::Result<Vec<u8>> {
    Ok(match format {
        Format::Text => rehearsal.text().into_bytes(),
        Format::Eml => rehearsal.message(app, None)?,
        Format::Html | Format::Json => rehearsal.html().into_bytes(),
    })
}
