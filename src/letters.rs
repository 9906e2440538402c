//! The post room: works off what visitors asked for, writes the single mails that answer, and hands them over. One step at a time; what waits is asked
//! of the store, so a restart needs no care, and a letter that is tried again keeps its Message-ID.

use crate::domain::address::EmailAddress;
use crate::domain::issue::Issue;
use crate::domain::letter::LetterKind;
use crate::domain::newsletter::Newsletter;
use crate::domain::signup::Rules;
use crate::domain::subscriber::Subscriber;
use crate::domain::tag::Slug;
use crate::domain::token::{Claim, Keyring, Purpose};
use crate::mail::dkim::{Signer, prepend_signatures};
use crate::mail::mailer::{Envelope, HandOver, Mailer, Session};
use crate::mail::mime::{List, Mailbox, MessageParts, Personal, Skeleton};
use crate::store::letters::Letter;
use crate::store::{Store, StoreError};
use crate::subscribe::{Clerk, SubscribeError, Worked};
use crate::templates::dates;
use crate::templates::letters::{self, Confirm, Fresh, Known, Welcome};
use crate::templates::texts::Texts;
use chrono::{DateTime, TimeDelta, Utc};

/// Nobody else takes a letter that is in hand for so long.
const IN_HAND: TimeDelta = TimeDelta::minutes(10);

/// The waits before the next tries; then the last again, until the letter's link has ended.
const WAITS: [TimeDelta; 4] =
    [TimeDelta::minutes(1), TimeDelta::minutes(5), TimeDelta::minutes(20), TimeDelta::hours(1)];

/// Headlines of the latest issue in a welcome.
const HEADLINES: usize = 5;

/// All that writing and handing over letters needs.
#[derive(Debug)]
pub struct PostRoom<'a> {
    /// The database.
    pub store: &'a Store,
    /// Signs the links.
    pub keyring: &'a Keyring,
    /// The way out of mail.
    pub mailer: &'a Mailer,
    /// Sign it.
    pub signers: &'a [Signer],
    /// The newsletters, in the order of the front page.
    pub newsletters: &'a [Newsletter],
    /// The rules by which readers sign up.
    pub rules: &'a Rules,
}

/// What one round did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Posted {
    /// Letters that the relay took.
    pub sent: usize,
    /// Letters that wait for another try.
    pub waiting: usize,
    /// Why, in words, the first time something failed.
    pub trouble: Option<String>,
}

/// Why a letter was not written.
enum Unwritten {
    /// Whom it was for is gone, or it has become pointless.
    Pointless,
    /// It cannot be put together: the operator's to mend.
    Broken(String),
}

impl PostRoom<'_> {
    /// Works off every request that waits; how many letters were written.
    pub fn work_off(&self, chance: &dyn Fn() -> [u8; 8], now: DateTime<Utc>) -> Result<usize, SubscribeError> {
        let newsletters: Vec<Slug> = self.newsletters.iter().map(|newsletter| newsletter.slug.clone()).collect();
        let (store, keyring, rules) = (self.store, self.keyring, self.rules);
        let clerk = Clerk { store, keyring, rules, newsletters: &newsletters, chance };
        let mut written = 0;
        loop {
            match clerk.work_off_one(now)? {
                Worked::Idle => return Ok(written),
                Worked::Letter(kind) => {
                    tracing::debug!(kind = kind.as_str(), "a letter was written");
                    written += 1;
                }
                Worked::Nothing => tracing::debug!("a request was put away without a letter"),
            }
        }
    }

    /// Hands over every letter that is due, through one session.
    pub async fn hand_over(&self, now: DateTime<Utc>) -> Result<Posted, StoreError> {
        let mut posted = Posted::default();
        let mut session: Option<Session> = None;
        while let Some(letter) = self.store.claim_letter(now, now + IN_HAND)? {
            if session.as_ref().is_none_or(Session::is_broken) {
                match self.mailer.open().await {
                    Ok(open) => session = Some(open),
                    Err(error) => {
                        self.wait(&letter, now, &mut posted)?;
                        posted.trouble.get_or_insert(error.to_string());
                        break;
                    }
                }
            }
            if let Some(session) = &mut session {
                self.hand_over_one(session, &letter, now, &mut posted).await?;
            }
        }
        if let Some(session) = session {
            session.close().await;
        }
        Ok(posted)
    }

    async fn hand_over_one(
        &self,
        session: &mut Session,
        letter: &Letter,
        now: DateTime<Utc>,
        posted: &mut Posted,
    ) -> Result<(), StoreError> {
        let (to, message) = match self.write(letter, now)? {
            Ok(written) => written,
            Err(unwritten) => {
                if let Unwritten::Broken(why) = unwritten {
                    posted.trouble.get_or_insert(why);
                }
                return self.store.letter_outcome(letter.id, None, None);
            }
        };
        match session.send(&Envelope { from: None, to: &to, id: None }, &message).await {
            HandOver::Accepted { .. } => {
                posted.sent += 1;
                self.store.letter_outcome(letter.id, Some(now), None)
            }
            HandOver::Refused { code, reply, .. } => {
                tracing::info!(code, reply, kind = letter.kind.as_str(), "a letter was refused");
                self.store.letter_outcome(letter.id, None, None)
            }
            // The same Message-ID goes out again: at worst somebody is asked twice.
            HandOver::Deferred { reply: why, .. } | HandOver::NotHandedOver { why } | HandOver::InDoubt { why } => {
                posted.trouble.get_or_insert(why);
                self.wait(letter, now, posted)
            }
        }
    }

    fn wait(&self, letter: &Letter, now: DateTime<Utc>, posted: &mut Posted) -> Result<(), StoreError> {
        let wait = WAITS[(letter.tries as usize).min(WAITS.len() - 1)];
        let again = Some(now + wait).filter(|at| *at < letter.expires_at);
        posted.waiting += usize::from(again.is_some());
        self.store.letter_outcome(letter.id, None, again)
    }

    /// The finished message and whom it goes to.
    fn write(
        &self,
        letter: &Letter,
        now: DateTime<Utc>,
    ) -> Result<Result<(EmailAddress, Vec<u8>), Unwritten>, StoreError> {
        let person = match letter.subscriber {
            Some(id) => self.store.read_people(|people| people.by_id(id))?,
            None => None,
        };
        let Some(person) = person.filter(|_| letter.used_at.is_none() && letter.expires_at > now) else {
            return Ok(Err(Unwritten::Pointless));
        };
        let Some(page) = Page::of(self, letter, person)? else { return Ok(Err(Unwritten::Pointless)) };
        let Some(written) = page.written(now)? else { return Ok(Err(Unwritten::Pointless)) };
        let to = letter.address.clone().unwrap_or_else(|| page.person.address.clone());
        Ok(self.message(&page, &written, &to, now).map(|message| (to, message)).map_err(Unwritten::Broken))
    }

    fn message(
        &self,
        page: &Page<'_>,
        written: &letters::Letter,
        to: &EmailAddress,
        now: DateTime<Utc>,
    ) -> Result<Vec<u8>, String> {
        let newsletter = page.newsletter;
        let parse = |address: &str| EmailAddress::parse(address).map_err(|error| format!("{address:?}: {error}"));
        let from = parse(&newsletter.sender.from_address)?;
        let reply_to = newsletter.sender.reply_to.as_deref().map(parse).transpose()?;
        let contact = format!("mailto:{}", newsletter.publication.contact);
        let list = List {
            name: newsletter.title.as_str(),
            id: &newsletter.sender.list_id,
            help: Some(&contact),
            owner: Some(&contact),
            archive: None,
            feedback_id: None,
        };
        let parts = MessageParts {
            from: Mailbox { name: newsletter.sender.from_name.as_str(), address: &from },
            reply_to: reply_to.as_ref().map(|address| Mailbox { name: "", address }),
            subject: &written.subject,
            date: now.with_timezone(&newsletter.zone).fixed_offset(),
            html: &written.html,
            text: &written.text,
            pictures: &[],
            // The welcome alone is newsletter mail; the others answer what somebody did.
            list: (page.letter.kind == LetterKind::Welcome).then_some(list),
        };
        let message_id = format!("{}@{}", self.keyring.letter_id(page.letter.code), from.domain());
        let unsubscribe_url = page.link(Purpose::Unsubscribe);
        let personal = Personal {
            to,
            message_id: &message_id,
            unsubscribe_url: &unsubscribe_url,
            unsubscribe_mailbox: None,
            preferences_url: "",
            confirmed_on: "",
        };
        let mut message = Vec::new();
        Skeleton::build(&parts).map_err(|error| error.to_string())?.splice(&personal, &mut message);
        prepend_signatures(self.signers, &mut message, now);
        Ok(message)
    }
}

/// What a letter is written from.
struct Page<'a> {
    room: &'a PostRoom<'a>,
    letter: &'a Letter,
    person: Subscriber,
    newsletter: &'a Newsletter,
    newsletter_id: u16,
    texts: &'static Texts,
    names: Vec<&'a str>,
}

impl<'a> Page<'a> {
    fn of(room: &'a PostRoom<'a>, letter: &'a Letter, person: Subscriber) -> Result<Option<Self>, StoreError> {
        let about = letter.terms.newsletters(room.newsletters);
        let own =
            person.subscriptions.iter().find_map(|one| room.newsletters.iter().find(|n| n.slug == one.newsletter));
        let Some(newsletter) = about.first().copied().or(own).or(room.newsletters.first()) else { return Ok(None) };
        let Some(newsletter_id) = room.store.known_newsletter_id(&newsletter.slug)? else { return Ok(None) };
        let language = letter.terms.language.as_ref().or(person.language.as_ref()).unwrap_or(&newsletter.language);
        let (texts, names) = (Texts::of(language), about.iter().map(|one| one.title.as_str()).collect());
        Ok(Some(Self { room, letter, person, newsletter, newsletter_id, texts, names }))
    }

    fn written(&self, now: DateTime<Utc>) -> Result<Option<letters::Letter>, StoreError> {
        let (address, asked_on, host) = (self.person.address.as_str(), self.day(self.letter.at), self.host());
        let (newsletter, texts, names) = (self.newsletter, self.texts, self.names.as_slice());
        Ok(match self.letter.kind {
            LetterKind::Confirm => Some(letters::confirm(Confirm {
                newsletter,
                texts,
                names,
                topics: &self.letter.terms.topics(self.room.newsletters),
                address,
                asked_on: &asked_on,
                until: &self.day(self.letter.expires_at),
                host: &host,
                url: &self.fresh("c", Purpose::Confirm),
            })),
            LetterKind::Known => Some(letters::known(Known {
                newsletter,
                texts,
                names,
                address,
                asked_on: &asked_on,
                host: &host,
                url: &self.link(Purpose::Preferences),
            })),
            LetterKind::Welcome => self.welcome(now)?,
            kind => letters::fresh(
                kind,
                Fresh {
                    newsletter,
                    texts,
                    names: &texts.list(names.iter().copied()),
                    address: self.letter.address.as_ref().map_or(address, EmailAddress::as_str),
                    asked_on: &asked_on,
                    until: &self.day(self.letter.expires_at),
                    host: &host,
                    url: &if kind == LetterKind::Link {
                        self.link(Purpose::Preferences)
                    } else {
                        self.fresh("me", Purpose::Fresh)
                    },
                },
            ),
        })
    }

    /// None while there is no issue yet: the confirmation page has said all there is.
    fn welcome(&self, now: DateTime<Utc>) -> Result<Option<letters::Letter>, StoreError> {
        let Some(issue) = self.latest()? else { return Ok(None) };
        let next = self.room.store.next_date(self.newsletter, now)?.map(|next| self.day(next.at));
        let stories: Vec<(String, String)> = issue
            .stories
            .iter()
            .filter_map(|story| Some((story.title.as_str().to_owned(), story.url.as_ref()?.to_string())))
            .take(HEADLINES)
            .collect();
        Ok(Some(letters::welcome(Welcome {
            newsletter: self.newsletter,
            texts: self.texts,
            names: &self.names,
            address: self.person.address.as_str(),
            confirmed_on: &dates::day(self.letter.at.with_timezone(&self.newsletter.zone).date_naive(), self.texts),
            next: next.as_deref(),
            number: issue.number,
            stories: &stories,
            issue_url: &self.newsletter.issue_url(issue.number),
            preferences_url: &self.link(Purpose::Preferences),
            unsubscribe_url: &self.link(Purpose::Unsubscribe),
        })))
    }

    fn latest(&self) -> Result<Option<Issue>, StoreError> {
        match self.room.store.latest_published(self.newsletter_id)? {
            Some((number, _)) => {
                Ok(self.room.store.published_issue(self.newsletter_id, number)?.map(|public| public.issue))
            }
            None => Ok(None),
        }
    }

    /// A page that the person's own links lead to.
    fn link(&self, purpose: Purpose) -> String {
        let (public_id, epoch) = (self.person.public_id, self.person.epoch);
        let claim = Claim { purpose, newsletter: self.newsletter_id, public_id, epoch };
        let page = if purpose == Purpose::Preferences { "p" } else { "u" };
        self.at(page, claim)
    }

    /// A page that this letter alone opens.
    fn fresh(&self, page: &str, purpose: Purpose) -> String {
        self.at(page, Claim { purpose, newsletter: 0, public_id: self.letter.code, epoch: 0 })
    }

    fn at(&self, page: &str, claim: Claim) -> String {
        format!("{}/{page}/{}", self.newsletter.brand.web_base, self.room.keyring.url_token(claim))
    }

    fn day(&self, at: DateTime<Utc>) -> String {
        dates::minute(at.with_timezone(&self.newsletter.zone), self.texts)
    }

    fn host(&self) -> String {
        let base = url::Url::parse(&self.newsletter.brand.web_base).ok();
        base.as_ref().and_then(|url| url.host_str()).unwrap_or_default().to_owned()
    }
}
