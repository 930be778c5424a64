//! The word to end: everybody hears it, in the order in which they were hired.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::bell::{Bell, Ear};

/// Who says when to end. When there is nobody left to say it, it is said too.
#[derive(Default)]
pub struct End(Arc<Said>);

/// Who ends when it is said.
pub struct Ending {
    said: Arc<Said>,
    ear: Ear,
}

#[derive(Default)]
struct Said {
    is_said: AtomicBool,
    bell: Arc<Bell>,
}

impl End {
    /// Says it.
    pub fn say(&self) {
        self.0.is_said.store(true, Ordering::Release);
        self.0.bell.ring();
    }

    /// One more who ends when it is said.
    pub fn heard(&self) -> Ending {
        Ending { said: Arc::clone(&self.0), ear: self.0.bell.ear() }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.say();
    }
}

impl Ending {
    /// Whether it was said.
    pub fn is_said(&self) -> bool {
        self.said.is_said.load(Ordering::Acquire)
    }

    /// Waits until it is said.
    pub async fn wait(&mut self) {
        while !self.is_said() {
            self.ear.hear().await;
        }
    }
}
