//! Somebody wants something: asked, decided, committed, seen through.

use std::{sync::Arc, time::Duration};

use kernel::{Actor, Command, Context, Guarded, Key, Rule, Subject};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::{
    Failure, Runtime, Settlement,
    busy::Busy,
    fault, mutant,
    ports::{Asked, Errand},
    state::state_of,
    store::{Answer, Shown},
    writer::{Decide, Decision, Stage, Target},
};

/// How often a question is put again because the state has changed meanwhile.
const ROUNDS: usize = 3;

/// A command from outside.
pub struct Order {
    /// The context.
    pub context: &'static str,
    /// The command, by name.
    pub name: &'static str,
    /// For whom.
    pub to: Target,
    /// The command.
    pub command: Command,
    /// Who gives it.
    pub by: Actor,
    /// The idempotency key, made into fingerprints.
    pub key: Option<IdempotencyKey>,
    /// The W3C trace context.
    pub trace: Option<Arc<str>>,
    /// How long the caller waits for the case to settle, where the declaration
    /// says by what it settles.
    pub see_through: Duration,
}

/// An idempotency key, made into fingerprints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Of who asked, for what, under which key.
    pub scope: u128,
    /// Of the command, and of whom it is for.
    pub body: u128,
}

/// What came of a command.
#[derive(Debug, Clone)]
pub struct Told {
    /// Whom it was for.
    pub of: Subject,
    /// The context and the position in its journal that a view must have seen
    /// to show it: the freshness token.
    pub seen: (&'static str, u64),
    /// The row of the context's own view, where there is one.
    pub row: Option<Shown>,
    /// How the case stands.
    pub outcome: Settlement,
    /// The same command under the same key was answered before.
    pub again: bool,
}

/// What is kept under an idempotency key.
#[derive(Serialize, Deserialize)]
pub(crate) struct Said {
    number: u64,
    name: Option<String>,
    version: u64,
    /// The version before, after which the case may settle.
    pub before: u64,
    pub position: u64,
    pub row: Option<(u64, String)>,
}

impl Runtime {
    /// Gives a command, and sees it through.
    ///
    /// # Errors
    ///
    /// When it is refused or cannot be decided; nothing has changed then.
    pub async fn tell(&self, order: Order) -> Result<Told, Failure> {
        let (context, guarded, rule) = self.rule(order.context, order.name)?;
        self.pass(order.context).await?;
        let others = self.tail(order.context)?.others();
        fault::waits_at(&*self.chance, "command.handed_over").await;
        let busy = match order.key {
            Some(key) => {
                let busy = self.busy.enter(key.scope)?;
                if let Some(told) = self.said_before(context, guarded, rule, &order, key).await? {
                    return Ok(told);
                }
                Some(busy)
            }
            None => None,
        };
        let (see_through, order) = (order.see_through, Arc::new(order));
        match self.decide(context, guarded, rule, Arc::clone(&order), (busy, others)).await {
            Ok((said, of)) => {
                let told = self.see_through(context, rule, (said, of), see_through, false).await;
                fault::waits_at(&*self.chance, "command.before_answer").await;
                Ok(told)
            }
            // Another process was asked the same, and was faster.
            Err(Failure::KeyBusy) => match order.key {
                Some(key) => self
                    .said_before(context, guarded, rule, &order, key)
                    .await?
                    .ok_or(Failure::KeyBusy),
                None => Err(Failure::KeyBusy),
            },
            Err(failure) => Err(failure),
        }
    }

    /// Asks what must be asked, and has it decided and committed.
    async fn decide(
        &self,
        context: &Context,
        guarded: &Guarded,
        rule: &Rule,
        order: Arc<Order>,
        (busy, others): (Option<Busy>, u64),
    ) -> Result<(Said, Subject), Failure> {
        let deadline = Instant::now() + self.settings.question;
        let mut busy = busy.map(Arc::new);
        let mut round = 0;
        loop {
            round += 1;
            let asked = match &rule.asks {
                Some(_) => Some(self.ask_first(context, guarded, rule, &order, deadline).await?),
                None => None,
            };
            let view = guarded.path.and_then(|path| context.shown(path)).map(|view| view.name);
            let (work, kept) = (Arc::clone(&order), busy.take());
            let decided = self.writer(context.name)?.work(context.name, move |stage| {
                let said = decide_one(stage, &work, asked.as_ref(), view, others)?;
                // Until the commit nobody else may use the same key.
                Ok((said, kept))
            });
            match decided.await {
                Ok((said, _)) => return Ok(said),
                Err(Failure::Unavailable { .. })
                    if rule.asks.is_some() && round < ROUNDS && order.key.is_none() =>
                {
                    fault::waits_at(&*self.chance, "question.again").await;
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    async fn ask_first(
        &self,
        context: &Context,
        guarded: &Guarded,
        rule: &Rule,
        order: &Order,
        deadline: Instant,
    ) -> Result<(Asked, Vec<u8>), Failure> {
        let key = match &order.to {
            Target::New => None,
            Target::This(key) | Target::ThisOrNew(key) => Some(key),
        };
        let must = matches!(order.to, Target::This(_));
        let state = self.state(context, guarded, key, must)?;
        let errand = Errand { deadline, trace: order.trace.clone() };
        self.ask_for(rule, &state, &order.command, order.by.clone(), &errand).await
    }

    /// The answer that was given under this key, if there was one.
    async fn said_before(
        &self,
        context: &Context,
        guarded: &Guarded,
        rule: &Rule,
        order: &Order,
        key: IdempotencyKey,
    ) -> Result<Option<Told>, Failure> {
        let Some(answer) = self.store(context.name)?.answer(context.name, key.scope)? else {
            return Ok(None);
        };
        if answer.body != key.body {
            return Err(Failure::KeyReused);
        }
        let said: Said = serde_json::from_slice(&answer.said)
            .map_err(|error| Failure::fault(format!("a stored answer: {error}")))?;
        let name = said.name.as_deref().map(Arc::from);
        let of = Subject { kind: guarded.name, number: said.number, name };
        Ok(Some(self.see_through(context, rule, (said, of), order.see_through, true).await))
    }

    /// Puts the question of a rule, in this state.
    pub(crate) async fn ask_for(
        &self,
        rule: &Rule,
        state: &kernel::State,
        command: &Command,
        by: Actor,
        errand: &Errand,
    ) -> Result<(Asked, Vec<u8>), Failure> {
        let Some(asking) = &rule.asks else {
            return Err(Failure::fault(format!("{} asks nothing", rule.command.name)));
        };
        let (of, body) = asking.put(state, command, &self.envelope(by))?;
        let asked = Asked { context: asking.of, question: asking.question.name, of, body };
        fault::waits_at(&*self.chance, "question.before_ask").await;
        let ask = || self.neighbours.ask(&asked, errand);
        let answer = self.calls.call_again(asking.of, errand.deadline, ask).await?;
        fault::waits_at(&*self.chance, "question.after_answer").await;
        Ok((asked, answer))
    }

    /// The present state of the one a command is for, as committed.
    pub(crate) fn state(
        &self,
        context: &Context,
        guarded: &Guarded,
        key: Option<&Key>,
        must: bool,
    ) -> Result<kernel::State, Failure> {
        let store = self.store(context.name)?;
        let thing = match key {
            Some(Key::Number(number)) => store.thing(context.name, guarded.name, *number)?,
            Some(Key::Name(name)) => store.thing_named(context.name, guarded.name, name)?,
            None => None,
        };
        match thing {
            Some(thing) => state_of(&**store, context.name, guarded, &thing),
            None if must => {
                let which = match key {
                    Some(Key::Number(number)) => number.to_string(),
                    Some(Key::Name(name)) => name.clone(),
                    None => String::new(),
                };
                Err(Failure::Unknown { what: format!("{} {which}", guarded.name) })
            }
            None => Ok(guarded.fresh()),
        }
    }
}

fn decide_one(
    stage: &mut Stage<'_>,
    order: &Order,
    asked: Option<&(Asked, Vec<u8>)>,
    view: Option<&'static str>,
    others: u64,
) -> Result<(Said, Subject), Failure> {
    if let Some(key) = order.key
        && stage.was_answered_elsewhere(key.scope, others)?
    {
        return Err(Failure::KeyBusy);
    }
    let Decision { of, version, position, events } = stage.decide(&Decide {
        name: order.name,
        to: order.to.clone(),
        command: &order.command,
        by: order.by.clone(),
        asked,
        case: None,
        because: None,
        trace: order.trace.clone(),
    })?;
    let row = view.and_then(|view| stage.staged_row(view, of.number));
    let said = Said {
        number: of.number,
        name: of.name.as_deref().map(str::to_owned),
        version,
        before: version - events.len() as u64,
        position,
        row: row.map(|row| (row.version, String::from_utf8_lossy(&row.row).into_owned())),
    };
    if let Some(key) = order.key.filter(|_| !mutant::KEY_NOT_KEPT.is_planted()) {
        let text = serde_json::to_vec(&said)
            .map_err(|error| Failure::fault(format!("an answer cannot be written: {error}")))?;
        let (scope, body, at) = (key.scope, key.body, stage.now());
        stage.remember(Answer { scope, body, at, said: text.into() });
    }
    Ok((said, of))
}
