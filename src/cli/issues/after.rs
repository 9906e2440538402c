//! `issues amend` and `issues withdraw`: what the public sees of an issue after it was sent. The mails are out; the frozen bytes stay as evidence.

use super::Which;
use crate::app::App;
use crate::cli::context::{Context, Usage};
use crate::domain::archive::Change;
use crate::domain::article::ArticleId;
use crate::domain::text::Line;
use crate::publish::archive::amend as change_what_is_public;
use url::Url;

/// What to correct, replace or remove on the web.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  week-in-review issues amend 214 --story 31 --title \"Envoys meet in Vienna\" --note \"The first version named the wrong city.\"")]
pub struct Amend {
    /// Which issue
    #[command(flatten)]
    which: Which,
    /// The story, by its number as `issues show` prints it; without one, only the note is added
    #[arg(long, value_name = "NUMBER")]
    story: Option<i64>,
    /// Its headline
    #[arg(long, requires = "story")]
    title: Option<String>,
    /// Its summary
    #[arg(long, requires = "story")]
    summary: Option<String>,
    /// Its address
    #[arg(long, requires = "story")]
    url: Option<Url>,
    /// Who wrote it; may stand several times
    #[arg(long, requires = "story")]
    author: Vec<String>,
    /// Show it without its picture
    #[arg(long, requires = "story")]
    no_picture: bool,
    /// Take the story out
    #[arg(long, requires = "story", conflicts_with_all = ["title", "summary", "url", "author", "no_picture"])]
    remove: bool,
    /// The sentence that readers see beside today's date
    #[arg(long)]
    note: String,
    /// Print the sentence in the next issue, too, before everything else
    #[arg(long)]
    in_next_issue: bool,
}

/// An issue that is to be gone.
#[derive(Debug, clap::Args)]
pub struct Withdraw {
    /// Which issue
    #[command(flatten)]
    which: Which,
    /// The sentence that stands in its place
    #[arg(long)]
    note: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Changes page, feeds and search of an issue at once.
pub fn amend(app: &App, order: &Amend, context: &Context) -> anyhow::Result<()> {
    let change = order.change()?;
    apply(app, &order.which, change, &order.note, "amend", context, "reads differently on the web from now on")?;
    if order.in_next_issue {
        super::correct::announce(app, &order.which.find(app)?, &order.note, context)?;
    }
    Ok(())
}

/// Takes an issue off the web.
pub fn withdraw(app: &App, order: &Withdraw, context: &Context) -> anyhow::Result<()> {
    let question = "Take this issue off the web? Its address will say that it was withdrawn.";
    if !context.confirm(question, order.yes)? {
        return Ok(());
    }
    let sentence = "is withdrawn: its page says so (410), and no list, feed or search shows it";
    apply(app, &order.which, Change::Withdrawn, &order.note, "withdraw", context, sentence)
}

impl Amend {
    fn change(&self) -> anyhow::Result<Change> {
        let Some(article) = self.story.map(ArticleId) else { return Ok(Change::Note) };
        if self.remove {
            return Ok(Change::Removed { article });
        }
        let line = |text: &Option<String>| text.as_deref().map(Line::clean);
        let authors: Vec<Line> = self.author.iter().map(|name| Line::clean(name)).collect();
        let nothing = self.title.is_none() && self.summary.is_none() && self.url.is_none() && authors.is_empty();
        if nothing && !self.no_picture {
            let sentence = "say what changes: --title, --summary, --url, --author, --no-picture or --remove";
            return Err(Usage(sentence.into()).into());
        }
        if self.title.as_deref().is_some_and(|title| Line::clean(title).is_empty()) {
            return Err(Usage("--title must not be empty; --remove takes the story out".into()).into());
        }
        if let Some(url) = self.url.as_ref().filter(|url| !matches!(url.scheme(), "http" | "https")) {
            return Err(Usage(format!("--url {url}: readers follow http and https only")).into());
        }
        Ok(Change::Story {
            article,
            title: line(&self.title),
            summary: line(&self.summary),
            url: self.url.clone(),
            authors: (!authors.is_empty()).then_some(authors),
            no_picture: self.no_picture,
        })
    }
}

fn apply(
    app: &App,
    which: &Which,
    change: Change,
    note: &str,
    action: &str,
    context: &Context,
    sentence: &str,
) -> anyhow::Result<()> {
    let note = Line::clean(note);
    if note.is_empty() {
        return Err(Usage("--note must say in a sentence what was changed".into()).into());
    }
    let row = which.find(app)?;
    let public = change_what_is_public(&app.store, row.id, change, note, "operator", app.now())?;
    super::done(app, &row, action, context, sentence)?;
    context.say(public.issue.newsletter.issue_url(public.issue.number));
    Ok(())
}
