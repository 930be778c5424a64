//! From an event to what has to be done because of it, up to the writer's door:
//! questions are asked and outside systems called here, where waiting is allowed.

use kernel::{Actor, Command, Effect, Event, Key, Policy, Time};
use tokio::time::Instant;

use super::{Line, Which};
use crate::{
    Failure, Runtime, fault,
    guarded::{guarded, guarded_wait},
    lab::Mood,
    mutant,
    ports::{Asked, Errand},
    store::Delivery,
};

/// A delivery on its way to the writer.
pub struct Ready {
    /// The event.
    pub event: Event,
    /// As it was put aside before, if it was.
    pub before: Option<Delivery>,
    /// What has to be done.
    pub todo: Todo,
}

/// What has to be done.
pub enum Todo {
    /// Commands to decide.
    Decide(Vec<Wanted>),
    /// A row to write.
    Show(usize),
    /// Not yet.
    Later(Time),
    /// It cannot be done.
    Fail(Failure),
}

/// A command that a policy or an effect wants.
pub struct Wanted {
    pub name: &'static str,
    pub to: Key,
    pub command: Command,
    pub asked: Option<(Asked, Vec<u8>)>,
}

impl Runtime {
    /// What has to be done because of this event. A delivery that was put
    /// aside before is past its time.
    pub(super) async fn prepare(
        &self,
        line: &Line,
        event: Event,
        before: Option<Delivery>,
    ) -> Ready {
        let todo = self.todo(line, &event, before.is_some());
        // The way to an outside system may panic too, and so may whoever is asked.
        let todo = guarded_wait(&line.subscription, todo).await;
        if mutant::CALL_PASSED_OVER.is_planted() && todo.is_err() {
            return Ready { event, before, todo: Todo::Decide(Vec::new()) };
        }
        let todo = todo.flatten();
        let todo = todo.unwrap_or_else(Todo::Fail);
        Ready { event, before, todo }
    }

    async fn todo(&self, line: &Line, event: &Event, in_time: bool) -> Result<Todo, Failure> {
        let context = self.context(line.context)?;
        Failure::unless_small(event)?;
        match line.which {
            Which::View(index) => Ok(Todo::Show(index)),
            Which::Bus => {
                self.publish(std::slice::from_ref(event)).await?;
                Ok(Todo::Decide(Vec::new()))
            }
            Which::Policy(index) => {
                let policy = &context.policies[index];
                match policy.after {
                    Some(wait) if !in_time => Ok(Todo::Later(event.at.plus(wait))),
                    _ => self.react(line.context, policy, event).await.map(Todo::Decide),
                }
            }
            Which::Effect(index) => {
                let wanted = self.bring_about(line, &context.effects[index], event).await?;
                Ok(Todo::Decide(vec![wanted]))
            }
        }
    }

    /// Tells whoever is elsewhere what has happened here, up to a number of them.
    pub(super) async fn publish(&self, events: &[Event]) -> Result<usize, Failure> {
        let nobody = || Failure::unavailable("the bus", "it is not connected");
        self.bus.as_ref().ok_or_else(nobody)?.publish(events).await
    }

    pub(super) async fn react(
        &self,
        context: &str,
        policy: &Policy,
        event: &Event,
    ) -> Result<Vec<Wanted>, Failure> {
        let reactions = guarded(&policy.name, || policy.react(event))??;
        let mut wanted = Vec::with_capacity(reactions.len());
        for (to, command) in reactions {
            let name = policy.command.name;
            let asked = self.ask_before(context, name, (&to, &command), event).await?;
            wanted.push(Wanted { name, to, command, asked });
        }
        Ok(wanted)
    }

    async fn ask_before(
        &self,
        context: &str,
        name: &'static str,
        (to, command): (&Key, &Command),
        event: &Event,
    ) -> Result<Option<(Asked, Vec<u8>)>, Failure> {
        let (context, guarded, rule) = self.rule(context, name)?;
        if rule.asks.is_none() {
            return Ok(None);
        }
        let deadline = Instant::now() + self.settings.question;
        let state = self.state(context, guarded, Some(to), false)?;
        let errand = Errand { deadline, trace: event.trace.clone() };
        self.ask_for(rule, &state, command, Actor::system(), &errand).await.map(Some)
    }

    /// Calls an outside system, always under the same key for the same event.
    async fn bring_about(
        &self,
        line: &Line,
        effect: &Effect,
        event: &Event,
    ) -> Result<Wanted, Failure> {
        let who = effect.to;
        let nobody = || Failure::unavailable(who, "it is not connected");
        let outside = self.outside.get(who).ok_or_else(nobody)?;
        let wish = guarded(&effect.name, || effect.want(event))??;
        let mut key = key_outside(line, event);
        if mutant::KEY_OF_AN_EFFECT_CHANGES.is_planted() {
            key += &self.chance.bits().to_string();
        }
        let deadline = Instant::now() + self.settings.outside;
        let fulfil = Box::pin(async {
            self.lab.pass(who).await?;
            fault::waits_at(&*self.chance, "effect.before_call").await;
            let answer = outside.fulfil(effect.wish.name, &wish, &key).await?;
            fault::waits_at(&*self.chance, "effect.after_call").await;
            match self.lab.mood(who) {
                Some(Mood::Unknown) => Err(Failure::unavailable(who, "its answer was lost")),
                _ => Ok(answer),
            }
        });
        // Whoever delivers tries again; a second attempt here would multiply.
        let answer = self.calls.call(who, deadline, fulfil).await?;
        let (to, command) = guarded(&effect.name, || effect.learn(event, &answer))??;
        Ok(Wanted { name: effect.command.name, to, command, asked: None })
    }
}

/// The key under which an outside system is called: the same for the same event.
pub fn key_outside(line: &Line, event: &Event) -> String {
    format!("{}/{}/{}", line.context, line.source, event.position)
}
