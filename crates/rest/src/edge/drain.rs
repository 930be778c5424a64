//! Tells every part of the process that it is going to stop, and how far the stopping has come.

use tokio::sync::watch;

/// How far the end has come; each stage includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Open,
    /// Readiness says no and answers say goodbye, but everything is still served.
    Draining,
    /// What waits in the accept queues is the last that is let in.
    LastCall,
    /// Connections close as soon as they have nothing in work.
    Closing,
    /// What is still open is cut.
    Ended,
}

/// A view of the end that is coming; cheap to clone, one for every part that wants to know.
#[derive(Debug, Clone)]
pub struct Drain {
    stage: watch::Receiver<Stage>,
}

impl Drain {
    pub(super) fn new() -> (watch::Sender<Stage>, Self) {
        let (sender, stage) = watch::channel(Stage::Open);
        (sender, Self { stage })
    }

    /// Whether the process is going to stop: readiness answers 503, no new work is claimed.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        *self.stage.borrow() >= Stage::Draining || self.stage.has_changed().is_err()
    }

    /// Waits until the process is going to stop; a stream without an end ends here.
    pub async fn draining(&self) {
        self.reached(Stage::Draining).await;
    }

    /// Waits for a stage. An edge that was dropped has reached them all.
    pub(super) async fn reached(&self, stage: Stage) {
        let mut seen = self.stage.clone();
        let _ = seen.wait_for(|now| *now >= stage).await;
    }
}
