//! Loose ends: arrows that start or end nowhere, names that mean two things.

use std::collections::BTreeSet;

use super::Board;
use crate::context::{Context, Guarded, Rule, Verb};

impl Board<'_> {
    /// What does not fit together, each in a sentence.
    #[must_use]
    pub fn loose_ends(&self) -> Vec<String> {
        let mut ends = Vec::new();
        self.twice(&mut ends);
        for context in &self.0.contexts {
            self.unheard(context, &mut ends);
            undecided(context, &mut ends);
            self.unanswered(context, &mut ends);
            unaddressed(context, &mut ends);
        }
        ends
    }

    fn guarded(&self) -> impl Iterator<Item = &Guarded> {
        self.0.contexts.iter().flat_map(|context| &context.aggregates)
    }

    fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.guarded().flat_map(|guarded| &guarded.rules)
    }

    fn twice(&self, ends: &mut Vec<String>) {
        let mut once = |name: &'static str, what: &str, seen: &mut BTreeSet<&'static str>| {
            if !seen.insert(name) {
                ends.push(format!("{name} is {what} twice"));
            }
        };
        let (mut commands, mut kinds) = (BTreeSet::new(), BTreeSet::new());
        let (mut contexts, mut events) = (BTreeSet::new(), BTreeSet::new());
        let mut paths = BTreeSet::new();
        self.0.contexts.iter().for_each(|it| once(it.name, "a context", &mut contexts));
        self.rules().for_each(|it| once(it.command.name, "decided", &mut commands));
        self.guarded().for_each(|it| once(it.name, "guarded", &mut kinds));
        for guarded in self.guarded() {
            guarded.events().iter().for_each(|it| once(it.name, "an event", &mut events));
        }
        for view in self.0.contexts.iter().flat_map(|context| &context.views) {
            once(view.name, "shown", &mut paths);
        }
    }

    fn unheard(&self, context: &Context, ends: &mut Vec<String>) {
        for event in context.subscriptions().iter().flat_map(super::super::Subscription::events) {
            if self.0.decider(event.name).is_none() {
                ends.push(format!("{} never happens", event.name));
            }
        }
    }

    fn unanswered(&self, context: &Context, ends: &mut Vec<String>) {
        for ask in
            context.aggregates.iter().flat_map(|it| &it.rules).filter_map(|it| it.asks.as_ref())
        {
            let (name, of) = (ask.question.name, ask.of);
            let Some(asked) = self.0.context(of) else {
                ends.push(format!("{name} is asked of {of}, who is not here"));
                continue;
            };
            let mut answers = asked.aggregates.iter().flat_map(|it| &it.answers);
            if !answers.any(|it| it.question.name == name) {
                ends.push(format!("{of} is asked {name} and has no answer"));
            }
        }
    }
}

/// Commands that are wanted and not decided here.
fn undecided(context: &Context, ends: &mut Vec<String>) {
    let policies = context.policies.iter().map(|policy| policy.command);
    let effects = context.effects.iter().map(|effect| effect.command);
    for command in policies.chain(effects) {
        if context.rule(command.name).is_none() {
            let (name, command) = (context.name, command.name);
            ends.push(format!("{name} wants {command} but does not decide it"));
        }
    }
}

/// Commands that nobody can give, fields that are not there.
fn unaddressed(context: &Context, ends: &mut Vec<String>) {
    for guarded in &context.aggregates {
        for rule in &guarded.rules {
            let name = rule.command.name;
            let wanted = context.policies.iter().any(|it| it.command.name == name)
                || context.effects.iter().any(|it| it.command.name == name);
            if rule.verb.is_none() && !wanted {
                ends.push(format!("nobody can give {name}"));
            }
            if rule.verb.is_some() && guarded.path.is_none() {
                ends.push(format!("{name} has a verb but {} has no path", guarded.name));
            }
            if matches!(rule.verb, Some(Verb::Post)) && guarded.named {
                ends.push(format!("{name} does not say which {}", guarded.name));
            }
            for settles in &rule.settles {
                if !guarded.replays_event(settles.event.name) {
                    ends.push(format!("{} cannot settle {name}", settles.event.name));
                }
            }
        }
    }
    for view in &context.views {
        let fields = view.row.fields;
        for field in view.indexes.iter().map(|it| it.field).chain(view.door) {
            if !fields.iter().any(|it| it.name == field) {
                ends.push(format!("{} has no field {field}", view.name));
            }
        }
        for lookup in &view.lookups {
            if !view.indexes.iter().any(|it| it.field == lookup.field) {
                ends.push(format!("{} is not listed by {}", view.name, lookup.field));
            }
        }
    }
}
