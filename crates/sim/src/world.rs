//! Everything that outlives a process: the databases, the provider, the people,
//! time, and whoever writes down what happened.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use kernel::{Case, System};
use parking_lot::Mutex;
use runtime::store::Layout;
use store_memory::MemoryStore;
use tokio::sync::Notify;

use crate::{
    clock::Jumping, dice::Dice, faults::Faults, laws::Law, mutants, options::Options,
    people::Given, process::Process, provider::Record, trace::Trace, witness::Witness,
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
    /// There is no room on the disk.
    pub full: AtomicBool,
    /// The databases cannot be reached.
    pub away: AtomicBool,
    /// Events that cannot be read, by context and position.
    pub garbled: Mutex<BTreeSet<(&'static str, u64)>>,
    /// What the provider has written down.
    pub record: Mutex<Record>,
    /// Who sees every commit.
    pub witness: Mutex<Witness>,
    /// What people were told.
    pub given: Mutex<Vec<Given>>,
    trace: Mutex<Trace>,
    broken: Mutex<Option<Broken>>,
    processes: Mutex<Vec<Option<Process>>>,
    up: Notify,
}

/// A law that does not hold.
#[derive(Debug, Clone)]
pub struct Broken {
    /// Which.
    pub law: &'static Law,
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
            let layout = Layout::of(&system, contexts);
            let is_shared = options.replicas > 1;
            let store = if is_shared { MemoryStore::shared } else { MemoryStore::of };
            (store(&layout), contexts.clone())
        };
        let (full, away, garbled) = Default::default();
        let replicas = usize::try_from(options.replicas).unwrap_or(1);
        Arc::new(Self {
            faults: Faults::of(&options),
            clock: Arc::new(Jumping::new()),
            databases: options.databases.iter().map(database).collect(),
            full,
            away,
            garbled,
            record: Mutex::default(),
            witness: Mutex::new(Witness::of(&system, options.attempts)),
            given: Mutex::default(),
            trace: Mutex::new(Trace::new()),
            broken: Mutex::new(None),
            processes: Mutex::new(vec![None; replicas]),
            up: Notify::new(),
            system,
            options,
        })
    }

    /// The business as the processes run it; perhaps with a planted bug.
    #[must_use]
    pub fn business(&self) -> System {
        mutants::planted_in(self.options.business.system())
    }

    /// This happened.
    pub fn trace(&self, case: Option<Case>, text: String) {
        self.trace.lock().add(self.clock.elapsed(), case, text);
    }

    /// What has happened.
    pub fn traced(&self) -> Trace {
        self.trace.lock().clone()
    }

    /// How much has happened.
    pub fn traced_lines(&self) -> u64 {
        self.trace.lock().lines().len() as u64
    }

    /// Somebody has looked whether this law holds.
    pub fn looks(&self, law: &Law) {
        self.faults.saw(law.id);
    }

    /// A law does not hold; the first one counts.
    pub fn breaks(&self, law: &'static Law, case: Option<Case>, sentence: impl Into<String>) {
        let mut broken = self.broken.lock();
        if broken.is_none() {
            let sentence = sentence.into();
            self.trace(case, format!("BROKEN: {} {sentence}", law.id));
            *broken = Some(Broken { law, sentence, case });
        }
    }

    /// The first law that does not hold.
    pub fn broken(&self) -> Option<Broken> {
        self.broken.lock().clone()
    }

    /// Whether people still act.
    pub fn is_busy(&self) -> bool {
        self.clock.elapsed() < Duration::from_millis(self.options.busy)
            && self.broken.lock().is_none()
    }

    /// Nothing goes wrong any more.
    pub fn calm_down(&self) {
        self.faults.end();
        self.full.store(false, Ordering::Relaxed);
        self.away.store(false, Ordering::Relaxed);
        let garbled = std::mem::take(&mut *self.garbled.lock());
        if !garbled.is_empty() {
            // What was misread may be remembered: it is mended by starting anew.
            self.processes().iter().for_each(|it| it.life.stop());
        }
        crate::course::POISONED.set(false);
    }

    /// The processes that serve now.
    pub fn processes(&self) -> Vec<Process> {
        self.processes.lock().iter().flatten().cloned().collect()
    }

    /// One of the processes that serve now, if one does.
    pub fn any_process(&self, dice: &mut Dice) -> Option<Process> {
        let all = self.processes();
        if all.is_empty() { None } else { Some(dice.pick(&all).clone()) }
    }

    /// This process serves from now on, or none in its place.
    pub fn serves(&self, replica: usize, process: Option<Process>) {
        let begins = process.is_some();
        self.processes.lock()[replica] = process;
        if begins {
            self.up.notify_waiters();
        }
    }

    /// One of the processes that serve; waits for one, though not for ever.
    pub async fn connected(&self, dice: &mut Dice) -> Option<Process> {
        for _ in 0..100 {
            let mut comes = std::pin::pin!(self.up.notified());
            comes.as_mut().enable();
            if let Some(process) = self.any_process(dice) {
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
