//! The deliveries of a running server that took a path of their own.

mod act;
mod list;
mod show;

use clap::{Args, ValueEnum, value_parser};
use serde_json::{Value, json};

use super::{Client, query};
use crate::exit::{Code, Outcome, Stop};

/// Which deliveries, and what to do with them.
#[derive(Debug, Args)]
pub struct Which {
    /// What to do with them
    #[arg(value_enum, default_value_t = Action::List)]
    action: Action,
    /// One delivery, as the list calls it; or the event it is of, such as request:12
    #[arg(value_name = "ID", required_if_eq("action", "show"))]
    id: Option<String>,
    /// Only those to one context
    #[arg(long)]
    context: Option<String>,
    /// Only those to one subscription, by the name that the ledger has
    #[arg(long)]
    subscription: Option<String>,
    /// Only those of the events of one context
    #[arg(long)]
    source: Option<String>,
    /// Only those in one stage; what is tried again or given up is parked, unless this is said
    #[arg(long, value_parser = ["waiting", "failed", "parked", "refused", "abandoned"])]
    stage: Option<String>,
    /// Only those of one case: its number, or kind and number, such as request/12
    #[arg(long)]
    case: Option<String>,
    /// Only those whose reason says this
    #[arg(long, value_name = "TEXT")]
    cause: Option<String>,
    /// Only those put aside so long ago: 30s, 10m, 36h, 7d
    #[arg(long, value_name = "SPAN")]
    older_than: Option<String>,
    /// How many at the most
    #[arg(long, value_parser = value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// Do it; without this it is only said what would come of it
    #[arg(long)]
    yes: bool,
    /// Why; it is recorded
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Who does it; it is recorded
    #[arg(long, value_name = "NAME", env = "USER", hide_env_values = true)]
    by: Option<String>,
    /// How many a second
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = value_parser!(u64).range(1..=1000))]
    per_second: u64,
    /// Go on after one that fails again
    #[arg(long)]
    keep_going: bool,
}

/// What to do with deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Action {
    /// Show them
    List,
    /// Show everything about one
    Show,
    /// Try them again
    Replay,
    /// Give them up
    Abandon,
}

/// Printed under `madang deliveries --help`.
pub const EXAMPLES: &str = "\
Examples:
  madang deliveries                                     all that took a path of their own
  madang deliveries show payment:3                      everything about one
  madang deliveries replay payment:3                    what would come of it; nothing is changed
  madang deliveries replay payment:3 --yes --reason \"the provider is mended\"
  madang deliveries replay --cause \"cannot be read\" --yes --reason \"…\"
                                                        many, in their order, until one fails
  madang deliveries abandon payment:3 --yes --reason \"paid in cash\"";

const PATH: &str = "/ops/deliveries";

/// Does it.
pub fn run(client: &Client, which: &Which) -> Outcome {
    match which.action {
        Action::List => list::run(client, which),
        Action::Show => show::run(client, &which.one(client)?),
        Action::Replay
            if matches!(which.stage.as_deref(), Some("waiting" | "refused" | "abandoned")) =>
        {
            let line = "only what has failed or is parked can be tried again";
            Err(Stop::new(Code::Usage, line))
        }
        Action::Replay | Action::Abandon => act::run(&which.whose(client)?, which),
    }
}

impl Which {
    /// What the deliveries that are meant have in common.
    fn fields(&self) -> Vec<(&'static str, Option<&str>)> {
        vec![
            ("context", self.context.as_deref()),
            ("subscription", self.subscription.as_deref()),
            ("source", self.source.as_deref()),
            ("stage", self.stage.as_deref()),
            ("case", self.case.as_deref()),
            ("cause", self.cause.as_deref()),
            ("olderThan", self.older_than.as_deref()),
        ]
    }

    /// The one server that has those that are meant.
    fn whose(&self, client: &Client) -> Outcome<Client> {
        let mut servers = client.each();
        if servers.len() > 1 {
            let id = self.id.as_ref().map(|_| self.one(client)).transpose()?;
            let named = id.as_deref().and_then(|id| id.split(':').next());
            let line = "several servers are asked: say whose deliveries by --context";
            let context = named.or(self.context.as_deref());
            let context = context.ok_or_else(|| Stop::new(Code::Usage, line))?;
            let path = query::with(PATH, &[("context", Some(context)), ("limit", Some("1"))]);
            servers.retain(|it| it.get(&path).is_ok_and(|answer| answer.status == 200));
            let line = format!("no server has the context {context}");
            return servers.into_iter().next().ok_or_else(|| Stop::new(Code::Bad, line));
        }
        servers.pop().ok_or_else(|| Stop::new(Code::Usage, "no server is named"))
    }

    /// The name of the one that is meant.
    fn one(&self, client: &Client) -> Outcome<String> {
        let id = self.id.clone().unwrap_or_default();
        let Some((source, position)) = event(&id) else { return Ok(id) };
        let mut fields = self.fields();
        fields.retain(|(name, _)| *name != "source");
        fields.extend([("source", Some(source)), ("position", Some(position))]);
        let found = list::find(client, &fields, 20)?;
        let names: Vec<_> = found.iter().map(|it| word(it, "id")).collect();
        match names.as_slice() {
            [one] => Ok(one.clone()),
            [] => {
                let line = format!(
                    "no delivery of event {id} took a path of its own; one that is done is called \
                     context:subscription:source:position"
                );
                Err(Stop::new(Code::Bad, line))
            }
            several => {
                let line = format!("several deliveries are of event {id}: {}", several.join(", "));
                Err(Stop::new(Code::Bad, line))
            }
        }
    }

    /// The deliveries that are meant, as a body says it.
    fn body(&self, client: &Client) -> Outcome<Value> {
        let mut body = json!({});
        if self.id.is_none() {
            for (name, value) in self.fields() {
                if let Some(value) = value {
                    body[name] = json!(value);
                }
            }
            return Ok(body);
        }
        let id = self.one(client)?;
        let parts = || {
            let (context, rest) = id.split_once(':')?;
            let (rest, position) = rest.rsplit_once(':')?;
            let (subscription, source) = rest.rsplit_once(':')?;
            let position: u64 = position.parse().ok()?;
            Some(json!({
                "context": context,
                "subscription": subscription,
                "source": source,
                "position": position,
            }))
        };
        let line = format!("{id:?} is neither context:subscription:source:position nor an event");
        parts().ok_or_else(|| Stop::new(Code::Usage, line))
    }
}

/// An event is called by its context and its position.
fn event(id: &str) -> Option<(&str, &str)> {
    let (source, position) = id.split_once(':')?;
    let is_number = !position.is_empty() && position.bytes().all(|it| it.is_ascii_digit());
    is_number.then_some((source, position))
}

/// What a member says, as a text.
fn word(value: &Value, name: &str) -> String {
    match &value[name] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A reason, in English.
fn reason(value: &Value) -> String {
    value["reason"]["en"].as_str().unwrap_or_default().to_owned()
}
