//! The last look at stories, before an issue is composed and once more before it goes. What was withdrawn after composing holds the issue until a person
//! has decided; the service and `send` go through here alike.

use super::{App, AppError};
use crate::collect::{LookReport, last_look};
use crate::domain::article::ArticleId;
use crate::domain::issue::IssueState;
use crate::domain::newsletter::Newsletter;
use crate::domain::window::Window;
use crate::publish::PublishError;
use crate::publish::compose::{Edition, consider};
use crate::publish::edition::coming;
use crate::store::facts;
use crate::store::issues::IssueRow;

/// The states in which an issue goes out by itself.
const READY: [IssueState; 2] = [IssueState::Composed, IssueState::Approved];

impl App {
    /// Looks again at the pages of the stories that the coming issue of a newsletter would take.
    pub async fn look_again(&self, newsletter: &Newsletter) -> Result<LookReport, AppError> {
        let id = self.newsletter_id(newsletter)?;
        let now = self.now();
        let Some(occurrence) = coming(&self.store, newsletter, id, now)? else { return Ok(LookReport::default()) };
        let window = Window::new(self.store.window_from(id)?.min(now), now).map_err(PublishError::from)?;
        let number = self.store.next_number(id, newsletter.first_number)?;
        let edition =
            Edition { newsletter: id, number, occurrence, window, as_of: now, hand_as_of: now, composing: None };
        let considered = consider(&self.store, newsletter, self.desk(), edition)?.stories;
        let taken = considered.iter().filter(|considered| considered.section.is_ok());
        let articles: Vec<ArticleId> = taken.map(|considered| considered.article.id).collect();
        self.look_at(&articles).await
    }

    /// Looks again at the pages of these stories.
    pub async fn look_at(&self, articles: &[ArticleId]) -> Result<LookReport, AppError> {
        let (fetch, manner) = (self.fetcher(), self.manner());
        let report = last_look(&self.store, &fetch, &self.config.sources, articles, self.now(), &manner).await?;
        for (article, title, why) in &report.gone {
            tracing::warn!(article = article.0, "{title:?} drops out: {why}");
        }
        for article in &report.changed {
            tracing::info!(article = article.0, "its page says something else now; `articles show` tells what");
        }
        Ok(report)
    }

    /// Looks once more at the stories of issues that are about to go out: those that are due, or with `early` any that is ready. One of which a story
    /// was withdrawn since it was composed is held, unless a person has let it go after being told of that very story. Returns why, for each that is held.
    pub async fn hold_withdrawn(&self, newsletter: &Newsletter, early: bool) -> Result<Vec<String>, AppError> {
        if self.gate().closed.is_some() {
            return Ok(Vec::new());
        }
        let now = self.now();
        let is_about_to_go = |row: &IssueRow| {
            READY.contains(&row.state) && row.frozen_at.is_none() && (early || row.occurrence.at <= now)
        };
        let mut held = Vec::new();
        for row in self.store.open_issues(self.newsletter_id(newsletter)?)?.iter().filter(|row| is_about_to_go(row)) {
            let Some((_, _, issue)) = self.store.revision(row.id)? else { continue };
            let articles: Vec<_> = issue.stories.iter().map(|story| story.article).collect();
            match self.look_at(&articles).await {
                Ok(report) => held.extend(self.hold_for(row, &report)?),
                // What cannot be looked at is no reason to keep an issue back.
                Err(error) => tracing::warn!(newsletter = %newsletter.slug, "the last look failed: {error}"),
            }
        }
        Ok(held)
    }

    /// Holds an issue for what a look found, if nobody was told of it before.
    fn hold_for(&self, row: &IssueRow, report: &LookReport) -> Result<Option<String>, AppError> {
        let fact = facts::withdrawn(row.id);
        let told = self.store.fact(&fact)?.unwrap_or_default();
        let is_news = |article: &ArticleId| !told.split(',').any(|known| known == article.0.to_string());
        if !report.gone.iter().any(|(article, ..)| is_news(article)) {
            return Ok(None);
        }
        let gone: Vec<String> = report.gone.iter().map(|(article, ..)| article.0.to_string()).collect();
        self.store.set_fact(&fact, &gone.join(","))?;
        let reason = in_words(row, report);
        let is_held = self.store.move_issue(row.id, &READY, IssueState::Held, Some(&reason), self.now())?;
        Ok(is_held.then_some(reason))
    }
}

fn in_words(row: &IssueRow, report: &LookReport) -> String {
    let stories: Vec<String> = report.gone.iter().map(|(_, title, why)| format!("{title:?} ({why})")).collect();
    let (verb, them) = if stories.len() == 1 { ("was", "it") } else { ("were", "them") };
    let number = row.number.unwrap_or_default();
    format!(
        "{} {verb} withdrawn since the issue was composed; `issues approve {number} --drop-withdrawn` takes {them} out and lets it go, `issues approve {number}` lets it go as it is",
        stories.join(", ")
    )
}
