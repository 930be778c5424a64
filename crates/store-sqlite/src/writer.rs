//! The one connection that writes.

use std::sync::{Arc, OnceLock};

use runtime::store::StoreError;
use rusqlite::{Connection, config::DbConfig};

use crate::{context::Context, fault::Fault, ledger::Ledger, words::Words};

/// The one connection that writes, and what it knows of the database by heart.
#[derive(Debug)]
pub struct Writer {
    /// The connection.
    pub connection: Connection,
    /// Where every context stands, in the order of the contexts.
    pub ledgers: Vec<Ledger>,
    health: Arc<Health>,
    /// The last one found no room.
    is_short_of_room: bool,
}

/// Whether anything may still be written.
///
/// After an error of the disk it is not known what has been written; a second
/// try would succeed without having written what the first one lost. So there
/// is none: who wants to go on opens the database again.
#[derive(Debug, Default)]
pub struct Health {
    broken: OnceLock<StoreError>,
}

impl Writer {
    /// With the ledgers as they are stored.
    pub fn new(
        connection: Connection,
        contexts: &[Context],
        health: Arc<Health>,
    ) -> Result<Self, Fault> {
        let ledgers = contexts.iter().map(|it| Ledger::read(&connection, it.word));
        let ledgers = ledgers.collect::<Result<_, Fault>>()?;
        Ok(Self { connection, ledgers, health, is_short_of_room: false })
    }

    /// All of it or nothing.
    pub fn transact<T>(
        &mut self,
        words: &Words,
        write: impl FnOnce(&Connection, &mut [Ledger]) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.health.check()?;
        if !self.connection.is_autocommit() {
            self.run("ROLLBACK")?; // A panic has left it open.
        }
        if let Err(fault) = self.make_room() {
            return Err(self.undo(words, words.mark(), fault));
        }
        let mark = words.mark();
        let mut ledgers = self.ledgers.clone();
        let done = self.run("BEGIN IMMEDIATE").and_then(|()| {
            let done = write(&self.connection, &mut ledgers)?;
            self.run("COMMIT")?;
            Ok(done)
        });
        match done {
            Ok(done) => {
                self.ledgers = ledgers;
                Ok(done)
            }
            Err(fault) => Err(self.undo(words, mark, fault)),
        }
    }

    /// Whether there is room; when the last one found none, a little is written
    /// to find out, so that nobody has to lose something by trying.
    pub fn has_room(&mut self, words: &Words) -> bool {
        if !self.is_short_of_room {
            return true;
        }
        let touch = |connection: &Connection, _: &mut [Ledger]| {
            connection.execute("UPDATE ledger SET position = position", [])?;
            Ok(())
        };
        // What fails for another reason says nothing about room.
        let touched = self.transact(words, touch);
        !matches!(touched, Err(StoreError::Full(_)))
    }

    /// When there was no room, the log is emptied before anything is added to
    /// it: otherwise each attempt would take what has become free, and the file
    /// could never take over what is in the log.
    fn make_room(&mut self) -> Result<(), Fault> {
        if self.is_short_of_room {
            self.connection.query_one("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            self.is_short_of_room = false;
        }
        Ok(())
    }

    fn undo(&mut self, words: &Words, mark: usize, fault: Fault) -> StoreError {
        let is_undone = self.connection.is_autocommit() || self.run("ROLLBACK").is_ok();
        if fault.is_grave() || !is_undone {
            return self.health.give_up(fault.into());
        }
        words.forget(mark);
        let error = fault.into();
        self.is_short_of_room = matches!(error, StoreError::Full(_));
        error
    }

    fn run(&self, sql: &str) -> Result<(), Fault> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}

impl Drop for Writer {
    /// A log that was copied into the file is taken away, and only then. It is
    /// the last connection that is closed.
    fn drop(&mut self) {
        if self.health.check().is_ok() {
            let keep = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
            if let Err(error) = self.connection.set_db_config(keep, false) {
                tracing::warn!(%error, "the log stays beside the database");
            }
        }
    }
}

impl Health {
    /// # Errors
    ///
    /// When nothing may be written any more.
    pub fn check(&self) -> Result<(), StoreError> {
        self.broken.get().map_or(Ok(()), |error| Err(error.clone()))
    }

    /// From now on nothing is written.
    pub fn give_up(&self, error: StoreError) -> StoreError {
        tracing::error!(?error, "nothing is written to the database any more");
        let error = match error {
            StoreError::Broken(source) | StoreError::Full(source) => StoreError::Broken(source),
            other => StoreError::Broken(Arc::new(other)),
        };
        self.broken.get_or_init(|| error).clone()
    }
}

#[cfg(test)]
mod tests {
    use runtime::store::Layout;
    use rusqlite::{Error, ffi};

    use super::*;
    use crate::migrate::{STEPS, migrate};

    #[test]
    fn after_an_error_of_the_disk_nothing_is_written_any_more() {
        let (mut writer, words) = writer();
        let failed = writer.transact(&words, |_, _| failing::<()>(ffi::SQLITE_IOERR_FSYNC));
        assert!(matches!(failed, Err(StoreError::Broken(_))));
        let later = writer.transact(&words, |_, _| -> Result<(), Fault> { unreachable!() });
        assert!(matches!(later, Err(StoreError::Broken(_))));
    }

    #[test]
    fn when_there_is_no_room_it_goes_on_later() {
        let (mut writer, words) = writer();
        let full = writer.transact(&words, |connection, _| {
            words.number(connection, "new")?;
            failing::<()>(ffi::SQLITE_FULL)
        });
        assert!(matches!(full, Err(StoreError::Full(_))));
        assert_eq!(words.find("new"), None);
        let later = writer.transact(&words, |connection, _| words.number(connection, "newer"));
        assert_eq!(later.unwrap(), 1);
    }

    #[test]
    fn when_somebody_else_has_it_it_goes_on_later() {
        let (mut writer, words) = writer();
        let busy = writer.transact(&words, |_, _| failing::<()>(ffi::SQLITE_BUSY));
        assert!(matches!(busy, Err(StoreError::Away(_))));
        assert!(writer.transact(&words, |_, _| Ok(())).is_ok());
    }

    #[test]
    fn what_a_panic_leaves_open_is_undone() {
        let (mut writer, words) = writer();
        let panicking = std::panic::AssertUnwindSafe(|| {
            let write = |_: &Connection, _: &mut [Ledger]| -> Result<(), Fault> { panic!("ours") };
            writer.transact(&words, write)
        });
        assert!(std::panic::catch_unwind(panicking).is_err());
        assert!(writer.transact(&words, |_, _| Ok(())).is_ok());
    }

    fn failing<T>(code: i32) -> Result<T, Fault> {
        Err(Error::SqliteFailure(ffi::Error::new(code), None).into())
    }

    fn writer() -> (Writer, Words) {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, STEPS).unwrap();
        let words = Words::load(&connection, Layout::default()).unwrap();
        (Writer::new(connection, &[], Arc::default()).unwrap(), words)
    }
}
