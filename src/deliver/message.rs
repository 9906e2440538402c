//! From a frozen rendering to one reader's message: the skeleton once per variant, the reader's own values once per message. Sends nothing.

use super::{ConfirmedOn, DeliverError, DeliveryOrder, EmbeddedPicture};
use crate::domain::address::EmailAddress;
use crate::domain::delivery::{Place, Recipient, Tries};
use crate::domain::issue::IssueId;
use crate::domain::newsletter::Newsletter;
use crate::domain::returns::ReturnPath;
use crate::domain::text::Language;
use crate::domain::token::{Claim, Keyring, Purpose, Returned, base32};
use crate::mail::copies::Copies;
use crate::mail::dkim::Signer;
use crate::mail::mime::{List, Mailbox, MessageParts, Personal, Picture, Skeleton};
use crate::mail::octets::Octets;
use crate::store::issues::Variant;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The addresses in the mail of a newsletter, read once.
#[derive(Debug, Clone)]
pub struct Senders {
    /// In `From`.
    pub from: EmailAddress,
    /// In `Reply-To`, if not the same.
    pub reply_to: Option<EmailAddress>,
    /// Where returned mail goes that carries no token.
    pub bounce: EmailAddress,
    /// Where each message has a return path of its own.
    pub returns: Option<ReturnPath>,
}

impl Senders {
    /// Reads the addresses of a newsletter.
    pub fn of(newsletter: &Newsletter) -> Result<Self, DeliverError> {
        let parse = |address: &str| {
            EmailAddress::parse(address).map_err(|error| DeliverError::Sender {
                newsletter: newsletter.slug.to_string(),
                address: address.to_owned(),
                error,
            })
        };
        let sender = &newsletter.sender;
        let from = parse(&sender.from_address)?;
        let reply_to = sender.reply_to.as_deref().map(parse).transpose()?;
        let returns = sender.returns.as_ref().map(ReturnPath::parse).transpose().map_err(|error| {
            let address = sender.returns.as_ref().map(|returns| returns.address.clone()).unwrap_or_default();
            DeliverError::Returns { newsletter: newsletter.slug.to_string(), address, error }
        })?;
        let bounce = sender.bounce_address.as_deref().map(parse).transpose()?;
        let bounce =
            bounce.or_else(|| returns.as_ref().map(|path| path.plain().clone())).unwrap_or_else(|| from.clone());
        Ok(Self { from, reply_to, bounce, returns })
    }
}

/// Builds the message of a variant, with its list headers and those pictures that its HTML shows.
pub fn skeleton(order: &DeliveryOrder, senders: &Senders, variant: &Variant) -> Result<Skeleton, DeliverError> {
    let newsletter = &order.newsletter;
    let list = ListTexts::of(order, senders);
    let shown: Vec<Picture<'_>> =
        order.pictures.iter().filter(|picture| is_shown(picture, variant)).map(part).collect();
    let parts = MessageParts {
        from: Mailbox { name: newsletter.sender.from_name.as_str(), address: &senders.from },
        reply_to: senders.reply_to.as_ref().map(|address| Mailbox { name: "", address }),
        subject: &variant.subject,
        date: order.frozen_at.with_timezone(&newsletter.zone).fixed_offset(),
        html: &variant.html,
        text: &variant.text,
        pictures: &shown,
        list: Some(List {
            name: newsletter.title.as_str(),
            id: &newsletter.sender.list_id,
            help: Some(&list.contact),
            owner: Some(&list.contact),
            archive: list.archive.as_deref(),
            feedback_id: Some(&list.feedback_id),
        }),
    };
    Skeleton::build(&parts).map_err(|error| DeliverError::Build { issue: order.number, error })
}

/// The values of the list headers.
struct ListTexts {
    contact: String,
    archive: Option<String>,
    feedback_id: String,
}

impl ListTexts {
    fn of(order: &DeliveryOrder, senders: &Senders) -> Self {
        let newsletter = &order.newsletter;
        let archive = format!("{}/{}", newsletter.brand.web_base, newsletter.slug);
        Self {
            contact: format!("mailto:{}", newsletter.publication.contact),
            archive: archive.starts_with("https://").then_some(archive),
            feedback_id: format!("{}:{}:newsletter:{}", order.number, newsletter.slug, sender_id(&senders.from)),
        }
    }
}

/// The last field of Feedback-ID: 5 to 15 characters, the same in all mail of a sending domain.
fn sender_id(from: &EmailAddress) -> String {
    base32(&Sha256::digest(from.domain().as_bytes())[..6])
}

fn is_shown(picture: &EmbeddedPicture, variant: &Variant) -> bool {
    variant.html.contains(&format!("cid:{}", picture.cid))
}

fn part(picture: &EmbeddedPicture) -> Picture<'_> {
    let EmbeddedPicture { cid, media_type, file_name, bytes } = picture;
    Picture { cid, media_type, file_name, bytes }
}

/// Everything that makes a recipient's values, but for the recipient.
pub struct Personalizer<'a> {
    /// Signs the links.
    pub keyring: &'a Keyring,
    /// Of which issue.
    pub issue: IssueId,
    /// The newsletter's row number.
    pub newsletter_id: u16,
    /// The web address under which the reader pages lie.
    pub web_base: &'a str,
    /// The domain of the Message-ID.
    pub domain: &'a str,
    /// Where returned mail is read, if it is.
    pub returns: Option<&'a ReturnPath>,
    /// Words the day of confirmation.
    pub confirmed_on: &'a ConfirmedOn,
}

impl Personalizer<'_> {
    /// The name by which this issue to this recipient is known: the left half of its Message-ID, the same in every attempt.
    pub fn name(&self, recipient: &Recipient) -> String {
        self.keyring.message_id(self.issue, recipient.public_id)
    }

    /// The envelope's sender for a recipient: says which message of which issue it was, should it come back. None where one mailbox does for all.
    pub fn return_path(&self, recipient: &Recipient) -> Option<EmailAddress> {
        let Recipient { public_id, epoch, .. } = *recipient;
        let returned = Returned { issue: self.issue, public_id, epoch: epoch as u8 };
        self.returns.map(|path| path.with(&self.keyring.return_token(returned)))
    }

    /// Writes a recipient's copy of a message, known by `name` and signed at an instant, over whatever `out` held.
    pub fn write(
        &self,
        (copies, language): (&Copies, &Language),
        (recipient, name): (&Recipient, &str),
        at: DateTime<Utc>,
        out: &mut Octets,
    ) {
        let claim = |purpose| Claim {
            purpose,
            newsletter: self.newsletter_id,
            public_id: recipient.public_id,
            epoch: recipient.epoch,
        };
        let link = |path: &str, purpose| format!("{}/{path}/{}", self.web_base, self.keyring.url_token(claim(purpose)));
        let message_id = format!("{name}@{}", self.domain);
        let mailbox = self.returns.map(|path| path.with(&self.keyring.mail_token(claim(Purpose::Unsubscribe))));
        let personal = Personal {
            to: &recipient.address,
            message_id: &message_id,
            unsubscribe_url: &link("u", Purpose::Unsubscribe),
            unsubscribe_mailbox: mailbox.as_ref().map(EmailAddress::as_str),
            preferences_url: &link("p", Purpose::Preferences),
            confirmed_on: &(self.confirmed_on)(recipient.confirmed_at, language),
        };
        copies.lay(&personal, at, out);
    }
}

/// One finished message for looking at or for a test: an issue's rendering as it would reach an address. Its links are signed for nobody, so
/// following them changes nothing.
pub fn sample(
    order: &DeliveryOrder,
    variant: &Variant,
    personalizer: &Personalizer<'_>,
    address: &EmailAddress,
    signers: Arc<Vec<Signer>>,
) -> Result<Vec<u8>, DeliverError> {
    let senders = Senders::of(&order.newsletter)?;
    let copies = Copies::new(skeleton(order, &senders, variant)?, signers);
    let nobody = Recipient {
        place: Place { claim: 0, lane: 0, seq: 0, attempt: 0 },
        tries: Tries::default(),
        subscriber: 0,
        public_id: [0; 8],
        epoch: 0,
        address: address.clone(),
        confirmed_at: order.frozen_at,
        variant: 0,
    };
    let mut message = Octets::default();
    let name = personalizer.name(&nobody);
    personalizer.write((&copies, &variant.language), (&nobody, &name), order.frozen_at, &mut message);
    Ok(message.into())
}
