//! Questions between contexts: in the same process, or passed on.

use std::{collections::BTreeMap, sync::Arc};

use kernel::{Key, System};
use tokio::time::timeout_at;

use crate::{
    Failure, Runtime,
    lab::Lab,
    ports::{Asked, Elsewhere, Errand, Neighbours, Pending},
    state::state_of,
    store::Store,
};

/// The contexts of this process, as each other's neighbours.
pub struct Local {
    system: Arc<System>,
    stores: BTreeMap<&'static str, Arc<dyn Store>>,
    lab: Arc<Lab>,
    elsewhere: Option<Arc<dyn Elsewhere>>,
}

impl Local {
    pub(crate) fn of(
        system: Arc<System>,
        stores: BTreeMap<&'static str, Arc<dyn Store>>,
        lab: Arc<Lab>,
        elsewhere: Option<Arc<dyn Elsewhere>>,
    ) -> Self {
        Self { system, stores, lab, elsewhere }
    }

    fn answer(&self, asked: &Asked) -> Result<Vec<u8>, Failure> {
        let nobody = || Failure::unavailable(asked.context, "nobody serves it here");
        let context = self.system.context(asked.context).ok_or_else(nobody)?;
        let store = self.stores.get(asked.context).ok_or_else(nobody)?;
        let answers = context.aggregates.iter().find_map(|guarded| {
            let mut answers = guarded.answers.iter();
            let answering = answers.find(|it| it.question.name == asked.question)?;
            Some((guarded, answering))
        });
        let Some((guarded, answering)) = answers else {
            let (of, question) = (asked.context, asked.question);
            return Err(Failure::fault(format!("{of} has no answer to {question}")));
        };
        let thing = match &asked.of {
            Key::Number(number) => store.thing(context.name, guarded.name, *number)?,
            Key::Name(name) => store.thing_named(context.name, guarded.name, name)?,
        };
        let state = match thing {
            Some(thing) => state_of(&**store, context.name, guarded, &thing)?,
            None => guarded.fresh(),
        };
        Ok(answering.answer(&state, &asked.body)?)
    }
}

impl Neighbours for Local {
    fn ask<'a>(
        &'a self,
        asked: &'a Asked,
        errand: &'a Errand,
    ) -> Pending<'a, Result<Vec<u8>, Failure>> {
        Box::pin(async move {
            match timeout_at(errand.deadline, self.lab.pass(asked.context)).await {
                Ok(passed) => passed?,
                Err(_) => return Err(Failure::unavailable(asked.context, "no answer in time")),
            }
            match &self.elsewhere {
                Some(elsewhere) if !self.stores.contains_key(asked.context) => {
                    elsewhere.ask(asked, errand).await
                }
                _ => self.answer(asked),
            }
        })
    }
}

impl Runtime {
    /// The answer of a context that is served here to a question from another process.
    ///
    /// # Errors
    ///
    /// When nobody here answers it, or not in time.
    pub async fn answer(
        &self,
        context: &str,
        question: &str,
        of: Key,
        body: Vec<u8>,
        errand: &Errand,
    ) -> Result<Vec<u8>, Failure> {
        let context = self.context(context)?;
        let mut answers = context.aggregates.iter().flat_map(|it| &it.answers);
        let answering = answers.find(|it| it.question.name == question);
        let unknown = || Failure::Unknown { what: format!("question {question}") };
        let question = answering.ok_or_else(unknown)?.question.name;
        let asked = Asked { context: context.name, question, of, body };
        self.neighbours.ask(&asked, errand).await
    }
}
