//! The thread that the connections live on, and how others wait for it.

use std::{future::Future, io, sync::mpsc, thread};

use tokio::{
    runtime::{Builder, Handle, RuntimeFlavor},
    sync::oneshot,
    task::block_in_place,
};

use crate::fault::Fault;

/// A thread with the connections of one store.
#[derive(Debug)]
pub struct Driver {
    handle: Handle,
    end: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Driver {
    /// Starts the thread.
    pub fn start() -> io::Result<Self> {
        let tokio = Builder::new_current_thread().enable_all().build()?;
        let handle = tokio.handle().clone();
        let (end, ended) = oneshot::channel::<()>();
        let thread = thread::Builder::new().name("postgres".to_owned()).spawn(move || {
            // However it ends, it ends.
            drop(tokio.block_on(ended));
        })?;
        Ok(Self { handle, end: Some(end), thread: Some(thread) })
    }

    /// Waits for something that is done there. A thread that has other tasks to
    /// look after lets another one do so meanwhile.
    pub fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Fault>> + Send + 'static,
    ) -> Result<T, Fault> {
        let (told, tell) = mpsc::sync_channel(1);
        self.handle.spawn(async move {
            let done = work.await;
            // Nobody has gone away: whoever asks waits below.
            drop(told.send(done));
        });
        let wait = || tell.recv().unwrap_or_else(|_| Err(Fault::away("the store has closed")));
        let is_of_many = |it: &Handle| it.runtime_flavor() == RuntimeFlavor::MultiThread;
        if Handle::try_current().is_ok_and(|it| is_of_many(&it)) {
            block_in_place(wait)
        } else {
            wait()
        }
    }

    /// Something that nobody waits for.
    pub fn leave(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(work);
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.end.take();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread of the connections has panicked");
        }
    }
}
