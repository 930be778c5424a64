//! Opening a database: what could be wrong is found before anything is touched.

use std::{path::Path, sync::Arc, time::Duration};

use parking_lot::Mutex;
use runtime::store::Layout;
use rusqlite::{Connection, OpenFlags};

use crate::{
    SqliteStore,
    checkpoint::{Checkpointer, Pulse},
    context::Context,
    error::OpenError,
    fault::Fault,
    fresh,
    inspect::{self, Found, engine, understood},
    lock::Lock,
    migrate::{self, STEPS, migrate},
    options::Options,
    prepare::{prepare, same_name},
    readers::Readers,
    words::Words,
    writer::{Health, Writer},
};

/// Before it, a log that began anew could damage the database.
const OLDEST_ENGINE: (i32, &str) = (3_051_003, "3.51.3");

/// What is connected to the database, beside the writer.
type Others = (Checkpointer, Readers, Lock);

impl SqliteStore {
    /// Opens the database at `path`, or makes it; its folder must be there.
    ///
    /// # Errors
    ///
    /// In one clear line, and then nothing on the disk has changed.
    pub fn open(path: &Path, layout: Layout, options: &Options) -> Result<Self, OpenError> {
        let contexts = check(path, &layout)?;
        let lock = Lock::take_existing(path)?;
        let found = inspect::look(path, &layout, options)?;
        let lock = lock.map_or_else(|| Lock::take(path), Ok)?;
        if found == Found::Nothing {
            fresh::make(path, options)?;
        }
        let failed = |error| engine(path, error);
        let mut connection = connect(path, options, options.writer_cache_kib).map_err(failed)?;
        can_write(path, &connection)?;
        update(path, &mut connection)?;

        let health = Arc::new(Health::default());
        let pulse = Arc::new(Pulse::new(options));
        let note = Arc::clone(&pulse);
        let hook = move |_: &mut _, pages| {
            note.committed(pages);
            Ok(())
        };
        connection.wal_hook(Some(hook)).map_err(failed)?;
        let readers = Readers::open(path, options).map_err(failed)?;
        let other = connect(path, options, 0).map_err(failed)?;
        let mut store = Self::with(path, connection, layout, contexts, Arc::clone(&health))?;
        let writer = Arc::clone(&store.writer);
        let checkpointer = Checkpointer::start(other, pulse, writer, health, options)
            .map_err(|source| OpenError::CannotWrite { path: path.to_owned(), source })?;
        store.complete(path, (checkpointer, readers, lock));
        Ok(store)
    }

    /// A database that is gone when it is dropped.
    ///
    /// # Errors
    ///
    /// When two things that are declared would share a table.
    pub fn in_memory(layout: Layout) -> Result<Self, OpenError> {
        let path = Path::new("memory");
        let contexts = check(path, &layout)?;
        let mut connection = Connection::open_in_memory().map_err(|error| engine(path, error))?;
        connection.set_prepared_statement_cache_capacity(1024);
        migrate(&mut connection, STEPS).map_err(|error| engine(path, error))?;
        Self::with(path, connection, layout, contexts, Arc::default())
    }

    fn with(
        path: &Path,
        mut connection: Connection,
        layout: Layout,
        mut contexts: Vec<Context>,
        health: Arc<Health>,
    ) -> Result<Self, OpenError> {
        understood(path, &layout, &connection)?;
        let words = Words::load(&connection, layout).map_err(|error| engine(path, error))?;
        let writer = prepare(&mut connection, &words, &mut contexts)
            .and_then(|()| Writer::new(connection, &contexts, health))
            .map_err(|fault| unprepared(path, fault))?;
        let writer = Arc::new(Mutex::new(writer));
        let (checkpointer, readers, lock, path) = Default::default();
        Ok(Self { contexts, words, checkpointer, readers, writer, lock, path })
    }

    fn complete(&mut self, path: &Path, (checkpointer, readers, lock): Others) {
        self.checkpointer = Some(checkpointer);
        self.readers = Some(readers);
        self.lock = Some(lock);
        self.path = Some(path.to_owned());
    }
}

/// What can be known without looking at the disk.
fn check(path: &Path, layout: &Layout) -> Result<Vec<Context>, OpenError> {
    let (oldest, needed) = OLDEST_ENGINE;
    if rusqlite::version_number() < oldest {
        let found = rusqlite::version();
        return Err(OpenError::OldEngine { path: path.to_owned(), found, needed });
    }
    let contexts = layout.contexts.iter().enumerate();
    let contexts = contexts.map(|(index, it)| Context::of(index, it)).collect::<Vec<_>>();
    match same_name(&contexts) {
        Some(name) => Err(OpenError::SameName { path: path.to_owned(), name }),
        None => Ok(contexts),
    }
}

fn connect(path: &Path, options: &Options, cache_kib: u32) -> rusqlite::Result<Connection> {
    let connection = options.connect(path, OpenFlags::default())?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(1024);
    connection.pragma_update(None, "synchronous", options.synchronous())?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -i64::from(cache_kib))?;
    Ok(connection)
}

/// The engine would silently open what it may only read, and silently do without a log.
fn can_write(path: &Path, connection: &Connection) -> Result<(), OpenError> {
    let failed = |error| engine(path, error);
    let why = if connection.is_readonly("main").map_err(failed)? {
        "it can only be read"
    } else {
        if fresh::begin_log(connection).map_err(failed)? == "wal" {
            return Ok(());
        }
        "a log beside it is not possible"
    };
    let source = std::io::Error::other(why);
    Err(OpenError::CannotWrite { path: path.to_owned(), source })
}

/// Brings the tables up to date. The version in the file is what an older
/// program looks at, so it must not stay in the log.
fn update(path: &Path, connection: &mut Connection) -> Result<(), OpenError> {
    let failed = |error| engine(path, error);
    let (found, known) = (migrate::version(connection).map_err(failed)?, migrate::newest());
    if found > known {
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
    }
    if migrate(connection, STEPS).map_err(failed)? {
        let empty = "PRAGMA wal_checkpoint(TRUNCATE)";
        connection.query_one(empty, [], |_| Ok(())).map_err(failed)?;
    }
    Ok(())
}

fn unprepared(path: &Path, fault: Fault) -> OpenError {
    match fault {
        Fault::Engine(error) => engine(path, error),
        Fault::Unreadable(what, why) => {
            OpenError::Damaged { path: path.to_owned(), what: format!("{what}: {why}") }
        }
        Fault::Conflict(what) | Fault::Fenced(what) | Fault::Misuse(what) => {
            OpenError::Damaged { path: path.to_owned(), what }
        }
    }
}
