//! What a store must know to make room for the contexts.

use std::collections::BTreeMap;

use kernel::System;

/// Everything a store must know.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// The contexts that live in this database.
    pub contexts: Vec<ContextLayout>,
    names: BTreeMap<String, &'static str>,
}

/// What one context needs.
#[derive(Debug, Clone)]
pub struct ContextLayout {
    /// Its name, unique in the database.
    pub name: &'static str,
    /// The kinds of aggregates.
    pub kinds: Vec<&'static str>,
    /// The events it can have recorded, with the version it writes today.
    pub events: Vec<(&'static str, u32)>,
    /// What it shows.
    pub views: Vec<ViewLayout>,
}

/// What one view needs.
#[derive(Debug, Clone)]
pub struct ViewLayout {
    /// Its name.
    pub name: &'static str,
    /// The fields rows are listed by.
    pub indexes: Vec<&'static str>,
}

impl Layout {
    /// The contexts named, of a system.
    #[must_use]
    pub fn of(system: &System, contexts: &[&str]) -> Self {
        let mut layout = Self { contexts: Vec::new(), names: known(system) };
        for context in system.contexts.iter().filter(|it| contexts.contains(&it.name)) {
            let aggregates = &context.aggregates;
            let events = aggregates.iter().flat_map(kernel::Guarded::events);
            layout.contexts.push(ContextLayout {
                name: context.name,
                kinds: aggregates.iter().map(|it| it.name).collect(),
                events: events.map(|event| (event.name, event.version)).collect(),
                views: context
                    .views
                    .iter()
                    .map(|view| ViewLayout {
                        name: view.name,
                        indexes: view.indexes.iter().map(|index| index.field).collect(),
                    })
                    .collect(),
            });
        }
        layout
    }

    /// The name of a context, a kind, an event, a command or a view as the
    /// declaration has it; nothing when nobody knows it.
    #[must_use]
    pub fn known(&self, name: &str) -> Option<&'static str> {
        self.names.get(name).copied()
    }
}

fn known(system: &System) -> BTreeMap<String, &'static str> {
    let mut names = Vec::new();
    for context in &system.contexts {
        names.push(context.name);
        names.extend(context.views.iter().map(|view| view.name));
        for guarded in &context.aggregates {
            names.push(guarded.name);
            names.extend(guarded.events().iter().map(|event| event.name));
            names.extend(guarded.rules.iter().map(|rule| rule.command.name));
        }
    }
    names.into_iter().map(|name| (name.to_owned(), name)).collect()
}
