//! What the port promises to the runtime, which relies on little.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use kernel::Event;
use runtime::ports::{Bus, Heard};
use tokio::{sync::mpsc::Receiver, time::timeout};

use crate::{
    Place, meters,
    parts::{PATIENCE, until},
};

/// Puts every promise to the test, each in a place of its own, for buses that
/// there are.
pub async fn check<P: Place>(place: impl Fn() -> P) {
    println!("what is said is heard by everybody, each case in order");
    said_is_heard(&place()).await;
    println!("what is said again is heard again, the same");
    said_again(&place()).await;
    println!(
        "whoever does not listen for long learns that something is missing, or misses nothing"
    );
    slow(&place()).await;
}

/// Two that hear, one that says.
async fn said_is_heard(place: &dyn Place) {
    let (bus, one, other) = (bus(place), bus(place), bus(place));
    assert_eq!(bus.publish(&[]).await.unwrap(), 0);
    let events = meters::readings(9, 900);
    say_all(&*bus, &events[..9]).await;
    let mut ears = [one.follow("gauge").unwrap(), other.follow("gauge").unwrap()];
    for ear in &mut ears {
        assert!(matches!(next(ear).await, Heard::Gap), "what was before has to be looked up");
    }
    let mut elsewhere = one.follow("board").unwrap();
    say_all(&*bus, &events[9..]).await;
    for ear in &mut ears {
        let heard = hear(ear, 891).await;
        assert_eq!(heard.len(), 891);
        in_order_by_case(&heard);
        for event in &heard {
            let position = usize::try_from(event.position).unwrap();
            same(event, &events[position - 1]);
        }
    }
    while let Ok(heard) = elsewhere.try_recv() {
        assert!(matches!(heard, Heard::Gap), "{heard:?} is of another context");
    }
}

async fn said_again(place: &dyn Place) {
    let (bus, other) = (bus(place), bus(place));
    let events = meters::readings(3, 30);
    say_all(&*bus, &events[..1]).await;
    let mut ear = other.follow("gauge").unwrap();
    assert!(matches!(next(&mut ear).await, Heard::Gap));
    for from in [0, 10, 0] {
        say_all(&*bus, &events[from..]).await;
        let heard = hear(&mut ear, events.len() - from).await;
        for event in heard {
            same(&event, &events[usize::try_from(event.position).unwrap() - 1]);
        }
    }
}

async fn slow(place: &dyn Place) {
    let (bus, other) = (bus(place), bus(place));
    let events = meters::readings(5, 20_000);
    say_all(&*bus, &events[..1]).await;
    let mut ear = other.follow("gauge").unwrap();
    assert!(matches!(next(&mut ear).await, Heard::Gap));
    for some in events.chunks(1000) {
        say_all(&*bus, some).await;
    }
    // All of it comes late, or at least the word that something was missed.
    let (mut heard, mut gap) = (BTreeSet::new(), false);
    until("all is heard, or known to be missed", async || {
        while let Ok(what) = ear.try_recv() {
            match what {
                Heard::Gap => gap = true,
                Heard::Event(event) if event.position > 1 => drop(heard.insert(event.position)),
                Heard::Event(_) => {}
            }
        }
        if !gap && heard.len() < 19_999 {
            // Who has missed something learns of it with what comes next.
            say_all(&*bus, &events[..1]).await;
        }
        gap || heard.len() >= 19_999
    })
    .await;
}

fn bus(place: &dyn Place) -> Arc<dyn Bus> {
    place.bus(&meters::system()).unwrap()
}

async fn say_all(bus: &dyn Bus, events: &[Event]) {
    let mut said = 0;
    while said < events.len() {
        said += timeout(PATIENCE, bus.publish(&events[said..])).await.unwrap().unwrap();
    }
}

async fn next(ear: &mut Receiver<Heard>) -> Heard {
    timeout(PATIENCE, ear.recv()).await.unwrap().unwrap()
}

/// So many events; nothing may be missing.
async fn hear(ear: &mut Receiver<Heard>, count: usize) -> Vec<Event> {
    let mut heard = Vec::with_capacity(count);
    while heard.len() < count {
        match next(ear).await {
            Heard::Event(event) => heard.push(*event),
            Heard::Gap => panic!("something is missing after {}", heard.len()),
        }
    }
    heard
}

fn in_order_by_case(heard: &[Event]) {
    let mut last = BTreeMap::new();
    for event in heard {
        let before = last.insert(event.case, event.position);
        assert!(before.is_none_or(|before| before < event.position), "{}", event.position);
    }
}

fn same(one: &Event, other: &Event) {
    assert_eq!(**one, **other);
    assert_eq!((one.name, one.schema, &one.body), (other.name, other.schema, &other.body));
}
