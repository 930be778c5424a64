//! Letters are stamped at once, sent later, and carried by a courier.

use std::time::Duration;

use kernel::{
    Aggregate, Context, Evolve, Id, Json, Message, Question, Recorded, Refuse, Role, Sentence,
    System, To, Wish,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub enum Letter {}
pub type LetterId = Id<Letter>;
pub const CLERK: Role = Role::new("clerk", "근무자");
/// How long a letter lies before it is sent.
pub const LIES: Duration = Duration::from_secs(10);

/// Write a line.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(LetterId)]
pub struct Write {
    pub line: u64,
}

/// Sign it.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(LetterId)]
pub struct Sign {}

/// A line was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(LetterId)]
pub struct Written {
    pub line: u64,
}

/// It was signed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(LetterId)]
pub struct Signed {}

/// Put a stamp on a line; nobody has one for thirteen.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(LetterId)]
pub struct Stamp {
    pub line: u64,
}

/// Send a line.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(LetterId)]
pub struct Send {
    pub line: u64,
}

/// Write down that it was carried.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(LetterId)]
pub struct NoteCarried {
    pub line: u64,
}

/// A line was stamped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(LetterId)]
pub struct Stamped {
    pub line: u64,
}

/// A line was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(LetterId)]
pub struct Sent {
    pub line: u64,
}

/// A line was carried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(LetterId)]
pub struct Carried {
    pub line: u64,
}

/// Is the post office open?
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(LetterId)]
pub struct IsOpen {}

/// Carry it.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(LetterId)]
pub struct Carry {
    pub line: u64,
}

impl Question for IsOpen {
    type Answer = bool;
    const OF: &'static str = "office";
}

impl Wish for Carry {
    type Answer = Json;
    const TO: &'static str = "courier";
}

#[derive(Default, Serialize, Deserialize)]
pub struct Sheet {
    signed: bool,
}

#[derive(Default, Serialize, Deserialize)]
pub struct Mail {}

#[derive(Debug, Error)]
#[error("this letter is signed")]
pub struct IsSigned;

impl Refuse for IsSigned {
    fn in_korean(&self) -> String {
        "이미 서명한 편지예요.".into()
    }
}

pub fn system() -> System {
    let desk = Aggregate::<Sheet, LetterId>::named("sheet").at("letters");
    let mail = Aggregate::<Mail, LetterId>::named("mail");
    let office = Aggregate::<Mail, LetterId>::named("office");
    System {
        name: "letters",
        folder: "letters",
        title: Sentence::new("편지", "Letters"),
        contexts: vec![
            Context::named("desk").aggregate(
                desk.decide(write)
                    .by(&[CLERK])
                    .put("write")
                    .decide(sign)
                    .by(&[CLERK])
                    .put("sign")
                    .settled_by::<Signed>(),
            ),
            Context::named("mail")
                .policy(stamp_every_line)
                .policy_after(LIES, send_every_line)
                .effect(carry_every_line, note_what_was_carried)
                .aggregate(mail.decide(stamp).decide_knowing(is_open, send).decide(note_carried)),
            Context::named("office").aggregate(office.answers(open)),
        ],
    }
}

fn write(_: &Sheet, Write { line }: Write) -> Written {
    Written { line }
}

fn sign(sheet: &Sheet, _: Sign) -> Result<Signed, IsSigned> {
    if sheet.signed { Err(IsSigned) } else { Ok(Signed {}) }
}

fn stamp_every_line(it: &Recorded<Written>) -> To<Stamp> {
    To(it.of, Stamp { line: it.line })
}

fn send_every_line(it: &Recorded<Written>) -> To<Send> {
    To(it.of, Send { line: it.line })
}

fn carry_every_line(it: &Recorded<Written>) -> Carry {
    Carry { line: it.line }
}

fn note_what_was_carried(it: &Recorded<Written>, _: Json) -> To<NoteCarried> {
    To(it.of, NoteCarried { line: it.line })
}

fn stamp(_: &Mail, Stamp { line }: Stamp) -> Stamped {
    assert_ne!(line, 13, "thirteen");
    Stamped { line }
}

#[expect(clippy::unnecessary_wraps, reason = "a question may refuse")]
fn is_open(_: &Mail, _: &Send) -> Result<To<IsOpen>, IsSigned> {
    Ok(To(LetterId::new(1), IsOpen {}))
}

fn send(_: &Mail, Send { line }: Send, _: bool) -> Sent {
    Sent { line }
}

fn note_carried(_: &Mail, NoteCarried { line }: NoteCarried) -> Carried {
    Carried { line }
}

fn open(_: &Mail, _: IsOpen) -> bool {
    true
}

impl Evolve<Written> for Sheet {
    fn evolve(&mut self, _: &Recorded<Written>) {}
}

impl Evolve<Signed> for Sheet {
    fn evolve(&mut self, _: &Recorded<Signed>) {
        self.signed = true;
    }
}

impl Evolve<Stamped> for Mail {
    fn evolve(&mut self, _: &Recorded<Stamped>) {}
}

impl Evolve<Sent> for Mail {
    fn evolve(&mut self, _: &Recorded<Sent>) {}
}

impl Evolve<Carried> for Mail {
    fn evolve(&mut self, _: &Recorded<Carried>) {}
}
