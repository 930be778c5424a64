//! The power fails at a random moment, and again while what is left is opened.

use std::ops::Range;

use runtime::store::Batch;
use tempfile::TempDir;

use super::{
    folder, script,
    session::{Session, options},
    verdict,
};
use crate::{
    dice::Dice,
    disk::{Kind, Plan, Remains},
    report::Report,
};

/// How often the power fails in one trial.
const LIVES: u64 = 3;

/// How many batches there are for one trial.
const BATCHES: usize = 90;

/// How many operations it takes to make a database and to write the first
/// batch, more or less.
const MAKING: u64 = 60;

/// The power fails three times for every seed. With `is_durable` nothing that
/// was acknowledged may be lost; without, the last of it is, and whole.
///
/// # Panics
///
/// When there is no folder to work in.
pub fn run(seeds: Range<u64>, is_durable: bool) -> Report {
    let mode = if is_durable { "FULL" } else { "NORMAL" };
    let mut report = Report::of(format!("power loss, synchronous={mode}"));
    report.may_lose = !is_durable;
    for seed in seeds {
        trial(seed, is_durable, None, &mut report);
    }
    if report.may_lose && report.lost == 0 {
        report.wrong(0, "nothing is lost where something should be: the disk is too kind");
    }
    report
}

/// The power fails at each of the first operations there are, so many times:
/// a database that is only being made must not be in anybody's way later.
///
/// # Panics
///
/// When there is no folder to work in.
pub fn making(rounds: u64) -> Report {
    let mut report = Report::of("power loss while the database is made");
    for seed in 0..rounds * MAKING {
        let first = Plan::PowerFails(Kind::Any, seed % MAKING);
        trial(seed, true, Some(first), &mut report);
    }
    report
}

fn trial(seed: u64, is_durable: bool, first: Option<Plan>, report: &mut Report) {
    report.add("trials", 1);
    let dice = Dice::of(seed, 0x90e4);
    // It takes no more than a few to get beyond the making.
    let batches = script::batches(seed, if first.is_some() { 4 } else { BATCHES });
    let mut folder = folder::new();
    let mut there = 0;
    let lives = if first.is_some() { 1 } else { LIVES };
    for life in 0..lives {
        let plan = first.unwrap_or_else(|| plan(&dice));
        let (done, remains) = live(&folder, plan, &batches[there..], is_durable, &dice);
        let acknowledged = there + done;
        report.add("power losses", 1);
        report.add("during a checkpoint", remains.in_checkpoint.into());
        report.add("sectors dropped", remains.toll.dropped);
        report.add("sectors torn", remains.toll.torn);
        report.add("commits acknowledged", done as u64);
        folder = folder::new();
        remains.put_into(folder.path()).expect("the remains can be put down");
        let verdict = verdict::of(folder.path(), &batches);
        match report.judge(seed, &verdict, acknowledged) {
            // Were they made again, what is left of the old ones behind them in the
            // log would fit, and count again.
            Some(left) if left < acknowledged => return,
            Some(left) => there = left,
            None => return report.wrong(seed, format!("it was in life {life}, {plan:?}")),
        }
    }
}

/// When the power fails: while it is opened, while the log is copied, or at any time.
fn plan(dice: &Dice) -> Plan {
    match dice.below(10) {
        0..3 => Plan::PowerFails(Kind::Any, dice.below(100)),
        3..6 => Plan::PowerFails(Kind::Checkpoint, dice.below(100)),
        _ => Plan::PowerFails(Kind::Any, dice.below(2_500)),
    }
}

/// How many batches were acknowledged when the power failed, and what is left.
fn live(
    folder: &TempDir,
    plan: Plan,
    batches: &[Batch],
    is_durable: bool,
    dice: &Dice,
) -> (usize, Remains) {
    let options = options(dice, is_durable);
    match Session::open(folder.path(), plan, dice.bits(), &options) {
        Err((disk, _)) => (0, disk.remains()),
        Ok(session) => {
            let (done, _) = session.commit(batches, dice);
            let Session { disk, store } = session;
            if dice.percent(50) {
                // It fails now, unless it has; otherwise while it is closed, or after.
                disk.lose_power();
            }
            drop(store);
            (done, disk.remains())
        }
    }
}
