//! What can happen at a fault point of a real process.

use std::{
    process::{self, Command},
    time::Duration,
};

use runtime::fault::Strike;

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The process ends at once, as by `kill -9`.
    Abort,
    /// The process ends at once, and says that all was well.
    Exit,
    /// The process is frozen, until somebody sends `SIGCONT`.
    Stop,
    /// The code panics.
    Panic,
    /// It takes a while.
    Wait(Duration),
}

/// Does it here and now; what is left to the point is given back.
pub fn now(action: Action) -> Strike {
    match action {
        Action::Abort => process::abort(),
        Action::Exit => process::exit(0),
        Action::Stop => {
            let me = process::id();
            // Whoever asked for it sees whether the process is frozen.
            drop(Command::new("sh").args(["-c", &format!("kill -STOP {me}")]).status());
            Strike::Nothing
        }
        Action::Panic => Strike::Panic,
        Action::Wait(wait) => Strike::Wait(wait),
    }
}
