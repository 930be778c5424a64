//! Making connections.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use tokio_postgres::{Config, NoTls, config::TargetSessionAttrs};

use crate::{
    fault::{Cause, Fault},
    gate::Gate,
    options::Options,
    session::Session,
};

/// Makes connections to one database.
#[derive(Debug)]
pub struct Connector {
    config: Config,
    setup: String,
    gate: Mutex<Gate>,
    /// Why the last one could not be made.
    last: Mutex<Option<Cause>>,
}

impl Connector {
    /// To that database.
    pub fn of(mut config: Config, options: &Options) -> Self {
        let name = config.get_application_name().unwrap_or("madang").to_owned();
        config
            .application_name(name)
            .connect_timeout(options.deadline)
            .tcp_user_timeout(options.deadline.saturating_mul(2))
            .keepalives_idle(Duration::from_secs(10))
            .target_session_attrs(TargetSessionAttrs::ReadWrite);
        let ms = |of: Duration| of.as_millis().max(1);
        // The server gives up a little sooner than we do: so we hear why.
        let setup = format!(
            "SET synchronous_commit = on; SET statement_timeout = {}; SET lock_timeout = {};
             SET idle_in_transaction_session_timeout = {}; SET timezone = 'UTC';
             SET default_transaction_isolation = 'read committed'",
            ms(options.deadline.mul_f64(0.9)),
            ms(options.deadline.mul_f64(0.8)),
            ms(options.turn),
        );
        let gate = Mutex::new(Gate::of(options.readers + 1));
        Self { config, setup, gate, last: Mutex::new(None) }
    }

    /// A connection, unless it is too soon after the last that could not be made.
    pub async fn connect(self: &Arc<Self>) -> Result<Session, Fault> {
        if !self.gate.lock().enter(Instant::now(), chance()) {
            let last = self.last.lock().clone();
            return Err(last.map_or_else(|| Fault::away("it was tried too often"), Fault::Away));
        }
        // When whoever asks has no more time, it was tried in vain.
        let mut attempt = Attempt { connector: Arc::clone(self), why: None };
        match self.session().await {
            Ok(session) => {
                self.gate.lock().succeeded();
                *self.last.lock() = None;
                attempt.why = Some(Ok(()));
                Ok(session)
            }
            Err(fault) => {
                if let Fault::Away(cause) | Fault::Gone(cause) | Fault::Broken(cause) = &fault {
                    attempt.why = Some(Err(Arc::clone(cause)));
                }
                Err(match fault {
                    Fault::Gone(cause) | Fault::Broken(cause) => Fault::Away(cause),
                    other => other,
                })
            }
        }
    }

    /// A connection now, and why there is none as the engine says it.
    pub async fn session(&self) -> Result<Session, Fault> {
        let connected = self.config.connect(NoTls).await;
        let (client, connection) = connected.map_err(|error| Fault::Gone(Arc::new(error)))?;
        let connection = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection has ended");
            }
        });
        let session = Session::of(client, connection);
        self.set_up(&session).await?;
        Ok(session)
    }

    /// What every connection promises and keeps to.
    pub async fn set_up(&self, session: &Session) -> Result<(), Fault> {
        session.batch(&self.setup).await
    }
}

/// An attempt that has failed unless it is said how it went.
struct Attempt {
    connector: Arc<Connector>,
    why: Option<Result<(), Cause>>,
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let why = match self.why.take() {
            Some(Ok(())) => return,
            Some(Err(why)) => why,
            None => crate::fault::cause("it does not answer"),
        };
        tracing::warn!(%why, "the database cannot be reached");
        *self.connector.last.lock() = Some(why);
        self.connector.gate.lock().failed(Instant::now(), chance());
    }
}

/// Between 0 and 1; the middle, where the operating system has no chance to give.
fn chance() -> f64 {
    getrandom::u32().map_or(0.5, |it| f64::from(it) / f64::from(u32::MAX))
}
