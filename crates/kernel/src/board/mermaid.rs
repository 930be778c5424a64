//! The board as a Mermaid flowchart, in the usual colours.

use std::collections::BTreeSet;

use super::Board;
use crate::context::{Context, Guarded, Rule};

const COLOURS: [(&str, &str); 7] = [
    ("event", "#ffb347"),
    ("command", "#9ecbff"),
    ("actor", "#fff3a3"),
    ("aggregate", "#fff9d6"),
    ("question", "#ffb6c9"),
    ("view", "#c3e6b1"),
    ("outside", "#f4a6c1"),
];

impl Board<'_> {
    /// Every arrow bears the name of what runs: the policy that reacts, the
    /// role that acts, the context that is asked.
    #[must_use]
    pub fn mermaid(&self) -> String {
        let mut lines = vec!["flowchart LR".to_owned()];
        for context in &self.0.contexts {
            lines.push(format!("subgraph in_{0} [{0}]", context.name));
            for guarded in &context.aggregates {
                for rule in &guarded.rules {
                    draw_rule(&mut lines, guarded, rule);
                }
            }
            for view in &context.views {
                lines.push(format!("view_{0}[(/{0})]:::view", view.name));
            }
            lines.push("end".to_owned());
        }
        self.draw_arrows(&mut lines);
        for (class, colour) in COLOURS {
            lines.push(format!("classDef {class} fill:{colour},color:#222"));
        }
        lines.join("\n") + "\n"
    }

    fn draw_arrows(&self, lines: &mut Vec<String>) {
        for context in &self.0.contexts {
            for policy in &context.policies {
                let after = policy.after.map(|it| format!(" ({} s later)", it.as_secs()));
                let (event, command) = (policy.event.name, policy.command.name);
                let name = format!("{}{}", policy.name, after.unwrap_or_default());
                lines.push(format!("{event} == {name} ==> {command}"));
            }
            for effect in &context.effects {
                let (event, to, command) = (effect.event.name, effect.to, effect.command.name);
                lines.push(format!("outside_{to}[[{to}]]:::outside"));
                lines.push(format!("{event} == {} ==> outside_{to}", effect.name));
                lines.push(format!("outside_{to} ==> {command}"));
            }
            draw_views(lines, context);
        }
    }
}

fn draw_views(lines: &mut Vec<String>, context: &Context) {
    for view in &context.views {
        let arrows = view.events().into_iter();
        lines.extend(arrows.map(|event| format!("{} --> view_{}", event.name, view.name)));
    }
}

fn draw_rule(lines: &mut Vec<String>, guarded: &Guarded, rule: &Rule) {
    let (command, by) = (rule.command.name, guarded.name);
    lines.push(format!("{command}:::command"));
    for role in rule.roles {
        lines.push(format!("actor_{0}([{0}]):::actor -.-> {command}", role.name));
    }
    let events: BTreeSet<_> = rule.events.iter().map(|event| event.name).collect();
    for event in events {
        lines.push(format!("{command} -- {by} --> {event}:::event"));
    }
    if let Some(ask) = &rule.asks {
        let question = ask.question.name;
        lines.push(format!("{command} -. asks {} .-> {question}:::question", ask.of));
    }
}
