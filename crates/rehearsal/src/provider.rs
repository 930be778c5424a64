//! An outside system for a rehearsal: it does a thing once for every key.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use runtime::{
    Failure,
    lab::Mood,
    ports::{Outside, Pending},
};
use serde_json::Value;

/// What it answers to a wish in a mood.
type Answers = fn(&str, &Value, &Mood) -> Value;

/// An outside system for a rehearsal.
pub struct Provider {
    name: &'static str,
    answers: Answers,
    mood: Mutex<Mood>,
    done: Mutex<BTreeMap<String, Done>>,
}

/// Something it has done.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// What was wished.
    pub wish: Value,
    /// What it answered.
    pub answer: Value,
    /// How often it was asked for.
    pub asked: u32,
}

impl Provider {
    /// An outside system of this name; it answers like that.
    #[must_use]
    pub fn named(name: &'static str, answers: Answers) -> Self {
        Self { name, answers, mood: Mutex::default(), done: Mutex::default() }
    }

    /// Its name.
    #[must_use]
    pub fn called(&self) -> &'static str {
        self.name
    }

    /// Everything it has done, by key.
    #[must_use]
    pub fn done(&self) -> BTreeMap<String, Done> {
        self.done.lock().clone()
    }

    pub(crate) fn takes_on(&self, mood: &Mood) {
        *self.mood.lock() = mood.clone();
    }

    fn answer(&self, wish: &str, body: &[u8], key: &str) -> Result<Vec<u8>, Failure> {
        let wished: Value = serde_json::from_slice(body)
            .map_err(|error| Failure::fault(format!("{}: {error}", self.name)))?;
        let mut done = self.done.lock();
        if !done.contains_key(key) {
            let answer = (self.answers)(wish, &wished, &self.mood.lock());
            done.insert(key.to_owned(), Done { wish: wished, answer, asked: 0 });
        }
        let Some(kept) = done.get_mut(key) else {
            return Err(Failure::fault("what was just kept is gone"));
        };
        kept.asked += 1;
        Ok(kept.answer.to_string().into_bytes())
    }
}

impl Outside for Provider {
    fn name(&self) -> &'static str {
        self.name
    }

    fn fulfil<'a>(
        &'a self,
        wish: &'a str,
        body: &'a [u8],
        key: &'a str,
    ) -> Pending<'a, Result<Vec<u8>, Failure>> {
        Box::pin(async move { self.answer(wish, body, key) })
    }
}
