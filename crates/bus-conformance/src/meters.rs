//! A business in which order and number can be seen: meters are read, and what
//! was read is noted in another context.

use kernel::{
    Actor, Aggregate, Case, Cause, Context, Event, Evolve, Id, Message, Record, Recorded, Role,
    Sentence, Subject, System, Time, To, View,
};
use serde::{Deserialize, Serialize};

/// Whose number a meter has.
pub enum Meter {}
type MeterId = Id<Meter>;
const READER: Role = Role::new("reader", "검침원");

/// Read a meter.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(MeterId)]
pub struct ReadMeter {
    /// Whatever else stands there.
    pub remark: String,
}

/// A meter was read.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(MeterId)]
pub struct MeterRead {
    /// How often by now.
    pub turn: u64,
    /// Whatever else stands there.
    pub remark: String,
}

/// Note a reading.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(MeterId)]
pub struct NoteReading {
    /// Which it is.
    pub turn: u64,
}

/// A reading was noted.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(MeterId)]
pub struct ReadingNoted {
    /// Which it is.
    pub turn: u64,
    /// It is the one after the one before.
    pub in_turn: bool,
}

/// How often a meter was read, or its reading noted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Message)]
#[of(MeterId)]
pub struct Turns {
    /// So often.
    pub last: u64,
    /// How many did not come after the one before.
    pub jumbled: u64,
}

impl Turns {
    fn comes(&mut self, turn: u64) {
        self.jumbled += u64::from(turn != self.last + 1);
        self.last = turn;
    }
}

impl Evolve<MeterRead> for Turns {
    fn evolve(&mut self, it: &Recorded<MeterRead>) {
        self.comes(it.turn);
    }
}

impl Evolve<ReadingNoted> for Turns {
    fn evolve(&mut self, it: &Recorded<ReadingNoted>) {
        self.comes(it.turn);
    }
}

/// Both contexts.
#[must_use]
pub fn system() -> System {
    let meters = Aggregate::<Turns, MeterId>::named("meter").at("meters").decide(read);
    let notes = Aggregate::<Turns, MeterId>::named("note").decide(note);
    let gauge = Context::named("gauge").aggregate(meters.by(&[READER]).post());
    let ledger = Context::named("board")
        .policy(note_every_reading)
        .aggregate(notes)
        .view(View::<Turns>::named("readings").shows::<MeterRead>());
    let title = Sentence::new("검침", "Meters");
    System { name: "meters", folder: "meters", title, contexts: vec![gauge, ledger] }
}

fn read(state: &Turns, ReadMeter { remark }: ReadMeter) -> MeterRead {
    MeterRead { turn: state.last + 1, remark }
}

fn note_every_reading(it: &Recorded<MeterRead>) -> To<NoteReading> {
    To(it.of, NoteReading { turn: it.turn })
}

fn note(state: &Turns, NoteReading { turn }: NoteReading) -> ReadingNoted {
    ReadingNoted { turn, in_turn: turn == state.last + 1 }
}

/// The event at this position of the journal of `gauge`, of this meter.
#[must_use]
pub fn reading(position: u64, meter: u64, turn: u64, remark: &str) -> Event {
    let record = Record {
        context: "gauge",
        position,
        of: Subject { kind: "meter", number: meter, name: None },
        version: turn,
        at: Time(1_767_571_200_000),
        by: Actor::new("kim", "reader"),
        case: Case { kind: "meter", number: meter },
        cause: Cause { command: "ReadMeter", event: None },
        trace: None,
    };
    let body = serde_json::json!({ "turn": turn, "remark": remark }).to_string();
    Event::stored("MeterRead", 1, body.into_bytes().into(), record)
}

/// So many readings of so many meters, in turn, as a journal has them.
#[must_use]
pub fn readings(meters: u64, count: u64) -> Vec<Event> {
    (1..=count).map(|at| reading(at, (at - 1) % meters + 1, (at - 1) / meters + 1, "")).collect()
}
