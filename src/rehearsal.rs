//! An issue rendered for looking at: what `preview`, test mails and the browser show. Touches no state; its links are signed for nobody.

use crate::app::{App, AppError, Reader};
use crate::deliver::message::{Personalizer, sample};
use crate::deliver::{Delivery, DeliveryOrder};
use crate::domain::address::EmailAddress;
use crate::domain::fit::Fit;
use crate::domain::issue::{Choice, Cut, Issue, IssueId};
use crate::domain::newsletter::Newsletter;
use crate::domain::returns::ReturnPath;
use crate::domain::slot::{What, fill};
use crate::domain::subscriber::Format;
use crate::mail::mailer::{Envelope, HandOver};
use crate::publish::arrange::cut;
use crate::publish::edition::LookKind;
use crate::publish::freeze::{in_language, variant_of};
use crate::store::issues::Variant;
use crate::templates::dates::day;
use crate::templates::digest::content_id;
use crate::templates::review::Asking;
use crate::templates::texts::Texts;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::borrow::Cow;

/// An issue as one reader would see it at an instant.
#[derive(Debug)]
pub struct Rehearsal {
    /// Its content.
    pub issue: Issue,
    /// What the reader chose.
    pub choice: Choice,
    /// How the content came about.
    pub kind: LookKind,
    /// The instant.
    pub at: DateTime<Utc>,
    /// Its rendering, with slots.
    pub variant: Variant,
    address: EmailAddress,
    newsletter_id: u16,
}

/// The stories of a rehearsal and where they stand.
#[derive(Debug, Serialize)]
pub struct Outline {
    newsletter: String,
    number: u32,
    kind: LookKind,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    subject: String,
    html_size: usize,
    fit: Fit,
    lead: Option<OutlineStory>,
    sections: Vec<OutlineSection>,
    events: Vec<String>,
}

#[derive(Debug, Serialize)]
struct OutlineSection {
    section: String,
    title: String,
    stories: Vec<OutlineStory>,
    more: Vec<OutlineStory>,
}

#[derive(Debug, Serialize)]
struct OutlineStory {
    article: i64,
    title: String,
    url: Option<String>,
    tags: Vec<String>,
}

/// Renders what the issue of a newsletter was or would be at an instant, as a subscriber gets it or with everything in it.
pub fn rehearse(
    app: &App,
    newsletter: &Newsletter,
    at: DateTime<Utc>,
    reader: Option<&str>,
) -> Result<Rehearsal, AppError> {
    let reader = match reader {
        Some(address) => app.reader(newsletter, address)?,
        None => Reader { address: nobody(), choice: Choice::Everything, language: None },
    };
    rehearse_for(app, newsletter, at, reader)
}

/// The same for a choice that nobody has to have made.
pub fn rehearse_choice(
    app: &App,
    newsletter: &Newsletter,
    at: DateTime<Utc>,
    choice: Choice,
) -> Result<Rehearsal, AppError> {
    rehearse_for(app, newsletter, at, Reader { address: nobody(), choice, language: None })
}

fn rehearse_for(app: &App, newsletter: &Newsletter, at: DateTime<Utc>, reader: Reader) -> Result<Rehearsal, AppError> {
    let look = app.look(newsletter, at)?;
    let variant = {
        let translated =
            reader.language.as_ref().map_or(Cow::Borrowed(&look.issue), |language| in_language(&look.issue, language));
        variant_of(&Cut { issue: &translated, ..cut(&look.issue, &reader.choice) }, Format::Html)
    };
    let newsletter_id = app.newsletter_id(newsletter)?;
    Ok(Rehearsal {
        issue: look.issue,
        choice: reader.choice,
        kind: look.kind,
        at,
        variant,
        address: reader.address,
        newsletter_id,
    })
}

impl Rehearsal {
    /// The same, marked as a test in its subject.
    fn marked_as_test(mut self) -> Self {
        self.variant.subject = format!("[Test] {}", self.variant.subject);
        self
    }

    /// The document, its slots filled for show. Pictures that would travel inside the mail are named by `cid:`.
    pub fn html(&self) -> String {
        fill(&self.variant.html, |what| self.shown(what))
    }

    /// The document with its pictures under `BASE/media/` of the server that shows it, wherever they lie for readers.
    pub fn html_with_local_pictures(&self, base: &str) -> String {
        let newsletter = &self.issue.newsletter;
        let pictures = self.issue.stories.iter().filter_map(|story| story.picture.as_ref());
        pictures.flat_map(crate::domain::article::Picture::sizes).fold(self.html(), |html, size| {
            let local = format!("{base}/media/{}", size.file_name());
            html.replace(&format!("cid:{}", content_id(newsletter, &size)), &local)
                .replace(&newsletter.media_url(&size), &local)
        })
    }

    /// The text part, its slots filled for show.
    pub fn text(&self) -> String {
        fill(&self.variant.text, |what| self.shown(what))
    }

    /// The whole message as it would reach an address (the reader's, if none is given), signed if a key is configured.
    pub fn message(&self, app: &App, to: Option<&EmailAddress>) -> Result<Vec<u8>, AppError> {
        Press::new(app, &self.issue, self.newsletter_id, self.at)?.message(
            app,
            &self.variant,
            to.unwrap_or(&self.address),
        )
    }

    /// The same with a note to its editors before it, in both parts.
    pub fn with_note(mut self, asking: &Asking<'_>) -> Self {
        self.variant.subject = asking.subject(&self.variant.subject);
        self.variant.text = asking.before_text(&self.variant.text);
        self.variant.html = asking.before_html(&self.variant.html);
        self
    }

    /// Mails it to one address, marked as a test. Nobody else gets anything and nothing is recorded. Returns the way it went.
    pub async fn send_test(self, app: &App, to: &EmailAddress) -> Result<String, AppError> {
        self.marked_as_test().mail(app, to).await
    }

    /// Mails it to one address as it is. Returns the way it went.
    pub async fn mail(&self, app: &App, to: &EmailAddress) -> Result<String, AppError> {
        if let Some(reason) = &app.gate().closed {
            return Err(AppError::Locked(reason.clone()));
        }
        let failed = |error: &dyn std::fmt::Display| AppError::NoIssue(format!("mail to {}: {error}", to.masked()));
        let from = self.issue.newsletter.from_address().map_err(|error| failed(&error))?;
        let message = self.message(app, Some(to))?;
        let mailer = app.mailer()?;
        let mut session = mailer.open().await.map_err(|error| failed(&error))?;
        let outcome = session.send(&Envelope { from: Some(&from), to, id: None }, &message).await;
        session.close().await;
        match outcome {
            HandOver::Accepted { .. } => Ok(mailer.describe()),
            other => Err(failed(&format!("{other:?}"))),
        }
    }

    /// The stories and where they stand.
    pub fn outline(&self) -> Outline {
        let cut = cut(&self.issue, &self.choice);
        Outline {
            newsletter: self.issue.newsletter.slug.to_string(),
            number: self.issue.number,
            kind: self.kind.clone(),
            from: self.issue.window.from(),
            to: self.issue.window.to(),
            subject: self.variant.subject.clone(),
            html_size: self.variant.html.len(),
            fit: self.variant.fit,
            lead: cut.lead.map(outline_story),
            sections: sections(&cut),
            events: cut.events.iter().map(|event| event.title.to_string()).collect(),
        }
    }

    fn shown(&self, what: What) -> String {
        let base = &self.issue.newsletter.brand.web_base;
        match what {
            What::Address => self.address.to_string(),
            What::UnsubscribeUrl => format!("{base}/u/preview"),
            What::PreferencesUrl => format!("{base}/p/preview"),
            What::ConfirmedOn => day(self.at.date_naive(), Texts::of(&self.variant.language)),
        }
    }
}

/// Makes finished messages of the renderings of one issue, as they would go out at an instant. Their links are signed for nobody.
pub struct Press {
    order: DeliveryOrder,
    delivery: Delivery,
    domain: String,
    returns: Option<ReturnPath>,
}

impl Press {
    /// Gets ready for an issue, composed or not.
    pub fn new(app: &App, issue: &Issue, newsletter_id: u16, at: DateTime<Utc>) -> Result<Self, AppError> {
        let from = issue.newsletter.from_address().map_err(|error| AppError::NoIssue(error.to_string()))?;
        let order = DeliveryOrder {
            issue: IssueId(0),
            number: issue.number,
            newsletter: issue.newsletter.clone(),
            newsletter_id,
            frozen_at: at,
            expires_at: at,
            pictures: if issue.newsletter.brand.embed_pictures { app.embedded(issue)? } else { Vec::new() },
        };
        let returns = issue.newsletter.sender.returns.as_ref().and_then(|mailbox| ReturnPath::parse(mailbox).ok());
        Ok(Self { order, delivery: app.delivery()?, domain: from.domain().to_owned(), returns })
    }

    /// The whole message of a rendering as it would reach an address, signed if a key is configured.
    pub fn message(&self, app: &App, variant: &Variant, to: &EmailAddress) -> Result<Vec<u8>, AppError> {
        let personalizer = Personalizer {
            keyring: &app.keyring,
            issue: self.order.issue,
            newsletter_id: self.order.newsletter_id,
            web_base: &self.order.newsletter.brand.web_base,
            domain: &self.domain,
            returns: self.returns.as_ref(),
            confirmed_on: &self.delivery.confirmed_on,
        };
        Ok(sample(&self.order, variant, &personalizer, to, self.delivery.signers.clone())?)
    }
}

/// An address that stands for any reader.
pub fn nobody() -> EmailAddress {
    EmailAddress::parse("reader@example.org").expect("this is an address")
}

fn sections(cut: &Cut<'_>) -> Vec<OutlineSection> {
    let section = |section: &crate::domain::issue::CutSection<'_>| OutlineSection {
        section: section.section.slug.to_string(),
        title: section.section.title.to_string(),
        stories: section.stories.iter().copied().map(outline_story).collect(),
        more: section.more.iter().copied().map(outline_story).collect(),
    };
    cut.sections.iter().map(section).collect()
}

fn outline_story(story: &crate::domain::issue::Story) -> OutlineStory {
    OutlineStory {
        article: story.article.0,
        title: story.title.to_string(),
        url: story.url.as_ref().map(ToString::to_string),
        tags: story.tags.iter().map(|tag| tag.label().to_owned()).collect(),
    }
}
