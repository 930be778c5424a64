//! The one writer of a database: whatever waits goes into one commit.
//!
//! **Invariant:** everything a piece of work changes is in one batch, and
//! nobody hears of it before the batch is durable.

mod apart;
mod cache;
mod catch_up;
mod decide;
mod desk;
mod others;
mod room;
mod stage;
mod switch;

use tokio::sync::{mpsc, oneshot};

pub use decide::{Decide, Decision, Target};
pub use desk::{Announce, Desk};
pub use room::{Room, Staged};
pub use stage::Stage;

use crate::{
    Failure, fault,
    guarded::{guarded, guarded_wait},
};

/// How much may wait for the writer; beyond it the answer is: come back later.
const QUEUE: usize = 8192;
/// How many pieces of work share one commit at the most.
const BATCH: usize = 512;

/// A fault point.
const BEFORE_WORK: &str = "writer.before_work";

/// Hands work to the writer.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Option<Box<dyn Work>>>,
}

/// The writer's end of the queue.
pub struct Inbox(mpsc::Receiver<Option<Box<dyn Work>>>);

/// Something to be written.
pub trait Work: Send {
    /// The context it is done in.
    fn context(&self) -> &'static str;

    /// Decides what to write; true when there is something to commit.
    fn run(&mut self, stage: &mut Stage<'_>) -> bool;

    /// Whether it shares its commit with nothing.
    fn is_alone(&self) -> bool {
        false
    }

    /// It is durable, or it is not.
    fn finish(self: Box<Self>, committed: Result<(), Failure>);
}

struct Piece<T, F> {
    context: &'static str,
    alone: bool,
    run: Option<F>,
    result: Option<Result<T, Failure>>,
    reply: oneshot::Sender<Result<T, Failure>>,
}

impl Writer {
    /// A writer and its inbox.
    #[must_use]
    pub fn new() -> (Self, Inbox) {
        let (queue, inbox) = mpsc::channel(QUEUE);
        (Self { queue }, Inbox(inbox))
    }

    /// Has something written in a context, and waits until it is durable. Once
    /// it is handed over it is done even if the caller goes away.
    ///
    /// # Errors
    ///
    /// What `run` fails with, in which case nothing of it is written; or what
    /// the commit fails with.
    pub async fn work<T, F>(&self, context: &'static str, run: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&mut Stage<'_>) -> Result<T, Failure> + Send + 'static,
    {
        self.hand_over(context, false, run).await
    }

    /// As [`Writer::work`], with nothing else in the same commit.
    ///
    /// # Errors
    ///
    /// As [`Writer::work`].
    pub async fn work_alone<T, F>(&self, context: &'static str, run: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&mut Stage<'_>) -> Result<T, Failure> + Send + 'static,
    {
        self.hand_over(context, true, run).await
    }

    async fn hand_over<T, F>(
        &self,
        context: &'static str,
        alone: bool,
        run: F,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&mut Stage<'_>) -> Result<T, Failure> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let piece = Piece { context, alone, run: Some(run), result: None, reply };
        self.queue.try_send(Some(Box::new(piece))).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                Failure::unavailable(context, "too much is waiting to be written")
            }
            mpsc::error::TrySendError::Closed(_) => {
                Failure::unavailable(context, "it is shutting down")
            }
        })?;
        let gone = |_| Failure::unavailable(context, "the writer has stopped");
        answer.await.map_err(gone)?
    }

    /// Whatever was handed over before is still written; then it is over.
    pub async fn end(&self) {
        // A writer that has ended already needs no telling.
        drop(self.queue.send(None).await);
    }

    /// How much waits for the writer.
    #[must_use]
    pub fn waiting(&self) -> usize {
        QUEUE - self.queue.capacity()
    }
}

impl<T, F> Work for Piece<T, F>
where
    T: Send,
    F: FnOnce(&mut Stage<'_>) -> Result<T, Failure> + Send,
{
    fn context(&self) -> &'static str {
        self.context
    }

    fn run(&mut self, stage: &mut Stage<'_>) -> bool {
        let Some(run) = self.run.take() else { return false };
        let result = stage.attempt(run);
        let done = result.is_ok();
        self.result = Some(result);
        done
    }

    fn is_alone(&self) -> bool {
        self.alone
    }

    fn finish(self: Box<Self>, committed: Result<(), Failure>) {
        let Self { result, reply, .. } = *self;
        let not_done = || Err(Failure::fault("the work was not done"));
        let result = committed.and_then(|()| result.unwrap_or_else(not_done));
        // The caller may have gone; what is written stays written.
        drop(reply.send(result));
    }
}

impl Inbox {
    /// Works until it is told to end: on a thread of its own.
    pub fn work_here(mut self, mut desk: Desk) {
        let mut batch = Vec::with_capacity(BATCH);
        while let Some(Some(first)) = self.0.blocking_recv() {
            let ends = self.take_what_waits(first, &mut batch);
            let ready = guarded("the writer", || fault::reached(desk.chance(), BEFORE_WORK));
            apart::work_off(&mut desk, ready, &mut batch);
            if ends {
                return;
            }
        }
    }

    /// The same as a task: where everything has to run in one thread.
    pub async fn work_as_a_task(mut self, mut desk: Desk) {
        let mut batch = Vec::with_capacity(BATCH);
        while let Some(Some(first)) = self.0.recv().await {
            let ends = self.take_what_waits(first, &mut batch);
            let ready = fault::waits_at(desk.chance(), BEFORE_WORK);
            let ready = guarded_wait("the writer", ready).await;
            apart::work_off(&mut desk, ready, &mut batch);
            if ends {
                return;
            }
        }
    }

    /// True when the end has come.
    fn take_what_waits(&mut self, first: Box<dyn Work>, batch: &mut Vec<Box<dyn Work>>) -> bool {
        batch.push(first);
        while batch.len() < BATCH {
            match self.0.try_recv() {
                Ok(Some(next)) => batch.push(next),
                Ok(None) => return true,
                Err(_) => break,
            }
        }
        false
    }
}
