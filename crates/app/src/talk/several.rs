//! What several servers say of the same thing, told as one story.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use crate::exit::Outcome;

/// Events of one server, in its order, a page at a time.
pub struct Pages<F> {
    /// The next page, after what was last told; nothing when there is no more.
    next: F,
    at_hand: VecDeque<Value>,
    is_over: bool,
}

impl<F: FnMut() -> Outcome<Vec<Value>>> Pages<F> {
    /// Pages that are read when they are wanted.
    pub fn of(next: F) -> Self {
        Self { next, at_hand: VecDeque::new(), is_over: false }
    }

    fn fill(&mut self) -> Outcome {
        if self.at_hand.is_empty() && !self.is_over {
            self.at_hand = (self.next)()?.into();
            self.is_over = self.at_hand.is_empty();
        }
        Ok(())
    }
}

/// Tells all of them by time; but nothing before what led to it, whatever the
/// clocks of the servers say.
pub fn tell<F: FnMut() -> Outcome<Vec<Value>>>(
    mut all: Vec<Pages<F>>,
    mut each: impl FnMut(Value) -> Outcome,
) -> Outcome {
    let mut told = BTreeMap::<String, u64>::new();
    loop {
        all.iter_mut().try_for_each(Pages::fill)?;
        let waiting = all.iter_mut().filter(|it| !it.at_hand.is_empty());
        let first = waiting.min_by_key(|it| {
            let event = &it.at_hand[0];
            let time = event["time"].as_str().unwrap_or_default().to_owned();
            (is_early(event, &told), time)
        });
        let Some(event) = first.and_then(|it| it.at_hand.pop_front()) else { return Ok(()) };
        let context = event["context"].as_str().unwrap_or_default();
        told.insert(context.to_owned(), event["position"].as_u64().unwrap_or_default());
        each(event)?;
    }
}

/// Whether what led to it is still to be told.
fn is_early(event: &Value, told: &BTreeMap<String, u64>) -> bool {
    let cause = event["cause"]["event"].as_str().and_then(|it| it.split_once(':'));
    let Some((context, position)) = cause else { return false };
    let position = position.parse().unwrap_or(0);
    told.get(context).copied().unwrap_or(0) < position
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Pages, tell};

    #[test]
    fn what_led_to_it_comes_first_though_its_clock_is_late() {
        let event = |context: &str, position: u64, time: &str, cause: Option<&str>| {
            let cause = json!({ "event": cause });
            json!({ "context": context, "position": position, "time": time, "cause": cause })
        };
        let request = vec![event("request", 1, "10:00:05", None)];
        let service = vec![
            event("service", 1, "10:00:01", Some("request:1")),
            event("service", 2, "10:00:07", None),
        ];
        let pages = |events: Vec<Value>| {
            let mut left = Some(events);
            Pages::of(move || Ok(left.take().unwrap_or_default()))
        };
        let mut told = Vec::new();
        let all = vec![pages(service), pages(request)];
        tell(all, |event| {
            told.push(format!("{}:{}", event["context"].as_str().unwrap(), event["position"]));
            Ok(())
        })
        .unwrap();
        assert_eq!(told, ["request:1", "service:1", "service:2"]);
    }
}
