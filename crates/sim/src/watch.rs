//! Sees that every run comes to an end: code that turns in circles without ever
//! waiting cannot be stopped from within.

use std::{
    process,
    sync::{Arc, Weak},
    thread,
    time::{Duration, Instant},
};

use parking_lot::Mutex;

/// Sees that every run comes to an end, as long as it is kept.
pub struct Watch(Arc<Mutex<Option<(String, Instant)>>>);

impl Watch {
    /// Ends this program when a run takes longer than this.
    #[must_use]
    pub fn over_runs(patience: Duration) -> Self {
        let run = Arc::default();
        let seen = Arc::downgrade(&run);
        thread::spawn(move || look(&seen, patience));
        Self(run)
    }

    /// This run begins.
    pub fn begins(&self, run: &str) {
        *self.0.lock() = Some((run.to_owned(), Instant::now()));
    }
}

fn look(seen: &Weak<Mutex<Option<(String, Instant)>>>, patience: Duration) {
    while let Some(run) = seen.upgrade() {
        if let Some((run, begin)) = &*run.lock()
            && begin.elapsed() > patience
        {
            println!("\n{run} does not come to an end: it has taken more than {patience:?}");
            process::exit(1);
        }
        drop(run);
        thread::sleep(Duration::from_millis(200));
    }
}
