//! What can be set about a database.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

/// What can be set about a database. The defaults are measured, not guessed.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many may read at the same time; more wait for one another.
    pub readers: usize,
    /// How many KiB of pages the writer keeps in memory at the most.
    pub writer_cache_kib: u32,
    /// How many KiB of pages each reader keeps in memory at the most.
    pub reader_cache_kib: u32,
    /// After so many pages in the log they begin to be copied into the file.
    pub checkpoint_pages: u32,
    /// After so many pages in the log, commits pause until it begins anew: a
    /// log that is always written to would otherwise never find an end.
    pub restart_pages: u32,
    /// After so long without a commit the log is emptied.
    pub idle: Duration,
    /// A read that takes longer is broken off: as long as it goes on, the log
    /// cannot begin anew.
    pub read_deadline: Duration,
    /// Whether a commit that has returned is on the disk. Otherwise the last
    /// ones are gone when the power fails, which is only good for showing so.
    pub is_durable: bool,
    /// The way to the disk, by the name under which the engine knows it;
    /// nothing means the one of the operating system.
    pub vfs: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 4,
            writer_cache_kib: 16 * 1024,
            reader_cache_kib: 2 * 1024,
            checkpoint_pages: 2_000,
            restart_pages: 8_000,
            idle: Duration::from_secs(1),
            read_deadline: Duration::from_secs(30),
            is_durable: true,
            vfs: None,
        }
    }
}

impl Options {
    /// A connection. Whoever closes the last one copies the log into the file,
    /// unless told otherwise, and even after an error of the disk; so all are
    /// told, and only a writer that is well takes it back.
    pub(crate) fn connect(
        &self,
        path: impl AsRef<Path>,
        flags: OpenFlags,
    ) -> rusqlite::Result<Connection> {
        let connection = match &self.vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs.as_str())?,
            None => Connection::open_with_flags(path, flags)?,
        };
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        // Otherwise some statements are prepared again whenever something else is bound.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(connection)
    }

    /// When the engine waits for the disk.
    pub(crate) fn synchronous(&self) -> &'static str {
        if self.is_durable { "FULL" } else { "NORMAL" }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::{OpenFlags, StatementStatus};

    use super::Options;
    use crate::answers::Answers;

    #[test]
    fn a_statement_is_prepared_once_whatever_is_bound() {
        let connection = Options::default().connect(":memory:", OpenFlags::default()).unwrap();
        let answers = Answers::of("shop");
        for part in answers.parts() {
            connection.execute_batch(&part.sql).unwrap();
        }
        for scope in [0, 7, 1 << 100, 1] {
            assert_eq!(answers.under(&connection, scope).unwrap(), None);
        }
        let under = connection.prepare_cached(answers.under_sql()).unwrap();
        assert_eq!(under.get_status(StatementStatus::Run), 4);
        assert_eq!(under.get_status(StatementStatus::RePrepare), 0);
    }
}
