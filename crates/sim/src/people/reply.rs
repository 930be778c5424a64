//! What people hear, and whether it is true.

use kernel::Subject;
use runtime::{Failure, IdempotencyKey, Settlement, Told, store::StoreError};

use super::client::Wish;
use crate::{
    laws::{B1E, P2, U3, U4},
    world::World,
};

/// What somebody was told, to be held against what is there in the end.
#[derive(Debug, Clone)]
pub struct Given {
    /// The command.
    pub command: &'static str,
    /// The key it was given under.
    pub scope: Option<u128>,
    /// Whom it was for.
    pub of: Subject,
    /// Where it is to be seen.
    pub seen: (&'static str, u64),
    /// How the case stood.
    pub outcome: Settlement,
}

/// What comes back from one attempt.
#[derive(Debug, Clone)]
pub enum Reply {
    /// It was done.
    Told(Told),
    /// It was not done, and why.
    Failed(Failure),
    /// Nothing came back: it may have been done, or may still be.
    Nothing,
}

/// What to do next.
pub enum Next {
    /// That was that.
    Over,
    /// Nothing has changed, so it can be tried again.
    Again,
    /// Nobody knows.
    Doubt,
}

impl World {
    /// Whether what somebody was told is true; `doubt` when an earlier attempt
    /// under the same key may have been done.
    pub(super) fn judges(
        &self,
        wish: &Wish,
        key: Option<IdempotencyKey>,
        reply: &Reply,
        doubt: bool,
    ) -> Next {
        if wish.command == "RequestService" {
            self.looks(&B1E);
        }
        match reply {
            Reply::Told(told) => {
                self.looks(&U3);
                self.was_done(wish, key, told);
                Next::Over
            }
            Reply::Nothing => Next::Doubt,
            Reply::Failed(failure) => self.was_not_done(wish, key, failure, doubt),
        }
    }

    fn was_done(&self, wish: &Wish, key: Option<IdempotencyKey>, told: &Told) {
        let (context, position) = told.seen;
        let of = &told.of;
        let what = || format!("{} told {} {}", wish.command, of.kind, of.number);
        let witness = self.witness.lock();
        let at = usize::try_from(position).ok().and_then(|it| it.checked_sub(1));
        let event = at.and_then(|it| witness.journals[context].get(it));
        let case = event.map(|event| event.case);
        if event.is_none_or(|event| event.of != *of) {
            self.breaks(&U3, case, format!("{}, and {context}/{position} is not of it", what()));
        }
        if key.is_some_and(|key| !witness.answered(key.scope)) {
            self.breaks(&U3, case, format!("{}, and nothing is kept under its key", what()));
        }
        drop(witness);
        self.faults.saw(match (&told.outcome, told.again) {
            (_, true) => "told again what was told before",
            (Settlement::Settled, _) => "told that it is settled",
            (Settlement::Refused(_), _) => "told no in the end",
            (Settlement::Pending, _) => "told that it goes on",
        });
        let (seen, outcome, scope) = (told.seen, told.outcome.clone(), key.map(|it| it.scope));
        let given = Given { command: wish.command, scope, of: of.clone(), seen, outcome };
        if let Some(scope) = scope {
            let all = self.given.lock();
            let other = all.iter().find(|it| it.scope == Some(scope) && it.of != *of);
            if let Some(other) = other {
                let before = &other.of;
                let text = format!("{}, and before {} {}", what(), before.kind, before.number);
                self.breaks(&U4, case, text);
            }
        }
        self.given.lock().push(given);
    }

    fn was_not_done(
        &self,
        wish: &Wish,
        key: Option<IdempotencyKey>,
        failure: &Failure,
        doubt: bool,
    ) -> Next {
        let unknown = matches!(failure, Failure::Store(it)
            if matches!(**it, StoreError::Broken(_) | StoreError::Unknown(_)));
        if unknown {
            return Next::Doubt;
        }
        let done = key.is_some_and(|key| self.witness.lock().answered(key.scope));
        if done && !doubt {
            self.breaks(&U4, None, format!("{} was done, and told: {failure}", wish.command));
        }
        match failure {
            Failure::Refused(_) | Failure::Unknown { .. } => {
                if done {
                    let text = format!("{} was done, and refused: {failure}", wish.command);
                    self.breaks(&U4, None, text);
                }
                Next::Over
            }
            Failure::Unavailable { who, .. } => {
                if wish.command == "RequestService" && who != "request" {
                    self.breaks(&B1E, None, format!("a request is not taken, because {failure}"));
                }
                self.faults.saw("told to come back later");
                Next::Again
            }
            Failure::KeyBusy => {
                self.faults.saw("told that the key is at work");
                Next::Again
            }
            Failure::Store(error) => {
                if matches!(**error, StoreError::Full(_)) {
                    self.faults.saw("told that there is no room");
                }
                Next::Again
            }
            Failure::KeyReused
            | Failure::Unreadable(_)
            | Failure::TooLarge { .. }
            | Failure::BadRow { .. }
            | Failure::Fault { .. } => {
                self.breaks(&P2, None, format!("{} met {}", wish.command, failure.story()));
                Next::Over
            }
        }
    }
}
