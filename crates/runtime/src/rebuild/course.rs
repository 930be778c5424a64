//! The course of a rebuild: read, compare, wait for the word, switch.

use std::sync::Arc;

use kernel::{Context, Projection};
use parking_lot::Mutex;
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::yield_now,
};

use super::{
    Difference, Order, Phase, Rebuild,
    compare::Comparison,
    fold::Fold,
    operate::not_now,
    sources::{Limits, Places, Sources},
    work::{AT_THE_DESK, Work, limits},
};
use crate::{Failure, Runtime, fault, store::StoreError};

/// How often it is tried to come close enough to the end.
const ROUNDS: usize = 1_000;

/// A rebuild on its way.
pub struct Course {
    on: On,
    orders: mpsc::Receiver<Order>,
}

/// What it works on.
struct On {
    runtime: Runtime,
    context: &'static str,
    view: &'static str,
    state: Arc<watch::Sender<Rebuild>>,
    /// Worked on here, and at the writer's desk.
    work: Arc<Mutex<Work>>,
}

/// What it came to, and who waits to hear of it.
enum End {
    Switched,
    Cancelled(Option<oneshot::Sender<Result<(), Failure>>>),
}

impl Course {
    pub fn of(
        runtime: &Runtime,
        context: &Context,
        view: &Projection,
        (state, orders): (Arc<watch::Sender<Rebuild>>, mpsc::Receiver<Order>),
    ) -> Result<Self, Failure> {
        let is_own = view.is_own(context);
        let lines = runtime.mail.iter().map(|(line, _)| line);
        let others =
            lines.filter(|it| it.context == context.name && *it.subscription == *view.name);
        let sources: Vec<_> =
            if is_own { vec![context.name] } else { others.map(|it| it.source).collect() };
        let tails = sources.into_iter().map(|it| Ok((it, Arc::clone(runtime.tail(it)?))));
        let sources = Sources::of(tails.collect::<Result<_, Failure>>()?);
        let (system, store) = (Arc::clone(&runtime.system), runtime.store(context.name)?);
        let (context, view) = (context.name, view.name);
        let fold = Fold::of(&system, store, context, view);
        let compared = Comparison::default();
        let work = Work { system, context, view, is_own, fold, sources, compared };
        let (runtime, work) = (runtime.clone(), Arc::new(Mutex::new(work)));
        Ok(Self { on: On { runtime, context, view, state, work }, orders })
    }

    /// All of it. Whatever it comes to, no shadow is left.
    pub async fn run(mut self) -> Result<(), Failure> {
        let result = self.rebuild().await;
        let removed = self.on.remove_shadow().await;
        if let End::Cancelled(reply) = result? {
            self.on.phase(Phase::Cancelled);
            if let Some(reply) = reply {
                drop(reply.send(Ok(()))); // the operator may have gone
            }
        }
        removed
    }

    async fn rebuild(&mut self) -> Result<End, Failure> {
        tokio::select! {
            biased;
            reply = cancelled(&mut self.orders) => return Ok(End::Cancelled(reply)),
            prepared = self.on.prepare() => prepared?,
        }
        loop {
            let reply = match self.orders.recv().await {
                Some(Order::Switch(reply)) => reply,
                Some(Order::Cancel(reply)) => return Ok(End::Cancelled(Some(reply))),
                None => return Ok(End::Cancelled(None)),
            };
            self.on.phase(Phase::Switching);
            match self.on.at_the_desk(true).await {
                Ok(difference) => {
                    self.on.tell(Phase::Switched, &difference);
                    drop(reply.send(Ok(difference))); // the operator may have gone
                    return Ok(End::Switched);
                }
                Err(failure) => {
                    let passes = failure.passes() && !is_in_doubt(&failure);
                    drop(reply.send(Err(failure.clone())));
                    if !passes {
                        return Err(failure);
                    }
                    self.on.phase(Phase::Ready); // once more, as soon as somebody says so
                }
            }
        }
    }
}

/// Whether the switch may have been made all the same; once more would undo it.
fn is_in_doubt(failure: &Failure) -> bool {
    matches!(failure, Failure::Store(error) if matches!(**error, StoreError::Unknown(_)))
}

/// Waits for the word to give it up.
async fn cancelled(
    orders: &mut mpsc::Receiver<Order>,
) -> Option<oneshot::Sender<Result<(), Failure>>> {
    loop {
        match orders.recv().await? {
            Order::Cancel(reply) => return Some(reply),
            Order::Switch(reply) => drop(reply.send(Err(not_now()))),
        }
    }
}

impl On {
    /// Everything up to the word of an operator.
    async fn prepare(&self) -> Result<(), Failure> {
        self.work.lock().fold.shadows()?.make(self.context, self.view)?;
        self.close_in(false).await?;
        fault::waits_at(&*self.runtime.chance, "rebuild.read").await;
        self.phase(Phase::Comparing);
        self.write_and_forget().await?;
        // Nothing is shown to the new rows until all have been compared.
        self.work.lock().fold.touched.clear();
        while !self.work.lock().compare_some()? {
            self.write_if_full().await?;
            yield_now().await;
        }
        let difference = self.at_the_desk(false).await?;
        self.write_and_forget().await?;
        fault::waits_at(&*self.runtime.chance, "rebuild.compared").await;
        self.tell(Phase::Ready, &difference);
        Ok(())
    }

    /// Draws level with the old rows at the writer's desk, and compares; and
    /// switches, if that is wanted.
    async fn at_the_desk(&self, switch: bool) -> Result<Difference, Failure> {
        for _ in 0..ROUNDS {
            self.close_in(true).await?;
            self.write().await?;
            let (work, runtime) = (Arc::clone(&self.work), self.runtime.clone());
            let writer = self.runtime.writer(self.context)?;
            let done = writer.work_alone(self.context, move |stage| {
                let mut work = work.lock();
                if switch { work.switch(stage, &runtime) } else { work.draw_level(stage) }
            });
            if let Some(difference) = done.await? {
                return Ok(difference);
            }
        }
        Err(self.too_fast())
    }

    /// Follows until little is left to do.
    async fn close_in(&self, compare: bool) -> Result<(), Failure> {
        for _ in 0..ROUNDS {
            let read = self.work.lock().sources.read();
            self.follow().await?;
            while compare && !self.work.lock().fold.touched.is_empty() {
                self.work.lock().compare_touched()?;
                self.write_if_full().await?;
                yield_now().await;
            }
            if self.work.lock().sources.read() - read <= AT_THE_DESK as u64 {
                return Ok(());
            }
        }
        Err(self.too_fast())
    }

    /// Reads up to where the old rows are now.
    async fn follow(&self) -> Result<(), Failure> {
        // How far it is comes first: what is not aside then has been shown.
        let limits = self.limits()?;
        let aside = self.aside()?;
        let late = self.work.lock().sources.late(&aside);
        for (place, tail) in late {
            let event = tail.read_at(place.1).await?;
            self.work.lock().show_after_all(place, &event)?;
        }
        loop {
            let missing = self.work.lock().sources.missing(&limits);
            for (name, tail, after, most) in missing {
                let events = tail.read(after, most).await?;
                self.work.lock().take(name, events)?;
            }
            let (read, left) = {
                let mut work = self.work.lock();
                if work.sources.are_done(&limits) {
                    return Ok(());
                }
                work.show_next(&limits, &aside)?;
                (work.sources.read(), work.sources.left(&limits))
            };
            self.state.send_modify(|it| (it.read, it.of) = (read, read + left));
            self.write_if_full().await?;
            yield_now().await;
        }
    }

    fn limits(&self) -> Result<Limits, Failure> {
        let (is_own, sources) = {
            let work = self.work.lock();
            (work.is_own, work.sources.names())
        };
        if is_own {
            let head = self.runtime.tail(self.context)?.head();
            return Ok(Limits::from([(self.context, head)]));
        }
        limits(&self.runtime, self.context, self.view, &sources)
    }

    fn aside(&self) -> Result<Places, Failure> {
        let work = self.work.lock();
        if work.is_own { Ok(Places::new()) } else { work.aside() }
    }

    async fn write_if_full(&self) -> Result<(), Failure> {
        let is_full = self.work.lock().fold.is_full();
        if is_full { self.write_and_forget().await } else { Ok(()) }
    }

    async fn write_and_forget(&self) -> Result<(), Failure> {
        self.write().await?;
        self.work.lock().fold.forget();
        Ok(())
    }

    /// Writes what is not in the shadow yet, with room for others in between.
    async fn write(&self) -> Result<(), Failure> {
        while self.work.lock().fold.write_some()? {
            yield_now().await;
        }
        Ok(())
    }

    async fn remove_shadow(&self) -> Result<(), Failure> {
        fault::waits_at(&*self.runtime.chance, "rebuild.before_removal").await;
        while !self.work.lock().fold.shadows()?.remove(self.context, self.view)? {
            yield_now().await;
        }
        Ok(())
    }

    fn phase(&self, phase: Phase) {
        self.state.send_modify(|it| it.phase = phase);
    }

    fn tell(&self, phase: Phase, difference: &Difference) {
        self.state.send_modify(|it| {
            (it.phase, it.difference) = (phase, Some(difference.clone()));
        });
    }

    fn too_fast(&self) -> Failure {
        Failure::unavailable(self.context, "more is written than can be rebuilt meanwhile")
    }
}
