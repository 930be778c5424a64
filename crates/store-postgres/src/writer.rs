//! The one connection that writes, and whose turn it is.

use std::{future::Future, sync::Arc, time::Duration};

use parking_lot::Mutex;
use runtime::store::Turn;
use tokio::time::timeout;

use crate::{
    ask::Ask,
    batch::Plan,
    connect::Connector,
    driver::Driver,
    fault::{Fault, cause},
    heads::Head,
    session::{Said, Session},
};

/// The one connection that writes.
#[derive(Debug)]
pub struct Writer {
    connector: Arc<Connector>,
    deadline: Duration,
    desk: Mutex<Desk>,
}

/// What lies there between two calls.
#[derive(Debug, Default)]
struct Desk {
    session: Option<Session>,
    /// A transaction is open on it, and holds the locks of a turn.
    is_in_turn: bool,
}

impl Writer {
    /// With a connection that is open already.
    pub fn of(connector: Arc<Connector>, session: Session, deadline: Duration) -> Self {
        let desk = Desk { session: Some(session), is_in_turn: false };
        Self { connector, deadline, desk: Mutex::new(desk) }
    }

    /// Takes the locks, in the order in which they are given.
    pub fn begin(&self, driver: &Driver, locks: Vec<Ask>) -> Result<Vec<Turn>, Fault> {
        let mut desk = self.desk.lock();
        desk.leave(driver);
        let mut asks = vec![Ask::plain("BEGIN")];
        asks.extend(locks);
        let (connector, session) = (Arc::clone(&self.connector), desk.session.take());
        let begun = in_time(self.deadline, async move { begun(&connector, session, &asks).await });
        let (session, said) = driver.wait(begun)?;
        desk.put_back(session);
        let said = said.into_iter().collect::<Result<Vec<_>, _>>().map_err(Fault::of);
        let turns = said.and_then(|said| said[1..].iter().map(|it| Head::turn(it)).collect());
        if turns.is_err() {
            desk.leave(driver);
        }
        turns
    }

    /// Gives the turn back, and does not wait until the database knows it.
    pub fn leave(&self, driver: &Driver) {
        self.desk.lock().leave(driver);
    }

    /// All of it or nothing; the turn is over in any case.
    pub fn commit(&self, driver: &Driver, mut plan: Plan) -> Result<(), Fault> {
        let mut desk = self.desk.lock();
        let is_in_turn = std::mem::take(&mut desk.is_in_turn);
        if !is_in_turn {
            plan.asks.insert(0, Ask::plain("BEGIN"));
        }
        let (connector, session) = (Arc::clone(&self.connector), desk.session.take());
        let deadline = self.deadline;
        let (session, done) = driver.wait(async move {
            let written = async {
                if is_in_turn {
                    written(session, &plan.asks).await
                } else {
                    begun(&connector, session, &plan.asks).await
                }
            };
            let (session, said) = in_time(deadline, written).await?;
            let done = match look(&plan, said, usize::from(!is_in_turn)) {
                Ok(()) => committed(&session, deadline).await,
                Err(fault) => Err(fault),
            };
            Ok((session, done))
        })?;
        // Where nobody knows how it ended, nobody goes on.
        if !matches!(done, Err(Fault::Unknown(_))) {
            desk.put_back(session);
        }
        if done.is_ok() {
            desk.is_in_turn = false;
        } else {
            desk.leave(driver);
        }
        done
    }
}

impl Desk {
    /// With a transaction that is open.
    fn put_back(&mut self, session: Session) {
        self.session = Some(session);
        self.is_in_turn = true;
    }

    fn leave(&mut self, driver: &Driver) {
        if std::mem::take(&mut self.is_in_turn)
            && let Some(session) = &self.session
        {
            driver.leave(session.roll_back());
        }
    }
}

/// From the beginning of a transaction on: when the connection has gone
/// meanwhile, it begins anew on another one.
async fn begun(
    connector: &Arc<Connector>,
    session: Option<Session>,
    asks: &[Ask],
) -> Result<(Session, Vec<Said>), Fault> {
    if let Some(session) = session.filter(|it| !it.is_closed()) {
        match written(Some(session), asks).await {
            Err(Fault::Gone(_)) => {}
            written => return written,
        }
    }
    written(Some(connector.connect().await?), asks).await
}

/// In the midst of a transaction: what was decided holds only as long as it does.
async fn written(session: Option<Session>, asks: &[Ask]) -> Result<(Session, Vec<Said>), Fault> {
    let mut session = session.ok_or_else(|| Fault::away("the turn has ended"))?;
    let mut said = session.send(asks).await?;
    if session.is_closed()
        && let Some(at) = said.iter().position(Result::is_err)
        && let Err(error) = said.swap_remove(at)
    {
        return Err(match Fault::of(error) {
            Fault::Away(cause) | Fault::Broken(cause) => Fault::Gone(cause),
            fault => fault,
        });
    }
    Ok((session, said))
}

/// From here on it may have happened, whatever we hear.
async fn committed(session: &Session, deadline: Duration) -> Result<(), Fault> {
    let committed = timeout(deadline, session.commit()).await;
    committed.unwrap_or_else(|_| Err(Fault::Unknown(cause("the commit was not answered in time"))))
}

/// What the questions say comes before what the changes say: it is why they failed.
fn look(plan: &Plan, said: Vec<Said>, before: usize) -> Result<(), Fault> {
    let checks = plan.checks.iter().map(Some).chain(std::iter::repeat(None));
    let checks = std::iter::repeat_n(None, before).chain(checks);
    for (said, check) in said.into_iter().zip(checks) {
        let rows = said.map_err(Fault::of)?;
        check.map_or(Ok(()), |check| check.look(&rows))?;
    }
    Ok(())
}

async fn in_time<T>(
    deadline: Duration,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    let done = timeout(deadline, work).await;
    done.unwrap_or_else(|_| Err(Fault::away("it did not answer in time")))
}
