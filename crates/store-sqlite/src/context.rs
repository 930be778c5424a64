//! The tables of one context.

use runtime::store::ContextLayout;
use rusqlite::Connection;

use crate::{
    acts::Acts, answers::Answers, deliveries::Deliveries, fault::Fault, journal::Journal,
    part::Part, progress::Subscriptions, rows::View, things::Kind, words::Words,
};

/// The tables of one context, and the statements that read and write them.
#[derive(Debug)]
pub struct Context {
    /// Its place in the list of contexts.
    pub index: usize,
    /// Its name.
    pub name: &'static str,
    /// Its name as a word.
    pub word: i64,
    /// What has happened.
    pub journal: Journal,
    /// Its aggregates, by kind.
    pub kinds: Vec<Kind>,
    /// What it shows.
    pub views: Vec<View>,
    /// The shadows of its views, in the same order; their tables come and go.
    shadows: Vec<View>,
    /// How far its subscriptions are.
    pub subscriptions: Subscriptions,
    /// Deliveries that took a path of their own.
    pub deliveries: Deliveries,
    /// What operators did about them.
    pub acts: Acts,
    /// What was answered under idempotency keys.
    pub answers: Answers,
}

impl Context {
    /// From the declaration.
    pub fn of(index: usize, layout: &ContextLayout) -> Self {
        let name = layout.name;
        Self {
            index,
            name,
            word: 0,
            journal: Journal::of(name),
            kinds: layout.kinds.iter().map(|kind| Kind::of(name, kind)).collect(),
            views: layout.views.iter().map(|view| View::of(name, view)).collect(),
            shadows: layout.views.iter().map(|view| View::shadow(name, view)).collect(),
            subscriptions: Subscriptions::of(name),
            deliveries: Deliveries::of(name),
            acts: Acts::of(name),
            answers: Answers::of(name),
        }
    }

    /// Its name and those of its views become words.
    pub fn learn(&mut self, connection: &Connection, words: &Words) -> Result<(), Fault> {
        self.word = words.number(connection, self.name)?;
        for view in &mut self.views {
            view.word = words.number(connection, view.name)?;
        }
        Ok(())
    }

    /// The one of that name.
    pub fn find<'a>(contexts: &'a [Self], name: &str) -> Result<&'a Self, Fault> {
        let found = contexts.iter().find(|it| it.name == name);
        found.ok_or_else(|| Fault::Misuse(format!("{name} is not in this database")))
    }

    /// The aggregates of that kind.
    pub fn kind(&self, name: &str) -> Result<&Kind, Fault> {
        let found = self.kinds.iter().find(|it| it.name == name);
        found.ok_or_else(|| Fault::Misuse(format!("{} does not guard {name}", self.name)))
    }

    /// The view of that name.
    pub fn view(&self, name: &str) -> Result<&View, Fault> {
        let found = self.views.iter().find(|it| it.name == name);
        found.ok_or_else(|| Fault::Misuse(format!("{} does not show {name}", self.name)))
    }

    /// The view of that name, and its shadow.
    pub fn with_shadow(&self, name: &str) -> Result<(&View, &View), Fault> {
        let view = self.view(name)?;
        let shadow = self.shadows.iter().find(|it| it.name == name);
        shadow.map(|shadow| (view, shadow)).ok_or_else(|| Fault::Misuse(format!("no {name}")))
    }

    /// Everything it needs but the indexes of its views, which come and go.
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = self.journal.parts();
        parts.extend(self.kinds.iter().flat_map(Kind::parts));
        parts.extend(self.views.iter().map(View::table));
        parts.extend(self.subscriptions.parts());
        parts.extend(self.deliveries.parts());
        parts.extend(self.acts.parts());
        parts.extend(self.answers.parts());
        parts
    }
}
