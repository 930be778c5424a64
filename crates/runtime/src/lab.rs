//! The failure lab: any context and any outside system can be made to fail.

use std::{collections::BTreeMap, fmt, str::FromStr, sync::Arc, time::Duration};

use parking_lot::RwLock;
use thiserror::Error;
use tokio::sync::watch;

use crate::{
    Failure,
    bell::{Bell, Ear},
    ports::Chance,
};

/// How a context or an outside system feels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Mood {
    /// As it should be.
    #[default]
    Up,
    /// As if its process were gone.
    Down,
    /// Answers so much later.
    Slow(Duration),
    /// So many of a hundred calls fail.
    Failing(u32),
    /// Does what it is asked, and its answer is lost.
    Unknown,
    /// A mood of its own, such as `decline`.
    Own(String),
}

/// What was said to the lab and is not a mood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not a state; say up, down, slow 620ms or failing 30%")]
pub struct NoMood(String);

/// Who feels how.
pub struct Lab {
    moods: RwLock<BTreeMap<&'static str, Mood>>,
    chance: Arc<dyn Chance>,
    changed: watch::Sender<u64>,
    bell: Arc<Bell>,
}

impl Lab {
    /// Everyone named is up.
    pub fn of(names: impl IntoIterator<Item = &'static str>, chance: Arc<dyn Chance>) -> Self {
        let moods = names.into_iter().map(|name| (name, Mood::Up)).collect();
        let (changed, bell) = (watch::Sender::new(0), Arc::default());
        Self { moods: RwLock::new(moods), chance, changed, bell }
    }

    /// Everyone, and how they feel.
    #[must_use]
    pub fn moods(&self) -> Vec<(&'static str, Mood)> {
        self.moods.read().iter().map(|(name, mood)| (*name, mood.clone())).collect()
    }

    /// How one feels; nothing when nobody has that name.
    #[must_use]
    pub fn mood(&self, name: &str) -> Option<Mood> {
        self.moods.read().get(name).cloned()
    }

    /// Makes one feel so; false when nobody has that name.
    pub fn set(&self, name: &str, mood: Mood) -> bool {
        let mut moods = self.moods.write();
        let Some(present) = moods.get_mut(name) else { return false };
        *present = mood;
        drop(moods);
        self.changed.send_modify(|count| *count += 1);
        self.bell.ring();
        true
    }

    /// Wakes whenever somebody's mood has changed.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// As [`Lab::changes`], for the readers of this process: they are woken in order.
    pub(crate) fn ear(&self) -> Ear {
        self.bell.ear()
    }

    /// Whether it is as if its process were gone.
    #[must_use]
    pub fn is_down(&self, name: &str) -> bool {
        self.moods.read().get(name) == Some(&Mood::Down)
    }

    /// A call to it: let through, let through later, or failed.
    ///
    /// # Errors
    ///
    /// [`Failure::Unavailable`] when it is down, or fails by chance.
    pub async fn pass(&self, name: &str) -> Result<(), Failure> {
        match self.mood(name).unwrap_or_default() {
            Mood::Up | Mood::Unknown | Mood::Own(_) => Ok(()),
            Mood::Down => Err(Failure::unavailable(name, "it is down")),
            Mood::Slow(by) => {
                tokio::time::sleep(by).await;
                Ok(())
            }
            Mood::Failing(percent) => {
                let fails = self.chance.bits() % 100 < u128::from(percent);
                if fails { Err(Failure::unavailable(name, "it failed")) } else { Ok(()) }
            }
        }
    }
}

impl FromStr for Mood {
    type Err = NoMood;

    fn from_str(text: &str) -> Result<Self, NoMood> {
        let no_mood = || NoMood(text.to_owned());
        let words: Vec<_> = text.split_whitespace().collect();
        match words[..] {
            ["up"] => Ok(Self::Up),
            ["down"] => Ok(Self::Down),
            ["unknown"] => Ok(Self::Unknown),
            ["slow", by] => {
                let by = by.strip_suffix("ms").and_then(|ms| ms.parse().ok());
                by.filter(|ms| *ms <= 60_000)
                    .map(|ms| Self::Slow(Duration::from_millis(ms)))
                    .ok_or_else(no_mood)
            }
            ["failing", share] => {
                let share = share.strip_suffix('%').and_then(|percent| percent.parse().ok());
                share.filter(|percent| *percent <= 100).map(Self::Failing).ok_or_else(no_mood)
            }
            [own] if own.chars().all(|c| c.is_ascii_lowercase()) => Ok(Self::Own(own.to_owned())),
            _ => Err(no_mood()),
        }
    }
}

impl fmt::Display for Mood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Up => f.write_str("up"),
            Self::Down => f.write_str("down"),
            Self::Slow(by) => write!(f, "slow {}ms", by.as_millis()),
            Self::Failing(percent) => write!(f, "failing {percent}%"),
            Self::Unknown => f.write_str("unknown"),
            Self::Own(mood) => f.write_str(mood),
        }
    }
}
