//! What operators see of rebuilds, and how they start, switch and cancel one.

use std::sync::Arc;

use kernel::{Context, Projection, Sentence};
use tokio::sync::{mpsc, oneshot, watch};

use super::{Difference, Entry, Order, Phase, Rebuild, course::Course};
use crate::{Failure, Runtime, guarded::guarded_wait};

impl Runtime {
    /// How the rebuild of a view stands, if there was one since the start.
    #[must_use]
    pub fn rebuild(&self, context: &str, view: &str) -> Option<Rebuild> {
        let all = self.rebuilds.0.lock();
        let mut found = all.iter().filter(|((of, name), _)| *of == context && *name == view);
        found.next().map(|(_, entry)| entry.state.borrow().clone())
    }

    /// Starts the rebuild of a view. Must be called within tokio.
    ///
    /// # Errors
    ///
    /// `Refused` while one of the same view is under way, and where its store
    /// has no room for shadows.
    pub fn start_rebuild(&self, context: &str, view: &str) -> Result<Rebuild, Failure> {
        let (context, view) = self.view(context, view)?;
        if self.store(context.name)?.shadows().is_none() {
            return Err(refused(
                "이 저장소에서는 보기를 옆에 다시 만들 수 없어요.",
                "a view cannot be rebuilt beside the old one in this store",
            ));
        }
        let mut all = self.rebuilds.0.lock();
        let which = (context.name, view.name);
        if let Some(entry) = all.get(&which)
            && entry.state.borrow().phase.is_under_way()
        {
            let ready = entry.state.borrow().phase == Phase::Ready;
            return Err(under_way(view.name, ready));
        }
        let rebuild = Rebuild {
            phase: Phase::Reading,
            since: self.clock.now(),
            read: 0,
            of: 0,
            difference: None,
            reason: None,
        };
        let (told, state) = watch::channel(rebuild.clone());
        let told = Arc::new(told);
        let (orders, inbox) = mpsc::channel(4);
        let course = Course::of(self, context, view, (Arc::clone(&told), inbox))?;
        let task = tokio::spawn(async move {
            let result = guarded_wait("a rebuild", course.run()).await.flatten();
            if let Err(failure) = result {
                let story = failure.story();
                tracing::error!(story, "a rebuild has failed; what is shown has not changed");
                told.send_modify(|it| (it.phase, it.reason) = (Phase::Failed, Some(story)));
            }
        });
        all.insert(which, Entry { state, orders, task });
        Ok(rebuild)
    }

    /// Puts the rows that were rebuilt in the place of those that are shown;
    /// how they differed in that moment.
    ///
    /// # Errors
    ///
    /// `Refused` when it is not ready; otherwise nothing has changed.
    pub async fn switch_rebuild(&self, context: &str, view: &str) -> Result<Difference, Failure> {
        let (reply, answer) = oneshot::channel();
        let is_ready = |phase| phase == Phase::Ready;
        self.order(context, view, is_ready, Order::Switch(reply)).await?;
        answer.await.map_err(|_| not_now())?
    }

    /// Gives a rebuild up; what is shown stays as it is.
    ///
    /// # Errors
    ///
    /// `Refused` when none is under way.
    pub async fn cancel_rebuild(&self, context: &str, view: &str) -> Result<(), Failure> {
        let (reply, answer) = oneshot::channel();
        self.order(context, view, Phase::is_under_way, Order::Cancel(reply)).await?;
        answer.await.map_err(|_| not_now())?
    }

    /// Waits until a rebuild has nothing more to do by itself.
    ///
    /// # Errors
    ///
    /// `Refused` when there is none.
    pub async fn rebuilt(&self, context: &str, view: &str) -> Result<Rebuild, Failure> {
        let (context, view) = self.view(context, view)?;
        let state =
            self.rebuilds.0.lock().get(&(context.name, view.name)).map(|it| it.state.clone());
        let mut state = state.ok_or_else(not_now)?;
        let rests = |it: &Rebuild| it.phase == Phase::Ready || !it.phase.is_under_way();
        let rebuild = state.wait_for(rests).await;
        rebuild.map(|it| it.clone()).map_err(|_| not_now())
    }

    async fn order(
        &self,
        context: &str,
        view: &str,
        fits: impl Fn(Phase) -> bool,
        order: Order,
    ) -> Result<(), Failure> {
        let (context, view) = self.view(context, view)?;
        let orders = {
            let all = self.rebuilds.0.lock();
            let entry = all.get(&(context.name, view.name)).ok_or_else(not_now)?;
            let phase = entry.state.borrow().phase;
            if !fits(phase) {
                return Err(not_now());
            }
            entry.orders.clone()
        };
        orders.send(order).await.map_err(|_| not_now())
    }

    fn view(&self, context: &str, view: &str) -> Result<(&Context, &Projection), Failure> {
        let context = self.context(context)?;
        let unknown = || Failure::Unknown { what: format!("view {view}") };
        Ok((context, context.shown(view).ok_or_else(unknown)?))
    }
}

fn refused(ko: impl Into<String>, en: impl Into<String>) -> Failure {
    Failure::Refused(Sentence::new(ko.into(), en.into()))
}

pub fn not_now() -> Failure {
    refused(
        "지금 이 보기에는 그렇게 할 재구축이 없어요.",
        "no rebuild of this view is waiting for that",
    )
}

fn under_way(view: &str, ready: bool) -> Failure {
    if ready {
        return refused(
            format!("{view}의 재구축이 끝나 바꾸기를 기다려요. 바꾸거나 취소해 주세요."),
            format!("{view} was rebuilt and waits for the switch: switch it, or cancel it"),
        );
    }
    refused(
        format!("{view}를 이미 다시 만들고 있어요."),
        format!("the rebuild of {view} is under way already"),
    )
}
