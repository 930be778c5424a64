//! Everything that outlives a process: the databases, the provider, the people,
//! time, and whoever writes down what happened.

use std::{sync::Arc, time::Duration};

use kernel::{Case, System};
use parking_lot::Mutex;
use runtime::store::Layout;
use store_memory::MemoryStore;
use tokio::sync::Notify;

use crate::{
    clock::Jumping, faults::Faults, options::Options, people::Given, process::Process,
    provider::Record, trace::Trace, witness::Witness,
};

/// The name of the provider.
pub const PROVIDER: &str = "payment-provider";

/// Everything that outlives a process.
pub struct World {
    /// What the seed expands to.
    pub options: Options,
    /// What goes wrong.
    pub faults: Faults,
    /// Business time.
    pub clock: Arc<Jumping>,
    /// The business, to look things up in.
    pub system: System,
    /// The databases, and who is in them.
    pub databases: Vec<(Arc<MemoryStore>, Vec<&'static str>)>,
    /// What the provider has written down.
    pub record: Mutex<Record>,
    /// Who sees every commit.
    pub witness: Mutex<Witness>,
    /// What people were told.
    pub given: Mutex<Vec<Given>>,
    trace: Mutex<Trace>,
    broken: Mutex<Option<Broken>>,
    process: Mutex<Option<Process>>,
    up: Notify,
}

/// An invariant that does not hold.
#[derive(Debug, Clone)]
pub struct Broken {
    /// What is wrong, in a sentence.
    pub sentence: String,
    /// The case it concerns.
    pub case: Option<Case>,
}

impl World {
    /// Nothing has happened yet.
    #[must_use]
    pub fn of(options: Options) -> Arc<Self> {
        let system = options.business.system();
        let database = |contexts: &Vec<&'static str>| {
            (MemoryStore::of(&Layout::of(&system, contexts)), contexts.clone())
        };
        Arc::new(Self {
            faults: Faults::of(&options),
            clock: Arc::new(Jumping::new()),
            databases: options.databases.iter().map(database).collect(),
            record: Mutex::default(),
            witness: Mutex::new(Witness::of(&system)),
            given: Mutex::default(),
            trace: Mutex::new(Trace::new()),
            broken: Mutex::new(None),
            process: Mutex::new(None),
            up: Notify::new(),
            system,
            options,
        })
    }

    /// This happened.
    pub fn trace(&self, case: Option<Case>, text: String) {
        self.trace.lock().add(self.clock.elapsed(), case, text);
    }

    /// What has happened.
    pub fn traced(&self) -> Trace {
        self.trace.lock().clone()
    }

    /// An invariant does not hold; the first one counts.
    pub fn breaks(&self, case: Option<Case>, sentence: impl Into<String>) {
        let mut broken = self.broken.lock();
        if broken.is_none() {
            let sentence = sentence.into();
            self.trace(case, format!("BROKEN: {sentence}"));
            *broken = Some(Broken { sentence, case });
        }
    }

    /// The first invariant that does not hold.
    pub fn broken(&self) -> Option<Broken> {
        self.broken.lock().clone()
    }

    /// Whether people still act.
    pub fn is_busy(&self) -> bool {
        self.clock.elapsed() < self.options.busy && self.broken.lock().is_none()
    }

    /// The process that serves now, if one does.
    pub fn process(&self) -> Option<Process> {
        self.process.lock().clone()
    }

    /// This process serves from now on, or none.
    pub fn serves(&self, process: Option<Process>) {
        let begins = process.is_some();
        *self.process.lock() = process;
        if begins {
            self.up.notify_waiters();
        }
    }

    /// A process that serves; waits for one, though not for ever.
    pub async fn connected(&self) -> Option<Process> {
        for _ in 0..100 {
            let mut comes = std::pin::pin!(self.up.notified());
            comes.as_mut().enable();
            if let Some(process) = self.process() {
                return Some(process);
            }
            // It may take a while, or be over.
            drop(tokio::time::timeout(Duration::from_secs(1), comes).await);
        }
        None
    }

    /// The database a context is in.
    ///
    /// # Panics
    ///
    /// When nobody has ever heard of the context.
    #[must_use]
    pub fn database(&self, context: &str) -> &Arc<MemoryStore> {
        let mut all = self.databases.iter();
        let found = all.find(|(_, contexts)| contexts.contains(&context));
        &found.expect("every context has a database").0
    }
}
