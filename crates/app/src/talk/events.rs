//! What has happened on a running server, one event a line.

use std::{
    thread,
    time::{Duration, Instant},
};

use clap::Args;
use serde_json::Value;

use super::{
    Client, query,
    several::{self, Pages},
};
use crate::{
    columns::padded,
    exit::{Code, Outcome, Stop, print},
};

/// Which events, and how they are told.
#[derive(Debug, Args)]
pub struct Which {
    /// Go on with what happens from now on
    #[arg(long)]
    follow: bool,
    /// Only one case: its number, or kind and number, such as request/12
    #[arg(long, value_name = "ID")]
    case: Option<String>,
    /// Only what one context has decided
    #[arg(long)]
    context: Option<String>,
    /// Each event as JSON, for a program
    #[arg(long)]
    json: bool,
}

const PATH: &str = "/ops/events";
/// How many are asked for at once.
const PAGE: &str = "1000";
/// How long a server that has gone may take to come back.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often to knock meanwhile.
const PACE: Duration = Duration::from_millis(300);

/// Prints them.
pub fn run(client: &Client, which: &Which) -> Outcome {
    if !which.follow {
        return tell(client, which);
    }
    let servers = client.each();
    thread::scope(|threads| {
        let follow = |it| threads.spawn(move || follow(it, which));
        let all: Vec<_> = servers.iter().map(follow).collect();
        // When one is gone for good, so is the whole.
        all.into_iter().try_for_each(|it| it.join().unwrap_or(Ok(())))
    })
}

/// Everything that has happened.
fn tell(client: &Client, which: &Which) -> Outcome {
    let pages = |server: Client| {
        let mut after: Option<String> = None;
        Pages::of(move || {
            let path = which.path(&[("after", after.as_deref()), ("limit", Some(PAGE))]);
            let told = server.get(&path)?.ok()?;
            after = told["next"].as_str().map(str::to_owned);
            Ok(told["events"].as_array().cloned().unwrap_or_default())
        })
    };
    several::tell(client.each().into_iter().map(pages).collect(), |event| which.print(&event))
}

/// What happens, for as long as there is a server; after a restart it goes on
/// where it was.
fn follow(client: &Client, which: &Which) -> Outcome {
    let path = which.path(&[]);
    let mut stream = Stream::default();
    let mut lost: Option<Instant> = None;
    loop {
        match client.lines(&path, stream.id.as_deref()) {
            Ok(lines) => {
                for line in lines {
                    if let Some(data) = stream.read(&line) {
                        which.print(&serde_json::from_str(&data).unwrap_or_default())?;
                    }
                }
                lost = Some(Instant::now());
                stream.broke_off();
            }
            Err(stop) if lost.is_none_or(|since| since.elapsed() > PATIENCE) => return Err(stop),
            Err(_) => {}
        }
        thread::sleep(PACE);
    }
}

/// A stream of events as it is read.
#[derive(Debug, Default)]
struct Stream {
    /// After which event to go on.
    id: Option<String>,
    next: Option<String>,
    data: String,
}

impl Stream {
    /// One line more; an event, when it is complete.
    fn read(&mut self, line: &str) -> Option<String> {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "id" => self.next = Some(value.to_owned()),
            "data" => self.data.push_str(value),
            "" if line.is_empty() => {
                self.id = self.next.take().or(self.id.take());
                let data = std::mem::take(&mut self.data);
                return (!data.is_empty()).then_some(data);
            }
            _ => {}
        }
        None
    }

    /// What was not complete will be sent again.
    fn broke_off(&mut self) {
        self.next = None;
        self.data.clear();
    }
}

impl Which {
    fn path(&self, more: &[(&str, Option<&str>)]) -> String {
        let own = [("case", self.case.as_deref()), ("context", self.context.as_deref())];
        query::with(PATH, &[&own, more].concat())
    }

    fn print(&self, event: &Value) -> Outcome {
        if self.json { print(format!("{event}\n")) } else { print(line(event)?) }
    }
}

/// When, whose case, where, what, by whom, and the particulars.
fn line(event: &Value) -> Outcome<String> {
    let text = |name: &str| event[name].as_str().unwrap_or_default();
    let time = text("time").split_once('.').map_or(text("time"), |(time, _)| time);
    if time.is_empty() {
        return Err(Stop::new(Code::Bad, format!("this is no event: {event}")));
    }
    let case = padded(text("case"), 12, false);
    let context = padded(text("context"), 9, false);
    let name = padded(text("name"), 20, false);
    let actor = event["actor"]["name"].as_str().filter(|it| !it.is_empty()).unwrap_or("-");
    let body = event["body"].as_object().into_iter().flatten();
    let fields = body.filter(|(_, value)| !value.is_null()).map(|(name, value)| match value {
        Value::String(text) => format!("{name}={text:?}"),
        value => format!("{name}={value}"),
    });
    let fields = fields.collect::<Vec<_>>().join(" ");
    let line = format!("{} {case} {context} {name} {actor}  {fields}", time.replace('T', " "));
    Ok(line.trim_end().to_owned() + "\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Stream, line};

    #[test]
    fn a_stream_goes_on_after_the_last_event_that_was_complete() {
        let mut stream = Stream::default();
        let lines = [
            "id: request:1",
            "event: event",
            "data: {\"a\":1}",
            "",
            ": still here",
            "id: request:2",
        ];
        let told: Vec<_> = lines.iter().filter_map(|line| stream.read(line)).collect();
        assert_eq!(told, ["{\"a\":1}"]);
        stream.broke_off();
        assert_eq!(stream.id.as_deref(), Some("request:1"));
    }

    #[test]
    fn an_event_is_one_line() {
        let event = json!({
            "time": "2025-11-20T23:30:05.123+09:00", "case": "request/1", "context": "service",
            "name": "AsAccepted", "actor": { "name": "김도현" },
            "body": { "price": 5000, "symptom": "한 줄\n두 줄", "phoneNumber": null },
        });
        assert_eq!(
            line(&event).unwrap(),
            "2025-11-20 23:30:05 request/1    service   AsAccepted           김도현  \
             price=5000 symptom=\"한 줄\\n두 줄\"\n"
        );
        assert!(line(&json!({})).is_err());
    }
}
