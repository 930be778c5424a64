//! What was asked for, and what was said to it.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
    time::Duration,
};

use serde_json::json;

use crate::{
    client::{Answer, Broken},
    wish::Wish,
};

/// One command under one key, from the first try to the answer that counts.
#[derive(Debug, Clone)]
pub struct Deed {
    pub key: String,
    pub by: String,
    pub wish: Wish,
    pub tries: Vec<Try>,
}

/// One time that it was sent.
#[derive(Debug, Clone)]
pub struct Try {
    /// Since the beginning of the experiment.
    pub invoked: Duration,
    pub over: Duration,
    pub came: Came,
}

/// What came of one try.
#[derive(Debug, Clone)]
pub enum Came {
    /// Yes.
    Ok { status: u16, replayed: bool, id: Option<u64> },
    /// No.
    Refused { status: u16, said: String },
    /// It is known that nothing has changed.
    Nothing(String),
    /// Nobody knows.
    Unknown(String),
    /// The server is wrong, and says so.
    Fault(String),
}

impl Came {
    /// What an answer says, or that there is none.
    pub fn of(answer: Result<Answer, Broken>) -> Self {
        let answer = match answer {
            Ok(answer) => answer,
            Err(Broken::NotConnected(why)) => return Self::Nothing(why),
            Err(Broken::NoAnswer(why)) => return Self::Unknown(why),
        };
        let Answer { status, replayed, .. } = answer;
        match (status, answer.problem()) {
            (200..300, _) => Self::Ok { status, replayed, id: answer.body["id"].as_u64() },
            (503, "unknown-outcome") | (502, "no-answer") | (504, "too-late") => {
                Self::Unknown(answer.sentence().to_owned())
            }
            (409, kind @ "key-busy") | (503, kind) => Self::Nothing(format!("{status} {kind}")),
            (400..500, _) => Self::Refused { status, said: answer.sentence().to_owned() },
            _ => Self::Fault(answer.to_string()),
        }
    }

    /// Whether the outcome is known, and final.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Ok { .. } | Self::Refused { .. })
    }

    /// The job waits for parts.
    pub fn is_out_of_stock(&self) -> bool {
        matches!(self, Self::Refused { status: 409, said } if said.contains("waits for parts"))
    }
}

impl Deed {
    /// What came of it in the end.
    pub fn came(&self) -> Option<&Came> {
        self.tries.last().map(|it| &it.came).filter(|it| it.is_final())
    }

    /// The status of the yes in the end, if it was one.
    pub fn ok(&self) -> Option<u16> {
        match self.came() {
            Some(Came::Ok { status, .. }) => Some(*status),
            _ => None,
        }
    }

    /// The number of what it began, or is about.
    pub fn id(&self) -> Option<u64> {
        match (&self.wish, self.came()) {
            (Wish::Accept(id) | Wish::Complete(id) | Wish::Cancel(id), _) => Some(*id),
            (_, Some(Came::Ok { id, .. })) => *id,
            _ => None,
        }
    }

    /// Nobody knew at one time whether it had happened.
    pub fn was_unknown(&self) -> bool {
        self.tries.iter().any(|it| matches!(it.came, Came::Unknown(_)))
    }

    /// It had happened, as was found out later.
    pub fn was_found(&self) -> bool {
        self.was_unknown() && matches!(self.came(), Some(Came::Ok { replayed: true, .. }))
    }
}

/// Writes it down, one try a line.
pub fn write<'a>(deeds: impl IntoIterator<Item = &'a Deed>, path: &Path) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for Deed { key, by, wish, tries } in deeds {
        for Try { invoked, over, came } in tries {
            let (kind, said) = match came {
                Came::Ok { status, replayed, .. } => ("ok", format!("{status} again={replayed}")),
                Came::Refused { status, said } => ("refused", format!("{status} {said}")),
                Came::Nothing(why) => ("fail", why.clone()),
                Came::Unknown(why) => ("unknown", why.clone()),
                Came::Fault(why) => ("fault", why.clone()),
            };
            let line = json!({
                "invokedMs": millis(*invoked), "overMs": millis(*over), "key": key, "by": by,
                "wish": wish.to_string(), "came": kind, "said": said,
            });
            writeln!(file, "{line}")?;
        }
    }
    file.flush()
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Answer, Broken, Came, Deed, Duration, Try, Wish};

    fn came(status: u16, problem: &str) -> Came {
        let body =
            json!({ "type": format!("/problems/{problem}"), "detail": "it waits for parts" });
        Came::of(Ok(Answer { status, replayed: false, again: None, body }))
    }

    #[test]
    fn only_a_yes_or_a_no_is_final() {
        assert!(came(200, "").is_final());
        assert!(came(409, "refused").is_out_of_stock());
        for open in [
            came(409, "key-busy"),
            came(503, "unavailable"),
            came(503, "unknown-outcome"),
            came(500, "fault"),
            Came::of(Err(Broken::NoAnswer("reset".into()))),
            Came::of(Err(Broken::NotConnected("refused".into()))),
        ] {
            assert!(!open.is_final(), "{open:?}");
        }
    }

    #[test]
    fn what_was_unknown_may_be_found() {
        let came = |came| Try { invoked: Duration::ZERO, over: Duration::ZERO, came };
        let tries = vec![
            came(Came::Unknown("reset".into())),
            came(Came::Ok { status: 201, replayed: true, id: Some(4) }),
        ];
        let deed = Deed { key: "k".into(), by: "kim".into(), wish: Wish::Accept(3), tries };
        assert!(deed.was_unknown() && deed.was_found());
        assert_eq!((deed.ok(), deed.id()), (Some(201), Some(3)));
    }
}
