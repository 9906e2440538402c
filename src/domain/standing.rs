//! One subscription with its dates, and the only steps it may take. Decides nothing about suppressions: they stand above every subscription.

use crate::domain::issue::Choice;
use crate::domain::subscriber::Status;
use chrono::serde::ts_milliseconds_option as millis;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The word of a subscription's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Asked for, not confirmed.
    Pending,
    /// Confirmed.
    Active,
    /// Confirmed, but not now.
    Paused,
    /// Ended.
    Left,
}

impl Stage {
    const WORDS: [(Self, &'static str); 4] =
        [(Self::Pending, "pending"), (Self::Active, "active"), (Self::Paused, "paused"), (Self::Left, "left")];

    /// The word.
    pub fn as_str(self) -> &'static str {
        Self::WORDS.iter().find(|(stage, _)| *stage == self).map_or("left", |(_, word)| word)
    }

    /// The stage of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(stage, _)| *stage)
    }
}

/// Where one person's subscription to one newsletter stands, with the dates that led there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The status.
    pub stage: Stage,
    /// When they asked.
    #[serde(with = "millis", default)]
    pub asked_at: Option<DateTime<Utc>>,
    /// When they confirmed.
    #[serde(with = "millis", default)]
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When mail comes again, if they are paused and said so.
    #[serde(with = "millis", default)]
    pub paused_until: Option<DateTime<Utc>>,
    /// When they left. Kept while somebody who left asks again, so that only their own confirmation brings them back.
    #[serde(with = "millis", default)]
    pub left_at: Option<DateTime<Utc>>,
    /// Which topics.
    #[serde(with = "choice")]
    pub choice: Choice,
}

/// Who says that a subscription is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmer {
    /// The person, by the link that only they were sent.
    Person,
    /// An operator, with proof of the person's consent.
    Operator {
        /// The operator says that the proof is newer than the person's leaving.
        again: bool,
    },
}

/// A step that a subscription cannot take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// Nothing was asked for, or it was left.
    #[error("not subscribed")]
    NotSubscribed,
    /// Asked for, not confirmed.
    #[error("not confirmed yet")]
    NotConfirmed,
    /// They left; only they bring themselves back, or an operator with newer proof.
    #[error("left on {}", .0.format("%Y-%m-%d"))]
    LeftBefore(DateTime<Utc>),
}

impl Standing {
    /// Somebody asks. Whoever is subscribed stays as they are; whoever left may ask again.
    pub fn ask(before: Option<&Self>, at: DateTime<Utc>, choice: Choice) -> Self {
        match before {
            Some(now) if matches!(now.stage, Stage::Active | Stage::Paused) => now.clone(),
            before => Self {
                stage: Stage::Pending,
                asked_at: Some(at),
                confirmed_at: None,
                paused_until: None,
                left_at: before.and_then(|standing| standing.left_at),
                choice,
            },
        }
    }

    /// Somebody confirms. A second confirmation changes nothing.
    pub fn confirm(before: Option<&Self>, at: DateTime<Utc>, by: Confirmer) -> Result<Self, StepError> {
        let now = before.ok_or(StepError::NotSubscribed)?;
        if matches!(now.stage, Stage::Active | Stage::Paused) {
            return Ok(now.clone());
        }
        match (by, now.left_at) {
            (Confirmer::Operator { again: false }, Some(left_at)) => return Err(StepError::LeftBefore(left_at)),
            // An old confirmation link does not undo a later leaving.
            (Confirmer::Person, _) if now.stage == Stage::Left => return Err(StepError::NotSubscribed),
            _ => {}
        }
        let asked_at = now.asked_at.or(Some(at));
        Ok(Self { stage: Stage::Active, asked_at, confirmed_at: Some(at), left_at: None, ..now.clone() })
    }

    /// Somebody leaves: at once and for good. A second time changes nothing.
    pub fn leave(&self, at: DateTime<Utc>) -> Self {
        if self.stage == Stage::Left {
            return self.clone();
        }
        Self { stage: Stage::Left, left_at: Some(at), paused_until: None, ..self.clone() }
    }

    /// Somebody wants no mail for a while; `until` none: until they say so.
    pub fn pause(&self, until: Option<DateTime<Utc>>) -> Result<Self, StepError> {
        self.confirmed()?;
        Ok(Self { stage: Stage::Paused, paused_until: until, ..self.clone() })
    }

    /// Mail comes again.
    pub fn resume(&self) -> Result<Self, StepError> {
        self.confirmed()?;
        Ok(Self { stage: Stage::Active, paused_until: None, ..self.clone() })
    }

    /// Somebody chooses topics.
    pub fn choose(&self, choice: Choice) -> Result<Self, StepError> {
        if self.stage == Stage::Left { Err(StepError::NotSubscribed) } else { Ok(Self { choice, ..self.clone() }) }
    }

    fn confirmed(&self) -> Result<(), StepError> {
        match self.stage {
            Stage::Active | Stage::Paused => Ok(()),
            Stage::Pending => Err(StepError::NotConfirmed),
            Stage::Left => Err(StepError::NotSubscribed),
        }
    }

    /// The status with the dates that belong to it.
    pub fn status(&self) -> Status {
        let (asked_at, confirmed_at) = (self.asked_at.unwrap_or_default(), self.confirmed_at.unwrap_or_default());
        match self.stage {
            Stage::Pending => Status::Pending { asked_at },
            Stage::Active => Status::Active { confirmed_at },
            Stage::Paused => Status::Paused { confirmed_at, until: self.paused_until },
            Stage::Left => Status::Left { left_at: self.left_at.unwrap_or_default() },
        }
    }
}

/// A choice as its stored key.
mod choice {
    use crate::domain::issue::Choice;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(choice: &Choice, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&choice.key())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Choice, D::Error> {
        Ok(Choice::from_key(&String::deserialize(from)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
    }

    fn active() -> Standing {
        let asked = Standing::ask(None, at(0), Choice::Everything);
        Standing::confirm(Some(&asked), at(1), Confirmer::Person).unwrap()
    }

    #[test]
    fn who_left_comes_back_by_their_own_confirmation_alone() {
        let again = Standing::ask(Some(&active().leave(at(2))), at(3), Choice::Everything);
        assert_eq!(again.stage, Stage::Pending);
        let operator = Standing::confirm(Some(&again), at(4), Confirmer::Operator { again: false });
        assert_eq!(operator, Err(StepError::LeftBefore(at(2))));
        assert_eq!(Standing::confirm(Some(&again), at(4), Confirmer::Person).unwrap().stage, Stage::Active);
        assert!(Standing::confirm(Some(&again), at(4), Confirmer::Operator { again: true }).is_ok());
    }

    #[test]
    fn an_old_confirmation_link_does_not_undo_a_leaving() {
        let left = active().leave(at(2));
        assert_eq!(Standing::confirm(Some(&left), at(3), Confirmer::Person), Err(StepError::NotSubscribed));
    }

    #[test]
    fn asking_again_does_not_put_a_subscriber_back_to_pending() {
        let paused = active().pause(Some(at(9))).unwrap();
        assert_eq!(Standing::ask(Some(&paused), at(3), Choice::Everything), paused);
    }

    #[test]
    fn what_is_not_confirmed_cannot_be_paused() {
        let asked = Standing::ask(None, at(0), Choice::Everything);
        assert_eq!(asked.pause(None), Err(StepError::NotConfirmed));
        assert_eq!(active().leave(at(2)).choose(Choice::Everything), Err(StepError::NotSubscribed));
    }

    #[derive(Debug, Clone)]
    enum Step {
        Ask,
        Confirm,
        Operator,
        Leave,
        Pause,
        Resume,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            Just(Step::Ask),
            Just(Step::Confirm),
            Just(Step::Operator),
            Just(Step::Leave),
            Just(Step::Pause),
            Just(Step::Resume)
        ];
        proptest::collection::vec(step, 0..40)
    }

    proptest! {
        #[test]
        fn no_order_of_steps_makes_somebody_active_without_a_confirmation_after_their_leaving(steps in steps()) {
            let mut standing: Option<Standing> = None;
            let mut confirmed_since_leaving = false;
            for (second, step) in steps.into_iter().enumerate() {
                let now = at(second as i64);
                let next = match step {
                    Step::Ask => Some(Standing::ask(standing.as_ref(), now, Choice::Everything)),
                    Step::Confirm => Standing::confirm(standing.as_ref(), now, Confirmer::Person).ok(),
                    Step::Operator =>
                        Standing::confirm(standing.as_ref(), now, Confirmer::Operator { again: false }).ok(),
                    Step::Leave => standing.as_ref().map(|standing| standing.leave(now)),
                    Step::Pause => standing.as_ref().and_then(|standing| standing.pause(None).ok()),
                    Step::Resume => standing.as_ref().and_then(|standing| standing.resume().ok()),
                };
                let left_before = standing.as_ref().is_some_and(|standing| standing.left_at.is_some());
                match (&step, &next) {
                    (Step::Confirm, Some(_)) => confirmed_since_leaving = true,
                    (Step::Operator, Some(_)) if !left_before => confirmed_since_leaving = true,
                    (Step::Leave, Some(_)) => confirmed_since_leaving = false,
                    _ => {}
                }
                standing = next.or(standing);
                if let Some(standing) = &standing {
                    let on = matches!(standing.stage, Stage::Active | Stage::Paused);
                    prop_assert_eq!(on, confirmed_since_leaving && standing.left_at.is_none());
                    prop_assert!(!on || standing.confirmed_at.is_some());
                    prop_assert!(standing.stage != Stage::Left || standing.left_at.is_some());
                }
            }
        }
    }
}
