//! What an operator, a metric or a start asks of the database beside the port.

use kernel::Time;
use runtime::store::StoreError;

use crate::{SqliteStore, fault::Fault, lock::beside};

impl SqliteStore {
    /// Views, by context, that must be filled anew from history: a field that
    /// is indexed now was not before, or the view is new and the journal of its
    /// context is not. They stay on this list until [`Self::refreshed`].
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn stale_views(&self) -> Result<Vec<(&'static str, &'static str)>, StoreError> {
        let stale = self.read(|connection| {
            let mut select = connection.prepare_cached("SELECT context, view FROM stale")?;
            let stale = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(stale.collect::<rusqlite::Result<Vec<(i64, i64)>>>()?)
        })?;
        let views = self.contexts.iter().flat_map(|context| {
            context.views.iter().map(move |view| ((context.word, view.word), (context, view)))
        });
        let views = views.filter(|(words, _)| stale.contains(words));
        Ok(views.map(|(_, (context, view))| (context.name, view.name)).collect())
    }

    /// All rows of a stale view have been written again.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn refreshed(&self, context: &str, view: &str) -> Result<(), StoreError> {
        let context = self.context(context)?;
        let view = context.view(view)?;
        self.writer.lock().transact(&self.words, |connection, _| {
            let sql = "DELETE FROM stale WHERE context = ?1 AND view = ?2";
            connection.prepare_cached(sql)?.execute((context.word, view.word))?;
            Ok(())
        })
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
