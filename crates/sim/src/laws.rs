//! What must hold, whatever goes wrong; and where it is looked at.

/// Something that must hold.
#[derive(Debug, PartialEq, Eq)]
pub struct Law {
    /// What it is called.
    pub id: &'static str,
    /// What must hold.
    pub what: &'static str,
    /// Where it is looked at: when, and by which function.
    pub looked_at: &'static str,
}

const fn law(id: &'static str, what: &'static str, looked_at: &'static str) -> Law {
    Law { id, what, looked_at }
}

/// Versions have no gap.
pub const U1: Law = law(
    "U1",
    "the versions of one are 1 to n, without a gap and none twice",
    "every commit: witness::follows; the end: folds::states",
);
/// The journal is the outbox.
pub const U2: Law = law(
    "U2",
    "a journal holds what was committed to it and nothing else, and its tallies agree",
    "every commit: witness::follows, witness::look_at; the end: folds::journals",
);
/// What was acknowledged is durable.
pub const U3: Law = law(
    "U3",
    "what was acknowledged is there, and stays there",
    "every answer: reply::was_done; the end: told::is_true",
);
/// One key, one result.
pub const U4: Law = law(
    "U4",
    "one key has one result, and who is told that nothing has changed is told the truth",
    "every commit: witness::look_at; every answer: reply::judges, client::misuse",
);
/// Once in effect.
pub const U5: Law = law(
    "U5",
    "every subscriber is delivered every event once in effect",
    "every commit: line::moved; the end: course::is_run",
);
/// No effect without cause.
pub const U6: Law = law(
    "U6",
    "nothing happens without its cause, and together with its delivery",
    "every commit: witness::follows, lines::every_effect_has_its_delivery; the end: money::adds_up",
);
/// All ends well.
pub const U7: Law = law(
    "U7",
    "when nothing goes wrong any more, all is delivered within a minute and everybody is answered",
    "the end: run::settle, run::quiet, client::once",
);
/// The money.
pub const U8: Law = law(
    "U8",
    "captured is paid: once for each request, in full, and for what was asked",
    "every commit: purse::happens; every charge: provider::write_down; the end: money::adds_up",
);
/// The stock.
pub const U9: Law = law(
    "U9",
    "received = available + held + used up, and nothing is below zero, at every version",
    "every commit: shelf::happens; the end: cases::parts",
);
/// One key for each wish.
pub const U10: Law = law(
    "U10",
    "the world outside hears of each wish under one key, for one thing",
    "every charge: provider::write_down; the end: money::adds_up",
);
/// Folds.
pub const U11: Law = law(
    "U11",
    "every state and every row is the fold of what happened",
    "every commit: witness::folds; the end: folds::states, folds::rows",
);
/// The ledger.
pub const U12: Law = law(
    "U12",
    "committed = done + refused + put aside + still to come, for every subscriber",
    "every commit: line::take; at any time and at the end: operator::audit",
);
/// The order of a case.
pub const U13: Law = law(
    "U13",
    "every subscriber sees a case in order, or what comes later waits",
    "every commit: line::take, line::in_order",
);
/// The case.
pub const U14: Law = law(
    "U14",
    "what follows from an event has its case and its trace; a first event begins its own case",
    "every commit: witness::belongs",
);
/// A part for each acceptance.
pub const B1A: Law = law(
    "B1a",
    "a job is accepted because a part was held for it, and for no other reason",
    "the end: cases::accepted_with_a_part",
);
/// One end.
pub const B1B: Law = law(
    "B1b",
    "each request ends once: paid, owed, canceled or still waiting for parts or people; \
     none is canceled after its repair",
    "the end: cases::ends_well",
);
/// Parts used up.
pub const B1C: Law =
    law("B1c", "parts are used up for repaired jobs, and for no others", "the end: cases::parts");
/// Payment.
pub const B1D: Law = law(
    "B1d",
    "each repaired job is paid once at the most, and no other is ever charged",
    "every commit: purse::happens; the end: cases::ends_well",
);
/// Intake.
pub const B1E: Law = law(
    "B1e",
    "requests are taken while everybody else is down",
    "every answer: reply::was_not_done",
);
/// Parking.
pub const P1: Law = law(
    "P1",
    "what fails by its own fault is tried as often as it should be, and then parked",
    "every commit: line::moved",
);
/// The process.
pub const P2: Law = law(
    "P2",
    "the process can be started and ended at any time, and nothing of it panics unnoticed",
    "every start and every end: process::keep_up, process::live",
);

/// All of them.
pub const LAWS: &[&Law] = &[
    &U1, &U2, &U3, &U4, &U5, &U6, &U7, &U8, &U9, &U10, &U11, &U12, &U13, &U14, &B1A, &B1B, &B1C,
    &B1D, &B1E, &P1, &P2,
];
