//! The port to a database: small, blocking, and the same for every engine.
//!
//! **Invariant:** one [`Batch`] is one commit: all of it or nothing. Positions
//! in a journal are given by the one writer that calls [`Store::commit`], in
//! commit order, without gaps.

mod batch;
mod layout;
mod names;
mod query;
mod shadow;

use std::{error::Error, sync::Arc};

use kernel::{Case, Event, Time};
use thiserror::Error as ThisError;

pub use batch::{
    Act, Answer, Batch, Changes, Deed, Delivery, DeliveryChange, DeliveryKey, Progress, Row, Stage,
    Thing,
};
pub use layout::{ContextLayout, Layout, ViewLayout};
pub use names::kept_name;
pub use query::{Filter, Query, Shown, Sort, Start};
pub use shadow::Shadows;

/// One database. The contexts in it share its writer, and nothing else.
///
/// Every call blocks, and is short. `begin`, `commit` and `leave` are called by
/// one writer at a time; everything else may be called from any thread and sees
/// what is committed.
pub trait Store: Send + Sync + 'static {
    /// Waits for its turn to write to these contexts: until the next `commit`
    /// or `leave` no other process commits to them, so that what is decided now
    /// is decided about what is really there. Where each of them stands, in the
    /// given order; nothing where nobody else can write ([`Store::is_shared`]).
    ///
    /// # Errors
    ///
    /// [`StoreError::Away`] when the database does not let us; nothing is held then.
    fn begin(&self, _contexts: &[&'static str]) -> Result<Vec<Turn>, StoreError> {
        Ok(Vec::new())
    }

    /// Gives the turn back, with nothing written.
    fn leave(&self) {}

    /// Makes all of it durable, or nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] and [`StoreError::Fenced`] when somebody else
    /// was faster; [`StoreError::Full`] when there is no room;
    /// [`StoreError::Away`] when the database could not be reached; nothing has
    /// changed then. After any other error it is not known what has happened.
    /// The turn is over in any case.
    fn commit(&self, batch: &Batch) -> Result<(), StoreError>;

    /// Where a context stands.
    ///
    /// # Errors
    ///
    /// When the database cannot be read, as with every read below.
    fn heads(&self, context: &'static str) -> Result<Heads, StoreError>;

    /// The present state of one aggregate.
    ///
    /// # Errors
    ///
    /// As [`Store::heads`].
    fn thing(
        &self,
        context: &'static str,
        kind: &'static str,
        number: u64,
    ) -> Result<Option<Thing>, StoreError>;

    /// The present states of several aggregates, as of one moment if the engine
    /// can do that, in the order of their numbers as given.
    ///
    /// # Errors
    ///
    /// As [`Store::heads`].
    fn things(
        &self,
        context: &'static str,
        kind: &'static str,
        numbers: &[u64],
    ) -> Result<Vec<Option<Thing>>, StoreError> {
        numbers.iter().map(|number| self.thing(context, kind, *number)).collect()
    }

    /// The present state of the aggregate that people call by this name.
    ///
    /// # Errors
    ///
    /// As [`Store::heads`].
    fn thing_named(
        &self,
        context: &'static str,
        kind: &'static str,
        name: &str,
    ) -> Result<Option<Thing>, StoreError>;

    /// The events after a position, in order, at the most `limit` of them.
    ///
    /// # Errors
    ///
    /// As [`Store::heads`].
    fn events(
        &self,
        context: &'static str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError>;

    /// The events of one case after a position, in order.
    ///
    /// # Errors
    ///
    /// As [`Store::heads`].
    fn events_of_case(
        &self,
        context: &'static str,
        case: Case,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError>;

    /// All events of one aggregate, from its first on.
    ///
    /// # Errors
    ///
    /// As [`Store::heads`].
    fn history(
        &self,
        context: &'static str,
        kind: &'static str,
        number: u64,
    ) -> Result<Vec<Event>, StoreError>;

    /// How many events after a position have one of these names.
    ///
    /// # Errors
    ///
    /// As [`Store::heads`].
    fn count_after(
        &self,
        context: &'static str,
        after: u64,
        names: &[&'static str],
    ) -> Result<u64, StoreError>;

    /// One row of a view.
    ///
    /// # Errors
    ///
    /// As [`Store::heads`].
    fn row(
        &self,
        context: &'static str,
        view: &'static str,
        number: u64,
    ) -> Result<Option<Shown>, StoreError>;

    /// Rows of a view.
    ///
    /// # Errors
    ///
    /// As [`Store::heads`].
    fn rows(
        &self,
        context: &'static str,
        view: &'static str,
        query: &Query,
    ) -> Result<Vec<Shown>, StoreError>;

    /// How many rows of a view pass the filters.
    ///
    /// # Errors
    ///
    /// As [`Store::heads`].
    fn count_rows(
        &self,
        context: &'static str,
        view: &'static str,
        filters: &[Filter],
    ) -> Result<u64, StoreError>;

    /// What was answered under an idempotency key.
    ///
    /// # Errors
    ///
    /// As [`Store::heads`].
    fn answer(&self, context: &'static str, scope: u128) -> Result<Option<Answer>, StoreError>;

    /// How far every subscription of a context is.
    ///
    /// # Errors
    ///
    /// As [`Store::heads`].
    fn progress(&self, context: &'static str) -> Result<Vec<Progress>, StoreError>;

    /// Deliveries that took a path of their own, by subscription and position;
    /// of one subscription, or of all; in the stage of this name, or in any.
    ///
    /// # Errors
    ///
    /// As [`Store::heads`].
    fn deliveries(
        &self,
        context: &'static str,
        subscription: Option<&str>,
        stage: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError>;

    /// One delivery, if it took a path of its own.
    ///
    /// # Errors
    ///
    /// As [`Store::heads`].
    fn delivery(
        &self,
        context: &'static str,
        key: &DeliveryKey,
    ) -> Result<Option<Delivery>, StoreError>;

    /// What operators did about deliveries of a context, the newest first, at the
    /// most `limit` of it; about one, or about all.
    ///
    /// # Errors
    ///
    /// As [`Store::heads`].
    fn acts(
        &self,
        context: &'static str,
        about: Option<&DeliveryKey>,
        limit: usize,
    ) -> Result<Vec<Act>, StoreError>;

    /// Deliveries of one subscription that will be tried by themselves (waiting
    /// or failed) and are due by `until`, the first due first.
    ///
    /// # Errors
    ///
    /// As [`Store::heads`].
    fn due(
        &self,
        context: &'static str,
        subscription: &str,
        until: Time,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError>;

    /// How many deliveries of a subscription took a path of their own, by the
    /// name of the stage they are in, for events of one source. Refused and
    /// abandoned ones need not be counted: the progress has their numbers.
    ///
    /// # Errors
    ///
    /// As [`Store::heads`].
    fn count_deliveries(
        &self,
        context: &'static str,
        subscription: &str,
        source: &'static str,
    ) -> Result<Vec<(&'static str, u64)>, StoreError>;

    /// The views of a context whose rows do not have all indexed fields yet,
    /// because a field was added to the layout since they were written.
    ///
    /// # Errors
    ///
    /// As [`Store::heads`].
    fn stale_views(&self, _context: &'static str) -> Result<Vec<&'static str>, StoreError> {
        Ok(Vec::new())
    }

    /// Every row of a view has been written again.
    ///
    /// # Errors
    ///
    /// When that cannot be written down.
    fn refreshed(&self, _context: &'static str, _view: &'static str) -> Result<(), StoreError> {
        Ok(())
    }

    /// Whether there is room to write, as far as is known: after a commit that
    /// found none ([`StoreError::Full`]) it is tried again with each question.
    fn has_room(&self) -> bool {
        true
    }

    /// Where shadows of views are kept; nothing when there is no room for any.
    fn shadows(&self) -> Option<&dyn Shadows> {
        None
    }

    /// Whether other processes write to the same database, so that a lease has
    /// to be renewed in time.
    fn is_shared(&self) -> bool;
}

/// Where a context stands at the beginning of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// The last position of the journal.
    pub position: u64,
    /// How many commits there were in this context, whoever made them: each
    /// that changes anything counts one.
    pub revision: u64,
}

/// Where a context stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heads {
    /// The last position of the journal; 0 when nothing has happened.
    pub position: u64,
    /// The last number given, by kind.
    pub numbers: Vec<(&'static str, u64)>,
    /// How many events there are, by name: what the ledger adds up to.
    pub tallies: Vec<(&'static str, u64)>,
}

/// Why a store did not do what it was asked.
#[derive(Debug, Clone, ThisError)]
pub enum StoreError {
    /// Somebody else decided about the same thing first. Nothing has changed.
    #[error("{0} was changed by somebody else")]
    Conflict(String),
    /// The lease of a subscription has passed to somebody else. Nothing has changed.
    #[error("the lease of {0} has passed to somebody else")]
    Fenced(String),
    /// The database cannot be reached. Nothing has changed.
    #[error("the database cannot be reached")]
    Away(#[source] Arc<dyn Error + Send + Sync>),
    /// The connection broke while a commit was on its way: it may have happened.
    /// The same idempotency key tells.
    #[error("nobody knows whether the commit was made")]
    Unknown(#[source] Arc<dyn Error + Send + Sync>),
    /// There is no room. Nothing has changed.
    #[error("there is no room left to write")]
    Full(#[source] Arc<dyn Error + Send + Sync>),
    /// What is stored cannot be understood.
    #[error("{what} cannot be read")]
    Unreadable {
        /// What it is, and where.
        what: String,
        /// What is wrong with it.
        #[source]
        source: Arc<dyn Error + Send + Sync>,
    },
    /// The engine failed.
    #[error("the database failed")]
    Broken(#[source] Arc<dyn Error + Send + Sync>),
}
