//! `issues amend` and `issues withdraw`: what the public sees of an issue after it was sent. The mails are out; the frozen bytes stay as evidence.

use super::{Which, tell};
use crate::afterwards::{AfterError, Afterwards};
use crate::app::App;
use crate::cli::context::{Context, Usage};
use crate::domain::archive::{Change, Reworded, RewordedError};
use crate::domain::article::ArticleId;

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
    #[arg(long, value_name = "URL", requires = "story")]
    url: Option<String>,
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
    apply(app, &order.which, change, &order.note, order.in_next_issue, context)
}

/// Takes an issue off the web.
pub fn withdraw(app: &App, order: &Withdraw, context: &Context) -> anyhow::Result<()> {
    let question = "Take this issue off the web? Its address will say that it was withdrawn.";
    if !context.confirm(question, order.yes)? {
        return Ok(());
    }
    apply(app, &order.which, Change::Withdrawn, &order.note, false, context)
}

impl Amend {
    fn change(&self) -> anyhow::Result<Change> {
        let Some(article) = self.story.map(ArticleId) else { return Ok(Change::Note) };
        if self.remove {
            return Ok(Change::Removed { article });
        }
        let reworded = Reworded {
            title: self.title.clone(),
            summary: self.summary.clone(),
            url: self.url.clone(),
            authors: self.author.clone(),
            no_picture: self.no_picture,
        };
        reworded.change(article).map_err(|error| {
            let sentence = match error {
                RewordedError::Nothing => {
                    "say what changes: --title, --summary, --url, --author, --no-picture or --remove".to_owned()
                }
                RewordedError::NoTitle => "--title must not be empty; --remove takes the story out".to_owned(),
                RewordedError::Address(_) => format!("--url: {error}"),
            };
            Usage(sentence).into()
        })
    }
}

fn apply(app: &App, which: &Which, change: Change, note: &str, in_next: bool, context: &Context) -> anyhow::Result<()> {
    let row = which.find(app)?;
    match (Afterwards { app, row: &row, actor: "operator" }).amend(change, note, in_next) {
        Ok(done) => tell(context, &done),
        Err(AfterError::NoNote) => return Err(Usage("--note must say in a sentence what was changed".into()).into()),
        Err(error) => return Err(error.into()),
    }
    let newsletter = which.newsletter(app)?;
    context.say(newsletter.issue_url(which.number));
    Ok(())
}
