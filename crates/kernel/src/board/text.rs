//! The board as text.

use std::fmt;

use super::Board;
use crate::{
    Role,
    context::{Context, Guarded, Policy, Projection, Rule, Verb},
};

impl fmt::Display for Board<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.contexts.iter().try_for_each(|context| write_context(f, context))
    }
}

fn write_context(f: &mut fmt::Formatter<'_>, context: &Context) -> fmt::Result {
    writeln!(f, "{}", context.name)?;
    for policy in &context.policies {
        write_policy(f, policy)?;
    }
    for effect in &context.effects {
        writeln!(f, "  whenever {}: {}", effect.event.name, effect.name)?;
        writeln!(f, "    wants {}: {}", effect.to, effect.wish)?;
        writeln!(f, "    and then {}", effect.command.name)?;
    }
    for guarded in &context.aggregates {
        for rule in &guarded.rules {
            write_rule(f, guarded, rule)?;
        }
        for answer in &guarded.answers {
            writeln!(f, "  {} answers {}", guarded.name, answer.question)?;
        }
    }
    context.views.iter().try_for_each(|view| write_view(f, view))
}

fn write_policy(f: &mut fmt::Formatter<'_>, policy: &Policy) -> fmt::Result {
    let Policy { name, event, command, after, .. } = policy;
    let after = after.map(|wait| format!(", {} s later", wait.as_secs())).unwrap_or_default();
    writeln!(f, "  whenever {}{after}: {name} -> {}", event.name, command.name)
}

fn write_rule(f: &mut fmt::Formatter<'_>, guarded: &Guarded, rule: &Rule) -> fmt::Result {
    writeln!(f, "  {}", rule.command)?;
    if !rule.roles.is_empty() {
        writeln!(f, "    by {}", names(rule.roles))?;
    }
    if let Some(address) = address(guarded, rule) {
        writeln!(f, "    {address}")?;
    }
    if let Some(ask) = &rule.asks {
        writeln!(f, "    asks {}: {}", ask.of, ask.question)?;
    }
    for event in &rule.events {
        writeln!(f, "    {}: {event}", guarded.name)?;
    }
    for settles in &rule.settles {
        let how = if settles.refusal.is_some() { "refused by" } else { "settled by" };
        writeln!(f, "    {how} {}", settles.event.name)?;
    }
    Ok(())
}

fn write_view(f: &mut fmt::Formatter<'_>, view: &Projection) -> fmt::Result {
    writeln!(f, "  /{} {}", view.name, view.row)?;
    let events: Vec<_> = view.events().iter().map(|event| event.name).collect();
    writeln!(f, "    shows {}", events.join(", "))?;
    if !view.indexes.is_empty() {
        let fields: Vec<_> = view.indexes.iter().map(|index| index.field).collect();
        writeln!(f, "    listed by {}", fields.join(", "))?;
    }
    if let Some(door) = view.door {
        writeln!(f, "    opened to a stranger by {door}")?;
    }
    for lookup in &view.lookups {
        writeln!(f, "    {} by {}", lookup.name, lookup.field)?;
    }
    Ok(())
}

fn names(roles: &[Role]) -> String {
    roles.iter().map(|role| role.name).collect::<Vec<_>>().join(", ")
}

/// How REST calls a command.
fn address(guarded: &Guarded, rule: &Rule) -> Option<String> {
    let path = guarded.path?;
    Some(match rule.verb.as_ref()? {
        Verb::Post | Verb::PostTo(_) => format!("POST /{path}"),
        Verb::Put(verb) => format!("PUT /{path}/{{id}}/{verb}"),
    })
}
