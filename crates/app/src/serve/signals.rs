//! Being asked to end.

use std::io::Read as _;

use tokio::sync::oneshot;

use crate::exit::{Code, OrStop, Outcome};

/// Listens for whoever wants the process to end.
pub struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
    tether: Option<oneshot::Receiver<()>>,
}

#[cfg(unix)]
impl Signals {
    /// From now on a signal no longer ends the process by itself. Tethered, the
    /// end of the standard input is one too, once.
    pub fn listen(tethered: bool) -> Outcome<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let of = |kind| signal(kind).or_stop(Code::Internal);
        Ok(Self {
            terminate: of(SignalKind::terminate())?,
            interrupt: of(SignalKind::interrupt())?,
            tether: tethered.then(tether),
        })
    }

    /// The next one: its name, and the code of a process that it ends.
    pub async fn next(&mut self) -> (&'static str, i32) {
        tokio::select! {
            _ = self.terminate.recv() => ("SIGTERM", 143),
            _ = self.interrupt.recv() => ("SIGINT", 130),
            () = cut(&mut self.tether) => ("the end of its input", 143),
        }
    }
}

#[cfg(windows)]
impl Signals {
    /// From now on Ctrl+C no longer ends the process by itself. Tethered, the
    /// end of the standard input is one too, once.
    pub fn listen(tethered: bool) -> Outcome<Self> {
        let interrupt = tokio::signal::windows::ctrl_c().or_stop(Code::Internal)?;
        Ok(Self { interrupt, tether: tethered.then(tether) })
    }

    /// The next one: its name, and the code of a process that it ends.
    pub async fn next(&mut self) -> (&'static str, i32) {
        tokio::select! {
            _ = self.interrupt.recv() => ("Ctrl+C", 130),
            () = cut(&mut self.tether) => ("the end of its input", 143),
        }
    }
}

/// A thread of its own, which nobody waits for, reads until there is no more.
fn tether() -> oneshot::Receiver<()> {
    let (holds, tether) = oneshot::channel();
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        while input.read(&mut [0; 64]).is_ok_and(|count| count > 0) {}
        drop(holds);
    });
    tether
}

async fn cut(tether: &mut Option<oneshot::Receiver<()>>) {
    match tether {
        Some(holds) => drop(holds.await), // that it was let go is the word
        None => return std::future::pending().await,
    }
    *tether = None;
}
