//! A business at work: its contexts, their writers, and whoever they need.

use std::{collections::BTreeMap, ops::Deref, sync::Arc};

use kernel::{Actor, Context, Envelope, Guarded, Rule, System};
use tokio::{
    sync::{broadcast, watch},
    task::JoinHandle,
};

use crate::{
    Failure, Settings, Tail,
    answers::Local,
    bulletin::{Bulletin, Changed},
    busy::Keys,
    call::{Calls, Traffic},
    delivery::{Line, Mailbox, Readers, lines},
    end::End,
    fault,
    feed::feed,
    follow::follow,
    lab::Lab,
    ports::{Bus, Chance, Clock, Elsewhere, Neighbours, Outside},
    rebuild::Rebuilds,
    store::Store,
    writer::{Desk, Room, Writer},
};

/// Where the writers work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// On a thread for each database.
    OnThreads,
    /// As tasks of the one thread there is.
    AsTasks,
}

/// What the runtime stands on.
pub struct Ground {
    /// Which context is in which database; a database may hold many.
    pub stores: Vec<(Arc<dyn Store>, Vec<&'static str>)>,
    /// Business time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<dyn Chance>,
    /// The systems of the world outside.
    pub outside: Vec<Arc<dyn Outside>>,
    /// How patient to be.
    pub settings: Settings,
    /// Where the writers work.
    pub writing: Writing,
    /// Who this process is, for leases.
    pub owner: Arc<str>,
    /// The contexts that have no store here; nothing when there are none.
    pub elsewhere: Option<Arc<dyn Elsewhere>>,
    /// Where others hear of what happens here, and the other way round.
    pub bus: Option<Arc<dyn Bus>>,
}

/// A business at work. Cheap to clone.
#[derive(Clone)]
pub struct Runtime(Arc<Inner>);

/// What a [`Runtime`] shares.
pub struct Inner {
    /// The contexts that are served here.
    pub(crate) system: Arc<System>,
    /// The same business, with the contexts that are not.
    pub(crate) away: System,
    /// The kind of thing the customer's journey begins with.
    pub(crate) begins_with: &'static str,
    pub(crate) stores: BTreeMap<&'static str, Arc<dyn Store>>,
    writers: BTreeMap<&'static str, Writer>,
    pub(crate) bulletin: Arc<Bulletin>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) chance: Arc<dyn Chance>,
    pub(crate) neighbours: Arc<dyn Neighbours>,
    pub(crate) calls: Calls,
    pub(crate) outside: BTreeMap<&'static str, Arc<dyn Outside>>,
    pub(crate) lab: Arc<Lab>,
    pub(crate) settings: Settings,
    pub(crate) busy: Keys,
    /// Whoever holds it tries something that may end the process.
    pub(crate) alone: Arc<tokio::sync::Mutex<()>>,
    pub(crate) rebuilds: Rebuilds,
    pub(crate) owner: Arc<str>,
    pub(crate) mail: Vec<(Line, Mailbox)>,
    pub(crate) seen: BTreeMap<(Arc<str>, &'static str), watch::Receiver<u64>>,
    elsewhere: Option<Arc<dyn Elsewhere>>,
    pub(crate) bus: Option<Arc<dyn Bus>>,
}

/// What was started, to be stopped.
pub struct Running {
    /// The business.
    pub runtime: Runtime,
    stop: End,
    readers: Vec<JoinHandle<()>>,
    /// The writers that work as tasks.
    tasks: Vec<JoinHandle<()>>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Runtime {
    /// Starts a business. Must be called within tokio.
    ///
    /// # Errors
    ///
    /// When a store cannot be read, a context has no store, or an outside
    /// system is missing.
    pub fn start(system: System, ground: Ground) -> Result<Running, Failure> {
        let Ground { stores: placed, clock, chance, outside, settings, writing, owner, .. } =
            ground;
        let (elsewhere, bus) = (ground.elsewhere, ground.bus);
        let mut stores = BTreeMap::new();
        for (store, contexts) in &placed {
            stores.extend(contexts.iter().map(|context| (*context, Arc::clone(store))));
        }
        let outside: BTreeMap<_, _> = outside.into_iter().map(|it| (it.name(), it)).collect();
        let contexts = system.contexts.iter().map(|it| it.name);
        let lab = Arc::new(Lab::of(contexts.chain(outside.keys().copied()), Arc::clone(&chance)));
        let served = served(&system, &stores, elsewhere.is_some())?;
        let lines = lines(&system, &served, bus.is_some());
        let to_contexts: Vec<_> =
            system.contexts.iter().map(|it| (it.name, settings.questions_at_once)).collect();
        let others = others(&system, &served, &lines);
        let mut kinds = system.contexts.iter().flat_map(|it| &it.aggregates).map(|it| it.name);
        let begins_with = kinds.next().unwrap_or_default();
        // From here on nobody speaks of the others but the lines, and questions.
        let (system, away) = parted(system, &served);
        let system = Arc::new(system);
        let mut tails = tails(&stores)?;
        if let Some(elsewhere) = &elsewhere {
            let tail = |name| (name, Arc::new(Tail::of_another(name, Arc::clone(elsewhere))));
            tails.extend(others.iter().copied().map(tail));
        }
        let views = system.contexts.iter().flat_map(|it| &it.views).map(|view| view.name);
        let bulletin = Arc::new(Bulletin::of(tails, views));

        let mut hired = Hired::default();
        for placed in placed {
            hired.one_more(placed, &system, (&clock, &chance, &bulletin), writing)?;
        }
        let Hired { writers, tasks, threads } = hired;

        fault::reached(&*chance, "start.caught_up");
        let to_outside = outside.keys().map(|name| (*name, settings.outside_at_once));
        let calls = Calls::to(to_contexts.into_iter().chain(to_outside), Arc::clone(&chance));
        let readers = Readers::of(lines, &stores)?;
        let (here, neighbours) = (Arc::clone(&system), elsewhere.clone());
        let local = Local::of(here, stores.clone(), Arc::clone(&lab), neighbours);
        let runtime = Self(Arc::new(Inner {
            system,
            away,
            begins_with,
            stores,
            writers,
            bulletin,
            clock,
            chance,
            neighbours: Arc::new(local),
            calls,
            outside,
            lab,
            settings,
            busy: Keys::default(),
            alone: Arc::default(),
            rebuilds: Rebuilds::default(),
            owner,
            mail: readers.mail(),
            seen: readers.seen(),
            elsewhere,
            bus,
        }));
        let stop = End::default();
        let mut readers = readers.start(&runtime, &stop);
        readers.extend(follow(&runtime, &stop));
        readers.extend(feed(&runtime, &others, &stop)?);
        Ok(Running { runtime, stop, readers, tasks, threads })
    }

    /// The business; of its contexts, those that are served here.
    #[must_use]
    pub fn system(&self) -> &System {
        &self.system
    }

    /// The same business, with the contexts that other processes serve.
    #[must_use]
    pub fn away(&self) -> &System {
        &self.away
    }

    /// The kind of thing the customer's journey begins with, wherever that is.
    #[must_use]
    pub fn begins_with(&self) -> &'static str {
        self.begins_with
    }

    /// The failure lab.
    #[must_use]
    pub fn lab(&self) -> &Lab {
        &self.lab
    }

    /// Business time.
    #[must_use]
    pub fn now(&self) -> kernel::Time {
        self.clock.now()
    }

    /// The outside systems.
    pub fn outsides(&self) -> impl Iterator<Item = &Arc<dyn Outside>> {
        self.outside.values()
    }

    /// The end of a context's journal.
    ///
    /// # Errors
    ///
    /// When nobody serves the context here.
    pub fn tail(&self, context: &str) -> Result<&Arc<Tail>, Failure> {
        let nobody = || Failure::unavailable(context, "nobody serves it here");
        self.bulletin.tail(context).ok_or_else(nobody)
    }

    /// A call to a context from outside: as the lab has it.
    ///
    /// # Errors
    ///
    /// When the context is down, or fails.
    pub async fn pass(&self, context: &str) -> Result<(), Failure> {
        self.lab.pass(context).await
    }

    /// Every change of a view from now on.
    #[must_use]
    pub fn changes(&self, view: &str) -> Option<broadcast::Receiver<Arc<Changed>>> {
        self.bulletin.changes(view)
    }

    /// True once a database has failed in a way that only a restart mends.
    #[must_use]
    pub fn broken(&self) -> watch::Receiver<bool> {
        self.bulletin.broken()
    }

    /// How the calls to other contexts and to the world outside stand.
    #[must_use]
    pub fn traffic(&self) -> Vec<Traffic> {
        self.calls.traffic()
    }

    /// How much waits for the writer of a context.
    #[must_use]
    pub fn waiting_to_write(&self, context: &str) -> usize {
        self.writers.get(context).map_or(0, Writer::waiting)
    }

    pub(crate) fn envelope(&self, by: Actor) -> Envelope {
        Envelope { at: self.clock.now(), by, chance: self.chance.bits() }
    }

    pub(crate) fn store(&self, context: &str) -> Result<&Arc<dyn Store>, Failure> {
        let nobody = || Failure::unavailable(context, "nobody serves it here");
        self.stores.get(context).ok_or_else(nobody)
    }

    pub(crate) fn elsewhere(&self, context: &str) -> Result<&Arc<dyn Elsewhere>, Failure> {
        let nobody = || Failure::unavailable(context, "nobody serves it here");
        self.elsewhere.as_ref().ok_or_else(nobody)
    }

    pub(crate) fn writer(&self, context: &str) -> Result<&Writer, Failure> {
        let nobody = || Failure::unavailable(context, "nobody serves it here");
        self.writers.get(context).ok_or_else(nobody)
    }

    pub(crate) fn context(&self, name: &str) -> Result<&Context, Failure> {
        let unknown = || Failure::Unknown { what: format!("context {name}") };
        self.system.context(name).ok_or_else(unknown)
    }

    pub(crate) fn rule(
        &self,
        context: &str,
        command: &str,
    ) -> Result<(&Context, &Guarded, &Rule), Failure> {
        let context = self.context(context)?;
        let unknown = || Failure::Unknown { what: format!("command {command}") };
        let (guarded, rule) = context.rule(command).ok_or_else(unknown)?;
        Ok((context, guarded, rule))
    }
}

impl Running {
    /// Lets everybody finish what they have in hand, and ends.
    pub async fn stop(self) {
        let Self { runtime, stop, readers, tasks, threads } = self;
        stop.say();
        runtime.rebuilds.end().await;
        for reader in readers {
            // A reader that panicked has been logged; there is nothing to add.
            drop(reader.await);
        }
        fault::waits_at(&*runtime.chance, "stop.readers_ended").await;
        for writer in runtime.writers.values() {
            writer.end().await;
        }
        for task in tasks {
            drop(task.await); // as with a reader
        }
        for thread in threads {
            let ended = tokio::task::spawn_blocking(move || thread.join()).await;
            if ended.is_err() {
                tracing::error!("a writer did not end well");
            }
        }
    }

    /// As if the process ended here: nobody finishes what they have in hand.
    /// Only for writers that work as tasks; true when nobody had panicked.
    pub async fn kill(self) -> bool {
        let Self { runtime, readers, tasks, .. } = self;
        runtime.rebuilds.end().await;
        let all: Vec<_> = readers.into_iter().chain(tasks).collect();
        all.iter().for_each(JoinHandle::abort);
        let mut well = true;
        for task in all {
            well &= !task.await.is_err_and(|error| error.is_panic());
        }
        well
    }
}

impl Deref for Runtime {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

pub(crate) fn guarded<'a>(context: &'a Context, kind: &str) -> Result<&'a Guarded, Failure> {
    context.guarded(kind).ok_or_else(|| Failure::Unknown { what: kind.to_owned() })
}

/// The writers that were set to work.
#[derive(Default)]
struct Hired {
    writers: BTreeMap<&'static str, Writer>,
    tasks: Vec<JoinHandle<()>>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

/// What a writer stands on, beside its database.
type Around<'a> = (&'a Arc<dyn Clock>, &'a Arc<dyn Chance>, &'a Arc<Bulletin>);

impl Hired {
    /// One for a database, and all contexts in it.
    fn one_more(
        &mut self,
        (store, contexts): (Arc<dyn Store>, Vec<&'static str>),
        system: &Arc<System>,
        (clock, chance, bulletin): Around<'_>,
        writing: Writing,
    ) -> Result<(), Failure> {
        let rooms = (system.contexts.iter().enumerate())
            .filter(|(_, context)| contexts.contains(&context.name))
            .map(|(index, _)| Room::of(system, index, Arc::clone(&store)))
            .collect::<Result<Vec<_>, _>>()?;
        let ambient = (Arc::clone(clock), Arc::clone(chance));
        let mut desk = Desk::of(store, rooms, ambient, Arc::clone(bulletin) as _);
        desk.catch_up()?;
        let (writer, inbox) = Writer::new();
        match writing {
            Writing::AsTasks => self.tasks.push(tokio::spawn(inbox.work_as_a_task(desk))),
            Writing::OnThreads => self.threads.push(thread(move || inbox.work_here(desk))?),
        }
        self.writers.extend(contexts.into_iter().map(|context| (context, writer.clone())));
        Ok(())
    }
}

/// A business with the contexts that are served here, and with the others.
fn parted(system: System, served: &[&'static str]) -> (System, System) {
    let System { name, folder, title, contexts } = system;
    let (here, away) = contexts.into_iter().partition(|it| served.contains(&it.name));
    let away = System { name, folder, title: title.clone(), contexts: away };
    (System { name, folder, title, contexts: here }, away)
}

/// The contexts that are served, unless one is served by nobody.
fn served(
    system: &System,
    stores: &BTreeMap<&'static str, Arc<dyn Store>>,
    others: bool,
) -> Result<Vec<&'static str>, Failure> {
    let served: Vec<_> = stores.keys().copied().collect();
    match system.contexts.iter().find(|it| !served.contains(&it.name)) {
        Some(other) if !others => Err(Failure::fault(format!("{} has no store", other.name))),
        _ => Ok(served),
    }
}

/// The ends of the journals that are here.
fn tails(
    stores: &BTreeMap<&'static str, Arc<dyn Store>>,
) -> Result<BTreeMap<&'static str, Arc<Tail>>, Failure> {
    let mut tails = BTreeMap::new();
    for (context, store) in stores {
        let head = store.heads(context)?.position;
        tails.insert(*context, Arc::new(Tail::of(context, Arc::clone(store), head)));
    }
    Ok(tails)
}

/// The contexts whose journals are read here and written elsewhere.
fn others(system: &System, served: &[&'static str], lines: &[Line]) -> Vec<&'static str> {
    let is_other = |name: &&str| lines.iter().any(|line| line.source == *name);
    let names = system.contexts.iter().map(|it| it.name).filter(|it| !served.contains(it));
    names.filter(is_other).collect()
}

fn thread(run: impl FnOnce() + Send + 'static) -> Result<std::thread::JoinHandle<()>, Failure> {
    let builder = std::thread::Builder::new().name("writer".into());
    builder.spawn(run).map_err(|error| Failure::fault(format!("no writer thread: {error}")))
}
