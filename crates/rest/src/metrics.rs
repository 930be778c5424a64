//! Figures for whoever watches from outside, as Prometheus reads them. Nobody is named in them.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::{http::StatusCode, response::Response};
use parking_lot::Mutex;
use runtime::{Runtime, Standing, Traffic};

use crate::{answer, call::Call, front::Front, problem::Problem};

/// The upper ends of the buckets, in microseconds.
const BUCKETS: [u64; 11] =
    [500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// What was counted since the start.
#[derive(Default)]
pub struct Metrics {
    series: Mutex<BTreeMap<(String, String), Arc<Series>>>,
    commands: Mutex<BTreeMap<[&'static str; 3], u64>>,
}

/// The requests to one address.
#[derive(Default)]
pub struct Series {
    classes: [AtomicU64; CLASSES.len()],
    buckets: [AtomicU64; BUCKETS.len() + 1],
    micros: AtomicU64,
}

impl Metrics {
    /// The requests by this method to the addresses of this template.
    pub fn series(&self, method: &str, template: &str) -> Arc<Series> {
        let key = (method.to_owned(), template.to_owned());
        Arc::clone(self.series.lock().entry(key).or_default())
    }

    /// How many requests there were, and how long they took.
    #[must_use]
    pub fn requests(&self) -> [Family; 2] {
        let mut requests = Family::of("madang_requests_total", "counter", "Requests answered.");
        let help = "How long requests took to answer.";
        let mut latency = Family::of("madang_request_seconds", "histogram", help);
        for ((method, route), series) in self.series.lock().iter() {
            series.write(method, route, &mut requests, &mut latency);
        }
        [requests, latency]
    }

    /// A command came to this.
    pub fn command(&self, context: &'static str, command: &'static str, outcome: &'static str) {
        *self.commands.lock().entry([context, command, outcome]).or_default() += 1;
    }
}

impl Series {
    /// One more, that took so long.
    pub fn count(&self, status: StatusCode, took: Duration) {
        let class = usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1;
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.iter().position(|end| micros <= *end).unwrap_or(BUCKETS.len());
        self.classes[class].fetch_add(1, Relaxed);
        self.buckets[bucket].fetch_add(1, Relaxed);
        self.micros.fetch_add(micros, Relaxed);
    }

    fn write(&self, method: &str, route: &str, requests: &mut Family, latency: &mut Family) {
        let labels = [("method", method), ("route", route)];
        for (class, count) in CLASSES.iter().zip(&self.classes) {
            let count = count.load(Relaxed);
            if count > 0 {
                let labels = [labels[0], labels[1], ("status", class)];
                requests.line("", &labels, &count.to_string());
            }
        }
        let mut sum = 0;
        let ends = BUCKETS.iter().map(|end| seconds(*end)).chain(["+Inf".to_owned()]);
        for (end, count) in ends.zip(&self.buckets) {
            sum += count.load(Relaxed);
            latency.line("_bucket", &[labels[0], labels[1], ("le", &end)], &sum.to_string());
        }
        latency.line("_sum", &labels, &seconds(self.micros.load(Relaxed)));
        latency.line("_count", &labels, &sum.to_string());
    }
}

/// The figures of this moment.
///
/// # Errors
///
/// When the ledger cannot be read.
pub async fn show(front: &Front, call: &Call) -> Result<Response, Problem> {
    call.query.only(&[])?;
    let (runtime, metrics) = (&front.rest.runtime, &front.rest.metrics);
    let [requests, latency] = metrics.requests();
    let mut text = String::new();
    let mut commands = Family::of(
        "madang_commands_total",
        "counter",
        "Commands from outside, by what they came to.",
    );
    for ([context, command, outcome], count) in metrics.commands.lock().iter() {
        let labels = [("context", *context), ("command", *command), ("outcome", *outcome)];
        commands.line("", &labels, &count.to_string());
    }
    let mut queue = Family::of("madang_writer_waiting", "gauge", "Work that waits for the writer.");
    let mut heads =
        Family::of("madang_journal_position", "counter", "The last event of a journal.");
    for context in &front.system().contexts {
        let labels = [("context", context.name)];
        queue.line("", &labels, &runtime.waiting_to_write(context.name).to_string());
        heads.line("", &labels, &runtime.tail(context.name)?.head().to_string());
    }
    let calls = calls(runtime);
    for family in [requests, latency, commands, queue, heads, calls, ledger(front).await?] {
        text.push_str(&family.0);
    }
    Ok(told(text))
}

/// The figures, as they are sent.
#[must_use]
pub fn told(text: String) -> Response {
    answer::never_kept(answer::of("text/plain; version=0.0.4; charset=utf-8", text))
}

fn calls(runtime: &Runtime) -> Family {
    let help = "Calls to other contexts and outside systems; of the breaker, how it stands now.";
    let mut family = Family::of("madang_calls", "gauge", help);
    for Traffic { to, breaker, under_way, waiting } in runtime.traffic() {
        let is = |standing| usize::from(breaker == standing);
        let figures = [
            ("under_way", under_way),
            ("waiting", waiting),
            ("breaker_open", is(Standing::Open)),
            ("breaker_half_open", is(Standing::HalfOpen)),
        ];
        for (what, count) in figures {
            family.line("", &[("to", to), ("what", what)], &count.to_string());
        }
    }
    family
}

async fn ledger(front: &Front) -> Result<Family, Problem> {
    let mut family = Family::of(
        "madang_deliveries",
        "gauge",
        "The ledger: what was committed, and where it is.",
    );
    for entry in front.rest.runtime.ledger().await? {
        let stages = [
            ("committed", entry.committed),
            ("done", entry.done),
            ("refused", entry.refused),
            ("waiting", entry.waiting),
            ("leased", entry.leased),
            ("failed", entry.failed),
            ("parked", entry.parked),
            ("abandoned", entry.abandoned),
        ];
        for (stage, count) in stages {
            let labels = [
                ("context", entry.context),
                ("subscription", &entry.subscription),
                ("source", entry.source),
                ("stage", stage),
            ];
            family.line("", &labels, &count.to_string());
        }
    }
    Ok(family)
}

/// One name, its help, and its lines.
pub struct Family(String, &'static str);

impl Family {
    /// One without lines yet.
    #[must_use]
    pub fn of(name: &'static str, kind: &str, help: &str) -> Self {
        Self(format!("# HELP {name} {help}\n# TYPE {name} {kind}\n"), name)
    }

    /// As it is written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// One more line.
    pub fn line(&mut self, suffix: &str, labels: &[(&str, &str)], value: &str) {
        let labels: Vec<_> =
            labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{}{suffix}{{{}}} {value}", self.1, labels.join(","));
    }
}

fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}
