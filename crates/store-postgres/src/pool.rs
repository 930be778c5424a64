//! Connections for everything that is one statement.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{sync::Semaphore, time::timeout};
use tokio_postgres::Row;

use crate::{
    ask::Ask, connect::Connector, driver::Driver, fault::Fault, options::Options, session::Session,
};

/// A few connections, and a queue before them that is not long.
#[derive(Debug)]
pub struct Pool {
    connector: Arc<Connector>,
    idle: Mutex<Vec<Session>>,
    room: Semaphore,
    inside: AtomicUsize,
    most_inside: usize,
    deadline: Duration,
}

impl Pool {
    /// With no connection yet.
    pub fn of(connector: Arc<Connector>, options: &Options) -> Self {
        let readers = options.readers.max(1);
        Self {
            connector,
            idle: Mutex::new(Vec::new()),
            room: Semaphore::new(readers),
            inside: AtomicUsize::new(0),
            most_inside: readers + options.waiting,
            deadline: options.deadline,
        }
    }

    /// Takes one that is open already.
    pub fn keep(&self, session: Session) {
        if !session.is_closed() {
            self.idle.lock().push(session);
        }
    }

    /// What the database says to one statement.
    pub fn ask(self: &Arc<Self>, driver: &Driver, ask: Ask) -> Result<Vec<Row>, Fault> {
        if self.inside.fetch_add(1, Ordering::Relaxed) >= self.most_inside {
            self.inside.fetch_sub(1, Ordering::Relaxed);
            return Err(Fault::away("too many are waiting for it already"));
        }
        let pool = Arc::clone(self);
        let said = driver.wait(async move {
            timeout(pool.deadline, pool.run(ask))
                .await
                .unwrap_or_else(|_| Err(Fault::away("it did not answer in time")))
        });
        self.inside.fetch_sub(1, Ordering::Relaxed);
        said
    }

    async fn run(&self, ask: Ask) -> Result<Vec<Row>, Fault> {
        let _room = self.room.acquire().await.map_err(|_| Fault::away("the store has closed"))?;
        let known = self.idle.lock().pop().filter(|it| !it.is_closed());
        if let Some(mut session) = known {
            match session.ask(&ask).await {
                // It was gone before it was asked, perhaps for long.
                Err(Fault::Gone(_)) => self.idle.lock().retain(|it| !it.is_closed()),
                said => {
                    self.keep(session);
                    return said;
                }
            }
        }
        let mut session = self.connector.connect().await?;
        let said = session.ask(&ask).await;
        self.keep(session);
        said
    }
}
