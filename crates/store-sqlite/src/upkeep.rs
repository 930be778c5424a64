//! What an operator, a metric or a start asks of the database beside the port.

use kernel::Time;
use runtime::store::StoreError;

use crate::{SqliteStore, fault::Fault, lock::beside};

impl SqliteStore {
    /// The contexts that have a history in this file and no place in its layout:
    /// somebody took them out, or keeps them elsewhere now.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn left_behind(&self) -> Result<Vec<String>, StoreError> {
        let placed: Vec<_> = self.contexts.iter().map(|context| context.word).collect();
        Ok(self.read(|connection| {
            let sql = "SELECT ledger.context, word.text FROM ledger
                       JOIN word ON word.id = ledger.context WHERE position > 0";
            let mut select = connection.prepare_cached(sql)?;
            let found = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let found = found.collect::<rusqlite::Result<Vec<(i64, String)>>>()?.into_iter();
            Ok(found.filter(|(word, _)| !placed.contains(word)).map(|(_, name)| name).collect())
        })?)
    }

    /// Removes answers from before that time, the oldest first, and says how
    /// many: call it again while it is `at_most`.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn purge_answers(&self, before: Time, at_most: usize) -> Result<usize, StoreError> {
        self.writer.lock().transact(&self.words, |connection, _| {
            let mut purged = 0;
            for context in &self.contexts {
                purged += context.answers.purge(connection, before, at_most - purged)?;
            }
            Ok(purged)
        })
    }

    /// How many bytes the log has on the disk. It keeps its size when it begins
    /// anew and gives it back when nobody writes.
    #[must_use]
    pub fn log_bytes(&self) -> u64 {
        let log = self.path.as_ref().map(|path| beside(path, "-wal"));
        log.and_then(|log| log.metadata().ok()).map_or(0, |log| log.len())
    }

    /// From now on the database has no room for more than so many pages of 4 KiB.
    ///
    /// # Errors
    ///
    /// When the engine does not take it.
    pub fn limit_pages(&self, pages: u32) -> Result<(), StoreError> {
        let connection = &self.writer.lock().connection;
        let limited = connection.pragma_update(None, "max_page_count", pages);
        Ok(limited.map_err(Fault::from)?)
    }
}
