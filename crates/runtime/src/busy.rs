//! Idempotency keys whose command is still at work.

use std::{collections::BTreeSet, sync::Arc};

use parking_lot::Mutex;

use crate::{Failure, mutant};

/// The keys at work.
#[derive(Clone, Default)]
pub struct Keys(Arc<Mutex<BTreeSet<u128>>>);

/// This key is at work until this is dropped.
pub struct Busy {
    keys: Keys,
    scope: u128,
}

impl Keys {
    /// # Errors
    ///
    /// [`Failure::KeyBusy`] when it is at work already.
    pub fn enter(&self, scope: u128) -> Result<Busy, Failure> {
        if self.0.lock().insert(scope) || mutant::KEY_NOT_BUSY.is_planted() {
            Ok(Busy { keys: self.clone(), scope })
        } else {
            Err(Failure::KeyBusy)
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.keys.0.lock().remove(&self.scope);
    }
}
