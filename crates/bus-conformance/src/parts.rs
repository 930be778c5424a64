//! Two parts of the business that know each other only by the bus and by what
//! their journals say.

use std::{sync::Arc, time::Duration};

use kernel::{Case, Event, System};
use rehearsal::{Part, Provider, Rehearsal};
use runtime::{
    Entry, Failure,
    ports::{Asked, Bus, Count, Elsewhere, Errand, Neighbours, Pending},
    store::{Layout, Store},
};
use serde_json::json;
use store_memory::MemoryStore;
use tokio::time::{Instant, sleep, timeout};

use crate::{Place, meters};

/// How long anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// How often to look whether anything has happened.
const OFTEN: Duration = Duration::from_millis(20);

/// Two parts of the business.
pub struct Parts {
    /// Where meters are read.
    pub gauge: Rehearsal,
    /// Where it is noted.
    pub board: Rehearsal,
    /// The journal of the gauge.
    pub journal: Arc<dyn Store>,
}

/// The journals of another process, without the way there.
struct There(Arc<dyn Store>);

impl Parts {
    /// Both, with nothing in them.
    pub fn at(place: &dyn Place) -> Self {
        let (here, there) = (place.bus(&meters::system()), place.bus(&meters::system()));
        Self::over(Self::empty(), here, there)
    }

    /// A store for the gauge and one for the board, that nobody has used.
    #[must_use]
    pub fn empty() -> [Arc<dyn Store>; 2] {
        [memory("gauge"), memory("board")]
    }

    /// Both, over what is in these stores, each with its way to the bus.
    pub fn over(
        [gauge, board]: [Arc<dyn Store>; 2],
        gauge_bus: Option<Arc<dyn Bus>>,
        board_bus: Option<Arc<dyn Bus>>,
    ) -> Self {
        let journal = Arc::clone(&gauge);
        Self {
            gauge: part("gauge", Arc::clone(&gauge), Arc::clone(&board), gauge_bus),
            board: part("board", board, gauge, board_bus),
            journal,
        }
    }

    /// Reads these meters, each so many times more, all at the same time.
    pub async fn read(&self, meters: std::ops::RangeInclusive<u64>, times: u64) {
        let one = |meter: u64| async move {
            for _ in 0..times {
                self.read_one(meter).await;
            }
        };
        let all: Vec<_> = meters.map(|meter| Box::pin(one(meter))).collect();
        together(all).await;
    }

    /// Reads one meter; it is there by its first reading.
    pub async fn read_one(&self, meter: u64) {
        let of = if self.journal.thing("gauge", "meter", meter).unwrap().is_some() {
            meter.to_string()
        } else {
            String::new()
        };
        let body = json!({ "remark": "맑음" });
        self.gauge.done("김하늘", "ReadMeter", &of, body).await.unwrap();
    }

    /// Waits until the board has noted all, and looks whether it is all there:
    /// once, in order, and accounted for on both sides.
    pub async fn all_is_noted(&self) {
        let head = self.journal.heads("gauge").unwrap().position;
        let noted = || self.board.runtime().tail("board").unwrap().head();
        let seen = async || {
            let ledger = self.board.runtime().ledger().await.unwrap_or_default();
            !ledger.is_empty() && ledger.iter().all(|it| it.done == head)
        };
        until("everything is noted", async || noted() >= head && seen().await).await;
        self.nothing_is_wrong(head).await;
    }

    async fn nothing_is_wrong(&self, head: u64) {
        let own = self.gauge.runtime();
        until("the bus is told", async || {
            own.ledger().await.unwrap().iter().all(|it| it.done == it.committed)
        })
        .await;
        let sides = [own.ledger().await.unwrap(), self.board.runtime().ledger().await.unwrap()];
        for entry in sides.iter().flatten() {
            assert!(entry.adds_up() && entry.committed == head, "{entry:?} of {head}");
            assert_eq!(entry.done, head, "{entry:?}");
        }
        assert_eq!(self.board.runtime().tail("board").unwrap().head(), head, "noted once each");
        let mut after = 0;
        let board = self.board.runtime();
        loop {
            let noted = board.events("board", None, after, 1000).unwrap();
            let Some(last) = noted.last() else { break };
            after = last.position;
            for event in &noted {
                let body = String::from_utf8_lossy(&event.body).into_owned();
                assert!(body.contains("\"in_turn\":true"), "{} {body}", event.of.number);
            }
        }
        let mut number = 1;
        while let Some(meter) = self.journal.thing("gauge", "meter", number).unwrap() {
            let row = self.board.row("readings", number).unwrap();
            assert_eq!(row, json!({ "last": meter.version, "jumbled": 0 }), "meter {number}");
            number += 1;
        }
    }

    /// Waits until no more than so many events are still to be told.
    pub async fn told_all_but(&self, most: u64) {
        until("it is told", async || self.untold().await.iter().all(|it| it.waiting <= most)).await;
    }

    /// What the gauge has committed and not yet told.
    pub async fn untold(&self) -> Vec<Entry> {
        let ledger = self.gauge.runtime().ledger().await.unwrap();
        ledger.into_iter().filter(|it| it.done < it.committed).collect()
    }
}

/// The other contexts, read from their store.
#[must_use]
pub fn journal(store: Arc<dyn Store>) -> Arc<dyn Elsewhere> {
    Arc::new(There(store))
}

/// A store with this context in it, that nobody has used.
pub fn memory(context: &'static str) -> Arc<dyn Store> {
    MemoryStore::of(&Layout::of(&meters::system(), &[context]))
}

/// Waits for it.
pub async fn until(what: &str, mut is: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is().await {
        assert!(begun.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        sleep(OFTEN).await;
    }
}

fn part(
    context: &'static str,
    store: Arc<dyn Store>,
    others: Arc<dyn Store>,
    bus: Option<Arc<dyn Bus>>,
) -> Rehearsal {
    let elsewhere = journal(others);
    let stands = Part { contexts: vec![context], elsewhere, bus, store };
    let nobody = Provider::named("nobody", |_, _, _| json!({}));
    Rehearsal::part(meters::system as fn() -> System, stands, nobody).unwrap()
}

async fn together<F: Future<Output = ()> + Unpin>(mut all: Vec<F>) {
    let every = std::future::poll_fn(|cx| {
        all.retain_mut(|one| std::pin::Pin::new(one).poll(cx).is_pending());
        if all.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    });
    timeout(PATIENCE, every).await.unwrap();
}

impl Neighbours for There {
    fn ask<'a>(&'a self, asked: &'a Asked, _: &'a Errand) -> Pending<'a, Result<Vec<u8>, Failure>> {
        Box::pin(async { Err(Failure::unavailable(asked.context, "nobody asks here")) })
    }
}

impl Elsewhere for There {
    fn events<'a>(
        &'a self,
        context: &'static str,
        after: u64,
        limit: usize,
    ) -> Pending<'a, Result<Vec<Event>, Failure>> {
        Box::pin(async move { Ok(self.0.events(context, after, limit)?) })
    }

    fn follow<'a>(
        &'a self,
        context: &'static str,
        after: u64,
        limit: usize,
    ) -> Pending<'a, Result<Vec<Event>, Failure>> {
        Box::pin(async move {
            loop {
                let events = self.0.events(context, after, limit)?;
                if !events.is_empty() {
                    return Ok(events);
                }
                sleep(OFTEN).await;
            }
        })
    }

    fn events_of_case<'a>(
        &'a self,
        context: &'static str,
        case: Case,
    ) -> Pending<'a, Result<Vec<Event>, Failure>> {
        Box::pin(async move { Ok(self.0.events_of_case(context, case, 0, usize::MAX)?) })
    }

    fn count<'a>(
        &'a self,
        context: &'static str,
        after: u64,
        names: &'a [&'static str],
    ) -> Pending<'a, Result<Count, Failure>> {
        Box::pin(async move {
            let heads = self.0.heads(context)?;
            let wanted = heads.tallies.iter().filter(|(name, _)| names.contains(name));
            let all = wanted.map(|(_, count)| count).sum();
            let after = self.0.count_after(context, after, names)?;
            Ok(Count { head: heads.position, all, after })
        })
    }
}
