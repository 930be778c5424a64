//! The same wishes leave the same events and the same rows, whether the contexts
//! share a process or not.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use appliance_repair::system;
use kernel::Event;
use rehearsal::{Apart, Provider, Rehearsal, Seeded};
use runtime::{lab::Mood, ports::Chance as _};
use serde_json::{Value, json};
use tokio::time::sleep;

/// How many scenarios are run.
const SCENARIOS: u64 = 32;
/// How many wishes each has.
const STEPS: usize = 50;
/// How long everything that can be done has been done after.
const SETTLED: Duration = Duration::from_mins(2);

/// What is left when nothing more happens, as text that can be compared.
#[derive(Debug, PartialEq, Default)]
struct Left {
    /// What was said to each wish.
    said: Vec<String>,
    /// Of each case and context, what happened, in order.
    events: BTreeMap<(String, &'static str), Vec<String>>,
    /// Of each view and number, the row.
    rows: BTreeMap<(&'static str, u64), Value>,
}

/// One step of a scenario.
enum Step {
    Wish(&'static str, &'static str, String, Value),
    Mood(&'static str, &'static str),
}

#[test]
fn random_wishes_leave_the_same_in_both_topologies() {
    let (mut happened, mut refused) = (BTreeMap::<String, u32>::new(), 0);
    for seed in 0..SCENARIOS {
        let together = run(seed, false);
        let apart = run(seed, true);
        assert_eq!(together.said, apart.said, "seed {seed}");
        assert_eq!(together.events, apart.events, "seed {seed}");
        assert_eq!(together.rows, apart.rows, "seed {seed}");
        refused += apart.said.iter().filter(|it| it.starts_with("no")).count();
        for line in apart.events.values().flatten() {
            *happened.entry(line.split(' ').next().unwrap_or_default().into()).or_default() += 1;
        }
    }
    for name in ["JobPaid", "JobPaymentDeclined", "PartsReleased", "AsCancelDenied", "PartsShort"] {
        assert!(
            happened.get(name) > Some(&5),
            "{name} must happen for this to mean anything: {happened:?}"
        );
    }
    assert!(refused > 50, "{refused}");
}

macro_rules! play {
    ($centre:expr, $seed:expr) => {{
        let (centre, mut left) = ($centre, Left::default());
        for step in scenario($seed) {
            match step {
                Step::Wish(who, command, of, body) => {
                    let said = centre.done(who, command, &of, body).await;
                    left.said.push(said.map_or_else(|no| format!("no: {no}"), |it| it.to_string()));
                }
                Step::Mood(name, mood) => centre.lab(name, mood),
            }
            sleep(SETTLED).await;
        }
        for name in ["service", "stock", "payment", "progress", "payment-provider"] {
            centre.lab(name, "up");
        }
        sleep(Duration::from_hours(8 * 24)).await;
        for context in system().contexts {
            for event in centre.events(context.name) {
                let of = left.events.entry((event.case.to_string(), context.name)).or_default();
                of.push(told(&event));
            }
            for view in &context.views {
                let rows =
                    (1..=STEPS as u64).filter_map(|it| Some((it, centre.row(view.name, it)?)));
                left.rows.extend(rows.map(|(it, row)| ((view.name, it), timeless(row))));
            }
        }
        assert!(centre.ledger().iter().all(|it| it.done + it.refused == it.committed));
        centre.every_state_is_its_history();
        left
    }};
}

fn run(seed: u64, apart: bool) -> Left {
    let mut tokio = tokio::runtime::Builder::new_current_thread();
    let tokio = tokio.enable_time().start_paused(true).build().expect("a runtime");
    tokio.block_on(async {
        let provider = Provider::named("payment-provider", charge);
        if apart {
            play!(Apart::of(system, provider).expect("parts"), seed)
        } else {
            play!(Rehearsal::of(system, provider).expect("a whole"), seed)
        }
    })
}

/// Always the same from the same seed.
fn scenario(seed: u64) -> Vec<Step> {
    let dice = Seeded::new(seed);
    let below = |count: u128| usize::try_from(dice.bits() % count).unwrap_or(0);
    let mut requests = 0;
    let mut step = || {
        let one = |requests: u128| (below(requests.max(1)) + 1).to_string();
        let (engineer, none) = (["김도현", "장수빈"][below(2)], json!({}));
        match below(20) {
            0 | 1 => Step::Wish("권나래", "ReceiveParts", String::new(), parts(below(4))),
            2 | 3 => {
                requests += 1;
                Step::Wish("홍길동", "RequestService", String::new(), television())
            }
            4..=8 => Step::Wish(engineer, "AcceptJob", one(requests), none),
            9..=12 => Step::Wish(engineer, "CompleteRepair", one(requests), none),
            13 | 14 => Step::Wish("홍길동", "CancelService", one(requests), none),
            15 => Step::Wish("홍길동", "RetryPayment", one(requests), none),
            16 | 17 => {
                Step::Mood("payment-provider", ["decline", "decline", "up", "down"][below(4)])
            }
            18 => Step::Mood(["service", "stock", "payment", "progress"][below(4)], "down"),
            _ => Step::Mood(["service", "stock", "payment", "progress"][below(4)], "up"),
        }
    };
    (0..STEPS).map(|_| step()).collect()
}

/// Everything but when and where exactly.
fn told(event: &Event) -> String {
    let body = serde_json::from_slice(&event.body).expect("JSON");
    let mut text = format!("{} {} {}", event.name, event.of.kind, event.of.number);
    let (by, cause, version) = (&event.by, event.cause.command, event.version);
    let because = event.cause.event.map(|(context, _)| context);
    let _ = write!(text, " {version} {by} {cause} {because:?} {}", timeless(body));
    text
}

/// Moments and tokens come of the clock and of chance.
fn timeless(value: Value) -> Value {
    match value {
        Value::Number(it) if it.as_i64() > Some(1_000_000_000_000) => json!("a moment"),
        Value::String(it) if it.len() == 32 && it.bytes().all(|it| it.is_ascii_hexdigit()) => {
            json!("a token")
        }
        Value::Array(all) => all.into_iter().map(timeless).collect(),
        Value::Object(all) => {
            Value::Object(all.into_iter().map(|(name, it)| (name, timeless(it))).collect())
        }
        other => other,
    }
}

fn charge(_: &str, wish: &Value, mood: &Mood) -> Value {
    match mood {
        Mood::Own(_) => json!({ "outcome": "declined", "reason": "한도 초과" }),
        _ => json!({ "outcome": "captured", "paymentKey": wish["orderId"] }),
    }
}

fn television() -> Value {
    json!({ "symptom": "화면이 안나와요", "productId": "1", "customerName": "Hong" })
}

fn parts(count: usize) -> Value {
    json!({ "relatedProductId": "1", "stock": count, "unitPrice": 5000 })
}
