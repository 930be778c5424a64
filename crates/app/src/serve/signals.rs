//! Being asked to end.

use crate::exit::{Code, OrStop, Outcome};

/// Listens for whoever wants the process to end.
pub struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
}

#[cfg(unix)]
impl Signals {
    /// From now on a signal no longer ends the process by itself.
    pub fn listen() -> Outcome<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let of = |kind| signal(kind).or_stop(Code::Internal);
        Ok(Self {
            terminate: of(SignalKind::terminate())?,
            interrupt: of(SignalKind::interrupt())?,
        })
    }

    /// The next one: its name, and the code of a process that it ends.
    pub async fn next(&mut self) -> (&'static str, i32) {
        tokio::select! {
            _ = self.terminate.recv() => ("SIGTERM", 143),
            _ = self.interrupt.recv() => ("SIGINT", 130),
        }
    }
}

#[cfg(windows)]
impl Signals {
    /// From now on Ctrl+C no longer ends the process by itself.
    pub fn listen() -> Outcome<Self> {
        Ok(Self { interrupt: tokio::signal::windows::ctrl_c().or_stop(Code::Internal)? })
    }

    /// The next one: its name, and the code of a process that it ends.
    pub async fn next(&mut self) -> (&'static str, i32) {
        self.interrupt.recv().await;
        ("Ctrl+C", 130)
    }
}
