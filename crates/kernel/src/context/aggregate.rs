//! Declaring what guards one kind of thing.

use std::{marker::PhantomData, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};

use super::{
    Answering, Command, Guarded, Rule, Settles, State, Verb,
    rule::{asking, plain},
};
use crate::{
    Event, Evolve, Identity, Message, Question, Refuse, Role, Sentence, Unreadable,
    event::To,
    outcome::{Outcome, Replay},
};

/// The rules that guard one kind of aggregate `A`, which is identified by `I`.
pub struct Aggregate<A, I> {
    name: &'static str,
    path: Option<&'static str>,
    rules: Vec<Rule>,
    answers: Vec<Answering>,
    replays: Vec<Replay<A>>,
    of: PhantomData<fn() -> I>,
}

impl<A: Send + Sync + 'static, I: Identity> Aggregate<A, I> {
    /// An aggregate says its name first; it is stored with every event.
    #[must_use]
    pub fn named(name: &'static str) -> Self {
        let (path, rules, answers, replays) = Default::default();
        Self { name, path, rules, answers, replays, of: PhantomData }
    }

    /// Where it is found: the path of the resource.
    #[must_use]
    pub fn at(mut self, path: &'static str) -> Self {
        self.path = Some(path);
        self
    }

    /// A rule that needs nothing but history.
    #[must_use]
    pub fn decide<C, O>(mut self, rule: fn(&A, C) -> O) -> Self
    where
        C: Message<Of = I>,
        O: Outcome<A> + 'static,
    {
        self.rules.push(plain(rule));
        self.remember::<O>()
    }

    /// A rule that must first be told something by another context. The
    /// question may refuse already, when the state leaves nothing to ask.
    #[must_use]
    pub fn decide_knowing<C, Q, R, O>(
        mut self,
        question: fn(&A, &C) -> Result<To<Q>, R>,
        rule: fn(&A, C, Q::Answer) -> O,
    ) -> Self
    where
        C: Message<Of = I>,
        Q: Question,
        R: Refuse + 'static,
        O: Outcome<A> + 'static,
    {
        self.rules.push(asking(question, rule));
        self.remember::<O>()
    }

    /// The command before this may be given by people in these roles. Without
    /// it, only the system itself gives it.
    #[must_use]
    pub fn by(mut self, roles: &'static [Role]) -> Self {
        self.last().roles = roles;
        self
    }

    /// The command before this begins a new one: `POST /things`.
    #[must_use]
    pub fn post(mut self) -> Self {
        self.last().verb = Some(Verb::Post);
        self
    }

    /// The command before this says itself which one it is about: `POST /things`.
    #[must_use]
    pub fn post_to<C: Message<Of = I>>(mut self, which: fn(&C) -> I) -> Self {
        let key = move |command: &Command| command.get::<C>().map(|it| which(it).key());
        self.last().verb = Some(Verb::PostTo(Box::new(key)));
        self
    }

    /// The command before this is `PUT /things/{id}/verb`.
    #[must_use]
    pub fn put(mut self, verb: &'static str) -> Self {
        self.last().verb = Some(Verb::Put(verb));
        self
    }

    /// Whoever gives the command before this may see it through until this
    /// happens to the same one.
    #[must_use]
    pub fn settled_by<E: Message<Of = I>>(mut self) -> Self
    where
        A: Evolve<E>,
    {
        self.last().settles.push(Settles { event: &E::NOTE, refusal: None });
        self
    }

    /// As [`Aggregate::settled_by`], but then the answer was no.
    #[must_use]
    pub fn refused_by<E: Message<Of = I> + Refuse>(mut self) -> Self
    where
        A: Evolve<E>,
    {
        let refusal = |event: &Event| Ok(Sentence::of(&*event.recorded::<E>()?.event));
        self.last().settles.push(Settles { event: &E::NOTE, refusal: Some(refusal) });
        self
    }

    /// What its state can tell another context.
    #[must_use]
    pub fn answers<Q: Question<Of = I>>(mut self, answer: fn(&A, Q) -> Q::Answer) -> Self {
        let unreadable = |error| Unreadable::new(Q::NOTE.name, error);
        self.answers.push(Answering {
            question: &Q::NOTE,
            answer: Box::new(move |state, question| {
                let question = serde_json::from_slice(question).map_err(unreadable)?;
                serde_json::to_vec(&answer(state.get(), question)).map_err(unreadable)
            }),
        });
        self
    }

    /// Events that are no longer decided but still in store.
    #[must_use]
    pub fn remember<O: Outcome<A>>(mut self) -> Self {
        for replay in O::replays() {
            if !self.replays.iter().any(|it| it.event.name == replay.event.name) {
                self.replays.push(replay);
            }
        }
        self
    }

    /// # Panics
    ///
    /// When something is said of a command before there is one.
    fn last(&mut self) -> &mut Rule {
        self.rules.last_mut().expect("a command is declared before something is said of it")
    }
}

impl<A, I> From<Aggregate<A, I>> for Guarded
where
    A: Default + Serialize + DeserializeOwned + Send + Sync + 'static,
    I: Identity,
{
    fn from(aggregate: Aggregate<A, I>) -> Self {
        let Aggregate { name, path, rules, answers, replays, .. } = aggregate;
        let replays: Arc<[_]> = replays.into();
        let same = Arc::clone(&replays);
        Self {
            name,
            path,
            named: I::NAMED,
            rules,
            answers,
            events: replays.iter().map(|replay| replay.event).collect(),
            fresh: || State::of(A::default()),
            read: |name, stored| match serde_json::from_slice::<A>(stored) {
                Ok(state) => Ok(State::of(state)),
                Err(error) => Err(Unreadable::new(name, error)),
            },
            write: |name, state| {
                serde_json::to_vec(state.get::<A>()).map_err(|it| Unreadable::new(name, it))
            },
            apply: Box::new(move |state, event| {
                (replay_of(name, &replays, event)?.apply)(state.get_mut(), event)
            }),
            check: Box::new(move |event| (replay_of(name, &same, event)?.check)(event)),
        }
    }
}

fn replay_of<'a, A>(
    name: &'static str,
    replays: &'a [Replay<A>],
    event: &Event,
) -> Result<&'a Replay<A>, Unreadable> {
    let found = replays.iter().find(|replay| replay.event.name == event.name);
    found.ok_or_else(|| Unreadable::new(name, format!("nobody knows {}", event.name)))
}
