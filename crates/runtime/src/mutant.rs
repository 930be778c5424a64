//! Planted bugs, each behind a feature: the simulation must find every one of
//! them. Without its feature a planted bug is `false`, and nothing is left of it.

/// Whoever gave a command is answered before it is durable.
pub const ANSWERED_BEFORE_COMMIT: bool = cfg!(feature = "mutant_answered_before_commit");
/// A call that panics counts as delivered.
pub const CALL_PASSED_OVER: bool = cfg!(feature = "mutant_call_passed_over");
/// A restart forgets what waits for a later day.
pub const DELAYED_FORGOTTEN: bool = cfg!(feature = "mutant_delayed_forgotten");
/// A key can be at work twice.
pub const KEY_NOT_BUSY: bool = cfg!(feature = "mutant_key_not_busy");
/// An answer is not kept under its key.
pub const KEY_NOT_KEPT: bool = cfg!(feature = "mutant_key_not_kept");
/// An outside system is called under another key each time.
pub const KEY_OF_AN_EFFECT_CHANGES: bool = cfg!(feature = "mutant_key_of_an_effect_changes");
/// What waited behind a delivery is not let go when that is done.
pub const NEVER_RELEASED: bool = cfg!(feature = "mutant_never_released");
/// What comes later of a case does not wait for what failed.
pub const NOTHING_HELD_UP: bool = cfg!(feature = "mutant_nothing_held_up");
/// Progress is a commit of its own, after its effects.
pub const PROGRESS_APART: bool = cfg!(feature = "mutant_progress_apart");
/// A question is not put again though the state has changed.
pub const QUESTION_NOT_REPEATED: bool = cfg!(feature = "mutant_question_not_repeated");
/// When nobody answers, the rest of a batch counts as delivered.
pub const REST_SKIPPED: bool = cfg!(feature = "mutant_rest_skipped");
/// A row stays as a failed commit would have left it.
pub const ROW_KEPT_AFTER_FAILURE: bool = cfg!(feature = "mutant_row_kept_after_failure");
/// An effect forgets the second event of a case in a batch.
pub const SECOND_OF_CASE_SKIPPED: bool = cfg!(feature = "mutant_second_of_case_skipped");
/// A view of others is shown every event twice.
pub const SHOWN_TWICE: bool = cfg!(feature = "mutant_shown_twice");
/// A state stays as a failed commit would have left it.
pub const STATE_KEPT_AFTER_FAILURE: bool = cfg!(feature = "mutant_state_kept_after_failure");
/// Everyone hears of events before they are durable.
pub const TOLD_BEFORE_COMMIT: bool = cfg!(feature = "mutant_told_before_commit");
/// A database that has failed is written to all the same.
pub const WRITTEN_AFTER_FAILURE: bool = cfg!(feature = "mutant_written_after_failure");

/// No release has any.
const _: () = assert!(cfg!(debug_assertions) || !ANY, "a planted bug is not for a release");

const ANY: bool = ANSWERED_BEFORE_COMMIT
    || CALL_PASSED_OVER
    || DELAYED_FORGOTTEN
    || KEY_NOT_BUSY
    || KEY_NOT_KEPT
    || KEY_OF_AN_EFFECT_CHANGES
    || NEVER_RELEASED
    || NOTHING_HELD_UP
    || PROGRESS_APART
    || QUESTION_NOT_REPEATED
    || REST_SKIPPED
    || ROW_KEPT_AFTER_FAILURE
    || SECOND_OF_CASE_SKIPPED
    || SHOWN_TWICE
    || STATE_KEPT_AFTER_FAILURE
    || TOLD_BEFORE_COMMIT
    || WRITTEN_AFTER_FAILURE;
