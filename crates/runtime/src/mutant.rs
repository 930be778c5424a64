//! Planted bugs: the simulation must find every one of them. Without the feature
//! `mutants` there are none, and nothing is left of them; and no release has it.

#[cfg(feature = "mutants")]
static PLANTED: parking_lot::RwLock<Option<Mutant>> = parking_lot::RwLock::new(None);

/// No release has any.
#[cfg(feature = "mutants")]
const _: () = assert!(cfg!(debug_assertions), "a planted bug is not for a release");

/// A planted bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mutant {
    /// What it is called.
    pub name: &'static str,
    /// What is wrong then.
    pub what: &'static str,
}

/// Whoever gave a command is answered before it is durable.
pub const ANSWERED_BEFORE_COMMIT: Mutant =
    mutant("answered_before_commit", "whoever gave a command is answered before it is durable");
/// A breaker that has opened never tries again.
pub const BREAKER_NEVER_TRIES: Mutant =
    mutant("breaker_never_tries", "a breaker that has opened never tries again");
/// A call that panics counts as delivered.
pub const CALL_PASSED_OVER: Mutant =
    mutant("call_passed_over", "a call that panics counts as delivered");
/// What follows from an event is a case of its own.
pub const CASE_FORGOTTEN: Mutant =
    mutant("case_forgotten", "what follows from an event is a case of its own");
/// What cannot be delivered is dropped, and not parked.
pub const DEAD_LETTER_LOST: Mutant =
    mutant("dead_letter_lost", "what cannot be delivered is dropped, and not parked");
/// A restart forgets what waits for a later day.
pub const DELAYED_FORGOTTEN: Mutant =
    mutant("delayed_forgotten", "a restart forgets what waits for a later day");
/// What has failed waits for its time even after the clock went back.
pub const DUE_BY_THE_CLOCK_ALONE: Mutant = mutant(
    "due_by_the_clock_alone",
    "what has failed waits for its time even after the clock went back",
);
/// A key can be at work twice.
pub const KEY_NOT_BUSY: Mutant = mutant("key_not_busy", "a key can be at work twice");
/// An answer is not kept under its key.
pub const KEY_NOT_KEPT: Mutant = mutant("key_not_kept", "an answer is not kept under its key");
/// An outside system is called under another key each time.
pub const KEY_OF_AN_EFFECT_CHANGES: Mutant =
    mutant("key_of_an_effect_changes", "an outside system is called under another key each time");
/// A key is looked for in this process only.
pub const KEY_ONCE_PER_PROCESS: Mutant =
    mutant("key_once_per_process", "a key is looked for in this process only");
/// Whoever has lost its lease delivers all the same.
pub const LEASE_NOT_CHECKED: Mutant =
    mutant("lease_not_checked", "whoever has lost its lease delivers all the same");
/// The lease of a process that has died is not taken over.
pub const LEASE_WITHOUT_END: Mutant =
    mutant("lease_without_end", "the lease of a process that has died is not taken over");
/// What waited behind a delivery is not let go when that is done.
pub const NEVER_RELEASED: Mutant =
    mutant("never_released", "what waited behind a delivery is not let go when that is done");
/// What comes later of a case does not wait for what failed.
pub const NOTHING_HELD_UP: Mutant =
    mutant("nothing_held_up", "what comes later of a case does not wait for what failed");
/// Progress is a commit of its own, after its effects.
pub const PROGRESS_APART: Mutant =
    mutant("progress_apart", "progress is a commit of its own, after its effects");
/// Progress is a commit of its own, before its effects.
pub const PROGRESS_FIRST: Mutant =
    mutant("progress_first", "progress is a commit of its own, before its effects");
/// A question is not put again though the state has changed.
pub const QUESTION_NOT_REPEATED: Mutant =
    mutant("question_not_repeated", "a question is not put again though the state has changed");
/// Whoever takes a subscription over begins one event too early.
pub const READ_AGAIN: Mutant =
    mutant("read_again", "whoever takes a subscription over begins one event too early");
/// What was put aside is tried before what came first of its case.
pub const OUT_OF_TURN: Mutant =
    mutant("out_of_turn", "what was put aside is tried before what came first of its case");
/// When nobody answers, the rest of a batch counts as delivered.
pub const REST_SKIPPED: Mutant =
    mutant("rest_skipped", "when nobody answers, the rest of a batch counts as delivered");
/// A row stays as a failed commit would have left it.
pub const ROW_KEPT_AFTER_FAILURE: Mutant =
    mutant("row_kept_after_failure", "a row stays as a failed commit would have left it");
/// A view is shown a batch from its end.
pub const ROW_OUT_OF_ORDER: Mutant =
    mutant("row_out_of_order", "a view is shown a batch from its end");
/// An effect forgets the second event of a case in a batch.
pub const SECOND_OF_CASE_SKIPPED: Mutant =
    mutant("second_of_case_skipped", "an effect forgets the second event of a case in a batch");
/// A view of others is shown every event twice.
pub const SHOWN_TWICE: Mutant =
    mutant("shown_twice", "a view of others is shown every event twice");
/// A state stays as a failed commit would have left it.
pub const STATE_KEPT_AFTER_FAILURE: Mutant =
    mutant("state_kept_after_failure", "a state stays as a failed commit would have left it");
/// Everyone hears of events before they are durable.
pub const TOLD_BEFORE_COMMIT: Mutant =
    mutant("told_before_commit", "everyone hears of events before they are durable");
/// What another process has written is not heard of before deciding.
pub const TURN_NOT_HEARD: Mutant =
    mutant("turn_not_heard", "what another process has written is not heard of before deciding");
/// A database that has failed is written to all the same.
pub const WRITTEN_AFTER_FAILURE: Mutant =
    mutant("written_after_failure", "a database that has failed is written to all the same");

/// All of them.
pub const ALL: &[Mutant] = &[
    ANSWERED_BEFORE_COMMIT,
    BREAKER_NEVER_TRIES,
    CALL_PASSED_OVER,
    CASE_FORGOTTEN,
    DEAD_LETTER_LOST,
    DELAYED_FORGOTTEN,
    DUE_BY_THE_CLOCK_ALONE,
    KEY_NOT_BUSY,
    KEY_NOT_KEPT,
    KEY_OF_AN_EFFECT_CHANGES,
    KEY_ONCE_PER_PROCESS,
    LEASE_NOT_CHECKED,
    LEASE_WITHOUT_END,
    NEVER_RELEASED,
    NOTHING_HELD_UP,
    OUT_OF_TURN,
    PROGRESS_APART,
    PROGRESS_FIRST,
    QUESTION_NOT_REPEATED,
    READ_AGAIN,
    REST_SKIPPED,
    ROW_KEPT_AFTER_FAILURE,
    ROW_OUT_OF_ORDER,
    SECOND_OF_CASE_SKIPPED,
    SHOWN_TWICE,
    STATE_KEPT_AFTER_FAILURE,
    TOLD_BEFORE_COMMIT,
    TURN_NOT_HEARD,
    WRITTEN_AFTER_FAILURE,
];

impl Mutant {
    /// Whether it is planted.
    #[cfg(feature = "mutants")]
    #[must_use]
    pub fn is_planted(self) -> bool {
        PLANTED.read().is_some_and(|it| it.name == self.name)
    }

    /// Whether it is planted: never.
    #[cfg(not(feature = "mutants"))]
    #[must_use]
    #[inline]
    pub fn is_planted(self) -> bool {
        false
    }
}

/// Plants one in this process, or none.
#[cfg(feature = "mutants")]
pub fn plant(mutant: Option<Mutant>) {
    *PLANTED.write() = mutant;
}

const fn mutant(name: &'static str, what: &'static str) -> Mutant {
    Mutant { name, what }
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn none_is_left_out() {
        let declared = include_str!("mutant.rs").matches(": Mutant =").count();
        assert_eq!(ALL.len(), declared - 1); // this line says it too
    }
}
