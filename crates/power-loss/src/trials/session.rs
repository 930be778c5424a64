//! One life of a store: opened, written to, and closed or cut off.

use std::{path::Path, sync::Arc, time::Duration};

use runtime::store::{Batch, Store, StoreError};
use store_sqlite::{OpenError, Options, SqliteStore};

use super::script::layout;
use crate::{
    dice::Dice,
    disk::{Disk, Plan},
    vfs,
};

/// So many pages in the log are never reached.
pub const ALONE: u32 = 1_000_000;

/// How a store is set in this trial.
#[must_use]
pub fn options(dice: &Dice, is_durable: bool) -> Options {
    let checkpoint_pages = dice.pick(&[4, 20, 100, ALONE]);
    Options {
        readers: 2,
        // With so little room for pages, some get into the log before the commit.
        writer_cache_kib: dice.pick(&[16, 16_384]),
        checkpoint_pages,
        restart_pages: checkpoint_pages * dice.pick(&[1, 2]),
        idle: dice.pick(&[Duration::from_millis(1), Duration::from_millis(20), Duration::MAX]),
        is_durable,
        vfs: Some(vfs::name()),
        ..Options::default()
    }
}

/// A store on a disk that will fail.
pub struct Session {
    /// The disk.
    pub disk: Arc<Disk>,
    /// The store.
    pub store: SqliteStore,
}

impl Session {
    /// Opens it.
    ///
    /// # Errors
    ///
    /// When the disk has failed while it was opened, or for a reason of its own;
    /// the disk is handed back.
    pub fn open(
        folder: &Path,
        plan: Plan,
        seed: u64,
        options: &Options,
    ) -> Result<Self, (Arc<Disk>, OpenError)> {
        let disk = Disk::over(folder, plan, seed);
        match SqliteStore::open(&folder.join("it.db"), layout(), options) {
            Ok(store) => Ok(Self { disk, store }),
            Err(error) => Err((disk, error)),
        }
    }

    /// Commits these, one by one, until one fails: how many were acknowledged,
    /// and what the next one failed with. Now and then somebody reads.
    pub fn commit(&self, batches: &[Batch], dice: &Dice) -> (usize, Option<StoreError>) {
        for (done, batch) in batches.iter().enumerate() {
            if let Err(error) = self.store.commit(batch) {
                return (done, Some(error));
            }
            if dice.percent(30) {
                // What is read does not matter here, only that a reader has seen the log.
                let _ = self.store.heads(batch.changes[0].context);
            }
        }
        (batches.len(), None)
    }
}
