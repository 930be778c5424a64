//! The real business, run in this process: its rules decide all that is written.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use kernel::{Actor, Key, System, Time, Verb};
use runtime::{
    Failure, Ground, Order, Running, Runtime, Settings, Target, Told, Writing,
    ports::{Chance, Clock, Outside, Pending},
    store::Layout,
};
use serde_json::Value;
use store_sqlite::{Options, SqliteStore};

use super::gathering::Gathering;

/// The business at work.
pub struct Works {
    /// The business.
    pub runtime: Runtime,
    /// Where it writes.
    pub store: Arc<Gathering>,
    /// Its clock, to be moved on.
    pub clock: Arc<Hands>,
    running: Running,
}

/// A clock that somebody moves.
pub struct Hands(AtomicI64);

/// Chance from a seed (`SplitMix64`; Steele, Lea and Flood 2014).
struct Dice(AtomicU64);

/// Whoever is asked for money pays.
struct Cashier;

impl Works {
    /// Over the database at `path`, which is made if it is not there; so many
    /// events are written at once. Must be called within tokio.
    pub fn open(path: &Path, at_once: usize, now: Time) -> Result<Self> {
        let system = appliance_repair::system();
        let contexts: Vec<_> = system.contexts.iter().map(|it| it.name).collect();
        let layout = Layout::of(&system, &contexts);
        let inner = Arc::new(SqliteStore::open(path, layout, &Options::default())?);
        let store = Arc::new(Gathering::before(inner, &system, at_once)?);
        let clock = Arc::new(Hands(AtomicI64::new(now.0)));
        let ground = Ground {
            stores: vec![(Arc::clone(&store) as _, contexts)],
            clock: Arc::clone(&clock) as _,
            chance: Arc::new(Dice(AtomicU64::new(1))),
            outside: vec![Arc::new(Cashier)],
            settings: Settings::default(),
            writing: Writing::OnThreads,
            owner: "bench".into(),
            elsewhere: None,
            bus: None,
        };
        let running = Runtime::start(system, ground)?;
        Ok(Self { runtime: running.runtime.clone(), store, clock, running })
    }

    /// Lets everybody finish, and writes what is gathered.
    pub async fn stop(self) -> Result<()> {
        self.running.stop().await;
        drop(self.runtime);
        Ok(self.store.flush()?)
    }
}

/// Somebody gives a command; nobody waits for the case to settle.
pub async fn tell(
    runtime: &Runtime,
    who: &str,
    command: &str,
    of: Option<u64>,
    body: &Value,
) -> Result<Told> {
    let order = order(runtime.system(), who, command, of, body)?;
    let mut attempts = 0;
    loop {
        // A question may be answered too late when everybody is at work.
        match runtime.tell(order()?).await {
            Err(Failure::Unavailable { .. }) if attempts < 100 => attempts += 1,
            told => return told.with_context(|| format!("{command} {of:?}")),
        }
        tokio::task::yield_now().await;
    }
}

fn order<'a>(
    system: &'a System,
    who: &'a str,
    command: &str,
    of: Option<u64>,
    body: &Value,
) -> Result<impl Fn() -> Result<Order> + 'a> {
    let found = system.contexts.iter().find_map(|it| it.rule(command).map(|rule| (it, rule.1)));
    let (context, rule) = found.context("a command of that name")?;
    let text = body.to_string();
    Ok(move || {
        let command = rule.read(text.as_bytes())?;
        let to = match (&rule.verb, of) {
            (Some(Verb::PostTo(which)), _) => which(&command).map(Target::ThisOrNew),
            (_, Some(number)) => Some(Target::This(Key::Number(number))),
            (_, None) => None,
        };
        Ok(Order {
            context: context.name,
            name: rule.command.name,
            to: to.unwrap_or(Target::New),
            command,
            by: Actor::new(who, rule.roles.first().map_or("system", |role| role.name)),
            key: None,
            trace: None,
            see_through: Duration::ZERO,
        })
    })
}

impl Hands {
    /// Moves them on.
    pub fn forward(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(0);
        self.0.fetch_add(by, Ordering::Relaxed);
    }
}

impl Clock for Hands {
    fn now(&self) -> Time {
        Time(self.0.load(Ordering::Relaxed))
    }
}

impl Chance for Dice {
    fn bits(&self) -> u128 {
        let next = || {
            let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            u128::from(z ^ (z >> 31))
        };
        (next() << 64) | next()
    }
}

impl Outside for Cashier {
    fn name(&self) -> &'static str {
        "payment-provider"
    }

    fn fulfil<'a>(
        &'a self,
        _: &'a str,
        _: &'a [u8],
        key: &'a str,
    ) -> Pending<'a, Result<Vec<u8>, Failure>> {
        let paid = serde_json::json!({ "outcome": "captured", "paymentKey": format!("pay-{key}") });
        Box::pin(async move { Ok(paid.to_string().into_bytes()) })
    }
}
