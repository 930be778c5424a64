//! There is no room from some write on, and later there is.

use runtime::store::{Batch, Store, StoreError};

use super::{
    folder, script,
    session::{Session, options},
    verdict::{self, Verdict},
};
use crate::{dice::Dice, disk::Plan, report::Report};

/// How many batches there are for one trial.
const BATCHES: usize = 60;

/// How many of them come after there is room again.
const AFTERWARDS: usize = 10;

/// There is no room from every so-manieth of the first writes on, until there is.
///
/// # Panics
///
/// When there is no folder to work in.
pub fn run(writes: u64, every: usize) -> Report {
    let mut report = Report::of("there is no room");
    for at in (0..writes).step_by(every) {
        report.add("trials", 1);
        if let Err(how) = trial(at, &mut report) {
            report.wrong(at, how);
        }
    }
    report
}

fn trial(at: u64, report: &mut Report) -> Result<(), String> {
    let dice = Dice::of(at, 0xf011);
    let batches = script::batches(at, BATCHES);
    let folder = folder::new();
    let options = options(&dice, true);
    let open = |plan| Session::open(folder.path(), plan, at, &options);
    let session = match open(Plan::IsFull(at)) {
        Ok(session) => session,
        Err((disk, error)) if disk.refused() == 0 => return Err(error.to_string()),
        Err((disk, _)) => {
            report.add("not opened", 1);
            drop(disk);
            open(Plan::Calm).map_err(|(_, error)| format!("with room again: {error}"))?
        }
    };
    let (mut done, error) = session.commit(&batches[..BATCHES - AFTERWARDS], &dice);
    if let Some(error) = error {
        report.add("told that it is full", 1);
        done = nothing_changes(&session, &batches, done, &error)?;
    }
    report.add("writes refused", session.disk.refused());
    session.disk.recover();
    let (more, error) = session.commit(&batches[done..], &dice);
    if let Some(error) = error {
        return Err(format!("with room again, after {more} commits: {error:?}"));
    }
    let Session { disk, store } = session;
    drop(store);
    let folder = folder::new();
    disk.remains().put_into(folder.path()).expect("the remains can be put down");
    report.judge(at, &verdict::of(folder.path(), &batches), BATCHES);
    Ok(())
}

/// As often as it is tried, it is the same error, and what can be read is what
/// was acknowledged.
fn nothing_changes(
    session: &Session,
    batches: &[Batch],
    mut done: usize,
    error: &StoreError,
) -> Result<usize, String> {
    if !matches!(error, StoreError::Full(_)) {
        return Err(format!("told {error:?}"));
    }
    for _ in 0..3 {
        match session.store.commit(&batches[done]) {
            Err(StoreError::Full(_)) => {}
            // The log has begun anew, and there is room in it.
            Ok(()) => done += 1,
            other => return Err(format!("tried again: {other:?}")),
        }
        let seen = verdict::first(&session.store, batches).map_err(|error| error.to_string())?;
        if seen != Verdict::First(done) {
            return Err(format!("{seen:?} is there, and {done} were acknowledged"));
        }
    }
    Ok(done)
}
