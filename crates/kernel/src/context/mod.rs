//! A context: a list of functions, declared once.

mod aggregate;
mod erased;
mod policy;
mod rule;
mod view;

use crate::{Message, Recorded, Wish, event::To};

pub use aggregate::Aggregate;
pub use erased::{Answering, Asking, Command, Guarded, Rule, Settles, State, Subscription, Verb};
pub use policy::{Effect, Policy};
pub use view::{Index, Indexed, Lookup, Projection, View};

/// One bounded context.
pub struct Context {
    /// Its name: stored, and shown.
    pub name: &'static str,
    /// What it does of its own accord.
    pub policies: Vec<Policy>,
    /// What it wants of the world outside.
    pub effects: Vec<Effect>,
    /// What it guards.
    pub aggregates: Vec<Guarded>,
    /// What it shows.
    pub views: Vec<Projection>,
}

/// A business: the contexts that talk by events.
pub struct System {
    /// Its name in addresses: `repair`.
    pub name: &'static str,
    /// The folder it lives in, which names its board: `appliance-repair`.
    pub folder: &'static str,
    /// What people call it.
    pub title: crate::Sentence,
    /// In the order of the customer's journey.
    pub contexts: Vec<Context>,
}

impl Context {
    /// A context says its name first.
    #[must_use]
    pub fn named(name: &'static str) -> Self {
        let (policies, effects, aggregates, views) = Default::default();
        Self { name, policies, effects, aggregates, views }
    }

    /// What it does of its own accord: whenever this happens, that is wanted.
    ///
    /// The policy is called what the function is called.
    #[must_use]
    pub fn policy<E, I, C, F>(mut self, react: F) -> Self
    where
        E: Message,
        I: IntoIterator<Item = To<C>>,
        C: Message,
        F: Fn(&Recorded<E>) -> I + Send + Sync + 'static,
    {
        self.policies.push(Policy::of(None, react));
        self
    }

    /// Later is a word too: whenever this happens, and then after a while, that
    /// is wanted. The aggregate decides whether it still matters.
    #[must_use]
    pub fn policy_after<E, I, C, F>(mut self, wait: std::time::Duration, react: F) -> Self
    where
        E: Message,
        I: IntoIterator<Item = To<C>>,
        C: Message,
        F: Fn(&Recorded<E>) -> I + Send + Sync + 'static,
    {
        self.policies.push(Policy::of(Some(wait), react));
        self
    }

    /// What it wants of the world outside whenever this happens, and what it
    /// does with the answer.
    #[must_use]
    pub fn effect<E, W, C, F, G>(mut self, want: F, learn: G) -> Self
    where
        E: Message,
        W: Wish,
        C: Message,
        F: Fn(&Recorded<E>) -> W + Send + Sync + 'static,
        G: Fn(&Recorded<E>, W::Answer) -> To<C> + Send + Sync + 'static,
    {
        self.effects.push(Effect::of(want, learn));
        self
    }

    /// What it guards.
    #[must_use]
    pub fn aggregate<A, I>(mut self, aggregate: Aggregate<A, I>) -> Self
    where
        Aggregate<A, I>: Into<Guarded>,
    {
        self.aggregates.push(aggregate.into());
        self
    }

    /// What it shows.
    #[must_use]
    pub fn view<V>(mut self, view: View<V>) -> Self
    where
        View<V>: Into<Projection>,
    {
        self.views.push(view.into());
        self
    }

    /// The rule that decides a command, with the aggregate it guards.
    #[must_use]
    pub fn rule(&self, command: &str) -> Option<(&Guarded, &Rule)> {
        self.aggregates.iter().find_map(|it| it.rule(command).map(|rule| (it, rule)))
    }

    /// The aggregate of that name.
    #[must_use]
    pub fn guarded(&self, kind: &str) -> Option<&Guarded> {
        self.aggregates.iter().find(|it| it.name == kind)
    }

    /// The view of that name.
    #[must_use]
    pub fn shown(&self, name: &str) -> Option<&Projection> {
        self.views.iter().find(|it| it.name == name)
    }

    /// Whether this context decides that event.
    #[must_use]
    pub fn decides(&self, event: &str) -> bool {
        self.aggregates.iter().any(|it| it.replays_event(event))
    }

    /// What this context is told of, by whoever decides it: each with a name
    /// that is stored, made of what it connects and not of what a function is
    /// called, so that renaming a function is free.
    ///
    /// A view of this context's own events is written together with them and
    /// needs no telling.
    #[must_use]
    pub fn subscriptions(&self) -> Vec<Subscription<'_>> {
        let policies = self.policies.iter().map(Subscription::Policy);
        let effects = self.effects.iter().map(Subscription::Effect);
        let views = self.views.iter().filter(|view| !view.is_own(self)).map(Subscription::View);
        policies.chain(effects).chain(views).collect()
    }
}

impl System {
    /// Its context of that name.
    #[must_use]
    pub fn context(&self, name: &str) -> Option<&Context> {
        self.contexts.iter().find(|it| it.name == name)
    }

    /// The context that decides that event.
    #[must_use]
    pub fn decider(&self, event: &str) -> Option<&Context> {
        self.contexts.iter().find(|it| it.decides(event))
    }

    /// Every role that may give a command, in the order of the declaration.
    #[must_use]
    pub fn roles(&self) -> Vec<crate::Role> {
        let aggregates = self.contexts.iter().flat_map(|it| &it.aggregates);
        let rules = aggregates.flat_map(|it| &it.rules);
        let mut found: Vec<crate::Role> = Vec::new();
        for role in rules.flat_map(|rule| rule.roles) {
            if !found.contains(role) {
                found.push(*role);
            }
        }
        found
    }
}
