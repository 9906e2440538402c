//! Who stands behind a link: the person, and the subscription that the link is about. Reads, and changes nothing.

use crate::domain::newsletter::Newsletter;
use crate::domain::subscriber::{Status, Subscriber, Subscription};
use crate::domain::tag::Slug;
use crate::domain::token::Claim;
use crate::store::{Store, StoreError};
use crate::web::Site;

/// A person who followed a link, as far as they are known.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    /// What the link says.
    pub(super) claim: Claim,
    /// The person; none when they were erased since.
    pub(super) person: Option<Subscriber>,
    /// The newsletter of the link; none when it is about all of them, or about one that is not published any more.
    pub(super) newsletter: Option<Slug>,
}

impl Reader {
    /// Finds whom a verified link speaks of.
    pub(super) fn find(store: &Store, claim: Claim) -> Result<Self, StoreError> {
        store.read_people(|people| {
            Ok(Self {
                claim,
                person: people.by_public_id(claim.public_id)?,
                newsletter: people.newsletter_slug(claim.newsletter)?,
            })
        })
    }

    /// Whether the link is about all newsletters.
    pub(super) fn is_about_all(&self) -> bool {
        self.claim.newsletter == 0
    }

    /// The subscriptions that the link is about.
    pub(super) fn subscriptions(&self) -> impl Iterator<Item = &Subscription> {
        let wanted = |subscription: &&Subscription| {
            self.is_about_all() || Some(&subscription.newsletter) == self.newsletter.as_ref()
        };
        self.person.iter().flat_map(|person| &person.subscriptions).filter(wanted)
    }

    /// Whether there is anything left to leave.
    pub(super) fn is_subscribed(&self) -> bool {
        self.subscriptions().any(|subscription| !matches!(subscription.status, Status::Left { .. }))
    }

    /// Whether they get other newsletters than the one of the link.
    pub(super) fn has_others(&self) -> bool {
        let others = self.person.iter().flat_map(|person| &person.subscriptions);
        let here = |subscription: &Subscription| {
            self.is_about_all() || Some(&subscription.newsletter) == self.newsletter.as_ref()
        };
        others.filter(|other| !here(other)).any(|other| !matches!(other.status, Status::Left { .. }))
    }

    /// The newsletter whose page they see: the one of the link, else the first.
    pub(super) fn host<'s>(&self, site: &'s Site) -> Option<&'s Newsletter> {
        let named = self.newsletter.as_ref().and_then(|slug| site.newsletter(slug));
        named.or_else(|| site.newsletters.first())
    }

    /// The person and the subscription whose topics may be chosen: a confirmed one, to a newsletter that is still published.
    pub(super) fn choosing<'s>(&self, site: &'s Site) -> Option<(&Subscriber, &Subscription, &'s Newsletter)> {
        let newsletter = site.newsletter(self.newsletter.as_ref()?)?;
        let is_confirmed = |status| matches!(status, Status::Active { .. } | Status::Paused { .. });
        let subscription = self.subscriptions().find(|one| is_confirmed(one.status))?;
        Some((self.person.as_ref()?, subscription, newsletter))
    }
}
