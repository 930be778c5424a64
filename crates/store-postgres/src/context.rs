//! What is known of one context: its tables, and the statements on them.

use std::sync::Arc;

use runtime::store::ContextLayout;

use crate::{
    acts::Acts, answers::Answers, ask::quoted, deliveries::Deliveries, fault::Fault, heads::Head,
    journal::Journal, progress::Subscriptions, rows::View, shadow::Kept, things::Things,
};

/// One context.
#[derive(Debug)]
pub struct Context {
    /// Its name, and that of its schema.
    pub name: &'static str,
    /// Its aggregates, by kind.
    pub kinds: Vec<&'static str>,
    /// Where it stands.
    pub head: Head,
    /// What has happened.
    pub journal: Journal,
    /// Its aggregates in their present state.
    pub things: Things,
    /// What it shows.
    pub views: Vec<View>,
    /// What it may show soon.
    pub shadows: Kept,
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
    pub fn of(layout: &ContextLayout) -> Self {
        let name = layout.name;
        let schema = quoted(name);
        Self {
            name,
            kinds: layout.kinds.clone(),
            head: Head::of(&schema),
            journal: Journal::of(name, &schema),
            things: Things::of(name, &schema),
            views: layout.views.iter().map(|view| View::of(&schema, view)).collect(),
            shadows: Kept::of(&schema, layout),
            subscriptions: Subscriptions::of(&schema),
            deliveries: Deliveries::of(name, &schema),
            acts: Acts::of(&schema),
            answers: Answers::of(&schema),
        }
    }

    /// The one of that name.
    pub fn find<'a>(contexts: &'a [Self], name: &str) -> Result<&'a Self, Fault> {
        let found = contexts.iter().find(|it| it.name == name);
        found.ok_or_else(|| Fault::Misuse(format!("{name} is not in this database")))
    }

    /// A kind of aggregates.
    pub fn kind(&self, name: &str) -> Result<&'static str, Fault> {
        let found = self.kinds.iter().find(|it| **it == name).copied();
        found.ok_or_else(|| Fault::Misuse(format!("{} does not guard {name}", self.name)))
    }

    /// The view of that name.
    pub fn view(&self, name: &str) -> Result<&View, Fault> {
        let found = self.views.iter().find(|it| it.name == name);
        found.ok_or_else(|| Fault::Misuse(format!("{} does not show {name}", self.name)))
    }
}

/// A statement, to be shared by all connections.
pub fn sql(text: String) -> Arc<str> {
    text.into()
}
