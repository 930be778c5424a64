//! Waiting for something to come about, and not for time to pass.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep};

/// How often to look again.
const PACE: Duration = Duration::from_millis(3);
/// How long anything may take that must come about.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// How long something may still take to come about.
#[derive(Debug)]
pub struct Patience {
    what: String,
    end: Instant,
}

/// Looks again and again until there is something to be seen.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let patience = Patience::until(what);
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        patience.again().await?;
    }
}

impl Patience {
    /// As long as anything may take; where a loop of its own looks for it.
    pub fn until(what: &str) -> Self {
        Self { what: what.to_owned(), end: Instant::now() + PATIENCE }
    }

    /// A moment, before looking again; an error when there have been enough of them.
    pub async fn again(&self) -> Result<()> {
        if Instant::now() > self.end {
            bail!("within {} s it did not come about: {}", PATIENCE.as_secs(), self.what);
        }
        sleep(PACE).await;
        Ok(())
    }
}
