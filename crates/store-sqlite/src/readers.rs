//! Connections that read, used by whoever asks on their own thread.

use std::{
    ops::Deref,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};
use rusqlite::{Connection, OpenFlags};

use crate::{fault::Fault, options::Options};

/// How many steps of the engine between two looks at the clock.
const STEPS: i32 = 10_000;

/// A few connections that read.
#[derive(Debug)]
pub struct Readers {
    idle: Mutex<Vec<Reader>>,
    returned: Condvar,
}

/// One of them.
#[derive(Debug)]
struct Reader {
    connection: Connection,
    began: Arc<AtomicU64>,
    epoch: Instant,
}

/// One of them, until it is given back.
struct Lent<'a> {
    reader: Option<Reader>,
    readers: &'a Readers,
}

impl Readers {
    /// Opens all of them.
    pub fn open(path: &Path, options: &Options) -> rusqlite::Result<Self> {
        let readers = (0..options.readers.max(1)).map(|_| Reader::open(path, options));
        let idle = Mutex::new(readers.collect::<rusqlite::Result<_>>()?);
        Ok(Self { idle, returned: Condvar::new() })
    }

    /// Reads in place, on the thread of the caller.
    pub fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        let lent = self.lend();
        lent.begin();
        read(&lent.connection)
    }

    fn lend(&self) -> Lent<'_> {
        let mut idle = self.idle.lock();
        loop {
            match idle.pop() {
                Some(reader) => return Lent { reader: Some(reader), readers: self },
                None => self.returned.wait(&mut idle),
            }
        }
    }
}

impl Reader {
    fn open(path: &Path, options: &Options) -> rusqlite::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = options.connect(path, flags)?;
        connection.pragma_update(None, "mmap_size", 0)?;
        connection.pragma_update(None, "cache_size", -i64::from(options.reader_cache_kib))?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "query_only", true)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.set_prepared_statement_cache_capacity(256);
        let (epoch, began) = (Instant::now(), Arc::new(AtomicU64::new(0)));
        let (deadline, since) = (options.read_deadline, began.clone());
        let is_late = move || {
            let began = Duration::from_nanos(since.load(Ordering::Relaxed));
            epoch.elapsed().saturating_sub(began) > deadline
        };
        connection.progress_handler(STEPS, Some(is_late))?;
        Ok(Self { connection, began, epoch })
    }

    fn begin(&self) {
        let now = u64::try_from(self.epoch.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.began.store(now, Ordering::Relaxed);
    }
}

impl Deref for Lent<'_> {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        self.reader.as_ref().expect("it is given back only at the end")
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.readers.idle.lock().extend(self.reader.take());
        self.readers.returned.notify_one();
    }
}
