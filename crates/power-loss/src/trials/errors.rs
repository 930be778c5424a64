//! One operation fails, and nothing more is written through its handle.

use std::time::{Duration, Instant};

use runtime::store::{Batch, Store, StoreError};

use super::{
    folder, script,
    session::{ALONE, Session, options},
    verdict,
};
use crate::{
    dice::Dice,
    disk::{Disk, Kind, Plan},
    report::Report,
};

/// How many batches there are for one trial.
const BATCHES: usize = 160;

/// How long an error in the background may take to be known to whoever commits.
const KNOWN: Duration = Duration::from_secs(10);

/// Every so-manieth of the first operations fails, and of a quarter as many syncs
/// and operations in checkpoints; afterwards the power fails as well, since a
/// kernel forgets what it could not write.
///
/// # Panics
///
/// When there is no folder to work in.
pub fn run(operations: u64, every: usize) -> Report {
    let mut report = Report::of("an operation fails");
    let some = operations / 4;
    for (kind, count) in [(Kind::Any, operations), (Kind::Sync, some), (Kind::Checkpoint, some)] {
        for at in (0..count).step_by(every) {
            report.add("trials", 1);
            trial(kind, at, &mut report);
        }
    }
    report
}

fn trial(kind: Kind, at: u64, report: &mut Report) {
    let name = format!("{kind:?} {at}");
    let name = name.as_str();
    let dice = Dice::of(at, kind as u64);
    let batches = script::batches(at, BATCHES);
    let folder = folder::new();
    let options = options(&dice, true);
    let session = Session::open(folder.path(), Plan::Fails(kind, at), at, &options);
    let (disk, done) = match session {
        Err((disk, error)) => {
            report.add("not opened", 1);
            if !disk.has_failed() {
                report.wrong(name, format!("it cannot be opened: {error}"));
            }
            (disk, 0)
        }
        Ok(Session { disk, store }) => {
            let session = Session { disk: disk.clone(), store };
            let (done, error) = session.commit(&batches, &dice);
            match known(&session, error) {
                Some(StoreError::Broken(_)) => {
                    report.add("told that it is broken", 1);
                    stays_broken(&session, &batches[done..], name, report);
                }
                Some(other) => report.wrong(name, format!("told {other:?}")),
                None if disk.has_failed() => report.wrong(name, "nobody was told"),
                None => {}
            }
            drop(session);
            (disk, done)
        }
    };
    if !disk.has_failed() {
        return report.wrong(name, "there are not so many operations");
    }
    let (same, any) = disk.done_later();
    if !same.is_empty() {
        report.wrong(name, format!("after the failure the same handle did {same:?}"));
    }
    // Nothing goes on in the background then, not even at the end.
    let is_alone = options.idle == Duration::MAX && options.checkpoint_pages == ALONE;
    if is_alone && !any.is_empty() {
        report.wrong(name, format!("after the failure there came {any:?}"));
    }
    report.add("nothing written later", any.is_empty().into());
    left(&disk, &batches, done, name, report);
}

/// An error in the background is known to the next who commits, if not at once.
fn known(session: &Session, error: Option<StoreError>) -> Option<StoreError> {
    if error.is_some() || !session.disk.has_failed() {
        return error;
    }
    let begun = Instant::now();
    while begun.elapsed() < KNOWN {
        if let Err(error) = session.store.commit(&Batch::default()) {
            return Some(error);
        }
        std::thread::yield_now();
    }
    None
}

fn stays_broken(session: &Session, batches: &[Batch], name: &str, report: &mut Report) {
    let later = batches.iter().take(3).map(|batch| session.store.commit(batch));
    if later.into_iter().any(|it| !matches!(it, Err(StoreError::Broken(_)))) {
        report.wrong(name, "a later commit was not refused");
    }
}

fn left(disk: &Disk, batches: &[Batch], done: usize, name: &str, report: &mut Report) {
    let folder = folder::new();
    disk.remains().put_into(folder.path()).expect("the remains can be put down");
    report.judge(name, &verdict::of(folder.path(), batches), done);
    report.add("commits acknowledged", done as u64);
}
