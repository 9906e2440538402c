//! `preview`: an issue as it was, is or would be, into a file, to standard output, or in the browser.

use super::context::{Context, Usage, print, print_json};
use super::time;
use crate::app::App;
use crate::domain::newsletter::Newsletter;
use crate::domain::tag::Slug;
use crate::publish::edition::LookKind;
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
    let at = time::parse(&args.at, newsletter.zone, app.now())?;
    if args.serve {
        let opening = Opening { newsletter: &newsletter.slug, at: &args.at, reader: args.reader.as_deref() };
        return super::preview_serve::serve(app, args.listen, &opening.query(), context);
    }
    let rehearsal = rehearse(&app, &newsletter, at, args.reader.as_deref())?;
    if rehearsal.kind == LookKind::Coming {
        context.say(format!("{} is to come: this takes the stories of now.", args.at));
    }
    if args.format == Format::Json {
        return print_json(&rehearsal.outline());
    }
    let bytes = form(args.format, &rehearsal, &app)?;
    match &args.output {
        Some(path) => std::fs::write(path, bytes).with_context(|| path.display().to_string()),
        None => print(&String::from_utf8_lossy(&bytes)),
    }
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
