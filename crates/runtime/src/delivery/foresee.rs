//! What would come of a delivery if it were tried again now. Nothing is changed
//! and nobody outside is called; contexts may be asked, as they only read.

use kernel::{Event, Key};

use super::{
    BUS, Line, Which,
    deliver::order,
    prepare::{Wanted, key_outside},
};
use crate::{
    Failure, Runtime,
    guarded::guarded,
    store::{DeliveryKey, Row, Shown},
    writer::Stage,
};

/// What would come of a delivery if it were tried again now.
#[derive(Debug)]
pub enum Would {
    /// These commands would be given.
    Give(Vec<Given>),
    /// The world outside would be called.
    Call {
        /// The outside system.
        who: &'static str,
        /// What would be wished, by name.
        wish: &'static str,
        /// The wish, as JSON.
        body: Vec<u8>,
        /// The idempotency key: the same whenever this is tried.
        key: String,
        /// The command that would take the answer back.
        command: &'static str,
    },
    /// A row would be written.
    Show {
        /// The view.
        view: &'static str,
        /// As it is.
        before: Option<Shown>,
        /// As it would be; nothing when the event does not concern it.
        after: Option<Row>,
    },
    /// It would fail, before anything is done.
    Fail(Failure),
    /// The process ended so often while it was handled, and might end now.
    EndTheProcess(u32),
}

/// A command that would be given, and what would come of it.
#[derive(Debug)]
pub struct Given {
    /// Which command.
    pub command: &'static str,
    /// To whom.
    pub to: Key,
    /// The command, as JSON.
    pub body: Vec<u8>,
    /// The events that would happen, or why not.
    pub comes: Result<Vec<Event>, Failure>,
}

impl Runtime {
    /// What would come of a delivery if it were tried again now.
    ///
    /// # Errors
    ///
    /// When there is no such delivery, or the database cannot be read.
    pub async fn foresee(&self, context: &str, key: &DeliveryKey) -> Result<Would, Failure> {
        let (line, _) = self.line(context, key)?;
        let found = self.whereabouts(context, key).await?;
        if let Some(delivery) = found.aside.filter(|it| it.ended > 0) {
            return Ok(Would::EndTheProcess(delivery.ended));
        }
        let would = async {
            self.lab.pass(line.context).await?;
            match line.which {
                Which::Policy(index) => self.would_give(line, index, found.event).await,
                Which::Effect(index) => self.would_call(line, index, &found.event),
                Which::View(index) => self.would_show(line, index, found.event).await,
                Which::Bus => Ok(would_publish(line, &found.event)),
            }
        };
        Ok(would.await.unwrap_or_else(Would::Fail))
    }

    async fn would_give(&self, line: &Line, index: usize, event: Event) -> Result<Would, Failure> {
        let context = self.context(line.context)?;
        let wanted = self.react(line.context, &context.policies[index], &event).await?;
        let mut given = Vec::new();
        for Wanted { name, to, command, .. } in &wanted {
            let (_, _, rule) = self.rule(line.context, name)?;
            let (to, body) = (to.clone(), rule.write(command));
            given.push(Given { command: name, to, body, comes: Ok(Vec::new()) });
        }
        let line = line.clone();
        let comes = self.writer(line.context)?.work(line.context, move |stage| {
            Ok(tried(stage, |stage| {
                let decide = |wanted: &Wanted| {
                    let order = order(&line, &event, wanted);
                    stage.attempt(|stage| stage.decide(&order)).map(|decision| decision.events)
                };
                Ok(wanted.iter().map(decide).collect::<Vec<_>>())
            }))
        });
        for (given, comes) in given.iter_mut().zip(comes.await??) {
            given.comes = comes;
        }
        Ok(Would::Give(given))
    }

    fn would_call(&self, line: &Line, index: usize, event: &Event) -> Result<Would, Failure> {
        let effect = &self.context(line.context)?.effects[index];
        let body = guarded(&effect.name, || effect.want(event))??;
        let (who, wish, command) = (effect.to, effect.wish.name, effect.command.name);
        Ok(Would::Call { who, wish, body, key: key_outside(line, event), command })
    }

    async fn would_show(&self, line: &Line, index: usize, event: Event) -> Result<Would, Failure> {
        let (system, context) = (self.system.clone(), line.context);
        let view = &self.context(context)?.views[index];
        let number = guarded(view.name, || view.key(&event))??;
        let before = match number {
            Some(number) => self.row(context, view, number)?,
            None => None,
        };
        let name = view.name;
        let after = self.writer(context)?.work(context, move |stage| {
            Ok(tried(stage, |stage| {
                let view = system.context(context).and_then(|it| it.views.get(index));
                let (Some(view), Some(number)) = (view, number) else { return Ok(None) };
                stage.show(view, &event)?;
                Ok(stage.staged_row(view.name, number).cloned())
            }))
        });
        Ok(Would::Show { view: name, before, after: after.await?? })
    }
}

/// The event itself goes out, under its own id; nobody answers.
fn would_publish(line: &Line, event: &Event) -> Would {
    let (body, key) = (event.body.to_vec(), key_outside(line, event));
    Would::Call { who: BUS, wish: event.name, body, key, command: "nobody" }
}

/// Tries something, and takes it back.
fn tried<T>(
    stage: &mut Stage<'_>,
    run: impl FnOnce(&mut Stage<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut found = None;
    let taken_back: Result<(), _> = stage.attempt(|stage| {
        found = Some(run(stage)?);
        Err(Failure::fault("it was only tried"))
    });
    match (found, taken_back) {
        (Some(found), _) => Ok(found),
        (None, Err(failure)) => Err(failure),
        (None, Ok(())) => Err(Failure::fault("it was not even tried")),
    }
}
