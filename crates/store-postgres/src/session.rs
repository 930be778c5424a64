//! One connection, with the statements it knows.

use std::{
    collections::HashMap,
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use tokio::task::JoinHandle;
use tokio_postgres::{Client, Error, Row, Statement, types::ToSql};

use crate::{ask::Ask, fault::Fault};

/// How many statements a connection remembers.
const REMEMBERED: usize = 512;

/// What a statement that ran said.
pub type Said = Result<Vec<Row>, Error>;

/// One connection. When it is dropped it is closed at once: what the server was
/// still doing for it comes to nothing.
#[derive(Debug)]
pub struct Session {
    client: Arc<Client>,
    statements: HashMap<Arc<str>, Statement>,
    connection: JoinHandle<()>,
}

impl Session {
    /// Over this connection, which another task drives.
    pub fn of(client: Client, connection: JoinHandle<()>) -> Self {
        Self { client: Arc::new(client), statements: HashMap::new(), connection }
    }

    /// Whether it is known that nothing goes through any more.
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Statements that are not worth remembering.
    pub async fn batch(&self, sql: &str) -> Result<(), Fault> {
        self.client.batch_execute(sql).await.map_err(Fault::of)
    }

    /// Takes back what has not been committed. It is on its way when this
    /// returns, so that whatever is sent next comes after it; somebody must
    /// still wait for the answer.
    pub fn roll_back(&self) -> impl Future<Output = ()> + Send + 'static {
        let client = Arc::clone(&self.client);
        let mut rolled_back = Box::pin(async move {
            if let Err(error) = client.batch_execute("ROLLBACK").await {
                tracing::debug!(%error, "a connection was gone before it was rolled back");
            }
        });
        let sent = rolled_back.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        async move {
            if sent.is_pending() {
                rolled_back.await;
            }
        }
    }

    /// One statement.
    pub async fn ask(&mut self, ask: &Ask) -> Result<Vec<Row>, Fault> {
        let mut said = self.all(std::slice::from_ref(ask)).await?;
        Ok(said.pop().unwrap_or_default())
    }

    /// All of them, sent together and done in order: what the first one that
    /// failed says, or what all say.
    pub async fn all(&mut self, asks: &[Ask]) -> Result<Vec<Vec<Row>>, Fault> {
        let said = self.send(asks).await?;
        said.into_iter().collect::<Result<_, _>>().map_err(Fault::of)
    }

    /// All that was written is durable, or nothing is.
    pub async fn commit(&self) -> Result<(), Fault> {
        self.client.batch_execute("COMMIT").await.map_err(Fault::of_commit)
    }

    /// All of them as above, and what each of them says.
    pub async fn send(&mut self, asks: &[Ask]) -> Result<Vec<Said>, Fault> {
        self.learn(asks).await?;
        let bound = asks.iter().map(|ask| {
            let bound = ask.bound.iter().map(|it| &**it as &(dyn ToSql + Sync));
            (&self.statements[&ask.sql], bound.collect::<Vec<_>>())
        });
        let bound = bound.collect::<Vec<_>>();
        let asked = bound.iter().map(|(statement, bound)| self.client.query(*statement, bound));
        Ok(in_order(asked).await)
    }

    async fn learn(&mut self, asks: &[Ask]) -> Result<(), Fault> {
        if self.statements.len() > REMEMBERED {
            self.statements.clear();
        }
        let mut new = Vec::new();
        for ask in asks {
            if !self.statements.contains_key(&ask.sql) && !new.contains(&&ask.sql) {
                new.push(&ask.sql);
            }
        }
        let learned = in_order(new.iter().map(|sql| self.client.prepare(sql))).await;
        let learned = learned.into_iter().collect::<Result<Vec<_>, _>>().map_err(Fault::of)?;
        self.statements.extend(new.into_iter().cloned().zip(learned));
        Ok(())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

/// Waits for all; each is begun after the one before it, and so is sent after it.
async fn in_order<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<Pin<Box<F>>> = futures.map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = running.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (future, done) in running.iter_mut().zip(&mut done) {
            if done.is_none()
                && let Poll::Ready(it) = future.as_mut().poll(context)
            {
                *done = Some(it);
            }
        }
        if done.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}
