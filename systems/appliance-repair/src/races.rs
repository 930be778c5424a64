//! Whatever overtakes whatever, everything ends well.
//!
//! The contexts run as they are declared, without a runtime: thousands of
//! times, and each time people act and messages arrive in another order. All
//! that is kept is what a runtime promises: a subscription is told of the
//! events of one aggregate in their order.

use std::collections::BTreeMap;

use kernel::{
    Actor, Case, Cause, Envelope, Event, Guarded, Key, Projection, Record, State, Subject,
    Subscription, System, Time,
};
use serde_json::{Value, from_slice, json};

const REQUESTS: u64 = 3;

#[test]
fn every_order_of_things_ends_well() {
    let mut seen = BTreeMap::new();
    let system = crate::system();
    for seed in 0..2_000 {
        let mut centre = Centre::new(&system, seed);
        centre.run();
        centre.check(seed);
        for name in centre.happened {
            *seen.entry(name).or_insert(0_u32) += 1;
        }
    }
    for name in ["ReservationRefused", "CancelNoted", "AsCancelDenied", "PartsReleased"] {
        assert!(seen.get(name) > Some(&100), "{name} must happen for this to mean anything");
    }
}

/// What people want, at any time and in any order; what is refused is refused.
fn wishes() -> Vec<(&'static str, Key, Value)> {
    let part = || Key::Name("1".into());
    let parts = |stock: u64| json!({ "relatedProductId": "1", "stock": stock, "unitPrice": 5_000 });
    let mut wishes = vec![("ReceiveParts", part(), parts(1)), ("ReceiveParts", part(), parts(1))];
    for number in 1..=REQUESTS {
        let request = || Key::Number(number);
        let fault = json!({ "symptom": "소음", "productId": "1", "customerName": "김서연" });
        wishes.push(("RequestService", request(), fault));
        let often = ["AcceptJob", "AcceptJob", "AcceptJob", "CompleteRepair", "CompleteRepair"];
        wishes.extend(often.map(|name| (name, request(), json!({}))));
        wishes.push(("RetryPayment", request(), json!({})));
        if number > 1 {
            wishes.push(("CancelService", request(), json!({})));
        }
    }
    wishes
}

struct Centre<'a> {
    system: &'a System,
    chance: u64,
    now: i64,
    states: BTreeMap<Place, State>,
    rows: BTreeMap<Place, State>,
    /// For each subscription and each aggregate, what it is still to be told.
    waiting: BTreeMap<(usize, usize, Place), Vec<Event>>,
    happened: Vec<&'static str>,
}

/// Which one: of a kind of aggregate, or of a view.
type Place = (&'static str, u64);

impl<'a> Centre<'a> {
    fn new(system: &'a System, seed: u64) -> Self {
        let (states, rows, waiting, happened) = Default::default();
        Self { system, chance: seed * 2 + 1, now: 0, states, rows, waiting, happened }
    }

    fn run(&mut self) {
        let mut wishes = wishes();
        while !wishes.is_empty() || !self.waiting.is_empty() {
            let people = self.draw(3) == 0 || self.waiting.is_empty();
            if people && !wishes.is_empty() {
                let (name, key, body) = wishes.swap_remove(self.draw(wishes.len()));
                self.tell(name, &key, body.to_string().as_bytes());
            } else if !self.waiting.is_empty() {
                self.deliver();
            }
        }
    }

    fn deliver(&mut self) {
        let which = self.draw(self.waiting.len());
        let place = *self.waiting.keys().nth(which).unwrap();
        let queue = self.waiting.get_mut(&place).unwrap();
        let event = queue.remove(0);
        if queue.is_empty() {
            self.waiting.remove(&place);
        }
        let context = &self.system.contexts[place.0];
        let (name, wanted) = match context.subscriptions()[place.1] {
            Subscription::View(view) => return self.show(view, &event),
            Subscription::Policy(policy) => (policy.command.name, policy.react(&event).unwrap()),
            Subscription::Effect(effect) => {
                let answer = self.charge().to_string();
                (effect.command.name, vec![effect.learn(&event, answer.as_bytes()).unwrap()])
            }
        };
        for (key, command) in wanted {
            let body = context.rule(name).unwrap().1.write(&command);
            // What is delivered may be delivered again.
            self.tell(name, &key, &body);
            self.tell(name, &key, &body);
        }
    }

    fn charge(&mut self) -> Value {
        match self.draw(3) {
            0 => json!({ "outcome": "declined", "reason": "한도 초과" }),
            _ => json!({ "outcome": "captured", "paymentKey": "key" }),
        }
    }

    fn tell(&mut self, name: &'static str, key: &Key, body: &[u8]) {
        let contexts = &self.system.contexts;
        let index = contexts.iter().position(|it| it.rule(name).is_some()).unwrap();
        let context = &contexts[index];
        let (guarded, rule) = context.rule(name).unwrap();
        let command = rule.read(body).unwrap();
        let by = Actor::new("김도현", "engineer");
        let envelope = Envelope { at: Time(self.now), by, chance: self.chance.into() };
        let subject = subject(guarded, key);
        let mut state = self.state(guarded, key);
        let answer = rule.asks.as_ref().map(|asking| {
            let (of, question) = asking.put(&state, &command, &envelope).ok()?;
            let asked = self.system.context(asking.of)?;
            let stock = asked.aggregates.iter().find(|it| !it.answers.is_empty())?;
            stock.answers[0].answer(&self.state(stock, &of), &question).ok()
        });
        if answer == Some(None) {
            return;
        }
        let decided = rule.decide(&state, &command, &envelope, answer.flatten().as_deref());
        let mut events = Vec::new();
        for decided in decided.unwrap_or_default() {
            let event = decided.recorded(self.record(context.name, name, &subject));
            guarded.apply(&mut state, &event).unwrap();
            events.push(event);
        }
        self.states.insert((guarded.name, subject.number), state);
        self.record_all(index, events);
    }

    /// A state as a store gives it back.
    fn state(&self, guarded: &Guarded, key: &Key) -> State {
        match self.states.get(&(guarded.name, subject(guarded, key).number)) {
            Some(state) => guarded.read(&guarded.write(state).unwrap()).unwrap(),
            None => guarded.fresh(),
        }
    }

    fn show(&mut self, view: &Projection, event: &Event) {
        let row = self.rows.entry((view.name, event.of.number)).or_insert_with(|| view.fresh());
        view.apply(row, event).unwrap();
    }

    /// Shows the events here, and tells the others.
    fn record_all(&mut self, index: usize, events: Vec<Event>) {
        let system = self.system;
        let here = &system.contexts[index];
        for event in events {
            self.happened.push(event.name);
            for view in here.views.iter().filter(|it| it.is_own(here) && it.shows(event.name)) {
                self.show(view, &event);
            }
            for (which, context) in system.contexts.iter().enumerate() {
                for (nth, subscription) in context.subscriptions().iter().enumerate() {
                    if subscription.events().iter().any(|it| it.name == event.name) {
                        let place = (which, nth, (event.of.kind, event.of.number));
                        self.waiting.entry(place).or_default().push(event.clone());
                    }
                }
            }
        }
        self.now += 1;
    }

    fn record(&self, context: &'static str, command: &'static str, of: &Subject) -> Record {
        Record {
            context,
            position: 1,
            of: of.clone(),
            version: 1,
            at: Time(self.now),
            by: Actor::system(),
            case: Case { kind: of.kind, number: of.number },
            cause: Cause { command, event: None },
            trace: None,
        }
    }

    /// The next of the same numbers for the same seed.
    fn draw(&mut self, below: usize) -> usize {
        let next = self.chance.wrapping_mul(6_364_136_223_846_793_005);
        self.chance = next.wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.chance >> 33).unwrap() % below
    }

    fn row(&self, view: &str, number: u64) -> Value {
        let mut views = self.system.contexts.iter().flat_map(|it| &it.views);
        let view = views.find(|it| it.name == view).unwrap();
        match self.rows.get(&(view.name, number)) {
            Some(row) => from_slice(&view.write(row).unwrap()).unwrap(),
            None => Value::Null,
        }
    }

    fn check(&self, seed: u64) {
        let (mut accepted, mut used) = (0, 0);
        for number in 1..=REQUESTS {
            let job = self.row("services", number);
            let request = self.row("requests", number);
            let pay = self.row("pays", number);
            let progress = self.row("progressViews", number);
            let status = job["status"].as_str().unwrap();
            let said = format!("seed {seed}: {job} {request} {pay} {progress}");

            let off = if status == "CANCELED" { "CANCELED" } else { "REQUESTED" };
            assert_eq!(request["status"], off, "{said}");
            assert_eq!(progress["status"], status, "{said}");
            assert_eq!(progress["canceling"], false, "{said}");
            assert_eq!(progress["payStatus"], pay["status"], "{said}");
            let owed = matches!(status, "REPAIRED" | "PAID");
            assert_eq!(owed, !pay.is_null(), "{said}");
            assert_eq!(status == "PAID", pay["status"] == "PAID", "{said}");
            accepted += i64::from(status == "ACCEPTED");
            used += i64::from(owed);
        }
        let part = self.row("stocks", 1);
        assert_eq!(part["reserved"], accepted, "seed {seed}: held for a job that is over");
        assert_eq!(part["stock"], 2 - used, "seed {seed}: {part}");
        assert_eq!(part["available"], 2 - used - accepted, "seed {seed}: {part}");
        let pending = self.states.iter().filter(|((kind, _), _)| *kind == "job");
        for ((_, number), job) in pending {
            let guarded = self.system.contexts[1].guarded("job").unwrap();
            let job: Value = from_slice(&guarded.write(job).unwrap()).unwrap();
            assert!(job["Waiting"]["pending"].is_null(), "seed {seed}: {number} waits for ever");
        }
    }
}

/// There is one part, and it is the first.
fn subject(guarded: &Guarded, key: &Key) -> Subject {
    match key {
        Key::Number(number) => Subject { kind: guarded.name, number: *number, name: None },
        Key::Name(name) => {
            Subject { kind: guarded.name, number: 1, name: Some(name.as_str().into()) }
        }
    }
}
